//! A clock that can be stopped, for the seconds of the history.

use std::time::{Duration, Instant};

/// Time spent walking, over all the slices of a walk.
#[derive(Clone, Copy, Debug, Default)]
pub struct Stopwatch {
    before: Duration,
    since: Option<Instant>,
}

impl Stopwatch {
    /// Runs, from now on, if it did not.
    pub fn start(&mut self) {
        self.since.get_or_insert_with(Instant::now);
    }

    /// Stands still, from now on.
    pub fn stop(&mut self) {
        self.before = self.read();
        self.since = None;
    }

    /// What it shows, in seconds.
    pub fn seconds(&self) -> f64 {
        self.read().as_secs_f64()
    }

    /// What it shows, in whole nanoseconds.
    pub fn nanoseconds(&self) -> u64 {
        u64::try_from(self.read().as_nanos()).unwrap_or(u64::MAX)
    }

    /// A clock that stands still and shows so many nanoseconds.
    pub fn showing(nanoseconds: u64) -> Self {
        Stopwatch { before: Duration::from_nanos(nanoseconds), since: None }
    }

    fn read(&self) -> Duration {
        self.before + self.since.map_or(Duration::ZERO, |since| since.elapsed())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_only_while_it_runs() {
        let mut clock = Stopwatch::default();
        assert_eq!(clock.seconds(), 0.0);
        clock.start();
        std::thread::sleep(Duration::from_millis(2));
        clock.stop();
        let shown = clock.seconds();
        assert!(shown >= 0.002);
        std::thread::sleep(Duration::from_millis(2));
        assert_eq!(clock.seconds(), shown);
        assert_eq!(Stopwatch::showing(clock.nanoseconds()).seconds(), shown);
    }
}
