//! How θ moves once the gradient is known.

use crate::real::Real;

/// Plain gradient descent: next ← params − η·grad.
///
/// Source: Cauchy, "Méthode générale pour la résolution des systèmes d'équations simultanées",
/// Comptes rendus 25 (1847), 536–538.
#[inline(always)]
pub fn plain<T: Real>(eta: T, params: &[T], grad: &[T], next: &mut [T]) {
    for ((next, &param), &grad) in next.iter_mut().zip(params).zip(grad) {
        *next = param - eta * grad;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_goes_against_the_gradient() {
        let mut next = [0.0; 2];
        plain(0.5, &[1.0, -1.0], &[2.0, -4.0], &mut next);
        assert_eq!(next, [0.0, 1.0]);
    }
}
