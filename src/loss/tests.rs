//! Every loss's slope against differences of its value, its bound against both. That a value is the
//! formula of the textbook, `gradwalk.reference` says in the Python tests.

use super::*;
use proptest::prelude::*;

fn value_and_slope(loss: PointLoss, z: f64, y: f64) -> (f64, f64) {
    loss.value_and_slope(z, y)
}

fn is_near_a_bend(loss: PointLoss, z: f64, y: f64, width: f64) -> bool {
    let sign = if y == 0.0 { -1.0 } else { y };
    match loss.facts().bend {
        Bend::Nowhere => false,
        Bend::Residual(place) => ((z - y).abs() - f64::from(place)).abs() < width,
        Bend::Margin(place) => (sign * z - f64::from(place)).abs() < width,
    }
}

proptest! {
    #[test]
    fn slopes_are_differences_of_values(
        which in 0..PointLoss::ALL.len(), z in -8.0..8.0f64, real in -3.0..3.0f64, label in 0..2u8,
    ) {
        let loss = PointLoss::ALL[which];
        let y = match loss.labels() {
            Labels::Real => real,
            Labels::NotNegative => real.abs(),
            _ => f64::from(label),
        };
        let (_, slope) = value_and_slope(loss, z, y);
        let h = 1e-3;
        if !is_near_a_bend(loss, z, y, 3.0 * h) {
            // Fourth-order central difference.
            let f = |k: f64| value_and_slope(loss, z + k * h, y).0;
            let difference = (8.0 * (f(1.0) - f(-1.0)) - (f(2.0) - f(-2.0))) / (12.0 * h);
            prop_assert!((slope - difference).abs() <= 1e-8 * (1.0 + slope.abs()));
        }
    }

    #[test]
    fn the_slope_never_rises_faster_than_the_curvature_bound(
        which in 0..PointLoss::ALL.len(), z in -8.0..8.0f64, step in 1e-3..2.0f64, lowest in -3.0..3.0f64,
        width in 0.0..2.0f64, share in 0.0..=1.0f64, label in 0..2u8,
    ) {
        let loss = PointLoss::ALL[which];
        let is_real = loss.labels() == Labels::Real;
        let y = if is_real { lowest + share * width } else { f64::from(label) };
        let Some(bound) = loss.curvature_bound(lowest, lowest + width) else {
            prop_assert!(!loss.has_curvature_bound());
            return Ok(());
        };
        let (_, before) = value_and_slope(loss, z, y);
        let (_, after) = value_and_slope(loss, z + step, y);
        prop_assert!(after - before <= bound * step + 1e-12);
    }

    #[test]
    fn a_nan_is_never_swallowed(which in 0..PointLoss::ALL.len(), label in 0..2u8) {
        let (value, _) = value_and_slope(PointLoss::ALL[which], f64::NAN, f64::from(label));
        prop_assert!(value.is_nan());
    }
}

#[test]
fn finite_far_from_the_origin() {
    let is_bounded = |loss: &&PointLoss| loss.facts().link != Link::Exponential;
    for &loss in PointLoss::ALL.iter().filter(is_bounded) {
        for z in [1e4, -1e4] {
            for y in [0.0, 1.0] {
                let (value, slope) = value_and_slope(loss, z, y);
                assert!(value.is_finite() && slope.is_finite(), "{} at {z}, {y}", loss.name());
            }
        }
    }
    assert_eq!(value_and_slope(PointLoss::LogLoss, 1e4, 0.0), (1e4, 1.0));
    assert_eq!(value_and_slope(PointLoss::LogLoss, -1e4, 1.0), (1e4, -1.0));
    assert_eq!(value_and_slope(PointLoss::LogLoss, 1e4, 1.0), (0.0, 0.0));
}

#[test]
fn the_exponential_is_finite_as_far_as_numbers_go() {
    for z in [-708.0, -30.0, -1e-9, 0.0, 1e-9, 0.5, 30.0, 707.9f64] {
        assert!((exponential(z) / z.exp() - 1.0).abs() < 5.0 * f64::EPSILON, "{z}");
    }
    assert!((exponential(80.0f32) / 80.0f32.exp() - 1.0).abs() < 2.0 * f32::EPSILON);
    assert_eq!(exponential(-1e4), 0.0);
    assert_eq!(exponential(1e4), f64::INFINITY);
    assert_eq!(exponential(100.0f32), f32::INFINITY);
    assert!(exponential(f64::NAN).is_nan());
    assert_eq!(value_and_slope(PointLoss::Poisson, -1e4, 2.0), (2e4, -2.0));
    assert_eq!(value_and_slope(PointLoss::Poisson, 1e4, 2.0), (f64::INFINITY, f64::INFINITY));
}

#[test]
fn a_deviance_is_zero_at_its_mean() {
    assert_eq!(half_deviance(3.0, 3.0), 0.0);
    assert_eq!(half_deviance(0.0, 0.25), 0.25);
    assert!((half_deviance(2.0, 1.0) - (2.0 * 2.0f64.ln() - 1.0)).abs() < 1e-15);
    assert_eq!(half_deviance(2.0, 0.0), f64::INFINITY);
    assert_eq!(half_deviance(2.0, f64::INFINITY), f64::INFINITY);
}

#[test]
fn curvature_bounds_are_reached() {
    // A bound that is never met would be a learning rate that is too small.
    for &loss in PointLoss::ALL {
        for (lowest, highest) in [(0.0, 1.0), (-1.0, 1.0), (0.3, 0.3), (-4.0, 2.0)] {
            let Some(bound) = loss.curvature_bound(lowest, highest) else { continue };
            let targets = match loss.labels() {
                Labels::Real => [lowest, highest],
                _ => [0.0, 1.0],
            };
            let h = 1e-3;
            let steepest = (-8000..8000)
                .flat_map(|k| targets.map(|y| (f64::from(k) * h, y)))
                .map(|(z, y)| value_and_slope(loss, z + h, y).1 - value_and_slope(loss, z, y).1)
                .fold(0.0, f64::max);
            assert!((steepest / h / bound - 1.0).abs() < 1e-5, "{} {lowest}", loss.name());
        }
    }
}

#[test]
fn at_the_kink_of_the_perceptron_a_row_counts_as_wrong() {
    assert_eq!(value_and_slope(PointLoss::Perceptron, 0.0, 1.0), (0.0, -1.0));
    assert_eq!(value_and_slope(PointLoss::Perceptron, 0.0, 0.0), (0.0, 1.0));
}

#[test]
fn slopes_at_the_kinks_are_zero() {
    assert_eq!(value_and_slope(PointLoss::Mae, 2.0, 2.0), (0.0, 0.0));
    assert_eq!(value_and_slope(PointLoss::Hinge, 1.0, 1.0), (0.0, 0.0));
    assert_eq!(value_and_slope(PointLoss::Hinge, -1.0, 0.0), (0.0, 0.0));
}

#[test]
fn minus_one_and_zero_are_the_same_label() {
    let takes_signs = |loss: &&PointLoss| loss.labels() == Labels::ZeroOneOrSigns;
    for &loss in PointLoss::ALL.iter().filter(takes_signs) {
        assert_eq!(value_and_slope(loss, 0.3, 0.0), value_and_slope(loss, 0.3, -1.0));
    }
}

#[test]
fn the_logistic_function() {
    assert_eq!(logistic(0.0), 0.5);
    assert_eq!(logistic(1e4), 1.0);
    assert_eq!(logistic(-1e4), 0.0);
    assert!((logistic(2.0f64) + logistic(-2.0) - 1.0).abs() < 1e-15);
}
