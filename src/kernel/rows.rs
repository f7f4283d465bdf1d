//! Products of rows with w, and the gradient Σᵣ slopeᵣ·xᵣ, eight rows at a time.
//!
//! What is between the two, from products to slopes, is no matter of the kernels: they are the same for
//! every loss.

use super::lanes::EIGHT;
use super::many::Columns;
use crate::real::Real;

/// The weights w, and the gradient in them that is being summed; or the weights alone, where the gradient
/// is empty: then there is no `axpy`.
pub trait RowKernel<T: Real> {
    /// The products of eight rows with w. `ahead` are asked for meanwhile.
    fn dot(&self, rows: [&[T]; EIGHT], ahead: Option<[*const T; EIGHT]>) -> [T; EIGHT];

    /// The products of fewer rows with w; the others are zeros.
    fn dot_of_few(&self, rows: &[&[T]]) -> [T; EIGHT];

    /// Adds Σᵣ slopeᵣ·xᵣ over eight rows, in turn, to the gradient.
    fn axpy(&mut self, slopes: [T; EIGHT], rows: [&[T]; EIGHT]);

    /// The same for one row, the one at `place`.
    fn axpy_one(&mut self, slope: T, row: &[T], place: usize);

    /// Adds what is summed apart to the gradient.
    fn finish(self);

    /// Whether it takes columns, too.
    const TAKES_COLUMNS: bool = false;

    /// The products of rows whose columns lie side by side, in the first places of `out`.
    fn dot_columns(&self, _columns: Columns<'_>, _out: &mut [T]) {
        unreachable!("columns are not taken")
    }

    /// Adds Σᵣ slopeᵣ·xᵣ over such rows, in turn, to the gradient.
    fn axpy_columns(&mut self, _slopes: &[T], _columns: Columns<'_>) {
        unreachable!("columns are not taken")
    }
}
