//! Numbers, choices and keywords, checked once and named in every complaint.

use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyDict, PyFloat, PyString};

use super::errors::{wrong_type, wrong_value};

/// What came, for a message: its value, cut short, and its type.
pub fn describe(value: &Bound<'_, PyAny>) -> String {
    const LONGEST: usize = 60;
    let class = value.get_type().name().map_or_else(|_| "?".into(), |name| name.to_string());
    if value.is_none() {
        return "None".into();
    }
    if let (Ok(shape), Ok(dtype)) = (value.getattr("shape"), value.getattr("dtype"))
        && shape.len().is_ok_and(|ndim| ndim > 0)
    {
        return format!("{class} of shape {shape} and dtype {dtype}");
    }
    let text = value.repr().map_or_else(|_| "?".into(), |repr| repr.to_string());
    let short: String = text.chars().take(LONGEST).collect();
    let dots = if short.len() < text.len() { "…" } else { "" };
    format!("{short}{dots} ({class})")
}

/// Whether this is True or False, Python's or NumPy's.
fn is_boolean(value: &Bound<'_, PyAny>) -> bool {
    value.is_instance_of::<PyBool>()
        || value.get_type().name().is_ok_and(|name| name == "bool" || name == "bool_")
}

/// A whole number from `least` to `most`. True is not one, 3.0 is not one.
pub fn whole_number(
    argument: &str,
    value: &Bound<'_, PyAny>,
    least: u64,
    most: u64,
) -> PyResult<u64> {
    let expected = if most == u64::MAX {
        format!("a whole number of at least {least}")
    } else {
        format!("a whole number from {least} to {most}")
    };
    if is_boolean(value) || value.is_instance_of::<PyString>() {
        return Err(wrong_type(argument, expected, value));
    }
    let Ok(index) = value.call_method0("__index__") else {
        let whole = value.cast::<PyFloat>().ok().map(|float| float.value());
        if let Some(whole) = whole.filter(|float| float.fract() == 0.0 && float.abs() < 1e15) {
            let came = format!("the float {whole:?}: write {whole}");
            return Err(PyTypeError::new_err(format!("{argument} must be {expected}; got {came}")));
        }
        return Err(wrong_type(argument, expected, value));
    };
    match index.extract::<u64>() {
        Ok(number) if (least..=most).contains(&number) => Ok(number),
        // Beyond 64 bits on the upper side: say where the end is.
        Err(_) if most == u64::MAX && index.gt(0)? => {
            Err(wrong_value(argument, format!("{expected} and below 2**64"), describe(value)))
        }
        _ => Err(wrong_value(argument, expected, describe(value))),
    }
}

/// A finite real number for which `is_legal` holds.
pub fn real_number(
    argument: &str,
    value: &Bound<'_, PyAny>,
    expected: &str,
    is_legal: impl Fn(f64) -> bool,
) -> PyResult<f64> {
    let class = value.get_type().name()?.to_string();
    let is_array = value.getattr("ndim").and_then(|ndim| ndim.extract::<usize>());
    if is_boolean(value) || class.starts_with("complex") || is_array.is_ok_and(|ndim| ndim > 0) {
        return Err(wrong_type(argument, expected, value));
    }
    let Ok(number) = value.extract::<f64>() else {
        return Err(wrong_type(argument, expected, value));
    };
    if number.is_finite() && is_legal(number) {
        Ok(number)
    } else {
        Err(wrong_value(argument, expected, describe(value)))
    }
}

/// A finite number of at least 0.
pub fn not_negative(argument: &str, value: &Bound<'_, PyAny>) -> PyResult<f64> {
    real_number(argument, value, "a finite number of at least 0", |number| number >= 0.0)
}

/// True or False.
pub fn flag(argument: &str, value: &Bound<'_, PyAny>) -> PyResult<bool> {
    if is_boolean(value) {
        value.is_truthy()
    } else {
        Err(wrong_type(argument, "True or False", value))
    }
}

/// One of a few words.
pub fn choice<'c, T>(
    argument: &str,
    value: &Bound<'_, PyAny>,
    choices: &'c [(&str, T)],
) -> PyResult<&'c T> {
    let expected = || {
        let names: Vec<String> = choices.iter().map(|(name, _)| format!("{name:?}")).collect();
        names.join(", ")
    };
    let Ok(word) = value.cast::<PyString>() else {
        return Err(wrong_type(argument, format!("one of {}", expected()), value));
    };
    let word = word.to_cow()?;
    let found = choices.iter().find(|(name, _)| *name == word);
    found.map(|(_, choice)| choice).ok_or_else(|| {
        PyValueError::new_err(format!("{argument} must be one of {}; got {word:?}", expected()))
    })
}

/// Refuses keywords that are none of ours, with the name that ours goes by.
pub fn refuse_unknown(
    call: &str,
    unknown: Option<&Bound<'_, PyDict>>,
    known: &str,
) -> PyResult<()> {
    let Some(key) = unknown.and_then(|unknown| unknown.keys().iter().next()) else {
        return Ok(());
    };
    let key = key.to_string();
    let has = |argument: &str| known.split(", ").any(|known| known == argument);
    let hint = match ours(&key) {
        Some((argument, hint)) if has(argument) => format!("here it is {hint}"),
        _ if key == "batch_size" && call == "BatchGD" => {
            "BatchGD takes all rows at every update; MiniBatchGD has a batch_size".into()
        }
        _ if key == "batch_size" && call == "SGD" => {
            "SGD takes one row at every update; MiniBatchGD has a batch_size".into()
        }
        _ if key == "drop_last" && !has("drop_last") && !call.contains('.') => {
            format!("{call} has no short last batch; MiniBatchGD has drop_last")
        }
        _ if key == "sampling" && call == "BatchGD" => {
            "BatchGD takes all rows at every update, so there is nothing to sample".into()
        }
        Some((argument, _)) => format!("{argument} is no argument of {call}; it has {known}"),
        None => format!("its arguments are {known}"),
    };
    Err(PyTypeError::new_err(format!("{call} has no argument {key:?}: {hint}")))
}

/// Words that students bring from elsewhere: the argument of ours, and how to write it.
fn ours(word: &str) -> Option<(&'static str, &'static str)> {
    Some(match word {
        "lr" | "eta" | "eta0" | "step_size" | "stepsize" | "learning_rate_init" | "rate" => {
            ("learning_rate", "learning_rate")
        }
        "alpha" => (
            "learning_rate",
            "learning_rate if you mean the size of a step, or l2 if you mean the strength of the \
             penalty (other libraries use alpha for either)",
        ),
        "max_iter" | "n_iter" | "n_iters" | "num_iters" | "n_iterations" | "num_iterations"
        | "iterations" | "iters" | "max_epochs" | "n_epochs" | "num_epochs" | "epoch" => {
            ("epochs", "epochs: passes over the data. BatchGD makes one update in each")
        }
        "shuffle" => (
            "sampling",
            "sampling: \"shuffle\" for a fresh order each epoch, \"sequential\" for none, \
             \"replace\" for independent draws",
        ),
        "replace" | "replacement" => ("sampling", "sampling=\"replace\""),
        "seed" | "random_seed" | "rng" | "generator" => ("random_state", "random_state"),
        "batch" | "batchsize" | "minibatch_size" | "n_batch" => ("batch_size", "batch_size"),
        "penalty" | "C" | "weight_decay" | "lambda_" | "lam" | "reg" | "reg_lambda" => {
            ("l2", "l2: it adds (l2/2)·‖w‖² to the objective")
        }
        "intercept" | "bias" | "use_bias" => ("fit_intercept", "fit_intercept"),
        "tolerance" | "eps" | "epsilon" | "ftol" => ("tol", "tol"),
        "n_iter_no_change" => ("patience", "patience"),
        "num_classes" | "classes" | "n_class" => ("n_classes", "n_classes"),
        "loss_function" | "loss_fn" | "objective" | "criterion" | "cost" => ("loss", "loss"),
        "theta" | "theta0" | "theta_init" | "initial_theta" | "w0" | "x0" | "params"
        | "coef_init" | "init_params" | "initial_params" | "start" | "weights_init" => {
            ("init", "init: the parameters to start from, intercept first")
        }
        "weights" | "sample_weights" | "weight" => ("sample_weight", "sample_weight"),
        "indices" | "idx" | "row_order" | "permutation" => ("order", "order"),
        _ => return None,
    })
}
