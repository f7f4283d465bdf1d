//! Linear scores of rows: what predictions are made of.

use super::add_linear_scores;
use crate::kernel::{Pass, dispatch};
use crate::real::Real;
use crate::rows::{Block, RowBuffer, RowSet, Rows, Visit, visit};

/// The scores z = x W + b of `set`: `out` is (rows of the set, K) in C order, θ is (d + 1, K), or
/// (d, K) without intercepts. `buffer` is that of the rows.
pub fn scores<T: Real>(
    rows: &Rows<'_, T>,
    set: &RowSet<'_>,
    params: &[T],
    fit_intercept: bool,
    buffer: &mut RowBuffer<T>,
    out: &mut [T],
) {
    let n_classes = out.len() / set.len().max(1);
    let (intercepts, coef) = params.split_at(if fit_intercept { n_classes } else { 0 });
    dispatch(Scores { rows, set, intercepts, coef, n_classes, buffer, out });
}

/// The scores, compiled for the instruction set at hand.
struct Scores<'o, 'a, T> {
    rows: &'o Rows<'a, T>,
    set: &'o RowSet<'o>,
    intercepts: &'o [T],
    coef: &'o [T],
    n_classes: usize,
    buffer: &'o mut RowBuffer<T>,
    out: &'o mut [T],
}

impl<T: Real> Pass for Scores<'_, '_, T> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let Scores { rows, set, intercepts, coef, n_classes, buffer, out } = self;
        visit(
            rows,
            set,
            buffer,
            &mut Write { intercepts, coef, out: out.chunks_exact_mut(n_classes) },
        );
    }
}

struct Write<'o, T> {
    intercepts: &'o [T],
    coef: &'o [T],
    out: std::slice::ChunksExactMut<'o, T>,
}

impl<T: Real> Visit<T> for Write<'_, T> {
    #[inline(always)]
    fn visit(&mut self, set: &RowSet<'_>, block: Block<'_, T>) {
        for (place, scores) in (0..set.len()).zip(&mut self.out) {
            scores.fill(T::zero());
            scores[..self.intercepts.len()].copy_from_slice(self.intercepts);
            add_linear_scores(block.row(place), self.coef, scores);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rows::Dense;

    #[test]
    fn scores_by_hand() {
        let x = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0];
        let rows = Rows::Dense(Dense::new(&x, 3, 2).unwrap());
        let mut buffer = rows.buffer().unwrap();
        let mut out = [0.0; 2];
        scores(&rows, &RowSet::Range(1..3), &[0.5, 1.0, 10.0], true, &mut buffer, &mut out);
        assert_eq!(out, [43.5, 65.5]);
        let mut out = [0.0; 4];
        scores(
            &rows,
            &RowSet::picks(&[2, 0]),
            &[1.0, -1.0, 0.0, 2.0],
            false,
            &mut buffer,
            &mut out,
        );
        assert_eq!(out, [5.0, 7.0, 1.0, 3.0]);
    }
}
