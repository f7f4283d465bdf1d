//! Linear scores of rows, z = x W + b: what predictions are made of.

use std::marker::PhantomData;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

use super::add_linear_scores;
use crate::error::{OutOfMemory, try_filled};
use crate::kernel::products::{self, GROUP, Shape, lanes};
use crate::kernel::softmax::{probabilities, softmax_of_rows};
use crate::kernel::{
    Aligned, LanesPass, RowKernel, Simd, WithRowKernel, dispatch_lanes, read_through,
    with_row_kernel,
};
use crate::real::Real;
use crate::rows::{Block, MOST_ROWS, RowBuffer, RowSet, Rows, Visit, dot, visit};

/// Products (numbers of X times scores of a row) of a piece of the rows, which one thread takes.
const PIECE: usize = 1 << 18;

/// Rows that are read through together, where they come from memory in turn.
const STREAM: usize = 8;

/// Products that more threads than one pay for.
const WORTH_STARTING: usize = 1 << 21;

/// The scores of rows: K each, of θ of shape (d + 1, K), or (d, K) without intercepts.
pub struct Scores<'a, T> {
    rows: Rows<'a, T>,
    intercepts: &'a [T],
    coef: &'a [T],
    n_scores: usize,
    /// Whether the softmax of a row's scores takes their place.
    as_probabilities: bool,
    /// W as the matrix products want it, if rows are long enough for them.
    packed: Option<(Shape, Aligned<T>)>,
}

struct ScoreBuffer<T> {
    rows: RowBuffer<T>,
    /// By scores, of a group of rows.
    by_score: Vec<[T; GROUP]>,
    /// By rows, of a block.
    scores: Vec<T>,
}

impl<'a, T: Real> Scores<'a, T> {
    /// The scores of `rows` at θ = `params`, `n_scores` a row, or their softmax: NaN in a row whose
    /// scores are not all finite.
    pub fn new(
        rows: Rows<'a, T>,
        params: &'a [T],
        fit_intercept: bool,
        n_scores: usize,
        as_probabilities: bool,
    ) -> Result<Self, OutOfMemory> {
        let (intercepts, coef) = params.split_at(if fit_intercept { n_scores } else { 0 });
        let mut packed = None;
        if n_scores > 1 && rows.n_cols() >= lanes::<T>() {
            let shape = Shape::new(rows.n_cols(), n_scores);
            let mut w = Aligned::zeros(shape.size::<T>().ok_or(OutOfMemory)?)?;
            products::pack(shape, coef, &mut w);
            packed = Some((shape, w));
        }
        Ok(Scores { rows, intercepts, coef, n_scores, as_probabilities, packed })
    }

    fn buffer(&self) -> Result<ScoreBuffer<T>, OutOfMemory> {
        let padded = self.packed.as_ref().map_or(0, |(shape, _)| shape.padded());
        let block = MOST_ROWS.checked_mul(self.n_scores).ok_or(OutOfMemory)?;
        Ok(ScoreBuffer {
            rows: self.rows.buffer()?,
            by_score: try_filled(padded, [T::zero(); GROUP])?,
            scores: try_filled(block, T::zero())?,
        })
    }

    /// Fills `out`, `width` places a row of `rows`, as `finish` makes them of the scores of some rows,
    /// (rows, K) in C order, by up to `n_threads` threads. `finish` is told the first of the rows, too.
    /// Now and then `go_on` is asked, by the thread that calls; its error ends the work.
    pub fn write<O: Send, E: From<OutOfMemory>>(
        &self,
        n_threads: usize,
        width: usize,
        out: &mut [O],
        finish: &(impl Fn(usize, &mut [T], &mut [O]) + Sync),
        mut go_on: impl FnMut() -> Result<(), E>,
    ) -> Result<(), E> {
        let products = self.rows.n_cols().saturating_mul(self.n_scores).max(1);
        let piece = (PIECE / products).clamp(8, 4096) / 8 * 8;
        let n_pieces = self.rows.n_rows().div_ceil(piece);
        let is_long = self.rows.n_rows().saturating_mul(products) >= WORTH_STARTING;
        let n_helpers = if is_long { n_threads.min(n_pieces).saturating_sub(1) } else { 0 };
        let pieces = Mutex::new(out.chunks_mut(piece * width).enumerate());
        let is_over = AtomicBool::new(false);
        let next = || pieces.lock().unwrap_or_else(std::sync::PoisonError::into_inner).next();
        let work = |buffer: &mut ScoreBuffer<T>| {
            let Some((number, out)) = next() else { return false };
            self.write_piece(number * piece, width, buffer, out, finish);
            !is_over.load(Ordering::Relaxed)
        };
        let mut buffer = self.buffer()?;
        std::thread::scope(|scope| {
            for _ in 0..n_helpers {
                // Without a thread or its buffer there is one helper less.
                let Ok(mut buffer) = self.buffer() else { break };
                let work = &work;
                let builder = std::thread::Builder::new().name("gradwalk".into());
                let _ = builder.spawn_scoped(scope, move || while work(&mut buffer) {});
            }
            while work(&mut buffer) {
                go_on().inspect_err(|_| is_over.store(true, Ordering::Relaxed))?;
            }
            Ok(())
        })
    }

    /// The rows from `first` on, as many as `out` has room for.
    fn write_piece<O>(
        &self,
        first: usize,
        width: usize,
        buffer: &mut ScoreBuffer<T>,
        out: &mut [O],
        finish: &impl Fn(usize, &mut [T], &mut [O]),
    ) {
        let n_rows = out.len() / width.max(1);
        let of_block = self.rows.rows_of_block(&RowSet::Range(first..first + n_rows));
        for (block, out) in out.chunks_mut(of_block * width).enumerate() {
            let start = first + block * of_block;
            let set = RowSet::Range(start..start + out.len() / width);
            let ScoreBuffer { rows, by_score, scores } = &mut *buffer;
            let scores = &mut scores[..set.len() * self.n_scores];
            dispatch_lanes(Pass { of: self, set, rows, by_score, scores: &mut *scores });
            finish(start, scores, out);
        }
    }
}

/// The scores of the rows of a block, compiled for the instruction set at hand.
struct Pass<'o, 'a, T> {
    of: &'o Scores<'a, T>,
    set: RowSet<'o>,
    rows: &'o mut RowBuffer<T>,
    by_score: &'o mut [[T; GROUP]],
    scores: &'o mut [T],
}

impl<T: Real> LanesPass for Pass<'_, '_, T> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self) {
        let Pass { of, set, rows: buffer, by_score, scores } = self;
        let simd = PhantomData::<S>;
        if of.n_scores == 1 {
            let bias = of.intercepts.first().copied().unwrap_or(T::zero());
            let one = One { rows: &of.rows, set: &set, buffer, bias, scores, simd };
            with_row_kernel::<S, _, _>(of.coef, &mut [], one);
        } else {
            visit(&of.rows, &set, buffer, &mut Several { of, by_score, scores });
        }
    }
}

/// One score a row.
struct One<'o, 'a, T, S> {
    rows: &'o Rows<'a, T>,
    set: &'o RowSet<'o>,
    buffer: &'o mut RowBuffer<T>,
    bias: T,
    scores: &'o mut [T],
    simd: PhantomData<S>,
}

impl<T: Real, S: Simd> WithRowKernel<T> for One<'_, '_, T, S> {
    type Output = ();

    #[inline(always)]
    fn with<K: RowKernel<T>>(self, kernel: K) {
        let One { rows, set, buffer, bias, scores, simd } = self;
        visit(rows, set, buffer, &mut WithKernel { kernel, bias, scores, simd });
    }
}

struct WithKernel<'o, T, K, S> {
    kernel: K,
    bias: T,
    scores: &'o mut [T],
    simd: PhantomData<S>,
}

impl<T: Real, K: RowKernel<T>, S: Simd> Visit<T> for WithKernel<'_, T, K, S> {
    #[inline(always)]
    fn visit(&mut self, set: &RowSet<'_>, block: Block<'_, T>) {
        let scores = std::mem::take(&mut self.scores);
        let (scores, rest) = scores.split_at_mut(set.len());
        for (place, scores) in scores.chunks_mut(STREAM).enumerate() {
            let start = place * STREAM;
            if block.is_stream() {
                read_through::<S, T>(block.all(start, start + scores.len()));
            }
            dot(&self.kernel, &block, start, scores);
            for score in scores {
                *score += self.bias;
            }
        }
        self.scores = rest;
    }
}

/// Several scores a row.
struct Several<'o, 'a, T> {
    of: &'o Scores<'a, T>,
    by_score: &'o mut [[T; GROUP]],
    scores: &'o mut [T],
}

impl<T: Real> Visit<T> for Several<'_, '_, T> {
    #[inline(always)]
    fn visit(&mut self, set: &RowSet<'_>, block: Block<'_, T>) {
        let Several { of, by_score, scores } = self;
        let n_scores = of.n_scores;
        let all = std::mem::take(scores);
        let (some, rest) = all.split_at_mut(set.len() * n_scores);
        *scores = rest;
        let Some((shape, w)) = &of.packed else {
            for (place, scores) in some.chunks_exact_mut(n_scores).enumerate() {
                scores.fill(T::zero());
                scores[..of.intercepts.len()].copy_from_slice(of.intercepts);
                add_linear_scores(block.row(place), of.coef, scores);
            }
            if of.as_probabilities {
                softmax_of_rows(some, n_scores);
            }
            return;
        };
        for (number, some) in some.chunks_mut(GROUP * n_scores).enumerate() {
            let (first, count) = (number * GROUP, some.len() / n_scores);
            let (mut x, mut ahead): ([&[T]; GROUP], [&[T]; GROUP]) = ([&[]; GROUP], [&[]; GROUP]);
            for (x, place) in x.iter_mut().zip(first..first + count) {
                *x = block.row(place);
            }
            let following = (first..first + count).map_while(|place| block.ahead(place, count));
            let n_ahead = ahead.iter_mut().zip(following).map(|(ahead, row)| *ahead = row).count();
            products::scores(*shape, &x[..count], &ahead[..n_ahead], w, by_score);
            let by_score = &mut by_score[..n_scores];
            for (scores, &intercept) in by_score.iter_mut().zip(of.intercepts) {
                scores.iter_mut().for_each(|score| *score += intercept);
            }
            if of.as_probabilities {
                probabilities(count, by_score);
            }
            for (r, row) in some.chunks_exact_mut(n_scores).enumerate() {
                for (score, by_score) in row.iter_mut().zip(&*by_score) {
                    *score = by_score[r];
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use proptest::prelude::*;

    use super::*;
    use crate::rows::Dense;

    fn written(
        x: &[f64],
        d: usize,
        params: &[f64],
        intercept: bool,
        k: usize,
        threads: usize,
    ) -> Vec<f64> {
        let n = x.len() / d;
        let rows = Dense::new(x, n, d).unwrap().into();
        let scores = Scores::new(rows, params, intercept, k, false).unwrap();
        let mut out = vec![0.0; n * k];
        let finish = |_, scores: &mut [f64], out: &mut [f64]| out.copy_from_slice(scores);
        let go_on = || Ok::<_, Failed>(());
        assert!(scores.write(threads, k, &mut out, &finish, go_on).is_ok());
        out
    }

    struct Failed;
    impl From<OutOfMemory> for Failed {
        fn from(_: OutOfMemory) -> Self {
            Failed
        }
    }
    impl From<Infallible> for Failed {
        fn from(never: Infallible) -> Self {
            match never {}
        }
    }

    #[test]
    fn scores_by_hand() {
        let x = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0];
        assert_eq!(written(&x, 2, &[0.5, 1.0, 10.0], true, 1, 1), [21.5, 43.5, 65.5]);
        let out = written(&x, 2, &[1.0, -1.0, 0.0, 2.0], false, 2, 1);
        assert_eq!(out, [1.0, 3.0, 3.0, 5.0, 5.0, 7.0]);
    }

    proptest! {
        #[test]
        fn scores_are_sums_of_products(
            d in 1..40usize, k in 1..9usize, n in 1..700usize, intercept: bool,
            numbers in prop::collection::vec(-4i8..5, 2000),
        ) {
            // Whole numbers: the order of the sums does not matter.
            let number = |place: usize| f64::from(numbers[place % numbers.len()]);
            let x: Vec<f64> = (0..n * d).map(number).collect();
            let free = usize::from(intercept);
            let params: Vec<f64> = (0..(d + free) * k).map(|place| number(7 * place + 3)).collect();
            let out = written(&x, d, &params, intercept, k, 1);
            for (row, out) in x.chunks(d).zip(out.chunks(k)) {
                for (class, &score) in out.iter().enumerate() {
                    let w = |j: usize| params[(j + free) * k + class];
                    let bias = if intercept { params[class] } else { 0.0 };
                    prop_assert_eq!(score, row.iter().enumerate().fold(bias, |z, (j, x)| z + x * w(j)));
                }
            }
        }
    }

    #[test]
    fn probabilities_are_the_softmax_of_the_scores() {
        let number = |place: usize| ((place * 7919 % 10_007) as f64 / 5003.5) - 1.0;
        for (d, k) in [(3, 4), (20, 3), (200, 11)] {
            let x: Vec<f64> = (0..100 * d).map(number).collect();
            let params: Vec<f64> = (0..(d + 1) * k).map(number).collect();
            let mut expected = written(&x, d, &params, true, k, 1);
            softmax_of_rows(&mut expected, k);
            let rows = Dense::new(&x, 100, d).unwrap().into();
            let scores = Scores::new(rows, &params, true, k, true).unwrap();
            let mut out = vec![0.0; 100 * k];
            let finish = |_, scores: &mut [f64], out: &mut [f64]| out.copy_from_slice(scores);
            assert!(scores.write(1, k, &mut out, &finish, || Ok::<_, Failed>(())).is_ok());
            for (found, expected) in out.iter().zip(expected) {
                assert!((found - expected).abs() < 1e-14);
            }
        }
    }

    #[test]
    fn threads_change_no_bit() {
        let number = |place: usize| ((place * 7919 % 10_007) as f64 / 5003.5) - 1.0;
        for (d, k) in [(100, 1), (30, 10)] {
            let x: Vec<f64> = (0..30_000 * d).map(number).collect();
            let params: Vec<f64> = (0..(d + 1) * k).map(number).collect();
            let alone = written(&x, d, &params, true, k, 1);
            assert!(alone == written(&x, d, &params, true, k, 3), "{d}, {k}");
        }
    }

    #[test]
    fn an_error_ends_the_work() {
        let x = vec![1.0; 1 << 22];
        let rows = Dense::new(&x, x.len() / 4, 4).unwrap().into();
        let scores = Scores::new(rows, &[1.0; 4], false, 1, false).unwrap();
        let mut out = vec![0.0; x.len() / 4];
        let finish = |_, scores: &mut [f64], out: &mut [f64]| out.copy_from_slice(scores);
        let mut asked = 0;
        let stop = || {
            asked += 1;
            if asked == 2 { Err(Failed) } else { Ok(()) }
        };
        assert!(scores.write(2, 1, &mut out, &finish, stop).is_err());
        assert_eq!(asked, 2);
    }
}
