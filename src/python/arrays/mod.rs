//! Arrays from Python: a valid one is borrowed without a copy, any other is refused by name.
//!
//! X, y and weights are borrowed in any layout and of any type of number ([`memory`]). What
//! is small, or becomes something else, is copied: parameters, row indices.
//!
//! [`memory`]: self::memory

pub mod column_names;
pub mod memory;
pub mod objects;
pub mod params;
pub mod passes;
pub mod row_indices;
pub mod targets;

use numpy::{
    Element, PyArray, PyArray1, PyArray2, PyArrayDescrMethods, PyArrayMethods, PyUntypedArray,
    PyUntypedArrayMethods,
};
use pyo3::exceptions::{PyException, PyMemoryError, PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{IntoPyDict, PyList, PyTuple, PyType};

use self::memory::{Matrix, Memory, Numbers};
use crate::python::exceptions::{describe, wrong_type, wrong_value};
use crate::real::Real;

/// X as (n, d), in the caller's memory.
pub enum Features<'py> {
    /// Worked on in single precision.
    F32(Matrix<'py, f32>),
    /// Worked on in double precision.
    F64(Matrix<'py, f64>),
}

/// Evaluates `$body` with `$x` bound to the matrix inside, once for each precision.
macro_rules! with_features {
    ($features:expr, $x:ident => $body:expr) => {
        match $features {
            $crate::python::arrays::Features::F32($x) => $body,
            $crate::python::arrays::Features::F64($x) => $body,
        }
    };
}
pub(in crate::python) use with_features;

impl<'py> Features<'py> {
    /// Checks `value` as the argument `X`, to be worked on in its own precision or in `dtype`.
    pub fn new(value: &Bound<'py, PyAny>, dtype: Option<&str>) -> PyResult<Self> {
        let array = as_features(value)?;
        let is_single = match dtype {
            Some(dtype) => dtype == "float32",
            None => array.dtype().is_equiv_to(&numpy::dtype::<f32>(value.py())),
        };
        if is_single {
            matrix(value, &array).map(Features::F32)
        } else {
            matrix(value, &array).map(Features::F64)
        }
    }

    /// n.
    pub fn n_rows(&self) -> usize {
        with_features!(self, x => x.n_rows())
    }

    /// d.
    pub fn n_cols(&self) -> usize {
        with_features!(self, x => x.n_cols())
    }
}

/// X, to be worked on as T.
pub fn features_as<'py, T: Real>(value: &Bound<'py, PyAny>) -> PyResult<Matrix<'py, T>> {
    matrix(value, &as_features(value)?)
}

/// `value` as X, whose objects, if it has any, are numbers and stay where they are.
fn as_features<'py>(value: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyUntypedArray>> {
    numbers_of("X", value, true)
}

/// `array`, which `value` came as, as X.
fn matrix<'py, T: Real>(
    value: &Bound<'py, PyAny>,
    array: &Bound<'py, PyUntypedArray>,
) -> PyResult<Matrix<'py, T>> {
    match array.shape() {
        [n] => {
            return Err(PyValueError::new_err(format!(
                "X must have two dimensions, (n rows, d columns); got shape ({n},). Write \
                 {array}.reshape(-1, 1) if these are {n} rows of one feature, \
                 {array}.reshape(1, -1) if they are one row",
                // Those of tables have another reshape, if any.
                array = if value.is(array.as_any()) { "X" } else { "np.asarray(X)" },
            )));
        }
        &[n, d] if n > 0 && d > 0 => {
            if n >= u32::MAX as usize {
                let came = format!("{n} rows");
                return Err(wrong_value("X", "of fewer than 2³² − 1 rows", came));
            }
        }
        [_, _] => {
            let expected = "of at least one row and one column";
            return Err(wrong_value("X", expected, describe(value)));
        }
        _ => return Err(wrong_value("X", "two-dimensional", describe(value))),
    }
    Matrix::new("X", array)
}

/// `value` as a NumPy array of real numbers, of any dtype, layout and dimension. Objects that are
/// numbers become doubles, all together: what is asked for here is short beside X.
pub fn as_numbers<'py>(
    argument: &str,
    value: &Bound<'py, PyAny>,
) -> PyResult<Bound<'py, PyUntypedArray>> {
    numbers_of(argument, value, false)
}

/// The same; objects that are numbers stay what they are if `keeps_objects`.
pub fn numbers_of<'py>(
    argument: &str,
    value: &Bound<'py, PyAny>,
    keeps_objects: bool,
) -> PyResult<Bound<'py, PyUntypedArray>> {
    let py = value.py();
    refuse_masked(argument, value)?;
    if value.hasattr("toarray")? && value.hasattr("nnz")? {
        return Err(PyTypeError::new_err(format!(
            "{argument} must be a dense array; got the sparse {}. Write {argument}.toarray()",
            value.get_type().name()?
        )));
    }
    let named = |error: PyErr| {
        // The stop button, memory that ran out, and what names its column already.
        let says_it = error.is_instance_of::<PyMemoryError>(py)
            || error.is_instance_of::<PyTypeError>(py) && is_table(value);
        if says_it || !error.is_instance_of::<PyException>(py) {
            return error;
        }
        let reason = error.value(py).to_string();
        // NumPy's words for ragged rows say less than these.
        let (rows, reason) = match reason.contains("inhomogeneous") {
            true => (" with rows of one length", String::new()),
            false => ("", format!(" ({reason})")),
        };
        let came = describe(value);
        PyValueError::new_err(format!(
            "{argument} must be an array of numbers{rows}; got {came}{reason}"
        ))
    };
    let array = if is_table(value) {
        checked(argument, value, keeps_objects)
    } else {
        static AS_ARRAY: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
        AS_ARRAY.import(py, "numpy", "asarray")?.call1((value,))
    };
    let array = array.map_err(named)?.cast_into::<PyUntypedArray>()?;
    let kind = array.dtype().kind();
    if array.ndim() == 0 && !matches!(kind, b'f' | b'i' | b'u' | b'b' | b'c' | b'M' | b'm') {
        return Err(wrong_type(argument, "an array of numbers", value));
    }
    if is_table(value) || matches!(kind, b'f' | b'i' | b'u' | b'b') {
        return Ok(array);
    }
    // A list may have been changed on its way to an array.
    let is_list = value.is_instance_of::<PyList>() || value.is_instance_of::<PyTuple>();
    let came = if is_list { value } else { array.as_any() };
    Ok(checked(argument, came, keeps_objects)?.cast_into::<PyUntypedArray>()?)
}

/// What `value` stands for as an array of real numbers; or what to write instead, as an error.
fn checked<'py>(
    argument: &str,
    value: &Bound<'py, PyAny>,
    keeps_objects: bool,
) -> PyResult<Bound<'py, PyAny>> {
    static AS_ARRAY: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    let py = value.py();
    let options = [("keep_objects", keeps_objects)].into_py_dict(py)?;
    AS_ARRAY
        .import(py, "gradwalk._data_frames", "as_array")?
        .call((argument, value), Some(&options))
}

/// Whether it is a table, or a column of one: of a class that has columns, or an index.
fn is_table(value: &Bound<'_, PyAny>) -> bool {
    let class = value.get_type();
    let has = |name: &str| class.hasattr(name).unwrap_or(false);
    value.cast::<PyUntypedArray>().is_err() && (has("columns") || has("to_numpy"))
}

/// Refuses masked arrays: `numpy.asarray` forgets what is masked.
pub fn refuse_masked(argument: &str, value: &Bound<'_, PyAny>) -> PyResult<()> {
    static MASKED: PyOnceLock<Py<PyType>> = PyOnceLock::new();
    if value.is_instance(MASKED.import(value.py(), "numpy.ma", "MaskedArray")?)? {
        return Err(PyTypeError::new_err(format!(
            "{argument} must be a plain array; got a masked one. Fill it first: \
             {argument}.filled(value), or drop the masked rows"
        )));
    }
    Ok(())
}

/// `array` as a C-ordered array of `T`: borrowed as it is, or one converted copy.
pub fn contiguous<'py, T: Element, D: ndarray::Dimension>(
    argument: &str,
    array: &Bound<'py, PyUntypedArray>,
) -> PyResult<numpy::PyReadonlyArray<'py, T, D>> {
    let py = array.py();
    let as_it_lies = array.is_c_contiguous()
        && array.dtype().is_equiv_to(&numpy::dtype::<T>(py))
        && array.dtype().is_native_byteorder().unwrap_or(false)
        && array.getattr("flags")?.getattr("aligned")?.extract::<bool>()?;
    let ours = if as_it_lies {
        // A view of our own: another thread may change the caller's header, not ours.
        array.call_method0("view")?
    } else {
        let numpy = py.import("numpy")?;
        numpy.call_method1("require", (array, numpy::dtype::<T>(py), ["C", "A"]))?
    };
    let ours = ours.cast_into::<PyArray<T, D>>()?;
    ours.try_readonly().map_err(|_| {
        PyValueError::new_err(format!("{argument} is being written to by another call"))
    })
}

/// One number for each of `length` rows; shape (length, 1) reads as (length,).
pub fn column<'py, T: Real>(
    argument: &str,
    value: &Bound<'py, PyAny>,
    length: usize,
) -> PyResult<Numbers<'py, T>> {
    let array = as_numbers(argument, value)?;
    match *array.shape() {
        [n] | [n, 1] if n == length => Memory::of(argument, &array).map(Numbers::new),
        [n] | [n, 1] => {
            let expected = format!("of one number for each of the {length} rows of X");
            Err(wrong_value(argument, expected, format!("{n} numbers")))
        }
        _ => Err(wrong_value(argument, format!("of shape ({length},)"), describe(value))),
    }
}

/// A fresh one-dimensional array.
pub fn array1<'py, T: Element>(py: Python<'py>, values: &[T]) -> Bound<'py, PyArray1<T>> {
    PyArray1::from_slice(py, values)
}

/// A fresh array of shape (rows, cols) from values in C order.
pub fn array2<'py, T: Element>(
    py: Python<'py>,
    values: Vec<T>,
    rows: usize,
    cols: usize,
) -> PyResult<Bound<'py, PyArray2<T>>> {
    PyArray1::from_vec(py, values).reshape([rows, cols])
}
