//! An instant as signatures know it: whole seconds, UTC.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Whole seconds since 1970-01-01T00:00:00Z, not later than the year 9999.
///
/// Every date in a signature (`x-amz-date`, credential scope, `ocp-date`, token expiry) is made from one of
/// these, so that they cannot disagree. Formatting is arithmetic on the civil calendar, in English,
/// independent of locale and time zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(u64);

/// 9999-12-31T23:59:59Z: the last second that a four-digit year can name.
const LAST: u64 = 253_402_300_799;
const SECONDS_PER_DAY: u64 = 86_400;
const DAY_NAMES: [&[u8; 3]; 7] = [b"Thu", b"Fri", b"Sat", b"Sun", b"Mon", b"Tue", b"Wed"]; // 1970-01-01 was a Thursday
const MONTH_NAMES: [&[u8; 3]; 12] =
    [b"Jan", b"Feb", b"Mar", b"Apr", b"May", b"Jun", b"Jul", b"Aug", b"Sep", b"Oct", b"Nov", b"Dec"];

impl Timestamp {
    /// `None` before 1970 and after 9999.
    pub const fn from_unix(seconds: i64) -> Option<Self> {
        if seconds < 0 || seconds as u64 > LAST { None } else { Some(Self(seconds as u64)) }
    }

    /// What the system's clock says. `None` if it stands before 1970 or after 9999.
    pub fn from_system_time(time: SystemTime) -> Option<Self> {
        let seconds = time.duration_since(UNIX_EPOCH).ok()?.as_secs();
        Self::from_unix(i64::try_from(seconds).ok()?)
    }

    /// Seconds since 1970-01-01T00:00:00Z.
    pub const fn unix(self) -> u64 {
        self.0
    }

    /// The instant `seconds` later (earlier when negative), unless that leaves the range.
    pub fn checked_add(self, seconds: i64) -> Option<Self> {
        Self::from_unix((self.0 as i64).checked_add(seconds)?)
    }

    /// How long until `later`; zero if that has passed.
    pub fn until(self, later: Self) -> Duration {
        Duration::from_secs(later.0.saturating_sub(self.0))
    }

    /// Days since 1970-01-01: the UTC day a SigV4 signing key is good for.
    pub const fn day(self) -> u32 {
        (self.0 / SECONDS_PER_DAY) as u32
    }

    /// ISO 8601 basic format, `20240229T123456Z`, as in `x-amz-date`. ASCII.
    pub fn iso_basic(self) -> [u8; 16] {
        let (year, month, day) = self.civil_date();
        let (hour, minute, second) = self.time_of_day();
        let mut text = *b"00000000T000000Z";
        put4(&mut text[0..4], year);
        put2(&mut text[4..6], month);
        put2(&mut text[6..8], day);
        put2(&mut text[9..11], hour);
        put2(&mut text[11..13], minute);
        put2(&mut text[13..15], second);
        text
    }

    /// IMF-fixdate, `Thu, 29 Feb 2024 12:34:56 GMT`, as in `Date`. ASCII.
    ///
    /// Spec: RFC 9110, section 5.6.7.
    pub fn imf_fixdate(self) -> [u8; 29] {
        let (year, month, day) = self.civil_date();
        let (hour, minute, second) = self.time_of_day();
        let mut text = *b"Thu, 00 Jan 0000 00:00:00 GMT";
        text[0..3].copy_from_slice(DAY_NAMES[(self.day() % 7) as usize]);
        put2(&mut text[5..7], day);
        text[8..11].copy_from_slice(MONTH_NAMES[month as usize - 1]);
        put4(&mut text[12..16], year);
        put2(&mut text[17..19], hour);
        put2(&mut text[20..22], minute);
        put2(&mut text[23..25], second);
        text
    }

    /// Year, month (1 to 12), day (1 to 31) of the proleptic Gregorian calendar.
    ///
    /// Counts in years that begin in March, so that the leap day is the last of its year, and in eras of
    /// 400 years, which all have the same number of days.
    fn civil_date(self) -> (u32, u32, u32) {
        const DAYS_PER_ERA: u32 = 146_097;
        const MARCH_0000_TO_1970: u32 = 719_468;
        let days = self.day() + MARCH_0000_TO_1970;
        let era = days / DAYS_PER_ERA;
        let day_of_era = days % DAYS_PER_ERA;
        let year_of_era =
            (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let month_from_march = (5 * day_of_year + 2) / 153;
        let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
        let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
        (era * 400 + year_of_era + u32::from(month <= 2), month, day)
    }

    fn time_of_day(self) -> (u32, u32, u32) {
        let second = (self.0 % SECONDS_PER_DAY) as u32;
        (second / 3_600, second / 60 % 60, second % 60)
    }
}

fn put2(to: &mut [u8], value: u32) {
    to[0] = b'0' + (value / 10) as u8;
    to[1] = b'0' + (value % 10) as u8;
}

fn put4(to: &mut [u8], value: u32) {
    put2(&mut to[0..2], value / 100);
    put2(&mut to[2..4], value % 100);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(unix: i64, iso: &str, imf: &str) {
        let time = Timestamp::from_unix(unix).unwrap();
        assert_eq!(std::str::from_utf8(&time.iso_basic()).unwrap(), iso);
        assert_eq!(std::str::from_utf8(&time.imf_fixdate()).unwrap(), imf);
    }

    #[test]
    fn formats_known_instants() {
        check(0, "19700101T000000Z", "Thu, 01 Jan 1970 00:00:00 GMT");
        check(951_782_399, "20000228T235959Z", "Mon, 28 Feb 2000 23:59:59 GMT");
        check(951_782_400, "20000229T000000Z", "Tue, 29 Feb 2000 00:00:00 GMT");
        check(1_709_210_096, "20240229T123456Z", "Thu, 29 Feb 2024 12:34:56 GMT");
        check(4_107_542_400, "21000301T000000Z", "Mon, 01 Mar 2100 00:00:00 GMT");
        check(LAST as i64, "99991231T235959Z", "Fri, 31 Dec 9999 23:59:59 GMT");
    }

    #[test]
    fn every_day_follows_the_one_before() {
        let mut last = [0; 16];
        for day in 0..=LAST / SECONDS_PER_DAY {
            let time = Timestamp(day * SECONDS_PER_DAY);
            let (_, month, day_of_month) = time.civil_date();
            assert!((1..=12).contains(&month) && (1..=31).contains(&day_of_month));
            let text = time.iso_basic();
            assert!(text > last, "day {day}");
            last = text;
        }
    }

    #[test]
    fn refuses_what_four_digit_years_cannot_name() {
        assert_eq!(Timestamp::from_unix(-1), None);
        assert_eq!(Timestamp::from_unix(LAST as i64 + 1), None);
        let last = Timestamp::from_unix(LAST as i64).unwrap();
        assert_eq!(last.checked_add(1), None);
        assert_eq!(last.checked_add(i64::MAX), None);
    }
}
