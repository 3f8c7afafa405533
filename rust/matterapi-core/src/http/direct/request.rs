//! A request as it goes out.

use bytes::Bytes;
use http::{HeaderValue, Request, Uri, Version, header};
use http_body_util::Full;

use super::place::Place;
use crate::error::{Error, ErrorKind};
use crate::http::attempt::Attempt;
use crate::http::body::Body;

/// # Errors
/// [`ErrorKind::InvalidRequest`] for what cannot be sent.
pub(super) fn of(attempt: &Attempt<'_>, place: &Place<'_>) -> Result<Request<Full<Bytes>>, Error> {
    let refuse = |what: &str| Error::new(ErrorKind::InvalidRequest, format!("{what} is not valid"));
    let target = Uri::try_from(place.target()).map_err(|_| refuse("the URL"))?;
    let host = HeaderValue::from_str(place.host()).map_err(|_| refuse("the host"))?;
    let mut request = Request::new(Full::new(attempt.body.map(Body::whole).unwrap_or_default()));
    *request.method_mut() = attempt.method.clone();
    *request.uri_mut() = target;
    *request.version_mut() = Version::HTTP_11;
    *request.headers_mut() = attempt.headers()?;
    let headers = request.headers_mut();
    headers.entry(header::HOST).or_insert(host);
    headers.entry(header::ACCEPT).or_insert(HeaderValue::from_static("*/*"));
    headers.entry(header::ACCEPT_ENCODING).or_insert(HeaderValue::from_static("gzip"));
    Ok(request)
}
