//! A walk is the same however it is cut into slices.

use super::*;

proptest! {
    #[test]
    fn slices_do_not_change_a_bit(
        n in 1..700usize, batch in 1..700usize, epochs in 1..4u64, budget in 1..2000usize,
        full_loss: bool, which in 0..4usize,
    ) {
        let sampling = [Sampling::Shuffle, Sampling::Replace, Sampling::Sequential,
            Sampling::Replay(Arc::new(vec![vec![0; 3]; 4]))][which].clone();
        let (x, y) = data(n);
        let sums = line(PointLoss::Mse, &x, &y, penalty(0.01));
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
        let sums = squares(&x, &y);
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
    fn slices_do_not_change_a_bit_of_any_rule(
        n in 1..300usize, batch in 1..300usize, budget in 1..500usize, which in 0..Rule::all().len(),
        l1 in prop::sample::select(vec![0.0, 0.05]), step_by_step: bool,
    ) {
        let (x, y) = data(n);
        let sums = line(PointLoss::Mse, &x, &y, Penalty { l1, ..penalty(0.01) });
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
    fn single_rows_blow_up_at_the_same_place_however_they_are_sliced(
        n in 2..200usize, eta in 0.5..50.0f64, budget in 1..20_000usize,
        which in 0..2usize, record in 0..3usize,
    ) {
        let record = [Record::Update, Record::Auto { bytes: 1500 }, Record::Epoch][record];
        let sampling = [Sampling::Shuffle, Sampling::Replace][which].clone();
        let (x, y) = data(n);
        let x: Vec<f64> = x.iter().map(|x| 10.0 * x + 3.0).collect();
        let sums = squares(&x, &y);
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
fn a_walk_that_is_asked_to_tells_of_its_epochs() {
    let (x, y) = data(20);
    let sums = squares(&x, &y);
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

#[test]
fn a_window_of_rates_is_asked_for_and_used() {
    let (x, y) = data(10);
    let sums = squares(&x, &y);
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
