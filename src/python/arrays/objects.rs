//! Objects that are real numbers, as rows of X: the interpreter is asked for some rows at a time.

use std::sync::{Mutex, PoisonError};

use numpy::{PyArray1, PyUntypedArray, PyUntypedArrayMethods};
use pyo3::exceptions::{PyException, PyOverflowError, PyTypeError, PyValueError};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyFloat, PyList, PySlice, PyWeakrefReference};

use crate::python::at_exit;
use crate::python::exceptions::describe;
use crate::rows::{RowSet, Source};

/// An array of two dimensions of objects that were real numbers when they were looked at.
pub struct Objects<'py> {
    reader: Reader,
    shape: [usize; 2],
    _holds: Vec<Bound<'py, PyWeakrefReference>>,
}

impl<'py> Objects<'py> {
    /// The objects of `array`, which is the argument `argument` and is held by `holds`.
    pub fn new(
        argument: &str,
        array: &Bound<'py, PyUntypedArray>,
        holds: Vec<Bound<'py, PyWeakrefReference>>,
    ) -> PyResult<Self> {
        let view = array.call_method0("view")?.cast_into::<PyUntypedArray>()?;
        let &[n_rows, n_cols] = view.shape() else {
            return Err(PyValueError::new_err(format!(
                "{argument} changed its shape during the call"
            )));
        };
        let reader = Reader {
            argument: argument.into(),
            array: view.into_any().unbind(),
            failure: Mutex::new(None),
        };
        Ok(Objects { reader, shape: [n_rows, n_cols], _holds: holds })
    }

    /// Rows and columns.
    pub fn shape(&self) -> [usize; 2] {
        self.shape
    }

    /// The reader of the objects.
    pub fn reader(&self) -> &Reader {
        &self.reader
    }
}

/// Reads the objects, attached to the interpreter for as long as a block of rows takes.
///
/// The conversion of an object to a number may run any Python code, so no lock that such code could
/// take may be held meanwhile.
#[derive(Debug)]
pub struct Reader {
    argument: String,
    /// A view of our own.
    array: Py<PyAny>,
    /// The first thing that went wrong: the rows were NaN instead.
    failure: Mutex<Option<PyErr>>,
}

impl Reader {
    /// Whether all rows could be read since the last call.
    pub fn check(&self) -> PyResult<()> {
        self.failure.lock().unwrap_or_else(PoisonError::into_inner).take().map_or(Ok(()), Err)
    }

    fn keep(&self, error: PyErr) {
        self.failure.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(error);
    }

    fn read(
        &self,
        py: Python<'_>,
        rows: &RowSet<'_>,
        write: &mut dyn FnMut(usize, usize, f64),
    ) -> PyResult<()> {
        at_exit::go_on()?;
        let index = match rows {
            // PySlice::new of pyo3 0.30 never gives back the two numbers that it makes.
            RowSet::Range(range) => py.get_type::<PySlice>().call1((range.start, range.end))?,
            RowSet::Indices(indices) => {
                PyArray1::from_iter(py, indices.iter().map(|&row| i64::from(row))).into_any()
            }
        };
        let lists = self.array.bind(py).get_item(index)?;
        let lists = lists.call_method0(intern!(py, "tolist"))?.cast_into::<PyList>()?;
        for ((place, list), row) in lists.iter().enumerate().zip(rows.iter()) {
            for (column, entry) in list.cast::<PyList>()?.iter().enumerate() {
                let value = match number(&entry) {
                    // The stop button, and no fault of the object: the slice ends as it should.
                    Err(error) if !error.is_instance_of::<PyException>(py) => {
                        self.keep(error);
                        number(&entry)
                    }
                    value => value,
                };
                let value = value.map_err(|error| self.named(row, column, &entry, error))?;
                write(place, column, value);
            }
        }
        Ok(())
    }

    /// The same complaint, with the place: but the stop button is none.
    fn named(&self, row: usize, column: usize, entry: &Bound<'_, PyAny>, error: PyErr) -> PyErr {
        if !error.is_instance_of::<PyException>(entry.py()) {
            return error;
        }
        PyTypeError::new_err(format!(
            "{}[{row}, {column}] must be a real number; got {}",
            self.argument,
            describe(entry)
        ))
    }
}

impl Source for Reader {
    fn load(&self, rows: &RowSet<'_>, write: &mut dyn FnMut(usize, usize, f64)) {
        let n_cols = Python::attach(|py| {
            let Err(error) = self.read(py, rows, write) else { return 0 };
            self.keep(error);
            let array = self.array.bind(py).cast::<PyUntypedArray>();
            array.map_or(0, |array| array.shape()[1])
        });
        for (place, column) in (0..rows.len()).flat_map(|p| (0..n_cols).map(move |c| (p, c))) {
            write(place, column, f64::NAN);
        }
    }
}

/// The nearest double; an infinity where no double is near.
fn number(entry: &Bound<'_, PyAny>) -> PyResult<f64> {
    if let Ok(float) = entry.cast::<PyFloat>() {
        // np.float64 is one, too.
        return Ok(float.value());
    }
    match entry.extract::<f64>() {
        Err(error) if error.is_instance_of::<PyOverflowError>(entry.py()) => {
            Ok(if entry.gt(0)? { f64::INFINITY } else { f64::NEG_INFINITY })
        }
        number => number,
    }
}
