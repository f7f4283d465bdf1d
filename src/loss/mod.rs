//! The losses of one row, ℓ(z, y) with its slope ∂ℓ/∂z, for a linear score z = x·w + b.
//!
//! The gradient of ℓ in w is slope·x, and in b it is the slope: so a loss is a value, a slope and some
//! facts, and that is all that a file here says. To add one, write its file and its line in the table
//! below; the name that Python takes, the tests and the plots read the table.
//!
//! The kernels of the rows know nothing of losses. They leave the scores of some rows in a buffer,
//! [`PointLoss::slopes`] turns them into slopes, and a kernel goes on with the
//! slopes. So a loss is compiled once for each number type and instruction set.

mod logistic;
mod margin;
mod neuron;
mod poisson;
mod robust;
mod squared;

pub use logistic::logistic;
pub use poisson::{exponential, half_deviance};

use crate::kernel::{EIGHT, Pass, dispatch, sum_pairwise};
use crate::real::Real;

/// What the targets of a loss may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Labels {
    /// Any real number; the prediction is a number.
    Real,
    /// Any number of at least 0; the prediction is a number.
    NotNegative,
    /// 0 or 1.
    ZeroOne,
    /// 0 or 1, or −1 or 1, where 0 reads as −1.
    ZeroOneOrSigns,
    /// Class numbers 0 … K − 1, or one-hot rows.
    ClassNumbers,
}

impl Labels {
    /// Whether what is predicted is a class.
    pub const fn are_classes(self) -> bool {
        !matches!(self, Labels::Real | Labels::NotNegative)
    }
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
    /// e^z, which no bound holds: far out the loss is infinite.
    Exponential,
    /// e^zₖ/Σⱼ e^zⱼ, of K scores.
    Softmax,
}

/// Where a loss is not smooth: its slope jumps there, or bends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bend {
    /// Nowhere.
    Nowhere,
    /// Where |z − y| is this.
    Residual(i32),
    /// Where the margin ỹz is this.
    Margin(i32),
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
    /// Where it is not smooth.
    pub bend: Bend,
    /// Whether the slope jumps there: then no constant learning rate settles at the minimum.
    pub has_kink: bool,
    /// ℓ(z, y), as it is shown.
    pub formula: &'static str,
}

impl Facts {
    /// Whether the loss is convex in z, and so in θ: all are but squares of what a neuron puts out.
    pub const fn is_convex(self) -> bool {
        self.labels.are_classes() || !matches!(self.link, Link::Logistic | Link::Tanh)
    }

    /// Whether the model's outputs are probabilities of classes.
    pub const fn has_probabilities(self) -> bool {
        self.labels.are_classes() && matches!(self.link, Link::Logistic | Link::Softmax)
    }
}

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

    /// From the scores x·w + b of some rows to their losses (sᵢ/s̄)·ℓ. A loss is NaN where the score is
    /// not finite: no loss hides that.
    ///
    /// One target and one value a row, and one factor sᵢ/s̄, or none where all rows count the same.
    pub fn values<T: Real>(self, scores: &[T], targets: &[T], factors: &[f64], values: &mut [f64]) {
        dispatch(Values { loss: self, scores, targets, factors, values });
    }

    /// From the products x·w of some rows to their slopes (sᵢ/s̄)·∂ℓ/∂z at the scores x·w + b, which take
    /// the place of the products. Slopes, and losses as above, are added to `sums`.
    pub fn slopes<T: Real>(
        self,
        products: &mut [T],
        bias: T,
        targets: &[T],
        factors: &[f64],
        sums: &mut Sums<T>,
    ) {
        self.with(Slopes { formula: self, products, bias, targets, factors, sums });
    }
}

/// Sums of the losses and slopes of rows, those of every eighth row apart: a vector each, without a
/// horizontal addition on the way.
#[derive(Clone, Copy, Debug)]
pub struct Sums<T> {
    values: [f64; EIGHT],
    slopes: [T; EIGHT],
}

impl<T: Real> Sums<T> {
    /// Nothing yet.
    pub fn zero() -> Self {
        Sums { values: [0.0; EIGHT], slopes: [T::zero(); EIGHT] }
    }

    /// The sum of the losses.
    pub fn of_values(&self) -> f64 {
        sum_pairwise(self.values)
    }

    /// The sum of the slopes.
    pub fn of_slopes(&self) -> T {
        sum_pairwise(self.slopes)
    }

    /// The losses and slopes of eight rows are added, times their factors if there are any; returns the
    /// slopes.
    #[inline(always)]
    fn add<F: Formula>(
        &mut self,
        formula: F,
        products: [T; EIGHT],
        bias: T,
        y: [T; EIGHT],
        factors: Option<&[f64; EIGHT]>,
        lanes: usize,
    ) -> [T; EIGHT] {
        let (mut values, mut slopes) = eight(formula, products, bias, y, lanes);
        if let Some(factors) = factors {
            for k in 0..EIGHT {
                values[k] *= factors[k];
                slopes[k] *= T::from_f64(factors[k]);
            }
        }
        for k in 0..EIGHT {
            self.values[k] += values[k];
            self.slopes[k] += slopes[k];
        }
        slopes
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

/// The losses of some rows, compiled for the instruction set at hand.
struct Values<'o, T> {
    loss: PointLoss,
    scores: &'o [T],
    targets: &'o [T],
    factors: &'o [f64],
    values: &'o mut [f64],
}

impl<T: Real> Pass for Values<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        self.loss.with(self);
    }
}

impl<T: Real> WithFormula for Values<'_, T> {
    type Output = ();

    #[inline(always)]
    fn with<F: Formula>(self, formula: F) {
        let Values { scores, targets, factors, values, .. } = self;
        let (count, lanes) = (scores.len(), lanes::<F>());
        let (targets, values) = (&targets[..count], &mut values[..count]);
        let (eights, rest) = scores.as_chunks::<EIGHT>();
        let (of_eights, of_rest) = targets.as_chunks::<EIGHT>();
        let (to_eights, to_rest) = values.as_chunks_mut::<EIGHT>();
        for ((z, y), value) in eights.iter().zip(of_eights).zip(to_eights) {
            (*value, _) = eight(formula, *z, T::zero(), *y, lanes);
        }
        if !rest.is_empty() {
            let (value, _) = eight(formula, padded(rest), T::zero(), padded(of_rest), lanes);
            to_rest.copy_from_slice(&value[..rest.len()]);
        }
        for (value, factor) in values.iter_mut().zip(factors) {
            *value *= factor;
        }
    }
}

/// The slopes of some rows, compiled for each formula and instruction set by itself: beside others, one
/// would have to make room for all that they need.
struct Slopes<'o, T, F> {
    formula: F,
    products: &'o mut [T],
    bias: T,
    targets: &'o [T],
    factors: &'o [f64],
    sums: &'o mut Sums<T>,
}

impl<T: Real> WithFormula for Slopes<'_, T, PointLoss> {
    type Output = ();

    #[inline(always)]
    fn with<F: Formula>(self, formula: F) {
        let Slopes { products, bias, targets, factors, sums, .. } = self;
        dispatch(Slopes { formula, products, bias, targets, factors, sums });
    }
}

impl<T: Real, F: Formula> Pass for Slopes<'_, T, F> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let Slopes { formula, products, bias, targets, factors, sums: total } = self;
        // In registers.
        let (mut sums, lanes) = (*total, lanes::<F>());
        let (eights, rest) = products.as_chunks_mut::<EIGHT>();
        let (of_eights, of_rest) = targets.as_chunks::<EIGHT>();
        let (factors_of_eights, factors_of_rest) = factors.as_chunks::<EIGHT>();
        if factors.is_empty() {
            for (z, y) in eights.iter_mut().zip(of_eights) {
                *z = sums.add(formula, *z, bias, *y, None, lanes);
            }
        } else {
            for ((z, y), factors) in eights.iter_mut().zip(of_eights).zip(factors_of_eights) {
                *z = sums.add(formula, *z, bias, *y, Some(factors), lanes);
            }
        }
        if !rest.is_empty() {
            // Eight with some that do not count: one by one they would take several times as long.
            let mut counts = [0.0; EIGHT];
            if factors.is_empty() {
                counts[..rest.len()].fill(1.0);
            } else {
                counts = padded(factors_of_rest);
            }
            // Scores of 0, not of b: where the loss of a large b is infinite, 0 times it is no 0.
            let mut z = [-bias; EIGHT];
            z[..rest.len()].copy_from_slice(rest);
            let y = padded(of_rest);
            let slopes = sums.add(formula, z, bias, y, Some(&counts), lanes);
            rest.copy_from_slice(&slopes[..rest.len()]);
        }
        *total = sums;
    }
}

/// Fewer than eight numbers, with zeros after them.
#[inline(always)]
fn padded<T: Real>(some: &[T]) -> [T; EIGHT] {
    let mut all = [T::zero(); EIGHT];
    all[..some.len()].copy_from_slice(some);
    all
}

/// Eight; of a long formula the compiler is not told that it is.
#[inline(always)]
fn lanes<F: Formula>() -> usize {
    if F::IS_LONG { std::hint::black_box(EIGHT) } else { EIGHT }
}

/// Losses and slopes of eight rows, written so that they become vector code.
#[inline(always)]
fn eight<T: Real, F: Formula>(
    formula: F,
    products: [T; EIGHT],
    bias: T,
    y: [T; EIGHT],
    lanes: usize,
) -> ([f64; EIGHT], [T; EIGHT]) {
    let (mut values, mut slopes) = ([0.0; EIGHT], products);
    for k in 0..lanes.min(EIGHT) {
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
