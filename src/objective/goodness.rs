//! Goodness of fit: R², D² and accuracy of predictions.
//!
//! `go_on` is asked now and then whether to go on.

use crate::loss::{Link, half_deviance};
use crate::rows::{Column, in_pieces, sum_in_pieces};

/// R² = 1 − Σ (y − ŷ)² / Σ (y − ȳ)², or for a prediction of e^z the same of deviances, D². Targets
/// that are all the same are fitted exactly, 1, or not, 0.
pub fn explained_share<E>(
    targets: &Column<'_, f64>,
    predicted: &[f64],
    link: Link,
    go_on: &mut impl FnMut() -> Result<(), E>,
) -> Result<f64, E> {
    let n_rows = predicted.len();
    let deviance = match link {
        Link::Exponential => half_deviance,
        _ => |y: f64, prediction: f64| (y - prediction).powi(2),
    };
    let sums = |scale: f64, go_on: &mut _| {
        let y = |row| targets.get(row) / scale;
        let mean = sum_in_pieces(n_rows, go_on, y)? / n_rows as f64;
        let residual =
            sum_in_pieces(n_rows, go_on, |row| deviance(y(row), predicted[row] / scale))?;
        Ok((residual, sum_in_pieces(n_rows, go_on, |row| deviance(y(row), mean))?))
    };
    let (mut residual, mut total) = sums(1.0, go_on)?;
    if !total.is_finite() {
        // Squares of large numbers; the share of them is the same in any unit.
        let mut largest = 1.0f64;
        in_pieces(n_rows, go_on, |rows| {
            largest = rows.fold(largest, |most, row| most.max(targets.get(row).abs()));
            Ok(())
        })?;
        (residual, total) = sums(largest, go_on)?;
    }
    // scikit-learn's r2_score says the same of constant targets.
    Ok(match (residual == 0.0, total == 0.0) {
        (true, true) => 1.0,
        (false, true) => 0.0,
        _ => 1.0 - residual / total,
    })
}

/// The share of the rows whose predicted class is their label. Of two classes the one that is not 1
/// may be written 0 or −1.
pub fn accuracy<E>(
    labels: &Column<'_, f64>,
    predicted: &[i64],
    is_binary: bool,
    go_on: &mut impl FnMut() -> Result<(), E>,
) -> Result<f64, E> {
    let is_hit =
        |class: i64, label: f64| class as f64 == label || (is_binary && class < 1 && label < 1.0);
    let hits = sum_in_pieces(predicted.len(), go_on, |row| {
        f64::from(u8::from(is_hit(predicted[row], labels.get(row))))
    })?;
    Ok(hits / predicted.len() as f64)
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use super::*;

    fn share(targets: &[f64], predicted: &[f64], link: Link) -> f64 {
        let mut go_on = || Ok::<_, Infallible>(());
        explained_share(&Column::Slice(targets), predicted, link, &mut go_on).unwrap()
    }

    #[test]
    fn r2_of_a_textbook() {
        // The example of scikit-learn's r2_score.
        let r2 = share(&[3.0, -0.5, 2.0, 7.0], &[2.5, 0.0, 2.0, 8.0], Link::Identity);
        assert!((r2 - 0.948_608_137_044_967_9).abs() < 1e-15, "{r2}");
        let mean = share(&[1.0, 2.0, 6.0], &[3.0; 3], Link::Identity);
        assert_eq!(mean, 0.0);
    }

    #[test]
    fn d2_is_one_at_the_counts_and_zero_at_their_mean() {
        let counts = [0.0, 1.0, 5.0];
        assert_eq!(share(&counts, &counts, Link::Exponential), 1.0);
        assert_eq!(share(&counts, &[2.0; 3], Link::Exponential), 0.0);
        assert_eq!(share(&counts, &[f64::INFINITY; 3], Link::Exponential), f64::NEG_INFINITY);
    }

    #[test]
    fn constant_targets_are_met_or_not() {
        assert_eq!(share(&[2.0, 2.0], &[2.0, 2.0], Link::Identity), 1.0);
        assert_eq!(share(&[2.0, 2.0], &[2.0, 3.0], Link::Identity), 0.0);
    }

    #[test]
    fn squares_beyond_all_numbers_are_taken_in_other_units() {
        let (targets, predicted) = ([1.0, 2.0, 3.0], [1.0, 2.5, 2.5]);
        let large = |numbers: [f64; 3]| numbers.map(|x| x * 1e200);
        let plain = share(&targets, &predicted, Link::Identity);
        let scaled = share(&large(targets), &large(predicted), Link::Identity);
        assert!((plain - scaled).abs() < 1e-15, "{plain} is not {scaled}");
    }

    #[test]
    fn the_other_class_of_two_has_two_names() {
        let mut go_on = || Ok::<_, Infallible>(());
        let labels = Column::Slice(&[-1.0, 0.0, 1.0, 1.0][..]);
        let predicted = [0, 0, 1, 0];
        assert_eq!(accuracy(&labels, &predicted, true, &mut go_on), Ok(0.75));
        assert_eq!(accuracy(&labels, &predicted, false, &mut go_on), Ok(0.5));
    }
}
