//! Rules and schedules: value objects of Python, read by name and constants, as their tables say.

use numpy::{PyArray1, PyReadonlyArray1, PyUntypedArray};
use pyo3::IntoPyObjectExt;
use pyo3::exceptions::{PyException, PyValueError};
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyDict, PyFloat, PyTuple, PyType};

use super::scalars::{choice, flag, quoted, real_number, whole_number};
use crate::error::try_filled;
use crate::python::exceptions::wrong_type;
use crate::rule::Rule;
use crate::schedule::Schedule;
use crate::schedule::constants::{Constant, EpsilonAt, Range, Value};

/// Names and their constants.
type Table = &'static [(&'static str, &'static [Constant])];

/// Whether `value` is an instance of `class` of `module`.
fn is_of(
    value: &Bound<'_, PyAny>,
    cell: &'static PyOnceLock<Py<PyType>>,
    module: &str,
    class: &str,
) -> PyResult<bool> {
    value.is_instance(cell.import(value.py(), module, class)?)
}

fn is_schedule(value: &Bound<'_, PyAny>) -> PyResult<bool> {
    static CLASS: PyOnceLock<Py<PyType>> = PyOnceLock::new();
    is_of(value, &CLASS, "gradwalk.schedules", "Schedule")
}

/// The rule that `value`, an object of gradwalk.rules, a function or None, stands for.
pub fn rule(value: &Bound<'_, PyAny>) -> PyResult<Rule> {
    static CLASS: PyOnceLock<Py<PyType>> = PyOnceLock::new();
    if value.is_none() {
        return Ok(Rule::Plain);
    }
    if !is_of(value, &CLASS, "gradwalk.rules", "Rule")? {
        // Schedules can be called, too.
        let is_function = value.is_callable() && !value.is_instance_of::<PyType>();
        if is_function && !value.hasattr("_spec")? {
            return Ok(Rule::Other);
        }
        let expected = "None, an object of gradwalk.rules, such as gradwalk.rules.Momentum(0.9), or \
                        a function (params, grad, learning_rate, state) -> new params";
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
    if spec.get_item(0)?.eq(PLAIN)? {
        return Ok(Rule::Plain);
    }
    let (name, values) = read(spec, Rule::TABLE, 0)?;
    Rule::of(&name, values).ok_or_else(|| nothing_of_that_name(&name))
}

/// What stands for the plain rule, which is no object.
const PLAIN: &str = "plain";
/// What stands for a rule that the core has no formula of.
const OTHER: &str = "other";

/// How the θ of a record moved, by what [`spec_of`] made of it.
pub fn recorded_rule(spec: &Bound<'_, PyAny>) -> PyResult<Rule> {
    if spec.cast::<PyTuple>()?.get_item(0)?.eq(OTHER)? { Ok(Rule::Other) } else { rule_of(spec) }
}

/// Name and constants of a rule.
pub fn spec_of<'py>(py: Python<'py>, rule: &Rule) -> PyResult<Bound<'py, PyTuple>> {
    let Some((name, values)) = rule.constants() else {
        return PyTuple::new(py, [if rule.is_plain() { PLAIN } else { OTHER }]);
    };
    let mut spec = vec![name.into_pyobject(py)?.into_any()];
    for value in values {
        spec.push(to_python(py, &value)?);
    }
    PyTuple::new(py, spec)
}

/// A constant as Python has it; None of a schedule, which is an object.
fn to_python<'py>(py: Python<'py>, value: &Value) -> PyResult<Bound<'py, PyAny>> {
    match value {
        Value::Number(number) => number.into_bound_py_any(py),
        Value::Count(count) => count.into_bound_py_any(py),
        Value::EpsilonAt(place) => place.word().into_bound_py_any(py),
        Value::Flag(flag) => flag.into_bound_py_any(py),
        Value::Schedule(_) => Ok(py.None().into_bound(py)),
    }
}

/// The schedule that `value` stands for, if it is an object of gradwalk.schedules.
pub fn schedule(value: &Bound<'_, PyAny>) -> PyResult<Option<Schedule>> {
    // Numbers and functions are by far the most common, and need no import.
    if value.is_instance_of::<PyFloat>() || !value.hasattr("_spec")? || !is_schedule(value)? {
        return Ok(None);
    }
    let expected = "one of the schedules of gradwalk.schedules, such as Cosine(0.1, 1000)";
    schedule_of(value, 0)
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

fn nothing_of_that_name(name: &str) -> PyErr {
    PyValueError::new_err(format!("there is no rule or schedule {}", quoted(name)))
}

/// Name and constants, checked.
fn read(spec: &Bound<'_, PyTuple>, table: Table, depth: usize) -> PyResult<(String, Vec<Value>)> {
    let name: String = spec.get_item(0)?.extract()?;
    let (_, constants) = table
        .iter()
        .find(|(other, _)| *other == name)
        .ok_or_else(|| nothing_of_that_name(&name))?;
    let given = spec.iter().skip(1).zip(*constants);
    let values = given.map(|(value, constant)| constant_of(constant, &value, depth));
    Ok((name, values.collect::<PyResult<_>>()?))
}

fn constant_of(constant: &Constant, value: &Bound<'_, PyAny>, depth: usize) -> PyResult<Value> {
    let &Constant { name, range, .. } = constant;
    match range {
        Range::Schedule if !is_schedule(value)? => Err(wrong_type(name, range.expected(), value)),
        Range::Schedule => Ok(Value::Schedule(Box::new(schedule_of(value, depth + 1)?))),
        Range::Count => whole_number(name, value, 1, u64::MAX).map(Value::Count),
        Range::EpsilonAt => {
            choice(name, value, &EpsilonAt::ALL[..2], "").copied().map(Value::EpsilonAt)
        }
        Range::CorrectedEpsilonAt => {
            choice(name, value, &EpsilonAt::ALL, "").copied().map(Value::EpsilonAt)
        }
        // An array of no dimension could be written to later.
        Range::Flag if value.cast::<PyUntypedArray>().is_ok() => {
            Err(wrong_type(name, range.expected(), value))
        }
        Range::Flag => flag(name, value).map(Value::Flag),
        _ => number_in(name, value, range).map(Value::Number),
    }
}

fn number_in(argument: &str, value: &Bound<'_, PyAny>, range: Range) -> PyResult<f64> {
    // An array of no dimension could be written to later.
    if value.cast::<PyUntypedArray>().is_ok() {
        return Err(wrong_type(argument, range.expected(), value));
    }
    real_number(argument, value, range.expected(), |number| range.has(number))
}

/// A finite number above 0.
pub fn positive(argument: &str, value: &Bound<'_, PyAny>) -> PyResult<f64> {
    number_in(argument, value, Range::Positive)
}

/// Refuses an argument that is no finite number above 0.
#[pyfunction]
#[pyo3(signature = (argument, value, /))]
pub fn check_positive(argument: &str, value: &Bound<'_, PyAny>) -> PyResult<()> {
    positive(argument, value).map(|_| ())
}

/// Ramps before ramps at the most: each takes a piece of the stack.
const DEEPEST: usize = 64;

/// The schedule of this object, inside of `depth` others.
fn schedule_of(value: &Bound<'_, PyAny>, depth: usize) -> PyResult<Schedule> {
    schedule_of_spec(value.call_method0("_spec")?.cast()?, depth)
}

fn schedule_of_spec(spec: &Bound<'_, PyTuple>, depth: usize) -> PyResult<Schedule> {
    if depth > DEEPEST {
        let message =
            format!("then must hold fewer than {DEEPEST} ramps, one in another; got more");
        return Err(PyValueError::new_err(message));
    }
    let (name, values) = read(spec, Schedule::TABLE, depth)?;
    Schedule::of(&name, values).ok_or_else(|| nothing_of_that_name(&name))
}

/// Refuses a rule or a schedule whose constants are not what they must be.
#[pyfunction]
#[pyo3(signature = (spec, /))]
pub fn check_constants(spec: &Bound<'_, PyTuple>) -> PyResult<()> {
    let name: String = spec.get_item(0)?.extract()?;
    if Rule::TABLE.iter().any(|(rule, _)| *rule == name) {
        return rule_of(spec).map(|_| ());
    }
    schedule_of_spec(spec, 0).map(|_| ())
}

/// η of a schedule, by name and constants, at each of the updates `times`.
#[pyfunction]
#[pyo3(signature = (spec, times))]
pub fn schedule_at<'py>(
    spec: &Bound<'py, PyTuple>,
    times: PyReadonlyArray1<'py, u64>,
) -> PyResult<Bound<'py, PyArray1<f64>>> {
    let schedule = schedule_of_spec(spec, 0)?;
    let times = times.as_slice()?;
    let mut rates = try_filled(times.len(), f64::NAN)?;
    for (rate, &t) in rates.iter_mut().zip(times) {
        *rate = schedule.at(t).unwrap_or(f64::NAN);
    }
    Ok(PyArray1::from_vec(spec.py(), rates))
}

/// `RULES` and `SCHEDULES`: by name, each constant with what it may be and its default.
pub fn table<'py>(py: Python<'py>, table: Table) -> PyResult<Bound<'py, PyDict>> {
    let all = PyDict::new(py);
    for (name, constants) in table {
        let told = PyDict::new(py);
        for constant in *constants {
            let default =
                constant.default.as_ref().map(|value| to_python(py, value)).transpose()?;
            told.set_item(constant.name, (constant.range.expected(), default))?;
        }
        all.set_item(name, told)?;
    }
    Ok(all)
}
