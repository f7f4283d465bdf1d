//! Rows of many features: eight at a time, each read from memory once.

use super::{Linear, Reader};
use crate::kernel::many::Sums;
use crate::kernel::vector::{dot, sum_pairwise};
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
        let mut pass = Wide { reader, coef, sums, sum: 0.0, slope_sum: T::zero() };
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
    coef: &'o [T],
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
    #[inline(always)]
    fn visit<'b, B: Block<'b, T>>(&mut self, set: &RowSet<'_>, block: B) {
        let Wide { reader, coef, sums, sum, slope_sum } = self;
        let read = reader.read(set);
        let whole = set.len() - set.len() % TOGETHER;
        for first in (0..whole).step_by(TOGETHER) {
            let [a, b, c, d, e, f, g, h] = [0, 1, 2, 3, 4, 5, 6, 7].map(|r| block.row(first + r));
            let rows = [a, b, c, d, e, f, g, h];
            let (value, slopes) =
                read.sum_and_slopes(sums.dot(rows, block.ahead_of_eight(first)), first);
            sums.axpy(slopes, rows);
            *slope_sum += sum_pairwise(slopes);
            *sum += value;
        }
        for place in whole..set.len() {
            let x = block.row(place);
            let (value, [slope]) = read.sum_and_slopes([dot(x, coef)], place);
            sums.axpy_one(slope, x);
            *sum += value;
            *slope_sum += slope;
        }
    }
}
