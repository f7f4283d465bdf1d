//! The arithmetic that everything else waits for, and the choice of instruction set it runs with.
//!
//! The bodies in [`vector`], [`narrow`], [`four`], [`tile`] and [`wide`] are plain safe Rust, written so that
//! the compiler turns them into vector code: a fixed number of independent accumulators, no early exits. They are
//! `#[inline(always)]` and get their instruction set from the function they are inlined into,
//! which [`dispatch`] picks once per pass over a block of rows.
//!
//! Rust never contracts `a * b + c` into one fused operation, and the accumulators and their
//! reduction are fixed, so every instruction set gives the same bits; but for [`wide`], which asks for
//! fused operations where there are any (see [`FusedPass`]).

mod exponential;
mod fetch;
pub mod four;
mod gather;
mod level;
pub mod narrow;
pub mod softmax;
pub mod tile;
pub mod vector;
pub mod wide;

pub use exponential::{exp_of_negative, ln_1p_of_unit};
pub use fetch::{fetch, fetch_number};
pub use gather::gather;
pub use level::{Level, level};
pub use wide::GROUP;

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

/// A pass that may fuse a product and the sum it is added to: not the same bits at every instruction
/// set, but fewer roundings.
pub trait FusedPass {
    /// What the pass returns.
    type Output;
    /// The pass itself, inlined like that of [`Pass`]. WIDE: there are 32 registers of 64 bytes.
    /// FUSED: `mul_add` is one instruction; elsewhere it would be a slow call.
    fn run<const WIDE: bool, const FUSED: bool>(self) -> Self::Output;
}

/// Runs `pass` with the widest instruction set that this processor has (see [`level()`]).
#[inline]
pub fn dispatch_fused<P: FusedPass>(pass: P) -> P::Output {
    #[cfg(target_arch = "x86_64")]
    match level() {
        // SAFETY: `level()` returns `Avx512` only where the processor reports these features.
        Level::Avx512 => return unsafe { run_fused_avx512(pass) },
        // SAFETY: `level()` returns `Avx2` only where the processor reports these features.
        Level::Avx2 => return unsafe { run_fused_avx2(pass) },
        Level::Baseline => {}
    }
    pass.run::<false, { cfg!(target_arch = "aarch64") }>()
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,fma")]
fn run_fused_avx512<P: FusedPass>(pass: P) -> P::Output {
    pass.run::<true, true>()
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,fma")]
fn run_fused_avx2<P: FusedPass>(pass: P) -> P::Output {
    pass.run::<false, true>()
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
