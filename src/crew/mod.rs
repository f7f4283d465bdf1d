//! The threads of a fit: they share the blocks of a large batch.
//!
//! A batch is cut into blocks whatever the number of threads ([`block_rows`]), and the sums over the
//! blocks are added in their order by one thread: the bits do not depend on who summed what, or
//! on whether anybody helped at all.
//!
//! A round goes like this. The thread that walks posts a job: θ, the rows, and room for the sums of
//! each block. It and its helpers take blocks off it, one by one. The walker then adds the sums up in
//! order. If one is missing still, because its helper has lost its core to another process,
//! the walker does not wait for long but takes that sum by itself: two takes of a sum are the same.
//! So no process beside the walk, however busy, can stop it.
//!
//! Helpers are started at the first round that pays for them, and end with the crew. Between
//! rounds they spin for some microseconds, for the next round mostly comes at once; then they give
//! their core away; then they sleep.
//!
//! [`block_rows`]: crate::objective::block_rows

use std::ops::Range;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, Scope, ScopedJoinHandle};
use std::time::{Duration, Instant};

use crate::error::{OutOfMemory, try_push};
use crate::kernel::Aligned;
use crate::objective::{Buffers, RowSums, add, add_block};
use crate::real::Real;
use crate::rows::{Picks, RowSet};

/// Products that have to be done by a fit before it starts threads: about ten times what starting
/// one takes.
const WORTH_STARTING: usize = 1 << 21;

/// Rows of the next batch that a share knows of, so that they can be asked for in advance.
const MOST_AHEAD: usize = 64;

/// Looks at the board before a helper without a job gives its core away, and before it sleeps.
const LOOKS: (usize, usize) = (2_000, 4_000);

/// Rounds in a row that are lost, and rounds that are then taken alone.
const LOST: (u32, u32) = (4, 200);

/// Starts a thread that runs this, if one can be had.
type Spawn<'a> =
    dyn Fn(Box<dyn FnOnce() + Send + 'a>) -> Option<ScopedJoinHandle<'a, ()>> + Send + 'a;

/// The threads that help to sum over the rows of one objective.
pub struct Crew<'a, T> {
    sums: &'a dyn RowSums<T>,
    spawn: Box<Spawn<'a>>,
    n_threads: usize,
    board: Arc<Board<T>>,
    helpers: Vec<ScopedJoinHandle<'a, ()>>,
    /// The last job, to be used again once all helpers are done with it.
    spare: Option<Arc<Job<T>>>,
    /// Products done so far that could have been shared.
    products: usize,
    /// Rounds in a row in which a helper kept the walker waiting.
    lost: u32,
    /// Rounds to take alone.
    alone: u32,
}

/// Where jobs are posted.
struct Board<T> {
    /// Counts the jobs posted.
    round: AtomicU64,
    job: Mutex<Option<Arc<Job<T>>>>,
    sleepers: AtomicUsize,
    is_closed: AtomicBool,
    /// Helpers that have summed a block, one bit each for the first 64.
    has_helped: AtomicU64,
}

/// The sums over the blocks of some rows.
struct Job<T> {
    /// θ, laid out as the sums want it.
    params: Aligned<T>,
    /// The rows, by index, share after share; or, if there are none, a range.
    indices: Vec<u32>,
    range: (usize, usize),
    n_rows: usize,
    block_rows: usize,
    with_gradient: bool,
    n_blocks: usize,
    blocks: Vec<Block<T>>,
    /// One for each thread.
    shares: Vec<Share>,
}

#[derive(Default)]
/// The blocks that one thread takes before it helps the others with theirs: next to each other, so
/// that it asks for the rows of the next one in advance, and not another thread.
struct Share {
    /// The first block that nobody has taken yet.
    next: AtomicUsize,
    /// All of its blocks.
    blocks: Range<usize>,
    /// Where the rows of its blocks are among the indices, and after them those that this thread will
    /// probably be asked for next, of the batch that follows.
    indices: Range<usize>,
}

struct Block<T> {
    is_done: AtomicBool,
    sums: Mutex<(f64, Aligned<T>)>,
}

fn lock<O>(mutex: &Mutex<O>) -> MutexGuard<'_, O> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl<T: Real> Job<T> {
    /// The rows of one block.
    fn rows_of(&self, block: usize) -> RowSet<'_> {
        let start = block * self.block_rows;
        if self.indices.is_empty() {
            let (first, end) = self.range;
            return RowSet::Range(first + start..end.min(first + start + self.block_rows));
        }
        let of_block = |share: &&Share| share.blocks.contains(&block);
        let share = self.shares.iter().find(of_block).expect("each block is in a share");
        let before = share.blocks.start * self.block_rows;
        let end = self.n_rows.min(start + self.block_rows);
        RowSet::picks(&self.indices[share.indices.clone()]).part(start - before..end - before)
    }

    /// Makes this the job of summing over `rows`.
    fn set(
        &mut self,
        sums: &dyn RowSums<T>,
        params: &[T],
        rows: &RowSet<'_>,
        block_rows: usize,
        with_gradient: bool,
    ) -> Result<(), OutOfMemory> {
        let n_blocks = rows.len().div_ceil(block_rows);
        let length = sums.laid_out_length().unwrap_or(params.len());
        if self.params.len() != length {
            self.params = Aligned::zeros(length)?;
        }
        sums.lay_out(params, &mut self.params);
        self.n_rows = rows.len();
        (self.block_rows, self.with_gradient, self.n_blocks) =
            (block_rows, with_gradient, n_blocks);
        self.indices.clear();
        let count = self.shares.len();
        for number in 0..count {
            let blocks = n_blocks * number / count..n_blocks * (number + 1) / count;
            let indices = match rows {
                RowSet::Range(_) => 0..0,
                RowSet::Indices(picks) => self.add_indices(picks, &blocks)?,
            };
            self.shares[number] = Share { next: AtomicUsize::new(blocks.start), blocks, indices };
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
        picks: &Picks<'_>,
        blocks: &Range<usize>,
    ) -> Result<Range<usize>, OutOfMemory> {
        let start = self.indices.len();
        let row = |block: usize| picks.len().min(block * self.block_rows);
        let rows = row(blocks.start)..row(blocks.end);
        let following = picks.following(rows.start..rows.end.min(rows.start + MOST_AHEAD));
        let length = rows.len() + following.len();
        self.indices.try_reserve_exact(length).map_err(|_| OutOfMemory)?;
        self.indices.extend_from_slice(&picks[rows]);
        self.indices.extend_from_slice(following);
        Ok(start..self.indices.len())
    }

    /// Takes blocks, one by one, until all are taken, those of share `number` first; returns how many.
    fn work(&self, sums: &dyn RowSums<T>, buffers: &mut Buffers<T>, number: usize) -> usize {
        let (before, from) = self.shares.split_at(number.min(self.shares.len()));
        from.iter().chain(before).map(|share| self.work_on(share, sums, buffers)).sum()
    }

    /// Takes the blocks of one share; returns how many.
    fn work_on(&self, share: &Share, sums: &dyn RowSums<T>, buffers: &mut Buffers<T>) -> usize {
        for count in 0.. {
            let taken = share.next.fetch_add(1, Ordering::Relaxed);
            if taken >= share.blocks.end {
                return count;
            }
            let (rows, block) = (self.rows_of(taken), &self.blocks[taken]);
            let mut room = lock(&block.sums);
            let (sum, grad) = &mut *room;
            *sum = if self.with_gradient {
                sums.sum_block(buffers, &self.params, &rows, Some(grad))
            } else {
                sums.sum_block(buffers, &self.params, &rows, None)
            };
            drop(room);
            block.is_done.store(true, Ordering::Release);
        }
        unreachable!("the blocks come to an end")
    }

    fn n_bytes(&self) -> usize {
        self.params.n_bytes() * (1 + self.blocks.len())
            + self.indices.capacity() * size_of::<u32>()
            + self.blocks.capacity() * size_of::<Block<T>>()
    }
}

/// A way to start threads that end before the scope does.
pub struct Threads<'a> {
    spawn: Box<Spawn<'a>>,
    count: usize,
}

impl<'scope> Threads<'scope> {
    /// `count` threads at the most, the one that asks included.
    pub fn of<'env>(scope: &'scope Scope<'scope, 'env>, count: usize) -> Self {
        let spawn = move |work| {
            let builder = thread::Builder::new().name("gradwalk".into());
            builder.spawn_scoped(scope, work).ok()
        };
        Threads { spawn: Box::new(spawn), count }
    }
}

impl<'a, T: Real> Crew<'a, T> {
    /// A crew for the sums over the rows of `sums`. No thread is started yet.
    pub fn new(sums: &'a dyn RowSums<T>, threads: Threads<'a>) -> Self {
        let board = Board {
            round: AtomicU64::new(0),
            job: Mutex::new(None),
            sleepers: AtomicUsize::new(0),
            is_closed: AtomicBool::new(false),
            has_helped: AtomicU64::new(0),
        };
        Crew {
            sums,
            spawn: threads.spawn,
            n_threads: threads.count,
            board: Arc::new(board),
            helpers: Vec::new(),
            spare: None,
            products: 0,
            lost: 0,
            alone: 0,
        }
    }

    /// Threads that have summed a block, the walker not counted.
    pub fn n_helpers(&self) -> usize {
        self.board.has_helped.load(Ordering::Relaxed).count_ones() as usize
    }

    /// Threads started.
    #[cfg(test)]
    pub fn size(&self) -> usize {
        self.helpers.len()
    }

    /// Bytes held for the jobs.
    pub fn n_bytes(&self) -> usize {
        self.spare.as_ref().map_or(0, |job| job.n_bytes())
    }

    /// Adds the sums over the blocks of `rows`, `block_rows` each, to `sum`, which is returned, and
    /// to `grad`, which is laid out as the sums want it; or `None`, if that is better done alone.
    ///
    /// `buffers` and `block`, as long as `grad`, are the walker's.
    #[allow(clippy::too_many_arguments)]
    pub fn sum(
        &mut self,
        buffers: &mut Buffers<T>,
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
        // What a block takes, and as much again: longer than that nobody is waited for.
        let patience = start.elapsed() / own.max(1) as u32 * 2 + Duration::from_micros(5);
        let (sum, was_late) = self.add_up(&job, buffers, block, patience, sum, grad);
        drop(lock(&self.board.job).take());
        self.spare = Some(job);
        self.lost = if was_late { self.lost + 1 } else { 0 };
        if self.lost >= LOST.0 {
            (self.lost, self.alone) = (0, LOST.1);
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
            let (sums, board) = (self.sums, Arc::clone(&self.board));
            let help = move || board.help(sums, &mut buffers, number);
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

    /// The job, in the room of the last one if no helper holds that any more.
    fn job(
        &mut self,
        params: &[T],
        rows: &RowSet<'_>,
        block_rows: usize,
        with_gradient: bool,
    ) -> Result<Arc<Job<T>>, OutOfMemory> {
        let mut spare = self.spare.take();
        if let Some(job) = spare.as_mut().and_then(Arc::get_mut) {
            job.set(self.sums, params, rows, block_rows, with_gradient)?;
        } else {
            let mut job = Job {
                params: Aligned::default(),
                indices: Vec::new(),
                range: (0, 0),
                block_rows,
                with_gradient,
                n_rows: 0,
                n_blocks: 0,
                blocks: Vec::new(),
                shares: (0..self.n_threads).map(|_| Share::default()).collect(),
            };
            job.set(self.sums, params, rows, block_rows, with_gradient)?;
            spare = Some(Arc::new(job));
        }
        spare.ok_or(OutOfMemory)
    }

    fn post(&self, job: Arc<Job<T>>) {
        *lock(&self.board.job) = Some(job);
        self.board.round.fetch_add(1, Ordering::SeqCst);
        if self.board.sleepers.load(Ordering::SeqCst) > 0 {
            self.helpers.iter().for_each(|helper| helper.thread().unpark());
        }
    }

    /// Adds the blocks up in order; whether one of them had to be waited for, or done again.
    fn add_up(
        &self,
        job: &Job<T>,
        buffers: &mut Buffers<T>,
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
                let room = lock(&done.sums);
                sum += room.0;
                if let Some(grad) = grad.as_deref_mut() {
                    add(&room.1, grad);
                }
                continue;
            }
            let rows = job.rows_of(place);
            sum += add_block(self.sums, buffers, &job.params, &rows, block, grad.as_deref_mut());
        }
        (sum, was_late)
    }
}

impl<T> Crew<'_, T> {
    /// Ends the helpers, which the next round that pays for them starts again. To be called before
    /// anything that might fork this process: in the child there would be no helpers, and no end
    /// of waiting for them.
    pub fn rest(&mut self) {
        if self.helpers.is_empty() {
            return;
        }
        self.board.is_closed.store(true, Ordering::SeqCst);
        self.board.round.fetch_add(1, Ordering::SeqCst);
        self.helpers.iter().for_each(|helper| helper.thread().unpark());
        for helper in self.helpers.drain(..) {
            // One that panicked left its block undone, and the walker has summed that.
            let _ = helper.join();
        }
        self.board.is_closed.store(false, Ordering::SeqCst);
    }
}

impl<T> Drop for Crew<'_, T> {
    fn drop(&mut self) {
        self.rest();
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

impl<T: Real> Board<T> {
    /// What a helper does until the crew is closed.
    fn help(&self, sums: &dyn RowSums<T>, buffers: &mut Buffers<T>, number: usize) {
        let mut round = 0;
        loop {
            round = self.wait(round);
            if self.is_closed.load(Ordering::SeqCst) {
                return;
            }
            let job = lock(&self.job).clone();
            if let Some(job) = job
                && job.work(sums, buffers, number) > 0
            {
                self.has_helped.fetch_or(1 << (number - 1).min(63), Ordering::Relaxed);
            }
        }
    }

    /// Waits until another round than `seen` is on; returns which.
    fn wait(&self, seen: u64) -> u64 {
        for look in 0.. {
            let round = self.round.load(Ordering::SeqCst);
            if round != seen {
                return round;
            }
            match look {
                look if look < LOOKS.0 => std::hint::spin_loop(),
                look if look < LOOKS.1 => thread::yield_now(),
                _ => {
                    // In this order: who posts a round looks for sleepers afterwards, so that one
                    // of the two sees the other.
                    self.sleepers.fetch_add(1, Ordering::SeqCst);
                    if self.round.load(Ordering::SeqCst) == seen {
                        thread::park();
                    }
                    self.sleepers.fetch_sub(1, Ordering::SeqCst);
                }
            }
        }
        unreachable!("a round comes, or the crew is closed")
    }
}

#[cfg(test)]
mod tests;
