//! Keywords: which ones a call has, and what those of other libraries are called here.

use std::convert::Infallible;

use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::PyDict;

/// An argument that may be left out, where None is a value like any other (and mostly a wrong one).
pub struct Given<'py>(Option<Bound<'py, PyAny>>);

impl<'py> Given<'py> {
    /// Left out.
    pub const NOT: Self = Given(None);

    /// What was given.
    pub fn get(&self) -> Option<&Bound<'py, PyAny>> {
        self.0.as_ref()
    }
}

impl<'py> FromPyObject<'_, 'py> for Given<'py> {
    type Error = Infallible;

    fn extract(value: Borrowed<'_, 'py, PyAny>) -> Result<Self, Infallible> {
        Ok(Given(Some(value.to_owned())))
    }
}

/// A call that has keywords.
pub struct Call<'a> {
    /// As users write it: `SGD`, `SGD.fit`.
    pub name: &'a str,
    /// Its arguments, separated by ", ".
    pub arguments: &'a str,
    /// Another call that students mix it up with: how it is written before the argument, and its
    /// arguments.
    pub other: Option<(&'a str, &'a str)>,
}

fn is_among(argument: &str, arguments: &str) -> bool {
    arguments.split(", ").any(|known| known == argument)
}

impl Call<'_> {
    /// Refuses keywords that the call does not have, with the name that ours goes by.
    pub fn refuse_unknown(&self, keywords: Option<&Bound<'_, PyDict>>) -> PyResult<()> {
        for key in keywords.into_iter().flat_map(|keywords| keywords.keys()) {
            let key = key.to_string();
            if !is_among(&key, self.arguments) {
                let message = format!("{} has no argument {key:?}: {}", self.name, self.hint(&key));
                return Err(PyTypeError::new_err(message));
            }
        }
        Ok(())
    }

    /// What to write instead of `word`.
    fn hint(&self, word: &str) -> String {
        let (ours, explanation) = ours(word).unwrap_or((&[], ""));
        if let Some(name) = ours.iter().find(|name| is_among(name, self.arguments)) {
            return format!("here it is {name}{explanation}");
        }
        if let Some((written, arguments)) = self.other {
            let mut names = [word].into_iter().chain(ours.iter().copied());
            if let Some(name) = names.find(|name| is_among(name, arguments)) {
                return format!("write {written}{name}=…)");
            }
        }
        match (word, self.name) {
            ("batch_size", "BatchGD") => {
                "BatchGD takes all rows at every update; MiniBatchGD has a batch_size".into()
            }
            ("batch_size", "SGD") => {
                "SGD takes one row at every update; MiniBatchGD has a batch_size".into()
            }
            ("drop_last", "BatchGD" | "SGD") => {
                format!("{} has no short last batch; MiniBatchGD has drop_last", self.name)
            }
            ("sampling" | "shuffle", "BatchGD") => {
                "BatchGD takes all rows at every update, so there is nothing to sample".into()
            }
            _ => format!("its arguments are {}", self.arguments),
        }
    }
}

/// Words that students bring from elsewhere: the names of ours that may be meant, and what to add.
fn ours(word: &str) -> Option<(&'static [&'static str], &'static str)> {
    Some(match word {
        "lr" | "eta" | "eta0" | "step_size" | "stepsize" | "learning_rate_init" | "rate" => {
            (&["learning_rate"], "")
        }
        "alpha" => (
            &["learning_rate", "l2"],
            " if you mean the size of a step, or l2 if you mean the strength of the penalty \
             (other libraries use alpha for either)",
        ),
        "max_iter" | "n_iter" | "n_iters" | "num_iters" | "n_iterations" | "num_iterations"
        | "iterations" | "iters" | "max_epochs" | "n_epochs" | "num_epochs" | "epoch" => {
            (&["epochs"], ", passes over the data: not updates, of which an epoch may have many")
        }
        "shuffle" => (
            &["sampling"],
            ": \"shuffle\" for a fresh order each epoch, \"sequential\" for none, \"replace\" for \
             independent draws",
        ),
        "replace" | "replacement" => (&["sampling"], "=\"replace\""),
        "seed" | "random_seed" | "rng" | "generator" => (&["random_state"], ""),
        "batch" | "batchsize" | "minibatch_size" | "n_batch" => (&["batch_size"], ""),
        "C" => (&["l2"], ", a strength; C is the inverse of one"),
        "penalty" | "weight_decay" | "lambda_" | "lam" | "reg" | "reg_lambda" => {
            (&["l2"], ": it adds (l2/2)·‖w‖² to the objective")
        }
        "intercept" | "bias" | "use_bias" => (&["fit_intercept"], ""),
        "tolerance" | "eps" | "epsilon" | "ftol" => (&["tol"], ""),
        "n_iter_no_change" => (&["patience"], ""),
        "num_classes" | "classes" | "n_class" => (&["n_classes"], ""),
        "loss_function" | "loss_fn" | "objective" | "criterion" | "cost" => (&["loss"], ""),
        "theta" | "theta0" | "theta_init" | "initial_theta" | "w" | "w0" | "x0" | "params"
        | "coef_init" | "init_params" | "initial_params" | "start" | "weights_init" => {
            (&["init", "params"], ", the parameters with the intercept first")
        }
        "weights" | "sample_weights" | "weight" => (&["sample_weight"], ""),
        "verbose" | "verbosity" | "show_progress" | "progress_bar" | "tqdm" | "bar" => {
            (&["progress"], "=True")
        }
        "indices" | "idx" | "index" | "row_order" | "permutation" => (&["order", "rows"], ""),
        _ => return None,
    })
}
