//! Routes: a verb, a path template and query names, compiled once and filled for each call.
//!
//! ```
//! use matterapi_core::route::{Route, Value};
//!
//! let route = Route::parse("GET /api/v4/channels/{channel_id}/posts{?page,per_page}")?;
//! let target = route.fill(|name| match name {
//!     "channel_id" => Ok(Some(Value::Text("c1".into()))),
//!     "page" => Ok(Some(Value::Text("0".into()))),
//!     _ => Ok(None),
//! })?;
//! assert_eq!(target, "/api/v4/channels/c1/posts?page=0");
//! # Ok::<(), matterapi_core::Error>(())
//! ```
//!
//! `{user_id!known,stats}` is a path value that must not be one of these words: with them the server
//! would take another route of the same shape. `{?ids*}` sends a list as repeated keys, any other list
//! goes out joined with commas.

use std::borrow::Cow;
use std::sync::Arc;

use http::Method;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::error::{Error, ErrorKind};

/// Everything but RFC 3986's unreserved characters.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// A value for a path or query name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value<'a> {
    /// One value.
    Text(Cow<'a, str>),
    /// A list; only query names take one.
    List(Vec<String>),
}

#[derive(Debug, Clone)]
enum Piece {
    Literal(String),
    Parameter { name: String, reserved: Vec<String> },
}

#[derive(Debug, Clone)]
struct QueryName {
    name: String,
    repeated: bool,
}

/// A compiled route.
#[derive(Debug, Clone)]
pub struct Route {
    method: Method,
    pieces: Vec<Piece>,
    query: Vec<QueryName>,
    label: Arc<str>,
    raw: bool,
}

impl Route {
    /// Compiles `VERB /path/{parameter}{?query,names}`.
    ///
    /// # Errors
    /// [`ErrorKind::Config`] when the text is not of that form.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let bad = || Error::new(ErrorKind::Config, format!("not a route: {text:?}"));
        let (verb, template) = text.split_once(' ').ok_or_else(bad)?;
        let method = Method::from_bytes(verb.as_bytes()).map_err(|_| bad())?;
        let (path, query) = match template.split_once("{?") {
            Some((path, names)) => (path, names.strip_suffix('}').ok_or_else(bad)?),
            None => (template, ""),
        };
        if !path.starts_with('/') {
            return Err(bad());
        }
        let mut pieces = Vec::new();
        let mut label = format!("{verb} ");
        let mut rest = path;
        while let Some((literal, tail)) = rest.split_once('{') {
            let (parameter, tail) = tail.split_once('}').ok_or_else(bad)?;
            let (name, reserved) = parameter.split_once('!').unwrap_or((parameter, ""));
            label.push_str(literal);
            label.push_str(&format!("{{{name}}}"));
            pieces.push(Piece::Literal(literal.to_owned()));
            pieces.push(Piece::Parameter { name: name.to_owned(), reserved: words(reserved) });
            rest = tail;
        }
        label.push_str(rest);
        pieces.push(Piece::Literal(rest.to_owned()));
        let query = words(query)
            .into_iter()
            .map(|name| match name.strip_suffix('*') {
                Some(name) => QueryName { name: name.to_owned(), repeated: true },
                None => QueryName { name, repeated: false },
            })
            .collect();
        Ok(Self { method, pieces, query, label: label.into(), raw: false })
    }

    /// The same route, whose answers are kept as they come: files, pages.
    #[must_use]
    pub fn raw(self) -> Self {
        Self { raw: true, ..self }
    }

    pub(crate) fn is_raw(&self) -> bool {
        self.raw
    }

    /// The verb.
    pub fn method(&self) -> &Method {
        &self.method
    }

    /// Verb and path template, for errors and logs.
    pub fn label(&self) -> &Arc<str> {
        &self.label
    }

    /// The names of all values, path first.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.pieces
            .iter()
            .filter_map(|piece| match piece {
                Piece::Parameter { name, .. } => Some(name.as_str()),
                Piece::Literal(_) => None,
            })
            .chain(self.query.iter().map(|q| q.name.as_str()))
    }

    /// Path and query with the values of `lookup`, percent-encoded. An absent query value is left out.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidRequest`] for a path value that is absent, a list, or would lead to another route
    /// (empty, `.`, `..`, one with a `/`, a reserved word), and whatever `lookup` fails with.
    pub fn fill<'a>(
        &self,
        mut lookup: impl FnMut(&str) -> Result<Option<Value<'a>>, Error>,
    ) -> Result<String, Error> {
        let mut target = String::with_capacity(64);
        for piece in &self.pieces {
            match piece {
                Piece::Literal(text) => target.push_str(text),
                Piece::Parameter { name, reserved } => {
                    let value = lookup(name).map_err(|e| e.on(&self.label))?;
                    let text = self.path_value(name, reserved, value)?;
                    target.extend(utf8_percent_encode(&text, ENCODED));
                }
            }
        }
        let mut separator = '?';
        for QueryName { name, repeated } in &self.query {
            let mut push = |values: &[&str]| {
                target.push(separator);
                separator = '&';
                target.extend(utf8_percent_encode(name, ENCODED));
                target.push('=');
                for (i, value) in values.iter().enumerate() {
                    if i > 0 {
                        target.push(',');
                    }
                    target.extend(utf8_percent_encode(value, ENCODED));
                }
            };
            match lookup(name).map_err(|e| e.on(&self.label))? {
                None => {}
                Some(Value::Text(text)) => push(&[&text]),
                Some(Value::List(items)) if *repeated => items.iter().for_each(|item| push(&[item])),
                Some(Value::List(items)) => push(&items.iter().map(String::as_str).collect::<Vec<_>>()),
            }
        }
        Ok(target)
    }

    fn path_value<'a>(
        &self,
        name: &str,
        reserved: &[String],
        value: Option<Value<'a>>,
    ) -> Result<Cow<'a, str>, Error> {
        let refuse = |why: &str| {
            Err(Error::new(ErrorKind::InvalidRequest, format!("path value {name:?} {why}")).on(&self.label))
        };
        match value {
            None => refuse("is missing"),
            Some(Value::List(_)) => refuse("must be one value, not a list"),
            Some(Value::Text(text)) if text.is_empty() => refuse("is empty: that would be another route"),
            Some(Value::Text(text)) if matches!(text.as_ref(), "." | "..") || text.contains('/') => {
                refuse(&format!("would change the route: {text:?}"))
            }
            Some(Value::Text(text)) if reserved.iter().any(|word| *word == text) => {
                refuse(&format!("is the name of another route: {text:?}"))
            }
            Some(Value::Text(text)) => Ok(text),
        }
    }
}

fn words(text: &str) -> Vec<String> {
    text.split(',').filter(|word| !word.is_empty()).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fill(route: &str, values: &[(&str, Value<'static>)]) -> Result<String, Error> {
        Route::parse(route)
            .unwrap()
            .fill(|name| Ok(values.iter().find(|(n, _)| *n == name).map(|(_, v)| v.clone())))
    }

    fn text(value: &'static str) -> Value<'static> {
        Value::Text(value.into())
    }

    #[test]
    fn path_values_are_percent_encoded() {
        let target = fill("GET /u/{id}/x", &[("id", text("a b#c?d%2Fé"))]).unwrap();
        assert_eq!(target, "/u/a%20b%23c%3Fd%252F%C3%A9/x");
    }

    #[test]
    fn path_values_that_would_change_the_route_are_refused() {
        for bad in ["", ".", "..", "a/b", "/", "stats"] {
            let error = fill("GET /u/{id!stats}", &[("id", text(bad))]).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidRequest, "{bad:?}");
            assert_eq!(error.route(), Some("GET /u/{id}"));
        }
    }

    #[test]
    fn absent_query_values_are_left_out_and_present_ones_cannot_add_more() {
        let target = fill("GET /u{?a,b,c}", &[("a", text("1&b=2")), ("c", text("x y+z"))]).unwrap();
        assert_eq!(target, "/u?a=1%26b%3D2&c=x%20y%2Bz");
    }

    #[test]
    fn lists_are_joined_or_repeated_as_the_route_says() {
        let list = || Value::List(vec!["a,b".into(), "c".into()]);
        assert_eq!(fill("GET /u{?ids}", &[("ids", list())]).unwrap(), "/u?ids=a%2Cb,c");
        assert_eq!(fill("GET /u{?ids*}", &[("ids", list())]).unwrap(), "/u?ids=a%2Cb&ids=c");
    }

    #[test]
    fn names_lists_path_then_query_names() {
        let route = Route::parse("GET /t/{team_id}/c/{channel_id!a,b}{?page,x*}").unwrap();
        assert_eq!(route.names().collect::<Vec<_>>(), ["team_id", "channel_id", "page", "x"]);
        assert_eq!(&**route.label(), "GET /t/{team_id}/c/{channel_id}");
    }

    #[test]
    fn malformed_templates_are_refused() {
        for bad in ["GET", "GET x", "GET /a{b", "GET /a{?b", "G\nT /a"] {
            assert_eq!(Route::parse(bad).unwrap_err().kind(), ErrorKind::Config, "{bad}");
        }
    }
}
