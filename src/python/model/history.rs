//! `history_`: the record of a walk as Python sees it.

use std::sync::Arc;

use numpy::PyArray1;
use pyo3::exceptions::{PyAttributeError, PyTypeError};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PySlice, PyString};

use super::fitted::{AnyState, Fitted, reshaped};
use super::verdict::Verdict;
use crate::history;
use crate::python::args::keywords::{missing_attribute, table};
use crate::python::arrays::array1;
use crate::python::exceptions::Growth;
use crate::rule::Rule;
use crate::stop::StopReason;
use crate::verdict::{self, Setting, Shape};

/// The record of a walk: a snapshot that later fits do not change.
///
/// Every attribute is a fresh NumPy array. One entry an epoch: `loss`, `learning_rate`,
/// `grad_norm`, `seconds` (and `full_loss`, with one more for the start). One entry an update, as
/// far as `record` and `path_bytes` let it be kept: `update_loss` and `path`.
// A mapping, so that NumPy takes it for one object and not for a sequence.
#[pyclass(frozen, mapping, module = "gradwalk")]
pub struct History {
    pub(in crate::python) record: AnyRecord,
    pub(in crate::python) params_shape: Vec<usize>,
    pub(in crate::python) stopped: Option<StopReason>,
    pub(in crate::python) rule: Rule,
    pub(in crate::python) l1: f64,
    pub(in crate::python) shape: Shape,
    /// Whether θ begins with an intercept; nothing is known of the θ of a function.
    pub(in crate::python) has_intercept: Option<bool>,
}

/// A record in one of the two precisions.
pub enum AnyRecord {
    /// Single.
    F32(Arc<history::History<f32>>),
    /// Double.
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
        History {
            record,
            params_shape: fitted.params_shape.clone(),
            stopped: fitted.stopped(),
            rule: fitted.rule,
            l1: fitted.l1,
            shape: fitted.shape,
            has_intercept: (!fitted.is_function).then_some(fitted.fit_intercept),
        }
    }

    /// Whether θ begins with an intercept; of a function there is no such `attribute`.
    fn has_intercept(&self, attribute: &str) -> PyResult<bool> {
        self.has_intercept.ok_or_else(|| {
            PyAttributeError::new_err(format!(
                "there is no {attribute}: this walk went down a function, and its θ is in path"
            ))
        })
    }

    /// How the walk went.
    pub fn judge(&self) -> verdict::Verdict {
        let setting = Setting { rule: self.rule, l1: self.l1, shape: self.shape };
        with_record!(&self.record, record => verdict::verdict(record, self.stopped, &setting))
    }

    /// Whether a tolerance was met, and rightly so.
    pub fn has_converged(&self) -> bool {
        self.stopped.is_some_and(|reason| reason.is_of_tolerance())
            && self.judge().kind == verdict::Kind::Converged
    }

    /// What to warn of, in a walk that diverges by its verdict though every number is finite.
    pub fn growth(&self) -> Option<Growth> {
        let losses = self.ends_of_doubt()?;
        if self.shape.says_nothing_at(losses.0) {
            return None;
        }
        let verdict = self.judge();
        let is_a_fall = verdict.clauses.contains(&verdict::Clause::NoLowest);
        let is_above = losses.1 > losses.0;
        let diverges = verdict.kind == verdict::Kind::Diverging && (is_above || is_a_fall);
        (diverges || verdict.ends_above_start).then(|| Growth {
            losses,
            learning_rate: self.last_learning_rate(),
            is_a_fall,
        })
    }

    /// η at the end.
    pub fn last_learning_rate(&self) -> f64 {
        with_record!(&self.record, record => record.learning_rate.last().copied().unwrap_or(f64::NAN))
    }

    /// f at the start, where that is on record, and f at the end: of a walk that takes the whole at
    /// each update, or was asked to look at it.
    pub fn first_value(&self) -> Option<f64> {
        with_record!(&self.record, record => {
            let is_whole = record.epoch_updates.iter().all(|&updates| updates == 1);
            let first = if is_whole { &record.loss } else { &record.full_loss };
            first.first().copied()
        })
    }

    /// The first and the last loss, on all rows if there are such, of a walk that may diverge: the
    /// last is above one before it, or the last fall is a good part of all. Without that the verdict
    /// is not worth its time.
    fn ends_of_doubt(&self) -> Option<(f64, f64)> {
        with_record!(&self.record, record => {
            let all = [&record.full_loss, &record.loss].into_iter().find(|all| all.len() >= 2)?;
            let (first, before, last) = (all[0], all[all.len() - 2], all[all.len() - 1]);
            let is_doubtful = last > first || last > before || before - last > 0.1 * (first - last);
            is_doubtful.then_some((first, last))
        })
    }
}

#[pymethods]
impl History {
    /// Mean of the objectives of each epoch's batches, weighted by their rows, so that a short last
    /// batch counts for less: penalty and sample weights included, each taken before its update,
    /// while θ moved. Shape (n_epochs,). For BatchGD this is the objective f before the update of
    /// that epoch.
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

    /// Updates of each epoch, shape (n_epochs,).
    #[getter]
    fn updates_per_epoch<'py>(&self, py: Python<'py>) -> Bound<'py, PyArray1<i64>> {
        with_record!(&self.record, record => {
            PyArray1::from_iter(py, record.epoch_updates.iter().map(|&updates| updates as i64))
        })
    }

    /// Mean loss on the validation data, without penalty, after each epoch: shape (n_epochs,).
    /// Empty unless `fit` had validation data.
    #[getter]
    fn validation_loss<'py>(&self, py: Python<'py>) -> Bound<'py, PyArray1<f64>> {
        with_record!(&self.record, record => array1(py, &record.validation_loss))
    }

    /// One column of each kind that has an entry an epoch, by name: for pandas or polars.
    ///
    /// `full_loss` is that after the epoch. Columns that the walk does not have are left out.
    fn to_dict<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let columns = PyDict::new(py);
        with_record!(&self.record, record => {
            let epochs = 1..=record.loss.len() as i64;
            columns.set_item("epoch", PyArray1::from_iter(py, epochs))?;
            columns.set_item("updates", self.updates_per_epoch(py))?;
            let full_loss = record.full_loss.get(1..).unwrap_or_default();
            for (name, column) in [
                ("loss", &record.loss[..]),
                ("full_loss", full_loss),
                ("validation_loss", &record.validation_loss),
                ("grad_norm", &record.grad_norm),
                ("learning_rate", &record.learning_rate),
                ("seconds", &record.seconds),
            ] {
                // An epoch begun without, by partial_fit say, leaves a column short: it is left out.
                if column.len() == record.loss.len() {
                    columns.set_item(name, array1(py, column))?;
                }
            }
        });
        Ok(columns)
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
        with_record!(&self.record, record => {
            let shape = [&[record.path.len()], &self.params_shape[..]].concat();
            reshaped(PyArray1::from_vec(py, record.path.points()?), &shape)
        })
    }

    /// w along the walk, as ``coef_`` has it: shape (k, d), or (k, K, d) for cross_entropy.
    #[getter]
    fn coef_path<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let slice = py.get_type::<PySlice>();
        let first = usize::from(self.has_intercept("coef_path")?);
        let coef = self
            .path(py)?
            .get_item((slice.call1((py.None(),))?, slice.call1((first, py.None()))?))?;
        match self.params_shape[..] {
            [_, _] => coef.call_method1("swapaxes", (1, 2)),
            _ => Ok(coef),
        }
    }

    /// b along the walk: shape (k,), or (k, K) for cross_entropy; zeros with fit_intercept=False.
    #[getter]
    fn intercept_path<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let has_intercept = self.has_intercept("intercept_path")?;
        let all = py.get_type::<PySlice>().call1((py.None(),))?;
        let first = self.path(py)?.get_item((all, 0))?;
        if has_intercept { first.call_method0("copy") } else { first.mul(0) }
    }

    /// How many updates had been made at each point of `path`; 0 is the start. Shape (k,).
    #[getter]
    fn path_update<'py>(&self, py: Python<'py>) -> Bound<'py, PyArray1<i64>> {
        with_record!(&self.record, record => {
            PyArray1::from_iter(py, record.path.updates().map(|update| update as i64))
        })
    }

    /// How the walk went: `verdict.kind`, `verdict.figures`, and in the language that is set
    /// `verdict.word` and `verdict.sentence`.
    #[getter]
    fn verdict(&self) -> Verdict {
        self.judge().into()
    }

    /// Bytes that the record holds, with its spare capacity, of which an unpickled copy has none.
    #[getter]
    fn nbytes(&self) -> usize {
        with_record!(&self.record, record => record.n_bytes())
    }

    /// Called for an attribute that a record does not have.
    fn __getattr__<'py>(
        slf: &Bound<'py, Self>,
        word: &Bound<'py, PyString>,
    ) -> PyResult<Bound<'py, PyAny>> {
        missing_attribute(slf.as_any(), "history", word)
    }

    /// A record is no dict and no list; this says what to write instead.
    fn __getitem__(&self, key: &Bound<'_, PyAny>) -> PyResult<()> {
        Err(no_items(key.py(), "item", Some(key))?)
    }

    /// See `__getitem__`.
    fn __iter__(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        Err(no_items(py, "iteration", None)?)
    }

    /// See `__getitem__`.
    fn __len__(&self, py: Python<'_>) -> PyResult<usize> {
        Err(no_items(py, "length", None)?)
    }

    fn __bool__(&self) -> bool {
        true
    }

    /// The record as a notebook shows it.
    fn _repr_html_<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        slf.py().import("gradwalk.display")?.call_method1("history", (slf,))
    }

    fn __repr__(&self) -> String {
        with_record!(&self.record, record => {
            let last =
                record.loss.last().map_or_else(String::new, |&loss| format!(", loss {}", short(loss)));
            format!("<History of {} epochs, {} points of the path{last}>",
                record.loss.len(), record.path.len())
        })
    }
}

/// The error of asking a record for an item, its items, or their number.
fn no_items(py: Python<'_>, asked: &str, key: Option<&Bound<'_, PyAny>>) -> PyResult<PyErr> {
    let answer = table(py)?.call_method1("no_items", (asked, key))?;
    Ok(PyTypeError::new_err(answer.extract::<String>()?))
}

/// A loss to six digits: as it is, or by a power of ten where it is very small or very large.
fn short(loss: f64) -> String {
    if loss == 0.0 || (1e-4..1e9).contains(&loss.abs()) || !loss.is_finite() {
        format!("{loss:.6}")
    } else {
        format!("{loss:.5e}")
    }
}
