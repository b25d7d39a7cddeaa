//! Instants as a user writes them: seconds since 1970, or RFC 3339.

use std::time::SystemTime;

use signing_core::Timestamp;

use crate::refusal::Refusal;

const FAULT: &str =
    "must be seconds since 1970 or RFC 3339, such as 2024-02-29T12:34:56Z, up to the year 9999";

/// What the clock says.
pub(crate) fn now() -> Result<Timestamp, Refusal> {
    Timestamp::from_system_time(SystemTime::now())
        .ok_or_else(|| Refusal::new("clock", "the clock stands outside the years 1970 to 9999"))
}

/// Reads either form; the error continues the name of what was read.
pub(crate) fn parse(text: &str) -> Result<Timestamp, &'static str> {
    let seconds = text.parse().ok().or_else(|| rfc3339(text.as_bytes()));
    seconds.and_then(Timestamp::from_unix).ok_or(FAULT)
}

/// `2024-02-29T12:34:56Z`, with fractions (which are dropped) or an offset such as `+01:00`.
///
/// Spec: RFC 3339, section 5.6.
fn rfc3339(text: &[u8]) -> Option<i64> {
    let (date_time, rest) = text.split_at_checked(19)?;
    let number = |from: usize, to: usize| digits(&date_time[from..to]);
    let separators = [(4, b"-"), (7, b"-"), (10, b"Tt"), (13, b":"), (16, b":")] as [(usize, &[u8]); 5];
    if !separators.iter().all(|(at, allowed)| allowed.contains(&date_time[*at])) {
        return None;
    }
    let (year, month, day) = (number(0, 4)?, number(5, 7)?, number(8, 10)?);
    let (hour, minute, second) = (number(11, 13)?, number(14, 16)?, number(17, 19)?);
    // A leap second has no number of its own; it counts as the one after it.
    if !(1..=12).contains(&month) || hour > 23 || minute > 59 || second > 60 {
        return None;
    }
    if !(1..=days_in(year, month)).contains(&day) {
        return None;
    }
    let local = days_since_1970(year, month, day) * 86_400 + hour * 3_600 + minute * 60 + second;
    Some(local - offset(without_fraction(rest)?)?)
}

fn without_fraction(rest: &[u8]) -> Option<&[u8]> {
    let Some(fraction) = rest.strip_prefix(b".") else { return Some(rest) };
    let end = fraction.iter().position(|byte| !byte.is_ascii_digit()).filter(|&end| end > 0)?;
    Some(&fraction[end..])
}

/// Seconds east of Greenwich.
fn offset(text: &[u8]) -> Option<i64> {
    match text {
        b"Z" | b"z" => Some(0),
        [sign @ (b'+' | b'-'), h1, h2, b':', m1, m2] => {
            let (hours, minutes) = (digits(&[*h1, *h2])?, digits(&[*m1, *m2])?);
            let seconds = hours * 3_600 + minutes * 60;
            (hours <= 23 && minutes <= 59).then_some(if *sign == b'-' { -seconds } else { seconds })
        }
        _ => None,
    }
}

fn digits(text: &[u8]) -> Option<i64> {
    text.iter()
        .try_fold(0, |number, byte| byte.is_ascii_digit().then(|| number * 10 + i64::from(byte - b'0')))
}

fn days_in(year: i64, month: i64) -> i64 {
    match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Years begin in March here, so that the leap day is the last day of its year.
fn days_since_1970(year: i64, month: i64, day: i64) -> i64 {
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let leap_days = year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400);
    year * 365 + leap_days + (153 * month + 2) / 5 + day - 1 - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: Option<u64>) {
        assert_eq!(parse(text).ok().map(Timestamp::unix), expected, "{text}");
    }

    #[test]
    fn reads_both_forms() {
        check("1709210096", Some(1_709_210_096));
        check("0", Some(0));
        check("2024-02-29T12:34:56Z", Some(1_709_210_096));
        check("2024-02-29t12:34:56.789z", Some(1_709_210_096));
        check("2024-02-29T13:34:56+01:00", Some(1_709_210_096));
        check("2024-02-29T07:04:56-05:30", Some(1_709_210_096));
        check("1970-01-01T00:00:00Z", Some(0));
        check("2000-02-29T00:00:00Z", Some(951_782_400));
        check("2016-12-31T23:59:60Z", Some(1_483_228_800));
        check("9999-12-31T23:59:59Z", Some(253_402_300_799));
    }

    #[test]
    fn refuses_what_is_no_instant() {
        for text in [
            "",
            "-1",
            "1e9",
            "253402300800",
            "2024-02-29",
            "2024-02-29T12:34:56",
            "2023-02-29T12:34:56Z",
            "2024-13-01T00:00:00Z",
            "2024-01-01T24:00:00Z",
            "2024-01-01T00:00:00.Z",
            "2024-01-01T00:00:00+0100",
            "2024-01-01 00:00:00Z",
            "1969-12-31T23:59:59Z",
            "2024-01-01T00:00:00Z ",
            "ä024-01-01T00:00:00Z",
        ] {
            check(text, None);
        }
    }
}
