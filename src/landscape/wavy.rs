//! Surfaces with many minima: Rastrigin's, and x·cos(cx).

use std::f64::consts::PI;

use super::{Dimensions, Facts, Minimum, Parameter, Shape, coordinates};

/// Rastrigin's function. Within its bounds alone there are 11ᵖ local minima.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Rastrigin;

impl Rastrigin {
    /// The minimum of one coordinate next to 0: 2x + 20π sin 2πx = 0, by Newton's method.
    const LOCAL: f64 = 0.9949586376523348;
    const LOCAL_VALUE: f64 = 0.9949590570932914;
    /// The most coordinates for which the local minima are listed: (2p + 1) points of p numbers.
    const MOST_LISTED: usize = 100;
}

impl Shape for Rastrigin {
    const FACTS: Facts = Facts {
        name: "rastrigin",
        formula: "f(x) = Σⱼ xⱼ² + 10 (1 − cos 2πxⱼ)",
        source: "Rastrigin, Systems of Extremal Control (in Russian, 1974); Mühlenbein, Schomisch \
                 and Born, The parallel genetic algorithm as function optimizer, Parallel \
                 Computing 17 (1991)",
        lesson: "A bowl with ripples: near each point of whole numbers, as far as 31 from 0, lies \
                 a local minimum, and descent stops in the nearest. Only the lowest minima are \
                 listed: the global one and, for p ≤ 100, the 2p next to it. For any number of \
                 coordinates.",
        dimensions: Dimensions::AtLeast(1),
        parameter: None,
    };

    #[inline(always)]
    fn value(&self, x: &[f64]) -> f64 {
        x.iter().map(|&x| x * x + 10.0 * (1.0 - (2.0 * PI * x).cos())).sum()
    }

    #[inline(always)]
    fn gradient(&self, x: &[f64], mut put: impl FnMut(usize, f64)) {
        for (j, &x) in x.iter().enumerate() {
            put(j, 2.0 * x + 20.0 * PI * (2.0 * PI * x).sin());
        }
    }

    fn hessian(&self, x: &[f64], mut put: impl FnMut(usize, usize, f64)) {
        for (j, &x) in x.iter().enumerate() {
            put(j, j, 2.0 + 40.0 * PI * PI * (2.0 * PI * x).cos());
        }
    }

    fn minima(&self, p: usize) -> Vec<Minimum> {
        let mut minima = vec![Minimum::global(&vec![0.0; p], 0.0)];
        if p <= Self::MOST_LISTED {
            for (j, sign) in (0..p).flat_map(|j| [(j, 1.0), (j, -1.0)]) {
                let mut local = Minimum::local(&vec![0.0; p], Self::LOCAL_VALUE);
                local.point[j] = sign * Self::LOCAL;
                minima.push(local);
            }
        }
        minima
    }

    fn bounds(&self, p: usize) -> Vec<(f64, f64)> {
        vec![(-5.12, 5.12); p]
    }

    fn start(&self, p: usize) -> Vec<f64> {
        let mut start = vec![0.3; p];
        start[0] = 0.7;
        start
    }

    fn learning_rate(&self) -> f64 {
        0.002
    }
}

/// x·cos(cx). With u = |c|x it is (u cos u)/|c|, so one list of minima, where u tan u = 1, does for every
/// c: the five with |u| ≤ 4.5π, which are the bounds. With η = 2 (and the default c), an example of the
/// source, the walk ends in the poorest, at u = −0.860334.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct XCos {
    c: f64,
}

impl XCos {
    /// u and u cos u at the minima with |u| ≤ 4.5π, by Newton's method; the lowest first.
    const MINIMA: [(f64, f64); 5] = [
        (-12.645287223856643, -12.605931297892676),
        (9.529334405361963, -9.477294259479795),
        (-6.437298179171947, -6.361003944833853),
        (3.4256184594817283, -3.2883713955908966),
        (-0.8603335890193797, -0.5610963381910451),
    ];
}

impl Default for XCos {
    fn default() -> Self {
        XCos { c: 0.15 * PI }
    }
}

impl Shape for XCos {
    const FACTS: Facts = Facts {
        name: "x_cos",
        formula: "f(x) = x cos(c x)",
        source: "Zhang, Lipton, Li and Smola, Dive into Deep Learning (2023), section 12.3",
        lesson: "Waves that grow with |x|. A small η ends in the minimum next to the start, a \
                 large one jumps over hills. The minimum called global is the lowest within the \
                 bounds; f has deeper ones further out, without end.",
        dimensions: Dimensions::Only(1),
        parameter: Some(Parameter { name: "c", expected: "a number with |c| from 1e-6 to 1e6" }),
    };

    fn with_parameter(c: f64) -> Option<Self> {
        (1e-6..=1e6).contains(&c.abs()).then_some(XCos { c })
    }

    fn parameter(&self) -> Option<f64> {
        Some(self.c)
    }

    #[inline(always)]
    fn value(&self, x: &[f64]) -> f64 {
        let [x] = coordinates(x);
        x * (self.c * x).cos()
    }

    #[inline(always)]
    fn gradient(&self, x: &[f64], mut put: impl FnMut(usize, f64)) {
        let [x] = coordinates(x);
        let u = self.c * x;
        put(0, u.cos() - u * u.sin());
    }

    fn hessian(&self, x: &[f64], mut put: impl FnMut(usize, usize, f64)) {
        let [x] = coordinates(x);
        let u = self.c * x;
        put(0, 0, -self.c * (2.0 * u.sin() + u * u.cos()));
    }

    fn minima(&self, _: usize) -> Vec<Minimum> {
        // f is the same for c and −c.
        let c = self.c.abs();
        let scaled = Self::MINIMA.iter().enumerate();
        scaled
            .map(|(rank, &(u, value))| Minimum {
                point: vec![u / c],
                value: value / c,
                is_global: rank == 0,
            })
            .collect()
    }

    fn bounds(&self, _: usize) -> Vec<(f64, f64)> {
        let far = 4.5 * PI / self.c.abs();
        vec![(-far, far)]
    }

    fn start(&self, _: usize) -> Vec<f64> {
        vec![1.5 * PI / self.c.abs()]
    }

    fn learning_rate(&self) -> f64 {
        0.25 / self.c.abs()
    }
}
