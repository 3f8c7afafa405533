//! The session's own parameters in texts of a server: they go out with every request and are shown nowhere.

use percent_encoding::percent_decode_str;
use url::form_urlencoded;

/// Stands for a part of a URL that repeats a parameter.
const MASK: &str = "***";

/// How often a part is decoded in the search: a URL inside a URL inside a URL.
const MOST_DECODED: usize = 3;

/// A shorter value is no key, and may be a part of anything.
const SHORTEST_KEY: usize = 8;

/// What of a URL is left out beside the parameters themselves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Hide {
    /// Every part with a parameter's name and value, such as the address to return to after a login.
    Pairs,
    /// Every part with a parameter's value, whatever its name.
    Values,
}

/// `url`, absolute or not, without the parameters of `own`, an encoded query.
pub(crate) fn without(own: &str, url: &str, hide: Hide) -> String {
    let own: Vec<_> = form_urlencoded::parse(own.as_bytes()).into_owned().collect();
    let (url, fragment) = split(url, '#');
    let (path, query) = split(url, '?');
    let shown = |text: &str, delimiter: &str| {
        let parts = text.split(delimiter).map(|part| if repeats(&own, part, hide) { MASK } else { part });
        parts.collect::<Vec<_>>().join(delimiter)
    };
    let kept = query.map(|query| {
        let foreign = query.split('&').filter(|pair| !is_one_of(&own, pair)).collect::<Vec<_>>();
        shown(&foreign.join("&"), "&")
    });
    let mut text = shown(path, "/");
    for (mark, part) in [('?', kept), ('#', fragment.map(|part| shown(part, "&")))] {
        if let Some(part) = part.filter(|part| !part.is_empty()) {
            text.push(mark);
            text.push_str(&part);
        }
    }
    text
}

fn split(text: &str, mark: char) -> (&str, Option<&str>) {
    text.split_once(mark).map_or((text, None), |(before, after)| (before, Some(after)))
}

/// Whether `pair` is a parameter of ours, however it is written.
fn is_one_of(own: &[(String, String)], pair: &str) -> bool {
    form_urlencoded::parse(pair.as_bytes())
        .all(|(name, value)| own.iter().any(|(n, v)| *n == name && *v == value))
}

/// Whether `part` has a parameter of ours somewhere inside.
fn repeats(own: &[(String, String)], part: &str, hide: Hide) -> bool {
    let mut text = part.to_owned();
    for _ in 0..=MOST_DECODED {
        let found = own.iter().any(|(name, value)| match hide {
            Hide::Values if value.len() >= SHORTEST_KEY => text.contains(value.as_str()),
            _ => !value.is_empty() && text.contains(&format!("{name}={value}")),
        });
        if found {
            return true;
        }
        let decoded = percent_decode_str(&text.replace('+', " ")).decode_utf8_lossy().into_owned();
        if decoded == text {
            return false;
        }
        text = decoded;
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    const OWN: &str = "key=sesame+street%2F1&lang=en";

    fn shown(url: &str) -> String {
        without(OWN, url, Hide::Values)
    }

    #[test]
    fn the_parameters_are_left_out_however_they_are_written() {
        for (url, expected) in [
            ("http://h/a?key=sesame+street%2F1&lang=en", "http://h/a"),
            ("http://h/a?x=1&key=sesame%20street/1&y=2&lang=%65n#f", "http://h/a?x=1&y=2#f"),
            ("/a?%6Bey=sesame%20street%2f1", "/a"),
            ("?lang=en&lang=de", "?lang=de"),
            ("http://h/a?lang=de&english=en", "http://h/a?lang=de&english=en"),
            ("//h", "//h"),
            ("", ""),
        ] {
            assert_eq!(shown(url), expected, "{url}");
            assert_eq!(without(OWN, url, Hide::Pairs), expected, "{url}");
        }
    }

    #[test]
    fn a_part_that_repeats_one_is_masked_however_deep_it_is() {
        let inner = "http://h/a?lang=en&key=sesame+street%2F1";
        let once: String = form_urlencoded::byte_serialize(inner.as_bytes()).collect();
        let twice: String = form_urlencoded::byte_serialize(once.as_bytes()).collect();
        for hide in [Hide::Pairs, Hide::Values] {
            for deep in [once.as_str(), twice.as_str()] {
                let url = format!("/login?to={deep}&x=1");
                assert_eq!(without(OWN, &url, hide), "/login?***&x=1", "{url}");
            }
        }
    }

    #[test]
    fn a_value_alone_is_masked_where_nobody_needs_it() {
        for (url, expected) in [
            ("/a?other=sesame+street%2F1", "/a?***"),
            ("/sesame%20street%2F1/b", "/***/b"),
            ("/a#k=sesame%20street%2F1&b", "/a#***&b"),
        ] {
            assert_eq!(shown(url), expected);
            assert_eq!(without(OWN, url, Hide::Pairs), url);
        }
        assert_eq!(shown("/en?x=en"), "/en?x=en");
    }
}
