//! A walk taken apart to be saved, and put together again.
//!
//! Saved is what [`State::resume`] leaves: an unfinished epoch is given up by whoever goes on, so
//! neither its order nor its sums are kept. A walk that is put together goes on with the bits of
//! the one that was taken apart.

use std::sync::Arc;

use super::state::{Best, Cursor, State};
use crate::error::{SavedError, try_copied, try_filled};
use crate::history::{History, Record};
use crate::kernel::vector::all_finite;
use crate::real::Real;
use crate::rule::{Memory, Rule};
use crate::saved::{MOST, Parts, Value};
use crate::stop::{Divergence, Patience, StopReason};
use crate::stopwatch::Stopwatch;

/// What `stop_reason_` says of a walk that has not stopped.
const WALKING: &str = "walking";

/// Adds why a walk stopped.
pub fn put_stop(parts: &mut Parts, stopped: Option<StopReason>) {
    parts.put("stop_reason", stopped.map_or(WALKING, |reason| reason.words()).to_owned());
    if let Some(StopReason::Diverged(divergence)) = stopped {
        parts.put("diverged_epoch", divergence.epoch);
        parts.put("diverged_update", divergence.update);
        parts.put("diverged_last_finite_loss", divergence.last_finite_loss);
        parts.put("diverged_learning_rate", divergence.learning_rate);
    }
}

/// Why a walk stopped, once it has.
pub fn take_stop(parts: &mut Parts) -> Result<Option<StopReason>, SavedError> {
    let words: String = parts.take("stop_reason")?;
    let divergence = match parts.has("diverged_epoch") {
        true => Some(Divergence {
            epoch: parts.whole("diverged_epoch", 1..=MOST)?,
            update: parts.whole("diverged_update", 1..=MOST)?,
            last_finite_loss: parts.take("diverged_last_finite_loss")?,
            learning_rate: parts.take("diverged_learning_rate")?,
        }),
        false => None,
    };
    let reason = StopReason::by_words(&words, divergence);
    if reason.is_none() && words != WALKING {
        let expected = "one of the words of stop_reason_, with diverged_… for \"diverged\" alone";
        return Err(SavedError::misfit("stop_reason", expected, format!("{words:.60?}")));
    }
    Ok(reason)
}

impl<T: Real> State<T>
where
    Vec<T>: Value,
{
    /// Adds a copy of all that outlives an unfinished epoch.
    ///
    /// A walk under way whose last update left the finite numbers, with nobody looking since, is
    /// taken one update back, as a stop would do.
    pub fn to_parts(&self, parts: &mut Parts) -> Result<(), SavedError> {
        if !self.has_record() {
            return Err(SavedError::misfit("history", "that of the walk", "none"));
        }
        if !all_finite(&self.params) {
            let mut before = State { cursor: Cursor::default(), ..self.clone() };
            let mut history = std::mem::take(Arc::make_mut(&mut before.history));
            before.step_back_if_not_finite(&mut history);
            *Arc::make_mut(&mut before.history) = history;
            check_finite("params", &before.params)?;
            return before.to_parts(parts);
        }
        parts.put("params", try_copied(&self.params)?);
        self.memory.to_parts(parts)?;
        if let Some(best) = &self.best {
            parts.put("best_params", try_copied(&best.params)?);
            parts.put("best_loss", best.loss);
            parts.put("best_epoch", best.epoch);
        }
        parts.put("n_epochs", self.epochs);
        parts.put("n_updates", self.updates);
        parts.put("patience_best", self.patience.best);
        parts.put("patience_stale", self.patience.stale);
        parts.put("last_finite_loss", self.last_finite_loss);
        parts.put("nanoseconds", self.clock.nanoseconds());
        put_stop(parts, self.stopped);
        parts.put("peak_bytes", self.peak_bytes() as u64);
        self.history.to_parts(parts)?;
        Ok(())
    }

    /// The walk that `parts` come from, which kept a `record` and moved by `rule`.
    pub fn from_parts(parts: &mut Parts, record: Record, rule: &Rule) -> Result<Self, SavedError> {
        let params: Vec<T> = parts.take("params")?;
        if params.is_empty() {
            return Err(SavedError::misfit("params", "of at least one number", "none"));
        }
        check_finite("params", &params)?;
        let epochs = parts.whole("n_epochs", 0..=MOST)?;
        let updates = parts.whole("n_updates", 0..=MOST)?;
        let history = History::from_parts(parts, record, params.len(), updates)?;
        if epochs != history.loss.len() as u64 {
            let expected = format!("of one number for each of the {epochs} epochs");
            return Err(SavedError::misfit("history_loss", expected, history.loss.len()));
        }
        let best = match parts.has("best_epoch") {
            true => Some(Best {
                params: parts.take("best_params")?,
                loss: parts.take("best_loss")?,
                epoch: parts.whole("best_epoch", 1..=epochs)?,
            }),
            false => None,
        };
        if let Some(Best { params: best, .. }) = &best {
            check_finite("best_params", best)?;
            if best.len() != params.len() {
                let expected = format!("of {} numbers like params", params.len());
                return Err(SavedError::misfit("best_params", expected, best.len()));
            }
        }
        Ok(State {
            previous: try_filled(params.len(), T::zero())?,
            grad: try_filled(params.len(), T::zero())?,
            kept_grad: Vec::new(),
            memory: Memory::from_parts(parts, rule, &params)?,
            epoch_start: Vec::new(),
            best,
            params,
            epochs,
            updates,
            history: Arc::new(history),
            patience: Patience {
                best: parts.take("patience_best")?,
                stale: parts.whole("patience_stale", 0..=MOST)?,
            },
            last_finite_loss: parts.take("last_finite_loss")?,
            clock: Stopwatch::showing(parts.take("nanoseconds")?),
            stopped: take_stop(parts)?,
            peak_bytes: parts.whole("peak_bytes", 0..=MOST)? as usize,
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

#[cfg(test)]
mod tests;
