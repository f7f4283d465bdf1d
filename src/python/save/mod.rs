//! Models and records taken apart for pickle and `save`, and put together again.
//!
//! Every object is reduced to a function of this module and its arguments, so that an object comes
//! into being with all it has, checked, and nothing can be put into one that lives already. Pickles
//! name these functions, which therefore keep their names. What an object of a derived class has by
//! itself is left to Python.
//!
//! | part | of | in Python |
//! |---|---|---|
//! | class, arguments | [`Config`] | a class, a dict |
//! | what a fit left | [`Fitted`], [`StateParts`] | a dict (see [`Writer`]), or None |
//! | `history_…` | [`HistoryParts`](crate::history::HistoryParts) | in the same dict |

mod history;
mod parts;
mod step;
mod verdict;

use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList, PyTuple, PyType};

pub use self::history::restore_history;
use self::history::{read_history, read_stop, write_history, write_stop};
use self::parts::{Reader, Writer};
pub use self::step::restore_step;
pub use self::verdict::restore_verdict;
use crate::descent::{BestParts, State, StateParts};
use crate::error::SavedError;
use crate::history::MOST;
use crate::python::args::config::{Config, Loss, MOST_CLASSES};
use crate::python::args::threads::MOST_THREADS;
use crate::python::arrays::column_names::ColumnNames;
use crate::python::exceptions::{describe, wrong_type, wrong_value};
use crate::python::model::fitted::{AnyState, Fitted, Precision};
use crate::python::model::gradient_descent::GradientDescent;
use crate::python::model::optimizers::{BatchGD, MiniBatchGD, SGD};
use crate::rule::MemoryParts;
use crate::stop::Patience;
use crate::verdict::Shape;

/// The format of what is written here. One that holds other parts, or means others by the same
/// names, has another number; so has one after a change of how a record is thinned, which what is
/// read is held to.
pub const FORMAT_VERSION: u64 = 1;

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
        let parts = this.shared.read_whole(py, class, FittedParts::of)?.transpose()?;
        let fitted = parts.map(|parts| parts.write(py)).transpose()?;
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

/// A state in one of the two precisions, taken apart.
enum AnyParts {
    F32(StateParts<f32>),
    F64(StateParts<f64>),
}

/// What a fit left, taken apart. What follows from the arguments is not in it.
struct FittedParts {
    state: AnyParts,
    params_shape: Vec<usize>,
    is_function: bool,
    negative_label: Option<i64>,
    mean_weight: f64,
    seed: u64,
    full_loss: bool,
    n_bytes_of_pass: usize,
    n_threads: usize,
    feature_names: Option<Vec<String>>,
}

impl FittedParts {
    fn of(fitted: &Fitted) -> Result<Self, SavedError> {
        let state = match &fitted.state {
            AnyState::F32(state) => AnyParts::F32(state.to_parts()?),
            AnyState::F64(state) => AnyParts::F64(state.to_parts()?),
        };
        let Fitted { is_function, negative_label, mean_weight, seed, full_loss, .. } = *fitted;
        let Fitted { n_bytes_of_pass, n_threads, .. } = *fitted;
        let params_shape = fitted.params_shape.clone();
        let feature_names = fitted.feature_names.as_ref().map(|names| names.words().to_vec());
        Ok(FittedParts {
            state,
            params_shape,
            is_function,
            negative_label,
            mean_weight,
            seed,
            full_loss,
            n_bytes_of_pass,
            n_threads,
            feature_names,
        })
    }

    fn write(self, py: Python<'_>) -> PyResult<Bound<'_, PyDict>> {
        let parts = Writer::new(py);
        parts.value("format_version", FORMAT_VERSION)?;
        parts.value("is_function", self.is_function)?;
        if let Some(label) = self.negative_label {
            parts.value("negative_label", label)?;
        }
        parts.value("mean_weight", self.mean_weight)?;
        parts.value("seed", self.seed)?;
        parts.value("full_loss", self.full_loss)?;
        parts.value("n_bytes_of_pass", self.n_bytes_of_pass)?;
        parts.value("n_threads", self.n_threads)?;
        if let Some(names) = self.feature_names {
            parts.value("feature_names", names)?;
        }
        match self.state {
            AnyParts::F32(state) => write_state(&parts, state, &self.params_shape)?,
            AnyParts::F64(state) => write_state(&parts, state, &self.params_shape)?,
        }
        Ok(parts.finish())
    }
}

/// What a fit left in a model of this `config`, from its parts.
fn read_fitted(config: &Config, parts: &Bound<'_, PyAny>) -> PyResult<Fitted> {
    let parts = Reader::new("fitted", parts)?;
    check_format(&parts)?;
    let is_single = parts.is_single("params")?;
    let (state, params_shape) = if is_single {
        read_state::<f32>(&parts, config)?
    } else {
        read_state::<f64>(&parts, config)?
    };
    let is_function = parts.flag("is_function")?;
    let (n_features, n_classes) = if is_function {
        if is_single {
            return Err(wrong_value("params", "float64 where a function was walked", "float32"));
        }
        (0, None)
    } else {
        features_and_classes(config, &params_shape)?
    };
    let negative_label = match parts.has("negative_label")? {
        true => {
            let has_labels = config.loss.has_signs() && !is_function;
            Some(read_label(has_labels, &parts.take("negative_label")?)?)
        }
        false => None,
    };
    let mean_weight = parts.real("mean_weight")?;
    if !(mean_weight > 0.0 && mean_weight.is_finite()) {
        return Err(wrong_value("mean_weight", "above 0 and finite", mean_weight));
    }
    let fitted = Fitted {
        state,
        n_features,
        n_classes,
        params_shape,
        is_function,
        negative_label,
        mean_weight,
        rule: config.rule,
        l1: config.l1,
        shape: if is_function { Shape::Unknown } else { config.loss.shape() },
        seed: parts.whole("seed", u64::MAX)?,
        full_loss: parts.flag("full_loss")?,
        n_bytes_of_pass: parts.whole("n_bytes_of_pass", MOST)? as usize,
        n_threads: parts.whole("n_threads", MOST_THREADS)? as usize,
        feature_names: read_names(&parts, n_features)?,
    };
    parts.finish()?;
    Ok(fitted)
}

/// The label of the other class, of a loss that may have one.
fn read_label(has_labels: bool, label: &Bound<'_, PyAny>) -> PyResult<i64> {
    match label.extract::<i64>() {
        Ok(label @ (0 | -1)) if has_labels => Ok(label),
        _ => {
            let expected = "0 or −1, where a hinge loss was walked down, and else absent";
            Err(wrong_value("negative_label", expected, describe(label)))
        }
    }
}

/// The names of the columns, if there are any: one a feature.
fn read_names(parts: &Reader<'_>, n_features: usize) -> PyResult<Option<ColumnNames>> {
    if !parts.has("feature_names")? {
        return Ok(None);
    }
    let names = parts.take("feature_names")?;
    let expected = format!("a list of {n_features} words, one a feature");
    match names.cast::<PyList>() {
        Ok(list) if list.len() == n_features => match list.extract() {
            Ok(words) => Ok(Some(ColumnNames::from_words(words))),
            Err(_) => Err(wrong_value("feature_names", expected, "other things than words")),
        },
        Ok(list) => Err(wrong_value("feature_names", expected, format!("{}", list.len()))),
        Err(_) => Err(wrong_type("feature_names", expected, &names)),
    }
}

fn check_format(parts: &Reader<'_>) -> PyResult<()> {
    let format = parts.whole("format_version", u64::MAX)?;
    if format != FORMAT_VERSION {
        return Err(PyValueError::new_err(format!(
            "the saved parts are of format {format}, and this version of gradwalk reads format \
             {FORMAT_VERSION} alone. Read them with the version that wrote them, or a newer one"
        )));
    }
    Ok(())
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

fn write_state<T: Precision>(
    parts: &Writer<'_>,
    state: StateParts<T>,
    shape: &[usize],
) -> PyResult<()> {
    parts.array("params", state.params, shape.to_vec())?;
    parts.value("n_epochs", state.epochs)?;
    parts.value("n_updates", state.updates)?;
    write_stop(parts, state.stopped)?;
    parts.value("last_finite_loss", state.last_finite_loss)?;
    parts.value("patience_best", state.patience.best)?;
    parts.value("patience_stale", state.patience.stale)?;
    parts.vector("rule_first", state.memory.first)?;
    parts.vector("rule_second", state.memory.second)?;
    parts.value("rule_steps", state.memory.steps)?;
    if let Some(best) = state.best {
        parts.vector("best_params", best.params)?;
        parts.value("best_loss", best.loss)?;
        parts.value("best_epoch", best.epoch)?;
    }
    parts.value("nanoseconds", state.nanoseconds)?;
    parts.value("peak_bytes", state.peak_bytes)?;
    write_history(parts, state.history, shape)
}

fn read_state<T: Precision>(
    parts: &Reader<'_>,
    config: &Config,
) -> PyResult<(AnyState, Vec<usize>)> {
    let (params, shape) = parts.array("params")?;
    let best = if parts.has("best_epoch")? {
        Some(BestParts {
            params: parts.vector("best_params")?,
            loss: parts.real("best_loss")?,
            epoch: parts.whole("best_epoch", MOST)?,
        })
    } else {
        None
    };
    let parts = StateParts {
        params,
        memory: MemoryParts {
            first: parts.vector("rule_first")?,
            second: parts.vector("rule_second")?,
            steps: parts.whole("rule_steps", MOST)?,
        },
        best,
        epochs: parts.whole("n_epochs", MOST)?,
        updates: parts.whole("n_updates", MOST)?,
        patience: Patience {
            best: parts.real("patience_best")?,
            stale: parts.whole("patience_stale", MOST)?,
        },
        last_finite_loss: parts.real("last_finite_loss")?,
        nanoseconds: parts.whole("nanoseconds", u64::MAX)?,
        stopped: read_stop(parts)?,
        peak_bytes: parts.whole("peak_bytes", MOST)? as usize,
        history: read_history(parts, Some(&shape))?.0,
    };
    Ok((T::wrap(State::from_parts(parts, config.record, &config.rule)?), shape))
}
