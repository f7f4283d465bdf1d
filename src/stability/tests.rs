use std::convert::Infallible;

use proptest::prelude::*;

use super::*;
use crate::batches::Sampling;
use crate::descent::Plan;
use crate::history::Record;
use crate::objective::{RowSums, Softmax};
use crate::random::standard_normals;
use crate::rows::Dense;
use crate::schedule::Schedule;
use crate::testing::{Problem, plan, walk};

fn never() -> Result<(), Infallible> {
    Ok(())
}

impl Problem {
    /// L of batch descent, without weights.
    pub fn curvature(&self, loss: PointLoss, fit_intercept: bool, l2: f64) -> f64 {
        HessianBound {
            rows: self.rows().into(),
            part: None,
            weights: SampleWeights::equal(),
            fit_intercept,
            point_bound: loss.curvature_bound(0.0, 1.0).unwrap(),
            l2,
        }
        .largest_eigenvalue::<Infallible>(1, never)
        .unwrap()
    }
}

/// f at the start and after each of 200 epochs of batch descent from zeros, as far as they go.
fn full_loss_of(sums: &dyn RowSums<f64>, eta: f64) -> Vec<f64> {
    let plan = Plan { full_loss: true, ..plan(usize::MAX, Sampling::Sequential, 200) };
    let mut objective = Mean::new(sums, None).unwrap();
    let start = vec![0.0; objective.n_params()];
    walk(&mut objective, &plan, &Schedule::Constant(eta), start, Record::Nothing)
        .history()
        .full_loss
        .clone()
}

fn never_rises(losses: &[f64]) -> bool {
    losses.len() == 201 && losses.windows(2).all(|pair| pair[1] <= pair[0] * (1.0 + 1e-12))
}

fn ridge(l2: f64) -> Penalty {
    Penalty { l1: 0.0, by_sign: false, l2, n_free: 1 }
}

/// H written out in full, as a dense matrix.
fn dense_bound(
    x: &[f64],
    d: usize,
    factors: &[f64],
    fit_intercept: bool,
    c: f64,
    l2: f64,
) -> Vec<Vec<f64>> {
    let p = d + usize::from(fit_intercept);
    let n = factors.len() as f64;
    let mut h = vec![vec![0.0; p]; p];
    for (x, factor) in x.chunks(d).zip(factors) {
        let row: Vec<f64> = std::iter::repeat_n(1.0, p - d).chain(x.iter().copied()).collect();
        for (h, a) in h.iter_mut().zip(&row) {
            for (h, b) in h.iter_mut().zip(&row) {
                *h += c / n * factor * a * b;
            }
        }
    }
    for (j, row) in h.iter_mut().enumerate().skip(p - d) {
        row[j] += l2;
    }
    h
}

/// The largest eigenvalue of a symmetric matrix, by Jacobi's rotations.
fn largest_by_jacobi(mut a: Vec<Vec<f64>>) -> f64 {
    let p = a.len();
    for _ in 0..60 {
        for i in 0..p {
            for j in 0..i {
                if a[i][j] == 0.0 {
                    continue;
                }
                let theta = (a[j][j] - a[i][i]) / (2.0 * a[i][j]);
                let t = theta.signum() / (theta.abs() + theta.hypot(1.0));
                let cos = 1.0 / t.hypot(1.0);
                let sin = t * cos;
                for row in &mut a {
                    (row[i], row[j]) = (cos * row[i] - sin * row[j], sin * row[i] + cos * row[j]);
                }
                // j < i: the two rows lie in different parts.
                let (upper, lower) = a.split_at_mut(i);
                for (at_j, at_i) in upper[j].iter_mut().zip(&mut lower[0]) {
                    (*at_i, *at_j) = (cos * *at_i - sin * *at_j, sin * *at_i + cos * *at_j);
                }
            }
        }
    }
    (0..p).map(|k| a[k][k]).fold(f64::NEG_INFINITY, f64::max)
}

#[test]
fn jacobi_knows_a_matrix_of_two() {
    // Eigenvalues 1 and 3.
    assert!((largest_by_jacobi(vec![vec![2.0, 1.0], vec![1.0, 2.0]]) - 3.0).abs() < 1e-15);
}

proptest! {
    #[test]
    fn the_largest_eigenvalue_is_that_of_the_matrix_written_out(
        n in 1..30usize, d in 1..13usize, seed: u64, fit_intercept: bool, weighted: bool,
        c in 0.1..3.0f64, l2 in prop_oneof![Just(0.0), 0.01..10.0f64],
    ) {
        let mut normals = standard_normals(seed);
        let x: Vec<f64> = normals.by_ref().take(n * d).collect();
        let weights: Vec<f64> = normals.take(n).map(f64::abs).collect();
        let mean = weights.iter().sum::<f64>() / n as f64;
        let factors: Vec<f64> =
            weights.iter().map(|weight| if weighted { weight / mean } else { 1.0 }).collect();
        let weights =
            if weighted { SampleWeights::new(Column::Slice(&weights)).unwrap() } else { SampleWeights::equal() };
        let rows = Dense::new(&x, n, d).unwrap().into();
        let bound = HessianBound { rows, part: None, weights, fit_intercept, point_bound: c, l2 };
        let exact = largest_by_jacobi(dense_bound(&x, d, &factors, fit_intercept, c, l2));
        let found = bound.largest_eigenvalue::<Infallible>(1, never).unwrap();
        prop_assert!((found / exact - 1.0).abs() < 1e-9, "{} {}", found, exact);

        let of_rows = x.chunks(d).zip(&factors).map(|(x, &factor)| {
            largest_by_jacobi(dense_bound(x, d, &[factor], fit_intercept, c, l2))
        });
        let exact = of_rows.fold(0.0, f64::max);
        let found = bound.largest_of_a_row::<Infallible>(never).unwrap();
        prop_assert!((found / exact - 1.0).abs() < 1e-9, "{} {}", found, exact);
    }
}

#[test]
fn many_columns_whose_largest_eigenvalues_lie_close_together() {
    // Row i has √(n λᵢ) in column i: the eigenvalues are λ, 400 of them and the largest ten
    // within a thousandth.
    let n = 400;
    let eigenvalue = |i: usize| 1.0 + if i < 10 { 1.0 - 1e-4 * i as f64 } else { 0.5 / i as f64 };
    let mut x = vec![0.0; n * n];
    for i in 0..n {
        x[i * n + i] = (n as f64 * eigenvalue(i)).sqrt();
    }
    let rows = Dense::new(&x, n, n).unwrap().into();
    let weights = SampleWeights::equal();
    let bound =
        HessianBound { rows, part: None, weights, fit_intercept: false, point_bound: 1.0, l2: 0.0 };
    let mut passes = 0;
    let count = || {
        passes += 1;
        Ok::<(), Infallible>(())
    };
    let found = bound.largest_eigenvalue(1, count).unwrap();
    assert!((found - 2.0).abs() < 1e-9, "{found}");
    assert!(passes <= 40, "{passes} passes");
}

#[test]
fn threads_change_no_bit() {
    let (n, d) = (20_000, 30);
    let x: Vec<f64> = standard_normals(1).take(n * d).collect();
    let rows = Dense::new(&x, n, d).unwrap().into();
    let weights = SampleWeights::equal();
    let part: Vec<u32> = (0..n as u32).filter(|row| row % 5 > 0).collect();
    for part in [None, Some(&part[..])] {
        let bound =
            HessianBound { rows, part, weights, fit_intercept: true, point_bound: 2.0, l2: 0.1 };
        let [alone, together] =
            [1, 3].map(|threads| bound.largest_eigenvalue::<Infallible>(threads, never).unwrap());
        assert_eq!(alone.to_bits(), together.to_bits());
    }
}

#[test]
fn corners() {
    let bound_of = |x: &[f64], fit_intercept, l2| {
        let rows = Dense::new(x, x.len(), 1).unwrap().into();
        let weights = SampleWeights::equal();
        let bound = HessianBound { rows, part: None, weights, fit_intercept, point_bound: 2.0, l2 };
        (
            bound.largest_eigenvalue::<Infallible>(1, never).unwrap(),
            bound.largest_of_a_row::<Infallible>(never).unwrap(),
        )
    };
    // No curvature at all: every learning rate is as good.
    assert_eq!(bound_of(&[0.0, 0.0], false, 0.0), (0.0, 0.0));
    assert_eq!(max_learning_rate(0.0), f64::INFINITY);
    // The intercept alone, then the penalty alone.
    assert_eq!(bound_of(&[0.0, 0.0], true, 0.5), (2.0, 2.0));
    assert_eq!(bound_of(&[0.0, 0.0], false, 0.5), (0.5, 0.5));
    // One number: c·x².
    assert_eq!(bound_of(&[3.0], false, 0.0), (18.0, 18.0));
    // What overflows leaves no room for any learning rate.
    assert_eq!(bound_of(&[1e200], false, 0.0), (f64::INFINITY, f64::INFINITY));
    assert_eq!(max_learning_rate(f64::INFINITY), 0.0);
}

#[test]
fn a_nan_is_named_and_a_stop_obeyed() {
    let mut problem = Problem::new(8);
    problem.x[7] = f64::NAN;
    let rows: Rows<'_, f64> = problem.rows().into();
    let weights = SampleWeights::equal();
    let bound =
        HessianBound { rows, part: None, weights, fit_intercept: true, point_bound: 2.0, l2: 0.0 };
    let expected = (7 / problem.d, 7 % problem.d);
    for result in [
        bound.largest_eigenvalue::<Infallible>(1, never),
        bound.largest_of_a_row::<Infallible>(never),
    ] {
        let Err(WalkError::BadData(BadValue::Feature { row, column, value })) = result else {
            panic!("{result:?}");
        };
        assert!((row, column) == expected && value.is_nan());
    }
    let problem = Problem::new(8);
    let bound = HessianBound { rows: problem.rows().into(), ..bound };
    let stop = || Err("enough");
    assert!(matches!(bound.largest_eigenvalue(1, stop), Err(WalkError::Objective("enough"))));
    assert!(matches!(bound.largest_of_a_row(stop), Err(WalkError::Objective("enough"))));
}

#[test]
fn batches_lie_between_all_rows_and_one() {
    assert_eq!(of_batches(1.0, 9.0, 100, 1), 9.0);
    assert_eq!(of_batches(1.0, 9.0, 100, 100), 1.0);
    assert_eq!(of_batches(1.0, 9.0, 100, 1000), 1.0);
    assert_eq!(of_batches(3.0, 3.0, 1, 1), 3.0);
    let between: Vec<f64> = (1..=100).map(|b| of_batches(1.0, 9.0, 100, b)).collect();
    assert!(between.is_sorted_by(|a, b| a > b));
}

#[test]
fn batch_descent_falls_below_the_limit_and_blows_up_above_it() {
    for seed in 0..50 {
        let problem = &Problem::new(seed);
        let weights: Vec<f64> =
            standard_normals(seed + 1000).take(problem.n).map(f64::abs).collect();
        let weights = if seed % 2 == 0 {
            SampleWeights::equal()
        } else {
            SampleWeights::new(Column::Slice(&weights)).unwrap()
        };
        let l2 = [0.0, 0.0, 0.3][seed as usize % 3];
        let rows: Rows<'_, f64> = problem.rows().into();
        let limit = |loss: PointLoss, lowest: f64, highest: f64| {
            let point_bound = loss.curvature_bound(lowest, highest).unwrap();
            let bound =
                HessianBound { rows, part: None, weights, fit_intercept: true, point_bound, l2 };
            max_learning_rate(bound.largest_eigenvalue::<Infallible>(1, never).unwrap())
        };
        fn linear<'a>(
            problem: &'a Problem,
            y: &'a [f64],
            loss: PointLoss,
            weights: SampleWeights<'a>,
            l2: f64,
        ) -> Linear<'a, f64> {
            Linear::new(problem.rows(), Column::Slice(y), loss, weights, true, ridge(l2))
        }

        let eta = limit(PointLoss::Mse, 0.0, 0.0);
        let squares = linear(problem, &problem.real, PointLoss::Mse, weights, l2);
        assert!(never_rises(&full_loss_of(&squares, 0.99 * eta)), "mse {seed}");
        let blow_up = full_loss_of(&squares, 1.05 * eta);
        assert!(blow_up.iter().any(|&loss| loss > 10.0 * blow_up[0]), "mse {seed}");

        let eta = 0.99 * limit(PointLoss::LogLoss, 0.0, 0.0);
        let logistic = linear(problem, &problem.labels, PointLoss::LogLoss, weights, l2);
        assert!(never_rises(&full_loss_of(&logistic, eta)), "log_loss {seed}");

        let eta = 0.99 * limit(PointLoss::Huber, 0.0, 0.0);
        let huber = linear(problem, &problem.real, PointLoss::Huber, weights, l2);
        assert!(never_rises(&full_loss_of(&huber, eta)), "huber {seed}");

        let eta = 0.99 * limit(PointLoss::SquaredHinge, 0.0, 0.0);
        let hinge = linear(problem, &problem.labels, PointLoss::SquaredHinge, weights, l2);
        assert!(never_rises(&full_loss_of(&hinge, eta)), "squared_hinge {seed}");

        let eta = 0.99 * limit(PointLoss::SigmoidMse, 0.0, 1.0);
        let sigmoid = linear(problem, &problem.labels, PointLoss::SigmoidMse, weights, l2);
        assert!(never_rises(&full_loss_of(&sigmoid, eta)), "sigmoid_mse {seed}");

        let eta = 0.99 * limit(PointLoss::TanhMse, 0.0, 1.0);
        let tanh = linear(problem, &problem.labels, PointLoss::TanhMse, weights, l2);
        assert!(never_rises(&full_loss_of(&tanh, eta)), "tanh_mse {seed}");

        let bound = HessianBound {
            rows,
            part: None,
            weights,
            fit_intercept: true,
            point_bound: CROSS_ENTROPY_BOUND,
            l2,
        };
        let eta =
            0.99 * max_learning_rate(bound.largest_eigenvalue::<Infallible>(1, never).unwrap());
        let classes: Vec<f64> = problem
            .real
            .iter()
            .zip(&problem.labels)
            .map(|(y, label)| label + f64::from(*y > 1.0))
            .collect();
        let penalty = Penalty { l1: 0.0, by_sign: false, l2, n_free: 3 };
        let softmax = Softmax::new(rows, Column::Slice(&classes), 3, weights, true, penalty);
        assert!(never_rises(&full_loss_of(&softmax, eta)), "cross_entropy {seed}");
    }
}

#[test]
fn single_rows_and_batches_stay_put_below_their_limits() {
    // Noise-free targets, so that nothing but too large a step can carry θ away.
    for seed in 0..50 {
        let problem = &Problem::new(seed);
        let truth: Vec<f64> = (0..problem.d).map(|j| 1.0 - 0.7 * j as f64).collect();
        let y: Vec<f64> = problem.x.chunks(problem.d).map(|x| dot(x, &truth) + 0.5).collect();
        let rows: Rows<'_, f64> = problem.rows().into();
        let weights = SampleWeights::equal();
        let bound = HessianBound {
            rows,
            part: None,
            weights,
            fit_intercept: true,
            point_bound: 2.0,
            l2: 0.0,
        };
        let mean = bound.largest_eigenvalue::<Infallible>(1, never).unwrap();
        let row = bound.largest_of_a_row::<Infallible>(never).unwrap();
        assert!(row >= mean);
        let sums = Linear::new(rows, Column::Slice(&y), PointLoss::Mse, weights, true, ridge(0.0));
        let mut squares = Mean::new(&sums, None).unwrap();
        for batch_size in [1, 2, 5, 16] {
            let eta = 0.99 * max_learning_rate(of_batches(mean, row, problem.n, batch_size));
            let plan = Plan { full_loss: true, ..plan(batch_size, Sampling::Shuffle, 60) };
            let start = vec![0.0; problem.d + 1];
            let state = walk(&mut squares, &plan, &Schedule::Constant(eta), start, Record::Nothing);
            let losses = &state.history().full_loss;
            assert_eq!(losses.len(), 61, "{seed}, {batch_size}");
            assert!(losses[60] < losses[0], "{seed}, {batch_size}: {} {}", losses[0], losses[60]);
        }
    }
}
