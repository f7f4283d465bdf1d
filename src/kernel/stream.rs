//! Numbers that are read once, in the order of memory, before they are computed.
//!
//! Eight rows at a time are eight places that memory is read from, and the processor's own prefetching
//! follows one. Read through first, the rows are one stream, and then in the first-level cache.

use super::lanes::{Lanes, Simd};
use super::many::{DOUBLES, SINGLES};
use crate::real::Real;

/// Reads `values`, and forgets them.
#[inline(always)]
pub fn read_through<S: Simd, T: Real>(values: &[T]) {
    if size_of::<T>() == size_of::<f32>() {
        read::<T, S::Vector<T, SINGLES>, SINGLES>(values);
    } else {
        read::<T, S::Vector<T, DOUBLES>, DOUBLES>(values);
    }
}

#[inline(always)]
fn read<T: Real, V: Lanes<T, N>, const N: usize>(values: &[T]) {
    const SUMS: usize = 4;
    let mut sums = [V::splat(T::zero()); SUMS];
    let (chunks, _) = values.as_chunks::<N>();
    let (groups, rest) = chunks.as_chunks::<SUMS>();
    for group in groups {
        for k in 0..SUMS {
            sums[k] = sums[k].add(V::load(&group[k]));
        }
    }
    for chunk in rest {
        sums[0] = sums[0].add(V::load(chunk));
    }
    // Else the compiler would see that nobody wants them.
    std::hint::black_box(sums);
}
