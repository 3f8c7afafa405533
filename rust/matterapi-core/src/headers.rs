//! The header fields of a response, made into a map when somebody looks at them as one: most calls do not.

use std::fmt;
use std::ops::{Deref, Range};
use std::sync::OnceLock;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue};

/// See the module.
#[derive(Clone, Default)]
pub struct Headers {
    text: Bytes,
    /// As they came; nothing where only the map counts.
    fields: Vec<Field>,
    /// Boxed: it is large, and mostly not there.
    map: OnceLock<Box<HeaderMap>>,
}

/// Where in the text they are.
#[derive(Clone)]
struct Field {
    name: Range<usize>,
    value: Range<usize>,
}

impl Headers {
    /// Fields as parts of a text that `httparse` has read.
    pub(crate) fn parsed(text: &[u8], fields: &[httparse::Header<'_>]) -> Self {
        let within = |part: &[u8]| {
            let start = (part.as_ptr() as usize).saturating_sub(text.as_ptr() as usize);
            start..start + part.len()
        };
        let fields = fields
            .iter()
            .map(|field| Field { name: within(field.name.as_bytes()), value: within(field.value) })
            .collect();
        Self { text: Bytes::copy_from_slice(text), fields, map: OnceLock::new() }
    }

    /// The values of a field, in their order.
    pub(crate) fn values<'a>(&'a self, name: &'a HeaderName) -> impl DoubleEndedIterator<Item = &'a [u8]> {
        let wanted = name.as_str();
        let came = self.fields.iter().filter(move |field| self.is_named(field, wanted));
        let came = came.map(|field| self.part(&field.value));
        let map = self.map.get().filter(|_| self.fields.is_empty());
        came.chain(map.into_iter().flat_map(move |map| map.get_all(name).iter().map(HeaderValue::as_bytes)))
    }

    /// Whether there is such a field.
    pub(crate) fn has(&self, name: &HeaderName) -> bool {
        match self.fields.is_empty() {
            true => self.map.get().is_some_and(|map| map.contains_key(name)),
            false => self.fields.iter().any(|field| self.is_named(field, name.as_str())),
        }
    }

    /// Changes the map, which then is all that counts.
    pub(crate) fn change(&mut self, change: impl FnOnce(&mut HeaderMap)) {
        let mut map = self.map.take().map_or_else(|| self.to_map(), |map| *map);
        change(&mut map);
        *self = Self::from(map);
    }

    #[inline]
    fn is_named(&self, field: &Field, name: &str) -> bool {
        field.name.len() == name.len() && self.part(&field.name).eq_ignore_ascii_case(name.as_bytes())
    }

    #[inline]
    fn part(&self, range: &Range<usize>) -> &[u8] {
        self.text.get(range.clone()).unwrap_or_default()
    }

    fn to_map(&self) -> HeaderMap {
        let mut map = HeaderMap::with_capacity(self.fields.len());
        for field in &self.fields {
            let name = HeaderName::from_bytes(self.part(&field.name));
            let value = HeaderValue::from_maybe_shared(self.text.slice(field.value.clone()));
            // httparse takes what a map takes, but for names of 64 KiB.
            if let (Ok(name), Ok(value)) = (name, value) {
                map.append(name, value);
            }
        }
        map
    }
}

impl From<HeaderMap> for Headers {
    fn from(map: HeaderMap) -> Self {
        Self { map: Box::new(map).into(), ..Self::default() }
    }
}

impl Deref for Headers {
    type Target = HeaderMap;

    fn deref(&self) -> &HeaderMap {
        self.map.get_or_init(|| Box::new(self.to_map()))
    }
}

impl fmt::Debug for Headers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::header::{CONTENT_LENGTH, HOST, SET_COOKIE};

    fn headers() -> Headers {
        let text = b"Set-Cookie: a=1\r\nContent-Length: 7\r\nset-cookie: b=2\r\n\r\n";
        let mut fields = [httparse::EMPTY_HEADER; 3];
        httparse::parse_headers(text, &mut fields).unwrap();
        Headers::parsed(text, &fields)
    }

    fn values<'a>(headers: &'a Headers, name: &'a HeaderName) -> Vec<&'a [u8]> {
        headers.values(name).collect()
    }

    #[test]
    fn fields_are_found_as_they_came_and_as_a_map() {
        let headers = headers();
        for _ in 0..2 {
            assert_eq!(values(&headers, &SET_COOKIE), [b"a=1", b"b=2"]);
            assert!(headers.has(&CONTENT_LENGTH) && !headers.has(&HOST));
            // From now on there is a map.
            assert_eq!((headers.len(), headers.get_all(SET_COOKIE).iter().count()), (3, 2));
        }
    }

    #[test]
    fn what_is_changed_in_the_map_is_what_is_found() {
        let mut headers = headers();
        headers.change(|map| {
            map.remove(SET_COOKIE);
            map.insert(HOST, HeaderValue::from_static("h"));
        });
        assert_eq!(values(&headers, &SET_COOKIE), [b""; 0]);
        assert_eq!(values(&headers, &HOST), [b"h"]);
        assert_eq!(values(&Headers::from(HeaderMap::clone(&headers)), &CONTENT_LENGTH), [b"7"]);
    }
}
