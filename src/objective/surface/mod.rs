//! A landscape as an objective: alone, or as a sum of tilted copies of itself.

use std::convert::Infallible;
use std::sync::Arc;

use super::{Lasso, Objective, Penalty, Run};
use crate::error::{BadValue, OutOfMemory, try_filled};
use crate::landscape::Landscape;
use crate::random::standard_normals;
use crate::rows::RowSet;

/// A [`Landscape`] f as the mean of n terms, each of them f with a tilt of its own:
///
/// ```text
/// fᵢ(x) = f(x) + εᵢ·x        ∇fᵢ(x) = ∇f(x) + εᵢ        Σᵢ εᵢ = 0        i = 1 … n
/// ```
///
/// Batch descent sees f itself, stochastic and mini-batch descent see noise in the gradient whose
/// standard deviation is that of εᵢ, over √m in a batch of m rows. The terms play the part of the
/// rows of data.
///
/// f is the same in all terms, so what is summed over rows ([`accumulate`](Objective::accumulate))
/// are the tilts alone; f comes in once a batch, when the sum is made a mean
/// ([`finish`](Objective::finish)). And tilts are whole multiples of one power of two, chosen so
/// that adding them up never rounds: all rows, in any order and cut anywhere, sum to exactly 0 and
/// leave f and ∇f with the bits they have alone.
///
/// For `f64` alone, as [landscapes](crate::landscape) are.
#[derive(Clone, Debug)]
pub struct Surface {
    landscape: Landscape,
    n_params: usize,
    n_terms: usize,
    /// ε₁ + … + εₖ for k = 0 … n, (n + 1, p) in C order; empty if there are no tilts.
    ///
    /// Running sums instead of the tilts: a run of rows is one difference. Shared by all clones.
    running: Arc<Vec<f64>>,
    /// Σᵢ |εᵢ|, of the coordinate in which it is largest: no sum over some of the terms is larger.
    reach: f64,
    penalty: Penalty,
}

impl Surface {
    /// The range of a spread that is not 0.
    pub const SPREADS: (f64, f64) = (1e-100, 1e100);

    /// `landscape` in p = `n_params` coordinates, as one term without a tilt.
    ///
    /// Panics unless the landscape [`fits`](Landscape::fits) p.
    pub fn new(landscape: Landscape, n_params: usize) -> Self {
        assert!(landscape.fits(n_params), "{} in {n_params} coordinates", landscape.name());
        Surface {
            landscape,
            n_params,
            n_terms: 1,
            running: Arc::default(),
            reach: 0.0,
            penalty: Penalty::default(),
        }
    }

    /// The sum of `n_terms` tilted terms. Each coordinate of each tilt is drawn from the normal
    /// distribution of mean 0 and standard deviation `spread`, then their mean is taken away; so
    /// one term has no tilt, and two have opposite ones.
    ///
    /// Panics unless the landscape fits `n_params`, `n_terms` is 1 or more, and `spread` is 0 or in
    /// [`SPREADS`](Self::SPREADS).
    pub fn as_sum(
        landscape: Landscape,
        n_params: usize,
        n_terms: usize,
        spread: f64,
        seed: u64,
    ) -> Result<Self, OutOfMemory> {
        let surface = Surface { n_terms, ..Surface::new(landscape, n_params) };
        assert!(n_terms > 0, "at least one term");
        if spread == 0.0 {
            return Ok(surface);
        }
        assert!((Self::SPREADS.0..=Self::SPREADS.1).contains(&spread), "a legal spread");
        let mut surface = Surface {
            running: Arc::new(running_sums(n_params, n_terms, spread, seed)?),
            ..surface
        };
        let reach_of = |j| (0..n_terms).map(|term| surface.tilt(term, j).abs()).sum();
        surface.reach = (0..n_params).map(reach_of).fold(0.0, f64::max);
        Ok(surface)
    }

    /// The same with a penalty on x.
    pub fn with_penalty(self, penalty: Penalty) -> Self {
        Surface { penalty, ..self }
    }

    pub fn n_terms(&self) -> usize {
        self.n_terms
    }

    /// Coordinate j of the tilt of a term, counted from 0.
    #[inline(always)]
    pub fn tilt(&self, term: usize, j: usize) -> f64 {
        self.tilt_of_run(term, term + 1, j)
    }

    /// Coordinate j of the sum of the tilts of the terms from `start` to `end`.
    #[inline(always)]
    fn tilt_of_run(&self, start: usize, end: usize, j: usize) -> f64 {
        if self.running.is_empty() {
            return 0.0;
        }
        self.running[end * self.n_params + j] - self.running[start * self.n_params + j]
    }

    /// A number that rounds what is added to it, and then taken from it again, to a whole multiple
    /// of a power of two. Running sums times x are so rounded: then they, too, add up exactly. It
    /// costs εᵢ·x some last bits, about n·2⁻⁵⁰ of its size.
    #[inline(always)]
    fn rounder(&self, x: &[f64]) -> f64 {
        let bound = self.reach * x.iter().map(|x| x.abs()).sum::<f64>();
        // 2ᵉ ≤ bound < 2ᵉ⁺¹. From 8·2ᵉ to 16·2ᵉ numbers are 2ᵉ⁻⁴⁹ apart, and multiples of that add
        // up without rounding as long as sums stay below 16·2ᵉ.
        12.0 * f64::from_bits(bound.to_bits() & f64::INFINITY.to_bits())
    }

    /// (ε₁ + … + ε_end)·x, rounded by `rounder`.
    #[inline(always)]
    fn running_value(&self, end: usize, x: &[f64], rounder: f64) -> f64 {
        let running = &self.running[end * self.n_params..][..self.n_params];
        let value: f64 = running.iter().zip(x).map(|(sum, x)| sum * x).sum();
        (value + rounder) - rounder
    }

    /// Σ εᵢ·x over the terms from `start` to `end`.
    #[inline(always)]
    fn value_of_run(&self, start: usize, end: usize, x: &[f64], rounder: f64) -> f64 {
        self.running_value(end, x, rounder) - self.running_value(start, x, rounder)
    }

    /// One step along the term `row`: next ← params − η ∇f_{row}(params). Returns f_{row}(params).
    ///
    /// Leaves `next` as it was if that is not finite.
    fn step_one(&self, params: &[f64], row: usize, eta: f64, next: &mut [f64]) -> f64 {
        let tilt = if self.running.is_empty() {
            0.0
        } else {
            self.value_of_run(row, row + 1, params, self.rounder(params))
        };
        let value = self.landscape.value_and_slopes(params, |value, j, slope| {
            if (value + tilt).is_finite() {
                let slope = tilted(slope, self.tilt(row, j));
                next[j] = params[j] - eta * (slope + self.penalty.l2 * params[j]);
            }
        });
        tilted(value, tilt) + self.penalty.value(params)
    }
}

/// Draws the tilts and returns their running sums.
fn running_sums(
    n_params: usize,
    n_terms: usize,
    spread: f64,
    seed: u64,
) -> Result<Vec<f64>, OutOfMemory> {
    let length = n_terms.checked_add(1).and_then(|rows| rows.checked_mul(n_params));
    let length = length.ok_or(OutOfMemory)?;
    let mut running = try_filled(length, 0.0)?;
    // Draws are below 12.1 spreads: n of them are fewer than 2⁵³ units.
    let unit = power_of_two_above(spread) * power_of_two_above(n_terms as f64) * 2f64.powi(-49);
    let mut normals = standard_normals(seed);
    for draw in &mut running[n_params..] {
        *draw = (normals.next().expect("draws without end") * spread / unit).round();
    }
    for j in 0..n_params {
        let column = || (j + n_params..length).step_by(n_params);
        let sum: i64 = column().map(|at| running[at] as i64).sum();
        // The mean goes from all of them, and what is left over one unit each from the first.
        let mean = sum.div_euclid(n_terms as i64);
        let mut left_over = sum.rem_euclid(n_terms as i64);
        let mut total = 0.0;
        for at in column() {
            total += running[at] - mean as f64 - if left_over > 0 { 1.0 } else { 0.0 };
            left_over -= 1;
            running[at] = total;
        }
    }
    for sum in &mut running {
        *sum *= unit;
    }
    Ok(running)
}

/// The least power of two that is not below a `value` ≥ 1e-300.
fn power_of_two_above(value: f64) -> f64 {
    let below = f64::from_bits(value.to_bits() & f64::INFINITY.to_bits());
    if below < value { 2.0 * below } else { below }
}

/// g + tilt, with the bits of g (−0 included) where there is no tilt.
#[inline(always)]
fn tilted(slope: f64, tilt: f64) -> f64 {
    if tilt == 0.0 { slope } else { slope + tilt }
}

impl Objective<f64> for Surface {
    type Error = Infallible;

    fn n_params(&self) -> usize {
        self.n_params
    }

    fn n_rows(&self) -> usize {
        self.n_terms
    }

    /// As many as take a millisecond or so. Cuts do not change the sums.
    fn rows_at_once(&self, m: usize) -> usize {
        m.min((1 << 20) / self.n_params.max(1)).max(1)
    }

    /// The sums of εᵢ·x and of εᵢ: f is left to [`finish`](Self::finish).
    fn accumulate(
        &mut self,
        params: &[f64],
        _m: usize,
        rows: RowSet<'_>,
        sum: f64,
        grad: Option<&mut [f64]>,
    ) -> Result<f64, Infallible> {
        if self.running.is_empty() {
            return Ok(sum);
        }
        if let Some(grad) = grad {
            let mut add_run = |start: usize, end: usize| {
                for (j, grad) in grad.iter_mut().enumerate() {
                    *grad += self.tilt_of_run(start, end, j);
                }
            };
            match &rows {
                RowSet::Range(range) => add_run(range.start, range.end),
                RowSet::Indices(indices) => {
                    indices.iter().for_each(|&row| add_run(row as usize, row as usize + 1));
                }
            }
        }
        let rounder = self.rounder(params);
        Ok(sum
            + match rows {
                RowSet::Range(range) => self.value_of_run(range.start, range.end, params, rounder),
                RowSet::Indices(indices) => {
                    let rows = indices.iter().map(|&row| row as usize);
                    rows.map(|row| self.value_of_run(row, row + 1, params, rounder)).sum::<f64>()
                }
            })
    }

    fn finish(&self, params: &[f64], m: usize, loss_sum: f64, grad: &mut [f64]) -> f64 {
        let count = m as f64;
        let value = self.landscape.value_and_slopes(params, |_, j, slope| {
            grad[j] = tilted(slope, grad[j] / count);
        });
        self.penalty.add_gradient(params, grad);
        tilted(value, loss_sum / count) + self.penalty.value(params)
    }

    fn finish_loss(&self, params: &[f64], m: usize, loss_sum: f64) -> f64 {
        tilted(self.landscape.value(params), loss_sum / m as f64) + self.penalty.value(params)
    }

    fn take_steps(&mut self, run: Run<'_, f64>) -> Result<usize, Infallible> {
        Ok(run.one_by_one(|params, row, eta, next| self.step_one(params, row.row, eta, next)))
    }

    fn lasso(&self) -> Lasso {
        self.penalty.lasso()
    }

    fn find_bad_value(&self, _: RowSet<'_>) -> Option<BadValue> {
        None
    }
}

#[cfg(test)]
mod tests;
