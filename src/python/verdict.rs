//! `history_.verdict`, as Python sees it.

use pyo3::prelude::*;
use pyo3::types::PyTuple;

use super::arguments::{quoted, text};
use super::errors::wrong_value;
use super::saving::reduced;
use crate::verdict;

/// How a walk went: a word, and a sentence with the figures that speak for it.
///
/// Attributes
/// ----------
/// word : str
///     "converged", "still descending", "oscillating", "diverging" or "stuck on a plateau".
/// sentence : str
///     The evidence.
#[pyclass(frozen, eq, hash, get_all, module = "gradwalk")]
#[derive(PartialEq, Eq, Hash)]
pub struct Verdict {
    word: &'static str,
    sentence: String,
}

impl From<verdict::Verdict> for Verdict {
    fn from(verdict: verdict::Verdict) -> Self {
        Verdict { word: verdict.kind.words(), sentence: verdict.sentence }
    }
}

/// The verdict of these words, from a pickle.
#[pyfunction]
#[pyo3(name = "_restore_verdict", signature = (word, sentence, /))]
pub fn restore_verdict(word: &Bound<'_, PyAny>, sentence: &Bound<'_, PyAny>) -> PyResult<Verdict> {
    let word = &*text("word", word, "a word")?;
    let sentence = text("sentence", sentence, "a sentence")?;
    match verdict::Kind::ALL.into_iter().find(|kind| kind.words() == word) {
        Some(kind) => Ok(verdict::Verdict { kind, sentence }.into()),
        None => Err(wrong_value("word", "one of the words of a verdict", quoted(word))),
    }
}

#[pymethods]
impl Verdict {
    fn __reduce__<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyTuple>> {
        let Verdict { word, sentence } = slf.get();
        reduced(slf.py(), "_restore_verdict", (*word, sentence))
    }

    /// The verdict as a notebook shows it.
    fn _repr_html_<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        slf.py().import("gradwalk.display")?.call_method1("verdict", (slf,))
    }

    fn __str__(&self) -> String {
        format!("{}: {}", self.word, self.sentence)
    }

    fn __repr__(&self) -> String {
        format!("<Verdict {:?}: {}>", self.word, self.sentence)
    }
}
