//! Drives a walk in slices: looks at the stop button, asks for rates, calls the callback.

use std::convert::Infallible;
use std::time::Instant;

use pyo3::exceptions::PyKeyboardInterrupt;
use pyo3::prelude::*;
use pyo3::types::PyFloat;

use super::progress::{Display, Numbers};
use super::ruled::{OwnRule, Ruled};
use super::step::Step;
use crate::descent::{Budget, Plan, Progress, Walk};
use crate::error::WalkError;
use crate::objective::Objective;
use crate::python::args::config::{Config, LearningRate};
use crate::python::args::keywords::miscalled;
use crate::python::args::scalars::real_number;
use crate::python::arrays::objects::Reader;
use crate::python::arrays::passes::SLICE;
use crate::python::at_exit::{self, Inside};
use crate::python::model::fitted::{Fitted, Precision, with_state};
use crate::python::model::shared::Shared;
use crate::schedule::Schedule;
use crate::stop::{Divergence, StopReason};

/// Rates that a learning rate function is asked for at once.
const RATES_AHEAD: u64 = 256;

/// Numbers of a batch up to which an update that calls a function keeps the interpreter.
const SHORT: usize = 1 << 14;

/// An objective that calls a function of the user's.
pub type CalledObjective<'a> = dyn Objective<f64, Error = PyErr> + 'a;

/// What a walk is driven by, besides its objective.
pub struct Drive<'a, 'py> {
    /// The interpreter.
    pub py: Python<'py>,
    /// Where the state is kept.
    pub shared: &'a Shared,
    /// What to do.
    pub plan: &'a Plan,
    /// The arguments of the constructor.
    pub config: &'a Config,
    /// Called after each epoch; True stops.
    pub callback: Option<&'a Bound<'py, PyAny>>,
    /// Told now and then how far the walk has come.
    pub display: Option<Display<'a, 'py>>,
    /// Updates to make at the most.
    pub updates: u64,
}

impl Drive<'_, '_> {
    /// Walks an objective of the core, with the interpreter free. `readers` are asked for rows that
    /// Python has to read, if there are any.
    pub fn core<T: Precision, O: Objective<T, Error = Infallible> + Send>(
        &self,
        objective: &mut O,
        validation: Option<&mut O>,
        readers: &[&Reader],
    ) -> PyResult<Option<Divergence>> {
        let Some(rule) = &self.own_rule()? else {
            return self.free(objective, validation, readers, false);
        };
        let mut validation = validation.map(|objective| Ruled { objective, rule });
        self.free(&mut Ruled { objective, rule }, validation.as_mut(), readers, true)
    }

    /// The rule, if it is a function of the user's.
    fn own_rule(&self) -> PyResult<Option<OwnRule<'_>>> {
        let mut guard = self.shared.lock(self.py)?;
        Ok(guard.as_mut().and_then(|fitted| OwnRule::of(self.py, self.config, fitted)))
    }

    /// Walks with the interpreter free, but while an update `is_called`, or the `readers` read.
    fn free<T: Precision, O: Objective<T> + Send>(
        &self,
        objective: &mut O,
        mut validation: Option<&mut O>,
        readers: &[&Reader],
        is_called: bool,
    ) -> PyResult<Option<Divergence>>
    where
        O::Error: Send,
        PyErr: From<WalkError<O::Error>>,
    {
        let Drive { py, shared, plan, .. } = *self;
        // What a row costs is not known yet, but the products of one are; of a function nothing is.
        let rows = if is_called { 1 } else { (1 << 20) / objective.n_params().max(1) };
        let updates = if is_called { 1 } else { u64::MAX };
        // To let go of the interpreter, and to ask for it again, takes as long as a short update.
        let batch = plan.batching.batch_size.min(objective.n_rows());
        let is_short = is_called && batch.saturating_mul(objective.n_params()) <= SHORT;
        let mut advance = |fitted: Option<&mut Fitted>, schedule: &Schedule, budget: Budget| {
            let Some(state) = fitted.and_then(|fitted| T::of(&mut fitted.state)) else {
                unreachable!("only the busy thread replaces the state")
            };
            let mut walk = Walk {
                objective: &mut *objective,
                validation: validation.as_deref_mut(),
                plan,
                schedule,
                state,
            };
            let progress = walk.advance(budget)?;
            // A function of the user's comes next, and may fork.
            if matches!(progress, Progress::EpochDone | Progress::NeedsRates { .. }) {
                objective.join_threads();
                if let Some(validation) = &mut validation {
                    validation.join_threads();
                }
            }
            Ok::<_, WalkError<O::Error>>(progress)
        };
        let is_free = readers.is_empty() && !is_called;
        let _inside = (!is_free).then(Inside::begin);
        self.run(rows.max(1), updates, |schedule, budget| {
            if is_free {
                let slice = || advance(shared.lock_detached().as_mut(), schedule, budget);
                return Ok(at_exit::detach(py, slice)??);
            }
            let progress = self.outside_the_lock(|fitted| match is_short {
                true => Ok(advance(Some(fitted), schedule, budget)),
                false => at_exit::detach(py, || advance(Some(fitted), schedule, budget)),
            })??;
            readers.iter().try_for_each(|reader| reader.check())?;
            Ok(progress?)
        })
    }

    /// Walks an objective that calls Python.
    pub fn called(&self, objective: &mut CalledObjective<'_>) -> PyResult<Option<Divergence>> {
        let _inside = Inside::begin();
        match &self.own_rule()? {
            Some(rule) => self.attached(&mut Ruled { objective, rule }),
            None => self.attached(objective),
        }
    }

    fn attached(&self, objective: &mut CalledObjective<'_>) -> PyResult<Option<Divergence>> {
        // A row of the order costs nothing beside a call of the function: updates are counted, too.
        self.run(1, 1, |schedule, budget| {
            let progress = self.outside_the_lock(|fitted| {
                let Some(state) = f64::of(&mut fitted.state) else {
                    unreachable!("functions are walked in double precision")
                };
                let (plan, objective) = (self.plan, &mut *objective);
                let walk = &mut Walk { objective, validation: None, plan, schedule, state };
                walk.advance(budget)
            })?;
            Ok(progress?)
        })
    }

    /// Does a slice that may call Python: the state is out of the lock meanwhile, for what is called
    /// may ask the model for what it knows. It gets θ, the counts and a record that is not long, as of
    /// the slice's start.
    fn outside_the_lock<R>(&self, slice: impl FnOnce(&mut Fitted) -> R) -> PyResult<R> {
        let fitted = self.shared.lock(self.py)?.take();
        let Some(mut fitted) = fitted else {
            unreachable!("only the busy thread replaces the state")
        };
        *self.shared.lock(self.py)? = Some(fitted.outline(self.shared.is_whole_wanted()));
        let result = slice(&mut fitted);
        *self.shared.lock(self.py)? = Some(fitted);
        Ok(result)
    }

    /// Slices, the first one of so many rows and updates, until the walk stops by itself or by the
    /// user, or the updates are made. Everything is stored when it returns; if the walk diverged, it says where.
    fn run(
        &self,
        rows: usize,
        updates: u64,
        slice: impl FnMut(&Schedule, Budget) -> PyResult<Progress>,
    ) -> PyResult<Option<Divergence>> {
        let outcome = match self.show() {
            Ok(()) => self.take_slices(rows, updates, slice),
            Err(interrupt) => self.fail(interrupt),
        };
        // A walk that is cut by updates keeps what its last one needs; here nothing asks for that.
        if self.updates == u64::MAX && updates < u64::MAX {
            self.release()?;
        }
        let closed = match &self.display {
            Some(display) => self.numbers(display).and_then(|numbers| display.close(numbers)),
            None => Ok(()),
        };
        // What ended the walk counts for more than what ended its display.
        outcome.and_then(|divergence| closed.map(|()| divergence))
    }

    fn take_slices(
        &self,
        mut rows: usize,
        mut updates: u64,
        mut slice: impl FnMut(&Schedule, Budget) -> PyResult<Progress>,
    ) -> PyResult<Option<Divergence>> {
        let mut schedule = match &self.config.learning_rate {
            LearningRate::Constant(rate) => Schedule::Constant(*rate),
            LearningRate::Schedule(schedule, _) => schedule.clone(),
            LearningRate::Function(_) => Schedule::Window { first: 0, rates: Vec::new() },
        };
        // An exception of the learning rate function waits until the walk has got that far.
        let mut waiting: Option<PyErr> = None;
        let last_update = self.updates_made()?.saturating_add(self.updates);
        loop {
            let left = if self.updates == u64::MAX {
                u64::MAX
            } else {
                last_update.saturating_sub(self.updates_made()?)
            };
            let start = Instant::now();
            let progress = slice(&schedule, Budget { rows, updates: updates.min(left) });
            let took = start.elapsed();
            match progress {
                Ok(Progress::Stopped(StopReason::Diverged(divergence))) => {
                    return Ok(Some(divergence));
                }
                Ok(Progress::Stopped(_)) => return waiting.map_or(Ok(None), Err),
                Ok(Progress::Updated) if left <= updates => return Ok(None),
                Ok(Progress::Updated | Progress::Paused) if took > SLICE * 2 => {
                    rows = (rows / 2).max(1);
                    updates = (updates / 2).max(1);
                }
                Ok(Progress::Updated) if took < SLICE / 2 => updates = updates.saturating_mul(2),
                Ok(Progress::Paused) if took < SLICE / 2 => rows = rows.saturating_mul(2),
                Ok(Progress::Updated | Progress::Paused) => {}
                Ok(Progress::NeedsRates { update, left_in_epoch }) => {
                    if let Some(error) = waiting.take() {
                        return self.fail(error);
                    }
                    let count = left_in_epoch.min(RATES_AHEAD).min(left.max(1));
                    let (rates, error) = self.ask_for_rates(update, count);
                    schedule = Schedule::Window { first: update, rates };
                    waiting = error;
                }
                Ok(Progress::EpochDone) => {
                    if self.call_back()? {
                        self.stop(StopReason::Callback)?;
                        return Ok(None);
                    }
                }
                Err(error) => return self.fail(error),
            }
            if let Err(interrupt) = self.py.check_signals().and_then(|()| self.show()) {
                return self.fail(interrupt);
            }
        }
    }

    /// Shows how far the walk has come, if it is time to.
    fn show(&self) -> PyResult<()> {
        match self.display.as_ref().filter(|display| display.is_due()) {
            Some(display) => display.show(self.numbers(display)?),
            None => Ok(()),
        }
    }

    /// What to show, with the lock given back: a display may ask the model for more.
    fn numbers(&self, display: &Display<'_, '_>) -> PyResult<Option<Numbers>> {
        Ok(self.shared.lock(self.py)?.as_ref().map(|fitted| display.numbers(fitted)))
    }

    fn updates_made(&self) -> PyResult<u64> {
        let guard = self.shared.lock(self.py)?;
        Ok(guard.as_ref().map_or(0, |fitted| with_state!(&fitted.state, state => state.updates())))
    }

    /// Tells the callback of an epoch; whether it asks to stop.
    fn call_back(&self) -> PyResult<bool> {
        let Some(callback) = self.callback else { return Ok(false) };
        let step = match self.shared.lock(self.py)?.as_ref() {
            Some(fitted) => Step::of_epoch(self.py, fitted)?,
            None => return Ok(false),
        };
        match callback.call1((step,)) {
            // Only True stops: a callback that returns what it plotted goes on.
            Ok(answer) => Ok(answer.extract::<bool>().unwrap_or(false)),
            Err(error) => {
                let expected = "callback must be a function of one step, such as lambda step: \
                                print(step.epoch, step.loss, step.params)";
                self.fail(miscalled(error, callback, 1, expected))
            }
        }
    }

    /// Gives back what only a walk under way needs.
    fn release(&self) -> PyResult<()> {
        if let Some(fitted) = self.shared.lock(self.py)?.as_mut() {
            with_state!(&mut fitted.state, state => state.release());
        }
        Ok(())
    }

    /// Ends the walk where it stands.
    fn stop(&self, reason: StopReason) -> PyResult<()> {
        if let Some(fitted) = self.shared.lock(self.py)?.as_mut() {
            with_state!(&mut fitted.state, state => {
                state.stop(reason)?;
                state.release();
            });
        }
        Ok(())
    }

    /// Ends the walk where it stands and raises `error`.
    fn fail<O>(&self, error: PyErr) -> PyResult<O> {
        let is_stop_button = error.is_instance_of::<PyKeyboardInterrupt>(self.py);
        let reason = if is_stop_button { StopReason::Interrupted } else { StopReason::Failed };
        self.stop(reason)?;
        Err(error)
    }

    /// η of the next `count` updates; and what came instead of one, if it did.
    fn ask_for_rates(&self, update: u64, count: u64) -> (Vec<f64>, Option<PyErr>) {
        let LearningRate::Function(function) = &self.config.learning_rate else {
            return (Vec::new(), None);
        };
        let expected = "a finite number of at least 0";
        let is_legal = |rate: f64| rate >= 0.0 && rate.is_finite();
        let mut rates = Vec::new();
        for t in update..update + count {
            let answer = function.bind(self.py).call1((t,)).map_err(|error| {
                let expected = "learning_rate must be a function of the update counter t alone";
                miscalled(error, function.bind(self.py), 1, expected)
            });
            let rate = answer.and_then(|rate| match rate.cast_exact::<PyFloat>() {
                Ok(rate) if is_legal(rate.value()) => Ok(rate.value()),
                _ => real_number(&format!("learning_rate({t})"), &rate, expected, is_legal),
            });
            match rate {
                Ok(rate) => rates.push(rate),
                Err(error) => return (rates, Some(error)),
            }
        }
        (rates, None)
    }
}
