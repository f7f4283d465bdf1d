//! One number a row: targets and sample weights, wherever they lie.

use super::{RowSet, Strided, in_pieces};
use crate::kernel::prefetch_number;
use crate::real::Real;

/// Bytes of a column that stays in the first-level cache: nothing of it need be prefetched.
const CACHED: usize = 1 << 14;

/// A borrowed column of numbers.
#[derive(Clone, Copy, Debug)]
pub enum Column<'a, T> {
    /// Side by side, in the type that is worked in.
    Slice(&'a [T]),
    /// The first column of a matrix of any layout and type.
    Strided(Strided<'a>),
    /// Class numbers, as one-hot rows have them: the place of the first entry that is not 0.
    OneHot(Strided<'a>),
    /// One number in every row, of so many.
    Same(T, usize),
}

impl<T: Real> Column<'_, T> {
    pub fn len(&self) -> usize {
        match self {
            Column::Slice(values) => values.len(),
            Column::Strided(matrix) | Column::OneHot(matrix) => matrix.shape()[0],
            Column::Same(_, n_rows) => *n_rows,
        }
    }

    /// The number of row `row`. Panics if there is no such row.
    #[inline(always)]
    pub fn get(&self, row: usize) -> T {
        match self {
            Column::Slice(values) => values[row],
            Column::Strided(matrix) => matrix.get(row, 0),
            Column::OneHot(matrix) => class_of(matrix, row),
            Column::Same(value, _) => *value,
        }
    }

    /// The smallest and the largest number, of the rows of `part` if there is one; `go_on` is asked
    /// now and then whether to go on. (∞, −∞) of no numbers.
    pub fn extremes<E>(
        &self,
        part: Option<&[u32]>,
        go_on: &mut impl FnMut() -> Result<(), E>,
    ) -> Result<(f64, f64), E> {
        let (mut lowest, mut highest) = (f64::INFINITY, f64::NEG_INFINITY);
        in_pieces(part.map_or(self.len(), <[u32]>::len), go_on, |places| {
            for place in places {
                let number = self.get(part.map_or(place, |part| part[place] as usize)).as_f64();
                (lowest, highest) = (lowest.min(number), highest.max(number));
            }
            Ok(())
        })?;
        Ok((lowest, highest))
    }

    /// Prefetches the number of row `row`, if that is simple.
    #[inline(always)]
    pub fn prefetch(&self, row: usize) {
        if let Column::Slice(values) = self
            && size_of_val(*values) > CACHED
        {
            prefetch_number(values, row);
        }
    }

    /// The number of row `row` before it was converted.
    pub fn original(&self, row: usize) -> f64 {
        match self {
            Column::Strided(matrix) => matrix.get(row, 0),
            _ => self.get(row).as_f64(),
        }
    }

    /// The numbers of `rows`: where they lie if they lie side by side, else in `buffer`, which must
    /// be long enough.
    #[inline(always)]
    pub fn read<'b>(&'b self, rows: &RowSet<'_>, buffer: &'b mut [T]) -> &'b [T] {
        match (self, rows) {
            (Column::Slice(values), RowSet::Range(range)) => &values[range.clone()],
            (Column::Slice(values), RowSet::Indices(indices)) => {
                let out = &mut buffer[..indices.len()];
                for (out, &index) in out.iter_mut().zip(indices.iter()) {
                    *out = values[index as usize];
                }
                out
            }
            (Column::Same(value, _), rows) => {
                let out = &mut buffer[..rows.len()];
                out.fill(*value);
                out
            }
            _ => self.load(rows, buffer),
        }
    }

    #[inline(never)]
    fn load<'b>(&self, rows: &RowSet<'_>, buffer: &'b mut [T]) -> &'b [T] {
        let out = &mut buffer[..rows.len()];
        for (out, row) in out.iter_mut().zip(rows.iter()) {
            *out = self.get(row);
        }
        out
    }

    /// All numbers in turn, for work that is not in a hurry.
    pub fn iter(&self) -> impl Iterator<Item = T> + '_ {
        (0..self.len()).map(|row| self.get(row))
    }
}

fn class_of<T: Real>(matrix: &Strided<'_>, row: usize) -> T {
    let n_classes = matrix.shape()[1];
    let class = (0..n_classes).find(|&class| matrix.get::<T>(row, class) != T::zero());
    T::from_f64(class.unwrap_or(0) as f64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::number::Element;
    use crate::rows::Layout;

    #[test]
    fn the_same_numbers_in_every_form() {
        let values = [3.0, 1.0, 2.0];
        let bytes = [3u8, 9, 1, 9, 2, 9];
        let layout = Layout {
            first: 0,
            shape: [3, 1],
            strides: [2, 1],
            element: Element::U8,
            swapped: false,
        };
        let one_hot = [0u8, 0, 0, 1, 0, 1, 0, 0, 0, 0, 1, 0];
        let table = Layout { shape: [3, 4], strides: [4, 1], ..layout };
        for column in [
            Column::Slice(&values),
            Column::Strided(Strided::new(&bytes, layout).unwrap()),
            Column::OneHot(Strided::new(&one_hot, table).unwrap()),
        ] {
            assert_eq!(column.len(), 3);
            assert_eq!(column.iter().collect::<Vec<f64>>(), values);
            let mut buffer = [0.0; 4];
            assert_eq!(column.read(&RowSet::Range(1..3), &mut buffer), [1.0, 2.0]);
            let rows = RowSet::indices(&[2, 2, 0]);
            assert_eq!(column.read(&rows, &mut buffer), [2.0, 2.0, 3.0]);
        }
        let same = Column::Same(4.0, 3);
        assert_eq!(same.iter().collect::<Vec<f64>>(), [4.0; 3]);
        assert_eq!(same.read(&RowSet::indices(&[2, 0]), &mut [0.0; 4]), [4.0; 2]);
    }

    #[test]
    fn the_extremes_of_all_rows_and_of_some() {
        let column = Column::Slice(&[3.0, -1.0, 2.0, 9.0][..]);
        let mut go_on = || Ok::<_, ()>(());
        assert_eq!(column.extremes(None, &mut go_on), Ok((-1.0, 9.0)));
        assert_eq!(column.extremes(Some(&[2, 0]), &mut go_on), Ok((2.0, 3.0)));
    }
}
