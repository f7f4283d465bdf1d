//! Rows that are held out for validation.

use crate::error::OutOfMemory;
use crate::random::{Generator, below, generator};

/// Some rows of n drawn without repeats, and the others; both in the order of the data. Drawn piece
/// by piece, as the order of an epoch is.
///
/// By selection sampling: row after row is held out with the probability that it is one of those
/// which are still wanted. Source: Knuth, *The Art of Computer Programming*, volume 2 (1997),
/// section 3.4.2, algorithm S.
#[derive(Clone, Debug)]
pub struct HoldOut {
    rng: Generator,
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
        let reserve = |length: usize| {
            let mut rows = Vec::new();
            rows.try_reserve_exact(length).map_err(|_| OutOfMemory).map(|()| rows)
        };
        Ok(HoldOut {
            // An epoch that no walk reaches.
            rng: generator(seed, u64::MAX - 1),
            n_rows,
            wanted,
            held_out: reserve(wanted)?,
            kept: reserve(n_rows - wanted)?,
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

#[cfg(test)]
mod tests {
    use super::*;

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
}
