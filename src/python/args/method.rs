//! The three methods, and what their classes are made with.

use super::keywords::argument_names;

/// The arguments of a class with their defaults, as Python writes them. Its signature, the messages
/// and the check of keywords all come from here.
macro_rules! signature_of {
    (BatchGD) => {
        "loss=\"mse\", *, learning_rate=0.01, epochs=100, rule=None, clip_norm=None, l1=0.0, \
         l1_step=\"proximal\", l2=0.0, fit_intercept=True, n_classes=None, tol=None, patience=5, \
         gtol=None, step_tol=None, max_updates=None, random_state=None, n_threads=None, record=\"auto\", path_bytes=8388608"
    };
    (SGD) => {
        concat!(signature_of!(BatchGD), ", sampling=\"shuffle\"")
    };
    (MiniBatchGD) => {
        concat!(signature_of!(BatchGD), ", batch_size=32, sampling=\"shuffle\", drop_last=False")
    };
}
pub(in crate::python) use signature_of;

/// Which of the three methods.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// All rows at every update.
    Batch,
    /// One row at every update.
    Stochastic,
    /// A few rows at every update.
    MiniBatch,
}

impl Method {
    /// The name of the class.
    pub fn class_name(self) -> &'static str {
        match self {
            Method::Batch => "BatchGD",
            Method::Stochastic => "SGD",
            Method::MiniBatch => "MiniBatchGD",
        }
    }

    /// The arguments of the class, with their defaults.
    fn signature(self) -> &'static str {
        match self {
            Method::Batch => signature_of!(BatchGD),
            Method::Stochastic => signature_of!(SGD),
            Method::MiniBatch => signature_of!(MiniBatchGD),
        }
    }

    /// Whether the class has an argument `name`.
    pub fn has_argument(self, name: &str) -> bool {
        argument_names(self.signature()).any(|known| known == name)
    }
}
