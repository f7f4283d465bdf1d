//! What a fit leaves behind in the object, behind one lock.

use std::sync::Arc;

use numpy::{Element, PyArray1, PyArrayMethods};
use pyo3::exceptions::PyAttributeError;
use pyo3::prelude::*;
use pyo3::types::{PyAny, PyDict};

use crate::descent::State;
use crate::python::args::config::{Config, Loss};
use crate::python::arrays::array1;
use crate::python::arrays::column_names::ColumnNames;
use crate::real::Real;
use crate::rule::Rule;
use crate::stop::StopReason;
use crate::verdict::Shape;

/// A walk in one of the two precisions.
#[derive(Clone, Debug)]
pub enum AnyState {
    /// Single.
    F32(State<f32>),
    /// Double.
    F64(State<f64>),
}

/// Evaluates `$body` with `$state` bound to the walk inside, once for each precision.
macro_rules! with_state {
    ($any:expr, $state:ident => $body:expr) => {
        match $any {
            $crate::python::model::fitted::AnyState::F32($state) => $body,
            $crate::python::model::fitted::AnyState::F64($state) => $body,
        }
    };
}
pub(in crate::python) use with_state;

/// A precision that the bindings know.
pub trait Precision: Real + Element {
    /// The name of the dtype.
    const DTYPE: &'static str;
    /// The walk in this precision, if it is in this one.
    fn of(state: &mut AnyState) -> Option<&mut State<Self>>;
    /// The same, to look at.
    fn view(state: &AnyState) -> Option<&State<Self>>;
    /// The walk, its precision forgotten.
    fn wrap(state: State<Self>) -> AnyState;
}

impl Precision for f32 {
    const DTYPE: &'static str = "float32";
    fn of(state: &mut AnyState) -> Option<&mut State<f32>> {
        match state {
            AnyState::F32(state) => Some(state),
            AnyState::F64(_) => None,
        }
    }
    fn view(state: &AnyState) -> Option<&State<f32>> {
        match state {
            AnyState::F32(state) => Some(state),
            AnyState::F64(_) => None,
        }
    }
    fn wrap(state: State<f32>) -> AnyState {
        AnyState::F32(state)
    }
}

impl Precision for f64 {
    const DTYPE: &'static str = "float64";
    fn of(state: &mut AnyState) -> Option<&mut State<f64>> {
        match state {
            AnyState::F64(state) => Some(state),
            AnyState::F32(_) => None,
        }
    }
    fn view(state: &AnyState) -> Option<&State<f64>> {
        match state {
            AnyState::F64(state) => Some(state),
            AnyState::F32(_) => None,
        }
    }
    fn wrap(state: State<f64>) -> AnyState {
        AnyState::F64(state)
    }
}

/// A model that has been fitted, or is being fitted.
#[derive(Clone, Debug)]
pub struct Fitted {
    /// The walk.
    pub state: AnyState,
    /// d.
    pub n_features: usize,
    /// The names of the columns, where X had them.
    pub feature_names: Option<ColumnNames>,
    /// K, for cross_entropy.
    pub n_classes: Option<usize>,
    /// The shape of θ.
    pub params_shape: Vec<usize>,
    /// Whether it is a function of the user's, or a landscape, that was walked down: then nothing
    /// can be predicted.
    pub is_function: bool,
    /// Whether θ begins with an intercept.
    pub fit_intercept: bool,
    /// The label of the other class, −1 or 0, once y has had one.
    pub negative_label: Option<i64>,
    /// s̄ of the first call.
    pub mean_weight: f64,
    /// How θ moved.
    pub rule: Rule,
    /// What a rule that is a function keeps from update to update.
    pub rule_state: Option<Arc<Py<PyDict>>>,
    /// Strength of the lasso penalty.
    pub l1: f64,
    /// What is known of the function that was walked down.
    pub shape: Shape,
    /// Seed of the order.
    pub seed: u64,
    /// Whether the objective on all rows is evaluated after each epoch.
    pub full_loss: bool,
    /// Bytes of the objective's buffers during the fit.
    pub n_bytes_of_pass: usize,
    /// Threads that worked in the last fit.
    pub n_threads: usize,
}

impl Fitted {
    /// A walk from `params` down a function of the user's, or a landscape.
    pub fn of_function(
        config: &Config,
        params: Vec<f64>,
        params_shape: Vec<usize>,
        seed: u64,
        full_loss: bool,
    ) -> PyResult<Self> {
        Ok(Fitted {
            state: AnyState::F64(State::new(params, config.record, &config.rule)?),
            n_features: 0,
            feature_names: None,
            n_classes: None,
            params_shape,
            is_function: true,
            fit_intercept: false,
            negative_label: None,
            mean_weight: 1.0,
            rule: config.moves_by(),
            rule_state: None,
            l1: config.l1,
            shape: Shape::Unknown,
            seed,
            full_loss,
            n_bytes_of_pass: 0,
            n_threads: 1,
        })
    }

    /// A copy to read from while a walk goes on: without the record, where that is long and not wanted.
    pub fn outline(&self, is_wanted: bool) -> Self {
        let state = match &self.state {
            AnyState::F32(state) => AnyState::F32(state.outline(is_wanted)),
            AnyState::F64(state) => AnyState::F64(state.outline(is_wanted)),
        };
        Fitted {
            state,
            params_shape: self.params_shape.clone(),
            feature_names: self.feature_names.clone(),
            rule_state: self.rule_state.clone(),
            ..*self
        }
    }

    /// Itself, if it is a model of data; else the error that `attribute` is missing.
    pub fn over_data(&self, attribute: &str) -> PyResult<&Self> {
        if self.is_function {
            return Err(PyAttributeError::new_err(format!(
                "there is no {attribute}: this model walked down a function, and all that it found \
                 is params_"
            )));
        }
        Ok(self)
    }

    /// The dtype of θ.
    pub fn dtype(&self) -> &'static str {
        match self.state {
            AnyState::F32(_) => f32::DTYPE,
            AnyState::F64(_) => f64::DTYPE,
        }
    }

    /// Why the walk stopped, once it has.
    pub fn stopped(&self) -> Option<StopReason> {
        with_state!(&self.state, state => state.stopped())
    }

    /// θ, of shape (p,) or (d + 1, K).
    pub fn params<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        with_state!(&self.state, state => shaped(py, state.params(), &self.params_shape))
    }

    /// w, of shape (d,) or (K, d).
    pub fn coef<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let start = if self.fit_intercept { self.n_classes.unwrap_or(1) } else { 0 };
        with_state!(&self.state, state => {
            let coef = &state.params()[start..];
            match self.n_classes {
                None => Ok(array1(py, coef).into_any()),
                Some(n_classes) => {
                    let by_class: Vec<_> = (0..n_classes)
                        .flat_map(|class| coef.iter().skip(class).step_by(n_classes).copied())
                        .collect();
                    crate::python::arrays::array2(py, by_class, n_classes, self.n_features)
                        .map(Bound::into_any)
                }
            }
        })
    }

    /// b, a float or of shape (K,).
    pub fn intercept<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let fit_intercept = self.fit_intercept;
        with_state!(&self.state, state => {
            let params = state.params();
            match self.n_classes {
                None => {
                    let bias = if fit_intercept { params[0].as_f64() } else { 0.0 };
                    Ok(bias.into_pyobject(py)?.into_any())
                }
                Some(n_classes) if fit_intercept => Ok(array1(py, &params[..n_classes]).into_any()),
                Some(n_classes) => {
                    // As many zeros of the parameters' type.
                    let mut zeros = params[..n_classes].to_vec();
                    zeros.fill(Default::default());
                    Ok(array1(py, &zeros).into_any())
                }
            }
        })
    }

    /// The classes, in the order of their scores.
    pub fn classes(&self, loss: Loss) -> Option<Vec<i64>> {
        match self.n_classes {
            Some(n_classes) => Some((0..n_classes as i64).collect()),
            None if loss.is_classification() => Some(vec![self.negative_label.unwrap_or(0), 1]),
            None => None,
        }
    }
}

/// Values in C order as a fresh array of this shape.
pub fn shaped<'py, T: Element + Copy>(
    py: Python<'py>,
    values: &[T],
    shape: &[usize],
) -> PyResult<Bound<'py, PyAny>> {
    reshaped(array1(py, values), shape)
}

/// A fresh array with its values, in C order, in this shape; one of NumPy's numbers for the shape
/// ().
pub fn reshaped<'py, T: Element>(
    flat: Bound<'py, PyArray1<T>>,
    shape: &[usize],
) -> PyResult<Bound<'py, PyAny>> {
    match shape {
        [_] => return Ok(flat.into_any()),
        [] => return flat.get_item(0),
        _ => {}
    }
    Ok(flat.reshape(shape.to_vec())?.into_any())
}
