//! `rule=function`: each step is asked of a function of the user's.

use std::sync::Arc;

use numpy::npyffi::NPY_ARRAY_WRITEABLE;
use numpy::{
    PyArray1, PyArrayDescrMethods, PyArrayDyn, PyArrayMethods, PyReadonlyArray1, PyUntypedArray,
    PyUntypedArrayMethods,
};
use pyo3::exceptions::PyTypeError;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyFloat};

use super::callable::as_tuple;
use crate::error::BadValue;
use crate::objective::{Lasso, Objective, Run};
use crate::python::args::config::Config;
use crate::python::args::keywords::miscalled;
use crate::python::arrays::{as_numbers, contiguous};
use crate::python::at_exit;
use crate::python::exceptions::{describe, wrong_type, wrong_value};
use crate::python::model::fitted::{Fitted, Precision, shaped};
use crate::rows::RowSet;
use crate::rule::Rule;

/// A rule that is a function `(params, grad, learning_rate, state) -> new params`.
pub struct OwnRule<'a> {
    function: &'a Py<PyAny>,
    /// A dict that lives as long as the walk.
    state: Arc<Py<PyDict>>,
    /// The shape of θ.
    shape: Vec<usize>,
}

impl<'a> OwnRule<'a> {
    /// The rule of `config` for the walk of `fitted`, if it is a function.
    pub fn of(py: Python<'_>, config: &'a Config, fitted: &mut Fitted) -> Option<Self> {
        if config.rule != Rule::Other {
            return None;
        }
        let function = config.rule_object.as_ref()?;
        let state = fitted.rule_state.get_or_insert_with(|| Arc::new(PyDict::new(py).unbind()));
        Some(OwnRule { function, state: Arc::clone(state), shape: fitted.params_shape.clone() })
    }

    /// The θ that the function makes of `params`, at the t-th step from 0.
    fn step<T: Precision>(
        &self,
        py: Python<'_>,
        t: u64,
        eta: f64,
        [params, grad]: [&[T]; 2],
        next: &mut [T],
    ) -> PyResult<()> {
        at_exit::go_on()?;
        let state = self.state.bind(py);
        if t == 0 {
            state.clear();
        }
        state.set_item(intern!(py, "t"), t)?;
        let arguments = (
            shaped(py, params, &self.shape)?,
            read_only::<T>(shaped(py, grad, &self.shape)?)?,
            PyFloat::new(py, eta),
            state,
        );
        let function = self.function.bind(py);
        let answer = function.call1(arguments).map_err(|error| {
            let expected =
                "rule must be a function (params, grad, learning_rate, state) -> new params";
            miscalled(error, function, 4, expected)
        })?;
        self.read(&answer, next)?;
        match next.iter().position(|value| !value.is_finite()) {
            None => Ok(()),
            Some(place) => {
                let expected = "of finite numbers: a smaller learning rate may do";
                let came = format!("{} at place {place}, at t = {t}", next[place].as_f64());
                Err(wrong_value(RETURNED, expected, came))
            }
        }
    }

    /// Reads what the function returned.
    fn read<T: Precision>(&self, value: &Bound<'_, PyAny>, next: &mut [T]) -> PyResult<()> {
        // What a NumPy function returns mostly, without a question asked.
        if let (&[length], Ok(array)) = (&self.shape[..], value.cast_exact::<PyArray1<T>>())
            && array.len() == length
            // SAFETY: it is read at once, and no code of Python's runs meanwhile.
            && let Ok(params) = unsafe { array.as_slice() }
        {
            next.copy_from_slice(params);
            return Ok(());
        }
        if value.is_none() {
            return Err(PyTypeError::new_err(
                "rule(params, grad, learning_rate, state) must return the new params; got None: \
                 end it with return params - learning_rate * grad, say",
            ));
        }
        let array = as_numbers(RETURNED, value)?;
        if array.dtype().kind() == b'b' {
            return Err(wrong_type(RETURNED, "an array of real numbers", value));
        }
        let is_one_number = next.len() == 1 && array.len() == 1;
        if array.shape() != self.shape && !is_one_number {
            let expected = format!("of the shape of params, {}", as_tuple(&self.shape));
            return Err(wrong_value(RETURNED, expected, describe(value)));
        }
        let flat = array.call_method1("reshape", (-1,))?.cast_into::<PyUntypedArray>()?;
        let flat: PyReadonlyArray1<'_, f64> = contiguous(RETURNED, &flat)?;
        for (next, &value) in next.iter_mut().zip(flat.as_slice()?) {
            *next = T::from_f64(value);
        }
        Ok(())
    }
}

/// What messages call it.
const RETURNED: &str = "what rule returns";

/// A fresh array that nobody may write to from now on.
fn read_only<T: Precision>(array: Bound<'_, PyAny>) -> PyResult<Bound<'_, PyAny>> {
    // One number is no array.
    if let Ok(array) = array.cast::<PyArrayDyn<T>>() {
        // SAFETY: a fresh array that nobody else has yet. Not by a borrow, whose books cost as much as
        // all else that is done for a call.
        unsafe { (*array.as_array_ptr()).fields.flags &= !NPY_ARRAY_WRITEABLE };
    }
    Ok(array)
}

/// An objective whose steps are made by a rule of the user's.
pub struct Ruled<'a, O: ?Sized> {
    /// What is walked down.
    pub objective: &'a mut O,
    /// How.
    pub rule: &'a OwnRule<'a>,
}

impl<T: Precision, O: Objective<T> + ?Sized> Objective<T> for Ruled<'_, O>
where
    PyErr: From<O::Error>,
{
    type Error = PyErr;

    fn n_params(&self) -> usize {
        self.objective.n_params()
    }

    fn n_rows(&self) -> usize {
        self.objective.n_rows()
    }

    fn rows_at_once(&self, m: usize) -> usize {
        self.objective.rows_at_once(m)
    }

    fn has_fused_step(&self) -> bool {
        false
    }

    fn accumulate(
        &mut self,
        params: &[T],
        m: usize,
        rows: RowSet<'_>,
        sum: f64,
        grad: Option<&mut [T]>,
    ) -> PyResult<f64> {
        Ok(self.objective.accumulate(params, m, rows, sum, grad)?)
    }

    fn finish(&self, params: &[T], m: usize, loss_sum: f64, grad: &mut [T]) -> f64 {
        self.objective.finish(params, m, loss_sum, grad)
    }

    fn finish_loss(&self, params: &[T], m: usize, loss_sum: f64) -> f64 {
        self.objective.finish_loss(params, m, loss_sum)
    }

    fn take_steps(&mut self, _run: Run<'_, T>) -> PyResult<usize> {
        unreachable!("a rule of the user's has no fused step")
    }

    fn move_on(
        &mut self,
        t: u64,
        eta: f64,
        params: &[T],
        grad: &[T],
        next: &mut [T],
    ) -> PyResult<()> {
        self.objective.join_threads();
        Python::attach(|py| self.rule.step(py, t, eta, [params, grad], next))
    }

    fn join_threads(&mut self) {
        self.objective.join_threads();
    }

    fn lasso(&self) -> Lasso {
        self.objective.lasso()
    }

    fn find_bad_value(&self, rows: RowSet<'_>) -> Option<BadValue> {
        self.objective.find_bad_value(rows)
    }
}
