//! Landscapes: named test surfaces f(x) to walk on, without any data.
//!
//! | name | f | what it teaches |
//! |---|---|---|
//! | [`bowl`](Bowl) | ½‖x‖² | descent as it should be |
//! | [`ravine`](Ravine) | ½(x² + κy²) | the steep direction limits η, the flat one pays for it |
//! | [`rosenbrock`](Rosenbrock) | a curved valley | fast into the valley, slowly along it |
//! | [`himmelblau`](Himmelblau) | four equal minima | the start decides where a walk ends |
//! | [`beale`](Beale) | a flat basin between steep walls | one η has to do for both |
//! | [`rastrigin`](Rastrigin) | a bowl with ripples | descent stops in the nearest local minimum |
//! | [`double_well`](DoubleWell) | two wells, one deeper | noise crosses a barrier, descent does not |
//! | [`plateau`](Plateau) | flat, then a bowl | vanishing gradients, and what momentum does about them |
//! | [`saddle`](Saddle) | x² − y² | a zero of the gradient that is no minimum |
//! | [`x_cos`](XCos) | x·cos(cx) | the learning rate decides which minimum is met |
//!
//! Each surface is a small type with its formula, its source and what is known about it; what all
//! of them answer to is [`Landscape`]. They are written for `f64` alone: a landscape has no data
//! whose type it could follow, and in `f32` a plateau or a barrier would show its rounding.
//! To walk on one, make it an objective: [`objective::Surface`](crate::objective::Surface).

mod double_well;
mod plateau;
mod quadratic;
mod valley;
mod wavy;

pub use double_well::DoubleWell;
pub use plateau::Plateau;
pub use quadratic::{Bowl, Ravine, Saddle};
pub use valley::{Beale, Himmelblau, Rosenbrock};
pub use wavy::{Rastrigin, XCos};

/// A place where a landscape is lower than anywhere near it.
#[derive(Clone, Debug, PartialEq)]
pub struct Minimum {
    /// Where it is.
    pub point: Vec<f64>,
    /// f there.
    pub value: f64,
    /// Whether it is the lowest of all (or as low as the lowest). For a landscape that has no
    /// lowest point, whether it is the lowest within the landscape's bounds.
    pub is_global: bool,
}

impl Minimum {
    fn global(point: &[f64], value: f64) -> Self {
        Minimum { point: point.to_vec(), value, is_global: true }
    }

    fn local(point: &[f64], value: f64) -> Self {
        Minimum { point: point.to_vec(), value, is_global: false }
    }
}

/// What a surface has to tell. `x` has the number of coordinates p that the surface is defined
/// for, and so have the answers; anything else panics.
trait Shape {
    /// p, or `None` if the surface is defined for more than one.
    const N_PARAMS: Option<usize>;
    /// The formula, in one line.
    const FORMULA: &'static str;
    /// Where it comes from.
    const SOURCE: &'static str;
    /// The least p, where p is not fixed.
    const LEAST_PARAMS: usize = 1;

    /// f(x).
    fn value(&self, x: &[f64]) -> f64;

    /// Hands ∂f/∂xⱼ to `put(j, …)`, once for each j.
    ///
    /// Not an output slice: a step can then use each number as it comes, without a buffer.
    fn gradient(&self, x: &[f64], put: impl FnMut(usize, f64));

    /// Hands ∂²f/∂xᵢ∂xⱼ to `put(i, j, …)`, once for each i, j at which it is not zero.
    fn hessian(&self, x: &[f64], put: impl FnMut(usize, usize, f64));

    fn minima(&self, p: usize) -> Vec<Minimum>;

    /// From … to, for each coordinate: the part worth drawing.
    fn bounds(&self, p: usize) -> Vec<(f64, f64)>;

    fn start(&self, p: usize) -> Vec<f64>;

    fn learning_rate(&self) -> f64;
}

/// Declares the enum of all surfaces, and how it hands a question on to the one at hand.
macro_rules! landscapes {
    ($($variant:ident $name:literal $default:expr;)*) => {
        /// One of the named surfaces, with its parameter.
        #[derive(Clone, Copy, Debug, PartialEq)]
        pub enum Landscape {
            $(
                #[doc = concat!("See [`", stringify!($variant), "`].")]
                $variant($variant),
            )*
        }

        impl Landscape {
            /// The names, in the order of the table above.
            pub const NAMES: &'static [&'static str] = &[$($name),*];

            /// The landscape of that name, with the default parameter.
            pub fn by_name(name: &str) -> Option<Self> {
                match name {
                    $($name => Some(Landscape::$variant($default)),)*
                    _ => None,
                }
            }

            /// The name, one of [`NAMES`](Self::NAMES).
            pub fn name(&self) -> &'static str {
                match self {
                    $(Landscape::$variant(_) => $name,)*
                }
            }
        }

        $(
            impl From<$variant> for Landscape {
                fn from(shape: $variant) -> Self {
                    Landscape::$variant(shape)
                }
            }
        )*

        /// Asks the surface inside a landscape: `$answer` is compiled for each of them.
        macro_rules! ask {
            ($landscape:expr, $shape:ident => $answer:expr) => {
                match $landscape {
                    $(Landscape::$variant($shape) => $answer,)*
                }
            };
        }
    };
}

landscapes! {
    Bowl "bowl" Bowl;
    Ravine "ravine" Ravine::default();
    Rosenbrock "rosenbrock" Rosenbrock;
    Himmelblau "himmelblau" Himmelblau;
    Beale "beale" Beale;
    Rastrigin "rastrigin" Rastrigin;
    DoubleWell "double_well" DoubleWell;
    Plateau "plateau" Plateau;
    Saddle "saddle" Saddle;
    XCos "x_cos" XCos::default();
}

fn n_params_of<S: Shape>(_: &S) -> Option<usize> {
    S::N_PARAMS
}

fn least_params_of<S: Shape>(_: &S) -> usize {
    S::N_PARAMS.unwrap_or(S::LEAST_PARAMS)
}

fn formula_of<S: Shape>(_: &S) -> &'static str {
    S::FORMULA
}

fn source_of<S: Shape>(_: &S) -> &'static str {
    S::SOURCE
}

/// Methods that take x or p expect a number of coordinates that [`fits`](Self::fits), or may panic.
impl Landscape {
    /// The number of coordinates p, or `None` if there is a choice (see [`fits`](Self::fits)).
    pub fn n_params(&self) -> Option<usize> {
        ask!(self, shape => n_params_of(shape))
    }

    /// p for drawing and for a first walk: its only one, or 2.
    pub fn usual_n_params(&self) -> usize {
        self.n_params().unwrap_or(2)
    }

    /// The least p that [`fits`](Self::fits).
    pub fn least_n_params(&self) -> usize {
        ask!(self, shape => least_params_of(shape))
    }

    /// Whether the surface is defined for p coordinates.
    pub fn fits(&self, p: usize) -> bool {
        p >= self.least_n_params() && self.n_params().is_none_or(|only| only == p)
    }

    /// The parameter of the surface, by name, if it has one.
    pub fn parameter(&self) -> Option<(&'static str, f64)> {
        match self {
            Landscape::Ravine(ravine) => Some(("condition", ravine.condition())),
            Landscape::XCos(x_cos) => Some(("c", x_cos.c())),
            _ => None,
        }
    }

    /// f(x).
    #[inline]
    pub fn value(&self, x: &[f64]) -> f64 {
        ask!(self, shape => shape.value(x))
    }

    /// out ← ∇f(x).
    #[inline]
    pub fn gradient(&self, x: &[f64], out: &mut [f64]) {
        assert_eq!(x.len(), out.len(), "one derivative a coordinate");
        ask!(self, shape => shape.gradient(x, |j, slope| out[j] = slope));
    }

    /// Returns f(x); hands ∂f/∂xⱼ to `put(j, …)`, once for each j.
    ///
    /// f(x) goes to `put` as well, for those who want to look at it before they use a derivative.
    #[inline]
    pub(crate) fn value_and_slopes(&self, x: &[f64], mut put: impl FnMut(f64, usize, f64)) -> f64 {
        ask!(self, shape => {
            let value = shape.value(x);
            shape.gradient(x, |j, slope| put(value, j, slope));
            value
        })
    }

    /// out ← the second derivatives at x, p × p in C order.
    pub fn hessian(&self, x: &[f64], out: &mut [f64]) {
        let p = x.len();
        assert_eq!(out.len(), p * p, "one second derivative a pair of coordinates");
        out.fill(0.0);
        ask!(self, shape => shape.hessian(x, |i, j, curvature| out[i * p + j] = curvature));
    }

    /// The known minima: the documentation of each surface says which.
    pub fn minima(&self, p: usize) -> Vec<Minimum> {
        self.assert_fits(p);
        ask!(self, shape => shape.minima(p))
    }

    /// (lower, upper) for each coordinate: the part of the surface worth drawing.
    pub fn bounds(&self, p: usize) -> Vec<(f64, f64)> {
        self.assert_fits(p);
        ask!(self, shape => shape.bounds(p))
    }

    /// Where a first walk starts. With [`learning_rate`](Self::learning_rate) it ends in one of
    /// the [`minima`](Self::minima), if there are any.
    pub fn start(&self, p: usize) -> Vec<f64> {
        self.assert_fits(p);
        ask!(self, shape => shape.start(p))
    }

    /// A constant η that is right for plain descent from [`start`](Self::start).
    pub fn learning_rate(&self) -> f64 {
        ask!(self, shape => shape.learning_rate())
    }

    /// The formula, in one line.
    pub fn formula(&self) -> &'static str {
        ask!(self, shape => formula_of(shape))
    }

    /// Where the surface comes from.
    pub fn source(&self) -> &'static str {
        ask!(self, shape => source_of(shape))
    }

    fn assert_fits(&self, p: usize) {
        assert!(self.fits(p), "{} is not defined for {p} coordinates", self.name());
    }
}

/// The coordinates of a surface that has a fixed number of them.
#[inline(always)]
fn coordinates<const P: usize>(x: &[f64]) -> [f64; P] {
    x.try_into().expect("as many coordinates as the surface has")
}

#[cfg(test)]
mod tests;
