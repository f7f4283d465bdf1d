//! The losses of one row, ℓ(z, y) with its slope ∂ℓ/∂z, for a linear score z = x·w + b.
//!
//! The gradient of ℓ in w is slope·x, and in b it is the slope: so a loss is a value, a slope and some
//! facts, and that is all that a file here says. To add one, write its file and its line in the table
//! below; the name that Python takes, the tests and the plots read the table.
//!
//! The kernels of the rows know nothing of losses. They leave the scores of some rows in a buffer,
//! [`PointLoss::slopes`] turns them into slopes, and a kernel goes on with the
//! slopes. So a loss is compiled once for each number type and instruction set.

mod eights;
mod facts;
mod logistic;
mod margin;
mod neuron;
mod poisson;
mod robust;
mod squared;

pub use eights::Sums;
pub use facts::{Bend, Facts, Labels, Link};
pub use logistic::logistic;
pub use poisson::{exponential, half_deviance};

use crate::real::Real;

/// The loss that is none of the table: it has K scores a row (see `objective/softmax`).
pub const CROSS_ENTROPY: Facts = Facts {
    name: "cross_entropy",
    labels: Labels::ClassNumbers,
    link: Link::Softmax,
    bend: Bend::Nowhere,
    has_kink: false,
    formula: "−ln softmax(z)_y",
};

/// A loss: one small type for each.
pub trait Formula: Copy + Send + Sync + 'static {
    /// What is known of it.
    const FACTS: Facts;

    /// ℓ(z, y) and ∂ℓ/∂z. At a kink the slope is a value between its two sides, 0 unless said.
    fn value_and_slope<T: Real>(self, z: T, y: T) -> (T, T);

    /// c with ∂²ℓ/∂z² ≤ c at every score z and every target from `lowest` to `highest`; `None` where
    /// there is no such number.
    fn curvature_bound(self, lowest: f64, highest: f64) -> Option<f64>;

    /// Whether [`curvature_bound`](Self::curvature_bound) depends on the range of the targets.
    const CURVATURE_NEEDS_RANGE: bool = false;

    /// Whether the formula is so long that the loop over eight rows must not be unrolled before it has
    /// become vector code: what is unrolled stays scalar.
    const IS_LONG: bool = false;
}

/// What is done with the loss that a [`PointLoss`] names.
trait WithFormula {
    type Output;
    fn with<F: Formula>(self, formula: F) -> Self::Output;
}

macro_rules! table {
    ($($name:ident in $file:ident,)*) => {
        /// One of the losses, chosen at run time.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum PointLoss {
            $(
                #[doc = concat!("See `", stringify!($file), ".rs`.")]
                $name,
            )*
        }

        impl PointLoss {
            /// All of them, in the order of the documentation.
            pub const ALL: &[PointLoss] = &[$(PointLoss::$name,)*];

            #[inline(always)]
            fn with<W: WithFormula>(self, what: W) -> W::Output {
                match self {
                    $(PointLoss::$name => what.with($file::$name),)*
                }
            }

            /// What is known of it.
            pub const fn facts(self) -> Facts {
                match self {
                    $(PointLoss::$name => <$file::$name as Formula>::FACTS,)*
                }
            }
        }
    };
}

table! {
    Mse in squared,
    HalfMse in squared,
    Mae in robust,
    Huber in robust,
    LogCosh in robust,
    Poisson in poisson,
    LogLoss in logistic,
    Hinge in margin,
    SquaredHinge in margin,
    Perceptron in margin,
    SigmoidMse in neuron,
    TanhMse in neuron,
}

impl PointLoss {
    /// The name that users write.
    pub fn name(self) -> &'static str {
        self.facts().name
    }

    /// What its targets may be.
    pub fn labels(self) -> Labels {
        self.facts().labels
    }

    /// See [`Formula::curvature_bound`].
    pub fn curvature_bound(self, lowest: f64, highest: f64) -> Option<f64> {
        self.with(CurvatureBound { lowest, highest })
    }

    /// Whether [`curvature_bound`](Self::curvature_bound) depends on the range of the targets.
    pub fn curvature_needs_range(self) -> bool {
        self.with(CurvatureNeedsRange)
    }

    /// Whether there is a bound on the curvature: then some learning rate is safe from every start.
    pub fn has_curvature_bound(self) -> bool {
        self.curvature_bound(0.0, 1.0).is_some()
    }

    /// Whether the loss is 0 at z = 0 whatever the class, so that a loss of 0 at θ = 0 says nothing.
    pub fn is_zero_at_zero(self) -> bool {
        let is_zero = |y: f64| self.value_and_slope(0.0, y).0 == 0.0;
        self.labels().are_classes() && is_zero(0.0) && is_zero(1.0)
    }

    /// c, where the slope is c·(z − y).
    pub fn factor_of_residual(self) -> Option<f64> {
        match self {
            PointLoss::Mse => Some(2.0),
            PointLoss::HalfMse => Some(1.0),
            _ => None,
        }
    }

    /// ℓ(z, y) and ∂ℓ/∂z.
    #[inline(always)]
    pub fn value_and_slope<T: Real>(self, z: T, y: T) -> (T, T) {
        self.with(ValueAndSlope { z, y })
    }
}

struct CurvatureBound {
    lowest: f64,
    highest: f64,
}

impl WithFormula for CurvatureBound {
    type Output = Option<f64>;

    fn with<F: Formula>(self, formula: F) -> Option<f64> {
        formula.curvature_bound(self.lowest, self.highest)
    }
}

struct CurvatureNeedsRange;

impl WithFormula for CurvatureNeedsRange {
    type Output = bool;

    fn with<F: Formula>(self, _formula: F) -> bool {
        F::CURVATURE_NEEDS_RANGE
    }
}

struct ValueAndSlope<T> {
    z: T,
    y: T,
}

impl<T: Real> WithFormula for ValueAndSlope<T> {
    type Output = (T, T);

    #[inline(always)]
    fn with<F: Formula>(self, formula: F) -> (T, T) {
        formula.value_and_slope(self.z, self.y)
    }
}

/// A label 0 reads as −1.
#[inline(always)]
fn sign_of_label<T: Real>(y: T) -> T {
    if y == T::zero() { -T::one() } else { y }
}

#[cfg(test)]
mod tests;
