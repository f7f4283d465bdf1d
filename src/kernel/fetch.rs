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
    fetch_lines::<{ std::arch::x86_64::_MM_HINT_T1 }, T>(values);
    #[cfg(not(target_arch = "x86_64"))]
    let _ = values;
}

/// The same into the first-level cache: for a row that is wanted soon, and alone.
#[inline(always)]
pub fn fetch_near<T>(values: &[T]) {
    #[cfg(target_arch = "x86_64")]
    fetch_lines::<{ std::arch::x86_64::_MM_HINT_T0 }, T>(values);
    #[cfg(not(target_arch = "x86_64"))]
    let _ = values;
}

#[cfg(target_arch = "x86_64")]
#[inline(always)]
fn fetch_lines<const HINT: i32, T>(values: &[T]) {
    const LINE: usize = 64;
    let begin: *const i8 = values.as_ptr().cast();
    // Lines begin where they like: the last number may be on one more than the others.
    let end = size_of_val(values) + begin.addr() % LINE;
    for at in (0..end).step_by(LINE) {
        // SAFETY: SSE, which every x86-64 processor has. A prefetch reads nothing, so its address
        // need not be that of a number; this one is on a line that holds some of `values`.
        unsafe { std::arch::x86_64::_mm_prefetch::<HINT>(begin.wrapping_add(at)) };
    }
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
