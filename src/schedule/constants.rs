//! The constants of rules and schedules: their names, and what they may be. Python, files and tests
//! go by this.

use super::Schedule;

/// What a constant may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Range {
    /// 0 ≤ x < 1.
    Share,
    /// 0 < x ≤ 1.
    Decay,
    /// 0 < x < ∞.
    Positive,
    /// 0 ≤ x < ∞.
    NotNegative,
    /// 1, 2, 3, …
    Count,
    /// Another schedule.
    Schedule,
    /// Where ε stands.
    EpsilonAt,
    /// The same of a rule that corrects its means for their start at zero.
    CorrectedEpsilonAt,
    /// True or False.
    Flag,
}

/// Where ε stands beside the root of a mean square v.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EpsilonAt {
    /// √v̂ + ε.
    Outside,
    /// √(v̂ + ε).
    Inside,
    /// √v + ε, with the v that is not yet corrected.
    Uncorrected,
}

impl EpsilonAt {
    /// All of them by the words that users write; the last is for rules that correct v alone.
    pub const ALL: [(&str, EpsilonAt); 3] = [
        ("outside", EpsilonAt::Outside),
        ("inside", EpsilonAt::Inside),
        ("uncorrected", EpsilonAt::Uncorrected),
    ];

    /// The word that users write.
    pub fn word(self) -> &'static str {
        EpsilonAt::ALL[self as usize].0
    }
}

impl Range {
    /// The same in words, for a complaint.
    pub fn expected(self) -> &'static str {
        match self {
            Range::Share => "a number of at least 0 and below 1",
            Range::Decay => "a number above 0 and up to 1",
            Range::Positive => "a finite number above 0",
            Range::NotNegative => "a finite number of at least 0",
            Range::Count => "a whole number of at least 1",
            Range::Schedule => "a schedule of gradwalk.schedules",
            Range::EpsilonAt => "one of \"outside\", \"inside\"",
            Range::CorrectedEpsilonAt => "one of \"outside\", \"inside\", \"uncorrected\"",
            Range::Flag => "True or False",
        }
    }

    /// Whether a finite number is one of them.
    pub fn has(self, number: f64) -> bool {
        match self {
            Range::Share => (0.0..1.0).contains(&number),
            Range::Decay => number > 0.0 && number <= 1.0,
            Range::Positive => number > 0.0,
            Range::NotNegative => number >= 0.0,
            Range::Count | Range::Schedule | Range::Flag => false,
            Range::EpsilonAt | Range::CorrectedEpsilonAt => false,
        }
    }
}

/// A constant.
#[derive(Clone, Debug, PartialEq)]
pub struct Constant {
    /// The name that users write.
    pub name: &'static str,
    /// What it may be.
    pub range: Range,
    /// What it is if nobody says, where it need not be said.
    pub default: Option<Value>,
}

/// What a constant is.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// A real number.
    Number(f64),
    /// A whole one.
    Count(u64),
    /// A schedule.
    Schedule(Box<Schedule>),
    /// Where ε stands.
    EpsilonAt(EpsilonAt),
    /// True or False.
    Flag(bool),
}

macro_rules! value {
    ($variant:ident of $type:ty) => {
        impl From<$type> for Value {
            fn from(value: $type) -> Value {
                Value::$variant(value)
            }
        }

        impl TryFrom<Value> for $type {
            type Error = Value;

            fn try_from(value: Value) -> Result<$type, Value> {
                match value {
                    Value::$variant(value) => Ok(value),
                    other => Err(other),
                }
            }
        }
    };
}

value!(Number of f64);
value!(Count of u64);
value!(Schedule of Box<Schedule>);
value!(EpsilonAt of EpsilonAt);
value!(Flag of bool);

/// A rule or a schedule: a name, and constants in order.
pub trait Constants: Sized {
    /// The name that users write.
    const NAME: &'static str;
    /// Its constants.
    const CONSTANTS: &'static [Constant];

    /// The one with these constants, in order; `None` if they are too few or of the wrong kind.
    fn from_values(values: Vec<Value>) -> Option<Self>;

    /// Its constants, in order.
    fn values(&self) -> Vec<Value>;
}

/// Declares a struct of constants: `name in Range = default;`.
macro_rules! constants {
    (@default $range:ident) => { None };
    (@default EpsilonAt $default:expr) => { Some($crate::schedule::constants::Value::EpsilonAt($default)) };
    (@default CorrectedEpsilonAt $default:expr) => { Some($crate::schedule::constants::Value::EpsilonAt($default)) };
    (@default Flag $default:expr) => { Some($crate::schedule::constants::Value::Flag($default)) };
    (@default $number:ident $default:expr) => { Some($crate::schedule::constants::Value::Number($default)) };
    (@type Count) => { u64 };
    (@type Schedule) => { Box<$crate::schedule::Schedule> };
    (@type EpsilonAt) => { $crate::schedule::constants::EpsilonAt };
    (@type CorrectedEpsilonAt) => { $crate::schedule::constants::EpsilonAt };
    (@type Flag) => { bool };
    (@type $number:ident) => { f64 };
    (
        $(#[$about:meta])*
        $name:ident { $($(#[$told:meta])* $field:ident in $range:ident $(= $default:expr)?;)+ }
    ) => {
        $(#[$about])*
        #[derive(Clone, Debug, PartialEq)]
        pub struct $name {
            $($(#[$told])* pub $field: constants!(@type $range),)+
        }

        impl $crate::schedule::constants::Constants for $name {
            const NAME: &'static str = stringify!($name);
            const CONSTANTS: &'static [$crate::schedule::constants::Constant] = &[$(
                $crate::schedule::constants::Constant {
                    name: stringify!($field),
                    range: $crate::schedule::constants::Range::$range,
                    default: constants!(@default $range $($default)?),
                },
            )+];

            fn from_values(values: Vec<$crate::schedule::constants::Value>) -> Option<Self> {
                let mut values = values.into_iter();
                Some($name { $($field: values.next()?.try_into().ok()?,)+ })
            }

            fn values(&self) -> Vec<$crate::schedule::constants::Value> {
                vec![$(self.$field.clone().into(),)+]
            }
        }
    };
}

pub(crate) use constants;
