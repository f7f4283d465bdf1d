//! How θ moves once the gradient g is known.
//!
//! A [`Rule`] is configuration, a [`Memory`] its running state: one small file a rule, and one table.
//! To add a rule, write its file and its line in the table below; Python, saved models and the tests
//! read the table. All rules share one treatment of
//! the l1 penalty: the step they would take is followed by soft thresholding,
//!
//! ```text
//! S(u, τ) = sign(u) · max(|u| − τ, 0)        τ = η · l1 · D
//! ```
//!
//! with D the rule's own diagonal scale (1 for plain, momentum and Nesterov). A θ that such a step
//! leaves where it is solves the penalised problem whatever the rule, for θ = S(θ − ηDg, ηD·l1)
//! does not depend on ηD > 0. Source: Parikh and Boyd, "Proximal algorithms", Foundations and
//! Trends in Optimization 1(3), 2014, section 4.2.

mod adadelta;
mod adagrad;
mod adam;
mod adamw;
mod clip;
mod momentum;
mod nesterov;
mod rmsprop;
mod saved;

pub use self::clip::clip_norm;
use crate::error::{OutOfMemory, try_filled};
use crate::objective::{Lasso, soft_threshold};
use crate::real::Real;
use crate::schedule::constants::{Constant, Constants, Value};

/// A rule: one small type for each, with its constants.
trait Step: Constants + Copy {
    /// What is kept of each parameter in [`Memory`]'s first buffer, and in its second.
    const KEEPS: [Kept; 2];

    /// Whether it keeps the largest mean square so far, too.
    fn keeps_largest(&self) -> bool {
        false
    }

    /// One step.
    fn step<T: Real>(&self, memory: &mut Memory<T>, update: Update<'_, T>);
}

/// What is kept of a parameter from step to step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kept {
    Nothing,
    /// A number that is 0 at the start.
    Number,
    /// A place: at the start, the parameter itself.
    Point,
}

macro_rules! rules {
    ($($name:ident in $file:ident,)*) => {
        $(pub use self::$file::$name;)*

        /// A rule and its constants.
        #[derive(Clone, Copy, Debug, Default, PartialEq)]
        pub enum Rule {
            /// θ ← θ − ηg. Source: Cauchy, Comptes rendus 25 (1847).
            #[default]
            Plain,
            /// By no formula that is known here: it is not this module that makes the steps, or they
            /// are not those of the rule alone.
            Other,
            $(
                #[doc = concat!("See [`", stringify!($name), "`].")]
                $name($name),
            )*
        }

        $(
            impl From<$name> for Rule {
                fn from(rule: $name) -> Rule {
                    Rule::$name(rule)
                }
            }
        )*

        impl Rule {
            /// The names and constants of all that have some, in the order of the documentation.
            pub const TABLE: &[(&str, &[Constant])] =
                &[$((<$name as Constants>::NAME, <$name as Constants>::CONSTANTS),)*];

            /// The rule of that name with these constants, in order.
            pub fn of(name: &str, values: Vec<Value>) -> Option<Rule> {
                match name {
                    $(stringify!($name) => <$name>::from_values(values).map(Rule::$name),)*
                    _ => None,
                }
            }

            /// The name and the constants, if it has some.
            pub fn constants(&self) -> Option<(&'static str, Vec<Value>)> {
                match self {
                    Rule::Plain | Rule::Other => None,
                    $(Rule::$name(rule) => Some((<$name as Constants>::NAME, rule.values())),)*
                }
            }

            fn keeps(&self) -> [Kept; 2] {
                match self {
                    Rule::Plain | Rule::Other => [Kept::Nothing; 2],
                    $(Rule::$name(_) => <$name as Step>::KEEPS,)*
                }
            }

            fn keeps_largest(&self) -> bool {
                match self {
                    Rule::Plain | Rule::Other => false,
                    $(Rule::$name(rule) => rule.keeps_largest(),)*
                }
            }

            fn take<T: Real>(&self, memory: &mut Memory<T>, update: Update<'_, T>) {
                match self {
                    Rule::Plain => plain(update),
                    Rule::Other => unreachable!("its steps are made elsewhere"),
                    $(Rule::$name(rule) => rule.step(memory, update),)*
                }
            }
        }
    };
}

rules! {
    Momentum in momentum,
    Nesterov in nesterov,
    AdaGrad in adagrad,
    RMSProp in rmsprop,
    Adadelta in adadelta,
    Adam in adam,
    AdamW in adamw,
}

/// What a rule remembers from step to step: see [`Step::KEEPS`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Memory<T> {
    first: Vec<T>,
    second: Vec<T>,
    /// See [`Step::keeps_largest`].
    largest: Vec<T>,
    steps: u64,
    /// Whether `first` is a point.
    looks_ahead: bool,
}

impl<T: Real> Memory<T> {
    /// Bytes held.
    pub fn n_bytes(&self) -> usize {
        let buffers = [&self.first, &self.second, &self.largest];
        buffers.iter().map(|buffer| buffer.capacity()).sum::<usize>() * size_of::<T>()
    }

    /// Steps made since the start, or since all was forgotten.
    pub fn steps(&self) -> u64 {
        self.steps
    }

    /// Counts a step that was made elsewhere.
    pub fn count(&mut self) {
        self.steps += 1;
    }

    /// Back to what it was before the first step, at `params`.
    pub fn forget(&mut self, params: &[T]) {
        self.second.fill(T::zero());
        self.largest.fill(T::zero());
        if self.looks_ahead {
            self.first.copy_from_slice(params);
        } else {
            self.first.fill(T::zero());
        }
        self.steps = 0;
    }

    /// Whether all that is remembered is finite.
    pub fn is_finite(&self) -> bool {
        self.first.iter().chain(&self.second).chain(&self.largest).all(|value| value.is_finite())
    }
}

/// What a step is made of.
struct Update<'o, T> {
    eta: T,
    lasso: Lasso,
    params: &'o [T],
    grad: &'o [T],
    next: &'o mut [T],
}

/// One parameter of a step.
struct Coordinate<'o, T> {
    param: T,
    grad: T,
    /// Strength of the l1 penalty on it.
    l1: T,
    /// Whether it is one that penalties leave alone.
    is_free: bool,
    /// Where it goes.
    next: &'o mut T,
}

impl<'o, T: Real> Update<'o, T> {
    #[inline(always)]
    fn coordinates(self) -> impl Iterator<Item = Coordinate<'o, T>> {
        let Lasso { l1, n_free } = self.lasso;
        let params = self.params.iter().zip(self.grad);
        self.next.iter_mut().zip(params).enumerate().map(move |(j, (next, (&param, &grad)))| {
            let is_free = j < n_free;
            let l1 = if is_free { T::zero() } else { T::from_f64(l1) };
            Coordinate { param, grad, l1, is_free, next }
        })
    }

    /// θ ← θ − ηg/s(v), v the squares of the slopes as `square` gathers them, and s `scale`.
    #[inline(always)]
    fn divide(self, squares: &mut [T], square: impl Fn(T, T) -> T, scale: impl Fn(T) -> T) {
        let eta = self.eta;
        for (at, kept) in self.coordinates().zip(squares) {
            *kept = square(*kept, at.grad);
            let scale = scale(*kept);
            *at.next = soft_threshold(at.param - eta * at.grad / scale, eta * at.l1 / scale);
        }
    }
}

fn plain<T: Real>(update: Update<'_, T>) {
    let Update { eta, lasso, .. } = update;
    if lasso.l1 == 0.0 {
        for ((next, &param), &grad) in update.next.iter_mut().zip(update.params).zip(update.grad) {
            *next = param - eta * grad;
        }
        return;
    }
    for at in update.coordinates() {
        *at.next = soft_threshold(at.param - eta * at.grad, eta * at.l1);
    }
}

impl Rule {
    /// Every rule with its default constants, the plain one first.
    pub fn all() -> Vec<Rule> {
        let of = |&(name, constants): &(&str, &[Constant])| {
            let defaults = constants.iter().map(|constant| constant.default.clone());
            Rule::of(name, defaults.collect::<Option<_>>()?)
        };
        [Rule::Plain].into_iter().chain(Rule::TABLE.iter().filter_map(of)).collect()
    }

    /// Whether each update needs g and θ alone.
    pub fn is_plain(&self) -> bool {
        *self == Rule::Plain
    }

    /// What the rule remembers before its first step, at the start `params`.
    pub fn memory<T: Real>(&self, params: &[T]) -> Result<Memory<T>, OutOfMemory> {
        let [first, second] = self.keeps();
        let buffer = |kept: Kept| {
            let length = if kept == Kept::Nothing { 0 } else { params.len() };
            try_filled(length, T::zero())
        };
        let looks_ahead = first == Kept::Point;
        let largest = if self.keeps_largest() { Kept::Number } else { Kept::Nothing };
        let mut memory = Memory {
            first: buffer(first)?,
            second: buffer(second)?,
            largest: buffer(largest)?,
            steps: 0,
            looks_ahead,
        };
        memory.forget(params);
        Ok(memory)
    }

    /// Writes the θ that follows `params` into `next`.
    pub fn step<T: Real>(
        &self,
        memory: &mut Memory<T>,
        eta: T,
        lasso: Lasso,
        params: &[T],
        grad: &[T],
        next: &mut [T],
    ) {
        self.take(memory, Update { eta, lasso, params, grad, next });
    }
}

#[cfg(test)]
mod tests;
