//! Rows of N to 2N features, where N numbers are a register: w and the gradient stay in registers.
//!
//! A row is its first N features and its last N, which overlap unless d = 2N:
//!
//! ```text
//! d = 10, N = 8:   x₀ x₁ x₂ x₃ x₄ x₅ x₆ x₇ . .
//!                  . . x₂ x₃ x₄ x₅ x₆ x₇ x₈ x₉
//! ```
//!
//! The weights of the second register are zero where the first has the feature already.

use super::lanes::{Lanes, TOGETHER};
use crate::real::Real;

/// The weights w, and the gradient in them that is being summed.
pub struct Sums<V> {
    w: [V; 2],
    /// Of every other row each, so that one addition need not wait for the one before.
    grads: [[V; 2]; 2],
}

/// The first and the last N features.
#[inline(always)]
fn pair<T: Real, V: Lanes<T, N>, const N: usize>(row: &[T]) -> [V; 2] {
    let first = row.first_chunk().expect("at least N features");
    let last = row.last_chunk().expect("at least N features");
    [V::load(first), V::load(last)]
}

impl<V: Copy> Sums<V> {
    /// Sums for the weights `w`, N to 2N of them.
    #[inline(always)]
    pub fn new<T: Real, const N: usize>(w: &[T]) -> Self
    where
        V: Lanes<T, N>,
    {
        let mut last = *w.last_chunk::<N>().expect("at least N features");
        last[..2 * N - w.len()].fill(T::zero());
        let [first, _] = pair::<T, V, N>(w);
        Sums { w: [first, V::load(&last)], grads: [[V::splat(T::zero()); 2]; 2] }
    }

    /// The products of eight rows with w.
    #[inline(always)]
    pub fn dot<T: Real, const N: usize>(&self, rows: [&[T]; TOGETHER]) -> [T; TOGETHER]
    where
        V: Lanes<T, N>,
    {
        let mut products = [self.w[0]; TOGETHER];
        for r in 0..TOGETHER {
            let [first, last] = pair::<T, V, N>(rows[r]);
            products[r] = first.mul(self.w[0]).add(last.mul(self.w[1]));
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
        let (slope, [first, last]) = (V::splat(slope), pair::<T, V, N>(row));
        let grad = &mut self.grads[place % 2];
        *grad = [grad[0].add(first.mul(slope)), grad[1].add(last.mul(slope))];
    }

    /// Adds the sums to `grad`, each feature once.
    #[inline(always)]
    pub fn add_to<T: Real, const N: usize>(&self, grad: &mut [T])
    where
        V: Lanes<T, N>,
    {
        let overlap = 2 * N - grad.len();
        for sums in self.grads {
            let mut numbers = [[T::zero(); N]; 2];
            sums[0].store(&mut numbers[0]);
            sums[1].store(&mut numbers[1]);
            let (head, tail) = grad.split_at_mut(N);
            for (grad, &number) in head.iter_mut().zip(&numbers[0]) {
                *grad += number;
            }
            for (grad, &number) in tail.iter_mut().zip(&numbers[1][overlap..]) {
                *grad += number;
            }
        }
    }
}
