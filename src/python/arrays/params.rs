//! θ as it is given: its shape, and where it comes in two parts.

use numpy::{Element, PyUntypedArray, PyUntypedArrayMethods};
use pyo3::prelude::*;
use pyo3::types::PyTuple;

use super::memory::refuse_long_double;
use super::{as_numbers, contiguous};
use crate::error::try_filled;
use crate::python::exceptions::{describe, wrong_value};
use crate::real::Real;

/// The shape of θ.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ParamsShape {
    /// Features and, with an intercept, one more.
    pub rows: usize,
    /// Classes, for cross_entropy.
    pub n_classes: Option<usize>,
}

impl ParamsShape {
    /// The shape as NumPy has it.
    pub fn dimensions(self) -> Vec<usize> {
        [self.rows].into_iter().chain(self.n_classes).collect()
    }

    /// Length of θ.
    pub fn len(self) -> usize {
        self.rows.saturating_mul(self.n_classes.unwrap_or(1))
    }

    /// θ from `value`, the argument `argument`: of this shape, or flat. Always a copy.
    pub fn read<T: Real + Element>(
        self,
        argument: &str,
        value: &Bound<'_, PyAny>,
    ) -> PyResult<Vec<T>> {
        let array = as_numbers(argument, value)?;
        refuse_long_double(argument, &array)?;
        let fits = match (array.shape(), self.n_classes) {
            (&[n], _) => n == self.len(),
            (&[rows, cols], Some(n_classes)) => rows == self.rows && cols == n_classes,
            (&[rows, 1], None) => rows == self.rows,
            _ => false,
        };
        if !fits {
            let shape = match self.n_classes {
                Some(n_classes) => format!("({}, {n_classes})", self.rows),
                None => format!("({},)", self.rows),
            };
            let expected = format!("of shape {shape}, the intercept first where there is one");
            return Err(wrong_value(argument, expected, describe(value)));
        }
        let flat = array.call_method1("reshape", (-1,))?.cast_into()?;
        // As doubles, for NumPy warns of a conversion to a float32 that is infinite.
        let flat = contiguous::<f64, numpy::Ix1>(argument, &flat)?;
        let numbers = flat.as_slice()?;
        let mut params = try_filled(numbers.len(), T::zero())?;
        for (place, (param, &number)) in params.iter_mut().zip(numbers).enumerate() {
            *param = T::from_f64(number);
            if !param.is_finite() {
                let came = match number.is_finite() {
                    true => format!("{number:e} at place {place}, which is beyond float32"),
                    false => format!("{number} at place {place}"),
                };
                return Err(wrong_value(argument, "of finite numbers", came));
            }
        }
        Ok(params)
    }
}

/// θ for `n_features` features in one array, where the argument `argument` is a pair (w, b) or (b, w)
/// with w of shape (d,), or (d, K) beside K numbers b. What is no such pair stays what it is.
pub fn joined<'py>(
    argument: &str,
    value: &Bound<'py, PyAny>,
    n_features: usize,
    fit_intercept: bool,
) -> PyResult<Bound<'py, PyAny>> {
    let Some(pair) = value.cast::<PyTuple>().ok().filter(|pair| pair.len() == 2) else {
        return Ok(value.clone());
    };
    let parts = [0, 1].map(|place| as_numbers(argument, &pair.get_item(place)?));
    let [one, other] = parts;
    let (one, other) = (one?, other?);
    let length = |array: &Bound<'py, PyUntypedArray>| array.shape().iter().product::<usize>();
    let fits = |w: &Bound<'py, PyUntypedArray>, b: &Bound<'py, PyUntypedArray>| {
        let columns = length(b);
        let is_column = columns == 1 && w.ndim() > 0 && length(w) == n_features;
        is_column || (b.ndim() > 0 && w.shape() == [n_features, columns])
    };
    let (w, b) = match (fits(&one, &other), fits(&other, &one)) {
        (true, _) => (one, other),
        (_, true) => (other, one),
        // Two numbers, or two rows.
        _ if one.shape() == other.shape() => return Ok(value.clone()),
        _ => {
            let expected = format!(
                "θ in one array, or (w, b) with w of shape ({n_features},), or ({n_features}, K) \
                 beside K numbers b"
            );
            let came = format!("arrays of shapes {:?} and {:?}", one.shape(), other.shape());
            return Err(wrong_value(argument, expected, came));
        }
    };
    if !fit_intercept {
        return Err(wrong_value(argument, "w alone with fit_intercept=False", "a pair"));
    }
    let columns = length(&b);
    let rows = [(b, 1), (w, n_features)]
        .map(|(part, rows)| part.call_method1("reshape", ((rows, columns),)));
    let [b, w] = rows;
    value.py().import("numpy")?.call_method1("concatenate", ((b?, w?),))
}

/// K as the argument `argument`, θ with `rows` rows, says it: by its second dimension, or by its
/// length if it is flat.
pub fn classes_of_init(
    argument: &str,
    init: Option<&Bound<'_, PyAny>>,
    rows: usize,
) -> PyResult<Option<usize>> {
    let Some(init) = init else { return Ok(None) };
    Ok(match *as_numbers(argument, init)?.shape() {
        [_, n_classes] => Some(n_classes),
        // As long as one column: meant as such, and refused by its shape.
        [length] if length > rows && length.is_multiple_of(rows) => Some(length / rows),
        _ => None,
    }
    .filter(|&n_classes| n_classes > 0))
}

/// Parameters of any shape, as the argument `argument` has them: a flat copy, and the shape, which
/// is () for a number.
pub fn free_params(argument: &str, value: &Bound<'_, PyAny>) -> PyResult<(Vec<f64>, Vec<usize>)> {
    let array = as_numbers(argument, value)?;
    let shape = array.shape().to_vec();
    let length: usize = shape.iter().product();
    if length == 0 {
        return Err(wrong_value(argument, "of at least one number", describe(value)));
    }
    let flat = array.call_method1("reshape", (-1,))?;
    let params = ParamsShape { rows: length, n_classes: None }.read::<f64>(argument, &flat)?;
    Ok((params, shape))
}
