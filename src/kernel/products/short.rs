//! Scores of rows of few features for many classes: vectors lie along the classes.
//!
//! Along the features a score is a vector that has to be added up, which takes longer than the
//! products of a short row. Here a score is a lane from the start, and W is taken as it is, (d, K). The
//! classes are whole vectors of N and the last N, which overlap the ones before unless N divides K;
//! what is there twice is the same.

use super::{GROUP, lanes};
use crate::kernel::{Lanes, LanesPass, Simd, array_from, dispatch_lanes, prefetch};
use crate::real::Real;

/// Vectors of classes that are worked on together.
const TOGETHER: usize = 2;

/// The scores of some rows, at most [`GROUP`], by classes: `out[k][r]` ← xᵣ·wₖ; K is at least the number
/// of lanes. `ahead` are prefetched meanwhile.
pub fn scores<T: Real>(
    n_classes: usize,
    rows: &[&[T]],
    ahead: &[&[T]],
    w: &[T],
    out: &mut [[T; GROUP]],
) {
    dispatch_lanes(Scores { n_classes, rows, ahead, w, out });
}

struct Scores<'o, T> {
    n_classes: usize,
    rows: &'o [&'o [T]],
    ahead: &'o [&'o [T]],
    w: &'o [T],
    out: &'o mut [[T; GROUP]],
}

impl<T: Real> LanesPass for Scores<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self) {
        match (lanes::<T>(), S::WIDE) {
            (16, true) => self.tiles::<S, 16, 8>(),
            (16, false) => self.tiles::<S, 16, 2>(),
            (_, true) => self.tiles::<S, 8, 8>(),
            (_, false) => self.tiles::<S, 8, 2>(),
        }
    }
}

impl<T: Real> Scores<'_, T> {
    /// R rows and some vectors of classes at a time.
    #[inline(always)]
    fn tiles<S: Simd, const N: usize, const R: usize>(self) {
        let Scores { n_classes, rows, ahead, w, out } = self;
        // One array of vectors: an array of arrays is zeroed once, and then copied.
        let mut found = [[T::zero(); N]; TOGETHER * GROUP];
        for first in (0..n_classes).step_by(TOGETHER * N) {
            let starts: [usize; TOGETHER] = array_from(|v| (first + v * N).min(n_classes - N));
            for (tile, some) in rows.chunks(R).enumerate() {
                if first == 0 {
                    ahead.iter().skip(tile * R).take(R).for_each(|row| prefetch(row));
                }
                // A tile that is not full has its last row more than once.
                let x: [&[T]; R] = array_from(|r| some[r.min(some.len() - 1)]);
                score_tile::<S, T, N, R>(x, w, n_classes, starts, &mut found, tile * R);
            }
            for (found, &start) in found.as_chunks::<GROUP>().0.iter().zip(&starts) {
                let found = &found[..rows.len().next_multiple_of(N)];
                transpose::<S, T, N>(found, &mut out[start..]);
            }
        }
    }
}

/// Puts the scores of R rows, the first of which is `first`, in the classes from `starts` on, N each, in
/// `out`.
#[inline(always)]
fn score_tile<S: Simd, T: Real, const N: usize, const R: usize>(
    x: [&[T]; R],
    w: &[T],
    n_classes: usize,
    starts: [usize; TOGETHER],
    out: &mut [[T; N]; TOGETHER * GROUP],
    first: usize,
) {
    let n_features = x[0].len();
    let x: [&[T]; R] = array_from(|r| &x[r][..n_features]);
    let mut sums = [[<S::Vector<T, N> as Lanes<T, N>>::splat(T::zero()); TOGETHER]; R];
    for (j, w) in w.chunks_exact(n_classes).enumerate().take(n_features) {
        let w: [S::Vector<T, N>; TOGETHER] =
            array_from(|v| Lanes::load(w[starts[v]..].first_chunk().expect("N classes")));
        for r in 0..R {
            let x: S::Vector<T, N> = Lanes::splat(x[r][j]);
            for v in 0..TOGETHER {
                sums[r][v] = x.mul_add(w[v], sums[r][v]);
            }
        }
    }
    for v in 0..TOGETHER {
        for r in 0..R {
            sums[r][v].store(&mut out[v * GROUP + first + r]);
        }
    }
}

/// Scores by rows, N classes each, to scores by classes.
#[inline(always)]
fn transpose<S: Simd, T: Real, const N: usize>(found: &[[T; N]], out: &mut [[T; GROUP]]) {
    for (square, found) in found.as_chunks::<N>().0.iter().enumerate() {
        let row = |r: usize| <S::Vector<T, N> as Lanes<T, N>>::load(&found[r]);
        let classes = Lanes::transpose(array_from::<_, N>(row));
        // By index: an iterator over the array would move it through memory.
        for class in 0..N {
            classes[class].store(&mut out[class].as_chunks_mut().0[square]);
        }
    }
}
