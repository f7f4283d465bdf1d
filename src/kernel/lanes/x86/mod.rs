//! The vectors of AVX2 and AVX-512.
//!
//! # Safety
//!
//! Every `unsafe` block of these modules calls intrinsics of AVX2 and FMA or of AVX-512 F, without
//! pointers but those of arrays that are long enough. The types are out of reach but through [`Avx2`] and [`Avx512`],
//! which only `dispatch_lanes` names, after it has seen that the processor has the instructions.

mod avx2;
mod avx512;

pub use avx2::Avx2;
pub use avx512::Avx512;

use std::arch::x86_64::{__m256d, _mm256_loadu_pd};
use std::mem::transmute_copy;

use crate::real::Real;

/// Whether T is single, and N of it are 64 bytes.
#[inline(always)]
const fn is_single<T, const N: usize>() -> bool {
    assert!(N * size_of::<T>() == 64, "64 bytes");
    size_of::<T>() == size_of::<f32>()
}

/// The numbers of an array of another name for their type.
#[inline(always)]
fn named<T: Real, U: Real, const N: usize>(numbers: [T; N]) -> [U; N] {
    assert!(size_of::<T>() == size_of::<U>());
    // SAFETY: T and U are `f32` or `f64`, the types that are Real, and of one size: the same.
    unsafe { transmute_copy(&numbers) }
}

/// The first N/2 numbers of a row, and the last.
#[inline(always)]
fn ends_256<T: Real, const N: usize>(row: &[T]) -> [__m256d; 2] {
    assert!(N * size_of::<T>() == 64, "64 bytes");
    let (first, last) = (&row[..N / 2], &row[row.len() - N / 2..]);
    // SAFETY: see the module; the slices are 32 bytes long.
    unsafe { [_mm256_loadu_pd(first.as_ptr().cast()), _mm256_loadu_pd(last.as_ptr().cast())] }
}

/// `of` with one operation done to each pair of vectors `apart` places apart: the lower result stays
/// in the place of the first, the upper goes to that of the second.
#[inline(always)]
fn exchange<V: Copy, const N: usize>(
    mut of: [V; N],
    apart: usize,
    lower: impl Fn(V, V) -> V,
    upper: impl Fn(V, V) -> V,
) -> [V; N] {
    for first in 0..N {
        if first & apart == 0 {
            let (a, b) = (of[first], of[first + apart]);
            (of[first], of[first + apart]) = (lower(a, b), upper(a, b));
        }
    }
    of
}
