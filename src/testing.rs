//! What several tests are made of.

use std::convert::Infallible;

use crate::batches::{Batching, Sampling};
use crate::descent::{Budget, Plan, Progress, State, Walk};
use crate::history::Record;
use crate::kernel::vector::dot;
use crate::objective::Objective;
use crate::random::standard_normals;
use crate::real::Real;
use crate::rows::Dense;
use crate::rule::Rule;
use crate::schedule::Schedule;
use crate::stop::Criteria;

/// Normal features, each column with a scale and an offset of its own, and targets or labels that
/// follow a line with noise.
pub struct Problem {
    pub x: Vec<f64>,
    pub real: Vec<f64>,
    pub labels: Vec<f64>,
    pub n: usize,
    pub d: usize,
}

impl Problem {
    pub fn new(seed: u64) -> Self {
        Self::with_spread(seed, 0.5)
    }

    /// Scales are e^{spread·normal}, offsets normal times half the spread.
    pub fn with_spread(seed: u64, spread: f64) -> Self {
        let mut normals = standard_normals(seed);
        let mut normal = || normals.next().unwrap();
        let d = 1 + (seed % 6) as usize;
        let n = 20 + 17 * (seed % 11) as usize;
        let columns: Vec<(f64, f64)> =
            (0..d).map(|_| ((spread * normal()).exp(), 0.5 * spread * normal())).collect();
        let x: Vec<f64> = (0..n)
            .flat_map(|_| {
                columns.iter().map(|(scale, offset)| scale * normal() + offset).collect::<Vec<_>>()
            })
            .collect();
        let w: Vec<f64> = (0..d).map(|_| 2.0 * normal()).collect();
        let bias = normal();
        let real: Vec<f64> = x.chunks(d).map(|x| dot(x, &w) + bias + normal()).collect();
        let labels = real.iter().map(|&z| f64::from(z + normal() > bias)).collect();
        Problem { x, real, labels, n, d }
    }

    pub fn rows(&self) -> Dense<'_, f64> {
        Dense::new(&self.x, self.n, self.d).unwrap()
    }
}

/// Plain descent for so many epochs.
pub fn plan(batch_size: usize, sampling: Sampling, epochs: u64) -> Plan {
    Plan {
        batching: Batching { batch_size, drop_last: false, sampling },
        seed: 3,
        until_epoch: epochs,
        first_epoch: 0,
        stop: Criteria { tol: None, patience: 5, gtol: None, step_tol: None, max_updates: None },
        full_loss: false,
        rule: Rule::Plain,
        clip_norm: None,
        restore_best: false,
        pause_at_epochs: false,
        keep_grad: false,
    }
}

/// Walks from `start` to the end.
pub fn walk<T: Real>(
    objective: &mut dyn Objective<T, Error = Infallible>,
    plan: &Plan,
    schedule: &Schedule,
    start: Vec<T>,
    record: Record,
) -> State<T> {
    let mut state = State::new(start, record, &plan.rule).unwrap();
    loop {
        let walk = &mut Walk {
            objective: &mut *objective,
            validation: None,
            plan,
            schedule,
            state: &mut state,
        };
        if let Progress::Stopped(_) = walk.advance(Budget::of_rows(usize::MAX)).unwrap() {
            return state;
        }
    }
}
