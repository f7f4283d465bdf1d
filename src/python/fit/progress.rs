//! `progress=`: tells a display of Python's, now and then, how far a walk has come.

use std::cell::{Cell, RefCell};
use std::time::{Duration, Instant};

use pyo3::exceptions::{PyException, PyRuntimeWarning};
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::PyType;

use crate::batches::{Batching, Sampling};
use crate::descent::Plan;
use crate::python::args::scalars::is_boolean;
use crate::python::model::fitted::{Fitted, with_state};

/// How often a display hears of the walk: as often as an eye follows.
const BETWEEN: Duration = Duration::from_millis(100);

/// The display that `progress=` asks for, if it asks for one. `unit` is what its rate counts.
pub fn open<'py>(
    model: &Bound<'py, PyAny>,
    progress: Option<&Bound<'py, PyAny>>,
    unit: &str,
) -> PyResult<Option<Bound<'py, PyAny>>> {
    match progress {
        None => Ok(None),
        Some(progress) if is_boolean(progress) && !progress.is_truthy()? => Ok(None),
        Some(progress) => {
            let module = model.py().import("gradwalk.progress")?;
            module.call_method1("_display", (progress, model, unit)).map(Some)
        }
    }
}

/// The epoch from 1, epochs, rows visited and in all; loss, validation loss, η.
pub type Numbers = (u64, u64, u64, u64, f64, f64, f64);

/// A display while a walk goes on.
///
/// Whatever goes wrong in it is reported by one warning, and the display is left alone from then on:
/// the walk is worth more. But the stop button, which may be pressed while it draws, is obeyed.
pub struct Display<'a, 'py> {
    object: &'a Bound<'py, PyAny>,
    plan: &'a Plan,
    n_rows: usize,
    due: Cell<Instant>,
    is_broken: Cell<bool>,
    /// The warning, where it is an exception: it waits until the walk is over.
    complaint: RefCell<Option<PyErr>>,
}

impl<'a, 'py> Display<'a, 'py> {
    /// A display of a walk over `n_rows` rows.
    pub fn new(object: &'a Bound<'py, PyAny>, plan: &'a Plan, n_rows: usize) -> Self {
        Display {
            object,
            plan,
            n_rows,
            due: Cell::new(Instant::now()),
            is_broken: Cell::new(false),
            complaint: RefCell::default(),
        }
    }

    /// Whether it is time to show something.
    pub fn is_due(&self) -> bool {
        !self.is_broken.get() && Instant::now() >= self.due.get()
    }

    /// Shows where the walk stands. An error is one that the walk has to stop for.
    pub fn show(&self, numbers: Option<Numbers>) -> PyResult<()> {
        let shown = self.tell("show", numbers);
        self.due.set(Instant::now() + BETWEEN);
        self.survive(shown)
    }

    /// Shows how the walk ended.
    pub fn close(&self, numbers: Option<Numbers>) -> PyResult<()> {
        if !self.is_broken.get() {
            self.survive(self.tell("close", numbers))?;
        }
        self.complaint.take().map_or(Ok(()), Err)
    }

    fn tell(&self, method: &str, numbers: Option<Numbers>) -> PyResult<()> {
        static CLASS: PyOnceLock<Py<PyType>> = PyOnceLock::new();
        let Some(numbers) = numbers else { return Ok(()) };
        let class = CLASS.import(self.object.py(), "gradwalk.progress", "Standing")?;
        self.object.call_method1(method, (class.call1(numbers)?,)).map(drop)
    }

    fn survive(&self, result: PyResult<()>) -> PyResult<()> {
        let py = self.object.py();
        match result {
            Ok(()) => Ok(()),
            Err(error) if error.is_instance_of::<PyException>(py) => {
                self.is_broken.set(true);
                let said = error.to_string().replace('\0', " ");
                let message = format!("the display of progress failed, and is off now: {said}");
                let message = std::ffi::CString::new(message).unwrap_or_default();
                let category = py.get_type::<PyRuntimeWarning>();
                if let Err(complaint) = PyErr::warn(py, &category, &message, 1) {
                    // Pressed while the warning was written.
                    if !complaint.is_instance_of::<PyException>(py) {
                        return Err(complaint);
                    }
                    self.complaint.replace(Some(complaint));
                }
                Ok(())
            }
            Err(error) => Err(error),
        }
    }

    /// Where the walk stands.
    pub fn numbers(&self, fitted: &Fitted) -> Numbers {
        let Plan { batching, first_epoch, until_epoch, .. } = self.plan;
        with_state!(&fitted.state, state => {
            let under_way = state.under_way();
            let (visited, loss_so_far) = under_way.unwrap_or((0, f64::NAN));
            let history = state.history();
            let done = state.epochs();
            (
                done + u64::from(under_way.is_some()),
                *until_epoch,
                rows_of(batching, self.n_rows, done.saturating_sub(*first_epoch))
                    .saturating_add(visited as u64),
                rows_of(batching, self.n_rows, until_epoch - first_epoch),
                history.loss.last().copied().unwrap_or(loss_so_far),
                history.validation_loss.last().copied().unwrap_or(f64::NAN),
                state.last_learning_rate(),
            )
        })
    }
}

/// Rows that the first `epochs` epochs of a plan visit.
fn rows_of(batching: &Batching, n_rows: usize, epochs: u64) -> u64 {
    let kept = |length: usize| match batching.drop_last {
        true => (length - length % batching.batch_size) as u64,
        false => length as u64,
    };
    match &batching.sampling {
        Sampling::Replay(order) => {
            let epochs = usize::try_from(epochs).unwrap_or(usize::MAX);
            order.iter().take(epochs).map(|rows| kept(rows.len())).sum()
        }
        _ => kept(n_rows).saturating_mul(epochs),
    }
}
