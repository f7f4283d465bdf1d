use proptest::prelude::*;

use super::*;
use crate::number::Element;
use crate::objective::{Penalty, RowSums, SampleWeights};
use crate::rows::{Column, Dense, Layout, Strided};
use crate::threads::BlockSums;

/// What a walk over some rows leaves: θ, θ before the last step, the losses, and every third θ.
#[derive(Clone, Debug, PartialEq)]
struct Left {
    params: Vec<f64>,
    previous: Vec<f64>,
    losses: Vec<f64>,
    points: Vec<f64>,
}

/// Steps along `order` in runs of the lengths `cuts`, over and over.
fn walk(sums: &dyn RowSums<f64>, order: &[u32], rate: f64, cuts: &[usize]) -> Left {
    const EVERY: usize = 3;
    let p = sums.n_params();
    let mut buffers = sums.buffers().unwrap();
    let mut left =
        Left { params: vec![0.1; p], previous: vec![7.0; p], losses: vec![], points: vec![] };
    let mut cuts = cuts.iter().cycle();
    loop {
        let start = left.losses.len();
        let count = (*cuts.next().unwrap()).min(order.len() - start);
        let mut losses = vec![0.0; count];
        let first = EVERY - start % EVERY;
        let mut points = vec![0.0; (start + count) / EVERY * p - start / EVERY * p];
        let places: Vec<u32> = (0..(points.len() / p) as u32).collect();
        let run = Run {
            params: &mut left.params,
            previous: &mut left.previous,
            rows: RowSet::indices(order).part(start..start + count),
            rates: &vec![rate; count],
            losses: &mut losses,
            kept: Kept::new(&mut points, &places, first, EVERY),
        };
        let done = sums.take_steps(&mut buffers, run);
        left.losses.extend(&losses[..done]);
        left.points.extend(&points[..(start + done) / EVERY * p - start / EVERY * p]);
        if done < count || left.losses.len() == order.len() {
            return left;
        }
    }
}

fn numbers(n: usize) -> impl Strategy<Value = Vec<f64>> {
    prop::collection::vec(-1.0..1.0f64, n)
}

proptest! {
    #[test]
    fn cuts_and_layouts_change_no_bit(
        (d, x, y) in (1..40usize).prop_flat_map(|d| (Just(d), numbers(20 * d), numbers(20))),
        order in prop::collection::vec(0..20u32, 1..200),
        cuts in prop::collection::vec(1..=MOST_STEPS, 1..5),
        l2 in prop::sample::select(vec![0.0, 0.1]),
        is_weighted: bool, fit_intercept: bool,
    ) {
        let weights: Vec<f64> = (0..20).map(|row| f64::from(row % 3)).collect();
        let weights = if is_weighted {
            SampleWeights::new(Column::Slice(&weights)).unwrap()
        } else {
            SampleWeights::equal()
        };
        let penalty = Penalty { l1: 0.0, by_sign: false, l2, n_free: usize::from(fit_intercept) };
        let rows = Dense::new(&x, 20, d).unwrap();
        let sums = Linear::new(rows, Column::Slice(&y), PointLoss::Mse, weights, fit_intercept, penalty);
        let whole = walk(&sums, &order, 0.01, &[MOST_STEPS]);
        prop_assert_eq!(whole.losses.len(), order.len());
        prop_assert_eq!(&walk(&sums, &order, 0.01, &[1]), &whole);
        prop_assert_eq!(&walk(&sums, &order, 0.01, &cuts), &whole);

        let bytes: Vec<u8> = x.iter().flat_map(|x| x.to_ne_bytes()).collect();
        let strides = [8 * d as isize, 8];
        let layout = Layout { first: 0, shape: [20, d], strides, element: Element::F64, swapped: false };
        let rows = Strided::new(&bytes, layout).unwrap();
        let sums = Linear::new(rows, Column::Slice(&y), PointLoss::Mse, weights, fit_intercept, penalty);
        prop_assert_eq!(&walk(&sums, &order, 0.01, &cuts), &whole);
    }

    #[test]
    fn a_run_ends_where_the_loss_is_not_finite(
        (d, mut x) in (1..40usize).prop_flat_map(|d| (Just(d), numbers(150 * d))),
        at in 0..150usize, which in 0..4usize,
        cuts in prop::collection::vec(1..=MOST_STEPS, 1..5),
    ) {
        // NaN, infinity, a square that overflows, and a θ that overflows, which the next row tells.
        let value = [f64::NAN, f64::INFINITY, 1e200, 1e150][which];
        x[at * d + d / 2] = value;
        let rate = if which == 3 { 1e100 } else { 1e-3 };
        let rows = Dense::new(&x, 150, d).unwrap();
        let (y, free) = (vec![0.5; 150], Penalty { l1: 0.0, by_sign: false, l2: 0.0, n_free: 1 });
        let sums = Linear::new(rows, Column::Slice(&y), PointLoss::Mse, SampleWeights::equal(), true, free);
        let order: Vec<u32> = (0..150).collect();
        let one_by_one = walk(&sums, &order, rate, &[1]);
        if which < 3 {
            prop_assert_eq!(one_by_one.losses.len(), at);
        }
        let run = walk(&sums, &order, rate, &cuts);
        prop_assert_eq!(run.losses.len(), one_by_one.losses.len());
        let bits = |left: &Left| {
            let all = [&left.params, &left.previous, &left.losses, &left.points];
            all.map(|numbers| numbers.iter().map(|x| x.to_bits()).collect::<Vec<_>>())
        };
        prop_assert_eq!(bits(&run), bits(&one_by_one));
    }

    #[test]
    fn a_step_is_that_of_the_stored_gradient(
        (d, x) in (1..40usize).prop_flat_map(|d| (Just(d), numbers(d))),
        label in 0..2u8, l2 in prop::sample::select(vec![0.0, 0.1]), rate in 0.01..2.0f64,
    ) {
        let y = [f64::from(label)];
        let penalty = Penalty { l1: 0.0, by_sign: false, l2, n_free: 1 };
        let rows = Dense::new(&x, 1, d).unwrap();
        let sums = Linear::new(rows, Column::Slice(&y), PointLoss::LogLoss, SampleWeights::equal(), true, penalty);
        let left = walk(&sums, &[0], rate, &[1]);
        let (before, mut grad) = (vec![0.1; d + 1], vec![0.0; d + 1]);
        let mut buffers = sums.buffers().unwrap();
        let sum = sums.sum(&mut buffers, &before, &RowSet::Range(0..1), Some(&mut grad));
        let loss = penalty.finish(&before, 1, sum, &mut grad);
        prop_assert!((left.losses[0] - loss).abs() <= 1e-14 * loss.abs().max(1.0));
        for ((param, before), grad) in left.params.iter().zip(&before).zip(&grad) {
            let expected = before - rate * grad;
            prop_assert!((param - expected).abs() <= 1e-14 * expected.abs().max(1.0));
        }
    }
}
