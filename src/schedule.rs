//! The learning rate η as a function of the global update counter t, counted from 0.

/// Where η comes from.
#[derive(Clone, Debug, PartialEq)]
pub enum Schedule {
    /// η(t) = η₀.
    Constant(f64),
    /// η(t) = η₀ / (1 + t/τ)^p. With p = 1 this is t₀/(t + t₁) for η₀ = t₀/t₁ and τ = t₁. Source:
    /// Bottou, "Stochastic gradient descent tricks" (2012), section 5.2; Géron, *Hands-On Machine
    /// Learning*, chapter 4, for the second form.
    InverseScaling {
        /// η₀.
        initial: f64,
        /// τ, in updates: where η has fallen to η₀/2ᵖ.
        tau: f64,
        /// p.
        power: f64,
    },
    /// η(t) = η₀ γᵗ. Source: Senior et al., "An empirical study of learning rates in deep neural
    /// networks for speech recognition", ICASSP 2013.
    Exponential {
        /// η₀.
        initial: f64,
        /// γ, 0 < γ ≤ 1.
        decay: f64,
    },
    /// η(t) = η₀ γ^⌊t/s⌋: a stair. Source: Goodfellow, Bengio and Courville, *Deep Learning*
    /// (2016), section 8.3.1.
    StepDecay {
        /// η₀.
        initial: f64,
        /// γ, 0 < γ ≤ 1.
        factor: f64,
        /// s, updates a step.
        every: u64,
    },
    /// η(t) = η_min + ½(η₀ − η_min)(1 + cos(π t/T)) up to t = T, then η_min. Source: Loshchilov and
    /// Hutter, "SGDR: stochastic gradient descent with warm restarts", ICLR 2017 (one period).
    Cosine {
        /// η₀.
        initial: f64,
        /// T, updates down to the floor.
        updates: u64,
        /// η_min.
        floor: f64,
    },
    /// η(t) = then(0)·(t + 1)/k for t < k, after that then(t − k). Source: Goyal et al., "Accurate,
    /// large minibatch SGD" (2017), section 2.2.
    Warmup {
        /// k, updates of the ramp.
        updates: u64,
        /// What follows.
        then: Box<Schedule>,
    },
    /// η of the updates `first`, `first + 1`, …: a window that the caller computed (from a Python
    /// function, say) and renews when the walk asks for it.
    Window {
        /// The update that the first rate belongs to.
        first: u64,
        /// One rate an update.
        rates: Vec<f64>,
    },
}

impl Schedule {
    /// η at update `t`, or `None` if a window does not reach it.
    #[inline(always)]
    pub fn at(&self, t: u64) -> Option<f64> {
        match self {
            Schedule::Constant(rate) => Some(*rate),
            Schedule::Window { first, rates } => {
                rates.get(usize::try_from(t.checked_sub(*first)?).ok()?).copied()
            }
            formula => formula.formula_at(t),
        }
    }

    /// η at updates `t`, `t` + 1, …, as many as a window reaches, into `rates`; how many.
    #[inline]
    pub fn fill(&self, t: u64, rates: &mut [f64]) -> usize {
        if let Schedule::Constant(rate) = self {
            rates.fill(*rate);
            return rates.len();
        }
        let known = (t..).map_while(|t| self.at(t));
        rates.iter_mut().zip(known).map(|(rate, known)| *rate = known).count()
    }

    fn formula_at(&self, t: u64) -> Option<f64> {
        let time = t as f64;
        Some(match self {
            Schedule::InverseScaling { initial, tau, power } => {
                initial / (1.0 + time / tau).powf(*power)
            }
            Schedule::Exponential { initial, decay } => initial * decay.powf(time),
            Schedule::StepDecay { initial, factor, every } => {
                initial * factor.powf((t / every) as f64)
            }
            Schedule::Cosine { floor, updates, .. } if t >= *updates => *floor,
            Schedule::Cosine { initial, updates, floor } => {
                let angle = std::f64::consts::PI * time / *updates as f64;
                floor + 0.5 * (initial - floor) * (1.0 + angle.cos())
            }
            Schedule::Warmup { updates, then } if t < *updates => {
                then.at(0)? * (time + 1.0) / *updates as f64
            }
            Schedule::Warmup { updates, then } => return then.at(t - updates),
            Schedule::Constant(_) | Schedule::Window { .. } => return self.at(t),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(schedule: &Schedule, times: &[u64]) -> Vec<f64> {
        times.iter().map(|&t| schedule.at(t).unwrap()).collect()
    }

    #[test]
    fn a_window_ends() {
        let window = Schedule::Window { first: 10, rates: vec![0.1, 0.2] };
        assert_eq!(window.at(9), None);
        assert_eq!(window.at(10), Some(0.1));
        assert_eq!(window.at(11), Some(0.2));
        assert_eq!(window.at(12), None);
        assert_eq!(Schedule::Constant(0.3).at(u64::MAX), Some(0.3));
        let mut rates = [0.0; 3];
        assert_eq!(window.fill(11, &mut rates), 1);
        assert_eq!(rates[0], 0.2);
        assert_eq!(Schedule::Constant(0.3).fill(5, &mut rates), 3);
        assert_eq!(rates, [0.3; 3]);
    }

    #[test]
    fn formulas_at_places_known_by_hand() {
        let inverse = Schedule::InverseScaling { initial: 0.8, tau: 10.0, power: 2.0 };
        assert_eq!(at(&inverse, &[0, 10]), [0.8, 0.2]);
        let exponential = Schedule::Exponential { initial: 2.0, decay: 0.5 };
        assert_eq!(at(&exponential, &[0, 1, 3]), [2.0, 1.0, 0.25]);
        let stair = Schedule::StepDecay { initial: 1.0, factor: 0.1, every: 5 };
        assert_eq!(at(&stair, &[0, 4, 5, 9, 10]), [1.0, 1.0, 0.1, 0.1, 0.1f64.powi(2)]);
        let cosine = Schedule::Cosine { initial: 1.0, updates: 10, floor: 0.2 };
        assert_eq!(at(&cosine, &[0, 10, 11]), [1.0, 0.2, 0.2]);
        assert!((cosine.at(5).unwrap() - 0.6).abs() < 1e-15);
        let then = Box::new(Schedule::Exponential { initial: 2.0, decay: 0.5 });
        let warmup = Schedule::Warmup { updates: 4, then };
        assert_eq!(at(&warmup, &[0, 1, 3, 4, 5]), [0.5, 1.0, 2.0, 2.0, 1.0]);
    }

    #[test]
    fn the_textbook_form_of_inverse_scaling() {
        let (t0, t1) = (5.0, 50.0);
        let schedule = Schedule::InverseScaling { initial: t0 / t1, tau: t1, power: 1.0 };
        for t in [0, 1, 7, 1000] {
            let textbook = t0 / (t as f64 + t1);
            assert!((schedule.at(t).unwrap() - textbook).abs() < 1e-16);
        }
    }
}
