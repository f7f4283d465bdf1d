//! `LOSS_FACTS`: the table of losses, for the pictures and the tests to read, and the list of it in
//! the documentation of `BatchGD`.

use pyo3::prelude::*;
use pyo3::types::PyDict;

use super::config::Loss;
use crate::loss::{Bend, Facts, Labels, Link};

/// What is known of a loss beside its values.
///
/// Attributes
/// ----------
/// labels : {"real", "not_negative", "zero_one", "zero_one_or_signs", "class_numbers"}
///     What the targets may be.
/// link : {"identity", "logistic", "tanh", "exponential", "softmax"}
///     What is predicted from a score.
/// formula : str
///     ℓ(z, y).
/// has_kink, has_curvature_bound, has_probabilities : bool
///     Whether the slope jumps somewhere; whether ∂²ℓ/∂z² is bounded, so that `max_learning_rate`
///     has an answer; whether there is a `predict_proba`.
/// factor_of_residual : float or None
///     c, where the slope is c·(z − y): then f is a quadratic of θ.
/// residual_of_bend, margin_of_bend : int or None
///     |z − y| or ỹz where the slope jumps or bends, if it does.
#[pyclass(frozen, get_all, module = "gradwalk._core")]
pub struct LossFacts {
    labels: &'static str,
    link: &'static str,
    formula: &'static str,
    has_kink: bool,
    has_curvature_bound: bool,
    has_probabilities: bool,
    factor_of_residual: Option<f64>,
    residual_of_bend: Option<i32>,
    margin_of_bend: Option<i32>,
}

impl LossFacts {
    fn new(loss: Loss, facts: Facts) -> LossFacts {
        let (residual_of_bend, margin_of_bend) = match facts.bend {
            Bend::Nowhere => (None, None),
            Bend::Residual(place) => (Some(place), None),
            Bend::Margin(place) => (None, Some(place)),
        };
        LossFacts {
            labels: match facts.labels {
                Labels::Real => "real",
                Labels::NotNegative => "not_negative",
                Labels::ZeroOneOrSigns => "zero_one_or_signs",
                Labels::ClassNumbers => "class_numbers",
            },
            link: match facts.link {
                Link::Identity => "identity",
                Link::Logistic => "logistic",
                Link::Tanh => "tanh",
                Link::Exponential => "exponential",
                Link::Softmax => "softmax",
            },
            formula: facts.formula,
            has_kink: facts.has_kink,
            has_curvature_bound: match loss {
                Loss::Point(loss) => loss.has_curvature_bound(),
                Loss::CrossEntropy | Loss::Function => true,
            },
            has_probabilities: facts.has_probabilities(),
            factor_of_residual: match loss {
                Loss::Point(loss) => loss.factor_of_residual(),
                Loss::CrossEntropy | Loss::Function => None,
            },
            residual_of_bend,
            margin_of_bend,
        }
    }
}

/// The facts of every loss, by its name.
pub fn table(py: Python<'_>) -> PyResult<Bound<'_, PyDict>> {
    let table = PyDict::new(py);
    for (loss, facts) in Loss::all().filter_map(|loss| Some((loss, loss.facts()?))) {
        table.set_item(facts.name, Bound::new(py, LossFacts::new(loss, facts))?)?;
    }
    Ok(table)
}

/// A line for each loss: its formula, what its targets may be and what is predicted.
pub fn documentation() -> String {
    let line = |facts: Facts| {
        let targets = match facts.labels {
            Labels::Real => "y any number",
            Labels::NotNegative => "y at least 0, as counts are",
            Labels::ZeroOneOrSigns => "y 0 or 1, or −1 or 1",
            Labels::ClassNumbers => "y 0 … K − 1, or one-hot, with a score for each of K classes",
        };
        let prediction = match facts.link {
            _ if facts.has_probabilities() => "the class, and probabilities",
            _ if facts.labels.are_classes() => "the class",
            Link::Logistic => "σ(z)",
            Link::Tanh => "tanh z",
            Link::Exponential => "e^z",
            Link::Identity | Link::Softmax => "z",
        };
        format!("- \"{}\" {}; {targets}; predicts {prediction}", facts.name, facts.formula)
    };
    Loss::all().filter_map(Loss::facts).map(line).collect::<Vec<_>>().join("\n    ")
}
