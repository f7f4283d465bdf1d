//! Steps that go too far: diverging and oscillating walks.

use super::evidence::Evidence;
use super::motion::Zigzag;
use super::{Clause, Kind, Said, Shape};
use crate::stop::Divergence;

/// A gradient that has grown by so much at the end of a walk that only fell has no end in sight.
const WITHOUT_END: f64 = 1e6;

/// Share of what was gained that a zig-zag has to cost, in units of four times that.
const COST: f64 = 1e-3;

/// A walk that was stopped by numbers that are not finite.
pub(super) fn blown_up(evidence: &mut Evidence, divergence: &Divergence) -> Said {
    let Divergence { epoch, update, last_finite_loss, learning_rate } = *divergence;
    let first = evidence.values.first().copied();
    let figures = &mut evidence.figures;
    figures.whole("epoch", epoch);
    figures.whole("update", update);
    figures.real("learning_rate", learning_rate);
    if divergence.is_at_start() {
        return (Kind::Diverging, vec![Clause::FirstNotFinite, Clause::LookAtStart]);
    }
    let mut clauses = vec![Clause::BlownUp];
    if last_finite_loss.is_finite() {
        figures.real("last_finite_loss", last_finite_loss);
        clauses.push(Clause::LastFinite);
    }
    if let Some(first) = first {
        figures.real("first_loss", first);
        clauses.push(Clause::FirstLoss);
    }
    if first.is_some_and(|first| last_finite_loss < first) {
        clauses.push(Clause::NoLowest);
    } else if learning_rate.is_finite() {
        clauses.push(Clause::SmallerRate);
    }
    (Kind::Diverging, clauses)
}

/// A loss that grows, or a zig-zag that widens.
pub(super) fn diverging(evidence: &mut Evidence) -> Option<Said> {
    if let Some(overflow) = evidence.overflow {
        let clauses = if overflow < 0.0 {
            vec![Clause::NoLowest]
        } else {
            vec![Clause::GrownBeyond, Clause::SmallerRate]
        };
        return Some((Kind::Diverging, clauses));
    }
    if falls_without_end(evidence) {
        return Some((Kind::Diverging, vec![Clause::Fell, Clause::NoLowest]));
    }
    if grows(evidence) {
        let steps = 5.min(evidence.values.len() - 1);
        let tail = evidence.values[evidence.values.len() - 1 - steps];
        let pace = (evidence.last() / tail).powf(1.0 / steps as f64) - 1.0;
        let mut clauses = vec![Clause::Grown];
        if tail > 0.0 && pace > 0.0 && pace.is_finite() {
            evidence.figures.real("growth", pace);
            clauses.push(Clause::GrowthPace);
        }
        clauses.push(Clause::SmallerRate);
        return Some((Kind::Diverging, clauses));
    }
    if let Some(growth) = growing_gradient(evidence) {
        evidence.figures.real("gradient_growth", growth);
        return Some((Kind::Diverging, vec![Clause::GradientGrows, Clause::SmallerRate]));
    }
    // Steps that a rule divides by the size of the gradient do not grow without bound.
    let is_linear = evidence.has_linear_rule();
    let zigzag = turning(evidence).filter(|zigzag| zigzag.growth >= 1.01 && is_linear)?;
    evidence.figures.real("jump", zigzag.size);
    evidence.figures.real("growth", zigzag.growth - 1.0);
    Some((Kind::Diverging, vec![Clause::JumpsGrow, Clause::SmallerRate]))
}

/// Whether the loss has risen to the end, and goes on.
fn grows(evidence: &Evidence) -> bool {
    let values = &evidence.values;
    let (first, last, length) = (evidence.first(), evidence.last(), values.len());
    let steps = 5.min(length - 1);
    let tail = &values[length - 1 - steps..];
    let later_half = &values[length - 1 - evidence.half().min(length - 1)..length - 1];
    let highest = |values: &[f64]| values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let lowest = |values: &[f64]| values.iter().copied().fold(f64::INFINITY, f64::min);
    let is_highest = later_half.iter().all(|&value| value < last);
    let rise = last - tail[0];
    if evidence.is_deterministic {
        // Beside what the loss has moved lately, for it may have fallen far before.
        let lately = last.max(highest(later_half)) - lowest(later_half);
        let rises = tail.windows(2).all(|pair| pair[1] > pair[0])
            && is_highest
            && evidence.is_visible(rise)
            && rise > 0.05 * lately;
        let quarter = evidence.quarter();
        let before = &values[length.saturating_sub(2 * quarter)..length - quarter];
        let is_growing =
            highest(&values[length - quarter..]) - highest(before) > 0.01 * evidence.range();
        return rises || (evidence.ends_above_start() && is_growing);
    }
    // Chance makes a loss rise now and then, but not far beyond all that it did at first.
    if length < 8 {
        return last > 10.0 * first.abs();
    }
    let early = &values[..length / 2];
    let lately = evidence.level(0) - evidence.level(1);
    last - first > 3.0 * (highest(early) - lowest(early))
        && lately > 0.5 * (evidence.level(0) - first)
}

/// Whether the walk only ever fell, faster and faster, and by now is far beyond where it began.
fn falls_without_end(evidence: &Evidence) -> bool {
    let norms = evidence.grad_norm.as_deref().unwrap_or_default();
    evidence.shape == Shape::Unknown
        && evidence.is_deterministic
        && norms.len() >= 4
        && norms.windows(2).all(|pair| pair[1] > pair[0])
        && norms[norms.len() - 1] >= WITHOUT_END * norms[0]
        && evidence.values.windows(2).all(|pair| pair[1] <= pair[0])
}

/// By how much an epoch the gradient grows, if the loss rises although it promises a fall.
fn growing_gradient(evidence: &Evidence) -> Option<f64> {
    let norms = evidence.grad_norm.as_ref().filter(|norms| norms.len() >= 4)?;
    let (promised, fall) = evidence.promise(1)?;
    let tail = &norms[norms.len() - 3..];
    let grows = tail.windows(2).all(|pair| pair[1] >= 1.01 * pair[0]);
    (grows && fall < 0.0 && evidence.is_visible(promised)).then(|| tail[2] / tail[1] - 1.0)
}

/// A zig-zag that matters: it is more than rounding, and it holds the loss up.
fn turning(evidence: &Evidence) -> Option<Zigzag> {
    let zigzag = evidence.zigzag.filter(|zigzag| zigzag.cosine < -0.3)?;
    let costs = match evidence.grad_norm.as_deref().and_then(|norms| norms.last()) {
        Some(norm) => {
            let cost = norm * zigzag.size;
            cost > COST * evidence.range() && evidence.is_visible(cost)
        }
        None => zigzag.share > 0.01,
    };
    (costs && zigzag.share > evidence.epsilon.sqrt()).then_some(zigzag)
}

/// Steps that undo each other, or a loss that goes up as much as down.
pub(super) fn oscillating(evidence: &mut Evidence) -> Option<Said> {
    if let Some(zigzag) = turning(evidence).filter(|zigzag| zigzag.kept >= 0.7) {
        evidence.figures.real("jump", zigzag.size);
        evidence.figures.whole("jumps", zigzag.count as u64);
        evidence.figures.real("cosine", zigzag.cosine);
        return Some((Kind::Oscillating, vec![Clause::Jumps, Clause::SmallerRate]));
    }
    if gradient_without_fall(evidence) {
        return Some((Kind::Oscillating, vec![Clause::NoFall, Clause::SmallerRate]));
    }
    let swings = evidence.swings();
    let least = if evidence.is_deterministic { COST } else { 2.0 * COST };
    let bounces = evidence.values.len() >= 6
        && swings.rises >= 0.5 * swings.falls
        && swings.size >= least * evidence.range()
        && evidence.is_visible(swings.size)
        && swings.size >= 3.0 * evidence.noise
        && swings.kept >= 0.5;
    // Losses of epochs may go up and down by the draw of the batches alone: what does θ do?
    let rattles = evidence.is_exact
        || evidence.drift.map_or(swings.size >= 0.02 * evidence.range(), |drift| {
            drift.cosine < 0.2 && drift.jitter >= 0.05
        });
    if !bounces || !rattles {
        return None;
    }
    evidence.figures.real("swing", swings.size);
    let mut clauses = vec![Clause::Swings];
    if evidence.drift.is_some() && !evidence.is_exact {
        clauses.push(Clause::Jitter);
    }
    clauses.push(Clause::SmallerRate);
    Some((Kind::Oscillating, clauses))
}

/// What is seen of a zig-zag where the path is not on record: a gradient that stays, and a loss
/// that does, too.
fn gradient_without_fall(evidence: &mut Evidence) -> bool {
    let is_seen = evidence.zigzag.is_some() || evidence.stands_still;
    if is_seen || !evidence.is_deterministic || evidence.grad_norm_kept() < 0.7 {
        return false;
    }
    let fall = evidence.level(1) - evidence.level(0);
    if let Some((promised, fall)) = evidence.promise(evidence.quarter()) {
        let an_update = promised / evidence.quarter() as f64;
        let is_without = evidence.is_visible(promised)
            && fall.abs() < 0.1 * promised
            && an_update > COST * evidence.range();
        if is_without {
            evidence.figures.real("promised", promised);
        }
        return is_without;
    }
    // Other rules promise no figure. But on a slope as steep as that they would get on.
    let is_steep = evidence.grad_norm_left().is_some_and(|left| left > 0.1);
    is_steep && !evidence.rate_is_spent() && fall.abs() <= 1e-3 * evidence.range()
}
