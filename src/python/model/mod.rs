//! The three classes, and what a fit leaves behind in them.

pub mod attributes;
pub mod fitted;
pub mod gradient_descent;
pub mod history;
mod methods;
pub mod optimizers;
pub mod predictions;
pub mod shared;
pub mod verdict;
