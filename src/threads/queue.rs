//! The queue, of one job at a time, that helpers wait at.

use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;

use super::BlockSums;
use super::job::{Job, lock};
use crate::real::Real;

/// How often a helper without a job looks at the queue before it gives its core away, and before it
/// sleeps.
const LOOKS: (usize, usize) = (2_000, 4_000);

/// Where jobs are posted.
pub(super) struct Queue<T> {
    /// Counts the jobs posted.
    pub(super) round: AtomicU64,
    pub(super) job: Mutex<Option<Arc<Job<T>>>>,
    pub(super) sleepers: AtomicUsize,
    pub(super) is_closed: AtomicBool,
    /// Helpers that have summed a block, one bit each for the first 64.
    pub(super) has_helped: AtomicU64,
}

impl<T: Real> Queue<T> {
    /// A queue without a job.
    pub(super) fn new() -> Self {
        Queue {
            round: AtomicU64::new(0),
            job: Mutex::new(None),
            sleepers: AtomicUsize::new(0),
            is_closed: AtomicBool::new(false),
            has_helped: AtomicU64::new(0),
        }
    }

    /// What a helper does until the queue is closed.
    pub(super) fn help<B>(
        &self,
        sums: &dyn BlockSums<T, Buffers = B>,
        buffers: &mut B,
        number: usize,
    ) {
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
        unreachable!("a round comes, or the queue is closed")
    }
}
