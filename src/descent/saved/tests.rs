use proptest::prelude::*;

use super::*;
use crate::batches::Sampling;
use crate::descent::{Budget, Plan, Progress, Walk};
use crate::landscape::Landscape;
use crate::objective::{Penalty, Surface};
use crate::rule::{Adam, RMSProp};
use crate::schedule::Schedule;
use crate::testing::plan;
use crate::verdict::{self, Shape, verdict};

/// A walk over `n` tilted terms of Rosenbrock's function, from a learning rate that creeps to one
/// that blows up.
#[derive(Clone, Debug)]
struct Setting {
    n: usize,
    plan: Plan,
    record: Record,
    eta: f64,
    l1: f64,
    /// Updates that are made before the walk is taken apart.
    updates: u64,
    /// Whether it is stopped there.
    is_stopped: bool,
}

fn settings() -> impl Strategy<Value = Setting> {
    let record = prop_oneof![
        (0..3000usize).prop_map(|bytes| Record::Auto { bytes }),
        Just(Record::Update),
        Just(Record::Epoch),
        Just(Record::Nothing),
    ];
    let sampling = prop::sample::select(vec![Sampling::Shuffle, Sampling::Sequential]);
    let eta = prop::sample::select(vec![1e-4, 1e-3, 0.02, 1e3]);
    let walk = (1..12usize, 1..12usize, sampling, record, 0..Rule::all().len(), eta, 0..60u64);
    let extras = (any::<[bool; 4]>(), prop::sample::select(vec![0.0, 0.1]));
    (walk, extras).prop_map(|((n, batch, sampling, record, rule, eta, updates), (flags, l1))| {
        let [full_loss, restore_best, with_tol, is_stopped] = flags;
        let mut plan = plan(batch.min(n), sampling, 20);
        plan.rule = Rule::all()[rule];
        plan.full_loss = full_loss;
        plan.restore_best = full_loss && restore_best;
        (plan.stop.tol, plan.stop.patience) = (with_tol.then_some(1e-3), 3);
        Setting { n, plan, record, eta, l1, updates, is_stopped }
    })
}

impl Setting {
    fn ground(&self) -> verdict::Setting {
        verdict::Setting { rule: self.plan.rule, l1: self.l1, shape: Shape::Unknown }
    }

    fn surface(&self) -> Surface {
        let rosenbrock = Landscape::by_name("rosenbrock").unwrap();
        let penalty = Penalty { l1: self.l1, l2: 0.01, n_free: 0 };
        Surface::as_sum(rosenbrock, 2, self.n, 0.5, 3).unwrap().with_penalty(penalty)
    }

    fn start(&self) -> State<f64> {
        State::new(vec![-1.2, 1.0], self.record, &self.plan.rule).unwrap()
    }

    fn advance(&self, plan: &Plan, updates: u64, state: &mut State<f64>) {
        let objective = &mut self.surface();
        let schedule = &Schedule::Constant(self.eta);
        let budget = Budget { rows: usize::MAX, updates };
        let walk = &mut Walk { objective, validation: None, plan, schedule, state };
        assert_ne!(walk.advance(budget).unwrap(), Progress::Paused);
    }

    /// Where the walk stands when it is taken apart.
    fn walked(&self) -> State<f64> {
        let mut state = self.start();
        self.advance(&self.plan, self.updates, &mut state);
        if self.is_stopped {
            state.stop(StopReason::Interrupted).unwrap();
        }
        state
    }

    /// Takes the walk up again for some more epochs.
    fn go_on(&self, state: &mut State<f64>, epochs: u64) {
        state.resume();
        let mut plan = self.plan.clone();
        plan.until_epoch = state.epochs() + epochs;
        self.advance(&plan, u64::MAX, state);
    }

    fn put_together(&self, parts: StateParts<f64>) -> Result<State<f64>, SavedError> {
        State::from_parts(parts, self.record, &self.plan.rule)
    }
}

/// All bits that do not depend on the clock or the allocator.
fn bits(state: &State<f64>) -> String {
    let mut parts = state.to_parts().unwrap();
    parts.nanoseconds = 0;
    parts.peak_bytes = 0;
    parts.history.seconds.fill(0.0);
    format!("{parts:?}")
}

proptest! {
    #[test]
    fn what_was_taken_apart_goes_on_as_if_it_had_not_been(
        setting in settings(), epochs in 1..30u64,
    ) {
        let mut original = setting.walked();
        let parts = original.to_parts().unwrap();
        let mut other = setting.put_together(parts.clone()).unwrap();
        prop_assert_eq!(format!("{:?}", other.to_parts().unwrap()), format!("{parts:?}"));
        prop_assert_eq!(other.peak_bytes(), original.peak_bytes());
        prop_assert_eq!(other.best_epoch(), original.best_epoch());
        setting.go_on(&mut original, epochs);
        setting.go_on(&mut other, epochs);
        prop_assert_eq!(bits(&original), bits(&other));
        // And once more, for what a stop leaves behind.
        let mut third = setting.put_together(other.to_parts().unwrap()).unwrap();
        setting.go_on(&mut original, 2);
        setting.go_on(&mut third, 2);
        prop_assert_eq!(bits(&original), bits(&third));
    }

    #[test]
    fn a_record_by_itself_says_the_same(setting in settings()) {
        let state = setting.walked();
        let parts = state.to_parts().unwrap().history;
        let alone = History::from_parts(parts.clone(), 2, None).unwrap();
        prop_assert_eq!(format!("{:?}", alone.to_parts().unwrap()), format!("{parts:?}"));
        let of = |history| verdict(history, state.stopped(), &setting.ground());
        prop_assert_eq!(of(&alone), of(state.history()));
        let numbers = |history: &History<f64>| history.updates.numbers().collect::<Vec<_>>();
        prop_assert_eq!(numbers(&alone), numbers(state.history()));
    }

    #[test]
    fn broken_parts_are_refused_or_walked_on_with_but_never_panic(
        setting in settings(), breaks in prop::collection::vec((0..31usize, any::<u64>()), 1..3),
    ) {
        let mut parts = setting.walked().to_parts().unwrap();
        for (which, seed) in breaks {
            break_part(&mut parts, which, seed);
        }
        let alone = History::from_parts(parts.history.clone(), 2, None);
        if let Ok(history) = alone {
            verdict(&history, parts.stopped, &setting.ground());
        }
        if let Ok(mut state) = setting.put_together(parts) {
            verdict(state.history(), state.stopped(), &setting.ground());
            let again = setting.put_together(state.to_parts().unwrap()).unwrap();
            prop_assert_eq!(bits(&again), bits(&state));
            // A θ of another length is for whoever knows the objective to refuse.
            prop_assume!(state.params().len() == 2);
            setting.go_on(&mut state, 3);
            verdict(state.history(), state.stopped(), &setting.ground());
            state.to_parts().unwrap();
        }
    }
}

/// Puts a number made of `seed`, small, large or not one, or one entry more or less, into a part.
fn break_part(parts: &mut StateParts<f64>, which: usize, seed: u64) {
    let whole = match seed % 5 {
        0 => seed / 5 % 70,
        1 => 1 << (seed / 5 % 64),
        2 => u64::MAX - seed / 5 % 3,
        3 => (1 << 62) - 1 + seed / 5 % 3,
        _ => seed,
    };
    let reals = [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, -1.0, 0.0, f64::MAX, 5e-324, 2.5];
    let real = reals[(seed / 5 % 8) as usize];
    let history = &mut parts.history;
    match which {
        0 => change(&mut parts.params, real, seed),
        1 => change(&mut parts.memory.first, real, seed),
        2 => change(&mut parts.memory.second, real, seed),
        3 => parts.memory.steps = whole,
        4 => {
            let params = if seed.is_multiple_of(2) { vec![real; 2] } else { vec![0.0; 3] };
            parts.best = Some(BestParts { params, loss: real, epoch: whole });
        }
        5 => parts.epochs = whole,
        6 => parts.updates = whole,
        7 => parts.patience = Patience { best: real, stale: 0 },
        8 => parts.patience.stale = whole,
        9 => parts.last_finite_loss = real,
        10 => parts.nanoseconds = whole,
        11 => parts.stopped = parts.stopped.xor(Some(StopReason::EpochsDone)),
        12 => parts.peak_bytes = whole as usize,
        13 => change(&mut history.loss, real, seed),
        14 => change(&mut history.full_loss, real, seed),
        15 => change(&mut history.grad_norm, real, seed),
        16 => change(&mut history.learning_rate, real, seed),
        17 => change(&mut history.seconds, real, seed),
        18 => change(&mut history.validation_loss, real, seed),
        19 => change(&mut history.update_loss, real, seed),
        20 => change(&mut history.path, real, seed),
        21 => change(&mut history.epoch_updates, whole, seed),
        22 => change(&mut history.path_update, whole, seed),
        23 => change(&mut history.path_epoch, whole, seed),
        24 => history.update_stride = whole,
        25 => history.path_stride = whole,
        26 => history.path_epoch_stride = whole,
        27 => history.path_ends_on_guest ^= true,
        28 => parts.history = HistoryParts::default(),
        // Consistent as to lengths, and still not what a walk comes to.
        29 => {
            history.loss.push(real);
            history.learning_rate.push(real);
            history.grad_norm.push(real);
            history.seconds.push(real);
            history.epoch_updates.push(whole);
            parts.epochs = parts.epochs.wrapping_add(1);
        }
        _ => {
            history.path.extend([real; 2]);
            history.path_update.push(whole);
            history.path_epoch.push(parts.epochs);
        }
    }
}

fn change<V: Clone>(values: &mut Vec<V>, value: V, seed: u64) {
    let place = (seed / 40) as usize % (values.len() + 1);
    match seed % 3 {
        0 => values.truncate(place),
        1 if place < values.len() => values[place] = value,
        _ => values.insert(place, value),
    }
}

/// A walk of three epochs of four updates, whose record is thinned and ends on a guest.
fn example() -> (Setting, StateParts<f64>) {
    let mut plan = plan(1, Sampling::Shuffle, 20);
    plan.rule = Adam { beta1: 0.9, beta2: 0.999, epsilon: 1e-8 }.into();
    let (record, updates) = (Record::Auto { bytes: 400 }, 15);
    let setting = Setting { n: 4, plan, record, eta: 1e-3, l1: 0.0, updates, is_stopped: true };
    let parts = setting.walked().to_parts().unwrap();
    (setting, parts)
}

#[test]
fn each_part_that_does_not_fit_is_named() {
    let (setting, parts) = example();
    assert_eq!((parts.epochs, parts.updates), (3, 15));
    assert_eq!((parts.history.update_stride, parts.history.path_stride), (4, 2));
    assert!(parts.history.path_ends_on_guest);
    assert!(setting.put_together(parts.clone()).is_ok());
    type Break = fn(&mut StateParts<f64>);
    let breaks: &[(&str, Break)] = &[
        ("params", |parts| parts.params.clear()),
        ("params", |parts| parts.params[1] = f64::NAN),
        ("params", |parts| parts.params[0] = f64::INFINITY),
        ("history_path", |parts| parts.params.push(1.0)),
        ("rule_first", |parts| parts.memory.first.clear()),
        ("rule_first", |parts| parts.memory.first[0] = f64::NAN),
        ("rule_second", |parts| parts.memory.second.push(0.0)),
        ("rule_second", |parts| parts.memory.second[1] = -1e-300),
        ("rule_second", |parts| parts.memory.second[1] = f64::NAN),
        ("rule_steps", |parts| parts.memory.steps = u64::MAX),
        ("best_params", |parts| {
            parts.best = Some(BestParts { params: vec![1.0], loss: 1.0, epoch: 1 });
        }),
        ("best_epoch", |parts| {
            parts.best = Some(BestParts { params: vec![1.0; 2], loss: 1.0, epoch: 4 });
        }),
        ("history_loss", |parts| parts.epochs = 2),
        ("n_epochs", |parts| parts.epochs = u64::MAX),
        ("n_updates", |parts| parts.updates = u64::MAX),
        ("history_update_loss", |parts| parts.updates = 12),
        ("patience_best", |parts| parts.patience.best = f64::NAN),
        ("patience_stale", |parts| parts.patience.stale = 4),
        ("peak_bytes", |parts| parts.peak_bytes = usize::MAX),
        ("history_loss", |parts| parts.history.loss.push(0.0)),
        ("history_learning_rate", |parts| parts.history.learning_rate.clear()),
        ("history_grad_norm", |parts| parts.history.grad_norm.push(0.0)),
        ("history_seconds", |parts| parts.history.seconds.push(0.0)),
        ("history_updates_per_epoch", |parts| parts.history.epoch_updates.push(0)),
        ("history_updates_per_epoch", |parts| parts.history.epoch_updates[0] = 8),
        ("history_updates_per_epoch", |parts| parts.history.epoch_updates[0] = u64::MAX),
        ("history_full_loss", |parts| parts.history.full_loss = vec![0.0; 6]),
        ("history_validation_loss", |parts| parts.history.validation_loss = vec![0.0; 4]),
        ("history_update_loss", |parts| parts.history.update_loss.push(0.0)),
        ("history_update_loss", |parts| parts.history.update_loss.clear()),
        ("history_update_stride", |parts| parts.history.update_stride = 0),
        ("history_update_stride", |parts| parts.history.update_stride = 3),
        ("history_update_stride", |parts| parts.history.update_stride = 1 << 63),
        ("history_path", |parts| parts.history.path.push(0.0)),
        ("history_path", |parts| {
            parts.history.path = vec![0.0; 40];
            parts.history.path_update = (0..20).collect();
            parts.history.path_epoch = vec![0; 20];
        }),
        ("history_path", |parts| {
            parts.history.path.clear();
            parts.history.path_update.clear();
            parts.history.path_epoch.clear();
            parts.history.path_ends_on_guest = false;
        }),
        ("history_path_update", |parts| parts.history.path_update[0] = 1),
        ("history_path_update", |parts| parts.history.path_update[2] = 1),
        ("history_path_update", |parts| *parts.history.path_update.last_mut().unwrap() = 16),
        ("history_path_update", |parts| *parts.history.path_update.last_mut().unwrap() = 1 << 62),
        ("history_path_update", |parts| parts.history.path_stride = 1 << 40),
        ("history_path_update", |parts| parts.history.path_ends_on_guest = false),
        ("history_path_epoch", |parts| parts.history.path_epoch.push(0)),
        ("history_path_epoch", |parts| parts.history.path_epoch[0] = 1),
        ("history_path_epoch", |parts| *parts.history.path_epoch.last_mut().unwrap() = 4),
        ("history_path_stride", |parts| parts.history.path_stride = 0),
        ("history_path_stride", |parts| parts.history.path_stride = 6),
        ("history_path_epoch_stride", |parts| parts.history.path_epoch_stride = 0),
        ("history_path_epoch_stride", |parts| parts.history.path_epoch_stride = u64::MAX),
        ("diverged_epoch", |parts| {
            parts.stopped = Some(StopReason::Diverged(crate::stop::Divergence {
                epoch: 0,
                update: 16,
                last_finite_loss: 1.0,
                learning_rate: 1.0,
            }));
        }),
    ];
    for (place, (expected, break_it)) in breaks.iter().enumerate() {
        let mut broken = parts.clone();
        break_it(&mut broken);
        match setting.put_together(broken) {
            Err(SavedError::Misfit { part, .. }) => assert_eq!(part, *expected, "case {place}"),
            other => panic!("case {place}, {expected}: {:?}", other.map(|_| ())),
        }
    }
}

#[test]
fn a_model_of_another_rule_or_record_is_refused() {
    let (setting, parts) = example();
    let of = |record, rule| match State::from_parts(parts.clone(), record, &rule) {
        Err(SavedError::Misfit { part, .. }) => part,
        other => panic!("{:?}", other.map(|_| ())),
    };
    assert_eq!(of(setting.record, Rule::Plain), "rule_first");
    assert_eq!(of(setting.record, RMSProp { rho: 0.9, epsilon: 1e-8 }.into()), "rule_first");
    assert_eq!(of(Record::Nothing, setting.plan.rule), "history_update_stride");
    assert_eq!(of(Record::Update, setting.plan.rule), "history_update_stride");
    assert_eq!(of(Record::Auto { bytes: 60 }, setting.plan.rule), "history_update_stride");
}

#[test]
fn a_walk_that_has_just_left_the_finite_numbers_is_saved_one_update_back() {
    let mut setting = example().0;
    (setting.eta, setting.updates, setting.plan.rule) = (1e200, 0, Rule::Plain);
    let mut state = setting.start();
    setting.advance(&setting.plan, 1, &mut state);
    state.params[0] = f64::INFINITY;
    let parts = state.to_parts().unwrap();
    assert_eq!((parts.updates, &parts.params[..]), (0, &[-1.2, 1.0][..]));
    assert!(parts.history.update_loss.is_empty());
    state.stop(StopReason::Interrupted).unwrap();
    assert_eq!(format!("{:?}", state.to_parts().unwrap().params), "[-1.2, 1.0]");
    // Nothing finite to go back to.
    (state.params[0], state.previous[0], state.updates) = (f64::NAN, f64::NAN, 1);
    let refused = state.to_parts().unwrap_err();
    assert!(refused.to_string().starts_with("params must be of finite numbers"), "{refused}");
    // The outline of a walk whose record is elsewhere.
    let mut outline = setting.start();
    outline.history = Arc::default();
    assert!(!outline.has_record() && outline.to_parts().is_err());
}
