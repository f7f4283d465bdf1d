//! `history_`: the record of a walk as Python sees it.

use std::sync::Arc;

use numpy::{Element, PyArray1, PyArrayMethods};
use pyo3::prelude::*;

use super::arrays::array1;
use super::model::{AnyState, Fitted};
use crate::history;
use crate::real::Real;

/// The record of a walk: a snapshot that later fits do not change.
///
/// Every attribute is a fresh NumPy array. One entry an epoch: `loss`, `learning_rate`,
/// `grad_norm`, `seconds` (and `full_loss`, with one more for the start). One entry an update, as
/// far as `record` and `path_bytes` let it be kept: `update_loss` and `path`.
#[pyclass(frozen, module = "gradwalk")]
pub struct History {
    record: AnyRecord,
    n_classes: Option<usize>,
}

enum AnyRecord {
    F32(Arc<history::History<f32>>),
    F64(Arc<history::History<f64>>),
}

macro_rules! with_record {
    ($any:expr, $record:ident => $body:expr) => {
        match $any {
            AnyRecord::F32($record) => $body,
            AnyRecord::F64($record) => $body,
        }
    };
}

impl History {
    /// The record of a fitted model as it stands now.
    pub fn of(fitted: &Fitted) -> Self {
        let record = match &fitted.state {
            AnyState::F32(state) => AnyRecord::F32(Arc::clone(state.history())),
            AnyState::F64(state) => AnyRecord::F64(Arc::clone(state.history())),
        };
        History { record, n_classes: fitted.n_classes }
    }
}

/// Points one below the other: (k, p), or (k, p/K, K).
fn path<'py, T: Real + Element>(
    py: Python<'py>,
    record: &history::History<T>,
    n_classes: Option<usize>,
) -> PyResult<Bound<'py, PyAny>> {
    let path = &record.path;
    let flat = array1(py, path.points());
    let width = path.n_params();
    match n_classes {
        None => Ok(flat.reshape([path.len(), width])?.into_any()),
        Some(k) => Ok(flat.reshape([path.len(), width / k, k])?.into_any()),
    }
}

#[pymethods]
impl History {
    /// Mean over each epoch's batches of their objective, penalty and weights included, each
    /// taken before its update, while θ moved. Shape (n_epochs,). For BatchGD this is the
    /// objective f before the update of that epoch.
    #[getter]
    fn loss<'py>(&self, py: Python<'py>) -> Bound<'py, PyArray1<f64>> {
        with_record!(&self.record, record => array1(py, &record.loss))
    }

    /// The objective on all rows, at the start and after each epoch: shape (n_epochs + 1,). Empty
    /// unless `fit` was called with `full_loss=True`.
    #[getter]
    fn full_loss<'py>(&self, py: Python<'py>) -> Bound<'py, PyArray1<f64>> {
        with_record!(&self.record, record => array1(py, &record.full_loss))
    }

    /// Norm of the gradient of the objective on all rows, shape (n_epochs,). BatchGD without an
    /// `order`: before the update of that epoch. The others: at the end of that epoch if `fit` was called with
    /// `full_loss=True`, else NaN.
    #[getter]
    fn grad_norm<'py>(&self, py: Python<'py>) -> Bound<'py, PyArray1<f64>> {
        with_record!(&self.record, record => array1(py, &record.grad_norm))
    }

    /// η of each epoch's last update, shape (n_epochs,).
    #[getter]
    fn learning_rate<'py>(&self, py: Python<'py>) -> Bound<'py, PyArray1<f64>> {
        with_record!(&self.record, record => array1(py, &record.learning_rate))
    }

    /// Seconds of walking at the end of each epoch, counted from the first start; evaluations of
    /// `full_loss` are not walking. Shape (n_epochs,).
    #[getter]
    fn seconds<'py>(&self, py: Python<'py>) -> Bound<'py, PyArray1<f64>> {
        with_record!(&self.record, record => array1(py, &record.seconds))
    }

    /// The objective of single updates, each on its own batch and before θ moved. With
    /// `record="auto"` every 2nd, 4th, … is kept once they fill an eighth of `path_bytes`.
    #[getter]
    fn update_loss<'py>(&self, py: Python<'py>) -> Bound<'py, PyArray1<f64>> {
        with_record!(&self.record, record => array1(py, record.updates.losses()))
    }

    /// The number, from 1, of the update that each `update_loss` belongs to.
    #[getter]
    fn update_number<'py>(&self, py: Python<'py>) -> Bound<'py, PyArray1<i64>> {
        with_record!(&self.record, record => {
            PyArray1::from_iter(py, record.updates.numbers().map(|number| number as i64))
        })
    }

    /// θ along the walk: shape (k, p), or (k, d + 1, K) for cross_entropy; the start comes first,
    /// the end last.
    #[getter]
    fn path<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        with_record!(&self.record, record => path(py, record, self.n_classes))
    }

    /// How many updates had been made at each point of `path`; 0 is the start. Shape (k,).
    #[getter]
    fn path_update<'py>(&self, py: Python<'py>) -> Bound<'py, PyArray1<i64>> {
        with_record!(&self.record, record => {
            PyArray1::from_iter(py, record.path.updates().map(|update| update as i64))
        })
    }

    /// Bytes that the record holds.
    #[getter]
    fn nbytes(&self) -> usize {
        with_record!(&self.record, record => record.n_bytes())
    }

    fn __repr__(&self) -> String {
        with_record!(&self.record, record => {
            let last = record.loss.last().map_or_else(String::new, |loss| format!(", loss {loss:.6}"));
            format!("<History of {} epochs, {} points of the path{last}>",
                record.loss.len(), record.path.len())
        })
    }
}
