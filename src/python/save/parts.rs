//! Saved parts as Python has them: a dict of NumPy arrays and plain numbers.
//!
//! Whoever reads them trusts nothing: a part may be missing, of another type, dtype or shape, or
//! one too many. No number in them is the size of an allocation.

use numpy::{Element, PyArray1, PyArrayDyn, PyArrayMethods, PyUntypedArrayMethods};
use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{IntoPyDict, PyDict, PyFloat};

use crate::error::{OutOfMemory, try_copied};
use crate::python::args::scalars::{flag, quoted, text, whole_number};
use crate::python::exceptions::{describe, wrong_type};
use crate::python::model::fitted::Precision;

/// Parts that are being written.
pub struct Writer<'py>(Bound<'py, PyDict>);

impl<'py> Writer<'py> {
    /// No part yet.
    pub fn new(py: Python<'py>) -> Self {
        Writer(PyDict::new(py))
    }

    /// A number, a word or a flag.
    pub fn value(&self, name: &str, value: impl IntoPyObject<'py>) -> PyResult<()> {
        self.0.set_item(name, value)
    }

    /// One number after the other.
    pub fn vector<T: Element>(&self, name: &str, values: Vec<T>) -> PyResult<()> {
        self.0.set_item(name, PyArray1::from_vec(self.0.py(), values))
    }

    /// Whole numbers, as NumPy is used to having them.
    pub fn counts(&self, name: &str, counts: Vec<u64>) -> PyResult<()> {
        // None is as large as 2⁶²; the vector is used again in its place.
        self.vector(name, counts.into_iter().map(|count| count as i64).collect())
    }

    /// Numbers in C order, of this shape.
    pub fn array<T: Element>(&self, name: &str, values: Vec<T>, shape: Vec<usize>) -> PyResult<()> {
        self.0.set_item(name, PyArray1::from_vec(self.0.py(), values).reshape(shape)?)
    }

    /// All the parts.
    pub fn finish(self) -> Bound<'py, PyDict> {
        self.0
    }
}

/// Parts that are being read, each of them once.
pub struct Reader<'py>(Bound<'py, PyDict>);

impl<'py> Reader<'py> {
    /// Nothing is read yet; `name` is what the parts are of.
    pub fn new(name: &str, parts: &Bound<'py, PyAny>) -> PyResult<Self> {
        match parts.cast::<PyDict>() {
            Ok(parts) => parts.copy().map(Reader),
            Err(_) => Err(wrong_type(name, "a dict of saved parts", parts)),
        }
    }

    /// Whether there is such a part, still unread.
    pub fn has(&self, name: &str) -> PyResult<bool> {
        self.0.contains(name)
    }

    /// A part of any kind.
    pub fn take(&self, name: &str) -> PyResult<Bound<'py, PyAny>> {
        let value = self.0.get_item(name)?.ok_or_else(|| {
            PyValueError::new_err(format!("the saved parts have none named {name}"))
        })?;
        self.0.del_item(name)?;
        Ok(value)
    }

    /// A whole number of at most `most`.
    pub fn whole(&self, name: &str, most: u64) -> PyResult<u64> {
        whole_number(name, &self.take(name)?, 0, most)
    }

    /// A float, of any value.
    pub fn real(&self, name: &str) -> PyResult<f64> {
        let value = self.take(name)?;
        match value.cast::<PyFloat>() {
            Ok(real) => Ok(real.value()),
            Err(_) => Err(wrong_type(name, "a float", &value)),
        }
    }

    /// True or False.
    pub fn flag(&self, name: &str) -> PyResult<bool> {
        flag(name, &self.take(name)?)
    }

    /// A word.
    pub fn text(&self, name: &str) -> PyResult<String> {
        text(name, &self.take(name)?, "a word")
    }

    /// Whether the numbers of an array that is still unread are float32, and not float64.
    pub fn is_single(&self, name: &str) -> PyResult<bool> {
        let Some(value) = self.0.get_item(name)? else { return Ok(false) };
        Ok(value.cast::<PyArrayDyn<f32>>().is_ok())
    }

    /// An array of T: its numbers in C order, and its shape.
    pub fn array<T: Precision>(&self, name: &str) -> PyResult<(Vec<T>, Vec<usize>)> {
        self.array_of(name, T::DTYPE)
    }

    /// One float64 after the other.
    pub fn vector<T: Precision>(&self, name: &str) -> PyResult<Vec<T>> {
        self.vector_of(name, T::DTYPE)
    }

    /// Whole numbers of at least 0.
    pub fn counts(&self, name: &str) -> PyResult<Vec<u64>> {
        let numbers: Vec<i64> = self.vector_of(name, "int64")?;
        let mut counts = try_copied(&[])?;
        counts.try_reserve_exact(numbers.len()).map_err(|_| OutOfMemory)?;
        for number in numbers {
            counts.push(u64::try_from(number).map_err(|_| {
                let expected = "of whole numbers of at least 0";
                PyValueError::new_err(format!("{name} must be {expected}; got {number}"))
            })?);
        }
        Ok(counts)
    }

    fn vector_of<T: Element + Copy>(&self, name: &str, dtype: &str) -> PyResult<Vec<T>> {
        let (numbers, shape) = self.array_of(name, dtype)?;
        match *shape {
            [_] => Ok(numbers),
            _ => Err(PyValueError::new_err(format!(
                "{name} must be one-dimensional; got {} dimensions",
                shape.len()
            ))),
        }
    }

    fn array_of<T: Element + Copy>(
        &self,
        name: &str,
        dtype: &str,
    ) -> PyResult<(Vec<T>, Vec<usize>)> {
        let value = self.take(name)?;
        if value.cast::<PyArrayDyn<T>>().is_err() {
            return Err(wrong_type(name, format!("an array of {dtype}"), &value));
        }
        // A private copy: contiguous, aligned, and nobody else's to write to or to reshape.
        let py = value.py();
        let how = [("copy", true), ("subok", false)].into_py_dict(py)?;
        how.set_item("order", "C")?;
        let copy = py.import("numpy")?.getattr("array")?.call((&value,), Some(&how))?;
        let Ok(copy) = copy.cast_into::<PyArrayDyn<T>>() else {
            return Err(wrong_type(name, format!("an array of {dtype}"), &value));
        };
        let numbers =
            copy.try_readonly().map_err(|error| PyTypeError::new_err(error.to_string()))?;
        Ok((try_copied(numbers.as_slice()?)?, copy.shape().to_vec()))
    }

    /// Complains of a part that nobody asked for.
    pub fn finish(self) -> PyResult<()> {
        match self.0.keys().iter().next() {
            None => Ok(()),
            Some(name) => Err(PyValueError::new_err(format!(
                "the saved parts have one that does not belong there: {}",
                text("its name", &name, "a word").map_or_else(|_| describe(&name), |n| quoted(&n))
            ))),
        }
    }
}
