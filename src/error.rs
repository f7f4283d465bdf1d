//! What can go wrong in a walk, apart from a diverging one (that is a way to stop: see `stop`).

use std::fmt::Display;

use thiserror::Error;

/// Where a value that is not a finite number stands in the training data.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum BadValue {
    /// In the features: `X[row, column]`.
    Feature {
        row: usize,
        column: usize,
        /// What stands there: NaN or an infinity.
        value: f64,
    },
    /// In the targets: `y[row]`.
    Target {
        row: usize,
        /// What stands there: NaN or an infinity.
        value: f64,
    },
}

/// Why a walk could not go on.
#[derive(Debug, Error)]
pub enum WalkError<E> {
    /// The objective itself failed (never, for the losses in this crate).
    #[error("the objective failed")]
    Objective(E),
    /// The data hold a NaN or an infinity in a row that the walk visited.
    #[error("the data are not finite: {0:?}")]
    BadData(BadValue),
    /// The validation data hold a NaN or an infinity.
    #[error("the validation data are not finite: {0:?}")]
    BadValidationData(BadValue),
    /// The history, or a buffer of the walk, could not grow.
    #[error("out of memory")]
    OutOfMemory(#[from] OutOfMemory),
}

/// An allocation of a size that the user chose was refused.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
#[error("not enough memory")]
pub struct OutOfMemory;

/// Saved parts that are none of a walk, or no memory to put them together in.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum SavedError {
    #[error("the saved parts have none named {0}")]
    Missing(&'static str),
    /// A part that does not fit the others, or is of another kind.
    #[error("{part} must be {expected}; got {came}")]
    Misfit {
        /// Which part, by the name that it is saved under.
        part: &'static str,
        expected: String,
        came: String,
    },
    /// There was no memory for the parts, or for a copy of them.
    #[error(transparent)]
    OutOfMemory(#[from] OutOfMemory),
}

impl SavedError {
    /// "`part` must be `expected`; got `came`".
    pub fn misfit(part: &'static str, expected: impl Display, came: impl Display) -> Self {
        SavedError::Misfit { part, expected: expected.to_string(), came: came.to_string() }
    }
}

/// Pushes without aborting the process when memory runs out.
pub fn try_push<T>(vector: &mut Vec<T>, value: T) -> Result<(), OutOfMemory> {
    if vector.len() == vector.capacity() {
        vector.try_reserve(1).map_err(|_| OutOfMemory)?;
    }
    vector.push(value);
    Ok(())
}

/// A vector of `length` copies of `value`, or an error where `vec![value; length]` would abort.
pub fn try_filled<T: Clone>(length: usize, value: T) -> Result<Vec<T>, OutOfMemory> {
    let mut vector = Vec::new();
    vector.try_reserve_exact(length).map_err(|_| OutOfMemory)?;
    vector.resize(length, value);
    Ok(vector)
}

/// A copy of `values`, or an error where `values.to_vec()` would abort.
pub fn try_copied<T: Copy>(values: &[T]) -> Result<Vec<T>, OutOfMemory> {
    try_collected(values.iter().copied())
}

/// These `values` in a vector, or an error where `values.collect()` would abort.
pub fn try_collected<T>(values: impl ExactSizeIterator<Item = T>) -> Result<Vec<T>, OutOfMemory> {
    let mut vector = Vec::new();
    vector.try_reserve_exact(values.len()).map_err(|_| OutOfMemory)?;
    vector.extend(values);
    Ok(vector)
}
