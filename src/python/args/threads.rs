//! How many threads a fit may use.

use std::num::NonZero;

use pyo3::prelude::*;

use crate::python::exceptions::wrong_value;

/// Ours first: OpenMP's is what job schedulers set.
const VARIABLES: [&str; 2] = ["GRADWALK_NUM_THREADS", "OMP_NUM_THREADS"];

/// The most that anybody can mean.
pub const MOST_THREADS: u64 = 1024;

/// Threads for work over rows: `n_threads`, else what the environment says, else the processors that
/// this process may use; but one where Python reads the rows.
pub fn count(n_threads: Option<usize>, python_reads: bool) -> PyResult<usize> {
    let count = allowed(n_threads)?;
    // The interpreter is one, and reads for one thread at a time.
    Ok(if python_reads { 1 } else { count })
}

fn allowed(n_threads: Option<usize>) -> PyResult<usize> {
    if let Some(count) = n_threads {
        return Ok(count);
    }
    for variable in VARIABLES {
        let Some(value) = std::env::var_os(variable).filter(|value| !value.is_empty()) else {
            continue;
        };
        // OpenMP takes a list, one number for each level of nesting: the first is meant.
        let first = value.to_str().and_then(|value| value.split(',').next());
        match first.and_then(|first| first.trim().parse().ok()) {
            Some(count @ 1..=MOST_THREADS) => return Ok(count as usize),
            // OpenMP itself ignores what it does not understand.
            _ if variable == VARIABLES[1] => {}
            _ => {
                let argument = format!("the environment variable {variable}");
                let expected = format!("a whole number from 1 to {MOST_THREADS}");
                return Err(wrong_value(&argument, expected, value.to_string_lossy()));
            }
        }
    }
    Ok(std::thread::available_parallelism().map_or(1, NonZero::get))
}

/// How many threads a fit may use where `n_threads` says nothing, for what runs beside the core.
#[pyfunction]
pub fn thread_count() -> PyResult<usize> {
    allowed(None)
}
