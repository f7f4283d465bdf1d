//! Targets and weights: what the losses make of them.

use numpy::PyUntypedArrayMethods;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;

use super::memory::{Memory, Numbers, OneHot};
use super::passes::{first_row, in_pieces};
use super::{as_numbers, column};
use crate::error::BadValue;
use crate::loss::Labels;
use crate::objective::SampleWeights;
use crate::python::args::config::{Loss, MOST_CLASSES};
use crate::python::exceptions::wrong_value;
use crate::real::Real;
use crate::rows::{Column, Strided, sum_in_pieces};

/// y, checked against the loss.
pub enum Targets<'py, T> {
    /// One number a row.
    Numbers(Numbers<'py, T>),
    /// One-hot rows, each of which stands for its class.
    OneHot(OneHot<'py>, /* K */ usize),
}

impl<'py, T: Real> Targets<'py, T> {
    /// Checks `value` as the argument `y` beside an X of this shape.
    pub fn new(value: &Bound<'py, PyAny>, loss: Loss, x: [usize; 2]) -> PyResult<Self> {
        Self::unchecked(value, loss, x)?.checked(value.py(), loss)
    }

    /// The same, without a look at the labels.
    pub fn unchecked(value: &Bound<'py, PyAny>, loss: Loss, x: [usize; 2]) -> PyResult<Self> {
        let [n_rows, _] = x;
        if loss == Loss::CrossEntropy {
            let array = as_numbers("y", value)?;
            if let &[n, n_classes] = array.shape()
                && n == n_rows
                && n_classes > 1
            {
                return Ok(Targets::OneHot(OneHot::new(Memory::of("y", &array)?), n_classes));
            }
        }
        let numbers = column("y", value, n_rows);
        numbers.map(Targets::Numbers).map_err(|error| transposed(error, x, value))
    }

    /// Itself, if the labels are such as `loss` has; class numbers are counted by
    /// [`Targets::count_classes`].
    pub fn checked(self, py: Python<'_>, loss: Loss) -> PyResult<Self> {
        match (&self, loss) {
            (Targets::OneHot(one_hot, _), _) => check_one_hot(py, &one_hot.entries())?,
            (Targets::Numbers(targets), Loss::Point(loss)) => {
                check_labels(py, &targets.column(), loss.labels(), loss.name())?;
            }
            (Targets::Numbers(_), Loss::CrossEntropy | Loss::Function) => {}
        }
        Ok(self)
    }

    /// One number a row.
    pub fn column(&self) -> Column<'_, T> {
        match self {
            Targets::Numbers(targets) => targets.column(),
            Targets::OneHot(one_hot, _) => one_hot.column(),
        }
    }

    /// The first label that is not 1, 0 or −1, and its row.
    pub fn other_label(&self, py: Python<'_>) -> PyResult<Option<(usize, i64)>> {
        let column = self.column();
        let row = first_row(py, &column, |label| label < T::one())?;
        Ok(row.map(|row| (row, if column.get(row) < T::zero() { -1 } else { 0 })))
    }

    /// K for cross_entropy: what the user said, or what the labels say.
    pub fn count_classes(&self, py: Python<'_>, said: Option<(usize, &str)>) -> PyResult<usize> {
        let limit = said.map_or(MOST_CLASSES as usize, |(n_classes, _)| n_classes);
        if let (Targets::OneHot(_, n_classes), Some((said, source))) = (self, said)
            && *n_classes != said
        {
            return Err(PyValueError::new_err(format!(
                "y has {n_classes} columns, one a class, but {source} says {said} classes"
            )));
        }
        if let Targets::OneHot(_, n_classes) = self {
            return Ok(*n_classes);
        }
        let column = self.column();
        let mut largest = 0;
        let wrong = first_row(py, &column, |label| {
            let class = label.to_usize().filter(|_| label.fract() == T::zero());
            class.is_none_or(|class| {
                largest = largest.max(class);
                class >= limit
            })
        })?;
        if let Some(row) = wrong {
            let label = column.get(row);
            refuse_nan(row, label)?;
            let classes = match said {
                Some((n, source)) => format!("from 0 to {}, as {source} says", n - 1),
                None => "0, 1, …, K − 1".into(),
            };
            let more = match said {
                Some((n, source)) if label >= T::from_f64(n as f64) && source != "init" => format!(
                    "If there are more classes, give n_classes={} to the constructor. ",
                    label.as_f64().floor() + 1.0
                ),
                _ => String::new(),
            };
            // A part that is numbered by itself gets other numbers than the rest.
            return Err(PyValueError::new_err(format!(
                "y must hold class numbers {classes}; got {label} in row {row}. {more}Number other \
                 labels for all the data together, before they are parted: classes, y = \
                 np.unique(y, return_inverse=True)"
            )));
        }
        match said {
            Some((n_classes, _)) => Ok(n_classes),
            None if largest >= column.len().max(10_000) => Err(PyValueError::new_err(format!(
                "y must hold class numbers 0, 1, …, K − 1; got {largest}, which would make more \
                 classes than rows. Give n_classes if that is meant, or a loss of real targets"
            ))),
            None => Ok(largest + 1),
        }
    }
}

/// A label that is no number at all is no question of how classes are written.
fn refuse_nan<T: Real>(row: usize, label: T) -> PyResult<()> {
    if label.is_finite() {
        return Ok(());
    }
    Err(BadValue::Target { row, value: label.as_f64() }.into())
}

fn check_one_hot(py: Python<'_>, entries: &Strided<'_>) -> PyResult<()> {
    let [n_rows, n_classes] = entries.shape();
    in_pieces(py, n_rows, |rows| {
        for row in rows {
            let mut count = 0;
            for class in 0..n_classes {
                let entry = entries.get::<f64>(row, class);
                // Two for whatever is neither 0 nor 1.
                count += if entry == 0.0 { 0 } else { 1 + usize::from(entry != 1.0) };
            }
            if count != 1 {
                return Err(PyValueError::new_err(format!(
                    "y must be one-hot, a single 1 and zeros in each row, or hold class numbers \
                     0, 1, …, K − 1; row {row} is neither"
                )));
            }
        }
        Ok(())
    })
}

fn check_labels<T: Real>(
    py: Python<'_>,
    targets: &Column<'_, T>,
    labels: Labels,
    loss: &str,
) -> PyResult<()> {
    let (one, zero) = (T::one(), T::zero());
    match labels {
        Labels::Real | Labels::ClassNumbers => return Ok(()),
        Labels::NotNegative => return check_not_negative(py, targets, loss),
        Labels::ZeroOneOrSigns => {}
    }
    let has_negative = first_row(py, targets, |label| label == -one)?.is_some();
    let is_legal =
        |label: T| label == one || if has_negative { label == -one } else { label == zero };
    let Some(row) = first_row(py, targets, |label| !is_legal(label))? else { return Ok(()) };
    let label = targets.get(row);
    refuse_nan(row, label)?;
    Err(PyValueError::new_err(format!(
        "y must hold labels 0 or 1, or all −1 or 1, for {loss}; got {label} in row {row}. Write \
         (y == one_class).astype(int) to number two other labels"
    )))
}

fn check_not_negative<T: Real>(
    py: Python<'_>,
    targets: &Column<'_, T>,
    loss: &str,
) -> PyResult<()> {
    // What is no number is found where those of all losses are.
    let is_wrong = |target: T| target < T::zero() && target.is_finite();
    let Some(row) = first_row(py, targets, is_wrong)? else { return Ok(()) };
    let target = targets.get(row);
    Err(PyValueError::new_err(format!(
        "y must hold numbers of at least 0 for {loss}, as counts are; got {target} in row {row}. \
         For targets of any sign take mse or huber"
    )))
}

/// sample_weight for `n_rows` rows, without a look at the numbers.
pub fn unchecked_weights<'py>(
    value: Option<&Bound<'py, PyAny>>,
    n_rows: usize,
) -> PyResult<Option<Numbers<'py, f64>>> {
    let value = value.filter(|value| !value.is_none());
    value.map(|value| column("sample_weight", value, n_rows)).transpose()
}

/// sample_weight for `n_rows` rows. They are weighed against their own mean, and so not all 0, unless
/// `is_mean_known`.
pub fn weights<'py>(
    value: Option<&Bound<'py, PyAny>>,
    n_rows: usize,
    is_mean_known: bool,
) -> PyResult<Option<Numbers<'py, f64>>> {
    let (Some(value), Some(numbers)) = (value, unchecked_weights(value, n_rows)?) else {
        return Ok(None);
    };
    let weights = numbers.column();
    let (mut largest, mut sum) = (0.0f64, 0.0);
    let bad = first_row(value.py(), &weights, |weight| {
        largest = largest.max(weight);
        sum += weight;
        !(weight.is_finite() && weight >= 0.0)
    })?;
    if let Some(row) = bad {
        let came = format!("{} in row {row}", weights.get(row));
        return Err(wrong_value("sample_weight", "of finite numbers of at least 0", came));
    }
    if is_mean_known {
        return Ok(Some(numbers));
    }
    if largest == 0.0 {
        return Err(wrong_value("sample_weight", "above 0 for at least one row", "zeros alone"));
    }
    if SampleWeights::with_mean(weights, sum / n_rows as f64).is_none() {
        let expected = "of numbers whose mean is neither infinite nor rounded to 0";
        let came = format!("numbers up to {largest:e}");
        return Err(wrong_value("sample_weight", expected, came));
    }
    Ok(Some(numbers))
}

/// s̄ of the rows, or of those of `part` alone: 1 if there are no weights.
pub fn mean_weight(
    py: Python<'_>,
    weights: &Option<Numbers<'_, f64>>,
    part: Option<&[u32]>,
) -> PyResult<f64> {
    let Some(weights) = weights else { return Ok(1.0) };
    let column = weights.column();
    let count = part.map_or(column.len(), <[u32]>::len);
    let row = |place: usize| part.map_or(place, |part| part[place] as usize);
    let term = |place| column.get(row(place));
    let mean = sum_in_pieces(count, &mut || py.check_signals(), term)? / count as f64;
    if mean > 0.0 && mean.is_finite() {
        return Ok(mean);
    }
    Err(match part {
        None => PyValueError::new_err("sample_weight changed during the call"),
        Some(_) => {
            let expected = "above 0 for some rows that validation leaves";
            wrong_value("sample_weight", expected, "zeros alone")
        }
    })
}

/// sᵢ/s̄ of `n_rows` rows, whose weights are 1 if there are none.
pub fn factors<'a>(
    weights: &'a Option<Numbers<'_, f64>>,
    n_rows: usize,
    mean: f64,
) -> SampleWeights<'a> {
    let column = match weights {
        Some(weights) => Some(weights.column()),
        None if mean == 1.0 => None,
        None => Some(Column::Same(1.0, n_rows)),
    };
    column
        .and_then(|column| SampleWeights::with_mean(column, mean))
        .unwrap_or_else(SampleWeights::equal)
}

/// `error`, which came of y beside an X of this shape; if courses that hold a row a feature have
/// them as they are, it says how they lie here.
fn transposed(error: PyErr, [n_rows, n_cols]: [usize; 2], y: &Bound<'_, PyAny>) -> PyErr {
    let Ok(array) = as_numbers("y", y) else { return error };
    let hint = match *array.shape() {
        [n] | [n, 1] if n == n_rows => return error,
        [1, n] if n == n_rows && n > 1 => "Write y.T: here y has a row for each row of X",
        [n] | [n, 1] if n == n_cols => "Write X.T: here X has a row a sample, a column a feature",
        [1, n] if n == n_cols => {
            "Write X.T and y.T: here X has a row a sample, a column a feature, and y as many rows"
        }
        _ => return error,
    };
    PyValueError::new_err(format!("{}. {hint}", error.value(y.py())))
}
