//! The losses of one row, ℓ(z, y) with its slope ∂ℓ/∂z, for a linear score z = x·w + b.
//!
//! The gradient of ℓ in w is slope·x, and in b it is the slope: so a loss is a value, a slope and some
//! facts, and that is all that a file here says. To add one, write its file and its line in the table
//! below; the name that Python takes, the tests and the plots read the table.
//!
//! The kernels of the rows know nothing of losses. They leave the scores of some rows in a buffer,
//! [`PointLoss::values_and_slopes`] turns them into values and slopes, and a kernel goes on with the
//! slopes. So a loss is compiled once for each number type and instruction set.

mod logistic;
mod margin;
mod neuron;
mod robust;
mod squared;

pub use logistic::logistic;

use crate::kernel::{EIGHT, Pass, dispatch};
use crate::real::Real;

/// What the targets of a loss may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Labels {
    /// Any real number; the prediction is a number.
    Real,
    /// 0 or 1.
    ZeroOne,
    /// 0 or 1, or −1 or 1, where 0 reads as −1.
    ZeroOneOrSigns,
}

/// What the model predicts from a score z.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Link {
    /// z itself, or its sign where the labels are classes.
    Identity,
    /// σ(z) = 1/(1 + e^−z).
    Logistic,
    /// tanh z.
    Tanh,
}

/// What is known of a loss beside its formula.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Facts {
    /// The name that users write.
    pub name: &'static str,
    /// What its targets may be.
    pub labels: Labels,
    /// What is predicted from a score.
    pub link: Link,
    /// Whether the slope jumps somewhere: then no learning rate is safe all the way to the minimum.
    pub has_kink: bool,
    /// ℓ(z, y), as it is shown.
    pub formula: &'static str,
}

/// A loss: one small type for each.
pub trait Formula: Copy + Send + Sync + 'static {
    /// What is known of it.
    const FACTS: Facts;

    /// ℓ(z, y) and ∂ℓ/∂z. At a kink the slope is 0, a value between its two sides.
    fn value_and_slope<T: Real>(self, z: T, y: T) -> (T, T);

    /// c with ∂²ℓ/∂z² ≤ c at every score z and every target from `lowest` to `highest`; `None` where
    /// there is no such number.
    fn curvature_bound(self, lowest: f64, highest: f64) -> Option<f64>;

    /// Whether [`curvature_bound`](Self::curvature_bound) depends on the range of the targets.
    const CURVATURE_NEEDS_RANGE: bool = false;
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
    LogLoss in logistic,
    Hinge in margin,
    SquaredHinge in margin,
    SigmoidMse in neuron,
    TanhMse in neuron,
}

impl PointLoss {
    /// The loss of this name, if there is one.
    pub fn by_name(name: &str) -> Option<PointLoss> {
        PointLoss::ALL.iter().copied().find(|loss| loss.facts().name == name)
    }

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

    /// ℓ(z, y) and ∂ℓ/∂z.
    #[inline(always)]
    pub fn value_and_slope<T: Real>(self, z: T, y: T) -> (T, T) {
        self.with(ValueAndSlope { z, y })
    }

    /// From the products x·w of some rows to their losses (sᵢ/s̄)·ℓ, which go to `values`, and their
    /// slopes (sᵢ/s̄)·∂ℓ/∂z, which take the place of the products. A loss is NaN where the score
    /// x·w + b is not finite: no loss hides that.
    ///
    /// One target a row, one value, and one factor sᵢ/s̄, or none where all rows count the same.
    pub fn values_and_slopes<T: Real>(
        self,
        products: &mut [T],
        bias: T,
        targets: &[T],
        factors: &[f64],
        values: &mut [f64],
    ) {
        dispatch(Rows { loss: self, products, bias, targets, factors, values });
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

/// Losses and slopes of some rows, compiled for the instruction set at hand.
struct Rows<'o, T> {
    loss: PointLoss,
    products: &'o mut [T],
    bias: T,
    targets: &'o [T],
    factors: &'o [f64],
    values: &'o mut [f64],
}

impl<T: Real> Pass for Rows<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        self.loss.with(self);
    }
}

impl<T: Real> WithFormula for Rows<'_, T> {
    type Output = ();

    #[inline(always)]
    fn with<F: Formula>(self, formula: F) {
        let Rows { products, bias, targets, factors, values, .. } = self;
        let count = products.len();
        let (targets, values) = (&targets[..count], &mut values[..count]);
        let (eights, rest) = products.as_chunks_mut::<EIGHT>();
        let (of_eights, of_rest) = targets.as_chunks::<EIGHT>();
        let (to_eights, to_rest) = values.as_chunks_mut::<EIGHT>();
        for ((z, y), value) in eights.iter_mut().zip(of_eights).zip(to_eights) {
            (*value, *z) = eight(formula, *z, bias, *y);
        }
        if !rest.is_empty() {
            // Eight with some that are left out: one by one they would take several times as long.
            let (mut z, mut y) = ([T::zero(); EIGHT], [T::zero(); EIGHT]);
            z[..rest.len()].copy_from_slice(rest);
            y[..rest.len()].copy_from_slice(of_rest);
            let (value, slope) = eight(formula, z, bias, y);
            rest.copy_from_slice(&slope[..rest.len()]);
            to_rest.copy_from_slice(&value[..rest.len()]);
        }
        for ((slope, value), &factor) in products.iter_mut().zip(values).zip(factors) {
            *value *= factor;
            *slope *= T::from_f64(factor);
        }
    }
}

/// Losses and slopes of eight rows, written so that they become vector code.
#[inline(always)]
fn eight<T: Real, F: Formula>(
    formula: F,
    products: [T; EIGHT],
    bias: T,
    y: [T; EIGHT],
) -> ([f64; EIGHT], [T; EIGHT]) {
    let (mut values, mut slopes) = ([0.0; EIGHT], products);
    for k in 0..EIGHT {
        let z = products[k] + bias;
        let (value, slope) = formula.value_and_slope(z, y[k]);
        // 0·z is 0 for a finite score, and NaN that stays for any other.
        values[k] = value.as_f64() + (z * T::zero()).as_f64();
        slopes[k] = slope;
    }
    (values, slopes)
}

/// A label 0 reads as −1.
#[inline(always)]
fn sign_of_label<T: Real>(y: T) -> T {
    if y == T::zero() { -T::one() } else { y }
}

#[cfg(test)]
mod tests;
