//! What a walk leaves on record.
//!
//! Per epoch: a few numbers. Per update: the loss and θ itself, kept within a cap of bytes by
//! keeping every update at first, then every 2nd, every 4th, … as the walk grows longer.

mod saved;

pub use self::saved::{HistoryParts, MOST, Owner};
use crate::error::OutOfMemory;
use crate::objective::Kept;
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

    /// Takes in the losses of updates `number`, `number` + 1, …
    pub fn extend(&mut self, number: u64, losses: &[f64]) -> Result<(), OutOfMemory> {
        if self.cap == 0 {
            return Ok(());
        }
        // Updates up to the next one that is on record.
        let stride = self.stride.max(1);
        let skipped = (stride - (number - 1) % stride) % stride;
        let mut place = usize::try_from(skipped).unwrap_or(usize::MAX);
        while let Some(&loss) = losses.get(place) {
            if self.losses.len() >= self.cap {
                // It changes the stride.
                self.push(number + place as u64, loss)?;
                return self.extend(number + place as u64 + 1, &losses[place + 1..]);
            }
            push_within(&mut self.losses, loss, self.cap)?;
            place = place.saturating_add(usize::try_from(stride).unwrap_or(usize::MAX));
        }
        Ok(())
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

    /// Updates from `update` up to the next one that is a multiple of the stride.
    fn up_to_next(&self, update: u64) -> u64 {
        let stride = self.stride.max(1);
        stride - update % stride
    }

    /// Makes room for the θ that are kept of `steps` updates after update `update`, inside an epoch,
    /// or of as many of these as can be kept without thinning and without a move of the record. Says
    /// how many updates it is for. [`take_in`](Self::take_in) has to follow.
    pub fn make_room(
        &mut self,
        update: u64,
        steps: usize,
    ) -> Result<(usize, Kept<'_, T>), OutOfMemory> {
        let first = usize::try_from(self.up_to_next(update)).unwrap_or(usize::MAX);
        if !self.every_update || self.cap == 0 || first > steps {
            return Ok((steps, Kept::none()));
        }
        if std::mem::take(&mut self.last_is_a_guest) {
            self.pop();
        }
        let every = usize::try_from(self.stride).unwrap_or(usize::MAX);
        let wanted = 1 + (steps - first) / every;
        let points = wanted.min(self.cap.saturating_sub(1 + self.marks.len()));
        if points == 0 {
            return Ok((first, Kept::none()));
        }
        self.reserve_point()?;
        let free = (self.points.capacity() - self.points.len()) / self.n_params.max(1);
        let points = points.min(free);
        let start = self.points.len();
        self.points.resize(start + points * self.n_params, T::zero());
        let steps = if points < wanted { first + (points - 1) * every } else { steps };
        Ok((steps, Kept::new(&mut self.points[start..], first, every)))
    }

    /// Takes in the θ that were written to the room made for them, up to that after update
    /// `update` + `done`, which is `params`.
    pub fn take_in(&mut self, update: u64, done: u64, params: &[T]) -> Result<(), OutOfMemory> {
        let last = update + done;
        let room = self.points.len() / self.n_params.max(1);
        // A stride that was doubled often reaches beyond all numbers.
        let mut next = update.saturating_add(self.up_to_next(update));
        while self.marks.len() < room && next <= last {
            push_within(&mut self.marks, Mark { update: next, epoch: 0 }, self.cap)?;
            next = next.saturating_add(self.stride);
        }
        self.points.truncate(self.marks.len() * self.n_params);
        if done > 0 && self.wants(last) { self.push(last, 0, params) } else { Ok(()) }
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
        self.reserve_point()?;
        push_within(&mut self.marks, mark, self.cap)?;
        self.points.extend_from_slice(params);
        Ok(())
    }

    /// Sees to it that there is room for one more θ at least.
    fn reserve_point(&mut self) -> Result<(), OutOfMemory> {
        if self.points.capacity() - self.points.len() < self.n_params {
            let points = growth(self.marks.len(), self.cap);
            let wanted = points.checked_mul(self.n_params).ok_or(OutOfMemory)?;
            self.points.try_reserve_exact(wanted).map_err(|_| OutOfMemory)?;
        }
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
mod tests;
