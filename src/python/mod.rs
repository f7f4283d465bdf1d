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
//! | `fit`, `partial_fit` | slices of [`crate::descent::Walk`] | fitting |
//! | `predict`, `score`, … | one pass over the rows | predicting |
//! | `history_` | [`history::History`], a snapshot | history |
//! | `ValueError`, `TypeError`, `DivergenceWarning`, … | [`errors`] | errors |

mod arguments;
mod arrays;
mod config;
mod errors;
mod fitting;
mod functions;
mod gradient_descent;
mod history;
mod keywords;
mod model;
mod optimizers;
mod predicting;
mod targets;

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
    use super::optimizers::{BatchGD, MiniBatchGD, SGD};

    use pyo3::prelude::*;

    #[pymodule_init]
    fn init(module: &Bound<'_, PyModule>) -> PyResult<()> {
        module.add("__version__", env!("CARGO_PKG_VERSION"))?;
        module.add("LOSSES", super::config::Loss::names(module.py())?)?;
        #[cfg(feature = "count-allocations")]
        module.add_function(wrap_pyfunction!(super::functions::allocation_peak, module)?)?;
        Ok(())
    }
}
