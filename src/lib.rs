//! Gradient descent you can watch.
//!
//! # The problem
//!
//! Given n rows xᵢ of d features with targets yᵢ, find the parameters θ that make
//!
//! ```text
//! f(θ) = Σᵢ sᵢ·ℓ(zᵢ, yᵢ) / Σᵢ sᵢ + (l2/2)‖w‖²        zᵢ = xᵢ·w + b,   θ = (b, w)
//! ```
//!
//! small, by going against the gradient of f, or of the same mean over a batch B of m rows,
//!
//! ```text
//! θ ← θ − η ∇f_B(θ)        f_B(θ) = (1/m) Σ_{i∈B} (sᵢ/s̄)·ℓ(zᵢ, yᵢ) + (l2/2)‖w‖²
//! ```
//!
//! with B all the rows (batch), one row (stochastic) or b rows (mini-batch gradient descent).
//! Source: Bottou, Curtis and Nocedal, "Optimization methods for large-scale machine learning",
//! SIAM Review 60(2), 2018.
//!
//! # Notation
//!
//! | symbol | in code | meaning |
//! |---|---|---|
//! | n, d, K | `n_rows`, `n_cols`, `n_classes` | rows, features, classes |
//! | m | `m`, `batch_size` | rows in this batch |
//! | θ | `params` | parameters, intercept first |
//! | η | `eta`, `learning_rate` | learning rate |
//! | t | `updates` | updates made so far, from 0 |
//! | ℓ, ∂ℓ/∂z | `value`, `slope` | loss of one row and its slope |
//! | sᵢ, s̄ | `weights`, `mean` | sample weight and its mean |
//!
//! # The modules, and the one direction of calls
//!
//! ```text
//! python      what Python sees: arguments, arrays, errors, the three classes  (feature `python`)
//!   │
//! descent     the loop: one for all three methods, in slices that can be stopped
//!   ├─ batches     which rows, in what order
//!   ├─ schedule    η at update t: one small file each, one table
//!   ├─ rule        how θ moves: the same  (constants: what both may be told)
//!   ├─ stop        why a walk ends
//!   ├─ history     what it leaves on record       (stopwatch: its seconds)
//!   │
//! objective   the mean over some rows (mean, penalty): linear (one score a row) · softmax (several);
//!   │         a landscape as a sum of terms: surface; predictions: scores
//!   ├─ loss        ℓ and its slope from a score: one small file a family, one table
//!   ├─ threads     a pool for the sums over a large batch
//!   │
//! rows        rows of X and columns of numbers, wherever they lie: dense, or loaded (strided)
//!   │
//! kernel      products of rows with w, slopes times rows, K scores; exponentials; prefetches; the
//!             instruction set and its registers
//!
//! Beside these:   verdict    what kind of walk a history tells of
//!                 stability  how large η may be, from the data alone
//!
//! landscape   named surfaces to walk on: value, gradient, Hessian, minima
//! random          the generator, and what is drawn from it
//! real, number    f32 or f64, and the numbers that arrays hold
//! saved           the parts that a walk is saved in, and loaded from
//! error           what can go wrong
//! ```
//!
//! Nothing lower knows anything higher. Inside the loop over the rows everything is generic in the
//! number type and the instruction set; which loss, which layout and which rule are enums outside it.
//! A pass over a batch goes group by group: a kernel leaves the products of some rows with w in a
//! buffer, the loss turns them into slopes, and the kernel adds slopes times rows.
//!
//! # Where to start
//!
//! Read [`descent::Walk::advance`], then [`objective::Linear`] and its pass. To add a loss, write its
//! value and slope in a file of [`loss`] and its line in the table there; a [`rule`], a [`schedule`] or a
//! [`landscape`] is added the same way. CONTRIBUTING.md lists what else speaks of each.

// Without the bindings much of the core has no caller.
#![cfg_attr(not(feature = "python"), allow(dead_code, unused_imports))]
#![cfg_attr(feature = "bench", allow(clippy::len_without_is_empty))]

mod batches;
mod descent;
mod error;
mod history;
mod kernel;
mod landscape;
mod loss;
mod number;
mod objective;
mod random;
mod real;
mod rows;
mod rule;
mod saved;
mod schedule;
mod stability;
mod stop;
mod stopwatch;
#[cfg(test)]
mod testing;
mod threads;
mod verdict;

#[cfg(feature = "python")]
mod python;

#[cfg(feature = "count-allocations")]
mod allocations;

/// What `benches/kernels.rs` times.
#[cfg(feature = "bench")]
#[doc(hidden)]
pub mod bench {
    pub use crate::batches::{Batching, EpochOrder, Sampling};
    pub use crate::kernel::{Pass, dispatch, vector};
    pub use crate::loss::PointLoss;
    pub use crate::objective::{
        Kept, Linear, MOST_STEPS, Penalty, RowSums, Run, SampleWeights, Softmax,
    };
    pub use crate::real::Real;
    pub use crate::rows::{Column, Dense, RowSet};
}
