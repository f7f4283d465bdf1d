//! What a walk is taken apart into to be saved: parts by name, as files and pickles have them.
//!
//! A walk that is put together must not panic, index beyond its buffers, or ask for memory that the
//! parts do not fill. So each `from_parts` checks lengths and ranges as far as later code relies on
//! them. Whether a walk could have come to these numbers is not asked.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use crate::error::SavedError;

/// Counts of updates and epochs end here: it would take centuries to get further.
pub const MOST: u64 = 1 << 62;

/// A value that is saved.
pub trait Value: Sized {
    /// What it is, for a message.
    const KIND: &'static str;
    fn into_part(self) -> Part;
    fn of_part(part: Part) -> Option<Self>;
}

macro_rules! parts {
    ($($kind:ident($type:ty) = $words:literal,)*) => {
        #[derive(Clone, Debug, PartialEq)]
        pub enum Part {
            $($kind($type),)*
        }

        impl Part {
            fn kind(&self) -> &'static str {
                match self {
                    $(Part::$kind(_) => $words,)*
                }
            }
        }

        $(impl Value for $type {
            const KIND: &'static str = $words;
            fn into_part(self) -> Part {
                Part::$kind(self)
            }
            fn of_part(part: Part) -> Option<Self> {
                match part {
                    Part::$kind(value) => Some(value),
                    _ => None,
                }
            }
        })*
    };
}

parts! {
    Flag(bool) = "True or False",
    Whole(u64) = "a whole number of at least 0",
    Real(f64) = "a float",
    Word(String) = "a word",
    Words(Vec<String>) = "a list of words",
    Counts(Vec<u64>) = "an array of int64, of at least 0",
    Singles(Vec<f32>) = "an array of float32",
    Doubles(Vec<f64>) = "an array of float64",
}

/// The parts of a walk.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Parts(pub BTreeMap<String, Part>);

impl Parts {
    /// Adds a part.
    pub fn put(&mut self, name: &str, value: impl Value) {
        self.0.insert(name.to_owned(), value.into_part());
    }

    /// Whether there is such a part.
    pub fn has(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    /// Whether a part has numbers of float32.
    pub fn is_single(&self, name: &str) -> bool {
        matches!(self.0.get(name), Some(Part::Singles(_)))
    }

    /// Takes out a part of this type.
    pub fn take<V: Value>(&mut self, name: &'static str) -> Result<V, SavedError> {
        let part = self.0.remove(name).ok_or(SavedError::Missing(name))?;
        let came = part.kind();
        V::of_part(part).ok_or_else(|| SavedError::misfit(name, V::KIND, came))
    }

    /// Takes out a whole number that lies in `range`.
    pub fn whole(
        &mut self,
        name: &'static str,
        range: RangeInclusive<u64>,
    ) -> Result<u64, SavedError> {
        let number = self.take(name)?;
        if range.contains(&number) {
            return Ok(number);
        }
        let expected = format!("a whole number from {} to {}", range.start(), range.end());
        Err(SavedError::misfit(name, expected, number))
    }
}
