//! The gradient in W: rows times slopes.

use super::{GROUP, Shape, add_product};
use crate::kernel::array_from;
use crate::kernel::{FusedPass, LINE, dispatch_fused, prefetch_line};
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
    dispatch_fused(Outer { shape, rows, ahead, slopes, is_first, grad });
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

impl<T: Real> FusedPass for Outer<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<const WIDE: bool, const FUSED: bool>(self) {
        match (size_of::<T>(), WIDE, self.shape.tile) {
            (4, true, 2) => self.tiles::<16, 2, 4, 2, 4, FUSED>(),
            (4, true, 3) => self.tiles::<16, 3, 6, 2, 4, FUSED>(),
            (4, true, _) => self.tiles::<16, 5, 10, 2, 4, FUSED>(),
            (4, false, _) => self.tiles::<16, 2, 4, 1, 2, FUSED>(),
            (_, true, 2) => self.tiles::<8, 2, 4, 2, 4, FUSED>(),
            (_, true, 3) => self.tiles::<8, 3, 6, 2, 4, FUSED>(),
            (_, true, _) => self.tiles::<8, 5, 10, 2, 4, FUSED>(),
            (_, false, _) => self.tiles::<8, 2, 4, 1, 2, FUSED>(),
        }
    }
}

impl<T: Real> Outer<'_, T> {
    /// P = 2 Q classes and H chunks at a time, or Q classes and G = 2 H chunks.
    #[inline(always)]
    fn tiles<
        const N: usize,
        const Q: usize,
        const P: usize,
        const H: usize,
        const G: usize,
        const FUSED: bool,
    >(
        mut self,
    ) {
        let (mut class, n_classes) = (0, self.shape.padded());
        while class + P <= n_classes {
            self.tile_row::<N, P, H, FUSED>(class);
            class += P;
        }
        if class < n_classes {
            self.tile_row::<N, Q, G, FUSED>(class);
        }
    }

    /// Q classes, H chunks at a time.
    #[inline(always)]
    fn tile_row<const N: usize, const Q: usize, const H: usize, const FUSED: bool>(
        &mut self,
        class: usize,
    ) {
        let whole = self.shape.n_features / N / H * H;
        for chunk in (0..whole).step_by(H) {
            self.tile::<N, Q, H, FUSED>(class, chunk);
        }
        for chunk in whole..self.shape.chunks::<T>() {
            self.tile::<N, Q, 1, FUSED>(class, chunk);
        }
    }

    #[inline(always)]
    fn tile<const N: usize, const Q: usize, const H: usize, const FUSED: bool>(
        &mut self,
        class: usize,
        chunk: usize,
    ) {
        let (chunks, start) = (self.shape.chunks::<T>(), self.shape.start::<T>(chunk));
        let slopes: &[[T; GROUP]; Q] = self.slopes[class..].first_chunk().expect("whole tiles");
        let grad = &mut self.grad.as_chunks_mut::<N>().0[class * chunks + chunk..];
        let mut sums = [[[T::zero(); N]; H]; Q];
        if !self.is_first {
            sums = array_from(|q| array_from(|h| grad[q * chunks + h]));
        }
        for (r, row) in self.rows[..self.rows.len().min(GROUP)].iter().enumerate() {
            let x: &[[T; N]; H] = row[start..].as_chunks().0.first_chunk().expect("whole chunks");
            if class == 0 {
                for h in 0..H.div_ceil(2) {
                    prefetch_line(self.ahead[r], (chunk + r % 2 * (H / 2) + h) * LINE);
                }
            }
            for q in 0..Q {
                let slope = [slopes[q][r]; N];
                for h in 0..H {
                    sums[q][h] = add_product::<T, N, FUSED>(&x[h], &slope, &sums[q][h]);
                }
            }
        }
        for (q, sums) in sums.iter().enumerate() {
            for (h, &sums) in sums.iter().enumerate() {
                grad[q * chunks + h] = sums;
            }
        }
    }
}
