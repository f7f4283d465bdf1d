//! Sums over rows of many features: groups of rows go through the matrix products, vectors lying
//! along the features, and stay in the second-level cache between the two.

use super::Softmax;
use crate::error::{OutOfMemory, try_filled};
use crate::kernel::fetch_number;
use crate::kernel::products::{GROUP, Shape, add_by_classes, add_outer, by_classes, scores};
use crate::kernel::softmax::probabilities;
use crate::objective::Buffers;
use crate::real::Real;
use crate::rows::{Block, RowSet, Rows, Visit, visit};

/// Bytes of rows between one and the one that is asked for in advance, at the most.
const AHEAD: usize = 1 << 19;

/// `buffers` with room for the matrices: W and its gradient by classes, and the W that was last put so.
pub fn with_room<T: Real>(
    n_features: usize,
    n_classes: usize,
    buffers: Buffers<T>,
) -> Result<Buffers<T>, OutOfMemory> {
    let shape = Shape::new(n_features, n_classes);
    let size = shape.size::<T>().ok_or(OutOfMemory)?;
    let both = n_features.checked_mul(n_classes).and_then(|held| held.checked_add(size));
    Ok(Buffers {
        coef: try_filled(both.ok_or(OutOfMemory)?, T::zero())?,
        grad: try_filled(size, T::zero())?,
        scores: try_filled(shape.padded().checked_mul(GROUP).ok_or(OutOfMemory)?, T::zero())?,
        ..buffers
    })
}

/// The sums over some rows.
pub fn sum<T: Real, R: Rows<T>>(
    objective: &Softmax<'_, T, R>,
    buffers: &mut Buffers<T>,
    params: &[T],
    rows: &RowSet<'_>,
    grad: Option<&mut [T]>,
) -> f64 {
    let Buffers { rows: room, targets, factors, coef, grad: grad_coef, scores, .. } = buffers;
    let shape = Shape::new(objective.rows.n_cols(), objective.n_classes);
    let (intercepts, coef_of_params) = params.split_at(objective.coef_start());
    let (coef, held) = coef.split_at_mut(shape.size::<T>().expect("the length of the buffer"));
    // Blocks of a batch have the same θ.
    if held != coef_of_params {
        by_classes(shape, coef_of_params, coef);
        held.copy_from_slice(coef_of_params);
    }
    let (grad_intercepts, grad) =
        grad.map(|grad| grad.split_at_mut(objective.coef_start())).unzip();
    if grad.is_some() {
        grad_coef.fill(T::zero());
    }
    let row_bytes = objective.rows.n_cols() * size_of::<T>();
    let mut pass = Groups {
        objective,
        shape,
        intercepts,
        coef,
        targets,
        factors,
        scores: scores.as_chunks_mut().0,
        grad_intercepts,
        grad_coef,
        // Two threads take blocks in turn.
        distance: (2 * rows.len()).min(AHEAD / row_bytes),
        sum: 0.0,
    };
    visit(&objective.rows, rows, room, &mut pass);
    let sum = pass.sum;
    if let Some(grad) = grad {
        add_by_classes(shape, grad_coef, grad);
    }
    sum
}

/// The pass over the rows, a group at a time: scores, slopes and, with gradient, their outer products.
struct Groups<'o, 'a, T, R> {
    objective: &'o Softmax<'a, T, R>,
    shape: Shape,
    intercepts: &'o [T],
    /// W by classes.
    coef: &'o [T],
    targets: &'o mut [T],
    factors: &'o mut [f64],
    /// By classes.
    scores: &'o mut [[T; GROUP]],
    grad_intercepts: Option<&'o mut [T]>,
    /// By classes.
    grad_coef: &'o mut [T],
    /// Places between a row and the one that is asked for meanwhile.
    distance: usize,
    sum: f64,
}

impl<T: Real, R: Rows<T>> Groups<'_, '_, T, R> {
    /// The sums over some rows, at most [`GROUP`].
    fn add(&mut self, x: &[&[T]], targets: &[T], factors: &[f64]) {
        let n_classes = self.objective.n_classes;
        scores(self.shape, x, self.coef, self.scores);
        let scores = &mut self.scores[..n_classes];
        for (scores, &intercept) in scores.iter_mut().zip(self.intercepts) {
            scores.iter_mut().for_each(|score| *score += intercept);
        }
        let class_of = |target: T| target.to_usize().filter(|&class| class < n_classes);
        let mut at_class = [T::nan(); GROUP];
        for (r, &target) in targets.iter().enumerate() {
            if let Some(class) = class_of(target) {
                at_class[r] = scores[class][r];
            }
        }
        let found = probabilities(x.len(), scores);
        for (r, &target) in targets.iter().enumerate() {
            let factor = factors.get(r).copied().unwrap_or(1.0);
            let distance = found.largest[r].as_f64() - at_class[r].as_f64();
            self.sum += factor * (distance + found.sums[r].ln().as_f64());
            if let Some(class) = class_of(target) {
                scores[class][r] -= T::one();
            }
        }
        let Some(grad_intercepts) = &mut self.grad_intercepts else { return };
        if !factors.is_empty() {
            for scores in scores.iter_mut() {
                for (slope, &factor) in scores.iter_mut().zip(factors) {
                    *slope *= T::from_f64(factor);
                }
            }
        }
        for (grad, slopes) in grad_intercepts.iter_mut().zip(&*scores) {
            slopes[..x.len()].iter().for_each(|&slope| *grad += slope);
        }
        add_outer(self.shape, x, self.scores, self.grad_coef);
    }

    /// Asks for the beginning, the middle and the end of the row that is wanted some places after
    /// `place` of `set`. From there the processor goes on by itself; to ask for each line would fill
    /// the places where what the products need has to wait too.
    fn fetch_after(&self, set: &RowSet<'_>, place: usize) {
        let rows = &self.objective.rows;
        if !R::IN_PLACE {
            return;
        }
        let row = match set {
            RowSet::Range(range) => {
                Some(range.start + place + self.distance).filter(|&row| row < rows.n_rows())
            }
            RowSet::Indices(picks) => picks.ahead(place, self.distance),
        };
        if let Some(row) = row {
            let x = rows.row(row);
            [0, x.len() / 2, x.len() - 1].iter().for_each(|&place| fetch_number(x, place));
        }
    }
}

impl<T: Real, R: Rows<T>> Visit<T> for Groups<'_, '_, T, R> {
    fn visit<'b, B: Block<'b, T>>(&mut self, set: &RowSet<'_>, block: B) {
        let objective = self.objective;
        // Taken out, so that a group can borrow the rest.
        let (room, more) = (std::mem::take(&mut self.targets), std::mem::take(&mut self.factors));
        let targets = objective.targets.read(set, room);
        let factors = objective.weights.factors(set, more);
        let mut x: [&[T]; GROUP] = [&[]; GROUP];
        for first in (0..set.len()).step_by(GROUP) {
            let end = set.len().min(first + GROUP);
            for place in first..end {
                x[place - first] = block.row(place);
                self.fetch_after(set, place);
            }
            let factors = if factors.is_empty() { factors } else { &factors[first..end] };
            self.add(&x[..end - first], &targets[first..end], factors);
        }
        (self.targets, self.factors) = (room, more);
    }
}
