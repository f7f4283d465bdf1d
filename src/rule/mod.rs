//! How θ moves once the gradient g is known.
//!
//! A [`Rule`] is configuration, a [`Memory`] its running state. All rules share one treatment of
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

mod saved;

pub use self::saved::MemoryParts;
use crate::error::{OutOfMemory, try_filled};
use crate::objective::{Lasso, soft_threshold};
use crate::real::Real;

/// A rule and its constants.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum Rule {
    /// θ ← θ − ηg. Source: Cauchy, Comptes rendus 25 (1847).
    #[default]
    Plain,
    /// v ← βv + g, θ ← θ − ηv, with v = 0 at the start. Source: Polyak, "Some methods of speeding
    /// up the convergence of iteration methods", USSR Comp. Math. and Math. Phys. 4(5), 1964.
    ///
    /// With l1 the velocity is what was moved, v ← (θ − θ_next)/η, so that it dies where the
    /// threshold holds a parameter at zero.
    Momentum {
        /// Share of the velocity that is kept, 0 ≤ β < 1.
        beta: f64,
    },
    /// q ← θ − ηg, θ ← q + β(q − q_before), with q_before = θ at the start: the gradient is that of
    /// the point looked ahead to. At a constant η this is v ← βv + g, θ ← θ − η(g + βv). Source:
    /// Nesterov, Soviet Math. Doklady 27 (1983), with a constant β; with l1 (q ← S(θ − ηg, η·l1))
    /// Beck and Teboulle's FISTA, SIAM J. Imaging Sciences 2(1), 2009.
    Nesterov {
        /// Momentum, 0 ≤ β < 1.
        beta: f64,
    },
    /// G ← G + g², θ ← θ − ηg/(√G + ε), element by element, with G = 0 at the start and ε outside
    /// the root. Source: Duchi, Hazan and Singer, JMLR 12 (2011).
    AdaGrad {
        /// Keeps the quotient finite.
        epsilon: f64,
    },
    /// E ← ρE + (1 − ρ)g², θ ← θ − ηg/(√E + ε), element by element, with E = 0 at the start and ε
    /// outside the root. Source: Hinton, "Neural networks for machine learning", lecture 6e, 2012
    /// (which has no ε).
    RmsProp {
        /// Share of the mean square that is kept, 0 ≤ ρ < 1.
        rho: f64,
        /// Keeps the quotient finite.
        epsilon: f64,
    },
    /// m ← β₁m + (1 − β₁)g, v ← β₂v + (1 − β₂)g², m̂ = m/(1 − β₁ᵏ), v̂ = v/(1 − β₂ᵏ) at the k-th step,
    /// θ ← θ − ηm̂/(√v̂ + ε), with ε outside the root. Source: Kingma and Ba, ICLR 2015, algorithm 1.
    Adam {
        /// Share of the mean that is kept, 0 ≤ β₁ < 1.
        beta1: f64,
        /// Share of the mean square that is kept, 0 ≤ β₂ < 1.
        beta2: f64,
        /// Keeps the quotient finite.
        epsilon: f64,
    },
}

/// What a rule remembers from step to step. Which buffer means what depends on the rule.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Memory<T> {
    /// Momentum's v, Nesterov's q_before, Adam's m.
    first: Vec<T>,
    /// AdaGrad's G, RMSProp's E, Adam's v.
    second: Vec<T>,
    /// Adam's k.
    steps: u64,
    /// Whether `first` is a point rather than a velocity or a mean.
    looks_ahead: bool,
}

impl<T: Real> Memory<T> {
    /// Bytes held.
    pub fn n_bytes(&self) -> usize {
        (self.first.capacity() + self.second.capacity()) * size_of::<T>()
    }

    /// Back to what it was before the first step, at `params`.
    pub fn forget(&mut self, params: &[T]) {
        self.second.fill(T::zero());
        if self.looks_ahead {
            self.first.copy_from_slice(params);
        } else {
            self.first.fill(T::zero());
        }
        self.steps = 0;
    }

    /// Whether all that is remembered is finite.
    pub fn is_finite(&self) -> bool {
        self.first.iter().chain(&self.second).all(|value| value.is_finite())
    }
}

impl Rule {
    /// Whether each update needs g and θ alone.
    pub fn is_plain(&self) -> bool {
        *self == Rule::Plain
    }

    /// What the rule remembers before its first step, at the start `params`.
    pub fn memory<T: Real>(&self, params: &[T]) -> Result<Memory<T>, OutOfMemory> {
        let zeros = || try_filled(params.len(), T::zero());
        let (first, second) = match self {
            Rule::Plain => (Vec::new(), Vec::new()),
            Rule::Momentum { .. } => (zeros()?, Vec::new()),
            Rule::Nesterov { .. } => {
                let mut before = zeros()?;
                before.copy_from_slice(params);
                (before, Vec::new())
            }
            Rule::AdaGrad { .. } | Rule::RmsProp { .. } => (Vec::new(), zeros()?),
            Rule::Adam { .. } => (zeros()?, zeros()?),
        };
        let looks_ahead = matches!(self, Rule::Nesterov { .. });
        Ok(Memory { first, second, steps: 0, looks_ahead })
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
        if self.is_plain() && lasso.l1 == 0.0 {
            for ((next, &param), &grad) in next.iter_mut().zip(params).zip(grad) {
                *next = param - eta * grad;
            }
            return;
        }
        let Memory { first, second, steps, .. } = memory;
        let one = T::one();
        let l1_of = |j: usize| if j < lasso.n_free { T::zero() } else { T::from_f64(lasso.l1) };
        let coordinates = next.iter_mut().zip(params.iter().zip(grad)).enumerate();
        match *self {
            Rule::Plain => {
                for (j, (next, (&param, &grad))) in coordinates {
                    *next = soft_threshold(param - eta * grad, eta * l1_of(j));
                }
            }
            Rule::Momentum { beta } => {
                let beta = T::from_f64(beta);
                for ((j, (next, (&param, &grad))), v) in coordinates.zip(first) {
                    *v = beta * *v + grad;
                    let l1 = l1_of(j);
                    *next = soft_threshold(param - eta * *v, eta * l1);
                    if l1 > T::zero() && eta > T::zero() {
                        *v = (param - *next) / eta;
                    }
                }
            }
            Rule::Nesterov { beta } => {
                let beta = T::from_f64(beta);
                for ((j, (next, (&param, &grad))), before) in coordinates.zip(first) {
                    let q = soft_threshold(param - eta * grad, eta * l1_of(j));
                    *next = q + beta * (q - *before);
                    *before = q;
                }
            }
            Rule::AdaGrad { epsilon } => {
                let epsilon = T::from_f64(epsilon);
                for ((j, (next, (&param, &grad))), sum) in coordinates.zip(second) {
                    *sum += grad * grad;
                    let scale = sum.sqrt() + epsilon;
                    *next = soft_threshold(param - eta * grad / scale, eta * l1_of(j) / scale);
                }
            }
            Rule::RmsProp { rho, epsilon } => {
                let (rho, epsilon) = (T::from_f64(rho), T::from_f64(epsilon));
                for ((j, (next, (&param, &grad))), mean) in coordinates.zip(second) {
                    *mean = rho * *mean + (one - rho) * grad * grad;
                    let scale = mean.sqrt() + epsilon;
                    *next = soft_threshold(param - eta * grad / scale, eta * l1_of(j) / scale);
                }
            }
            Rule::Adam { beta1, beta2, epsilon } => {
                *steps += 1;
                let k = i32::try_from(*steps).unwrap_or(i32::MAX);
                // What is missing from means that began at zero.
                let (whole1, whole2) =
                    (T::from_f64(1.0 - beta1.powi(k)), T::from_f64(1.0 - beta2.powi(k)));
                let (beta1, beta2) = (T::from_f64(beta1), T::from_f64(beta2));
                let epsilon = T::from_f64(epsilon);
                let buffers = first.iter_mut().zip(second);
                for ((j, (next, (&param, &grad))), (m, v)) in coordinates.zip(buffers) {
                    *m = beta1 * *m + (one - beta1) * grad;
                    *v = beta2 * *v + (one - beta2) * grad * grad;
                    let scale = (*v / whole2).sqrt() + epsilon;
                    let u = param - eta * (*m / whole1) / scale;
                    *next = soft_threshold(u, eta * l1_of(j) / scale);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests;
