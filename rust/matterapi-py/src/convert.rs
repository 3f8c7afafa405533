//! From Python arguments to core values; bad ones are refused here, by name.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use matterapi_core::http::body::{self, Body, Content, FileContent, StreamedContent};
use matterapi_core::http::multipart::{self, Part};
use matterapi_core::route::Value;
use matterapi_core::{Error, ErrorKind};
use pyo3::prelude::*;
use pyo3::pybacked::PyBackedBytes;
use pyo3::types::{PyBool, PyBytes, PyFloat, PyFrozenSet, PyInt, PyList, PySet, PyString, PyTuple};

use crate::errors::Refusal;
use crate::feed::Feed;
use crate::user_code::{FileObjectContent, IteratorContent};

fn refuse(message: String) -> Refusal {
    Refusal::Unusable(Error::new(ErrorKind::InvalidRequest, message))
}

/// What to make of an exception met while `what` was read.
fn unreadable(py: Python<'_>, raised: PyErr, what: impl fmt::Display) -> Refusal {
    Refusal::of(py, raised, ErrorKind::InvalidRequest, what)
}

/// A path or query value: text, number, bool, enum, or a list, tuple or set of these; `None` is absent.
pub(crate) fn value(name: &str, object: &Bound<'_, PyAny>) -> Result<Option<Value<'static>>, Refusal> {
    if object.is_none() {
        return Ok(None);
    }
    let is_list = object.is_instance_of::<PyList>()
        || object.is_instance_of::<PyTuple>()
        || object.is_instance_of::<PySet>()
        || object.is_instance_of::<PyFrozenSet>();
    if !is_list {
        return scalar(name, object).map(|text| Some(Value::Text(text.into())));
    }
    let unreadable = |e: PyErr| unreadable(object.py(), e, format_args!("value {name:?} cannot be read"));
    let mut items = Vec::new();
    for item in object.try_iter().map_err(unreadable)? {
        items.push(scalar(name, &item.map_err(unreadable)?)?);
    }
    Ok(Some(Value::List(items)))
}

fn scalar(name: &str, object: &Bound<'_, PyAny>) -> Result<String, Refusal> {
    if let Ok(text) = object.cast::<PyString>() {
        return text
            .to_str()
            .map(str::to_owned)
            .map_err(|_| refuse(format!("value {name:?} is not valid text: it has a lone surrogate")));
    }
    if let Ok(flag) = object.cast::<PyBool>() {
        return Ok(if flag.is_true() { "true" } else { "false" }.to_owned());
    }
    if object.is_instance_of::<PyInt>() || object.is_instance_of::<PyFloat>() {
        let text = object.str().map_err(|e| unreadable(object.py(), e, format_args!("value {name:?}")))?;
        return Ok(text.to_string());
    }
    match object.getattr_opt("value").map_err(Refusal::Raised)? {
        Some(inner) if inner.is_instance_of::<PyString>() || inner.is_instance_of::<PyInt>() => {
            scalar(name, &inner)
        }
        _ => {
            let class = object.get_type().name().map_err(Refusal::Raised)?;
            Err(refuse(format!(
                "value {name:?} must be text, a number, a bool or a list of these, not {class}"
            )))
        }
    }
}

/// The fields of `matterapi.calls.body.Body`, in their order.
type BodyFields<'py> =
    (Bound<'py, PyString>, Option<String>, Bound<'py, PyAny>, Bound<'py, PyAny>, u64, bool);

/// `matterapi.calls.body.Body`: `parts` if it is multipart, otherwise `content_type` and `data`.
pub(crate) fn request_body(object: Option<&Bound<'_, PyAny>>) -> Result<Option<Body>, Refusal> {
    let Some(object) = object else { return Ok(None) };
    let py = object.py();
    let wrong = |e: PyErr| unreadable(py, e, "the body cannot be read");
    let (kind, content_type, data, parts, start, keyed) =
        object.extract::<BodyFields<'_>>().map_err(wrong)?;
    if kind != "multipart" {
        let content_type = content_type.ok_or_else(|| refuse("a body needs its type".to_owned()))?;
        return Ok(Some(Body { content_type, contents: vec![content(&data, start)?], keyed }));
    }
    let mut list = Vec::new();
    for part in parts.try_iter().map_err(wrong)? {
        let part = part.map_err(wrong)?;
        let text = |name: &str| {
            part.getattr(name)
                .and_then(|value| value.extract::<Option<String>>())
                .map_err(|e| unreadable(py, e, format_args!("part.{name}")))
        };
        list.push(Part {
            name: text("name")?.unwrap_or_default(),
            file_name: text("filename")?,
            content_type: text("content_type")?,
            content: content(&part.getattr("source").map_err(|e| unreadable(py, e, "part.source"))?, 0)?,
        });
    }
    Ok(Some(multipart::form(list, &multipart::boundary())))
}

/// Bytes, a path, a binary file object, an iterator of bytes, or a [`Feed`]; from byte `start` on, which
/// is 0 for those that can be read only once.
fn content(object: &Bound<'_, PyAny>, start: u64) -> Result<Content, Refusal> {
    if let Ok(bytes) = object.cast::<PyBytes>() {
        let start = usize::try_from(start).ok().filter(|start| *start <= bytes.as_bytes().len());
        let start = start.ok_or_else(|| refuse(body::too_short().to_string()))?;
        // Shared with Python, not copied: bytes never change.
        let bytes = Bytes::from_owner(PyBackedBytes::from(bytes.clone()));
        return Ok(Content::Bytes(bytes.slice(start..)));
    }
    let has = |name: &str| object.hasattr(name).map_err(Refusal::Raised);
    let wrong = |e: PyErr| unreadable(object.py(), e, "the content cannot be read");
    let content: Arc<dyn StreamedContent> = if let Ok(feed) = object.cast::<Feed>() {
        Arc::new(feed.get().content())
    } else if has("read")? {
        Arc::new(FileObjectContent::new(object, start).map_err(wrong)?)
    } else if has("__next__")? {
        Arc::new(IteratorContent::new(object).map_err(wrong)?)
    } else if has("__aiter__")? {
        return Err(refuse("an async iterator can be sent by AsyncClient only".to_owned()));
    } else {
        let wants = "content must be bytes, a path, a binary file object or an iterator of bytes";
        let path = object.extract::<PathBuf>().map_err(|e| unreadable(object.py(), e, wants))?;
        let file = FileContent::new(path.clone(), start)
            .map_err(|e| Error::new(ErrorKind::File, format!("{}: {e}", path.display())))?;
        Arc::new(file)
    };
    Ok(Content::Streamed(content))
}

/// Seconds, or `None` for no limit.
pub(crate) fn seconds(value: Option<f64>) -> Result<Option<Duration>, Error> {
    value
        .map(|s| {
            Duration::try_from_secs_f64(s)
                .map_err(|_| Error::new(ErrorKind::Config, format!("a time in seconds cannot be {s}")))
        })
        .transpose()
}
