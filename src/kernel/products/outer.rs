//! The gradient in W: rows times slopes.

use super::{GROUP, Shape};
use crate::kernel::{LINE, Lanes, LanesPass, Simd, array_from, dispatch_lanes, prefetch_line};
use crate::real::Real;

/// Adds the rows times their slopes, at most [`GROUP`], one after the other, to the gradient by
/// classes: Gₖ ← Gₖ + Σᵣ `slopes[k][r]`·xᵣ, where Gₖ was zero if these are the first rows. Half as many
/// other rows are prefetched meanwhile.
pub fn add_outer<T: Real>(
    shape: Shape,
    rows: &[&[T]],
    ahead: &[&[T]],
    slopes: &[[T; GROUP]],
    is_first: bool,
    grad: &mut [T],
) {
    let ahead = array_from(|r| {
        let row = ahead.get(r / 2).or(rows.get(r));
        row.map_or(std::ptr::null(), |row| row.as_ptr())
    });
    dispatch_lanes(Outer { shape, rows, ahead, slopes, is_first, grad });
}

struct Outer<'o, T> {
    shape: Shape,
    rows: &'o [&'o [T]],
    /// With each row, one that is prefetched, each of them twice.
    ahead: [*const T; GROUP],
    slopes: &'o [[T; GROUP]],
    is_first: bool,
    grad: &'o mut [T],
}

impl<T: Real> LanesPass for Outer<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self) {
        match (size_of::<T>(), S::WIDE, self.shape.tile) {
            (4, true, 2) => self.tiles::<S, 16, 2, 4, 2, 4>(),
            (4, true, 3) => self.tiles::<S, 16, 3, 6, 2, 4>(),
            (4, true, _) => self.tiles::<S, 16, 5, 10, 2, 4>(),
            (4, false, _) => self.tiles::<S, 16, 2, 4, 1, 2>(),
            (_, true, 2) => self.tiles::<S, 8, 2, 4, 2, 4>(),
            (_, true, 3) => self.tiles::<S, 8, 3, 6, 2, 4>(),
            (_, true, _) => self.tiles::<S, 8, 5, 10, 2, 4>(),
            (_, false, _) => self.tiles::<S, 8, 2, 4, 1, 2>(),
        }
    }
}

impl<T: Real> Outer<'_, T> {
    /// P = 2 Q classes and H chunks at a time, or Q classes and G = 2 H chunks.
    #[inline(always)]
    fn tiles<
        S: Simd,
        const N: usize,
        const Q: usize,
        const P: usize,
        const H: usize,
        const G: usize,
    >(
        mut self,
    ) {
        let (mut class, n_classes) = (0, self.shape.padded());
        while class + P <= n_classes {
            self.tile_row::<S, N, P, H>(class);
            class += P;
        }
        if class < n_classes {
            self.tile_row::<S, N, Q, G>(class);
        }
    }

    /// Q classes, H chunks at a time.
    #[inline(always)]
    fn tile_row<S: Simd, const N: usize, const Q: usize, const H: usize>(&mut self, class: usize) {
        let whole = self.shape.n_features / N / H * H;
        for chunk in (0..whole).step_by(H) {
            self.tile::<S, N, Q, H>(class, chunk);
        }
        for chunk in whole..self.shape.chunks::<T>() {
            self.tile::<S, N, Q, 1>(class, chunk);
        }
    }

    #[inline(always)]
    fn tile<S: Simd, const N: usize, const Q: usize, const H: usize>(
        &mut self,
        class: usize,
        chunk: usize,
    ) {
        let (chunks, start) = (self.shape.chunks::<T>(), self.shape.start::<T>(chunk));
        let slopes: &[[T; GROUP]; Q] = self.slopes[class..].first_chunk().expect("whole tiles");
        let grad = &mut self.grad.as_chunks_mut::<N>().0[class * chunks + chunk..];
        let mut sums = [[<S::Vector<T, N> as Lanes<T, N>>::splat(T::zero()); H]; Q];
        if !self.is_first {
            sums = array_from(|q| array_from(|h| Lanes::load(&grad[q * chunks + h])));
        }
        for (r, row) in self.rows[..self.rows.len().min(GROUP)].iter().enumerate() {
            let x: &[[T; N]; H] = row[start..].as_chunks().0.first_chunk().expect("whole chunks");
            if class == 0 {
                for h in 0..H.div_ceil(2) {
                    prefetch_line(self.ahead[r], (chunk + r % 2 * (H / 2) + h) * LINE);
                }
            }
            let x: [S::Vector<T, N>; H] = array_from(|h| Lanes::load(&x[h]));
            for q in 0..Q {
                let slope = Lanes::splat(slopes[q][r]);
                for h in 0..H {
                    sums[q][h] = x[h].mul_add(slope, sums[q][h]);
                }
            }
        }
        for q in 0..Q {
            for h in 0..H {
                sums[q][h].store(&mut grad[q * chunks + h]);
            }
        }
    }
}
