//! Random numbers.
//!
//! The generator is Xoshiro256++ (Blackman and Vigna, "Scrambled linear pseudorandom number
//! generators", ACM TOMS 47(4), 2021), seeded through SplitMix64 as its authors advise; bounded draws
//! are Lemire's ("Fast random integer generation in an interval", ACM TOMACS 29(1), 2019),
//! without bias; normal draws are made by Marsaglia's polar method (Marsaglia and Bray, "A
//! convenient method for generating normal variables", SIAM Review 6(3), 1964). All are written or
//! named here, so that a seed keeps its meaning.

use rand::rand_core::{Rng, SeedableRng};
use rand_xoshiro::{SplitMix64, Xoshiro256PlusPlus};

/// The generator that is drawn from.
pub type Generator = Xoshiro256PlusPlus;

/// The generator of one epoch of a walk. Seed and epoch are each spread over 256 bits and combined.
pub fn generator(seed: u64, epoch: u64) -> Generator {
    let mut from_seed = SplitMix64::seed_from_u64(seed);
    let mut from_epoch = SplitMix64::seed_from_u64(!epoch);
    let mut state = [0u8; 32];
    for word in state.chunks_exact_mut(8) {
        let mixed = from_seed.next_u64() ^ from_epoch.next_u64().rotate_left(32);
        word.copy_from_slice(&mixed.to_le_bytes());
    }
    Generator::from_seed(state)
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
pub fn below(bound: u32, rng: &mut impl Rng) -> u32 {
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

    #[test]
    fn normal_draws_are_normal() {
        // Fixed: a change here changes every seeded walk.
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
}
