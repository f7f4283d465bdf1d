//! From the scores of a block of rows to their losses and slopes.

use super::Linear;
use crate::kernel::TOGETHER;
use crate::kernel::vector::sum_pairwise;
use crate::objective::PointLoss;
use crate::real::Real;
use crate::rows::{RowSet, Rows};

/// Reads the targets and factors of a block of rows, and turns scores into losses and slopes.
pub(super) struct Reader<'o, 'a, T, R, L> {
    pub objective: &'o Linear<'a, T, R, L>,
    pub bias: T,
    pub targets: &'o mut [T],
    pub factors: &'o mut [f64],
}

/// Targets and factors of one block.
pub(super) struct Read<'r, 'a, T, R, L> {
    objective: &'r Linear<'a, T, R, L>,
    bias: T,
    targets: &'r [T],
    factors: &'r [f64],
}

impl<'a, T: Real, R: Rows<T>, L: PointLoss<T>> Reader<'_, 'a, T, R, L> {
    #[inline(always)]
    pub(super) fn read(&mut self, set: &RowSet<'_>) -> Read<'_, 'a, T, R, L> {
        let objective = self.objective;
        let targets = objective.targets.read(set, self.targets);
        let factors = objective.weights.factors(set, self.factors);
        Read { objective, bias: self.bias, targets: &targets[..set.len()], factors }
    }
}

impl<T: Real, R: Rows<T>, L: PointLoss<T>> Read<'_, '_, T, R, L> {
    /// The sum of the losses, and the slopes, of M rows from `first` on, from their products x·w. The
    /// loss is NaN where a score is not finite: no loss hides that.
    #[inline(always)]
    pub(super) fn sum_and_slopes<const M: usize>(
        &self,
        products: [T; M],
        first: usize,
    ) -> (f64, [T; M]) {
        // No `map`, here and in other loops over registers: it need not be inlined, and would then lack
        // the instruction set.
        let mut z = products;
        for z in &mut z {
            *z += self.bias;
        }
        let y: &[T; M] = self.targets[first..].first_chunk().expect("M rows are left");
        let (values, mut slopes) = self.objective.loss.values_and_slopes(z, *y);
        // 0·z is 0 for a finite score, and NaN that stays for any other.
        let mut sums = [0.0; M];
        for r in 0..M {
            sums[r] = values[r].as_f64() + (z[r] * T::zero()).as_f64();
        }
        if !self.factors.is_empty() {
            let factors: &[f64; M] = self.factors[first..].first_chunk().expect("M rows are left");
            for r in 0..M {
                sums[r] *= factors[r];
                slopes[r] *= T::from_f64(factors[r]);
            }
        }
        (sum_pairwise(sums), slopes)
    }

    /// The same for all rows from `first` on, fewer than eight: they are eight with some of zeros, whose
    /// losses and slopes become zeros, too. One by one they would take several times as long.
    #[inline(always)]
    pub(super) fn sum_and_slopes_of_rest(
        &self,
        products: [T; TOGETHER],
        first: usize,
    ) -> (f64, [T; TOGETHER]) {
        let (mut y, mut values) = ([T::zero(); TOGETHER], [0.0; TOGETHER]);
        for (y, &target) in y.iter_mut().zip(&self.targets[first..]) {
            *y = target;
        }
        let mut z = products;
        for z in &mut z {
            *z += self.bias;
        }
        let (losses, mut slopes) = self.objective.loss.values_and_slopes(z, y);
        let count = self.targets.len() - first;
        for r in 0..TOGETHER {
            let value = losses[r].as_f64() + (z[r] * T::zero()).as_f64();
            (values[r], slopes[r]) = if r < count { (value, slopes[r]) } else { (0.0, T::zero()) };
        }
        if !self.factors.is_empty() {
            for (r, &factor) in self.factors[first..].iter().take(TOGETHER).enumerate() {
                values[r] *= factor;
                slopes[r] *= T::from_f64(factor);
            }
        }
        (sum_pairwise(values), slopes)
    }
}
