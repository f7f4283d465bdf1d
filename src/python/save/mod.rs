//! Models and records taken apart for pickle and `save`, and put together again.
//!
//! Every object is reduced to a function of this module and its arguments, so that an object comes
//! into being with all it has, checked, and nothing can be put into one that lives already. Pickles
//! name these functions, which therefore keep their names. What an object of a derived class has by
//! itself is left to Python.
//!
//! A model is its class, the arguments of its constructor in a dict, and what a fit left ([`Fitted`])
//! as a dict of [`Parts`], or None.

mod history;
mod parts;
mod step;
mod verdict;

use std::sync::Arc;

use pyo3::prelude::*;
use pyo3::types::{PyDict, PyTuple, PyType};

pub use self::history::restore_history;
pub use self::step::restore_step;
pub use self::verdict::restore_verdict;
use crate::descent::State;
use crate::error::SavedError;
use crate::python::args::config::{Config, Loss, MOST_CLASSES};
use crate::python::args::threads::MOST_THREADS;
use crate::python::arrays::column_names::ColumnNames;
use crate::python::exceptions::{wrong_type, wrong_value};
use crate::python::model::fitted::{AnyState, Fitted, with_state};
use crate::python::model::gradient_descent::GradientDescent;
use crate::python::model::optimizers::{BatchGD, MiniBatchGD, SGD};
use crate::rule::Rule;
use crate::saved::{MOST, Parts};
use crate::verdict::Shape;

/// The format of what is written here. One that holds other parts, or means others by the same
/// names, has another number.
pub const FORMAT_VERSION: u64 = 1;

/// The name of what a rule that is a function keeps: any objects, so that pickle alone has it.
const RULE_STATE: &str = "rule_state";

type RuleState = Option<Arc<Py<PyDict>>>;

/// What `__reduce__` returns: the function `restore` of this module, and its arguments.
pub fn reduced<'py>(
    py: Python<'py>,
    restore: &str,
    arguments: impl IntoPyObject<'py, Target = PyTuple, Output = Bound<'py, PyTuple>, Error = PyErr>,
) -> PyResult<Bound<'py, PyTuple>> {
    (py.import("gradwalk._core")?.getattr(restore)?, arguments.into_pyobject(py)?).into_pyobject(py)
}

#[pymethods]
impl GradientDescent {
    /// Writes the model to a file, to be read by `gradwalk.load`.
    ///
    /// Everything is kept, to the last bit: the arguments, θ, the counts, the record, and what
    /// `partial_fit` goes on with. The file is a NumPy archive of plain arrays and numbers, whose
    /// names `numpy.load` shows, and reading it executes nothing.
    ///
    /// Parameters
    /// ----------
    /// path : str or path-like
    ///     Where to; ".npz" is added where it is missing. The file is written beside the place and
    ///     then moved there: one that was there stays as it is if that fails.
    ///
    /// Raises
    /// ------
    /// TypeError
    ///     The loss or the learning rate is a function, or the class is one of your own: a file
    ///     that executes nothing cannot hold them. Pickle keeps those that can be imported.
    /// OSError
    ///     The file cannot be written.
    ///
    /// See Also
    /// --------
    /// gradwalk.load : reads the file.
    ///
    /// Examples
    /// --------
    /// >>> import os, tempfile, numpy as np, gradwalk as gw
    /// >>> X = np.array([[0.0], [1.0], [2.0]]); y = np.array([1.0, 3.0, 5.0])
    /// >>> model = gw.BatchGD(learning_rate=0.2, epochs=200).fit(X, y)
    /// >>> path = os.path.join(tempfile.mkdtemp(), "line.npz")
    /// >>> model.save(path)
    /// >>> gw.load(path).partial_fit(X, y).n_epochs_
    /// 201
    #[pyo3(signature = (path))]
    fn save(slf: &Bound<'_, Self>, path: &Bound<'_, PyAny>) -> PyResult<()> {
        slf.py().import("gradwalk.saving")?.call_method1("save", (slf, path))?;
        Ok(())
    }

    fn __reduce__<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyTuple>> {
        let (py, this) = (slf.py(), slf.get());
        let class = this.config().method.class_name();
        // Copied under the lock, and handed to Python outside it: the interpreter may run anything.
        let parts = this.shared.read_whole(py, class, parts_of)?.transpose()?;
        let fitted = parts.map(|(parts, shape, rule_state)| {
            let dict = parts::write(py, parts, &shape)?;
            if let Some(state) = rule_state {
                // A copy must not share the arrays of the walk that goes on here.
                let copy = py.import("copy")?.getattr("deepcopy")?;
                dict.set_item(RULE_STATE, copy.call1((state.bind(py),))?)?;
            }
            Ok::<_, PyErr>(dict)
        });
        let fitted = fitted.transpose()?;
        let arguments = this.config().arguments.bind(py).copy()?;
        let reduced = reduced(py, "_restore_model", (slf.get_type(), arguments, fitted))?;
        let own = slf.call_method0("__getstate__")?;
        if own.is_none() {
            return Ok(reduced);
        }
        let (restore, arguments) = (reduced.get_item(0)?, reduced.get_item(1)?);
        (restore, arguments, own).into_pyobject(py)
    }
}

/// A model of `class`, made with `arguments`, that a fit elsewhere left with `fitted` (or None).
#[pyfunction]
#[pyo3(name = "_restore_model", signature = (class, arguments, fitted, /))]
pub fn restore_model<'py>(
    class: &Bound<'py, PyAny>,
    arguments: &Bound<'py, PyAny>,
    fitted: &Bound<'py, PyAny>,
) -> PyResult<Bound<'py, PyAny>> {
    let py = class.py();
    let ours = [py.get_type::<BatchGD>(), py.get_type::<SGD>(), py.get_type::<MiniBatchGD>()];
    let base = class
        .cast::<PyType>()
        .ok()
        .and_then(|class| ours.into_iter().find(|ours| class.is_subclass(ours).unwrap_or(false)));
    let Some(base) = base else {
        let expected = "BatchGD, SGD, MiniBatchGD, or a class derived from one of them";
        return Err(wrong_type("class", expected, class));
    };
    let Ok(arguments) = arguments.cast::<PyDict>() else {
        return Err(wrong_type("arguments", "a dict of those of the constructor", arguments));
    };
    // Not through the class itself: a derived one may ask for other arguments.
    let model = base.getattr("__new__")?.call1((class,))?;
    base.getattr("__init__")?.call((&model,), Some(arguments))?;
    if !fitted.is_none() {
        let this = model.cast::<GradientDescent>()?.get();
        this.shared.place(py, read_fitted(this.config(), fitted)?)?;
    }
    Ok(model)
}

/// What a fit left, taken apart, with the shape of θ and what a rule that is a function keeps. What follows from the arguments is not in it.
fn parts_of(fitted: &Fitted) -> Result<(Parts, Vec<usize>, RuleState), SavedError> {
    let mut parts = Parts::default();
    with_state!(&fitted.state, state => state.to_parts(&mut parts))?;
    parts.put("is_function", fitted.is_function);
    if let Some(label) = fitted.negative_label {
        parts.put("labels_are_signs", label < 0);
    }
    parts.put("mean_weight", fitted.mean_weight);
    parts.put("seed", fitted.seed);
    parts.put("full_loss", fitted.full_loss);
    parts.put("n_bytes_of_pass", fitted.n_bytes_of_pass as u64);
    parts.put("n_threads", fitted.n_threads as u64);
    if let Some(names) = &fitted.feature_names {
        parts.put("feature_names", names.words().to_vec());
    }
    Ok((parts, fitted.params_shape.clone(), fitted.rule_state.clone()))
}

/// What a fit left in a model of this `config`, from its parts.
fn read_fitted(config: &Config, fitted: &Bound<'_, PyAny>) -> PyResult<Fitted> {
    let Ok(dict) = fitted.cast::<PyDict>() else {
        return Err(wrong_type("fitted", "a dict of saved parts", fitted));
    };
    let dict = dict.copy()?;
    let rule_state = match dict.get_item(RULE_STATE)? {
        Some(state) if config.rule == Rule::Other => {
            dict.del_item(RULE_STATE)?;
            let Ok(state) = state.cast::<PyDict>() else {
                return Err(wrong_type(RULE_STATE, "a dict", &state));
            };
            Some(Arc::new(state.copy()?.unbind()))
        }
        _ => None,
    };
    let (mut parts, params_shape) = parts::read("fitted", &dict, "params")?;
    let is_function = parts.take("is_function")?;
    let is_single = parts.is_single("params");
    let (n_features, n_classes) = match is_function {
        true if is_single => {
            return Err(wrong_value("params", "float64 where a function was walked", "float32"));
        }
        true => (0, None),
        false => features_and_classes(config, &params_shape)?,
    };
    let state = match is_single {
        true => AnyState::F32(State::from_parts(&mut parts, config.record, &config.rule)?),
        false => AnyState::F64(State::from_parts(&mut parts, config.record, &config.rule)?),
    };
    let negative_label = match parts.has("labels_are_signs") {
        true => Some(if parts.take("labels_are_signs")? { -1 } else { 0 }),
        false => None,
    };
    let mean_weight = parts.take("mean_weight")?;
    if !(mean_weight > 0.0 && f64::is_finite(mean_weight)) {
        return Err(wrong_value("mean_weight", "above 0 and finite", mean_weight));
    }
    Ok(Fitted {
        state,
        n_features,
        n_classes,
        params_shape,
        is_function,
        fit_intercept: config.fit_intercept && !is_function,
        negative_label,
        mean_weight,
        rule: config.moves_by(),
        rule_state,
        l1: config.l1,
        shape: if is_function { Shape::Unknown } else { config.loss.shape() },
        seed: parts.take("seed")?,
        full_loss: parts.take("full_loss")?,
        n_bytes_of_pass: parts.whole("n_bytes_of_pass", 0..=MOST)? as usize,
        n_threads: parts.whole("n_threads", 0..=MOST_THREADS)? as usize,
        feature_names: read_names(&mut parts, n_features)?,
    })
}

/// The names of the columns, if there are any: one a feature.
fn read_names(parts: &mut Parts, n_features: usize) -> PyResult<Option<ColumnNames>> {
    if !parts.has("feature_names") {
        return Ok(None);
    }
    let words: Vec<String> = parts.take("feature_names")?;
    if words.len() != n_features {
        let expected = format!("a list of {n_features} words, one a feature");
        return Err(wrong_value("feature_names", expected, words.len()));
    }
    Ok(Some(ColumnNames::from_words(words)))
}

/// d, and K of cross_entropy, by the shape of θ.
fn features_and_classes(config: &Config, shape: &[usize]) -> PyResult<(usize, Option<usize>)> {
    if config.loss == Loss::Function {
        let expected = "True for a loss that is a function";
        return Err(wrong_value("is_function", expected, "False"));
    }
    let (rows, n_classes) = match (config.loss, shape) {
        (Loss::CrossEntropy, &[rows, n_classes]) if n_classes as u64 <= MOST_CLASSES => {
            (Some(rows), Some(n_classes))
        }
        (Loss::Point(_), &[rows]) => (Some(rows), None),
        _ => (None, None),
    };
    let n_features = rows.and_then(|rows| rows.checked_sub(usize::from(config.fit_intercept)));
    let agrees = config.n_classes.is_none_or(|told| n_classes == Some(told));
    match n_features.filter(|&n_features| n_features > 0 && agrees) {
        Some(n_features) => Ok((n_features, n_classes)),
        None => {
            let rows = if config.fit_intercept { "d + 1" } else { "d" };
            let expected = match (config.loss, config.n_classes) {
                (Loss::CrossEntropy, None) => format!("of shape ({rows}, K)"),
                (Loss::CrossEntropy, Some(n_classes)) => format!("of shape ({rows}, {n_classes})"),
                _ => format!("of shape ({rows},)"),
            };
            let expected = format!("{expected} for {}", config.loss.name());
            Err(wrong_value("params", expected, format!("shape {shape:?}")))
        }
    }
}
