//! What a rule remembers, taken apart to be saved, and put together again.

use super::{Memory, Rule};
use crate::error::{OutOfMemory, SavedError, try_copied};
use crate::real::Real;
use crate::saved::{MOST, Parts, Value};

impl<T: Real> Memory<T>
where
    Vec<T>: Value,
{
    /// Adds a copy of what is remembered.
    pub fn to_parts(&self, parts: &mut Parts) -> Result<(), OutOfMemory> {
        parts.put("rule_first", try_copied(&self.first)?);
        parts.put("rule_second", try_copied(&self.second)?);
        if !self.largest.is_empty() {
            parts.put("rule_largest", try_copied(&self.largest)?);
        }
        parts.put("rule_steps", self.steps);
        Ok(())
    }

    /// What `parts` come from, of a walk at `params` by `rule`.
    pub fn from_parts(parts: &mut Parts, rule: &Rule, params: &[T]) -> Result<Self, SavedError> {
        let mut memory = rule.memory(params)?;
        let buffers = [
            ("rule_first", &mut memory.first),
            ("rule_second", &mut memory.second),
            ("rule_largest", &mut memory.largest),
        ];
        for (part, buffer) in buffers {
            // Most rules have none of this.
            if part == "rule_largest" && buffer.is_empty() {
                continue;
            }
            let values: Vec<T> = parts.take(part)?;
            if values.len() != buffer.len() {
                let expected = format!("of {} numbers, for the rule of the model", buffer.len());
                return Err(SavedError::misfit(part, expected, values.len()));
            }
            *buffer = values;
        }
        memory.steps = parts.whole("rule_steps", 0..=MOST)?;
        Ok(memory)
    }
}
