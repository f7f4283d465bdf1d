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

use super::lanes::{Lanes, TOGETHER};
use crate::real::Real;

/// The weights w, and the gradient in them that is being summed, in K registers of N numbers.
pub struct Sums<V, const K: usize> {
    w: [V; K],
    /// Of every other row each, so that one addition need not wait for the one before.
    grads: [[V; K]; 2],
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

impl<V: Copy, const K: usize> Sums<V, K> {
    /// Sums for the weights `w`, C to 2C of them.
    #[inline(always)]
    pub fn new<T: Real, const N: usize>(w: &[T]) -> Self
    where
        V: Lanes<T, N>,
    {
        let half = K * N / 2;
        let mut numbers = [[T::zero(); N]; K];
        let (first, last) = numbers.as_flattened_mut().split_at_mut(half);
        first.copy_from_slice(&w[..half]);
        last.copy_from_slice(&w[w.len() - half..]);
        last[..2 * half - w.len()].fill(T::zero());
        let none = V::splat(T::zero());
        let mut sums = Sums { w: [none; K], grads: [[none; K]; 2] };
        for (w, numbers) in sums.w.iter_mut().zip(&numbers) {
            *w = V::load(numbers);
        }
        sums
    }

    /// The product of one row with w, as N partial sums: [`Lanes::sums`] adds up those of eight rows.
    #[inline(always)]
    pub fn dot_one<T: Real, const N: usize>(&self, row: &[T]) -> V
    where
        V: Lanes<T, N>,
    {
        let x = ends::<T, V, N, K>(row);
        let product = x[0].mul(self.w[0]);
        if K == 1 { product } else { product.add(x[K - 1].mul(self.w[K - 1])) }
    }

    /// The products of eight rows with w.
    #[inline(always)]
    pub fn dot<T: Real, const N: usize>(&self, rows: [&[T]; TOGETHER]) -> [T; TOGETHER]
    where
        V: Lanes<T, N>,
    {
        let mut products = [self.w[0]; TOGETHER];
        for r in 0..TOGETHER {
            products[r] = self.dot_one(rows[r]);
        }
        V::sums(products)
    }

    /// Adds Σᵣ slopeᵣ·xᵣ over eight rows to the gradient.
    #[inline(always)]
    pub fn axpy<T: Real, const N: usize>(&mut self, slopes: [T; TOGETHER], rows: [&[T]; TOGETHER])
    where
        V: Lanes<T, N>,
    {
        for r in 0..TOGETHER {
            self.axpy_one(slopes[r], rows[r], r);
        }
    }

    /// The same for one row, the one at `place`.
    #[inline(always)]
    pub fn axpy_one<T: Real, const N: usize>(&mut self, slope: T, row: &[T], place: usize)
    where
        V: Lanes<T, N>,
    {
        let (slope, x) = (V::splat(slope), ends::<T, V, N, K>(row));
        for (grad, x) in self.grads[place % 2].iter_mut().zip(x) {
            *grad = grad.add(x.mul(slope));
        }
    }

    /// Adds the sums to `grad`, each feature once.
    #[inline(always)]
    pub fn add_to<T: Real, const N: usize>(&self, grad: &mut [T])
    where
        V: Lanes<T, N>,
    {
        let half = K * N / 2;
        let overlap = 2 * half - grad.len();
        for sums in self.grads {
            let mut numbers = [[T::zero(); N]; K];
            for k in 0..K {
                sums[k].store(&mut numbers[k]);
            }
            let (first, last) = numbers.as_flattened().split_at(half);
            let (head, tail) = grad.split_at_mut(half);
            for (grad, &number) in head.iter_mut().zip(first) {
                *grad += number;
            }
            for (grad, &number) in tail.iter_mut().zip(&last[overlap..]) {
                *grad += number;
            }
        }
    }
}
