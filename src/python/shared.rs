//! What a model shares between threads: the fitted state behind a lock, and the right to fit.

use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread::{self, ThreadId};
use std::time::{Duration, Instant};

use pyo3::exceptions::PyRuntimeError;
use pyo3::prelude::*;
use pyo3::sync::MutexExt;

use super::model::{Fitted, with_state};

/// The result of fits, shared by all threads that hold the object.
#[derive(Default)]
pub struct Shared {
    fitted: Mutex<Option<Fitted>>,
    busy: AtomicBool,
    /// Who has the right to fit.
    walker: Mutex<Option<ThreadId>>,
    /// Threads that wait for a model with its record.
    waiting: AtomicUsize,
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

    /// What `read` makes of the fitted model with its record, if there is a model.
    ///
    /// While a function of the user's is walked down, a long record is out with the walk: it is
    /// waited for until the walk comes by, between two calls of the function.
    pub fn read_whole<R>(
        &self,
        py: Python<'_>,
        class: &str,
        read: impl Fn(&Fitted) -> R,
    ) -> PyResult<Option<R>> {
        const LONGEST: Duration = Duration::from_secs(20);
        self.waiting.fetch_add(1, Ordering::AcqRel);
        let _waiting = Waiting(&self.waiting);
        let start = Instant::now();
        loop {
            match self.lock(py).as_ref() {
                None => return Ok(None),
                Some(fitted) if with_state!(&fitted.state, state => state.has_record()) => {
                    return Ok(Some(read(fitted)));
                }
                Some(_) => {}
            }
            let walker = *self.walker.lock().unwrap_or_else(PoisonError::into_inner);
            let is_own = walker == Some(thread::current().id());
            // The function may wait for this very thread, and would for ever.
            if is_own || start.elapsed() > LONGEST {
                return Err(PyRuntimeError::new_err(format!(
                    "this {class} is inside a function that it walks down, and its record is not \
                     to be had before the function returns. Copy or save the {class} after the \
                     fit, or in a callback"
                )));
            }
            py.detach(|| thread::sleep(Duration::from_millis(1)));
            py.check_signals()?;
        }
    }

    /// Whether somebody waits for the model with its record.
    pub fn is_whole_wanted(&self) -> bool {
        self.waiting.load(Ordering::Acquire) > 0
    }

    /// Takes the right to fit; it is given back when the guard is dropped.
    pub fn begin(&self, class: &str) -> PyResult<Busy<'_>> {
        if self.busy.swap(true, Ordering::Acquire) {
            return Err(PyRuntimeError::new_err(format!(
                "this {class} is being fitted already, in another thread or by a callback. Wait \
                 for it to end, or make a second {class}"
            )));
        }
        self.set_walker(Some(thread::current().id()));
        Ok(Busy(self))
    }

    fn set_walker(&self, walker: Option<ThreadId>) {
        *self.walker.lock().unwrap_or_else(PoisonError::into_inner) = walker;
    }

    /// Puts a walk that begins in the place of the last one; returns its number.
    pub fn begin_walk(&self, py: Python<'_>, fitted: Fitted) -> u64 {
        *self.lock(py) = Some(fitted);
        self.walks.fetch_add(1, Ordering::AcqRel) + 1
    }

    /// Puts a model that was fitted elsewhere into an object that is new.
    pub fn place(&self, py: Python<'_>, fitted: Fitted) {
        *self.lock(py) = Some(fitted);
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
pub struct Busy<'a>(&'a Shared);

impl Drop for Busy<'_> {
    fn drop(&mut self) {
        self.0.set_walker(None);
        self.0.busy.store(false, Ordering::Release);
    }
}

/// A thread that waits.
struct Waiting<'a>(&'a AtomicUsize);

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::AcqRel);
    }
}
