//! Reading JSON: facts about the scanner, the members it expects and what it counts, and the scanner against
//! `serde_json`.

#![allow(missing_docs, reason = "a test")]

mod differential;
mod in_text;
mod members;
mod scanner;
mod weight;
