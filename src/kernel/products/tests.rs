use super::*;
use crate::real::Real;
use proptest::prelude::*;

fn whole_numbers<T: Real>(count: usize, seed: usize) -> Vec<T> {
    let number = |k: usize| ((k * 7919 + seed * 104_729 + k * k % 13) % 31) as f64 - 15.0;
    (0..count).map(|k| T::from_f64(number(k))).collect()
}

/// Products of small whole numbers, which leave nothing to round.
fn check<T: Real>(m: usize, d: usize, k: usize, seed: usize) -> Result<(), TestCaseError> {
    let (x, w) = (whole_numbers::<T>(m * d, seed), whole_numbers::<T>(d * k, seed + 1));
    let shape = Shape::new(d, k);
    let mut by_class = vec![T::one(); shape.size::<T>().unwrap()];
    // The padding is zero from the start.
    by_class[k * shape.chunks::<T>() * lanes::<T>()..].fill(T::zero());
    pack(shape, &w, &mut by_class);
    let rows: Vec<&[T]> = x.chunks_exact(d).collect();
    let mut out = vec![[T::nan(); GROUP]; shape.padded()];
    scores(shape, &rows, &rows[m / 2..], &by_class, &mut out);
    let mut slopes = vec![[T::zero(); GROUP]; shape.padded()];
    for (class, slopes) in slopes[..k].iter_mut().enumerate() {
        slopes[..m].copy_from_slice(&whole_numbers(m, seed + 2 + class));
    }
    let mut grad_by_class = vec![T::nan(); shape.size::<T>().unwrap()];
    let cut = m / 3;
    add_outer(shape, &rows[..cut], &rows, &slopes, true, &mut grad_by_class);
    let mut others = slopes.clone();
    others.iter_mut().for_each(|slopes| slopes.rotate_left(cut));
    add_outer(shape, &rows[cut..], &[], &others, false, &mut grad_by_class);
    let mut grad = vec![T::one(); d * k];
    add_by_classes(shape, &grad_by_class, &mut grad);
    for class in 0..k {
        for r in 0..m {
            let products = (0..d).map(|j| x[r * d + j] * w[j * k + class]);
            prop_assert_eq!(out[class][r], products.fold(T::zero(), |sum, p| sum + p));
        }
        for j in 0..d {
            let products = (0..m).map(|r| x[r * d + j] * slopes[class][r]);
            prop_assert_eq!(grad[j * k + class], products.fold(T::one(), |sum, p| sum + p));
        }
    }
    Ok(())
}

proptest! {
    #[test]
    fn products_are_the_naive_ones(
        m in 1..=GROUP, d in 16..300usize, k in 1..24usize, seed in 0..1000usize,
    ) {
        check::<f32>(m, d, k, seed)?;
        check::<f64>(m, d.max(8), k, seed)?;
    }

    #[test]
    fn groups_do_not_change_a_bit(
        x in prop::collection::vec(-2.0..2.0f64, 20 * 37), k in 2..11usize, cut in 1..20usize,
    ) {
        let d = 37;
        let shape = Shape::new(d, k);
        let rows: Vec<&[f64]> = x.chunks_exact(d).collect();
        let slopes: Vec<[f64; GROUP]> =
            (0..shape.padded()).map(|k| std::array::from_fn(|r| x[(k * 20 + r) % x.len()])).collect();
        let mut whole = vec![0.0; shape.size::<f64>().unwrap()];
        let (mut parts, w) = (whole.clone(), whole.iter().map(|_| 0.3).collect::<Vec<_>>());
        add_outer(shape, &rows, &rows, &slopes, true, &mut whole);
        add_outer(shape, &rows[..cut], &rows, &slopes, true, &mut parts);
        let mut others = slopes.clone();
        others.iter_mut().for_each(|slopes| slopes.rotate_left(cut));
        add_outer(shape, &rows[cut..], &[], &others, false, &mut parts);
        prop_assert_eq!(whole, parts);
        let mut all = vec![[0.0; GROUP]; shape.padded()];
        let mut some = all.clone();
        scores(shape, &rows, &[], &w, &mut all);
        scores(shape, &rows[cut..], &rows, &w, &mut some);
        for (all, some) in all.iter().zip(&some) {
            prop_assert_eq!(&all[cut..20], &some[..20 - cut]);
        }
    }
}
