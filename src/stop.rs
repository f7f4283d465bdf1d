//! When a walk ends, and how it says so.

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum StopReason {
    /// All the epochs that were asked for are done.
    EpochsDone,
    /// All the updates that were asked for are made.
    UpdatesDone,
    /// The loss stopped improving (see [`Patience`]): it has settled.
    ToleranceMet,
    /// The full gradient has become small.
    GradientSmall,
    /// θ hardly moves any more.
    StepsSmall,
    /// The loss stopped improving, and rises.
    NoImprovement,
    /// The loss or θ stopped being finite; θ is the last finite one.
    Diverged(Divergence),
    /// The caller stopped the walk between two slices.
    Interrupted,
    /// A callback asked for it.
    Callback,
    /// The walk met an error: bad data, or an exception in a function of the user's.
    Failed,
}

/// Where a walk blew up. Epochs and updates are counted from 1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Divergence {
    /// The epoch in which it happened.
    pub epoch: u64,
    /// The update whose loss, or whose new θ, was not finite.
    pub update: u64,
    /// The last batch objective that was finite; NaN if none was.
    pub last_finite_loss: f64,
    /// η of that update.
    pub learning_rate: f64,
}

impl Divergence {
    /// Whether not even the loss at the start was finite, so that no step is to blame.
    pub fn is_at_start(&self) -> bool {
        self.update == 1 && self.last_finite_loss.is_nan()
    }
}

impl StopReason {
    /// The words that `stop_reason_` shows.
    pub fn words(&self) -> &'static str {
        match self {
            StopReason::EpochsDone => "epochs done",
            StopReason::UpdatesDone => "updates done",
            StopReason::ToleranceMet => "tolerance met",
            StopReason::GradientSmall => "gradient small",
            StopReason::StepsSmall => "steps small",
            StopReason::NoImprovement => "no improvement",
            StopReason::Diverged(_) => "diverged",
            StopReason::Interrupted => "interrupted",
            StopReason::Callback => "callback",
            StopReason::Failed => "failed",
        }
    }

    /// Whether one of the tolerances was met.
    pub fn is_of_tolerance(&self) -> bool {
        use StopReason::{GradientSmall, StepsSmall, ToleranceMet};
        matches!(self, ToleranceMet | GradientSmall | StepsSmall)
    }

    /// The reason that goes by these words; `divergence` says where, if it is that one.
    pub fn by_words(words: &str, divergence: Option<Divergence>) -> Option<Self> {
        if let Some(divergence) = divergence {
            let diverged = StopReason::Diverged(divergence);
            return (words == diverged.words()).then_some(diverged);
        }
        let others = [
            StopReason::EpochsDone,
            StopReason::UpdatesDone,
            StopReason::ToleranceMet,
            StopReason::GradientSmall,
            StopReason::StepsSmall,
            StopReason::NoImprovement,
            StopReason::Interrupted,
            StopReason::Callback,
            StopReason::Failed,
        ];
        others.into_iter().find(|reason| reason.words() == words)
    }
}

/// When to stop before the epochs are done.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Criteria {
    /// Stop when the loss improves by less than this (see [`Patience`]) …
    pub tol: Option<f64>,
    /// … for so many epochs in a row.
    pub patience: u64,
    /// Stop after an epoch whose full gradient is known to have at most this norm.
    pub gtol: Option<f64>,
    /// Stop after an epoch over which θ moved by at most so much, ‖θ − θ before it‖₂.
    pub step_tol: Option<f64>,
    /// Stop after so many updates in all, inside an epoch, too.
    pub max_updates: Option<u64>,
}

impl Criteria {
    /// Whether there is a tolerance to be met.
    pub fn has_tolerance(&self) -> bool {
        self.tol.or(self.gtol).or(self.step_tol).is_some()
    }

    /// Why to stop after an epoch, if there is a reason. `loss` is the one that decides, the last of
    /// `losses`, which are held to rise above `gain` (see [`has_risen`]); `grad_norms` has a norm for
    /// each epoch, NaN where it is not known; `moved` is how far θ moved over the last one.
    pub fn reason(
        &self,
        patience: &mut Patience,
        losses: &[f64],
        gain: f64,
        grad_norms: &[f64],
        moved: f64,
    ) -> Option<StopReason> {
        let loss = losses.last().copied().unwrap_or(f64::NAN);
        let has_lost_patience =
            self.tol.is_some_and(|tol| patience.is_exhausted(loss, tol, self.patience));
        let is_flat = |gtol| grad_norms.last().is_some_and(|&norm| norm <= gtol);
        if self.gtol.is_some_and(is_flat) {
            return Some(StopReason::GradientSmall);
        }
        if self.step_tol.is_some_and(|step_tol| moved <= step_tol) {
            return Some(StopReason::StepsSmall);
        }
        has_lost_patience.then(|| match has_risen(losses, self.patience, gain) {
            true => StopReason::NoImprovement,
            false => StopReason::ToleranceMet,
        })
    }
}

/// Stops after `patience` epochs in a row that did not improve on the best loss by more than
/// tol · max(1, |best|).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Patience {
    /// The lowest loss so far.
    pub best: f64,
    /// Epochs in a row, up to now, that did not improve.
    pub stale: u64,
}

impl Default for Patience {
    fn default() -> Self {
        Patience { best: f64::INFINITY, stale: 0 }
    }
}

impl Patience {
    /// Takes in the loss of one more epoch; true if the walk should stop.
    pub fn is_exhausted(&mut self, loss: f64, tol: f64, patience: u64) -> bool {
        let improves = self.best.is_infinite() || loss < self.best - tol * self.best.abs().max(1.0);
        if improves {
            self.stale = 0;
        } else {
            self.stale += 1;
        }
        self.best = self.best.min(loss);
        self.stale >= patience
    }
}

/// Whether losses that have not improved for `patience` epochs rise, where they should have settled:
/// by more than `gain` of what had been gained, in each of the epochs, or by a tenth of it. So it is
/// no matter of units, and the rattling of a walk with noise is no rise.
pub fn has_risen(losses: &[f64], patience: u64, gain: f64) -> bool {
    let (Some(&first), Some(&last)) = (losses.first(), losses.last()) else { return false };
    let best = losses.iter().copied().fold(f64::INFINITY, f64::min);
    let (gained, rise) = (first - best, last - best);
    if rise <= gain * gained + 64.0 * f64::EPSILON * best.abs() {
        return false;
    }
    let length = usize::try_from(patience.saturating_add(1)).unwrap_or(usize::MAX);
    let tail = &losses[losses.len().saturating_sub(length)..];
    rise >= 0.1 * gained || tail.windows(2).all(|pair| pair[1] > pair[0])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stops_after_patience_epochs_without_progress() {
        let mut patience = Patience::default();
        let losses = [10.0, 5.0, 4.999, 4.9985, 3.0, 3.0, 3.0, 3.0];
        let stops: Vec<bool> =
            losses.iter().map(|&loss| patience.is_exhausted(loss, 1e-2, 3)).collect();
        assert_eq!(stops, [false, false, false, false, false, false, false, true]);
    }

    #[test]
    fn words_name_one_reason_each() {
        let divergence =
            Divergence { epoch: 1, update: 3, last_finite_loss: 2.0, learning_rate: 0.5 };
        for reason in [
            StopReason::EpochsDone,
            StopReason::ToleranceMet,
            StopReason::NoImprovement,
            StopReason::Interrupted,
            StopReason::Callback,
            StopReason::Failed,
        ] {
            assert_eq!(StopReason::by_words(reason.words(), None), Some(reason));
            assert_eq!(StopReason::by_words(reason.words(), Some(divergence)), None);
        }
        let diverged = StopReason::Diverged(divergence);
        assert_eq!(StopReason::by_words("diverged", Some(divergence)), Some(diverged));
        assert_eq!(StopReason::by_words("diverged", None), None);
        assert_eq!(StopReason::by_words("walking", None), None);
    }

    #[test]
    fn a_rise_is_told_from_a_loss_that_has_settled() {
        // From the start on, and after a fall.
        assert!(has_risen(&[1.0, 2.0, 4.0, 8.0], 3, 1e-3));
        assert!(has_risen(&[9.0, 1.0, 1.1, 1.2, 1.3], 3, 1e-3));
        // By too little, or up and down.
        assert!(!has_risen(&[9.0, 1.0, 1.000_1, 1.000_2, 1.000_3], 3, 1e-3));
        assert!(has_risen(&[9.0, 1.0, 1.000_1, 1.000_2, 1.000_3], 3, 0.0));
        assert!(!has_risen(&[9.0, 1.0, 1.3, 1.1, 1.2], 3, 1e-3));
        assert!(!has_risen(&[9.0, 1.0, 1.0, 1.0], 3, 1e-3));
        // Up and down, but by a tenth of what had been gained.
        assert!(has_risen(&[9.0, 1.0, 2.0, 1.7, 1.8], 3, 1e-3));
        // Whatever the units, and whatever is added.
        for factor in [1e-12, 1e12] {
            let losses = [9.0, 1.0, 1.1, 1.2, 1.3].map(|loss| factor * (loss - 5.0));
            assert!(has_risen(&losses, 3, 1e-3));
        }
    }

    #[test]
    fn small_steps_do_not_add_up_to_an_improvement() {
        // Each epoch gains less than tol on the best so far, so none of them counts.
        let mut patience = Patience::default();
        let stops: Vec<bool> =
            (0..4).map(|k| patience.is_exhausted(1.0 - 0.001 * f64::from(k), 0.01, 3)).collect();
        assert_eq!(stops, [false, false, false, true]);
    }
}
