//! What a history has to say, in the form that the verdict asks for.

use super::motion::{Drift, Zigzag, rests, size, stands_still, steepest};
use super::{Figures, Setting, Shape};
use crate::history::History;
use crate::real::Real;
use crate::rule::Rule;

/// Numbers from here on count as beyond all bounds: their squares may be.
const HUGE: f64 = 1e150;

/// With fewer epochs the losses of single updates tell more.
const FEW_EPOCHS: usize = 3;

/// Losses that noise leaves it open what to make of.
const FEW_VALUES: usize = 6;

/// Blocks that the losses of single updates are cut into then.
const BLOCKS: usize = 20;

/// What stands between two values of a series.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unit {
    /// An epoch.
    Epoch,
    /// So many updates: a block of them.
    Updates(u64),
}

/// The losses of a walk in turn, and what is known beside them.
#[derive(Debug)]
pub(super) struct Evidence {
    /// The losses, as far as they are numbers of a sensible size.
    pub values: Vec<f64>,
    /// What stands between two of them.
    pub unit: Unit,
    /// Standard error of each value, where the record tells; else 0.
    pub noise: f64,
    /// The loss that followed, if it is not finite, or nearly so.
    pub overflow: Option<f64>,
    /// Whether every value is the objective itself, and each a single update after the other.
    pub is_deterministic: bool,
    /// Whether every value is the objective itself.
    pub is_exact: bool,
    /// Norms of the full gradient, one an epoch, if all are known and they vanish at a minimum.
    pub grad_norm: Option<Vec<f64>>,
    /// Whether the gradient of a convex loss, kinked or not, is exactly 0 at the end.
    pub is_at_bottom: bool,
    /// The rule that θ moved by.
    pub rule: Rule,
    /// What it moved on.
    pub shape: Shape,
    /// η, one an epoch.
    pub learning_rate: Vec<f64>,
    /// How the last updates turn, if enough of them are on record one by one.
    pub zigzag: Option<Zigzag>,
    /// Whether the path shows that the last updates left θ where it was.
    pub stands_still: bool,
    /// Whether the last of them moved θ by some units in the last place at the most; `None` if the
    /// path does not tell.
    pub rests: Option<bool>,
    /// ‖θ‖ at the start and at the end, if they are on record.
    pub size: Option<(f64, f64)>,
    /// The largest factor by which a plain update at the beginning changed a part of the gradient,
    /// less 1: η times the largest curvature that it met.
    pub steepest: Option<f64>,
    /// How θ moves from epoch to epoch, where there is noise and enough ends of epochs are on record.
    pub drift: Option<Drift>,
    /// Rounding of the numbers that θ consists of.
    pub epsilon: f64,
    /// Figures that have been found on the way.
    pub figures: Figures,
    /// What is asked for many times, found once.
    pub summary: Summary,
}

/// Extremes and ups and downs of the series.
#[derive(Debug, Default)]
pub(super) struct Summary {
    pub lowest: f64,
    pub highest: f64,
    pub swings: Swings,
    pub chance: f64,
    pub largest_norm: f64,
    pub largest_rate: f64,
}

/// The ups and downs of the loss.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Swings {
    /// All rises, added up.
    pub rises: f64,
    /// All falls.
    pub falls: f64,
    /// Mean size of either.
    pub size: f64,
    /// … towards the end, as a share of that.
    pub kept: f64,
}

impl Evidence {
    pub fn of<T: Real>(history: &History<T>, setting: &Setting) -> Self {
        let Setting { rule, l1, shape } = *setting;
        let is_full = history.full_loss.len() > history.loss.len().max(1);
        let one_update_each = history.epoch_updates.iter().all(|&updates| updates == 1);
        let norms = &history.grad_norm;
        let grad_norm =
            (!norms.is_empty() && norms.iter().all(|&norm| norm < HUGE)).then(|| norms.clone());
        let is_exact = is_full || (one_update_each && grad_norm.is_some());
        // One update an epoch may be that of some rows alone: then its loss is not that of all.
        let is_whole =
            !is_full
                || history.loss.iter().zip(&history.full_loss).all(|(batch, all)| {
                    (batch - all).abs() <= 1e-6 * all.abs() || !batch.is_finite()
                });
        let is_deterministic = is_exact && one_update_each && grad_norm.is_some() && is_whole;
        let all = if is_full { &history.full_loss } else { &history.loss };
        let all = &all[..all.len().min(history.loss.len() + 1)];
        let mut values: Vec<f64> =
            all.iter().copied().take_while(|loss| loss.abs() < HUGE).collect();
        let overflow = all.get(values.len()).copied();
        if values.len() > 1 && shape.says_nothing_at(values[0]) {
            values.remove(0);
        }
        let mut evidence = Evidence {
            overflow,
            values,
            unit: Unit::Epoch,
            noise: 0.0,
            is_deterministic,
            is_exact,
            is_at_bottom: is_deterministic && shape.is_convex() && norms.last() == Some(&0.0),
            grad_norm: grad_norm.filter(|_| l1 == 0.0 && !shape.has_kinks()),
            rule,
            shape,
            learning_rate: history.learning_rate.clone(),
            zigzag: is_deterministic.then(|| Zigzag::of(&history.path)).flatten(),
            stands_still: stands_still(&history.path),
            rests: rests(&history.path),
            size: size(&history.path),
            steepest: (one_update_each && rule.is_plain())
                .then(|| steepest(&history.path))
                .flatten(),
            drift: (!is_deterministic).then(|| Drift::of(history)).flatten(),
            epsilon: T::epsilon().as_f64(),
            figures: Figures::default(),
            summary: Summary::default(),
        };
        let is_unfinished = history.epoch_updates.is_empty();
        if evidence.values.len() < FEW_EPOCHS && (is_unfinished || !one_update_each) {
            evidence.look_at_updates(history);
        }
        evidence.summarise();
        evidence
    }

    fn summarise(&mut self) {
        let (lowest, highest) = extremes(&self.values);
        let norms = self.grad_norm.as_deref().unwrap_or_default();
        let largest_norm = extremes(norms).1.max(0.0);
        let largest_rate = extremes(&self.learning_rate).1.max(0.0);
        let (swings, chance) = (self.find_swings(), self.find_chance());
        self.summary = Summary { lowest, highest, swings, chance, largest_norm, largest_rate };
    }

    /// Takes means over blocks of updates for values, if there are enough of them.
    fn look_at_updates<T: Real>(&mut self, history: &History<T>) {
        let losses = history.updates.losses();
        let length = losses.len() / BLOCKS;
        if length < 2 || !losses.iter().all(|loss| loss.abs() < HUGE) {
            return;
        }
        let mut numbers = history.updates.numbers();
        let stride = numbers.nth(1).unwrap_or(2) - 1;
        let blocks = || losses[losses.len() % BLOCKS..].chunks_exact(length);
        let mean = |block: &[f64]| block.iter().sum::<f64>() / length as f64;
        self.values = blocks().map(mean).collect();
        let variance = |block: &[f64]| {
            let mean = mean(block);
            block.iter().map(|loss| (loss - mean) * (loss - mean)).sum::<f64>()
                / (length - 1) as f64
        };
        let late = blocks().skip(BLOCKS / 2).map(variance).sum::<f64>() / (BLOCKS / 2) as f64;
        self.noise = (late / length as f64).sqrt();
        self.unit = Unit::Updates(length as u64 * stride);
        self.is_exact = false;
        self.drift = None;
    }

    pub fn first(&self) -> f64 {
        self.values[0]
    }

    pub fn last(&self) -> f64 {
        self.values[self.values.len() - 1]
    }

    pub fn lowest(&self) -> f64 {
        self.summary.lowest
    }

    /// From the lowest value to the highest.
    pub fn range(&self) -> f64 {
        self.summary.highest - self.summary.lowest
    }

    /// The largest value in size.
    pub fn scale(&self) -> f64 {
        self.summary.highest.max(-self.summary.lowest)
    }

    /// The ups and downs among the losses of the last half.
    pub fn swings(&self) -> Swings {
        self.summary.swings
    }

    /// A change of `level` that chance alone might bring, as far as the values show.
    pub fn chance(&self) -> f64 {
        self.summary.chance
    }

    /// Values in the last quarter of the walk.
    pub fn quarter(&self) -> usize {
        ((self.values.len() - 1) / 4).max(1)
    }

    /// Values in the last half of the walk.
    pub fn half(&self) -> usize {
        (self.values.len() / 2).max(1)
    }

    /// The loss `back` quarters before the end: a value of its own, or where there is noise the
    /// mean over the quarter that ends there.
    pub fn level(&self, back: usize) -> f64 {
        let quarter = self.quarter();
        let end = (self.values.len() - 1).saturating_sub(back * quarter);
        if self.is_deterministic {
            return self.values[end];
        }
        let start = (end + 1).saturating_sub(quarter);
        self.values[start..=end].iter().sum::<f64>() / (end + 1 - start) as f64
    }

    /// Whether there is noise in the losses, and too few of them to see through it.
    pub fn is_hazy(&self) -> bool {
        !self.is_deterministic && self.values.len() < FEW_VALUES
    }

    /// Differences of the losses in the last half from one to the next.
    fn changes(&self) -> impl Iterator<Item = f64> + Clone {
        let tail = &self.values[self.values.len() - self.half().min(self.values.len())..];
        tail.windows(2).map(|pair| pair[1] - pair[0])
    }

    fn find_chance(&self) -> f64 {
        if self.is_deterministic || self.is_hazy() {
            return 0.0;
        }
        // Two standard errors; four where many short blocks make it likely that one strays.
        let errors = if self.unit == Unit::Epoch { 2.0 } else { 4.0 };
        let changes = self.changes();
        let count = changes.clone().count().max(1) as f64;
        let mean = changes.clone().sum::<f64>() / count;
        let variance = changes.map(|c| (c - mean) * (c - mean)).sum::<f64>() / count;
        errors * (variance / self.quarter() as f64).sqrt()
    }

    fn find_swings(&self) -> Swings {
        let changes = self.changes();
        let count = changes.clone().count();
        let late = count.min((self.values.len() / 8).max(4));
        let (mut rises, mut falls, mut lately) = (0.0, 0.0, 0.0);
        for (k, change) in changes.enumerate() {
            rises += change.max(0.0);
            falls += (-change).max(0.0);
            if k >= count - late {
                lately += change.abs();
            }
        }
        let size = (rises + falls) / count.max(1) as f64;
        Swings { rises, falls, size, kept: lately / late.max(1) as f64 / size }
    }

    /// Figures that are of interest whatever the verdict.
    pub fn note_figures(&mut self) {
        if self.values.is_empty() {
            return;
        }
        let (first, level, lowest) = (self.first(), self.level(0), self.lowest());
        let change = level - self.level(1);
        let norms = (self.unit == Unit::Epoch).then(|| self.grad_norm.as_deref()?.last()).flatten();
        let (norm, left, kept) = (norms.copied(), self.grad_norm_left(), self.grad_norm_kept());
        let (steps, quarter) = (self.values.len() - 1, self.quarter());
        let (rate, swing) = (self.learning_rate.last().copied(), self.swings().size);
        let figures = &mut self.figures;
        figures.whole("steps", steps as u64);
        figures.whole("quarter", quarter as u64);
        if let Unit::Updates(updates) = self.unit {
            figures.whole("updates_per_step", updates);
        }
        figures.real("first_loss", first);
        figures.real("loss", level);
        figures.real("lowest_loss", lowest);
        figures.real("change", change);
        figures.real("fall", first - level);
        if let (Some(norm), Some(left)) = (norm, left) {
            figures.real("gradient_norm", norm);
            figures.real("gradient_left", left);
            figures.real("gradient_kept", kept);
        }
        figures.real("learning_rate", rate.unwrap_or(f64::NAN));
        if !self.is_deterministic {
            figures.real("swing", swing);
            if let Some(drift) = self.drift {
                figures.real("jitter", drift.jitter);
                figures.real("lately", drift.lately);
            }
        }
    }

    /// Whether the walk ends above where it began, where every loss is the objective itself.
    pub fn ends_above_start(&self) -> bool {
        self.is_deterministic
            && self.values.len() >= 2
            && self.is_visible(self.last() - self.first())
    }

    /// Whether the rule's steps are in proportion to the gradients.
    pub fn has_linear_rule(&self) -> bool {
        matches!(self.rule, Rule::Plain | Rule::Momentum { .. } | Rule::Nesterov { .. })
    }

    /// Whether η has fallen to less than a third of its largest.
    pub fn rate_has_fallen(&self) -> bool {
        self.learning_rate.last().is_some_and(|&rate| rate < 0.3 * self.summary.largest_rate)
    }

    /// Whether η has fallen to less than a thousandth of its largest.
    pub fn rate_is_spent(&self) -> bool {
        self.learning_rate.last().is_some_and(|&rate| rate < 1e-3 * self.summary.largest_rate)
    }

    /// Whether a change of the loss is more than rounding makes of it.
    pub fn is_visible(&self, change: f64) -> bool {
        change > 100.0 * self.epsilon * self.scale()
    }
}

/// The least and the largest of these numbers, ∞ and −∞ if there are none. None is NaN, so that
/// comparisons do, which take a fraction of the time of `f64::min`.
fn extremes(numbers: &[f64]) -> (f64, f64) {
    let mut extremes = [(f64::INFINITY, f64::NEG_INFINITY); 4];
    for group in numbers.chunks(4) {
        for ((least, most), &number) in extremes.iter_mut().zip(group) {
            *least = if number < *least { number } else { *least };
            *most = if number > *most { number } else { *most };
        }
    }
    let least = extremes.iter().map(|pair| pair.0).fold(f64::INFINITY, f64::min);
    (least, extremes.iter().map(|pair| pair.1).fold(f64::NEG_INFINITY, f64::max))
}
