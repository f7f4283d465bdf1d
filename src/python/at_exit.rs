//! The end of the interpreter while daemon threads are in the core.
//!
//! Such a thread is ended where it next asks for the interpreter, by unwinding its stack; that goes
//! through frames of ours, which may not be unwound so, and aborts the process. So at exit those that
//! work with the interpreter free, or call Python, are asked to end first.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::{self, ThreadId};
use std::time::{Duration, Instant};

use pyo3::exceptions::PySystemExit;
use pyo3::marker::Ungil;
use pyo3::prelude::*;

/// Threads that are in the core and will ask for the interpreter.
static INSIDE: AtomicUsize = AtomicUsize::new(0);

/// The thread that closes the interpreter. Functions that it calls at exit may still walk.
static CLOSING: OnceLock<ThreadId> = OnceLock::new();

/// A thread in the core that will ask for the interpreter, for as long as this lives.
pub struct Inside(());

impl Inside {
    pub fn begin() -> Self {
        INSIDE.fetch_add(1, Ordering::SeqCst);
        Inside(())
    }
}

impl Drop for Inside {
    fn drop(&mut self) {
        INSIDE.fetch_sub(1, Ordering::SeqCst);
    }
}

/// To be asked before the interpreter is let go: ends a thread whose interpreter is about to go.
pub fn go_on() -> PyResult<()> {
    match CLOSING.get() {
        Some(&closing) if closing != thread::current().id() => Err(PySystemExit::new_err(())),
        _ => Ok(()),
    }
}

/// Does `work` with the interpreter free.
pub fn detach<R: Ungil>(py: Python<'_>, work: impl FnOnce() -> R + Ungil) -> PyResult<R> {
    go_on()?;
    let inside = Inside::begin();
    let done = py.detach(work);
    drop(inside);
    Ok(done)
}

/// Asks all threads in the core to end, and waits for them for a while. Called at exit, when no
/// other threads than daemons are left.
#[pyfunction]
#[pyo3(name = "_end_walks")]
pub fn end_walks(py: Python<'_>) {
    const LONGEST: Duration = Duration::from_secs(2);
    CLOSING.get_or_init(|| thread::current().id());
    let start = Instant::now();
    while INSIDE.load(Ordering::SeqCst) > 0 && start.elapsed() < LONGEST {
        py.detach(|| thread::sleep(Duration::from_millis(1)));
    }
}
