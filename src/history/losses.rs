//! The losses of single updates.

use super::push_within;
use crate::error::OutOfMemory;

/// The losses of updates 1, 1 + stride, 1 + 2·stride, …
#[derive(Clone, Debug, Default)]
pub struct UpdateLosses {
    pub(super) losses: Vec<f64>,
    pub(super) stride: u64,
    pub(super) cap: usize,
}

impl UpdateLosses {
    pub(super) fn new(cap: usize) -> Self {
        UpdateLosses { losses: Vec::new(), stride: 1, cap }
    }

    /// Takes in the loss of update `number`, counted from 1.
    #[inline]
    pub fn push(&mut self, number: u64, loss: f64) -> Result<(), OutOfMemory> {
        if self.cap == 0 || !(number - 1).is_multiple_of(self.stride) {
            return Ok(());
        }
        if self.losses.len() >= self.cap {
            self.thin();
            if !(number - 1).is_multiple_of(self.stride) {
                return Ok(());
            }
        }
        push_within(&mut self.losses, loss, self.cap)
    }

    /// Takes in the losses of updates `number`, `number` + 1, …
    pub fn extend(&mut self, number: u64, losses: &[f64]) -> Result<(), OutOfMemory> {
        if self.cap == 0 {
            return Ok(());
        }
        if self.stride == 1
            && self.losses.len() + losses.len() <= self.losses.capacity().min(self.cap)
        {
            self.losses.extend_from_slice(losses);
            return Ok(());
        }
        // Updates up to the next one that is on record.
        let stride = self.stride.max(1);
        let skipped = (stride - (number - 1) % stride) % stride;
        let mut place = usize::try_from(skipped).unwrap_or(usize::MAX);
        while let Some(&loss) = losses.get(place) {
            if self.losses.len() >= self.cap {
                // It changes the stride.
                self.push(number + place as u64, loss)?;
                return self.extend(number + place as u64 + 1, &losses[place + 1..]);
            }
            push_within(&mut self.losses, loss, self.cap)?;
            place = place.saturating_add(usize::try_from(stride).unwrap_or(usize::MAX));
        }
        Ok(())
    }

    /// Keeps every second loss.
    fn thin(&mut self) {
        let mut place = 0;
        self.losses.retain(|_| {
            place += 1;
            place % 2 == 1
        });
        self.stride *= 2;
    }

    /// Forgets updates later than `number`.
    pub(super) fn forget_after(&mut self, number: u64) {
        let kept = number.div_ceil(self.stride.max(1));
        self.losses.truncate(usize::try_from(kept).unwrap_or(usize::MAX));
    }

    /// Bytes held.
    pub(super) fn n_bytes(&self) -> usize {
        self.losses.capacity() * size_of::<f64>()
    }

    /// The losses on record.
    pub fn losses(&self) -> &[f64] {
        &self.losses
    }

    /// The number (from 1) of the update that each loss belongs to.
    pub fn numbers(&self) -> impl Iterator<Item = u64> + '_ {
        (0..self.losses.len() as u64).map(|place| 1 + place * self.stride)
    }
}
