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

    /// One weight a row, and their mean.
    #[cfg(test)]
    pub fn new(weights: Column<'a, f64>) -> Option<Self> {
        let mean = weights.iter().sum::<f64>() / weights.len() as f64;
        Self::with_mean(weights, mean)
    }

    /// Weights that are known to be valid, with their mean over the rows that are walked over.
    /// `None` unless that is positive and finite.
    pub fn with_mean(weights: Column<'a, f64>, mean: f64) -> Option<Self> {
        (mean > 0.0 && mean.is_finite()).then_some(SampleWeights { weights: Some(weights), mean })
    }

    /// sᵢ/s̄.
    #[inline(always)]
    pub fn factor(&self, row: usize) -> f64 {
        self.weights.as_ref().map_or(1.0, |weights| weights.get(row) / self.mean)
    }

    /// Prefetches the weight of `row`.
    #[inline(always)]
    pub fn prefetch(&self, row: usize) {
        if let Some(weights) = &self.weights {
            weights.prefetch(row);
        }
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
