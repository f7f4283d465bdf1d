//! The mean over rows as the loop sees it: sums of blocks, by one thread or by several.

use std::convert::Infallible;

use super::{Buffers, Lasso, MOST_STEPS, Objective, RowSums, Run};
use crate::error::{BadValue, OutOfMemory};
use crate::kernel::Aligned;
use crate::real::Real;
use crate::rows::RowSet;
use crate::threads::ThreadPool;

/// Products (numbers of X times parameters) below which a batch is one block: a few microseconds.
const SMALL: usize = 1 << 14;

/// Blocks that a batch which is larger is cut into at least, so that threads can share them.
const LEAST_BLOCKS: usize = 4;

/// Products of a block at the most, and at the least.
const BLOCK: (usize, usize) = (1 << 16, 1 << 12);

/// Rows of a block, however long they are, and however short: each block costs some passes over θ.
const ROWS: (usize, usize) = (64, 4096);

/// Products of a round, the blocks between two looks at the budget.
const ROUND: usize = 1 << 21;

/// Blocks of a round.
const BLOCKS_AT_ONCE: (usize, usize) = (4, 64);

/// Rows of the blocks that a batch of `m` rows is cut into, for θ of length `n_params`: the sums over
/// a batch are the sums over its blocks, each begun at zero, added up in order. It depends on these
/// two numbers and on nothing else, so that the bits of a sum don't, either: not on threads, nor on
/// how the walk is sliced. A multiple of 8, unless it is all of the batch.
pub fn block_rows(m: usize, n_params: usize) -> usize {
    let n_params = n_params.max(1);
    if m.saturating_mul(n_params) < SMALL {
        return m;
    }
    let most = (BLOCK.0 / n_params).clamp(ROWS.0, ROWS.1);
    let least = (BLOCK.1 / n_params).clamp(ROWS.0, ROWS.1);
    let rows = (m / LEAST_BLOCKS).clamp(least, most).next_multiple_of(8);
    rows.min(m)
}

/// The mean of a loss over the rows of `sums`, or over a part of them, plus the penalty.
pub struct Mean<'a, T> {
    sums: &'a dyn RowSums<T>,
    /// The rows that count, if not all do: row k is row `part[k]` of the data.
    part: Option<&'a [u32]>,
    buffers: Buffers<T>,
    /// θ, and the gradient of a batch's blocks, if they are packed for the sums.
    packed: Option<(Aligned<T>, Aligned<T>)>,
    /// The gradient of a block.
    block: Aligned<T>,
    /// Rows of a batch of the part, as rows of the data.
    picked: Vec<u32>,
    threads: Option<ThreadPool<'a, T, Buffers<T>>>,
}

impl<'a, T: Real> Mean<'a, T> {
    /// The mean over all rows, or over those of `part`, each of which is below n.
    pub fn new(sums: &'a dyn RowSums<T>, part: Option<&'a [u32]>) -> Result<Self, OutOfMemory> {
        let length = sums.packed_length();
        let buffer = |length| Ok((Aligned::zeros(length)?, Aligned::zeros(length)?));
        Ok(Mean {
            sums,
            part,
            buffers: sums.buffers()?,
            packed: length.map(buffer).transpose()?,
            block: Aligned::zeros(length.unwrap_or(sums.n_params()))?,
            picked: Vec::new(),
            threads: None,
        })
    }

    /// The same, with other threads to help with batches that are large enough.
    pub fn with_pool(self, pool: ThreadPool<'a, T, Buffers<T>>) -> Self {
        Mean { threads: Some(pool), ..self }
    }

    /// Threads that have done some of the work so far, this one included.
    pub fn n_threads(&self) -> usize {
        1 + self.threads.as_ref().map_or(0, ThreadPool::n_helpers)
    }

    /// Threads that were started to help.
    #[cfg(test)]
    pub fn n_started(&self) -> usize {
        self.threads.as_ref().map_or(0, ThreadPool::n_started)
    }

    pub fn n_bytes(&self) -> usize {
        let threads = self.threads.as_ref().map_or(0, ThreadPool::n_bytes);
        let packed = self.packed.as_ref().map_or(0, |(a, b)| a.n_bytes() + b.n_bytes());
        let numbers = self.block.n_bytes() + packed;
        self.buffers.n_bytes() + numbers + self.picked.capacity() * size_of::<u32>() + threads
    }

    /// `rows` of the part as rows of the data.
    fn rows_of_data<'r>(
        part: Option<&'r [u32]>,
        rows: RowSet<'r>,
        picked: &'r mut Vec<u32>,
    ) -> RowSet<'r> {
        match (part, rows) {
            (None, rows) => rows,
            (Some(part), RowSet::Range(range)) => RowSet::indices(part).part(range),
            (Some(part), RowSet::Indices(indices)) => {
                picked.clear();
                picked.extend(indices.iter().map(|&row| part[row as usize]));
                RowSet::indices(picked)
            }
        }
    }
}

impl<T: Real> Objective<T> for Mean<'_, T> {
    type Error = Infallible;

    fn n_params(&self) -> usize {
        self.sums.n_params()
    }

    fn n_rows(&self) -> usize {
        self.part.map_or(self.sums.n_rows(), <[u32]>::len)
    }

    fn rows_at_once(&self, m: usize) -> usize {
        let n_params = self.n_params().max(1);
        let rows = block_rows(m, n_params);
        if rows >= m {
            return m;
        }
        let (least, most) = BLOCKS_AT_ONCE;
        rows * (ROUND / n_params / rows.max(1)).clamp(least, most)
    }

    fn accumulate(
        &mut self,
        params: &[T],
        m: usize,
        rows: RowSet<'_>,
        sum: f64,
        grad: Option<&mut [T]>,
    ) -> Result<f64, Infallible> {
        let Mean { sums, part, buffers, packed, block, picked, threads } = self;
        let length = block_rows(m, params.len());
        let rows = Self::rows_of_data(*part, rows, picked);
        if length >= m {
            return Ok(sum + sums.sum(buffers, params, &rows, grad));
        }
        let mut sum_blocks = |buffer: Option<&mut Aligned<T>>, mut grad: Option<&mut [T]>| {
            if let Some(pool) = threads
                && let Some(sum) =
                    pool.sum(buffers, block, params, &rows, length, sum, grad.as_deref_mut())
            {
                return sum;
            }
            let params = match buffer {
                Some(buffer) => {
                    sums.pack(params, buffer);
                    &buffer[..]
                }
                None => params,
            };
            let blocks = (0..rows.len()).step_by(length);
            blocks.fold(sum, |sum, start| {
                let rows = rows.part(start..rows.len().min(start + length));
                sum + sums.add_block(buffers, params, &rows, block, grad.as_deref_mut())
            })
        };
        Ok(match (packed, grad) {
            (Some((buffer, total)), Some(grad)) => {
                total.fill(T::zero());
                let sum = sum_blocks(Some(buffer), Some(total));
                sums.add_packed(total, grad);
                sum
            }
            (packed, grad) => sum_blocks(packed.as_mut().map(|(buffer, _)| buffer), grad),
        })
    }

    fn finish(&self, params: &[T], m: usize, loss_sum: f64, grad: &mut [T]) -> f64 {
        self.sums.penalty().finish(params, m, loss_sum, grad)
    }

    fn finish_loss(&self, params: &[T], m: usize, loss_sum: f64) -> f64 {
        self.sums.penalty().finish_loss(params, m, loss_sum)
    }

    fn take_steps(&mut self, run: Run<'_, T>) -> Result<usize, Infallible> {
        let Mean { sums, part, buffers, picked, .. } = self;
        let rows = match (part, &run.rows) {
            (Some(part), RowSet::Indices(indices)) => {
                // With some that come after the run, for they are prefetched.
                let (count, indices) = (indices.len(), indices.with_next(MOST_STEPS));
                Self::rows_of_data(Some(*part), RowSet::indices(indices), picked).part(0..count)
            }
            (part, rows) => Self::rows_of_data(*part, rows.clone(), picked),
        };
        Ok(sums.take_steps(buffers, Run { rows, ..run }))
    }

    fn join_threads(&mut self) {
        if let Some(pool) = &mut self.threads {
            pool.join();
        }
    }

    fn has_fused_step(&self) -> bool {
        !self.sums.penalty().has_signs()
    }

    fn lasso(&self) -> Lasso {
        self.sums.penalty().lasso()
    }

    fn find_bad_value(&self, rows: RowSet<'_>) -> Option<BadValue> {
        let mut picked = Vec::new();
        self.sums.find_bad_value(&Self::rows_of_data(self.part, rows, &mut picked))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn blocks_are_neither_too_long_nor_too_short(m in 1..100_000usize, n_params in 1..20_000usize) {
            let rows = block_rows(m, n_params);
            prop_assert!(rows >= 1 && rows <= m);
            prop_assert!(rows == m || rows.is_multiple_of(8));
            if m * n_params < SMALL {
                prop_assert_eq!(rows, m);
            } else {
                prop_assert!(rows <= ROWS.1);
                prop_assert!(rows <= ROWS.0 || rows * n_params <= BLOCK.0 + 8 * n_params);
                prop_assert!(rows >= ROWS.0.min(m));
            }
        }
    }
}
