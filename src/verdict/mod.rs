//! How a walk went: its kind, and the figures that speak for it.
//!
//! The verdict is read off the record alone, without the data or the minimum, so it goes by what can
//! be seen. Nothing is held against the loss itself, nor against any other number with a unit: what
//! has been gained since the start, the gradient norm at other times of the same walk, the way that θ
//! has come, and rounding are all that figures are compared with. So it is the same verdict whatever
//! the units of X and y, and whatever is added to the loss.
//!
//! Marks of the kinds, in the order in which they are looked for:
//!
//! | kind | marks |
//! |---|---|
//! | stationary point | a gradient of exactly 0 from the start, of a function that need not be convex |
//! | diverging | a loss or θ that is not finite; a loss that has grown above its start and goes on growing; a loss that rises to the end; a zig-zag that widens by 1 % an update or more; a fall that knows no end |
//! | oscillating | a zig-zag of θ that does not narrow, and costs; a gradient that stays and promises ten times the fall that comes; a loss that goes up as much as down |
//! | plateau | where the function need not be convex: a gradient that has never been larger, or that grows while the loss hardly falls |
//! | converged | what is still to come is nothing beside what has been gained, and the gradient has come down |
//! | narrow valley | a gradient that has come down and now stays |
//! | still descending | what is left |
//!
//! *What is still to come.* Near a minimum the slowest part of θ's distance shrinks by the same factor
//! an update. With γ the factor over a quarter of the walk, which the gradient norm shows, the loss
//! falls by γ² times as much in each quarter as in the one before: after a fall of Δ in the last
//! quarter, Δγ²/(1 − γ²) is still to come. A walk has converged if that is less than 0.1 % of what it
//! has gained, and γ ≤ ½ (so that less than γ⁴ = 6 % of that slowest part is left); the nearer γ comes
//! to 1, the less the estimate is worth, and the less may be left. Where everything has sunk into
//! rounding, nothing is to come.
//!
//! *The narrow valley.* A gradient far above rounding that has fallen to a tenth of its largest or less
//! and no longer falls (γ > 0.95): all steep parts are done, and the flat ones have not begun. A plain
//! update multiplies each part of the gradient by 1 − ηλ, so that the fastest decay at the beginning
//! and the slowest at the end tell both ends of the curvature, and with them the condition number.
//!
//! *The zig-zag.* At η ≤ 1/L no part of a displacement turns round from one update to the next (on
//! a quadratic surface, each is multiplied by 1 − ηλ ≥ 0). Above, it turns but shrinks; at 2/L it
//! keeps its size, and beyond it grows. So a cosine of less than −0.3 between displacements, and a
//! size that keeps at least 0.7 over the later half of at most 32 updates, are what η = 2/L makes
//! and 1.9/L does not. A jump of size s across a minimum, under a gradient g, holds the loss up by
//! some gs/4: it counts if that is more than a fortieth of a per cent of what was gained. Where θ is not on
//! record, the same is seen in the fall of the loss: to first order it is η‖∇f‖² an update, in truth
//! η‖∇f‖²(1 − ½ηR) with R ≤ L the curvature along the gradient: at least half of the promise at
//! η ≤ 1/L, and nothing at 2/L.
//!
//! *The plateau.* Where a function is convex, the gradient of a walk with η ≤ 2/L never grows; if
//! it does, the surface bends away, as the flat parts of a saturated neuron do. A convex loss has no
//! plateau. Of the others, the losses of data cannot fall below 0, so that a gradient is small there if
//! it promises little beside the loss.
//!
//! *Noise.* The epoch losses of stochastic and mini-batch descent are means over batches while θ
//! moves. They are compared by quarters, and a difference that chance might make counts for
//! nothing. Such a walk is oscillating if the loss goes up as much as down, by 0.2 % of what it has
//! gained or more from epoch to epoch, and θ jumps about, too (a cosine below 0.2 between its ways in
//! successive epochs, each of 5 % of the whole way or more); if it does so less, it has converged,
//! for at a constant η it always rattles a little. It is in a narrow valley if a parameter moves on
//! steadily under a loss that stays. What is not on record is not seen: if neither the loss nor θ
//! tells, the walk passes for still descending, and the clauses say so; and a parameter that creeps
//! by less than the noise of its steps looks like one that has arrived.
//!
//! *Other rules.* Momentum and the adaptive rules do not follow the gradient alone, so no promise
//! of it is held against them. Under an l1 penalty, and of a loss with kinks, the gradient need not vanish at
//! a minimum: it is left out of account altogether, and the falls of the loss alone tell γ.

mod clause;
mod evidence;
mod flat;
mod gradient;
mod motion;
mod settled;
mod unstable;

use crate::history::History;
use crate::real::Real;
use crate::rule::Rule;
use crate::stop::StopReason;
pub use clause::{Clause, FIGURES, Figure, Figures};
use evidence::Evidence;

/// How a walk went.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// The minimum is reached, as far as the record shows.
    Converged,
    /// The loss still falls, or too little is known to say anything else.
    StillDescending,
    /// The steep parts of the way are done, and the flat ones hardly begun.
    NarrowValley,
    /// θ goes back and forth, and the loss no longer falls.
    Oscillating,
    /// The loss grows, or falls without end.
    Diverging,
    /// The surface is flat here, but this is not its bottom.
    Plateau,
    /// The gradient has been 0 from the start.
    StationaryPoint,
}

impl Kind {
    /// All of them.
    pub const ALL: [Kind; 7] = [
        Kind::Converged,
        Kind::StillDescending,
        Kind::NarrowValley,
        Kind::Oscillating,
        Kind::Diverging,
        Kind::Plateau,
        Kind::StationaryPoint,
    ];

    /// The name by which code tells it.
    pub fn name(self) -> &'static str {
        match self {
            Kind::Converged => "converged",
            Kind::StillDescending => "still descending",
            Kind::NarrowValley => "narrow valley",
            Kind::Oscillating => "oscillating",
            Kind::Diverging => "diverging",
            Kind::Plateau => "plateau",
            Kind::StationaryPoint => "stationary point",
        }
    }
}

/// What is known of the function that was walked down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// A smooth loss of data that is convex in θ: what is flat is its bottom.
    Convex,
    /// A convex one with kinks, at which the gradient does not vanish, though it be the bottom.
    Kinked,
    /// The same, and 0 at θ = 0, where nothing has been learnt: it can only rise from there.
    KinkedAtZero,
    /// A loss of data that is not, and of which 0 is the least.
    Bent,
    /// Nothing: a landscape, or a function of the user's.
    Unknown,
}

impl Shape {
    /// All of them.
    pub const ALL: [Shape; 5] =
        [Shape::Convex, Shape::Kinked, Shape::KinkedAtZero, Shape::Bent, Shape::Unknown];

    /// Whether it is known to be convex.
    pub fn is_convex(self) -> bool {
        self == Shape::Convex || self.has_kinks()
    }

    /// Whether the gradient need not vanish at the bottom.
    pub fn has_kinks(self) -> bool {
        matches!(self, Shape::Kinked | Shape::KinkedAtZero)
    }

    /// Whether a walk that begins with the loss `first` has learnt nothing there.
    pub fn says_nothing_at(self, first: f64) -> bool {
        self == Shape::KinkedAtZero && first == 0.0
    }

    /// The name by which a record that is saved tells it.
    pub fn name(self) -> &'static str {
        match self {
            Shape::Convex => "convex",
            Shape::Kinked => "kinked",
            Shape::KinkedAtZero => "kinked at zero",
            Shape::Bent => "bent",
            Shape::Unknown => "unknown",
        }
    }
}

/// What a walk was made with, as far as the record means something else by it.
#[derive(Clone, Copy, Debug)]
pub struct Setting {
    /// The rule: what the norm of the gradient promises is a matter of it.
    pub rule: Rule,
    /// Strength of the l1 penalty, under which the gradient (which that has no part in) need not
    /// vanish at a minimum.
    pub l1: f64,
    /// What it walked on.
    pub shape: Shape,
}

/// A kind, what is to be said, and the figures.
#[derive(Clone, Debug, PartialEq)]
pub struct Verdict {
    /// The kind.
    pub kind: Kind,
    /// What is to be said, in this order.
    pub clauses: Vec<Clause>,
    /// What stands in it, and more.
    pub figures: Figures,
    /// Whether the walk ends above where it began, as far as that is known for sure.
    pub ends_above_start: bool,
}

/// How the walk on record went, up to now (`stopped` is `None`) or in the end.
pub fn verdict<T: Real>(
    history: &History<T>,
    stopped: Option<StopReason>,
    setting: &Setting,
) -> Verdict {
    let mut evidence = Evidence::of(history, setting);
    let said = match stopped {
        Some(StopReason::Diverged(divergence)) => unstable::blown_up(&mut evidence, &divergence),
        _ => judge(&mut evidence, stopped.is_some_and(|reason| reason.is_of_tolerance())),
    };
    let ends_above_start = evidence.overflow.is_none() && evidence.ends_above_start();
    let (kind, clauses) = said;
    Verdict { kind, clauses, figures: evidence.figures, ends_above_start }
}

/// A kind and its clauses.
type Said = (Kind, Vec<Clause>);

fn judge(evidence: &mut Evidence, is_tolerance_met: bool) -> Said {
    if let Some(said) = settled::too_short(evidence) {
        return said;
    }
    evidence.note_figures();
    flat::stationary(evidence)
        .or_else(|| unstable::diverging(evidence))
        .or_else(|| unstable::oscillating(evidence))
        .or_else(|| flat::plateau(evidence))
        .or_else(|| settled::converged(evidence))
        .or_else(|| settled::valley(evidence))
        .unwrap_or_else(|| settled::descending(evidence, is_tolerance_met))
}

#[cfg(test)]
mod tests;
