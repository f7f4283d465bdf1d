//! Sums over many rows: a kernel gives the scores of a group of rows, the loss turns them into slopes,
//! and the kernel adds slopes times rows, which are then still in the first-level cache.

use std::marker::PhantomData;

use super::Linear;
use crate::kernel::many::Columns;
use crate::kernel::{
    EIGHT, LanesPass, RowKernel, Simd, WithRowKernel, read_through, with_row_kernel,
};
use crate::loss::{self, PointLoss};
use crate::objective::{Buffers, SampleWeights};
use crate::real::Real;
use crate::rows::{Block, Column, RowBuffer, RowSet, Rows, Visit, dot, visit};

/// Bytes of the rows of a group, unless eight rows are more: most of a first-level cache.
const GROUP: usize = 3 << 13;

/// The same where they are read through first: the less, the shorter memory waits for the kernels.
const GROUP_OF_STREAM: usize = 1 << 12;

/// The sum of the losses of some rows; their gradient is added to `grad`, if there is one. Compiled for
/// each instruction set.
pub struct Sums<'o, 'a, T> {
    pub objective: &'o Linear<'a, T>,
    pub buffers: &'o mut Buffers<T>,
    pub params: &'o [T],
    pub rows: &'o RowSet<'o>,
    pub grad: Option<&'o mut [T]>,
}

impl<T: Real> LanesPass for Sums<'_, '_, T> {
    type Output = f64;

    #[inline(always)]
    fn run<S: Simd>(self) -> f64 {
        let Sums { objective, buffers, params, rows, grad } = self;
        let (bias, w) = objective.split(params);
        let with_gradient = grad.is_some();
        let n_free = if with_gradient { usize::from(objective.fit_intercept) } else { 0 };
        let (grad_bias, grad) = grad.unwrap_or_default().split_at_mut(n_free);
        let Buffers { rows: buffer, targets, factors, scores, .. } = buffers;
        let groups = Groups {
            loss: objective.loss,
            bias,
            targets: &objective.targets,
            weights: &objective.weights,
            with_gradient,
            scores,
            sums: loss::Sums::zero(),
        };
        let all = All { rows: &objective.rows, set: rows, buffer, targets, factors };
        let sums =
            with_row_kernel::<S, _, _>(w, grad, Over { groups, all, simd: PhantomData::<S> });
        if let [grad_bias] = grad_bias {
            *grad_bias += sums.of_slopes();
        }
        sums.of_values()
    }
}

/// All rows, and the buffers for those of a block.
struct All<'o, T> {
    rows: &'o Rows<'o, T>,
    set: &'o RowSet<'o>,
    buffer: &'o mut RowBuffer<T>,
    targets: &'o mut [T],
    factors: &'o mut [f64],
}

/// The pass over the rows, a group at a time.
struct Groups<'o, 'a, T> {
    loss: PointLoss,
    bias: T,
    targets: &'o Column<'a, T>,
    weights: &'o SampleWeights<'a>,
    with_gradient: bool,
    /// Products of the rows of a group with w, then the slopes of their losses.
    scores: &'o mut [T],
    sums: loss::Sums<T>,
}

/// The groups over all rows, still without a kernel.
struct Over<'o, 'a, T, S> {
    groups: Groups<'o, 'a, T>,
    all: All<'o, T>,
    simd: PhantomData<S>,
}

impl<T: Real, S: Simd> WithRowKernel<T> for Over<'_, '_, T, S> {
    type Output = loss::Sums<T>;

    /// The sums over all rows; the gradient is the kernel's.
    #[inline(always)]
    fn with<K: RowKernel<T>>(self, kernel: K) -> loss::Sums<T> {
        let Over { groups, all, simd } = self;
        let All { rows, set, buffer, targets, factors } = all;
        let mut pass = With { groups, kernel, targets, factors, simd };
        visit(rows, set, buffer, &mut pass);
        pass.kernel.finish();
        pass.groups.sums
    }
}

/// The groups, with a kernel.
struct With<'o, 'a, T, K, S> {
    groups: Groups<'o, 'a, T>,
    kernel: K,
    targets: &'o mut [T],
    factors: &'o mut [f64],
    simd: PhantomData<S>,
}

impl<T: Real, K: RowKernel<T>, S: Simd> Visit<T> for With<'_, '_, T, K, S> {
    #[inline(always)]
    fn visit(&mut self, set: &RowSet<'_>, block: Block<'_, T>) {
        let With { groups, kernel, targets, factors, .. } = self;
        let (column, weights) = (groups.targets, groups.weights);
        let (targets, factors) = (column.read(set, targets), weights.factors(set, factors));
        let bytes_of_row = block.n_cols() * size_of::<T>();
        let is_stream = block.is_stream();
        let bytes = if is_stream { GROUP_OF_STREAM } else { GROUP };
        let group = (bytes / bytes_of_row).max(EIGHT) / EIGHT * EIGHT;
        for start in (0..block.len()).step_by(group) {
            let end = block.len().min(start + group);
            if is_stream {
                read_through::<S, T>(block.all(start, end));
            }
            let scores = &mut groups.scores[..end - start];
            dot(kernel, &block, start, scores);
            let (targets, factors) =
                (&targets[start..end], factors.get(start..end).unwrap_or_default());
            groups.loss.slopes(scores, groups.bias, targets, factors, &mut groups.sums);
            if groups.with_gradient {
                axpy(kernel, &block, start, scores);
            }
        }
    }

    #[inline(always)]
    fn takes_columns(&self) -> bool {
        K::TAKES_COLUMNS
    }

    #[inline(always)]
    fn visit_columns(&mut self, set: &RowSet<'_>, columns: Columns<'_>) {
        let With { groups, kernel, targets, factors, .. } = self;
        let (column, weights) = (groups.targets, groups.weights);
        let (targets, factors) = (column.read(set, targets), weights.factors(set, factors));
        kernel.dot_columns(columns, groups.scores);
        let scores = &mut groups.scores[..set.len()];
        groups.loss.slopes(scores, groups.bias, targets, factors, &mut groups.sums);
        if groups.with_gradient {
            kernel.axpy_columns(groups.scores, columns);
        }
    }
}

/// Adds slopes times rows, from `start` on, to the gradient.
#[inline(always)]
fn axpy<T: Real>(kernel: &mut impl RowKernel<T>, block: &Block<'_, T>, start: usize, slopes: &[T]) {
    let (eights, rest) = slopes.as_chunks::<EIGHT>();
    let mut place = start;
    for &slopes in eights {
        kernel.axpy(slopes, block.eight(place));
        place += EIGHT;
    }
    for (&slope, place) in rest.iter().zip(place..) {
        kernel.axpy_one(slope, block.row(place), place);
    }
}

#[cfg(test)]
mod tests;
