//! Saved parts as Python has them: a dict of NumPy arrays and plain numbers.

use numpy::{Element, PyArray1, PyArrayDyn, PyArrayMethods, PyUntypedArray, PyUntypedArrayMethods};
use pyo3::IntoPyObjectExt;
use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{IntoPyDict, PyBool, PyDict, PyFloat, PyInt, PyList, PyString};

use super::FORMAT_VERSION;
use crate::error::{SavedError, try_collected, try_copied};
use crate::python::args::scalars::{text, whole_number};
use crate::python::exceptions::{wrong_type, wrong_value};
use crate::saved::{Part, Parts};

/// The parts in a dict, with the version of the format; θ and its path get the shape of θ.
pub fn write<'py>(py: Python<'py>, parts: Parts, shape: &[usize]) -> PyResult<Bound<'py, PyDict>> {
    let dict = PyDict::new(py);
    dict.set_item("format_version", FORMAT_VERSION)?;
    for (name, part) in parts.0 {
        dict.set_item(name, to_python(py, part)?)?;
    }
    let of_params: Vec<isize> = shape.iter().map(|&length| length as isize).collect();
    for (name, shape) in
        [("params", of_params.clone()), ("history_path", [&[-1], &of_params[..]].concat())]
    {
        if let Some(flat) = dict.get_item(name)? {
            dict.set_item(name, flat.call_method1("reshape", (shape,))?)?;
        }
    }
    Ok(dict)
}

/// The parts in a dict that is called `argument`, and the shape of its array `shaped`; in the parts
/// all arrays are flat. Nothing in the dict is the size of an allocation.
pub fn read(
    argument: &str,
    dict: &Bound<'_, PyAny>,
    shaped: &'static str,
) -> PyResult<(Parts, Vec<usize>)> {
    let Ok(dict) = dict.cast::<PyDict>() else {
        return Err(wrong_type(argument, "a dict of saved parts", dict));
    };
    // A copy, since reading may run code that changes the dict.
    let dict = dict.copy()?;
    let format = dict.get_item("format_version")?.ok_or(SavedError::Missing("format_version"))?;
    let format = whole_number("format_version", &format, 0, u64::MAX)?;
    if format != FORMAT_VERSION {
        return Err(PyValueError::new_err(format!(
            "the saved parts are of format {format}, and this version of gradwalk reads format \
             {FORMAT_VERSION} alone. Read them with the version that wrote them, or a newer one"
        )));
    }
    let (mut parts, mut shape) = (Parts::default(), None);
    for (name, value) in dict {
        let name = text("the name of a part", &name, "a word")?;
        let value = private(value)?;
        if name == shaped {
            shape = value.cast::<PyUntypedArray>().ok().map(|array| array.shape().to_vec());
        }
        let part = of_python(&name, &value)?;
        parts.0.insert(name, part);
    }
    match shape {
        Some(shape) => Ok((parts, shape)),
        None if parts.has(shaped) => Err(wrong_value(shaped, "an array", "none")),
        None => Err(SavedError::Missing(shaped).into()),
    }
}

/// An array as a copy: contiguous, aligned, and nobody else's to write to or to reshape.
fn private(value: Bound<'_, PyAny>) -> PyResult<Bound<'_, PyAny>> {
    if value.cast::<PyUntypedArray>().is_err() {
        return Ok(value);
    }
    let py = value.py();
    let how = [("copy", true), ("subok", false)].into_py_dict(py)?;
    how.set_item("order", "C")?;
    py.import("numpy")?.getattr("array")?.call((value,), Some(&how))
}

fn to_python(py: Python<'_>, part: Part) -> PyResult<Bound<'_, PyAny>> {
    match part {
        Part::Flag(flag) => flag.into_bound_py_any(py),
        Part::Whole(number) => number.into_bound_py_any(py),
        Part::Real(number) => number.into_bound_py_any(py),
        Part::Word(word) => word.into_bound_py_any(py),
        Part::Words(words) => words.into_bound_py_any(py),
        // As NumPy is used to having them; none is as large as 2⁶³.
        Part::Counts(counts) => {
            let counts = counts.into_iter().map(|count| count as i64).collect();
            Ok(PyArray1::<i64>::from_vec(py, counts).into_any())
        }
        Part::Singles(numbers) => Ok(PyArray1::from_vec(py, numbers).into_any()),
        Part::Doubles(numbers) => Ok(PyArray1::from_vec(py, numbers).into_any()),
    }
}

fn of_python(name: &str, value: &Bound<'_, PyAny>) -> PyResult<Part> {
    let expected = "a number, a word, a list of words, or an array of float64, float32 or int64";
    let wrong = || wrong_type(name, expected, value);
    if let Ok(flag) = value.cast::<PyBool>() {
        return Ok(Part::Flag(flag.is_true()));
    }
    if value.is_instance_of::<PyInt>() {
        let whole = "a whole number of at least 0 and below 2**64";
        return value.extract().map(Part::Whole).map_err(|_| wrong_type(name, whole, value));
    }
    if let Ok(number) = value.cast::<PyFloat>() {
        return Ok(Part::Real(number.value()));
    }
    if value.is_instance_of::<PyString>() {
        return Ok(Part::Word(text(name, value, "a word")?));
    }
    if let Ok(words) = value.cast::<PyList>() {
        return words.extract().map(Part::Words).map_err(|_| wrong());
    }
    if let Ok(array) = value.cast::<PyArrayDyn<f64>>() {
        return Ok(Part::Doubles(numbers(array)?));
    }
    if let Ok(array) = value.cast::<PyArrayDyn<f32>>() {
        return Ok(Part::Singles(numbers(array)?));
    }
    let counts = numbers(value.cast::<PyArrayDyn<i64>>().map_err(|_| wrong())?)?;
    if let Some(&number) = counts.iter().find(|&&number| number < 0) {
        return Err(wrong_value(name, "of whole numbers of at least 0", number));
    }
    Ok(Part::Counts(try_collected(counts.into_iter().map(|count| count as u64))?))
}

fn numbers<T: Element + Copy>(array: &Bound<'_, PyArrayDyn<T>>) -> PyResult<Vec<T>> {
    let numbers = array.try_readonly().map_err(|error| PyTypeError::new_err(error.to_string()))?;
    Ok(try_copied(numbers.as_slice()?)?)
}
