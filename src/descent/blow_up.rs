//! What follows when the objective is not finite any more: are the data to blame, or the walk?

use super::state::{Phase, Search};
use super::{Progress, Walk};
use crate::error::WalkError;
use crate::history::History;
use crate::objective::Objective;
use crate::real::Real;
use crate::rows::RowSet;
use crate::stop::{Divergence, StopReason};

impl<T: Real, O: Objective<T> + ?Sized> Walk<'_, T, O> {
    /// The objective on some rows is not finite: looks for a value among them that is to blame.
    pub(super) fn blow_up(&mut self, search: Search) {
        self.state.cursor.phase = Phase::Searching(search);
    }

    /// Looks through some more of the rows, in blocks, as everything in the loop.
    pub(super) fn search(
        &mut self,
        search: Search,
        left: &mut usize,
        history: &mut History<T>,
    ) -> Result<Option<Progress>, WalkError<O::Error>> {
        let Search { from, end, of_batch, learning_rate } = search;
        let cursor = &mut self.state.cursor;
        let to = end.min(from.saturating_add(self.objective.rows_at_once(end - from)));
        let rows = if of_batch { cursor.order.rows(from, to) } else { RowSet::Range(from..to) };
        *left = left.saturating_sub(to - from);
        if let Some(bad) = self.objective.find_bad_value(rows) {
            return Err(WalkError::BadData(bad));
        }
        if to < end {
            cursor.phase = Phase::Searching(Search { from: to, ..search });
            return Ok(None);
        }
        Ok(Some(Progress::Stopped(self.divergence(learning_rate, history))))
    }

    /// Where the walk diverged: at the next update, of this learning rate, or at the last one, which
    /// is taken back, if θ is not finite.
    pub(super) fn divergence(
        &mut self,
        learning_rate: f64,
        history: &mut History<T>,
    ) -> StopReason {
        let was_taken_back = self.state.step_back_if_not_finite(history);
        let learning_rate =
            if was_taken_back { self.state.cursor.learning_rate } else { learning_rate };
        StopReason::Diverged(Divergence {
            epoch: self.state.epochs + 1,
            update: self.state.updates + 1,
            last_finite_loss: self.state.last_finite_loss,
            learning_rate,
        })
    }
}
