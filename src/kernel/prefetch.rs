//! Prefetches: memory that is loaded before it is needed. They are hints, and no bit depends on them.

#[cfg(target_arch = "x86_64")]
use std::arch::x86_64::{_MM_HINT_T0, _MM_HINT_T1, _mm_prefetch};

/// Bytes of a cache line.
pub const LINE: usize = 64;

/// Asks for the cache line `bytes` after an address, where nothing need be, into the second-level
/// cache.
#[inline(always)]
pub fn prefetch_line<T>(address: *const T, bytes: usize) {
    // SAFETY: SSE, which every x86-64 processor has. A prefetch reads nothing, so nothing need be at
    // its address.
    #[cfg(target_arch = "x86_64")]
    unsafe {
        _mm_prefetch::<_MM_HINT_T1>(address.cast::<i8>().wrapping_add(bytes));
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = (address, bytes);
}

/// The same into the first-level cache.
#[inline(always)]
fn prefetch_line_near<T>(address: *const T, bytes: usize) {
    // SAFETY: as above.
    #[cfg(target_arch = "x86_64")]
    unsafe {
        _mm_prefetch::<_MM_HINT_T0>(address.cast::<i8>().wrapping_add(bytes));
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = (address, bytes);
}

/// Asks for the cache lines of `values`, into the second-level cache.
#[inline(always)]
pub fn prefetch<T>(values: &[T]) {
    lines(values, prefetch_line);
}

/// The same into the first-level cache: for a row that is wanted soon, and alone.
#[inline(always)]
pub fn prefetch_near<T>(values: &[T]) {
    lines(values, prefetch_line_near);
}

#[inline(always)]
fn lines<T>(values: &[T], prefetch: impl Fn(*const T, usize)) {
    // Lines begin where they like: the last number may be on one more than the others.
    let end = size_of_val(values) + values.as_ptr().addr() % LINE;
    for at in (0..end).step_by(LINE) {
        prefetch(values.as_ptr(), at);
    }
}

/// Asks for a buffer that will be written to soon: its first lines, for what is behind them comes by
/// itself. A step would wait for a line that it writes to as for a row.
#[inline(always)]
pub fn prefetch_buffer<T>(buffer: &[T]) {
    const FIRST_BYTES: usize = 1024;
    prefetch_near(&buffer[..buffer.len().min(FIRST_BYTES / size_of::<T>())]);
}

/// Asks for the cache line of the number at `place`, if there is one.
#[inline(always)]
pub fn prefetch_number<T>(values: &[T], place: usize) {
    if let Some(value) = values.get(place) {
        prefetch_line(std::ptr::from_ref(value), 0);
    }
}

/// Asks for some short rows of `length` numbers, which are on two lines at the most or nearly so.
#[inline(always)]
pub fn prefetch_short<T, const R: usize>(rows: Option<[*const T; R]>, length: usize) {
    let Some(rows) = rows else { return };
    for row in rows {
        prefetch_line(row, 0);
        prefetch_line(row, length * size_of::<T>() - 1);
    }
}
