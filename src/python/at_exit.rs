//! The end of the interpreter while daemon threads walk down functions of the user's.
//!
//! Such a thread is ended where it next asks for the interpreter, by unwinding its stack; that goes
//! through frames of ours, which may not be unwound so, and aborts the process. So at exit walks that
//! call Python are asked to end first.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use pyo3::exceptions::PySystemExit;
use pyo3::prelude::*;

static WALKS: AtomicUsize = AtomicUsize::new(0);
static IS_CLOSING: AtomicBool = AtomicBool::new(false);

/// A walk that calls Python, for as long as this lives.
pub struct Calling(());

impl Calling {
    /// Such a walk begins.
    pub fn begin() -> Self {
        WALKS.fetch_add(1, Ordering::SeqCst);
        Calling(())
    }
}

impl Drop for Calling {
    fn drop(&mut self) {
        WALKS.fetch_sub(1, Ordering::SeqCst);
    }
}

/// To be asked before each call: ends a thread whose interpreter is about to go.
pub fn go_on() -> PyResult<()> {
    if IS_CLOSING.load(Ordering::Relaxed) { Err(PySystemExit::new_err(())) } else { Ok(()) }
}

/// Asks all walks that call Python to end, and waits for them for a while. Called at exit, when no
/// other threads than daemons are left.
#[pyfunction]
#[pyo3(name = "_end_walks")]
pub fn end_walks(py: Python<'_>) {
    const LONGEST: Duration = Duration::from_secs(2);
    IS_CLOSING.store(true, Ordering::SeqCst);
    let start = Instant::now();
    while WALKS.load(Ordering::SeqCst) > 0 && start.elapsed() < LONGEST {
        py.detach(|| std::thread::sleep(Duration::from_millis(1)));
    }
    // Functions that are called at exit after this one may walk.
    IS_CLOSING.store(false, Ordering::SeqCst);
}
