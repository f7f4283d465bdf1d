use proptest::prelude::*;
use proptest::test_runner::TestCaseResult;

use super::*;

/// Every surface, with other parameters and numbers of coordinates than the usual ones, too.
fn all() -> Vec<(Landscape, usize)> {
    let usual = |landscape: Landscape| (landscape, landscape.usual_n_params());
    let other = [("ravine", 1.0), ("ravine", 2e3), ("x_cos", -2.0), ("x_cos", 30.0)]
        .map(|(name, value)| usual(named(name).with_parameter(value).unwrap()));
    let in_other_dimensions = [
        ("bowl", 1),
        ("bowl", 5),
        ("rastrigin", 1),
        ("rastrigin", 4),
        ("rosenbrock", 3),
        ("rosenbrock", 5),
    ]
    .map(|(name, p)| (named(name), p));
    let all = Landscape::all().into_iter().map(usual);
    all.chain(other).chain(in_other_dimensions).collect()
}

fn named(name: &str) -> Landscape {
    Landscape::by_name(name).unwrap()
}

fn gradient(landscape: &Landscape, x: &[f64]) -> Vec<f64> {
    let mut gradient = vec![f64::NAN; x.len()];
    landscape.gradient(x, &mut gradient);
    gradient
}

fn hessian(landscape: &Landscape, x: &[f64]) -> Vec<f64> {
    let mut hessian = vec![f64::NAN; x.len() * x.len()];
    landscape.hessian(x, &mut hessian);
    hessian
}

fn norm(x: &[f64]) -> f64 {
    x.iter().map(|x| x * x).sum::<f64>().sqrt()
}

fn distance(a: &[f64], b: &[f64]) -> f64 {
    norm(&a.iter().zip(b).map(|(a, b)| a - b).collect::<Vec<_>>())
}

fn inside(bounds: &[(f64, f64)], unit: &[f64]) -> Vec<f64> {
    bounds.iter().zip(unit).map(|((low, high), unit)| low + (high - low) * unit).collect()
}

/// ∂/∂xⱼ of all of `f` by differences of fourth order.
fn difference(f: impl Fn(&[f64]) -> Vec<f64>, x: &[f64], j: usize, step: f64) -> Vec<f64> {
    let at = |steps: f64| {
        let mut x = x.to_vec();
        x[j] += steps * step;
        f(&x)
    };
    let (far_left, left, right, far_right) = (at(-2.0), at(-1.0), at(1.0), at(2.0));
    (0..left.len())
        .map(|k| (8.0 * (right[k] - left[k]) - (far_right[k] - far_left[k])) / (12.0 * step))
        .collect()
}

/// Whether `numbers` agree with `differences` to 1e-6 of the largest of them, or of 1e-3.
fn assert_agree(what: &str, numbers: &[f64], differences: &[f64]) -> TestCaseResult {
    let largest = numbers.iter().fold(1e-3f64, |largest, number| largest.max(number.abs()));
    for (number, difference) in numbers.iter().zip(differences) {
        let error = (number - difference).abs() / largest;
        prop_assert!(error < 1e-6, "{what}: {numbers:?} but {differences:?}");
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    #[test]
    fn derivatives_are_those_of_differences(unit in prop::collection::vec(0.0..1.0f64, 5)) {
        for (landscape, p) in all() {
            let bounds = landscape.bounds(p);
            let x = inside(&bounds, &unit);
            let step = |j: usize| 3e-5 * (bounds[j].1 - bounds[j].0);
            let value = |x: &[f64]| vec![landscape.value(x)];
            let slopes: Vec<f64> =
                (0..p).flat_map(|j| difference(value, &x, j, step(j))).collect();
            assert_agree(landscape.name(), &gradient(&landscape, &x), &slopes)?;
            let slopes = |x: &[f64]| gradient(&landscape, x);
            let curvatures: Vec<f64> =
                (0..p).flat_map(|j| difference(slopes, &x, j, step(j))).collect();
            assert_agree(landscape.name(), &hessian(&landscape, &x), &curvatures)?;
        }
    }

    #[test]
    fn nothing_is_lower_than_a_minimum(unit in prop::collection::vec(0.0..1.0f64, 5)) {
        for (landscape, p) in all() {
            let bounds = landscape.bounds(p);
            let anywhere = inside(&bounds, &unit);
            for minimum in landscape.minima(p) {
                let rounding = 1e-14 * minimum.value.abs();
                let near: Vec<(f64, f64)> = minimum.point.iter().zip(&bounds)
                    .map(|(x, (low, high))| (x - 0.01 * (high - low), x + 0.01 * (high - low)))
                    .collect();
                let near = inside(&near, &unit);
                prop_assert!(landscape.value(&near) >= minimum.value - rounding, "{landscape:?}");
                if minimum.is_global {
                    let value = landscape.value(&anywhere);
                    prop_assert!(value >= minimum.value - rounding, "{landscape:?}");
                }
            }
        }
    }
}

/// Whether a symmetric matrix, p × p in C order, has positive eigenvalues alone: whether it has a
/// Cholesky factor.
fn is_positive_definite(matrix: &[f64], p: usize) -> bool {
    let mut factor = vec![0.0; p * p];
    for i in 0..p {
        for j in 0..=i {
            let done: f64 = (0..j).map(|k| factor[i * p + k] * factor[j * p + k]).sum();
            let rest = matrix[i * p + j] - done;
            if i == j && rest <= 0.0 {
                return false;
            }
            factor[i * p + j] = if i == j { rest.sqrt() } else { rest / factor[j * p + j] };
        }
    }
    true
}

#[test]
fn minima_are_minima() {
    assert!(!is_positive_definite(&[1.0, 2.0, 2.0, 1.0], 2));
    for (landscape, p) in all() {
        let minima = landscape.minima(p);
        let bounds = landscape.bounds(p);
        for Minimum { point, value, is_global } in &minima {
            let slope = norm(&gradient(&landscape, point));
            assert!(slope < 1e-8, "{landscape:?} at {point:?}: {slope}");
            assert!(is_positive_definite(&hessian(&landscape, point), p), "{landscape:?}");
            let error = (landscape.value(point) - value).abs();
            assert!(error <= 1e-14 * value.abs().max(1.0), "{landscape:?}: {error}");
            assert!(point.iter().zip(&bounds).all(|(x, (low, high))| (low..=high).contains(&x)));
            let lowest = minima.iter().map(|minimum| minimum.value).fold(f64::INFINITY, f64::min);
            assert_eq!(*is_global, *value == lowest, "{landscape:?} at {point:?}");
        }
        assert_eq!(minima.is_empty(), landscape.name() == "saddle");
    }
}

/// The listed minimum that plain descent comes within 1e-6 of, in `most` updates or fewer.
fn walk_to_a_minimum(landscape: &Landscape, p: usize, most: usize) -> Option<Minimum> {
    let minima = landscape.minima(p);
    let mut x = landscape.start(p);
    for _ in 0..=most {
        if let Some(minimum) = minima.iter().find(|minimum| distance(&minimum.point, &x) < 1e-6) {
            return Some(minimum.clone());
        }
        let slopes = gradient(landscape, &x);
        x.iter_mut().zip(slopes).for_each(|(x, slope)| *x -= landscape.learning_rate() * slope);
    }
    None
}

#[test]
fn plain_descent_reaches_a_minimum() {
    for (landscape, p) in all() {
        if landscape.minima(p).is_empty() {
            continue;
        }
        let parameter = landscape.parameter().unwrap_or(1.0);
        // So many updates are enough, and which of several minima it is.
        let (most, expected) = match landscape.name() {
            "bowl" => (200, None),
            "ravine" => (1000.max(10 * parameter as usize), None),
            "himmelblau" => (100, Some(vec![3.0, 2.0])),
            "beale" => (5000, None),
            "rastrigin" => {
                let mut next_to_zero = vec![0.0; p];
                next_to_zero[0] = 0.9949586376523348;
                (50, Some(next_to_zero))
            }
            "double_well" => (100, Some(vec![0.8375654352833231])),
            "x_cos" => (50, Some(vec![3.4256184594817283 / parameter.abs()])),
            _ => (50_000, None),
        };
        let minimum = walk_to_a_minimum(&landscape, p, most)
            .unwrap_or_else(|| panic!("{landscape:?} in {p}: not in {most} updates"));
        let is_expected = |place: Vec<f64>| distance(&minimum.point, &place) < 1e-12;
        assert!(expected.is_none_or(is_expected), "{landscape:?}: {minimum:?}");
    }
}

#[test]
fn a_large_learning_rate_jumps_to_a_poorer_minimum() {
    let x_cos = named("x_cos");
    let mut x = x_cos.start(1)[0];
    for _ in 0..2000 {
        x -= 2.0 * gradient(&x_cos, &[x])[0];
    }
    let poorest = &x_cos.minima(1)[4];
    assert!((x - poorest.point[0]).abs() < 1e-6, "{x}");
    assert!(x_cos.minima(1).iter().all(|minimum| minimum.value <= poorest.value));
}

#[test]
fn the_saddle_holds_a_walk_and_then_lets_go() {
    let saddle = named("saddle");
    let mut x = saddle.start(2);
    let mut nearest = f64::INFINITY;
    for _ in 0..60 {
        let slopes = gradient(&saddle, &x);
        x.iter_mut().zip(slopes).for_each(|(x, slope)| *x -= saddle.learning_rate() * slope);
        nearest = nearest.min(norm(&x));
    }
    assert!(nearest < 0.04, "{nearest}");
    assert!(saddle.value(&x) < -100.0, "{x:?}");
}

#[test]
fn the_barrier_of_the_double_well_is_a_local_maximum() {
    let landscape = named("double_well");
    let barrier = [0.26959443640544456];
    assert!(norm(&gradient(&landscape, &barrier)) < 1e-8);
    assert!(hessian(&landscape, &barrier)[0] < -3.0);
    let heights: Vec<f64> = (landscape.minima(1).iter())
        .map(|minimum| landscape.value(&barrier) - minimum.value)
        .collect();
    assert!((heights[0] - 2.19).abs() < 0.005 && (heights[1] - 0.20).abs() < 0.005, "{heights:?}");
}

#[test]
fn momentum_crosses_the_plateau_on_which_descent_is_stuck() {
    let landscape = named("plateau");
    let minimum = landscape.minima(1)[0].point[0];
    assert_eq!(gradient(&landscape, &[minimum]), [0.0]);
    assert_eq!(landscape.value(&[minimum]), 0.0);
    let start = landscape.start(1)[0];
    // So small that the test of all derivatives, which has an absolute floor, says little.
    let slope = gradient(&landscape, &[start])[0];
    let differences = difference(|x| vec![landscape.value(x)], &[start], 0, 1e-2);
    assert!((slope / differences[0] - 1.0).abs() < 1e-6 && (-4e-5..-2e-5).contains(&slope));
    // θ after the lesson's epochs, and the epoch in which it first passes the minimum.
    let walk = |beta: f64| {
        let (mut x, mut velocity, mut passed) = (start, 0.0, None);
        for epoch in 1..=4000 {
            velocity = beta * velocity + gradient(&landscape, &[x])[0];
            x -= landscape.learning_rate() * velocity;
            passed = passed.or((x >= minimum).then_some(epoch));
        }
        (x, passed)
    };
    let (x, passed) = walk(0.9);
    assert!((x - minimum).abs() < 1e-6, "{x}");
    assert_eq!(passed, Some(3320));
    let (x, passed) = walk(0.0);
    let part = (x - start) / (minimum - start);
    assert!((0.0..0.008).contains(&part), "{part}");
    assert_eq!(passed, None);
}

#[test]
fn the_plateau_does_not_overflow() {
    let plateau = named("plateau");
    assert_eq!(gradient(&plateau, &[-1000.0]), [0.0]);
    assert!((gradient(&plateau, &[1000.0])[0] - 994.993284651).abs() < 1e-6);
    assert_eq!(hessian(&plateau, &[1000.0]), [1.0]);
    assert!(plateau.value(&[f64::NAN]).is_nan());
}

#[test]
fn names_lead_to_landscapes_and_back() {
    for landscape in Landscape::all() {
        let &Facts { name, formula, source, lesson, .. } = landscape.facts();
        assert_eq!(Landscape::by_name(name), Some(landscape));
        assert!(formula.starts_with("f(x"), "{name}");
        assert!(source.contains('(') && lesson.ends_with('.'), "{name}");
        assert!(!source.contains("  ") && !lesson.contains("  "), "{name}");
        assert!(landscape.fits(landscape.usual_n_params()));
        assert!(!landscape.fits(0) && !landscape.fits(landscape.least_n_params() - 1));
        assert_eq!(landscape.fits(7), landscape.n_params().is_none());
    }
    assert_eq!(Landscape::by_name("Bowl"), None);
}

#[test]
fn parameters_have_a_range() {
    for landscape in Landscape::all() {
        let (fact, value) = (landscape.facts().parameter, landscape.parameter());
        assert_eq!(fact.is_some(), value.is_some());
        let same = value.and_then(|value| landscape.with_parameter(value));
        assert_eq!(same, fact.map(|_| landscape));
        for bad in [0.0, f64::NAN, f64::NEG_INFINITY, 1e-9] {
            assert_eq!(landscape.with_parameter(bad), None);
        }
    }
    assert_eq!(named("ravine").parameter(), Some(100.0));
    for bad in [0.5, -1.0, f64::INFINITY] {
        assert_eq!(named("ravine").with_parameter(bad), None);
    }
    let of_minus_two = named("x_cos").with_parameter(-2.0).unwrap();
    assert_eq!(of_minus_two.parameter(), Some(-2.0));
}

#[test]
fn rastrigin_lists_no_more_minima_than_can_be_used() {
    let rastrigin = named("rastrigin");
    assert_eq!(rastrigin.minima(100).len(), 201);
    assert_eq!(rastrigin.minima(101).len(), 1);
}

#[test]
#[should_panic(expected = "beale is not defined for 3 coordinates")]
fn a_wrong_number_of_coordinates_is_refused() {
    named("beale").start(3);
}
