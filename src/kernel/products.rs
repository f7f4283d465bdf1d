//! Matrix products of rows of many features with K classes, for softmax.
//!
//! Vectors lie along the features. W is held by classes, (K, d), so that a score is a dot product,
//! and a tile of some rows and some classes stays in registers while the features go by. A row is
//! whole chunks of N numbers and its last N, which overlap the chunks before unless N divides d:
//!
//! ```text
//! d = 20, N = 8:   x₀ … x₇   x₈ … x₁₅
//!                             x₁₂ … x₁₉
//! ```
//!
//! There the weights are zero, and the gradient left out, where a feature has been already.
//!
//! Products are added by fused operations where the processor has them. How the rows are cut into
//! groups makes no difference to the bits: a score is of its row alone, and the rows are added to the
//! gradient one after the other.

use super::vector::sum_pairwise;
use super::{FusedPass, Level, Pass, dispatch, dispatch_fused, gather, level};
use crate::real::Real;

/// Rows that go through the products together at the most.
pub const GROUP: usize = 64;

/// Tiles of classes whose partial sums wait to be added up. They wait in memory: sums that are made of
/// registers would keep the loop before them from becoming vector code.
const WAITING: usize = 4;

/// Numbers of a chunk, 64 bytes.
pub const fn lanes<T>() -> usize {
    64 / size_of::<T>()
}

/// The lengths of the matrices.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shape {
    /// d, at least as many as there are lanes.
    n_features: usize,
    /// K.
    n_classes: usize,
    /// Classes of a tile.
    tile: usize,
}

impl Shape {
    /// The shape for d features and K classes.
    pub fn new(n_features: usize, n_classes: usize) -> Self {
        Shape { n_features, n_classes, tile: tile_for(n_classes) }
    }

    /// K, rounded up to whole tiles.
    pub fn padded(&self) -> usize {
        self.n_classes.next_multiple_of(self.tile)
    }

    /// Chunks of a row, the last included.
    fn chunks<T>(&self) -> usize {
        self.n_features.div_ceil(lanes::<T>())
    }

    /// Numbers of W or of the gradient, by classes. `None` if that is more than there can be.
    pub fn size<T>(&self) -> Option<usize> {
        let size = self.padded().checked_mul(self.chunks::<T>() * lanes::<T>())?;
        // Places in it are counted in 32 bits.
        u32::try_from(size).ok().map(|_| size)
    }

    /// Where a row's chunk begins.
    fn start<T>(&self, chunk: usize) -> usize {
        (chunk * lanes::<T>()).min(self.n_features - lanes::<T>())
    }

    /// Numbers of a row's chunk that the chunks before have had.
    fn seen<T>(&self, chunk: usize) -> usize {
        chunk * lanes::<T>() - self.start::<T>(chunk)
    }
}

/// Classes of a tile: so many that registers are filled, and few are added to K. (Of 4 the compiler
/// makes no good vector code.)
fn tile_for(n_classes: usize) -> usize {
    if level() < Level::Avx512 {
        return 2;
    }
    match n_classes {
        ..=2 | 4 => 2,
        _ if n_classes.next_multiple_of(5) <= n_classes.next_multiple_of(3) => 5,
        _ => 3,
    }
}

/// W, (d, K), by classes.
pub fn by_classes<T: Real>(shape: Shape, w: &[T], out: &mut [T]) {
    dispatch(ByClasses { shape, w, out });
}

struct ByClasses<'o, T> {
    shape: Shape,
    w: &'o [T],
    out: &'o mut [T],
}

impl<T: Real> Pass for ByClasses<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        match lanes::<T>() {
            16 => put_by_classes::<T, 16>(self.shape, self.w, self.out),
            _ => put_by_classes::<T, 8>(self.shape, self.w, self.out),
        }
    }
}

#[inline(always)]
fn put_by_classes<T: Real, const N: usize>(shape: Shape, w: &[T], out: &mut [T]) {
    let (k, chunks) = (shape.n_classes, shape.chunks::<T>());
    let places = std::array::from_fn(|lane| (lane * k) as u32);
    let out = out.as_chunks_mut::<N>().0;
    for chunk in 0..chunks {
        let (start, seen) = (shape.start::<T>(chunk), shape.seen::<T>(chunk));
        for class in 0..k {
            let mut values = gather(&w[start * k + class..], &places);
            values[..seen].fill(T::zero());
            out[class * chunks + chunk] = values;
        }
    }
}

/// Adds a gradient by classes to one that is (d, K).
pub fn add_by_classes<T: Real>(shape: Shape, by_classes: &[T], out: &mut [T]) {
    dispatch(FromClasses { shape, by_classes, out });
}

struct FromClasses<'o, T> {
    shape: Shape,
    by_classes: &'o [T],
    out: &'o mut [T],
}

impl<T: Real> Pass for FromClasses<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        match lanes::<T>() {
            16 => add_from_classes::<T, 16>(self.shape, self.by_classes, self.out),
            _ => add_from_classes::<T, 8>(self.shape, self.by_classes, self.out),
        }
    }
}

#[inline(always)]
fn add_from_classes<T: Real, const N: usize>(shape: Shape, by_classes: &[T], out: &mut [T]) {
    let (k, length) = (shape.n_classes, shape.chunks::<T>() * N);
    // Whole chunks of features, then the last few: of these the last chunk has some more before.
    let (whole, tail) = out.split_at_mut(shape.n_features / N * N * k);
    let mut classes: [u32; N] = std::array::from_fn(|lane| (lane % k) as u32);
    let mut features: [u32; N] = std::array::from_fn(|lane| (lane / k) as u32);
    let (classes_on, features_on) = ((N % k) as u32, (N / k) as u32);
    for out in whole.as_chunks_mut::<N>().0 {
        let places: [u32; N] =
            std::array::from_fn(|lane| classes[lane] * length as u32 + features[lane]);
        let values = gather(by_classes, &places);
        for lane in 0..N {
            out[lane] += values[lane];
            let next = classes[lane] + classes_on;
            let is_over = next >= k as u32;
            classes[lane] = if is_over { next - k as u32 } else { next };
            features[lane] += features_on + u32::from(is_over);
        }
    }
    let start = length - tail.len() / k;
    for (j, out) in tail.chunks_exact_mut(k).enumerate() {
        for (class, out) in out.iter_mut().enumerate() {
            *out += by_classes[class * length + start + j];
        }
    }
}

/// The scores of some rows, at most [`GROUP`], by classes: `out[k][r]` ← xᵣ·wₖ.
pub fn scores<T: Real>(shape: Shape, rows: &[&[T]], w: &[T], out: &mut [[T; GROUP]]) {
    dispatch_fused(Scores { shape, rows, w, out });
}

struct Scores<'o, T> {
    shape: Shape,
    rows: &'o [&'o [T]],
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
        let Scores { shape, rows, w, out } = self;
        let mut waiting = [[[[T::zero(); N]; Q]; R]; WAITING];
        for (tile, some) in rows.chunks(R).enumerate() {
            // A tile that is not full has its last row more than once.
            let x: [&[T]; R] = std::array::from_fn(|r| some[r.min(some.len() - 1)]);
            let w = w.chunks_exact(Q * shape.chunks::<T>() * N);
            for (group, out) in out.chunks_mut(WAITING * Q).enumerate() {
                let w = w.clone().skip(group * WAITING);
                for (sums, w) in waiting.iter_mut().zip(w) {
                    score_tile::<T, N, R, Q, FUSED>(x, w.as_chunks().0, sums);
                }
                for (sums, out) in waiting.iter().zip(out.chunks_exact_mut(Q)) {
                    for (sums, r) in sums.iter().zip(tile * R..) {
                        for (&sums, out) in sums.iter().zip(&mut *out) {
                            out[r] = sum_pairwise(sums);
                        }
                    }
                }
            }
        }
    }
}

/// a·b + c.
#[inline(always)]
fn add_product<T: Real, const N: usize, const FUSED: bool>(
    a: &[T; N],
    b: &[T; N],
    c: &[T; N],
) -> [T; N] {
    std::array::from_fn(|k| if FUSED { a[k].mul_add(b[k], c[k]) } else { c[k] + a[k] * b[k] })
}

/// The partial sums of R rows and Q classes.
#[inline(always)]
fn score_tile<T: Real, const N: usize, const R: usize, const Q: usize, const FUSED: bool>(
    x: [&[T]; R],
    w: &[[T; N]],
    out: &mut [[[T; N]; Q]; R],
) {
    let chunks = w.len() / Q;
    let w: [&[[T; N]]; Q] = std::array::from_fn(|q| &w[q * chunks..][..chunks]);
    let whole = x[0].len() / N;
    let last: [&[T; N]; R] = x.map(|x| x.last_chunk().expect("at least N features"));
    let x: [&[[T; N]]; R] = x.map(|x| &x.as_chunks().0[..whole]);
    let mut sums = [[[T::zero(); N]; Q]; R];
    for c in 0..whole {
        let w: [[T; N]; Q] = std::array::from_fn(|q| w[q][c]);
        for r in 0..R {
            for q in 0..Q {
                sums[r][q] = add_product::<T, N, FUSED>(&x[r][c], &w[q], &sums[r][q]);
            }
        }
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

/// Adds the rows times their slopes, at most [`GROUP`], one after the other, to the gradient by
/// classes: Gₖ ← Gₖ + Σᵣ `slopes[k][r]`·xᵣ.
pub fn add_outer<T: Real>(shape: Shape, rows: &[&[T]], slopes: &[[T; GROUP]], grad: &mut [T]) {
    dispatch_fused(Outer { shape, rows, slopes, grad });
}

struct Outer<'o, T> {
    shape: Shape,
    rows: &'o [&'o [T]],
    slopes: &'o [[T; GROUP]],
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
        let mut sums: [[[T; N]; H]; Q] =
            std::array::from_fn(|q| std::array::from_fn(|h| grad[q * chunks + h]));
        for (r, row) in self.rows[..self.rows.len().min(GROUP)].iter().enumerate() {
            let x: &[[T; N]; H] = row[start..].as_chunks().0.first_chunk().expect("whole chunks");
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

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn whole_numbers<T: Real>(count: usize, seed: usize) -> Vec<T> {
        let number = |k: usize| ((k * 7919 + seed * 104_729 + k * k % 13) % 31) as f64 - 15.0;
        (0..count).map(|k| T::from_f64(number(k))).collect()
    }

    /// Products of small whole numbers, which leave nothing to round.
    fn check<T: Real>(m: usize, d: usize, k: usize, seed: usize) -> Result<(), TestCaseError> {
        let (x, w) = (whole_numbers::<T>(m * d, seed), whole_numbers::<T>(d * k, seed + 1));
        let shape = Shape::new(d, k);
        let mut by_class = vec![T::one(); shape.size::<T>().unwrap()];
        // The padding is zero from the start.
        by_class[k * shape.chunks::<T>() * lanes::<T>()..].fill(T::zero());
        by_classes(shape, &w, &mut by_class);
        let rows: Vec<&[T]> = x.chunks_exact(d).collect();
        let mut out = vec![[T::nan(); GROUP]; shape.padded()];
        scores(shape, &rows, &by_class, &mut out);
        let mut slopes = vec![[T::zero(); GROUP]; shape.padded()];
        for (class, slopes) in slopes[..k].iter_mut().enumerate() {
            slopes[..m].copy_from_slice(&whole_numbers(m, seed + 2 + class));
        }
        let mut grad_by_class = vec![T::zero(); shape.size::<T>().unwrap()];
        let cut = m / 3;
        add_outer(shape, &rows[..cut], &slopes, &mut grad_by_class);
        let mut others = slopes.clone();
        others.iter_mut().for_each(|slopes| slopes.rotate_left(cut));
        add_outer(shape, &rows[cut..], &others, &mut grad_by_class);
        let mut grad = vec![T::one(); d * k];
        add_by_classes(shape, &grad_by_class, &mut grad);
        for class in 0..k {
            for r in 0..m {
                let products = (0..d).map(|j| x[r * d + j] * w[j * k + class]);
                prop_assert_eq!(out[class][r], products.fold(T::zero(), |sum, p| sum + p));
            }
            for j in 0..d {
                let products = (0..m).map(|r| x[r * d + j] * slopes[class][r]);
                prop_assert_eq!(grad[j * k + class], products.fold(T::one(), |sum, p| sum + p));
            }
        }
        Ok(())
    }

    proptest! {
        #[test]
        fn products_are_the_naive_ones(
            m in 1..=GROUP, d in 16..100usize, k in 1..24usize, seed in 0..1000usize,
        ) {
            check::<f32>(m, d, k, seed)?;
            check::<f64>(m, d.max(8), k, seed)?;
        }

        #[test]
        fn groups_do_not_change_a_bit(
            x in prop::collection::vec(-2.0..2.0f64, 20 * 37), k in 2..11usize, cut in 1..20usize,
        ) {
            let d = 37;
            let shape = Shape::new(d, k);
            let rows: Vec<&[f64]> = x.chunks_exact(d).collect();
            let slopes: Vec<[f64; GROUP]> =
                (0..shape.padded()).map(|k| std::array::from_fn(|r| x[(k * 20 + r) % x.len()])).collect();
            let mut whole = vec![0.0; shape.size::<f64>().unwrap()];
            let (mut parts, w) = (whole.clone(), whole.iter().map(|_| 0.3).collect::<Vec<_>>());
            add_outer(shape, &rows, &slopes, &mut whole);
            add_outer(shape, &rows[..cut], &slopes, &mut parts);
            let mut others = slopes.clone();
            others.iter_mut().for_each(|slopes| slopes.rotate_left(cut));
            add_outer(shape, &rows[cut..], &others, &mut parts);
            prop_assert_eq!(whole, parts);
            let mut all = vec![[0.0; GROUP]; shape.padded()];
            let mut some = all.clone();
            scores(shape, &rows, &w, &mut all);
            scores(shape, &rows[cut..], &w, &mut some);
            for (all, some) in all.iter().zip(&some) {
                prop_assert_eq!(&all[cut..20], &some[..20 - cut]);
            }
        }
    }
}
