//! How large a learning rate may be: 2/L, with L the largest curvature of the objective.
//!
//! Along an eigenvector of the Hessian with eigenvalue λ a plain step multiplies the distance from
//! the minimum by 1 − ηλ, which is smaller than 1 in size as long as η < 2/λ. The largest
//! eigenvalue, L, asks for the smallest η. The loss being ℓ(z, y) of linear scores, its Hessian is
//! bounded by that of a quadratic function,
//!
//! ```text
//! ∇²f(θ) ≼ H = (c/n) Σᵢ (sᵢ/s̄) x̃ᵢx̃ᵢᵀ + l2·I_w        c ≥ ∂²ℓ/∂z²
//! ```
//!
//! with x̃ᵢ = (1, xᵢ), or xᵢ without an intercept, and I_w the identity on w alone. c is
//! [`PointLoss::curvature_bound`](crate::loss::PointLoss::curvature_bound), or
//! [`CROSS_ENTROPY_BOUND`]. For `mse`, `half_mse` and nothing else H is the Hessian itself, so that
//! batch descent from almost every start diverges above 2/L and converges below; for the others 2/L
//! is safe, and somewhat more often is, too. Source: Nesterov, *Lectures on Convex Optimization*
//! (2018), section 2.1.5.
//!
//! All of it is for the plain rule at a constant η. Momentum shifts the limit, and adaptive rules
//! have none that the data alone decide.

use crate::error::{BadValue, OutOfMemory, WalkError, try_filled, try_push};
use crate::kernel::vector::dot;
use crate::loss::PointLoss;
use crate::objective::{Linear, Mean, Objective, Penalty, SampleWeights};
use crate::rows::{Block, Column, RowSet, Rows, Visit, find_bad_value, visit};
use crate::threads::ThreadPool;

/// c of the cross-entropy of a softmax over any number of classes: the Hessian in the scores,
/// diag(P) − PPᵀ, is at most ½(I − 11ᵀ/K), whose largest eigenvalue is ½. Source: Böhning,
/// "Multinomial logistic regression algorithm", Ann. Inst. Statist. Math. 44(1), 1992.
pub const CROSS_ENTROPY_BOUND: f64 = 0.5;

/// Steps of the eigenvalue iteration at the most, each of them one pass over the rows. Some tens
/// are usual.
const MOST_STEPS: usize = 500;

/// The iteration ends when Hu − Lu is shorter than this, in parts of L, for the estimates L and u. By
/// then the error of L is at most its square over the distance to the next eigenvalue, in parts of L.
const TOLERANCE: f64 = 3e-7;

/// The Hessian bound H of a mean over rows of data.
#[derive(Clone, Copy, Debug)]
pub struct HessianBound<'a> {
    /// The rows xᵢ, in double precision whatever they are walked in.
    pub rows: Rows<'a, f64>,
    /// Those of them that count, if not all do.
    pub part: Option<&'a [u32]>,
    /// Their weights.
    pub weights: SampleWeights<'a>,
    /// Whether x̃ᵢ begins with a 1.
    pub fit_intercept: bool,
    /// c, a bound on ∂²ℓ/∂z².
    pub point_bound: f64,
    /// Strength of the ridge penalty.
    pub l2: f64,
}

impl HessianBound<'_> {
    /// L, the largest eigenvalue of H: the limit of batch descent is 2/L.
    ///
    /// By the Lanczos iteration, from a fixed start: each step is a pass over the rows, by up to
    /// `n_threads` threads. (It is the power iteration with a memory: the best estimate from all the
    /// powers so far instead of from the last, which where the largest eigenvalues lie close together
    /// saves most of the passes.) L comes out too small, if at all, by some 1e-10 of itself.
    /// Source: Golub and Van Loan, *Matrix Computations* (2013), section 10.1.
    ///
    /// `go_on` is asked after each two million products or so; its error ends the search.
    pub fn largest_eigenvalue<E>(
        &self,
        n_threads: usize,
        go_on: impl FnMut() -> Result<(), E>,
    ) -> Result<f64, WalkError<E>> {
        // Of half the squared error with targets of 0, (1/2n) Σᵢ (sᵢ/s̄)(x̃ᵢ·v)², the gradient at v
        // is (1/n) Σᵢ (sᵢ/s̄) x̃ᵢ(x̃ᵢ·v): H v, but for c and the penalty.
        let (targets, loss) = (Column::Same(0.0, self.rows.n_rows()), PointLoss::HalfMse);
        let Self { rows, weights, fit_intercept, .. } = *self;
        let linear = Linear::new(rows, targets, loss, weights, fit_intercept, Penalty::default());
        std::thread::scope(|scope| {
            let pool = ThreadPool::new(&linear, scope, n_threads);
            self.iterate(&mut Mean::new(&linear, self.part)?.with_pool(pool), go_on)
        })
    }

    /// The Lanczos iteration, with the products H v from the gradients of `mean`.
    fn iterate<E>(
        &self,
        mean: &mut Mean<'_, f64>,
        mut go_on: impl FnMut() -> Result<(), E>,
    ) -> Result<f64, WalkError<E>> {
        let n_params = mean.n_params();
        let mut basis = start_vector(n_params)?;
        let mut previous = try_filled(n_params, 0.0)?;
        let mut product = try_filled(n_params, 0.0)?;
        let mut tridiagonal = Tridiagonal::default();
        let mut largest = 0.0;
        for _ in 0..MOST_STEPS {
            self.multiply(&basis, &mut product, mean, &mut go_on)?;
            let diagonal = dot(&basis, &product);
            for ((product, &basis), &previous) in product.iter_mut().zip(&basis).zip(&previous) {
                *product -= diagonal * basis + tridiagonal.last_beside() * previous;
            }
            if !diagonal.is_finite() {
                return match self.find_bad_feature() {
                    Some(bad) => Err(WalkError::BadData(bad)),
                    None => Ok(f64::INFINITY),
                };
            }
            try_push(&mut tridiagonal.diagonal, diagonal)?;
            largest = tridiagonal.largest_eigenvalue(largest);
            let beside = dot(&product, &product).sqrt();
            // If nothing is left over, the vectors so far span a space that H maps into itself.
            if beside * tridiagonal.last_of_eigenvector(largest) <= TOLERANCE * largest {
                break;
            }
            try_push(&mut tridiagonal.beside, beside)?;
            product.iter_mut().for_each(|product| *product /= beside);
            std::mem::swap(&mut previous, &mut basis);
            std::mem::swap(&mut basis, &mut product);
        }
        Ok(largest)
    }

    /// maxᵢ Lᵢ, where Lᵢ is the largest eigenvalue of c (sᵢ/s̄) x̃ᵢx̃ᵢᵀ + l2·I_w, the Hessian bound
    /// of row i alone: the limit of stochastic descent is 2/maxᵢ Lᵢ.
    ///
    /// Below it no step raises the loss of the row that it is made on. Without a penalty
    /// Lᵢ = c (sᵢ/s̄) ‖x̃ᵢ‖².
    pub fn largest_of_a_row<E>(
        &self,
        mut go_on: impl FnMut() -> Result<(), E>,
    ) -> Result<f64, WalkError<E>> {
        let mut buffer = self.rows.buffer()?;
        let mut pass = LargestRow { bound: self, largest: self.l2 };
        let (all, length) = (self.all(), ((1 << 20) / self.rows.n_cols().max(1)).max(1));
        for start in (0..all.len()).step_by(length) {
            let rows = all.part(start..all.len().min(start + length));
            visit(&self.rows, &rows, &mut buffer, &mut pass);
            if !pass.largest.is_finite() {
                return match self.find_bad_feature() {
                    Some(bad) => Err(WalkError::BadData(bad)),
                    None => Ok(f64::INFINITY),
                };
            }
            go_on().map_err(WalkError::Objective)?;
        }
        Ok(pass.largest)
    }

    /// The rows that count.
    fn all(&self) -> RowSet<'_> {
        self.part.map_or(RowSet::Range(0..self.rows.n_rows()), RowSet::indices)
    }

    /// The largest eigenvalue of a x̃x̃ᵀ + l2·I_w, from ‖x‖².
    fn eigenvalue_of_row(&self, a: f64, squared_norm: f64) -> f64 {
        if !self.fit_intercept {
            return a * squared_norm + self.l2;
        }
        // Everything but the plane of the intercept and x is l2. In that plane it is the matrix
        // ((a, a‖x‖), (a‖x‖, a‖x‖² + l2)), of this trace and the determinant a·l2.
        let trace = a * (1.0 + squared_norm) + self.l2;
        0.5 * (trace + (trace * trace - 4.0 * a * self.l2).max(0.0).sqrt())
    }

    /// product ← H v.
    fn multiply<E>(
        &self,
        v: &[f64],
        product: &mut [f64],
        mean: &mut Mean<'_, f64>,
        go_on: &mut impl FnMut() -> Result<(), E>,
    ) -> Result<(), WalkError<E>> {
        product.fill(0.0);
        let (n_rows, mut sum) = (mean.n_rows(), 0.0);
        let length = mean.rows_at_once(n_rows);
        for start in (0..n_rows).step_by(length) {
            let rows = RowSet::Range(start..n_rows.min(start + length));
            let Ok(next) = mean.accumulate(v, n_rows, rows, sum, Some(product));
            sum = next;
            go_on().map_err(WalkError::Objective)?;
        }
        let scale = self.point_bound / n_rows as f64;
        let n_free = usize::from(self.fit_intercept);
        for (j, (product, v)) in product.iter_mut().zip(v).enumerate() {
            *product = scale * *product + if j < n_free { 0.0 } else { self.l2 * v };
        }
        Ok(())
    }

    fn find_bad_feature(&self) -> Option<BadValue> {
        find_bad_value(&self.rows, None, &self.all())
    }
}

/// The limit 𝓛 of batches of b rows drawn without repeats, between that of all n rows (`mean`,
/// [`HessianBound::largest_eigenvalue`]) and that of one (`row`,
/// [`HessianBound::largest_of_a_row`]):
///
/// ```text
/// 𝓛 = n(b − 1)/(b(n − 1))·L + (n − b)/(b(n − 1))·maxᵢ Lᵢ
/// ```
///
/// The Hessians H_B of such batches have a mean square of at most 𝓛·H, so that on a quadratic loss, noise in the
/// gradient apart, the mean square distance from the minimum does not grow as long as η ≤ 2/𝓛.
/// Source: Gower et al., "SGD: general analysis and improved rates", ICML 2019, section 3.3.
pub fn of_batches(mean: f64, row: f64, n_rows: usize, batch_size: usize) -> f64 {
    if n_rows <= 1 || batch_size >= n_rows {
        return mean;
    }
    let (n, b) = (n_rows as f64, batch_size.max(1) as f64);
    (n * (b - 1.0) * mean + (n - b) * row) / (b * (n - 1.0))
}

/// 2/L: infinite where there is no curvature at all, 0 where it overflows.
pub fn max_learning_rate(curvature: f64) -> f64 {
    2.0 / curvature
}

/// The largest eigenvalue of the Hessian bound of one row; infinite or NaN once one is.
struct LargestRow<'o, 'a> {
    bound: &'o HessianBound<'a>,
    largest: f64,
}

impl Visit<f64> for LargestRow<'_, '_> {
    fn visit(&mut self, set: &RowSet<'_>, block: Block<'_, f64>) {
        for (place, row) in set.iter().enumerate() {
            let x = block.row(place);
            let a = self.bound.point_bound * self.bound.weights.factor(row);
            let of_row = self.bound.eigenvalue_of_row(a, dot(x, x));
            // A NaN is larger than nothing, so it is asked for.
            if !of_row.is_finite() || of_row > self.largest {
                self.largest = of_row;
            }
            if !self.largest.is_finite() {
                return;
            }
        }
    }
}

/// A unit vector without any pattern that data might have: the same whenever it is asked for, but
/// orthogonal to an eigenvector by accident only.
fn start_vector(length: usize) -> Result<Vec<f64>, OutOfMemory> {
    const GOLDEN_RATIO: f64 = 0.618_033_988_749_894_9;
    let mut vector = try_filled(length, 0.0)?;
    for (j, value) in vector.iter_mut().enumerate() {
        *value = ((j + 1) as f64 * GOLDEN_RATIO).fract() - 0.5;
    }
    let norm = dot(&vector, &vector).sqrt();
    vector.iter_mut().for_each(|value| *value /= norm);
    Ok(vector)
}

/// A symmetric matrix that is zero but for its diagonal and the numbers beside it.
#[derive(Debug, Default)]
struct Tridiagonal {
    diagonal: Vec<f64>,
    beside: Vec<f64>,
}

impl Tridiagonal {
    fn last_beside(&self) -> f64 {
        self.beside.last().copied().unwrap_or(0.0)
    }

    /// Its largest eigenvalue, which is known to be at least `at_least`.
    fn largest_eigenvalue(&self, at_least: f64) -> f64 {
        // Gershgorin: no eigenvalue is farther from a diagonal element than the sum beside it.
        let beside = |k: usize| self.beside.get(k).copied().unwrap_or(0.0);
        let reach =
            |k: usize| self.diagonal[k] + beside(k) + if k > 0 { beside(k - 1) } else { 0.0 };
        let mut above = (0..self.diagonal.len()).map(reach).fold(at_least, f64::max);
        let mut below = at_least;
        while above - below > f64::EPSILON * above {
            let middle = 0.5 * (below + above);
            // No number lies between the two.
            if middle <= below || middle >= above {
                break;
            }
            if self.has_eigenvalue_above(middle) {
                below = middle;
            } else {
                above = middle;
            }
        }
        above
    }

    /// |u_k| of the unit eigenvector u₁ … u_k of the largest eigenvalue.
    fn last_of_eigenvector(&self, eigenvalue: f64) -> f64 {
        let (mut pivot, mut squares) = (self.diagonal[0] - eigenvalue, 1.0);
        // `squares` is ‖u‖² of the numbers so far, in parts of the last: −b uₖ₊₁ = pivot · uₖ.
        for (beside, diagonal) in self.beside.iter().zip(&self.diagonal[1..]) {
            squares = 1.0 + squares * (beside / pivot).powi(2);
            pivot = diagonal - eigenvalue - beside * beside / pivot;
        }
        1.0 / squares.sqrt()
    }

    /// Whether a pivot of the matrix minus `x` is positive: by Sylvester's law of inertia, whether
    /// an eigenvalue is larger than x.
    fn has_eigenvalue_above(&self, x: f64) -> bool {
        let mut pivot = 1.0;
        self.diagonal.iter().enumerate().any(|(k, diagonal)| {
            let beside = if k > 0 { self.beside[k - 1] } else { 0.0 };
            pivot = diagonal - x - beside * beside / pivot;
            // A pivot that is exactly 0 would come out positive if x were the least bit smaller.
            pivot >= 0.0
        })
    }
}

#[cfg(test)]
mod tests;
