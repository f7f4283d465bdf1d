//! Walks that go downhill: converged, in a narrow valley, or still on the way.

use super::evidence::Evidence;
use super::{Clause, Kind, Said};

/// γ beyond which a gradient is said to stay.
const STAYS: f64 = 0.95;

/// Fewer than two losses tell nothing.
pub(super) fn too_short(evidence: &mut Evidence) -> Option<Said> {
    if evidence.overflow.is_some() || evidence.values.len() >= 2 {
        return None;
    }
    let clause = match evidence.values.first() {
        None => Clause::NoEpoch,
        Some(&loss) => {
            evidence.figures.real("loss", loss);
            Clause::OneLoss
        }
    };
    Some((Kind::StillDescending, vec![clause]))
}

/// Whether θ is on its way in one direction, as far as its places at the ends of epochs show.
fn is_on_its_way(evidence: &Evidence) -> bool {
    evidence.drift.is_some_and(|drift| drift.cosine > 0.5 && drift.lately >= 0.1)
}

/// Whether there is noise, and the loss has not fallen, nor risen, by more than that.
fn is_lost_in_noise(evidence: &Evidence) -> bool {
    let change = (evidence.level(3) - evidence.level(0)).abs();
    !evidence.is_exact && evidence.is_visible(evidence.chance()) && change <= evidence.chance()
}

/// γ, the factor over a quarter of the walk, as the gradient norm shows it, or else the falls.
fn kept(evidence: &Evidence) -> f64 {
    if evidence.grad_norm.is_some() {
        return evidence.grad_norm_kept();
    }
    let fall = evidence.level(1) - evidence.level(0);
    let before = evidence.level(2) - evidence.level(1);
    if fall <= 0.0 { 0.0 } else { (fall / before.max(0.0)).sqrt() }
}

/// Whether what is still to come is nothing beside what has been gained (see the head of `verdict`),
/// where every value is the objective itself.
fn has_arrived(evidence: &Evidence) -> bool {
    let fall = evidence.level(1) - evidence.level(0);
    let before = evidence.level(2) - evidence.level(1);
    let rounding = 64.0 * evidence.epsilon * evidence.scale();
    if evidence.is_at_bottom {
        return true;
    }
    if evidence.grad_norm.is_some() {
        if evidence.is_at_rest() || evidence.ends_fast() {
            return true;
        }
        // What is left of a gradient so small is its square. The walk may have come down but now.
        let left = evidence.grad_norm_left();
        if left.is_some_and(|left| left < 1e-8) && kept(evidence) <= 0.5 {
            return true;
        }
    } else if fall.abs() <= rounding && before.abs() <= rounding {
        return true;
    }
    // At a kink, or under an adaptive rule, it rattles a little and neither falls nor rises.
    let swings = evidence.swings();
    let is_free = evidence.grad_norm.is_none() || !evidence.has_linear_rule();
    let is_down = evidence.grad_norm_left().is_none_or(|left| left <= 0.1);
    let least = 1e-3 * evidence.range();
    let rattles = swings.rises >= 0.3 * swings.falls && swings.size <= least && fall.abs() <= least;
    if is_free && is_down && rattles && evidence.values.len() >= 8 {
        return true;
    }
    // Neither on the way up nor under a gradient that has hardly come down.
    if evidence.values.len() < 3 || -fall > rounding.max(1e-4 * evidence.range()) || !is_down {
        return false;
    }
    let kept = kept(evidence);
    let square = kept * kept;
    let to_come = if kept < 1.0 { fall.max(0.0) * square / (1.0 - square) } else { f64::INFINITY };
    let little = if kept <= 0.5 { 1e-3 } else { 1e-4 * (1.0 - kept) };
    to_come <= little * evidence.range()
}

/// The same where there is noise.
fn has_levelled_off(evidence: &Evidence) -> bool {
    if evidence.range() <= 64.0 * evidence.epsilon * evidence.scale() {
        return true;
    }
    if evidence.values.len() < 3 {
        return false;
    }
    let fall = evidence.level(1) - evidence.level(0);
    let before = evidence.level(2) - evidence.level(1);
    if fall.abs() <= evidence.chance().max(1e-4 * evidence.range()) {
        return true;
    }
    // The losses of epochs with noise lag behind where θ is.
    let little = if evidence.is_exact { 0.001 } else { 0.01 };
    let to_come = if fall < before { fall * fall / (before - fall) } else { f64::INFINITY };
    let range = evidence.range();
    fall.abs() <= 0.01 * range && (fall < 0.0 || to_come <= little * range)
}

/// What the loss did over the last quarter.
fn lately(evidence: &Evidence) -> Clause {
    let change = evidence.level(0) - evidence.level(1);
    match change {
        0.0 => Clause::Stayed,
        _ if change < 0.0 => Clause::Fell,
        _ => Clause::Rose,
    }
}

/// Nothing of any weight is to come.
pub(super) fn converged(evidence: &Evidence) -> Option<Said> {
    let mut clauses = vec![lately(evidence)];
    let above = evidence.last() - evidence.lowest();
    if evidence.is_deterministic {
        if !has_arrived(evidence) {
            return None;
        }
    } else {
        if let Some(said) = creeping(evidence) {
            return Some(said);
        }
        // Where noise hides the fall of the loss, θ has to stand still, too.
        let is_hidden = is_lost_in_noise(evidence) || evidence.range() < 8.0 * evidence.chance();
        let is_unclear = is_on_its_way(evidence) || (is_hidden && evidence.drift.is_none());
        if (!evidence.is_exact && is_unclear) || !has_levelled_off(evidence) {
            return None;
        }
    }
    let is_held_up = above > 0.05 * evidence.range() && evidence.is_visible(above);
    if evidence.ends_above_start() || (evidence.is_exact && is_held_up) {
        clauses.push(Clause::AboveLowest);
        let (kind, why) = if evidence.is_deterministic {
            (Kind::Plateau, Clause::NotTheLowest)
        } else {
            (Kind::Oscillating, Clause::NoiseKeepsUp)
        };
        clauses.push(why);
        return Some((kind, clauses));
    }
    if let Some(left) = evidence.grad_norm_left() {
        // Noise leaves some of the gradient at a minimum, but not a good part.
        if !evidence.is_deterministic && left > 0.1 && !evidence.rate_is_spent() {
            return Some((Kind::Oscillating, vec![lately(evidence), Clause::NoiseKeepsUp]));
        }
        let some = if evidence.is_deterministic { 0.01 } else { 0.07 };
        if evidence.rate_is_spent() && left > some {
            return Some((
                Kind::StillDescending,
                vec![lately(evidence), Clause::GradientLeft, Clause::RateSpent],
            ));
        }
        clauses.push(Clause::GradientLeft);
    } else if !evidence.is_deterministic {
        clauses.push(Clause::Moves);
        if evidence.drift.is_some() && !evidence.is_exact {
            clauses.push(Clause::Jitter);
        }
    }
    Some((Kind::Converged, clauses))
}

/// A parameter that goes on and on, nearly as fast as before, under a loss that stays.
fn creeping(evidence: &Evidence) -> Option<Said> {
    let fall = evidence.level(1) - evidence.level(0);
    let before = evidence.level(2) - evidence.level(1);
    let is_flat = fall.abs() <= evidence.chance().max(0.01 * evidence.range());
    let moves_on = evidence.drift?.creeps.is_some_and(|pace| pace > 0.9);
    // Or the loss itself falls on, by little, and hardly less than before.
    let chance = 1.5 * evidence.chance();
    let falls_on =
        fall > chance && before > chance && fall > 0.75 * before && fall < 0.003 * evidence.range();
    ((moves_on && is_flat || falls_on) && !evidence.rate_has_fallen())
        .then(|| (Kind::NarrowValley, vec![lately(evidence), Clause::Creeps, cure(evidence)]))
}

fn cure(evidence: &Evidence) -> Clause {
    match evidence.shape {
        super::Shape::Unknown => Clause::Rescale,
        _ => Clause::Standardise,
    }
}

/// A gradient that has come down, and now stays.
pub(super) fn valley(evidence: &mut Evidence) -> Option<Said> {
    let fall = evidence.level(1) - evidence.level(0);
    if !evidence.is_deterministic || evidence.values.len() < 8 || evidence.is_visible(-fall) {
        return None;
    }
    let kept = kept(evidence);
    let has_come_down = match evidence.grad_norm_left() {
        Some(left) => left <= 0.1,
        None => fall <= 1e-3 * evidence.range(),
    };
    if !(kept > STAYS && has_come_down) || evidence.rate_has_fallen() {
        return None;
    }
    let mut clauses = vec![lately(evidence)];
    if evidence.grad_norm.is_some() {
        clauses.push(Clause::Valley);
    }
    if let Some(condition) = evidence.condition() {
        evidence.figures.real("condition_number", condition);
        clauses.push(Clause::Condition);
    }
    clauses.push(cure(evidence));
    Some((Kind::NarrowValley, clauses))
}

/// What is left when nothing else fits.
pub(super) fn descending(evidence: &Evidence, is_tolerance_met: bool) -> Said {
    if evidence.is_hazy() && !evidence.is_exact {
        return (Kind::StillDescending, vec![Clause::TooFew]);
    }
    if is_lost_in_noise(evidence) {
        let mut clauses = vec![Clause::LostInNoise];
        if is_on_its_way(evidence) {
            clauses.push(Clause::OnItsWay);
        }
        clauses.push(Clause::LookLonger);
        return (Kind::StillDescending, clauses);
    }
    let rise = evidence.level(0) - evidence.level(1);
    let is_rise = evidence.is_visible(rise) && rise > 1e-4 * evidence.range();
    if is_rise && (evidence.is_exact || !is_on_its_way(evidence)) {
        let clauses = vec![Clause::Rose, Clause::AboveLowest, Clause::SmallerRate];
        return match evidence.ends_above_start() {
            true => (Kind::Diverging, clauses),
            false => (Kind::Oscillating, clauses),
        };
    }
    let mut clauses = vec![lately(evidence)];
    if evidence.ends_above_start() {
        clauses.push(Clause::AboveStart);
    }
    let norms = evidence.grad_norm.as_deref().unwrap_or_default();
    let grows = norms.len() >= 4 && norms.windows(2).all(|pair| pair[1] >= pair[0]);
    let left = evidence.grad_norm_left();
    if left.is_some() {
        clauses.push(if grows { Clause::GainsPace } else { Clause::GradientLeft });
    }
    let is_steep = left.is_some_and(|left| left >= 0.5) && evidence.values.len() >= 10;
    clauses.extend_from_slice(if evidence.rate_is_spent() {
        &[Clause::RateSpent]
    } else if is_steep && !grows {
        &[Clause::StillSteep, Clause::LargerRate]
    } else if is_tolerance_met {
        &[Clause::SmallerTolerance]
    } else {
        &[Clause::GoOn]
    });
    (Kind::StillDescending, clauses)
}
