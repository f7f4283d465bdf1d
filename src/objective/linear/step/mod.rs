//! Stochastic descent: one row at a time, without a gradient buffer, in runs of some dozens.
//!
//! What a step waits for is the θ of the step before, and nothing else. So everything that does not
//! hang on θ is done outside the loop over the steps: where the rows are, their targets and factors,
//! before it; the losses, eight at a time out of the scores, after it. The loop does not look at them
//! either: if one turns out not to be finite, the steps before it are taken again, from the θ at the
//! beginning, which is not written over until then.

use super::Linear;
use crate::kernel::chunked::{Few, Many, Theta};
use crate::kernel::many::{DOUBLES, SINGLES};
use crate::kernel::{Pass, dispatch};
use crate::loss::PointLoss;
use crate::objective::{Buffers, Kept, MOST_STEPS, Run};
use crate::real::Real;
use crate::rows::{Block, RowSet};

impl<T: Real> Linear<'_, T> {
    /// Steps along the rows of `run`; how many.
    pub(super) fn walk(&self, buffers: &mut Buffers<T>, run: Run<'_, T>) -> usize {
        let Run { params, previous, rows, rates, losses, mut kept } = run;
        let Buffers { rows: loaded, targets, factors, steps, .. } = buffers;
        let together = self.rows.rows_of_block(&rows).min(MOST_STEPS);
        for start in (0..rows.len()).step_by(together) {
            let end = rows.len().min(start + together);
            let part = rows.part(start..end);
            if let RowSet::Indices(indices) = &part {
                for ahead in &indices.with_next(MOST_STEPS)[part.len()..] {
                    self.targets.prefetch(*ahead as usize);
                    self.weights.prefetch(*ahead as usize);
                }
            }
            let steps = Steps {
                loss: self.loss,
                factor_of_residual: self.loss.factor_of_residual().map(T::from_f64),
                targets: self.targets.read(&part, targets),
                factors: self.weights.factors(&part, factors),
                rows: self.rows.block(&part, loaded),
                has_bias: self.fit_intercept,
                l2: self.penalty.l2,
                params: &mut *params,
                previous: &mut *previous,
                buffer: &mut *steps,
                rates: &rates[start..end],
                losses: &mut losses[start..end],
                kept: &mut kept,
            };
            let done = if steps.params.len() <= MOST_IN_FEW {
                dispatch(InFew(steps))
            } else {
                dispatch(InMany(steps))
            };
            if start + done < end {
                return start + done;
            }
        }
        rows.len()
    }
}

/// Steps along some rows, of whose layout nothing is left in here.
struct Steps<'o, 'r, T> {
    loss: PointLoss,
    /// c, where the slope is c·(z − y): asked before the loop, for squares are what most walks are down.
    factor_of_residual: Option<T>,
    rows: Block<'o, T>,
    targets: &'o [T],
    /// sᵢ/s̄, or nothing where all rows count the same.
    factors: &'o [f64],
    has_bias: bool,
    l2: f64,
    params: &'o mut [T],
    previous: &'o mut [T],
    /// For θ, if it has many chunks.
    buffer: &'o mut [T],
    rates: &'o [T],
    losses: &'o mut [f64],
    kept: &'o mut Kept<'r, T>,
}

/// The longest θ that stays in registers.
const MOST_IN_FEW: usize = 16;

/// The longest chunk that [`Many`] is made of.
pub(super) fn longest_chunk<T: Real>() -> usize {
    if size_of::<T>() == size_of::<f32>() { SINGLES } else { DOUBLES }
}

/// Steps of a θ in registers.
struct InFew<'o, 'r, T>(Steps<'o, 'r, T>);

impl<T: Real> Pass for InFew<'_, '_, T> {
    type Output = usize;
    const WIDE: bool = false;

    #[inline(always)]
    fn run(self) -> usize {
        let n_cols = self.0.rows.n_cols();
        match (n_cols, self.0.params.len()) {
            (1, _) => self.0.in_few::<1, 2>(),
            (2..4, _) => self.0.in_few::<2, 2>(),
            (_, ..=8) => self.0.in_few::<4, 2>(),
            (_, ..=12) => self.0.in_few::<4, 3>(),
            _ => self.0.in_few::<4, 4>(),
        }
    }
}

/// Steps of a longer θ.
struct InMany<'o, 'r, T>(Steps<'o, 'r, T>);

impl<T: Real> Pass for InMany<'_, '_, T> {
    type Output = usize;

    #[inline(always)]
    fn is_long(&self) -> bool {
        // About where the ways through wider registers are made up for.
        const LONG: usize = 800;
        size_of_val(&*self.0.params) > LONG
    }

    #[inline(always)]
    fn run(self) -> usize {
        if size_of::<T>() == size_of::<f32>() {
            self.0.in_many::<SINGLES>()
        } else {
            self.0.in_many::<DOUBLES>()
        }
    }
}

impl<T: Real> Steps<'_, '_, T> {
    #[inline(always)]
    fn in_few<const N: usize, const K: usize>(self) -> usize {
        let theta = Few::<T, N, K>::new(self.params, self.has_bias);
        self.take(theta)
    }

    #[inline(always)]
    fn in_many<const N: usize>(mut self) -> usize {
        let buffer = std::mem::take(&mut self.buffer);
        let theta = Many::<T, N>::new(self.params, self.has_bias, buffer);
        self.take(theta)
    }

    #[inline(always)]
    fn take(self, theta: impl Theta<T>) -> usize {
        match (self.l2 == 0.0, self.factor_of_residual.is_some()) {
            (true, true) => self.walk::<false, true>(theta),
            (true, false) => self.walk::<false, false>(theta),
            (false, true) => self.walk::<true, true>(theta),
            (false, false) => self.walk::<true, false>(theta),
        }
    }

    /// Takes the steps, from θ = `theta`. Squares have a loop of their own: beside the other losses,
    /// which need many registers, θ would go through memory at every step.
    #[inline(always)]
    fn walk<const RIDGE: bool, const SQUARES: bool>(self, mut theta: impl Theta<T>) -> usize {
        let Steps { loss, rows, targets, factors, l2, params, previous, rates, kept, .. } = self;
        let factor_of_residual = self.factor_of_residual.unwrap_or(T::zero());
        let (losses, n_params) = (self.losses, params.len());
        let l2_of_step = T::from_f64(l2);
        let (mut scores, mut penalties) = ([T::zero(); MOST_STEPS], [0.0; MOST_STEPS]);
        let (mut none, mut kept) = (Kept::none(), kept);
        let mut count = rows.len();
        let mut is_sure = false;
        loop {
            for place in 0..count {
                rows.prefetch_after(place);
                let x = rows.row(place);
                let score = theta.score(x);
                scores[place] = score;
                if RIDGE {
                    penalties[place] = 0.5 * l2 * theta.squared_norm();
                }
                let mut slope = if SQUARES {
                    factor_of_residual * (score - targets[place])
                } else {
                    loss.value_and_slope(score, targets[place]).1
                };
                if let Some(&factor) = factors.get(place) {
                    slope *= T::from_f64(factor);
                }
                theta.step::<RIDGE>(x, slope, rates[place], l2_of_step);
                if let Some(point) = kept.after_step(n_params) {
                    theta.write(point);
                }
            }
            if is_sure {
                break;
            }
            let targets = &targets[..count];
            loss.values(&scores[..count], targets, factors, losses);
            if RIDGE {
                for (loss, penalty) in losses.iter_mut().zip(penalties) {
                    *loss += penalty;
                }
            }
            let done = losses.iter().position(|loss| !loss.is_finite()).unwrap_or(count);
            if done == count {
                break;
            }
            if done == 0 {
                return 0;
            }
            // As far as all is well, once more.
            theta.restart(params);
            (count, kept, is_sure) = (done, &mut none, true);
        }
        theta.write(params);
        theta.write_before(previous);
        count
    }
}

#[cfg(test)]
mod tests;
