//! Scores of rows of few features for many classes: vectors lie along the classes.
//!
//! Along the features a score is a vector that has to be added up, which takes longer than the
//! products of a short row. Here a score is a lane from the start, and W is taken as it is, (d, K). The
//! classes are whole vectors of N and the last N, which overlap the ones before unless N divides K;
//! what is there twice is the same.

use super::{GROUP, add_product, lanes};
use crate::kernel::{
    FusedPass, Lanes, LanesPass, Simd, array_from, dispatch_fused, dispatch_lanes, prefetch,
};
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
    dispatch_fused(Scores { n_classes, rows, ahead, w, out });
}

struct Scores<'o, T> {
    n_classes: usize,
    rows: &'o [&'o [T]],
    ahead: &'o [&'o [T]],
    w: &'o [T],
    out: &'o mut [[T; GROUP]],
}

impl<T: Real> FusedPass for Scores<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<const WIDE: bool, const FUSED: bool>(self) {
        match (lanes::<T>(), WIDE) {
            (16, true) => self.tiles::<16, 8, FUSED>(),
            (16, false) => self.tiles::<16, 2, FUSED>(),
            (_, true) => self.tiles::<8, 8, FUSED>(),
            (_, false) => self.tiles::<8, 2, FUSED>(),
        }
    }
}

impl<T: Real> Scores<'_, T> {
    /// R rows and some vectors of classes at a time.
    #[inline(always)]
    fn tiles<const N: usize, const R: usize, const FUSED: bool>(self) {
        let Scores { n_classes, rows, ahead, w, out } = self;
        let mut found = [[[T::zero(); N]; GROUP]; TOGETHER];
        for first in (0..n_classes).step_by(TOGETHER * N) {
            let starts: [usize; TOGETHER] = array_from(|v| (first + v * N).min(n_classes - N));
            for (tile, some) in rows.chunks(R).enumerate() {
                if first == 0 {
                    ahead.iter().skip(tile * R).take(R).for_each(|row| prefetch(row));
                }
                // A tile that is not full has its last row more than once.
                let x: [&[T]; R] = array_from(|r| some[r.min(some.len() - 1)]);
                let [a, b] = &mut found;
                let (a, b) = (&mut a[tile * R..][..R], &mut b[tile * R..][..R]);
                score_tile::<T, N, R, FUSED>(x, w, n_classes, starts, [a, b]);
            }
            for (found, &start) in found.iter().zip(&starts) {
                let found = &found[..rows.len().next_multiple_of(N)];
                dispatch_lanes(Turn { found, out: &mut out[start..] });
            }
        }
    }
}

/// Puts the scores of R rows in the classes from `starts` on, N each, in `out`.
#[inline(always)]
fn score_tile<T: Real, const N: usize, const R: usize, const FUSED: bool>(
    x: [&[T]; R],
    w: &[T],
    n_classes: usize,
    starts: [usize; TOGETHER],
    out: [&mut [[T; N]]; TOGETHER],
) {
    let n_features = x[0].len();
    let x: [&[T]; R] = array_from(|r| &x[r][..n_features]);
    let mut sums = [[[T::zero(); N]; TOGETHER]; R];
    for (j, w) in w.chunks_exact(n_classes).enumerate().take(n_features) {
        let w: [&[T; N]; TOGETHER] =
            array_from(|v| w[starts[v]..].first_chunk().expect("N classes"));
        for r in 0..R {
            let x = [x[r][j]; N];
            for v in 0..TOGETHER {
                sums[r][v] = add_product::<T, N, FUSED>(&x, w[v], &sums[r][v]);
            }
        }
    }
    for (v, out) in out.into_iter().enumerate() {
        for (r, out) in out.iter_mut().enumerate().take(R) {
            *out = sums[r][v];
        }
    }
}

/// Scores by rows, N classes each, to scores by classes.
struct Turn<'o, T, const N: usize> {
    found: &'o [[T; N]],
    out: &'o mut [[T; GROUP]],
}

impl<T: Real, const N: usize> LanesPass for Turn<'_, T, N> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self) {
        for (square, found) in self.found.as_chunks::<N>().0.iter().enumerate() {
            let row = |r: usize| <S::Vector<T, N> as Lanes<T, N>>::load(&found[r]);
            let transposed = Lanes::transpose(array_from::<_, N>(row));
            for (class, out) in transposed.into_iter().zip(self.out.iter_mut()) {
                class.store(&mut out.as_chunks_mut().0[square]);
            }
        }
    }
}
