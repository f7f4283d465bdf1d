//! Which rows each batch is made of, and in what order.
//!
//! The order of an epoch depends on (seed, epoch) alone, so a walk that is stopped and taken up
//! again draws what it would have drawn, and nothing of the generator need be saved.
//!
//! The shuffle is Durstenfeld's form of Fisher–Yates (CACM 7(7), 1964, algorithm 235), written here
//! so that a seed keeps its meaning.

mod hold_out;

pub use hold_out::HoldOut;

use std::sync::Arc;

use crate::error::OutOfMemory;
use crate::random::{Generator, below, generator};
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
    Replay(Arc<Vec<Vec<u32>>>),
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

/// Numbers in a row that are written in the time of one exchange of two that lie anywhere.
const FILLED: usize = 16;

/// The rows of the epoch that is under way.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct EpochOrder {
    /// Row indices in the order of their visit; empty when the order is that of the data.
    indices: Vec<u32>,
    /// Rows in the epoch, less those that `drop_last` leaves out.
    length: usize,
    /// What is left to be drawn.
    drawing: Option<Drawing>,
}

/// An order that is being drawn. That of many rows takes a while, so it is drawn piece by piece.
#[derive(Clone, Debug, PartialEq)]
struct Drawing {
    rng: Generator,
    n_rows: usize,
    with_repeats: bool,
    /// The place, of a shuffle, that is to change places with one before it next.
    last: usize,
}

impl EpochOrder {
    /// Begins to draw the order of `epoch`, counted from 0; `replayed` is its place in a replayed
    /// order. [`draw`](Self::draw) goes on.
    pub fn begin(
        &mut self,
        batching: &Batching,
        n_rows: usize,
        seed: u64,
        epoch: u64,
        replayed: usize,
    ) -> Result<(), OutOfMemory> {
        self.indices.clear();
        self.drawing = None;
        self.length = n_rows;
        match &batching.sampling {
            Sampling::Sequential => {}
            Sampling::Shuffle | Sampling::Replace => {
                self.indices.try_reserve_exact(n_rows).map_err(|_| OutOfMemory)?;
                self.drawing = Some(Drawing {
                    rng: generator(seed, epoch),
                    n_rows,
                    with_repeats: batching.sampling == Sampling::Replace,
                    last: n_rows.saturating_sub(1),
                });
            }
            Sampling::Replay(epochs) => {
                let rows = epochs.get(replayed).map_or(&[][..], Vec::as_slice);
                self.indices.try_reserve_exact(rows.len()).map_err(|_| OutOfMemory)?;
                self.indices.extend_from_slice(rows);
                self.length = rows.len();
            }
        }
        if batching.drop_last {
            self.length -= self.length % batching.batch_size;
        }
        Ok(())
    }

    /// Draws about `most` rows more; says how many, or how many it has been as much work as.
    pub fn draw(&mut self, most: usize) -> usize {
        let Some(drawing) = &mut self.drawing else { return 0 };
        let Drawing { rng, n_rows, with_repeats, last } = drawing;
        let indices = &mut self.indices;
        let start = indices.len();
        if *with_repeats {
            let end = (*n_rows).min(start.saturating_add(most));
            indices.extend((start..end).map(|_| below(*n_rows as u32, rng)));
            if end == *n_rows {
                self.drawing = None;
            }
            return end - start;
        }
        if start < *n_rows {
            // The order that is shuffled afterwards.
            let end = (*n_rows).min(start.saturating_add(most.saturating_mul(FILLED)));
            indices.extend(start as u32..end as u32);
            return (end - start).div_ceil(FILLED);
        }
        let swaps = (*last).min(most);
        for _ in 0..swaps {
            let other = below(*last as u32 + 1, rng) as usize;
            indices.swap(*last, other);
            *last -= 1;
        }
        if *last == 0 {
            self.drawing = None;
        }
        swaps
    }

    /// Whether nothing is left to be drawn.
    pub fn is_drawn(&self) -> bool {
        self.drawing.is_none()
    }

    /// Number of rows that the epoch visits.
    pub fn len(&self) -> usize {
        self.length
    }

    /// The rows from place `start` to place `end` of the epoch.
    pub fn rows(&self, start: usize, end: usize) -> RowSet<'_> {
        if self.indices.is_empty() {
            RowSet::Range(start..end)
        } else {
            RowSet::indices(&self.indices).part(start..end)
        }
    }

    /// Gives the memory of the order back.
    pub fn release(&mut self) {
        *self = EpochOrder::default();
    }

    pub fn n_bytes(&self) -> usize {
        self.indices.capacity() * size_of::<u32>()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn order(batching: &Batching, n: usize, seed: u64, epoch: u64) -> Vec<usize> {
        let mut order = EpochOrder::default();
        order.begin(batching, n, seed, epoch, epoch as usize).unwrap();
        while !order.is_drawn() {
            order.draw(7 + epoch as usize);
        }
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
    fn drop_last_leaves_the_short_batch_out() {
        let mut batching = batching(Sampling::Sequential);
        assert_eq!(order(&batching, 10, 0, 0).len(), 10);
        batching.drop_last = true;
        assert_eq!(order(&batching, 10, 0, 0).len(), 9);
        assert_eq!(order(&batching, 2, 0, 0).len(), 0);
    }

    #[test]
    fn a_replayed_order_is_kept_to_the_letter() {
        let batching = batching(Sampling::Replay(Arc::new(vec![vec![3, 3, 0], vec![1]])));
        assert_eq!(order(&batching, 4, 0, 0), [3, 3, 0]);
        assert_eq!(order(&batching, 4, 9, 1), [1]);
    }
}
