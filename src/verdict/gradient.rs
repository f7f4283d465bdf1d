//! What the norms of the gradient say.

use super::Shape;
use super::evidence::{Evidence, Unit};

/// A gradient that promises less than this share of a loss that cannot be negative is small beside it.
const LITTLE: f64 = 0.05;

impl Evidence {
    /// The fall of the loss over the last `steps` steps that the gradient promises to first order,
    /// Σ η‖∇f‖², and the fall that came. `None` unless each is one plain update on all rows.
    pub fn promise(&self, steps: usize) -> Option<(f64, f64)> {
        let norms =
            self.grad_norm.as_ref().filter(|_| self.is_deterministic && self.rule.is_plain())?;
        let end = self.values.len() - 1;
        let start = end.checked_sub(steps)?;
        let epochs = self.learning_rate.iter().zip(norms).skip(start).take(steps);
        let promised = epochs.map(|(rate, norm)| rate * norm * norm).sum();
        Some((promised, self.values[start] - self.values[end]))
    }

    /// The gradient norm at the end; 0 if it is not known.
    fn last_grad_norm(&self) -> f64 {
        self.grad_norm.as_deref().and_then(|norms| norms.last()).copied().unwrap_or(0.0)
    }

    /// The gradient norm at the end, as a share of its largest.
    pub fn grad_norm_left(&self) -> Option<f64> {
        let norms = self.grad_norm.as_ref().filter(|_| self.unit == Unit::Epoch)?;
        let largest = self.summary.largest_norm;
        norms.last().filter(|_| largest > 0.0).map(|norm| norm / largest)
    }

    /// The gradient norm in the last quarter of the walk over that in the quarter before, the
    /// largest of each: 0 where it is not known. It may have come to a halt within the quarter: if it
    /// hardly moved in the last eighth, that eighth says at which pace.
    pub fn grad_norm_kept(&self) -> f64 {
        let norms = self.grad_norm.as_deref().unwrap_or_default();
        let kept = |length: usize| {
            let largest = |norms: &[f64]| norms.iter().copied().fold(0.0, f64::max);
            let late = norms.len().saturating_sub(length);
            let before = largest(&norms[late.saturating_sub(length)..late]);
            if before > 0.0 { largest(&norms[late..]) / before } else { 0.0 }
        };
        let quarter = (norms.len() / 4).max(1);
        let tail = &norms[norms.len() - (norms.len() / 8).min(norms.len())..];
        let (least, most) = tail
            .iter()
            .fold((f64::INFINITY, 0.0), |(least, most), &norm| (norm.min(least), norm.max(most)));
        if tail.len() >= 4 && most <= 1.02 * least {
            let pace = (tail[tail.len() - 1] / tail[0]).powi(2);
            return kept(quarter).max(pace.min(1.0));
        }
        kept(quarter)
    }

    /// Whether the gradient has sunk to what rounding leaves of it.
    pub fn is_at_rest(&self) -> bool {
        let Some(left) = self.grad_norm_left() else { return false };
        let norm = self.last_grad_norm();
        if left <= 64.0 * self.epsilon {
            return true;
        }
        let fall = (self.level(1) - self.level(0)).abs();
        match self.rests {
            None => left < 1e-6 && !self.is_visible(fall),
            Some(false) => false,
            Some(true) if left < 1e-3 => !self.rate_is_spent(),
            // It began there. What rounding makes of a gradient is not nearly as small as underflow.
            Some(true) => self.size.is_some_and(|(start, _)| {
                let rounding = self.epsilon * self.scale();
                norm * start <= 1e3 * rounding && norm * start > 1e-6 * rounding
            }),
        }
    }

    /// Whether a gradient that is small already sank in the last steps alone so fast that nothing is
    /// to come, as under a rule whose steps grow on the way: then a whole quarter says too much.
    pub fn ends_fast(&self) -> bool {
        const STEPS: usize = 8;
        let is_small = self.grad_norm_left().is_some_and(|left| left < 1e-4);
        let Some(norms) = self.grad_norm.as_ref().filter(|_| is_small) else { return false };
        let first = |length: usize| length.checked_sub(STEPS + 1);
        let (Some(value), Some(norm)) = (first(self.values.len()), first(norms.len())) else {
            return false;
        };
        let (fall, norms) = (self.values[value] - self.last(), &norms[norm..]);
        let square = (norms[STEPS] / norms[0]).powi(2);
        norms.windows(2).all(|pair| pair[1] < pair[0])
            && fall.max(0.0) * square <= 1e-6 * (1.0 - square) * self.range()
    }

    /// Whether a fall, and the gradient, are small beside a loss that cannot be negative. Of another
    /// nothing is known.
    pub fn promises_little(&self, fall: f64) -> bool {
        if self.shape != Shape::Bent {
            return true;
        }
        let norm = self.last_grad_norm();
        let promised = self.size.map_or(0.0, |(_, end)| norm * end);
        fall <= LITTLE * self.scale() && promised <= LITTLE * self.scale()
    }

    /// How many times steeper the surface is where it is steepest than along the way, as plain
    /// updates at the beginning and at the end show: the condition number, or less.
    pub fn condition(&self) -> Option<f64> {
        let norms = self.grad_norm.as_deref().filter(|_| self.rule.is_plain())?;
        let steps = (norms.len() / 4).max(1);
        let end = norms.len() - 1;
        let shrinking = (norms[end] / norms[end.checked_sub(steps)?]).ln() / steps as f64;
        let flattest = -shrinking;
        let steepest = self.steepest.or_else(|| Some((1.0 - norms[1] / norms[0]).abs()))?;
        // A decay that rounding hides tells nothing.
        (flattest > 1e3 * self.epsilon / steps as f64 && steepest > flattest)
            .then_some(steepest / flattest)
    }
}
