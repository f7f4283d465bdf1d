//! e^x and ln(1 + t) where the losses need them, without a branch or a call.
//!
//! A library's functions are called once a number and stop all vector code around them. These are a
//! few dozen additions and multiplications, good to about one unit in the last place, and the same
//! bits on every machine. In double precision, for singles too.

/// e^x for x ≤ 0; 0 below −708, where it is less than 1e−307. A NaN stays.
///
/// x = n ln 2 + r with |r| ≤ ½ ln 2, so that e^x = 2ⁿ e^r, and e^r is its Taylor polynomial of degree
/// 13. Source: Cody and Waite, *Software Manual for the Elementary Functions* (1980), chapter 6. Its
/// terms are added up in pairs, as in Estrin, "Organization of computer systems: the fixed plus
/// variable structure computer" (1960).
#[inline(always)]
pub fn exp_of_negative(x: f64) -> f64 {
    const LOWEST: f64 = -708.0;
    /// Adding it leaves a whole number in the lowest bits.
    const ROUNDER: f64 = 6_755_399_441_055_744.0; // 1.5 · 2⁵²
    // ln 2 in two parts: n times the first is exact.
    const LN_2_HIGH: f64 = f64::from_bits(0x3fe6_2e42_fee0_0000);
    const LN_2_LOW: f64 = f64::from_bits(0x3dea_39ef_3579_3c76);
    let is_below = x < LOWEST;
    let x = if is_below { LOWEST } else { x };
    let rounded = x * std::f64::consts::LOG2_E + ROUNDER;
    let n = rounded - ROUNDER;
    let r = (x - n * LN_2_HIGH) - n * LN_2_LOW;
    // 1 + (r + r²·(c₂ + c₃r + … + c₁₃r¹¹)), the twelve terms in pairs and fours side by side: one
    // after the other they are a chain, and a step of stochastic descent waits for all of it.
    let square = r * r;
    let fourth = square * square;
    let rest = (four(2, r, square) + four(6, r, square) * fourth)
        + four(10, r, square) * (fourth * fourth);
    let sum = 1.0 + (r + square * rest);
    let power = f64::from_bits(rounded.to_bits().wrapping_add(1023) << 52);
    if is_below { 0.0 } else { sum * power }
}

/// Four of the terms, c_k + c_{k+1} r + c_{k+2} r² + c_{k+3} r³. (No closures: they need not be inlined.)
#[inline(always)]
fn four(k: usize, r: f64, square: f64) -> f64 {
    let c = &INVERSE_FACTORIALS;
    (c[k] + c[k + 1] * r) + (c[k + 2] + c[k + 3] * r) * square
}

/// 1/k!
const INVERSE_FACTORIALS: [f64; 14] = {
    let mut inverse = [1.0; 14];
    let (mut k, mut factorial) = (1, 1.0);
    while k < 14 {
        factorial *= k as f64;
        inverse[k] = 1.0 / factorial;
        k += 1;
    }
    inverse
};

/// ln(1 + t) for 0 ≤ t ≤ 1. A NaN stays.
///
/// ln(1 + t) = 2 artanh(t/(2 + t)); from √2 − 1 on it is ln 2 + ln((1 + t)/2) instead, so that the
/// argument of artanh is at most 0.1716 in size and ten terms of its series are enough.
#[inline(always)]
pub fn ln_1p_of_unit(t: f64) -> f64 {
    let is_large = t > std::f64::consts::SQRT_2 - 1.0;
    let numerator = if is_large { t - 1.0 } else { t };
    let denominator = if is_large { t + 3.0 } else { t + 2.0 };
    let whole = if is_large { std::f64::consts::LN_2 } else { 0.0 };
    let s = numerator / denominator;
    let square = s * s;
    let mut sum = 1.0 / 19.0;
    let mut k = 8;
    while k > 0 {
        sum = sum * square + 1.0 / (2 * k + 1) as f64;
        k -= 1;
    }
    let twice = s + s;
    whole + (twice + twice * square * sum)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn close(found: f64, expected: f64) -> bool {
        (found - expected).abs() <= 4.0 * f64::EPSILON * expected.abs()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(20_000))]

        #[test]
        fn the_exponential(x in prop_oneof![-708.0..=0.0f64, -2.0..=0.0f64, -1e-3..=0.0f64]) {
            prop_assert!(close(exp_of_negative(x), x.exp()), "{x}: {}", exp_of_negative(x));
        }

        #[test]
        fn the_logarithm(t in prop_oneof![0.0..=1.0f64, 0.0..1e-3f64, 1e-300..1e-10f64]) {
            prop_assert!(close(ln_1p_of_unit(t), t.ln_1p()), "{t}: {}", ln_1p_of_unit(t));
        }
    }

    #[test]
    fn ends_of_the_ranges() {
        assert_eq!(exp_of_negative(0.0), 1.0);
        assert_eq!(exp_of_negative(-709.0), 0.0);
        assert_eq!(exp_of_negative(f64::NEG_INFINITY), 0.0);
        assert!(exp_of_negative(f64::NAN).is_nan());
        assert_eq!(ln_1p_of_unit(0.0), 0.0);
        assert_eq!(ln_1p_of_unit(1.0), std::f64::consts::LN_2);
        assert!(ln_1p_of_unit(f64::NAN).is_nan());
        assert_eq!(INVERSE_FACTORIALS[4], 1.0 / 24.0);
    }
}
