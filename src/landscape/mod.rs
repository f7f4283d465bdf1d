//! Landscapes: named test surfaces f(x) to walk on, without any data: one small type each, and one table.
//! To add one, write it and its line in the table below; Python, its documentation and the tests read
//! the table.
//!
//! They are written for `f64` alone: a landscape has no data whose type it could follow, and in `f32` a
//! plateau or a barrier would show its rounding. To walk on one, make it an objective:
//! [`objective::Surface`](crate::objective::Surface).

mod double_well;
mod plateau;
mod quadratic;
mod valley;
mod wavy;

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

/// How many coordinates p a surface has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dimensions {
    /// So many.
    Only(usize),
    /// So many or more.
    AtLeast(usize),
}

/// The one number by which surfaces of a name differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Parameter {
    /// The name that users write.
    pub name: &'static str,
    /// What it may be, in words for a complaint.
    pub expected: &'static str,
}

/// What is told of a surface.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Facts {
    /// The name that users write.
    pub name: &'static str,
    /// The formula, in one line.
    pub formula: &'static str,
    /// Where it comes from.
    pub source: &'static str,
    /// What it teaches.
    pub lesson: &'static str,
    /// How many coordinates it has.
    pub dimensions: Dimensions,
    /// Its parameter, if it has one.
    pub parameter: Option<Parameter>,
}

/// A surface: one small type for each. `x` has a number of coordinates p that it is defined for, and so
/// have the answers; anything else panics.
trait Shape: Default {
    /// What is told of it.
    const FACTS: Facts;

    /// The one with this parameter, if it has one and that may be it.
    fn with_parameter(_value: f64) -> Option<Self> {
        None
    }

    /// Its parameter.
    fn parameter(&self) -> Option<f64> {
        None
    }

    /// f(x).
    fn value(&self, x: &[f64]) -> f64;

    /// Hands ∂f/∂xⱼ to `put(j, …)`, once for each j.
    ///
    /// Not an output slice: a step can then use each number as it comes, without a buffer.
    fn gradient(&self, x: &[f64], put: impl FnMut(usize, f64));

    /// Hands ∂²f/∂xᵢ∂xⱼ to `put(i, j, …)`, once for each i, j at which it is not zero.
    fn hessian(&self, x: &[f64], put: impl FnMut(usize, usize, f64));

    /// The known minima: all of them, unless the lesson says which.
    fn minima(&self, p: usize) -> Vec<Minimum>;

    /// From … to, for each coordinate: the part worth drawing.
    fn bounds(&self, p: usize) -> Vec<(f64, f64)>;

    fn start(&self, p: usize) -> Vec<f64>;

    fn learning_rate(&self) -> f64;
}

macro_rules! landscapes {
    ($($name:ident in $file:ident,)*) => {
        $(use self::$file::$name;)*

        /// One of the surfaces, with its parameter.
        #[derive(Clone, Copy, Debug, PartialEq)]
        pub enum Landscape {
            $(
                #[doc = concat!("See `", stringify!($file), ".rs`.")]
                $name($name),
            )*
        }

        impl Landscape {
            /// All of them, in the order of the documentation, with their default parameters.
            pub fn all() -> Vec<Self> {
                vec![$(Landscape::$name($name::default()),)*]
            }

            /// What is told of it.
            pub const fn facts(&self) -> &'static Facts {
                match self {
                    $(Landscape::$name(_) => &<$name as Shape>::FACTS,)*
                }
            }

            /// The same surface with this parameter, if it has one and that may be it.
            pub fn with_parameter(&self, value: f64) -> Option<Self> {
                match self {
                    $(Landscape::$name(_) => $name::with_parameter(value).map(Landscape::$name),)*
                }
            }
        }

        /// Asks the surface inside a landscape: `$answer` is compiled for each of them.
        macro_rules! ask {
            ($landscape:expr, $shape:ident => $answer:expr) => {
                match $landscape {
                    $(Landscape::$name($shape) => $answer,)*
                }
            };
        }
    };
}

landscapes! {
    Bowl in quadratic,
    Ravine in quadratic,
    Rosenbrock in valley,
    Himmelblau in valley,
    Beale in valley,
    ThreeHumpCamel in valley,
    Rastrigin in wavy,
    DoubleWell in double_well,
    Plateau in plateau,
    Saddle in quadratic,
    XCos in wavy,
}

/// Methods that take x or p expect a number of coordinates that [`fits`](Self::fits), or may panic.
impl Landscape {
    /// The landscape of that name, with the default parameter.
    pub fn by_name(name: &str) -> Option<Self> {
        Landscape::all().into_iter().find(|landscape| landscape.name() == name)
    }

    /// The name that users write.
    pub fn name(&self) -> &'static str {
        self.facts().name
    }

    /// The number of coordinates p, or `None` if there is a choice (see [`fits`](Self::fits)).
    pub fn n_params(&self) -> Option<usize> {
        match self.facts().dimensions {
            Dimensions::Only(p) => Some(p),
            Dimensions::AtLeast(_) => None,
        }
    }

    /// p for drawing and for a first walk: its only one, or 2.
    pub fn usual_n_params(&self) -> usize {
        self.n_params().unwrap_or(2)
    }

    /// The least p that [`fits`](Self::fits).
    pub fn least_n_params(&self) -> usize {
        let (Dimensions::Only(least) | Dimensions::AtLeast(least)) = self.facts().dimensions;
        least
    }

    /// Whether the surface is defined for p coordinates.
    pub fn fits(&self, p: usize) -> bool {
        p >= self.least_n_params() && self.n_params().is_none_or(|only| only == p)
    }

    /// Its parameter, if it has one.
    pub fn parameter(&self) -> Option<f64> {
        ask!(self, shape => shape.parameter())
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

    /// The known minima: all of them, unless the lesson says which.
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
