//! Dates as signatures and refusals write them.

use crate::Timestamp;

/// Reads `20240229T123456Z`, `2024-02-29T12:34:56.789Z` and `Thu, 29 Feb 2024 12:34:56 GMT`.
pub(super) fn parse(text: &str) -> Option<Timestamp> {
    let text = text.trim();
    iso(text).or_else(|| imf_fixdate(text))
}

/// `2024-02-29T12:34:56Z`, for a sentence.
pub(super) fn spelled(instant: Timestamp) -> String {
    let basic = instant.iso_basic();
    let part = |from: usize, to: usize| String::from_utf8_lossy(&basic[from..to]).into_owned();
    format!("{}-{}-{}T{}:{}:{}Z", part(0, 4), part(4, 6), part(6, 8), part(9, 11), part(11, 13), part(13, 15))
}

/// `2 d 3 h`, `17 min 3 s`, `40 s`: the two largest units.
pub(super) fn spoken(seconds: u64) -> String {
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

/// Both forms of ISO 8601, in UTC.
fn iso(text: &str) -> Option<Timestamp> {
    let text = text.strip_suffix('Z').or_else(|| text.strip_suffix("+00:00"))?;
    let whole = text.split('.').next()?;
    let digits: String = whole.chars().filter(|character| !matches!(character, '-' | ':' | 'T')).collect();
    let is_basic = whole.len() == 15 && whole.as_bytes()[8] == b'T';
    let is_extended = whole.len() == 19 && whole.as_bytes()[10] == b'T';
    if !(is_basic || is_extended) || digits.len() != 14 {
        return None;
    }
    let number = |from: usize, to: usize| digits.get(from..to)?.parse::<u32>().ok();
    instant((number(0, 4)?, number(4, 6)?, number(6, 8)?), (number(8, 10)?, number(10, 12)?, number(12, 14)?))
}

/// Spec: RFC 9110, section 5.6.7.
fn imf_fixdate(text: &str) -> Option<Timestamp> {
    const MONTHS: [&str; 12] =
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let mut words = text.split_once(", ")?.1.strip_suffix(" GMT")?.split(' ');
    let day = words.next()?.parse().ok()?;
    let month = words.next()?;
    let month = MONTHS.iter().position(|name| *name == month)? as u32 + 1;
    let year = words.next()?.parse().ok()?;
    let mut time = words.next()?.split(':').map(|part| part.parse::<u32>().ok());
    let time = (time.next()??, time.next()??, time.next()??);
    instant((year, month, day), time)
}

fn instant(
    (year, month, day): (u32, u32, u32),
    (hour, minute, second): (u32, u32, u32),
) -> Option<Timestamp> {
    let is_date = (1970..=9999).contains(&year) && (1..=12).contains(&month) && (1..=31).contains(&day);
    if !is_date || hour > 23 || minute > 59 || second > 60 {
        return None;
    }
    let seconds = days_since_1970(year, month, day) * 86_400
        + i64::from(hour) * 3_600
        + i64::from(minute) * 60
        + i64::from(second);
    Timestamp::from_unix(seconds)
}

/// The inverse of what [`Timestamp`] does to format: years begin in March, so that the leap day is their last.
fn days_since_1970(year: u32, month: u32, day: u32) -> i64 {
    let year = i64::from(year) - i64::from(month <= 2);
    let month_from_march = (i64::from(month) + 9) % 12;
    let day_of_year = (153 * month_from_march + 2) / 5 + i64::from(day) - 1;
    year * 365 + year / 4 - year / 100 + year / 400 + day_of_year - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_is_read_as_it_was_written() {
        for unix in [0, 951_782_399, 951_782_400, 1_709_210_096, 4_107_542_400, 253_402_300_799] {
            let instant = Timestamp::from_unix(unix).unwrap();
            let read = |text: &[u8]| parse(std::str::from_utf8(text).unwrap());
            assert_eq!(read(&instant.iso_basic()), Some(instant));
            assert_eq!(read(&instant.imf_fixdate()), Some(instant));
            assert_eq!(parse(&spelled(instant)), Some(instant));
        }
        assert_eq!(parse("2024-02-29T12:34:56.7891234Z"), Timestamp::from_unix(1_709_210_096));
    }

    #[test]
    fn what_is_no_date_is_refused() {
        for text in [
            "",
            "soon",
            "Z",
            "20240229T123456",
            "2024022912T34567890Z",
            "20241329T123456Z",
            "Thu, 29 Foo 2024 12:34:56 GMT",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
        assert_eq!(parse("2024ä0229T12345Z"), None);
    }

    #[test]
    fn durations_have_two_units() {
        assert_eq!(spoken(1_023), "17 min 3 s");
        assert_eq!(spoken(3_600), "1 h");
        assert_eq!(spoken(0), "");
        assert_eq!(spoken(200_000), "2 d 7 h");
    }
}
