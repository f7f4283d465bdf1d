//! A run of single rows: several steps of stochastic descent in one call.
//!
//! A step along a short row takes less time than a call of it. So the loop takes some dozens in one
//! call, and says what it wants to have of them: the losses, and some of the θ on the way.

use crate::kernel::prefetch_buffer;
use crate::real::Real;
use crate::rows::{NextRow, RowSet};

/// Steps of a run at the most.
pub const MOST_STEPS: usize = 64;

/// Steps to take along single rows, one after the other.
pub struct Run<'r, T> {
    /// θ, before the first step and after the last.
    pub params: &'r mut [T],
    /// Where θ before the last step is left; as it was if no step is taken.
    pub previous: &'r mut [T],
    /// The rows, [`MOST_STEPS`] at the most.
    pub rows: RowSet<'r>,
    /// η of each step.
    pub rates: &'r [T],
    /// The objective on each row before its step.
    pub losses: &'r mut [f64],
    /// The θ on the way that are wanted.
    pub kept: Kept<'r, T>,
}

/// The buffer of a θ is prefetched while so many before it are written.
const AHEAD: usize = 4;

/// Which θ of a run are kept, and where.
#[derive(Debug)]
pub struct Kept<'r, T> {
    /// Buffer for θ.
    buffer: &'r mut [T],
    /// Where in the buffer each of them goes, counted in θ.
    places: &'r [u32],
    /// Steps up to the next one.
    wait: usize,
    /// Steps between two of them.
    every: usize,
}

impl<'r, T> Kept<'r, T> {
    /// θ after step `first`, counted from 1, and every `every` steps from there on, as many as there
    /// are `places` for in the buffer.
    pub fn new(buffer: &'r mut [T], places: &'r [u32], first: usize, every: usize) -> Self {
        Kept { buffer, places, wait: first, every }
    }

    pub fn none() -> Self {
        Kept { buffer: &mut [], places: &[], wait: usize::MAX, every: usize::MAX }
    }

    /// A step is taken, to a θ of length `n_params`: where to write it, if it is one of those.
    #[inline(always)]
    pub fn after_step(&mut self, n_params: usize) -> Option<&mut [T]> {
        self.wait -= 1;
        if self.wait > 0 {
            return None;
        }
        self.wait = self.every;
        if let Some(&later) = self.places.get(AHEAD) {
            let start = later as usize * n_params;
            prefetch_buffer(self.buffer.get(start..start + n_params).unwrap_or_default());
        }
        let start = *self.places.split_off_first()? as usize * n_params;
        self.buffer.get_mut(start..start + n_params)
    }
}

impl<T: Real> Run<'_, T> {
    /// Takes the steps one by one: `step(params, row, η, next)` writes the θ that follows to `next`
    /// and returns the objective on the row, or, where that is not finite, leaves `next` as it was.
    /// Returns how many steps have been taken.
    pub fn one_by_one(self, mut step: impl FnMut(&[T], NextRow, T, &mut [T]) -> f64) -> usize {
        let Run { params, previous, rows, rates, losses, mut kept } = self;
        let (mut now, mut next) = (&mut *params, &mut *previous);
        let mut done = 0;
        while done < rows.len() {
            let loss = step(now, rows.single(done), rates[done], next);
            if !loss.is_finite() {
                break;
            }
            losses[done] = loss;
            done += 1;
            std::mem::swap(&mut now, &mut next);
            if let Some(point) = kept.after_step(now.len()) {
                point.copy_from_slice(now);
            }
        }
        if !done.is_multiple_of(2) {
            params.swap_with_slice(previous);
        }
        done
    }
}
