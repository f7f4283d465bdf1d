use std::marker::PhantomData;

use proptest::prelude::*;

use super::*;
use crate::kernel::rows::{RowKernel, many, pair};
use crate::kernel::vector::{axpy, dot};
use crate::kernel::{LanesPass, Level};

/// `pass` with every instruction set that this processor has, the plain one first.
fn at_each_level<P: LanesPass + Clone>(pass: &P) -> Vec<P::Output> {
    let mut outputs = vec![pass.clone().run::<Plain>()];
    #[cfg(target_arch = "x86_64")]
    {
        if Level::widest() >= Level::Avx2 {
            // SAFETY: the processor reports these features.
            outputs.push(unsafe { crate::kernel::dispatch::run_lanes_avx2(pass.clone()) });
        }
        if Level::widest() >= Level::Avx512 {
            // SAFETY: the processor reports these features.
            outputs.push(unsafe { crate::kernel::dispatch::run_lanes_avx512(pass.clone()) });
        }
    }
    outputs
}

/// Bits of numbers, for −0 and NaN are to be the same, too.
fn bits<T: Real>(numbers: &[T]) -> Vec<u64> {
    numbers.iter().map(|number| number.as_f64().to_bits()).collect()
}

/// The sum of each of eight vectors.
#[derive(Clone)]
struct SumsOf<T, const N: usize>(Vec<T>);

impl<T: Real, const N: usize> LanesPass for SumsOf<T, N> {
    type Output = Vec<T>;

    #[inline(always)]
    fn run<S: Simd>(self) -> Vec<T> {
        let vector = |r: usize| {
            let numbers = self.0[r * N..].first_chunk().unwrap();
            <S::Vector<T, N> as Lanes<T, N>>::load(numbers)
        };
        S::Vector::<T, N>::sums([0, 1, 2, 3, 4, 5, 6, 7].map(vector)).to_vec()
    }
}

/// A square transposed.
#[derive(Clone)]
struct Transposed<T, const N: usize>(Vec<u8>, PhantomData<T>);

impl<T: Real, const N: usize> LanesPass for Transposed<T, N> {
    type Output = Vec<T>;

    #[inline(always)]
    fn run<S: Simd>(self) -> Vec<T> {
        let rows: [&[u8]; N] = std::array::from_fn(|r| &self.0[64 * r..64 * (r + 1)]);
        let mut out = vec![[T::zero(); N]; N];
        let transposed = S::Vector::<T, N>::transpose_bytes(rows);
        let again = S::Vector::<T, N>::transpose(rows.map(S::Vector::<T, N>::load_bytes));
        for (row, again) in transposed.into_iter().zip(again) {
            let (mut a, mut b) = ([T::zero(); N], [T::zero(); N]);
            row.store(&mut a);
            again.store(&mut b);
            assert_eq!(a, b);
        }
        for (row, out) in transposed.into_iter().zip(&mut out) {
            row.store(out);
        }
        out.into_flattened()
    }
}

/// a·b + c.
#[derive(Clone)]
struct Fused<T, const N: usize>([[T; N]; 3]);

impl<T: Real, const N: usize> LanesPass for Fused<T, N> {
    type Output = [T; N];

    #[inline(always)]
    fn run<S: Simd>(self) -> [T; N] {
        let [a, b, c] = self.0.each_ref().map(<S::Vector<T, N> as Lanes<T, N>>::load);
        let mut out = [T::zero(); N];
        a.mul_add(b, c).store(&mut out);
        out
    }
}

/// Named vectors round once, arrays as the processor has it.
fn check_fused<T: Real, const N: usize>(numbers: &[f64]) -> Result<(), TestCaseError> {
    let numbers: [[T; N]; 3] = array_from(|k| array_from(|r| T::from_f64(numbers[N * k + r])));
    let [a, b, c] = &numbers;
    let once: [T; N] = array_from(|r| a[r].mul_add(b[r], c[r]));
    let twice: [T; N] = array_from(|r| c[r] + a[r] * b[r]);
    let found = at_each_level(&Fused(numbers));
    let plain = if cfg!(target_arch = "aarch64") { once } else { twice };
    prop_assert_eq!(bits(&found[0]), bits(&plain));
    for found in &found[1..] {
        prop_assert_eq!(bits(found), bits(&once));
    }
    Ok(())
}

proptest! {
    #[test]
    fn products_are_added(numbers in prop::collection::vec(-2.0..2.0f64, 48)) {
        check_fused::<f64, 8>(&numbers)?;
        check_fused::<f32, 16>(&numbers)?;
    }
}

#[test]
fn squares_are_transposed_over() {
    let bytes = (0..64).flat_map(|k| f64::from(k).to_ne_bytes()).collect();
    for transposed in at_each_level(&Transposed::<f64, 8>(bytes, PhantomData)) {
        let expected: Vec<f64> = (0..64).map(|k| f64::from(8 * (k % 8) + k / 8)).collect();
        assert_eq!(transposed, expected);
    }
    let bytes = (0..256u16).flat_map(|k| f32::from(k).to_ne_bytes()).collect();
    for transposed in at_each_level(&Transposed::<f32, 16>(bytes, PhantomData)) {
        let expected: Vec<f32> = (0..256u16).map(|k| f32::from(16 * (k % 16) + k / 16)).collect();
        assert_eq!(transposed, expected);
    }
}

/// Products of eight rows with w, then the gradient with the products as slopes, and one row more.
#[derive(Clone)]
struct Products<T, const N: usize> {
    x: Vec<T>,
    w: Vec<T>,
    in_a_pair: bool,
}

impl<T: Real, const N: usize> LanesPass for Products<T, N> {
    type Output = (Vec<T>, Vec<T>);

    #[inline(always)]
    fn run<S: Simd>(self) -> (Vec<T>, Vec<T>) {
        let d = self.w.len();
        let rows = [0, 1, 2, 3, 4, 5, 6, 7].map(|r| &self.x[r * d..(r + 1) * d]);
        let mut grad = self.w.clone();
        let dots = match self.in_a_pair {
            true if d < N => {
                through(pair::Sums::<T, S::Vector<T, N>, N, 1>::new(&self.w, &mut grad), rows)
            }
            true => through(pair::Sums::<T, S::Vector<T, N>, N, 2>::new(&self.w, &mut grad), rows),
            false => through(many::Sums::<T, S::Vector<T, N>, N>::new(&self.w, &mut grad), rows),
        };
        (dots.to_vec(), grad)
    }
}

/// The products, which are then taken for slopes.
#[inline(always)]
fn through<T: Real>(mut sums: impl RowKernel<T>, rows: [&[T]; EIGHT]) -> [T; EIGHT] {
    let dots = sums.dot(rows, Some(rows.map(<[T]>::as_ptr)));
    assert_eq!(bits(&dots), bits(&sums.dot(rows, None)));
    assert_eq!(bits(&dots[..3]), bits(&sums.dot_of_few(&rows[..3])[..3]));
    sums.axpy(dots, rows);
    sums.axpy_one(dots[0], rows[1], 0);
    sums.finish();
    dots
}

fn check_products<T: Real, const N: usize>(x: &[f64], w: &[f64], is_whole: bool) {
    let convert = |v: &[f64]| v.iter().map(|&x| T::from_f64(x)).collect::<Vec<T>>();
    let (x, w, d) = (convert(x), convert(w), w.len());
    for in_a_pair in [false, true] {
        if in_a_pair && d > 2 * N || !in_a_pair && d < N {
            continue;
        }
        let pass = Products::<T, N> { x: x.clone(), w: w.clone(), in_a_pair };
        let outputs = at_each_level(&pass);
        for (dots, grad) in &outputs {
            assert_eq!(bits(dots), bits(&outputs[0].0));
            assert_eq!(bits(grad), bits(&outputs[0].1));
        }
        if is_whole {
            // Nothing is rounded: the order of the sums does not matter.
            let row = |r: usize| &x[r * d..(r + 1) * d];
            let dots: Vec<T> = (0..8).map(|r| dot(row(r), &w)).collect();
            let mut grad = w.clone();
            (0..8).for_each(|r| axpy(dots[r], row(r), &mut grad));
            axpy(dots[0], row(1), &mut grad);
            assert_eq!(outputs[0], (dots, grad));
        }
    }
}

proptest! {
    #[test]
    fn sums_have_the_bits_of_the_pairwise(numbers in prop::collection::vec(-1e3..1e3f64, 128)) {
        let singles: Vec<f32> = numbers.iter().map(|&number| number as f32).collect();
        for sums in at_each_level(&SumsOf::<f64, 8>(numbers.clone())) {
            let expected: Vec<f64> = numbers.as_chunks::<8>().0[..8].iter().map(|&v| sum_pairwise(v)).collect();
            prop_assert_eq!(sums, expected);
        }
        for sums in at_each_level(&SumsOf::<f32, 16>(singles.clone())) {
            let expected: Vec<f32> = singles.as_chunks::<16>().0.iter().map(|&v| sum_pairwise(v)).collect();
            prop_assert_eq!(sums, expected);
        }
    }

    #[test]
    fn rows_together_are_as_one_after_the_other(
        (x, w) in (8..80usize).prop_flat_map(|d| {
            let numbers = |n| prop::collection::vec((-8..9i32).prop_map(f64::from), n);
            (numbers(8 * d), numbers(d))
        }),
    ) {
        check_products::<f64, 8>(&x, &w, true);
        check_products::<f32, 16>(&x, &w, true);
    }

    #[test]
    fn every_instruction_set_rounds_alike(
        (x, w) in (8..40usize).prop_flat_map(|d| {
            let numbers = |n| prop::collection::vec(-10.0..10.0f64, n);
            (numbers(8 * d), numbers(d))
        }),
    ) {
        check_products::<f64, 8>(&x, &w, false);
        check_products::<f32, 16>(&x, &w, false);
    }
}
