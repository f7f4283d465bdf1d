//! Work over many rows, in pieces between which one may ask whether it should go on.

use std::ops::Range;

/// Numbers of a piece: about a millisecond.
pub const PIECE: usize = 1 << 18;

/// Does `work` over 0 … `count` − 1, piece by piece, and asks `go_on` after each.
pub fn in_pieces<E>(
    count: usize,
    go_on: &mut impl FnMut() -> Result<(), E>,
    mut work: impl FnMut(Range<usize>) -> Result<(), E>,
) -> Result<(), E> {
    for start in (0..count).step_by(PIECE) {
        work(start..count.min(start + PIECE))?;
        go_on()?;
    }
    Ok(())
}

/// Σ `term(row)` over 0 … `count` − 1.
pub fn sum_in_pieces<E>(
    count: usize,
    go_on: &mut impl FnMut() -> Result<(), E>,
    mut term: impl FnMut(usize) -> f64,
) -> Result<f64, E> {
    let mut sum = 0.0;
    in_pieces(count, go_on, |rows| {
        sum += rows.map(&mut term).sum::<f64>();
        Ok(())
    })?;
    Ok(sum)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_is_visited_once_and_every_piece_asks() {
        let (count, mut asked) = (2 * PIECE + 5, 0);
        let mut go_on = || {
            asked += 1;
            Ok::<_, ()>(())
        };
        let sum = sum_in_pieces(count, &mut go_on, |row| row as f64).unwrap();
        assert_eq!((sum, asked), ((count * (count - 1) / 2) as f64, 3));
    }

    #[test]
    fn it_ends_when_told_to() {
        let mut n_rows = 0;
        let stop = in_pieces(3 * PIECE, &mut || Err("stop"), |rows| {
            n_rows += rows.len();
            Ok(())
        });
        assert_eq!((stop, n_rows), (Err("stop"), PIECE));
    }
}
