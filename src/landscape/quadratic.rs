//! Surfaces with a constant Hessian: bowl, ravine, saddle.

use super::{Minimum, Shape, coordinates};

/// The bowl, f(x) = ½‖x‖², for any number of coordinates.
///
/// The gradient is x itself: from anywhere, η = 1 is at the minimum in one step, η < 1 goes
/// straight to it, 1 < η < 2 jumps from side to side and still arrives, η > 2 diverges.
///
/// - Minimum: 0 at x = 0, the only one.
/// - Bounds: ±3. Start: 2 in each coordinate. η = 0.1.
/// - Source: De Jong, "An analysis of the behavior of a class of genetic adaptive systems" (PhD
///   thesis, University of Michigan, 1975), function F1 (there without the ½).
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Bowl;

impl Shape for Bowl {
    const N_PARAMS: Option<usize> = None;
    const FORMULA: &'static str = "f(x) = ½ Σⱼ xⱼ²";
    const SOURCE: &'static str = "De Jong, An analysis of the behavior of a class of genetic \
                                  adaptive systems, PhD thesis, University of Michigan (1975), F1";

    #[inline(always)]
    fn value(&self, x: &[f64]) -> f64 {
        0.5 * x.iter().map(|x| x * x).sum::<f64>()
    }

    #[inline(always)]
    fn gradient(&self, x: &[f64], mut put: impl FnMut(usize, f64)) {
        for (j, &x) in x.iter().enumerate() {
            put(j, x);
        }
    }

    fn hessian(&self, x: &[f64], mut put: impl FnMut(usize, usize, f64)) {
        for j in 0..x.len() {
            put(j, j, 1.0);
        }
    }

    fn minima(&self, p: usize) -> Vec<Minimum> {
        vec![Minimum::global(&vec![0.0; p], 0.0)]
    }

    fn bounds(&self, p: usize) -> Vec<(f64, f64)> {
        vec![(-3.0, 3.0); p]
    }

    fn start(&self, p: usize) -> Vec<f64> {
        vec![2.0; p]
    }

    fn learning_rate(&self) -> f64 {
        0.1
    }
}

/// The ravine, f(x, y) = ½(x² + κy²): a quadratic of condition number κ ≥ 1.
///
/// Plain descent needs η < 2/κ for the steep y, and then takes about κ steps to get anywhere along
/// the flat x, while it zig-zags across. Momentum needs about √κ.
///
/// - Minimum: 0 at (0, 0), the only one.
/// - Bounds: ±3 in x, ±1 in y. Start: (2.5, 0.8). η = 1.8/κ: y changes its sign at each step and
///   shrinks to 0.8 of itself, x to 1 − 1.8/κ.
/// - Source: Boyd and Vandenberghe, *Convex Optimization* (2004), section 9.3.2.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Ravine {
    condition: f64,
}

impl Ravine {
    /// The condition number if none is given.
    pub const DEFAULT_CONDITION: f64 = 100.0;
    /// The largest condition number there is.
    pub const MOST_CONDITION: f64 = 1e12;

    /// A ravine of that condition number; `None` unless it lies in
    /// 1 … [`MOST_CONDITION`](Self::MOST_CONDITION).
    pub fn new(condition: f64) -> Option<Self> {
        (1.0..=Self::MOST_CONDITION).contains(&condition).then_some(Ravine { condition })
    }

    /// κ.
    pub fn condition(&self) -> f64 {
        self.condition
    }
}

impl Default for Ravine {
    fn default() -> Self {
        Ravine { condition: Self::DEFAULT_CONDITION }
    }
}

impl Shape for Ravine {
    const N_PARAMS: Option<usize> = Some(2);
    const FORMULA: &'static str = "f(x, y) = ½ (x² + κ y²)";
    const SOURCE: &'static str = "Boyd and Vandenberghe, Convex Optimization (2004), section 9.3.2";

    #[inline(always)]
    fn value(&self, x: &[f64]) -> f64 {
        let [x, y] = coordinates(x);
        0.5 * (x * x + self.condition * (y * y))
    }

    #[inline(always)]
    fn gradient(&self, x: &[f64], mut put: impl FnMut(usize, f64)) {
        let [x, y] = coordinates(x);
        put(0, x);
        put(1, self.condition * y);
    }

    fn hessian(&self, x: &[f64], mut put: impl FnMut(usize, usize, f64)) {
        let [_, _] = coordinates(x);
        put(0, 0, 1.0);
        put(1, 1, self.condition);
    }

    fn minima(&self, _: usize) -> Vec<Minimum> {
        vec![Minimum::global(&[0.0, 0.0], 0.0)]
    }

    fn bounds(&self, _: usize) -> Vec<(f64, f64)> {
        vec![(-3.0, 3.0), (-1.0, 1.0)]
    }

    fn start(&self, _: usize) -> Vec<f64> {
        vec![2.5, 0.8]
    }

    fn learning_rate(&self) -> f64 {
        1.8 / self.condition
    }
}

/// The saddle, f(x, y) = x² − y²: the gradient is zero at (0, 0), which is no minimum.
///
/// From the start, a hair off the ridge y = 0, plain descent first comes within 0.04 of the saddle
/// point, as if it were a minimum, and then falls down one side. From y = 0 exactly it stays.
///
/// - Minima: none; f has no lower bound.
/// - Bounds: ±2. Start: (1.5, 0.001). η = 0.1.
/// - Source: Dauphin, Pascanu, Gulcehre, Cho, Ganguli and Bengio, "Identifying and attacking the
///   saddle point problem in high-dimensional non-convex optimization" (NeurIPS 2014).
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Saddle;

impl Shape for Saddle {
    const N_PARAMS: Option<usize> = Some(2);
    const FORMULA: &'static str = "f(x, y) = x² − y²";
    const SOURCE: &'static str = "Dauphin et al., Identifying and attacking the saddle point \
                                  problem in high-dimensional non-convex optimization, NeurIPS \
                                  (2014)";

    #[inline(always)]
    fn value(&self, x: &[f64]) -> f64 {
        let [x, y] = coordinates(x);
        x * x - y * y
    }

    #[inline(always)]
    fn gradient(&self, x: &[f64], mut put: impl FnMut(usize, f64)) {
        let [x, y] = coordinates(x);
        put(0, 2.0 * x);
        put(1, -2.0 * y);
    }

    fn hessian(&self, x: &[f64], mut put: impl FnMut(usize, usize, f64)) {
        let [_, _] = coordinates(x);
        put(0, 0, 2.0);
        put(1, 1, -2.0);
    }

    fn minima(&self, _: usize) -> Vec<Minimum> {
        Vec::new()
    }

    fn bounds(&self, _: usize) -> Vec<(f64, f64)> {
        vec![(-2.0, 2.0); 2]
    }

    fn start(&self, _: usize) -> Vec<f64> {
        vec![1.5, 0.001]
    }

    fn learning_rate(&self) -> f64 {
        0.1
    }
}
