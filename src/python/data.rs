//! The data of a fit, through the gate, and the objectives that borrow from them.

use numpy::{PyReadonlyArray1, PyReadonlyArray2};
use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::PyTuple;

use super::arguments::real_number;
use super::arrays::{self, Features, with_features};
use super::config::{Config, Loss};
use super::driving::CoreObjective;
use super::errors::{wrong_type, wrong_value};
use super::limits::Setting;
use super::model::Precision;
use super::targets::{self, Targets};
use crate::batches::hold_out;
use crate::error::OutOfMemory;
use crate::objective::{Linear, Penalty, SampleWeights, Softmax};
use crate::rows::{Dense, Rows};
use crate::with_point_loss;

/// X, y and weights in one precision, and what the walk is watched on.
pub struct Data<'py, T: Precision> {
    x: PyReadonlyArray2<'py, T>,
    targets: Targets<'py, T>,
    weights: Option<PyReadonlyArray1<'py, f64>>,
    watched: Watched<'py, T>,
    /// K, for cross_entropy.
    pub n_classes: Option<usize>,
}

/// What the walk is watched on, besides its own loss.
enum Watched<'py, T: Precision> {
    Nothing,
    /// Data of their own.
    Data(PyReadonlyArray2<'py, T>, Targets<'py, T>),
    /// Rows of X that the walk does not visit.
    HeldOut {
        held_out: Part<T>,
        kept: Part<T>,
        weights: Option<Vec<f64>>,
    },
}

/// The same complaint, of the validation data.
fn of_validation(py: Python<'_>, error: PyErr) -> PyErr {
    let is_ours =
        error.is_instance_of::<PyValueError>(py) || error.is_instance_of::<PyTypeError>(py);
    if !is_ours {
        return error;
    }
    PyErr::from_type(error.get_type(py), format!("of the validation data, {}", error.value(py)))
}

/// Some rows of X, and their targets.
struct Part<T> {
    rows: Vec<u32>,
    targets: Vec<T>,
}

impl<T: Precision> Part<T> {
    fn of(rows: Vec<u32>, targets: &[T]) -> Result<Self, OutOfMemory> {
        let targets = gather(&rows, targets)?;
        Ok(Part { rows, targets })
    }
}

fn gather<V: Copy>(rows: &[u32], values: &[V]) -> Result<Vec<V>, OutOfMemory> {
    let mut gathered = Vec::new();
    gathered.try_reserve_exact(rows.len()).map_err(|_| OutOfMemory)?;
    gathered.extend(rows.iter().map(|&row| values[row as usize]));
    Ok(gathered)
}

impl<'py, T: Precision> Data<'py, T> {
    /// Lets y and the weights in, for an X that is in. `said` is K and who says so.
    pub fn new(
        config: &Config,
        x: PyReadonlyArray2<'py, T>,
        y: &Bound<'py, PyAny>,
        sample_weight: Option<&Bound<'py, PyAny>>,
        said: Option<(usize, &str)>,
    ) -> PyResult<Self> {
        let n_rows = arrays::rows(&x)?.n_rows();
        let targets = Targets::<T>::new(y, config.loss, n_rows)?;
        let weights = targets::weights(sample_weight, n_rows)?;
        let n_classes = match config.loss {
            Loss::CrossEntropy => Some(targets.count_classes(said)?),
            _ => None,
        };
        Ok(Data { x, targets, weights, watched: Watched::Nothing, n_classes })
    }

    /// Watches the walk on `validation`: data (X, y) of their own, or a share of the rows, drawn by
    /// `seed` and kept out of the walk.
    pub fn watch(
        &mut self,
        config: &Config,
        validation: &Bound<'py, PyAny>,
        seed: u64,
    ) -> PyResult<()> {
        let expected = "None, (X, y), or a share of the rows above 0 and below 1";
        self.watched = if let Ok(pair) = validation.cast::<PyTuple>() {
            if pair.len() != 2 {
                return Err(wrong_value("validation", expected, format!("{} items", pair.len())));
            }
            self.watch_data(config, &pair.get_item(0)?, &pair.get_item(1)?)
                .map_err(|error| of_validation(validation.py(), error))?
        } else if validation.hasattr("__len__")? && validation.len().is_ok() {
            return Err(wrong_type("validation", expected, validation));
        } else {
            let share = real_number("validation", validation, expected, |x| x > 0.0 && x < 1.0)?;
            let n_rows = self.n_rows()?;
            let held_out = (share * n_rows as f64).round() as usize;
            if held_out == 0 || held_out == n_rows {
                let came = format!("{share}, which is {held_out} of {n_rows} rows");
                let expected = "a share that leaves rows on both sides";
                return Err(wrong_value("validation", expected, came));
            }
            let (held_out, kept) = hold_out(n_rows, held_out, seed)?;
            let values = self.targets.values()?;
            let weights = match &self.weights {
                Some(weights) => Some(gather(&kept, weights.as_slice()?)?),
                None => None,
            };
            Watched::HeldOut {
                held_out: Part::of(held_out, values)?,
                kept: Part::of(kept, values)?,
                weights,
            }
        };
        Ok(())
    }

    /// The data of their own, through the same gate as X and y.
    fn watch_data(
        &self,
        config: &Config,
        x: &Bound<'py, PyAny>,
        y: &Bound<'py, PyAny>,
    ) -> PyResult<Watched<'py, T>> {
        let features = Features::new(x, Some(T::DTYPE))?;
        let d = arrays::rows(&self.x)?.n_cols();
        if features.n_cols() != d {
            let came = format!("{} columns", features.n_cols());
            return Err(wrong_value("validation", format!("data of {d} columns, as X"), came));
        }
        let x = with_features!(features, x => x.as_any().clone());
        let x: PyReadonlyArray2<'py, T> = x.extract()?;
        let targets = Targets::<T>::new(y, config.loss, arrays::rows(&x)?.n_rows())?;
        if let Some(n_classes) = self.n_classes {
            targets.count_classes(Some((n_classes, "y")))?;
        }
        Ok(Watched::Data(x, targets))
    }

    /// Rows that the walk visits.
    pub fn n_rows(&self) -> PyResult<usize> {
        match &self.watched {
            Watched::HeldOut { kept, .. } => Ok(kept.rows.len()),
            _ => Ok(arrays::rows(&self.x)?.n_rows()),
        }
    }

    /// Whether any label is −1.
    pub fn has_negative(&self) -> PyResult<bool> {
        self.targets.has_negative()
    }

    /// The objective of the walk, and the bytes that it and the data hold of their own.
    pub fn objective(&self, config: &Config) -> PyResult<(Box<CoreObjective<'_, T>>, usize)> {
        let rows = arrays::rows(&self.x)?;
        let n_free = if config.fit_intercept { self.n_classes.unwrap_or(1) } else { 0 };
        let penalty = config.penalty(n_free);
        let bytes = self.targets.n_bytes();
        match &self.watched {
            Watched::HeldOut { kept, weights, .. } => {
                let factors = match weights {
                    Some(weights) => SampleWeights::new(weights).ok_or_else(|| {
                        let expected = "above 0 for some rows that validation leaves";
                        wrong_value("sample_weight", expected, "zeros alone")
                    })?,
                    None => SampleWeights::equal(),
                };
                let rows = rows.select(&kept.rows);
                let (objective, more) = self.over(config, rows, &kept.targets, factors, penalty)?;
                let of_parts = self.n_bytes_of_parts();
                Ok((objective, bytes + of_parts + more))
            }
            _ => {
                let factors = targets::as_factors(&self.weights)?;
                let values = self.targets.values()?;
                let (objective, more) = self.over(config, rows, values, factors, penalty)?;
                Ok((objective, bytes + more))
            }
        }
    }

    fn n_bytes_of_parts(&self) -> usize {
        let Watched::HeldOut { held_out, kept, weights } = &self.watched else { return 0 };
        let n_rows = held_out.rows.len() + kept.rows.len();
        n_rows * (size_of::<u32>() + size_of::<T>())
            + weights.as_ref().map_or(0, Vec::len) * size_of::<f64>()
    }

    /// The mean loss, without penalty and weights, that the walk is watched on.
    pub fn validation(&self, config: &Config) -> PyResult<Option<Box<CoreObjective<'_, T>>>> {
        let free = Penalty::default();
        let equal = SampleWeights::equal();
        let watched = match &self.watched {
            Watched::Nothing => return Ok(None),
            Watched::Data(x, targets) => {
                self.over(config, arrays::rows(x)?, targets.values()?, equal, free)?
            }
            Watched::HeldOut { held_out, .. } => {
                let rows = arrays::rows(&self.x)?.select(&held_out.rows);
                self.over(config, rows, &held_out.targets, equal, free)?
            }
        };
        Ok(Some(watched.0))
    }

    /// The largest stable learning rate, for a warning: of the plain rule, if the loss has one.
    pub fn limit(&self, py: Python<'_>, config: &Config) -> PyResult<Option<f64>> {
        if !config.rule.is_plain() {
            return Ok(None);
        }
        let rows = arrays::rows(&self.x)?;
        let (rows, targets, weights) = match &self.watched {
            Watched::HeldOut { kept, weights, .. } => {
                let weights = weights.as_deref().and_then(SampleWeights::new);
                let weights = weights.unwrap_or_else(SampleWeights::equal);
                (rows.select(&kept.rows), &kept.targets[..], weights)
            }
            _ => (rows, self.targets.values()?, targets::as_factors(&self.weights)?),
        };
        let Config { loss, l2, fit_intercept, batch_size, .. } = *config;
        let setting = Setting { rows, targets, weights, loss, l2, fit_intercept, batch_size };
        // A NaN in a row that the walk did not visit is no reason to keep the warning back.
        match setting.limit(py) {
            Err(error) if error.is_instance_of::<PyValueError>(py) => Ok(None),
            limit => limit,
        }
    }

    /// The loss of the configuration over some rows, and the bytes of its buffers.
    fn over<'a>(
        &self,
        config: &Config,
        rows: Dense<'a, T>,
        values: &'a [T],
        factors: SampleWeights<'a>,
        penalty: Penalty,
    ) -> PyResult<(Box<CoreObjective<'a, T>>, usize)> {
        let intercept = config.fit_intercept;
        match config.loss {
            Loss::Point(loss) => with_point_loss!(loss, loss => {
                let linear = Linear::new(rows, values, loss, factors, intercept, penalty);
                Ok((Box::new(linear) as Box<CoreObjective<'a, T>>, 0))
            }),
            Loss::CrossEntropy | Loss::Function => {
                let n_classes = self.n_classes.unwrap_or(1);
                let softmax = Softmax::new(rows, values, n_classes, factors, intercept, penalty)?;
                let bytes = softmax.n_bytes();
                Ok((Box::new(softmax), bytes))
            }
        }
    }
}
