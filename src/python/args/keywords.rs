//! Unknown keywords, values and attributes. What to write instead is said by one table, in
//! `gradwalk/_words`.

use std::convert::Infallible;

use pyo3::exceptions::{PyAttributeError, PyTypeError};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString};

/// An argument that may be left out, where None is a value like any other (and mostly a wrong one).
pub struct Given<'py>(Option<Bound<'py, PyAny>>);

impl<'py> Given<'py> {
    /// Left out.
    pub const NOT: Self = Given(None);

    /// What was given.
    pub fn get(&self) -> Option<&Bound<'py, PyAny>> {
        self.0.as_ref()
    }
}

impl<'py> FromPyObject<'_, 'py> for Given<'py> {
    type Error = Infallible;

    fn extract(value: Borrowed<'_, 'py, PyAny>) -> Result<Self, Infallible> {
        Ok(Given(Some(value.to_owned())))
    }
}

/// A call that has keywords.
pub struct Call<'a> {
    /// As users write it: `SGD`, `SGD.fit`.
    pub name: &'a str,
    /// Where its signature is to be had: `SGD`, `GradientDescent.fit`.
    pub place: &'a str,
    /// Another call that students mix it up with: how it is written before the argument, and where
    /// its signature is to be had.
    pub other: Option<(&'a str, &'a str)>,
}

impl Call<'_> {
    /// Refuses keywords that are not known, with the name that ours goes by.
    pub fn refuse_unknown(
        &self,
        keywords: Option<&Bound<'_, PyDict>>,
        is_known: impl Fn(&str) -> bool,
    ) -> PyResult<()> {
        let Some(keywords) = keywords else { return Ok(()) };
        for key in keywords.keys() {
            let key = key.to_string();
            if !is_known(&key) {
                let hint = self.hint(keywords.py(), &key)?;
                let message = format!("{} has no argument {key:?}: {hint}", self.name);
                return Err(PyTypeError::new_err(message));
            }
        }
        Ok(())
    }

    /// What to write instead of `word`.
    fn hint(&self, py: Python<'_>, word: &str) -> PyResult<String> {
        let core = py.import("gradwalk._core")?.into_any();
        let arguments_of = |place: &str| -> PyResult<Vec<String>> {
            let call =
                place.split('.').try_fold(core.clone(), |object, name| object.getattr(name))?;
            let signature: String = call.getattr("__text_signature__")?.extract()?;
            Ok(argument_names(&signature).map(str::to_owned).collect())
        };
        let other = match self.other {
            Some((written, place)) => Some((written, arguments_of(place)?)),
            None => None,
        };
        let arguments = arguments_of(self.place)?;
        table(py)?.call_method1("argument", (self.name, arguments, word, other))?.extract()
    }
}

/// The names in a signature as Python writes it, with or without its brackets.
pub fn argument_names(signature: &str) -> impl Iterator<Item = &str> {
    let arguments = signature.trim_matches(['(', ')']).split(", ");
    let names = arguments.map(|argument| argument.split('=').next().unwrap_or(argument));
    names.filter(|name| !matches!(*name, "$self" | "*" | "/"))
}

/// The table of words that students bring from elsewhere. It is asked only where something is
/// wrong already.
pub fn table(py: Python<'_>) -> PyResult<Bound<'_, PyModule>> {
    py.import("gradwalk._words")
}

/// The attribute `word` of `object`, which has none, or has none yet. What the class has says
/// itself why it cannot be had; of what it has not, the table says what to write instead.
pub fn missing_attribute<'py>(
    object: &Bound<'py, PyAny>,
    kind: &str,
    word: &Bound<'py, PyString>,
) -> PyResult<Bound<'py, PyAny>> {
    let py = object.py();
    let plain =
        py.get_type::<PyAny>().call_method1(intern!(py, "__getattribute__"), (object, word));
    let Err(error) = plain else { return plain };
    // Displays and libraries ask for names with an underscore, and often: no table for those.
    let is_private = word.to_cow().map_or(true, |word| word.starts_with('_'));
    if is_private || !error.get_type(py).is(py.get_type::<PyAttributeError>()) {
        return Err(error);
    }
    if object.get_type().hasattr(word)? {
        return Err(error);
    }
    let message = error.value(py).to_string();
    let answer = table(py)?.call_method1("no_attribute", (message, kind, object, word))?;
    Err(PyErr::from_value(answer))
}

/// `error`, which came of calling `function` with so many arguments; if it does not take them, one
/// that says so.
pub fn miscalled<'py>(
    error: PyErr,
    function: &Bound<'py, PyAny>,
    n_arguments: usize,
    expected: &str,
) -> PyErr {
    let py = function.py();
    // An error from inside of a function of Python's has a traceback.
    if !error.get_type(py).is(py.get_type::<PyTypeError>()) || error.traceback(py).is_some() {
        return error;
    }
    let is_misfit = table(py)
        .and_then(|table| table.call_method1("misfit", (function, n_arguments))?.extract::<bool>());
    if !is_misfit.unwrap_or(false) {
        return error;
    }
    let better = PyTypeError::new_err(format!("{expected}; calling it said: {}", error.value(py)));
    better.set_cause(py, Some(error));
    better
}
