//! The threads of one fit: they share the blocks of a large batch.
//!
//! A batch is cut into blocks whatever the number of threads, and the sums over the blocks are added
//! in their order by one thread: the bits do not depend on who summed what, or on whether anybody
//! helped at all.
//!
//! A round goes like this. The thread that walks posts a job: θ, the rows, and a buffer for the sums
//! of each block. It and its helpers take blocks off it, one by one. The walker then adds the sums up
//! in order. If one is missing still, because its helper has lost its core to another process, the
//! walker does not wait for long but takes that sum by itself: two takes of a sum are the same. So no
//! process beside the walk, however busy, can stop it. (A pool of a library waits for all of its
//! threads, and outlives the fit, which a fork would not survive.)
//!
//! Helpers are started at the first round that pays for them, and end with the pool. Between rounds
//! they spin for some microseconds, for the next round mostly comes at once; then they give their
//! core away; then they sleep.

mod job;
mod queue;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, Scope, ScopedJoinHandle};
use std::time::{Duration, Instant};

use crate::error::OutOfMemory;
use crate::kernel::vector::add;
use crate::real::Real;
use crate::rows::RowSet;
use job::{Job, lock};
use queue::Queue;

/// Products that have to be done by a fit before it starts threads: about ten times what starting
/// one takes.
const WORTH_STARTING: usize = 1 << 21;

/// Rounds in a row that a helper may be late in, and rounds that are then taken alone.
const LATE: (u32, u32) = (4, 200);

/// Sums over blocks of rows that several threads may take at once, each with buffers of its own.
pub trait BlockSums<T: Real>: Sync {
    type Buffers;

    fn buffers(&self) -> Result<Self::Buffers, OutOfMemory>;

    /// The length of θ, and of a gradient, packed for the sums over many rows, if they are not taken as
    /// they are. It pays where rows are cut into blocks: θ is packed once for all of them, and their
    /// gradients are added up before they are unpacked.
    fn packed_length(&self) -> Option<usize> {
        None
    }

    /// Packs θ. `out` is [`packed_length`](Self::packed_length) long; it has been zero, or written by
    /// this.
    fn pack(&self, params: &[T], out: &mut [T]) {
        out.copy_from_slice(params);
    }

    /// Adds a gradient that is packed to one that is not.
    fn add_packed(&self, packed: &[T], grad: &mut [T]) {
        add(packed, grad);
    }

    /// Returns the loss sum over `rows` and writes its gradient to `grad`, if there is one; θ and the
    /// gradient are packed.
    fn sum_block(
        &self,
        buffers: &mut Self::Buffers,
        params: &[T],
        rows: &RowSet<'_>,
        grad: Option<&mut [T]>,
    ) -> f64;

    /// As [`sum_block`](Self::sum_block), whose gradient is taken in `block`, and then added to `grad`.
    fn add_block(
        &self,
        buffers: &mut Self::Buffers,
        params: &[T],
        rows: &RowSet<'_>,
        block: &mut [T],
        grad: Option<&mut [T]>,
    ) -> f64 {
        let Some(grad) = grad else { return self.sum_block(buffers, params, rows, None) };
        let sum = self.sum_block(buffers, params, rows, Some(block));
        add(block, grad);
        sum
    }
}

/// Starts a thread that runs this, if one can be had.
type Spawn<'a> =
    dyn Fn(Box<dyn FnOnce() + Send + 'a>) -> Option<ScopedJoinHandle<'a, ()>> + Send + 'a;

/// The threads that help to sum over the rows of one objective.
pub struct ThreadPool<'a, T, B> {
    sums: &'a dyn BlockSums<T, Buffers = B>,
    spawn: Box<Spawn<'a>>,
    n_threads: usize,
    queue: Arc<Queue<T>>,
    helpers: Vec<ScopedJoinHandle<'a, ()>>,
    /// The last job, to be used again once all helpers are done with it.
    spare: Option<Arc<Job<T>>>,
    /// Products done so far that could have been shared.
    products: usize,
    /// Rounds in a row in which a helper kept the walker waiting.
    late_rounds: u32,
    /// Rounds to take alone.
    alone: u32,
}

impl<'a, T: Real, B: Send + 'a> ThreadPool<'a, T, B> {
    /// A pool of `n_threads` threads at the most, the one that walks included, for the sums over the
    /// rows of `sums`. No thread is started yet; those that will be end before `scope` does.
    pub fn new<'env>(
        sums: &'a dyn BlockSums<T, Buffers = B>,
        scope: &'a Scope<'a, 'env>,
        n_threads: usize,
    ) -> Self {
        let spawn = move |work| {
            let builder = thread::Builder::new().name("gradwalk".into());
            builder.spawn_scoped(scope, work).ok()
        };
        ThreadPool::with_spawn(sums, Box::new(spawn), n_threads)
    }

    fn with_spawn(
        sums: &'a dyn BlockSums<T, Buffers = B>,
        spawn: Box<Spawn<'a>>,
        n_threads: usize,
    ) -> Self {
        ThreadPool {
            sums,
            spawn,
            n_threads,
            queue: Arc::new(Queue::new()),
            helpers: Vec::new(),
            spare: None,
            products: 0,
            late_rounds: 0,
            alone: 0,
        }
    }

    /// Threads that have summed a block, the walker not counted.
    pub fn n_helpers(&self) -> usize {
        self.queue.has_helped.load(Ordering::Relaxed).count_ones() as usize
    }

    #[cfg(test)]
    pub fn n_started(&self) -> usize {
        self.helpers.len()
    }

    /// Bytes held for the jobs.
    pub fn n_bytes(&self) -> usize {
        self.spare.as_ref().map_or(0, |job| job.n_bytes())
    }

    /// Adds the sums over the blocks of `rows`, `block_rows` each, to `sum`, which is returned, and
    /// to `grad`, which is packed; or `None`, if that is better done alone.
    ///
    /// `buffers` and `block`, as long as `grad`, are the walker's.
    #[allow(clippy::too_many_arguments)]
    pub fn sum(
        &mut self,
        buffers: &mut B,
        block: &mut [T],
        params: &[T],
        rows: &RowSet<'_>,
        block_rows: usize,
        sum: f64,
        grad: Option<&mut [T]>,
    ) -> Option<f64> {
        if self.n_threads < 2 || rows.len() <= block_rows {
            return None;
        }
        if self.alone > 0 {
            self.alone -= 1;
            return None;
        }
        if self.helpers.is_empty() && !self.start_helpers(rows.len() * params.len()) {
            return None;
        }
        let job = self.job(params, rows, block_rows, grad.is_some()).ok()?;
        self.post(Arc::clone(&job));
        let start = Instant::now();
        let own = job.work(self.sums, buffers, 0);
        // What a block takes, and as much again: longer than that no helper is waited for.
        let patience = start.elapsed() / own.max(1) as u32 * 2 + Duration::from_micros(5);
        let (sum, was_late) = self.add_up(&job, buffers, block, patience, sum, grad);
        drop(lock(&self.queue.job).take());
        self.spare = Some(job);
        self.late_rounds = if was_late { self.late_rounds + 1 } else { 0 };
        if self.late_rounds >= LATE.0 {
            (self.late_rounds, self.alone) = (0, LATE.1);
        }
        Some(sum)
    }

    /// Whether there are helpers now; the work that was done so far may not pay for them yet.
    fn start_helpers(&mut self, products: usize) -> bool {
        self.products = self.products.saturating_add(products);
        if self.products < WORTH_STARTING {
            return false;
        }
        for number in 1..self.n_threads {
            let Ok(mut buffers) = self.sums.buffers() else { break };
            let (sums, queue) = (self.sums, Arc::clone(&self.queue));
            let help = move || queue.help(sums, &mut buffers, number);
            match (self.spawn)(Box::new(help)) {
                Some(helper) => self.helpers.push(helper),
                None => break,
            }
        }
        if self.helpers.is_empty() {
            self.n_threads = 1;
        }
        !self.helpers.is_empty()
    }

    /// The job, in the buffers of the last one if no helper holds that any more.
    fn job(
        &mut self,
        params: &[T],
        rows: &RowSet<'_>,
        block_rows: usize,
        with_gradient: bool,
    ) -> Result<Arc<Job<T>>, OutOfMemory> {
        let spare = self.spare.take().filter(|job| Arc::strong_count(job) == 1);
        let mut job = spare.unwrap_or_else(|| Arc::new(Job::new(self.n_threads)));
        let own = Arc::get_mut(&mut job).expect("no other thread holds it");
        own.set(self.sums, params, rows, block_rows, with_gradient)?;
        Ok(job)
    }

    fn post(&self, job: Arc<Job<T>>) {
        *lock(&self.queue.job) = Some(job);
        self.queue.round.fetch_add(1, Ordering::SeqCst);
        if self.queue.sleepers.load(Ordering::SeqCst) > 0 {
            self.helpers.iter().for_each(|helper| helper.thread().unpark());
        }
    }

    /// Adds the blocks up in order; whether one of them had to be waited for, or done again.
    fn add_up(
        &self,
        job: &Job<T>,
        buffers: &mut B,
        block: &mut [T],
        patience: Duration,
        mut sum: f64,
        mut grad: Option<&mut [T]>,
    ) -> (f64, bool) {
        let mut was_late = false;
        for (place, done) in job.blocks[..job.n_blocks].iter().enumerate() {
            if was_late || !wait_for(&done.is_done, patience) {
                was_late = true;
            }
            if done.is_done.load(Ordering::Acquire) {
                let found = lock(&done.sums);
                sum += found.0;
                if let Some(grad) = grad.as_deref_mut() {
                    add(&found.1, grad);
                }
                continue;
            }
            let rows = job.rows_of(place);
            sum += self.sums.add_block(buffers, &job.params, &rows, block, grad.as_deref_mut());
        }
        (sum, was_late)
    }
}

impl<T, B> ThreadPool<'_, T, B> {
    /// Ends the helpers, which the next round that pays for them starts again. To be called before
    /// anything that might fork this process: in the child there would be no helpers, and no end
    /// of waiting for them.
    pub fn join(&mut self) {
        if self.helpers.is_empty() {
            return;
        }
        self.queue.is_closed.store(true, Ordering::SeqCst);
        self.queue.round.fetch_add(1, Ordering::SeqCst);
        self.helpers.iter().for_each(|helper| helper.thread().unpark());
        for helper in self.helpers.drain(..) {
            // One that panicked left its block undone, and the walker has summed that.
            let _ = helper.join();
        }
        self.queue.is_closed.store(false, Ordering::SeqCst);
    }
}

impl<T, B> Drop for ThreadPool<'_, T, B> {
    fn drop(&mut self) {
        self.join();
    }
}

/// Looks at `flag` for as long as `patience` lasts; whether it came true.
fn wait_for(flag: &AtomicBool, patience: Duration) -> bool {
    let mut start = None;
    loop {
        for _ in 0..64 {
            if flag.load(Ordering::Acquire) {
                return true;
            }
            std::hint::spin_loop();
        }
        if start.get_or_insert_with(Instant::now).elapsed() > patience {
            return false;
        }
    }
}

#[cfg(test)]
mod tests;
