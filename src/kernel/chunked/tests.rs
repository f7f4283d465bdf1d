use super::*;
use proptest::prelude::*;

/// θ with an intercept if there is one, and two rows.
fn theta_and_rows(d: std::ops::Range<usize>) -> impl Strategy<Value = (Vec<f64>, Vec<f64>, bool)> {
    (d, any::<bool>()).prop_flat_map(|(d, has_bias)| {
        let numbers = |n| prop::collection::vec((-20..20i32).prop_map(f64::from), n);
        (numbers(d + usize::from(has_bias)), numbers(2 * d), Just(has_bias))
    })
}

/// Two steps, of which the gradients are rounded where they would be stored.
fn check(
    mut theta: impl Theta<f64>,
    params: &[f64],
    rows: &[f64],
    has_bias: bool,
) -> Result<(), TestCaseError> {
    let d = rows.len() / 2;
    let (eta, slopes, l2) = (0.3, [0.7, -1.9], 0.1);
    let split = |params: &[f64]| {
        (if has_bias { params[0] } else { 0.0 }, params[usize::from(has_bias)..].to_vec())
    };
    let mut expected = params.to_vec();
    let mut before = expected.clone();
    let mut out = vec![f64::NAN; params.len()];
    for (step, x) in rows.chunks(d).enumerate() {
        let (b, w) = split(&expected);
        if step == 0 {
            // Whole numbers so far, so that the order of the sums does not matter.
            let naive = x.iter().zip(&w).map(|(x, w)| x * w).sum::<f64>() + b;
            prop_assert_eq!(theta.score(x), naive);
            prop_assert_eq!(theta.squared_norm(), w.iter().map(|w| w * w).sum::<f64>());
        }
        before.clone_from(&expected);
        let is_ridge = step == 1;
        if is_ridge {
            theta.step::<true>(x, slopes[step], eta, l2);
        } else {
            theta.step::<false>(x, slopes[step], eta, l2);
        }
        for (j, param) in expected.iter_mut().enumerate() {
            let of_w = j.checked_sub(usize::from(has_bias));
            let mut grad = slopes[step] * of_w.map_or(1.0, |j| x[j]);
            if is_ridge && of_w.is_some() {
                grad += l2 * *param;
            }
            *param -= eta * grad;
        }
        theta.write(&mut out);
        prop_assert_eq!(&out, &expected);
        theta.write_before(&mut out);
        prop_assert_eq!(&out, &before);
    }
    theta.restart(params);
    theta.write(&mut out);
    prop_assert_eq!(&out, params);
    Ok(())
}

proptest! {
    #[test]
    fn steps_in_registers_are_those_of_a_stored_gradient((params, x, b) in theta_and_rows(1..17)) {
        match (x.len() / 2, params.len()) {
            (1, _) => check(Few::<f64, 1, 2>::new(&params, b), &params, &x, b)?,
            (2..4, _) => check(Few::<f64, 2, 2>::new(&params, b), &params, &x, b)?,
            (_, ..=8) => check(Few::<f64, 4, 2>::new(&params, b), &params, &x, b)?,
            (_, ..=12) => check(Few::<f64, 4, 3>::new(&params, b), &params, &x, b)?,
            (_, ..=16) => check(Few::<f64, 4, 4>::new(&params, b), &params, &x, b)?,
            _ => {}
        }
    }

    #[test]
    fn steps_in_memory_are_those_of_a_stored_gradient((params, x, b) in theta_and_rows(8..90)) {
        let mut room = vec![0.0; room_for_many(params.len(), 8)];
        check(Many::<f64, 8>::new(&params, b, &mut room), &params, &x, b)?;
        if x.len() >= 32 {
            let mut room = vec![0.0; room_for_many(params.len(), 16)];
            check(Many::<f64, 16>::new(&params, b, &mut room), &params, &x, b)?;
        }
    }
}
