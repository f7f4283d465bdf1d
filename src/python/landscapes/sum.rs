//! A landscape as a mean of tilted terms.

use numpy::PyArray2;
use pyo3::exceptions::PyMemoryError;
use pyo3::prelude::*;
use pyo3::types::PyType;

use super::Landscape;
use super::points::Points;
use crate::error::try_filled;
use crate::objective::{Objective, Surface};
use crate::python::args::random_state::RandomState;
use crate::python::args::scalars::{real_number, whole_number};
use crate::python::arrays::array2;
use crate::python::arrays::row_indices::indices;
use crate::python::at_exit;
use crate::python::exceptions::{wrong_type, wrong_value};
use crate::rows::RowSet;

const MOST_TERMS: u64 = 10_000_000;

/// A landscape as a mean of n tilted terms, the "rows" of a walk on it.
///
///     fᵢ(x) = f(x) + εᵢ·x,    Σᵢ εᵢ = 0,    i = 1 … n
///
/// Made by ``landscape.as_sum(n_terms, spread, random_state)``. ``sum(x)`` is the mean over all
/// terms: f(x), to the last bit. ``sum(x, rows)`` is the mean over some of them, as a batch sees it.
/// Handed to ``minimize``, it is walked on without any call of Python. A value, like `Landscape`.
///
/// Parameters
/// ----------
/// landscape : Landscape
///     f, which fixes p too: 2 where there is a choice, unless `Landscape.at_dimension` made it.
/// n_terms : int
///     n, from 1 to 10,000,000.
/// spread : float
///     Standard deviation of the tilts, 0 or from 1e-100 to 1e100.
/// random_state : None, int or numpy.random.Generator, optional
///     Where the tilts come from.
///
/// Examples
/// --------
/// >>> import gradwalk as gw
/// >>> wells = gw.landscapes.double_well.as_sum(100, 5.5, random_state=1)
/// >>> wells
/// landscapes.double_well.as_sum(100, 5.5, random_state=1)
/// >>> wells(0.5) == gw.landscapes.double_well(0.5)
/// True
/// >>> wells.tilts.shape, float(wells.tilts.sum())
/// ((100, 1), 0.0)
#[pyclass(frozen, eq, module = "gradwalk.landscapes")]
pub struct LandscapeSum {
    landscape: Landscape,
    spread: f64,
    seed: u64,
    surface: Surface,
}

impl PartialEq for LandscapeSum {
    /// Tilts follow from the rest.
    fn eq(&self, other: &Self) -> bool {
        self.landscape == other.landscape
            && self.surface.n_terms() == other.surface.n_terms()
            && self.spread == other.spread
            && self.seed == other.seed
    }
}

impl LandscapeSum {
    fn p(&self) -> usize {
        self.landscape.usual_n_params()
    }

    /// The objective of a walk, with p coordinates.
    pub(super) fn surface(&self, p: usize) -> PyResult<Surface> {
        if p == self.p() {
            return Ok(self.surface.clone());
        }
        let landscape = self.landscape.short();
        let expected = Landscape { n_params: Some(self.p()), ..self.landscape }.coordinates();
        let expected = format!("a point of {expected} for this sum of {landscape}");
        let other = Landscape { n_params: self.landscape.landscape.n_params(), ..self.landscape };
        let hint = if other.fits(p) {
            let other = Landscape { n_params: Some(p), ..other }.short();
            format!(". Write {other}.as_sum(…)")
        } else {
            String::new()
        };
        Err(wrong_value("x0", expected, format!("{p}{hint}")))
    }

    /// The points x, and the terms of the batch: none for all.
    fn read<'py>(
        &self,
        x: &Bound<'py, PyAny>,
        rows: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<(Points<'py>, Batch)> {
        let landscape = Landscape { n_params: Some(self.p()), ..self.landscape };
        let points = Points::read(&landscape, x)?;
        let Some(rows) = rows else {
            return Ok((points, Batch { indices: None, n_terms: self.surface.n_terms() }));
        };
        let indices = indices("rows", rows, self.surface.n_terms())?;
        if indices.is_empty() {
            return Err(wrong_value("rows", "of at least one row", "none"));
        }
        Ok((points, Batch { indices: Some(indices), n_terms: self.surface.n_terms() }))
    }
}

/// The terms that are averaged over.
struct Batch {
    indices: Option<Vec<u32>>,
    n_terms: usize,
}

impl Batch {
    fn rows(&self) -> RowSet<'_> {
        self.indices.as_ref().map_or(RowSet::Range(0..self.n_terms), |i| RowSet::indices(i))
    }

    /// A measure of the work at one point of p coordinates; a run of rows is one difference.
    fn cost(&self, p: usize) -> usize {
        p.saturating_mul(1 + self.indices.as_ref().map_or(0, Vec::len))
    }
}

#[pymethods]
impl LandscapeSum {
    #[new]
    #[pyo3(signature = (landscape, n_terms, spread, random_state=None))]
    pub(super) fn make(
        landscape: &Bound<'_, PyAny>,
        n_terms: &Bound<'_, PyAny>,
        spread: &Bound<'_, PyAny>,
        random_state: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Self> {
        let py = landscape.py();
        let Ok(landscape) = landscape.cast::<Landscape>() else {
            let expected = "a landscape of gradwalk.landscapes";
            return Err(wrong_type("landscape", expected, landscape));
        };
        let landscape = *landscape.get();
        let n_terms = whole_number("n_terms", n_terms, 1, MOST_TERMS)? as usize;
        let (least, most) = Surface::SPREADS;
        let expected = format!("0, or a number from {least:e} to {most:e}");
        let is_legal = |spread| spread == 0.0 || (least..=most).contains(&spread);
        // Adding 0 makes −0 a 0.
        let spread = real_number("spread", spread, &expected, is_legal)? + 0.0;
        let seed = RandomState::parse(random_state.cloned())?.draw(py)?;
        let p = landscape.usual_n_params();
        let made =
            at_exit::detach(py, || Surface::as_sum(landscape.landscape, p, n_terms, spread, seed))?;
        let surface = made.map_err(|_| {
            PyMemoryError::new_err(format!(
                "there is not enough memory for n_terms={n_terms} tilts of {p} numbers each"
            ))
        })?;
        Ok(LandscapeSum { landscape, spread, seed, surface })
    }

    /// The mean of the terms at x.
    ///
    /// Parameters
    /// ----------
    /// x : array_like of shape (p,) or (…, p)
    ///     One point, or a grid of them, as for `Landscape`.
    /// rows : array_like of int, optional
    ///     The terms of the batch, from 0 to n - 1, repeats allowed; all by default.
    ///
    /// Returns
    /// -------
    /// float, or ndarray of shape (…)
    #[pyo3(signature = (x, rows=None))]
    fn __call__<'py>(
        &self,
        py: Python<'py>,
        x: &Bound<'py, PyAny>,
        rows: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let (points, batch) = self.read(x, rows)?;
        let mut surface = self.surface.clone();
        let m = batch.rows().len();
        points.scalars(py, batch.cost(self.p()), |x| {
            let Ok(sum) = surface.accumulate(x, m, batch.rows(), 0.0, None);
            surface.finish_loss(x, m, sum)
        })
    }

    /// The gradient of the mean of the terms at x.
    ///
    /// Parameters
    /// ----------
    /// x : array_like of shape (p,) or (…, p)
    ///     One point, or a grid of them, as for `Landscape`.
    /// rows : array_like of int, optional
    ///     The terms of the batch, from 0 to n - 1, repeats allowed; all by default.
    ///
    /// Returns
    /// -------
    /// ndarray of the shape of x
    #[pyo3(signature = (x, rows=None))]
    fn grad<'py>(
        &self,
        py: Python<'py>,
        x: &Bound<'py, PyAny>,
        rows: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let (points, batch) = self.read(x, rows)?;
        let mut surface = self.surface.clone();
        let m = batch.rows().len();
        points.arrays(py, batch.cost(self.p()), 1, |x, grad| {
            let Ok(sum) = surface.accumulate(x, m, batch.rows(), 0.0, Some(grad));
            surface.finish(x, m, sum, grad);
        })
    }

    /// The surface that the terms have in common.
    #[getter]
    fn landscape(&self) -> Landscape {
        self.landscape
    }

    /// The number of terms, n.
    #[getter]
    fn n_terms(&self) -> usize {
        self.surface.n_terms()
    }

    /// The number of coordinates, p.
    #[getter]
    fn n_params(&self) -> usize {
        self.p()
    }

    /// Standard deviation of the distribution that the tilts were drawn from.
    #[getter]
    fn spread(&self) -> f64 {
        self.spread
    }

    /// The seed that the tilts were drawn with.
    #[getter]
    fn seed(&self) -> u64 {
        self.seed
    }

    /// The tilts εᵢ, shape (n, p). Each column adds up to 0, exactly and in any order.
    #[getter]
    fn tilts<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyArray2<f64>>> {
        let (n, p) = (self.surface.n_terms(), self.p());
        let mut tilts = try_filled(n.saturating_mul(p), 0.0)
            .map_err(|_| PyMemoryError::new_err("there is not enough memory for the tilts"))?;
        for (term, tilt) in tilts.chunks_exact_mut(p).enumerate() {
            tilt.iter_mut().enumerate().for_each(|(j, tilt)| *tilt = self.surface.tilt(term, j));
        }
        array2(py, tilts, n, p)
    }

    fn __hash__(&self, py: Python<'_>) -> PyResult<isize> {
        let landscape = self.landscape.__hash__(py)?;
        (landscape, self.n_terms(), self.spread, self.seed).into_pyobject(py)?.hash()
    }

    fn __repr__(&self) -> String {
        let LandscapeSum { landscape, spread, seed, surface } = self;
        let n_terms = surface.n_terms();
        format!("{}.as_sum({n_terms}, {spread:?}, random_state={seed})", landscape.__repr__())
    }

    fn __reduce__<'py>(
        slf: &Bound<'py, Self>,
    ) -> (Bound<'py, PyType>, (Landscape, usize, f64, u64)) {
        let sum = slf.get();
        (slf.get_type(), (sum.landscape, sum.n_terms(), sum.spread, sum.seed))
    }
}
