//! `minimize`: down a function of the user's, or a landscape.

mod methods;
mod minimand;

use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyBool, PyDict};

use self::minimand::{Jacobian, Minimand};
use crate::objective::Objective;
use crate::python::args::config::Config;
use crate::python::args::scalars::whole_number;
use crate::python::arrays::params::free_params;
use crate::python::exceptions::{
    Growth, warn_of_divergence, warn_of_growth, wrong_type, wrong_value,
};
use crate::python::fit::callable::Called;
use crate::python::fit::growth;
use crate::python::fit::run::{Begin, FitArguments, Run};
use crate::python::landscapes::surface_of;
use crate::python::model::fitted::{Fitted, Precision, with_state};
use crate::python::model::history::History;
use crate::python::model::shared::Shared;
use crate::rows::RowSet;
use crate::stop::StopReason;

/// What `minimize` was given beside fun and x0.
pub struct MinimizeArguments<'a, 'py> {
    /// The gradient.
    pub jac: Option<&'a Bound<'py, PyAny>>,
    /// Terms of a finite sum.
    pub n_terms: Option<&'a Bound<'py, PyAny>>,
    /// Called after each epoch.
    pub callback: Option<&'a Bound<'py, PyAny>>,
    /// Told now and then how far the walk has come.
    pub display: Option<&'a Bound<'py, PyAny>>,
}

/// `minimize(fun, x0, …)`: the result, as a `DescentResult`.
pub fn minimize<'py>(
    config: &Config,
    shared: &Shared,
    fun: &Bound<'py, PyAny>,
    x0: &Bound<'py, PyAny>,
    arguments: &MinimizeArguments<'_, 'py>,
) -> PyResult<Bound<'py, PyAny>> {
    let py = fun.py();
    let _busy = shared.begin(config.method.class_name())?;
    let (start, shape) = free_params("x0", x0)?;
    let n_terms = arguments
        .n_terms
        .map(|n_terms| whole_number("n_terms", n_terms, 1, u64::from(u32::MAX - 1)))
        .transpose()?
        .map(|n_terms| n_terms as usize);
    let penalty = config.penalty(0);
    let MinimizeArguments { callback, display, .. } = *arguments;
    let fit_arguments = FitArguments { callback, display, ..Default::default() };
    let fitted = |start, seed, run: &Run<'_, '_>| {
        Fitted::of_function(config, start, shape.clone(), seed, run.full_loss)
    };
    let begin = Begin::Anew;
    let (divergence, fun_of_x, nfev, njev);
    if let Some(surface) = surface_of(fun, start.len())? {
        if arguments.jac.is_some() || n_terms.is_some() {
            let argument = if n_terms.is_some() { "n_terms" } else { "jac" };
            return Err(wrong_value(argument, "None for a landscape, which has its own", "one"));
        }
        let mut surface = surface.with_penalty(penalty);
        let run = Run::new(config, begin, surface.n_terms(), &fit_arguments)?;
        let fitted = fitted(start, config.random_state.draw(py)?, &run)?;
        let plan = run.enter(py, config, shared, begin, Some(fitted), |_| ())?;
        let outcome =
            run.drive(py, config, shared, begin, &plan).core::<f64, _>(&mut surface, None, &[]);
        divergence = outcome?;
        fun_of_x = value_at_the_end(py, shared, &mut surface)?;
        (nfev, njev) = (None, None);
    } else {
        let jac = read_jac(fun, arguments.jac)?;
        let fun = fun.clone();
        let mut function =
            Minimand { py, fun, jac, n_terms, shape: shape.clone(), penalty, nfev: 0, njev: 0 };
        let run = Run::new(config, begin, n_terms.unwrap_or(1), &fit_arguments)?;
        let fitted = fitted(start, config.random_state.draw(py)?, &run)?;
        let plan = run.enter(py, config, shared, begin, Some(fitted), |_| ())?;
        divergence =
            run.drive(py, config, shared, begin, &plan).called(&mut Called(&mut function))?;
        fun_of_x = value_at_the_end(py, shared, &mut Called(&mut function))?;
        (nfev, njev) = (Some(function.nfev), Some(function.njev));
    }
    if let Some(divergence) = divergence {
        warn_of_divergence(py, divergence, None)?;
        return result(py, config, shared, fun_of_x, false, nfev, njev);
    }
    let growth = growth(py, shared, begin)?;
    let history = shared.lock(py)?.as_ref().map(History::of);
    let first = history.as_ref().and_then(History::first_value);
    // Its last step is on record nowhere but in x.
    let risen = first
        .filter(|first| fun_of_x - first > 64.0 * f64::EPSILON * first.abs().max(fun_of_x.abs()));
    let learning_rate = history.map_or(f64::NAN, |history| history.last_learning_rate());
    let growth = match risen {
        Some(first) => Some(Growth { losses: (first, fun_of_x), learning_rate, is_a_fall: false }),
        None => growth,
    };
    if let Some(growth) = &growth {
        warn_of_growth(py, growth, None)?;
    }
    result(py, config, shared, fun_of_x, growth.is_some(), nfev, njev)
}

fn read_jac<'py>(
    fun: &Bound<'py, PyAny>,
    jac: Option<&Bound<'py, PyAny>>,
) -> PyResult<Jacobian<'py>> {
    if !fun.is_callable() {
        return Err(wrong_type("fun", "a function of x, or a landscape", fun));
    }
    match jac {
        None => Ok(Jacobian::Differences),
        Some(jac) if jac.is_callable() => Ok(Jacobian::Function(jac.clone())),
        Some(jac) if jac.cast::<PyBool>().is_ok_and(|both| both.is_true()) => Ok(Jacobian::Both),
        Some(jac) if jac.cast::<PyBool>().is_ok() => Ok(Jacobian::Differences),
        Some(jac) => {
            let expected = "a function of x, True if fun returns (value, gradient), or None";
            Err(wrong_type("jac", expected, jac))
        }
    }
}

/// f at the x that the walk ended on, on all terms.
fn value_at_the_end<E: Into<PyErr>>(
    py: Python<'_>,
    shared: &Shared,
    objective: &mut dyn Objective<f64, Error = E>,
) -> PyResult<f64> {
    let x = match shared.lock(py)?.as_mut().map(|fitted| f64::of(&mut fitted.state)) {
        Some(Some(state)) => state.params().to_vec(),
        _ => unreachable!("a walk in double precision has just ended"),
    };
    let n_terms = objective.n_rows();
    let rows = RowSet::Range(0..n_terms);
    let sum = objective.accumulate(&x, n_terms, rows, 0.0, None).map_err(Into::into)?;
    Ok(objective.finish_loss(&x, n_terms, sum))
}

/// The result in SciPy's words.
fn result<'py>(
    py: Python<'py>,
    config: &Config,
    shared: &Shared,
    fun: f64,
    has_grown: bool,
    nfev: Option<u64>,
    njev: Option<u64>,
) -> PyResult<Bound<'py, PyAny>> {
    static CLASS: PyOnceLock<Py<pyo3::types::PyType>> = PyOnceLock::new();
    let fields = PyDict::new(py);
    {
        let guard = shared.lock(py)?;
        let Some(fitted) = guard.as_ref() else { unreachable!("a walk has just ended") };
        let has_tolerance = config.stop.has_tolerance();
        let reason = fitted.stopped();
        let history = History::of(fitted);
        let status = match reason {
            Some(StopReason::Diverged(_)) => 2,
            Some(StopReason::Interrupted | StopReason::Failed) => 3,
            Some(StopReason::Callback) => 4,
            Some(_) if has_grown => 2,
            Some(reason) if reason.is_of_tolerance() => 0,
            _ => 1,
        };
        let updates = with_state!(&fitted.state, state => state.updates());
        let x = fitted.params(py)?;
        // Of a walk over one number it is Python's.
        let x = if fitted.params_shape.is_empty() { x.call_method0("item")? } else { x };
        fields.set_item("x", x)?;
        fields.set_item("fun", fun)?;
        fields.set_item("nit", updates)?;
        fields.set_item("nfev", nfev.unwrap_or(updates + 1))?;
        fields.set_item("njev", njev.unwrap_or(updates))?;
        fields.set_item("status", status)?;
        let success = match status {
            0 => history.has_converged(),
            status => status == 1 && !has_tolerance,
        };
        fields.set_item("success", success)?;
        let message = reason.map_or("walking", |reason| reason.words());
        fields.set_item("message", if status == 2 { "diverged" } else { message })?;
        fields.set_item("history", history)?;
    }
    CLASS.import(py, "gradwalk.result", "DescentResult")?.call((), Some(&fields))
}
