//! When a server wants to be asked again, as its response says.

use std::time::Duration;

use http::HeaderMap;
use http::header::{DATE, RETRY_AFTER};

/// Larger numbers are times of day, in seconds since 1970.
const EPOCH: f64 = 1e9;

/// Until when to wait, if the response says it: `Retry-After` in seconds or as a date, else
/// `X-RateLimit-Reset` in seconds or as seconds since 1970.
///
/// Dates and times are measured by the response's own `Date`, so that a wrong local clock does no harm;
/// without one they say nothing. What has passed is zero; what cannot be read is no hint.
pub fn hint(headers: &HeaderMap) -> Option<Duration> {
    let text = |name: &str| headers.get(name)?.to_str().ok().map(str::trim);
    let now = text(DATE.as_str()).and_then(date);
    let relative = |seconds: f64| if seconds > EPOCH { now.map(|now| seconds - now) } else { Some(seconds) };
    let retry_after = text(RETRY_AFTER.as_str()).and_then(|value| match number(value) {
        Some(seconds) => Some(seconds),
        None => Some(date(value)? - now?),
    });
    let reset = || text("x-ratelimit-reset").and_then(number).and_then(relative);
    let seconds = retry_after.or_else(reset)?.max(0.0);
    Some(Duration::try_from_secs_f64(seconds).unwrap_or(Duration::MAX))
}

fn number(text: &str) -> Option<f64> {
    text.parse().ok().filter(|number: &f64| number.is_finite())
}

/// A date of HTTP in seconds since 1970.
fn date(text: &str) -> Option<f64> {
    let time = httpdate::parse_http_date(text).ok()?;
    time.duration_since(std::time::UNIX_EPOCH).ok().map(|since| since.as_secs_f64())
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: &str = "Sun, 06 Nov 1994 08:49:37 GMT";

    fn seconds(fields: &[(&'static str, &str)]) -> Option<f64> {
        let headers =
            fields.iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap())).collect();
        hint(&headers).map(|hint| hint.as_secs_f64())
    }

    #[test]
    fn retry_after_is_a_number_or_a_date_by_the_servers_clock() {
        for (value, expected) in
            [("0", 0.0), ("1", 1.0), ("1.5", 1.5), (" 7 ", 7.0), ("-1", 0.0), ("99999", 99999.0)]
        {
            assert_eq!(seconds(&[("retry-after", value)]), Some(expected), "{value}");
        }
        let date = |value| seconds(&[("retry-after", value), ("date", NOW)]);
        assert_eq!(date("Sun, 06 Nov 1994 08:49:39 GMT"), Some(2.0));
        assert_eq!(date("Sun, 06 Nov 1994 08:49:30 GMT"), Some(0.0), "it has passed");
        assert_eq!(seconds(&[("retry-after", NOW)]), None, "no clock to measure it by");
        for unreadable in ["abc", "", "nan", "inf", "1 s"] {
            assert_eq!(seconds(&[("retry-after", unreadable)]), None, "{unreadable}");
        }
        assert_eq!(seconds(&[("retry-after", "1e300")]), Some(Duration::MAX.as_secs_f64()));
    }

    #[test]
    fn the_reset_of_a_limit_is_a_span_or_a_time_of_day() {
        assert_eq!(seconds(&[("x-ratelimit-reset", "3")]), Some(3.0));
        assert_eq!(seconds(&[("x-ratelimit-reset", "784111780"), ("date", NOW)]), Some(784_111_780.0));
        let later = "Sat, 01 Jan 2022 00:00:00 GMT";
        assert_eq!(seconds(&[("x-ratelimit-reset", "1640995205"), ("date", later)]), Some(5.0));
        assert_eq!(seconds(&[("x-ratelimit-reset", "1640995205")]), None);
        assert_eq!(seconds(&[("retry-after", "2"), ("x-ratelimit-reset", "9")]), Some(2.0));
        assert_eq!(seconds(&[("retry-after", "soon"), ("x-ratelimit-reset", "9")]), Some(9.0));
        assert_eq!(seconds(&[]), None);
    }
}
