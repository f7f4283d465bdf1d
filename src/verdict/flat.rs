//! A gradient that leads nowhere: plateaus.

use super::evidence::{Evidence, Unit};
use super::words::*;
use super::{Kind, Verdict};

/// A loss that hardly moves, though not because it could not be lower.
pub(super) fn plateau(evidence: &Evidence) -> Option<Verdict> {
    let (range, scale, last) = (evidence.range(), evidence.scale(), evidence.last());
    if last == 0.0 && range == 0.0 {
        return None;
    }
    let moved = format!(
        "the loss is {} and has moved by {} in {}",
        figure(last),
        relative(range, last),
        count(evidence.values.len() - 1, evidence.unit)
    );
    if let Some(norms) = evidence.grad_norm.as_ref().filter(|_| evidence.unit == Unit::Epoch) {
        let why = flat_gradient(evidence, norms)?;
        let sentence =
            format!("{moved}, but {why}. Another start, or momentum, may get away from here.");
        return Some(say(Kind::Plateau, sentence));
    }
    // Without the gradient: falls that grow, without noise, are those of a surface bending away.
    let falls: Vec<f64> = evidence.values.windows(2).map(|pair| pair[0] - pair[1]).collect();
    let (early, late) = falls.split_at(falls.len() / 2);
    let mean = |falls: &[f64]| falls.iter().sum::<f64>() / falls.len().max(1) as f64;
    let gains_pace = range <= 0.02 * scale
        && falls.len() >= 4
        && falls.iter().all(|&fall| fall > 0.0)
        && mean(late) > 1.001 * mean(early);
    if range > 1e-6 * scale && !gains_pace {
        return None;
    }
    let why = if gains_pace {
        format!(
            "it falls by more from {0} to {0}, lately by {1}, where near a minimum it would fall by \
             less",
            unit_name(evidence.unit),
            figure(mean(late))
        )
    } else {
        "it is not zero, nor has it come down to where it is".to_owned()
    };
    Some(say(
        Kind::Plateau,
        format!("{moved}, but {why}. Another start, or momentum, may get away from here."),
    ))
}

/// Why a gradient is that of a plateau, if it is.
fn flat_gradient(evidence: &Evidence, norms: &[f64]) -> Option<String> {
    let (range, scale, last) = (evidence.range(), evidence.scale(), evidence.last());
    let largest = norms.iter().copied().fold(0.0, f64::max);
    let (first_norm, norm) = (norms[0], norms[norms.len() - 1]);
    // What rounding may change of a norm that stays.
    let same = 16.0 * evidence.epsilon;
    let never_larger = norm >= largest * (1.0 - same);
    let grew = norm > first_norm * (1.0 + same);
    if largest == 0.0 {
        return (range == 0.0).then(|| {
            "the gradient is exactly 0: no step leads anywhere (at a minimum none has to)"
                .to_owned()
        });
    }
    let grows_from =
        |start: usize| norms[start..].windows(2).all(|pair| pair[1] >= pair[0] * (1.0 - same));
    if never_larger && grows_from(0) && range <= if grew { 0.02 } else { 1e-6 } * scale {
        let growth = if grew { percent(norm / first_norm - 1.0) } else { "0 %".to_owned() };
        return Some(format!(
            "the gradient norm, {}, has never been larger (it grew by {growth}), where on the way \
             to a minimum it would shrink",
            figure(norm)
        ));
    }
    if evidence.is_deterministic
        && norm >= 0.5 * largest
        && range + fall_to_come(evidence, norms) <= 1e-5 * scale
    {
        return Some(format!(
            "the gradient norm, {}, is still {} of its largest, and at the pace at which both \
             shrink there is next to nothing to come",
            figure(norm),
            percent(norm / largest)
        ));
    }
    let fell_lately = evidence.level(1) - evidence.level(0);
    let is_level = evidence.rule.is_plain()
        && evidence.is_deterministic
        && fell_lately.abs() <= 1e-3 * evidence.reference();
    if !is_level || norms.len() < 8 {
        return None;
    }
    if norm < 1e-20 * largest && last.abs() > 1e-6 * scale {
        // A gradient of exactly 0 is that of a minimum if the fall was what a bowl would give.
        let fell_short = || {
            let (promised, fall) = evidence.promise(evidence.values.len() - 1)?;
            (fall < 0.01 * promised).then_some(())
        };
        if norm > 0.0 || fell_short().is_some() {
            return Some(format!(
                "the gradient norm has collapsed from {} to {}: the steps have jumped to where the \
                 surface is flat",
                figure(largest),
                figure(norm)
            ));
        }
    }
    let half = norms.len() / 2;
    // Above what rounding leaves of a gradient at a minimum.
    let is_real = norm > 1e4 * evidence.epsilon * largest;
    let is_kept = evidence
        .promise(evidence.quarter())
        .is_none_or(|(promised, fall)| !evidence.is_visible(promised) || fall >= 0.5 * promised);
    (grows_from(half) && is_real && is_kept && !evidence.rate_is_spent()).then(|| {
        format!(
            "the gradient norm no longer shrinks: it is {} and grew by {} in the later half of the \
             walk",
            figure(norm),
            percent((norm / norms[half] - 1.0).max(0.0))
        )
    })
}

/// What the loss still has to fall if the gradient goes on shrinking as it did in the last quarter
/// of the walk, and falls with its square: infinite if it does not shrink.
fn fall_to_come(evidence: &Evidence, norms: &[f64]) -> f64 {
    let end = norms.len() - 1;
    let before = norms[end.saturating_sub(evidence.quarter())];
    let fall = (evidence.level(1) - evidence.level(0)).max(0.0);
    let shrinking = (norms[end] / before).powi(2);
    if shrinking < 1.0 { fall * shrinking / (1.0 - shrinking) } else { f64::INFINITY }
}
