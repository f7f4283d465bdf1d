//! A record taken apart for pickle, by itself or in a model, and put together again.

use std::sync::Arc;

use pyo3::prelude::*;
use pyo3::types::PyTuple;

use super::parts::{Reader, Writer};
use super::{FORMAT_VERSION, check_format, reduced};
use crate::history::{self, HistoryParts, MOST};
use crate::python::args::scalars::quoted;
use crate::python::args::specs;
use crate::python::exceptions::{wrong_type, wrong_value};
use crate::python::model::fitted::Precision;
use crate::python::model::history::{AnyRecord, History};
use crate::stop::{Divergence, StopReason};
use crate::verdict::Shape;

/// What `stop_reason_` says of a walk that has not stopped.
const WALKING: &str = "walking";

/// Writes why a walk stopped.
pub fn write_stop(parts: &Writer<'_>, stopped: Option<StopReason>) -> PyResult<()> {
    parts.value("stop_reason", stopped.map_or(WALKING, |reason| reason.words()))?;
    if let Some(StopReason::Diverged(divergence)) = stopped {
        parts.value("diverged_epoch", divergence.epoch)?;
        parts.value("diverged_update", divergence.update)?;
        parts.value("diverged_last_finite_loss", divergence.last_finite_loss)?;
        parts.value("diverged_learning_rate", divergence.learning_rate)?;
    }
    Ok(())
}

/// Why a walk stopped, once it has.
pub fn read_stop(parts: &Reader<'_>) -> PyResult<Option<StopReason>> {
    let words = parts.text("stop_reason")?;
    if words == WALKING {
        return Ok(None);
    }
    let divergence = if parts.has("diverged_epoch")? {
        Some(Divergence {
            epoch: parts.whole("diverged_epoch", MOST)?,
            update: parts.whole("diverged_update", MOST)?,
            last_finite_loss: parts.real("diverged_last_finite_loss")?,
            learning_rate: parts.real("diverged_learning_rate")?,
        })
    } else {
        None
    };
    StopReason::by_words(&words, divergence).map(Some).ok_or_else(|| {
        let expected = "one of the words of stop_reason_, with diverged_… for \"diverged\" alone";
        wrong_value("stop_reason", expected, quoted(&words))
    })
}

/// Writes a record over θ of this shape.
pub fn write_history<T: Precision>(
    parts: &Writer<'_>,
    history: HistoryParts<T>,
    shape: &[usize],
) -> PyResult<()> {
    parts.vector("history_loss", history.loss)?;
    parts.vector("history_full_loss", history.full_loss)?;
    parts.vector("history_validation_loss", history.validation_loss)?;
    parts.vector("history_grad_norm", history.grad_norm)?;
    parts.vector("history_learning_rate", history.learning_rate)?;
    parts.vector("history_seconds", history.seconds)?;
    parts.counts("history_updates_per_epoch", history.epoch_updates)?;
    parts.vector("history_update_loss", history.update_loss)?;
    parts.value("history_update_stride", history.update_stride)?;
    let path_shape = [&[history.path_update.len()], shape].concat();
    parts.array("history_path", history.path, path_shape)?;
    parts.counts("history_path_update", history.path_update)?;
    parts.counts("history_path_epoch", history.path_epoch)?;
    parts.value("history_path_stride", history.path_stride)?;
    parts.value("history_path_epoch_stride", history.path_epoch_stride)?;
    parts.value("history_path_ends_on_guest", history.path_ends_on_guest)
}

/// The parts of a record, and the shape of θ, which must be `shape` if that is known.
pub fn read_history<T: Precision>(
    parts: &Reader<'_>,
    shape: Option<&[usize]>,
) -> PyResult<(HistoryParts<T>, Vec<usize>)> {
    let (path, path_shape) = parts.array("history_path")?;
    let history = HistoryParts {
        loss: parts.vector("history_loss")?,
        full_loss: parts.vector("history_full_loss")?,
        grad_norm: parts.vector("history_grad_norm")?,
        learning_rate: parts.vector("history_learning_rate")?,
        seconds: parts.vector("history_seconds")?,
        epoch_updates: parts.counts("history_updates_per_epoch")?,
        validation_loss: parts.vector("history_validation_loss")?,
        update_loss: parts.vector("history_update_loss")?,
        update_stride: parts.whole("history_update_stride", u64::MAX)?,
        path,
        path_update: parts.counts("history_path_update")?,
        path_epoch: parts.counts("history_path_epoch")?,
        path_stride: parts.whole("history_path_stride", u64::MAX)?,
        path_epoch_stride: parts.whole("history_path_epoch_stride", u64::MAX)?,
        path_ends_on_guest: parts.flag("history_path_ends_on_guest")?,
    };
    match path_shape.split_first() {
        Some((&points, of_point))
            if points == history.path_update.len() && shape.is_none_or(|it| it == of_point) =>
        {
            Ok((history, of_point.to_vec()))
        }
        _ => {
            let points = history.path_update.len();
            let expected = match shape {
                Some(shape) => format!("of {points} points of the shape of params, {shape:?}"),
                None => format!("of {points} points"),
            };
            Err(wrong_value("history_path", expected, format!("shape {path_shape:?}")))
        }
    }
}

#[pymethods]
impl History {
    fn __reduce__<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyTuple>> {
        let (py, this) = (slf.py(), slf.get());
        let parts = Writer::new(py);
        parts.value("format_version", FORMAT_VERSION)?;
        parts.value("rule", specs::spec_of(py, &this.rule)?)?;
        parts.value("l1", this.l1)?;
        parts.value("shape", this.shape.name())?;
        write_stop(&parts, this.stopped)?;
        match &this.record {
            AnyRecord::F32(record) => {
                write_history(&parts, record.to_parts()?, &this.params_shape)?
            }
            AnyRecord::F64(record) => {
                write_history(&parts, record.to_parts()?, &this.params_shape)?
            }
        }
        reduced(py, "_restore_history", (parts.finish(),))
    }
}

/// The record that was taken apart into `parts`.
#[pyfunction]
#[pyo3(name = "_restore_history", signature = (parts, /))]
pub fn restore_history(parts: &Bound<'_, PyAny>) -> PyResult<History> {
    let parts = Reader::new("parts", parts)?;
    check_format(&parts)?;
    let rule = parts.take("rule")?;
    let rule = specs::rule_of(&rule)
        .map_err(|_| wrong_type("rule", "a tuple of a rule's name and constants", &rule))?;
    let (l1, stopped) = (parts.real("l1")?, read_stop(&parts)?);
    let name = parts.text("shape")?;
    let shape = Shape::ALL.into_iter().find(|shape| shape.name() == name);
    let shape =
        shape.ok_or_else(|| wrong_value("shape", "one that the verdict knows", quoted(&name)))?;
    let (record, params_shape) = if parts.is_single("history_path")? {
        let (record, shape) = read_record::<f32>(&parts)?;
        (AnyRecord::F32(record), shape)
    } else {
        let (record, shape) = read_record::<f64>(&parts)?;
        (AnyRecord::F64(record), shape)
    };
    parts.finish()?;
    Ok(History { record, params_shape, stopped, rule, l1, shape })
}

fn read_record<T: Precision>(
    parts: &Reader<'_>,
) -> PyResult<(Arc<history::History<T>>, Vec<usize>)> {
    // A path without a point has a shape all the same.
    const MOST_PARAMS: usize = 1 << 40;
    let (history, shape) = read_history::<T>(parts, None)?;
    let n_params = shape.iter().try_fold(1usize, |product, &length| product.checked_mul(length));
    match n_params.filter(|n_params| (1..=MOST_PARAMS).contains(n_params)) {
        Some(n_params) => {
            Ok((Arc::new(history::History::from_parts(history, n_params, None)?), shape))
        }
        _ => Err(wrong_value(
            "history_path",
            "of points of one number or more",
            format!("{shape:?}"),
        )),
    }
}
