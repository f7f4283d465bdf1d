//! What a walk leaves on record.
//!
//! Per epoch: a few numbers. Per update: the loss and θ itself, kept within a cap of bytes by
//! keeping every update at first, then every 2nd, every 4th, … as the walk grows longer.

mod losses;
mod path;
mod saved;

pub use self::losses::UpdateLosses;
pub use self::path::Path;
use crate::error::OutOfMemory;
use crate::real::Real;

/// How much of the walk is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Record {
    /// Every update until the path fills so many bytes, then every 2nd, 4th, …
    Auto {
        /// The cap on θ's path and the losses of the updates together.
        bytes: usize,
    },
    /// Every update, without a cap.
    Update,
    /// The start, every update that is a multiple of this, and the end; the losses of all updates.
    Every(u64),
    /// The start and the end of each epoch; the losses of all updates.
    Epoch,
    /// Neither path nor the losses of updates.
    Nothing,
}

/// The record of a walk.
#[derive(Clone, Debug, Default)]
pub struct History<T> {
    /// Mean of the objectives of each epoch's batches, weighted by their rows, each taken before its
    /// update.
    pub loss: Vec<f64>,
    /// The objective on all rows: at the start, then after each epoch. Empty unless asked for.
    pub full_loss: Vec<f64>,
    /// Norm of the full gradient, one an epoch; NaN where it was not computed.
    pub grad_norm: Vec<f64>,
    /// η of each epoch's last update.
    pub learning_rate: Vec<f64>,
    /// Seconds of walking at the end of each epoch, counted from the first start.
    pub seconds: Vec<f64>,
    pub epoch_updates: Vec<u64>,
    /// The loss on the validation data after each epoch. Empty without such data.
    pub validation_loss: Vec<f64>,
    /// The objective of single updates.
    pub updates: UpdateLosses,
    /// θ after some of the updates.
    pub path: Path<T>,
}

impl<T: Real> History<T> {
    /// An empty record for a walk over `n_params` parameters.
    pub fn new(record: Record, n_params: usize) -> Self {
        // An eighth of the cap is for the losses: 8 bytes each, where a θ takes 8 bytes a parameter.
        let point_bytes = n_params * size_of::<T>() + path::BESIDES;
        let (path_points, losses) = match record {
            Record::Auto { bytes } => {
                ((bytes - bytes / 8) / point_bytes, bytes / 8 / size_of::<f64>())
            }
            Record::Update | Record::Every(_) | Record::Epoch => (usize::MAX, usize::MAX),
            Record::Nothing => (0, 0),
        };
        History {
            loss: Vec::new(),
            full_loss: Vec::new(),
            grad_norm: Vec::new(),
            learning_rate: Vec::new(),
            seconds: Vec::new(),
            epoch_updates: Vec::new(),
            validation_loss: Vec::new(),
            updates: UpdateLosses::new(losses),
            path: Path::new(n_params, path_points, record),
        }
    }

    pub fn n_bytes(&self) -> usize {
        let per_epoch = [
            &self.loss,
            &self.full_loss,
            &self.grad_norm,
            &self.learning_rate,
            &self.seconds,
            &self.validation_loss,
        ];
        per_epoch.iter().map(|column| column.capacity() * size_of::<f64>()).sum::<usize>()
            + self.updates.n_bytes()
            + self.epoch_updates.capacity() * size_of::<u64>()
            + self.path.n_bytes()
    }
}

impl<T: Real> History<T> {
    /// Forgets what updates later than `number` left: the walk takes its last step back.
    pub fn forget_after(&mut self, number: u64) {
        self.updates.forget_after(number);
        self.path.forget_after(number);
    }
}

/// By how much a record of `length` places grows next: doubling at first, then to its cap in one
/// step, for while a block moves, old and new count together. A record that was loaded may be beyond
/// its cap.
fn growth(length: usize, cap: usize) -> usize {
    if length >= cap / 64 { cap.saturating_sub(length).max(1) } else { length.max(16) }
}

fn push_within<V>(vector: &mut Vec<V>, value: V, cap: usize) -> Result<(), OutOfMemory> {
    if vector.len() == vector.capacity() {
        vector.try_reserve_exact(growth(vector.len(), cap)).map_err(|_| OutOfMemory)?;
    }
    vector.push(value);
    Ok(())
}

#[cfg(test)]
mod tests;
