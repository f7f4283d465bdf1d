use proptest::prelude::*;

use super::*;
use crate::batches::Sampling;
use crate::descent::{Budget, Plan, Progress, Walk};
use crate::landscape::Landscape;
use crate::objective::{Penalty, Surface};
use crate::rule::Adam;
use crate::saved::Part;
use crate::schedule::Schedule;
use crate::schedule::constants::EpsilonAt;
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
        let penalty = Penalty { l1: self.l1, by_sign: false, l2: 0.01, n_free: 0 };
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

    fn put_together(&self, mut parts: Parts) -> Result<State<f64>, SavedError> {
        State::from_parts(&mut parts, self.record, &self.plan.rule)
    }
}

fn parts_of(state: &State<f64>) -> Parts {
    let mut parts = Parts::default();
    state.to_parts(&mut parts).unwrap();
    parts
}

/// The record among these parts, by itself.
fn record_of(mut parts: Parts) -> Result<History<f64>, SavedError> {
    History::from_parts(&mut parts, Record::Update, 2, MOST)
}

/// All bits that do not depend on the clock or the allocator.
fn bits(state: &State<f64>) -> String {
    let Parts(mut parts) = parts_of(state);
    for fleeting in ["nanoseconds", "peak_bytes", "history_seconds"] {
        parts.remove(fleeting);
    }
    format!("{parts:?}")
}

proptest! {
    #[test]
    fn what_was_taken_apart_goes_on_as_if_it_had_not_been(
        setting in settings(), epochs in 1..30u64,
    ) {
        let mut original = setting.walked();
        let parts = parts_of(&original);
        let mut other = setting.put_together(parts.clone()).unwrap();
        prop_assert_eq!(format!("{:?}", parts_of(&other)), format!("{parts:?}"));
        prop_assert_eq!(other.peak_bytes(), original.peak_bytes());
        prop_assert_eq!(other.best_epoch(), original.best_epoch());
        setting.go_on(&mut original, epochs);
        setting.go_on(&mut other, epochs);
        prop_assert_eq!(bits(&original), bits(&other));
        // And once more, for what a stop leaves behind.
        let mut third = setting.put_together(parts_of(&other)).unwrap();
        setting.go_on(&mut original, 2);
        setting.go_on(&mut third, 2);
        prop_assert_eq!(bits(&original), bits(&third));
    }

    #[test]
    fn a_record_by_itself_says_the_same(setting in settings()) {
        let state = setting.walked();
        let alone = record_of(parts_of(&state)).unwrap();
        let columns = |history: &History<f64>| {
            let mut parts = Parts::default();
            history.to_parts(&mut parts).unwrap();
            format!("{parts:?}")
        };
        prop_assert_eq!(columns(&alone), columns(state.history()));
        let of = |history| verdict(history, state.stopped(), &setting.ground());
        prop_assert_eq!(of(&alone), of(state.history()));
    }

    #[test]
    fn broken_parts_are_refused_or_walked_on_with_but_never_panic(
        setting in settings(),
        breaks in prop::collection::vec((any::<prop::sample::Index>(), any::<u64>()), 1..3),
        goes_far in any::<bool>(),
    ) {
        let mut parts = parts_of(&setting.walked());
        if goes_far {
            go_far(&mut parts);
        }
        for (which, seed) in breaks {
            let name = which.get(&parts.0.keys().cloned().collect::<Vec<_>>()).clone();
            break_part(parts.0.get_mut(&name).unwrap(), seed);
        }
        let stopped = take_stop(&mut parts.clone()).ok().flatten();
        if let Ok(history) = record_of(parts.clone()) {
            verdict(&history, stopped, &setting.ground());
        }
        if let Ok(mut state) = setting.put_together(parts) {
            verdict(state.history(), state.stopped(), &setting.ground());
            let again = setting.put_together(parts_of(&state)).unwrap();
            prop_assert_eq!(bits(&again), bits(&state));
            // A θ of another length is for whoever knows the objective to refuse.
            prop_assume!(state.params().len() == 2);
            setting.go_on(&mut state, 3);
            verdict(state.history(), state.stopped(), &setting.ground());
            parts_of(&state);
        }
    }
}

/// Adds an epoch, and a point of the path, after as many updates as can be.
fn go_far(parts: &mut Parts) {
    fn push<V: Clone>(parts: &mut Parts, name: &'static str, values: &[V])
    where
        Vec<V>: Value,
    {
        let mut column: Vec<V> = parts.take(name).unwrap();
        column.extend_from_slice(values);
        parts.put(name, column);
    }
    let epochs = parts.take::<u64>("n_epochs").unwrap() + 1;
    parts.put("n_epochs", epochs);
    parts.put("n_updates", MOST - 1);
    for column in ["history_loss", "history_grad_norm", "history_learning_rate", "history_seconds"]
    {
        push(parts, column, &[0.5]);
    }
    push(parts, "history_updates_per_epoch", &[MOST / 2]);
    push(parts, "history_path", &[0.5; 2]);
    push(parts, "history_path_update", &[MOST - 1]);
    push(parts, "history_path_epoch", &[epochs]);
}

/// Puts a number made of `seed`, small, large or not one, or one entry more or less, into a part.
fn break_part(part: &mut Part, seed: u64) {
    let whole = match seed % 5 {
        0 => seed / 5 % 70,
        1 => 1 << (seed / 5 % 64),
        2 => u64::MAX - seed / 5 % 3,
        3 => MOST - 1 + seed / 5 % 3,
        _ => seed,
    };
    let reals = [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, -1.0, 0.0, f64::MAX, 5e-324, 2.5];
    let real = reals[(seed / 5 % 8) as usize];
    match part {
        Part::Flag(flag) => *flag ^= true,
        Part::Whole(number) => *number = whole,
        Part::Real(number) => *number = real,
        Part::Word(word) => *word = StopReason::EpochsDone.words().to_owned(),
        Part::Counts(counts) => change(counts, whole, seed),
        Part::Doubles(numbers) => change(numbers, real, seed),
        Part::Singles(_) | Part::Words(_) => unreachable!(),
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

/// A walk of three epochs of four updates, whose record is thinned and ends on a provisional point.
fn example() -> (Setting, Parts) {
    let mut plan = plan(1, Sampling::Shuffle, 20);
    plan.rule = Adam {
        beta1: 0.9,
        beta2: 0.999,
        epsilon: 1e-8,
        epsilon_at: EpsilonAt::Outside,
        amsgrad: false,
    }
    .into();
    let (record, updates) = (Record::Auto { bytes: 400 }, 15);
    let setting = Setting { n: 4, plan, record, eta: 1e-3, l1: 0.0, updates, is_stopped: true };
    let parts = parts_of(&setting.walked());
    (setting, parts)
}

#[test]
fn what_does_not_fit_is_refused_by_its_name() {
    let (setting, parts) = example();
    let refusal = |name: &str, value: Part| {
        let mut broken = parts.clone();
        broken.0.insert(name.to_owned(), value);
        setting.put_together(broken).unwrap_err().to_string()
    };
    let text = refusal("params", Part::Doubles(vec![1.0, f64::NAN]));
    assert_eq!(text, "params must be of finite numbers; got NaN at place 1");
    let text = refusal("rule_first", Part::Doubles(Vec::new()));
    assert_eq!(text, "rule_first must be of 2 numbers, for the rule of the model; got 0");
    let text = refusal("history_path_update", Part::Doubles(Vec::new()));
    let expected = "an array of int64, of at least 0; got an array of float64";
    assert_eq!(text, format!("history_path_update must be {expected}"));
}

#[test]
fn a_record_beyond_the_cap_of_the_model_is_thinned_as_the_walk_goes_on() {
    let (mut setting, parts) = example();
    for record in [Record::Nothing, Record::Epoch, Record::Update, Record::Auto { bytes: 60 }] {
        setting.record = record;
        let mut state = setting.put_together(parts.clone()).unwrap();
        setting.go_on(&mut state, 9);
        assert!(setting.put_together(parts_of(&state)).is_ok());
        assert!(record != Record::Auto { bytes: 60 } || state.history().path.len() <= 2);
    }
}

#[test]
fn a_walk_that_has_just_left_the_finite_numbers_is_saved_one_update_back() {
    let mut setting = example().0;
    (setting.eta, setting.updates, setting.plan.rule) = (1e200, 0, Rule::Plain);
    let mut state = setting.start();
    setting.advance(&setting.plan, 1, &mut state);
    state.params[0] = f64::INFINITY;
    let parts = parts_of(&state);
    assert_eq!(parts.0["n_updates"], Part::Whole(0));
    assert_eq!(parts.0["params"], Part::Doubles(vec![-1.2, 1.0]));
    assert_eq!(parts.0["history_update_loss"], Part::Doubles(Vec::new()));
    state.stop(StopReason::Interrupted).unwrap();
    assert_eq!(parts_of(&state).0["params"], Part::Doubles(vec![-1.2, 1.0]));
    // Nothing finite to go back to.
    (state.params[0], state.previous[0], state.updates) = (f64::NAN, f64::NAN, 1);
    let refused = state.to_parts(&mut Parts::default()).unwrap_err();
    assert!(refused.to_string().starts_with("params must be of finite numbers"), "{refused}");
    // The outline of a walk whose record is elsewhere.
    let mut outline = setting.start();
    outline.history = Arc::default();
    assert!(!outline.has_record() && outline.to_parts(&mut Parts::default()).is_err());
}
