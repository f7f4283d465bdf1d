//! θ while rows change it one after the other: in chunks, of which nothing depends on d any more.
//!
//! A row is whole chunks of a fixed length N and its last N features, which overlap the chunks before.
//! There is a chunk more than the features need if there is an intercept: the place of the first
//! feature of the last chunk that has been already is b's, with a 1 in the row.
//!
//! ```text
//! d = 10, N = 4:   x₀ x₁ x₂ x₃   x₄ x₅ x₆ x₇
//!                                       1  0  x₈ x₉        (x₆ and x₇ have been)
//! ```
//!
//! Zeros in the other such places of row and θ stay zeros. A step is a chain, from θ through the
//! score and the slope to the next θ, and what it costs is the length of that chain: the chunks of a
//! row are multiplied side by side and added up pairwise.

use super::lanes::{array_from, sum_pairwise};
use crate::real::Real;

/// θ that takes steps. What is compiled for one is the same for the other.
pub trait Theta<T: Real> {
    /// Goes back to θ = `params`.
    fn restart(&mut self, params: &[T]);
    /// x·w + b.
    fn score(&self, x: &[T]) -> T;
    /// θ ← θ − η·(slope·x + l2·w), the products rounded as they are when a gradient is stored.
    fn step<const RIDGE: bool>(&mut self, x: &[T], slope: T, eta: T, l2: T);
    /// ‖w‖².
    fn squared_norm(&self) -> f64;
    /// Writes θ to `out`.
    fn write(&self, out: &mut [T]);
    /// Writes θ before the last step to `out`.
    fn write_before(&self, out: &mut [T]);
}

/// The features of a row that are in the last chunk for the first time, behind the place of b.
#[derive(Clone, Copy, Debug)]
struct Last<T, const N: usize> {
    /// Places of features that have been, b's among them.
    seen: usize,
    /// 1 in the place of b, if there is one, and 0.
    one: [T; N],
    has_bias: bool,
}

impl<T: Real, const N: usize> Last<T, N> {
    /// For `count` chunks that hold `n_cols` features and b, if there is one.
    #[inline(always)]
    fn new(count: usize, n_cols: usize, has_bias: bool) -> Self {
        let mut one = [T::zero(); N];
        if has_bias {
            one[0] = T::one();
        }
        Last { seen: count * N - n_cols, one, has_bias }
    }

    /// `x` with what has been replaced.
    #[inline(always)]
    fn mask(&self, x: &[T; N]) -> [T; N] {
        array_from(|k| if k < self.seen { self.one[k] } else { x[k] })
    }

    /// The last chunk of θ.
    #[inline(always)]
    fn of_params(&self, params: &[T]) -> [T; N] {
        let mut last = *params.last_chunk().expect("at least N features");
        last[..self.seen].fill(T::zero());
        if self.has_bias {
            last[0] = params[0];
        }
        last
    }

    /// Writes θ, whose chunks are `whole` and `last`. The last chunk goes first: the others mend
    /// what it overlaps.
    #[inline(always)]
    fn write(&self, whole: &[[T; N]], last: &[T; N], out: &mut [T]) {
        let (bias, w) = out.split_at_mut(usize::from(self.has_bias));
        *w.last_chunk_mut().expect("at least N features") = *last;
        for (out, chunk) in w.as_chunks_mut().0.iter_mut().zip(whole) {
            *out = *chunk;
        }
        if let [bias] = bias {
            *bias = last[0];
        }
    }

    /// The strength of the penalty on each place of the last chunk.
    #[inline(always)]
    fn l2(&self, l2: T) -> [T; N] {
        array_from(|k| if k < self.seen { T::zero() } else { l2 })
    }

    /// The last chunk of w alone.
    #[inline(always)]
    fn without_bias(&self, last: &[T; N]) -> [T; N] {
        array_from(|k| if k < self.seen { T::zero() } else { last[k] })
    }
}

#[inline(always)]
fn multiplied<T: Real, const N: usize>(a: &[T; N], b: &[T; N]) -> [T; N] {
    array_from(|k| a[k] * b[k])
}

#[inline(always)]
fn add<T: Real, const N: usize>(sums: &mut [T; N], more: &[T; N]) {
    *sums = array_from(|k| sums[k] + more[k]);
}

#[inline(always)]
fn add_squares<T: Real, const N: usize>(sums: &mut [f64; N], w: &[T; N]) {
    *sums = array_from(|k| sums[k] + w[k].as_f64() * w[k].as_f64());
}

/// One chunk of the θ that follows.
#[inline(always)]
fn stepped<T: Real, const N: usize, const RIDGE: bool>(
    w: &[T; N],
    x: &[T; N],
    slope: T,
    eta: T,
    l2: &[T; N],
) -> [T; N] {
    array_from(|k| {
        let grad = if RIDGE { slope * x[k] + l2[k] * w[k] } else { slope * x[k] };
        w[k] - eta * grad
    })
}

/// θ of few features, K chunks in registers.
#[derive(Clone, Debug)]
pub struct Few<T, const N: usize, const K: usize> {
    chunks: [[T; N]; K],
    before: [[T; N]; K],
    last: Last<T, N>,
}

impl<T: Real, const N: usize, const K: usize> Few<T, N, K> {
    /// θ, of N to K·N features, or one fewer with b.
    #[inline(always)]
    pub fn new(params: &[T], has_bias: bool) -> Self {
        let last = Last::new(K, params.len() - usize::from(has_bias), has_bias);
        let zeros = [[T::zero(); N]; K];
        let mut few = Few { chunks: zeros, before: zeros, last };
        few.restart(params);
        few
    }

    #[inline(always)]
    fn row(&self, x: &[T]) -> [[T; N]; K] {
        array_from(|c| {
            if c + 1 < K {
                *x[c * N..].first_chunk().expect("a whole chunk")
            } else {
                self.last.mask(x.last_chunk().expect("at least N features"))
            }
        })
    }
}

impl<T: Real, const N: usize, const K: usize> Theta<T> for Few<T, N, K> {
    #[inline(always)]
    fn restart(&mut self, params: &[T]) {
        let (whole, _) = params[usize::from(self.last.has_bias)..].as_chunks();
        self.chunks =
            array_from(|c| if c + 1 < K { whole[c] } else { self.last.of_params(params) });
    }

    #[inline(always)]
    fn score(&self, x: &[T]) -> T {
        let x = self.row(x);
        let mut sums: [[T; N]; K] = array_from(|c| multiplied(&x[c], &self.chunks[c]));
        let mut width = K;
        while width > 1 {
            let half = width.div_ceil(2);
            for c in 0..width / 2 {
                let upper = sums[c + half];
                add(&mut sums[c], &upper);
            }
            width = half;
        }
        sum_pairwise(sums[0])
    }

    #[inline(always)]
    fn step<const RIDGE: bool>(&mut self, x: &[T], slope: T, eta: T, l2: T) {
        let x = self.row(x);
        let (of_whole, of_last) = ([l2; N], self.last.l2(l2));
        self.before = self.chunks;
        self.chunks = array_from(|c| {
            let l2 = if c + 1 < K { &of_whole } else { &of_last };
            stepped::<T, N, RIDGE>(&self.before[c], &x[c], slope, eta, l2)
        });
    }

    #[inline(always)]
    fn squared_norm(&self) -> f64 {
        let mut sums = [0.0; N];
        for chunk in &self.chunks[..K - 1] {
            add_squares(&mut sums, chunk);
        }
        add_squares(&mut sums, &self.last.without_bias(&self.chunks[K - 1]));
        sum_pairwise(sums)
    }

    #[inline(always)]
    fn write(&self, out: &mut [T]) {
        self.last.write(&self.chunks[..K - 1], &self.chunks[K - 1], out);
    }

    #[inline(always)]
    fn write_before(&self, out: &mut [T]) {
        self.last.write(&self.before[..K - 1], &self.before[K - 1], out);
    }
}

/// Chunks whose products are summed side by side.
const LANES: usize = 4;

/// θ of many features, in memory: the chunks that count, and those of θ before the last step, which
/// change places.
#[derive(Debug)]
pub struct Many<'a, T, const N: usize> {
    now: &'a mut [[T; N]],
    before: &'a mut [[T; N]],
    last: Last<T, N>,
}

/// Length of the buffer that a [`Many`] of `n_params` parameters needs, with chunks of N.
pub fn room_for_many(n_params: usize, n: usize) -> usize {
    2 * n_params.next_multiple_of(n)
}

impl<'a, T: Real, const N: usize> Many<'a, T, N> {
    /// θ, of N features at least, in `room`, of [`room_for_many`] numbers. It had better begin at a cache
    /// line: a chunk on two lines is slow to be read right after it was written.
    #[inline(always)]
    pub fn new(params: &[T], has_bias: bool, room: &'a mut [T]) -> Self {
        let count = params.len().div_ceil(N);
        let chunks = &mut room.as_chunks_mut().0[..2 * count];
        let (now, before) = chunks.split_at_mut(count);
        let last = Last::new(count, params.len() - usize::from(has_bias), has_bias);
        let mut many = Many { now, before, last };
        many.restart(params);
        many
    }

    /// The whole chunks of a row, and the last.
    #[inline(always)]
    fn row<'x>(&self, x: &'x [T]) -> (&'x [[T; N]], [T; N]) {
        let last = self.last.mask(x.last_chunk().expect("at least N features"));
        (&x.as_chunks().0[..self.now.len() - 1], last)
    }
}

impl<T: Real, const N: usize> Theta<T> for Many<'_, T, N> {
    #[inline(always)]
    fn restart(&mut self, params: &[T]) {
        let (whole, _) = params[usize::from(self.last.has_bias)..].as_chunks();
        if let [chunks @ .., last] = &mut *self.now {
            for (chunk, w) in chunks.iter_mut().zip(whole) {
                *chunk = *w;
            }
            *last = self.last.of_params(params);
        }
    }

    #[inline(always)]
    fn score(&self, x: &[T]) -> T {
        let (x, x_last) = self.row(x);
        let (w, w_last) = self.now.split_at(x.len());
        let mut a = multiplied(&x_last, &w_last[0]);
        let (mut b, mut c, mut d) = ([T::zero(); N], [T::zero(); N], [T::zero(); N]);
        let (x_fours, x_rest) = x.as_chunks::<LANES>();
        let (w_fours, w_rest) = w.as_chunks::<LANES>();
        for (x, w) in x_fours.iter().zip(w_fours) {
            add(&mut a, &multiplied(&x[0], &w[0]));
            add(&mut b, &multiplied(&x[1], &w[1]));
            add(&mut c, &multiplied(&x[2], &w[2]));
            add(&mut d, &multiplied(&x[3], &w[3]));
        }
        if let ([x, ..], [w, ..]) = (x_rest, w_rest) {
            add(&mut b, &multiplied(x, w));
        }
        if let ([_, x, ..], [_, w, ..]) = (x_rest, w_rest) {
            add(&mut c, &multiplied(x, w));
        }
        if let ([_, _, x], [_, _, w]) = (x_rest, w_rest) {
            add(&mut d, &multiplied(x, w));
        }
        add(&mut a, &b);
        add(&mut c, &d);
        add(&mut a, &c);
        sum_pairwise(a)
    }

    #[inline(always)]
    fn step<const RIDGE: bool>(&mut self, x: &[T], slope: T, eta: T, l2: T) {
        let (x, x_last) = self.row(x);
        let (w, w_last) = self.now.split_at(x.len());
        let (next, next_last) = self.before.split_at_mut(x.len());
        let of_whole = [l2; N];
        for ((next, w), x) in next.iter_mut().zip(w).zip(x) {
            *next = stepped::<T, N, RIDGE>(w, x, slope, eta, &of_whole);
        }
        let of_last = self.last.l2(l2);
        next_last[0] = stepped::<T, N, RIDGE>(&w_last[0], &x_last, slope, eta, &of_last);
        std::mem::swap(&mut self.now, &mut self.before);
    }

    #[inline(always)]
    fn squared_norm(&self) -> f64 {
        let mut sums = [0.0; N];
        if let [whole @ .., last] = &*self.now {
            for chunk in whole {
                add_squares(&mut sums, chunk);
            }
            add_squares(&mut sums, &self.last.without_bias(last));
        }
        sum_pairwise(sums)
    }

    #[inline(always)]
    fn write(&self, out: &mut [T]) {
        if let [whole @ .., last] = &*self.now {
            self.last.write(whole, last, out);
        }
    }

    #[inline(always)]
    fn write_before(&self, out: &mut [T]) {
        if let [whole @ .., last] = &*self.before {
            self.last.write(whole, last, out);
        }
    }
}

#[cfg(test)]
mod tests;
