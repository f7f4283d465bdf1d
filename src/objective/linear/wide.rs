//! Rows of many features: four at a time, each read from memory once.

use super::{Linear, Reader};
use crate::kernel::four::Sums;
use crate::kernel::vector::dot;
use crate::objective::{Buffers, PointLoss};
use crate::real::Real;
use crate::rows::{Block, RowSet, Rows, Visit, visit};

impl<T: Real, R: Rows<T>, L: PointLoss<T>> Linear<'_, T, R, L> {
    #[inline(always)]
    pub(super) fn sum_wide<const N: usize>(
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
        let sums = Sums::<T, N>::new(coef, grad);
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

/// Rows of many features: four at a time, each read from memory once.
struct Wide<'o, 'a, T, R, L, const N: usize> {
    reader: Reader<'o, 'a, T, R, L>,
    coef: &'o [T],
    sums: Sums<'o, T, N>,
    sum: f64,
    slope_sum: T,
}

impl<T: Real, R: Rows<T>, L: PointLoss<T>, const N: usize> Visit<T> for Wide<'_, '_, T, R, L, N> {
    #[inline(always)]
    fn visit<'b, B: Block<'b, T>>(&mut self, set: &RowSet<'_>, block: B) {
        let Wide { reader, coef, sums, sum, slope_sum } = self;
        let read = reader.read(set);
        let four = |first: usize| -> [&[T]; 4] {
            (first..first + 4).for_each(|place| block.fetch_after(place));
            std::array::from_fn(|r| block.row(first + r))
        };
        let mut place = 0;
        while place + 4 <= set.len() {
            let rows = four(place);
            let mut slopes = sums.dot(rows);
            // One by one: as an array of four they would keep the sums of `dot` in memory.
            for (r, slope) in slopes.iter_mut().enumerate() {
                let (value, [slope_of_row]) = read.sum_and_slopes([*slope], place + r);
                *slope = slope_of_row;
                *slope_sum += slope_of_row;
                *sum += value;
            }
            sums.axpy(slopes, rows);
            place += 4;
        }
        for place in place..set.len() {
            let x = block.row(place);
            let (value, [slope]) = read.sum_and_slopes([dot(x, coef)], place);
            sums.axpy_one(slope, x);
            *sum += value;
            *slope_sum += slope;
        }
    }
}
