//! Rows times W, vectors lying along the features.

use super::{GROUP, Shape, short};
use crate::kernel::{
    EIGHT, LINE, Lanes, LanesPass, Simd, array_from, dispatch_lanes, prefetch_line, sum_pairwise,
};
use crate::real::Real;

/// Tiles of classes whose partial sums wait to be added up, eight at a time.
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
        dispatch_lanes(Scores { shape, rows, ahead, w, out });
    }
}

struct Scores<'o, T> {
    shape: Shape,
    rows: &'o [&'o [T]],
    ahead: &'o [&'o [T]],
    w: &'o [T],
    out: &'o mut [[T; GROUP]],
}

impl<T: Real> LanesPass for Scores<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self) {
        match (size_of::<T>(), S::WIDE, self.shape.tile) {
            (4, true, 2) => self.tiles::<S, 16, 4, 2>(),
            (4, true, 3) => self.tiles::<S, 16, 4, 3>(),
            (4, true, _) => self.tiles::<S, 16, 4, 5>(),
            (4, false, _) => self.tiles::<S, 16, 2, 2>(),
            (_, true, 2) => self.tiles::<S, 8, 4, 2>(),
            (_, true, 3) => self.tiles::<S, 8, 4, 3>(),
            (_, true, _) => self.tiles::<S, 8, 4, 5>(),
            (_, false, _) => self.tiles::<S, 8, 2, 2>(),
        }
    }
}

impl<T: Real> Scores<'_, T> {
    /// R rows and Q classes at a time.
    #[inline(always)]
    fn tiles<S: Simd, const N: usize, const R: usize, const Q: usize>(self) {
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
                    score_tile::<S, T, N, R, Q>(x, ahead, w.as_chunks().0, sums);
                    // Once is enough.
                    ahead = x;
                }
                let waiting = waiting[..out.len() / Q].as_flattened().as_flattened();
                add_up::<S, T, N>(waiting, totals.as_flattened_mut().as_flattened_mut());
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
fn score_tile<S: Simd, T: Real, const N: usize, const R: usize, const Q: usize>(
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
    let mut sums = [[<S::Vector<T, N> as Lanes<T, N>>::splat(T::zero()); Q]; R];
    for c in 0..whole {
        let w: [S::Vector<T, N>; Q] = array_from(|q| Lanes::load(&w[q][c]));
        for r in 0..R {
            if r % 2 == 0 {
                prefetch_line(ahead[r].as_ptr(), c * LINE);
            }
            let x = <S::Vector<T, N> as Lanes<T, N>>::load(&x[r][c]);
            for q in 0..Q {
                sums[r][q] = x.mul_add(w[q], sums[r][q]);
            }
        }
    }
    for ahead in ahead {
        prefetch_line(ahead.as_ptr(), size_of_val(ahead) - 1);
    }
    if whole < chunks {
        for r in 0..R {
            let x = <S::Vector<T, N> as Lanes<T, N>>::load(last[r]);
            for q in 0..Q {
                sums[r][q] = x.mul_add(Lanes::load(&w[q][whole]), sums[r][q]);
            }
        }
    }
    for r in 0..R {
        for q in 0..Q {
            sums[r][q].store(&mut out[r][q]);
        }
    }
}

/// The sum of each of some vectors.
#[inline(always)]
fn add_up<S: Simd, T: Real, const N: usize>(of: &[[T; N]], out: &mut [T]) {
    let (some, rest) = of.as_chunks::<EIGHT>();
    let (out, out_rest) = out[..of.len()].as_chunks_mut::<EIGHT>();
    for (of, out) in some.iter().zip(out) {
        *out = <S::Vector<T, N> as Lanes<T, N>>::sums(array_from(|k| Lanes::load(&of[k])));
    }
    for (&of, out) in rest.iter().zip(out_rest) {
        *out = sum_pairwise(of);
    }
}
