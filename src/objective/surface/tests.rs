use proptest::prelude::*;

use super::*;
use crate::batches::{Batching, EpochOrder, Sampling};

fn named(which: usize) -> (Landscape, usize) {
    let all = Landscape::all();
    let landscape = all[which % all.len()];
    (landscape, landscape.usual_n_params())
}

/// A point within the bounds.
fn point(landscape: &Landscape, p: usize, unit: [f64; 2]) -> Vec<f64> {
    let bounds = landscape.bounds(p);
    bounds.iter().zip(unit).map(|((low, high), unit)| low + (high - low) * unit).collect()
}

fn bits(numbers: &[f64]) -> Vec<u64> {
    numbers.iter().map(|number| number.to_bits()).collect()
}

/// Value and gradient of the mean over all parts of a batch.
fn mean(surface: &mut Surface, x: &[f64], parts: &[RowSet<'_>]) -> (f64, Vec<f64>) {
    let mut grad = vec![0.0; x.len()];
    let mut sum = 0.0;
    for part in parts {
        let Ok(so_far) = surface.accumulate(x, part.len(), part.clone(), sum, Some(&mut grad));
        sum = so_far;
    }
    let m = parts.iter().map(RowSet::len).sum();
    (surface.finish(x, m, sum, &mut grad), grad)
}

fn close(a: f64, b: f64, scale: f64) -> bool {
    (a - b).abs() <= 1e-12 * scale.max(a.abs()).max(b.abs())
}

/// All rows in some order, cut into parts.
fn cut_up<'a>(cuts: &[usize], order: Option<&'a [u32]>) -> Vec<RowSet<'a>> {
    let parts = cuts.windows(2).map(|cut| match order {
        None => RowSet::Range(cut[0]..cut[1]),
        Some(order) => RowSet::indices(&order[cut[0]..cut[1]]),
    });
    parts.collect()
}

proptest! {
    #[test]
    fn tilts_sum_to_nothing(
        n in 1..2000usize, which in 0..10usize, seed: u64, exponent in -90..90i32,
    ) {
        let (landscape, p) = named(which);
        let spread = 3.0 * 10f64.powi(exponent);
        let surface = Surface::as_sum(landscape, p, n, spread, seed).unwrap();
        for j in 0..p {
            let tilts: Vec<f64> = (0..n).map(|term| surface.tilt(term, j)).collect();
            prop_assert_eq!(tilts.iter().sum::<f64>(), 0.0);
            prop_assert_eq!(tilts.iter().rev().sum::<f64>(), 0.0);
            prop_assert!(tilts.iter().all(|tilt| tilt.abs() < 12.2 * spread));
            prop_assert!(n == 1 || tilts.iter().any(|&tilt| tilt != 0.0));
        }
    }

    #[test]
    fn all_rows_have_the_bits_of_the_landscape(
        n in 1..1000usize, which in 0..10usize, seed: u64, spread in 0.0..100.0f64,
        unit: [f64; 2], cuts in prop::collection::vec(0.0..1.0f64, 0..5),
    ) {
        let (landscape, p) = named(which);
        let x = point(&landscape, p, unit.map(|unit| unit.abs().fract()));
        let mut surface = Surface::as_sum(landscape, p, n, spread, seed).unwrap();
        let mut gradient = vec![0.0; p];
        landscape.gradient(&x, &mut gradient);
        let value = landscape.value(&x);

        let mut cuts: Vec<usize> = cuts.iter().map(|cut| (cut * n as f64) as usize).collect();
        cuts.extend([0, n]);
        cuts.sort_unstable();
        let mut order: Vec<u32> = (0..n as u32).collect();
        // The worst order for partial sums: by tilt; and one that mixes them.
        order.sort_by(|&a, &b| surface.tilt(a as usize, 0).total_cmp(&surface.tilt(b as usize, 0)));
        let mixed: Vec<u32> = (0..n).map(|k| order[(k * 7919) % n]).collect();
        let mut orders = vec![cut_up(&cuts, None), cut_up(&cuts, Some(&order))];
        if n % 7919 != 0 {
            orders.push(cut_up(&cuts, Some(&mixed)));
        }
        for parts in orders {
            let (found, found_gradient) = mean(&mut surface, &x, &parts);
            prop_assert_eq!(found.to_bits(), value.to_bits());
            prop_assert_eq!(bits(&found_gradient), bits(&gradient));
            let mut sum = 0.0;
            for part in parts {
                let Ok(so_far) = surface.accumulate(&x, part.len(), part, sum, None);
                sum = so_far;
            }
            prop_assert_eq!(surface.finish_loss(&x, n, sum).to_bits(), value.to_bits());
        }
    }

    #[test]
    fn some_rows_have_their_mean_tilt(
        n in 1..200usize, which in 0..10usize, seed: u64, spread in 0.01..100.0f64,
        unit: [f64; 2], rows in prop::collection::vec(0..200u32, 1..20),
    ) {
        let (landscape, p) = named(which);
        let x = point(&landscape, p, unit.map(|unit| unit.abs().fract()));
        let mut surface = Surface::as_sum(landscape, p, n, spread, seed).unwrap();
        let rows: Vec<u32> = rows.iter().map(|&row| row % n as u32).collect();
        let (value, gradient) = mean(&mut surface, &x, &[RowSet::indices(&rows)]);
        let mut expected = vec![0.0; p];
        landscape.gradient(&x, &mut expected);
        let mut tilt_value = 0.0;
        for j in 0..p {
            let tilts = rows.iter().map(|&row| surface.tilt(row as usize, j));
            let tilt = tilts.sum::<f64>() / rows.len() as f64;
            prop_assert!(close(gradient[j], expected[j] + tilt, spread));
            tilt_value += tilt * x[j];
        }
        let scale = spread * x.iter().map(|x| x.abs()).sum::<f64>();
        prop_assert!(close(value, landscape.value(&x) + tilt_value, scale));
    }

    #[test]
    fn one_step_is_the_batch_of_one_row(
        n in 1..200usize, which in 0..10usize, seed: u64, spread in 0.0..100.0f64,
        unit: [f64; 2], row in 0..200usize, eta in 1e-3..1.0f64,
    ) {
        let (landscape, p) = named(which);
        let x = point(&landscape, p, unit.map(|unit| unit.abs().fract()));
        let mut surface = Surface::as_sum(landscape, p, n, spread, seed).unwrap();
        let row = row % n;
        let mut next = vec![f64::NAN; p];
        let value = surface.step_one(&x, row, eta, &mut next);
        for rows in [RowSet::Range(row..row + 1), RowSet::indices(&[row as u32])] {
            let (expected, gradient) = mean(&mut surface, &x, &[rows]);
            prop_assert_eq!(value.to_bits(), expected.to_bits());
            let expected: Vec<f64> = x.iter().zip(gradient).map(|(x, g)| x - eta * g).collect();
            prop_assert_eq!(bits(&next), bits(&expected));
        }
    }
}

#[test]
fn tilts_are_spread_as_asked_for() {
    let n = 10_000;
    let surface = Surface::as_sum(Landscape::by_name("beale").unwrap(), 2, n, 2.5, 3).unwrap();
    for j in 0..2 {
        let squares: f64 = (0..n).map(|term| surface.tilt(term, j).powi(2)).sum();
        // The standard deviation of a variance is √(2/n) of it.
        assert!((squares / n as f64 / 6.25 - 1.0).abs() < 4.0 * (2.0 / n as f64).sqrt());
    }
    let product: f64 = (0..n).map(|term| surface.tilt(term, 0) * surface.tilt(term, 1)).sum();
    assert!((product / n as f64 / 6.25).abs() < 4.0 / (n as f64).sqrt());
}

#[test]
fn tilts_depend_on_the_seed_alone() {
    let landscape = Landscape::by_name("plateau").unwrap();
    let tilts = |seed| {
        let surface = Surface::as_sum(landscape, 1, 5, 1.0, seed).unwrap();
        (0..5).map(|term| surface.tilt(term, 0)).collect::<Vec<_>>()
    };
    assert_eq!(tilts(1), tilts(1));
    assert_ne!(tilts(1), tilts(2));
}

#[test]
fn a_step_from_nowhere_leads_nowhere() {
    let plateau = Landscape::by_name("plateau").unwrap();
    for spread in [0.0, 1.0] {
        let mut surface = Surface::as_sum(plateau, 1, 3, spread, 0).unwrap();
        for x in [f64::NAN, f64::INFINITY, 1e200] {
            let mut next = [7.0];
            let value = surface.step_one(&[x], 1, 0.1, &mut next);
            assert!(!value.is_finite() && next == [7.0], "{x}: {value}, {next:?}");
            let (value, _) = mean(&mut surface, &[x], &[RowSet::Range(0..3)]);
            assert!(!value.is_finite(), "{x}: {value}");
        }
    }
}

/// The local maximum between the wells.
const BARRIER: f64 = 0.26959443640544456;
// The settings of the double well's lesson.
const TERMS: usize = 100;
const SPREAD: f64 = 5.5;
const EPOCHS: u64 = 200;
const BATCH: usize = 4;
const TAU: f64 = 1000.0;

/// θ after a walk with these settings, and η(t) = η/(1 + t/τ).
fn lesson(surface: &mut Surface, start: f64, batch_size: usize, seed: u64) -> f64 {
    let n = surface.n_terms();
    let sampling = if batch_size < n { Sampling::Shuffle } else { Sampling::Sequential };
    let batching = Batching { batch_size, drop_last: false, sampling };
    let (mut order, mut t) = (EpochOrder::default(), 0.0);
    let mut x = [start];
    for epoch in 0..EPOCHS {
        order.begin(&batching, n, seed, epoch, 0).unwrap();
        while !order.is_drawn() {
            order.draw(usize::MAX);
        }
        for from in (0..n).step_by(batch_size) {
            let eta = surface.landscape.learning_rate() / (1.0 + t / TAU);
            t += 1.0;
            let rows = order.rows(from, n.min(from + batch_size));
            let (_, gradient) = mean(surface, &x, &[rows]);
            x[0] -= eta * gradient[0];
        }
    }
    x[0]
}

#[test]
fn noise_crosses_the_barrier_of_the_double_well() {
    let landscape = Landscape::by_name("double_well").unwrap();
    let n = TERMS;
    let (_, most) = landscape.bounds(1)[0];
    let minima = landscape.minima(1);
    let (global, local) = (minima[0].point[0], minima[1].point[0]);
    for draw in 0..5 {
        let sum = Surface::as_sum(landscape, 1, n, SPREAD, draw);
        let surface = &mut sum.unwrap();
        let local_basin = |k: u32| BARRIER + (most - BARRIER) * (f64::from(k) + 0.5) / 100.0;
        let stay =
            (0..100).filter(|&k| (lesson(surface, local_basin(k), n, 0) - local).abs() < 1e-6);
        assert_eq!(stay.count(), 100);
        let mut arrivals = |start: f64, batch_size| {
            let ends = (0..100).map(|seed| lesson(surface, start, batch_size, seed));
            ends.filter(|end| (end - global).abs() < 0.1).count()
        };
        let single = arrivals(local, 1);
        let few = arrivals(local, BATCH);
        let stay = [arrivals(global, 1), arrivals(global, BATCH)];
        assert!(single >= 90, "{single}");
        assert!((10..=85).contains(&few), "{few}");
        assert!(stay.iter().all(|&stay| stay >= 95), "{stay:?}");
    }
}
