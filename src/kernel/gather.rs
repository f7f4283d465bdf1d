//! Numbers from scattered places, for matrices that are turned over.

use super::{Level, level};

/// The numbers at `places`; the last number for a place beyond the end. Panics if there is none.
#[inline(always)]
pub fn gather<T: Copy, const N: usize>(values: &[T], places: &[u32; N]) -> [T; N] {
    let last = values.len().checked_sub(1).expect("a number at least");
    let last = u32::try_from(last).unwrap_or(u32::MAX);
    let places = places.map(|place| place.min(last));
    #[cfg(target_arch = "x86_64")]
    if N * size_of::<T>() == 64 && last <= i32::MAX as u32 && level() == Level::Avx512 {
        // SAFETY: `level()` returns `Avx512` only where the processor reports these features; the
        // numbers of a result take 64 bytes; each place is inside the slice, and no more than an
        // `i32` holds.
        return unsafe { gather_avx512(values, &places) };
    }
    places.map(|place| values[place as usize])
}

/// The same, where N numbers take 64 bytes and all places are known to be inside and below 2³¹.
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl")]
#[inline]
unsafe fn gather_avx512<T: Copy, const N: usize>(values: &[T], places: &[u32; N]) -> [T; N] {
    use std::arch::x86_64::*;
    let mut out = std::mem::MaybeUninit::<[T; N]>::uninit();
    let (from, places) = (values.as_ptr(), places.as_ptr());
    // SAFETY: as said above: 16 places and numbers of 4 bytes, or 8 of 8 bytes, bits as they are;
    // the result is written in full.
    unsafe {
        if size_of::<T>() == 4 {
            let places = _mm512_loadu_si512(places.cast());
            let found = _mm512_i32gather_epi32::<4>(places, from.cast());
            _mm512_storeu_si512(out.as_mut_ptr().cast(), found);
        } else {
            let places = _mm256_loadu_si256(places.cast());
            let found = _mm512_i32gather_epi64::<8>(places, from.cast());
            _mm512_storeu_si512(out.as_mut_ptr().cast(), found);
        }
        out.assume_init()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_at_places() {
        let singles: Vec<f32> = (0..100).map(|k| k as f32 * 0.5).collect();
        let places: [u32; 16] = std::array::from_fn(|k| (k as u32 * 37 + 5) % 100);
        assert_eq!(gather(&singles, &places), places.map(|place| place as f32 * 0.5));
        let doubles: Vec<f64> = (0..100).map(f64::from).collect();
        let places: [u32; 8] = std::array::from_fn(|k| 99 - k as u32 * 14);
        assert_eq!(gather(&doubles, &places), places.map(f64::from));
        assert_eq!(gather(&[7u8, 8, 9], &[2, 0]), [9, 7]);
    }

    #[test]
    fn a_place_outside() {
        let values: Vec<f64> = (0..50).map(f64::from).collect();
        let found = gather(&values, &[1, 2, 3, 50, u32::MAX, 5, 6, 7]);
        assert_eq!(found, [1.0, 2.0, 3.0, 49.0, 49.0, 5.0, 6.0, 7.0]);
    }
}
