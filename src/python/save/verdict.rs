//! A verdict taken apart for pickle, and put together again.

use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyTuple};

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
    figures: &Bound<'_, PyAny>,
) -> PyResult<Verdict> {
    let name = text("kind", kind, "a word")?;
    let kind = Kind::ALL.into_iter().find(|kind| kind.name() == name);
    let kind = kind.ok_or_else(|| wrong_value("kind", "a kind of verdict", quoted(&name)))?;
    let Ok(names) = clauses.cast::<PyTuple>() else {
        return Err(wrong_type("clauses", "a tuple of the names of clauses", clauses));
    };
    let clauses = names.iter().map(|name| {
        let name = text("clauses", &name, "the names of clauses")?;
        let clause = Clause::ALL.iter().find(|clause| clause.name() == name);
        clause.copied().ok_or_else(|| wrong_value("clauses", "names of clauses", quoted(&name)))
    });
    let clauses = clauses.collect::<PyResult<_>>()?;
    let Ok(given) = figures.cast::<PyDict>() else {
        return Err(wrong_type("figures", "a dict of figures by name", figures));
    };
    let mut figures = Figures::default();
    for (name, value) in given {
        let name = text("figures", &name, "figures by name")?;
        let Some(name) = FIGURES.iter().find(|figure| **figure == name) else {
            return Err(wrong_value("figures", "of the names of figures", quoted(&name)));
        };
        match (value.extract::<u64>(), value.extract::<f64>()) {
            (Ok(count), _) => figures.whole(name, count),
            (_, Ok(number)) if number.is_finite() => figures.real(name, number),
            _ => {
                return Err(PyValueError::new_err(format!(
                    "figures[{name:?}] must be a finite number; got {value}"
                )));
            }
        }
    }
    Ok(Verdict { kind, clauses, figures })
}
