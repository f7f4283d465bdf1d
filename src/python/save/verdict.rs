//! A verdict taken apart for pickle, and put together again.

use pyo3::prelude::*;
use pyo3::types::{PyDict, PyFloat, PyTuple};

use super::reduced;
use crate::python::args::scalars::{quoted, text};
use crate::python::exceptions::{wrong_type, wrong_value};
use crate::python::model::verdict::Verdict;
use crate::verdict::{Clause, FIGURES, Figures, Kind};

#[pymethods]
impl Verdict {
    fn __reduce__<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyTuple>> {
        let (py, this) = (slf.py(), slf.get());
        let parts = (this.kind.name(), this.clauses(py)?, this.figures(py)?);
        reduced(py, "_restore_verdict", parts)
    }
}

/// The verdict of these parts, from a pickle.
#[pyfunction]
#[pyo3(name = "_restore_verdict", signature = (kind, clauses, figures, /))]
pub fn restore_verdict(
    kind: &Bound<'_, PyAny>,
    clauses: &Bound<'_, PyAny>,
    figures: &Bound<'_, PyDict>,
) -> PyResult<Verdict> {
    let unknown = |part, name: &str| wrong_value(part, "known to the verdict", quoted(name));
    let name = text("kind", kind, "a word")?;
    let kind = Kind::ALL.into_iter().find(|kind| kind.name() == name);
    let kind = kind.ok_or_else(|| unknown("kind", &name))?;
    let Ok(names) = clauses.cast::<PyTuple>() else {
        return Err(wrong_type("clauses", "a tuple of the names of clauses", clauses));
    };
    let clauses = names.iter().map(|name| {
        let name = text("clauses", &name, "the names of clauses")?;
        let clause = Clause::ALL.iter().find(|clause| clause.name() == name);
        clause.copied().ok_or_else(|| unknown("clauses", &name))
    });
    let clauses = clauses.collect::<PyResult<_>>()?;
    let mut restored = Figures::default();
    // A copy, since reading may run code that changes the dict.
    for (name, value) in figures.copy()? {
        let name = text("figures", &name, "figures by name")?;
        let figure = FIGURES.iter().find(|figure| **figure == name);
        let figure = figure.ok_or_else(|| unknown("figures", &name))?;
        match (value.extract(), value.cast::<PyFloat>()) {
            (Ok(count), _) => restored.whole(figure, count),
            (_, Ok(number)) => restored.real(figure, number.value()),
            _ => return Err(wrong_type("figures", "numbers", &value)),
        }
    }
    Ok(Verdict { kind, clauses, figures: restored })
}
