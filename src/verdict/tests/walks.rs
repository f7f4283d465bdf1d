//! Walks whose kind is known by how they are made.

use super::*;
use crate::batches::Sampling;
use crate::descent::Plan;
use crate::history::Record;
use crate::landscape::Landscape;
use crate::loss::PointLoss;
use crate::objective::{Linear, Mean, Penalty, SampleWeights, Surface};
use crate::random::standard_normals;
use crate::rows::{Column, Dense};
use crate::rule::{AdaGrad, Adam, Momentum, Nesterov, RMSProp};
use crate::schedule::constants::EpsilonAt;
use crate::schedule::{Exponential, Schedule};
use crate::stability::max_learning_rate;
use crate::testing::{Problem, plan, walk};

/// A walk on a linear model with an intercept, from start to end.
struct Setting<'p> {
    problem: &'p Problem,
    loss: PointLoss,
    l1: f64,
    l2: f64,
    batch_size: usize,
    epochs: u64,
    schedule: Schedule,
    start: Vec<f64>,
    record: Record,
    full_loss: bool,
    rule: Rule,
}

impl<'p> Setting<'p> {
    /// Plain batch descent on the squared error from zeros, with everything on record.
    fn new(problem: &'p Problem, eta: f64, epochs: u64) -> Self {
        Setting {
            problem,
            loss: PointLoss::Mse,
            l1: 0.0,
            l2: 0.0,
            batch_size: problem.n,
            epochs,
            schedule: Schedule::Constant(eta),
            start: vec![0.0; problem.d + 1],
            record: Record::Update,
            full_loss: false,
            rule: Rule::Plain,
        }
    }

    fn targets(&self) -> &[f64] {
        match self.loss {
            PointLoss::Mse | PointLoss::HalfMse => &self.problem.real,
            _ => &self.problem.labels,
        }
    }

    fn plan(&self) -> Plan {
        let is_batch = self.batch_size >= self.problem.n;
        let sampling = if is_batch { Sampling::Sequential } else { Sampling::Shuffle };
        let full_loss = self.full_loss;
        Plan { full_loss, rule: self.rule, ..plan(self.batch_size, sampling, self.epochs) }
    }

    fn verdict(&self) -> Verdict {
        self.verdict_in(&self.problem.x, self.targets(), self.start.clone())
    }

    fn verdict_in_single_precision(&self) -> Verdict {
        let single = |values: &[f64]| values.iter().map(|&x| x as f32).collect::<Vec<_>>();
        self.verdict_in(&single(&self.problem.x), &single(self.targets()), single(&self.start))
    }

    fn verdict_in<T: Real>(&self, x: &[T], y: &[T], start: Vec<T>) -> Verdict {
        let rows = Dense::new(x, self.problem.n, self.problem.d).unwrap();
        let penalty = Penalty { l1: self.l1, by_sign: false, l2: self.l2, n_free: 1 };
        let weights = SampleWeights::equal();
        let sums = Linear::new(rows, Column::Slice(y), self.loss, weights, true, penalty);
        let objective = &mut Mean::new(&sums, None).unwrap();
        let state = walk(objective, &self.plan(), &self.schedule, start, self.record);
        let shape = match self.loss {
            PointLoss::SigmoidMse | PointLoss::TanhMse => Shape::Bent,
            _ => Shape::Convex,
        };
        let setting = super::Setting { rule: self.rule, l1: self.l1, shape };
        verdict(state.history(), state.stopped(), &setting)
    }
}

/// Walks whose kind is fixed by how they are made, 40 of each kind.
fn walks_of_known_kind(judge: impl Fn(Setting) -> Verdict) -> Vec<String> {
    let mut wrong = vec![];
    let mut check = |kind, setting: Setting<'_>| {
        let told = format!(
            "{}, η = {:?}, {} epochs",
            setting.loss.name(),
            setting.schedule,
            setting.epochs
        );
        let verdict = judge(setting);
        if verdict.kind != kind {
            wrong.push(format!("{kind:?}, {told}: {verdict:?}"));
        }
    };
    for seed in 0..40 {
        let problem = &Problem::new(seed);
        let (convex, l2) =
            if seed % 2 == 0 { (PointLoss::Mse, 0.0) } else { (PointLoss::LogLoss, 0.05) };
        let rate = 1.0 / problem.curvature(convex, true, l2);
        let smooth =
            |eta, epochs| Setting { loss: convex, l2, ..Setting::new(problem, eta, epochs) };
        check(Kind::Converged, smooth(rate, 3000));
        check(Kind::StillDescending, smooth(1e-3 * rate, [10, 100, 500][seed as usize % 3]));

        let squares = [PointLoss::Mse, PointLoss::HalfMse][seed as usize % 2];
        let rate = 1.0 / problem.curvature(squares, true, 0.0);
        let steep = |eta, epochs| Setting { loss: squares, ..Setting::new(problem, eta, epochs) };
        check(Kind::Oscillating, steep(2.0 * rate, [20, 100, 400][seed as usize % 3]));
        check(Kind::Diverging, steep(2.2 * rate, [10, 40, 200, 3000][seed as usize % 4]));

        // Every row on the flat side of the neuron, half of the time the upper one.
        let (neuron, depth) =
            [(PointLoss::SigmoidMse, 11.0), (PointLoss::TanhMse, 6.5)][seed as usize / 2 % 2];
        let mut start: Vec<f64> =
            standard_normals(seed).take(problem.d + 1).map(|w| 0.1 * w).collect();
        start[0] += if seed % 2 == 0 { depth } else { -depth };
        let rate = 1.0 / problem.curvature(neuron, true, 0.0);
        let epochs = [50, 200][seed as usize % 2];
        check(
            Kind::Plateau,
            Setting { loss: neuron, start, ..Setting::new(problem, rate, epochs) },
        );
    }
    wrong
}

#[test]
fn two_hundred_walks_of_known_kind() {
    let wrong = walks_of_known_kind(|setting| setting.verdict());
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn the_same_with_less_on_record() {
    for record in [Record::Nothing, Record::Auto { bytes: 2000 }] {
        for full_loss in [false, true] {
            let wrong =
                walks_of_known_kind(|setting| Setting { record, full_loss, ..setting }.verdict());
            let count = wrong.len();
            assert!(wrong.is_empty(), "{record:?}: {count} wrong:\n{}", wrong.join("\n"));
        }
    }
}

#[test]
fn the_same_in_single_precision() {
    for record in [Record::Update, Record::Nothing] {
        let wrong = walks_of_known_kind(|setting| {
            Setting { record, ..setting }.verdict_in_single_precision()
        });
        let count = wrong.len();
        assert!(wrong.is_empty(), "{record:?}: {count} wrong:\n{}", wrong.join("\n"));
    }
}

/// SGD (even seeds) or mini-batch descent at a share of the rate at which steps along single rows
/// overshoot.
fn noisy(problem: &Problem, seed: u64, share: f64, epochs: u64) -> Setting<'_> {
    let squares = problem.x.chunks(problem.d).map(|x| x.iter().map(|x| x * x).sum::<f64>());
    let eta = share * max_learning_rate(2.0 * (1.0 + squares.fold(0.0, f64::max)));
    Setting { batch_size: [1, 8][seed as usize % 2], ..Setting::new(problem, eta, epochs) }
}

/// The same on a neuron whose every row lies on its lower side.
fn saturated(problem: &Problem, seed: u64) -> Setting<'_> {
    let setting = noisy(problem, seed, 1.0, 20);
    let mut start = setting.start.clone();
    start[0] = -12.0;
    Setting { loss: PointLoss::SigmoidMse, start, ..setting }
}

/// How many of the walks with these seeds are of `kind`.
fn count_of(
    kind: Kind,
    seeds: impl Iterator<Item = u64>,
    setting_of: impl Fn(&Problem, u64) -> Setting<'_>,
) -> usize {
    let is_of_kind = |&seed: &u64| setting_of(&Problem::new(seed), seed).verdict().kind == kind;
    seeds.filter(is_of_kind).count()
}

#[test]
fn stochastic_and_mini_batch_descent() {
    let only_sgd = || (0..40).step_by(2);
    for full_loss in [true, false] {
        // So small a rate that 30 epochs get nowhere.
        let count = count_of(Kind::StillDescending, 0..40, |problem, seed| Setting {
            full_loss,
            ..noisy(problem, seed, 1e-4, 30)
        });
        assert_eq!(count, 40, "still descending");
        // A large one that stays: θ rattles about the minimum.
        let count = count_of(Kind::Oscillating, only_sgd(), |problem, seed| Setting {
            full_loss,
            ..noisy(problem, seed, 0.9, 100)
        });
        assert!(count >= 18, "{count} of 20 oscillating");
        // Far beyond the rate at which it would stay put.
        let count = count_of(Kind::Diverging, 0..40, |problem, seed| Setting {
            full_loss,
            ..noisy(problem, seed, 20.0, 100)
        });
        assert_eq!(count, 40, "diverging");
        // Short last batches make epoch losses noisy: for mini-batches it takes the full ones.
        let seeds = || (0..40).filter(|seed| full_loss || seed % 2 == 0);
        let count = count_of(Kind::Plateau, seeds(), |problem, seed| Setting {
            full_loss,
            ..saturated(problem, seed)
        });
        assert_eq!(count, seeds().count(), "plateau");
    }
    // The same, but decreasing to a hundredth: it comes to rest.
    let count = count_of(Kind::Converged, 0..40, |problem, seed| {
        let setting = noisy(problem, seed, 0.9, 300);
        let Schedule::Constant(initial) = setting.schedule else { unreachable!() };
        let updates = 300 * problem.n.div_ceil(setting.batch_size);
        let decay = 0.01f64.powf(1.0 / updates as f64);
        let schedule = Exponential { initial, decay }.into();
        Setting { full_loss: true, schedule, ..setting }
    });
    assert!(count >= 36, "{count} of 40 converged");
}

#[test]
fn a_neuron_thrown_onto_its_flat_side() {
    // The first step is so large that every row ends up far out, some of them on the wrong side.
    let count = count_of(Kind::Plateau, 0..20, |problem, _| Setting {
        loss: PointLoss::SigmoidMse,
        ..Setting::new(problem, 1e5, 100)
    });
    assert!(count >= 18, "{count} of 20");
}

#[test]
fn under_an_l1_penalty_the_gradient_need_not_vanish() {
    for seed in 0..20 {
        let problem = &Problem::new(seed);
        let rate = 1.0 / problem.curvature(PointLoss::Mse, true, 0.0);
        for record in [Record::Update, Record::Nothing] {
            let setting = Setting { l1: 0.3, record, ..Setting::new(problem, rate, 2000) };
            let verdict = setting.verdict();
            assert_eq!(verdict.kind, Kind::Converged, "{seed}: {verdict:?}");
        }
    }
}

#[test]
fn other_rules_run_to_the_end() {
    let rules: [Rule; 4] = [
        Momentum { beta: 0.9 }.into(),
        Nesterov { beta: 0.9 }.into(),
        AdaGrad { epsilon: 1e-8, epsilon_at: EpsilonAt::Outside }.into(),
        Adam {
            beta1: 0.9,
            beta2: 0.999,
            epsilon: 1e-8,
            epsilon_at: EpsilonAt::Outside,
            amsgrad: false,
        }
        .into(),
    ];
    for (rule, seed) in rules.into_iter().flat_map(|rule| (0..10).map(move |seed| (rule, seed))) {
        let problem = &Problem::new(seed);
        let adaptive = matches!(rule, Rule::AdaGrad { .. } | Rule::Adam { .. });
        let rate = 1.0 / problem.curvature(PointLoss::Mse, true, 0.0);
        let eta = if adaptive { 0.1 } else { rate };
        for record in [Record::Update, Record::Nothing] {
            let verdict = Setting { rule, record, ..Setting::new(problem, eta, 4000) }.verdict();
            assert_eq!(verdict.kind, Kind::Converged, "{rule:?} {seed}: {verdict:?}");
        }
    }
    // Its steps are of the size η whatever the gradient, so that it never comes to rest.
    let rule: Rule = RMSProp { rho: 0.9, epsilon: 1e-8, epsilon_at: EpsilonAt::Outside }.into();
    for record in [Record::Update, Record::Nothing] {
        let problem = &Problem::new(0);
        let verdict = Setting { rule, record, ..Setting::new(problem, 0.2, 4000) }.verdict();
        assert_eq!(verdict.kind, Kind::Oscillating, "{verdict:?}");
    }
}

#[test]
fn a_rate_that_dies_out_is_no_convergence() {
    let problem = &Problem::new(3);
    let initial = 0.1 / problem.curvature(PointLoss::Mse, true, 0.0);
    let schedule = Exponential { initial, decay: 0.8 }.into();
    let verdict = Setting { schedule, ..Setting::new(problem, initial, 200) }.verdict();
    assert_eq!(verdict.kind, Kind::StillDescending, "{verdict:?}");
    assert!(verdict.clauses.contains(&Clause::RateSpent), "{verdict:?}");
}

#[test]
fn the_lesson_on_the_plateau() {
    let landscape = Landscape::by_name("plateau").unwrap();
    let momentum: Rule = Momentum { beta: 0.9 }.into();
    for (rule, kind) in [(Rule::Plain, Kind::Plateau), (momentum, Kind::Converged)] {
        let plan = Plan { rule, full_loss: false, ..plan(1, Sampling::Sequential, 4000) };
        let schedule = &Schedule::Constant(landscape.learning_rate());
        let objective = &mut Surface::new(landscape, 1);
        let record = Record::Auto { bytes: 1 << 14 };
        let state = walk(objective, &plan, schedule, landscape.start(1), record);
        let verdict = verdict(state.history(), state.stopped(), &unknown(rule));
        assert_eq!(verdict.kind, kind, "{verdict:?}");
    }
}
