//! Sums over short rows: vectors lie along the classes, whose number is padded, and a few rows go
//! through the matrix products together.

use super::Softmax;
use crate::error::{OutOfMemory, try_filled};
use crate::kernel::array_from;
use crate::kernel::{Aligned, prefetch_line, tile, vector::axpy};
use crate::objective::Buffers;
use crate::real::Real;
use crate::rows::{AHEAD_IN_ORDER, Block, RowSet, Visit, visit};

/// Rows that go through the matrix products together.
const TILE: usize = 4;

/// `buffers` with those of the matrices.
pub fn with_buffers<T: Real>(
    n_features: usize,
    n_classes: usize,
    buffers: Buffers<T>,
) -> Result<Buffers<T>, OutOfMemory> {
    let stride = tile::padded(n_classes);
    let size = n_features.checked_mul(stride).ok_or(OutOfMemory)?;
    Ok(Buffers {
        coef: Aligned::zeros(size)?,
        grad: Aligned::zeros(size)?,
        scores: try_filled(TILE * stride, T::zero())?,
        ..buffers
    })
}

#[inline(always)]
pub fn sum<T: Real, const WITH_GRADIENT: bool>(
    objective: &Softmax<'_, T>,
    buffers: &mut Buffers<T>,
    params: &[T],
    rows: &RowSet<'_>,
    grad: &mut [T],
) -> f64 {
    let Buffers { rows: row_buffer, targets, factors, coef, grad: grad_coef, scores, .. } = buffers;
    let (intercepts, coef_of_params) = params.split_at(objective.coef_start());
    let stride = tile::padded(objective.n_classes);
    tile::pad_into(coef_of_params, objective.n_classes, stride, coef);
    if WITH_GRADIENT {
        grad_coef.fill(T::zero());
    }
    let grad_start = if WITH_GRADIENT { objective.coef_start() } else { 0 };
    let (grad_intercepts, grad) = grad.split_at_mut(grad_start);
    let mut pass = Tiles::<T, WITH_GRADIENT> {
        objective,
        intercepts,
        coef,
        stride,
        targets,
        factors,
        scores,
        grad_intercepts,
        grad_coef,
        sum: 0.0,
    };
    visit(&objective.rows, rows, row_buffer, &mut pass);
    let Tiles { sum, grad_coef, .. } = pass;
    if WITH_GRADIENT {
        tile::add_unpadded(grad_coef, stride, objective.n_classes, grad);
    }
    sum
}

/// The pass over the rows, a tile at a time: scores, slopes and, with gradient, their outer products.
struct Tiles<'o, 'a, T, const WITH_GRADIENT: bool> {
    objective: &'o Softmax<'a, T>,
    intercepts: &'o [T],
    /// W, (d, stride).
    coef: &'o [T],
    /// K, padded.
    stride: usize,
    targets: &'o mut [T],
    factors: &'o mut [f64],
    /// (TILE, stride).
    scores: &'o mut [T],
    grad_intercepts: &'o mut [T],
    /// (d, stride).
    grad_coef: &'o mut [T],
    sum: f64,
}

impl<T: Real, const WITH_GRADIENT: bool> Tiles<'_, '_, T, WITH_GRADIENT> {
    /// The sums over M rows.
    #[inline(always)]
    fn add<const M: usize>(&mut self, x: [&[T]; M], targets: [T; M], factors: [f64; M]) {
        let (stride, n_classes) = (self.stride, self.objective.n_classes);
        let scores = &mut self.scores[..M * stride];
        for scores in scores.chunks_exact_mut(stride) {
            scores.fill(T::zero());
            scores[..self.intercepts.len()].copy_from_slice(self.intercepts);
        }
        tile::add_scores(x, self.coef, stride, scores);
        for (r, scores) in scores.chunks_exact_mut(stride).enumerate() {
            let scores = &mut scores[..n_classes];
            self.sum += self.objective.slopes_in_place(targets[r], factors[r], scores);
            if WITH_GRADIENT && self.objective.fit_intercept {
                axpy(T::one(), scores, self.grad_intercepts);
            }
        }
        if WITH_GRADIENT {
            tile::add_outer(x, scores, stride, self.grad_coef);
        }
    }
}

impl<T: Real, const WITH_GRADIENT: bool> Visit<T> for Tiles<'_, '_, T, WITH_GRADIENT> {
    #[inline(always)]
    fn visit(&mut self, set: &RowSet<'_>, block: Block<'_, T>) {
        let objective = self.objective;
        // Taken out, so that a tile can borrow the rest.
        let target_buffer = std::mem::take(&mut self.targets);
        let factor_buffer = std::mem::take(&mut self.factors);
        let targets = objective.targets.read(set, target_buffer);
        let factors = objective.weights.factors(set, factor_buffer);
        let factor = |place: usize| factors.get(place).copied().unwrap_or(1.0);
        let whole = set.len() - set.len() % TILE;
        for first in (0..whole).step_by(TILE) {
            let at: [usize; TILE] = array_from(|r| first + r);
            if let Some(row) = block.ahead(first, AHEAD_IN_ORDER) {
                prefetch_line(row.as_ptr(), 0);
            }
            self.add(at.map(|k| block.row(k)), at.map(|k| targets[k]), at.map(factor));
        }
        for (place, &target) in targets.iter().enumerate().skip(whole) {
            self.add([block.row(place)], [target], [factor(place)]);
        }
        (self.targets, self.factors) = (target_buffer, factor_buffer);
    }
}
