//! Products of rows with w, and the gradient Σᵣ slopeᵣ·xᵣ, eight rows at a time.
//!
//! What is between the two, from products to slopes, is no matter of the kernels: they are the same for
//! every loss.
//!
//! ```text
//! fewer features than a register has numbers    narrow, in plain arrays
//! up to twice as many                           pair
//! more                                          many
//! ```

pub mod many;
mod narrow;
pub(super) mod pair;

use self::many::{Columns, DOUBLES, SINGLES};
use super::lanes::{EIGHT, Simd};
use crate::real::Real;

/// The weights w, and the gradient in them that is being summed; or the weights alone, where the gradient
/// is empty: then there is no `axpy`.
pub trait RowKernel<T: Real> {
    /// The products of eight rows with w. `ahead` are prefetched meanwhile.
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

/// What is done with the kernel for rows of some length.
pub trait WithRowKernel<T: Real> {
    type Output;
    fn with<K: RowKernel<T>>(self, kernel: K) -> Self::Output;
}

/// The kernel for rows as long as `w`, whose sums are added to `grad`, as long or empty.
#[inline(always)]
pub fn with_row_kernel<S: Simd, T: Real, W: WithRowKernel<T>>(
    w: &[T],
    grad: &mut [T],
    what: W,
) -> W::Output {
    let is_single = size_of::<T>() == size_of::<f32>();
    match w.len() {
        1 => what.with(narrow::Sums::<T, 1>::new(w, grad)),
        2..4 => what.with(narrow::Sums::<T, 2>::new(w, grad)),
        4..8 => what.with(narrow::Sums::<T, 4>::new(w, grad)),
        8..16 if is_single => what.with(Pair::<T, S, SINGLES, 1>::new(w, grad)),
        d if is_single && d <= 2 * SINGLES => what.with(Pair::<T, S, SINGLES, 2>::new(w, grad)),
        d if !is_single && d <= 2 * DOUBLES => what.with(Pair::<T, S, DOUBLES, 2>::new(w, grad)),
        _ if is_single => what.with(Many::<T, S, SINGLES>::new(w, grad)),
        _ => what.with(Many::<T, S, DOUBLES>::new(w, grad)),
    }
}

type Pair<'a, T, S, const N: usize, const K: usize> =
    pair::Sums<'a, T, <S as Simd>::Vector<T, N>, N, K>;
type Many<'a, T, S, const N: usize> = many::Sums<'a, T, <S as Simd>::Vector<T, N>, N>;
