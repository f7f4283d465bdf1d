//! A walk taken apart to be written down, and put together again.
//!
//! Saved is what [`State::resume`] leaves: an unfinished epoch is given up by whoever goes on, so
//! neither its order nor its sums are kept. A walk that is put together goes on with the bits of
//! the one that was taken apart.

use std::sync::Arc;

use super::state::{Best, Cursor, State};
use crate::error::{SavedError, try_copied, try_filled};
use crate::history::{History, HistoryParts, MOST, Owner, Record};
use crate::kernel::vector::all_finite;
use crate::real::Real;
use crate::rule::{MemoryParts, Rule};
use crate::stop::{Patience, StopReason};
use crate::stopwatch::Stopwatch;

/// What a [`State`] holds between two epochs.
#[derive(Clone, Debug, PartialEq)]
pub struct StateParts<T> {
    /// θ.
    pub params: Vec<T>,
    pub memory: MemoryParts<T>,
    /// The best θ at an end of an epoch, if the walk looked for it.
    pub best: Option<BestParts<T>>,
    pub epochs: u64,
    pub updates: u64,
    /// How the losses stand with the tolerance.
    pub patience: Patience,
    /// The last batch objective that was finite; NaN if none was.
    pub last_finite_loss: f64,
    pub nanoseconds: u64,
    /// Why the walk stopped, once it has.
    pub stopped: Option<StopReason>,
    /// The most bytes that the walk held.
    pub peak_bytes: usize,
    pub history: HistoryParts<T>,
}

/// θ where the evaluated loss was the lowest.
#[derive(Clone, Debug, PartialEq)]
pub struct BestParts<T> {
    pub params: Vec<T>,
    pub loss: f64,
    /// Epochs done by then.
    pub epoch: u64,
}

impl<T: Real> State<T> {
    /// A copy of all that outlives an unfinished epoch.
    ///
    /// A walk under way whose last update left the finite numbers, with nobody looking since, is
    /// taken one update back, as a stop would do.
    pub fn to_parts(&self) -> Result<StateParts<T>, SavedError> {
        if !self.has_record() {
            return Err(SavedError::misfit("history", "that of the walk", "none"));
        }
        if !all_finite(&self.params) {
            let mut before = State { cursor: Cursor::default(), ..self.clone() };
            let mut history = std::mem::take(Arc::make_mut(&mut before.history));
            before.step_back_if_not_finite(&mut history);
            *Arc::make_mut(&mut before.history) = history;
            check_finite("params", &before.params)?;
            return before.to_parts();
        }
        let best = match &self.best {
            None => None,
            Some(Best { params, loss, epoch }) => {
                Some(BestParts { params: try_copied(params)?, loss: *loss, epoch: *epoch })
            }
        };
        Ok(StateParts {
            params: try_copied(&self.params)?,
            memory: self.memory.to_parts()?,
            best,
            epochs: self.epochs,
            updates: self.updates,
            patience: self.patience,
            last_finite_loss: self.last_finite_loss,
            nanoseconds: self.clock.nanoseconds(),
            stopped: self.stopped,
            peak_bytes: self.peak_bytes(),
            history: self.history.to_parts()?,
        })
    }

    /// The walk that `parts` come from, which kept a `record` and moved by `rule`.
    pub fn from_parts(
        parts: StateParts<T>,
        record: Record,
        rule: &Rule,
    ) -> Result<Self, SavedError> {
        let StateParts { params, epochs, updates, patience, stopped, .. } = parts;
        if params.is_empty() {
            return Err(SavedError::misfit("params", "of at least one number", "none"));
        }
        check_finite("params", &params)?;
        for (part, count, most) in [
            ("n_epochs", epochs, MOST),
            ("n_updates", updates, MOST),
            ("patience_stale", patience.stale, epochs),
            ("peak_bytes", parts.peak_bytes as u64, MOST),
        ] {
            check_count(part, count, 0, most)?;
        }
        if epochs != parts.history.loss.len() as u64 {
            let expected = format!("of one number for each of the {epochs} epochs");
            return Err(SavedError::misfit("history_loss", expected, parts.history.loss.len()));
        }
        if patience.best.is_nan() {
            return Err(SavedError::misfit("patience_best", "a number", "NaN"));
        }
        if let Some(StopReason::Diverged(divergence)) = stopped {
            check_count("diverged_epoch", divergence.epoch, 1, MOST)?;
            check_count("diverged_update", divergence.update, 1, MOST)?;
        }
        let best = match parts.best {
            None => None,
            Some(BestParts { params: best, loss, epoch }) => {
                check_finite("best_params", &best)?;
                check_count("best_epoch", epoch, 1, epochs)?;
                if best.len() != params.len() {
                    let expected = format!("of {} numbers like params", params.len());
                    return Err(SavedError::misfit("best_params", expected, best.len()));
                }
                Some(Best { params: best, loss, epoch })
            }
        };
        let owner = Owner { record, updates, has_stopped: stopped.is_some() };
        let history = History::from_parts(parts.history, params.len(), Some(owner))?;
        Ok(State {
            previous: try_filled(params.len(), T::zero())?,
            grad: try_filled(params.len(), T::zero())?,
            kept_grad: Vec::new(),
            // A walk that was taken back by an update has made a step more than it counts.
            memory: rule.memory_of_parts(parts.memory, &params, MOST)?,
            best,
            params,
            epochs,
            updates,
            history: Arc::new(history),
            patience,
            last_finite_loss: parts.last_finite_loss,
            clock: Stopwatch::showing(parts.nanoseconds),
            stopped,
            peak_bytes: parts.peak_bytes,
            cursor: Cursor::default(),
        })
    }
}

fn check_finite<T: Real>(part: &'static str, values: &[T]) -> Result<(), SavedError> {
    match values.iter().position(|value| !value.is_finite()) {
        None => Ok(()),
        Some(place) => {
            let came = format!("{} at place {place}", values[place]);
            Err(SavedError::misfit(part, "of finite numbers", came))
        }
    }
}

fn check_count(part: &'static str, count: u64, least: u64, most: u64) -> Result<(), SavedError> {
    if (least..=most).contains(&count) {
        return Ok(());
    }
    Err(SavedError::misfit(part, format!("a whole number from {least} to {most}"), count))
}

#[cfg(test)]
mod tests;
