//! The same at every update.

use super::Formula;
use crate::schedule::constants::{self, Constants, Range, Value};

/// η(t) = η₀: a number is a schedule.
pub type Constant = f64;

impl Constants for f64 {
    const NAME: &'static str = "Constant";
    const CONSTANTS: &'static [constants::Constant] =
        &[constants::Constant { name: "initial", range: Range::Positive, default: None }];

    fn from_values(values: Vec<Value>) -> Option<f64> {
        values.into_iter().next()?.try_into().ok()
    }

    fn values(&self) -> Vec<Value> {
        vec![(*self).into()]
    }
}

impl Formula for f64 {
    #[inline(always)]
    fn at(&self, _: u64) -> Option<f64> {
        Some(*self)
    }
}
