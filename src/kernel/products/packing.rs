//! W packed for the products, its gradient unpacked: from (d, K) to the order of the products and
//! back. Squares of N features and N classes are transposed in registers.

use super::{Shape, lanes};
use crate::kernel::{Lanes, LanesPass, Simd, array_from, dispatch_lanes};
use crate::real::Real;

/// W, (d, K), packed for `scores`: by classes, or as it is.
pub fn pack<T: Real>(shape: Shape, w: &[T], out: &mut [T]) {
    if shape.is_short::<T>() {
        out[..w.len()].copy_from_slice(w);
        return;
    }
    dispatch_lanes(ByClasses { shape, w, out });
}

struct ByClasses<'o, T> {
    shape: Shape,
    w: &'o [T],
    out: &'o mut [T],
}

impl<T: Real> LanesPass for ByClasses<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self) {
        match lanes::<T>() {
            16 => put_by_classes::<T, S::Vector<T, 16>, 16>(self.shape, self.w, self.out),
            _ => put_by_classes::<T, S::Vector<T, 8>, 8>(self.shape, self.w, self.out),
        }
    }
}

/// Squares of N features and N classes are transposed in registers.
#[inline(always)]
fn put_by_classes<T: Real, V: Lanes<T, N>, const N: usize>(shape: Shape, w: &[T], out: &mut [T]) {
    let (k, chunks) = (shape.n_classes, shape.chunks::<T>());
    let out = out.as_chunks_mut::<N>().0;
    for chunk in 0..chunks {
        let (start, seen) = (shape.start::<T>(chunk), shape.seen::<T>(chunk));
        for first in (0..k).step_by(N) {
            let row = |j: usize| {
                let from = &w[(start + j) * k + first..];
                // There may be more than the classes of a row: they go to padding, which is not read.
                match from.first_chunk() {
                    Some(row) => V::load(row),
                    None => V::load(&padded(from)),
                }
            };
            let transposed = V::transpose(array_from(row));
            for (class, classes) in (first..k).zip(transposed) {
                let out = &mut out[class * chunks + chunk];
                classes.store(out);
                out[..seen].fill(T::zero());
            }
        }
    }
}

/// Some numbers, fewer than N, with zeros after them.
#[inline(always)]
fn padded<T: Real, const N: usize>(some: &[T]) -> [T; N] {
    let mut all = [T::zero(); N];
    all.iter_mut().zip(some).for_each(|(all, &some)| *all = some);
    all
}

/// Adds a gradient by classes to one that is (d, K).
pub fn add_by_classes<T: Real>(shape: Shape, by_classes: &[T], out: &mut [T]) {
    dispatch_lanes(FromClasses { shape, by_classes, out });
}

struct FromClasses<'o, T> {
    shape: Shape,
    by_classes: &'o [T],
    out: &'o mut [T],
}

impl<T: Real> LanesPass for FromClasses<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self) {
        match lanes::<T>() {
            16 => {
                add_from_classes::<T, S::Vector<T, 16>, 16>(self.shape, self.by_classes, self.out)
            }
            _ => add_from_classes::<T, S::Vector<T, 8>, 8>(self.shape, self.by_classes, self.out),
        }
    }
}

#[inline(always)]
fn add_from_classes<T: Real, V: Lanes<T, N>, const N: usize>(
    shape: Shape,
    by_classes: &[T],
    out: &mut [T],
) {
    let (k, chunks) = (shape.n_classes, shape.chunks::<T>());
    let by_classes = by_classes.as_chunks::<N>().0;
    for chunk in 0..chunks {
        let (start, seen) = (shape.start::<T>(chunk), shape.seen::<T>(chunk));
        for first in (0..k).step_by(N) {
            let class = |c: usize| match by_classes.get((first + c) * chunks + chunk) {
                Some(classes) if first + c < k => V::load(classes),
                _ => V::splat(T::zero()),
            };
            let transposed = V::transpose(array_from(class));
            // A row's vector may go beyond its classes: zeros are added to those of the next row.
            let begin = start * k + first;
            if seen == 0 && begin + (N - 1) * k + N <= out.len() {
                let before: [V; N] =
                    array_from(|j| V::load(out[begin + j * k..].first_chunk().expect("N numbers")));
                for j in 0..N {
                    let out = out[begin + j * k..].first_chunk_mut().expect("N numbers");
                    before[j].add(transposed[j]).store(out);
                }
                continue;
            }
            let mut rows = [[T::zero(); N]; N];
            for (row, transposed) in rows.iter_mut().zip(transposed) {
                transposed.store(row);
            }
            for (j, row) in rows.iter().enumerate().skip(seen) {
                let out = &mut out[(start + j) * k + first..][..N.min(k - first)];
                out.iter_mut().zip(row).for_each(|(out, &value)| *out += value);
            }
        }
    }
}
