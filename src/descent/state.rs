//! Where a walk stands.

use std::sync::Arc;

use crate::batches::EpochOrder;
use crate::error::{OutOfMemory, try_filled};
use crate::history::{History, Record};
use crate::kernel::vector::all_finite;
use crate::real::Real;
use crate::stop::{Patience, StopReason};
use crate::stopwatch::Stopwatch;

/// Where a walk stands: all that survives between two slices.
#[derive(Clone, Debug)]
pub struct State<T> {
    pub(super) params: Vec<T>,
    /// θ before the last update; the next step is written here, then the two change places.
    pub(super) previous: Vec<T>,
    pub(super) grad: Vec<T>,
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

/// What an unfinished epoch needs.
#[derive(Clone, Debug, Default)]
pub(super) struct Cursor {
    pub(super) phase: Phase,
    pub(super) order: EpochOrder,
    /// Place in the epoch at which the current batch begins.
    pub(super) batch_start: usize,
    /// Rows of the current batch, or of the evaluation, that are summed already.
    pub(super) summed: usize,
    /// Σ over those rows.
    pub(super) sum: f64,
    /// Sum of the objectives of the epoch's batches so far.
    pub(super) epoch_loss: f64,
    pub(super) epoch_updates: u64,
    pub(super) learning_rate: f64,
    pub(super) grad_norm: f64,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Phase {
    #[default]
    Between,
    Batches,
    /// Evaluating the objective on all rows, at the end of an epoch or before the first.
    Evaluating,
}

impl<T: Real> State<T> {
    /// A walk that stands at `params` and has not begun.
    pub fn new(params: Vec<T>, record: Record) -> Result<Self, OutOfMemory> {
        let mut history = History::new(record, params.len());
        history.path.push(0, 0, &params)?;
        Ok(State {
            previous: try_filled(params.len(), T::zero())?,
            grad: try_filled(params.len(), T::zero())?,
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

    /// Epochs completed.
    pub fn epochs(&self) -> u64 {
        self.epochs
    }

    /// Updates made.
    pub fn updates(&self) -> u64 {
        self.updates
    }

    /// The record so far.
    pub fn history(&self) -> &Arc<History<T>> {
        &self.history
    }

    /// Why the walk stopped, once it has.
    pub fn stopped(&self) -> Option<StopReason> {
        self.stopped
    }

    /// The most bytes that the walk held, its record included.
    pub fn peak_bytes(&self) -> usize {
        let reals = self.params.capacity() + self.previous.capacity() + self.grad.capacity();
        let now = reals * size_of::<T>() + self.cursor.order.n_bytes() + self.history.n_bytes();
        self.peak_bytes.max(now)
    }

    /// Makes a stopped walk ready to go on: an unfinished epoch is given up (its updates stay).
    pub fn resume(&mut self) {
        self.stopped = None;
        self.cursor = Cursor::default();
    }

    /// Ends the walk where it stands, for a reason that it does not know of itself.
    pub fn stop(&mut self, reason: StopReason) -> Result<(), OutOfMemory> {
        if self.stopped.is_none() {
            let mut history = std::mem::take(Arc::make_mut(&mut self.history));
            // The last update may have left the finite numbers with nobody looking since.
            self.step_back_if_not_finite(&mut history);
            let kept = history.path.push_last(self.updates, &self.params);
            *Arc::make_mut(&mut self.history) = history;
            kept?;
            self.stopped = Some(reason);
        }
        self.peak_bytes = self.peak_bytes();
        self.cursor.order.release();
        Ok(())
    }

    /// Takes the last update back if θ is not finite.
    pub(super) fn step_back_if_not_finite(&mut self, history: &mut History<T>) {
        if !all_finite(&self.params) && self.updates > 0 {
            std::mem::swap(&mut self.params, &mut self.previous);
            self.updates -= 1;
            history.forget_after(self.updates);
        }
    }
}
