//! What the recorded path says of how θ moved.

use crate::history::{History, Path};
use crate::kernel::vector::{all_finite, squared_norm};
use crate::real::Real;

/// Displacements at the end of the path that are looked at for a zig-zag.
const TAIL: usize = 32;

/// Updates at the beginning that the largest curvature is looked for in.
const HEAD: usize = 32;

/// What the last displacements of θ look like.
///
/// With Δₖ = θₖ₊₁ − θₖ the half difference ½(Δₖ − Δₖ₋₁) is the part that turns round at every
/// update: what drifts steadily drops out of it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Zigzag {
    /// Mean cosine of the angle between one displacement and the next, −1 where each undoes the
    /// one before.
    pub cosine: f64,
    /// Size of the part that turns round, at the end.
    pub size: f64,
    /// … as a multiple of what it was half the tail before.
    pub kept: f64,
    /// … and the factor an update that it lately grew by.
    pub growth: f64,
    /// Number of displacements.
    pub count: usize,
    /// … and as a share of the extent of the path.
    pub share: f64,
}

/// How θ moves from one end of an epoch to the next, where an epoch is more than one update.
#[derive(Clone, Copy, Debug)]
pub(super) struct Drift {
    /// Mean cosine of the angle between one displacement and the next, in the last quarter: near 1
    /// on the way to somewhere, 0 or less while rattling about a place.
    pub cosine: f64,
    /// Root mean square of those displacements, as a share of the way from the start to the end.
    pub jitter: f64,
    /// What the last quarter of the epochs has made of that way.
    pub lately: f64,
    /// The pace of the last quarter as a share of that of the quarter before, for the parameter that
    /// goes most steadily in one direction, if one does.
    pub creeps: Option<f64>,
}

impl Zigzag {
    /// `None` where too few points follow each other update by update.
    pub fn of<T: Real>(path: &Path<T>) -> Option<Self> {
        if path.n_params() == 0 || !(0..path.len()).all(|k| all_finite(path.point(k))) {
            return None;
        }
        let updates: Vec<u64> = path.updates().collect();
        let together = updates.windows(2).rev().take_while(|pair| pair[1] == pair[0] + 1).count();
        let count = together.min(TAIL).min((updates.len() / 2).max(3));
        if count < 3 {
            return None;
        }
        let point = |k| path.point(k);
        let first = updates.len() - 1 - count;
        let between = |a: usize, b: usize| displacement(point(a), point(b)).sqrt();
        let (mut products, mut sizes) = (0.0, 0.0);
        let mut turning = Vec::with_capacity(count - 1);
        for k in first + 1..updates.len() - 1 {
            let (product, difference) = turn(point(k - 1), point(k), point(k + 1));
            products += product;
            sizes += between(k - 1, k) * between(k, k + 1);
            turning.push(0.5 * difference.sqrt());
        }
        let last = updates.len() - 1;
        let extent = (0..last).map(|k| between(k, last)).fold(0.0, f64::max);
        let end = turning.len() - 1;
        let (half, quarter) = ((end / 2).max(1), (end / 4).max(1));
        let size = turning[end];
        let zigzag = Zigzag {
            cosine: products / sizes,
            size,
            kept: size / turning[end - half],
            growth: (size / turning[end - quarter]).powf(1.0 / quarter as f64),
            count,
            share: size / extent,
        };
        // At a standstill, and where squares overflow, there is no angle to speak of.
        let figures = [zigzag.cosine, zigzag.kept, zigzag.growth, zigzag.share];
        figures.iter().all(|figure| figure.is_finite()).then_some(zigzag)
    }
}

impl Drift {
    /// `None` where fewer than five ends of epochs are on record.
    pub fn of<T: Real>(history: &History<T>) -> Option<Self> {
        let (mut update, mut from) = (0, 0);
        let mut places: Vec<usize> = history.path.find(0, 0).into_iter().collect();
        for updates in &history.epoch_updates {
            update += updates;
            if let Some(place) = history.path.find(update, from) {
                places.push(place);
                from = place;
            }
        }
        let last = places.len().checked_sub(1).filter(|&last| last >= 5)?;
        let point = |k: usize| history.path.point(places[k]);
        let between = |a: usize, b: usize| displacement(point(a), point(b)).sqrt();
        let tail = last - (last / 4).max(4)..last;
        let (mut products, mut sizes) = (0.0, 0.0);
        for k in tail.clone().skip(1) {
            products += turn(point(k - 1), point(k), point(k + 1)).0;
            sizes += between(k - 1, k) * between(k, k + 1);
        }
        let way = between(0, last);
        let squares: f64 = tail.clone().map(|k| displacement(point(k), point(k + 1))).sum();
        let drift = Drift {
            cosine: products / sizes,
            jitter: (squares / tail.len() as f64).sqrt() / way,
            lately: between(last - last / 4, last) / way,
            creeps: creeps(point, last),
        };
        let figures = [drift.cosine, drift.jitter, drift.lately];
        figures.iter().all(|figure| figure.is_finite()).then_some(drift)
    }
}

/// Whether the last update on record left θ where it was, the one before being on record as well.
pub(super) fn stands_still<T: Real>(path: &Path<T>) -> bool {
    let Some(before) = path.len().checked_sub(2) else { return false };
    let mut updates = path.updates().skip(before);
    let follows = updates.next().map(|update| update + 1) == updates.next();
    follows && path.point(before) == path.point(before + 1)
}

/// Whether the last update on record moved no parameter by more than some units in the last place.
pub(super) fn rests<T: Real>(path: &Path<T>) -> Option<bool> {
    let before = path.len().checked_sub(2)?;
    let (a, b) = (path.point(before), path.point(before + 1));
    let least = 2.0 * T::epsilon().as_f64();
    Some(a.iter().zip(b).all(|(a, b)| {
        let (a, b) = (a.as_f64(), b.as_f64());
        (b - a).abs() <= least * a.abs().max(b.abs())
    }))
}

/// ‖θ‖ at the start and at the end.
pub(super) fn size<T: Real>(path: &Path<T>) -> Option<(f64, f64)> {
    let end = path.len().checked_sub(1)?;
    let norm = |point: &[T]| squared_norm(point).sqrt();
    Some((norm(path.point(0)), norm(path.point(end))))
}

/// η times the largest curvature that the first updates met: of a plain step from a displacement Δₖ
/// to the next, 1 − Δₖ₊₁·Δₖ/‖Δₖ‖² is η times that along it.
pub(super) fn steepest<T: Real>(path: &Path<T>) -> Option<f64> {
    let updates: Vec<u64> = path.updates().take(HEAD).collect();
    let steepest = (2..updates.len())
        .filter(|&k| updates[k] == updates[k - 2] + 2)
        .map(|k| {
            let (a, b, c) = (path.point(k - 2), path.point(k - 1), path.point(k));
            1.0 - turn(a, b, c).0 / displacement(a, b)
        })
        .filter(|curvature| curvature.is_finite())
        .fold(0.0, f64::max);
    (steepest > 0.0).then_some(steepest)
}

/// The pace of the last quarter of `last` displacements as a share of that of the quarter before, for
/// a parameter that went the same way in both, nearly straight.
fn creeps<'p, T: Real>(point: impl Fn(usize) -> &'p [T], last: usize) -> Option<f64> {
    let quarter = last / 4;
    if quarter < 6 {
        return None;
    }
    // By chance it would get about 1/√quarter of the length of its way ahead.
    let least = (4.0 / (quarter as f64).sqrt()).clamp(0.25, 0.8);
    let at = |k: usize, parameter: usize| point(k)[parameter].as_f64();
    let way = |from: usize, to: usize, parameter: usize| {
        let steps = (from..to).map(|k| at(k + 1, parameter) - at(k, parameter));
        let length: f64 = steps.map(f64::abs).sum();
        (at(to, parameter) - at(from, parameter), length)
    };
    (0..point(0).len())
        .filter_map(|parameter| {
            let (before, length_before) = way(last - 2 * quarter, last - quarter, parameter);
            let (lately, length) = way(last - quarter, last, parameter);
            let is_straight = lately.abs() > least * length && before.abs() > least * length_before;
            (is_straight && lately * before > 0.0).then_some(lately / before)
        })
        .fold(None, |most, pace| Some(f64::max(most.unwrap_or(0.0), pace)))
}

/// ‖b − a‖².
fn displacement<T: Real>(a: &[T], b: &[T]) -> f64 {
    a.iter().zip(b).map(|(a, b)| (b.as_f64() - a.as_f64()).powi(2)).sum()
}

/// (b − a)·(c − b) and ‖(c − b) − (b − a)‖².
fn turn<T: Real>(a: &[T], b: &[T], c: &[T]) -> (f64, f64) {
    a.iter().zip(b).zip(c).fold((0.0, 0.0), |(product, turning), ((a, b), c)| {
        let before = b.as_f64() - a.as_f64();
        let after = c.as_f64() - b.as_f64();
        (product + before * after, turning + (after - before) * (after - before))
    })
}
