//! Figures and units in a sentence.

use super::evidence::{Evidence, Unit};
use super::{Kind, Verdict};

/// A verdict.
pub(super) fn say(kind: Kind, sentence: String) -> Verdict {
    Verdict { kind, sentence }
}

/// The hint to take smaller steps.
pub(super) fn smaller_rate(evidence: &Evidence) -> String {
    evidence.learning_rate.last().filter(|rate| rate.is_finite()).map_or(String::new(), |&rate| {
        format!(" A learning rate smaller than {} may help.", figure(rate))
    })
}

/// What stands between one loss and the next.
pub(super) fn unit_name(unit: Unit) -> &'static str {
    match unit {
        Unit::Epoch => "epoch",
        Unit::Updates(_) => "block of updates",
    }
}

/// "an epoch", as in "by 3 % an epoch".
pub(super) fn a_unit(unit: Unit) -> String {
    match unit {
        Unit::Epoch => "an epoch".to_owned(),
        Unit::Updates(updates) => format!("in {updates} updates"),
    }
}

/// So many steps from one loss to the next, as epochs or updates.
pub(super) fn count(steps: usize, unit: Unit) -> String {
    match unit {
        Unit::Epoch if steps == 1 => "1 epoch".to_owned(),
        Unit::Epoch => format!("{steps} epochs"),
        Unit::Updates(updates) => format!("{} updates", steps as u64 * updates),
    }
}

/// "the last epoch", "the last 7 epochs".
pub(super) fn the_last(steps: usize, unit: Unit) -> String {
    match unit {
        Unit::Epoch if steps == 1 => "the last epoch".to_owned(),
        _ => format!("the last {}", count(steps, unit)),
    }
}

/// `change` in percent of `whole`, or as it is where that would be more than ten times as much.
pub(super) fn relative(change: f64, whole: f64) -> String {
    let share = change / whole.abs();
    if share < 10.0 { percent(share) } else { figure(change) }
}

/// A share, in percent to two digits.
pub(super) fn percent(share: f64) -> String {
    format!("{} %", rounded(100.0 * share, 2))
}

/// A number to four digits.
pub(super) fn figure(value: f64) -> String {
    rounded(value, 4)
}

/// `value` to so many significant digits, without zeros at the end.
fn rounded(value: f64, digits: usize) -> String {
    let size = value.abs();
    if value == 0.0 {
        return "0".to_owned();
    }
    if !value.is_finite() {
        return "a number beyond all bounds".to_owned();
    }
    if !(1e-3..1e6).contains(&size) {
        return format!("{value:.1e}").replace(".0e", "e");
    }
    let decimals = (digits as i32 - 1 - size.log10().floor() as i32).max(0) as usize;
    let text = format!("{value:.decimals$}");
    if decimals == 0 { text } else { text.trim_end_matches('0').trim_end_matches('.').to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_as_a_reader_wants_them() {
        let shown = [0.0, 2.0, 0.12345, 123.456, 98765.4, 1.5e7, -0.5, 1e-3, 3.14e-9, 1e-20];
        let expected =
            ["0", "2", "0.1235", "123.5", "98765", "1.5e7", "-0.5", "0.001", "3.1e-9", "1e-20"];
        assert_eq!(shown.map(figure), expected);
        assert_eq!(figure(1000.0), "1000");
        assert_eq!(figure(f64::NEG_INFINITY), "a number beyond all bounds");
        assert_eq!(percent(0.000_204), "0.02 %");
        assert_eq!(percent(0.5), "50 %");
        assert_eq!(relative(3.0, 2.0), "150 %");
        assert_eq!(relative(3.0, 0.0), "3");
        assert_eq!(the_last(1, Unit::Epoch), "the last epoch");
        assert_eq!(the_last(5, Unit::Updates(20)), "the last 100 updates");
    }
}
