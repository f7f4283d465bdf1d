//! Walks that go downhill: converged, or still on the way.

use super::evidence::Evidence;
use super::words::*;
use super::{Kind, Verdict};

/// Fewer than two losses tell nothing, unless they say that there is nothing left to do.
pub(super) fn too_short(evidence: &Evidence) -> Option<Verdict> {
    if evidence.overflow.is_some() || evidence.values.len() >= 2 {
        return None;
    }
    let sentence = match evidence.values.first() {
        None => "no epoch is on record yet, so there is nothing to tell it by.".to_owned(),
        Some(&loss) => format!(
            "one loss alone is on record, {}, and it takes two to see which way it goes.",
            figure(loss)
        ),
    };
    Some(say(Kind::StillDescending, sentence))
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

/// Whether the loss has levelled off beside `reference` (see the head of this file).
fn has_levelled_off(evidence: &Evidence, reference: f64) -> bool {
    if evidence.range() <= 64.0 * evidence.epsilon * evidence.scale() {
        return true;
    }
    if evidence.values.len() < 3 {
        return false;
    }
    // What is left of a gradient so small is its square. The walk may have come down but now.
    if evidence.grad_norm_left().is_some_and(|left| left < 1e-8) && evidence.is_deterministic {
        return true;
    }
    let fall = evidence.level(1) - evidence.level(0);
    let fall_before = evidence.level(2) - evidence.level(1);
    if fall.abs() <= evidence.chance().max(1e-4 * reference) {
        return true;
    }
    // The losses of epochs with noise lag behind where θ is.
    let little = if evidence.is_exact { 0.001 } else { 0.01 };
    let to_come =
        if fall < fall_before { fall * fall / (fall_before - fall) } else { f64::INFINITY };
    fall.abs() <= 0.01 * reference && (fall < 0.0 || to_come <= little * reference)
}

/// A loss that has levelled off, under a gradient that has come down.
pub(super) fn converged(evidence: &Evidence, is_tolerance_met: bool) -> Option<Verdict> {
    // A tolerance is meant beside the loss itself.
    let whole = if is_tolerance_met { evidence.last().abs() } else { 0.0 };
    // Where noise hides the fall of the loss, θ has to stand still, too.
    let is_unclear =
        is_on_its_way(evidence) || (is_lost_in_noise(evidence) && evidence.drift.is_none());
    if (!evidence.is_exact && is_unclear)
        || !has_levelled_off(evidence, evidence.reference().max(whole))
    {
        return None;
    }
    let last = evidence.last();
    let lately = evidence.level(1) - evidence.level(0);
    let quarter = the_last(evidence.quarter(), evidence.unit);
    let above = last - evidence.lowest();
    if evidence.is_exact && above > 0.05 * evidence.range() && evidence.is_visible(above) {
        let (kind, why) = if evidence.is_deterministic {
            (Kind::Plateau, "the surface is flat here, but this is not its lowest place")
        } else {
            (Kind::Oscillating, "the noise of the batches keeps it up")
        };
        let sentence = format!(
            "the loss has levelled off at {} (by {} over {quarter}), above the {} that it \
             had reached: {why}.",
            figure(last),
            relative(lately.abs(), last),
            figure(evidence.lowest())
        );
        return Some(say(kind, sentence));
    }
    let mut sentence = match evidence.level(0) {
        0.0 => format!("the loss is 0 after {}", count(evidence.values.len() - 1, evidence.unit)),
        level if lately == 0.0 => {
            format!("over {quarter} the loss has stayed at {}", figure(level))
        }
        level => format!(
            "over {quarter} the loss {} by {} to {}",
            if lately > 0.0 { "fell" } else { "rose" },
            relative(lately.abs(), evidence.level(1)),
            figure(level)
        ),
    };
    let norms = evidence.grad_norm.as_deref().unwrap_or_default();
    let largest = norms.iter().copied().fold(0.0, f64::max);
    if let Some(&norm) = norms.last().filter(|_| largest > 0.0) {
        if evidence.rate_is_spent() && norm > 1e-3 * largest {
            let sentence = format!(
                "{sentence}, but the gradient norm is still {} of its largest: what has come to an \
                 end is the learning rate, now {}.",
                percent(norm / largest),
                figure(*evidence.learning_rate.last()?)
            );
            return Some(say(Kind::StillDescending, sentence));
        }
        let left = norm / largest;
        let left = if left < 1e-3 { figure(left) } else { percent(left) };
        sentence += &format!(", and the gradient norm is {left} of its largest");
    } else if !evidence.is_deterministic {
        sentence += &format!(
            "; from one {} to the next it moves by {} on average",
            unit_name(evidence.unit),
            relative(evidence.swings().size, last)
        );
        if let Some(drift) = evidence.drift.filter(|_| !evidence.is_exact) {
            sentence += &format!(", and θ by {} of its whole way", percent(drift.jitter));
        }
    }
    Some(say(Kind::Converged, sentence + "."))
}

/// What is left when nothing else fits.
pub(super) fn descending(evidence: &Evidence, is_tolerance_met: bool) -> Verdict {
    let (first, last) = (evidence.first(), evidence.last());
    let all = count(evidence.values.len() - 1, evidence.unit);
    if evidence.is_hazy() && !evidence.is_exact {
        let sentence = format!(
            "the loss went from {} to {} in {all}, too few to see through the noise of the batches.",
            figure(first),
            figure(last)
        );
        return say(Kind::StillDescending, sentence);
    }
    if is_lost_in_noise(evidence) {
        let way =
            evidence.drift.filter(|_| is_on_its_way(evidence)).map_or(String::new(), |drift| {
                format!(
                    ", though θ is on its way in one direction ({} of it in the last quarter)",
                    percent(drift.lately)
                )
            });
        let sentence = format!(
            "within its noise the loss has stayed near {} for {all}{way}. More epochs, a larger \
             learning rate or full_loss=True will tell more.",
            figure(evidence.level(0))
        );
        return say(Kind::StillDescending, sentence);
    }
    let lately = evidence.level(1) - evidence.level(0);
    let quarter = the_last(evidence.quarter(), evidence.unit);
    if lately < 0.0 && (evidence.is_exact || !is_on_its_way(evidence)) {
        let sentence = format!(
            "the loss rose by {} to {} over {quarter}, from {} at the lowest.{}",
            relative(-lately, last),
            figure(last),
            figure(evidence.lowest()),
            smaller_rate(evidence)
        );
        let has_grown = evidence.is_deterministic && last > first;
        let kind = if has_grown { Kind::Diverging } else { Kind::Oscillating };
        return say(kind, sentence);
    }
    let norms = evidence.grad_norm.as_deref().unwrap_or_default();
    let largest = norms.iter().copied().fold(0.0, f64::max);
    let gradient = norms.last().filter(|_| largest > 0.0).map_or(String::new(), |norm| {
        format!(", and the gradient norm is {} of its largest", percent(norm / largest))
    });
    let advice = if is_tolerance_met {
        "Single epochs gained less than the tolerance, so a smaller one will take it further"
    } else {
        "More epochs or a larger learning rate will take it further"
    };
    let sentence = format!(
        "over {quarter} the loss {} by {} to {}, of {} in all{gradient}. {advice}.",
        if lately < 0.0 { "rose" } else { "fell" },
        figure(lately.abs()),
        figure(last),
        figure(first - last)
    );
    say(Kind::StillDescending, sentence)
}
