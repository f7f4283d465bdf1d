//! Arguments, checked once and named in every complaint: numbers, words, rules, and all that a
//! constructor is told.

pub mod config;
pub mod keywords;
pub mod loss_facts;
pub mod method;
pub mod random_state;
pub mod scalars;
pub mod specs;
pub mod threads;
