//! Rows times W, vectors lying along the features.

use super::{GROUP, Shape, add_product, short};
use crate::kernel::array_from;
use crate::kernel::vector::sum_pairwise;
use crate::kernel::{
    EIGHT, FusedPass, LINE, Lanes, LanesPass, Simd, dispatch_fused, dispatch_lanes, prefetch_line,
};
use crate::real::Real;

/// Tiles of classes whose partial sums wait to be added up. They wait in memory: sums that are made of
/// registers would keep the loop before them from becoming vector code.
const WAITING: usize = 4;

/// The scores of some rows, at most [`GROUP`], by classes: `out[k][r]` ← xᵣ·wₖ. Half as many other rows,
/// `ahead`, are prefetched meanwhile, between the products.
pub fn scores<T: Real>(
    shape: Shape,
    rows: &[&[T]],
    ahead: &[&[T]],
    w: &[T],
    out: &mut [[T; GROUP]],
) {
    if shape.is_short::<T>() {
        short::scores(shape.n_classes, rows, ahead, w, out);
    } else {
        dispatch_fused(Scores { shape, rows, ahead, w, out });
    }
}

struct Scores<'o, T> {
    shape: Shape,
    rows: &'o [&'o [T]],
    ahead: &'o [&'o [T]],
    w: &'o [T],
    out: &'o mut [[T; GROUP]],
}

impl<T: Real> FusedPass for Scores<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<const WIDE: bool, const FUSED: bool>(self) {
        match (size_of::<T>(), WIDE, self.shape.tile) {
            (4, true, 2) => self.tiles::<16, 4, 2, FUSED>(),
            (4, true, 3) => self.tiles::<16, 4, 3, FUSED>(),
            (4, true, _) => self.tiles::<16, 4, 5, FUSED>(),
            (4, false, _) => self.tiles::<16, 2, 2, FUSED>(),
            (_, true, 2) => self.tiles::<8, 4, 2, FUSED>(),
            (_, true, 3) => self.tiles::<8, 4, 3, FUSED>(),
            (_, true, _) => self.tiles::<8, 4, 5, FUSED>(),
            (_, false, _) => self.tiles::<8, 2, 2, FUSED>(),
        }
    }
}

impl<T: Real> Scores<'_, T> {
    /// R rows and Q classes at a time.
    #[inline(always)]
    fn tiles<const N: usize, const R: usize, const Q: usize, const FUSED: bool>(self) {
        let Scores { shape, rows, ahead, w, out } = self;
        let mut waiting = [[[[T::zero(); N]; Q]; R]; WAITING];
        let mut totals = [[[T::zero(); Q]; R]; WAITING];
        for (tile, some) in rows.chunks(R).enumerate() {
            // A tile that is not full has its last row more than once.
            let x: [&[T]; R] = array_from(|r| some[r.min(some.len() - 1)]);
            // One for two rows; what is there already where there is nothing to prefetch.
            let row_ahead = |r| ahead.get((tile * R + r) / 2).copied().unwrap_or(x[r]);
            let mut ahead: [&[T]; R] = array_from(row_ahead);
            let w = w.chunks_exact(Q * shape.chunks::<T>() * N);
            for (group, out) in out.chunks_mut(WAITING * Q).enumerate() {
                let w = w.clone().skip(group * WAITING);
                for (sums, w) in waiting.iter_mut().zip(w) {
                    score_tile::<T, N, R, Q, FUSED>(x, ahead, w.as_chunks().0, sums);
                    // Once is enough.
                    ahead = x;
                }
                let waiting = waiting[..out.len() / Q].as_flattened().as_flattened();
                dispatch_lanes(Totals {
                    of: waiting,
                    out: totals.as_flattened_mut().as_flattened_mut(),
                });
                for (totals, out) in totals.iter().zip(out.chunks_exact_mut(Q)) {
                    for (totals, r) in totals.iter().zip(tile * R..) {
                        for (&total, out) in totals.iter().zip(&mut *out) {
                            out[r] = total;
                        }
                    }
                }
            }
        }
    }
}

/// The partial sums of R rows and Q classes.
#[inline(always)]
fn score_tile<T: Real, const N: usize, const R: usize, const Q: usize, const FUSED: bool>(
    x: [&[T]; R],
    ahead: [&[T]; R],
    w: &[[T; N]],
    out: &mut [[[T; N]; Q]; R],
) {
    let chunks = w.len() / Q;
    let w: [&[[T; N]]; Q] = array_from(|q| &w[q * chunks..][..chunks]);
    let whole = x[0].len() / N;
    let last: [&[T; N]; R] = array_from(|r| x[r].last_chunk().expect("at least N features"));
    let x: [&[[T; N]]; R] = array_from(|r| &x[r].as_chunks().0[..whole]);
    let mut sums = [[[T::zero(); N]; Q]; R];
    for c in 0..whole {
        let w: [[T; N]; Q] = array_from(|q| w[q][c]);
        for r in 0..R {
            if r % 2 == 0 {
                prefetch_line(ahead[r].as_ptr(), c * LINE);
            }
            for q in 0..Q {
                sums[r][q] = add_product::<T, N, FUSED>(&x[r][c], &w[q], &sums[r][q]);
            }
        }
    }
    for ahead in ahead {
        prefetch_line(ahead.as_ptr(), size_of_val(ahead) - 1);
    }
    if whole < chunks {
        for r in 0..R {
            for q in 0..Q {
                sums[r][q] = add_product::<T, N, FUSED>(last[r], &w[q][whole], &sums[r][q]);
            }
        }
    }
    *out = sums;
}

/// The sum of each of some vectors.
struct Totals<'o, T, const N: usize> {
    of: &'o [[T; N]],
    out: &'o mut [T],
}

impl<T: Real, const N: usize> LanesPass for Totals<'_, T, N> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self) {
        let (some, rest) = self.of.as_chunks::<EIGHT>();
        let (out, out_rest) = self.out[..self.of.len()].as_chunks_mut::<EIGHT>();
        for (of, out) in some.iter().zip(out) {
            *out = <S::Vector<T, N> as Lanes<T, N>>::sums(array_from(|k| Lanes::load(&of[k])));
        }
        for (&of, out) in rest.iter().zip(out_rest) {
            *out = sum_pairwise(of);
        }
    }
}
