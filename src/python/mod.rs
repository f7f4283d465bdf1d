//! What Python sees. Each room of the core has its door here, and nothing is computed in a door.
//!
//! | Python | Rust | where |
//! |---|---|---|
//! | `X`: anything that `np.asarray` takes | [`memory::Matrix`]: borrowed rows, in place or to be loaded | arrays, memory |
//! | `X` of objects | [`objects::Reader`]: asked for some rows at a time | objects |
//! | words that are not there: arguments, values, attributes | [`keywords::Call`], and the table of `gradwalk._words` | keywords |
//! | `y`, `sample_weight` | [`memory::Numbers`]: a borrowed column | memory, targets |
//! | `init` | a small vector | targets |
//! | `order`, `rows` | vectors of row indices | order |
//! | names of columns | [`tables::ColumnNames`] | tables |
//! | `n_threads` | a number, for [`crate::threads`] | threads |
//! | whole numbers, real numbers, choices | `u64`, `f64`, enums | arguments |
//! | `LOSSES`, and what is known of each | [`crate::loss::Facts`] | losses, config |
//! | the keywords of a constructor | [`config::Config`] | config |
//! | `BatchGD`, `SGD`, `MiniBatchGD` | [`gradient_descent::GradientDescent`] | optimizers, gradient_descent |
//! | rules and schedules | enums of the core | values |
//! | `fit`, `partial_fit` | [`data::Data`] and its objective | data, fitting |
//! | `steps` | a fit that stands still after each update | steps, step |
//! | `minimize`, `loss=function` | objectives that call Python | minimizing, callable |
//! | landscapes | [`crate::landscape::Landscape`], [`crate::objective::Surface`] | landscapes |
//! | `max_learning_rate`, `history_.verdict` | [`crate::stability`], [`crate::verdict`] | limits, verdict |
//! | the stop button, callbacks | slices of [`crate::descent::Walk`] | driving |
//! | `progress=` | numbers for `gradwalk.progress`, every 100 ms | progress |
//! | the end of the interpreter | walks that end before it | closing |
//! | what is legal and hardly meant | a column of ones, labels of one class | hints |
//! | passes over y and weights | pieces, and the stop button between them | passes |
//! | one object, many threads | [`shared::Shared`] | shared |
//! | `predict`, `score`, … | one pass over the rows | predicting |
//! | pickle, `save`, `load` | [`parts`]: a dict of arrays and numbers | saving, parts |
//! | `history_` | [`history::History`], a snapshot | history |
//! | `ValueError`, `TypeError`, `DivergenceWarning`, … | [`errors`] | errors |

mod arguments;
mod arrays;
mod callable;
mod closing;
mod config;
mod data;
mod driving;
mod errors;
mod fitting;
mod functions;
mod gradient_descent;
mod hints;
mod history;
mod keywords;
mod landscapes;
mod limits;
mod losses;
mod memory;
mod minimizing;
mod model;
mod objects;
mod optimizers;
mod order;
mod parts;
mod passes;
mod predicting;
mod progress;
mod saving;
mod shared;
mod step;
mod steps;
mod tables;
mod targets;
mod threads;
mod values;
mod verdict;

/// The compiled core of gradwalk.
// The `unsafe` in here was written with the interpreter lock in mind: a free-threaded Python takes
// it back on import.
#[pyo3::pymodule(gil_used = true)]
mod _core {
    #[pymodule_export]
    use super::functions::loss_and_grad;
    #[pymodule_export]
    use super::gradient_descent::GradientDescent;
    #[pymodule_export]
    use super::history::History;
    #[pymodule_export]
    use super::landscapes::{Landscape, LandscapeSum, Minimum};
    #[pymodule_export]
    use super::limits::max_learning_rate;
    #[pymodule_export]
    use super::losses::LossFacts;
    #[pymodule_export]
    use super::optimizers::{BatchGD, MiniBatchGD, SGD};
    #[pymodule_export]
    use super::saving::{restore_history, restore_model};
    #[pymodule_export]
    use super::step::{Step, restore_step};
    #[pymodule_export]
    use super::steps::Steps;
    #[pymodule_export]
    use super::threads::thread_count;
    #[pymodule_export]
    use super::values::{check_constants, check_positive, schedule_at};
    #[pymodule_export]
    use super::verdict::{Verdict, restore_verdict};

    use pyo3::prelude::*;

    #[pymodule_init]
    fn init(module: &Bound<'_, PyModule>) -> PyResult<()> {
        module.add("__version__", env!("CARGO_PKG_VERSION"))?;
        module.add("FORMAT_VERSION", super::saving::FORMAT_VERSION)?;
        module.add("LOSSES", super::config::Loss::names(module.py())?)?;
        module.add("LOSS_FACTS", super::losses::table(module.py())?)?;
        module.add("RULES", super::values::table(module.py(), crate::rule::Rule::TABLE)?)?;
        module.add(
            "SCHEDULES",
            super::values::table(module.py(), crate::schedule::Schedule::TABLE)?,
        )?;
        super::optimizers::document(module.py())?;
        let end_walks = wrap_pyfunction!(super::closing::end_walks, module)?;
        module.py().import("atexit")?.call_method1("register", (end_walks,))?;
        #[cfg(feature = "count-allocations")]
        module.add_function(wrap_pyfunction!(super::functions::allocation_peak, module)?)?;
        Ok(())
    }
}
