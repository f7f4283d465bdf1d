mod cuts;
mod ends;

use std::convert::Infallible;

use proptest::prelude::*;

use super::*;
use crate::batches::Sampling;
use crate::error::BadValue;
use crate::history::Record;
use crate::loss::PointLoss;
use crate::number::Element;
use crate::objective::{Linear, Mean, Penalty, SampleWeights, Softmax};
use crate::rows::{Column, Dense, LOADED, Layout, RowSet, Strided};
use crate::rule::Rule;
use crate::testing::plan;

type DynObjective<'a, T> = dyn Objective<T, Error = Infallible> + 'a;

/// x in rows of two, y = 1 + 2x₁ − x₂ with a little structure left over.
fn data(n: usize) -> (Vec<f64>, Vec<f64>) {
    let x: Vec<f64> = (0..2 * n).map(|k| ((k * 37 % 101) as f64 / 50.0) - 1.0).collect();
    let y =
        x.chunks(2).map(|row| 1.0 + 2.0 * row[0] - row[1] + 0.1 * (row[0] * 7.0).sin()).collect();
    (x, y)
}

/// A ridge penalty that leaves one intercept alone.
fn penalty(l2: f64) -> Penalty {
    Penalty { l1: 0.0, by_sign: false, l2, n_free: 1 }
}

/// A line with an intercept, through rows of all the features in `x`.
fn line<'a, T: Real>(loss: PointLoss, x: &'a [T], y: &'a [T], penalty: Penalty) -> Linear<'a, T> {
    let rows = Dense::new(x, y.len(), x.len() / y.len()).unwrap();
    Linear::new(rows, Column::Slice(y), loss, SampleWeights::equal(), true, penalty)
}

/// The squared errors of one.
fn squares<'a, T: Real>(x: &'a [T], y: &'a [T]) -> Linear<'a, T> {
    line(PointLoss::Mse, x, y, penalty(0.0))
}

/// Walks to the end in slices of `budget` rows.
fn walk<T: Real>(
    objective: &mut DynObjective<'_, T>,
    plan: &Plan,
    eta: f64,
    budget: usize,
    state: &mut State<T>,
) -> Result<StopReason, WalkError<Infallible>> {
    let schedule = &Schedule::Constant(eta);
    loop {
        let progress = Walk { objective, validation: None, plan, schedule, state }
            .advance(Budget::of_rows(budget))?;
        if let Progress::Stopped(reason) = progress {
            return Ok(reason);
        }
    }
}

fn start(n_params: usize) -> State<f64> {
    State::new(vec![0.0; n_params], Record::Update, &Rule::Plain).unwrap()
}

proptest! {
    #[test]
    fn softmax_of_two_classes_is_the_logistic_loss(
        n in 2..40usize, batch in 1..40usize, epochs in 1..5u64,
    ) {
        // With θ = (0, w) for the two classes the gap of the scores obeys the logistic gradient,
        // at twice the rate: both columns move, in opposite directions.
        let (x, y) = data(n);
        let labels: Vec<f64> = y.iter().map(|&y| f64::from(y > 1.0)).collect();
        let rows = Dense::new(&x, n, 2).unwrap();
        let plan = plan(batch.min(n), Sampling::Shuffle, epochs);
        let sums = line(PointLoss::LogLoss, &x, &labels, penalty(0.0));
        let mut logistic = Mean::new(&sums, None).unwrap();
        let mut one = start(3);
        walk(&mut logistic, &plan, 0.2, 1000, &mut one).unwrap();
        let sums = Softmax::new(rows, Column::Slice(&labels), 2, SampleWeights::equal(), true, penalty(0.0));
        let mut softmax = Mean::new(&sums, None).unwrap();
        let mut two = start(6);
        walk(&mut softmax, &plan, 0.1, 1000, &mut two).unwrap();
        for (pair, &w) in two.params().chunks(2).zip(one.params()) {
            prop_assert!((pair[1] - pair[0] - w).abs() < 1e-12);
        }
    }
}

#[test]
fn a_short_last_batch_is_divided_by_its_own_count() {
    // One constant feature and targets k: the update of the last batch shows its own mean.
    let x = vec![1.0; 5];
    let y: Vec<f64> = (0..5).map(f64::from).collect();
    let rows = Dense::new(&x, 5, 1).unwrap();
    let sums = Linear::new(
        rows,
        Column::Slice(&y),
        PointLoss::Mse,
        SampleWeights::equal(),
        false,
        Penalty::default(),
    );
    let mut objective = Mean::new(&sums, None).unwrap();
    let mut state = start(1);
    walk(&mut objective, &plan(3, Sampling::Sequential, 1), 0.5, 100, &mut state).unwrap();
    // η = ½ jumps to the mean of each batch: (0 + 1 + 2)/3, then (3 + 4)/2.
    assert_eq!(state.history().path.points().unwrap(), [0.0, 1.0, 3.5]);
}

#[test]
fn each_row_is_read_once_an_epoch() {
    // Looking for a NaN costs no pass of its own: the losses tell of one.
    let (x, y) = data(1500);
    for (batch_size, sampling) in
        [(1500, Sampling::Sequential), (64, Sampling::Shuffle), (1, Sampling::Shuffle)]
    {
        let bytes: Vec<u8> = x.iter().flat_map(|x| x.to_ne_bytes()).collect();
        let strides = [16, 8];
        let element = Element::F64;
        let layout = Layout { first: 0, shape: [1500, 2], strides, element, swapped: false };
        let rows = Strided::new(&bytes, layout).unwrap();
        let (y, free) = (Column::Slice(&y), Penalty::default());
        let sums = Linear::new(rows, y, PointLoss::Mse, SampleWeights::equal(), true, free);
        let mut objective = Mean::new(&sums, None).unwrap();
        let mut state = start(3);
        LOADED.set(0);
        walk(&mut objective, &plan(batch_size, sampling, 3), 0.01, 100, &mut state).unwrap();
        assert_eq!(LOADED.get(), 3 * 1500, "batches of {batch_size}");
    }
}
