//! Points to ask a landscape about: one, or a grid of them.

use numpy::PyUntypedArrayMethods;
use numpy::{IxDyn, PyArray1, PyArrayMethods, PyReadonlyArrayDyn, PyUntypedArray};
use pyo3::exceptions::{PyMemoryError, PyValueError};
use pyo3::prelude::*;

use super::Landscape;
use crate::error::try_filled;
use crate::python::arrays::{as_numbers, contiguous};
use crate::python::at_exit;
use crate::python::exceptions::describe;

/// Operations between two looks at the stop button, some milliseconds. Fewer are not worth letting
/// go of the interpreter.
const SLICE: usize = 1 << 18;

/// Points of p coordinates, which lie in the last axis of `x`.
pub struct Points<'py> {
    x: PyReadonlyArrayDyn<'py, f64>,
    p: usize,
}

impl<'py> Points<'py> {
    /// Checks `value` as the argument `x` of a landscape. A number is a point of one coordinate.
    pub fn read(landscape: &Landscape, value: &Bound<'py, PyAny>) -> PyResult<Self> {
        let mut array = as_numbers("x", value)?;
        if array.ndim() == 0 {
            array = array.call_method1("reshape", (1,))?.cast_into::<PyUntypedArray>()?;
        }
        // The shape of what was borrowed: that of the caller's array may change meanwhile.
        let x = contiguous::<f64, IxDyn>("x", &array)?;
        match x.shape().last() {
            Some(&p) if landscape.fits(p) => Ok(Points { x, p }),
            _ => Err(refuse(landscape, x.shape(), value)),
        }
    }

    /// The number of coordinates.
    pub fn p(&self) -> usize {
        self.p
    }

    /// `answer` at each point, of about `cost` operations: a float for one point, an array of shape
    /// (…) for a grid.
    pub fn scalars(
        &self,
        py: Python<'py>,
        cost: usize,
        mut answer: impl FnMut(&[f64]) -> f64 + Send,
    ) -> PyResult<Bound<'py, PyAny>> {
        let values = self.answers(py, cost, 1, |x, out| out[0] = answer(x))?;
        match (self.grid(), &*values) {
            ([], &[value]) => Ok(value.into_pyobject(py)?.into_any()),
            (grid, _) => Ok(PyArray1::from_vec(py, values).reshape(grid.to_vec())?.into_any()),
        }
    }

    /// What `answer`, of about `cost` operations, writes for each point into p numbers (`order` 1)
    /// or p × p (`order` 2), which are zeros before: an array of shape (…, p) or (…, p, p).
    pub fn arrays(
        &self,
        py: Python<'py>,
        cost: usize,
        order: u32,
        answer: impl FnMut(&[f64], &mut [f64]) + Send,
    ) -> PyResult<Bound<'py, PyAny>> {
        let width = self.p.checked_pow(order).ok_or_else(out_of_memory)?;
        let values = self.answers(py, cost, width, answer)?;
        let mut shape = self.grid().to_vec();
        shape.extend((0..order).map(|_| self.p));
        Ok(PyArray1::from_vec(py, values).reshape(shape)?.into_any())
    }

    /// The shape without the coordinates.
    fn grid(&self) -> &[usize] {
        let shape = self.x.shape();
        &shape[..shape.len() - 1]
    }

    /// The answers to all points, `width` numbers each.
    fn answers(
        &self,
        py: Python<'_>,
        cost: usize,
        width: usize,
        mut answer: impl FnMut(&[f64], &mut [f64]) + Send,
    ) -> PyResult<Vec<f64>> {
        let (x, p) = (self.x.as_slice()?, self.p);
        let length = (x.len() / p).checked_mul(width).ok_or_else(out_of_memory)?;
        let mut answers = try_filled(length, 0.0).map_err(|_| out_of_memory())?;
        let mut work = |x: &[f64], out: &mut [f64]| {
            x.chunks_exact(p).zip(out.chunks_exact_mut(width)).for_each(|(x, out)| answer(x, out));
        };
        if (x.len() / p).saturating_mul(cost) < SLICE {
            work(x, &mut answers);
            return Ok(answers);
        }
        let points = (SLICE / cost).max(1);
        for (x, out) in x.chunks(points * p).zip(answers.chunks_mut(points * width)) {
            at_exit::detach(py, || work(x, out))?;
            py.check_signals()?;
        }
        Ok(answers)
    }
}

fn out_of_memory() -> PyErr {
    PyMemoryError::new_err("there is not enough memory for the answers to so many points x")
}

/// What to say of an x that is none.
fn refuse(landscape: &Landscape, shape: &[usize], value: &Bound<'_, PyAny>) -> PyErr {
    let p = landscape.n_params.map_or_else(|| "p".into(), |p| p.to_string());
    let hint = match shape {
        [first, .., _] if landscape.n_params == Some(*first) => {
            ". Coordinates go last: np.moveaxis(x, 0, -1)".into()
        }
        [.., _] if landscape.n_params == Some(1) => {
            ". For many points of one coordinate write x[..., np.newaxis]".into()
        }
        [.., p] if landscape.n_params.is_some() && landscape.landscape.fits(*p) => {
            format!(". Another number of coordinates is chosen by at_dimension({p})")
        }
        _ => String::new(),
    };
    PyValueError::new_err(format!(
        "x must be of shape ({p},), a point, or (…, {p}), a grid of points, since {} has {}; \
         got {}{hint}",
        landscape.short(),
        landscape.coordinates(),
        describe(value)
    ))
}
