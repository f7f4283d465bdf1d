//! How a walk went, in a word and a sentence with its figures.
//!
//! The verdict is read off the record alone, without the data, the loss or the minimum, so it goes
//! by what can be seen. Marks of the five kinds, in the order in which they are looked for:
//!
//! | kind | marks |
//! |---|---|
//! | diverging | a loss or θ that is not finite; a loss above ten times its start; a loss that rises to the end, above all the later half had seen; a zig-zag that widens by 1 % an update or more |
//! | oscillating | a zig-zag of θ that does not narrow; a gradient that stays and promises ten times the fall that comes; a loss that goes up as much as down |
//! | stuck on a plateau | a loss that hardly moves under a gradient that has never been larger, or that grows |
//! | converged | a loss that has levelled off |
//! | still descending | what is left |
//!
//! *The zig-zag.* At η ≤ 1/L no part of a displacement turns round from one update to the next (on
//! a quadratic surface, each is multiplied by 1 − ηλ ≥ 0). Above, it turns but shrinks; at 2/L it
//! keeps its size, and beyond it grows. So a cosine of less than −0.3 between displacements, and a
//! size that keeps at least 0.7 over the later half of at most 32 updates, are what η = 2/L makes
//! and 1.9/L does not. Where θ is not on record, the same is seen in the fall of the loss: to first
//! order it is η‖∇f‖² an update, in truth η‖∇f‖²(1 − ½ηR) with R ≤ L the curvature along the
//! gradient: at least half of the promise at η ≤ 1/L, and nothing at 2/L.
//!
//! *The plateau.* Where a function is convex, the gradient of a walk with η ≤ 2/L never grows; if
//! it does, the surface bends away, as the flat parts of a saturated neuron do. A walk whose loss
//! moves by 2 % at most while its gradient only grows has got nowhere; neither has one whose loss
//! has less than 1e-5 of itself to go under a gradient that is still half of its largest. A gradient
//! that has collapsed to 1e-20 of its largest beside a loss that stays is no minimum either:
//! rounding would leave more of it.
//!
//! *Levelled off.* The loss fell by no more than 1 % of a reference in the last quarter of the walk,
//! and if falls went on shrinking as they did from the quarter before to the last, all that is
//! still to come would be less than 0.1 %. The reference is the loss itself, but at most its range
//! over the walk (a loss of which nine tenths cannot be learnt) and at least 1e-4 of that (a loss
//! that goes to zero). A stop by `tol` makes it the loss itself.
//!
//! *Noise.* The epoch losses of stochastic and mini-batch descent are means over batches while θ
//! moves. They are compared by quarters, and a difference that chance might make counts for
//! nothing. Such a walk is oscillating if the loss goes up as much as down, by 2 % of the reference
//! or more from epoch to epoch, and θ jumps about, too (a cosine below 0.2 between its ways in
//! successive epochs, each of 5 % of the whole way or more); if it does so less, it has converged,
//! for at a constant η it always rattles a little. What is not on record is not seen: full losses
//! show more than those of epochs, which on batches of unequal weight go up and down by themselves.
//! If neither the loss nor θ tells, the walk passes for still descending, and the sentence says so.
//!
//! *Other rules.* Momentum and the adaptive rules do not follow the gradient alone, so no promise
//! of it is held against them; a zig-zag of less than 1 % of the extent of the path is their way
//! of resting. Under an l1 penalty the gradient is left out of account altogether.

mod evidence;
mod flat;
mod settled;
mod unstable;
mod words;

use std::fmt;

use crate::history::History;
use crate::real::Real;
use crate::rule::Rule;
use crate::stop::StopReason;
use evidence::Evidence;

/// How a walk went, in a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The loss has levelled off.
    Converged,
    /// The loss still falls, or too little is known to say anything else.
    StillDescending,
    /// θ goes back and forth, and the loss no longer falls.
    Oscillating,
    /// The loss grows.
    Diverging,
    /// The surface is flat here, but this is not its bottom.
    Plateau,
}

impl Kind {
    /// All of them.
    pub const ALL: [Kind; 5] =
        [Kind::Converged, Kind::StillDescending, Kind::Oscillating, Kind::Diverging, Kind::Plateau];

    /// The words that are shown.
    pub fn words(self) -> &'static str {
        match self {
            Kind::Converged => "converged",
            Kind::StillDescending => "still descending",
            Kind::Oscillating => "oscillating",
            Kind::Diverging => "diverging",
            Kind::Plateau => "stuck on a plateau",
        }
    }
}

/// A word, and the figures that speak for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// The word.
    pub kind: Kind,
    /// One or two sentences: what the figures are, and what may help.
    pub sentence: String,
}

impl fmt::Display for Verdict {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}: {}", self.kind.words(), self.sentence)
    }
}

/// How the walk on record went, up to now (`stopped` is `None`) or in the end.
///
/// `rule` and `l1` are those that it was made with: what the norm of the gradient promises is a
/// matter of the rule, and under an l1 penalty the gradient (which that has no part in) need not
/// vanish at a minimum.
pub fn verdict<T: Real>(
    history: &History<T>,
    stopped: Option<StopReason>,
    rule: &Rule,
    l1: f64,
) -> Verdict {
    let evidence = &Evidence::of(history, rule, l1);
    if let Some(StopReason::Diverged(divergence)) = stopped {
        return unstable::blown_up(evidence, &divergence);
    }
    let is_tolerance_met = stopped == Some(StopReason::ToleranceMet);
    settled::too_short(evidence)
        .or_else(|| unstable::diverging(evidence))
        .or_else(|| unstable::oscillating(evidence))
        .or_else(|| flat::plateau(evidence))
        .or_else(|| settled::converged(evidence, is_tolerance_met))
        .unwrap_or_else(|| settled::descending(evidence, is_tolerance_met))
}

#[cfg(test)]
mod tests;
