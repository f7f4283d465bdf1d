//! What a model shares between threads: the fitted state behind a lock, and the right to fit.

use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError, TryLockError};
use std::thread::{self, ThreadId};
use std::time::{Duration, Instant};

use pyo3::exceptions::PyRuntimeError;
use pyo3::prelude::*;
use pyo3::sync::MutexExt;

use super::fitted::{Fitted, with_state};
use crate::python::at_exit;

/// The result of fits, shared by all threads that hold the object.
#[derive(Default)]
pub struct Shared {
    fitted: Mutex<Option<Fitted>>,
    busy: AtomicBool,
    /// The holder of the right to fit.
    walker: Mutex<Option<ThreadId>>,
    /// The process of the last fit. After a fork the child has the locks, but not the threads.
    process: AtomicU32,
    /// Threads that wait for a model with its record.
    waiting: AtomicUsize,
    /// Walks begun on this object.
    walks: AtomicU64,
}

impl Shared {
    /// The fitted model, if there is one. Waits for the slice that is being walked, detached.
    pub fn lock(&self, py: Python<'_>) -> PyResult<MutexGuard<'_, Option<Fitted>>> {
        // A slice that panicked left a state that is old but whole.
        match self.fitted.try_lock() {
            Ok(guard) => return Ok(guard),
            Err(TryLockError::Poisoned(poisoned)) => return Ok(poisoned.into_inner()),
            Err(TryLockError::WouldBlock) if self.is_orphan() => return Err(lost()),
            Err(TryLockError::WouldBlock) => {}
        }
        Ok(self.fitted.lock_py_attached(py).unwrap_or_else(PoisonError::into_inner))
    }

    /// Whether whoever fits, or fitted last, did so in another process.
    fn is_orphan(&self) -> bool {
        self.process.load(Ordering::Acquire) != std::process::id()
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
            match self.lock(py)?.as_ref() {
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
            at_exit::detach(py, || thread::sleep(Duration::from_millis(1)))?;
            py.check_signals()?;
        }
    }

    /// Whether a thread waits for the model with its record.
    pub fn is_whole_wanted(&self) -> bool {
        self.waiting.load(Ordering::Acquire) > 0
    }

    /// Takes the right to fit; it is given back when the guard is dropped.
    pub fn begin(&self, class: &str) -> PyResult<Busy<'_>> {
        // A thread that was fitting when this process was forked off does not do so here; but the
        // lock, if it had it, is never given back.
        if self.is_orphan() && matches!(self.fitted.try_lock(), Err(TryLockError::WouldBlock)) {
            return Err(lost());
        }
        if self.busy.swap(true, Ordering::Acquire) && !self.is_orphan() {
            return Err(PyRuntimeError::new_err(format!(
                "this {class} is being fitted already, in another thread or by a callback. Wait \
                 for it to end, or make a second {class}"
            )));
        }
        self.process.store(std::process::id(), Ordering::Release);
        self.set_walker(Some(thread::current().id()));
        Ok(Busy(self))
    }

    fn set_walker(&self, walker: Option<ThreadId>) {
        *self.walker.lock().unwrap_or_else(PoisonError::into_inner) = walker;
    }

    /// Puts a walk that begins in the place of the last one; returns its number.
    pub fn begin_walk(&self, py: Python<'_>, fitted: Fitted) -> PyResult<u64> {
        *self.lock(py)? = Some(fitted);
        Ok(self.walks.fetch_add(1, Ordering::AcqRel) + 1)
    }

    /// Puts a model that was fitted elsewhere into an object that is new.
    pub fn place(&self, py: Python<'_>, fitted: Fitted) -> PyResult<()> {
        *self.lock(py)? = Some(fitted);
        Ok(())
    }

    /// Ends the hold that `steps` has on the walk, which another call takes up.
    pub fn leave_walk(&self) {
        self.walks.fetch_add(1, Ordering::AcqRel);
    }

    /// The number of the walk that the object holds.
    pub fn walk_number(&self) -> u64 {
        self.walks.load(Ordering::Acquire)
    }
}

/// The complaint about a model whose walk goes on in the parent process alone.
fn lost() -> PyErr {
    PyRuntimeError::new_err(
        "another thread was fitting this model when this process was forked off: here its state \
         is lost. Make a new one, or fork between two fits",
    )
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
