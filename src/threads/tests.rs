use std::convert::Infallible;

use proptest::prelude::*;

use super::*;
use crate::kernel::vector::dot;
use crate::loss::PointLoss;
use crate::objective::{
    Linear, Mean, Objective, Penalty, RowSums, SampleWeights, Softmax, block_rows,
};
use crate::rows::{Column, Dense};

/// Some numbers between −1 and 1 that look like nothing in particular.
fn numbers(count: usize, seed: usize) -> Vec<f64> {
    (0..count).map(|k| (((k + seed) * 7919 % 10_007) as f64 / 5003.5) - 1.0).collect()
}

/// Loss and gradient over a batch in rounds of `at_once` rows.
fn mean(objective: &mut Mean<'_, f64>, params: &[f64], rows: &RowSet<'_>) -> (f64, Vec<f64>) {
    let (m, mut sum, mut grad) = (rows.len(), 0.0, vec![0.0; params.len()]);
    let at_once = objective.rows_at_once(m);
    for start in (0..m).step_by(at_once) {
        let rows = rows.part(start..m.min(start + at_once));
        Ok::<_, Infallible>(sum) = objective.accumulate(params, m, rows, sum, Some(&mut grad));
    }
    (objective.finish(params, m, sum, &mut grad), grad)
}

/// Runs `check` with a mean that `count` threads share, and that are started at once.
fn with_threads(
    sums: &dyn RowSums<f64>,
    part: Option<&[u32]>,
    count: usize,
    check: impl FnOnce(&mut Mean<'_, f64>),
) {
    thread::scope(|scope| {
        let mut pool = ThreadPool::new(sums, scope, count);
        pool.products = WORTH_STARTING;
        check(&mut Mean::new(sums, part).unwrap().with_pool(pool));
    });
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn the_bits_do_not_depend_on_the_threads(
        n in 200..3000usize, d in 1..80usize, count in 1..9usize, by_index: bool, in_part: bool,
        classes in 1..4usize, seed in 0..1000usize,
    ) {
        let (x, y) = (numbers(n * d, seed), numbers(n, seed + 1));
        let labels: Vec<f64> = y.iter().map(|y| f64::from(*y > 0.0)).collect();
        let rows = Dense::new(&x, n, d).unwrap();
        let (weights, penalty) = (SampleWeights::equal(), Penalty { l1: 0.0, by_sign: false, l2: 0.1, n_free: 1 });
        let squares = Linear::new(rows, Column::Slice(&y), PointLoss::Mse, weights, true, penalty);
        let logistic = Linear::new(rows, Column::Slice(&labels), PointLoss::LogLoss, weights, false, penalty);
        let softmax = Softmax::new(rows, Column::Slice(&labels), classes + 1, weights, true, penalty);
        let part: Vec<u32> = (0..n as u32).filter(|row| row % 5 != 0).collect();
        let part = in_part.then_some(&part[..]);
        let n_rows = part.map_or(n, <[u32]>::len);
        let mixed: Vec<u32> = (0..n_rows).map(|k| (k * 7919 % n_rows) as u32).collect();
        let set = if by_index { RowSet::indices(&mixed) } else { RowSet::Range(0..n_rows) };
        for sums in [&squares as &dyn RowSums<f64>, &logistic, &softmax] {
            let params = numbers(sums.n_params(), seed + 2);
            let alone = mean(&mut Mean::new(sums, part).unwrap(), &params, &set);
            let mut found = Vec::new();
            with_threads(sums, part, count, |objective| {
                for _ in 0..3 {
                    found.push(mean(objective, &params, &set));
                }
                assert!(objective.n_threads() <= count);
            });
            for (loss, grad) in found {
                prop_assert_eq!(loss.to_bits(), alone.0.to_bits());
                prop_assert_eq!(&grad, &alone.1);
            }
        }
    }
}

#[test]
fn sums_of_blocks_are_the_sum() {
    let (n, d) = (5000, 30);
    let (x, y) = (numbers(n * d, 3), numbers(n, 4));
    let rows = Dense::new(&x, n, d).unwrap();
    let sums = Linear::new(
        rows,
        Column::Slice(&y),
        PointLoss::Mse,
        SampleWeights::equal(),
        false,
        Penalty::default(),
    );
    let params = numbers(d, 5);
    assert!(block_rows(n, d) < n / 2);
    let (loss, grad) = mean(&mut Mean::new(&sums, None).unwrap(), &params, &RowSet::Range(0..n));
    let residuals: Vec<f64> = x.chunks(d).zip(&y).map(|(row, y)| dot(row, &params) - y).collect();
    let expected = residuals.iter().map(|r| r * r).sum::<f64>() / n as f64;
    assert!((loss - expected).abs() < 1e-12 * expected);
    for (j, slope) in grad.iter().enumerate() {
        let expected: f64 =
            x.chunks(d).zip(&residuals).map(|(row, r)| 2.0 * r * row[j]).sum::<f64>() / n as f64;
        assert!((slope - expected).abs() < 1e-12);
    }
}

#[test]
fn somebody_helps() {
    let (n, d) = (40_000, 50);
    let (x, y) = (numbers(n * d, 3), numbers(n, 4));
    let rows = Dense::new(&x, n, d).unwrap();
    let weights = SampleWeights::equal();
    let sums =
        Linear::new(rows, Column::Slice(&y), PointLoss::Mse, weights, false, Penalty::default());
    with_threads(&sums, None, 3, |objective| {
        // A helper may come late to the first rounds, but not to all of them.
        for _ in 0..500 {
            mean(objective, &numbers(d, 5), &RowSet::Range(0..n));
            if objective.n_threads() > 1 {
                return;
            }
        }
        panic!("no helper has taken a block in 500 passes");
    });
}

#[test]
fn no_thread_for_little_work() {
    let (n, d) = (3000, 10);
    let (x, y) = (numbers(n * d, 3), numbers(n, 4));
    let rows = Dense::new(&x, n, d).unwrap();
    let weights = SampleWeights::equal();
    let sums =
        Linear::new(rows, Column::Slice(&y), PointLoss::Mse, weights, false, Penalty::default());
    thread::scope(|scope| {
        let pool = ThreadPool::new(&sums, scope, 4);
        let mut objective = Mean::new(&sums, None).unwrap().with_pool(pool);
        mean(&mut objective, &numbers(d, 5), &RowSet::Range(0..n));
        assert_eq!(objective.n_started(), 0);
    });
}

#[test]
fn a_system_without_threads_to_give() {
    let (n, d) = (5000, 30);
    let (x, y) = (numbers(n * d, 3), numbers(n, 4));
    let rows = Dense::new(&x, n, d).unwrap();
    let weights = SampleWeights::equal();
    let sums =
        Linear::new(rows, Column::Slice(&y), PointLoss::Mse, weights, false, Penalty::default());
    let mut pool = ThreadPool::with_spawn(&sums, Box::new(|_| None), 4);
    pool.products = WORTH_STARTING;
    let mut objective = Mean::new(&sums, None).unwrap().with_pool(pool);
    let (params, set) = (numbers(d, 5), RowSet::Range(0..n));
    let alone = mean(&mut Mean::new(&sums, None).unwrap(), &params, &set);
    assert_eq!(mean(&mut objective, &params, &set), alone);
}

#[test]
fn a_helper_that_loses_its_core_is_not_waited_for() {
    // Threads that take a block each and never finish it.
    let (n, d) = (5000, 30);
    let (x, y) = (numbers(n * d, 3), numbers(n, 4));
    let rows = Dense::new(&x, n, d).unwrap();
    let weights = SampleWeights::equal();
    let sums =
        Linear::new(rows, Column::Slice(&y), PointLoss::Mse, weights, false, Penalty::default());
    let (params, set) = (numbers(d, 5), RowSet::Range(0..n));
    let alone = mean(&mut Mean::new(&sums, None).unwrap(), &params, &set);
    let mut pool = ThreadPool::with_spawn(&sums, Box::new(|_| None), 2);
    let job = pool.job(&params, &set, block_rows(n, d), true).unwrap();
    job.chunks[0].next.store(2, Ordering::Relaxed);
    let mut buffers = sums.buffers().unwrap();
    job.work(&sums, &mut buffers, 0);
    let (mut block, mut grad) = (vec![0.0; d], vec![0.0; d]);
    let patience = Duration::from_micros(50);
    let (sum, was_late) =
        pool.add_up(&job, &mut buffers, &mut block, patience, 0.0, Some(&mut grad));
    assert!(was_late);
    let loss = sums.penalty().finish(&params, n, sum, &mut grad);
    assert_eq!((loss, grad), alone);
}
