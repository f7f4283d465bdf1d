//! What a call of `fit` and its kin was given, and the plan of a walk that is made of it.

use pyo3::prelude::*;

use super::drive::Drive;
use super::progress::Display;
use crate::batches::{Batching, Sampling};
use crate::descent::Plan;
use crate::python::args::config::Config;
use crate::python::args::scalars::flag;
use crate::python::arrays::row_indices;
use crate::python::exceptions::{wrong_type, wrong_value};
use crate::python::model::fitted::{Fitted, with_state};
use crate::python::model::shared::Shared;
use crate::stop::Criteria;

/// What `fit` was given beside X and y.
#[derive(Clone, Copy, Default)]
pub struct FitArguments<'a, 'py> {
    /// Weights of the rows.
    pub sample_weight: Option<&'a Bound<'py, PyAny>>,
    /// θ to start from.
    pub init: Option<&'a Bound<'py, PyAny>>,
    /// Rows to replay.
    pub order: Option<&'a Bound<'py, PyAny>>,
    /// The batches of a walk of `steps` that goes on. Its data are checked already.
    pub batching: Option<&'a Batching>,
    /// Data, or a share of the rows, to watch the walk on.
    pub validation: Option<&'a Bound<'py, PyAny>>,
    /// Whether to go back to the best θ at the end.
    pub restore_best: Option<&'a Bound<'py, PyAny>>,
    /// Whether to evaluate the objective on all rows.
    pub full_loss: Option<&'a Bound<'py, PyAny>>,
    /// Called after each epoch.
    pub callback: Option<&'a Bound<'py, PyAny>>,
    /// Told now and then how far the walk has come.
    pub display: Option<&'a Bound<'py, PyAny>>,
}

/// Where a fit begins, and how far it goes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Begin {
    /// At the start, for all the epochs of the constructor: `fit`.
    Anew,
    /// Where the last one ended, for one more epoch: `partial_fit`.
    Onward,
    /// At the start, but not a single update yet: the first of `steps`.
    Still,
    /// Where it stands, for one more update: `steps`.
    OneUpdate,
}

impl Begin {
    pub fn is_new(self) -> bool {
        matches!(self, Begin::Anew | Begin::Still)
    }

    fn updates(self) -> u64 {
        match self {
            Begin::Anew | Begin::Onward => u64::MAX,
            Begin::Still => 0,
            Begin::OneUpdate => 1,
        }
    }
}

/// What was given: None stands for nothing.
pub fn is_given<'a, 'py>(value: Option<&'a Bound<'py, PyAny>>) -> Option<&'a Bound<'py, PyAny>> {
    value.filter(|value| !value.is_none())
}

/// One call of `fit` and its kin: what the plan is made of, and what watches over it.
pub struct Run<'a, 'py> {
    /// How the rows are cut.
    pub batching: Batching,
    n_rows: usize,
    epochs: u64,
    /// Whether the objective is evaluated on all rows after each epoch.
    pub full_loss: bool,
    restore_best: bool,
    callback: Option<&'a Bound<'py, PyAny>>,
    display: Option<&'a Bound<'py, PyAny>>,
    /// When to stop before the epochs are done.
    pub stop: Criteria,
}

impl<'a, 'py> Run<'a, 'py> {
    /// Checks the arguments of a call over `n_rows` rows.
    pub fn new(
        config: &Config,
        begin: Begin,
        n_rows: usize,
        arguments: &FitArguments<'a, 'py>,
    ) -> PyResult<Self> {
        let epochs = if begin == Begin::Onward { 1 } else { config.epochs };
        let batching = match arguments.batching {
            Some(batching) => batching.clone(),
            None => {
                let order = read_order(begin, is_given(arguments.order), n_rows, epochs)?;
                let batching = config.batching(n_rows, order);
                check_batches(&batching)?;
                batching
            }
        };
        let is_on = |name: &str, value: Option<&Bound<'_, PyAny>>| {
            value.map_or(Ok(false), |value| flag(name, value))
        };
        let callback = is_given(arguments.callback);
        if let Some(callback) = callback.filter(|callback| !callback.is_callable()) {
            return Err(wrong_type("callback", "a function of one step", callback));
        }
        // Only a full gradient can be compared with gtol, and a full batch has one.
        let needs_full = config.stop.gtol.is_some() && !batching.is_full_batch(n_rows);
        let mut stop = config.stop;
        if begin == Begin::Onward {
            stop.max_updates = None;
        }
        Ok(Run {
            batching,
            n_rows,
            epochs,
            full_loss: is_on("full_loss", arguments.full_loss)? || needs_full,
            restore_best: is_on("restore_best", arguments.restore_best)?,
            callback,
            display: arguments.display,
            stop,
        })
    }

    /// The best θ is that of a loss which is taken at θ itself, not on the way.
    pub fn check_best(&self, is_watched: bool) -> PyResult<()> {
        if self.restore_best && !self.full_loss && !is_watched {
            let expected = "False without validation=… or full_loss=True: the loss of an epoch is \
                            taken while θ moves, and belongs to no single θ";
            return Err(wrong_value("restore_best", expected, "True"));
        }
        Ok(())
    }

    /// Puts the walk into its place, new or to be taken up, and makes its plan.
    pub fn enter(
        &self,
        py: Python<'_>,
        config: &Config,
        shared: &Shared,
        begin: Begin,
        fitted: Option<Fitted>,
        update: impl FnOnce(&mut Fitted),
    ) -> PyResult<Plan> {
        if let Some(fitted) = fitted {
            shared.begin_walk(py, fitted)?;
        }
        let mut guard = shared.lock(py)?;
        let (mut seed, mut full_loss, mut first_epoch) = (0, self.full_loss, 0);
        if let Some(fitted) = guard.as_mut() {
            update(fitted);
            (seed, full_loss) = (fitted.seed, fitted.full_loss);
            if begin == Begin::Onward {
                shared.leave_walk();
                with_state!(&mut fitted.state, state => state.resume());
                first_epoch = with_state!(&fitted.state, state => state.epochs());
            }
        }
        Ok(Plan {
            batching: self.batching.clone(),
            seed,
            until_epoch: first_epoch.saturating_add(self.epochs),
            first_epoch,
            stop: self.stop,
            full_loss,
            rule: config.rule,
            clip_norm: config.clip_norm,
            restore_best: self.restore_best,
            pause_at_epochs: self.callback.is_some(),
            keep_grad: matches!(begin, Begin::Still | Begin::OneUpdate),
        })
    }

    /// What drives the walk.
    pub fn drive<'d>(
        &self,
        py: Python<'py>,
        config: &'d Config,
        shared: &'d Shared,
        begin: Begin,
        plan: &'d Plan,
    ) -> Drive<'d, 'py>
    where
        'a: 'd,
    {
        Drive {
            py,
            shared,
            plan,
            callback: self.callback,
            config,
            display: self.display.map(|object| Display::new(object, plan, self.n_rows)),
            updates: begin.updates(),
        }
    }
}

fn read_order(
    begin: Begin,
    value: Option<&Bound<'_, PyAny>>,
    n_rows: usize,
    epochs: u64,
) -> PyResult<Option<Vec<Vec<u32>>>> {
    let Some(value) = value else { return Ok(None) };
    if begin == Begin::Onward && row_indices::is_one_dimensional(value)? {
        return Ok(Some(vec![row_indices::indices("order", value, n_rows)?]));
    }
    row_indices::order(value, n_rows, epochs).map(Some)
}

/// `drop_last` must leave something.
fn check_batches(batching: &Batching) -> PyResult<()> {
    let Sampling::Replay(order) = &batching.sampling else { return Ok(()) };
    let short = order.iter().position(|rows| rows.len() < batching.batch_size);
    match short.filter(|_| batching.drop_last) {
        None => Ok(()),
        Some(epoch) => Err(wrong_value(
            &format!("order[{epoch}]"),
            format!("of at least batch_size={} rows with drop_last=True", batching.batch_size),
            format!("{} rows", order[epoch].len()),
        )),
    }
}
