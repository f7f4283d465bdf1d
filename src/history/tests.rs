use super::*;
use proptest::prelude::*;

/// Records `epochs` epochs of `per_epoch` updates whose θ is the number of the update.
fn walk(record: Record, epochs: u64, per_epoch: u64) -> History<f64> {
    let mut history = History::new(record, 1);
    history.path.push(0, 0, &[0.0]).unwrap();
    let mut update = 0;
    for epoch in 1..=epochs {
        for _ in 0..per_epoch {
            update += 1;
            history.updates.push(update, update as f64).unwrap();
            if history.path.wants(update) {
                history.path.push(update, 0, &[update as f64]).unwrap();
            }
        }
        history.path.push(update, epoch, &[update as f64]).unwrap();
    }
    history.path.push_last(update, &[update as f64]).unwrap();
    history
}

proptest! {
    #[test]
    fn runs_are_recorded_as_single_updates_are(
        bytes in prop::sample::select(vec![200, 1000, 5000, 1 << 20]),
        runs in prop::collection::vec((1..70usize, 0..70usize, any::<bool>()), 1..40),
    ) {
        for record in [Record::Auto { bytes }, Record::Update, Record::Every(3), Record::Epoch, Record::Nothing] {
            let (mut one, mut many) = (History::new(record, 2), History::new(record, 2));
            let (mut update, mut epoch) = (0, 0);
            for &(steps, done, ends_epoch) in &runs {
                let (steps, mut kept) = many.path.reserve(update, steps).unwrap();
                prop_assert!(steps > 0);
                // Steps are taken to the end, and then it turns out that some don't count.
                for step in 1..=steps as u64 {
                    if let Some(point) = kept.after_step(2) {
                        point.copy_from_slice(&[(update + step) as f64, 0.5]);
                    }
                }
                let done = done.min(steps) as u64;
                let params = [(update + done) as f64, 0.5];
                many.path.take_in(update, done, &params).unwrap();
                let losses: Vec<f64> = (1..=done).map(|step| (update + step) as f64).collect();
                many.updates.extend(update + 1, &losses).unwrap();
                for step in update + 1..=update + done {
                    one.updates.push(step, step as f64).unwrap();
                    if one.path.wants(step) {
                        one.path.push(step, 0, &[step as f64, 0.5]).unwrap();
                    }
                }
                update += done;
                if ends_epoch && done > 0 {
                    epoch += 1;
                    one.path.push(update, epoch, &params).unwrap();
                    many.path.push(update, epoch, &params).unwrap();
                } else {
                    one.path.push_last(update, &params).unwrap();
                    many.path.push_last(update, &params).unwrap();
                }
                prop_assert_eq!(one.path.points(), many.path.points());
                prop_assert_eq!(&one.path.marks, &many.path.marks);
                prop_assert_eq!(&one.updates.losses, &many.updates.losses);
            }
        }
    }
}

#[test]
fn a_stride_that_was_doubled_as_often_as_it_can_be() {
    let mut history = History::new(Record::Auto { bytes: 1000 }, 1);
    history.path.push(0, 0, &[0.0]).unwrap();
    (history.path.stride, history.updates.stride) = (u64::MAX, 1 << 63);
    let (steps, mut kept) = history.path.reserve(7, 20).unwrap();
    assert_eq!(steps, 20);
    assert!((0..20).all(|_| kept.after_step(1).is_none()));
    history.path.take_in(7, 20, &[1.0]).unwrap();
    history.updates.extend(8, &[0.5; 20]).unwrap();
    assert_eq!((history.path.len(), history.updates.losses().len()), (1, 0));
}

#[test]
fn everything_is_kept_below_the_cap() {
    let history = walk(Record::Auto { bytes: 1 << 20 }, 3, 5);
    assert_eq!(history.path.updates().collect::<Vec<_>>(), (0..=15).collect::<Vec<_>>());
    assert_eq!(history.updates.numbers().collect::<Vec<_>>(), (1..=15).collect::<Vec<_>>());
}

#[test]
fn epochs_only_and_nothing() {
    let history = walk(Record::Epoch, 3, 5);
    assert_eq!(history.path.updates().collect::<Vec<_>>(), [0, 5, 10, 15]);
    assert_eq!(history.updates.losses().len(), 15);
    let history = walk(Record::Nothing, 3, 5);
    assert!(history.path.is_empty() && history.updates.losses().is_empty());
    assert_eq!(history.n_bytes(), 0);
}

#[test]
fn the_last_step_is_taken_back() {
    let mut history = walk(Record::Update, 2, 3);
    history.forget_after(4);
    assert_eq!(history.path.updates().last(), Some(4));
    assert_eq!(history.updates.losses(), [1.0, 2.0, 3.0, 4.0]);
}

proptest! {
    #[test]
    fn thinning_keeps_first_last_and_within_the_cap(
        epochs in 1..60u64, per_epoch in 1..60u64, bytes in 64..4096usize,
    ) {
        let history = walk(Record::Auto { bytes }, epochs, per_epoch);
        let updates: Vec<u64> = history.path.updates().collect();
        prop_assert_eq!(updates[0], 0);
        prop_assert_eq!(updates[updates.len() - 1], epochs * per_epoch);
        prop_assert!(updates.is_sorted_by(|a, b| a < b));
        prop_assert!(history.n_bytes() <= bytes.max(128));
        // A point is the θ that its mark says, a loss that of its number.
        prop_assert!(updates.iter().zip(history.path.points().unwrap()).all(|(&u, p)| u as f64 == p));
        prop_assert!(history.updates.numbers().zip(history.updates.losses())
            .all(|(number, &loss)| number as f64 == loss));
        // At least a quarter of the places is used once the cap has been met.
        let total = (epochs * per_epoch) as usize;
        let cap = (bytes - bytes / 8) / 24;
        prop_assert!(updates.len() >= total.min(cap / 5).max(2));
    }

    #[test]
    fn a_walk_in_two_parts_records_as_one(
        first in 1..20u64, second in 1..20u64, per_epoch in 1..10u64,
    ) {
        let record = Record::Auto { bytes: 600 };
        let whole = walk(record, first + second, per_epoch);
        let mut parts = walk(record, first, per_epoch);
        let mut update = first * per_epoch;
        for epoch in first + 1..=first + second {
            for _ in 0..per_epoch {
                update += 1;
                if parts.path.wants(update) {
                    parts.path.push(update, 0, &[update as f64]).unwrap();
                }
            }
            parts.path.push(update, epoch, &[update as f64]).unwrap();
        }
        parts.path.push_last(update, &[update as f64]).unwrap();
        prop_assert_eq!(parts.path.points(), whole.path.points());
    }
}
