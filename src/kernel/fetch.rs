//! Memory that is asked for before it is needed.

/// Asks for the cache lines of `values`, into the second-level cache. Nothing but a hint.
#[inline(always)]
pub fn fetch<T>(values: &[T]) {
    #[cfg(target_arch = "x86_64")]
    {
        use std::arch::x86_64::{_MM_HINT_T1, _mm_prefetch};
        const LINE: usize = 64;
        // Lines begin where they like: the last number may be on one more than the others.
        let first_of_lines = values.iter().step_by((LINE / size_of::<T>()).max(1));
        for value in first_of_lines.chain(values.last()) {
            // SAFETY: SSE, which every x86-64 processor has. A prefetch reads nothing; and this is
            // the address of a number in a slice.
            unsafe { _mm_prefetch::<_MM_HINT_T1>(std::ptr::from_ref(value).cast()) };
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
