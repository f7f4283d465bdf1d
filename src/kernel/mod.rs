//! The arithmetic that everything else waits for, and the choice of instruction set it runs with.
//!
//! The bodies in [`vector`], [`narrow`], [`four`], [`chunked`] and [`tile`] are plain safe Rust,
//! written so that the compiler turns them into vector code: a fixed number of independent
//! accumulators, no early exits. They are `#[inline(always)]` and get their instruction set from the
//! function they are inlined into, which [`dispatch`] picks once per pass over a block of rows.
//!
//! Rust never contracts `a * b + c` into one fused operation, and the accumulators and their
//! reduction are fixed, so every instruction set gives the same bits.

pub mod chunked;
mod exponential;
mod fetch;
pub mod four;
mod level;
pub mod narrow;
pub mod tile;
pub mod vector;

pub use exponential::{exp_of_negative, ln_1p_of_unit};
pub use fetch::{fetch, fetch_near};
pub use level::{Level, level};

/// One pass over some rows, to be compiled once per instruction set.
///
/// `run` must be `#[inline(always)]`, down to the innermost loop: a call that is not inlined
/// falls back to the baseline instruction set (slower, never wrong).
pub trait Pass {
    /// What the pass returns.
    type Output;
    /// Whether there is any use in 512-bit vectors: if not, it is not compiled for them. In a chain of
    /// sums over a few numbers, each of which waits for the one before, wider registers only make the
    /// ways longer.
    const WIDE: bool = true;
    /// Whether there is for this pass, if for any.
    #[inline(always)]
    fn is_long(&self) -> bool {
        true
    }
    /// The pass itself.
    fn run(self) -> Self::Output;
}

/// Runs `pass` with the widest instruction set that this processor has (see [`level()`]).
#[inline]
pub fn dispatch<P: Pass>(pass: P) -> P::Output {
    #[cfg(target_arch = "x86_64")]
    {
        let level = level();
        if P::WIDE && level == Level::Avx512 && pass.is_long() {
            // SAFETY: `level()` returns `Avx512` only where the processor reports these features.
            return unsafe { run_avx512(pass) };
        }
        if level >= Level::Avx2 {
            // SAFETY: `level()` returns `Avx2` or more only where the processor reports this feature.
            return unsafe { run_avx2(pass) };
        }
    }
    pass.run()
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
