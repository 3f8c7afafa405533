//! A request as it goes out.

use std::sync::{Arc, Mutex, PoisonError};

use http::{HeaderMap, HeaderName, HeaderValue, header};

use super::place::Place;
use crate::error::{Error, ErrorKind};
use crate::http::attempt::Attempt;
use crate::http::body::Body;

/// The bytes of a request.
pub(super) struct Outgoing {
    pub(super) bytes: Vec<u8>,
    /// Whether the connection ends with the response.
    pub(super) closes: bool,
}

/// The fields of the last request, ready to be sent: they are mostly those of the next one, too.
#[derive(Default)]
pub(super) struct KnownFields(Mutex<Option<Arc<Fields>>>);

/// Fields, and what they were made of.
struct Fields {
    headers: Arc<HeaderMap>,
    authorization: Option<HeaderValue>,
    host: String,
    text: Vec<u8>,
    /// Of a request without a body.
    content_type: Option<HeaderValue>,
    closes: bool,
}

impl KnownFields {
    /// # Errors
    /// [`ErrorKind::InvalidRequest`] for what cannot be sent.
    pub(super) fn request(&self, attempt: &Attempt<'_>, place: &Place<'_>) -> Result<Outgoing, Error> {
        let target = place.target();
        if !target.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(Error::new(ErrorKind::InvalidRequest, "the URL is not valid"));
        }
        let fields = self.fields(attempt, place.host());
        let body = attempt.body.map(Body::whole).unwrap_or_default();
        let mut bytes = Vec::with_capacity(target.len() + fields.text.len() + body.len() + 128);
        for part in [attempt.method.as_str(), " ", target, " HTTP/1.1\r\n"] {
            bytes.extend_from_slice(part.as_bytes());
        }
        bytes.extend_from_slice(&fields.text);
        let content_type = attempt.content_type()?;
        if let Some(content_type) = content_type.as_ref().or(fields.content_type.as_ref()) {
            add(&mut bytes, &header::CONTENT_TYPE, content_type.as_bytes());
        }
        if !body.is_empty() {
            add(&mut bytes, &header::CONTENT_LENGTH, body.len().to_string().as_bytes());
        }
        bytes.extend_from_slice(b"\r\n");
        bytes.extend_from_slice(&body);
        Ok(Outgoing { bytes, closes: fields.closes })
    }

    fn fields(&self, attempt: &Attempt<'_>, host: &str) -> Arc<Fields> {
        if !attempt.own_headers.is_empty() {
            return Arc::new(Fields::new(attempt, host));
        }
        let mut last = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match &*last {
            Some(known) if known.fits(attempt, host) => Arc::clone(known),
            _ => Arc::clone(last.insert(Arc::new(Fields::new(attempt, host)))),
        }
    }
}

impl std::fmt::Debug for KnownFields {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("KnownFields")
    }
}

impl Fields {
    fn new(attempt: &Attempt<'_>, host: &str) -> Self {
        let mut headers = attempt.fields();
        // These say where the body ends, which is for nobody else to say.
        headers.remove(header::CONTENT_LENGTH);
        headers.remove(header::TRANSFER_ENCODING);
        let content_type = headers.remove(header::CONTENT_TYPE);
        headers.entry(header::ACCEPT).or_insert(HeaderValue::from_static("*/*"));
        headers.entry(header::ACCEPT_ENCODING).or_insert(HeaderValue::from_static("gzip"));
        let mut text = Vec::new();
        let own_host = headers.remove(header::HOST);
        add(&mut text, &header::HOST, own_host.as_ref().map_or(host.as_bytes(), HeaderValue::as_bytes));
        for (name, value) in &headers {
            add(&mut text, name, value.as_bytes());
        }
        let is_close = |value: &HeaderValue| value.as_bytes().eq_ignore_ascii_case(b"close");
        Self {
            closes: headers.get_all(header::CONNECTION).iter().any(is_close),
            headers: Arc::clone(attempt.headers),
            authorization: attempt.authorization.cloned(),
            host: host.to_owned(),
            text,
            content_type,
        }
    }

    fn fits(&self, attempt: &Attempt<'_>, host: &str) -> bool {
        Arc::ptr_eq(&self.headers, attempt.headers)
            && self.authorization.as_ref() == attempt.authorization
            && self.host == host
    }
}

fn add(text: &mut Vec<u8>, name: &HeaderName, value: &[u8]) {
    for part in [name.as_str().as_bytes(), b": ", value, b"\r\n"] {
        text.extend_from_slice(part);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::attempt::Attempt;
    use http::Method;

    const HOME: &str = "http://chat.example:8065";

    /// What one call has that another has not.
    #[derive(Default)]
    struct Own<'a> {
        method: Method,
        authorization: Option<&'a HeaderValue>,
        body: Option<&'a Body>,
        headers: HeaderMap,
    }

    fn session() -> Arc<HeaderMap> {
        Arc::new(HeaderMap::from_iter([
            (header::USER_AGENT, HeaderValue::from_static("x")),
            (header::CONTENT_LENGTH, HeaderValue::from_static("7")),
            (header::CONTENT_TYPE, HeaderValue::from_static("text/own")),
        ]))
    }

    /// What goes out, by lines; the body is the last.
    fn lines(known: &KnownFields, session: &Arc<HeaderMap>, own: &Own<'_>) -> Vec<String> {
        let url = format!("{HOME}/a?b=c");
        let attempt = Attempt {
            method: &own.method,
            url: &url,
            headers: session,
            own_headers: &own.headers,
            timeout: None,
            authorization: own.authorization,
            body: own.body,
            idempotent: false,
            bytes_sent: None,
        };
        let place = Place::of(&url, HOME).unwrap();
        let bytes = known.request(&attempt, &place).unwrap().bytes;
        String::from_utf8(bytes).unwrap().split("\r\n").map(str::to_owned).collect()
    }

    #[test]
    fn a_request_has_the_fields_of_its_session_and_nobody_elses_length() {
        let expected = [
            "GET /a?b=c HTTP/1.1",
            "host: chat.example:8065",
            "user-agent: x",
            "accept: */*",
            "accept-encoding: gzip",
            "content-type: text/own",
            "",
            "",
        ];
        assert_eq!(lines(&KnownFields::default(), &session(), &Own::default()), expected);
    }

    #[test]
    fn a_body_says_its_type_and_its_length() {
        let body = Body::bytes("application/json", "{}");
        let own = Own { method: Method::POST, body: Some(&body), ..Own::default() };
        let lines = lines(&KnownFields::default(), &session(), &own);
        assert_eq!(lines[0], "POST /a?b=c HTTP/1.1");
        assert_eq!(lines[5..], ["content-type: application/json", "content-length: 2", "", "{}"]);
    }

    #[test]
    fn what_is_known_of_one_call_is_not_sent_with_another() {
        let (known, session) = (KnownFields::default(), session());
        let said = |token: Option<&HeaderValue>| {
            let own = Own { authorization: token, ..Own::default() };
            lines(&known, &session, &own).into_iter().find(|line| line.starts_with("authorization"))
        };
        for token in ["Bearer 1", "Bearer 1", "Bearer 2"] {
            let value = HeaderValue::from_static(token);
            assert_eq!(said(Some(&value)).unwrap(), format!("authorization: {token}"));
        }
        assert_eq!(said(None), None);
        let headers = HeaderMap::from_iter([(header::USER_AGENT, HeaderValue::from_static("own"))]);
        assert_eq!(lines(&known, &session, &Own { headers, ..Own::default() })[2], "user-agent: own");
        assert_eq!(lines(&known, &session, &Own::default())[2], "user-agent: x");
    }
}
