//! The sums over the blocks of some rows, as threads take them: block by block.

use std::ops::Range;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::BlockSums;
use crate::error::{OutOfMemory, try_push};
use crate::kernel::Aligned;
use crate::real::Real;
use crate::rows::{RowIndices, RowSet};

/// Rows of the next batch that a chunk knows of, to prefetch them.
const PREFETCHED: usize = 64;

/// The sums over the blocks of some rows.
pub(super) struct Job<T> {
    /// θ, packed.
    pub(super) params: Aligned<T>,
    /// The rows by index, chunk after chunk; if there are none, the rows are a range.
    indices: Vec<u32>,
    range: (usize, usize),
    n_rows: usize,
    block_rows: usize,
    with_gradient: bool,
    pub(super) n_blocks: usize,
    pub(super) blocks: Vec<Block<T>>,
    /// One for each thread.
    pub(super) chunks: Vec<Chunk>,
}

/// The blocks that one thread takes before it helps the others with theirs. They lie next to each
/// other, so that the thread that prefetches the rows of the next block is the one that takes it.
#[derive(Default)]
pub(super) struct Chunk {
    /// The first block that no thread has taken yet.
    pub(super) next: AtomicUsize,
    /// All of its blocks.
    blocks: Range<usize>,
    /// Where the rows of its blocks are among the indices. They are followed by those that this thread
    /// will probably take next, of the batch after this one.
    indices: Range<usize>,
}

pub(super) struct Block<T> {
    pub(super) is_done: AtomicBool,
    pub(super) sums: Mutex<(f64, Aligned<T>)>,
}

pub(super) fn lock<O>(mutex: &Mutex<O>) -> MutexGuard<'_, O> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl<T: Real> Job<T> {
    /// A job for so many threads, of no blocks yet.
    pub(super) fn new(n_threads: usize) -> Self {
        Job {
            params: Aligned::default(),
            indices: Vec::new(),
            range: (0, 0),
            n_rows: 0,
            block_rows: 0,
            with_gradient: false,
            n_blocks: 0,
            blocks: Vec::new(),
            chunks: (0..n_threads).map(|_| Chunk::default()).collect(),
        }
    }

    /// The rows of one block.
    pub(super) fn rows_of(&self, block: usize) -> RowSet<'_> {
        let start = block * self.block_rows;
        if self.indices.is_empty() {
            let (first, end) = self.range;
            return RowSet::Range(first + start..end.min(first + start + self.block_rows));
        }
        let of_block = |chunk: &&Chunk| chunk.blocks.contains(&block);
        let chunk = self.chunks.iter().find(of_block).expect("each block is in a chunk");
        let before = chunk.blocks.start * self.block_rows;
        let end = self.n_rows.min(start + self.block_rows);
        RowSet::indices(&self.indices[chunk.indices.clone()]).part(start - before..end - before)
    }

    /// Makes this the job of summing over `rows`.
    pub(super) fn set<B>(
        &mut self,
        sums: &dyn BlockSums<T, Buffers = B>,
        params: &[T],
        rows: &RowSet<'_>,
        block_rows: usize,
        with_gradient: bool,
    ) -> Result<(), OutOfMemory> {
        let n_blocks = rows.len().div_ceil(block_rows);
        let length = sums.packed_length().unwrap_or(params.len());
        if self.params.len() != length {
            self.params = Aligned::zeros(length)?;
        }
        sums.pack(params, &mut self.params);
        self.n_rows = rows.len();
        (self.block_rows, self.with_gradient, self.n_blocks) =
            (block_rows, with_gradient, n_blocks);
        self.indices.clear();
        let count = self.chunks.len();
        for number in 0..count {
            let blocks = n_blocks * number / count..n_blocks * (number + 1) / count;
            let indices = match rows {
                RowSet::Range(_) => 0..0,
                RowSet::Indices(indices) => self.add_indices(indices, &blocks)?,
            };
            self.chunks[number] = Chunk { next: AtomicUsize::new(blocks.start), blocks, indices };
        }
        if let RowSet::Range(range) = rows {
            self.range = (range.start, range.end);
        }
        while self.blocks.len() < n_blocks {
            let sums = Mutex::new((0.0, Aligned::zeros(length)?));
            try_push(&mut self.blocks, Block { is_done: AtomicBool::new(false), sums })?;
        }
        for block in &mut self.blocks {
            *block.is_done.get_mut() = false;
        }
        Ok(())
    }

    /// Adds the rows of some blocks to the indices, and what may follow them; returns where.
    fn add_indices(
        &mut self,
        indices: &RowIndices<'_>,
        blocks: &Range<usize>,
    ) -> Result<Range<usize>, OutOfMemory> {
        let start = self.indices.len();
        let row = |block: usize| indices.len().min(block * self.block_rows);
        let rows = row(blocks.start)..row(blocks.end);
        let following = indices.following(rows.start..rows.end.min(rows.start + PREFETCHED));
        let length = rows.len() + following.len();
        self.indices.try_reserve_exact(length).map_err(|_| OutOfMemory)?;
        self.indices.extend_from_slice(&indices[rows]);
        self.indices.extend_from_slice(following);
        Ok(start..self.indices.len())
    }

    /// Takes blocks, one by one, until all are taken, those of chunk `number` first; returns how many.
    pub(super) fn work<B>(
        &self,
        sums: &dyn BlockSums<T, Buffers = B>,
        buffers: &mut B,
        number: usize,
    ) -> usize {
        let (before, from) = self.chunks.split_at(number.min(self.chunks.len()));
        from.iter().chain(before).map(|chunk| self.work_on(chunk, sums, buffers)).sum()
    }

    /// Takes the blocks of one chunk; returns how many.
    fn work_on<B>(
        &self,
        chunk: &Chunk,
        sums: &dyn BlockSums<T, Buffers = B>,
        buffers: &mut B,
    ) -> usize {
        for count in 0.. {
            let taken = chunk.next.fetch_add(1, Ordering::Relaxed);
            if taken >= chunk.blocks.end {
                return count;
            }
            let (rows, block) = (self.rows_of(taken), &self.blocks[taken]);
            let mut sums_of_block = lock(&block.sums);
            let (sum, grad) = &mut *sums_of_block;
            *sum = if self.with_gradient {
                sums.sum_block(buffers, &self.params, &rows, Some(grad))
            } else {
                sums.sum_block(buffers, &self.params, &rows, None)
            };
            drop(sums_of_block);
            block.is_done.store(true, Ordering::Release);
        }
        unreachable!("the blocks come to an end")
    }

    pub(super) fn n_bytes(&self) -> usize {
        self.params.n_bytes() * (1 + self.blocks.len())
            + self.indices.capacity() * size_of::<u32>()
            + self.blocks.capacity() * size_of::<Block<T>>()
    }
}
