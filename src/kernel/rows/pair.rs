//! Rows of few features: w and the gradient stay in registers.
//!
//! A row is its first C features and its last C, which overlap unless d = 2C. They are two registers of
//! N = C numbers each (K = 2), or the halves of one (K = 1, N = 2C):
//!
//! ```text
//! d = 10, C = 8:   x₀ x₁ x₂ x₃ x₄ x₅ x₆ x₇ . .
//!                  . . x₂ x₃ x₄ x₅ x₆ x₇ x₈ x₉
//! ```
//!
//! The weights of the last C are zero where the first have the feature already.

use super::RowKernel;
use crate::kernel::lanes::{EIGHT, Lanes};
use crate::kernel::prefetch::prefetch_short;
use crate::real::Real;

/// The weights w, and the gradient in them that is being summed, in K registers of N numbers.
pub struct Sums<'a, T, V, const N: usize, const K: usize> {
    w: [V; K],
    /// Of every other row each, so that one addition need not wait for the one before.
    grads: [[V; K]; 2],
    grad: &'a mut [T],
}

/// The first and the last features.
#[inline(always)]
fn ends<T: Real, V: Lanes<T, N>, const N: usize, const K: usize>(row: &[T]) -> [V; K] {
    if K == 1 {
        return [V::load_ends(row); K];
    }
    let mut ends = [V::load(row.first_chunk().expect("at least N features")); K];
    ends[K - 1] = V::load(row.last_chunk().expect("at least N features"));
    ends
}

impl<'a, T: Real, V: Lanes<T, N>, const N: usize, const K: usize> Sums<'a, T, V, N, K> {
    /// Sums for the weights `w`, C to 2C of them, that are added to `grad`, as long or empty.
    #[inline(always)]
    pub fn new(w: &[T], grad: &'a mut [T]) -> Self {
        let half = K * N / 2;
        let mut numbers = [[T::zero(); N]; K];
        let (first, last) = numbers.as_flattened_mut().split_at_mut(half);
        first.copy_from_slice(&w[..half]);
        last.copy_from_slice(&w[w.len() - half..]);
        last[..2 * half - w.len()].fill(T::zero());
        let none = V::splat(T::zero());
        let mut sums = Sums { w: [none; K], grads: [[none; K]; 2], grad };
        for (w, numbers) in sums.w.iter_mut().zip(&numbers) {
            *w = V::load(numbers);
        }
        sums
    }

    /// The product of one row with w, as N partial sums: [`Lanes::sums`] adds up those of eight rows.
    #[inline(always)]
    fn partial_sums(&self, row: &[T]) -> V {
        let x = ends::<T, V, N, K>(row);
        let product = x[0].mul(self.w[0]);
        if K == 1 { product } else { product.add(x[K - 1].mul(self.w[K - 1])) }
    }
}

impl<T: Real, V: Lanes<T, N>, const N: usize, const K: usize> RowKernel<T>
    for Sums<'_, T, V, N, K>
{
    #[inline(always)]
    fn dot(&self, rows: [&[T]; EIGHT], ahead: Option<[*const T; EIGHT]>) -> [T; EIGHT] {
        prefetch_short(ahead, rows[0].len());
        let mut products = [self.w[0]; EIGHT];
        for r in 0..EIGHT {
            products[r] = self.partial_sums(rows[r]);
        }
        V::sums(products)
    }

    #[inline(always)]
    fn dot_of_few(&self, rows: &[&[T]]) -> [T; EIGHT] {
        let mut products = [V::splat(T::zero()); EIGHT];
        for (product, row) in products.iter_mut().zip(rows) {
            *product = self.partial_sums(row);
        }
        V::sums(products)
    }

    #[inline(always)]
    fn axpy(&mut self, slopes: [T; EIGHT], rows: [&[T]; EIGHT]) {
        for r in 0..EIGHT {
            self.axpy_one(slopes[r], rows[r], r);
        }
    }

    #[inline(always)]
    fn axpy_one(&mut self, slope: T, row: &[T], place: usize) {
        let (slope, x) = (V::splat(slope), ends::<T, V, N, K>(row));
        for (grad, x) in self.grads[place % 2].iter_mut().zip(x) {
            *grad = grad.add(x.mul(slope));
        }
    }

    /// Each feature is added once.
    #[inline(always)]
    fn finish(self) {
        if self.grad.is_empty() {
            return;
        }
        let half = K * N / 2;
        let overlap = 2 * half - self.grad.len();
        for sums in self.grads {
            let mut numbers = [[T::zero(); N]; K];
            for k in 0..K {
                sums[k].store(&mut numbers[k]);
            }
            let (first, last) = numbers.as_flattened().split_at(half);
            let (head, tail) = self.grad.split_at_mut(half);
            for (grad, &number) in head.iter_mut().zip(first) {
                *grad += number;
            }
            for (grad, &number) in tail.iter_mut().zip(&last[overlap..]) {
                *grad += number;
            }
        }
    }
}
