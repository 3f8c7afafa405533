//! `multipart/form-data` bodies, written as browsers write them (WHATWG HTML, section 4.10.21.8), but for
//! quotes and backslashes in names.

use std::fmt::Write as _;

use super::body::{Body, Content};

/// One part.
#[derive(Debug, Clone)]
pub struct Part {
    /// The field's name.
    pub name: String,
    /// The file's name; a part without one is a plain field.
    pub file_name: Option<String>,
    /// The part's `Content-Type`.
    pub content_type: Option<String>,
    /// What it holds.
    pub content: Content,
}

/// The body made of `parts`, in their order. `boundary` must not occur in them: take a random one.
pub fn form(parts: Vec<Part>, boundary: &str) -> Body {
    let mut contents = Vec::with_capacity(parts.len() * 2 + 1);
    let mut head = String::new();
    for part in parts {
        let _ =
            write!(head, "--{boundary}\r\nContent-Disposition: form-data; name=\"{}\"", quoted(&part.name));
        if let Some(file_name) = &part.file_name {
            let _ = write!(head, "; filename=\"{}\"", quoted(file_name));
        }
        if let Some(content_type) = &part.content_type {
            let _ = write!(head, "\r\nContent-Type: {}", one_line(content_type));
        }
        head.push_str("\r\n\r\n");
        contents.push(Content::Bytes(std::mem::take(&mut head).into()));
        contents.push(part.content);
        head.push_str("\r\n");
    }
    let _ = write!(head, "--{boundary}--\r\n");
    contents.push(Content::Bytes(head.into()));
    Body { content_type: format!("multipart/form-data; boundary={boundary}"), contents, keyed: false }
}

/// A boundary that no content will contain by chance: 128 random bits.
pub fn boundary() -> String {
    format!("matterapi-{:016x}{:016x}", fastrand::u64(..), fastrand::u64(..))
}

/// A quoted string as the server's Go reads it: `consumeValue` (mime/mediatype.go) undoes backslashes, and
/// nobody the `%22` of browsers. A control character that is no tab makes Go refuse the whole form
/// (net/textproto): those are written as browsers write the ends of lines, and stay so.
fn quoted(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            c if c.is_ascii_control() && c != '\t' => {
                let _ = write!(quoted, "%{:02X}", u32::from(c));
            }
            c => quoted.push(c),
        }
    }
    quoted
}

fn one_line(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(body: &Body) -> String {
        let bytes: Vec<u8> = body
            .contents
            .iter()
            .flat_map(|s| match s {
                Content::Bytes(b) => b.to_vec(),
                Content::Streamed(_) => Vec::new(),
            })
            .collect();
        String::from_utf8(bytes).unwrap()
    }

    fn part(name: &str, file_name: Option<&str>, content: &'static str) -> Part {
        Part {
            name: name.into(),
            file_name: file_name.map(Into::into),
            content_type: file_name.map(|_| "text/plain".into()),
            content: Content::Bytes(content.into()),
        }
    }

    #[test]
    fn a_name_cannot_end_its_quotes_or_its_line() {
        let body = form(vec![part("a\"b", Some("x\r\nSet-Cookie: y\0.txt"), "hi")], "B");
        let expected = "name=\"a\\\"b\"; filename=\"x%0D%0ASet-Cookie: y%00.txt\"\r\n";
        assert!(text(&body).contains(expected), "{}", text(&body));
    }

    #[test]
    fn parts_are_framed_in_order_and_the_size_is_known() {
        let body = form(vec![part("channel_id", None, "c1"), part("files", Some("a.txt"), "hi")], "B");
        let expected = "--B\r\nContent-Disposition: form-data; name=\"channel_id\"\r\n\r\nc1\r\n\
            --B\r\nContent-Disposition: form-data; name=\"files\"; filename=\"a.txt\"\r\n\
            Content-Type: text/plain\r\n\r\nhi\r\n--B--\r\n";
        assert_eq!(text(&body), expected);
        assert_eq!(body.size(), Some(expected.len() as u64));
    }

    #[test]
    fn names_cannot_end_their_quotes_or_their_line() {
        let mut hostile = part("a\"; x=\"", Some("e\"vil\r\nX-Header: 1\r\n\r\n.txt"), "x");
        hostile.content_type = Some("text/plain\r\nX-Other: 1".into());
        let text = text(&form(vec![hostile], "B"));
        let head = text.split("\r\n\r\n").next().unwrap();
        assert_eq!(head.lines().count(), 3, "{head}");
        assert!(!head.contains("\nX-"));
        assert_eq!(head.replace("\\\"", "").matches('"').count(), 4);
    }

    #[test]
    fn backslashes_quotes_and_controls_are_written_as_go_reads_them() {
        for (name, written) in [
            ("end\\", "end\\\\"),
            ("\\\\\\", "\\\\\\\\\\\\"),
            ("\\\"", "\\\\\\\""),
            ("a\tb", "a\tb"),
            ("\u{1}\u{1f}\u{7f}", "%01%1F%7F"),
            ("a%22b", "a%22b"),
        ] {
            assert_eq!(quoted(name), written, "{name:?}");
        }
    }

    #[test]
    fn names_in_any_script_go_out_as_they_are() {
        assert!(
            text(&form(vec![part("files", Some("写真.png"), "")], "B")).contains("filename=\"写真.png\"")
        );
    }
}
