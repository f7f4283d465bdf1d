//! Sample weights.

use crate::rows::{Column, RowSet};

/// Sample weights sᵢ, as factors sᵢ/s̄.
#[derive(Clone, Copy, Debug)]
pub struct SampleWeights<'a> {
    weights: Option<Column<'a, f64>>,
    /// s̄, over the rows that are walked over.
    mean: f64,
}

impl<'a> SampleWeights<'a> {
    /// Every row counts the same.
    pub fn equal() -> Self {
        SampleWeights { weights: None, mean: 1.0 }
    }

    /// One weight a row. `None` unless all are finite, none is negative and one is positive.
    pub fn new(weights: Column<'a, f64>) -> Option<Self> {
        Self::over(weights, weights.iter(), weights.len())
    }

    /// Weights of which only those of the rows `part` count, s̄ included.
    pub fn of_part(weights: Column<'a, f64>, part: &[u32]) -> Option<Self> {
        Self::over(weights, part.iter().map(|&row| weights.get(row as usize)), part.len())
    }

    fn over(
        weights: Column<'a, f64>,
        counted: impl Iterator<Item = f64>,
        count: usize,
    ) -> Option<Self> {
        let mut sum = 0.0;
        for weight in counted {
            if !(weight >= 0.0 && weight.is_finite()) {
                return None;
            }
            sum += weight;
        }
        let mean = sum / count as f64;
        (mean > 0.0 && mean.is_finite()).then_some(SampleWeights { weights: Some(weights), mean })
    }

    /// sᵢ/s̄.
    #[inline(always)]
    pub fn factor(&self, row: usize) -> f64 {
        self.weights.as_ref().map_or(1.0, |weights| weights.get(row) / self.mean)
    }

    /// sᵢ/s̄ of `rows`, in `buffer`, which must be long enough; nothing where all rows count the
    /// same.
    #[inline(always)]
    pub fn factors<'b>(&self, rows: &RowSet<'_>, buffer: &'b mut [f64]) -> &'b [f64] {
        let Some(weights) = &self.weights else { return &[] };
        let out = &mut buffer[..rows.len()];
        match rows {
            RowSet::Range(range) => {
                for (out, row) in out.iter_mut().zip(range.clone()) {
                    *out = weights.get(row) / self.mean;
                }
            }
            RowSet::Indices(indices) => {
                for (out, &row) in out.iter_mut().zip(indices.iter()) {
                    *out = weights.get(row as usize) / self.mean;
                }
            }
        }
        out
    }
}
