//! The arguments of a constructor, checked.

use numpy::{PyUntypedArray, PyUntypedArrayMethods};
use std::sync::Arc;

use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyDict, PyTuple, PyType};

use super::keywords::Call;
use super::method::Method;
use super::random_state::RandomState;
use super::scalars::{
    choice, flag, is_boolean, not_negative, quoted, real_number, text, whole_number,
};
use super::{specs, threads};
use crate::batches::{Batching, Sampling};
use crate::history::Record;
use crate::loss::{CROSS_ENTROPY, Facts, Labels, PointLoss};
use crate::objective::Penalty;
use crate::python::exceptions::{instead_of, wrong_value};
use crate::rule::Rule;
use crate::saved::MOST;
use crate::schedule::Schedule;
use crate::stop::Criteria;
use crate::verdict::Shape;

/// A loss by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Loss {
    /// Of one linear score.
    Point(PointLoss),
    /// Softmax over K linear scores.
    CrossEntropy,
    /// A function of the user's (see `Config::function`).
    Function,
}

impl Loss {
    /// Those with a name, in the order of the documentation.
    pub fn all() -> impl Iterator<Item = Loss> {
        PointLoss::ALL.iter().map(|&loss| Loss::Point(loss)).chain([Loss::CrossEntropy])
    }

    /// The names that users write, in the order of the documentation.
    pub fn names(py: Python<'_>) -> PyResult<Bound<'_, PyTuple>> {
        PyTuple::new(py, Loss::all().map(Loss::name).collect::<Vec<_>>())
    }

    /// What is known of it; nothing of a function.
    pub fn facts(self) -> Option<Facts> {
        match self {
            Loss::Point(loss) => Some(loss.facts()),
            Loss::CrossEntropy => Some(CROSS_ENTROPY),
            Loss::Function => None,
        }
    }

    /// What is known of its shape over θ.
    pub fn shape(self) -> Shape {
        match self {
            Loss::Function => Shape::Unknown,
            Loss::CrossEntropy => Shape::Convex,
            Loss::Point(loss) if !loss.facts().is_convex() => Shape::Bent,
            Loss::Point(loss) if loss.is_zero_at_zero() => Shape::KinkedAtZero,
            Loss::Point(loss) if loss.facts().has_kink => Shape::Kinked,
            Loss::Point(_) => Shape::Convex,
        }
    }

    /// The name that users write.
    pub fn name(self) -> &'static str {
        self.facts().map_or("a function", |facts| facts.name)
    }

    /// The loss that `value` names.
    pub fn parse(value: &Bound<'_, PyAny>) -> PyResult<Loss> {
        Loss::parse_among(value, "")
    }

    /// The loss that `value` names, or is.
    fn parse_or_function(value: &Bound<'_, PyAny>) -> PyResult<Loss> {
        if value.is_callable() && !value.is_instance_of::<PyType>() {
            return Ok(Loss::Function);
        }
        let also = ", or a function (params, X_batch, y_batch) -> (loss, grad)";
        Loss::parse_among(value, also)
    }

    fn parse_among(value: &Bound<'_, PyAny>, also: &str) -> PyResult<Loss> {
        let names: Vec<_> = Loss::all().map(Loss::name).collect();
        let expected = format!("one of {}{also}", names.join(", "));
        let name = text("loss", value, &expected)?;
        if let Some(loss) = Loss::all().find(|loss| loss.name() == name) {
            return Ok(loss);
        }
        let hint = instead_of("loss", value);
        Err(wrong_value("loss", expected, format!("{}{hint}", quoted(&name))))
    }

    /// Whether its labels may be −1 and 1.
    pub fn has_signs(self) -> bool {
        self.facts().is_some_and(|facts| facts.labels == Labels::ZeroOneOrSigns)
    }

    /// Whether its predictions are classes.
    pub fn is_classification(self) -> bool {
        self.facts().is_some_and(|facts| facts.labels.are_classes())
    }

    /// Whether it has probabilities of classes.
    pub fn has_probabilities(self) -> bool {
        self.facts().is_some_and(Facts::has_probabilities)
    }
}

/// η: a number, or a function of the update counter.
#[derive(Debug)]
pub enum LearningRate {
    /// The same at every update.
    Constant(f64),
    /// A formula of the core, and the object that stands for it.
    Schedule(Schedule, Py<PyAny>),
    /// Called with t = 0, 1, 2, …
    Function(Py<PyAny>),
}

/// The arguments of a constructor.
#[derive(Debug)]
pub struct Config {
    /// Which class this is.
    pub method: Method,
    /// The loss.
    pub loss: Loss,
    /// η.
    pub learning_rate: LearningRate,
    /// Passes over the data at each `fit`.
    pub epochs: u64,
    /// The loss, if it is a function of the user's.
    pub function: Option<Py<PyAny>>,
    /// How θ moves.
    pub rule: Rule,
    /// The object that it came as.
    pub rule_object: Option<Py<PyAny>>,
    /// The norm that gradients are scaled to at the most.
    pub clip_norm: Option<f64>,
    /// Strength of the lasso penalty.
    pub l1: f64,
    /// Whether it goes into the gradient as l1·sign(w).
    pub l1_by_sign: bool,
    /// Strength of the ridge penalty.
    pub l2: f64,
    /// Whether θ has an intercept.
    pub fit_intercept: bool,
    /// K, if it was given.
    pub n_classes: Option<usize>,
    /// When to stop before that; `minimize` adds the norm of the gradient.
    pub stop: Criteria,
    /// Where the seed comes from.
    pub random_state: RandomState,
    /// Threads at the most, if it was given.
    pub n_threads: Option<usize>,
    /// How much of the walk is kept.
    pub record: Record,
    /// The cap that goes with "auto".
    pub path_bytes: u64,
    /// Rows an update, for mini-batches.
    pub batch_size: usize,
    /// Leave out a short last batch.
    pub drop_last: bool,
    /// Order of the rows, without a replayed one.
    pub sampling: Sampling,
    /// The arguments that were given, by name, to make another object with.
    pub arguments: Py<PyDict>,
    /// The same as `repr` writes them.
    pub given: String,
}

impl Config {
    /// Checks the keywords of a constructor.
    pub fn parse(
        py: Python<'_>,
        method: Method,
        loss: Option<&Bound<'_, PyAny>>,
        keywords: Option<&Bound<'_, PyDict>>,
    ) -> PyResult<Config> {
        let name = method.class_name();
        let call = Call { name, place: name, other: Some(("fit(X, y, ", "GradientDescent.fit")) };
        call.refuse_unknown(keywords, |word| method.has_argument(word))?;
        let arguments = kept(py, loss, keywords)?;
        let take = |name: &str| -> PyResult<Option<Bound<'_, PyAny>>> {
            keywords.map_or(Ok(None), |keywords| keywords.get_item(name))
        };
        let whole = |name: &str, value: Option<Bound<'_, PyAny>>, default: u64| {
            value.map_or(Ok(default), |value| whole_number(name, &value, 1, u64::MAX))
        };

        let tolerance = |name: &str| {
            take(name)?.filter(is_given).map(|value| not_negative(name, &value)).transpose()
        };

        let parsed_loss = loss.map_or(Ok(Loss::Point(PointLoss::Mse)), Loss::parse_or_function)?;
        let mut config = Config {
            method,
            loss: parsed_loss,
            function: loss
                .filter(|_| parsed_loss == Loss::Function)
                .map(|loss| loss.clone().unbind()),
            rule_object: take("rule")?.filter(is_given).map(Bound::unbind),
            rule: take("rule")?.map_or(Ok(Rule::Plain), |value| specs::rule(&value))?,
            clip_norm: take("clip_norm")?
                .filter(is_given)
                .map(|value| specs::positive("clip_norm", &value))
                .transpose()?,
            l1: take("l1")?.map_or(Ok(0.0), |value| not_negative("l1", &value))?,
            l1_by_sign: match take("l1_step")? {
                None => false,
                Some(value) => *choice("l1_step", &value, &L1_STEPS, "")?,
            },
            learning_rate: take("learning_rate")?
                .map_or(Ok(LearningRate::Constant(0.01)), |value| LearningRate::parse(&value))?,
            epochs: whole("epochs", take("epochs")?, 100)?,
            l2: take("l2")?.map_or(Ok(0.0), |value| not_negative("l2", &value))?,
            fit_intercept: take("fit_intercept")?
                .map_or(Ok(true), |value| flag("fit_intercept", &value))?,
            n_classes: take("n_classes")?
                .filter(is_given)
                .map(|value| whole_number("n_classes", &value, 1, MOST_CLASSES))
                .transpose()?
                .map(|number| number as usize),
            stop: Criteria {
                tol: tolerance("tol")?,
                patience: whole("patience", take("patience")?, 5)?,
                gtol: tolerance("gtol")?,
                step_tol: tolerance("step_tol")?,
                max_updates: take("max_updates")?
                    .filter(is_given)
                    .map(|value| whole_number("max_updates", &value, 1, u64::MAX))
                    .transpose()?,
            },
            random_state: RandomState::parse(take("random_state")?)?,
            n_threads: take("n_threads")?
                .filter(is_given)
                .map(|value| whole_number("n_threads", &value, 1, threads::MOST_THREADS))
                .transpose()?
                .map(|number| number as usize),
            record: Record::Nothing,
            path_bytes: take("path_bytes")?
                .map_or(Ok(8 << 20), |value| whole_number("path_bytes", &value, 0, 1 << 62))?,
            batch_size: usize::MAX,
            drop_last: false,
            sampling: Sampling::Sequential,
            given: written_out(&arguments)?,
            arguments: arguments.unbind(),
        };
        config.record = parse_record(take("record")?, config.path_bytes as usize)?;
        if method != Method::Batch {
            config.batch_size = 1;
            config.sampling = match take("sampling")? {
                None => Sampling::Shuffle,
                Some(value) => choice("sampling", &value, &SAMPLINGS, "")?.clone(),
            };
        }
        if config.rule == Rule::Other && config.l1 > 0.0 && !config.l1_by_sign {
            let expected = "0 with a rule that is a function, or with l1_step=\"subgradient\": soft \
                            thresholding needs the scale of its steps, which only the rules of \
                            gradwalk.rules tell";
            return Err(wrong_value("l1", expected, config.l1));
        }
        if method == Method::MiniBatch {
            let size = whole("batch_size", take("batch_size")?, 32)?;
            config.batch_size = usize::try_from(size).unwrap_or(usize::MAX);
            config.drop_last =
                take("drop_last")?.map_or(Ok(false), |value| flag("drop_last", &value))?;
        }
        if let Some(n_classes) = config.n_classes.filter(|_| config.loss != Loss::CrossEntropy) {
            let came = format!("{n_classes} with loss={:?}", config.loss.name());
            return Err(wrong_value("n_classes", "None unless loss is \"cross_entropy\"", came));
        }
        Ok(config)
    }

    /// How θ moves, as far as the verdict can tell: a clipped step is in no proportion to its gradient.
    pub fn moves_by(&self) -> Rule {
        if self.clip_norm.is_some() { Rule::Other } else { self.rule }
    }

    /// The penalty on all parameters but the first `n_free`.
    pub fn penalty(&self, n_free: usize) -> Penalty {
        Penalty { l1: self.l1, by_sign: self.l1_by_sign, l2: self.l2, n_free }
    }

    /// How the data are cut into batches, for n rows.
    pub fn batching(&self, n_rows: usize, order: Option<Vec<Vec<u32>>>) -> Batching {
        Batching {
            batch_size: self.batch_size.min(n_rows),
            drop_last: self.drop_last,
            sampling: order
                .map_or_else(|| self.sampling.clone(), |order| Sampling::Replay(Arc::new(order))),
        }
    }
}

/// More classes than anybody has; keeps sizes of buffers within what can be multiplied.
pub const MOST_CLASSES: u64 = 1 << 24;

/// Whether by sign.
const L1_STEPS: [(&str, bool); 2] = [("proximal", false), ("subgradient", true)];

const SAMPLINGS: [(&str, Sampling); 3] = [
    ("shuffle", Sampling::Shuffle),
    ("replace", Sampling::Replace),
    ("sequential", Sampling::Sequential),
];

impl LearningRate {
    fn parse(value: &Bound<'_, PyAny>) -> PyResult<LearningRate> {
        if let Some(schedule) = specs::schedule(value)? {
            return Ok(LearningRate::Schedule(schedule, value.clone().unbind()));
        }
        if value.is_callable() && !value.is_instance_of::<PyType>() {
            return Ok(LearningRate::Function(value.clone().unbind()));
        }
        let expected = "a finite number above 0, a schedule of gradwalk.schedules, or a function of \
                        the update counter t";
        real_number("learning_rate", value, expected, |rate| rate > 0.0).map(LearningRate::Constant)
    }
}

/// None stands for "not given".
fn is_given(value: &Bound<'_, PyAny>) -> bool {
    !value.is_none()
}

fn parse_record(value: Option<Bound<'_, PyAny>>, bytes: usize) -> PyResult<Record> {
    let records =
        [("auto", Record::Auto { bytes }), ("update", Record::Update), ("epoch", Record::Epoch)];
    match value {
        None => Ok(Record::Auto { bytes }),
        Some(value) if value.is_none() => Ok(Record::Nothing),
        Some(value) if !is_boolean(&value) && value.hasattr("__index__")? => {
            Ok(Record::Every(whole_number("record", &value, 1, MOST)?))
        }
        Some(value) => {
            choice("record", &value, &records, ", a whole number of updates, or None").copied()
        }
    }
}

/// The arguments by name, loss first. Numbers of NumPy are kept as Python's: an array of no
/// dimension could be written to later.
fn kept<'py>(
    py: Python<'py>,
    loss: Option<&Bound<'py, PyAny>>,
    keywords: Option<&Bound<'py, PyDict>>,
) -> PyResult<Bound<'py, PyDict>> {
    let arguments = PyDict::new(py);
    if let Some(loss) = loss {
        arguments.set_item("loss", loss)?;
    }
    arguments.update(keywords.unwrap_or(&PyDict::new(py)).as_mapping())?;
    static SCALAR: PyOnceLock<Py<PyType>> = PyOnceLock::new();
    let scalar = SCALAR.import(py, "numpy", "generic")?;
    for (name, value) in arguments.copy()? {
        let is_point = value.cast::<PyUntypedArray>().is_ok_and(|array| array.ndim() == 0);
        if is_point || value.is_instance(scalar)? {
            arguments.set_item(name, value.call_method0("item")?)?;
        }
    }
    Ok(arguments)
}

/// The arguments as a call would write them: `loss='mse', epochs=10`.
fn written_out(arguments: &Bound<'_, PyDict>) -> PyResult<String> {
    let mut parts = Vec::new();
    for (name, value) in arguments {
        parts.push(format!("{name}={}", value.repr()?));
    }
    Ok(parts.join(", "))
}
