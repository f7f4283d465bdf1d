//! Functions of the user's as objectives: a loss over data, or a function to be minimised.

use numpy::{
    PyArray1, PyArrayDescrMethods, PyArrayMethods, PyReadonlyArray1, PyUntypedArray,
    PyUntypedArrayMethods,
};
use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyFloat, PySlice, PyTuple};

use crate::error::BadValue;
use crate::objective::{Lasso, Objective, Penalty, Run};
use crate::python::args::config::Config;
use crate::python::args::keywords::miscalled;
use crate::python::args::scalars::{is_boolean, real_number};
use crate::python::arrays::{as_numbers, contiguous, numbers_of};
use crate::python::at_exit;
use crate::python::exceptions::{describe, wrong_type, wrong_value};
use crate::python::model::fitted::shaped;
use crate::rows::RowSet;

/// Reads what a function returned as a loss; `name` is the call.
/// Of a function of one number an array of one number is one, too.
pub fn read_loss(name: &str, value: &Bound<'_, PyAny>, is_of_one: bool) -> PyResult<f64> {
    if let Ok(value) = value.cast::<PyFloat>() {
        // np.float64 is one, too.
        return Ok(value.value());
    }
    if is_of_one
        && let Ok(array) = value.cast::<PyUntypedArray>()
        && array.len() == 1
        && array.ndim() > 0
    {
        return read_loss(name, &array.call_method0(intern!(array.py(), "item"))?, false);
    }
    // Infinite and NaN are for the walk to judge. NumPy's complex numbers have a float, too.
    let name_of_type = value.get_type().name()?;
    let is_complex = name_of_type.to_cow().is_ok_and(|name| name.starts_with("complex"));
    let number = if is_complex {
        Err(PyTypeError::new_err("a complex number"))
    } else {
        value.extract::<f64>()
    };
    if is_boolean(value) {
        return Err(wrong_type(&format!("what {name} returns"), "one real number", value));
    }
    let is_scalar = value.getattr("ndim").and_then(|ndim| ndim.extract::<usize>());
    match number {
        Ok(number) if is_scalar.unwrap_or(0) == 0 => Ok(number),
        _ => real_number(&format!("what {name} returns"), value, "one real number", |_| true),
    }
}

/// A shape as Python writes it.
pub fn as_tuple(shape: &[usize]) -> String {
    let inside: Vec<String> = shape.iter().map(usize::to_string).collect();
    format!("({}{})", inside.join(", "), if shape.len() == 1 { "," } else { "" })
}

/// Reads what a function returned as a gradient into `grad`.
pub fn read_grad(
    name: &str,
    value: &Bound<'_, PyAny>,
    shape: &[usize],
    grad: &mut [f64],
) -> PyResult<()> {
    // What a NumPy function returns mostly, without a question asked.
    if let ([length], Ok(array)) = (shape, value.cast_exact::<PyArray1<f64>>())
        && array.len() == *length
        && let Ok(array) = array.try_readonly()
        && let Ok(slopes) = array.as_slice()
    {
        grad.copy_from_slice(slopes);
        return Ok(());
    }
    let array = as_numbers(&format!("the gradient of {name}"), value)?;
    if array.dtype().kind() == b'b' {
        let argument = format!("the gradient of {name}");
        return Err(wrong_type(&argument, "an array of real numbers", value));
    }
    let is_one_number = grad.len() == 1 && array.len() == 1;
    if !is_one_number && array.shape() != shape && array.shape() != [grad.len()] {
        let expected = format!("of the shape of the parameters, {}", as_tuple(shape));
        return Err(wrong_value(&format!("the gradient of {name}"), expected, describe(value)));
    }
    let flat = if array.ndim() == 1 {
        array
    } else {
        array.call_method1("reshape", (-1,))?.cast_into::<PyUntypedArray>()?
    };
    let flat: PyReadonlyArray1<'_, f64> = contiguous("the gradient", &flat)?;
    grad.copy_from_slice(flat.as_slice()?);
    Ok(())
}

/// A NaN in a gradient beside a loss that is a number is a mistake in the function, not a walk
/// that diverges.
pub fn check_pair(name: &str, loss: f64, grad: &[f64]) -> PyResult<()> {
    match grad.iter().position(|slope| slope.is_nan()) {
        Some(place) if loss.is_finite() => Err(PyValueError::new_err(format!(
            "the gradient of {name} must hold numbers; got NaN at place {place}, where the loss is \
             {loss}"
        ))),
        _ => Ok(()),
    }
}

/// A function of the user's, which gives the mean over the rows it gets.
pub trait Function {
    /// Length of θ.
    fn n_params(&self) -> usize;
    /// Number of rows, or of terms.
    fn n_rows(&self) -> usize;
    /// The penalty on θ.
    fn penalty(&self) -> &Penalty;
    /// The mean over `rows`; its gradient is written to `grad`, if there is one.
    fn mean(
        &mut self,
        params: &[f64],
        rows: &RowSet<'_>,
        grad: Option<&mut [f64]>,
    ) -> PyResult<f64>;
}

/// A function of the user's as what the loop walks down.
pub struct Called<'f, F>(pub &'f mut F);

impl<F: Function> Objective<f64> for Called<'_, F> {
    type Error = PyErr;

    fn n_params(&self) -> usize {
        self.0.n_params()
    }

    fn n_rows(&self) -> usize {
        self.0.n_rows()
    }

    // It gives the mean over the rows it gets, so these cannot be cut.
    fn rows_at_once(&self, m: usize) -> usize {
        m
    }

    fn accumulate(
        &mut self,
        params: &[f64],
        _m: usize,
        rows: RowSet<'_>,
        sum: f64,
        grad: Option<&mut [f64]>,
    ) -> PyResult<f64> {
        at_exit::go_on()?;
        Ok(sum + self.0.mean(params, &rows, grad)?)
    }

    fn finish(&self, params: &[f64], _m: usize, loss: f64, grad: &mut [f64]) -> f64 {
        self.0.penalty().add_gradient(params, grad);
        loss + self.0.penalty().value(params)
    }

    fn finish_loss(&self, params: &[f64], _m: usize, loss: f64) -> f64 {
        loss + self.0.penalty().value(params)
    }

    fn take_steps(&mut self, _run: Run<'_, f64>) -> PyResult<usize> {
        unreachable!("a function of the user's has no fused step")
    }

    fn has_fused_step(&self) -> bool {
        false
    }

    fn lasso(&self) -> Lasso {
        self.0.penalty().lasso()
    }

    fn find_bad_value(&self, _rows: RowSet<'_>) -> Option<BadValue> {
        None
    }
}

/// `loss=callable(params, X_batch, y_batch) -> (loss, grad)` over the data of a fit.
pub struct DataFunction<'py> {
    py: Python<'py>,
    function: Bound<'py, PyAny>,
    x: Bound<'py, PyAny>,
    y: Bound<'py, PyAny>,
    n_rows: usize,
    shape: Vec<usize>,
    penalty: Penalty,
}

impl<'py> DataFunction<'py> {
    /// The loss of `config`, which is a function, over X and y of any shape with n rows.
    pub fn new(
        config: &Config,
        x: &Bound<'py, PyAny>,
        y: &Bound<'py, PyAny>,
        shape: &[usize],
    ) -> PyResult<Self> {
        let py = x.py();
        let Some(function) = &config.function else {
            unreachable!("asked for only when the loss is a function")
        };
        let (x, y) = (read_only("X", x)?, read_only("y", y)?);
        let n_rows = x.len()?;
        if n_rows == 0 {
            return Err(wrong_value("X", "of at least one row", "none"));
        }
        if y.len()? != n_rows {
            let expected = format!("of one entry for each of the {n_rows} rows of X");
            return Err(wrong_value("y", expected, format!("{} entries", y.len()?)));
        }
        let function = function.bind(py).clone();
        let shape = shape.to_vec();
        Ok(DataFunction { py, function, x, y, n_rows, shape, penalty: config.penalty(0) })
    }

    /// n.
    pub fn n_rows(&self) -> usize {
        self.n_rows
    }

    /// Loss and gradient of the rows, as the function has them.
    fn call(&self, params: &[f64], rows: &RowSet<'_>, grad: &mut [f64]) -> PyResult<f64> {
        let py = self.py;
        let index = match rows {
            RowSet::Range(range) if range.len() == self.n_rows => None,
            RowSet::Range(range) => {
                let (start, end) = (range.start as isize, range.end as isize);
                Some(py.get_type::<PySlice>().call1((start, end))?)
            }
            RowSet::Indices(rows) => {
                let rows = rows.iter().map(|&row| i64::from(row));
                Some(PyArray1::from_iter(py, rows).into_any())
            }
        };
        let part = |array: &Bound<'py, PyAny>| match &index {
            None => numbers(array),
            Some(index) => numbers(&array.get_item(index)?),
        };
        let params = shaped(py, params, &self.shape)?;
        let arguments = (params, part(&self.x)?, part(&self.y)?);
        let answer = self.function.call1(arguments).map_err(|error| {
            let expected = "loss must be a function (params, X_batch, y_batch) -> (loss, grad)";
            miscalled(error, &self.function, 3, expected)
        })?;
        let pair = answer.cast::<PyTuple>().ok().filter(|pair| pair.len() == 2);
        let Some(pair) = pair else {
            return Err(PyTypeError::new_err(format!(
                "loss(params, X_batch, y_batch) must return (loss, grad); got {}",
                describe(&answer)
            )));
        };
        let loss = read_loss("loss", &pair.get_item(0)?, false)?;
        read_grad("loss", &pair.get_item(1)?, &self.shape, grad)?;
        check_pair("loss", loss, grad)?;
        Ok(loss)
    }
}

/// `value` as an array of numbers, or of objects that are numbers, read-only.
fn read_only<'py>(argument: &str, value: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
    let array = numbers_of(argument, value, argument == "X")?;
    if array.ndim() == 0 {
        return Err(wrong_type(argument, "an array with rows", value));
    }
    without_write(&array.call_method0("view")?)
}

/// A batch as the function gets it: objects that are numbers are doubles by then.
fn numbers<'py>(part: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
    let py = part.py();
    match part.cast::<PyUntypedArray>() {
        Ok(array) if array.dtype().kind() == b'O' => {
            without_write(&array.call_method1("astype", (numpy::dtype::<f64>(py),))?)
        }
        _ => without_write(part),
    }
}

pub fn without_write<'py>(array: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
    // A single number has no flags to set.
    if let Ok(array) = array.cast::<PyUntypedArray>() {
        array.call_method1(intern!(array.py(), "setflags"), (false,))?;
    }
    Ok(array.clone())
}

impl Function for DataFunction<'_> {
    fn n_params(&self) -> usize {
        self.shape.iter().product()
    }

    fn n_rows(&self) -> usize {
        self.n_rows
    }

    fn penalty(&self) -> &Penalty {
        &self.penalty
    }

    fn mean(
        &mut self,
        params: &[f64],
        rows: &RowSet<'_>,
        grad: Option<&mut [f64]>,
    ) -> PyResult<f64> {
        match grad {
            Some(grad) => self.call(params, rows, grad),
            None => self.call(params, rows, &mut vec![0.0; params.len()]),
        }
    }
}
