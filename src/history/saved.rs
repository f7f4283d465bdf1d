//! A record taken apart to be saved, and put together again.

use super::path::{Mark, Path};
use super::{History, Record, UpdateLosses};
use crate::error::{OutOfMemory, SavedError, try_collected, try_copied};
use crate::real::Real;
use crate::saved::{MOST, Parts, Value};

impl<T: Real> History<T>
where
    Vec<T>: Value,
{
    /// Adds a copy of all that is on record.
    pub fn to_parts(&self, parts: &mut Parts) -> Result<(), OutOfMemory> {
        parts.put("history_loss", try_copied(&self.loss)?);
        parts.put("history_full_loss", try_copied(&self.full_loss)?);
        parts.put("history_grad_norm", try_copied(&self.grad_norm)?);
        parts.put("history_learning_rate", try_copied(&self.learning_rate)?);
        parts.put("history_seconds", try_copied(&self.seconds)?);
        parts.put("history_validation_loss", try_copied(&self.validation_loss)?);
        parts.put("history_updates_per_epoch", try_copied(&self.epoch_updates)?);
        parts.put("history_update_loss", try_copied(&self.updates.losses)?);
        parts.put("history_update_stride", self.updates.stride);
        let path = &self.path;
        parts.put("history_path", path.points()?);
        parts.put("history_path_update", try_collected(path.updates())?);
        parts.put("history_path_epoch", try_collected(path.marks.iter().map(|mark| mark.epoch))?);
        parts.put("history_path_stride", path.stride);
        parts.put("history_path_epoch_stride", path.epoch_stride);
        parts.put("history_path_ends_on_provisional", path.last_is_provisional);
        Ok(())
    }

    /// The record that `parts` come from, of a walk over `n_params` parameters that has made
    /// `updates` updates.
    pub fn from_parts(
        parts: &mut Parts,
        record: Record,
        n_params: usize,
        updates: u64,
    ) -> Result<Self, SavedError> {
        let empty = History::new(record, n_params);
        let buffer = parts.take("history_path")?;
        let path_updates: Vec<u64> = parts.take("history_path_update")?;
        let path_epochs: Vec<u64> = parts.take("history_path_epoch")?;
        let lengths = [path_updates.len(), path_epochs.len()];
        let marks = path_updates.into_iter().zip(path_epochs);
        let marks = try_collected(marks.map(|(update, epoch)| Mark { update, epoch }))?;
        let places = u32::try_from(marks.len()).map_err(|_| OutOfMemory)?;
        let history = History {
            loss: parts.take("history_loss")?,
            full_loss: parts.take("history_full_loss")?,
            grad_norm: parts.take("history_grad_norm")?,
            learning_rate: parts.take("history_learning_rate")?,
            seconds: parts.take("history_seconds")?,
            validation_loss: parts.take("history_validation_loss")?,
            epoch_updates: parts.take("history_updates_per_epoch")?,
            updates: UpdateLosses {
                losses: parts.take("history_update_loss")?,
                stride: parts.whole("history_update_stride", 1..=MOST)?,
                ..empty.updates
            },
            path: Path {
                buffer,
                marks,
                places: try_collected(0..places)?,
                // It is divided by, and so is the other.
                stride: parts.whole("history_path_stride", 1..=u64::MAX)?,
                epoch_stride: parts.whole("history_path_epoch_stride", 1..=MOST)?,
                last_is_provisional: parts.take("history_path_ends_on_provisional")?,
                ..empty.path
            },
        };
        history.check_lengths(lengths)?;
        history.check_counts(updates)?;
        Ok(history)
    }

    /// One number an epoch, and one mark a point; `marks` is how many updates and epochs there are.
    fn check_lengths(&self, marks: [usize; 2]) -> Result<(), SavedError> {
        let (epochs, points) = (self.loss.len(), marks[0]);
        let numbers = points.saturating_mul(self.path.n_params());
        for (part, length, range) in [
            ("history_grad_norm", self.grad_norm.len(), epochs..=epochs),
            ("history_learning_rate", self.learning_rate.len(), epochs..=epochs),
            ("history_seconds", self.seconds.len(), epochs..=epochs),
            ("history_updates_per_epoch", self.epoch_updates.len(), epochs..=epochs),
            // Epochs without validation data, or an evaluation before an epoch that does not count
            // yet, leave a column short, or long.
            ("history_validation_loss", self.validation_loss.len(), 0..=epochs),
            ("history_full_loss", self.full_loss.len(), 0..=epochs + 2),
            ("history_path_epoch", marks[1], points..=points),
            ("history_path", self.path.buffer.len(), numbers..=numbers),
        ] {
            if !range.contains(&length) {
                let most = range.end();
                let expected = format!(
                    "of {most} numbers, for {epochs} epochs and {points} points of the path"
                );
                return Err(SavedError::misfit(part, expected, length));
            }
        }
        Ok(())
    }

    /// Sums and products of counts must not overflow. Updates of the path that grow are what its
    /// search goes by, and without them thinning it might not end.
    fn check_counts(&self, updates: u64) -> Result<(), SavedError> {
        let misfit = |part, expected: &str| {
            let expected = format!("{expected} n_updates={updates}");
            Err(SavedError::misfit(part, expected, "others"))
        };
        let sum =
            self.epoch_updates.iter().try_fold(0u64, |sum, &of_epoch| sum.checked_add(of_epoch));
        if sum.is_none_or(|sum| sum > updates) {
            return misfit("history_updates_per_epoch", "numbers that add up to at most");
        }
        let UpdateLosses { losses, stride, .. } = &self.updates;
        let last = (losses.len() as u64).checked_sub(1).map(|before| before.checked_mul(*stride));
        if last.is_some_and(|before| before.is_none_or(|before| before >= updates)) {
            return misfit("history_update_loss", "losses of updates, a stride apart, up to");
        }
        let marks = &self.path.marks;
        let grows = marks.is_sorted_by(|a, b| a.update < b.update);
        if !grows || marks.last().is_some_and(|last| last.update > updates) {
            return misfit("history_path_update", "counts that grow up to");
        }
        let epochs = self.loss.len();
        if marks.iter().any(|mark| mark.epoch > epochs as u64) {
            let expected = format!("of numbers from 0 to {epochs}, the epochs done");
            return Err(SavedError::misfit("history_path_epoch", expected, "others"));
        }
        Ok(())
    }
}
