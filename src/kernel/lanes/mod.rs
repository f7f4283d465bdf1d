//! Vectors of 64 bytes, 8 doubles or 16 singles, as each instruction set has them.
//!
//! Most of the arithmetic here is plain Rust on arrays of a fixed length, which the compiler turns into
//! vector code. Where several rows go through the same loop it does not: it pairs up what was to stay
//! apart, and shuffles more than it adds. So the loops over rows of many features say what is to be in
//! one register.
//!
//! An operation is the same sum or product in every lane, rounded once, whatever the instruction set, so
//! that the bits are those of the arrays. Nothing is fused but by [`Lanes::mul_add`], which
//! cross_entropy alone asks for.

use crate::real::Real;

/// Rows that go through a kernel together.
pub const EIGHT: usize = 8;

/// `f(0)`, `f(1)`, … in an array. (`std::array::from_fn` need not be inlined, and then runs without the
/// instruction set of the function that it is called in.)
#[inline(always)]
pub fn array_from<V: Copy, const N: usize>(f: impl Fn(usize) -> V) -> [V; N] {
    let mut all = [f(0); N];
    // From 0 on: a loop over all lanes becomes a vector, one that leaves out the first does not. By
    // index: an iterator is one more thing that need not be inlined.
    #[allow(clippy::needless_range_loop)]
    for k in 0..N {
        all[k] = f(k);
    }
    all
}

/// The sum, halving the array until one element is left.
#[inline(always)]
pub fn sum_pairwise<T: Real, const N: usize>(mut values: [T; N]) -> T {
    let mut width = N / 2;
    while width > 0 {
        for lane in 0..width {
            let upper = values[lane + width];
            values[lane] += upper;
        }
        width /= 2;
    }
    values[0]
}

/// An instruction set, as the loops see it.
pub trait Simd: Copy {
    /// N numbers of type T; 64 bytes.
    type Vector<T: Real, const N: usize>: Lanes<T, N>;
    /// Whether a vector is one register, and there are 32 of them.
    const WIDE: bool;
}

/// N numbers in registers.
pub trait Lanes<T: Real, const N: usize>: Copy {
    /// Rows of which a running sum each can be kept in registers.
    const ROWS: usize;

    /// The numbers of an array.
    fn load(from: &[T; N]) -> Self;

    /// The numbers in the first 64 of some bytes, which lie anywhere, in the byte order of this machine.
    /// Panics if there are fewer.
    fn load_bytes(from: &[u8]) -> Self;

    /// The first N/2 numbers of a row, and then its last N/2. Panics if there are fewer than N/2.
    fn load_ends(row: &[T]) -> Self;

    /// Into an array.
    fn store(self, to: &mut [T; N]);

    /// One number, N times.
    fn splat(value: T) -> Self;

    fn add(self, other: Self) -> Self;

    fn mul(self, other: Self) -> Self;

    /// self · factor + other, rounded once where the instruction set can: not the same bits everywhere.
    fn mul_add(self, factor: Self, other: Self) -> Self;

    /// The sum of each of eight, halves added to halves until one number is left, as
    /// [`sum_pairwise`] does.
    fn sums(of: [Self; EIGHT]) -> [T; EIGHT];

    /// The transpose of the square of these rows: its columns.
    fn transpose(of: [Self; N]) -> [Self; N];

    /// The same for rows in memory. Of each the first 64 bytes are taken, as
    /// [`load_bytes`](Self::load_bytes) does.
    #[inline(always)]
    fn transpose_bytes(rows: [&[u8]; N]) -> [Self; N] {
        let mut of = [Self::load_bytes(rows[0]); N];
        for r in 1..N {
            of[r] = Self::load_bytes(rows[r]);
        }
        Self::transpose(of)
    }
}

/// What every processor has.
#[derive(Clone, Copy)]
pub struct Plain;

impl Simd for Plain {
    type Vector<T: Real, const N: usize> = Array<T, N>;
    const WIDE: bool = false;
}

/// Numbers in an array: the compiler finds the registers.
#[derive(Clone, Copy)]
pub struct Array<T, const N: usize>([T; N]);

impl<T: Real, const N: usize> Lanes<T, N> for Array<T, N> {
    const ROWS: usize = 4;

    #[inline(always)]
    fn load(from: &[T; N]) -> Self {
        Array(*from)
    }

    #[inline(always)]
    fn load_bytes(from: &[u8]) -> Self {
        let mut numbers = [T::zero(); N];
        let bytes = from[..N * size_of::<T>()].chunks_exact(size_of::<T>());
        for (number, bytes) in numbers.iter_mut().zip(bytes) {
            *number = T::from_ne_bytes(bytes);
        }
        Array(numbers)
    }

    #[inline(always)]
    fn load_ends(row: &[T]) -> Self {
        let mut numbers = [T::zero(); N];
        let (first, last) = numbers.split_at_mut(N / 2);
        first.copy_from_slice(&row[..N / 2]);
        last.copy_from_slice(&row[row.len() - N / 2..]);
        Array(numbers)
    }

    #[inline(always)]
    fn store(self, to: &mut [T; N]) {
        *to = self.0;
    }

    #[inline(always)]
    fn splat(value: T) -> Self {
        Array([value; N])
    }

    #[inline(always)]
    fn add(mut self, other: Self) -> Self {
        for k in 0..N {
            self.0[k] += other.0[k];
        }
        self
    }

    #[inline(always)]
    fn mul(mut self, other: Self) -> Self {
        for k in 0..N {
            self.0[k] *= other.0[k];
        }
        self
    }

    #[inline(always)]
    fn mul_add(mut self, factor: Self, other: Self) -> Self {
        for k in 0..N {
            // Elsewhere it would be a slow call.
            self.0[k] = if cfg!(target_arch = "aarch64") {
                self.0[k].mul_add(factor.0[k], other.0[k])
            } else {
                other.0[k] + self.0[k] * factor.0[k]
            };
        }
        self
    }

    #[inline(always)]
    fn sums(of: [Self; EIGHT]) -> [T; EIGHT] {
        array_from(|k| sum_pairwise(of[k].0))
    }

    #[inline(always)]
    fn transpose(of: [Self; N]) -> [Self; N] {
        let mut transposed = of;
        for (r, row) in of.iter().enumerate() {
            for (column, &number) in transposed.iter_mut().zip(&row.0) {
                column.0[r] = number;
            }
        }
        transposed
    }
}

#[cfg(target_arch = "x86_64")]
pub use x86::{Avx2, Avx512};

#[cfg(target_arch = "x86_64")]
mod x86;

#[cfg(test)]
mod tests;
