//! Steps that go too far: diverging and oscillating walks.

use super::evidence::{Evidence, Zigzag};
use super::words::*;
use super::{Kind, Verdict};
use crate::rule::Rule;
use crate::stop::Divergence;

/// A walk that was stopped by numbers that are not finite.
pub(super) fn blown_up(evidence: &Evidence, divergence: &Divergence) -> Verdict {
    let Divergence { epoch, update, last_finite_loss, learning_rate } = divergence;
    let first = evidence.values.first();
    let mut sentence = format!("numbers became too large in epoch {epoch}, at update {update}");
    if last_finite_loss.is_finite() {
        sentence += &format!("; the last finite loss was {}", figure(*last_finite_loss));
    }
    if let Some(&first) = first {
        sentence += &format!("; the first on record is {}", figure(first));
    }
    sentence += ".";
    if first.is_some_and(|first| last_finite_loss < first) {
        sentence += " The loss may have no lowest value at all.";
    } else if learning_rate.is_finite() {
        sentence += &format!(" A learning rate smaller than {} may help.", figure(*learning_rate));
    }
    say(Kind::Diverging, sentence)
}

/// A loss that grows, or a zig-zag that widens.
pub(super) fn diverging(evidence: &Evidence) -> Option<Verdict> {
    let smaller = smaller_rate(evidence);
    if let Some(overflow) = evidence.overflow {
        let from = evidence.values.first().map_or("the start".to_owned(), |&first| figure(first));
        let sentence = if overflow < 0.0 {
            format!("the loss falls without end, from {from}: it may have no lowest value at all.")
        } else {
            format!("the loss has grown from {from} to {}.{smaller}", figure(f64::INFINITY))
        };
        return Some(say(Kind::Diverging, sentence));
    }
    let values = &evidence.values;
    let (first, last, length) = (evidence.first(), evidence.last(), values.len());
    let steps = 5.min(length - 1);
    let tail = &values[length - 1 - steps..];
    let later_half = &values[length - 1 - evidence.half().min(length - 1)..length - 1];
    let rises = tail.windows(2).all(|pair| pair[1] > pair[0])
        && later_half.iter().all(|&value| value < last)
        && last - tail[0] > 0.05 * evidence.reference().max(evidence.lowest().abs())
        // Chance makes five rises in a row now and then, but not above the start.
        && (evidence.is_deterministic || last > first);
    if rises || (first > 0.0 && last > 10.0 * first) {
        let from = if last > first {
            format!("{} at the start", figure(first))
        } else {
            format!("{} at the lowest", figure(evidence.lowest()))
        };
        let pace = (last / tail[0]).powf(1.0 / steps as f64) - 1.0;
        let pace = if tail[0] > 0.0 && pace > 0.0 && pace.is_finite() {
            format!(", lately by {} {}", percent(pace), a_unit(evidence.unit))
        } else {
            String::new()
        };
        let sentence =
            format!("the loss has grown from {from} to {}{pace}.{smaller}", figure(last));
        return Some(say(Kind::Diverging, sentence));
    }
    if let Some(verdict) = growing_gradient(evidence) {
        return Some(verdict);
    }
    // Steps that a rule divides by the size of the gradient do not grow without bound.
    let is_linear =
        matches!(evidence.rule, Rule::Plain | Rule::Momentum { .. } | Rule::Nesterov { .. });
    let zigzag = turning(evidence).filter(|zigzag| zigzag.growth >= 1.01 && is_linear)?;
    let sentence = format!(
        "θ jumps back and forth, and the jumps grow, lately by {} an update to {}.{smaller}",
        percent(zigzag.growth - 1.0),
        figure(zigzag.size)
    );
    Some(say(Kind::Diverging, sentence))
}

/// The loss rises although the gradient, which grows, promises a fall.
fn growing_gradient(evidence: &Evidence) -> Option<Verdict> {
    let norms = evidence.grad_norm.as_ref().filter(|norms| norms.len() >= 4)?;
    let (promised, fall) = evidence.promise(1)?;
    let tail = &norms[norms.len() - 3..];
    let grows = tail.windows(2).all(|pair| pair[1] >= 1.01 * pair[0]);
    (grows && fall < 0.0 && evidence.is_visible(promised)).then(|| {
        let sentence = format!(
            "the gradient norm grows, lately by {} an epoch to {}, and the loss rose by {} to {} \
             where it should have fallen: the steps go too far, and farther each time.{}",
            percent(tail[2] / tail[1] - 1.0),
            figure(tail[2]),
            figure(-fall),
            figure(evidence.last()),
            smaller_rate(evidence)
        );
        say(Kind::Diverging, sentence)
    })
}

/// A zig-zag that matters: more than rounding under the plain rule, and more than a hundredth of
/// the extent of the path under others, which at a constant η never come quite to rest.
fn turning(evidence: &Evidence) -> Option<Zigzag> {
    let least = if evidence.rule.is_plain() { evidence.epsilon.sqrt() } else { 0.01 };
    let is_felt = || {
        evidence
            .promise(evidence.quarter())
            .is_none_or(|(promised, _)| evidence.is_visible(promised))
    };
    evidence.zigzag.filter(|zigzag| zigzag.cosine < -0.3 && zigzag.share > least && is_felt())
}

/// Steps that undo each other, or a loss that goes up as much as down.
pub(super) fn oscillating(evidence: &Evidence) -> Option<Verdict> {
    let smaller = smaller_rate(evidence);
    let last = evidence.last();
    if let Some(zigzag) = turning(evidence).filter(|zigzag| zigzag.kept >= 0.7) {
        let sentence = format!(
            "θ jumps back and forth by {}: each of the last {} updates undoes the one before (the \
             cosine between them is {}) and the jumps do not shrink, while the loss is {}.{smaller}",
            figure(zigzag.size),
            zigzag.count,
            figure(zigzag.cosine),
            figure(evidence.last())
        );
        return Some(say(Kind::Oscillating, sentence));
    }
    if let Some(sentence) = gradient_without_fall(evidence) {
        return Some(say(Kind::Oscillating, sentence + &smaller));
    }
    let swings = evidence.swings();
    let swing = swings.size;
    let bounces = evidence.values.len() >= 6
        && swings.rises >= 0.5 * swings.falls
        && swing >= 0.02 * evidence.reference()
        && swing >= 0.001 * last.abs()
        && evidence.is_visible(swing)
        && swing >= 3.0 * evidence.noise
        && swings.kept >= 0.5;
    // Losses of epochs may go up and down by the draw of the batches alone: what does θ do?
    let rattles = evidence.is_exact
        || evidence
            .drift
            .map_or(swing >= 0.02 * last.abs(), |drift| drift.cosine < 0.2 && drift.jitter >= 0.05);
    if !bounces || !rattles {
        return None;
    }
    let jumps = evidence.drift.filter(|_| !evidence.is_exact).map_or(String::new(), |drift| {
        format!(
            ", while θ jumps about by {} of the whole way that it has come",
            percent(drift.jitter)
        )
    });
    let sentence = format!(
        "the loss goes up and down by {} on average from one {} to the next, around {}{jumps}.{smaller}",
        relative(swing, last),
        unit_name(evidence.unit),
        figure(evidence.level(0))
    );
    Some(say(Kind::Oscillating, sentence))
}

/// What is seen of a zig-zag where the path is not on record: a gradient that stays, and a loss
/// that does, too.
fn gradient_without_fall(evidence: &Evidence) -> Option<String> {
    let is_seen = evidence.zigzag.is_some() || evidence.stands_still;
    if is_seen || !evidence.is_deterministic || evidence.grad_norm_kept() < 0.7 {
        return None;
    }
    let norm = *evidence.grad_norm.as_ref()?.last()?;
    let quarter = the_last(evidence.quarter(), evidence.unit);
    let fall = evidence.level(1) - evidence.level(0);
    let falls =
        if fall > 0.0 { format!("fell by {}", figure(fall)) } else { "did not fall".to_owned() };
    let loss = figure(evidence.last());
    if let Some((promised, fall)) = evidence.promise(evidence.quarter()) {
        return (evidence.is_visible(promised) && fall.abs() < 0.1 * promised).then(|| {
            format!(
                "the gradient norm stays at {}, which promises a fall of {} over {quarter}, but \
                 the loss, {loss}, {falls}: the steps go too far.",
                figure(norm),
                figure(promised)
            )
        });
    }
    // Other rules promise no figure. But on a slope as steep as that they would get on.
    let is_steep = evidence.grad_norm_left()? > 0.01 && !evidence.rate_is_spent();
    (is_steep && fall.abs() <= 1e-3 * evidence.reference()).then(|| {
        format!(
            "the gradient norm stays at {}, but the loss, {loss}, {falls} over {quarter}: the \
             steps go too far.",
            figure(norm)
        )
    })
}
