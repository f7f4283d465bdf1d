//! How walks end.

use super::*;

proptest! {
    #[test]
    fn divergence_leaves_the_last_finite_theta(
        n in 1..30usize, batch in 1..30usize, eta in 3.0..1e6f64, budget in 1..50usize,
    ) {
        let (x, y) = data(n);
        let x: Vec<f64> = x.iter().map(|x| 10.0 * x + 3.0).collect();
        let sums = squares(&x, &y);
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

    #[test]
    fn the_best_theta_of_the_validation_data_comes_back(
        n in 10..60usize, eta in 0.01..0.9f64, seed in 0..50u64,
    ) {
        let (x, y) = data(n);
        let (x_other, mut y_other) = data(7);
        y_other.iter_mut().for_each(|y| *y += 0.3);
        let sums = squares(&x, &y);
        let other = line(PointLoss::Mse, &x_other, &y_other, Penalty::default());
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
fn divergence_is_seen_at_every_width_of_number() {
    let x = [100.0f32, 200.0];
    let y = [1.0f32, -1.0];
    let sums = squares(&x, &y);
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
        let labels: Vec<f64> = y.iter().map(|&y| f64::from(y > 1.0)).collect();
        let sums = line(PointLoss::Hinge, &x, &labels, penalty(0.0));
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
    let sums = squares(&x, &y);
    let mut mse = Mean::new(&sums, None).unwrap();
    let error = walk(&mut mse, &plan(1, Sampling::Shuffle, 3), 0.1, 100, &mut start(3));
    let expected = BadValue::Target { row: 4, value: f64::INFINITY };
    assert!(matches!(error, Err(WalkError::BadData(bad)) if bad == expected));
}

#[test]
fn tolerance_ends_a_walk() {
    let (x, y) = data(50);
    let sums = squares(&x, &y);
    let mut objective = Mean::new(&sums, None).unwrap();
    let mut plan = plan(50, Sampling::Sequential, 100_000);
    plan.stop.tol = Some(1e-9);
    let mut state = start(3);
    let reason = walk(&mut objective, &plan, 0.3, 1000, &mut state).unwrap();
    assert_eq!(reason, StopReason::ToleranceMet);
    assert!(state.epochs() < 10_000);
    assert!(*state.history().grad_norm.last().unwrap() < 1e-3);
}

#[test]
fn a_small_gradient_ends_a_walk() {
    let (x, y) = data(50);
    let sums = squares(&x, &y);
    let mut objective = Mean::new(&sums, None).unwrap();
    let mut plan = plan(50, Sampling::Sequential, 100_000);
    plan.stop.gtol = Some(1e-6);
    let mut state = start(3);
    let reason = walk(&mut objective, &plan, 0.3, 1000, &mut state).unwrap();
    assert_eq!(reason, StopReason::GradientSmall);
    let norms = &state.history().grad_norm;
    assert!(norms[norms.len() - 1] <= 1e-6 && norms[norms.len() - 2] > 1e-6);
}

#[test]
fn small_steps_end_a_walk() {
    let (x, y) = data(50);
    let sums = squares(&x, &y);
    let mut objective = Mean::new(&sums, None).unwrap();
    let mut plan = plan(50, Sampling::Sequential, 100_000);
    plan.stop.step_tol = Some(1e-6);
    let mut state = start(3);
    let reason = walk(&mut objective, &plan, 0.3, 1000, &mut state).unwrap();
    assert_eq!(reason, StopReason::StepsSmall);
    // A step is η times the gradient.
    let steps: Vec<f64> = state.history().grad_norm.iter().map(|norm| 0.3 * norm).collect();
    assert!(steps[steps.len() - 1] <= 1e-6 && steps[steps.len() - 2] > 1e-6);
}

#[test]
fn updates_end_a_walk_where_they_are_made_whatever_the_slices() {
    let (x, y) = data(50);
    let sums = squares(&x, &y);
    for (batch_size, budget) in [(1, 7), (1, 1000), (8, 3), (8, 1000), (50, 20)] {
        let mut objective = Mean::new(&sums, None).unwrap();
        let mut plan = plan(batch_size, Sampling::Shuffle, 100_000);
        plan.stop.max_updates = Some(60);
        let mut state = start(3);
        let reason = walk(&mut objective, &plan, 0.1, budget, &mut state).unwrap();
        assert_eq!((reason, state.updates()), (StopReason::UpdatesDone, 60));
        assert_eq!(state.epochs(), 60 / 50u64.div_ceil(batch_size as u64));
    }
}
