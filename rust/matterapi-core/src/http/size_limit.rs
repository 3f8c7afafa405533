//! How large a response may be that is kept in memory.

use crate::options::Options;

/// What a response that is kept in memory is taken for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum BodyKind {
    /// Bytes: a file, a page.
    Raw,
    /// Values of Python.
    Json,
    /// One user at most: the response to a login or a check.
    Small,
}

/// Bytes of a small response, many times what the server lets a user store.
const MAX_SMALL: u64 = 1024 * 1024;

/// The limit of one response, and what sets it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct SizeLimit {
    pub(crate) bytes: u64,
    pub(crate) set_by: &'static str,
}

impl SizeLimit {
    /// The limit that comes first.
    pub(crate) fn of(options: &Options, kind: BodyKind) -> Self {
        let any =
            Self { bytes: options.max_response_size.unwrap_or(u64::MAX), set_by: "max_response_size allows" };
        let own = match kind {
            BodyKind::Raw => None,
            BodyKind::Json => {
                options.max_json_size.map(|bytes| Self { bytes, set_by: "max_json_size allows" })
            }
            BodyKind::Small => {
                Some(Self { bytes: MAX_SMALL, set_by: "the answer to a login or a check may have" })
            }
        };
        own.filter(|own| own.bytes < any.bytes).unwrap_or(any)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_smaller_limit_holds_and_is_named() {
        let limit = |any, json, kind| {
            let options =
                Options { max_response_size: any, max_json_size: json, ..Options::new("http://h", "ws://h") };
            SizeLimit::of(&options, kind)
        };
        assert_eq!(limit(Some(10), Some(20), BodyKind::Json).bytes, 10);
        assert_eq!(limit(Some(20), Some(10), BodyKind::Json).set_by, "max_json_size allows");
        assert_eq!(limit(Some(20), Some(10), BodyKind::Raw).set_by, "max_response_size allows");
        assert_eq!(limit(None, None, BodyKind::Small).bytes, MAX_SMALL);
        assert_eq!(limit(Some(5), None, BodyKind::Small).bytes, 5);
        assert_eq!(limit(None, None, BodyKind::Json).bytes, u64::MAX);
    }
}
