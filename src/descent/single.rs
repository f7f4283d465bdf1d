//! Stochastic descent: batches of one row, in runs of fused steps.

use super::state::Search;
use super::{OF_ROW, OF_STEP, Progress, State, Walk};
use crate::error::WalkError;
use crate::history::History;
use crate::objective::{MOST_STEPS, Objective, Run};
use crate::real::Real;

impl<T: Real, O: Objective<T> + ?Sized> Walk<'_, T, O> {
    /// Batches of one row: fused steps, up to the end of the epoch or of the budget.
    pub(super) fn take_single_rows(
        &mut self,
        updates_left: u64,
        left: &mut usize,
        history: &mut History<T>,
    ) -> Result<Option<Progress>, WalkError<O::Error>> {
        let rows_left = self.state.cursor.order.len() - self.state.cursor.batch_start;
        let most = usize::try_from(updates_left).unwrap_or(usize::MAX);
        let n_params = self.objective.n_params();
        let of_step = (n_params + OF_STEP).div_ceil(n_params + OF_ROW);
        let count = rows_left.min((*left / of_step).max(1)).min(most);
        *left = left.saturating_sub(count * of_step);
        let end = self.state.cursor.batch_start + count;
        while self.state.cursor.batch_start < end {
            if let Err(progress) = self.next_rate() {
                return Ok(Some(progress));
            }
            let end = if self.plan.keep_grad { self.keep_next_grad()? } else { end };
            if !self.take_run(end, history)? {
                let place = self.state.cursor.batch_start;
                let eta = self.schedule.at(self.state.updates).unwrap_or(f64::NAN);
                self.blow_up(Search::batch(place, place + 1, eta));
                return Ok(None);
            }
        }
        Ok(None)
    }

    /// Leaves the gradient on the next row to be looked at, which a fused step does not need; returns
    /// the place of the row after it.
    fn keep_next_grad(&mut self) -> Result<usize, WalkError<O::Error>> {
        self.state.kept_grad.clear();
        self.begin_sum();
        let State { params, grad, cursor, .. } = &mut *self.state;
        let end = cursor.batch_start + 1;
        let row = cursor.order.rows(cursor.batch_start, end);
        let sum = self.objective.accumulate(params, 1, row, 0.0, Some(grad));
        let sum = sum.map_err(WalkError::Objective)?;
        self.objective.finish(params, 1, sum, grad);
        Ok(end)
    }

    /// A run of fused steps, as long as it can be up to place `end` of the epoch; whether the objective
    /// was finite on all of its rows.
    fn take_run(
        &mut self,
        end: usize,
        history: &mut History<T>,
    ) -> Result<bool, WalkError<O::Error>> {
        let state = &mut *self.state;
        let (first, place) = (state.updates, state.cursor.batch_start);
        let (count, kept) = history.path.reserve(first, MOST_STEPS.min(end - place))?;
        let (mut etas, mut losses) = ([0.0; MOST_STEPS], [0.0; MOST_STEPS]);
        let count = self.schedule.fill(first, &mut etas[..count]);
        let rates = etas.map(T::from_f64);
        let run = Run {
            params: &mut state.params,
            previous: &mut state.previous,
            rows: state.cursor.order.rows(place, place + count),
            rates: &rates[..count],
            losses: &mut losses[..count],
            kept,
        };
        let result = self.objective.take_steps(run);
        let done = *result.as_ref().unwrap_or(&0);
        history.path.take_in(first, done as u64, &state.params)?;
        result.map_err(WalkError::Objective)?;
        if let (Some(&eta), Some(&loss)) = (etas[..done].last(), losses[..done].last()) {
            state.updates += done as u64;
            state.last_finite_loss = loss;
            let cursor = &mut state.cursor;
            cursor.learning_rate = eta;
            cursor.epoch_loss =
                losses[..done].iter().fold(cursor.epoch_loss, |sum, loss| sum + loss);
            cursor.epoch_updates += done as u64;
            cursor.batch_start += done;
            cursor.last_batch = (cursor.batch_start - 1, cursor.batch_start);
            history.updates.extend(first + 1, &losses[..done])?;
        }
        Ok(done == count)
    }
}
