//! Scores to softmax probabilities, of some rows side by side: vectors lie along the rows, so that
//! nothing is added up inside a vector, however few the classes.

use super::{GROUP, Pass, dispatch, exp_of_negative};
use crate::kernel::array_from;
use crate::real::Real;

/// Rows that are worked on together.
const LANES: usize = 16;

/// What the loss of each row is made of.
#[derive(Clone, Copy, Debug)]
pub struct Normalizers<T> {
    /// The largest score, z_max; NaN if not all scores are finite.
    pub largest: [T; GROUP],
    /// Σₖ e^{zₖ − z_max}.
    pub sums: [T; GROUP],
}

/// Scores by classes, `scores[k][r]`, to probabilities in place, for the first `n_rows` rows; those of
/// the others, up to the next multiple of 16, come to nothing of use.
pub fn probabilities<T: Real>(n_rows: usize, scores: &mut [[T; GROUP]]) -> Normalizers<T> {
    dispatch(Probabilities { n_rows, scores })
}

struct Probabilities<'o, T> {
    n_rows: usize,
    scores: &'o mut [[T; GROUP]],
}

impl<T: Real> Pass for Probabilities<'_, T> {
    type Output = Normalizers<T>;

    #[inline(always)]
    fn run(self) -> Normalizers<T> {
        let zeros = [T::zero(); GROUP];
        let mut found = Normalizers { largest: zeros, sums: zeros };
        let largest = found.largest.as_chunks_mut::<LANES>().0;
        let sums = found.sums.as_chunks_mut::<LANES>().0;
        let places = 0..self.n_rows.div_ceil(LANES);
        for ((place, largest), sums) in places.zip(largest).zip(sums) {
            let mut most = [T::neg_infinity(); LANES];
            // All scores finite: 0·z is 0, or NaN that stays.
            let mut probe = [T::zero(); LANES];
            for scores in self.scores.iter() {
                let z = &scores.as_chunks::<LANES>().0[place];
                most = array_from(|r| if z[r] > most[r] { z[r] } else { most[r] });
                probe = array_from(|r| probe[r] + z[r] * T::zero());
            }
            most = array_from(|r| most[r] + probe[r]);
            let mut sum = [T::zero(); LANES];
            for scores in self.scores.iter_mut() {
                let z = &mut scores.as_chunks_mut::<LANES>().0[place];
                *z = array_from(|r| exp(z[r] - most[r]));
                sum = array_from(|r| sum[r] + z[r]);
            }
            // One division a row: a vector of them takes as long as a dozen products.
            let inverse: [T; LANES] = array_from(|r| T::one() / sum[r]);
            for scores in self.scores.iter_mut() {
                let z = &mut scores.as_chunks_mut::<LANES>().0[place];
                *z = array_from(|r| z[r] * inverse[r]);
            }
            (*largest, *sums) = (most, sum);
        }
        found
    }
}

/// Scores of rows, K each, to probabilities in place.
pub fn softmax_of_rows<T: Real>(scores: &mut [T], n_classes: usize) {
    dispatch(OfRows { scores, n_classes });
}

struct OfRows<'o, T> {
    scores: &'o mut [T],
    n_classes: usize,
}

impl<T: Real> Pass for OfRows<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let OfRows { scores, n_classes } = self;
        for row in scores.chunks_exact_mut(n_classes) {
            let mut largest = T::neg_infinity();
            for &z in &*row {
                // Asked this way round, a NaN stays where it is.
                largest = if z > largest { z } else { largest };
            }
            for z in row {
                *z -= largest;
            }
        }
        // All of them in one loop: rows are shorter than vectors.
        for z in &mut *scores {
            *z = exp(*z);
        }
        for row in scores.chunks_exact_mut(n_classes) {
            let mut sum = T::zero();
            for &z in &*row {
                sum += z;
            }
            let inverse = T::one() / sum;
            for z in row {
                *z *= inverse;
            }
        }
    }
}

/// e^x for x ≤ 0.
#[inline(always)]
fn exp<T: Real>(x: T) -> T {
    T::from_f64(exp_of_negative(x.as_f64()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn probabilities_of_rows(z in prop::collection::vec(-40.0..40.0f64, 7 * 21), k in 1..8usize) {
            let n_rows = 21;
            let mut scores: Vec<[f64; GROUP]> = vec![[0.0; GROUP]; k];
            for (place, &z) in z[..k * n_rows].iter().enumerate() {
                scores[place / n_rows][place % n_rows] = z;
            }
            let before = scores.clone();
            let found = probabilities(n_rows, &mut scores);
            for r in 0..n_rows {
                let z: Vec<f64> = before.iter().map(|scores| scores[r]).collect();
                let largest = z.iter().copied().fold(f64::NEG_INFINITY, f64::max);
                let sum: f64 = z.iter().map(|z| (z - largest).exp()).sum();
                prop_assert_eq!(found.largest[r], largest);
                prop_assert!((found.sums[r] - sum).abs() <= 1e-14 * sum);
                for (scores, z) in scores.iter().zip(z) {
                    prop_assert!((scores[r] - (z - largest).exp() / sum).abs() <= 1e-14);
                }
            }
        }
    }

    #[test]
    fn probabilities_by_rows() {
        let mut scores = [0.0f64, 0.0, 1000.0, 999.0, f64::NEG_INFINITY, 3.0, f64::NAN, 1.0];
        softmax_of_rows(&mut scores, 2);
        let e = (-1.0f64).exp();
        let expected = [0.5, 0.5, 1.0 / (1.0 + e), e / (1.0 + e), 0.0, 1.0];
        for (found, expected) in scores.iter().zip(expected) {
            assert!((found - expected).abs() < 1e-15, "{scores:?}");
        }
        assert!(scores[6].is_nan() && scores[7].is_nan());
    }

    #[test]
    fn scores_that_are_not_finite() {
        for bad in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
            let mut scores = [[1.0f32; GROUP]; 3];
            scores[1][2] = bad;
            let found = probabilities(5, &mut scores);
            assert!(found.largest[2].is_nan());
            assert_eq!(found.largest[3], 1.0);
            assert_eq!(scores[0][3], 1.0 / 3.0);
        }
    }
}
