use proptest::prelude::*;

use super::*;
use crate::schedule::constants::{EpsilonAt, Range};

const FREE: Lasso = Lasso { l1: 0.0, n_free: 0 };

/// Every rule, with weights that do not decay: where a penalty would move the minimum.
fn rules() -> Vec<Rule> {
    let still = |rule: Rule| {
        let (name, mut values) = rule.constants()?;
        let (_, constants) = Rule::TABLE.iter().find(|(other, _)| *other == name)?;
        for (value, constant) in values.iter_mut().zip(*constants) {
            if constant.range == Range::NotNegative {
                *value = Value::Number(0.0);
            }
        }
        Rule::of(name, values)
    };
    Rule::all().into_iter().map(|rule| still(rule).unwrap_or(rule)).collect()
}

/// Walks on f(x) = ½ Σ hⱼ(xⱼ − cⱼ)² + l1 Σ_{j ≥ n_free} |xⱼ| with η(k) at the k-th step.
fn walk(
    rule: Rule,
    lasso: Lasso,
    curvature: &[f64],
    centre: &[f64],
    start: &[f64],
    eta: impl Fn(u32) -> f64,
    steps: u32,
) -> Vec<f64> {
    let mut memory = rule.memory(start).unwrap();
    let mut params = start.to_vec();
    let mut next = params.clone();
    for k in 0..steps {
        let grad: Vec<f64> =
            params.iter().zip(centre).zip(curvature).map(|((x, c), h)| h * (x - c)).collect();
        rule.step(&mut memory, eta(k), lasso, &params, &grad, &mut next);
        std::mem::swap(&mut params, &mut next);
    }
    params
}

#[test]
fn soft_threshold_shrinks_and_keeps_nan() {
    assert_eq!(soft_threshold(3.0, 1.0), 2.0);
    assert_eq!(soft_threshold(-3.0, 1.0), -2.0);
    assert_eq!(soft_threshold(0.5, 1.0), 0.0);
    assert_eq!(soft_threshold(-0.7f32, 0.0), -0.7);
    assert!(soft_threshold(f64::NAN, 1.0).is_nan());
}

#[test]
fn first_steps_by_hand() {
    // One step along g = 2 from θ = 1 with η = 0.1, by the formulas of the documentation.
    let first = |rule: Rule| {
        let mut memory = rule.memory(&[1.0]).unwrap();
        let mut next = [0.0];
        rule.step(&mut memory, 0.1, FREE, &[1.0], &[2.0], &mut next);
        next[0]
    };
    assert!((first(Rule::Plain) - 0.8f64).abs() < 1e-15);
    assert!((first(Momentum { beta: 0.9 }.into()) - 0.8).abs() < 1e-15);
    assert!((first(Nesterov { beta: 0.9 }.into()) - (0.8 + 0.9 * (0.8 - 1.0))).abs() < 1e-15);
    assert!(
        (first(AdaGrad { epsilon: 1e-10, epsilon_at: EpsilonAt::Outside }.into()) - 0.9).abs()
            < 1e-10
    );
    let rmsprop = RMSProp { rho: 0.9, epsilon: 1e-8, epsilon_at: EpsilonAt::Outside };
    assert!((first(rmsprop.into()) - (1.0 - 0.2 / (0.4f64.sqrt() + 1e-8))).abs() < 1e-15);
    let adam = Adam {
        beta1: 0.9,
        beta2: 0.999,
        epsilon: 1e-8,
        epsilon_at: EpsilonAt::Outside,
        amsgrad: false,
    };
    assert!((first(adam.into()) - 0.9).abs() < 1e-8);
}

proptest! {
    #[test]
    fn nesterov_is_its_velocity_form_at_a_constant_rate(
        x0 in -5.0..5.0f64, h in 0.1..2.0f64, steps in 1..60u32,
    ) {
        let (eta, beta) = (0.2, 0.8);
        let ours = walk(Nesterov { beta }.into(), FREE, &[h], &[1.0], &[x0], |_| eta, steps);
        let (mut x, mut v) = (x0, 0.0);
        for _ in 0..steps {
            let g = h * (x - 1.0);
            v = beta * v + g;
            x -= eta * (g + beta * v);
        }
        prop_assert!((ours[0] - x).abs() < 1e-12);
    }

    #[test]
    fn every_rule_reaches_the_lasso_minimum(
        which in 0..Rule::all().len(), centre in prop::collection::vec(-2.0..2.0f64, 4), l1 in 0.1..1.0f64,
    ) {
        // On a separable quadratic the minimum is S(cⱼ, l1/hⱼ); the first parameter is free.
        let curvature = [1.0, 0.5, 1.0, 2.0];
        let lasso = Lasso { l1, n_free: 1 };
        // The steps of RMSProp stay as large as η, so η has to go down to the digits asked for; others
        // bring a decrease of their own.
        let rule = rules()[which];
        let ends = [1e-3, 0.0].map(|slows| {
            let eta = |k: u32| 0.3 * (-slows * f64::from(k)).exp();
            walk(rule, lasso, &curvature, &centre, &[0.3; 4], eta, 20_000)
        });
        let tau = |j: usize| if j == 0 { 0.0 } else { l1 / curvature[j] };
        let expected: Vec<f64> = (0..4).map(|j| soft_threshold(centre[j], tau(j))).collect();
        let far = |end: &[f64]| (0..4).map(|j| (end[j] - expected[j]).abs()).fold(0.0, f64::max);
        let got = ends.iter().find(|end| far(end) < 1e-6);
        prop_assert!(got.is_some(), "{rule:?}: {ends:?} {expected:?}");
        for (j, centre) in centre.iter().enumerate() {
            // Exactly zero wherever the minimum is, and not at the very edge of it.
            if centre.abs() < 0.99 * tau(j) {
                prop_assert_eq!(got.unwrap()[j], 0.0);
            }
        }
    }
}
