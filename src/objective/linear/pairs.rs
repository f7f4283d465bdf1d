//! Rows of N to 2N features, where N numbers are a register, or half of one.

use super::{Linear, Reader};
use crate::kernel::pair::Sums;
use crate::kernel::vector::sum_pairwise;
use crate::kernel::{Lanes, Simd, TOGETHER};
use crate::objective::{Buffers, PointLoss};
use crate::real::Real;
use crate::rows::{Block, RowSet, Rows, Visit, visit};

impl<T: Real, R: Rows<T>, L: PointLoss<T>> Linear<'_, T, R, L> {
    #[inline(always)]
    pub(super) fn sum_pairs<S: Simd, const N: usize, const K: usize>(
        &self,
        buffers: &mut Buffers<T>,
        params: &[T],
        rows: &RowSet<'_>,
        grad: &mut [T],
    ) -> f64 {
        let (bias, coef) = self.split(params);
        let Buffers { rows: room, targets, factors, .. } = buffers;
        let (grad_bias, grad) = grad.split_at_mut(usize::from(self.fit_intercept));
        let sums = Sums::<S::Vector<T, N>, K>::new::<T, N>(coef);
        let reader = Reader { objective: self, bias, targets, factors };
        let mut pass = Pairs::<T, R, L, _, N, K> { reader, sums, sum: 0.0, slope_sum: T::zero() };
        visit(&self.rows, rows, room, &mut pass);
        let Pairs { sums, sum, slope_sum, .. } = pass;
        sums.add_to(grad);
        if let [grad_bias] = grad_bias {
            *grad_bias += slope_sum;
        }
        sum
    }
}

/// Rows of few features: eight at a time.
struct Pairs<'o, 'a, T, R, L, V, const N: usize, const K: usize> {
    reader: Reader<'o, 'a, T, R, L>,
    sums: Sums<V, K>,
    sum: f64,
    slope_sum: T,
}

impl<T, R, L, V, const N: usize, const K: usize> Visit<T> for Pairs<'_, '_, T, R, L, V, N, K>
where
    T: Real,
    R: Rows<T>,
    L: PointLoss<T>,
    V: Lanes<T, N>,
{
    #[inline(always)]
    fn visit<'b, B: Block<'b, T>>(&mut self, set: &RowSet<'_>, block: B) {
        let Pairs { reader, sums, sum, slope_sum } = self;
        let read = reader.read(set);
        let whole = set.len() - set.len() % TOGETHER;
        for first in (0..whole).step_by(TOGETHER) {
            let mut rows = [block.row(first); TOGETHER];
            for (row, place) in rows.iter_mut().zip(first..) {
                *row = block.row(place);
            }
            let (value, slopes) = read.sum_and_slopes(sums.dot(rows), first);
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
                sums.axpy_one(slope, block.row(place), place);
            }
            *slope_sum += sum_pairwise(slopes);
            *sum += value;
        }
    }
}
