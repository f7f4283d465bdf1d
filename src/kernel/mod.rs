//! The arithmetic that everything else waits for, and the choice of instruction set it runs with.
//!
//! Most bodies here are plain safe Rust, written so that the compiler turns them into vector code: a
//! fixed number of independent accumulators, no early exits. They are `#[inline(always)]` and get
//! their instruction set from the function they are inlined into, which [`dispatch()`] picks once per
//! pass over a block of rows. Loops over several rows at once name their registers: [`Lanes`].
//!
//! Rust never contracts `a * b + c` into one fused operation, and the accumulators and their
//! reduction are fixed, so every instruction set gives the same bits. Only [`products`], for
//! cross_entropy, asks for fused operations where there are any (see [`Lanes::mul_add`]).
//!
//! ```text
//! one row           vector · chunked (θ in registers over a run of rows)
//! eight rows        rows
//! K scores a row    products (many features) · tile (few) · softmax (e^z over them)
//! underneath        stream · lanes · exponential · prefetch · aligned · level · dispatch
//! ```

mod aligned;
pub mod chunked;
mod dispatch;
mod exponential;
mod lanes;
mod level;
mod prefetch;
pub mod products;
mod rows;
pub mod softmax;
mod stream;
pub mod tile;
pub mod vector;

pub use aligned::Aligned;
pub use dispatch::{LanesPass, Pass, dispatch, dispatch_lanes};
pub use exponential::{exp_of_negative, ln_1p_of_unit};
pub use lanes::{EIGHT, Lanes, Simd, array_from, sum_pairwise};
pub use level::{Level, level};
pub use prefetch::{
    LINE, prefetch, prefetch_buffer, prefetch_line, prefetch_near, prefetch_number,
};
pub use products::GROUP;
pub use rows::{RowKernel, WithRowKernel, many, with_row_kernel};
pub use stream::read_through;
