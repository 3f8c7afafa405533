//! What must never be shown: secrets as values, in texts, and in URLs.

pub mod needles;
pub(crate) mod query;
mod secret;

pub use needles::Needles;
pub use secret::Secret;
