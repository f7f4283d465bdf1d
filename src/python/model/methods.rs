//! `decision_function`, `predict`, `predict_proba` and `score` of the three classes.

use pyo3::prelude::*;
use pyo3::types::PyDict;

use super::gradient_descent::GradientDescent;
use super::predictions::{Output, output, score};

#[pymethods]
impl GradientDescent {
    /// Linear scores z = X w + b.
    ///
    /// Parameters
    /// ----------
    /// X : array_like of shape (n, d)
    ///     Rows of features, as many columns as in `fit`.
    /// params : array_like of the shape of ``params_``, optional
    ///     Another θ than that at the end, as one of ``history_.path``; or a pair (w, b).
    ///
    /// Returns
    /// -------
    /// ndarray of shape (n,), or (n, K) for cross_entropy
    ///
    /// Raises
    /// ------
    /// NotFittedError
    ///     There was no fit yet.
    /// TypeError, ValueError
    ///     X or params is not what it must be, or a row has a NaN or an infinity.
    #[pyo3(signature = (X, *, params = None, **unknown), text_signature = "($self, X, *, params=None)")]
    #[allow(non_snake_case)]
    fn decision_function<'py>(
        &self,
        X: &Bound<'py, PyAny>,
        params: Option<&Bound<'py, PyAny>>,
        unknown: Option<&Bound<'py, PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        self.refuse_unknown("decision_function", unknown)?;
        let fitted = self.snapshot(X.py(), "decision_function")?;
        output(self.config(), &fitted, X, params, Output::Scores)
    }

    /// Predictions: what `BatchGD` says of the loss, such as z, or the class, labelled as in `fit`.
    ///
    /// Parameters
    /// ----------
    /// X : array_like of shape (n, d)
    ///     Rows of features, as many columns as in `fit`.
    /// params : array_like of the shape of ``params_``, optional
    ///     Another θ than that at the end, as one of ``history_.path``; or a pair (w, b).
    ///
    /// Returns
    /// -------
    /// ndarray of shape (n,), int64 for classes
    ///
    /// Raises
    /// ------
    /// NotFittedError
    ///     There was no fit yet.
    /// TypeError, ValueError
    ///     X or params is not what it must be, or a row has a NaN or an infinity.
    #[pyo3(signature = (X, *, params = None, **unknown), text_signature = "($self, X, *, params=None)")]
    #[allow(non_snake_case)]
    fn predict<'py>(
        &self,
        X: &Bound<'py, PyAny>,
        params: Option<&Bound<'py, PyAny>>,
        unknown: Option<&Bound<'py, PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        self.refuse_unknown("predict", unknown)?;
        let fitted = self.snapshot(X.py(), "predict")?;
        output(self.config(), &fitted, X, params, Output::Prediction)
    }

    /// Probabilities of the classes in the order of `classes_`: 1 − σ(z) and σ(z) for log_loss, the
    /// softmax of the scores for cross_entropy. Other losses have none: TypeError.
    ///
    /// Parameters
    /// ----------
    /// X : array_like of shape (n, d)
    ///     Rows of features, as many columns as in `fit`.
    /// params : array_like of the shape of ``params_``, optional
    ///     Another θ than that at the end, as one of ``history_.path``; or a pair (w, b).
    ///
    /// Returns
    /// -------
    /// ndarray of shape (n, 2), or (n, K) for cross_entropy
    ///
    /// Raises
    /// ------
    /// NotFittedError
    ///     There was no fit yet.
    /// TypeError, ValueError
    ///     X or params is not what it must be, or a row has a NaN or an infinity.
    #[pyo3(signature = (X, *, params = None, **unknown), text_signature = "($self, X, *, params=None)")]
    #[allow(non_snake_case)]
    fn predict_proba<'py>(
        &self,
        X: &Bound<'py, PyAny>,
        params: Option<&Bound<'py, PyAny>>,
        unknown: Option<&Bound<'py, PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        self.refuse_unknown("predict_proba", unknown)?;
        let fitted = self.snapshot(X.py(), "predict_proba")?;
        output(self.config(), &fitted, X, params, Output::Probabilities)
    }

    /// How well the predictions fit: R² = 1 − Σ(y − ŷ)²/Σ(y − ȳ)² for real targets, where ŷ is e^z
    /// the same of deviances, D² = 1 − D(y, ŷ)/D(y, ȳ) with D = Σ y ln(y/ŷ) − y + ŷ, the share of
    /// right predictions for classes.
    ///
    /// Parameters
    /// ----------
    /// X : array_like of shape (n, d)
    ///     Rows of features, as many columns as in `fit`.
    /// y : array_like of shape (n,) or (n, 1)
    ///     Targets, as in `fit`.
    /// params : array_like of the shape of ``params_``, optional
    ///     Another θ than that at the end, as one of ``history_.path``; or a pair (w, b).
    ///
    /// Returns
    /// -------
    /// float
    ///
    /// Raises
    /// ------
    /// NotFittedError
    ///     There was no fit yet.
    /// TypeError, ValueError
    ///     X, y or params is not what it must be, or a row has a NaN or an infinity.
    #[pyo3(signature = (X, y, *, params = None, **unknown), text_signature = "($self, X, y, *, params=None)")]
    #[allow(non_snake_case)]
    fn score<'py>(
        &self,
        X: &Bound<'py, PyAny>,
        y: &Bound<'py, PyAny>,
        params: Option<&Bound<'py, PyAny>>,
        unknown: Option<&Bound<'py, PyDict>>,
    ) -> PyResult<f64> {
        self.refuse_unknown("score", unknown)?;
        let fitted = self.snapshot(X.py(), "score")?;
        score(self.config(), &fitted, (X, y), params)
    }
}
