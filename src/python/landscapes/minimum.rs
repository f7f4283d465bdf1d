//! A minimum of a landscape.

use numpy::PyArray1;
use pyo3::prelude::*;
use pyo3::types::{PyIterator, PyTuple, PyType};

use crate::error::try_filled;
use crate::landscape;
use crate::python::args::scalars::{flag, real_number};
use crate::python::arrays::{array1, column};
use crate::python::exceptions::wrong_type;

/// A place where a landscape is lower than anywhere near it.
///
/// It unpacks: ``for point, value, is_global in landscape.minima``.
///
/// Parameters
/// ----------
/// point : array_like of shape (p,)
///     Where it is.
/// value : float
///     f there.
/// is_global : bool
///     Whether it is the lowest of all (or as low as the lowest).
#[pyclass(frozen, eq, module = "gradwalk.landscapes")]
#[derive(Clone, PartialEq)]
pub struct Minimum(pub(super) landscape::Minimum);

#[pymethods]
impl Minimum {
    #[new]
    fn new(
        point: &Bound<'_, PyAny>,
        value: &Bound<'_, PyAny>,
        is_global: &Bound<'_, PyAny>,
    ) -> PyResult<Self> {
        let value = real_number("value", value, "a finite number", |_| true)?;
        let is_global = flag("is_global", is_global)?;
        let Ok(length) = point.len() else {
            return Err(wrong_type("point", "an array of numbers of shape (p,)", point));
        };
        let column = column::<f64>("point", point, length)?;
        let mut point = try_filled(length, 0.0)?;
        for (number, from) in point.iter_mut().zip(column.column().iter()) {
            *number = from;
        }
        Ok(Minimum(landscape::Minimum { point, value, is_global }))
    }

    /// Where it is, shape (p,).
    #[getter]
    fn point<'py>(&self, py: Python<'py>) -> Bound<'py, PyArray1<f64>> {
        array1(py, &self.0.point)
    }

    /// f there.
    #[getter]
    fn value(&self) -> f64 {
        self.0.value
    }

    /// Whether it is the lowest of all, or as low as the lowest. For a landscape that has no lowest
    /// point (``x_cos``), whether it is the lowest within `Landscape.bounds`.
    #[getter]
    fn is_global(&self) -> bool {
        self.0.is_global
    }

    fn __iter__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyIterator>> {
        (self.point(py), self.value(), self.is_global()).into_pyobject(py)?.try_iter()
    }

    fn __hash__(&self, py: Python<'_>) -> PyResult<isize> {
        let landscape::Minimum { point, value, is_global } = &self.0;
        (PyTuple::new(py, point)?, value, is_global).into_pyobject(py)?.hash()
    }

    fn __repr__(&self) -> String {
        let landscape::Minimum { point, value, is_global } = &self.0;
        let is_global = if *is_global { "True" } else { "False" };
        format!("Minimum(point={point:?}, value={value:?}, is_global={is_global})")
    }

    #[expect(clippy::type_complexity, reason = "a class, and what to call it with")]
    fn __reduce__<'py>(
        slf: &Bound<'py, Self>,
    ) -> (Bound<'py, PyType>, (Bound<'py, PyArray1<f64>>, f64, bool)) {
        let minimum = slf.get();
        (slf.get_type(), (minimum.point(slf.py()), minimum.value(), minimum.is_global()))
    }
}
