//! Numbers that begin at a cache line, so that a vector of 64 bytes is one line and not parts of two.

use std::ops::{Deref, DerefMut};

use super::LINE;
use crate::error::{OutOfMemory, try_filled};
use crate::real::Real;

/// A vector of numbers, the first of them at the beginning of a cache line.
#[derive(Debug, Default)]
pub struct Aligned<T> {
    /// The numbers, with some before that are not used.
    values: Vec<T>,
    start: usize,
}

impl<T: Real> Aligned<T> {
    pub fn zeros(length: usize) -> Result<Self, OutOfMemory> {
        let padded = length.checked_add(LINE / size_of::<T>()).ok_or(OutOfMemory)?;
        let mut values = try_filled(padded, T::zero())?;
        // The vector never grows, so it stays where it is.
        let start = values.as_ptr().align_offset(LINE).min(LINE / size_of::<T>());
        values.truncate(start + length);
        Ok(Aligned { values, start })
    }
}

impl<T> Aligned<T> {
    pub fn n_bytes(&self) -> usize {
        self.values.capacity() * size_of::<T>()
    }
}

impl<T> Deref for Aligned<T> {
    type Target = [T];

    #[inline(always)]
    fn deref(&self) -> &[T] {
        &self.values[self.start..]
    }
}

impl<T> DerefMut for Aligned<T> {
    #[inline(always)]
    fn deref_mut(&mut self) -> &mut [T] {
        &mut self.values[self.start..]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_begin_at_a_line() {
        for length in [0, 1, 7, 100, 1000] {
            let (mut singles, doubles) =
                (Aligned::<f32>::zeros(length).unwrap(), Aligned::<f64>::zeros(length).unwrap());
            assert_eq!((singles.len(), doubles.len()), (length, length));
            assert_eq!(singles.as_ptr().addr() % LINE, 0);
            assert_eq!(doubles.as_ptr().addr() % LINE, 0);
            singles.fill(1.0);
            assert_eq!(singles.iter().sum::<f32>(), length as f32);
        }
        assert!(Aligned::<f64>::zeros(usize::MAX).is_err());
    }
}
