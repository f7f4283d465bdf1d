//! Which rows each batch is made of, and in what order: the only user of the random generator.
//!
//! The order of an epoch depends on (seed, epoch) alone, so a walk that is stopped and taken up
//! again draws what it would have drawn, and nothing of the generator need be saved.
//!
//! The generator is Xoshiro256++ (Blackman and Vigna, "Scrambled linear pseudorandom number
//! generators", ACM TOMS 47(4), 2021), seeded through SplitMix64 as its authors advise; the
//! shuffle is Durstenfeld's form of Fisher–Yates (CACM 7(7), 1964, algorithm 235); bounded draws
//! are Lemire's ("Fast random integer generation in an interval", ACM TOMACS 29(1), 2019),
//! without bias; normal draws are made by Marsaglia's polar method (Marsaglia and Bray, "A
//! convenient method for generating normal variables", SIAM Review 6(3), 1964). All are written or
//! named here, so that a seed keeps its meaning.

use std::sync::Arc;

use rand::rand_core::{Rng, SeedableRng};
use rand_xoshiro::{SplitMix64, Xoshiro256PlusPlus};

use crate::error::OutOfMemory;
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
    rng: Xoshiro256PlusPlus,
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

    /// Whether the epoch visits no row.
    pub fn is_empty(&self) -> bool {
        self.length == 0
    }

    /// The rows from place `start` to place `end` of the epoch.
    pub fn rows(&self, start: usize, end: usize) -> RowSet<'_> {
        if self.indices.is_empty() {
            RowSet::Range(start..end)
        } else {
            RowSet::picks(&self.indices).part(start..end)
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

/// Some rows of n drawn without repeats, and the others; both in the order of the data. Drawn piece
/// by piece, as the order of an epoch is.
///
/// By selection sampling: row after row is held out with the probability that it is one of those
/// which are still wanted. Source: Knuth, *The Art of Computer Programming*, volume 2 (1997),
/// section 3.4.2, algorithm S.
#[derive(Clone, Debug)]
pub struct HoldOut {
    rng: Xoshiro256PlusPlus,
    n_rows: usize,
    wanted: usize,
    /// Rows that are held out.
    pub held_out: Vec<u32>,
    /// The other rows.
    pub kept: Vec<u32>,
}

impl HoldOut {
    /// Begins to draw `held_out` rows of `n_rows`.
    pub fn begin(n_rows: usize, held_out: usize, seed: u64) -> Result<Self, OutOfMemory> {
        let wanted = held_out.min(n_rows);
        let room = |length: usize| {
            let mut rows = Vec::new();
            rows.try_reserve_exact(length).map_err(|_| OutOfMemory).map(|()| rows)
        };
        Ok(HoldOut {
            // An epoch that no walk reaches.
            rng: generator(seed, u64::MAX - 1),
            n_rows,
            wanted,
            held_out: room(wanted)?,
            kept: room(n_rows - wanted)?,
        })
    }

    /// Decides on `most` rows more at the most; whether that were all.
    pub fn draw(&mut self, most: usize) -> bool {
        let start = self.held_out.len() + self.kept.len();
        let end = self.n_rows.min(start.saturating_add(most));
        for row in start..end {
            let (left, wanted) = (self.n_rows - row, self.wanted - self.held_out.len());
            let side = if (below(left as u32, &mut self.rng) as usize) < wanted {
                &mut self.held_out
            } else {
                &mut self.kept
            };
            side.push(row as u32);
        }
        end == self.n_rows
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

/// Independent standard normal draws, for noise that belongs to the problem and not to the order.
///
/// They come from a stream of `seed` that no epoch of a walk draws from. None is larger than 12.1
/// in size: the tail of the polar method ends where its uniform draws of 53 bits do.
pub fn standard_normals(seed: u64) -> impl Iterator<Item = f64> {
    let mut rng = generator(seed, u64::MAX);
    // The other one of the pair that each accepted point gives.
    let mut spare = None;
    std::iter::repeat_with(move || {
        spare.take().unwrap_or_else(|| {
            let (u, v, squared) = point_in_disc(&mut rng);
            let stretch = (-2.0 * squared.ln() / squared).sqrt();
            spare = Some(v * stretch);
            u * stretch
        })
    })
}

/// A uniform point (u, v) of the unit disc without its centre, and u² + v².
fn point_in_disc(rng: &mut impl Rng) -> (f64, f64, f64) {
    loop {
        let (u, v) = (from_minus_one_to_one(rng), from_minus_one_to_one(rng));
        let squared = u * u + v * v;
        if squared < 1.0 && squared > 0.0 {
            return (u, v, squared);
        }
    }
}

/// A uniform draw from −1, −1 + 2⁻⁵², …, 1 − 2⁻⁵².
fn from_minus_one_to_one(rng: &mut impl Rng) -> f64 {
    const STEP: f64 = 1.0 / (1u64 << 52) as f64;
    (rng.next_u64() >> 11) as f64 * STEP - 1.0
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
    fn normal_draws_are_normal() {
        // Written down once, like the orders above.
        let first: Vec<f64> = standard_normals(0).take(3).collect();
        for (draw, kept) in first.iter().zip(NORMALS_OF_SEED_0) {
            // The logarithm may differ in the last bit from one platform to another.
            assert!((draw - kept).abs() < 1e-14, "{first:?}");
        }
        let n = 100_000;
        let mut draws: Vec<f64> = standard_normals(1).take(n).collect();
        // Pairs are independent, within one point of the disc and from one to the next.
        for lag in [1, 2] {
            let products: f64 = draws.windows(lag + 1).map(|w| w[0] * w[lag]).sum();
            assert!((products / n as f64).abs() < 3.9 / (n as f64).sqrt());
        }
        // Kolmogorov and Smirnov's distance at points of the normal distribution; 2.23/√n is
        // passed once in 10,000 times.
        draws.sort_by(f64::total_cmp);
        for (point, below) in [
            (-3.0, 0.001349898),
            (-2.0, 0.022750132),
            (-1.0, 0.158655254),
            (-0.5, 0.308537539),
            (0.0, 0.5),
            (0.7, 0.758036348),
            (1.5, 0.933192799),
            (2.5, 0.993790335),
        ] {
            let counted = draws.partition_point(|&draw| draw < point) as f64 / n as f64;
            assert!((counted - below).abs() < 2.23 / (n as f64).sqrt(), "{point}: {counted}");
        }
        let squares: f64 = draws.iter().map(|draw| draw * draw).sum();
        assert!((squares / n as f64 - 1.0).abs() < 3.9 * (2.0 / n as f64).sqrt());
    }
    const NORMALS_OF_SEED_0: [f64; 3] =
        [-0.5750286866445627, -0.5934676225580594, -0.6729178447343462];

    #[test]
    fn bounded_draws_reject_what_would_bias_them() {
        // 3·2³⁰ does not divide 2³²: without rejection some draws would come twice as often.
        let bound = 3u32 << 30;
        let rng = &mut generator(3, 3);
        let low = (0..30_000).filter(|_| below(bound, rng) < (1 << 30)).count();
        assert!((low as f64 / 30_000.0 - 1.0 / 3.0).abs() < 0.012);
    }

    #[test]
    fn held_out_and_kept_are_all_rows() {
        let hold_out = |seed, piece| {
            let mut rows = HoldOut::begin(100, 30, seed).unwrap();
            while !rows.draw(piece) {}
            (rows.held_out, rows.kept)
        };
        let (held_out, kept) = hold_out(5, 100);
        assert_eq!((held_out.len(), kept.len()), (30, 70));
        assert!(held_out.is_sorted() && kept.is_sorted());
        let mut all = [held_out.clone(), kept].concat();
        all.sort_unstable();
        assert!(all.into_iter().eq(0..100));
        assert_eq!(hold_out(5, 7).0, held_out);
        assert_ne!(hold_out(6, 7).0, held_out);
        // Each row is as likely as any other: 30 of 100, within 4 standard deviations.
        let mut counts = [0; 100];
        (0..2000).for_each(|seed| {
            hold_out(seed, 100).0.iter().for_each(|&row| counts[row as usize] += 1);
        });
        assert!(counts.iter().all(|&count| (count - 600i32).abs() < 82), "{counts:?}");
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
