//! From Python arguments to core values; bad ones are refused here, by name.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use matterapi_core::body::{Body, FileSource, Segment, Source};
use matterapi_core::multipart::{self, Content, Part};
use matterapi_core::route::Value;
use matterapi_core::{Error, Kind};
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyBytes, PyFloat, PyFrozenSet, PyInt, PyList, PySet, PyString, PyTuple};

use crate::feeder::FileObject;

fn refuse(message: String) -> Error {
    Error::new(Kind::InvalidRequest, message)
}

/// A path or query value: text, number, bool, enum, or a list, tuple or set of these; `None` is absent.
pub(crate) fn value(
    name: &str,
    found: PyResult<Option<Bound<'_, PyAny>>>,
) -> Result<Option<Value<'static>>, Error> {
    let object = match found {
        Ok(Some(object)) if !object.is_none() => object,
        Ok(_) => return Ok(None),
        Err(e) => return Err(refuse(format!("value {name:?} cannot be read: {e}"))),
    };
    let is_list = object.is_instance_of::<PyList>()
        || object.is_instance_of::<PyTuple>()
        || object.is_instance_of::<PySet>()
        || object.is_instance_of::<PyFrozenSet>();
    if !is_list {
        return scalar(name, &object).map(|text| Some(Value::Text(text.into())));
    }
    let unreadable = |e: PyErr| refuse(format!("value {name:?} cannot be read: {e}"));
    let mut items = Vec::new();
    for item in object.try_iter().map_err(unreadable)? {
        items.push(scalar(name, &item.map_err(unreadable)?)?);
    }
    Ok(Some(Value::List(items)))
}

fn scalar(name: &str, object: &Bound<'_, PyAny>) -> Result<String, Error> {
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
        return object.str().map(|s| s.to_string()).map_err(|e| refuse(e.to_string()));
    }
    match object.getattr("value") {
        Ok(inner) if inner.is_instance_of::<PyString>() || inner.is_instance_of::<PyInt>() => {
            scalar(name, &inner)
        }
        _ => {
            let class = object.get_type().name().map_or_else(|_| "?".into(), |n| n.to_string());
            Err(refuse(format!(
                "value {name:?} must be text, a number, a bool or a list of these, not {class}"
            )))
        }
    }
}

/// `matterapi.endpoints.body.Body`: `parts` if it is multipart, otherwise `content_type` and `data`.
pub(crate) fn body(object: Option<&Bound<'_, PyAny>>) -> Result<Option<Body>, Error> {
    let Some(object) = object else { return Ok(None) };
    let read = |name: &str| object.getattr(name).map_err(|e| refuse(format!("body.{name}: {e}")));
    let kind = read("kind")?.extract::<String>().map_err(|e| refuse(e.to_string()))?;
    if kind != "multipart" {
        let content_type = read("content_type")?.extract::<String>().map_err(|e| refuse(e.to_string()))?;
        let segment = match content(&read("data")?)? {
            Content::Bytes(bytes) => Segment::Bytes(bytes),
            Content::Source(source) => Segment::Source(source),
        };
        return Ok(Some(Body { content_type, segments: vec![segment] }));
    }
    let mut list = Vec::new();
    for part in read("parts")?.try_iter().map_err(|e| refuse(e.to_string()))? {
        let part = part.map_err(|e| refuse(e.to_string()))?;
        let text = |name: &str| {
            part.getattr(name)
                .and_then(|value| value.extract::<Option<String>>())
                .map_err(|e| refuse(format!("part.{name}: {e}")))
        };
        list.push(Part {
            name: text("name")?.unwrap_or_default(),
            file_name: text("filename")?,
            content_type: text("content_type")?,
            content: content(&part.getattr("source").map_err(|e| refuse(format!("part.source: {e}")))?)?,
        });
    }
    Ok(Some(multipart::form(list, &multipart::boundary())))
}

/// Bytes, a path, or a binary file object.
fn content(object: &Bound<'_, PyAny>) -> Result<Content, Error> {
    if let Ok(bytes) = object.cast::<PyBytes>() {
        return Ok(Content::Bytes(Bytes::copy_from_slice(bytes.as_bytes())));
    }
    let source: Arc<dyn Source> = if object.hasattr("read").unwrap_or(false) {
        Arc::new(FileObject::new(object).map_err(|e| refuse(format!("the file object cannot be read: {e}")))?)
    } else {
        let path = object.extract::<PathBuf>().map_err(|_| {
            refuse("content must be bytes, a path or a file object opened in binary mode".to_owned())
        })?;
        let source = FileSource::new(path.clone())
            .map_err(|e| Error::new(Kind::File, format!("{}: {e}", path.display())))?;
        Arc::new(source)
    };
    Ok(Content::Source(source))
}

/// Seconds, or `None` for no limit.
pub(crate) fn seconds(value: Option<f64>) -> Result<Option<Duration>, Error> {
    value
        .map(|s| {
            Duration::try_from_secs_f64(s)
                .map_err(|_| Error::new(Kind::Config, format!("a time in seconds cannot be {s}")))
        })
        .transpose()
}
