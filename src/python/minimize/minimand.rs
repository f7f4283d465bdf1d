//! A function to be minimised, with its gradient, as an objective.

use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::PyTuple;

use crate::objective::{Penalty, central_differences};
use crate::python::args::keywords::miscalled;
use crate::python::arrays::array1;
use crate::python::exceptions::describe;
use crate::python::fit::callable::{Function, check_pair, read_grad, read_loss, without_write};
use crate::python::fit::step::rows_of;
use crate::python::model::fitted::shaped;
use crate::rows::RowSet;

/// Where the gradient of a function comes from.
pub enum Jacobian<'py> {
    /// A function of its own.
    Function(Bound<'py, PyAny>),
    /// The function returns both.
    Both,
    /// Central differences.
    Differences,
}

/// `minimize(fun, x0, jac=…, n_terms=…)`.
pub struct Minimand<'py> {
    /// The interpreter.
    pub py: Python<'py>,
    /// fun.
    pub fun: Bound<'py, PyAny>,
    /// jac.
    pub jac: Jacobian<'py>,
    /// Terms of a finite sum; then fun and jac are given the rows.
    pub n_terms: Option<usize>,
    /// The shape of x.
    pub shape: Vec<usize>,
    /// l1 and l2 of the optimizer, on all of x.
    pub penalty: Penalty,
    /// Calls of fun.
    pub nfev: u64,
    /// Calls of jac, or of fun for both.
    pub njev: u64,
}

impl<'py> Minimand<'py> {
    fn ask(
        &self,
        function: &Bound<'py, PyAny>,
        x: &[f64],
        rows: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let x = shaped(self.py, x, &self.shape)?;
        let (answer, n_arguments) = match rows {
            Some(rows) => (function.call1((x, rows)), 2),
            None => (function.call1((x,)), 1),
        };
        answer.map_err(|error| miscalled(error, function, n_arguments, self.call_of(function)))
    }

    /// How fun and jac are called, for the complaint about one that cannot be called so.
    fn call_of(&self, function: &Bound<'py, PyAny>) -> &'static str {
        match (function.is(&self.fun), self.n_terms) {
            (_, Some(_)) => "with n_terms, fun and jac must be functions of x and the rows",
            (true, None) => {
                "fun must be a function of one x, an array that holds all the numbers: \
                 lambda x: x[0]**2 + x[1]**2"
            }
            (false, None) => {
                "jac must be a function of one x that gives an array of its shape: \
                 lambda x: np.array([2 * x[0], 2 * x[1]])"
            }
        }
    }

    /// Value of the terms `rows`, and its gradient if there is a place for it.
    fn evaluate(
        &mut self,
        x: &[f64],
        rows: &RowSet<'_>,
        grad: Option<&mut [f64]>,
    ) -> PyResult<f64> {
        let py = self.py;
        // One array for fun, jac and the differences: none may change it for the others.
        let rows = match self.n_terms {
            None => None,
            Some(_) => Some(without_write(array1(py, &rows_of(rows.iter())).as_any())?),
        };
        let rows = rows.as_ref();
        self.nfev += 1;
        let answer = self.ask(&self.fun, x, rows)?;
        let value = if matches!(self.jac, Jacobian::Both) {
            let pair = answer.cast::<PyTuple>().ok().filter(|pair| pair.len() == 2);
            let Some(pair) = pair else {
                return Err(PyTypeError::new_err(format!(
                    "fun must return (value, gradient) with jac=True; got {}",
                    describe(&answer)
                )));
            };
            let value = read_loss("fun", &pair.get_item(0)?, x.len() == 1)?;
            if let Some(grad) = grad {
                self.njev += 1;
                read_grad("fun", &pair.get_item(1)?, &self.shape, grad)?;
                check_pair("fun", value, grad)?;
            }
            return Ok(value);
        } else {
            read_loss("fun", &answer, x.len() == 1)?
        };
        let Some(grad) = grad else { return Ok(value) };
        match &self.jac {
            Jacobian::Function(jac) => {
                let answer = self.ask(jac, x, rows)?;
                self.njev += 1;
                read_grad("jac", &answer, &self.shape, grad)?;
                check_pair("jac", value, grad)?;
            }
            Jacobian::Both | Jacobian::Differences => {
                central_differences(x, grad, |moved| {
                    self.nfev += 1;
                    read_loss("fun", &self.ask(&self.fun, moved, rows)?, x.len() == 1)
                })?;
                check_pair("fun, by differences,", value, grad)?;
            }
        }
        Ok(value)
    }
}

impl Function for Minimand<'_> {
    fn n_params(&self) -> usize {
        self.shape.iter().product()
    }

    fn n_rows(&self) -> usize {
        self.n_terms.unwrap_or(1)
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
        self.evaluate(params, rows, grad)
    }
}
