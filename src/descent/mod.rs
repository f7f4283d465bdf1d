//! The loop. There is one: batch size n makes it batch descent, 1 stochastic, b mini-batch.
//!
//! [`Walk::advance`] does a bounded amount of work and returns, so that whoever drives it can
//! look at the clock, at the stop button, or at θ, and go on. What must survive between two calls
//! is in [`State`]; a walk that is cut into slices has the bits of one that is not.

mod blow_up;
mod evaluation;
mod saved;
mod single;
mod state;

use std::sync::Arc;

pub use saved::{put_stop, take_stop};
pub use state::State;
use state::{Cursor, Phase, Search};

use crate::batches::Batching;
use crate::error::{OutOfMemory, WalkError, try_push};
use crate::history::History;
use crate::kernel::vector::{all_finite, squared_norm};
use crate::objective::Objective;
use crate::real::Real;
use crate::rule::{Rule, clip_norm};
use crate::schedule::Schedule;
use crate::stop::{Criteria, StopReason};

/// The settings of a walk.
#[derive(Clone, Debug)]
pub struct Plan {
    /// How the data are cut into batches.
    pub batching: Batching,
    pub seed: u64,
    /// Go on until so many epochs are done in all.
    pub until_epoch: u64,
    /// The epoch that the first list of a replayed order belongs to.
    pub first_epoch: u64,
    /// When to stop before that.
    pub stop: Criteria,
    /// Evaluate the objective on all rows at the start and after each epoch.
    pub full_loss: bool,
    pub rule: Rule,
    /// Scale each gradient to at most this norm before the rule.
    pub clip_norm: Option<f64>,
    /// At the end go back to the θ whose evaluated loss was the lowest.
    pub restore_best: bool,
    pub pause_at_epochs: bool,
    /// Keep the gradient of each update to be looked at, beyond an evaluation on all rows too.
    pub keep_grad: bool,
}

// What things cost besides products with parameters, in such products, roughly: a row of a batch, a
// step of its own, a draw of the order. A budget has to last about as long whatever it is spent on.
const OF_ROW: usize = 8;
const OF_STEP: usize = 100;
const OF_DRAW: usize = 32;

/// How far to go before the walk returns.
#[derive(Clone, Copy, Debug)]
pub struct Budget {
    /// About so many rows, but at least one block.
    pub rows: usize,
    /// So many updates at the most.
    pub updates: u64,
}

#[cfg(test)]
impl Budget {
    pub fn of_rows(rows: usize) -> Self {
        Budget { rows, updates: u64::MAX }
    }
}

/// What a slice of work ended with.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Progress {
    /// The rows of the budget are used up.
    Paused,
    /// The updates of the budget are made, and what follows them is done.
    Updated,
    /// The window of learning rates is used up: the walk is at update t and needs η from there on.
    NeedsRates {
        update: u64,
        /// Updates that are left in this epoch.
        left_in_epoch: u64,
    },
    /// An epoch is done, and the plan asks to hear of it.
    EpochDone,
    Stopped(StopReason),
}

/// A walk under way: an objective, a plan, and the state that they drive.
pub struct Walk<'w, T, O: ?Sized> {
    pub objective: &'w mut O,
    /// What the walk is watched on, if it is not only on its own loss.
    pub validation: Option<&'w mut O>,
    pub plan: &'w Plan,
    pub schedule: &'w Schedule,
    pub state: &'w mut State<T>,
}

impl<T: Real, O: Objective<T> + ?Sized> Walk<'_, T, O> {
    /// Goes on for the budget, or until there is something to report.
    pub fn advance(&mut self, budget: Budget) -> Result<Progress, WalkError<O::Error>> {
        if let Some(reason) = self.state.stopped {
            return Ok(Progress::Stopped(reason));
        }
        self.state.clock.start();
        // The record is moved out of its `Arc` for the slice: to reach it through the pointer at every
        // update would cost as much as a short step.
        let mut history = std::mem::take(Arc::make_mut(&mut self.state.history));
        let result = self.go_on(budget, &mut history);
        *Arc::make_mut(&mut self.state.history) = history;
        self.state.clock.stop();
        if let Ok(Progress::Stopped(reason)) = result {
            self.state.stop(reason)?;
            // Of a walk that goes update by update the rows of the last one are still asked for.
            if budget.updates == u64::MAX {
                self.state.release();
            }
        }
        result
    }

    fn go_on(
        &mut self,
        budget: Budget,
        history: &mut History<T>,
    ) -> Result<Progress, WalkError<O::Error>> {
        let mut left = budget.rows.max(1);
        let most = self.plan.stop.max_updates.unwrap_or(u64::MAX);
        let last_update = self.state.updates.saturating_add(budget.updates).min(most);
        // An epoch whose batches are done is written down at once, whatever the budget.
        while left > 0 || (self.state.cursor.phase == Phase::Batches && self.epoch_is_walked()) {
            let is_far_enough = self.state.updates >= last_update;
            let progress = match self.state.cursor.phase {
                Phase::Between if self.state.epochs >= self.plan.until_epoch => {
                    Some(Progress::Stopped(StopReason::EpochsDone))
                }
                Phase::Batches if self.epoch_is_walked() => self.check_epoch(history)?,
                Phase::Between | Phase::Batches if self.state.updates >= most => {
                    Some(Progress::Stopped(StopReason::UpdatesDone))
                }
                Phase::Between | Phase::Batches if is_far_enough => Some(Progress::Updated),
                Phase::Between => {
                    self.begin_epoch(history)?;
                    None
                }
                Phase::Drawing => {
                    self.draw_order(&mut left);
                    None
                }
                Phase::Searching(search) => self.search(search, &mut left, history)?,
                Phase::Batches if self.steps_are_fused() => {
                    let updates_left = last_update - self.state.updates;
                    self.take_single_rows(updates_left, &mut left, history)?
                }
                Phase::Batches => self.take_block(&mut left, history)?,
                Phase::Evaluating | Phase::Validating => self.evaluate_block(&mut left, history)?,
            };
            if let Some(progress) = progress {
                return Ok(progress);
            }
        }
        Ok(Progress::Paused)
    }

    fn begin_epoch(&mut self, history: &History<T>) -> Result<(), OutOfMemory> {
        if self.plan.full_loss && self.state.updates == 0 && history.full_loss.is_empty() {
            return self.begin_evaluation(Phase::Evaluating);
        }
        if self.plan.stop.step_tol.is_some() {
            let State { params, epoch_start, .. } = &mut *self.state;
            epoch_start.clear();
            epoch_start.try_reserve_exact(params.len()).map_err(|_| OutOfMemory)?;
            epoch_start.extend_from_slice(params);
        }
        let (n_rows, epoch) = (self.objective.n_rows(), self.state.epochs);
        let replayed = usize::try_from(epoch - self.plan.first_epoch).unwrap_or(usize::MAX);
        let cursor = &mut self.state.cursor;
        cursor.order.begin(&self.plan.batching, n_rows, self.plan.seed, epoch, replayed)?;
        cursor.batch_start = 0;
        cursor.epoch_loss = 0.0;
        cursor.batch_rows = self.plan.batching.batch_size.min(cursor.order.len());
        cursor.epoch_updates = 0;
        cursor.grad_norm = f64::NAN;
        cursor.phase = if cursor.order.is_drawn() { Phase::Batches } else { Phase::Drawing };
        cursor.summed = 0;
        Ok(())
    }

    /// Some more of the order of the epoch.
    fn draw_order(&mut self, left: &mut usize) {
        let of_row = self.objective.n_params() + OF_ROW;
        let cursor = &mut self.state.cursor;
        let drawn = cursor.order.draw((left.saturating_mul(of_row) / OF_DRAW).max(1));
        *left = left.saturating_sub((drawn.saturating_mul(OF_DRAW) / of_row).max(1));
        if cursor.order.is_drawn() {
            cursor.phase = Phase::Batches;
        }
    }

    fn begin_sum(&mut self) {
        self.state.grad.fill(T::zero());
        self.state.cursor.summed = 0;
        self.state.cursor.sum = 0.0;
    }

    /// Whether an update needs no gradient buffer: one row, the plain rule, no threshold.
    fn steps_are_fused(&self) -> bool {
        self.plan.batching.batch_size == 1
            // A full batch has its gradient's norm on record, if it is of one row, too.
            && !self.plan.batching.is_full_batch(self.objective.n_rows())
            && self.objective.has_fused_step()
            && self.plan.rule.is_plain()
            && self.plan.clip_norm.is_none()
            && self.objective.lasso().l1 == 0.0
    }

    fn epoch_is_walked(&self) -> bool {
        self.state.cursor.batch_start >= self.state.cursor.order.len()
    }

    /// η of the next update, or what to return if the window does not reach it.
    #[inline]
    fn next_rate(&self) -> Result<f64, Progress> {
        let update = self.state.updates;
        self.schedule.at(update).ok_or_else(|| {
            let Cursor { order, batch_start, .. } = &self.state.cursor;
            let rows_left = order.len() - batch_start;
            let left_in_epoch = rows_left.div_ceil(self.plan.batching.batch_size) as u64;
            Progress::NeedsRates { update, left_in_epoch }
        })
    }

    /// The next block of the current batch; the update, if that was its last.
    fn take_block(
        &mut self,
        left: &mut usize,
        history: &mut History<T>,
    ) -> Result<Option<Progress>, WalkError<O::Error>> {
        let eta = match self.next_rate() {
            Ok(eta) => eta,
            Err(progress) => return Ok(Some(progress)),
        };
        if self.state.cursor.summed == 0 {
            self.state.kept_grad.clear();
            self.begin_sum();
        }
        let state = &mut *self.state;
        let cursor = &mut state.cursor;
        let start = cursor.batch_start;
        let end = cursor.order.len().min(start.saturating_add(self.plan.batching.batch_size));
        let from = start + cursor.summed;
        let m = end - start;
        let to = end.min(from.saturating_add(self.objective.rows_at_once(m)));
        let (rows, grad) = (cursor.order.rows(from, to), Some(&mut state.grad[..]));
        cursor.sum = self
            .objective
            .accumulate(&state.params, m, rows, cursor.sum, grad)
            .map_err(WalkError::Objective)?;
        cursor.summed = to - start;
        *left = left.saturating_sub(to - from);
        if to < end {
            return Ok(None);
        }
        let loss = self.objective.finish(&state.params, m, cursor.sum, &mut state.grad);
        if !loss.is_finite() {
            self.blow_up(Search::batch(start, end, eta));
            return Ok(None);
        }
        if self.plan.batching.is_full_batch(self.objective.n_rows()) {
            cursor.grad_norm = squared_norm(&state.grad).sqrt();
        }
        if let Some(most) = self.plan.clip_norm {
            if self.plan.keep_grad {
                state.kept_grad.try_reserve_exact(state.grad.len()).map_err(|_| OutOfMemory)?;
                state.kept_grad.extend_from_slice(&state.grad);
            }
            clip_norm(&mut state.grad, most);
        }
        let lasso = self.objective.lasso();
        if self.plan.rule == Rule::Other {
            let (t, next) = (state.memory.steps(), &mut state.previous);
            self.objective
                .move_on(t, eta, &state.params, &state.grad, next)
                .map_err(WalkError::Objective)?;
            state.memory.count();
        } else {
            self.plan.rule.step(
                &mut state.memory,
                T::from_f64(eta),
                lasso,
                &state.params,
                &state.grad,
                &mut state.previous,
            );
        }
        self.take_step(loss, eta, m, history)?;
        // The gradient stays to be looked at, until the next batch begins its sum.
        self.state.cursor.summed = 0;
        // Scores of an infinite θ are not finite, and neither is then a loss of them: the next
        // update says so. A function of the user's may be finite anywhere.
        if !self.objective.has_fused_step() && !all_finite(&self.state.params) {
            return Ok(Some(Progress::Stopped(self.divergence(eta, history))));
        }
        Ok(None)
    }

    /// The next θ is written: step onto it, and on to the next batch.
    fn take_step(
        &mut self,
        loss: f64,
        eta: f64,
        m: usize,
        history: &mut History<T>,
    ) -> Result<(), OutOfMemory> {
        let state = &mut *self.state;
        std::mem::swap(&mut state.params, &mut state.previous);
        state.updates += 1;
        state.last_finite_loss = loss;
        let cursor = &mut state.cursor;
        cursor.learning_rate = eta;
        // An objective is a mean over its rows, and so is the mean of a whole epoch's.
        cursor.epoch_loss += if m == cursor.batch_rows {
            loss
        } else {
            loss * (m as f64 / cursor.batch_rows as f64)
        };
        cursor.epoch_updates += 1;
        cursor.last_batch = (cursor.batch_start, cursor.batch_start + m);
        cursor.batch_start += m;
        history.updates.push(state.updates, loss)?;
        if history.path.wants(state.updates) {
            history.path.push(state.updates, 0, &state.params)?;
        }
        Ok(())
    }

    /// All batches of the epoch are done: is θ still finite, and what comes next?
    fn check_epoch(&mut self, history: &mut History<T>) -> Result<Option<Progress>, OutOfMemory> {
        if !all_finite(&self.state.params) {
            let learning_rate = self.state.cursor.learning_rate;
            return Ok(Some(Progress::Stopped(self.divergence(learning_rate, history))));
        }
        if self.plan.full_loss {
            self.begin_evaluation(Phase::Evaluating)?;
            Ok(None)
        } else {
            self.validate_or_end_epoch(history)
        }
    }

    /// The epoch counts: its record, and whether to stop.
    fn end_epoch(&mut self, history: &mut History<T>) -> Result<Option<Progress>, OutOfMemory> {
        let plan = self.plan;
        let state = &mut *self.state;
        let cursor = &mut state.cursor;
        try_push(&mut history.loss, cursor.mean_loss())?;
        try_push(&mut history.learning_rate, cursor.learning_rate)?;
        try_push(&mut history.grad_norm, cursor.grad_norm)?;
        try_push(&mut history.seconds, state.clock.seconds())?;
        try_push(&mut history.epoch_updates, cursor.epoch_updates)?;
        state.epochs += 1;
        history.path.push(state.updates, state.epochs, &state.params)?;
        cursor.phase = Phase::Between;
        // Of the training loss a little rise is rounding, or the noise of the batches.
        let (losses, gain) = match (self.validation.is_some(), plan.full_loss) {
            (true, _) => (&history.validation_loss, 0.0),
            (false, true) => (&history.full_loss, 1e-3),
            (false, false) => (&history.loss, 1e-3),
        };
        if plan.restore_best {
            state.remember_if_best(*losses.last().unwrap_or(&f64::NAN))?;
        }
        let moved = plan.stop.step_tol.map_or(f64::NAN, |_| state.moved_in_epoch());
        let reason = plan.stop.reason(&mut state.patience, losses, gain, &history.grad_norm, moved);
        Ok(match reason {
            Some(reason) => Some(Progress::Stopped(reason)),
            None => plan.pause_at_epochs.then_some(Progress::EpochDone),
        })
    }
}

#[cfg(test)]
mod tests;
