//! Passes over a column of numbers with an eye on the stop button.

use std::ops::Range;
use std::time::{Duration, Instant};

use pyo3::prelude::*;

use crate::python::at_exit;
use crate::real::Real;
use crate::rows::{self, Column, PIECE};

/// How long a slice should last: short enough for the stop button, long enough to cost nothing.
pub const SLICE: Duration = Duration::from_millis(40);

/// What work with the interpreter free is to ask now and then whether it may go on.
pub fn stop_button() -> impl FnMut() -> PyResult<()> {
    let mut asked = Instant::now();
    move || {
        if asked.elapsed() < SLICE {
            return Ok(());
        }
        asked = Instant::now();
        at_exit::go_on()?;
        Python::attach(|py| py.check_signals())
    }
}

/// Does `work` over 0 … `count` − 1, piece by piece.
pub fn in_pieces(
    py: Python<'_>,
    count: usize,
    work: impl FnMut(Range<usize>) -> PyResult<()>,
) -> PyResult<()> {
    rows::in_pieces(count, &mut || py.check_signals(), work)
}

/// Does work over `count` things in slices, between which the stop button is looked at. `slice` is
/// given a range of things, whose length is a multiple of `unit` but for the last, and runs with
/// the interpreter free.
pub fn in_slices<E: Into<PyErr> + Send>(
    py: Python<'_>,
    count: usize,
    unit: usize,
    mut slice: impl FnMut(Range<usize>) -> Result<(), E> + Send,
) -> PyResult<()> {
    let unit = unit.max(1);
    let (mut start, mut units) = (0, 1usize);
    while start < count {
        let end = count.min(start.saturating_add(units.saturating_mul(unit)));
        let clock = Instant::now();
        let slice = &mut slice;
        at_exit::detach(py, move || slice(start..end))?.map_err(Into::into)?;
        let took = clock.elapsed();
        if took < SLICE / 2 {
            units = units.saturating_mul(2);
        } else if took > SLICE * 2 {
            units = (units / 2).max(1);
        }
        py.check_signals()?;
        start = end;
    }
    Ok(())
}

/// The first row whose number `is_it`.
pub fn first_row<T: Real>(
    py: Python<'_>,
    column: &Column<'_, T>,
    mut is_it: impl FnMut(T) -> bool,
) -> PyResult<Option<usize>> {
    for start in (0..column.len()).step_by(PIECE) {
        let mut rows = start..column.len().min(start + PIECE);
        if let Some(row) = rows.find(|&row| is_it(column.get(row))) {
            return Ok(Some(row));
        }
        py.check_signals()?;
    }
    Ok(None)
}
