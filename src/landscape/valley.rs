//! The classics of two coordinates with valleys and basins: Rosenbrock, Himmelblau, Beale, and the camel
//! of three humps.

use super::{Dimensions, Facts, Minimum, Shape, coordinates};

/// Rosenbrock's valley; for p > 2 after Dixon and Mills, "Effect of rounding errors on the variable
/// metric method", JOTA 80(1), 1994.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Rosenbrock;

impl Shape for Rosenbrock {
    const FACTS: Facts = Facts {
        name: "rosenbrock",
        formula: "f(x) = Σⱼ 100 (xⱼ₊₁ − xⱼ²)² + (1 − xⱼ)²",
        source: "Rosenbrock, An automatic method for finding the greatest or least value of a \
                 function, The Computer Journal 3(3) (1960)",
        lesson: "A curved valley. Descent falls into it, to y = x², in a few steps, and then \
                 creeps along it. For two coordinates or more; from p = 4 on it has local minima \
                 near (−1, 1, …, 1), which are not listed.",
        dimensions: Dimensions::AtLeast(2),
        parameter: None,
    };

    #[inline(always)]
    fn value(&self, x: &[f64]) -> f64 {
        assert!(x.len() >= 2, "two coordinates or more");
        let term = |pair: &[f64]| {
            let (above, to_go) = (pair[1] - pair[0] * pair[0], 1.0 - pair[0]);
            100.0 * above * above + to_go * to_go
        };
        x.windows(2).map(term).sum()
    }

    #[inline(always)]
    fn gradient(&self, x: &[f64], mut put: impl FnMut(usize, f64)) {
        assert!(x.len() >= 2, "two coordinates or more");
        let mut from_left = 0.0;
        for (j, pair) in x.windows(2).enumerate() {
            let above = pair[1] - pair[0] * pair[0];
            put(j, from_left - 400.0 * above * pair[0] - 2.0 * (1.0 - pair[0]));
            from_left = 200.0 * above;
        }
        put(x.len() - 1, from_left);
    }

    fn hessian(&self, x: &[f64], mut put: impl FnMut(usize, usize, f64)) {
        assert!(x.len() >= 2, "two coordinates or more");
        let mut from_left = 0.0;
        for (j, pair) in x.windows(2).enumerate() {
            put(j, j, from_left + 1200.0 * pair[0] * pair[0] - 400.0 * pair[1] + 2.0);
            put(j, j + 1, -400.0 * pair[0]);
            put(j + 1, j, -400.0 * pair[0]);
            from_left = 200.0;
        }
        put(x.len() - 1, x.len() - 1, from_left);
    }

    fn minima(&self, p: usize) -> Vec<Minimum> {
        vec![Minimum::global(&vec![1.0; p], 0.0)]
    }

    fn bounds(&self, p: usize) -> Vec<(f64, f64)> {
        match p {
            2 => vec![(-2.0, 2.0), (-1.0, 3.0)],
            _ => vec![(-2.0, 2.0); p],
        }
    }

    fn start(&self, p: usize) -> Vec<f64> {
        [-1.2, 1.0].into_iter().cycle().take(p).collect()
    }

    fn learning_rate(&self) -> f64 {
        0.001
    }
}

/// Himmelblau's function.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Himmelblau;

impl Himmelblau {
    /// Intersections of the two parabolas, by Newton's method in 30 digits.
    const MINIMA: [[f64; 2]; 4] = [
        [3.0, 2.0],
        [-2.805118086952745, 3.131312518250573],
        [-3.779310253377747, -3.2831859912861696],
        [3.5844283403304917, -1.8481265269644036],
    ];
}

impl Shape for Himmelblau {
    const FACTS: Facts = Facts {
        name: "himmelblau",
        formula: "f(x, y) = (x² + y − 11)² + (x + y² − 7)²",
        source: "Himmelblau, Applied Nonlinear Programming (1972)",
        lesson: "Four minima, all equally low: where a walk starts decides where it ends.",
        dimensions: Dimensions::Only(2),
        parameter: None,
    };

    #[inline(always)]
    fn value(&self, x: &[f64]) -> f64 {
        let [x, y] = coordinates(x);
        let (a, b) = (x * x + y - 11.0, x + y * y - 7.0);
        a * a + b * b
    }

    #[inline(always)]
    fn gradient(&self, x: &[f64], mut put: impl FnMut(usize, f64)) {
        let [x, y] = coordinates(x);
        let (a, b) = (x * x + y - 11.0, x + y * y - 7.0);
        put(0, 4.0 * a * x + 2.0 * b);
        put(1, 2.0 * a + 4.0 * b * y);
    }

    fn hessian(&self, x: &[f64], mut put: impl FnMut(usize, usize, f64)) {
        let [x, y] = coordinates(x);
        let (a, b) = (x * x + y - 11.0, x + y * y - 7.0);
        put(0, 0, 8.0 * x * x + 4.0 * a + 2.0);
        put(1, 1, 8.0 * y * y + 4.0 * b + 2.0);
        put(0, 1, 4.0 * (x + y));
        put(1, 0, 4.0 * (x + y));
    }

    fn minima(&self, _: usize) -> Vec<Minimum> {
        Self::MINIMA.iter().map(|point| Minimum::global(point, 0.0)).collect()
    }

    fn bounds(&self, _: usize) -> Vec<(f64, f64)> {
        vec![(-5.0, 5.0); 2]
    }

    fn start(&self, _: usize) -> Vec<f64> {
        vec![0.0; 2]
    }

    fn learning_rate(&self) -> f64 {
        0.01
    }
}

/// Beale's function. Towards x → −∞ near y = 1 it sinks for ever, to no minimum.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Beale;

impl Beale {
    const CONSTANTS: [f64; 3] = [1.5, 2.25, 2.625];

    /// For each k: 1 − yᵏ and its first and second derivative, as (u, u′, u″).
    #[inline(always)]
    fn factors(y: f64) -> [(f64, f64, f64); 3] {
        [
            (1.0 - y, -1.0, 0.0),
            (1.0 - y * y, -2.0 * y, -2.0),
            (1.0 - y * y * y, -3.0 * y * y, -6.0 * y),
        ]
    }
}

impl Shape for Beale {
    const FACTS: Facts = Facts {
        name: "beale",
        formula: "f(x, y) = (1.5 − x + xy)² + (2.25 − x + xy²)² + (2.625 − x + xy³)²",
        source: "Beale, On an iterative method for finding a local minimum of a function of more \
                 than one variable, Technical Report 25, Princeton (1958)",
        lesson: "A flat basin between walls that rise to 10⁵ in the corners of its bounds: an η \
                 that suits the basin diverges on the walls.",
        dimensions: Dimensions::Only(2),
        parameter: None,
    };

    #[inline(always)]
    fn value(&self, x: &[f64]) -> f64 {
        let [x, y] = coordinates(x);
        let mut sum = 0.0;
        for ((u, _, _), c) in Self::factors(y).into_iter().zip(Self::CONSTANTS) {
            let rest = c - x * u;
            sum += rest * rest;
        }
        sum
    }

    #[inline(always)]
    fn gradient(&self, x: &[f64], mut put: impl FnMut(usize, f64)) {
        let [x, y] = coordinates(x);
        let (mut by_x, mut by_y) = (0.0, 0.0);
        for ((u, du, _), c) in Self::factors(y).into_iter().zip(Self::CONSTANTS) {
            let rest = c - x * u;
            by_x -= 2.0 * rest * u;
            by_y -= 2.0 * rest * x * du;
        }
        put(0, by_x);
        put(1, by_y);
    }

    fn hessian(&self, x: &[f64], mut put: impl FnMut(usize, usize, f64)) {
        let [x, y] = coordinates(x);
        let (mut xx, mut xy, mut yy) = (0.0, 0.0, 0.0);
        for ((u, du, ddu), c) in Self::factors(y).into_iter().zip(Self::CONSTANTS) {
            let rest = c - x * u;
            xx += 2.0 * u * u;
            xy += 2.0 * (x * u - rest) * du;
            yy += 2.0 * (x * du * (x * du) - rest * x * ddu);
        }
        put(0, 0, xx);
        put(0, 1, xy);
        put(1, 0, xy);
        put(1, 1, yy);
    }

    fn minima(&self, _: usize) -> Vec<Minimum> {
        vec![Minimum::global(&[3.0, 0.5], 0.0)]
    }

    fn bounds(&self, _: usize) -> Vec<(f64, f64)> {
        vec![(-4.5, 4.5); 2]
    }

    fn start(&self, _: usize) -> Vec<f64> {
        vec![1.0; 2]
    }

    fn learning_rate(&self) -> f64 {
        0.01
    }
}

/// The camel with three humps, upside down.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct ThreeHumpCamel;

impl ThreeHumpCamel {
    /// x² = 2.1 + √0.91 and y = −x/2, in 50 digits; the same on the other side.
    const LOCAL: [f64; 2] = [1.7475523458302888, -0.8737761729151444];
    const LOCAL_VALUE: f64 = 0.2986384422368598;
}

impl Shape for ThreeHumpCamel {
    const FACTS: Facts = Facts {
        name: "three_hump_camel",
        formula: "f(x, y) = 2x² − 1.05x⁴ + x⁶/6 + xy + y²",
        source: "Jamil and Yang, A literature survey of benchmark functions for global optimization \
                 problems, Int. J. Mathematical Modelling and Numerical Optimisation 4(2) (2013)",
        lesson: "Three basins in a row, of which the middle one is the deepest. From the start plain \
                 descent ends in the one on the right; momentum 0.9 rolls on over the hill, and comes \
                 to rest in the global minimum.",
        dimensions: Dimensions::Only(2),
        parameter: None,
    };

    #[inline(always)]
    fn value(&self, x: &[f64]) -> f64 {
        let [x, y] = coordinates(x);
        let square = x * x;
        square * (2.0 - square * (1.05 - square / 6.0)) + y * (x + y)
    }

    #[inline(always)]
    fn gradient(&self, x: &[f64], mut put: impl FnMut(usize, f64)) {
        let [x, y] = coordinates(x);
        let square = x * x;
        put(0, x * (4.0 - square * (4.2 - square)) + y);
        put(1, x + 2.0 * y);
    }

    fn hessian(&self, x: &[f64], mut put: impl FnMut(usize, usize, f64)) {
        let [x, _] = coordinates(x);
        let square = x * x;
        put(0, 0, 4.0 - square * (12.6 - 5.0 * square));
        put(0, 1, 1.0);
        put(1, 0, 1.0);
        put(1, 1, 2.0);
    }

    fn minima(&self, _: usize) -> Vec<Minimum> {
        let [x, y] = Self::LOCAL;
        vec![
            Minimum::global(&[0.0, 0.0], 0.0),
            Minimum::local(&[x, y], Self::LOCAL_VALUE),
            Minimum::local(&[-x, -y], Self::LOCAL_VALUE),
        ]
    }

    fn bounds(&self, _: usize) -> Vec<(f64, f64)> {
        vec![(-2.0, 2.0); 2]
    }

    fn start(&self, _: usize) -> Vec<f64> {
        vec![1.8, 1.5]
    }

    fn learning_rate(&self) -> f64 {
        0.05
    }
}
