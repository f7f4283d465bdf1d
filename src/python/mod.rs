//! What Python sees. Each room of the core has its door here, and nothing is computed in a door.
//!
//! | Python | Rust | where |
//! |---|---|---|
//! | `X`: anything that `np.asarray` takes | [`arrays::Features`]: a borrowed `&[f32]` or `&[f64]` | arrays |
//! | names of arguments, wrong ones too | [`keywords::Call`] | keywords |
//! | `y`, `sample_weight`, `init`, `order` | borrowed slices, or small vectors | arrays, targets |
//! | whole numbers, real numbers, choices | `u64`, `f64`, enums | arguments |
//! | the keywords of a constructor | [`config::Config`] | config |
//! | `BatchGD`, `SGD`, `MiniBatchGD` | [`gradient_descent::GradientDescent`] | optimizers, gradient_descent |
//! | rules and schedules | enums of the core | values |
//! | `fit`, `partial_fit` | [`data::Data`] and its objective | data, fitting |
//! | `steps` | a fit that stands still after each update | steps, step |
//! | `minimize`, `loss=function` | objectives that call Python | minimizing, callable |
//! | landscapes | [`crate::landscape::Landscape`], [`crate::objective::Surface`] | landscapes |
//! | `max_learning_rate`, `history_.verdict` | [`crate::stability`], [`crate::verdict`] | limits, verdict |
//! | the stop button, callbacks | slices of [`crate::descent::Walk`] | driving |
//! | one object, many threads | [`shared::Shared`] | shared |
//! | `predict`, `score`, … | one pass over the rows | predicting |
//! | pickle, `save`, `load` | [`parts`]: a dict of arrays and numbers | saving, parts |
//! | `history_` | [`history::History`], a snapshot | history |
//! | `ValueError`, `TypeError`, `DivergenceWarning`, … | [`errors`] | errors |

mod arguments;
mod arrays;
mod callable;
mod config;
mod data;
mod driving;
mod errors;
mod fitting;
mod functions;
mod gradient_descent;
mod history;
mod keywords;
mod landscapes;
mod limits;
mod minimizing;
mod model;
mod optimizers;
mod parts;
mod predicting;
mod saving;
mod shared;
mod step;
mod steps;
mod targets;
mod values;
mod verdict;

/// The compiled core of gradwalk.
#[pyo3::pymodule]
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
    use super::optimizers::{BatchGD, MiniBatchGD, SGD};
    #[pymodule_export]
    use super::saving::{restore_history, restore_model};
    #[pymodule_export]
    use super::step::{Step, restore_step};
    #[pymodule_export]
    use super::steps::Steps;
    #[pymodule_export]
    use super::values::schedule_at;
    #[pymodule_export]
    use super::verdict::{Verdict, restore_verdict};

    use pyo3::prelude::*;

    #[pymodule_init]
    fn init(module: &Bound<'_, PyModule>) -> PyResult<()> {
        module.add("__version__", env!("CARGO_PKG_VERSION"))?;
        module.add("FORMAT_VERSION", super::saving::FORMAT_VERSION)?;
        module.add("LOSSES", super::config::Loss::names(module.py())?)?;
        #[cfg(feature = "count-allocations")]
        module.add_function(wrap_pyfunction!(super::functions::allocation_peak, module)?)?;
        Ok(())
    }
}
