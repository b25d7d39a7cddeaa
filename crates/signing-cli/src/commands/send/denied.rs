//! What can be said of a 401 or 403 without knowing the service.

use http::header::{AGE, DATE};
use http::{HeaderMap, StatusCode};
use signing_core::Timestamp;

use super::signature::Signed;

/// Less than this may be the way of the response.
const TOLERATED: u64 = 5;

/// Lines for standard error; none for other statuses. `now` is what this machine takes the time to be.
pub(super) fn lines(
    status: StatusCode,
    headers: &HeaderMap,
    signed: &Signed,
    now: Option<Timestamp>,
) -> Vec<String> {
    if !matches!(status, StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN) {
        return Vec::new();
    }
    let mut lines = vec![format!("{status}: the request was {signed}")];
    lines.extend(now.and_then(|now| clocks(headers, now)));
    if matches!(signed, Signed::By { .. }) {
        lines.push(
            "`signing explain` with the same URL, -X, -H, data and signing flags shows what was signed"
                .to_owned(),
        );
    }
    lines
}

/// How far the server's clock is from ours. A response from a cache tells nothing of that.
fn clocks(headers: &HeaderMap, now: Timestamp) -> Option<String> {
    if headers.contains_key(AGE) {
        return None;
    }
    let date = httpdate::parse_http_date(headers.get(DATE)?.to_str().ok()?).ok()?;
    let theirs = Timestamp::from_system_time(date)?.unix();
    let ours = now.unix();
    let difference = theirs.abs_diff(ours);
    if difference <= TOLERATED {
        return None;
    }
    let (direction, sign) = if theirs > ours { ("ahead of", "") } else { ("behind", "-") };
    Some(format!(
        "the server's clock is {} {direction} this machine's: set the clock, or `ClockCorrection = {sign}{difference}` in the section",
        spoken(difference)
    ))
}

/// `2 d 3 h`, `17 min 3 s`, `40 s`: the two largest units.
fn spoken(seconds: u64) -> String {
    let units = [(86_400, "d"), (3_600, "h"), (60, "min"), (1, "s")];
    let first = units.iter().position(|(length, _)| seconds >= *length).unwrap_or(units.len() - 1);
    let mut rest = seconds;
    let mut parts = Vec::new();
    for (length, unit) in units.iter().skip(first).take(2) {
        if rest >= *length {
            parts.push(format!("{} {unit}", rest / length));
        }
        rest %= length;
    }
    parts.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;

    #[track_caller]
    fn check(date: &'static str, expected: Option<&str>) {
        let headers = HeaderMap::from_iter([(DATE, HeaderValue::from_static(date))]);
        let line = clocks(&headers, Timestamp::from_unix(1_709_210_096).unwrap());
        match expected {
            Some(expected) => assert!(line.as_ref().is_some_and(|line| line.contains(expected)), "{line:?}"),
            None => assert_eq!(line, None),
        }
    }

    #[test]
    fn clocks_are_compared() {
        check("Thu, 29 Feb 2024 12:51:59 GMT", Some("is 17 min 3 s ahead of this machine's"));
        check("Thu, 29 Feb 2024 12:51:59 GMT", Some("`ClockCorrection = 1023`"));
        check("Thu, 29 Feb 2024 11:34:56 GMT", Some("is 1 h behind this machine's"));
        check("Thu, 29 Feb 2024 11:34:56 GMT", Some("`ClockCorrection = -3600`"));
        check("Sun, 03 Mar 2024 15:40:00 GMT", Some("3 d 3 h ahead"));
        check("Thu, 29 Feb 2024 12:34:57 GMT", None);
        check("soon", None);
    }

    #[test]
    fn a_cached_response_has_an_old_date() {
        let mut headers = HeaderMap::new();
        headers.insert(DATE, HeaderValue::from_static("Thu, 29 Feb 2024 11:34:56 GMT"));
        headers.insert(AGE, HeaderValue::from_static("3600"));
        assert_eq!(clocks(&headers, Timestamp::from_unix(1_709_210_096).unwrap()), None);
    }
}
