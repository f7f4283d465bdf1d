//! Memory that is asked for before it is needed.

use super::TOGETHER;

/// Bytes of a cache line.
pub const LINE: usize = 64;

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

/// The same into the first-level cache.
#[inline(always)]
pub fn fetch_line_near<T>(address: *const T, bytes: usize) {
    #[cfg(target_arch = "x86_64")]
    {
        use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
        // SAFETY: as below.
        unsafe { _mm_prefetch::<_MM_HINT_T0>(address.cast::<i8>().wrapping_add(bytes)) };
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

/// Asks for room that will be written to soon: its first lines, for what is behind them comes by
/// itself. A step would wait for room that it writes to as for a row.
#[inline(always)]
pub fn fetch_room<T>(room: &[T]) {
    const FIRST_LINES: usize = 1024;
    fetch_near(&room[..room.len().min(FIRST_LINES / size_of::<T>())]);
}

#[cfg(target_arch = "x86_64")]
#[inline(always)]
fn fetch_lines<const HINT: i32, T>(values: &[T]) {
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

/// Where rows lie that come some places after the eight at hand: they are asked for between the
/// additions of those, line by line.
#[derive(Clone, Copy)]
pub enum Ahead {
    /// Anywhere: each line of each row, into the second-level cache.
    Apart([*const u8; TOGETHER]),
    /// Next to each other from here on, in no more than half of the first-level cache.
    InTurn(*const u8),
}

/// Lines of rows that lie in turn are asked for twice, once so many bytes before the other time: two
/// such streams keep the processor's own requests further ahead than one.
const FIRST: usize = 1024;

impl Ahead {
    /// Rows that begin at these places.
    #[inline(always)]
    pub fn apart<T>(rows: [*const T; TOGETHER]) -> Self {
        Ahead::Apart(rows.map(<*const T>::cast))
    }

    /// Asks for the lines `line` of R rows from row `first` of the eight on, or, of rows next to each
    /// other, for as many lines of those that come next.
    #[inline(always)]
    pub fn ask<const R: usize>(&self, line: usize, first: usize) {
        match self {
            Ahead::Apart(rows) => {
                rows[first..first + R].iter().for_each(|&row| fetch_line(row, LINE * line));
            }
            Ahead::InTurn(begin) => {
                for r in first..first + R {
                    let at = LINE * (TOGETHER * line + r);
                    fetch_line_near(*begin, at);
                    fetch_line_near(*begin, at + FIRST);
                }
            }
        }
    }
}
