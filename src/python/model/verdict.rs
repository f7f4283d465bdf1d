//! `history_.verdict`, as Python sees it.
//!
//! Kind, clauses and figures come from [`crate::verdict`]; what they sound like is said by the tables
//! of `gradwalk.language`, at the moment that they are read.

use std::hash::{Hash, Hasher};

use pyo3::prelude::*;
use pyo3::types::{PyDict, PyTuple};

use crate::verdict::{self, Clause, Figure, Figures, Kind};

/// How a walk went: its kind, the figures that speak for it, and the same in words.
///
/// Attributes
/// ----------
/// kind : str
///     "converged", "still descending", "narrow valley", "oscillating", "diverging", "plateau" or
///     "stationary point". For code: it does not depend on the language.
/// figures : dict
///     The figures behind it, by name: "loss", "fall", "gradient_left" (the gradient norm as a share
///     of its largest), "condition_number" of a valley, and so on, as far as they are known.
/// clauses : tuple of str
///     Names of what there is to say, as they follow each other in the sentence.
/// word : str
///     The kind in the language that is set (see `set_language`).
/// sentence : str
///     The evidence, in that language, and what may help.
#[pyclass(frozen, eq, hash, module = "gradwalk")]
pub struct Verdict {
    pub(in crate::python) kind: Kind,
    pub(in crate::python) clauses: Vec<Clause>,
    pub(in crate::python) figures: Figures,
}

impl From<verdict::Verdict> for Verdict {
    fn from(verdict: verdict::Verdict) -> Self {
        let verdict::Verdict { kind, clauses, figures, .. } = verdict;
        Verdict { kind, clauses, figures }
    }
}

impl PartialEq for Verdict {
    fn eq(&self, other: &Self) -> bool {
        (self.kind, &self.clauses, &self.figures) == (other.kind, &other.clauses, &other.figures)
    }
}

impl Eq for Verdict {}

impl Hash for Verdict {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (self.kind, &self.clauses).hash(state);
    }
}

impl Verdict {
    /// What a function of `gradwalk.language` makes of it.
    fn said<'py>(slf: &Bound<'py, Self>, function: &str) -> PyResult<Bound<'py, PyAny>> {
        slf.py().import("gradwalk.language")?.call_method1(function, (slf,))
    }
}

#[pymethods]
impl Verdict {
    #[getter]
    fn kind(&self) -> &'static str {
        self.kind.name()
    }

    #[getter]
    pub fn figures<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let figures = PyDict::new(py);
        for (name, figure) in self.figures.iter() {
            match figure {
                Figure::Whole(count) => figures.set_item(name, count)?,
                Figure::Real(number) => figures.set_item(name, number)?,
            }
        }
        Ok(figures)
    }

    #[getter]
    pub fn clauses<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        PyTuple::new(py, self.clauses.iter().map(|clause| clause.name()))
    }

    #[getter]
    fn word<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        Self::said(slf, "word_of")
    }

    #[getter]
    fn sentence<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        Self::said(slf, "sentence_of")
    }

    /// The verdict as a notebook shows it.
    fn _repr_html_<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        slf.py().import("gradwalk.display")?.call_method1("verdict", (slf,))
    }

    fn __str__(slf: &Bound<'_, Self>) -> PyResult<String> {
        Ok(format!("{}: {}", Self::word(slf)?, Self::sentence(slf)?))
    }

    fn __repr__(slf: &Bound<'_, Self>) -> PyResult<String> {
        Ok(format!("<Verdict {:?}: {}>", slf.get().kind.name(), Self::sentence(slf)?))
    }
}
