//! What a rule remembers, taken apart to be written down, and put together again.

use super::{Kept, Memory, Rule};
use crate::error::{OutOfMemory, SavedError, try_copied};
use crate::real::Real;

/// What a [`Memory`] holds. The buffers are as long as θ, or empty where the rule has no use for
/// them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct MemoryParts<T> {
    /// Momentum's v, for one.
    pub first: Vec<T>,
    /// AdaGrad's G, for one.
    pub second: Vec<T>,
    /// Adam's k, for one.
    pub steps: u64,
}

impl<T: Real> Memory<T> {
    /// A copy of what is remembered.
    pub fn to_parts(&self) -> Result<MemoryParts<T>, OutOfMemory> {
        let (first, second) = (try_copied(&self.first)?, try_copied(&self.second)?);
        Ok(MemoryParts { first, second, steps: self.steps })
    }
}

impl Rule {
    /// The memory that `parts`, of a walk at `params` after at most `most_steps` steps, come from.
    pub fn memory_of_parts<T: Real>(
        &self,
        parts: MemoryParts<T>,
        params: &[T],
        most_steps: u64,
    ) -> Result<Memory<T>, SavedError> {
        let fresh = self.memory(params)?;
        let MemoryParts { first, second, steps } = parts;
        let rules = "the rule of the model";
        let [keeps_first, keeps_second] = self.keeps();
        for (part, buffer, like, kept) in [
            ("rule_first", &first, &fresh.first, keeps_first),
            ("rule_second", &second, &fresh.second, keeps_second),
        ] {
            if buffer.len() != like.len() {
                let expected = format!("of {} numbers, for {rules}", like.len());
                return Err(SavedError::misfit(part, expected, buffer.len()));
            }
            // An infinity is legal: the sum of squares of a gradient that was too large is one, and
            // holds its parameter still.
            let is_square = kept == Kept::Square;
            let is_wrong = |value: &T| value.is_nan() || (is_square && *value < T::zero());
            if let Some(place) = buffer.iter().position(is_wrong) {
                let expected = if is_square { "numbers of at least 0" } else { "numbers" };
                return Err(SavedError::misfit(
                    part,
                    expected,
                    format!("{} at {place}", buffer[place]),
                ));
            }
        }
        let most_steps = if self.counts_steps() { most_steps } else { 0 };
        if steps > most_steps {
            let expected = format!("at most {most_steps}, for {rules}");
            return Err(SavedError::misfit("rule_steps", expected, steps));
        }
        Ok(Memory { first, second, steps, ..fresh })
    }
}
