//! The vectors of AVX2. For what makes the calls sound see the module above.

use std::arch::x86_64::*;
use std::marker::PhantomData;

use super::{ends_256, exchange, is_single, named};
use crate::kernel::lanes::{EIGHT, Lanes, Simd, array_from};
use crate::real::Real;

/// 256-bit registers.
#[derive(Clone, Copy)]
pub struct Avx2;

impl Simd for Avx2 {
    type Vector<T: Real, const N: usize> = Two256<T>;
    const WIDE: bool = false;
}

/// Two registers; singles are kept as the doubles of the same bits.
#[derive(Clone, Copy)]
pub struct Two256<T>(__m256d, __m256d, PhantomData<T>);

impl<T: Real, const N: usize> Lanes<T, N> for Two256<T> {
    const ROWS: usize = 4;

    #[inline(always)]
    fn load(from: &[T; N]) -> Self {
        assert!(N * size_of::<T>() == 64, "64 bytes");
        let at: *const f64 = from.as_ptr().cast();
        // SAFETY: see `x86`; the array is 64 bytes long.
        unsafe { Two256(_mm256_loadu_pd(at), _mm256_loadu_pd(at.add(4)), PhantomData) }
    }

    #[inline(always)]
    fn load_bytes(from: &[u8]) -> Self {
        let from: &[u8; 64] = from.first_chunk().expect("64 bytes");
        let at: *const f64 = from.as_ptr().cast();
        // SAFETY: see `x86`; the array is 64 bytes long, and any bits are numbers.
        unsafe { Two256(_mm256_loadu_pd(at), _mm256_loadu_pd(at.add(4)), PhantomData) }
    }

    #[inline(always)]
    fn load_ends(row: &[T]) -> Self {
        let [first, last] = ends_256::<T, N>(row);
        Two256(first, last, PhantomData)
    }

    #[inline(always)]
    fn store(self, to: &mut [T; N]) {
        assert!(N * size_of::<T>() == 64, "64 bytes");
        let at: *mut f64 = to.as_mut_ptr().cast();
        // SAFETY: see `x86`; the array is 64 bytes long.
        unsafe {
            _mm256_storeu_pd(at, self.0);
            _mm256_storeu_pd(at.add(4), self.1);
        }
    }

    #[inline(always)]
    fn splat(value: T) -> Self {
        // SAFETY: see `x86`.
        let vector = unsafe {
            if is_single::<T, N>() {
                _mm256_castps_pd(_mm256_set1_ps(value.as_f64() as f32))
            } else {
                _mm256_set1_pd(value.as_f64())
            }
        };
        Two256(vector, vector, PhantomData)
    }

    #[inline(always)]
    fn add(self, other: Self) -> Self {
        Two256(add256::<T, N>(self.0, other.0), add256::<T, N>(self.1, other.1), PhantomData)
    }

    #[inline(always)]
    fn mul(self, other: Self) -> Self {
        let mul = |a, b| {
            // SAFETY: see `x86`.
            unsafe {
                if is_single::<T, N>() {
                    let (a, b) = (_mm256_castpd_ps(a), _mm256_castpd_ps(b));
                    _mm256_castps_pd(_mm256_mul_ps(a, b))
                } else {
                    _mm256_mul_pd(a, b)
                }
            }
        };
        Two256(mul(self.0, other.0), mul(self.1, other.1), PhantomData)
    }

    #[inline(always)]
    fn mul_add(self, factor: Self, other: Self) -> Self {
        let first = mul_add256::<T, N>(self.0, factor.0, other.0);
        Two256(first, mul_add256::<T, N>(self.1, factor.1, other.1), PhantomData)
    }

    #[inline(always)]
    fn sums(of: [Self; EIGHT]) -> [T; EIGHT] {
        // The halves of each row are two registers already.
        let [a, b, c, d, e, f, g, h] = array_from(|k| add256::<T, N>(of[k].0, of[k].1));
        // SAFETY: see `x86`.
        unsafe {
            let (ab, cd) = (add_halves_256::<T, N>(a, b), add_halves_256::<T, N>(c, d));
            let (ef, gh) = (add_halves_256::<T, N>(e, f), add_halves_256::<T, N>(g, h));
            let (abcd, efgh) = (add_pairs_256::<T, N>(ab, cd), add_pairs_256::<T, N>(ef, gh));
            let mut out = [0.0f64; EIGHT];
            _mm256_storeu_pd(out.as_mut_ptr(), abcd);
            _mm256_storeu_pd(out.as_mut_ptr().add(4), efgh);
            const ORDER: [usize; EIGHT] = [0, 2, 1, 3, 4, 6, 5, 7];
            if is_single::<T, N>() {
                let single = |at: usize| {
                    let bits = out[at].to_bits();
                    f32::from_bits(bits as u32) + f32::from_bits((bits >> 32) as u32)
                };
                named(ORDER.map(single))
            } else {
                named(array_from::<_, EIGHT>(|k| out[ORDER[k]]))
            }
        }
    }

    #[inline(always)]
    fn transpose(of: [Self; N]) -> [Self; N] {
        // Bit by bit of the number of row and column: what differs in that bit changes places. The halves
        // are two registers already.
        let lower = |a: Self, b: Self| Two256(a.0, b.0, PhantomData);
        let upper = |a: Self, b: Self| Two256(a.1, b.1, PhantomData);
        let of = exchange(of, N / 2, lower, upper);
        let lower = |a, b| {
            // SAFETY: see `x86`.
            Self::in_both(a, b, |a, b| unsafe { _mm256_permute2f128_pd::<0x20>(a, b) })
        };
        let upper = |a, b| {
            // SAFETY: see `x86`.
            Self::in_both(a, b, |a, b| unsafe { _mm256_permute2f128_pd::<0x31>(a, b) })
        };
        let of = exchange(of, N / 4, lower, upper);
        let lower = |a, b| {
            // SAFETY: see `x86`.
            Self::in_both(a, b, |a, b| unsafe { _mm256_unpacklo_pd(a, b) })
        };
        let upper = |a, b| {
            // SAFETY: see `x86`.
            Self::in_both(a, b, |a, b| unsafe { _mm256_unpackhi_pd(a, b) })
        };
        let of = exchange(of, N / 8, lower, upper);
        if !is_single::<T, N>() {
            return of;
        }
        let lower = |a, b| {
            // SAFETY: see `x86`.
            Self::in_both(a, b, |a, b| unsafe {
                let (a, b) = (_mm256_castpd_ps(a), _mm256_castpd_ps(b));
                let both = _mm256_shuffle_ps::<0b10_00_10_00>(a, b);
                _mm256_castps_pd(_mm256_permute_ps::<0b11_01_10_00>(both))
            })
        };
        let upper = |a, b| {
            // SAFETY: see `x86`.
            Self::in_both(a, b, |a, b| unsafe {
                let (a, b) = (_mm256_castpd_ps(a), _mm256_castpd_ps(b));
                let both = _mm256_shuffle_ps::<0b11_01_11_01>(a, b);
                _mm256_castps_pd(_mm256_permute_ps::<0b11_01_10_00>(both))
            })
        };
        exchange(of, 1, lower, upper)
    }
}

impl<T> Two256<T> {
    /// One operation on both registers.
    #[inline(always)]
    fn in_both(a: Self, b: Self, operation: impl Fn(__m256d, __m256d) -> __m256d) -> Self {
        Two256(operation(a.0, b.0), operation(a.1, b.1), PhantomData)
    }
}

// Functions, for a closure that is called in several places need not be inlined, and would then lack
// the instructions.

#[inline(always)]
fn add256<T: Real, const N: usize>(a: __m256d, b: __m256d) -> __m256d {
    // SAFETY: see `x86`.
    unsafe {
        if is_single::<T, N>() {
            let (a, b) = (_mm256_castpd_ps(a), _mm256_castpd_ps(b));
            _mm256_castps_pd(_mm256_add_ps(a, b))
        } else {
            _mm256_add_pd(a, b)
        }
    }
}

/// a·b + c, rounded once.
#[inline(always)]
fn mul_add256<T: Real, const N: usize>(a: __m256d, b: __m256d, c: __m256d) -> __m256d {
    // SAFETY: see `x86`.
    unsafe {
        if is_single::<T, N>() {
            let (a, b, c) = (_mm256_castpd_ps(a), _mm256_castpd_ps(b), _mm256_castpd_ps(c));
            _mm256_castps_pd(_mm256_fmadd_ps(a, b, c))
        } else {
            _mm256_fmadd_pd(a, b, c)
        }
    }
}

/// Of two rows, two halves of 128 bits each, the lower halves plus the upper ones.
#[inline(always)]
fn add_halves_256<T: Real, const N: usize>(a: __m256d, b: __m256d) -> __m256d {
    // SAFETY: see `x86`.
    let (lower, upper) =
        unsafe { (_mm256_permute2f128_pd::<0x20>(a, b), _mm256_permute2f128_pd::<0x31>(a, b)) };
    add256::<T, N>(lower, upper)
}

/// Of four rows, one half each, the first doubles plus the second ones: lanes a c | b d.
#[inline(always)]
fn add_pairs_256<T: Real, const N: usize>(ab: __m256d, cd: __m256d) -> __m256d {
    // SAFETY: see `x86`.
    let (first, second) = unsafe { (_mm256_unpacklo_pd(ab, cd), _mm256_unpackhi_pd(ab, cd)) };
    add256::<T, N>(first, second)
}
