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
    Penalty { l1: 0.0, l2, n_free: 1 }
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
    fn slices_do_not_change_a_bit(
        n in 1..700usize, batch in 1..700usize, epochs in 1..4u64, budget in 1..2000usize,
        full_loss: bool, which in 0..4usize,
    ) {
        let sampling = [Sampling::Shuffle, Sampling::Replace, Sampling::Sequential,
            Sampling::Replay(Arc::new(vec![vec![0; 3]; 4]))][which].clone();
        let (x, y) = data(n);
        let rows = Dense::new(&x, n, 2).unwrap();
        let sums = Linear::new(rows, Column::Slice(&y), PointLoss::Mse, SampleWeights::equal(), true, penalty(0.01));
        let mut objective = Mean::new(&sums, None).unwrap();
        let mut plan = plan(batch.min(n), sampling, epochs);
        plan.full_loss = full_loss;
        let mut whole = start(3);
        walk(&mut objective, &plan, 0.05, usize::MAX, &mut whole).unwrap();
        let mut sliced = start(3);
        walk(&mut objective, &plan, 0.05, budget, &mut sliced).unwrap();
        prop_assert_eq!(whole.params(), sliced.params());
        prop_assert_eq!(&whole.history().loss, &sliced.history().loss);
        prop_assert_eq!(&whole.history().full_loss, &sliced.history().full_loss);
        prop_assert_eq!(whole.history().path.points(), sliced.history().path.points());
        prop_assert_eq!(whole.updates(), sliced.updates());
    }

    #[test]
    fn going_on_is_the_walk_in_one(
        n in 1..50usize, batch in 1..50usize, first in 1..4u64, second in 1..4u64,
    ) {
        let (x, y) = data(n);
        let rows = Dense::new(&x, n, 2).unwrap();
        let sums = Linear::new(rows, Column::Slice(&y), PointLoss::Mse, SampleWeights::equal(), true, penalty(0.0));
        let mut objective = Mean::new(&sums, None).unwrap();
        let mut whole = start(3);
        let plan = |epochs| plan(batch.min(n), Sampling::Shuffle, epochs);
        walk(&mut objective, &plan(first + second), 0.05, 1000, &mut whole).unwrap();
        let mut parts = start(3);
        walk(&mut objective, &plan(first), 0.05, 1000, &mut parts).unwrap();
        parts.resume();
        walk(&mut objective, &plan(first + second), 0.05, 1000, &mut parts).unwrap();
        prop_assert_eq!(whole.params(), parts.params());
        prop_assert_eq!(&whole.history().loss, &parts.history().loss);
    }

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
        let sums = Linear::new(rows, Column::Slice(&labels), PointLoss::LogLoss, SampleWeights::equal(), true, penalty(0.0));
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

    #[test]
    fn divergence_leaves_the_last_finite_theta(
        n in 1..30usize, batch in 1..30usize, eta in 3.0..1e6f64, budget in 1..50usize,
    ) {
        let (x, y) = data(n);
        let x: Vec<f64> = x.iter().map(|x| 10.0 * x + 3.0).collect();
        let rows = Dense::new(&x, n, 2).unwrap();
        let sums = Linear::new(rows, Column::Slice(&y), PointLoss::Mse, SampleWeights::equal(), true, penalty(0.0));
        let mut objective = Mean::new(&sums, None).unwrap();
        let mut state = start(3);
        let plan = plan(batch.min(n), Sampling::Shuffle, 100_000);
        let reason = walk(&mut objective, &plan, eta, budget, &mut state).unwrap();
        let StopReason::Diverged(divergence) = reason else {
            return Err(TestCaseError::fail(format!("{reason:?}")));
        };
        prop_assert!(state.params().iter().all(|p| p.is_finite()));
        prop_assert_eq!(divergence.update, state.updates() + 1);
        prop_assert_eq!(divergence.epoch, state.epochs() + 1);
        prop_assert!(divergence.last_finite_loss.is_finite());
        let path = &state.history().path;
        prop_assert!(path.points().unwrap().iter().all(|p| p.is_finite()));
        prop_assert_eq!(path.updates().last(), Some(state.updates()));
        prop_assert_eq!(state.history().updates.losses().len() as u64, state.updates());
        prop_assert_eq!(state.history().loss.len() as u64, state.epochs());
    }
}

#[test]
fn divergence_is_seen_at_every_width_of_number() {
    let x = [100.0f32, 200.0];
    let y = [1.0f32, -1.0];
    let rows = Dense::new(&x, 2, 1).unwrap();
    let sums = Linear::new(
        rows,
        Column::Slice(&y),
        PointLoss::Mse,
        SampleWeights::equal(),
        true,
        penalty(0.0),
    );
    let mut objective = Mean::new(&sums, None).unwrap();
    let mut state = State::new(vec![0.0f32; 2], Record::Update, &Rule::Plain).unwrap();
    let plan = plan(2, Sampling::Sequential, 1000);
    let reason = walk(&mut objective, &plan, 1.0, 10, &mut state).unwrap();
    assert!(matches!(reason, StopReason::Diverged(_)));
    assert!(state.params().iter().all(|p| p.is_finite()));
}

#[test]
fn a_bad_value_is_named_not_called_divergence() {
    let n = 20;
    for (at, batch) in [(7, 1), (7, 6), (7, 20), (39, 20)] {
        let (mut x, y) = data(n);
        x[at] = f64::INFINITY;
        let rows = Dense::new(&x, n, 2).unwrap();
        let labels: Vec<f64> = y.iter().map(|&y| f64::from(y > 1.0)).collect();
        let sums = Linear::new(
            rows,
            Column::Slice(&labels),
            PointLoss::Hinge,
            SampleWeights::equal(),
            true,
            penalty(0.0),
        );
        let mut hinge = Mean::new(&sums, None).unwrap();
        let plan = plan(batch, Sampling::Sequential, 3);
        // A start at which hinge's max would swallow the infinity.
        let mut state = State::new(vec![0.5, 1.0, 1.0], Record::Update, &Rule::Plain).unwrap();
        let error = walk(&mut hinge, &plan, 0.1, 100, &mut state).unwrap_err();
        let expected = BadValue::Feature { row: at / 2, column: at % 2, value: f64::INFINITY };
        assert!(matches!(error, WalkError::BadData(bad) if bad == expected), "{error:?}");
    }
    let (x, mut y) = data(n);
    y[4] = f64::INFINITY;
    let rows = Dense::new(&x, n, 2).unwrap();
    let sums = Linear::new(
        rows,
        Column::Slice(&y),
        PointLoss::Mse,
        SampleWeights::equal(),
        true,
        penalty(0.0),
    );
    let mut mse = Mean::new(&sums, None).unwrap();
    let error = walk(&mut mse, &plan(1, Sampling::Shuffle, 3), 0.1, 100, &mut start(3));
    let expected = BadValue::Target { row: 4, value: f64::INFINITY };
    assert!(matches!(error, Err(WalkError::BadData(bad)) if bad == expected));
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
fn a_window_of_rates_is_asked_for_and_used() {
    let (x, y) = data(10);
    let rows = Dense::new(&x, 10, 2).unwrap();
    let sums = Linear::new(
        rows,
        Column::Slice(&y),
        PointLoss::Mse,
        SampleWeights::equal(),
        true,
        penalty(0.0),
    );
    let mut objective = Mean::new(&sums, None).unwrap();
    let plan = plan(3, Sampling::Shuffle, 2);
    let eta = |t: u64| 0.1 / (1.0 + t as f64);
    let mut state = start(3);
    let mut schedule = Schedule::Window { first: 0, rates: vec![] };
    let mut asked = vec![];
    loop {
        let objective: &mut DynObjective<'_, f64> = &mut objective;
        let walk = &mut Walk {
            objective,
            validation: None,
            plan: &plan,
            schedule: &schedule,
            state: &mut state,
        };
        match walk.advance(Budget::of_rows(1000)).unwrap() {
            Progress::NeedsRates { update, left_in_epoch } => {
                asked.push((update, left_in_epoch));
                let rates = (update..update + left_in_epoch.min(3)).map(eta).collect();
                schedule = Schedule::Window { first: update, rates };
            }
            Progress::Paused | Progress::Updated | Progress::EpochDone => {}
            Progress::Stopped(reason) => {
                assert_eq!(reason, StopReason::EpochsDone);
                break;
            }
        }
    }
    assert_eq!(asked, [(0, 4), (3, 1), (4, 4), (7, 1)]);
    assert_eq!(state.history().learning_rate, [eta(3), eta(7)]);
}

#[test]
fn tolerance_ends_a_walk() {
    let (x, y) = data(50);
    let rows = Dense::new(&x, 50, 2).unwrap();
    let sums = Linear::new(
        rows,
        Column::Slice(&y),
        PointLoss::Mse,
        SampleWeights::equal(),
        true,
        penalty(0.0),
    );
    let mut objective = Mean::new(&sums, None).unwrap();
    let mut plan = plan(50, Sampling::Sequential, 100_000);
    plan.stop.tol = Some(1e-9);
    let mut state = start(3);
    let reason = walk(&mut objective, &plan, 0.3, 1000, &mut state).unwrap();
    assert_eq!(reason, StopReason::ToleranceMet);
    assert!(state.epochs() < 10_000);
    assert!(*state.history().grad_norm.last().unwrap() < 1e-3);
}

proptest! {
    #[test]
    fn slices_do_not_change_a_bit_of_any_rule(
        n in 1..300usize, batch in 1..300usize, budget in 1..500usize, which in 0..Rule::all().len(),
        l1 in prop::sample::select(vec![0.0, 0.05]), step_by_step: bool,
    ) {
        let (x, y) = data(n);
        let rows = Dense::new(&x, n, 2).unwrap();
        let lasso = Penalty { l1, l2: 0.01, n_free: 1 };
        let sums = Linear::new(rows, Column::Slice(&y), PointLoss::Mse, SampleWeights::equal(), true, lasso);
        let mut objective = Mean::new(&sums, None).unwrap();
        let mut plan = plan(batch.min(n), Sampling::Shuffle, 3);
        plan.rule = Rule::all()[which];
        let start = || State::new(vec![0.0; 3], Record::Update, &plan.rule).unwrap();
        let mut whole = start();
        walk(&mut objective, &plan, 0.02, usize::MAX, &mut whole).unwrap();
        let mut sliced = start();
        let budget =
            if step_by_step { Budget { rows: usize::MAX, updates: 1 } } else { Budget::of_rows(budget) };
        let schedule = &Schedule::Constant(0.02);
        let mut updates = 0;
        loop {
            let (plan, state) = (&plan, &mut sliced);
            let objective: &mut DynObjective<'_, f64> = &mut objective;
            let walk = &mut Walk { objective, validation: None, plan, schedule, state };
            if let Progress::Stopped(_) = walk.advance(budget).unwrap() {
                break;
            }
            if step_by_step {
                updates += 1;
                prop_assert_eq!(sliced.updates(), updates);
                let rows: Vec<usize> = sliced.last_batch().iter().collect();
                prop_assert!(rows.len() <= batch.min(n) && rows.iter().all(|&row| row < n));
            }
        }
        prop_assert_eq!(whole.params(), sliced.params());
        prop_assert_eq!(whole.history().path.points(), sliced.history().path.points());
    }

    #[test]
    fn the_best_theta_of_the_validation_data_comes_back(
        n in 10..60usize, eta in 0.01..0.9f64, seed in 0..50u64,
    ) {
        let (x, y) = data(n);
        let (x_other, mut y_other) = data(7);
        y_other.iter_mut().for_each(|y| *y += 0.3);
        let rows = Dense::new(&x, n, 2).unwrap();
        let sums = Linear::new(rows, Column::Slice(&y), PointLoss::Mse, SampleWeights::equal(), true, penalty(0.0));
        let rows = Dense::new(&x_other, 7, 2).unwrap();
        let (other, free) = (Column::Slice(&y_other), Penalty::default());
        let other = Linear::new(rows, other, PointLoss::Mse, SampleWeights::equal(), true, free);
        let mut objective = Mean::new(&sums, None).unwrap();
        let mut validation = Mean::new(&other, None).unwrap();
        let mut plan = plan(1, Sampling::Shuffle, 12);
        plan.seed = seed;
        plan.restore_best = true;
        let mut state = State::new(vec![0.0; 3], Record::Epoch, &plan.rule).unwrap();
        let schedule = &Schedule::Constant(eta);
        let reason = loop {
            let progress = Walk {
                objective: &mut objective,
                validation: Some(&mut validation),
                plan: &plan,
                schedule,
                state: &mut state,
            }
            .advance(Budget::of_rows(33))
            .unwrap();
            if let Progress::Stopped(reason) = progress {
                break reason;
            }
        };
        prop_assert_eq!(reason, StopReason::EpochsDone);
        let losses = &state.history().validation_loss;
        prop_assert_eq!(losses.len(), 12);
        let best = state.best_epoch().unwrap() as usize;
        prop_assert!(losses.iter().all(|&loss| loss >= losses[best - 1]));
        prop_assert_eq!(state.params(), state.history().path.point(best));
        // What is on record is the loss at that θ.
        let sum = validation.accumulate(state.params(), 7, RowSet::Range(0..7), 0.0, None).unwrap();
        prop_assert_eq!(validation.finish_loss(state.params(), 7, sum), losses[best - 1]);
    }
}

#[test]
fn a_small_gradient_ends_a_walk() {
    let (x, y) = data(50);
    let rows = Dense::new(&x, 50, 2).unwrap();
    let sums = Linear::new(
        rows,
        Column::Slice(&y),
        PointLoss::Mse,
        SampleWeights::equal(),
        true,
        penalty(0.0),
    );
    let mut objective = Mean::new(&sums, None).unwrap();
    let mut plan = plan(50, Sampling::Sequential, 100_000);
    plan.stop.gtol = Some(1e-6);
    let mut state = start(3);
    let reason = walk(&mut objective, &plan, 0.3, 1000, &mut state).unwrap();
    assert_eq!(reason, StopReason::ToleranceMet);
    let norms = &state.history().grad_norm;
    assert!(norms[norms.len() - 1] <= 1e-6 && norms[norms.len() - 2] > 1e-6);
}

#[test]
fn a_walk_that_is_asked_to_tells_of_its_epochs() {
    let (x, y) = data(20);
    let rows = Dense::new(&x, 20, 2).unwrap();
    let sums = Linear::new(
        rows,
        Column::Slice(&y),
        PointLoss::Mse,
        SampleWeights::equal(),
        true,
        penalty(0.0),
    );
    let mut objective = Mean::new(&sums, None).unwrap();
    let mut plan = plan(3, Sampling::Shuffle, 4);
    plan.pause_at_epochs = true;
    let (schedule, state) = (&Schedule::Constant(0.1), &mut start(3));
    let mut epochs = vec![];
    loop {
        let (plan, objective) = (&plan, &mut objective);
        let mut walk = Walk { objective, validation: None, plan, schedule, state: &mut *state };
        match walk.advance(Budget::of_rows(1000)).unwrap() {
            Progress::EpochDone => epochs.push(state.epochs()),
            Progress::Stopped(_) => break,
            _ => {}
        }
    }
    assert_eq!(epochs, [1, 2, 3, 4]);
    assert_eq!(state.history().epoch_updates, [7, 7, 7, 7]);
}

proptest! {
    #[test]
    fn single_rows_blow_up_at_the_same_place_however_they_are_sliced(
        n in 2..200usize, eta in 0.5..50.0f64, budget in 1..20_000usize,
        which in 0..2usize, record in 0..3usize,
    ) {
        let record = [Record::Update, Record::Auto { bytes: 1500 }, Record::Epoch][record];
        let sampling = [Sampling::Shuffle, Sampling::Replace][which].clone();
        let (x, y) = data(n);
        let x: Vec<f64> = x.iter().map(|x| 10.0 * x + 3.0).collect();
        let rows = Dense::new(&x, n, 2).unwrap();
        let sums = Linear::new(rows, Column::Slice(&y), PointLoss::Mse, SampleWeights::equal(), true, penalty(0.0));
        let mut objective = Mean::new(&sums, None).unwrap();
        // Two rows grow by some powers of ten an epoch.
        let plan = plan(1, sampling, 300);
        let start = || State::new(vec![0.0; 3], record, &Rule::Plain).unwrap();
        let (mut whole, mut sliced, mut single) = (start(), start(), start());
        let reason = walk(&mut objective, &plan, eta, usize::MAX, &mut whole).unwrap();
        prop_assert!(matches!(reason, StopReason::Diverged(_)));
        let reason_sliced = walk(&mut objective, &plan, eta, budget, &mut sliced).unwrap();
        prop_assert_eq!(reason_sliced, reason);
        let reason_single = loop {
            let schedule = &Schedule::Constant(eta);
            let objective: &mut DynObjective<'_, f64> = &mut objective;
            let state = &mut single;
            let walk = &mut Walk { objective, validation: None, plan: &plan, schedule, state };
            let budget = Budget { rows: usize::MAX, updates: 1 };
            if let Progress::Stopped(reason) = walk.advance(budget).unwrap() {
                break reason;
            }
        };
        prop_assert_eq!(reason_single, reason);
        for other in [&sliced, &single] {
            prop_assert_eq!(whole.params(), other.params());
            prop_assert_eq!(whole.updates(), other.updates());
            prop_assert_eq!(whole.history().path.points(), other.history().path.points());
            prop_assert_eq!(whole.history().updates.losses(), other.history().updates.losses());
        }
        prop_assert_eq!(whole.params_before(), single.params_before());
    }
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
