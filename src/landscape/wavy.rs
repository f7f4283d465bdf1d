//! Surfaces with many minima: Rastrigin's, and x·cos(cx).

use std::f64::consts::PI;

use super::{Minimum, Shape, coordinates};

/// Rastrigin's function, f(x) = Σⱼ xⱼ² + 10(1 − cos 2πxⱼ), for any number of coordinates.
///
/// A bowl with ripples: near each point of whole numbers, as far as 31 from 0, lies a local
/// minimum, and descent finds the nearest.
///
/// - Minima listed: the global one, 0 at x = 0; and, for p ≤ 100, the 2p lowest local ones, 0.99496
///   at ±0.99496 in one coordinate and 0 in the others. The others are left out: within the
///   bounds alone there are 11ᵖ.
/// - Bounds: ±5.12. Start: (0.7, 0.3, 0.3, …), from which descent gets stuck in the local
///   minimum (0.99496, 0, 0, …). η = 0.002.
/// - Source: Rastrigin, *Systems of Extremal Control* (in Russian, 1974); for p > 2, Mühlenbein,
///   Schomisch and Born, "The parallel genetic algorithm as function optimizer", Parallel
///   Computing 17(6–7), 1991.
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
    const N_PARAMS: Option<usize> = None;
    const FORMULA: &'static str = "f(x) = Σⱼ xⱼ² + 10 (1 − cos 2πxⱼ)";
    const SOURCE: &'static str = "Rastrigin, Systems of Extremal Control (in Russian, 1974); \
                                  Mühlenbein, Schomisch and Born, The parallel genetic algorithm \
                                  as function optimizer, Parallel Computing 17 (1991)";

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

/// x·cos(cx): waves that grow with |x|. A small η ends in the minimum next to the start; a large
/// one jumps over hills, and may end in a better minimum or a worse one.
///
/// With u = |c|x it is (u cos u)/|c|, so one list of minima, where u tan u = 1, does for every c.
///
/// - Minima: the five within the bounds, at u = −12.645287, −6.437298, −0.860334, 3.425618 and
///   9.529334, with the values (u cos u)/|c|. The first is the lowest, −12.605931/|c|, and called
///   the global one, though f has deeper ones further out, without end.
/// - Bounds: |u| ≤ 4.5π, that is ±30 for the default c = 0.15π. Start: u = 1.5π (x = 10 by
///   default), which leads to the minimum at u = 3.425618. η = 0.25/|c|. With η = 2 (and the default
///   c), an example of the source, the walk ends in the poorest one, at u = −0.860334.
/// - Source: Zhang, Lipton, Li and Smola, *Dive into Deep Learning* (2023), section 12.3.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct XCos {
    c: f64,
}

impl XCos {
    /// c if none is given.
    pub const DEFAULT_C: f64 = 0.15 * PI;
    /// The range of |c|.
    pub const RANGE: (f64, f64) = (1e-6, 1e6);

    /// u and u cos u at the minima with |u| ≤ 4.5π, by Newton's method; the lowest first.
    const MINIMA: [(f64, f64); 5] = [
        (-12.645287223856643, -12.605931297892676),
        (9.529334405361963, -9.477294259479795),
        (-6.437298179171947, -6.361003944833853),
        (3.4256184594817283, -3.2883713955908966),
        (-0.8603335890193797, -0.5610963381910451),
    ];

    /// The wave of that c; `None` unless |c| is in [`RANGE`](Self::RANGE).
    pub fn new(c: f64) -> Option<Self> {
        (Self::RANGE.0..=Self::RANGE.1).contains(&c.abs()).then_some(XCos { c })
    }

    /// c.
    pub fn c(&self) -> f64 {
        self.c
    }
}

impl Default for XCos {
    fn default() -> Self {
        XCos { c: Self::DEFAULT_C }
    }
}

impl Shape for XCos {
    const N_PARAMS: Option<usize> = Some(1);
    const FORMULA: &'static str = "f(x) = x cos(c x)";
    const SOURCE: &'static str =
        "Zhang, Lipton, Li and Smola, Dive into Deep Learning (2023), section 12.3";

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
