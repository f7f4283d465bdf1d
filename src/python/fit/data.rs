//! The data of a fit, checked, and the objectives that borrow from them.

use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::PyTuple;

use super::hints;
use super::max_learning_rate::Setting;
use crate::batches::HoldOut;
use crate::objective::{Linear, Penalty, RowSums, SampleWeights, Softmax};
use crate::python::args::config::{Config, Loss};
use crate::python::args::scalars::{answer, real_number};
use crate::python::args::threads;
use crate::python::arrays::column_names::ColumnNames;
use crate::python::arrays::features_as;
use crate::python::arrays::memory::{Matrix, Numbers};
use crate::python::arrays::objects::Reader;
use crate::python::arrays::passes::in_slices;
use crate::python::arrays::targets::{self, Targets};
use crate::python::exceptions::{wrong_type, wrong_value};
use crate::python::model::fitted::Precision;
use crate::rows::{Column, Rows};

/// X, y and weights in one precision, and what the walk is watched on.
pub struct Data<'py, T: Precision> {
    x: Matrix<'py, T>,
    targets: Targets<'py, T>,
    weights: Option<Numbers<'py, f64>>,
    /// s̄, once it is known: of the first call, or of the rows that are walked over.
    mean_weight: Option<f64>,
    watched: Watched<'py, T>,
    /// K, for cross_entropy.
    pub n_classes: Option<usize>,
}

/// What the walk is watched on, besides its own loss.
enum Watched<'py, T: Precision> {
    Nothing,
    /// Data of their own.
    Data(Box<(Matrix<'py, T>, Targets<'py, T>)>),
    /// Rows of X that the walk does not visit.
    HeldOut {
        held_out: Vec<u32>,
        kept: Vec<u32>,
    },
}

/// A loss over rows, and which of them count.
pub type PartOfRows<'a, T> = (Box<dyn RowSums<T> + 'a>, Option<&'a [u32]>);

/// The same complaint, of the validation data.
fn of_validation(py: Python<'_>, error: PyErr) -> PyErr {
    let is_ours =
        error.is_instance_of::<PyValueError>(py) || error.is_instance_of::<PyTypeError>(py);
    if !is_ours {
        return error;
    }
    PyErr::from_type(error.get_type(py), format!("of the validation data, {}", error.value(py)))
}

impl<'py, T: Precision> Data<'py, T> {
    /// Checks y and the weights, for an X that is checked. `said` is K and which argument says so,
    /// `mean_weight` what an earlier call left. Numbers that are `is_checked` are not looked at again.
    pub fn new(
        config: &Config,
        x: Matrix<'py, T>,
        y: &Bound<'py, PyAny>,
        sample_weight: Option<&Bound<'py, PyAny>>,
        said: Option<(usize, &str)>,
        mean_weight: Option<f64>,
        is_checked: bool,
    ) -> PyResult<Self> {
        let n_rows = x.n_rows();
        let shape = [n_rows, x.n_cols()];
        let targets = match is_checked {
            true => Targets::<T>::unchecked(y, config.loss, shape)?,
            false => Targets::<T>::new(y, config.loss, shape)?,
        };
        let weights = match is_checked {
            true => targets::unchecked_weights(sample_weight, n_rows)?,
            false => targets::weights(sample_weight, n_rows, mean_weight.is_some())?,
        };
        let n_classes = match (config.loss, said) {
            (Loss::CrossEntropy, Some((n_classes, _))) if is_checked => Some(n_classes),
            (Loss::CrossEntropy, _) => Some(targets.count_classes(y.py(), said)?),
            _ => None,
        };
        Ok(Data { x, targets, weights, mean_weight, watched: Watched::Nothing, n_classes })
    }

    /// Watches the walk on `validation`: data (X, y) of their own, or a share of the rows, drawn by
    /// `seed` and kept out of the walk.
    pub fn watch(
        &mut self,
        config: &Config,
        validation: &Bound<'py, PyAny>,
        names: Option<&ColumnNames>,
        seed: u64,
    ) -> PyResult<()> {
        let expected = "None, (X, y), or a share of the rows above 0 and below 1";
        self.watched = if let Ok(pair) = validation.cast::<PyTuple>() {
            if pair.len() != 2 {
                return Err(wrong_value("validation", expected, format!("{} items", pair.len())));
            }
            self.watch_data(config, &pair.get_item(0)?, &pair.get_item(1)?, names)
                .map_err(|error| of_validation(validation.py(), error))?
        } else if validation.hasattr("__len__")?
            && answer(validation.py(), validation.len())?.is_some()
        {
            return Err(wrong_type("validation", expected, validation));
        } else {
            let share = real_number("validation", validation, expected, |x| x > 0.0 && x < 1.0)?;
            let n_rows = self.x.n_rows();
            let held_out = (share * n_rows as f64).round() as usize;
            if held_out == 0 || held_out == n_rows {
                let came = format!("{share}, which is {held_out} of {n_rows} rows");
                let expected = "a share that leaves rows on both sides";
                return Err(wrong_value("validation", expected, came));
            }
            let mut rows = HoldOut::begin(n_rows, held_out, seed)?;
            in_slices(validation.py(), n_rows, 1 << 16, |range| {
                rows.draw(range.len());
                Ok::<_, PyErr>(())
            })?;
            let HoldOut { held_out, kept, .. } = rows;
            Watched::HeldOut { held_out, kept }
        };
        Ok(())
    }

    /// The validation data, checked as X and y are.
    fn watch_data(
        &self,
        config: &Config,
        x: &Bound<'py, PyAny>,
        y: &Bound<'py, PyAny>,
        names: Option<&ColumnNames>,
    ) -> PyResult<Watched<'py, T>> {
        let table = x;
        let x = features_as::<T>(table)?;
        if let Some(names) = names {
            names.check(table)?;
        }
        let (d, of_x) = (x.n_cols(), self.x.n_cols());
        if d != of_x {
            let expected = format!("of {of_x} columns, as the X of the fit");
            return Err(wrong_value("X", expected, format!("{d} columns")));
        }
        let targets = Targets::<T>::new(y, config.loss, [x.n_rows(), x.n_cols()])?;
        if let Some(n_classes) = self.n_classes {
            targets.count_classes(y.py(), Some((n_classes, "y")))?;
        }
        Ok(Watched::Data(Box::new((x, targets))))
    }

    /// Rows that the walk visits.
    pub fn n_rows(&self) -> usize {
        self.kept().map_or(self.x.n_rows(), <[u32]>::len)
    }

    /// The rows that the walk visits, if not all.
    fn kept(&self) -> Option<&[u32]> {
        match &self.watched {
            Watched::HeldOut { kept, .. } => Some(kept),
            _ => None,
        }
    }

    /// The first label that is not 1, 0 or −1, and its row.
    pub fn other_label(&self, py: Python<'_>) -> PyResult<Option<(usize, i64)>> {
        self.targets.other_label(py)
    }

    /// s̄: of an earlier call, or else from now on that of the rows that are walked over.
    pub fn mean_weight(&mut self, py: Python<'_>) -> PyResult<f64> {
        let mean = match self.mean_weight {
            Some(mean) => mean,
            None => targets::mean_weight(py, &self.weights, self.kept())?,
        };
        self.mean_weight = Some(mean);
        Ok(mean)
    }

    fn factors(&self) -> SampleWeights<'_> {
        targets::factors(&self.weights, self.x.n_rows(), self.mean_weight.unwrap_or(1.0))
    }

    /// What a user may want to know of data that are all there is (and not the first of many). Whether
    /// K `is_inferred` from the labels.
    pub fn hints(
        &self,
        py: Python<'_>,
        config: &Config,
        is_all: bool,
        is_inferred: bool,
    ) -> PyResult<Vec<String>> {
        let mut hints = Vec::new();
        if config.fit_intercept {
            let column = self.x.unless_unread(hints::column_of_ones(py, &self.x.rows()))?;
            hints.extend(column.map(|column| hints::of_ones(column, config.method.class_name())));
        }
        if is_all && config.loss.is_classification() {
            let is_inferred = is_inferred && matches!(self.targets, Targets::Numbers(_));
            let n_classes = self.n_classes.filter(|_| is_inferred);
            hints.extend(hints::of_labels(py, &self.targets.column(), n_classes)?);
        }
        Ok(hints)
    }

    /// What reads rows with the help of the interpreter, if there are such rows.
    pub fn readers(&self) -> Vec<&Reader> {
        let watched = match &self.watched {
            Watched::Data(data) => data.0.reader(),
            _ => None,
        };
        self.x.reader().into_iter().chain(watched).collect()
    }

    /// Bytes of which rows are held out and kept.
    pub fn n_bytes(&self) -> usize {
        match &self.watched {
            Watched::HeldOut { held_out, kept } => {
                (held_out.capacity() + kept.capacity()) * size_of::<u32>()
            }
            _ => 0,
        }
    }

    fn sums(&self, config: &Config, penalty: Penalty) -> Sums {
        let Config { loss, fit_intercept, .. } = *config;
        Sums { loss, fit_intercept, n_classes: self.n_classes, penalty }
    }

    /// The loss that is walked down.
    pub fn objective(&self, config: &Config) -> PartOfRows<'_, T> {
        let n_free = if config.fit_intercept { self.n_classes.unwrap_or(1) } else { 0 };
        let sums = self.sums(config, config.penalty(n_free));
        (sums.over(self.x.rows(), self.targets.column(), self.factors()), self.kept())
    }

    /// The mean loss, without penalty and weights, that the walk is watched on.
    pub fn validation(&self, config: &Config) -> Option<PartOfRows<'_, T>> {
        let sums = self.sums(config, Penalty::default());
        let equal = SampleWeights::equal();
        match &self.watched {
            Watched::Nothing => None,
            Watched::Data(data) => {
                let (x, targets) = &**data;
                Some((sums.over(x.rows(), targets.column(), equal), None))
            }
            Watched::HeldOut { held_out, .. } => {
                let sums = sums.over(self.x.rows(), self.targets.column(), equal);
                Some((sums, Some(held_out)))
            }
        }
    }

    /// The largest stable learning rate, for a warning: of the plain rule, if the loss has one.
    pub fn limit(&self, py: Python<'_>, config: &Config) -> PyResult<Option<f64>> {
        if !config.rule.is_plain() {
            return Ok(None);
        }
        let (part, weights) = (self.kept(), self.factors());
        let (rows, targets) = (self.x.rows_as(), self.targets.column());
        let Config { loss, l2, fit_intercept, batch_size, .. } = *config;
        let n_threads = threads::count(config.n_threads, self.x.reader().is_some())?;
        let setting = Setting {
            rows,
            part,
            targets,
            weights,
            loss,
            l2,
            fit_intercept,
            batch_size,
            n_threads,
        };
        // A NaN in a row that the walk did not visit is no reason to keep the warning back.
        match self.x.unless_unread(setting.limit(py)) {
            Err(error) if error.is_instance_of::<PyValueError>(py) => Ok(None),
            limit => limit,
        }
    }
}

/// A loss and its penalty, still without rows.
#[derive(Clone, Copy)]
pub struct Sums {
    /// The loss.
    pub loss: Loss,
    /// Whether θ has an intercept.
    pub fit_intercept: bool,
    /// K, for cross_entropy.
    pub n_classes: Option<usize>,
    /// The penalty.
    pub penalty: Penalty,
}

impl Sums {
    /// The loss over some rows.
    pub fn over<'a, T: Precision>(
        self,
        rows: Rows<'a, T>,
        targets: Column<'a, T>,
        factors: SampleWeights<'a>,
    ) -> Box<dyn RowSums<T> + 'a> {
        let Sums { loss, fit_intercept, n_classes, penalty } = self;
        match loss {
            Loss::Point(loss) => {
                Box::new(Linear::new(rows, targets, loss, factors, fit_intercept, penalty))
            }
            Loss::CrossEntropy | Loss::Function => {
                let n_classes = n_classes.unwrap_or(1);
                Box::new(Softmax::new(rows, targets, n_classes, factors, fit_intercept, penalty))
            }
        }
    }
}
