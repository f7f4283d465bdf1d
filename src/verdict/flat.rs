//! A gradient that leads nowhere: stationary points and plateaus.

use super::evidence::{Evidence, Unit};
use super::{Clause, Kind, Said, Shape};

/// A gradient of exactly 0 from the start. Of a convex loss that is the minimum.
pub(super) fn stationary(evidence: &Evidence) -> Option<Said> {
    let norms = evidence.grad_norm.as_ref()?;
    if norms.iter().any(|&norm| norm != 0.0) || evidence.range() != 0.0 {
        return None;
    }
    Some(if evidence.shape.is_convex() {
        (Kind::Converged, vec![Clause::Stayed, Clause::ZeroFromStart])
    } else {
        (Kind::StationaryPoint, vec![Clause::ZeroFromStart, Clause::StartElsewhere])
    })
}

/// A loss that hardly moves, though not because it could not be lower.
pub(super) fn plateau(evidence: &mut Evidence) -> Option<Said> {
    if evidence.shape.is_convex() {
        return None;
    }
    let why = match evidence.grad_norm.clone() {
        Some(norms) if evidence.unit == Unit::Epoch => flat_gradient(evidence, &norms)?,
        Some(_) => return None,
        None => flat_falls(evidence)?,
    };
    Some((Kind::Plateau, vec![Clause::HardlyMoved, why, Clause::GetAway]))
}

/// Without the gradient: falls that grow, without noise, are those of a surface bending away.
fn flat_falls(evidence: &Evidence) -> Option<Clause> {
    let falls: Vec<f64> = evidence.values.windows(2).map(|pair| pair[0] - pair[1]).collect();
    let (early, late) = falls.split_at(falls.len() / 2);
    let mean = |falls: &[f64]| falls.iter().sum::<f64>() / falls.len().max(1) as f64;
    let (before, lately) = (mean(early), mean(late));
    let gains_pace = falls.len() >= 4
        && falls.iter().all(|&fall| fall > 0.0)
        && (1.001 * before..2.0 * before).contains(&lately)
        && evidence.promises_little(evidence.range());
    // Beside a loss that cannot be negative: of another nothing is known.
    let moves = evidence.range() > 1e-6 * evidence.scale();
    if gains_pace {
        return Some(Clause::GainsPace);
    }
    (!moves && evidence.shape == Shape::Bent && evidence.last() != 0.0)
        .then_some(Clause::NeverLarger)
}

/// Why a gradient is that of a plateau, if it is.
fn flat_gradient(evidence: &mut Evidence, norms: &[f64]) -> Option<Clause> {
    let largest = norms.iter().copied().fold(0.0, f64::max);
    let (first_norm, norm) = (norms[0], norms[norms.len() - 1]);
    if largest == 0.0 {
        return None;
    }
    // What rounding may change of a norm that stays.
    let same = 16.0 * evidence.epsilon;
    let grows_from =
        |start: usize| norms[start..].windows(2).all(|pair| pair[1] >= pair[0] * (1.0 - same));
    let growth = norm / first_norm;
    let stays = evidence.range() <= 64.0 * evidence.epsilon * evidence.scale();
    // Once it has doubled, the walk is getting away.
    let is_flat = growth < 2.0
        && if growth > 1.0 + same {
            evidence.promises_little(evidence.range())
        } else {
            stays && !evidence.is_at_rest()
        };
    if norm >= largest * (1.0 - same) && grows_from(0) && is_flat {
        evidence.figures.real("gradient_growth", (growth - 1.0).max(0.0));
        return Some(Clause::NeverLarger);
    }
    // A loss that cannot be negative, and of which next to nothing can be had this way.
    if evidence.shape == Shape::Bent
        && evidence.is_deterministic
        && norm >= 0.5 * largest
        && evidence.range() + fall_to_come(evidence, norms) <= 1e-5 * evidence.scale()
    {
        return Some(Clause::NeverLarger);
    }
    let fell_lately = evidence.level(1) - evidence.level(0);
    let is_level = evidence.rule.is_plain()
        && evidence.is_deterministic
        && fell_lately.abs() <= 1e-3 * evidence.range();
    if !is_level || norms.len() < 8 {
        return None;
    }
    // Rounding leaves more of a gradient at a minimum, and so does a fall that a bowl would give.
    if norm < 1e-20 * largest {
        let fell_short = evidence
            .promise(evidence.values.len() - 1)
            .is_some_and(|(promised, fall)| fall < 0.01 * promised);
        return fell_short.then_some(Clause::Collapsed);
    }
    let half = norms.len() / 2;
    // Above what rounding leaves of a gradient at a minimum.
    let is_real = norm > 1e4 * evidence.epsilon * largest;
    let is_kept = evidence
        .promise(evidence.quarter())
        .is_none_or(|(promised, fall)| !evidence.is_visible(promised) || fall >= 0.5 * promised);
    let grows = grows_from(half) && norm > norms[half] * (1.0 + same);
    (grows && is_real && is_kept && !evidence.rate_is_spent()).then(|| {
        evidence.figures.real("gradient_growth", norm / norms[half] - 1.0);
        Clause::NoLongerShrinks
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
