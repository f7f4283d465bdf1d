//! Landscapes, as Python sees them: to call, to draw and to walk on.
//!
//! [`Landscape`] is a surface f, [`LandscapeSum`] the same surface as a mean of tilted terms, and
//! [`surface_of`] the way from either to the objective of a walk.

mod attributes;
mod minimum;
mod points;
mod sum;

use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyType};

pub use self::minimum::Minimum;
use self::points::Points;
pub use self::sum::LandscapeSum;
use crate::landscape::{self, Parameter};
use crate::objective::Surface;
use crate::python::args::keywords::{Call, Given};
use crate::python::args::scalars::{quoted, real_number, text, whole_number};
use crate::python::exceptions::{describe, wrong_value};

/// More coordinates than a landscape is ever asked about without being handed a point.
const MOST_PARAMS: u64 = 1_000_000;

/// A named test surface f(x): to call, to draw and to walk on.
///
/// ``landscape(x)`` is f(x), for one point x of shape (p,) or for a grid of them, (…, p). The ones
/// to use lie ready in `gradwalk.landscapes`, whose page lists them; this class is for
/// `isinstance`. Handed to ``minimize``, a landscape is walked on without any call of Python.
///
/// A landscape is a value: it cannot be changed, those of the same name, parameter and number of
/// coordinates are equal, and its repr is what to write for it.
///
/// Parameters
/// ----------
/// name : str
///     The name that it has in `gradwalk.landscapes`.
/// parameter : float, optional
///     The condition number of ``ravine`` (100 by default), or the c of ``x_cos`` (0.15π by
///     default). No other landscape has one.
/// n_params : int, optional
///     p, if the landscape leaves a choice and is to be fixed to one, as by `at_dimension`.
///
/// Examples
/// --------
/// >>> import gradwalk as gw
/// >>> gw.landscapes.himmelblau([3.0, 2.0])
/// 0.0
/// >>> gw.landscapes.himmelblau.grad([[0.0, 0.0], [3.0, 2.0]])
/// array([[-14., -22.],
///        [  0.,   0.]])
/// >>> gw.landscapes.bowl.at_dimension(3).start
/// array([2., 2., 2.])
#[pyclass(frozen, eq, module = "gradwalk.landscapes")]
#[derive(Clone, Copy, PartialEq)]
pub struct Landscape {
    landscape: landscape::Landscape,
    /// The only p that is taken, if there is only one.
    n_params: Option<usize>,
}

impl Landscape {
    fn new(landscape: landscape::Landscape) -> Self {
        Landscape { landscape, n_params: landscape.n_params() }
    }

    /// The same surface with `value` for its parameter.
    fn with_parameter(
        landscape: landscape::Landscape,
        value: &Bound<'_, PyAny>,
    ) -> PyResult<landscape::Landscape> {
        let Some(Parameter { name, expected }) = landscape.facts().parameter else {
            let expected = format!("None for {:?}, which has no parameter", landscape.name());
            return Err(wrong_value("parameter", expected, describe(value)));
        };
        let is_legal = |number| landscape.with_parameter(number).is_some();
        let number = real_number(name, value, expected, is_legal)?;
        Ok(landscape.with_parameter(number).unwrap_or(landscape))
    }

    /// The p of what is known without a point.
    fn usual_n_params(&self) -> usize {
        self.n_params.unwrap_or(self.landscape.usual_n_params())
    }

    /// Whether points of p coordinates can be asked about.
    fn fits(&self, p: usize) -> bool {
        self.landscape.fits(p) && self.n_params.is_none_or(|only| only == p)
    }

    /// How many coordinates a point has.
    fn coordinates(&self) -> String {
        let (at_least, p) = match self.n_params {
            Some(p) => ("", p),
            None => ("at least ", self.landscape.least_n_params()),
        };
        format!("{at_least}{p} coordinate{}", if p == 1 { "" } else { "s" })
    }

    /// Refuses a number of coordinates, the argument `argument`, that the surface has none for.
    fn check_n_params(&self, argument: &str, value: &Bound<'_, PyAny>) -> PyResult<usize> {
        let p = whole_number(argument, value, 1, MOST_PARAMS)? as usize;
        if self.fits(p) {
            return Ok(p);
        }
        let expected = match self.n_params {
            Some(only) => only.to_string(),
            None => format!("at least {}", self.landscape.least_n_params()),
        };
        Err(wrong_value(argument, format!("{expected} for {}", self.short()), describe(value)))
    }

    /// What it is called where its parameter does not matter.
    fn short(&self) -> String {
        let chosen = self.n_params.filter(|_| self.landscape.n_params().is_none());
        let dimension = chosen.map_or_else(String::new, |p| format!(".at_dimension({p})"));
        format!("landscapes.{}{dimension}", self.landscape.name())
    }
}

/// The objective that `value` stands for, with p coordinates, if it is a landscape or a sum of one.
///
/// An error about the argument `x0` if it is one that has not p coordinates.
pub fn surface_of(value: &Bound<'_, PyAny>, p: usize) -> PyResult<Option<Surface>> {
    if let Ok(landscape) = value.cast::<Landscape>() {
        let landscape = landscape.get();
        if !landscape.fits(p) {
            let expected = format!("a point of {}", landscape.coordinates());
            let expected = format!("{expected} for {}", landscape.short());
            return Err(wrong_value("x0", expected, p));
        }
        return Ok(Some(Surface::new(landscape.landscape, p)));
    }
    value.cast::<LandscapeSum>().map_or(Ok(None), |sum| sum.get().surface(p).map(Some))
}

#[pymethods]
impl Landscape {
    #[new]
    #[pyo3(signature = (name, parameter=None, n_params=None))]
    fn make(
        name: &Bound<'_, PyAny>,
        parameter: Option<&Bound<'_, PyAny>>,
        n_params: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Self> {
        let names =
            landscape::Landscape::all().iter().map(landscape::Landscape::name).collect::<Vec<_>>();
        let expected = format!("one of {}", names.join(", "));
        let name = text("name", name, &expected)?;
        let Some(mut found) = landscape::Landscape::by_name(&name) else {
            return Err(wrong_value("name", expected, quoted(&name)));
        };
        if let Some(parameter) = parameter {
            found = Self::with_parameter(found, parameter)?;
        }
        let made = Landscape::new(found);
        match n_params {
            Some(p) => {
                Ok(Landscape { n_params: Some(made.check_n_params("n_params", p)?), ..made })
            }
            None => Ok(made),
        }
    }

    /// f(x).
    ///
    /// Parameters
    /// ----------
    /// x : array_like of shape (p,) or (…, p)
    ///     One point, or a grid of them with the coordinates in the last axis, as
    ///     ``np.stack(np.meshgrid(a, b), axis=-1)`` has it. A plain number reads as a point of
    ///     one coordinate. Any real dtype; the answers are float64.
    ///
    /// Returns
    /// -------
    /// float, or ndarray of shape (…)
    ///     f at each point; infinite or NaN where it overflows.
    ///
    /// Raises
    /// ------
    /// TypeError, ValueError
    ///     x does not hold real numbers, or its last axis is not p long.
    #[pyo3(signature = (x=Given::NOT, **unknown))]
    fn __call__<'py>(
        &self,
        py: Python<'py>,
        x: Given<'py>,
        unknown: Option<&Bound<'py, PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let (Some(x), None) = (x.get(), unknown) else {
            return Err(self.no_such_call(unknown));
        };
        let landscape = self.landscape;
        let points = Points::read(self, x)?;
        points.scalars(py, points.p(), |x| landscape.value(x))
    }

    /// The gradient ∇f(x).
    ///
    /// Parameters
    /// ----------
    /// x : array_like of shape (p,) or (…, p)
    ///     One point, or a grid of them, as for f itself.
    ///
    /// Returns
    /// -------
    /// ndarray of the shape of x
    ///     ∂f/∂xⱼ at place j of the last axis.
    fn grad<'py>(&self, py: Python<'py>, x: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        let landscape = self.landscape;
        let points = Points::read(self, x)?;
        points.arrays(py, points.p(), 1, |x, out| landscape.gradient(x, out))
    }

    /// The Hessian, the matrix of second derivatives.
    ///
    /// Parameters
    /// ----------
    /// x : array_like of shape (p,) or (…, p)
    ///     One point, or a grid of them, as for f itself.
    ///
    /// Returns
    /// -------
    /// ndarray of shape (p, p) or (…, p, p)
    ///     ∂²f/∂xᵢ∂xⱼ in row i and column j.
    fn hessian<'py>(&self, py: Python<'py>, x: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        let landscape = self.landscape;
        let points = Points::read(self, x)?;
        let cost = points.p().saturating_mul(points.p());
        points.arrays(py, cost, 2, |x, out| landscape.hessian(x, out))
    }

    /// The same surface for points of p coordinates alone.
    ///
    /// `minima`, `bounds`, `start` and `as_sum` then have this p instead of 2, and points of any
    /// other are refused.
    ///
    /// Parameters
    /// ----------
    /// p : int
    ///     From 1 (``bowl``, ``rastrigin``) or 2 (``rosenbrock``) to 1,000,000. The other
    ///     landscapes have one p alone, `n_params`.
    ///
    /// Returns
    /// -------
    /// Landscape
    fn at_dimension(&self, p: &Bound<'_, PyAny>) -> PyResult<Self> {
        let n_params = self.landscape.n_params();
        let p = Landscape { n_params, ..*self }.check_n_params("p", p)?;
        Ok(Landscape { n_params: Some(p), ..*self })
    }

    /// The ravine of another condition number.
    ///
    /// Parameters
    /// ----------
    /// condition : float
    ///     κ, from 1 (a round bowl) to 1e12.
    ///
    /// Returns
    /// -------
    /// Landscape
    fn with_condition(&self, condition: &Bound<'_, PyAny>) -> PyResult<Self> {
        if self.landscape.name() != "ravine" {
            return Err(PyTypeError::new_err(format!(
                "{} has no condition number to choose: write landscapes.ravine.with_condition(…)",
                self.short()
            )));
        }
        Self::with_parameter(self.landscape, condition).map(Landscape::new)
    }

    /// The surface as a mean of n tilted terms, which stochastic and mini-batch descent sample.
    ///
    ///     fᵢ(x) = f(x) + εᵢ·x,    Σᵢ εᵢ = 0,    i = 1 … n
    ///
    /// Batch descent sees f exactly, the others honest noise: the gradient of a batch of m terms is
    /// ∇f plus noise of standard deviation about ``spread``/√m.
    ///
    /// Parameters
    /// ----------
    /// n_terms : int
    ///     n, from 1 to 10,000,000. One term has no tilt; two have opposite ones.
    /// spread : float
    ///     Standard deviation of the normal distribution that each coordinate of each tilt εᵢ is
    ///     drawn from, before their mean is taken away: 0, or from 1e-100 to 1e100.
    /// random_state : None, int or numpy.random.Generator, optional
    ///     Where the tilts come from: drawn anew, a seed from 0 to 2**64 - 1, or one draw from the
    ///     generator. It is kept in ``seed``.
    ///
    /// Returns
    /// -------
    /// LandscapeSum
    #[pyo3(
        signature = (n_terms, spread, random_state=None, **unknown),
        text_signature = "($self, n_terms, spread, random_state=None)"
    )]
    fn as_sum(
        slf: &Bound<'_, Self>,
        n_terms: &Bound<'_, PyAny>,
        spread: &Bound<'_, PyAny>,
        random_state: Option<&Bound<'_, PyAny>>,
        unknown: Option<&Bound<'_, PyDict>>,
    ) -> PyResult<LandscapeSum> {
        Call { name: "as_sum", place: "Landscape.as_sum", other: None }
            .refuse_unknown(unknown, |_| false)?;
        LandscapeSum::make(slf.as_any(), n_terms, spread, random_state)
    }

    fn __hash__(&self, py: Python<'_>) -> PyResult<isize> {
        (self.name(), self.parameter(), self.n_params).into_pyobject(py)?.hash()
    }

    fn __repr__(&self) -> String {
        // No landscape has both a parameter and a choice of p.
        let short = self.short();
        match (self.name(), self.parameter()) {
            ("ravine", Some(value)) => format!("{short}.with_condition({value:?})"),
            (_, Some(value)) => format!("{short}({value:?})"),
            (_, None) => short,
        }
    }

    #[expect(clippy::type_complexity, reason = "a class, and what to call it with")]
    fn __reduce__<'py>(
        slf: &Bound<'py, Self>,
    ) -> (Bound<'py, PyType>, (&'static str, Option<f64>, Option<usize>)) {
        let Landscape { landscape, n_params } = *slf.get();
        let chosen = n_params.filter(|_| landscape.n_params().is_none());
        (slf.get_type(), (landscape.name(), slf.get().parameter(), chosen))
    }
}

impl Landscape {
    /// What to say of a call without x, or with more than x.
    fn no_such_call(&self, unknown: Option<&Bound<'_, PyDict>>) -> PyErr {
        let me = self.short();
        let key = unknown.and_then(|unknown| unknown.keys().get_item(0).ok());
        let Some(key) = key.map(|key| key.to_string()) else {
            let message = format!("{me} is a function of a point x: call it with one");
            return PyTypeError::new_err(message);
        };
        let hint = match &*key {
            "condition" => ". A condition number is chosen by landscapes.ravine.with_condition(…)",
            "c" => ". It is chosen by landscapes.x_cos(…)",
            "p" | "d" | "n" | "dim" | "ndim" | "n_params" | "n_dims" | "dimension" => {
                ". A number of coordinates is chosen by at_dimension(…)"
            }
            "rows" => ". A landscape has rows once it is a sum, as_sum(n_terms, spread)",
            _ => "",
        };
        let message = format!("{me} takes a point x alone, and has no argument {key:?}{hint}");
        PyTypeError::new_err(message)
    }
}

/// `LANDSCAPES`: by name, the parameter that it has, if any, with what that may be and its default.
pub fn table(py: Python<'_>) -> PyResult<Bound<'_, PyDict>> {
    let all = PyDict::new(py);
    for landscape in landscape::Landscape::all() {
        let told = PyDict::new(py);
        if let Some(Parameter { name, expected }) = landscape.facts().parameter {
            told.set_item(name, (expected, landscape.parameter()))?;
        }
        all.set_item(landscape.name(), told)?;
    }
    Ok(all)
}
