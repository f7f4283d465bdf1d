//! Records that are made by hand.

use proptest::prelude::*;

use super::*;
use crate::history::Record;
use crate::rule::{AdaGrad, Momentum};
use crate::schedule::constants::EpsilonAt;
use crate::stop::Divergence;

/// A record of BatchGD with these losses and gradient norms, and no path.
fn record_of(losses: &[f64], norms: &[f64]) -> History<f64> {
    let mut history = History::new(Record::Nothing, 1);
    history.loss = losses.to_vec();
    history.grad_norm = norms.to_vec();
    history.learning_rate = vec![0.1; losses.len()];
    history.epoch_updates = vec![1; losses.len()];
    history
}

fn plain(history: &History<f64>) -> Verdict {
    verdict(history, Some(StopReason::EpochsDone), &unknown(Rule::Plain))
}

#[test]
fn short_records() {
    let verdict = plain(&record_of(&[], &[]));
    assert_eq!(
        (verdict.kind, &verdict.clauses[..]),
        (Kind::StillDescending, &[Clause::NoEpoch][..])
    );
    let verdict = plain(&record_of(&[3.0], &[1.0]));
    assert_eq!(
        (verdict.kind, &verdict.clauses[..]),
        (Kind::StillDescending, &[Clause::OneLoss][..])
    );
    assert_eq!(verdict.figures.get("loss"), Some(Figure::Real(3.0)));
    let verdict = plain(&record_of(&[3.0, 2.5], &[1.0, 0.9]));
    assert_eq!(verdict.kind, Kind::StillDescending);
    assert_eq!(verdict.clauses, [Clause::Fell, Clause::GradientLeft, Clause::GoOn]);
    for (name, value) in
        [("first_loss", 3.0), ("loss", 2.5), ("change", -0.5), ("gradient_left", 0.9)]
    {
        assert_eq!(verdict.figures.get(name), Some(Figure::Real(value)), "{name}");
    }
    assert_eq!(verdict.figures.get("steps"), Some(Figure::Whole(1)));
    assert_eq!(plain(&record_of(&[3.0, 40.0], &[1.0, 5.0])).kind, Kind::Diverging);
    // A step straight into the minimum.
    assert_eq!(plain(&record_of(&[3.0, 1.0, 1.0], &[2.0, 0.0, 0.0])).kind, Kind::Converged);
    // A gradient of 0 from the start: whatever the loss is there, only convexity tells.
    for loss in [0.0, 1.0, -1.0] {
        let record = record_of(&[loss; 3], &[0.0; 3]);
        assert_eq!(plain(&record).kind, Kind::StationaryPoint);
        let convex = Setting { shape: Shape::Convex, ..unknown(Rule::Plain) };
        assert_eq!(super::verdict(&record, None, &convex).kind, Kind::Converged);
    }
}

#[test]
fn what_has_no_lowest_value() {
    // −x² from 1: x grows by a fifth an update.
    let places: Vec<f64> = (0..100).map(|k| 1.2f64.powi(k)).collect();
    let losses: Vec<f64> = places.iter().map(|x| 5.0 - x * x).collect();
    let norms: Vec<f64> = places.iter().map(|x| 2.0 * x).collect();
    let verdict = plain(&record_of(&losses, &norms));
    assert_eq!(verdict.kind, Kind::Diverging, "{verdict:?}");
    assert!(verdict.clauses.contains(&Clause::NoLowest) && !verdict.ends_above_start);
}

#[test]
fn a_gradient_that_stays_far_above_rounding_is_no_minimum() {
    // One direction done in some steps, another a million times flatter, in any units.
    for unit in [1e-9, 1.0, 1e9] {
        for added in [0.0, 3.0 * unit] {
            let steep = |k: i32| 0.5f64.powi(k);
            let flat = |k: i32| 1e-3 * (1.0 - 5e-7f64).powi(k);
            let losses: Vec<f64> =
                (0..200).map(|k| unit * (steep(2 * k) + flat(2 * k)) + added).collect();
            let norms: Vec<f64> =
                (0..200).map(|k| unit * (2.0 * steep(k)).hypot(1e-6 * flat(k))).collect();
            let verdict = plain(&record_of(&losses, &norms));
            assert_eq!(verdict.kind, Kind::NarrowValley, "{verdict:?}");
            assert!(verdict.clauses.contains(&Clause::Condition), "{verdict:?}");
            let Some(Figure::Real(condition)) = verdict.figures.get("condition_number") else {
                panic!("{verdict:?}")
            };
            assert!((5e5..5e6).contains(&condition), "{condition}");
        }
    }
}

#[test]
fn an_epoch_that_is_not_done_is_judged_by_its_updates() {
    let mut history = History::<f64>::new(Record::Update, 1);
    for update in 1..=1000 {
        let noise = if update % 3 == 0 { 0.02 } else { -0.01 };
        history.updates.push(update, 5.0 - 0.004 * update as f64 + noise).unwrap();
    }
    let verdict = verdict(&history, Some(StopReason::Interrupted), &unknown(Rule::Plain));
    assert_eq!(verdict.kind, Kind::StillDescending);
    assert_eq!(verdict.figures.get("updates_per_step"), Some(Figure::Whole(50)));
    assert_eq!(verdict.figures.get("quarter"), Some(Figure::Whole(4)));
}

#[test]
fn the_end_of_numbers() {
    let history = &record_of(&[2.0, 50.0], &[1.0, 10.0]);
    let divergence =
        Divergence { epoch: 3, update: 3, last_finite_loss: 1.5e300, learning_rate: 0.25 };
    let reason = Some(StopReason::Diverged(divergence));
    let verdict = verdict(history, reason, &unknown(Rule::Plain));
    assert_eq!(verdict.kind, Kind::Diverging);
    assert_eq!(
        verdict.clauses,
        [Clause::BlownUp, Clause::LastFinite, Clause::FirstLoss, Clause::SmallerRate]
    );
    assert_eq!(verdict.figures.get("last_finite_loss"), Some(Figure::Real(1.5e300)));
    let divergence =
        Divergence { last_finite_loss: f64::NAN, learning_rate: f64::NAN, ..divergence };
    let reason = Some(StopReason::Diverged(divergence));
    let verdict = super::verdict(&record_of(&[], &[]), reason, &unknown(Rule::Plain));
    assert_eq!(verdict.clauses, [Clause::BlownUp]);
    // Before any step there is no step to blame.
    let at_start = Divergence { epoch: 1, update: 1, ..divergence };
    let reason = Some(StopReason::Diverged(at_start));
    let verdict = super::verdict(&record_of(&[], &[]), reason, &unknown(Rule::Plain));
    assert_eq!(verdict.clauses, [Clause::FirstNotFinite, Clause::LookAtStart]);
    assert_eq!(plain(&record_of(&[2.0, 1e160], &[1.0, 1e80])).kind, Kind::Diverging);
    assert_eq!(plain(&record_of(&[2.0, -1e160], &[1.0, 1e80])).kind, Kind::Diverging);
    assert_eq!(plain(&record_of(&[2.0, f64::INFINITY], &[1.0, f64::NAN])).kind, Kind::Diverging);
}

fn any_number() -> impl Strategy<Value = f64> {
    prop_oneof![
        8 => -10.0..10.0f64,
        2 => Just(0.0),
        1 => any::<f64>(),
        1 => Just(f64::NAN),
        1 => Just(f64::INFINITY),
        1 => Just(1e308),
    ]
}

proptest! {
    #[test]
    fn every_record_gets_clauses_and_finite_figures(
        rows in prop::collection::vec((any_number(), any_number(), any_number(), 1..3u64), 0..40),
        full in prop::collection::vec(any_number(), 0..42),
        updates in prop::collection::vec(any_number(), 0..100),
        points in prop::collection::vec(any_number(), 1..60),
        one_each: bool, with_full: bool, rule in 0..3usize, l1 in 0..2u8, reason in 0..3usize,
        shape in 0..Shape::ALL.len(),
    ) {
        let mut history = History::<f64>::new(Record::Update, 1);
        for (loss, norm, rate, updates) in &rows {
            history.loss.push(*loss);
            history.grad_norm.push(norm.abs());
            history.learning_rate.push(*rate);
            history.epoch_updates.push(if one_each { 1 } else { *updates });
        }
        if with_full {
            history.full_loss = full;
        }
        for (number, loss) in (1..).zip(updates) {
            history.updates.push(number, loss).unwrap();
        }
        for (update, point) in (0..).zip(points) {
            history.path.push(update, 0, &[point]).unwrap();
        }
        let rule = [Rule::Plain, Momentum { beta: 0.5 }.into(), AdaGrad { epsilon: 0.1, epsilon_at: EpsilonAt::Outside }.into()][rule];
        let reason = [None, Some(StopReason::ToleranceMet), Some(StopReason::Failed)][reason];
        let setting = Setting { rule, l1: f64::from(l1), shape: Shape::ALL[shape] };
        let verdict = verdict(&history, reason, &setting);
        prop_assert!(!verdict.clauses.is_empty());
        for (name, figure) in verdict.figures.iter() {
            prop_assert!(!matches!(figure, Figure::Real(value) if !value.is_finite()), "{name}");
        }
    }
}
