//! The gradient scaled down before a rule gets it.

use crate::kernel::vector::squared_norm;
use crate::real::Real;

/// g ← g · min(1, c/‖g‖₂). Source: Pascanu, Mikolov and Bengio, "On the difficulty of training
/// recurrent neural networks", ICML 2013, algorithm 1.
pub fn clip_norm<T: Real>(grad: &mut [T], most: f64) {
    let square = squared_norm(grad);
    // Of slopes whose squares are beyond the numbers, the quotients by the largest have squares.
    let largest = match square.is_normal() {
        true => 1.0,
        false => grad.iter().fold(0.0, |largest, slope| f64::max(largest, slope.as_f64().abs())),
    };
    let quotients: f64 = match largest == 1.0 {
        true => square,
        false => grad.iter().map(|slope| (slope.as_f64() / largest).powi(2)).sum(),
    };
    let norm = quotients.sqrt();
    if norm > most / largest {
        let share = most / norm;
        for slope in grad {
            *slope = T::from_f64(slope.as_f64() / largest * share);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gradient_keeps_its_direction_and_has_at_most_that_norm() {
        for scale in [1e-300, 1e-200, 1e-3, 0.99, 1.0, 1.01, 1e3, 1e200, 1e308] {
            for most in [1e-250, 1.0, 1e250] {
                let before = [0.6 * scale, -0.8 * scale];
                let mut grad = before;
                clip_norm(&mut grad, most);
                let expected = if scale > most { most } else { scale };
                assert!((grad[0] / expected - 0.6).abs() < 1e-12, "{scale} {most} {grad:?}");
                assert!((grad[1] / expected + 0.8).abs() < 1e-12, "{scale} {most} {grad:?}");
                if scale < most {
                    assert_eq!(grad, before);
                }
            }
        }
        let mut still = [0.0f32; 3];
        clip_norm(&mut still, 1.0);
        assert_eq!(still, [0.0; 3]);
        // What is no number stays none: the walk ends by it.
        let mut beyond = [f64::INFINITY, 1.0];
        clip_norm(&mut beyond, 1.0);
        assert!(!beyond[0].is_finite());
    }
}
