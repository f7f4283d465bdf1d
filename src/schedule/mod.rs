//! The learning rate η as a function of the global update counter t, counted from 0: one small file a
//! schedule, and one table. To add a schedule, write its file and its line in the table below; Python,
//! saved models and the tests read the table.

mod constant;
pub mod constants;
mod cosine;
mod exponential;
mod inverse_scaling;
mod linear;
mod one_cycle;
mod step_decay;
mod warmup;

use self::constants::{Constants, Value};

/// A schedule: one small type for each, with its constants.
trait Formula: Constants {
    /// η at update `t`, or `None` if it is not known.
    fn at(&self, t: u64) -> Option<f64>;
}

macro_rules! schedules {
    ($($name:ident in $file:ident,)*) => {
        $(pub use self::$file::$name;)*

        /// Where η comes from.
        #[derive(Clone, Debug, PartialEq)]
        pub enum Schedule {
            $(
                #[doc = concat!("See [`", stringify!($name), "`].")]
                $name($name),
            )*
            /// η of the updates `first`, `first + 1`, …: a window that the caller computed (from a
            /// Python function, say) and renews when the walk asks for it.
            Window {
                /// The update that the first rate belongs to.
                first: u64,
                /// One rate an update.
                rates: Vec<f64>,
            },
        }

        $(
            impl From<$name> for Schedule {
                fn from(schedule: $name) -> Schedule {
                    Schedule::$name(schedule)
                }
            }
        )*

        impl Schedule {
            /// The names and constants of all that have some, in the order of the documentation.
            pub const TABLE: &[(&str, &[constants::Constant])] =
                &[$((<$name as Constants>::NAME, <$name as Constants>::CONSTANTS),)*];

            /// The schedule of that name with these constants, in order.
            pub fn of(name: &str, values: Vec<Value>) -> Option<Schedule> {
                match name {
                    $(stringify!($name) => <$name>::from_values(values).map(Schedule::$name),)*
                    _ => None,
                }
            }

            /// η at update `t`, or `None` if a window does not reach it.
            #[inline(always)]
            pub fn at(&self, t: u64) -> Option<f64> {
                match self {
                    $(Schedule::$name(schedule) => schedule.at(t),)*
                    Schedule::Window { first, rates } => {
                        rates.get(usize::try_from(t.checked_sub(*first)?).ok()?).copied()
                    }
                }
            }
        }
    };
}

schedules! {
    Constant in constant,
    InverseScaling in inverse_scaling,
    Exponential in exponential,
    StepDecay in step_decay,
    Linear in linear,
    Cosine in cosine,
    OneCycle in one_cycle,
    Warmup in warmup,
}

impl Schedule {
    /// η at updates `t`, `t` + 1, …, as many as a window reaches, into `rates`; how many.
    #[inline]
    pub fn fill(&self, t: u64, rates: &mut [f64]) -> usize {
        if let Schedule::Constant(rate) = self {
            rates.fill(*rate);
            return rates.len();
        }
        let known = (t..).map_while(|t| self.at(t));
        rates.iter_mut().zip(known).map(|(rate, known)| *rate = known).count()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(schedule: &Schedule, times: &[u64]) -> Vec<f64> {
        times.iter().map(|&t| schedule.at(t).unwrap()).collect()
    }

    #[test]
    fn a_window_ends() {
        let window = Schedule::Window { first: 10, rates: vec![0.1, 0.2] };
        assert_eq!(window.at(9), None);
        assert_eq!(window.at(10), Some(0.1));
        assert_eq!(window.at(11), Some(0.2));
        assert_eq!(window.at(12), None);
        assert_eq!(Schedule::Constant(0.3).at(u64::MAX), Some(0.3));
        let mut rates = [0.0; 3];
        assert_eq!(window.fill(11, &mut rates), 1);
        assert_eq!(rates[0], 0.2);
        assert_eq!(Schedule::Constant(0.3).fill(5, &mut rates), 3);
        assert_eq!(rates, [0.3; 3]);
    }

    #[test]
    fn formulas_at_places_known_by_hand() {
        let inverse = Schedule::from(InverseScaling { initial: 0.8, tau: 10.0, power: 2.0 });
        assert_eq!(at(&inverse, &[0, 10]), [0.8, 0.2]);
        let exponential = Schedule::from(Exponential { initial: 2.0, decay: 0.5 });
        assert_eq!(at(&exponential, &[0, 1, 3]), [2.0, 1.0, 0.25]);
        let stair = Schedule::from(StepDecay { initial: 1.0, factor: 0.1, every: 5 });
        assert_eq!(at(&stair, &[0, 4, 5, 9, 10]), [1.0, 1.0, 0.1, 0.1, 0.1f64.powi(2)]);
        let linear = Schedule::from(Linear { initial: 1.0, updates: 8, floor: 0.5 });
        assert_eq!(at(&linear, &[0, 4, 8, 9]), [1.0, 0.75, 0.5, 0.5]);
        let cosine = Cosine { initial: 1.0, updates: 10, floor: 0.2, cycles: 1, stretch: 1 };
        let again = Schedule::from(Cosine { cycles: 3, stretch: 2, ..cosine.clone() });
        assert_eq!(at(&again, &[0, 10, 30, 69, 70]), [1.0, 1.0, 1.0, again.at(69).unwrap(), 0.2]);
        assert!((again.at(20).unwrap() - 0.6).abs() < 1e-15);
        let forever = Schedule::from(Cosine { cycles: u64::MAX, ..cosine.clone() });
        assert_eq!(at(&forever, &[0, 10, 1 << 60]), [1.0, 1.0, forever.at(6).unwrap()]);
        let cycle =
            OneCycle { peak: 1.0, updates: 10, rise: 0.4, divisor: 8.0, final_divisor: 4.0 };
        let cycle = Schedule::from(cycle);
        assert_eq!(at(&cycle, &[0, 4, 10, 11]), [0.125, 1.0, 0.03125, 0.03125]);
        let cosine = Schedule::from(cosine);
        assert_eq!(at(&cosine, &[0, 10, 11]), [1.0, 0.2, 0.2]);
        assert!((cosine.at(5).unwrap() - 0.6).abs() < 1e-15);
        let then = Box::new(Schedule::from(Exponential { initial: 2.0, decay: 0.5 }));
        let warmup = Schedule::from(Warmup { updates: 4, then });
        assert_eq!(at(&warmup, &[0, 1, 3, 4, 5]), [0.5, 1.0, 2.0, 2.0, 1.0]);
    }

    #[test]
    fn the_textbook_form_of_inverse_scaling() {
        let (t0, t1) = (5.0, 50.0);
        let schedule = Schedule::from(InverseScaling { initial: t0 / t1, tau: t1, power: 1.0 });
        for t in [0, 1, 7, 1000] {
            let textbook = t0 / (t as f64 + t1);
            assert!((schedule.at(t).unwrap() - textbook).abs() < 1e-16);
        }
    }
}
