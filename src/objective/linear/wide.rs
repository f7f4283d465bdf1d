//! Rows of many features: eight at a time, each read from memory once.

use super::{Linear, Reader};
use crate::kernel::many::{Columns, LINES, Sums};
use crate::kernel::vector::sum_pairwise;
use crate::kernel::{Lanes, Simd, TOGETHER};
use crate::objective::{Buffers, PointLoss};
use crate::real::Real;
use crate::rows::{Block, RowSet, Rows, Visit, visit};

impl<T: Real, R: Rows<T>, L: PointLoss<T>> Linear<'_, T, R, L> {
    #[inline(always)]
    pub(super) fn sum_wide<S: Simd, const N: usize>(
        &self,
        buffers: &mut Buffers<T>,
        params: &[T],
        rows: &RowSet<'_>,
        grad: &mut [T],
    ) -> f64 {
        let (bias, coef) = self.split(params);
        let Buffers { rows: room, targets, factors, .. } = buffers;
        let (grad_bias, grad) = grad.split_at_mut(usize::from(self.fit_intercept));
        let reader = Reader { objective: self, bias, targets, factors };
        let sums = Sums::<T, S::Vector<T, N>, N>::new(coef, grad);
        let mut pass = Wide { reader, sums, sum: 0.0, slope_sum: T::zero() };
        visit(&self.rows, rows, room, &mut pass);
        let Wide { sums, sum, slope_sum, .. } = pass;
        sums.finish();
        if let [grad_bias] = grad_bias {
            *grad_bias += slope_sum;
        }
        sum
    }
}

/// Rows of many features: eight at a time, each read from memory once.
struct Wide<'o, 'a, T, R, L, V, const N: usize> {
    reader: Reader<'o, 'a, T, R, L>,
    sums: Sums<'o, T, V, N>,
    sum: f64,
    slope_sum: T,
}

impl<T, R, L, V, const N: usize> Visit<T> for Wide<'_, '_, T, R, L, V, N>
where
    T: Real,
    R: Rows<T>,
    L: PointLoss<T>,
    V: Lanes<T, N>,
{
    const COLUMNS: bool = true;

    #[inline(always)]
    fn visit_columns(&mut self, set: &RowSet<'_>, columns: Columns<'_>) {
        let Wide { reader, sums, sum, slope_sum } = self;
        let read = reader.read(set);
        let mut scores = [[T::zero(); N]; LINES];
        sums.dot_columns(columns, &mut scores);
        // Products, each eight replaced by its slopes.
        let (eights, _) = scores.as_flattened_mut()[..set.len()].as_chunks_mut::<TOGETHER>();
        for (place, eight) in eights.iter_mut().enumerate() {
            let (value, slopes) = read.sum_and_slopes(*eight, place * TOGETHER);
            *eight = slopes;
            *slope_sum += sum_pairwise(slopes);
            *sum += value;
        }
        sums.axpy_columns(&scores, columns);
    }

    #[inline(always)]
    fn visit<'b, B: Block<'b, T>>(&mut self, set: &RowSet<'_>, block: B) {
        let Wide { reader, sums, sum, slope_sum } = self;
        let read = reader.read(set);
        let whole = set.len() - set.len() % TOGETHER;
        for first in (0..whole).step_by(TOGETHER) {
            let mut rows = [block.row(first); TOGETHER];
            for (row, place) in rows.iter_mut().zip(first..) {
                *row = block.row(place);
            }
            let products = sums.dot(rows, block.ahead_of_eight(first));
            let (value, slopes) = read.sum_and_slopes(products, first);
            sums.axpy(slopes, rows);
            *slope_sum += sum_pairwise(slopes);
            *sum += value;
        }
        if whole < set.len() {
            let mut products = [V::splat(T::zero()); TOGETHER];
            for (product, place) in products.iter_mut().zip(whole..set.len()) {
                *product = sums.dot_one(block.row(place));
            }
            let (value, slopes) = read.sum_and_slopes_of_rest(V::sums(products), whole);
            for (place, slope) in (whole..set.len()).zip(slopes) {
                sums.axpy_one(slope, block.row(place));
            }
            *slope_sum += sum_pairwise(slopes);
            *sum += value;
        }
    }
}

#[cfg(test)]
mod tests;
