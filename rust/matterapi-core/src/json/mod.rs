//! JSON, read from a text without building a tree.

pub mod bytes_eq;
mod eight;
pub mod members;
mod quote;
pub mod scanner;
mod scratch;
mod sixteen;
mod strings;
mod unescape;
pub mod weight;

pub use members::Members;
pub use quote::quoted;
pub use scanner::{Fault, LONGEST_FRACTION, MAX_DEPTH, Number, Scanner, Token};
pub use scratch::Scratch;
