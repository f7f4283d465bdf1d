//! The arithmetic that everything else waits for, and the choice of instruction set it runs with.
//!
//! The bodies in [`vector`], [`narrow`], [`four`] and [`tile`] are plain safe Rust, written so that
//! the compiler turns them into vector code: a fixed number of independent accumulators, no early exits. They are
//! `#[inline(always)]` and get their instruction set from the function they are inlined into,
//! which [`dispatch`] picks once per pass over a block of rows.
//!
//! Rust never contracts `a * b + c` into one fused operation, and the accumulators and their
//! reduction are fixed, so every instruction set gives the same bits.

mod exponential;
mod fetch;
mod lanes;
mod level;
pub mod many;
pub mod narrow;
pub mod pair;
pub mod tile;
pub mod vector;

pub use exponential::{exp_of_negative, ln_1p_of_unit};
pub use fetch::{fetch, fetch_line};
pub use lanes::{Lanes, Simd, TOGETHER};
pub use level::{Level, level};

/// One pass over some rows, to be compiled once per instruction set.
///
/// `run` must be `#[inline(always)]`, down to the innermost loop: a call that is not inlined
/// falls back to the baseline instruction set (slower, never wrong).
pub trait Pass {
    /// What the pass returns.
    type Output;
    /// The pass itself.
    fn run(self) -> Self::Output;
}

/// Runs `pass` with the widest instruction set that this processor has (see [`level()`]).
#[inline]
pub fn dispatch<P: Pass>(pass: P) -> P::Output {
    #[cfg(target_arch = "x86_64")]
    match level() {
        // SAFETY: `level()` returns `Avx512` only where the processor reports these features.
        Level::Avx512 => return unsafe { run_avx512(pass) },
        // SAFETY: `level()` returns `Avx2` only where the processor reports this feature.
        Level::Avx2 => return unsafe { run_avx2(pass) },
        Level::Baseline => {}
    }
    pass.run()
}

/// One pass over some rows that says itself what is to be in one register (see [`Lanes`]), to be compiled
/// once per instruction set. `run` must be `#[inline(always)]`, as in [`Pass`].
pub trait LanesPass {
    /// What the pass returns.
    type Output;
    /// The pass itself.
    fn run<S: Simd>(self) -> Self::Output;
}

/// Runs `pass` with the widest instruction set that this processor has (see [`level()`]).
#[inline]
pub fn dispatch_lanes<P: LanesPass>(pass: P) -> P::Output {
    #[cfg(target_arch = "x86_64")]
    match level() {
        // SAFETY: `level()` returns `Avx512` only where the processor reports these features.
        Level::Avx512 => return unsafe { run_lanes_avx512(pass) },
        // SAFETY: `level()` returns `Avx2` only where the processor reports this feature.
        Level::Avx2 => return unsafe { run_lanes_avx2(pass) },
        Level::Baseline => {}
    }
    pass.run::<lanes::Plain>()
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl")]
fn run_lanes_avx512<P: LanesPass>(pass: P) -> P::Output {
    pass.run::<lanes::Avx512>()
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
fn run_lanes_avx2<P: LanesPass>(pass: P) -> P::Output {
    pass.run::<lanes::Avx2>()
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl")]
fn run_avx512<P: Pass>(pass: P) -> P::Output {
    pass.run()
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
fn run_avx2<P: Pass>(pass: P) -> P::Output {
    pass.run()
}
