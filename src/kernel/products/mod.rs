//! Matrix products of rows of many features with K classes, for softmax.
//!
//! Vectors lie along the features. W is held by classes, (K, d), so that a score is a dot product,
//! and a tile of some rows and some classes stays in registers while the features go by. A row is
//! whole chunks of N numbers and its last N, which overlap the chunks before unless N divides d:
//!
//! ```text
//! d = 20, N = 8:   x₀ … x₇   x₈ … x₁₅
//!                             x₁₂ … x₁₉
//! ```
//!
//! There the weights are zero, and the gradient left out, where a feature has been already.
//!
//! Products are added by fused operations where the processor has them. How the rows are cut into
//! groups makes no difference to the bits: a score is of its row alone, and the rows are added to the
//! gradient one after the other.

mod outer;
mod packing;
mod scores;
mod short;

pub use outer::add_outer;
pub use packing::{add_by_classes, pack};
pub use scores::scores;

use super::{LINE, Level, level};

/// Rows that go through the products together at the most.
pub const GROUP: usize = 64;

/// Chunks of a row below which it is short.
const SHORT: usize = 16;

/// Numbers of a chunk, which is as long as a cache line.
#[inline(always)]
pub const fn lanes<T>() -> usize {
    LINE / size_of::<T>()
}

/// The lengths of the matrices.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shape {
    /// d, at least as many as there are lanes.
    n_features: usize,
    /// K.
    n_classes: usize,
    /// Classes of a tile.
    tile: usize,
}

impl Shape {
    /// The shape for d features and K classes.
    pub fn new(n_features: usize, n_classes: usize) -> Self {
        Shape { n_features, n_classes, tile: tile_for(n_classes) }
    }

    /// K, rounded up to whole tiles.
    #[inline(always)]
    pub fn padded(&self) -> usize {
        self.n_classes.next_multiple_of(self.tile)
    }

    /// Chunks of a row, the last included.
    #[inline(always)]
    fn chunks<T>(&self) -> usize {
        self.n_features.div_ceil(lanes::<T>())
    }

    /// Numbers of W or of the gradient, by classes. `None` if that is more than there can be.
    pub fn size<T>(&self) -> Option<usize> {
        self.padded().checked_mul(self.chunks::<T>() * lanes::<T>())
    }

    /// Whether rows are so short, and classes so many, that vectors had better lie along the classes on
    /// the way to the scores.
    fn is_short<T>(&self) -> bool {
        self.n_classes >= lanes::<T>() && self.n_features < SHORT * lanes::<T>()
    }

    /// Where a row's chunk begins.
    #[inline(always)]
    fn start<T>(&self, chunk: usize) -> usize {
        (chunk * lanes::<T>()).min(self.n_features - lanes::<T>())
    }

    /// Numbers of a row's chunk that the chunks before have had.
    #[inline(always)]
    fn seen<T>(&self, chunk: usize) -> usize {
        chunk * lanes::<T>() - self.start::<T>(chunk)
    }
}

/// Classes of a tile: so many that registers are filled, and few are added to K.
fn tile_for(n_classes: usize) -> usize {
    if level() < Level::Avx512 {
        return 2;
    }
    match n_classes {
        ..=2 | 4 => 2,
        _ if n_classes.next_multiple_of(5) <= n_classes.next_multiple_of(3) => 5,
        _ => 3,
    }
}

#[cfg(test)]
mod tests;
