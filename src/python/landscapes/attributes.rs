//! What a landscape can be asked for.

use numpy::{PyArray1, PyArray2};
use pyo3::prelude::*;

use super::{Landscape, Minimum};
use crate::python::arrays::{array1, array2};

#[pymethods]
impl Landscape {
    /// The name, as in `gradwalk.landscapes`.
    #[getter]
    pub fn name(&self) -> &'static str {
        self.landscape.name()
    }

    /// The condition number of ``ravine``, the c of ``x_cos``; None for the others.
    #[getter]
    pub fn parameter(&self) -> Option<f64> {
        self.landscape.parameter()
    }

    /// The number of coordinates p, or None if there is a choice (see `at_dimension`).
    #[getter]
    fn n_params(&self) -> Option<usize> {
        self.n_params
    }

    /// The formula, in one line.
    #[getter]
    fn formula(&self) -> &'static str {
        self.landscape.facts().formula
    }

    /// Where the surface comes from.
    #[getter]
    fn source(&self) -> &'static str {
        self.landscape.facts().source
    }

    /// What it teaches.
    #[getter]
    fn lesson(&self) -> &'static str {
        self.landscape.facts().lesson
    }

    /// The known minima, a list of `Minimum`; empty for ``saddle``.
    ///
    /// For p = 2 where there is a choice, unless `at_dimension` has made it.
    #[getter]
    fn minima(&self) -> Vec<Minimum> {
        self.landscape.minima(self.usual_n_params()).into_iter().map(Minimum).collect()
    }

    /// The part of the surface worth drawing: lower and upper end of each coordinate, shape (p, 2).
    ///
    /// For p = 2 where there is a choice, unless `at_dimension` has made it.
    #[getter]
    fn bounds<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyArray2<f64>>> {
        let bounds = self.landscape.bounds(self.usual_n_params());
        let p = bounds.len();
        array2(py, bounds.into_iter().flat_map(|(lower, upper)| [lower, upper]).collect(), p, 2)
    }

    /// Where a first walk starts, shape (p,).
    ///
    /// With `learning_rate` it ends in one of the `minima`, if there are any. For p = 2 where there
    /// is a choice, unless `at_dimension` has made it.
    #[getter]
    fn start<'py>(&self, py: Python<'py>) -> Bound<'py, PyArray1<f64>> {
        array1(py, &self.landscape.start(self.usual_n_params()))
    }

    /// A constant η that is right for plain descent from `start`.
    #[getter]
    fn learning_rate(&self) -> f64 {
        self.landscape.learning_rate()
    }
}
