//! What a model shares between threads: the fitted state behind a lock, and the right to fit.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use pyo3::exceptions::PyRuntimeError;
use pyo3::prelude::*;
use pyo3::sync::MutexExt;

use super::model::Fitted;

/// The result of fits, shared by all threads that hold the object.
#[derive(Default)]
pub struct Shared {
    fitted: Mutex<Option<Fitted>>,
    busy: AtomicBool,
    /// Walks begun on this object.
    walks: AtomicU64,
}

impl Shared {
    /// The fitted model, if there is one. Waits for the slice that is being walked, detached.
    pub fn lock(&self, py: Python<'_>) -> MutexGuard<'_, Option<Fitted>> {
        // A slice that panicked left a state that is old but whole.
        self.fitted.lock_py_attached(py).unwrap_or_else(PoisonError::into_inner)
    }

    /// The same, for a thread that is detached from the interpreter already.
    pub fn lock_detached(&self) -> MutexGuard<'_, Option<Fitted>> {
        self.fitted.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes the right to fit; it is given back when the guard is dropped.
    pub fn begin(&self, class: &str) -> PyResult<Busy<'_>> {
        if self.busy.swap(true, Ordering::Acquire) {
            return Err(PyRuntimeError::new_err(format!(
                "this {class} is being fitted already, in another thread or by a callback. Wait \
                 for it to end, or make a second {class}"
            )));
        }
        Ok(Busy(&self.busy))
    }

    /// Puts a walk that begins in the place of the last one; returns its number.
    pub fn begin_walk(&self, py: Python<'_>, fitted: Fitted) -> u64 {
        *self.lock(py) = Some(fitted);
        self.walks.fetch_add(1, Ordering::AcqRel) + 1
    }

    /// Ends the hold that `steps` has on the walk, which somebody else takes up.
    pub fn leave_walk(&self) {
        self.walks.fetch_add(1, Ordering::AcqRel);
    }

    /// The number of the walk that the object holds.
    pub fn walk_number(&self) -> u64 {
        self.walks.load(Ordering::Acquire)
    }
}

/// The right to fit.
pub struct Busy<'a>(&'a AtomicBool);

impl Drop for Busy<'_> {
    fn drop(&mut self) {
        self.0.store(false, Ordering::Release);
    }
}
