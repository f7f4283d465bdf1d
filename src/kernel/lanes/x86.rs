//! The vectors of AVX2 and AVX-512.
//!
//! # Safety
//!
//! Every `unsafe` block here calls intrinsics of AVX2 and FMA or of AVX-512 F, without pointers but those of
//! arrays that are long enough. The types are out of reach but through [`Avx2`] and [`Avx512`],
//! which only `dispatch_lanes` names, after it has seen that the processor has the instructions.

use std::arch::x86_64::*;
use std::marker::PhantomData;
use std::mem::transmute_copy;

use super::*;

/// 256-bit registers.
#[derive(Clone, Copy)]
pub struct Avx2;

/// 512-bit registers.
#[derive(Clone, Copy)]
pub struct Avx512;

impl Simd for Avx2 {
    type Vector<T: Real, const N: usize> = Two256<T>;
    const WIDE: bool = false;
}

impl Simd for Avx512 {
    type Vector<T: Real, const N: usize> = One512<T>;
    const WIDE: bool = true;
}

/// Two registers; singles are kept as the doubles of the same bits.
#[derive(Clone, Copy)]
pub struct Two256<T>(__m256d, __m256d, PhantomData<T>);

/// One register.
#[derive(Clone, Copy)]
pub struct One512<T>(__m512d, PhantomData<T>);

/// Whether T is single, and N of it are 64 bytes.
#[inline(always)]
const fn is_single<T, const N: usize>() -> bool {
    assert!(N * size_of::<T>() == 64, "64 bytes");
    size_of::<T>() == size_of::<f32>()
}

/// The numbers of an array of another name for their type.
#[inline(always)]
fn named<T: Real, U: Real, const N: usize>(numbers: [T; N]) -> [U; N] {
    assert!(size_of::<T>() == size_of::<U>());
    // SAFETY: T and U are `f32` or `f64`, the types that are Real, and of one size: the same.
    unsafe { transmute_copy(&numbers) }
}

/// The first N/2 numbers of a row, and the last.
#[inline(always)]
fn ends_256<T: Real, const N: usize>(row: &[T]) -> [__m256d; 2] {
    assert!(N * size_of::<T>() == 64, "64 bytes");
    let (first, last) = (&row[..N / 2], &row[row.len() - N / 2..]);
    // SAFETY: see the module; the slices are 32 bytes long.
    unsafe { [_mm256_loadu_pd(first.as_ptr().cast()), _mm256_loadu_pd(last.as_ptr().cast())] }
}

impl<T: Real, const N: usize> Lanes<T, N> for One512<T> {
    const ROWS: usize = 8;

    #[inline(always)]
    fn load(from: &[T; N]) -> Self {
        assert!(N * size_of::<T>() == 64, "64 bytes");
        // SAFETY: see the module; the array is 64 bytes long.
        One512(unsafe { _mm512_loadu_pd(from.as_ptr().cast()) }, PhantomData)
    }

    #[inline(always)]
    fn load_bytes(from: &[u8]) -> Self {
        let from: &[u8; 64] = from.first_chunk().expect("64 bytes");
        // SAFETY: see the module; the array is 64 bytes long, and any bits are numbers.
        One512(unsafe { _mm512_loadu_pd(from.as_ptr().cast()) }, PhantomData)
    }

    #[inline(always)]
    fn load_ends(row: &[T]) -> Self {
        let [first, last] = ends_256::<T, N>(row);
        // SAFETY: see the module.
        let both = unsafe { _mm512_insertf64x4::<1>(_mm512_castpd256_pd512(first), last) };
        One512(both, PhantomData)
    }

    #[inline(always)]
    fn store(self, to: &mut [T; N]) {
        assert!(N * size_of::<T>() == 64, "64 bytes");
        // SAFETY: see the module; the array is 64 bytes long.
        unsafe { _mm512_storeu_pd(to.as_mut_ptr().cast(), self.0) };
    }

    #[inline(always)]
    fn splat(value: T) -> Self {
        // SAFETY: see the module.
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
        // SAFETY: see the module.
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
        // SAFETY: see the module.
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
        // SAFETY: see the module.
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
        // SAFETY: see the module.
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
            // SAFETY: see the module; the array is 32 bytes long, and any bits are numbers.
            unsafe { _mm256_loadu_pd(half.as_ptr().cast()) }
        };
        // SAFETY: see the module.
        let mut turned = unsafe {
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
            turned.chunks_exact_mut(4).for_each(|four| four.swap(1, 2));
        }
        array_from(|k| One512(turned[k], PhantomData))
    }
}

/// `of` with one operation done to each pair of vectors `apart` places apart: the lower result stays
/// in the place of the first, the upper goes to that of the second.
#[inline(always)]
fn exchange<V: Copy, const N: usize>(
    mut of: [V; N],
    apart: usize,
    lower: impl Fn(V, V) -> V,
    upper: impl Fn(V, V) -> V,
) -> [V; N] {
    for first in 0..N {
        if first & apart == 0 {
            let (a, b) = (of[first], of[first + apart]);
            (of[first], of[first + apart]) = (lower(a, b), upper(a, b));
        }
    }
    of
}

impl<T: Real, const N: usize> Lanes<T, N> for Two256<T> {
    const ROWS: usize = 4;

    #[inline(always)]
    fn load(from: &[T; N]) -> Self {
        assert!(N * size_of::<T>() == 64, "64 bytes");
        let at: *const f64 = from.as_ptr().cast();
        // SAFETY: see the module; the array is 64 bytes long.
        unsafe { Two256(_mm256_loadu_pd(at), _mm256_loadu_pd(at.add(4)), PhantomData) }
    }

    #[inline(always)]
    fn load_bytes(from: &[u8]) -> Self {
        let from: &[u8; 64] = from.first_chunk().expect("64 bytes");
        let at: *const f64 = from.as_ptr().cast();
        // SAFETY: see the module; the array is 64 bytes long, and any bits are numbers.
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
        // SAFETY: see the module; the array is 64 bytes long.
        unsafe {
            _mm256_storeu_pd(at, self.0);
            _mm256_storeu_pd(at.add(4), self.1);
        }
    }

    #[inline(always)]
    fn splat(value: T) -> Self {
        // SAFETY: see the module.
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
            // SAFETY: see the module.
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
        // SAFETY: see the module.
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
            // SAFETY: see the module.
            Self::in_both(a, b, |a, b| unsafe { _mm256_permute2f128_pd::<0x20>(a, b) })
        };
        let upper = |a, b| {
            // SAFETY: see the module.
            Self::in_both(a, b, |a, b| unsafe { _mm256_permute2f128_pd::<0x31>(a, b) })
        };
        let of = exchange(of, N / 4, lower, upper);
        let lower = |a, b| {
            // SAFETY: see the module.
            Self::in_both(a, b, |a, b| unsafe { _mm256_unpacklo_pd(a, b) })
        };
        let upper = |a, b| {
            // SAFETY: see the module.
            Self::in_both(a, b, |a, b| unsafe { _mm256_unpackhi_pd(a, b) })
        };
        let of = exchange(of, N / 8, lower, upper);
        if !is_single::<T, N>() {
            return of;
        }
        let lower = |a, b| {
            // SAFETY: see the module.
            Self::in_both(a, b, |a, b| unsafe {
                let (a, b) = (_mm256_castpd_ps(a), _mm256_castpd_ps(b));
                let both = _mm256_shuffle_ps::<0b10_00_10_00>(a, b);
                _mm256_castps_pd(_mm256_permute_ps::<0b11_01_10_00>(both))
            })
        };
        let upper = |a, b| {
            // SAFETY: see the module.
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

#[inline(always)]
fn add256<T: Real, const N: usize>(a: __m256d, b: __m256d) -> __m256d {
    // SAFETY: see the module.
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
    // SAFETY: see the module.
    unsafe {
        if is_single::<T, N>() {
            let (a, b, c) = (_mm256_castpd_ps(a), _mm256_castpd_ps(b), _mm256_castpd_ps(c));
            _mm256_castps_pd(_mm256_fmadd_ps(a, b, c))
        } else {
            _mm256_fmadd_pd(a, b, c)
        }
    }
}

// Functions, for a closure that is called in several places need not be inlined, and would then lack the
// instructions.

#[inline(always)]
fn add512<T: Real, const N: usize>(a: __m512d, b: __m512d) -> __m512d {
    // SAFETY: see the module.
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
    // SAFETY: see the module.
    let (lower, upper) = unsafe {
        (_mm512_shuffle_f64x2::<0b0100_0100>(a, b), _mm512_shuffle_f64x2::<0b1110_1110>(a, b))
    };
    add512::<T, N>(lower, upper)
}

/// Of four rows, two quarters each, the first quarters plus the second ones.
#[inline(always)]
fn add_quarters<T: Real, const N: usize>(a: __m512d, b: __m512d) -> __m512d {
    // SAFETY: see the module.
    let (first, second) = unsafe {
        (_mm512_shuffle_f64x2::<0b1000_1000>(a, b), _mm512_shuffle_f64x2::<0b1101_1101>(a, b))
    };
    add512::<T, N>(first, second)
}

/// Of two rows, two halves of 128 bits each, the lower halves plus the upper ones.
#[inline(always)]
fn add_halves_256<T: Real, const N: usize>(a: __m256d, b: __m256d) -> __m256d {
    // SAFETY: see the module.
    let (lower, upper) =
        unsafe { (_mm256_permute2f128_pd::<0x20>(a, b), _mm256_permute2f128_pd::<0x31>(a, b)) };
    add256::<T, N>(lower, upper)
}

/// Of four rows, one half each, the first doubles plus the second ones: lanes a c | b d.
#[inline(always)]
fn add_pairs_256<T: Real, const N: usize>(ab: __m256d, cd: __m256d) -> __m256d {
    // SAFETY: see the module.
    let (first, second) = unsafe { (_mm256_unpacklo_pd(ab, cd), _mm256_unpackhi_pd(ab, cd)) };
    add256::<T, N>(first, second)
}
