//! Stochastic descent: one row at a time, without a gradient buffer.

use super::Linear;
use crate::kernel::Pass;
use crate::kernel::vector::{dot, step_along, step_along_ridge};
use crate::objective::{Buffers, PointLoss};
use crate::real::Real;
use crate::rows::{NextRow, Rows, single_row};

impl<T: Real, R: Rows<T>, L: PointLoss<T>> Linear<'_, T, R, L> {
    /// (sᵢ/s̄)·ℓ and (sᵢ/s̄)·∂ℓ/∂z of a row with score `z`. The loss is NaN where z is not finite:
    /// no loss hides that.
    #[inline(always)]
    fn value_and_slope(&self, z: T, target: T, factor: f64) -> (f64, T) {
        let (value, slope) = self.loss.value_and_slope(z, target);
        let value = if z.is_finite() { value.as_f64() } else { f64::NAN };
        (value * factor, slope * T::from_f64(factor))
    }

    #[inline(always)]
    fn take_step(
        &self,
        buffers: &mut Buffers<T>,
        params: &[T],
        row: NextRow,
        eta: T,
        next: &mut [T],
    ) -> f64 {
        let x = single_row(&self.rows, row, &mut buffers.rows);
        let row = row.row;
        let (bias, coef) = self.split(params);
        let (target, factor) = (self.targets.get(row), self.weights.factor(row));
        let (value, slope) = self.value_and_slope(dot(x, coef) + bias, target, factor);
        if value.is_nan() {
            return value;
        }
        let (next_bias, next_coef) = next.split_at_mut(usize::from(self.fit_intercept));
        if self.penalty.l2 == 0.0 {
            step_along(eta, slope, x, coef, next_coef);
        } else {
            step_along_ridge(eta, slope, T::from_f64(self.penalty.l2), x, coef, next_coef);
        }
        if let [next_bias] = next_bias {
            *next_bias = bias - eta * slope;
        }
        value + self.penalty.value(params)
    }
}

/// One fused step, compiled for the instruction set at hand.
pub(super) struct Step<'o, 'a, T, R, L> {
    pub objective: &'o Linear<'a, T, R, L>,
    pub buffers: &'o mut Buffers<T>,
    pub params: &'o [T],
    pub row: NextRow,
    pub eta: T,
    pub next: &'o mut [T],
}

impl<T: Real, R: Rows<T>, L: PointLoss<T>> Pass for Step<'_, '_, T, R, L> {
    type Output = f64;

    #[inline(always)]
    fn run(self) -> f64 {
        let Step { objective, buffers, params, row, eta, next } = self;
        objective.take_step(buffers, params, row, eta, next)
    }
}
