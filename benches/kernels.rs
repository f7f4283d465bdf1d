//! What the passes over the rows cost, below the loop: `cargo bench --features bench`.
//!
//! Throughput is bytes of X a second. Data that fit the second cache show the arithmetic, data that
//! do not show how well memory is kept busy; they reach less than NumPy's arrays do in `make bench`,
//! which lie on huge pages. `GRADWALK_SIMD=baseline|avx2|avx512` holds all of it to one instruction
//! set.

use std::hint::black_box;
use std::time::Duration;

use criterion::measurement::WallTime;
use criterion::{
    BenchmarkGroup, BenchmarkId, Criterion, Throughput, criterion_group, criterion_main,
};
use gradwalk::bench::{
    Batching, Column, Dense, EpochOrder, Kept, Linear, MOST_STEPS, Pass, Penalty, PointLoss, Real,
    RowSet, RowSums, Run, SampleWeights, Sampling, Softmax, dispatch, vector,
};
use rand::{RngExt, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus;

/// Numbers of X: 512 KiB in double precision, and 256 MiB.
const IN_CACHE: usize = 1 << 16;
const IN_MEMORY: usize = 1 << 25;

struct Data<T> {
    x: Vec<T>,
    y: Vec<T>,
    n: usize,
    d: usize,
}

impl<T: Real> Data<T> {
    fn new(numbers: usize, d: usize, n_classes: usize) -> Self {
        let n = numbers / d;
        let mut rng = Xoshiro256PlusPlus::seed_from_u64(1);
        let x = (0..n * d).map(|_| T::from_f64(rng.random::<f64>() - 0.5)).collect();
        let y = (0..n).map(|_| T::from_f64(rng.random_range(0..n_classes) as f64)).collect();
        Data { x, y, n, d }
    }

    fn rows(&self) -> Dense<'_, T> {
        Dense::new(&self.x, self.n, self.d).expect("lengths fit")
    }

    fn linear(&self, loss: PointLoss) -> Linear<'_, T> {
        let targets = Column::Slice(&self.y);
        let weights = SampleWeights::equal();
        Linear::new(self.rows(), targets, loss, weights, true, Penalty::default())
    }

    fn softmax(&self, n_classes: usize) -> Softmax<'_, T> {
        let targets = Column::Slice(&self.y);
        let (weights, penalty) = (SampleWeights::equal(), Penalty::default());
        Softmax::new(self.rows(), targets, n_classes, weights, true, penalty)
    }

    /// The rows in a shuffled order.
    fn order(&self) -> EpochOrder {
        let batching = Batching { batch_size: 1, drop_last: false, sampling: Sampling::Shuffle };
        let mut order = EpochOrder::default();
        order.begin(&batching, self.n, 0, 0, 0).expect("memory");
        while !order.is_drawn() {
            order.draw(usize::MAX);
        }
        order
    }

    fn throughput(&self) -> Throughput {
        Throughput::Bytes(size_of_val(&*self.x) as u64)
    }
}

/// Sums loss and gradient over the rows of `order`, batch by batch, or over all at once.
fn pass<T: Real>(
    group: &mut BenchmarkGroup<'_, WallTime>,
    id: BenchmarkId,
    sums: &dyn RowSums<T>,
    order: Option<(&EpochOrder, usize)>,
) {
    let params = vec![T::from_f64(0.01); sums.n_params()];
    let mut grad = vec![T::zero(); sums.n_params()];
    let mut buffers = sums.buffers().expect("memory");
    let n = sums.n_rows();
    group.bench_function(id, |bencher| {
        bencher.iter(|| {
            grad.fill(T::zero());
            let mut sum = 0.0;
            match order {
                None => {
                    sum += sums.sum(&mut buffers, &params, &RowSet::Range(0..n), Some(&mut grad));
                }
                Some((order, size)) => {
                    for start in (0..n).step_by(size) {
                        let rows = order.rows(start, n.min(start + size));
                        sum += sums.sum(&mut buffers, &params, &rows, Some(&mut grad));
                    }
                }
            }
            (sum, black_box(&grad)[0])
        });
    });
}

fn full_passes(criterion: &mut Criterion) {
    for (place, numbers) in [("in cache", IN_CACHE), ("in memory", IN_MEMORY)] {
        let mut group = criterion.benchmark_group(format!("full pass, {place}"));
        for d in [3, 10, 17, 30, 50, 100, 1_000] {
            let data = Data::<f64>::new(numbers, d, 2);
            group.throughput(data.throughput());
            pass(&mut group, BenchmarkId::new("mse f64", d), &data.linear(PointLoss::Mse), None);
            pass(
                &mut group,
                BenchmarkId::new("log_loss f64", d),
                &data.linear(PointLoss::LogLoss),
                None,
            );
        }
        for d in [10, 100] {
            let data = Data::<f32>::new(numbers, d, 2);
            group.throughput(data.throughput());
            pass(&mut group, BenchmarkId::new("mse f32", d), &data.linear(PointLoss::Mse), None);
        }
        let data = Data::<f32>::new(numbers, 784, 10);
        group.throughput(data.throughput());
        pass(&mut group, BenchmarkId::new("softmax of 10 f32", 784), &data.softmax(10), None);
    }
}

fn shuffled_batches(criterion: &mut Criterion) {
    for (place, numbers) in [("in cache", IN_CACHE), ("in memory", IN_MEMORY)] {
        let mut group = criterion.benchmark_group(format!("shuffled batches, {place}"));
        let data = Data::<f64>::new(numbers, 100, 2);
        let order = data.order();
        group.throughput(data.throughput());
        for size in [2, 8, 32, 256] {
            let id = BenchmarkId::new("mse f64, d = 100", size);
            pass(&mut group, id, &data.linear(PointLoss::Mse), Some((&order, size)));
        }
        let data = Data::<f32>::new(numbers, 784, 10);
        let order = data.order();
        group.throughput(data.throughput());
        let id = BenchmarkId::new("softmax of 10 f32, d = 784", 128);
        pass(&mut group, id, &data.softmax(10), Some((&order, 128)));
    }
}

/// Steps of stochastic descent along all rows in a shuffled order.
fn walk<T: Real>(
    group: &mut BenchmarkGroup<'_, WallTime>,
    id: BenchmarkId,
    data: &Data<T>,
    sums: &dyn RowSums<T>,
) {
    let order = data.order();
    let eta = T::from_f64(0.1 / data.d as f64);
    let mut params = vec![T::zero(); sums.n_params()];
    let mut previous = params.clone();
    let (rates, mut losses) = ([eta; MOST_STEPS], [0.0; MOST_STEPS]);
    let mut buffers = sums.buffers().expect("memory");
    group.throughput(data.throughput());
    group.bench_function(id, |bencher| {
        bencher.iter(|| {
            let mut sum = 0.0;
            for start in (0..data.n).step_by(MOST_STEPS) {
                let rows = order.rows(start, data.n.min(start + MOST_STEPS));
                let count = rows.len();
                let run = Run {
                    params: &mut params,
                    previous: &mut previous,
                    rows,
                    rates: &rates[..count],
                    losses: &mut losses[..count],
                    kept: Kept::none(),
                };
                assert_eq!(sums.take_steps(&mut buffers, run), count);
                sum += losses[..count].iter().sum::<f64>();
            }
            sum
        });
    });
}

fn single_steps(criterion: &mut Criterion) {
    for (place, numbers) in [("in cache", IN_CACHE), ("in memory", IN_MEMORY)] {
        let mut group = criterion.benchmark_group(format!("single steps, {place}"));
        for d in [3, 10, 17, 30, 50, 100, 1_000] {
            let data = Data::<f64>::new(numbers, d, 2);
            walk(&mut group, BenchmarkId::new("mse f64", d), &data, &data.linear(PointLoss::Mse));
            walk(
                &mut group,
                BenchmarkId::new("log_loss f64", d),
                &data,
                &data.linear(PointLoss::LogLoss),
            );
        }
    }
}

struct Dot<'a, T>(&'a [T], &'a [T]);

impl<T: Real> Pass for Dot<'_, T> {
    type Output = T;
    #[inline(always)]
    fn run(self) -> T {
        vector::dot(self.0, self.1)
    }
}

struct Axpy<'a, T>(T, &'a [T], &'a mut [T]);

impl<T: Real> Pass for Axpy<'_, T> {
    type Output = ();
    #[inline(always)]
    fn run(self) {
        vector::axpy(self.0, self.1, self.2);
    }
}

fn vectors(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("vectors, in cache");
    for d in [10, 50, 100, 1_000] {
        let (a, mut b) = (vec![0.5_f64; d], vec![0.25_f64; d]);
        group.throughput(Throughput::Bytes(8 * d as u64));
        group.bench_function(BenchmarkId::new("dot f64", d), |bencher| {
            bencher.iter(|| dispatch(Dot(black_box(&a), black_box(&b))));
        });
        group.bench_function(BenchmarkId::new("axpy f64", d), |bencher| {
            bencher.iter(|| dispatch(Axpy(black_box(1e-9), black_box(&a), black_box(&mut b))));
        });
    }
}

/// Short runs: what is looked for are differences of some per cent and more.
fn settings() -> Criterion {
    Criterion::default()
        .sample_size(20)
        .warm_up_time(Duration::from_millis(300))
        .measurement_time(Duration::from_secs(1))
}

criterion_group! {
    name = kernels;
    config = settings();
    targets = vectors, full_passes, shuffled_batches, single_steps
}
criterion_main!(kernels);
