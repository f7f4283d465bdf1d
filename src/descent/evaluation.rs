//! Looks at the whole: the objective on all rows and the loss on validation data, off the walk's
//! clock and in blocks, as everything in the loop.

use super::state::{Phase, Search};
use super::{Progress, Walk};
use crate::error::{OutOfMemory, WalkError, try_push};
use crate::history::History;
use crate::kernel::vector::squared_norm;
use crate::objective::Objective;
use crate::real::Real;
use crate::rows::RowSet;

impl<T: Real, O: Objective<T> + ?Sized> Walk<'_, T, O> {
    pub(super) fn begin_evaluation(&mut self, phase: Phase) -> Result<(), OutOfMemory> {
        let state = &mut *self.state;
        if self.plan.keep_grad && state.kept_grad.is_empty() {
            state.kept_grad.try_reserve_exact(state.grad.len()).map_err(|_| OutOfMemory)?;
            state.kept_grad.extend_from_slice(&state.grad);
        }
        state.cursor.phase = phase;
        self.begin_sum();
        Ok(())
    }

    /// What comes after the batches, and after the look at all rows.
    pub(super) fn validate_or_end_epoch(
        &mut self,
        history: &mut History<T>,
    ) -> Result<Option<Progress>, OutOfMemory> {
        if self.validation.is_some() {
            self.begin_evaluation(Phase::Validating)?;
            return Ok(None);
        }
        self.end_epoch(history)
    }

    /// The next block of an evaluation, and what follows from it if it was the last.
    pub(super) fn evaluate_block(
        &mut self,
        left: &mut usize,
        history: &mut History<T>,
    ) -> Result<Option<Progress>, WalkError<O::Error>> {
        let is_validating = self.state.cursor.phase == Phase::Validating;
        // A full batch has the gradient's norm from its own update.
        let is_full_batch = self.plan.batching.is_full_batch(self.objective.n_rows());
        let with_gradient = !is_validating && !is_full_batch;
        let objective = match &mut self.validation {
            Some(validation) if is_validating => &mut **validation,
            _ => &mut *self.objective,
        };
        let n_rows = objective.n_rows();
        let state = &mut *self.state;
        state.clock.stop();
        let cursor = &mut state.cursor;
        let to = n_rows.min(cursor.summed.saturating_add(objective.rows_at_once(n_rows)));
        let rows = RowSet::Range(cursor.summed..to);
        *left = left.saturating_sub(rows.len());
        let grad = with_gradient.then_some(&mut state.grad[..]);
        cursor.sum = objective
            .accumulate(&state.params, n_rows, rows, cursor.sum, grad)
            .map_err(WalkError::Objective)?;
        cursor.summed = to;
        if to < n_rows {
            return Ok(None);
        }
        let loss = if with_gradient {
            let loss = objective.finish(&state.params, n_rows, cursor.sum, &mut state.grad);
            cursor.grad_norm = squared_norm(&state.grad).sqrt();
            loss
        } else {
            objective.finish_loss(&state.params, n_rows, cursor.sum)
        };
        state.clock.start();
        if is_validating {
            if !loss.is_finite()
                && let Some(bad) = objective.find_bad_value(RowSet::Range(0..n_rows))
            {
                return Err(WalkError::BadValidationData(bad));
            }
            // Not finite is no reason to stop: it is the training loss that says so.
            try_push(&mut history.validation_loss, loss)?;
            return Ok(self.end_epoch(history)?);
        }
        if !loss.is_finite() {
            let learning_rate = state.cursor.learning_rate;
            self.blow_up(Search { from: 0, end: n_rows, of_batch: false, learning_rate });
            return Ok(None);
        }
        try_push(&mut history.full_loss, loss)?;
        if state.updates == 0 {
            state.cursor.phase = Phase::Between;
            return Ok(None);
        }
        Ok(self.validate_or_end_epoch(history)?)
    }
}
