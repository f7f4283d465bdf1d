//! What Python sees: each module of the core has its bindings here, and nothing is computed in them.
//!
//! | Python | Rust | where |
//! |---|---|---|
//! | whole numbers, real numbers, choices | `u64`, `f64`, enums | args/scalars |
//! | unknown names: arguments, values, attributes | [`args::keywords::Call`], and the table of `gradwalk._words` | args/keywords |
//! | the keywords of a constructor | [`args::config::Config`] | args/method, args/config |
//! | `random_state` | where a seed comes from | args/random_state |
//! | rules and schedules | enums of the core | args/specs |
//! | `n_threads` | a number, for [`crate::threads`] | args/threads |
//! | `LOSSES`, and what is known of each | [`crate::loss::Facts`] | args/loss_facts |
//! | `X`: anything that `np.asarray` takes | [`arrays::memory::Matrix`]: borrowed rows, in place or to be loaded | arrays, arrays/memory |
//! | `X` of objects | [`arrays::objects::Reader`]: asked for some rows at a time | arrays/objects |
//! | `y`, `sample_weight` | [`arrays::memory::Numbers`]: a borrowed column | arrays/targets |
//! | `init` | a small vector | arrays/targets |
//! | `order`, `rows` | vectors of row indices | arrays/row_indices |
//! | names of columns | [`arrays::column_names::ColumnNames`] | arrays/column_names |
//! | passes over y and weights | pieces, and the stop button between them | arrays/passes |
//! | `BatchGD`, `SGD`, `MiniBatchGD` | [`model::gradient_descent::GradientDescent`] | model/optimizers, model/gradient_descent, model/attributes |
//! | one object, many threads | [`model::shared::Shared`] | model/shared |
//! | `predict`, `score`, … | one pass over the rows, and [`crate::objective`] | model/methods, model/predictions |
//! | `history_` | [`model::history::History`], a snapshot | model/history |
//! | `history_.verdict` | [`crate::verdict`] | model/verdict |
//! | `fit`, `partial_fit` | [`fit::data::Data`] and its objective | fit, fit/methods, fit/run, fit/data |
//! | `loss=function` | an objective that calls Python | fit/callable |
//! | what is valid but probably a mistake | a column of ones, labels of one class | fit/hints |
//! | the stop button, callbacks | slices of [`crate::descent::Walk`] | fit/drive |
//! | `progress=` | numbers for `gradwalk.progress`, every 100 ms | fit/progress |
//! | `steps` | a fit that pauses after each update | fit/steps, fit/step |
//! | `loss_and_grad`, `max_learning_rate` | the same data, and [`crate::stability`] | fit |
//! | `minimize` | the same walk, down a function | minimize, minimize/minimand |
//! | landscapes | [`crate::landscape::Landscape`], [`crate::objective::Surface`] | landscapes |
//! | pickle, `save`, `load` | [`save::parts`]: a dict of arrays and numbers | save |
//! | `ValueError`, `TypeError`, `DivergenceWarning`, … | [`exceptions`] | exceptions |
//! | the end of the interpreter | walks that end before it | at_exit |

mod args;
mod arrays;
mod at_exit;
mod exceptions;
mod fit;
mod landscapes;
mod minimize;
mod model;
mod save;

/// The compiled core of gradwalk.
// The `unsafe` in here was written with the interpreter lock in mind: a free-threaded Python takes
// it back on import.
#[pyo3::pymodule(gil_used = true)]
mod _core {
    #[pymodule_export]
    use super::args::loss_facts::LossFacts;
    #[pymodule_export]
    use super::args::specs::{check_constants, check_positive, schedule_at};
    #[pymodule_export]
    use super::args::threads::thread_count;
    #[pymodule_export]
    use super::fit::loss_and_grad::loss_and_grad;
    #[pymodule_export]
    use super::fit::max_learning_rate::max_learning_rate;
    #[pymodule_export]
    use super::fit::step::Step;
    #[pymodule_export]
    use super::fit::steps::Steps;
    #[pymodule_export]
    use super::landscapes::{Landscape, LandscapeSum, Minimum};
    #[pymodule_export]
    use super::model::gradient_descent::GradientDescent;
    #[pymodule_export]
    use super::model::history::History;
    #[pymodule_export]
    use super::model::optimizers::{BatchGD, MiniBatchGD, SGD};
    #[pymodule_export]
    use super::model::verdict::Verdict;
    #[pymodule_export]
    use super::save::{restore_history, restore_model, restore_step, restore_verdict};

    use pyo3::prelude::*;

    #[pymodule_init]
    fn init(module: &Bound<'_, PyModule>) -> PyResult<()> {
        module.add("__version__", env!("CARGO_PKG_VERSION"))?;
        module.add("FORMAT_VERSION", super::save::FORMAT_VERSION)?;
        module.add("LOSSES", super::args::config::Loss::names(module.py())?)?;
        module.add("LOSS_FACTS", super::args::loss_facts::table(module.py())?)?;
        let (rules, schedules) = (crate::rule::Rule::TABLE, crate::schedule::Schedule::TABLE);
        module.add("RULES", super::args::specs::table(module.py(), rules)?)?;
        module.add("SCHEDULES", super::args::specs::table(module.py(), schedules)?)?;
        module.add("LANDSCAPES", super::landscapes::table(module.py())?)?;
        super::model::optimizers::document(module.py())?;
        let end_walks = wrap_pyfunction!(super::at_exit::end_walks, module)?;
        module.py().import("atexit")?.call_method1("register", (end_walks,))?;
        #[cfg(feature = "count-allocations")]
        module
            .add_function(wrap_pyfunction!(super::fit::loss_and_grad::allocation_peak, module)?)?;
        Ok(())
    }
}
