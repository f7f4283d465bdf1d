//! Rows of few features: θ and its gradient stay in registers.

use super::{Linear, Reader};
use crate::kernel::TOGETHER;
use crate::kernel::narrow::Chunks;
use crate::kernel::vector::sum_pairwise;
use crate::objective::{Buffers, PointLoss};
use crate::real::Real;
use crate::rows::{Block, RowSet, Rows, Visit, visit};

impl<T: Real, R: Rows<T>, L: PointLoss<T>> Linear<'_, T, R, L> {
    #[inline(always)]
    pub(super) fn sum_narrow<const C: usize>(
        &self,
        buffers: &mut Buffers<T>,
        params: &[T],
        rows: &RowSet<'_>,
        grad: &mut [T],
    ) -> f64 {
        let (bias, coef) = self.split(params);
        let Buffers { rows: room, targets, factors, .. } = buffers;
        let mut pass = Narrow::<T, R, L, C> {
            reader: Reader { objective: self, bias, targets, factors },
            coef: Chunks::of_weights(coef),
            grads: [Chunks::zeros(); 2],
            sum: 0.0,
            slope_sum: T::zero(),
        };
        visit(&self.rows, rows, room, &mut pass);
        let (grad_bias, grad) = grad.split_at_mut(usize::from(self.fit_intercept));
        pass.grads.iter().for_each(|sums| sums.add_to(grad));
        if let [grad_bias] = grad_bias {
            *grad_bias += pass.slope_sum;
        }
        pass.sum
    }
}

/// Rows of few features, C ≤ d ≤ 2C: see [`narrow`](crate::kernel::narrow).
struct Narrow<'o, 'a, T, R, L, const C: usize> {
    reader: Reader<'o, 'a, T, R, L>,
    coef: Chunks<T, C>,
    /// Of every other row each, so that one addition need not wait for the one before.
    grads: [Chunks<T, C>; 2],
    sum: f64,
    slope_sum: T,
}

impl<T: Real, R: Rows<T>, L: PointLoss<T>, const C: usize> Visit<T> for Narrow<'_, '_, T, R, L, C> {
    #[inline(always)]
    fn visit<'b, B: Block<'b, T>>(&mut self, set: &RowSet<'_>, block: B) {
        const ROWS: usize = TOGETHER;
        let read = self.reader.read(set);
        // In registers for the block.
        let (coef, [mut even, mut odd]) = (self.coef, self.grads);
        let (mut sum, mut slope_sum) = (self.sum, self.slope_sum);
        let whole = set.len() - set.len() % ROWS;
        for first in (0..whole).step_by(ROWS) {
            // Loaded twice rather than kept: eight rows are more than the registers hold.
            let row = |r: usize| Chunks::<T, C>::of(block.row(first + r));
            let mut products = [T::zero(); ROWS];
            for (r, product) in products.iter_mut().enumerate() {
                *product = row(r).dot(&coef);
            }
            let (values, slopes) = read.sum_and_slopes::<ROWS>(products, first);
            for r in (0..ROWS).step_by(2) {
                even.axpy(slopes[r], &row(r));
                odd.axpy(slopes[r + 1], &row(r + 1));
            }
            sum += values;
            slope_sum += sum_pairwise(slopes);
        }
        if whole < set.len() {
            let mut products = [T::zero(); ROWS];
            for (product, place) in products.iter_mut().zip(whole..set.len()) {
                *product = Chunks::<T, C>::of(block.row(place)).dot(&coef);
            }
            let (values, slopes) = read.sum_and_slopes_of_rest(products, whole);
            for (place, slope) in (whole..set.len()).zip(slopes) {
                even.axpy(slope, &Chunks::of(block.row(place)));
            }
            sum += values;
            slope_sum += sum_pairwise(slopes);
        }
        (self.grads, self.sum, self.slope_sum) = ([even, odd], sum, slope_sum);
    }
}
