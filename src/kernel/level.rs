//! Which instruction set the passes use: found once, at the first pass of the process.

use std::sync::OnceLock;

/// An instruction set that the passes are compiled for, narrowest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// What every processor of this architecture has (SSE2 on x86-64, NEON on AArch64).
    Baseline,
    /// 256-bit vectors, and fused products (AVX2 and FMA).
    Avx2,
    /// 512-bit vectors (F, BW, DQ and VL), and fused products.
    Avx512,
}

impl Level {
    /// The widest level that this processor has.
    pub fn widest() -> Level {
        #[cfg(target_arch = "x86_64")]
        if is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma") {
            if is_x86_feature_detected!("avx512f")
                && is_x86_feature_detected!("avx512bw")
                && is_x86_feature_detected!("avx512dq")
                && is_x86_feature_detected!("avx512vl")
            {
                return Level::Avx512;
            }
            return Level::Avx2;
        }
        Level::Baseline
    }

    /// The level that the environment variable `GRADWALK_SIMD` names, if it names one.
    fn parse(name: &str) -> Option<Level> {
        match name {
            "baseline" => Some(Level::Baseline),
            "avx2" => Some(Level::Avx2),
            "avx512" => Some(Level::Avx512),
            _ => None,
        }
    }
}

/// The level in force: the widest one, or the narrower one that `GRADWALK_SIMD` asks for.
///
/// A level that the processor lacks is never used, whatever the variable says.
#[inline]
pub fn level() -> Level {
    static LEVEL: OnceLock<Level> = OnceLock::new();
    *LEVEL.get_or_init(|| {
        let widest = Level::widest();
        std::env::var("GRADWALK_SIMD")
            .ok()
            .and_then(|name| Level::parse(&name))
            .map_or(widest, |asked| asked.min(widest))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_levels() {
        assert_eq!(Level::parse("baseline"), Some(Level::Baseline));
        assert_eq!(Level::parse("avx2"), Some(Level::Avx2));
        assert_eq!(Level::parse("avx512"), Some(Level::Avx512));
        assert_eq!(Level::parse("AVX"), None);
    }

    #[test]
    fn never_wider_than_the_processor() {
        assert!(level() <= Level::widest());
    }
}
