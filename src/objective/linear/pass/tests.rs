use proptest::prelude::*;

use crate::loss::PointLoss;
use crate::objective::{Linear, Penalty, RowSums, SampleWeights};
use crate::real::Real;
use crate::rows::{Column, Dense, Layout, RowSet, Rows, Strided};
use crate::threads::BlockSums;

/// The loss sum and gradient over some rows, as bits.
fn sums<'a, T: Real>(rows: impl Into<Rows<'a, T>>, y: &'a [T], set: &RowSet<'_>) -> Vec<u64> {
    let weights = SampleWeights::equal();
    let sums =
        Linear::new(rows, Column::Slice(y), PointLoss::LogLoss, weights, true, Penalty::default());
    let params: Vec<T> = (0..sums.n_params()).map(|k| T::from_f64(0.3 - 0.02 * k as f64)).collect();
    let mut grad = vec![T::zero(); params.len()];
    let sum = sums.sum(&mut sums.buffers().unwrap(), &params, set, Some(&mut grad));
    let bits = grad.iter().map(|number| number.as_f64().to_bits());
    std::iter::once(sum.to_bits()).chain(bits).collect()
}

/// Sums over rows that lie in C order, and in F order `gap` bytes after the beginning of a line or so.
fn check<T: Real + bytes::ToBytes>(numbers: &[f64], d: usize, gap: usize, indices: &[u32]) {
    let x: Vec<T> = numbers.iter().map(|&number| T::from_f64(number)).collect();
    let n = x.len() / d;
    let y: Vec<T> = (0..n).map(|row| T::from_f64((row % 3 / 2) as f64)).collect();
    let mut transposed = vec![0; gap];
    for column in 0..d {
        (0..n).for_each(|row| transposed.extend(x[row * d + column].to_bytes()));
    }
    let size = size_of::<T>();
    let strides = [size as isize, (n * size) as isize];
    let layout = Layout { first: gap, shape: [n, d], strides, element: T::ELEMENT, swapped: false };
    let (dense, transposed) =
        (Dense::new(&x, n, d).unwrap(), Strided::new(&transposed, layout).unwrap());
    for set in [RowSet::Range(0..n), RowSet::Range(n / 3..n), RowSet::indices(indices)] {
        assert_eq!(sums(dense, &y, &set), sums(transposed, &y, &set), "{n} rows of {d}, {set:?}");
    }
}

/// The bytes of a number.
mod bytes {
    pub trait ToBytes {
        fn to_bytes(self) -> Vec<u8>;
    }
    impl ToBytes for f32 {
        fn to_bytes(self) -> Vec<u8> {
            self.to_ne_bytes().to_vec()
        }
    }
    impl ToBytes for f64 {
        fn to_bytes(self) -> Vec<u8> {
            self.to_ne_bytes().to_vec()
        }
    }
}

proptest! {
    #[test]
    fn both_orders_have_the_same_bits(
        (d, numbers) in (1..50usize, 1..300usize).prop_flat_map(|(d, n)| {
            (Just(d), prop::collection::vec(-3.0..3.0f64, n * d))
        }),
        gap in 0..70usize,
        indices in prop::collection::vec(0..1000u32, 1..100),
    ) {
        let n = (numbers.len() / d) as u32;
        let indices: Vec<u32> = indices.iter().map(|pick| pick % n).collect();
        check::<f64>(&numbers, d, gap, &indices);
        check::<f32>(&numbers, d, gap, &indices);
    }
}
