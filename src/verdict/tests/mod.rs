mod records;
mod walks;

use super::*;

/// A walk down a function of which nothing is known.
fn unknown(rule: Rule) -> Setting {
    Setting { rule, l1: 0.0, shape: Shape::Unknown }
}
