//! Writing a text as JSON.

/// `text` as JSON, in quotes.
pub fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}
