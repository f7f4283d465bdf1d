//! Small matrix products over a few rows of X and K classes, for softmax.
//!
//! The class dimension is padded to a multiple of [`CLASSES`], so that the inner loops have a
//! fixed length and stay in registers: W is (d, stride) in C order with stride = padded K.

use crate::real::Real;

/// Classes that are worked on together.
pub const CLASSES: usize = 8;

/// K rounded up to a multiple of [`CLASSES`].
#[inline(always)]
pub fn padded(n_classes: usize) -> usize {
    n_classes.next_multiple_of(CLASSES)
}

/// out ← out + X_R W for R rows at a time: out is (R, stride), x holds R rows of length d.
#[inline(always)]
pub fn add_scores<T: Real, const R: usize>(x: [&[T]; R], w: &[T], stride: usize, out: &mut [T]) {
    for first in (0..stride).step_by(CLASSES) {
        let mut sums = [[T::zero(); CLASSES]; R];
        for (j, w_row) in w.chunks_exact(stride).enumerate() {
            let w_part: &[T; CLASSES] = w_row[first..].first_chunk().expect("a padded row");
            for (sums, x) in sums.iter_mut().zip(x) {
                let x = x[j];
                for k in 0..CLASSES {
                    sums[k] += x * w_part[k];
                }
            }
        }
        for (sums, out) in sums.iter().zip(out.chunks_exact_mut(stride)) {
            for (out, &sum) in out[first..].iter_mut().zip(sums) {
                *out += sum;
            }
        }
    }
}

/// G ← G + X_Rᵀ D for R rows at a time: D is (R, stride), G is (d, stride).
#[inline(always)]
pub fn add_outer<T: Real, const R: usize>(x: [&[T]; R], d: &[T], stride: usize, g: &mut [T]) {
    for first in (0..stride).step_by(CLASSES) {
        let mut d_part = [[T::zero(); CLASSES]; R];
        for (part, d_row) in d_part.iter_mut().zip(d.chunks_exact(stride)) {
            *part = *d_row[first..].first_chunk().expect("a padded row");
        }
        for (j, g_row) in g.chunks_exact_mut(stride).enumerate() {
            let g_part: &mut [T; CLASSES] = g_row[first..].first_chunk_mut().expect("a padded row");
            for (d_part, x) in d_part.iter().zip(x) {
                let x = x[j];
                for k in 0..CLASSES {
                    g_part[k] += x * d_part[k];
                }
            }
        }
    }
}

/// Copies (d, K) into (d, stride); the padding keeps what it holds.
pub fn pad_into<T: Real>(matrix: &[T], n_classes: usize, stride: usize, out: &mut [T]) {
    for (out, row) in out.chunks_exact_mut(stride).zip(matrix.chunks_exact(n_classes)) {
        out[..n_classes].copy_from_slice(row);
    }
}

/// Adds (d, stride) without its padding to (d, K).
pub fn add_unpadded<T: Real>(padded: &[T], stride: usize, n_classes: usize, out: &mut [T]) {
    for (out, row) in out.chunks_exact_mut(n_classes).zip(padded.chunks_exact(stride)) {
        for (out, &value) in out.iter_mut().zip(row) {
            *out += value;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn matrix(rows: usize, cols: usize) -> impl Strategy<Value = Vec<f64>> {
        prop::collection::vec((-20..20i32).prop_map(f64::from), rows * cols)
    }

    proptest! {
        #[test]
        fn products_are_the_naive_ones(
            (d, k, x, w, delta) in (1..12usize, 1..20usize).prop_flat_map(|(d, k)| {
                (Just(d), Just(k), matrix(4, d), matrix(d, k), matrix(4, k))
            })
        ) {
            let stride = padded(k);
            let mut w_padded = vec![0.0; d * stride];
            pad_into(&w, k, stride, &mut w_padded);
            let rows: [&[f64]; 4] = std::array::from_fn(|r| &x[r * d..(r + 1) * d]);
            let mut scores = vec![1.0; 4 * stride];
            add_scores(rows, &w_padded, stride, &mut scores);
            let mut d_padded = vec![0.0; 4 * stride];
            pad_into(&delta, k, stride, &mut d_padded);
            let mut g_padded = vec![0.0; d * stride];
            add_outer(rows, &d_padded, stride, &mut g_padded);
            let mut g = vec![2.0; d * k];
            add_unpadded(&g_padded, stride, k, &mut g);
            for c in 0..k {
                for r in 0..4 {
                    let naive: f64 = (0..d).map(|j| x[r * d + j] * w[j * k + c]).sum();
                    prop_assert_eq!(scores[r * stride + c], 1.0 + naive);
                }
                for j in 0..d {
                    let naive: f64 = (0..4).map(|r| x[r * d + j] * delta[r * k + c]).sum();
                    prop_assert_eq!(g[j * k + c], 2.0 + naive);
                }
            }
        }
    }
}
