//! Rows of N to 2N features, where N numbers are a register.

use super::{Linear, Reader};
use crate::kernel::pair::Sums;
use crate::kernel::vector::{dot, sum_pairwise};
use crate::kernel::{Lanes, Simd, TOGETHER};
use crate::objective::{Buffers, PointLoss};
use crate::real::Real;
use crate::rows::{Block, RowSet, Rows, Visit, visit};

impl<T: Real, R: Rows<T>, L: PointLoss<T>> Linear<'_, T, R, L> {
    #[inline(always)]
    pub(super) fn sum_pairs<S: Simd, const N: usize>(
        &self,
        buffers: &mut Buffers<T>,
        params: &[T],
        rows: &RowSet<'_>,
        grad: &mut [T],
    ) -> f64 {
        let (bias, coef) = self.split(params);
        let Buffers { rows: room, targets, factors, .. } = buffers;
        let (grad_bias, grad) = grad.split_at_mut(usize::from(self.fit_intercept));
        let sums = Sums::<S::Vector<T, N>>::new::<T, N>(coef);
        let reader = Reader { objective: self, bias, targets, factors };
        let mut pass = Pairs { reader, coef, sums, sum: 0.0, slope_sum: T::zero() };
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
struct Pairs<'o, 'a, T, R, L, V, const N: usize> {
    reader: Reader<'o, 'a, T, R, L>,
    coef: &'o [T],
    sums: Sums<V>,
    sum: f64,
    slope_sum: T,
}

impl<T, R, L, V, const N: usize> Visit<T> for Pairs<'_, '_, T, R, L, V, N>
where
    T: Real,
    R: Rows<T>,
    L: PointLoss<T>,
    V: Lanes<T, N>,
{
    #[inline(always)]
    fn visit<'b, B: Block<'b, T>>(&mut self, set: &RowSet<'_>, block: B) {
        let Pairs { reader, coef, sums, sum, slope_sum } = self;
        let read = reader.read(set);
        let whole = set.len() - set.len() % TOGETHER;
        for first in (0..whole).step_by(TOGETHER) {
            let [a, b, c, d, e, f, g, h] = [0, 1, 2, 3, 4, 5, 6, 7].map(|r| block.row(first + r));
            let rows = [a, b, c, d, e, f, g, h];
            let (value, slopes) = read.sum_and_slopes(sums.dot(rows), first);
            sums.axpy(slopes, rows);
            *slope_sum += sum_pairwise(slopes);
            *sum += value;
        }
        for place in whole..set.len() {
            let x = block.row(place);
            let (value, [slope]) = read.sum_and_slopes([dot(x, coef)], place);
            sums.axpy_one(slope, x, place);
            *sum += value;
            *slope_sum += slope;
        }
    }
}
