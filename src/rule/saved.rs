//! What a rule remembers, taken apart to be written down, and put together again.

use super::{Memory, Rule};
use crate::error::{OutOfMemory, SavedError, try_copied};
use crate::real::Real;

/// What a [`Memory`] holds. The buffers are as long as θ, or empty where the rule has no use for
/// them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct MemoryParts<T> {
    /// Momentum's v, Nesterov's q_before, Adam's m.
    pub first: Vec<T>,
    /// AdaGrad's G, RMSProp's E, Adam's v.
    pub second: Vec<T>,
    /// Adam's k.
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
        for (part, buffer, like) in
            [("rule_first", &first, &fresh.first), ("rule_second", &second, &fresh.second)]
        {
            if buffer.len() != like.len() {
                let expected = format!("of {} numbers, for {rules}", like.len());
                return Err(SavedError::misfit(part, expected, buffer.len()));
            }
        }
        // An infinity is legal: the sum of squares of a gradient that was too large is one, and
        // holds its parameter still.
        if let Some(place) = first.iter().position(|value| value.is_nan()) {
            return Err(SavedError::misfit("rule_first", "numbers", format!("NaN at {place}")));
        }
        let is_square = |value: &T| *value >= T::zero();
        if let Some(place) = second.iter().position(|value| !is_square(value)) {
            let came = format!("{} at {place}", second[place]);
            return Err(SavedError::misfit("rule_second", "numbers of at least 0", came));
        }
        let most_steps = if matches!(self, Rule::Adam { .. }) { most_steps } else { 0 };
        if steps > most_steps {
            let expected = format!("at most {most_steps}, for {rules}");
            return Err(SavedError::misfit("rule_steps", expected, steps));
        }
        Ok(Memory { first, second, steps, ..fresh })
    }
}
