//! Foreign text in a form that a log or a terminal can take: one short line.

/// Characters of it that are kept.
const MAX_CHARS: usize = 200;

/// `text` with escapes for what is not printable, line breaks too, and cut.
pub(crate) fn one_line(text: &str) -> String {
    let mut line = String::new();
    for char in text.chars().take(MAX_CHARS) {
        match char {
            '"' | '\'' | '\\' => line.push(char),
            _ => line.extend(char.escape_debug()),
        }
    }
    if text.chars().nth(MAX_CHARS).is_some() {
        line.push('…');
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_printable_stays_as_it_is() {
        for text in ["", "11.2.0.1", r#"it's "Grüße" \ 日本 🎉"#] {
            assert_eq!(one_line(text), text);
        }
    }

    #[test]
    fn line_breaks_escape_sequences_and_hidden_characters_are_shown() {
        assert_eq!(one_line("a\r\nb\x1b[2J\u{2028}\u{202e}\0"), r"a\r\nb\u{1b}[2J\u{2028}\u{202e}\0");
    }

    #[test]
    fn a_long_text_is_cut_at_a_character() {
        assert_eq!(one_line(&"é".repeat(MAX_CHARS)), "é".repeat(MAX_CHARS));
        assert_eq!(one_line(&"é".repeat(1 << 20)), "é".repeat(MAX_CHARS) + "…");
    }
}
