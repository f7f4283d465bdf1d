//! Which rows each batch is made of, and in what order: the only user of the random generator.
//!
//! The order of an epoch depends on (seed, epoch) alone, so a walk that is stopped and taken up
//! again draws what it would have drawn, and nothing of the generator need be saved.
//!
//! The generator is Xoshiro256++ (Blackman and Vigna, "Scrambled linear pseudorandom number
//! generators", ACM TOMS 47(4), 2021), seeded through SplitMix64 as its authors advise; the
//! shuffle is Durstenfeld's form of Fisher–Yates (CACM 7(7), 1964, algorithm 235); bounded draws
//! are Lemire's ("Fast random integer generation in an interval", ACM TOMACS 29(1), 2019),
//! without bias. All are written or named here, so that a seed keeps its meaning.

use rand::rand_core::{Rng, SeedableRng};
use rand_xoshiro::{SplitMix64, Xoshiro256PlusPlus};

use crate::error::{OutOfMemory, try_push};
use crate::rows::RowSet;

/// How the rows of an epoch are chosen.
#[derive(Clone, Debug, PartialEq)]
pub enum Sampling {
    /// A fresh permutation of all rows each epoch.
    Shuffle,
    /// n independent uniform draws each epoch.
    Replace,
    /// All rows as they lie, each epoch.
    Sequential,
    /// Exactly these rows, one list an epoch. Each index is below n.
    Replay(Vec<Vec<u32>>),
}

/// How the data are cut into batches.
#[derive(Clone, Debug, PartialEq)]
pub struct Batching {
    /// Rows a batch, from 1 to n; the last batch of an epoch may be shorter.
    pub batch_size: usize,
    /// Leave out a last batch that is shorter than the others.
    pub drop_last: bool,
    /// How the rows of an epoch are chosen.
    pub sampling: Sampling,
}

impl Batching {
    /// Whether every batch is all the rows in their own order: batch gradient descent.
    pub fn is_full_batch(&self, n_rows: usize) -> bool {
        self.batch_size >= n_rows && self.sampling == Sampling::Sequential
    }
}

/// The rows of the epoch that is under way.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct EpochOrder {
    /// Row indices in the order of their visit; empty when the order is that of the data.
    indices: Vec<u32>,
    /// Rows in the epoch, less those that `drop_last` leaves out.
    length: usize,
}

impl EpochOrder {
    /// Draws the order of `epoch`, counted from 0; `replayed` is its place in a replayed order.
    pub fn draw(
        &mut self,
        batching: &Batching,
        n_rows: usize,
        seed: u64,
        epoch: u64,
        replayed: usize,
    ) -> Result<(), OutOfMemory> {
        self.indices.clear();
        match &batching.sampling {
            Sampling::Sequential => self.length = n_rows,
            Sampling::Shuffle => {
                fill_range(&mut self.indices, n_rows)?;
                shuffle(&mut self.indices, &mut generator(seed, epoch));
            }
            Sampling::Replace => {
                let rng = &mut generator(seed, epoch);
                self.indices.try_reserve_exact(n_rows).map_err(|_| OutOfMemory)?;
                self.indices.extend((0..n_rows).map(|_| below(n_rows as u32, rng)));
            }
            Sampling::Replay(epochs) => {
                for &index in epochs.get(replayed).into_iter().flatten() {
                    try_push(&mut self.indices, index)?;
                }
            }
        }
        if batching.sampling != Sampling::Sequential {
            self.length = self.indices.len();
        }
        if batching.drop_last {
            self.length -= self.length % batching.batch_size;
        }
        Ok(())
    }

    /// Number of rows that the epoch visits.
    pub fn len(&self) -> usize {
        self.length
    }

    /// Whether the epoch visits no row.
    pub fn is_empty(&self) -> bool {
        self.length == 0
    }

    /// The rows from place `start` to place `end` of the epoch.
    pub fn rows(&self, start: usize, end: usize) -> RowSet<'_> {
        if self.indices.is_empty() {
            RowSet::Range(start..end)
        } else {
            RowSet::Indices(&self.indices[start..end])
        }
    }

    /// Gives the memory of the order back.
    pub fn release(&mut self) {
        *self = EpochOrder::default();
    }

    /// Bytes held.
    pub fn n_bytes(&self) -> usize {
        self.indices.capacity() * size_of::<u32>()
    }
}

/// The generator of one epoch. Seed and epoch are each spread over 256 bits and combined.
fn generator(seed: u64, epoch: u64) -> Xoshiro256PlusPlus {
    let mut from_seed = SplitMix64::seed_from_u64(seed);
    let mut from_epoch = SplitMix64::seed_from_u64(!epoch);
    let mut state = [0u8; 32];
    for word in state.chunks_exact_mut(8) {
        let mixed = from_seed.next_u64() ^ from_epoch.next_u64().rotate_left(32);
        word.copy_from_slice(&mixed.to_le_bytes());
    }
    Xoshiro256PlusPlus::from_seed(state)
}

/// A uniform draw from 0, 1, …, bound − 1.
#[inline]
fn below(bound: u32, rng: &mut impl Rng) -> u32 {
    let mut product = u64::from(rng.next_u32()) * u64::from(bound);
    if (product as u32) < bound {
        let threshold = bound.wrapping_neg() % bound;
        while (product as u32) < threshold {
            product = u64::from(rng.next_u32()) * u64::from(bound);
        }
    }
    (product >> 32) as u32
}

fn fill_range(indices: &mut Vec<u32>, n_rows: usize) -> Result<(), OutOfMemory> {
    indices.try_reserve_exact(n_rows).map_err(|_| OutOfMemory)?;
    indices.extend(0..n_rows as u32);
    Ok(())
}

fn shuffle(indices: &mut [u32], rng: &mut impl Rng) {
    for last in (1..indices.len()).rev() {
        let other = below(last as u32 + 1, rng) as usize;
        indices.swap(last, other);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn order(batching: &Batching, n: usize, seed: u64, epoch: u64) -> Vec<usize> {
        let mut order = EpochOrder::default();
        order.draw(batching, n, seed, epoch, epoch as usize).unwrap();
        order.rows(0, order.len()).iter().collect()
    }

    fn batching(sampling: Sampling) -> Batching {
        Batching { batch_size: 3, drop_last: false, sampling }
    }

    #[test]
    fn a_shuffle_visits_every_row_once() {
        for n in [1, 2, 3, 10, 1000] {
            for epoch in 0..3 {
                let mut rows = order(&batching(Sampling::Shuffle), n, 7, epoch);
                rows.sort_unstable();
                assert_eq!(rows, (0..n).collect::<Vec<_>>());
            }
        }
    }

    #[test]
    fn order_depends_on_seed_and_epoch_alone() {
        for sampling in [Sampling::Shuffle, Sampling::Replace] {
            let batching = batching(sampling);
            assert_eq!(order(&batching, 50, 1, 4), order(&batching, 50, 1, 4));
            assert_ne!(order(&batching, 50, 1, 4), order(&batching, 50, 1, 5));
            assert_ne!(order(&batching, 50, 1, 4), order(&batching, 50, 2, 4));
            assert_ne!(order(&batching, 50, 4, 1), order(&batching, 50, 1, 4));
        }
    }

    #[test]
    fn a_seed_keeps_its_meaning() {
        // Written down once; a change here changes every seeded walk ever published.
        assert_eq!(order(&batching(Sampling::Shuffle), 10, 0, 0), SHUFFLE_OF_SEED_0);
        assert_eq!(order(&batching(Sampling::Replace), 10, 0, 0), DRAWS_OF_SEED_0);
    }
    const SHUFFLE_OF_SEED_0: [usize; 10] = [6, 0, 7, 4, 1, 8, 5, 3, 9, 2];
    const DRAWS_OF_SEED_0: [usize; 10] = [2, 2, 4, 7, 4, 2, 3, 5, 2, 6];

    #[test]
    fn every_permutation_and_every_draw_is_as_likely() {
        // χ² with 23 and 4 degrees of freedom; the bounds are the 99.99 % points.
        let mut counts = std::collections::HashMap::new();
        let mut draws = [0u32; 5];
        let rounds = 24_000;
        for seed in 0..rounds {
            *counts.entry(order(&batching(Sampling::Shuffle), 4, seed, 0)).or_insert(0u32) += 1;
            for row in order(&batching(Sampling::Replace), 5, seed, 1) {
                draws[row] += 1;
            }
        }
        let chi_squared = |observed: &[u32], expected: f64| -> f64 {
            observed.iter().map(|&o| (f64::from(o) - expected).powi(2) / expected).sum()
        };
        assert_eq!(counts.len(), 24);
        let counts: Vec<u32> = counts.into_values().collect();
        assert!(chi_squared(&counts, rounds as f64 / 24.0) < 57.0);
        assert!(chi_squared(&draws, rounds as f64) < 23.5);
    }

    #[test]
    fn bounded_draws_reject_what_would_bias_them() {
        // 3·2³⁰ does not divide 2³²: without rejection some draws would come twice as often.
        let bound = 3u32 << 30;
        let rng = &mut generator(3, 3);
        let low = (0..30_000).filter(|_| below(bound, rng) < (1 << 30)).count();
        assert!((low as f64 / 30_000.0 - 1.0 / 3.0).abs() < 0.012);
    }

    #[test]
    fn drop_last_leaves_the_short_batch_out() {
        let mut batching = batching(Sampling::Sequential);
        assert_eq!(order(&batching, 10, 0, 0).len(), 10);
        batching.drop_last = true;
        assert_eq!(order(&batching, 10, 0, 0).len(), 9);
        assert_eq!(order(&batching, 2, 0, 0).len(), 0);
    }

    #[test]
    fn a_replayed_order_is_kept_to_the_letter() {
        let batching = batching(Sampling::Replay(vec![vec![3, 3, 0], vec![1]]));
        assert_eq!(order(&batching, 4, 0, 0), [3, 3, 0]);
        assert_eq!(order(&batching, 4, 9, 1), [1]);
    }
}
