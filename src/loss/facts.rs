//! What is known of a loss beside its formula.

/// What the targets of a loss may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Labels {
    /// Any real number; the prediction is a number.
    Real,
    /// Any number of at least 0; the prediction is a number.
    NotNegative,
    /// 0 or 1, or −1 or 1: 0 and −1 are the same class.
    ZeroOneOrSigns,
    /// Class numbers 0 … K − 1, or one-hot rows.
    ClassNumbers,
}

impl Labels {
    /// Whether what is predicted is a class.
    pub const fn are_classes(self) -> bool {
        !matches!(self, Labels::Real | Labels::NotNegative)
    }
}

/// What the model predicts from a score z.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Link {
    /// z itself, or its sign where the labels are classes.
    Identity,
    /// σ(z) = 1/(1 + e^−z).
    Logistic,
    /// tanh z.
    Tanh,
    /// e^z, which no bound holds: far out the loss is infinite.
    Exponential,
    /// e^zₖ/Σⱼ e^zⱼ, of K scores.
    Softmax,
}

/// Where a loss is not smooth: its slope jumps there, or bends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bend {
    /// Nowhere.
    Nowhere,
    /// Where |z − y| is this.
    Residual(i32),
    /// Where the margin ỹz is this.
    Margin(i32),
}

/// What is known of a loss beside its formula.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Facts {
    /// The name that users write.
    pub name: &'static str,
    /// What its targets may be.
    pub labels: Labels,
    /// What is predicted from a score.
    pub link: Link,
    /// Where it is not smooth.
    pub bend: Bend,
    /// Whether the slope jumps there: then no constant learning rate settles at the minimum.
    pub has_kink: bool,
    /// ℓ(z, y), as it is shown.
    pub formula: &'static str,
}

impl Facts {
    /// Whether the loss is convex in z, and so in θ: all are but squares of what a neuron puts out.
    pub const fn is_convex(self) -> bool {
        self.labels.are_classes() || !matches!(self.link, Link::Logistic | Link::Tanh)
    }

    /// Whether the model's outputs are probabilities of classes.
    pub const fn has_probabilities(self) -> bool {
        self.labels.are_classes() && matches!(self.link, Link::Logistic | Link::Softmax)
    }
}
