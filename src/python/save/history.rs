//! A record taken apart for pickle by itself, and put together again.

use std::sync::Arc;

use pyo3::prelude::*;
use pyo3::types::PyTuple;

use super::{parts, reduced};
use crate::descent::{put_stop, take_stop};
use crate::history;
use crate::python::args::scalars::quoted;
use crate::python::args::specs;
use crate::python::exceptions::{wrong_type, wrong_value};
use crate::python::model::history::{AnyRecord, History};
use crate::real::Real;
use crate::saved::{MOST, Parts, Value};
use crate::verdict::Shape;

#[pymethods]
impl History {
    fn __reduce__<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyTuple>> {
        let (py, this) = (slf.py(), slf.get());
        let mut parts = Parts::default();
        parts.put("l1", this.l1);
        parts.put("shape", this.shape.name().to_owned());
        parts.put("is_function", this.has_intercept.is_none());
        parts.put("has_intercept", this.has_intercept == Some(true));
        put_stop(&mut parts, this.stopped);
        match &this.record {
            AnyRecord::F32(record) => record.to_parts(&mut parts)?,
            AnyRecord::F64(record) => record.to_parts(&mut parts)?,
        }
        let parts = parts::write(py, parts, &this.params_shape)?;
        reduced(py, "_restore_history", (specs::spec_of(py, &this.rule)?, parts))
    }
}

/// The record that was taken apart into `parts`, of a walk by `rule`.
#[pyfunction]
#[pyo3(name = "_restore_history", signature = (rule, parts, /))]
pub fn restore_history(rule: &Bound<'_, PyAny>, parts: &Bound<'_, PyAny>) -> PyResult<History> {
    let rule = specs::recorded_rule(rule)
        .map_err(|_| wrong_type("rule", "a tuple of a rule's name and constants", rule))?;
    let (mut parts, shape) = parts::read("parts", parts, "history_path")?;
    let name: String = parts.take("shape")?;
    let (is_function, has_intercept): (bool, bool) =
        (parts.take("is_function")?, parts.take("has_intercept")?);
    let known = Shape::ALL.into_iter().find(|shape| shape.name() == name);
    Ok(History {
        record: match parts.is_single("history_path") {
            true => AnyRecord::F32(record(&mut parts, &shape)?),
            false => AnyRecord::F64(record(&mut parts, &shape)?),
        },
        params_shape: shape[1..].to_vec(),
        stopped: take_stop(&mut parts)?,
        rule,
        l1: parts.take("l1")?,
        shape: known
            .ok_or_else(|| wrong_value("shape", "one that the verdict knows", quoted(&name)))?,
        has_intercept: (!is_function).then_some(has_intercept),
    })
}

/// The record whose path has this shape.
fn record<T: Real>(parts: &mut Parts, shape: &[usize]) -> PyResult<Arc<history::History<T>>>
where
    Vec<T>: Value,
{
    // A path without a point has a shape all the same.
    const MOST_PARAMS: usize = 1 << 40;
    let of_point = shape.get(1..).unwrap_or_default();
    let n_params = of_point.iter().try_fold(1usize, |product, &length| product.checked_mul(length));
    let Some(n_params) = n_params.filter(|n| !shape.is_empty() && (1..=MOST_PARAMS).contains(n))
    else {
        let expected = "of points of one number or more";
        return Err(wrong_value("history_path", expected, format!("shape {shape:?}")));
    };
    let record = history::Record::Update;
    Ok(Arc::new(history::History::from_parts(parts, record, n_params, MOST)?))
}
