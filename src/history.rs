//! What a walk leaves on record.
//!
//! Per epoch: a few numbers. Per update: the loss and θ itself, kept within a cap of bytes by
//! keeping every update at first, then every 2nd, every 4th, … as the walk grows longer.

mod saved;

pub use self::saved::{HistoryParts, MOST, Owner};
use crate::error::OutOfMemory;
use crate::real::Real;

/// How much of the walk is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Record {
    /// Every update until the path fills so many bytes, then every 2nd, 4th, …
    Auto {
        /// The cap on θ's path and the losses of the updates together.
        bytes: usize,
    },
    /// Every update, without a cap.
    Update,
    /// The start and the end of each epoch; the losses of all updates.
    Epoch,
    /// Neither path nor the losses of updates.
    Nothing,
}

/// The record of a walk.
#[derive(Clone, Debug, Default)]
pub struct History<T> {
    /// Mean over each epoch's batches of their objective, each taken before its update.
    pub loss: Vec<f64>,
    /// The objective on all rows: at the start, then after each epoch. Empty unless asked for.
    pub full_loss: Vec<f64>,
    /// Norm of the full gradient, one an epoch; NaN where nobody asked for it.
    pub grad_norm: Vec<f64>,
    /// η of each epoch's last update.
    pub learning_rate: Vec<f64>,
    /// Seconds of walking at the end of each epoch, counted from the first start.
    pub seconds: Vec<f64>,
    /// Updates of each epoch.
    pub epoch_updates: Vec<u64>,
    /// The loss on the validation data after each epoch. Empty without such data.
    pub validation_loss: Vec<f64>,
    /// The objective of single updates.
    pub updates: UpdateLosses,
    /// θ after some of the updates.
    pub path: Path<T>,
}

impl<T: Real> History<T> {
    /// An empty record for a walk over `n_params` parameters.
    pub fn new(record: Record, n_params: usize) -> Self {
        // An eighth of the cap is for the losses: 8 bytes each, where a θ takes 8 bytes a parameter.
        let point_bytes = n_params * size_of::<T>() + size_of::<Mark>();
        let (path_points, losses) = match record {
            Record::Auto { bytes } => {
                ((bytes - bytes / 8) / point_bytes, bytes / 8 / size_of::<f64>())
            }
            Record::Update | Record::Epoch => (usize::MAX, usize::MAX),
            Record::Nothing => (0, 0),
        };
        History {
            loss: Vec::new(),
            full_loss: Vec::new(),
            grad_norm: Vec::new(),
            learning_rate: Vec::new(),
            seconds: Vec::new(),
            epoch_updates: Vec::new(),
            validation_loss: Vec::new(),
            updates: UpdateLosses::new(losses),
            path: Path::new(n_params, path_points, record),
        }
    }

    /// Bytes held.
    pub fn n_bytes(&self) -> usize {
        let per_epoch = [
            &self.loss,
            &self.full_loss,
            &self.grad_norm,
            &self.learning_rate,
            &self.seconds,
            &self.validation_loss,
            &self.updates.losses,
        ];
        per_epoch.iter().map(|column| column.capacity() * size_of::<f64>()).sum::<usize>()
            + self.epoch_updates.capacity() * size_of::<u64>()
            + self.path.points.capacity() * size_of::<T>()
            + self.path.marks.capacity() * size_of::<Mark>()
    }
}

/// The losses of updates 1, 1 + stride, 1 + 2·stride, …
#[derive(Clone, Debug, Default)]
pub struct UpdateLosses {
    losses: Vec<f64>,
    stride: u64,
    cap: usize,
}

impl UpdateLosses {
    fn new(cap: usize) -> Self {
        UpdateLosses { losses: Vec::new(), stride: 1, cap }
    }

    /// Takes in the loss of update `number`, counted from 1.
    #[inline]
    pub fn push(&mut self, number: u64, loss: f64) -> Result<(), OutOfMemory> {
        if self.cap == 0 || !(number - 1).is_multiple_of(self.stride) {
            return Ok(());
        }
        if self.losses.len() >= self.cap {
            self.thin();
            if !(number - 1).is_multiple_of(self.stride) {
                return Ok(());
            }
        }
        push_within(&mut self.losses, loss, self.cap)
    }

    /// Keeps every second loss.
    fn thin(&mut self) {
        let mut place = 0;
        self.losses.retain(|_| {
            place += 1;
            place % 2 == 1
        });
        self.stride *= 2;
    }

    /// Forgets updates later than `number`.
    fn forget_after(&mut self, number: u64) {
        let kept = number.div_ceil(self.stride.max(1));
        self.losses.truncate(usize::try_from(kept).unwrap_or(usize::MAX));
    }

    /// The losses on record.
    pub fn losses(&self) -> &[f64] {
        &self.losses
    }

    /// The number (from 1) of the update that each loss belongs to.
    pub fn numbers(&self) -> impl Iterator<Item = u64> + '_ {
        (0..self.losses.len() as u64).map(|place| 1 + place * self.stride)
    }
}

/// When a point of the path was reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Mark {
    /// Updates made by then; 0 is the start.
    update: u64,
    /// Epochs completed by this very update, or 0 inside an epoch.
    epoch: u64,
}

/// θ at the start, after updates that are multiples of `stride`, and at ends of epochs.
#[derive(Clone, Debug, Default)]
pub struct Path<T> {
    /// All points in one run, `n_params` numbers each.
    points: Vec<T>,
    marks: Vec<Mark>,
    n_params: usize,
    /// Updates that are multiples of this are kept.
    stride: u64,
    /// Ends of epochs that are multiples of this are kept too.
    epoch_stride: u64,
    cap: usize,
    every_update: bool,
    /// The last point is there only because the walk stopped on it.
    last_is_a_guest: bool,
}

impl<T: Real> Path<T> {
    fn new(n_params: usize, cap: usize, record: Record) -> Self {
        Path {
            points: Vec::new(),
            marks: Vec::new(),
            n_params,
            stride: 1,
            epoch_stride: 1,
            // The first and the last point are kept whatever they cost.
            cap: if record == Record::Nothing { 0 } else { cap.max(2) },
            every_update: !matches!(record, Record::Epoch | Record::Nothing),
            last_is_a_guest: false,
        }
    }

    /// Whether θ after `update` updates inside an epoch would be kept.
    #[inline(always)]
    pub fn wants(&self, update: u64) -> bool {
        self.every_update && self.cap > 0 && update.is_multiple_of(self.stride)
    }

    /// Takes in θ after `update` updates, `epoch` being the epochs completed by that very update
    /// (0 inside an epoch).
    pub fn push(&mut self, update: u64, epoch: u64, params: &[T]) -> Result<(), OutOfMemory> {
        if self.cap == 0 {
            return Ok(());
        }
        let mark = Mark { update, epoch };
        if let Some(last) = self.marks.last_mut().filter(|last| last.update == update) {
            last.epoch = last.epoch.max(epoch);
            self.last_is_a_guest &= !self.keeps(mark);
            return Ok(());
        }
        if std::mem::take(&mut self.last_is_a_guest) {
            self.pop();
        }
        if !self.keeps(mark) {
            return Ok(());
        }
        // One place stays free for the guest, the point that the walk stops on.
        if self.marks.len() + 1 >= self.cap {
            self.thin();
            if !self.keeps(mark) || self.marks.len() + 1 >= self.cap {
                return Ok(());
            }
        }
        self.append(mark, params)
    }

    /// Makes sure that θ at the stop, after `update` updates, is the last point.
    pub fn push_last(&mut self, update: u64, params: &[T]) -> Result<(), OutOfMemory> {
        if self.cap == 0 || self.marks.last().is_some_and(|last| last.update == update) {
            return Ok(());
        }
        if std::mem::replace(&mut self.last_is_a_guest, true) {
            self.pop();
        }
        self.append(Mark { update, epoch: 0 }, params)
    }

    fn keeps(&self, mark: Mark) -> bool {
        mark.update == 0
            || (self.every_update && mark.update.is_multiple_of(self.stride))
            || (mark.epoch > 0 && mark.epoch.is_multiple_of(self.epoch_stride))
    }

    fn append(&mut self, mark: Mark, params: &[T]) -> Result<(), OutOfMemory> {
        push_within(&mut self.marks, mark, self.cap)?;
        if self.points.capacity() - self.points.len() < self.n_params {
            let points = growth(self.marks.len() - 1, self.cap);
            let wanted = points.checked_mul(self.n_params).ok_or(OutOfMemory)?;
            self.points.try_reserve_exact(wanted).map_err(|_| OutOfMemory)?;
        }
        self.points.extend_from_slice(params);
        Ok(())
    }

    fn pop(&mut self) {
        self.marks.pop();
        self.points.truncate(self.marks.len() * self.n_params);
    }

    /// Doubles the strides, at least once, until at most half of the cap is taken.
    fn thin(&mut self) {
        loop {
            self.stride = self.stride.saturating_mul(2);
            let ends = self.marks.iter().filter(|mark| mark.epoch > 0);
            if ends.filter(|mark| mark.epoch.is_multiple_of(self.epoch_stride)).count()
                > self.cap / 4
            {
                self.epoch_stride *= 2;
            }
            let mut kept = 0;
            for place in 0..self.marks.len() {
                if self.keeps(self.marks[place]) {
                    self.marks[kept] = self.marks[place];
                    let start = place * self.n_params;
                    self.points.copy_within(start..start + self.n_params, kept * self.n_params);
                    kept += 1;
                }
            }
            self.marks.truncate(kept);
            self.points.truncate(kept * self.n_params);
            if kept <= (self.cap / 2).max(1) {
                return;
            }
        }
    }

    /// Number of points.
    pub fn len(&self) -> usize {
        self.marks.len()
    }

    /// Whether there is no point.
    pub fn is_empty(&self) -> bool {
        self.marks.is_empty()
    }

    /// Length of θ.
    pub fn n_params(&self) -> usize {
        self.n_params
    }

    /// All points in one run, `n_params` numbers each.
    pub fn points(&self) -> &[T] {
        &self.points
    }

    /// How many updates had been made at each point.
    pub fn updates(&self) -> impl Iterator<Item = u64> + '_ {
        self.marks.iter().map(|mark| mark.update)
    }
}

impl<T: Real> History<T> {
    /// Forgets what updates later than `number` left: the walk takes its last step back.
    pub fn forget_after(&mut self, number: u64) {
        self.updates.forget_after(number);
        while self.path.marks.last().is_some_and(|last| last.update > number) {
            self.path.pop();
        }
    }
}

/// By how much a record of `length` places grows next: doubling at first, then to its cap in one
/// step, for while a block moves, old and new count together.
fn growth(length: usize, cap: usize) -> usize {
    if length >= cap / 64 { (cap - length).max(1) } else { length.max(16) }
}

fn push_within<V>(vector: &mut Vec<V>, value: V, cap: usize) -> Result<(), OutOfMemory> {
    if vector.len() == vector.capacity() {
        vector.try_reserve_exact(growth(vector.len(), cap)).map_err(|_| OutOfMemory)?;
    }
    vector.push(value);
    Ok(())
}

#[cfg(test)]
mod tests {
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
            prop_assert!(updates.iter().zip(history.path.points()).all(|(&u, &p)| u as f64 == p));
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
}
