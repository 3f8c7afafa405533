//! From JSON bytes to model instances in one pass, without a tree or a dict in between.
//!
//! A [`Decoder`] follows the schema that Python described. It accepts only what needs no judgement: the
//! declared types, exactly. At any surprise (another type, a duplicate key, broken JSON) it gives up and
//! answers `NotImplemented`; Python then decodes the same bytes with pydantic, so coercions and errors
//! are pydantic's own.

mod decoder;
mod deserializer;
mod event_decoder;
mod json_text;
mod model_schema;
#[allow(unsafe_code)]
pub(crate) mod object;
mod stop;
mod strings;
mod template;
mod weight;

pub(crate) use decoder::Decoder;
pub(crate) use event_decoder::EventDecoder;
pub(crate) use model_schema::ModelSchema;
pub(crate) use weight::{JsonTooLargeError, check_room};
