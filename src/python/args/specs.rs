//! Rules and schedules: value objects of Python, read by name and constants.

use numpy::{PyArray1, PyReadonlyArray1};
use pyo3::exceptions::{PyException, PyValueError};
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyFloat, PyTuple, PyType};

use crate::error::try_filled;
use crate::python::exceptions::wrong_type;
use crate::rule::Rule;
use crate::schedule::Schedule;

/// Whether `value` is an instance of `class` of `module`.
fn is_of(
    value: &Bound<'_, PyAny>,
    cell: &'static PyOnceLock<Py<PyType>>,
    module: &str,
    class: &str,
) -> PyResult<bool> {
    value.is_instance(cell.import(value.py(), module, class)?)
}

/// The rule that `value`, an object of gradwalk.rules or None, stands for.
pub fn rule(value: &Bound<'_, PyAny>) -> PyResult<Rule> {
    static CLASS: PyOnceLock<Py<PyType>> = PyOnceLock::new();
    if value.is_none() {
        return Ok(Rule::Plain);
    }
    if !is_of(value, &CLASS, "gradwalk.rules", "Rule")? {
        let expected = "None or an object of gradwalk.rules, such as gradwalk.rules.Momentum(0.9)";
        return Err(wrong_type("rule", expected, value));
    }
    let expected = "one of the rules of gradwalk.rules, such as Momentum(0.9)";
    let spec = value.call_method0("_spec");
    spec.and_then(|spec| rule_of(&spec))
        .map_err(|error| of_the_users_own("rule", expected, value, error))
}

/// The rule with this name and these constants.
pub fn rule_of(spec: &Bound<'_, PyAny>) -> PyResult<Rule> {
    let spec = spec.cast::<PyTuple>()?;
    let name: String = spec.get_item(0)?.extract()?;
    let constant = |place: usize| -> PyResult<f64> { spec.get_item(place)?.extract() };
    Ok(match name.as_str() {
        "plain" => Rule::Plain,
        "momentum" => Rule::Momentum { beta: constant(1)? },
        "nesterov" => Rule::Nesterov { beta: constant(1)? },
        "adagrad" => Rule::AdaGrad { epsilon: constant(1)? },
        "rmsprop" => Rule::RmsProp { rho: constant(1)?, epsilon: constant(2)? },
        "adam" => Rule::Adam { beta1: constant(1)?, beta2: constant(2)?, epsilon: constant(3)? },
        _ => return Err(PyValueError::new_err(format!("there is no rule {name:?}"))),
    })
}

/// Name and constants of a rule.
pub fn spec_of<'py>(py: Python<'py>, rule: &Rule) -> PyResult<Bound<'py, PyTuple>> {
    match *rule {
        Rule::Plain => ("plain",).into_pyobject(py),
        Rule::Momentum { beta } => ("momentum", beta).into_pyobject(py),
        Rule::Nesterov { beta } => ("nesterov", beta).into_pyobject(py),
        Rule::AdaGrad { epsilon } => ("adagrad", epsilon).into_pyobject(py),
        Rule::RmsProp { rho, epsilon } => ("rmsprop", rho, epsilon).into_pyobject(py),
        Rule::Adam { beta1, beta2, epsilon } => ("adam", beta1, beta2, epsilon).into_pyobject(py),
    }
}

/// The schedule that `value` stands for, if it is an object of gradwalk.schedules.
pub fn schedule(value: &Bound<'_, PyAny>) -> PyResult<Option<Schedule>> {
    static CLASS: PyOnceLock<Py<PyType>> = PyOnceLock::new();
    // Numbers and functions are by far the most common, and need no import.
    if value.is_instance_of::<PyFloat>() || !value.hasattr("_spec")? {
        return Ok(None);
    }
    if !is_of(value, &CLASS, "gradwalk.schedules", "Schedule")? {
        return Ok(None);
    }
    let expected = "one of the schedules of gradwalk.schedules, such as Cosine(0.1, 1000)";
    let spec = value.call_method0("_spec").and_then(|spec| Ok(spec.cast_into::<PyTuple>()?));
    spec.and_then(|spec| schedule_of(&spec, 0))
        .map(Some)
        .map_err(|error| of_the_users_own("learning_rate", expected, value, error))
}

/// What to say of an object of a derived class, or of one that pretends to be a rule or a schedule:
/// it is none that the core has the formulas of.
fn of_the_users_own(
    argument: &str,
    expected: &str,
    value: &Bound<'_, PyAny>,
    error: PyErr,
) -> PyErr {
    // The stop button says nothing about the argument.
    let is_about_it = error.is_instance_of::<PyException>(value.py());
    if is_about_it { wrong_type(argument, expected, value) } else { error }
}

/// Warm-ups of warm-ups: nobody needs more, and each takes a piece of the stack.
const DEEPEST: usize = 64;

/// The schedule with this name and these constants, inside of `depth` others.
fn schedule_of(spec: &Bound<'_, PyTuple>, depth: usize) -> PyResult<Schedule> {
    if depth > DEEPEST {
        let message =
            format!("a schedule must have at most {DEEPEST} others inside of it; got more");
        return Err(PyValueError::new_err(message));
    }
    let name: String = spec.get_item(0)?.extract()?;
    let real = |place: usize| -> PyResult<f64> { spec.get_item(place)?.extract() };
    let whole = |place: usize| -> PyResult<u64> { spec.get_item(place)?.extract() };
    Ok(match name.as_str() {
        "constant" => Schedule::Constant(real(1)?),
        "inverse_scaling" => {
            Schedule::InverseScaling { initial: real(1)?, tau: real(2)?, power: real(3)? }
        }
        "exponential" => Schedule::Exponential { initial: real(1)?, decay: real(2)? },
        "step_decay" => {
            Schedule::StepDecay { initial: real(1)?, factor: real(2)?, every: whole(3)?.max(1) }
        }
        "cosine" => Schedule::Cosine { initial: real(1)?, updates: whole(2)?, floor: real(3)? },
        "warmup" => Schedule::Warmup {
            updates: whole(1)?,
            then: Box::new(schedule_of(spec.get_item(2)?.cast::<PyTuple>()?, depth + 1)?),
        },
        _ => return Err(PyValueError::new_err(format!("there is no schedule {name:?}"))),
    })
}

/// η of a schedule, by name and constants, at each of the updates `times`.
#[pyfunction]
#[pyo3(signature = (spec, times))]
pub fn schedule_at<'py>(
    spec: &Bound<'py, PyTuple>,
    times: PyReadonlyArray1<'py, u64>,
) -> PyResult<Bound<'py, PyArray1<f64>>> {
    let schedule = schedule_of(spec, 0)?;
    let times = times.as_slice()?;
    let mut rates = try_filled(times.len(), f64::NAN)?;
    for (rate, &t) in rates.iter_mut().zip(times) {
        *rate = schedule.at(t).unwrap_or(f64::NAN);
    }
    Ok(PyArray1::from_vec(spec.py(), rates))
}
