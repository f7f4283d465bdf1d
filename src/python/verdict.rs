//! `history_.verdict`, as Python sees it.

use pyo3::prelude::*;

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

#[pymethods]
impl Verdict {
    fn __str__(&self) -> String {
        format!("{}: {}", self.word, self.sentence)
    }

    fn __repr__(&self) -> String {
        format!("<Verdict {:?}: {}>", self.word, self.sentence)
    }
}
