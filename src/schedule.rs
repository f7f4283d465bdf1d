//! The learning rate η as a function of the global update counter t, counted from 0.

/// Where η comes from.
#[derive(Clone, Debug, PartialEq)]
pub enum Schedule {
    /// The same η at every update.
    Constant(f64),
    /// η of the updates `first`, `first + 1`, …: a window that the caller computed (from a Python
    /// function, say) and renews when the walk asks for it.
    Window {
        /// The update that the first rate belongs to.
        first: u64,
        /// One rate an update.
        rates: Vec<f64>,
    },
}

impl Schedule {
    /// η at update `t`, or `None` if the window does not reach it.
    #[inline(always)]
    pub fn at(&self, t: u64) -> Option<f64> {
        match self {
            Schedule::Constant(rate) => Some(*rate),
            Schedule::Window { first, rates } => {
                rates.get(usize::try_from(t.checked_sub(*first)?).ok()?).copied()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_ends() {
        let window = Schedule::Window { first: 10, rates: vec![0.1, 0.2] };
        assert_eq!(window.at(9), None);
        assert_eq!(window.at(10), Some(0.1));
        assert_eq!(window.at(11), Some(0.2));
        assert_eq!(window.at(12), None);
        assert_eq!(Schedule::Constant(0.3).at(u64::MAX), Some(0.3));
    }
}
