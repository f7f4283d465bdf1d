//! Vector arithmetic on one row: dot product, axpy.
//!
//! Every function takes slices of equal length and works on the shorter one if they differ.

use super::{Pass, dispatch, sum_pairwise};
use crate::real::Real;

/// Independent accumulators of [`dot`]: two 512-bit vectors of `f64`, so that the additions of
/// one do not wait for the other.
const LANES: usize = 16;

/// Σⱼ aⱼ bⱼ, summed in 16 partial sums that are then added pairwise.
///
/// Which partial sum element j goes to depends on j and the length alone, whatever the instruction
/// set, so the bits are fixed.
#[inline(always)]
pub fn dot<T: Real>(a: &[T], b: &[T]) -> T {
    let length = a.len().min(b.len());
    let (a, b) = (&a[..length], &b[..length]);
    let (a_chunks, a_tail) = a.as_chunks::<LANES>();
    let (b_chunks, b_tail) = b.as_chunks::<LANES>();
    let mut sums = [T::zero(); LANES];
    for (a, b) in a_chunks.iter().zip(b_chunks) {
        add_products(a, b, &mut sums);
    }
    // The tail in chunks of 8, 4 and single elements: fixed lengths, hence vector code.
    let (a_chunks, a_tail) = a_tail.as_chunks::<8>();
    let (b_chunks, b_tail) = b_tail.as_chunks::<8>();
    for (a, b) in a_chunks.iter().zip(b_chunks) {
        add_products(a, b, &mut sums);
    }
    let (a_chunks, a_tail) = a_tail.as_chunks::<4>();
    let (b_chunks, b_tail) = b_tail.as_chunks::<4>();
    for (a, b) in a_chunks.iter().zip(b_chunks) {
        add_products(a, b, &mut sums);
    }
    add_products(a_tail, b_tail, &mut sums);
    sum_pairwise(sums)
}

/// sumsₖ ← sumsₖ + aₖ bₖ.
#[inline(always)]
fn add_products<T: Real>(a: &[T], b: &[T], sums: &mut [T]) {
    for ((sum, &a), &b) in sums.iter_mut().zip(a).zip(b) {
        *sum += a * b;
    }
}

/// y ← y + a·x.
#[inline(always)]
pub fn axpy<T: Real>(a: T, x: &[T], y: &mut [T]) {
    for (y, &x) in y.iter_mut().zip(x) {
        *y += a * x;
    }
}

/// y ← y + x, a pass of its own.
pub fn add<T: Real>(x: &[T], y: &mut [T]) {
    dispatch(Add { x, y });
}

struct Add<'o, T> {
    x: &'o [T],
    y: &'o mut [T],
}

impl<T: Real> Pass for Add<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        for (y, &x) in self.y.iter_mut().zip(self.x) {
            *y += x;
        }
    }
}

/// Σⱼ aⱼ² in double precision.
#[inline(always)]
pub fn squared_norm<T: Real>(a: &[T]) -> f64 {
    a.iter().map(|&a| a.as_f64() * a.as_f64()).sum()
}

/// Whether every element is a finite number.
#[inline(always)]
pub fn all_finite<T: Real>(a: &[T]) -> bool {
    // 0·a is 0 for a finite number and NaN for any other: a sum instead of a branch each.
    a.iter().fold(T::zero(), |sum, &a| sum + a * T::zero()) == T::zero()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Exact sums: products of small whole numbers leave nothing to round.
    fn whole_numbers(max_len: usize) -> impl Strategy<Value = (Vec<f64>, Vec<f64>)> {
        (0..max_len).prop_flat_map(|n| {
            let numbers = || prop::collection::vec((-1000..1000i32).prop_map(f64::from), n);
            (numbers(), numbers())
        })
    }

    proptest! {
        #[test]
        fn dot_is_the_sum_of_products((a, b) in whole_numbers(200)) {
            let naive: f64 = a.iter().zip(&b).map(|(a, b)| a * b).sum();
            prop_assert_eq!(dot(&a, &b), naive);
            let single = |v: &[f64]| v.iter().map(|&x| (x % 10.0) as f32).collect::<Vec<_>>();
            let (a, b) = (single(&a), single(&b));
            let naive: f32 = a.iter().zip(&b).map(|(a, b)| a * b).sum();
            prop_assert_eq!(dot(&a, &b), naive);
        }

        #[test]
        fn axpy_adds_a_multiple((x, y) in whole_numbers(100), a in -50i32..50) {
            let a = f64::from(a);
            let mut out = y.clone();
            axpy(a, &x, &mut out);
            let naive: Vec<f64> = x.iter().zip(&y).map(|(x, y)| y + a * x).collect();
            prop_assert_eq!(out, naive);
        }

        #[test]
        fn all_finite_finds_the_one(length in 1..50usize, at in 0..50usize, which in 0..3usize) {
            let mut a = vec![1.5f32; length];
            prop_assert!(all_finite(&a));
            a[at % length] = [f32::NAN, f32::INFINITY, f32::NEG_INFINITY][which];
            prop_assert!(!all_finite(&a));
        }
    }

    #[test]
    fn squared_norm_of_three_and_four() {
        assert_eq!(squared_norm(&[3.0f32, 4.0]), 25.0);
    }
}
