//! What a verdict is made of: clauses by name, and the figures that stand in them.
//!
//! Nothing here is said in any language: the sentences are a table of the package's, one for each
//! name, whose blanks are names of figures.

/// The names of all clauses, each once.
macro_rules! clauses {
    ($($(#[$doc:meta])+ $clause:ident = $name:literal,)+) => {
        /// One thing that is to be said of a walk.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Clause { $($(#[$doc])+ $clause,)+ }

        impl Clause {
            /// All of them.
            pub const ALL: &'static [Clause] = &[$(Clause::$clause,)+];

            /// The name that it goes by in the table of sentences.
            pub fn name(self) -> &'static str {
                match self { $(Clause::$clause => $name,)+ }
            }
        }
    };
}

clauses! {
    /// There is no loss on record.
    NoEpoch = "no epoch",
    /// There is one loss alone.
    OneLoss = "one loss",
    /// Too few losses to see through their noise.
    TooFew = "too few",
    /// The loss has not changed by more than its noise.
    LostInNoise = "lost in noise",
    /// θ goes in one direction all the same.
    OnItsWay = "on its way",

    /// What the loss fell by over the last quarter.
    Fell = "fell",
    /// What it rose by.
    Rose = "rose",
    /// It stayed where it was.
    Stayed = "stayed",
    /// It had been lower on the way.
    AboveLowest = "above lowest",
    /// It ends above where it began.
    AboveStart = "above start",
    /// What is left of the gradient.
    GradientLeft = "gradient left",
    /// The gradient is as steep as it was: steps are too small.
    StillSteep = "still steep",
    /// η has died out.
    RateSpent = "rate spent",
    /// What the loss moves by from value to value.
    Moves = "moves",
    /// What θ moves by from epoch to epoch.
    Jitter = "jitter",
    /// The falls grow.
    GainsPace = "gains pace",

    /// The gradient has come down and stays there.
    Valley = "valley",
    /// One parameter moves on and on while the loss stays.
    Creeps = "creeps",
    /// How much steeper it is across than along.
    Condition = "condition",

    /// Where numbers became too large.
    BlownUp = "blown up",
    /// The last loss before that.
    LastFinite = "last finite",
    /// The first loss on record.
    FirstLoss = "first loss",
    /// The very first loss was not finite.
    FirstNotFinite = "first not finite",
    /// The loss falls without end.
    NoLowest = "no lowest value",
    /// The loss has grown beyond all numbers.
    GrownBeyond = "grown beyond numbers",
    /// The loss has grown.
    Grown = "grown",
    /// … lately at this pace.
    GrowthPace = "growth pace",
    /// The gradient grows and the loss rises.
    GradientGrows = "gradient grows",
    /// The zig-zag of θ widens.
    JumpsGrow = "jumps grow",
    /// A zig-zag that does not narrow.
    Jumps = "jumps",
    /// The gradient promises a fall that does not come.
    NoFall = "no fall",
    /// The loss goes up and down.
    Swings = "swings",
    /// Noise keeps the loss above the lowest.
    NoiseKeepsUp = "noise keeps it up",

    /// The loss has hardly moved.
    HardlyMoved = "hardly moved",
    /// The gradient has never been larger.
    NeverLarger = "never larger",
    /// The gradient has collapsed.
    Collapsed = "collapsed",
    /// The gradient no longer shrinks.
    NoLongerShrinks = "no longer shrinks",
    /// Flat, but lower elsewhere.
    NotTheLowest = "not the lowest",

    /// The gradient is 0 from the start.
    ZeroFromStart = "zero from the start",

    /// Advice: go on, or faster.
    GoOn = "go on",
    /// Advice: take larger steps.
    LargerRate = "larger rate",
    /// Advice: a smaller tolerance.
    SmallerTolerance = "smaller tolerance",
    /// Advice: look longer, or at all rows.
    LookLonger = "look longer",
    /// Advice: standardise the columns.
    Standardise = "standardise",
    /// Advice: scale, momentum, or an adaptive rule.
    Rescale = "rescale",
    /// Advice: take smaller steps.
    SmallerRate = "smaller rate",
    /// Advice: look at the start and at the size of the data.
    LookAtStart = "look at the start",
    /// Advice: start elsewhere, or roll on.
    GetAway = "get away",
    /// Advice: start elsewhere.
    StartElsewhere = "start elsewhere",
}

/// A figure.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Figure {
    /// A count.
    Whole(u64),
    /// A number, which is finite.
    Real(f64),
}

/// The names of the figures. One means the same in every clause.
pub const FIGURES: &[&str] = &[
    "steps",
    "quarter",
    "updates_per_step",
    "first_loss",
    "loss",
    "lowest_loss",
    "change",
    "fall",
    "gradient_norm",
    "gradient_left",
    "gradient_kept",
    "gradient_growth",
    "learning_rate",
    "condition_number",
    "swing",
    "jitter",
    "lately",
    "jump",
    "jumps",
    "cosine",
    "growth",
    "promised",
    "epoch",
    "update",
    "last_finite_loss",
];

/// Figures by name, in the order in which they came.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Figures(Vec<(&'static str, Figure)>);

impl Figures {
    /// Takes in a number, unless it is not finite; one of the same name is replaced.
    pub fn real(&mut self, name: &'static str, value: f64) {
        if value.is_finite() {
            self.put(name, Figure::Real(value));
        }
    }

    /// Takes in a count.
    pub fn whole(&mut self, name: &'static str, value: u64) {
        self.put(name, Figure::Whole(value));
    }

    fn put(&mut self, name: &'static str, value: Figure) {
        debug_assert!(FIGURES.contains(&name), "{name}");
        match self.0.iter_mut().find(|(other, _)| *other == name) {
            Some(place) => place.1 = value,
            None => self.0.push((name, value)),
        }
    }

    /// The figure of this name.
    pub fn get(&self, name: &str) -> Option<Figure> {
        self.0.iter().find(|(other, _)| *other == name).map(|&(_, figure)| figure)
    }

    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = (&'static str, Figure)> + '_ {
        self.0.iter().copied()
    }
}
