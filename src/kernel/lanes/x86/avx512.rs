//! The vectors of AVX-512. For what makes the calls sound see the module above.

use std::arch::x86_64::*;
use std::marker::PhantomData;

use super::{ends_256, exchange, is_single, named};
use crate::kernel::lanes::{EIGHT, Lanes, Simd, array_from};
use crate::real::Real;

/// 512-bit registers.
#[derive(Clone, Copy)]
pub struct Avx512;

impl Simd for Avx512 {
    type Vector<T: Real, const N: usize> = One512<T>;
    const WIDE: bool = true;
}

/// One register.
#[derive(Clone, Copy)]
pub struct One512<T>(__m512d, PhantomData<T>);

impl<T: Real, const N: usize> Lanes<T, N> for One512<T> {
    const ROWS: usize = 8;

    #[inline(always)]
    fn load(from: &[T; N]) -> Self {
        assert!(N * size_of::<T>() == 64, "64 bytes");
        // SAFETY: see `x86`; the array is 64 bytes long.
        One512(unsafe { _mm512_loadu_pd(from.as_ptr().cast()) }, PhantomData)
    }

    #[inline(always)]
    fn load_bytes(from: &[u8]) -> Self {
        let from: &[u8; 64] = from.first_chunk().expect("64 bytes");
        // SAFETY: see `x86`; the array is 64 bytes long, and any bits are numbers.
        One512(unsafe { _mm512_loadu_pd(from.as_ptr().cast()) }, PhantomData)
    }

    #[inline(always)]
    fn load_ends(row: &[T]) -> Self {
        let [first, last] = ends_256::<T, N>(row);
        // SAFETY: see `x86`.
        let both = unsafe { _mm512_insertf64x4::<1>(_mm512_castpd256_pd512(first), last) };
        One512(both, PhantomData)
    }

    #[inline(always)]
    fn store(self, to: &mut [T; N]) {
        assert!(N * size_of::<T>() == 64, "64 bytes");
        // SAFETY: see `x86`; the array is 64 bytes long.
        unsafe { _mm512_storeu_pd(to.as_mut_ptr().cast(), self.0) };
    }

    #[inline(always)]
    fn splat(value: T) -> Self {
        // SAFETY: see `x86`.
        let vector = unsafe {
            if is_single::<T, N>() {
                _mm512_castps_pd(_mm512_set1_ps(value.as_f64() as f32))
            } else {
                _mm512_set1_pd(value.as_f64())
            }
        };
        One512(vector, PhantomData)
    }

    #[inline(always)]
    fn add(self, other: Self) -> Self {
        One512(add512::<T, N>(self.0, other.0), PhantomData)
    }

    #[inline(always)]
    fn mul(self, other: Self) -> Self {
        // SAFETY: see `x86`.
        let vector = unsafe {
            if is_single::<T, N>() {
                let (a, b) = (_mm512_castpd_ps(self.0), _mm512_castpd_ps(other.0));
                _mm512_castps_pd(_mm512_mul_ps(a, b))
            } else {
                _mm512_mul_pd(self.0, other.0)
            }
        };
        One512(vector, PhantomData)
    }

    #[inline(always)]
    fn mul_add(self, factor: Self, other: Self) -> Self {
        let (a, b, c) = (self.0, factor.0, other.0);
        // SAFETY: see `x86`.
        let vector = unsafe {
            if is_single::<T, N>() {
                let (a, b, c) = (_mm512_castpd_ps(a), _mm512_castpd_ps(b), _mm512_castpd_ps(c));
                _mm512_castps_pd(_mm512_fmadd_ps(a, b, c))
            } else {
                _mm512_fmadd_pd(a, b, c)
            }
        };
        One512(vector, PhantomData)
    }

    #[inline(always)]
    fn sums(of: [Self; EIGHT]) -> [T; EIGHT] {
        let [a, b, c, d, e, f, g, h] = of;
        // Each step adds the upper half of the lanes of a row to the lower, for two vectors at once:
        // eight vectors become four, two, one.
        // SAFETY: see `x86`.
        unsafe {
            let (ab, cd) = (add_halves::<T, N>(a.0, b.0), add_halves::<T, N>(c.0, d.0));
            let (ef, gh) = (add_halves::<T, N>(e.0, f.0), add_halves::<T, N>(g.0, h.0));
            let (abcd, efgh) = (add_quarters::<T, N>(ab, cd), add_quarters::<T, N>(ef, gh));
            // A quarter a row now, in two vectors: the doubles of a quarter, first beside first.
            let firsts = _mm512_unpacklo_pd(abcd, efgh);
            let seconds = _mm512_unpackhi_pd(abcd, efgh);
            let all = add512::<T, N>(firsts, seconds);
            // In the order a e b f c g d h, as doubles: with singles two are left in each.
            if is_single::<T, N>() {
                let all = _mm512_castpd_ps(all);
                let swapped = _mm512_permute_ps::<0b10_11_00_01>(all);
                let sum = _mm512_add_ps(all, swapped);
                let order = _mm512_setr_epi32(0, 4, 8, 12, 2, 6, 10, 14, 0, 0, 0, 0, 0, 0, 0, 0);
                let sum = _mm512_castps512_ps256(_mm512_permutexvar_ps(order, sum));
                let mut out = [0.0f32; EIGHT];
                _mm256_storeu_ps(out.as_mut_ptr(), sum);
                named(out)
            } else {
                let order = _mm512_setr_epi64(0, 2, 4, 6, 1, 3, 5, 7);
                let mut out = [0.0f64; EIGHT];
                _mm512_storeu_pd(out.as_mut_ptr(), _mm512_permutexvar_pd(order, all));
                named(out)
            }
        }
    }

    #[inline(always)]
    fn transpose(of: [Self; N]) -> [Self; N] {
        // Bit by bit of the number of row and column: what differs in that bit changes places.
        let of = array_from(|k| of[k].0);
        // SAFETY: see `x86`.
        let of = unsafe {
            let halves = |of: [__m512d; N], apart| {
                let lower = |a, b| _mm512_shuffle_f64x2::<0b0100_0100>(a, b);
                let upper = |a, b| _mm512_shuffle_f64x2::<0b1110_1110>(a, b);
                exchange(of, apart, lower, upper)
            };
            // Of quarters 0 1 2 3 the second and the third.
            let quarters = |of: [__m512d; N], apart| {
                let order = _mm512_setr_epi64(0, 1, 8, 9, 4, 5, 12, 13);
                let lower = |a, b| _mm512_permutex2var_pd(a, order, b);
                let order = _mm512_setr_epi64(2, 3, 10, 11, 6, 7, 14, 15);
                let upper = |a, b| _mm512_permutex2var_pd(a, order, b);
                exchange(of, apart, lower, upper)
            };
            let doubles = |of: [__m512d; N], apart| {
                let lower = |a, b| _mm512_unpacklo_pd(a, b);
                let upper = |a, b| _mm512_unpackhi_pd(a, b);
                exchange(of, apart, lower, upper)
            };
            let of = doubles(quarters(halves(of, N / 2), N / 4), N / 8);
            if is_single::<T, N>() {
                let pick = |order| {
                    move |a, b| {
                        let (a, b) = (_mm512_castpd_ps(a), _mm512_castpd_ps(b));
                        _mm512_castps_pd(_mm512_permutex2var_ps(a, order, b))
                    }
                };
                let lower =
                    _mm512_setr_epi32(0, 16, 2, 18, 4, 20, 6, 22, 8, 24, 10, 26, 12, 28, 14, 30);
                let upper =
                    _mm512_setr_epi32(1, 17, 3, 19, 5, 21, 7, 23, 9, 25, 11, 27, 13, 29, 15, 31);
                exchange(of, 1, pick(lower), pick(upper))
            } else {
                of
            }
        };
        array_from(|k| One512(of[k], PhantomData))
    }

    #[inline(always)]
    fn transpose_bytes(rows: [&[u8]; N]) -> [Self; N] {
        // Shuffles have one port of the processor for themselves, and the arithmetic needs it too. Half
        // a register is put into place on its way from memory, without a shuffle.
        let half = |row: usize, half: usize| {
            let half = rows[row][32 * half..].first_chunk::<32>().expect("64 bytes");
            // SAFETY: see `x86`; the array is 32 bytes long, and any bits are numbers.
            unsafe { _mm256_loadu_pd(half.as_ptr().cast()) }
        };
        // SAFETY: see `x86`.
        let mut transposed = unsafe {
            // Rows 0 and N/4 in the halves of the first, so that what is exchanged then, in quarters, is
            // of rows in a run.
            let mut of = [_mm512_setzero_pd(); N];
            for (place, both) in of.iter_mut().enumerate() {
                let (column, row) = (place / (N / 2), place % (N / 2));
                let row = row / (N / 4) * (N / 2) + row % (N / 4);
                let lower = _mm512_castpd256_pd512(half(row, column));
                *both = _mm512_insertf64x4::<1>(lower, half(row + N / 4, column));
            }
            if is_single::<T, N>() {
                let (single, double) = (_mm512_castpd_ps, _mm512_castps_pd);
                let lower = |a, b| double(_mm512_unpacklo_ps(single(a), single(b)));
                let upper = |a, b| double(_mm512_unpackhi_ps(single(a), single(b)));
                of = exchange(of, 1, lower, upper);
            }
            let lower = |a, b| _mm512_unpacklo_pd(a, b);
            let upper = |a, b| _mm512_unpackhi_pd(a, b);
            let of = exchange(of, N / 8, lower, upper);
            let lower = |a, b| _mm512_shuffle_f64x2::<0b1000_1000>(a, b);
            let upper = |a, b| _mm512_shuffle_f64x2::<0b1101_1101>(a, b);
            exchange(of, N / 4, lower, upper)
        };
        if is_single::<T, N>() {
            // Of four in a run the second and the third came out the other way round.
            transposed.chunks_exact_mut(4).for_each(|four| four.swap(1, 2));
        }
        array_from(|k| One512(transposed[k], PhantomData))
    }
}

// Functions, for a closure that is called in several places need not be inlined, and would then lack
// the instructions.

#[inline(always)]
fn add512<T: Real, const N: usize>(a: __m512d, b: __m512d) -> __m512d {
    // SAFETY: see `x86`.
    unsafe {
        if is_single::<T, N>() {
            _mm512_castps_pd(_mm512_add_ps(_mm512_castpd_ps(a), _mm512_castpd_ps(b)))
        } else {
            _mm512_add_pd(a, b)
        }
    }
}

/// Of a₀a₁a₂a₃ and b₀b₁b₂b₃, quarters of 128 bits, the lower halves side by side plus the upper ones.
#[inline(always)]
fn add_halves<T: Real, const N: usize>(a: __m512d, b: __m512d) -> __m512d {
    // SAFETY: see `x86`.
    let (lower, upper) = unsafe {
        (_mm512_shuffle_f64x2::<0b0100_0100>(a, b), _mm512_shuffle_f64x2::<0b1110_1110>(a, b))
    };
    add512::<T, N>(lower, upper)
}

/// Of four rows, two quarters each, the first quarters plus the second ones.
#[inline(always)]
fn add_quarters<T: Real, const N: usize>(a: __m512d, b: __m512d) -> __m512d {
    // SAFETY: see `x86`.
    let (first, second) = unsafe {
        (_mm512_shuffle_f64x2::<0b1000_1000>(a, b), _mm512_shuffle_f64x2::<0b1101_1101>(a, b))
    };
    add512::<T, N>(first, second)
}
