//! Where a walk stands.

use std::sync::Arc;

use crate::batches::EpochOrder;
use crate::error::{OutOfMemory, try_filled};
use crate::history::{History, Record};
use crate::kernel::vector::all_finite;
use crate::real::Real;
use crate::rows::RowSet;
use crate::rule::{Memory, Rule};
use crate::stop::{Patience, StopReason};
use crate::stopwatch::Stopwatch;

/// Where a walk stands: all that survives between two slices.
#[derive(Clone, Debug)]
pub struct State<T> {
    pub(super) params: Vec<T>,
    /// θ before the last update; the next step is written here, then the two change places.
    pub(super) previous: Vec<T>,
    pub(super) grad: Vec<T>,
    /// The last batch's gradient, once an evaluation needs the buffer `grad`.
    pub(super) kept_grad: Vec<T>,
    pub(super) memory: Memory<T>,
    /// θ at the start of the epoch, if the plan compares θ at its end with it.
    pub(super) epoch_start: Vec<T>,
    /// The best θ at an end of an epoch, if the plan asks for it.
    pub(super) best: Option<Best<T>>,
    pub(super) epochs: u64,
    pub(super) updates: u64,
    pub(super) history: Arc<History<T>>,
    pub(super) patience: Patience,
    pub(super) last_finite_loss: f64,
    pub(super) clock: Stopwatch,
    pub(super) stopped: Option<StopReason>,
    pub(super) peak_bytes: usize,
    pub(super) cursor: Cursor,
}

/// θ where the evaluated loss was the lowest.
#[derive(Clone, Debug)]
pub(super) struct Best<T> {
    pub(super) params: Vec<T>,
    pub(super) loss: f64,
    /// Epochs done by then.
    pub(super) epoch: u64,
}

/// What an unfinished epoch needs.
#[derive(Clone, Debug, Default)]
pub(super) struct Cursor {
    pub(super) phase: Phase,
    pub(super) order: EpochOrder,
    /// Place in the epoch at which the current batch begins.
    pub(super) batch_start: usize,
    /// Places of the last batch that led to an update, from … to.
    pub(super) last_batch: (usize, usize),
    /// Rows of the current batch, or of the evaluation, that are summed already.
    pub(super) summed: usize,
    /// Σ over those rows.
    pub(super) sum: f64,
    /// Sum of the objectives of the epoch's batches so far, each by its rows: a whole batch counts
    /// once, a shorter one for its share.
    pub(super) epoch_loss: f64,
    /// Rows of a whole batch of this epoch.
    pub(super) batch_rows: usize,
    pub(super) epoch_updates: u64,
    pub(super) learning_rate: f64,
    pub(super) grad_norm: f64,
}

#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) enum Phase {
    #[default]
    Between,
    /// Drawing the order of the epoch.
    Drawing,
    Batches,
    /// Evaluating the objective on all rows, at the end of an epoch or before the first.
    Evaluating,
    /// Evaluating the loss on the validation data, at the end of an epoch.
    Validating,
    /// Looking for a NaN or an infinity in the data, since the objective is not finite.
    Searching(Search),
}

/// Rows that are still to be looked through.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Search {
    /// From … to: places of the epoch, or rows of the data.
    pub(super) from: usize,
    pub(super) end: usize,
    pub(super) of_batch: bool,
    /// η of the update that could not be made.
    pub(super) learning_rate: f64,
}

impl Cursor {
    /// Mean of the objectives of the epoch's batches so far, weighted by their rows; NaN before the
    /// first. Where all batches are whole, it is the plain mean, to the bit.
    pub(super) fn mean_loss(&self) -> f64 {
        self.epoch_loss / (self.batch_start as f64 / self.batch_rows as f64)
    }
}

impl Search {
    pub(super) fn batch(start: usize, end: usize, learning_rate: f64) -> Self {
        Search { from: start, end, of_batch: true, learning_rate }
    }
}

impl<T: Real> State<T> {
    /// A walk that stands at `params` and has not begun.
    pub fn new(params: Vec<T>, record: Record, rule: &Rule) -> Result<Self, OutOfMemory> {
        let mut history = History::new(record, params.len());
        history.path.push(0, 0, &params)?;
        Ok(State {
            previous: try_filled(params.len(), T::zero())?,
            grad: try_filled(params.len(), T::zero())?,
            kept_grad: Vec::new(),
            memory: rule.memory(&params)?,
            epoch_start: Vec::new(),
            best: None,
            params,
            epochs: 0,
            updates: 0,
            history: Arc::new(history),
            patience: Patience::default(),
            last_finite_loss: f64::NAN,
            clock: Stopwatch::default(),
            stopped: None,
            peak_bytes: 0,
            cursor: Cursor::default(),
        })
    }

    /// θ.
    pub fn params(&self) -> &[T] {
        &self.params
    }

    pub fn epochs(&self) -> u64 {
        self.epochs
    }

    pub fn updates(&self) -> u64 {
        self.updates
    }

    /// ‖θ − θ at the start of the epoch‖₂, where that was kept.
    pub(super) fn moved_in_epoch(&self) -> f64 {
        let pairs = self.params.iter().zip(&self.epoch_start);
        pairs.map(|(after, before)| (after.as_f64() - before.as_f64()).powi(2)).sum::<f64>().sqrt()
    }

    /// θ before the last update.
    pub fn params_before(&self) -> &[T] {
        &self.previous
    }

    /// The rows of the last batch that led to an update, until the next epoch begins.
    pub fn last_batch(&self) -> RowSet<'_> {
        let (start, end) = self.cursor.last_batch;
        self.cursor.order.rows(start, end)
    }

    /// Gradient of the last batch's objective, before its update, if the plan keeps it.
    pub fn last_grad(&self) -> &[T] {
        if self.kept_grad.is_empty() { &self.grad } else { &self.kept_grad }
    }

    /// Objective of the last batch, before its update.
    pub fn last_loss(&self) -> f64 {
        self.last_finite_loss
    }

    /// η of the last update.
    pub fn last_learning_rate(&self) -> f64 {
        self.cursor.learning_rate
    }

    /// Of the epoch under way: rows visited so far, and the mean loss of its batches up to now
    /// (NaN before the first); `None` between two epochs.
    pub fn under_way(&self) -> Option<(usize, f64)> {
        let Cursor { phase, batch_start, summed, .. } = self.cursor;
        // At the end of an epoch it is rows of the evaluation that are summed.
        let of_batch = if phase == Phase::Batches { summed } else { 0 };
        (phase != Phase::Between).then_some((batch_start + of_batch, self.cursor.mean_loss()))
    }

    /// The epoch, from 1, whose θ was gone back to at the end.
    pub fn best_epoch(&self) -> Option<u64> {
        self.best.as_ref().map(|best| best.epoch)
    }

    pub fn history(&self) -> &Arc<History<T>> {
        &self.history
    }

    /// Why the walk stopped, once it has.
    pub fn stopped(&self) -> Option<StopReason> {
        self.stopped
    }

    /// The most bytes that the walk held, its record included.
    pub fn peak_bytes(&self) -> usize {
        let best = self.best.as_ref().map_or(0, |best| best.params.capacity());
        let grads = self.grad.capacity() + self.kept_grad.capacity();
        let others = self.previous.capacity() + self.epoch_start.capacity() + grads + best;
        let reals = self.params.capacity() + others;
        let now = reals * size_of::<T>()
            + self.memory.n_bytes()
            + self.cursor.order.n_bytes()
            + self.history.n_bytes();
        self.peak_bytes.max(now)
    }

    /// Makes a stopped walk ready to go on: an unfinished epoch is given up (its updates stay).
    pub fn resume(&mut self) {
        self.stopped = None;
        self.best = None;
        // What was watched was the loss on validation data, which there are none of any more.
        let History { loss, validation_loss, .. } = &*self.history;
        if !loss.is_empty() && validation_loss.len() == loss.len() {
            self.patience = Patience::default();
        }
        self.cursor = Cursor::default();
    }

    /// A copy to read from while the walk goes on: without the record, unless it is short or wanted (a
    /// walk whose record is shared has to copy it).
    pub fn outline(&self, is_wanted: bool) -> Self {
        const SHORT: usize = 1 << 15;
        let with_record = is_wanted || self.history.n_bytes() <= SHORT;
        State {
            params: self.params.clone(),
            previous: self.previous.clone(),
            grad: self.grad.clone(),
            kept_grad: self.kept_grad.clone(),
            memory: self.memory.clone(),
            epoch_start: Vec::new(),
            best: self.best.clone(),
            history: if with_record { Arc::clone(&self.history) } else { Arc::default() },
            cursor: Cursor::default(),
            ..*self
        }
    }

    /// Whether the record is here; an [`outline`](Self::outline) may be without.
    pub fn has_record(&self) -> bool {
        self.history.path.n_params() == self.params.len()
    }

    /// Ends the walk where it stands, for a reason that it does not know of itself.
    pub fn stop(&mut self, reason: StopReason) -> Result<(), OutOfMemory> {
        if self.stopped.is_none() {
            let mut history = std::mem::take(Arc::make_mut(&mut self.history));
            // An evaluation after an epoch that was not written down.
            history.full_loss.truncate(usize::try_from(self.epochs + 1).unwrap_or(usize::MAX));
            // The last update may have left numbers that are not finite, and no check came after it.
            self.step_back_if_not_finite(&mut history);
            let kept = history.path.push_last(self.updates, &self.params);
            *Arc::make_mut(&mut self.history) = history;
            if let Some(best) = &self.best {
                self.params.copy_from_slice(&best.params);
                self.memory.forget(&best.params);
            }
            kept?;
            self.stopped = Some(reason);
        }
        Ok(())
    }

    /// Gives back what only a walk under way needs, the order of the epoch, and with it
    /// [`last_batch`](Self::last_batch).
    pub fn release(&mut self) {
        self.peak_bytes = self.peak_bytes();
        self.cursor.order.release();
    }

    /// Keeps θ if no end of an epoch had a lower loss.
    pub(super) fn remember_if_best(&mut self, loss: f64) -> Result<(), OutOfMemory> {
        if self.best.as_ref().is_some_and(|best| best.loss <= loss || loss.is_nan()) {
            return Ok(());
        }
        let mut params = match self.best.take() {
            Some(best) => best.params,
            None => try_filled(self.params.len(), T::zero())?,
        };
        params.copy_from_slice(&self.params);
        self.best = Some(Best { params, loss, epoch: self.epochs });
        Ok(())
    }

    /// Takes the last update back if θ is not finite; whether it did.
    pub(super) fn step_back_if_not_finite(&mut self, history: &mut History<T>) -> bool {
        let is_beyond = !all_finite(&self.params) && self.updates > 0;
        if is_beyond {
            std::mem::swap(&mut self.params, &mut self.previous);
            self.updates -= 1;
            history.forget_after(self.updates);
            if !self.memory.is_finite() {
                self.memory.forget(&self.params);
            }
        }
        is_beyond
    }
}
