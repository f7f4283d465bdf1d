//! Surfaces with a constant Hessian: bowl, ravine, saddle.

use super::{Dimensions, Facts, Minimum, Parameter, Shape, coordinates};

/// The bowl.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Bowl;

impl Shape for Bowl {
    const FACTS: Facts = Facts {
        name: "bowl",
        formula: "f(x) = ½ Σⱼ xⱼ²",
        source: "De Jong, An analysis of the behavior of a class of genetic adaptive systems, PhD \
                 thesis, University of Michigan (1975), F1",
        lesson: "Descent as it should be. The gradient is x itself: from anywhere η = 1 is at the \
                 minimum in one step, η < 1 goes straight to it, 1 < η < 2 jumps from side to \
                 side and still arrives, η > 2 diverges. For any number of coordinates.",
        dimensions: Dimensions::AtLeast(1),
        parameter: None,
    };

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

/// The ravine. At its η, y changes its sign at each step and shrinks to 0.8 of itself, x to 1 − 1.8/κ.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Ravine {
    condition: f64,
}

impl Default for Ravine {
    fn default() -> Self {
        Ravine { condition: 100.0 }
    }
}

impl Shape for Ravine {
    const FACTS: Facts = Facts {
        name: "ravine",
        formula: "f(x, y) = ½ (x² + κ y²)",
        source: "Boyd and Vandenberghe, Convex Optimization (2004), section 9.3.2",
        lesson: "A quadratic of condition number κ: 100, or chosen by with_condition. Plain \
                 descent needs η < 2/κ for the steep y and then takes about κ steps to get \
                 anywhere along the flat x, while it zig-zags across. Momentum takes about √κ.",
        dimensions: Dimensions::Only(2),
        parameter: Some(Parameter { name: "condition", expected: "a number from 1 to 1e12" }),
    };

    fn with_parameter(condition: f64) -> Option<Self> {
        (1.0..=1e12).contains(&condition).then_some(Ravine { condition })
    }

    fn parameter(&self) -> Option<f64> {
        Some(self.condition)
    }

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

/// The saddle.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Saddle;

impl Shape for Saddle {
    const FACTS: Facts = Facts {
        name: "saddle",
        formula: "f(x, y) = x² − y²",
        source: "Dauphin et al., Identifying and attacking the saddle point problem in \
                 high-dimensional non-convex optimization, NeurIPS (2014)",
        lesson: "The gradient is zero at (0, 0), which is no minimum. From the start, a hair off \
                 the ridge y = 0, plain descent first comes within 0.04 of that point, as if it \
                 were one, and then falls down one side, without end. From y = 0 exactly it \
                 stays.",
        dimensions: Dimensions::Only(2),
        parameter: None,
    };

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
