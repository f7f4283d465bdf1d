//! A gradient by central differences, where none was given.

/// Writes (f(x + h eⱼ) − f(x − h eⱼ)) / 2h to `grad`, with h = ∛ε · max(1, |xⱼ|): 2p values of f,
/// above xⱼ first. Source: Nocedal and Wright, *Numerical Optimization* (2006), section 8.1.
pub fn central_differences<E>(
    x: &[f64],
    grad: &mut [f64],
    mut f: impl FnMut(&[f64]) -> Result<f64, E>,
) -> Result<(), E> {
    let mut moved = x.to_vec();
    for j in 0..x.len() {
        let h = f64::EPSILON.cbrt() * x[j].abs().max(1.0);
        let mut at = |x_j: f64| {
            moved[j] = x_j;
            f(&moved)
        };
        let (above, below) = (x[j] + h, x[j] - h);
        grad[j] = (at(above)? - at(below)?) / (above - below);
        moved[j] = x[j];
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_slope_of_a_cubic_at_small_and_large_places() {
        for x in [0.0, -2.0, 1e6] {
            let mut slope = [f64::NAN];
            let cubic = |x: &[f64]| Ok::<_, ()>(x[0].powi(3) + 4.0 * x[0]);
            central_differences(&[x], &mut slope, cubic).unwrap();
            let exact = 3.0 * x * x + 4.0;
            assert!((slope[0] - exact).abs() <= 1e-9 * exact, "{slope:?} is not {exact}");
        }
    }

    #[test]
    fn each_parameter_is_moved_alone() {
        let mut grad = [f64::NAN; 2];
        central_differences(&[3.0, 5.0], &mut grad, |x| Ok::<_, ()>(x[0] * x[1])).unwrap();
        assert!((grad[0] - 5.0).abs() < 1e-8 && (grad[1] - 3.0).abs() < 1e-8, "{grad:?}");
    }

    #[test]
    fn two_values_a_parameter_and_no_further_after_an_error() {
        let mut n_calls = 0;
        let result = central_differences(&[1.0, 2.0], &mut [0.0; 2], |x| {
            n_calls += 1;
            if x[1] > 2.0 { Err("too far") } else { Ok(x[0]) }
        });
        assert_eq!((result, n_calls), (Err("too far"), 3));
    }
}
