//! The losses alone, without slopes.

use super::{Linear, Reader};
use crate::kernel::vector::dot;
use crate::objective::{Buffers, PointLoss};
use crate::real::Real;
use crate::rows::{Block, RowSet, Rows, Visit, visit};

impl<T: Real, R: Rows<T>, L: PointLoss<T>> Linear<'_, T, R, L> {
    /// The sum of the losses alone.
    #[inline(always)]
    pub(super) fn sum_of_losses(
        &self,
        buffers: &mut Buffers<T>,
        params: &[T],
        rows: &RowSet<'_>,
    ) -> f64 {
        let (bias, coef) = self.split(params);
        let Buffers { rows: room, targets, factors, .. } = buffers;
        let reader = Reader { objective: self, bias, targets, factors };
        let mut pass = Losses { reader, coef, sum: 0.0 };
        visit(&self.rows, rows, room, &mut pass);
        pass.sum
    }
}

/// The losses alone, without slopes.
struct Losses<'o, 'a, T, R, L> {
    reader: Reader<'o, 'a, T, R, L>,
    coef: &'o [T],
    sum: f64,
}

impl<T: Real, R: Rows<T>, L: PointLoss<T>> Visit<T> for Losses<'_, '_, T, R, L> {
    #[inline(always)]
    fn visit<'b, B: Block<'b, T>>(&mut self, set: &RowSet<'_>, block: B) {
        let read = self.reader.read(set);
        let mut place = 0;
        while place + 8 <= set.len() {
            let products = std::array::from_fn(|r| dot(block.row(place + r), self.coef));
            self.sum += read.sum_and_slopes::<8>(products, place).0;
            place += 8;
        }
        for place in place..set.len() {
            self.sum += read.sum_and_slopes([dot(block.row(place), self.coef)], place).0;
        }
    }
}
