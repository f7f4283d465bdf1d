//! The loss of one sample, ℓ(z, y), and its slope ∂ℓ/∂z, for a linear score z = x·w + b.
//!
//! The gradient of ℓ in w is slope·x and in b it is the slope, so a loss is all that is said here.

use crate::kernel::{exp_of_negative, ln_1p_of_unit};
use crate::real::Real;

/// What the targets of a loss may be, and what its scores mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Labels {
    /// Any real number; the prediction is a number.
    Real,
    /// 0 or 1.
    ZeroOne,
    /// 0 or 1, or −1 or 1, where 0 reads as −1.
    ZeroOneOrSigns,
}

/// A loss of one sample as a function of its score.
pub trait PointLoss<T: Real>: Copy + Send + Sync + 'static {
    /// ℓ(z, y) and ∂ℓ/∂z. At a kink the slope is 0, a value between its two sides.
    fn value_and_slope(self, z: T, y: T) -> (T, T);

    /// The same for several rows, written so that it can be turned into vector code.
    #[inline(always)]
    fn values_and_slopes<const M: usize>(self, z: [T; M], y: [T; M]) -> ([T; M], [T; M]) {
        let (mut values, mut slopes) = (z, z);
        for k in 0..M {
            (values[k], slopes[k]) = self.value_and_slope(z[k], y[k]);
        }
        (values, slopes)
    }
}

/// One of the losses of this module, chosen by name at run time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AnyPointLoss {
    /// [`Mse`]
    Mse,
    /// [`HalfMse`]
    HalfMse,
    /// [`Mae`]
    Mae,
    /// [`Huber`]
    Huber,
    /// [`LogLoss`]
    LogLoss,
    /// [`Hinge`]
    Hinge,
    /// [`SquaredHinge`]
    SquaredHinge,
    /// [`SigmoidMse`]
    SigmoidMse,
    /// [`TanhMse`]
    TanhMse,
}

/// Evaluates `$body` with `$loss` bound to the loss that `$any` names: one copy of the code for
/// each loss, so that nothing is looked up inside the loop over the rows.
#[macro_export]
macro_rules! with_point_loss {
    ($any:expr, $loss:ident => $body:expr) => {{
        use $crate::objective as losses;
        match $any {
            losses::AnyPointLoss::Mse => {
                let $loss = losses::Mse;
                $body
            }
            losses::AnyPointLoss::HalfMse => {
                let $loss = losses::HalfMse;
                $body
            }
            losses::AnyPointLoss::Mae => {
                let $loss = losses::Mae;
                $body
            }
            losses::AnyPointLoss::Huber => {
                let $loss = losses::Huber;
                $body
            }
            losses::AnyPointLoss::LogLoss => {
                let $loss = losses::LogLoss;
                $body
            }
            losses::AnyPointLoss::Hinge => {
                let $loss = losses::Hinge;
                $body
            }
            losses::AnyPointLoss::SquaredHinge => {
                let $loss = losses::SquaredHinge;
                $body
            }
            losses::AnyPointLoss::SigmoidMse => {
                let $loss = losses::SigmoidMse;
                $body
            }
            losses::AnyPointLoss::TanhMse => {
                let $loss = losses::TanhMse;
                $body
            }
        }
    }};
}

impl AnyPointLoss {
    /// All of them, in the order of the documentation.
    pub const ALL: [AnyPointLoss; 9] = [
        AnyPointLoss::Mse,
        AnyPointLoss::HalfMse,
        AnyPointLoss::Mae,
        AnyPointLoss::Huber,
        AnyPointLoss::LogLoss,
        AnyPointLoss::Hinge,
        AnyPointLoss::SquaredHinge,
        AnyPointLoss::SigmoidMse,
        AnyPointLoss::TanhMse,
    ];

    /// The name that users write.
    pub fn name(self) -> &'static str {
        match self {
            AnyPointLoss::Mse => "mse",
            AnyPointLoss::HalfMse => "half_mse",
            AnyPointLoss::Mae => "mae",
            AnyPointLoss::Huber => "huber",
            AnyPointLoss::LogLoss => "log_loss",
            AnyPointLoss::Hinge => "hinge",
            AnyPointLoss::SquaredHinge => "squared_hinge",
            AnyPointLoss::SigmoidMse => "sigmoid_mse",
            AnyPointLoss::TanhMse => "tanh_mse",
        }
    }

    /// c with ∂²ℓ/∂z² ≤ c at every score z and every target from `lowest` to `highest`; `None` for
    /// the losses with a kink, whose slope jumps: no learning rate is safe for them all the way to
    /// the minimum.
    ///
    /// | loss | ∂²ℓ/∂z² | c |
    /// |---|---|---|
    /// | `mse` | 2 | 2 |
    /// | `half_mse` | 1 | 1 |
    /// | `huber` | 1 or 0 | 1 |
    /// | `log_loss` | σ(1 − σ) | ¼ |
    /// | `squared_hinge` | 2 or 0 | 2 |
    /// | `sigmoid_mse` | 2σ(1 − σ)(2σ − 3σ² − y(1 − 2σ)) | its maximum over σ, found numerically |
    /// | `tanh_mse` | 16 times that of `sigmoid_mse` at 2z and ½(1 + y) | likewise |
    ///
    /// The targets matter for the last two alone.
    pub fn curvature_bound(self, lowest: f64, highest: f64) -> Option<f64> {
        match self {
            AnyPointLoss::Mse | AnyPointLoss::SquaredHinge => Some(2.0),
            AnyPointLoss::HalfMse | AnyPointLoss::Huber => Some(1.0),
            AnyPointLoss::LogLoss => Some(0.25),
            AnyPointLoss::Mae | AnyPointLoss::Hinge => None,
            AnyPointLoss::SigmoidMse => Some(sigmoid_curvature(lowest, highest)),
            AnyPointLoss::TanhMse => {
                // tanh z = 2σ(2z) − 1.
                Some(16.0 * sigmoid_curvature(0.5 * (1.0 + lowest), 0.5 * (1.0 + highest)))
            }
        }
    }

    /// Whether [`curvature_bound`](Self::curvature_bound) depends on the range of the targets.
    pub fn curvature_needs_range(self) -> bool {
        matches!(self, AnyPointLoss::SigmoidMse | AnyPointLoss::TanhMse)
    }

    /// What its targets may be.
    pub fn labels(self) -> Labels {
        match self {
            AnyPointLoss::LogLoss => Labels::ZeroOne,
            AnyPointLoss::Hinge | AnyPointLoss::SquaredHinge => Labels::ZeroOneOrSigns,
            _ => Labels::Real,
        }
    }
}

/// Squared error, ℓ = (z − y)², slope 2(z − y). On a batch the gradient is 2/m Xᵀ(z − y), as in
/// Géron, *Hands-On Machine Learning*, chapter 4.
#[derive(Clone, Copy, Debug)]
pub struct Mse;

impl<T: Real> PointLoss<T> for Mse {
    #[inline(always)]
    fn value_and_slope(self, z: T, y: T) -> (T, T) {
        let residual = z - y;
        (residual * residual, residual + residual)
    }
}

/// Half the squared error, ℓ = ½(z − y)², slope z − y. On a batch the gradient is 1/m Xᵀ(z − y),
/// as in Ng's CS229 notes.
#[derive(Clone, Copy, Debug)]
pub struct HalfMse;

impl<T: Real> PointLoss<T> for HalfMse {
    #[inline(always)]
    fn value_and_slope(self, z: T, y: T) -> (T, T) {
        let residual = z - y;
        (half::<T>() * residual * residual, residual)
    }
}

/// Absolute error, ℓ = |z − y|, slope sign(z − y), 0 at the kink.
#[derive(Clone, Copy, Debug)]
pub struct Mae;

impl<T: Real> PointLoss<T> for Mae {
    #[inline(always)]
    fn value_and_slope(self, z: T, y: T) -> (T, T) {
        let residual = z - y;
        let slope = if residual == T::zero() { T::zero() } else { residual.signum() };
        (residual.abs(), slope)
    }
}

/// Huber's loss with threshold 1: for r = z − y, ℓ = ½r² if |r| ≤ 1, else |r| − ½; slope r cut to
/// −1…1. Source: Huber, "Robust estimation of a location parameter", Ann. Math. Statist. 35 (1964).
#[derive(Clone, Copy, Debug)]
pub struct Huber;

impl<T: Real> PointLoss<T> for Huber {
    #[inline(always)]
    fn value_and_slope(self, z: T, y: T) -> (T, T) {
        let residual = z - y;
        let size = residual.abs();
        if size <= T::one() {
            (half::<T>() * residual * residual, residual)
        } else {
            (size - half(), residual.signum())
        }
    }
}

/// Logistic loss of a label y in {0, 1}, ℓ = −y ln σ(z) − (1 − y) ln(1 − σ(z)), slope σ(z) − y.
///
/// Computed from the signed margin: with ỹ = 2y − 1, ℓ = ln(1 + e^{−ỹz}) and the slope is
/// −ỹ σ(−ỹz), which neither overflows nor cancels.
#[derive(Clone, Copy, Debug)]
pub struct LogLoss;

impl<T: Real> PointLoss<T> for LogLoss {
    #[inline(always)]
    fn value_and_slope(self, z: T, y: T) -> (T, T) {
        let sign = y + y - T::one();
        let against = -sign * z;
        // One exponential serves both: e = exp(−|against|) is at most 1.
        let e = exp_of_negative(-against.abs().as_f64());
        let value = against.max(T::zero()) + T::from_f64(ln_1p_of_unit(e));
        let e = T::from_f64(e);
        let numerator = if against >= T::zero() { T::one() } else { e };
        (value, -sign * (numerator / (T::one() + e)))
    }
}

/// Hinge loss, ℓ = max(0, 1 − ỹz) with ỹ = −1 or 1 (a label 0 reads as −1), slope −ỹ inside the
/// margin, 0 beyond it. Source: Cortes and Vapnik, "Support-vector networks" (1995).
#[derive(Clone, Copy, Debug)]
pub struct Hinge;

impl<T: Real> PointLoss<T> for Hinge {
    #[inline(always)]
    fn value_and_slope(self, z: T, y: T) -> (T, T) {
        let sign = sign_of_label(y);
        let shortfall = T::one() - sign * z;
        // Asked this way round, a NaN falls through instead of turning into 0.
        if shortfall <= T::zero() { (T::zero(), T::zero()) } else { (shortfall, -sign) }
    }
}

/// Squared hinge loss, ℓ = max(0, 1 − ỹz)² (no ½), slope −2ỹ max(0, 1 − ỹz); a label 0 reads as −1.
#[derive(Clone, Copy, Debug)]
pub struct SquaredHinge;

impl<T: Real> PointLoss<T> for SquaredHinge {
    #[inline(always)]
    fn value_and_slope(self, z: T, y: T) -> (T, T) {
        let sign = sign_of_label(y);
        let shortfall = T::one() - sign * z;
        if shortfall <= T::zero() {
            (T::zero(), T::zero())
        } else {
            (shortfall * shortfall, -(sign + sign) * shortfall)
        }
    }
}

/// One sigmoid neuron with squared error, ℓ = (σ(z) − y)², slope 2(σ − y)σ(1 − σ): not convex,
/// flat where the neuron saturates.
#[derive(Clone, Copy, Debug)]
pub struct SigmoidMse;

impl<T: Real> PointLoss<T> for SigmoidMse {
    #[inline(always)]
    fn value_and_slope(self, z: T, y: T) -> (T, T) {
        let e = T::from_f64(exp_of_negative(-z.abs().as_f64()));
        let sum = T::one() + e;
        let sigma = if z >= T::zero() { T::one() } else { e } / sum;
        let residual = sigma - y;
        // σ(1 − σ) = e/(1 + e)², which keeps its digits where σ rounds to 1.
        let derivative = e / (sum * sum);
        (residual * residual, (residual + residual) * derivative)
    }
}

/// One tanh neuron with squared error, ℓ = (tanh z − y)², slope 2(tanh z − y)(1 − tanh² z): not
/// convex, flat where the neuron saturates.
#[derive(Clone, Copy, Debug)]
pub struct TanhMse;

impl<T: Real> PointLoss<T> for TanhMse {
    #[inline(always)]
    fn value_and_slope(self, z: T, y: T) -> (T, T) {
        let t = z.tanh();
        let residual = t - y;
        // 1 − tanh² z = 4e/(1 + e)² with e = exp(−2|z|), which keeps its digits where tanh z rounds to ±1.
        let e = (-(z.abs() + z.abs())).exp();
        let sum = T::one() + e;
        let derivative = T::from_f64(4.0) * e / (sum * sum);
        (residual * residual, (residual + residual) * derivative)
    }
}

/// The logistic function σ(z) = 1/(1 + e^{−z}), without overflow.
#[inline(always)]
pub fn logistic<T: Real>(z: T) -> T {
    let e = (-z.abs()).exp();
    if z >= T::zero() { T::one() / (T::one() + e) } else { e / (T::one() + e) }
}

/// The largest ∂²ℓ/∂z² of (σ(z) − y)² over all z and the targets from `lowest` to `highest`.
///
/// It is linear in y, so that the largest is at one of the two ends, and as a function of σ a
/// polynomial of degree 4: the best of a thousand places is improved between its neighbours.
fn sigmoid_curvature(lowest: f64, highest: f64) -> f64 {
    const PLACES: u32 = 1000;
    let at = |s: f64, y: f64| 2.0 * s * (1.0 - s) * (s * (2.0 - 3.0 * s) - y * (1.0 - 2.0 * s));
    let curvature = |s: f64| at(s, lowest).max(at(s, highest));
    let places = (0..=PLACES).map(|place| f64::from(place) / f64::from(PLACES));
    let best = places.max_by(|&a, &b| curvature(a).total_cmp(&curvature(b))).unwrap_or(0.5);
    let step = 1.0 / f64::from(PLACES);
    let (mut left, mut right) = ((best - step).max(0.0), (best + step).min(1.0));
    for _ in 0..60 {
        let third = (right - left) / 3.0;
        if curvature(left + third) < curvature(right - third) {
            left += third;
        } else {
            right -= third;
        }
    }
    curvature(0.5 * (left + right)).max(curvature(best))
}

#[inline(always)]
fn half<T: Real>() -> T {
    T::from_f64(0.5)
}

/// A label 0 reads as −1.
#[inline(always)]
fn sign_of_label<T: Real>(y: T) -> T {
    if y == T::zero() { -T::one() } else { y }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn value_and_slope(loss: AnyPointLoss, z: f64, y: f64) -> (f64, f64) {
        crate::with_point_loss!(loss, loss => loss.value_and_slope(z, y))
    }

    /// The formula as the documentation writes it, with no care for rounding.
    fn textbook(loss: AnyPointLoss, z: f64, y: f64) -> f64 {
        let sigma = 1.0 / (1.0 + (-z).exp());
        let sign = if y == 0.0 { -1.0 } else { y };
        match loss {
            AnyPointLoss::Mse => (z - y).powi(2),
            AnyPointLoss::HalfMse => 0.5 * (z - y).powi(2),
            AnyPointLoss::Mae => (z - y).abs(),
            AnyPointLoss::Huber if (z - y).abs() <= 1.0 => 0.5 * (z - y).powi(2),
            AnyPointLoss::Huber => (z - y).abs() - 0.5,
            AnyPointLoss::LogLoss => -y * sigma.ln() - (1.0 - y) * (1.0 - sigma).ln(),
            AnyPointLoss::Hinge => (1.0 - sign * z).max(0.0),
            AnyPointLoss::SquaredHinge => (1.0 - sign * z).max(0.0).powi(2),
            AnyPointLoss::SigmoidMse => (sigma - y).powi(2),
            AnyPointLoss::TanhMse => (z.tanh() - y).powi(2),
        }
    }

    fn is_near_a_kink(loss: AnyPointLoss, z: f64, y: f64, width: f64) -> bool {
        let sign = if y == 0.0 { -1.0 } else { y };
        match loss {
            AnyPointLoss::Mae => (z - y).abs() < width,
            AnyPointLoss::Huber => ((z - y).abs() - 1.0).abs() < width,
            AnyPointLoss::Hinge | AnyPointLoss::SquaredHinge => (1.0 - sign * z).abs() < width,
            _ => false,
        }
    }

    proptest! {
        #[test]
        fn values_and_slopes_are_the_textbooks(
            which in 0..AnyPointLoss::ALL.len(), z in -8.0..8.0f64, real in -3.0..3.0f64, label in 0..2u8,
        ) {
            let loss = AnyPointLoss::ALL[which];
            let y = if loss.labels() == Labels::Real { real } else { f64::from(label) };
            let (value, slope) = value_and_slope(loss, z, y);
            prop_assert!((value - textbook(loss, z, y)).abs() <= 1e-11 * (1.0 + value.abs()));
            let h = 1e-3;
            if !is_near_a_kink(loss, z, y, 3.0 * h) {
                // Fourth-order central difference.
                let f = |k: f64| textbook(loss, z + k * h, y);
                let difference = (8.0 * (f(1.0) - f(-1.0)) - (f(2.0) - f(-2.0))) / (12.0 * h);
                prop_assert!((slope - difference).abs() <= 1e-8 * (1.0 + slope.abs()));
            }
        }

        #[test]
        fn the_slope_never_rises_faster_than_the_curvature_bound(
            which in 0..AnyPointLoss::ALL.len(), z in -8.0..8.0f64, step in 1e-3..2.0f64, lowest in -3.0..3.0f64,
            width in 0.0..2.0f64, share in 0.0..=1.0f64, label in 0..2u8,
        ) {
            let loss = AnyPointLoss::ALL[which];
            let is_real = loss.labels() == Labels::Real;
            let y = if is_real { lowest + share * width } else { f64::from(label) };
            let Some(bound) = loss.curvature_bound(lowest, lowest + width) else {
                prop_assert!(matches!(loss, AnyPointLoss::Mae | AnyPointLoss::Hinge));
                return Ok(());
            };
            let (_, before) = value_and_slope(loss, z, y);
            let (_, after) = value_and_slope(loss, z + step, y);
            prop_assert!(after - before <= bound * step + 1e-12);
        }

        #[test]
        fn a_nan_is_never_swallowed(which in 0..AnyPointLoss::ALL.len(), label in 0..2u8) {
            let (value, _) = value_and_slope(AnyPointLoss::ALL[which], f64::NAN, f64::from(label));
            prop_assert!(value.is_nan());
        }
    }

    #[test]
    fn finite_far_from_the_origin() {
        for loss in AnyPointLoss::ALL {
            for z in [1e4, -1e4] {
                for y in [0.0, 1.0] {
                    let (value, slope) = value_and_slope(loss, z, y);
                    assert!(value.is_finite() && slope.is_finite(), "{} at {z}, {y}", loss.name());
                }
            }
        }
        assert_eq!(value_and_slope(AnyPointLoss::LogLoss, 1e4, 0.0), (1e4, 1.0));
        assert_eq!(value_and_slope(AnyPointLoss::LogLoss, -1e4, 1.0), (1e4, -1.0));
        assert_eq!(value_and_slope(AnyPointLoss::LogLoss, 1e4, 1.0), (0.0, 0.0));
    }

    #[test]
    fn curvature_bounds_are_reached() {
        // A bound that is never met would be a learning rate that is too small.
        for loss in AnyPointLoss::ALL {
            for (lowest, highest) in [(0.0, 1.0), (-1.0, 1.0), (0.3, 0.3), (-4.0, 2.0)] {
                let Some(bound) = loss.curvature_bound(lowest, highest) else { continue };
                let targets = match loss.labels() {
                    Labels::Real => [lowest, highest],
                    _ => [0.0, 1.0],
                };
                let h = 1e-3;
                let steepest = (-8000..8000)
                    .flat_map(|k| targets.map(|y| (f64::from(k) * h, y)))
                    .map(|(z, y)| value_and_slope(loss, z + h, y).1 - value_and_slope(loss, z, y).1)
                    .fold(0.0, f64::max);
                assert!((steepest / h / bound - 1.0).abs() < 1e-5, "{} {lowest}", loss.name());
            }
        }
    }

    #[test]
    fn slopes_at_the_kinks_are_zero() {
        assert_eq!(value_and_slope(AnyPointLoss::Mae, 2.0, 2.0), (0.0, 0.0));
        assert_eq!(value_and_slope(AnyPointLoss::Hinge, 1.0, 1.0), (0.0, 0.0));
        assert_eq!(value_and_slope(AnyPointLoss::Hinge, -1.0, 0.0), (0.0, 0.0));
    }

    #[test]
    fn minus_one_and_zero_are_the_same_label() {
        for loss in [AnyPointLoss::Hinge, AnyPointLoss::SquaredHinge] {
            assert_eq!(value_and_slope(loss, 0.3, 0.0), value_and_slope(loss, 0.3, -1.0));
        }
    }

    #[test]
    fn the_logistic_function() {
        assert_eq!(logistic(0.0), 0.5);
        assert_eq!(logistic(1e4), 1.0);
        assert_eq!(logistic(-1e4), 0.0);
        assert!((logistic(2.0f64) + logistic(-2.0) - 1.0).abs() < 1e-15);
    }
}
