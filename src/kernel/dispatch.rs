//! The choice of instruction set: once for each pass over a block of rows.
//!
//! There are two kinds of passes: those whose loops over numbers the compiler turns into vector code
//! ([`Pass`]), and those that name the vectors themselves ([`LanesPass`]).
//!
//! `run` must be `#[inline(always)]`, down to the innermost loop: a call that is not inlined falls back
//! to the baseline instruction set (slower, never wrong).

use super::lanes::{self, Simd};
use super::level::{Level, level};

/// One pass over some rows, to be compiled once per instruction set.
pub trait Pass {
    type Output;
    /// Whether the pass is compiled for 512-bit vectors, too. A chain of sums over a few numbers, each
    /// of which waits for the one before, only becomes longer by wider registers.
    const WIDE: bool = true;
    /// Whether this pass is long enough to use them, if it is compiled for them.
    #[inline(always)]
    fn is_long(&self) -> bool {
        true
    }
    fn run(self) -> Self::Output;
}

/// One pass over some rows that says itself what is to be in one register: see
/// [`Lanes`](super::Lanes).
pub trait LanesPass {
    type Output;
    fn run<S: Simd>(self) -> Self::Output;
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

/// The same for a pass over named vectors.
#[inline]
pub fn dispatch_lanes<P: LanesPass>(pass: P) -> P::Output {
    #[cfg(target_arch = "x86_64")]
    match level() {
        // SAFETY: `level()` returns `Avx512` only where the processor reports these features.
        Level::Avx512 => return unsafe { run_lanes_avx512(pass) },
        // SAFETY: `level()` returns `Avx2` only where the processor reports these features.
        Level::Avx2 => return unsafe { run_lanes_avx2(pass) },
        Level::Baseline => {}
    }
    pass.run::<lanes::Plain>()
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

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,fma")]
pub(super) fn run_lanes_avx512<P: LanesPass>(pass: P) -> P::Output {
    pass.run::<lanes::Avx512>()
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,fma")]
pub(super) fn run_lanes_avx2<P: LanesPass>(pass: P) -> P::Output {
    pass.run::<lanes::Avx2>()
}
