//! Arguments, checked once and named in every error: numbers, words, rules, and all that a constructor
//! takes.

pub mod config;
pub mod keywords;
pub mod loss_facts;
pub mod method;
pub mod random_state;
pub mod scalars;
pub mod specs;
pub mod threads;
