//! Sums over rows of many features: groups of rows go through the matrix products, vectors lying
//! along the features, and stay in the second-level cache between the two.
//!
//! θ and the gradient are packed: W by classes, then the intercepts.

use super::Softmax;
use crate::error::{OutOfMemory, try_filled};
use crate::kernel::Aligned;
use crate::kernel::products::{self, GROUP, Shape, add_by_classes, add_outer, scores};
use crate::kernel::softmax::probabilities;
use crate::kernel::vector::add;
use crate::objective::Buffers;
use crate::real::Real;
use crate::rows::{Block, RowSet, Visit, visit};

/// `buffers` with buffers for θ and the gradient, packed.
pub fn with_buffers<T: Real>(
    n_features: usize,
    n_classes: usize,
    buffers: Buffers<T>,
) -> Result<Buffers<T>, OutOfMemory> {
    let shape = Shape::new(n_features, n_classes);
    let size = shape.size::<T>().ok_or(OutOfMemory)?.checked_add(n_classes).ok_or(OutOfMemory)?;
    Ok(Buffers {
        coef: Aligned::zeros(size)?,
        grad: Aligned::zeros(size)?,
        scores: try_filled(shape.padded().checked_mul(GROUP).ok_or(OutOfMemory)?, T::zero())?,
        ..buffers
    })
}

fn shape_of<T: Real>(objective: &Softmax<'_, T>) -> Shape {
    Shape::new(objective.rows.n_cols(), objective.n_classes)
}

/// Numbers of W by classes.
fn coef_length<T: Real>(objective: &Softmax<'_, T>) -> usize {
    shape_of(objective).size::<T>().expect("the length of the buffer")
}

/// Length of θ, packed.
pub fn packed_length<T: Real>(objective: &Softmax<'_, T>) -> usize {
    coef_length(objective) + objective.coef_start()
}

pub fn pack<T: Real>(objective: &Softmax<'_, T>, params: &[T], out: &mut [T]) {
    let (intercepts, coef) = params.split_at(objective.coef_start());
    let (by_class, intercepts_out) = out.split_at_mut(coef_length(objective));
    products::pack(shape_of(objective), coef, by_class);
    intercepts_out.copy_from_slice(intercepts);
}

/// Adds a gradient that is packed to one that is not.
pub fn add_packed<T: Real>(objective: &Softmax<'_, T>, packed: &[T], grad: &mut [T]) {
    let (intercepts, coef) = grad.split_at_mut(objective.coef_start());
    let (by_class, intercepts_in) = packed.split_at(coef_length(objective));
    add(intercepts_in, intercepts);
    add_by_classes(shape_of(objective), by_class, coef);
}

pub fn sum<T: Real>(
    objective: &Softmax<'_, T>,
    buffers: &mut Buffers<T>,
    params: &[T],
    rows: &RowSet<'_>,
    grad: Option<&mut [T]>,
) -> f64 {
    let length = packed_length(objective);
    // Taken out, so that the sums can borrow the rest.
    let mut coef = std::mem::take(&mut buffers.coef);
    pack(objective, params, &mut coef[..length]);
    let sum = if let Some(grad) = grad {
        let mut packed = std::mem::take(&mut buffers.grad);
        let some = Some(&mut packed[..length]);
        let sum = sum_block(objective, buffers, &coef[..length], rows, some);
        add_packed(objective, &packed[..length], grad);
        buffers.grad = packed;
        sum
    } else {
        sum_block(objective, buffers, &coef[..length], rows, None)
    };
    buffers.coef = coef;
    sum
}

/// The sums over some rows, at least one; θ and the gradient, which is written to `grad`, are packed.
pub fn sum_block<T: Real>(
    objective: &Softmax<'_, T>,
    buffers: &mut Buffers<T>,
    params: &[T],
    rows: &RowSet<'_>,
    grad: Option<&mut [T]>,
) -> f64 {
    let Buffers { rows: row_buffer, targets, factors, scores, .. } = buffers;
    let (coef, intercepts) = params.split_at(coef_length(objective));
    let (grad_coef, mut grad_intercepts) = grad.map(|grad| grad.split_at_mut(coef.len())).unzip();
    if let Some(grad) = &mut grad_intercepts {
        grad.fill(T::zero());
    }
    let mut pass = Groups {
        objective,
        shape: shape_of(objective),
        intercepts,
        coef,
        targets,
        factors,
        scores: scores.as_chunks_mut().0,
        grad_intercepts,
        grad_coef,
        is_first: true,
        sum: 0.0,
    };
    visit(&objective.rows, rows, row_buffer, &mut pass);
    pass.sum
}

/// The pass over the rows, a group at a time: scores, slopes and, with gradient, their outer products.
struct Groups<'o, 'a, T> {
    objective: &'o Softmax<'a, T>,
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
    grad_coef: Option<&'o mut [T]>,
    /// Whether nothing is in the gradient yet.
    is_first: bool,
    sum: f64,
}

impl<T: Real> Groups<'_, '_, T> {
    /// The sums over some rows, at most [`GROUP`], while others are prefetched.
    fn add(&mut self, x: &[&[T]], ahead: &[&[T]], targets: &[T], factors: &[f64]) {
        let n_classes = self.objective.n_classes;
        // Half of them here, half with the gradient: memory then has time for all.
        let (some, others) = ahead.split_at(ahead.len().min(x.len() / 2));
        scores(self.shape, x, some, self.coef, self.scores);
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
        if let Some(grad) = &mut self.grad_coef {
            add_outer(self.shape, x, others, self.scores, self.is_first, grad);
            self.is_first = false;
        }
    }
}

/// Bytes of the rows of a group, at the most: with as many that are prefetched they stay in the
/// second-level cache.
const GROUP_BYTES: usize = 1 << 18;

/// Rows of a group.
fn group<T>(n_features: usize) -> usize {
    (GROUP_BYTES / (n_features * size_of::<T>())).clamp(8, GROUP) / 8 * 8
}

impl<T: Real> Visit<T> for Groups<'_, '_, T> {
    fn visit(&mut self, set: &RowSet<'_>, block: Block<'_, T>) {
        let objective = self.objective;
        // Taken out, so that a group can borrow the rest.
        let target_buffer = std::mem::take(&mut self.targets);
        let factor_buffer = std::mem::take(&mut self.factors);
        let targets = objective.targets.read(set, target_buffer);
        let factors = objective.weights.factors(set, factor_buffer);
        let (mut x, mut ahead): ([&[T]; GROUP], [&[T]; GROUP]) = ([&[]; GROUP], [&[]; GROUP]);
        let group = group::<T>(objective.rows.n_cols());
        for first in (0..set.len()).step_by(group) {
            let places = first..set.len().min(first + group);
            let count = places.len();
            for (x, place) in x.iter_mut().zip(places.clone()) {
                *x = block.row(place);
            }
            // The next group's rows; of the next batch too, if that comes next.
            let following = places.clone().map_while(|place| block.ahead(place, count));
            let n_ahead = ahead.iter_mut().zip(following).map(|(ahead, row)| *ahead = row).count();
            let factors = if factors.is_empty() { factors } else { &factors[places.clone()] };
            self.add(&x[..count], &ahead[..n_ahead], &targets[places], factors);
        }
        (self.targets, self.factors) = (target_buffer, factor_buffer);
    }
}
