//! A record taken apart to be written down, and put together again.
//!
//! What a record must hold to, whoever wrote the parts, is checked here once: the loop and the
//! verdict rely on it without looking again.

use super::path::{Mark, Path};
use super::{History, Record};
use crate::error::{OutOfMemory, SavedError, try_copied};
use crate::real::Real;

/// Counts of updates and epochs from here on are no counts: it would take centuries to get there.
pub const MOST: u64 = 1 << 62;

#[derive(Clone, Debug, Default, PartialEq)]
pub struct HistoryParts<T> {
    /// As in [`History`], and so are the next six.
    pub loss: Vec<f64>,
    /// The objective on all rows.
    pub full_loss: Vec<f64>,
    /// Norm of the full gradient.
    pub grad_norm: Vec<f64>,
    /// η of each epoch's last update.
    pub learning_rate: Vec<f64>,
    pub seconds: Vec<f64>,
    pub epoch_updates: Vec<u64>,
    /// The loss on the validation data.
    pub validation_loss: Vec<f64>,
    /// The objective of updates 1, 1 + stride, 1 + 2·stride, …
    pub update_loss: Vec<f64>,
    /// That stride: 1, 2, 4, …
    pub update_stride: u64,
    /// θ along the walk, all points in one run.
    pub path: Vec<T>,
    /// Updates made at each point.
    pub path_update: Vec<u64>,
    /// Epochs completed by that very update, or 0.
    pub path_epoch: Vec<u64>,
    /// Updates that are multiples of this are kept: 1, 2, 4, … up to 2⁶³, then 2⁶⁴ − 1.
    pub path_stride: u64,
    /// Ends of epochs that are multiples of this are kept: 1, 2, 4, …
    pub path_epoch_stride: u64,
    /// Whether the last point is there only because the walk stopped on it.
    pub path_ends_on_guest: bool,
}

/// The walk that a record belongs to, as far as it must agree with it.
#[derive(Clone, Copy, Debug)]
pub struct Owner {
    /// How much of the walk is kept.
    pub record: Record,
    pub updates: u64,
    /// Whether the walk has stopped.
    pub has_stopped: bool,
}

impl<T: Real> History<T> {
    /// A copy of all that is on record.
    pub fn to_parts(&self) -> Result<HistoryParts<T>, OutOfMemory> {
        let Path { marks, stride, epoch_stride, last_is_a_guest, .. } = &self.path;
        let mut path_update = try_copied(&[])?;
        let mut path_epoch = try_copied(&[])?;
        for (column, of) in [
            (&mut path_update, (|mark| mark.update) as fn(&Mark) -> u64),
            (&mut path_epoch, |mark| mark.epoch),
        ] {
            column.try_reserve_exact(marks.len()).map_err(|_| OutOfMemory)?;
            column.extend(marks.iter().map(of));
        }
        Ok(HistoryParts {
            loss: try_copied(&self.loss)?,
            full_loss: try_copied(&self.full_loss)?,
            grad_norm: try_copied(&self.grad_norm)?,
            learning_rate: try_copied(&self.learning_rate)?,
            seconds: try_copied(&self.seconds)?,
            epoch_updates: try_copied(&self.epoch_updates)?,
            validation_loss: try_copied(&self.validation_loss)?,
            update_loss: try_copied(&self.updates.losses)?,
            update_stride: self.updates.stride,
            path: self.path.points()?,
            path_update,
            path_epoch,
            path_stride: *stride,
            path_epoch_stride: *epoch_stride,
            path_ends_on_guest: *last_is_a_guest,
        })
    }

    /// The record that `parts` come from, over `n_params` parameters.
    ///
    /// Without an `owner` it is one to look at, which no walk goes on with.
    pub fn from_parts(
        parts: HistoryParts<T>,
        n_params: usize,
        owner: Option<Owner>,
    ) -> Result<Self, SavedError> {
        let mut history = History::new(owner.map_or(Record::Update, |it| it.record), n_params);
        parts.check_epochs()?;
        parts.check_path(n_params)?;
        if !parts.update_stride.is_power_of_two() {
            let came = parts.update_stride;
            return Err(SavedError::misfit("history_update_stride", "1, 2, 4, …", came));
        }
        if let Some(owner) = owner {
            parts.check_counts(owner, &history)?;
        }
        let path = &mut history.path;
        let count = u32::try_from(parts.path_update.len()).map_err(|_| OutOfMemory)?;
        path.marks.try_reserve_exact(count as usize).map_err(|_| OutOfMemory)?;
        path.marks.extend(parts.marks());
        path.places.try_reserve_exact(count as usize).map_err(|_| OutOfMemory)?;
        path.places.extend(0..count);
        path.buffer = parts.path;
        path.stride = parts.path_stride;
        path.epoch_stride = parts.path_epoch_stride;
        path.last_is_a_guest = parts.path_ends_on_guest;
        // Of a record by itself it is not known whether single updates were kept; nobody asks.
        let own = path.marks.len() - usize::from(path.last_is_a_guest);
        if let Some(place) = path.marks[..own].iter().position(|&mark| !path.keeps(mark)) {
            let expected = "of updates and ends of epochs that its strides keep";
            let came = format!("update {} at place {place}", path.marks[place].update);
            return Err(SavedError::misfit("history_path_update", expected, came));
        }
        history.loss = parts.loss;
        history.full_loss = parts.full_loss;
        history.grad_norm = parts.grad_norm;
        history.learning_rate = parts.learning_rate;
        history.seconds = parts.seconds;
        history.epoch_updates = parts.epoch_updates;
        history.validation_loss = parts.validation_loss;
        history.updates.losses = parts.update_loss;
        history.updates.stride = parts.update_stride;
        Ok(history)
    }
}

impl<T: Real> HistoryParts<T> {
    fn marks(&self) -> impl Iterator<Item = Mark> + '_ {
        let epochs = self.path_epoch.iter();
        self.path_update.iter().zip(epochs).map(|(&update, &epoch)| Mark { update, epoch })
    }

    /// One entry an epoch.
    fn check_epochs(&self) -> Result<(), SavedError> {
        let epochs = self.loss.len();
        for (part, length) in [
            ("history_learning_rate", self.learning_rate.len()),
            ("history_grad_norm", self.grad_norm.len()),
            ("history_seconds", self.seconds.len()),
            ("history_updates_per_epoch", self.epoch_updates.len()),
        ] {
            if length != epochs {
                let expected = format!("of {epochs} numbers, one an epoch like history_loss");
                return Err(SavedError::misfit(part, expected, length));
            }
        }
        // Epochs begun without validation data, or an epoch given up before it counted, leave a
        // column short, or long.
        for (part, length, most) in [
            ("history_validation_loss", self.validation_loss.len(), epochs),
            ("history_full_loss", self.full_loss.len(), epochs + 2),
        ] {
            if length > most {
                let expected = format!("of at most {most} numbers for {epochs} epochs");
                return Err(SavedError::misfit(part, expected, length));
            }
        }
        self.epoch_updates
            .iter()
            .try_fold(0u64, |sum, &updates| sum.checked_add(updates))
            .filter(|&sum| sum < MOST)
            .map(|_| ())
            .ok_or_else(|| {
                let part = "history_updates_per_epoch";
                SavedError::misfit(part, "numbers that add up to less than 2**62", "larger ones")
            })
    }

    /// Points in their order, at places that the strides allow.
    fn check_path(&self, n_params: usize) -> Result<(), SavedError> {
        let points = self.path_update.len();
        if self.path_epoch.len() != points {
            let expected = format!("of {points} numbers like history_path_update");
            return Err(SavedError::misfit("history_path_epoch", expected, self.path_epoch.len()));
        }
        if points.checked_mul(n_params) != Some(self.path.len()) {
            let expected = format!("of {points} points of {n_params} numbers");
            let came = format!("{} numbers", self.path.len());
            return Err(SavedError::misfit("history_path", expected, came));
        }
        if !self.path_stride.is_power_of_two() && self.path_stride != u64::MAX {
            let came = self.path_stride;
            return Err(SavedError::misfit("history_path_stride", "1, 2, 4, …", came));
        }
        if !self.path_epoch_stride.is_power_of_two() {
            let came = self.path_epoch_stride;
            return Err(SavedError::misfit("history_path_epoch_stride", "1, 2, 4, …", came));
        }
        if self.path_ends_on_guest && points < 2 {
            let part = "history_path_ends_on_guest";
            return Err(SavedError::misfit(part, "False for fewer than two points", "True"));
        }
        let updates = &self.path_update;
        let begins = updates.first().is_none_or(|&update| update == 0);
        let ends = updates.last().is_none_or(|&update| update < MOST);
        if !begins || !ends || !updates.is_sorted_by(|a, b| a < b) {
            let expected = "counts that grow from 0, each below 2**62";
            return Err(SavedError::misfit("history_path_update", expected, "others"));
        }
        let mut epochs = self.path_epoch.iter().filter(|&&epoch| epoch > 0);
        let most = self.loss.len() as u64;
        let ends = epochs.clone().all(|&epoch| epoch <= most);
        let begins = self.path_epoch.first().is_none_or(|&epoch| epoch == 0);
        if !begins || !ends || !epochs.by_ref().is_sorted_by(|a, b| a < b) {
            let expected = format!("0 at the start, then epochs that grow up to {most}, or 0");
            return Err(SavedError::misfit("history_path_epoch", expected, "others"));
        }
        Ok(())
    }

    /// What depends on how far the walk has come, and on the caps of `empty`, its record when new.
    fn check_counts(&self, owner: Owner, empty: &History<T>) -> Result<(), SavedError> {
        let Owner { updates, .. } = owner;
        let of_epochs: u64 = self.epoch_updates.iter().sum();
        if of_epochs > updates {
            let expected = format!("numbers that add up to at most n_updates={updates}");
            return Err(SavedError::misfit("history_updates_per_epoch", expected, of_epochs));
        }
        let (cap, stride) = (empty.updates.cap, self.update_stride);
        let kept = if cap == 0 { 0 } else { updates.div_ceil(stride) };
        // The stride doubles when the losses fill their cap.
        let is_earned =
            stride == 1 || (cap as u64).checked_mul(stride / 2).is_some_and(|full| full <= updates);
        if !is_earned || (cap == 0 && stride != 1) {
            let expected = format!("what {updates} updates within the record's cap come to");
            return Err(SavedError::misfit("history_update_stride", expected, stride));
        }
        let length = self.update_loss.len();
        if length as u64 != kept || length > cap {
            let expected = format!("of one number for each of the {kept} updates on record");
            return Err(SavedError::misfit("history_update_loss", expected, length));
        }
        let (cap, points) = (empty.path.cap, self.path_update.len());
        if points > cap || (points == 0) != (cap == 0) {
            let expected = match cap {
                0 => "empty: the model keeps no record".to_owned(),
                _ => format!("of 1 to {cap} points, as the model's record has it"),
            };
            return Err(SavedError::misfit("history_path", expected, format!("{points} points")));
        }
        let last = self.path_update.last().copied();
        let is_last = |last: u64| if owner.has_stopped { last == updates } else { last <= updates };
        if let Some(last) = last.filter(|&last| !is_last(last)) {
            let expected = format!("counts up to n_updates={updates}");
            return Err(SavedError::misfit("history_path_update", expected, last));
        }
        Ok(())
    }
}
