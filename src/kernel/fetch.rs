//! Memory that is asked for before it is needed.

/// Asks for the cache line `bytes` after an address, where nothing need be.
#[inline(always)]
pub fn fetch_line<T>(address: *const T, bytes: usize) {
    #[cfg(target_arch = "x86_64")]
    {
        use std::arch::x86_64::{_MM_HINT_T1, _mm_prefetch};
        // SAFETY: as below.
        unsafe { _mm_prefetch::<_MM_HINT_T1>(address.cast::<i8>().wrapping_add(bytes)) };
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = (address, bytes);
}

/// Asks for the cache lines of `values`, into the second-level cache. Nothing but a hint.
#[inline(always)]
pub fn fetch<T>(values: &[T]) {
    #[cfg(target_arch = "x86_64")]
    {
        use std::arch::x86_64::{_MM_HINT_T1, _mm_prefetch};
        const LINE: usize = 64;
        // Lines begin where they like: from the beginning of the first one on, none is left out.
        let before = values.as_ptr() as usize % LINE;
        let start = values.as_ptr().cast::<i8>().wrapping_sub(before);
        for line in (0..before + size_of_val(values)).step_by(LINE) {
            // SAFETY: SSE, which every x86-64 processor has. A prefetch reads nothing and faults
            // nowhere, and `wrapping_add` makes an address without a claim about it.
            unsafe { _mm_prefetch::<_MM_HINT_T1>(start.wrapping_add(line)) };
        }
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = values;
}

/// Asks for the cache line of the number at `place`, if there is one.
#[inline(always)]
pub fn fetch_number<T>(values: &[T], place: usize) {
    #[cfg(target_arch = "x86_64")]
    if let Some(value) = values.get(place) {
        use std::arch::x86_64::{_MM_HINT_T1, _mm_prefetch};
        // SAFETY: SSE, which every x86-64 processor has. A prefetch reads nothing; and this is the
        // address of a number in a slice.
        unsafe { _mm_prefetch::<_MM_HINT_T1>(std::ptr::from_ref(value).cast()) };
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = (values, place);
}
