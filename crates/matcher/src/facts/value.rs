//! Texts that are times, ports, protocols and tags, and those that only stand where one is expected.

use std::ops::Range;

use compact_str::{CompactString, format_compact};
use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::tz::Offset;

/// A time, and whether its text says in which zone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Time {
    /// RFC 3339, in UTC.
    pub(crate) text: CompactString,
    pub(crate) has_zone: bool,
}

/// Reads RFC 3339 with or without a zone or a time of day, blanks for the `T` allowed, and seconds,
/// milliseconds or microseconds since 1970.
///
/// What is not between 1990 and 2100 says that a time is not known, or that there is no end.
pub(crate) fn time(text: &str) -> Option<Time> {
    if let Some((utc, has_zone)) = whole_seconds(text) {
        return (1990..2100).contains(&utc.year()).then(|| Time { text: written(utc), has_zone });
    }
    let (timestamp, has_zone) = match epoch(text) {
        Some(timestamp) => (timestamp, true),
        None => calendar(text)?,
    };
    let year = Offset::UTC.to_datetime(timestamp).year();
    (1990..2100).contains(&year).then(|| Time { text: format_compact!("{timestamp}"), has_zone })
}

/// The times that most feeds have, which are read and written without the library's parser: ten digits,
/// and `2026-11-22 01:02:03` or `2026-11-22T01:02:03Z`. `None` says nothing.
fn whole_seconds(text: &str) -> Option<(DateTime, bool)> {
    let bytes = text.as_bytes();
    let number = |range: Range<usize>| {
        bytes[range].iter().try_fold(0_i32, |number, digit| {
            digit.is_ascii_digit().then(|| number * 10 + i32::from(digit - b'0'))
        })
    };
    if bytes.len() == 10 && bytes.iter().all(u8::is_ascii_digit) {
        let second = Timestamp::from_second(text.parse().ok()?).ok()?;
        return Some((Offset::UTC.to_datetime(second), true));
    }
    let has_zone = match bytes.len() {
        19 => false,
        20 if bytes[19] == b'Z' => true,
        _ => return None,
    };
    let has_shape = [(4, b'-'), (7, b'-'), (13, b':'), (16, b':')];
    let has_shape = has_shape.iter().all(|&(at, byte)| bytes[at] == byte);
    (has_shape && matches!(bytes[10], b'T' | b't' | b' ')).then_some(())?;
    let small = |range| i8::try_from(number(range)?).ok();
    let year = i16::try_from(number(0..4)?).ok()?;
    let (month, day) = (small(5..7)?, small(8..10)?);
    let (hour, minute, second) = (small(11..13)?, small(14..16)?, small(17..19)?);
    DateTime::new(year, month, day, hour, minute, second, 0).ok().map(|local| (local, has_zone))
}

/// A time without a fraction as RFC 3339 has it.
fn written(utc: DateTime) -> CompactString {
    let mut text = *b"0000-00-00T00:00:00Z";
    let mut put = |at: usize, number: i8| {
        text[at] += (number / 10) as u8;
        text[at + 1] += (number % 10) as u8;
    };
    put(0, (utc.year() / 100) as i8);
    put(2, (utc.year() % 100) as i8);
    put(5, utc.month());
    put(8, utc.day());
    put(11, utc.hour());
    put(14, utc.minute());
    put(17, utc.second());
    str::from_utf8(&text).expect("digits are ASCII").into()
}

/// Seconds have nine or ten digits and perhaps a fraction, milliseconds 12 or 13, microseconds 15 or 16.
fn epoch(text: &str) -> Option<Timestamp> {
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    (is_number(whole) && is_number(fraction)).then_some(())?;
    let number: i64 = whole.parse().ok()?;
    match whole.len() {
        9 | 10 if fraction.len() <= 9 => {
            let nanoseconds = format!("{fraction:0<9}").parse().ok()?;
            Timestamp::new(number, nanoseconds).ok()
        }
        12 | 13 if !text.contains('.') => Timestamp::from_millisecond(number).ok(),
        15 | 16 if !text.contains('.') => Timestamp::from_microsecond(number).ok(),
        _ => None,
    }
}

/// `2026-11-22`, `2026-11-22 01:02`, `2026-11-22T01:02:03.5+01:00`, `2026-11-22 01:02:03 UTC`.
///
/// The parser of the library takes more than these, such as an hour alone, which is no time of a feed.
fn calendar(text: &str) -> Option<(Timestamp, bool)> {
    let (date, rest) = text.is_ascii().then(|| text.split_at_checked(10))??;
    (shape(date) == "0000-00-00").then_some(())?;
    if rest.is_empty() {
        let midnight = date.parse::<Date>().ok()?.at(0, 0, 0, 0);
        return Some((Offset::UTC.to_timestamp(midnight).ok()?, false));
    }
    let clock = rest.strip_prefix(['T', 't', ' '])?;
    let is_clock = |c: char| c.is_ascii_digit() || c == ':' || c == '.';
    let (clock, zone) = clock.split_at(clock.find(|c| !is_clock(c)).unwrap_or(clock.len()));
    let (whole, fraction) = clock.split_once('.').unwrap_or((clock, "0"));
    let is_fraction =
        (1..=9).contains(&fraction.len()) && shape(fraction).bytes().all(|b| b == b'0');
    let has_shape = match shape(whole).as_str() {
        "00:00:00" => is_fraction,
        shape => shape == "00:00" && whole.len() == clock.len(),
    };
    has_shape.then_some(())?;
    let local: DateTime = format!("{date}T{clock}").parse().ok()?;
    let zone = match zone.trim_start_matches(' ') {
        "" => None,
        zone => Some(offset(zone)?),
    };
    Some((zone.unwrap_or(Offset::UTC).to_timestamp(local).ok()?, zone.is_some()))
}

/// `Z`, `UTC`, `GMT`, `+01`, `+0100` or `+01:00`.
fn offset(zone: &str) -> Option<Offset> {
    if ["Z", "UTC", "GMT"].iter().any(|name| zone.eq_ignore_ascii_case(name)) {
        return Some(Offset::UTC);
    }
    let digits = zone.strip_prefix(['+', '-'])?;
    ["00", "0000", "00:00"].contains(&shape(digits).as_str()).then_some(())?;
    let hours: i32 = digits[..2].parse().ok()?;
    let minutes: i32 =
        digits.get(digits.len() - 2..).filter(|_| digits.len() > 2).unwrap_or("0").parse().ok()?;
    (hours < 24 && minutes < 60).then_some(())?;
    let seconds = (hours * 60 + minutes) * 60;
    Offset::from_seconds(if zone.starts_with('-') { -seconds } else { seconds }).ok()
}

/// A text with every digit as 0.
fn shape(text: &str) -> String {
    text.chars().map(|c| if c.is_ascii_digit() { '0' } else { c }).collect()
}

/// Reads a port, which is not 0.
pub(crate) fn port(text: &str) -> Option<u16> {
    let is_number = (1..=5).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
    is_number.then(|| text.parse().ok())?.filter(|port| *port > 0)
}

/// Reads a protocol, in lower case. Of the numbers of IANA, those that feeds have are named.
pub(crate) fn protocol(text: &str) -> Option<CompactString> {
    const NUMBERS: [(&str, &str); 5] =
        [("1", "icmp"), ("6", "tcp"), ("17", "udp"), ("58", "ipv6-icmp"), ("132", "sctp")];
    if let Some((_, name)) = NUMBERS.iter().find(|(number, _)| *number == text) {
        return Some((*name).into());
    }
    let is_word = text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.len() <= MAX_PROTOCOL_BYTES
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._/+".contains(&b));
    (is_word && !is_nothing(text)).then(|| {
        let mut name = CompactString::from(text);
        name.make_ascii_lowercase();
        name
    })
}

/// Reads a tag: a short text that says something.
pub(crate) fn tag(text: &str) -> Option<CompactString> {
    (text.len() <= MAX_TAG_BYTES && !is_nothing(text)).then(|| text.into())
}

/// No protocol has a longer name.
const MAX_PROTOCOL_BYTES: usize = 32;

/// What is longer is a description.
const MAX_TAG_BYTES: usize = 256;

/// Whether a text stands for nothing.
fn is_nothing(text: &str) -> bool {
    ["", "-", "(empty)", "none", "null", "n/a"].iter().any(|n| text.eq_ignore_ascii_case(n))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_and_what_is_none() {
        for (text, expected) in [
            ("2026-11-22T01:02:03Z", Some(("2026-11-22T01:02:03Z", true))),
            ("2026-11-22t01:02:03z", Some(("2026-11-22T01:02:03Z", true))),
            ("2026-11-22 01:02:03", Some(("2026-11-22T01:02:03Z", false))),
            ("2026-11-22 01:02", Some(("2026-11-22T01:02:00Z", false))),
            ("2026-11-22", Some(("2026-11-22T00:00:00Z", false))),
            ("2026-11-22 01:02:03 UTC", Some(("2026-11-22T01:02:03Z", true))),
            ("2026-11-22T01:02:03.50+01:00", Some(("2026-11-22T00:02:03.5Z", true))),
            ("2026-11-22T01:02:03.123456-0530", Some(("2026-11-22T06:32:03.123456Z", true))),
            ("2026-11-22 23:30:00 -01", Some(("2026-11-23T00:30:00Z", true))),
            ("2016-12-31T23:59:60Z", Some(("2016-12-31T23:59:59Z", true))),
            ("1521911720.865716", Some(("2018-03-24T17:15:20.865716Z", true))),
            ("1521911720", Some(("2018-03-24T17:15:20Z", true))),
            ("1521911720865", Some(("2018-03-24T17:15:20.865Z", true))),
            ("1521911720865716", Some(("2018-03-24T17:15:20.865716Z", true))),
            ("", None),
            ("0", None),
            ("20261122", None),
            ("132348339284870000", None),
            ("1521911720.", None),
            ("1521911720865.5", None),
            ("-1521911720", None),
            ("2026-11-22T01", None),
            ("2026-11-22T", None),
            ("2026-13-22", None),
            ("2026-02-30", None),
            ("2026-11-22 24:00:00", None),
            ("2026-11-22 01:02.5", None),
            ("2026-11-22 01:02:03.", None),
            ("2026-11-22 01:02:03 CET", None),
            ("2026-11-22Z", None),
            ("2026-11-22 01:02:03+1", None),
            ("2026-11-22 01:02:03+25:00", None),
            ("1970-01-01T00:00:00Z", None),
            ("9999-12-31", None),
            ("0000-00-00 00:00:00", None),
            ("22/11/2026", None),
            ("yesterday", None),
            ("2026-11-2\u{e9}", None),
        ] {
            let read = time(text);
            let read = read.as_ref().map(|time| (time.text.as_str(), time.has_zone));
            assert_eq!(read, expected, "{text}");
        }
    }

    #[test]
    fn times_of_whole_seconds_are_read_as_by_the_library() {
        const BYTES: &[u8] = b"0123456789- :TtZ.";
        let mut state = 3_u64;
        let mut below = |count: u64| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            (state >> 33) % count
        };
        let mut read = 0;
        for round in 0..300_000_u64 {
            let mut text = match round % 3 {
                0 => format!("{}", below(10_000_000_000)),
                _ => format!(
                    "{:04}-{:02}-{:02}{}{:02}:{:02}:{:02}{}",
                    1980 + below(140),
                    below(14),
                    below(33),
                    ["T", " ", "t"][below(3) as usize],
                    below(25),
                    below(61),
                    below(62),
                    ["", "Z"][below(2) as usize],
                ),
            };
            if below(10) == 0 {
                let at = below(text.len() as u64) as usize;
                let byte = char::from(BYTES[below(BYTES.len() as u64) as usize]);
                text.replace_range(at..=at, byte.encode_utf8(&mut [0; 4]));
            }
            let Some((utc, has_zone)) = whole_seconds(&text) else { continue };
            read += 1;
            let (timestamp, is_known) = match epoch(&text) {
                Some(timestamp) => (timestamp, true),
                None => calendar(&text).expect("the library reads it too"),
            };
            let expected = (timestamp.to_string(), is_known);
            assert_eq!((written(utc).to_string(), has_zone), expected, "{text}");
        }
        assert!(read > 100_000, "{read} say little");
    }

    #[test]
    fn ports_protocols_and_tags() {
        for (text, expected) in [
            ("443", Some(443)),
            ("65535", Some(65535)),
            ("0", None),
            ("65536", None),
            ("99999", None),
            ("+80", None),
            ("80/tcp", None),
            ("443.0", None),
            ("", None),
        ] {
            assert_eq!(port(text), expected, "{text}");
        }
        for (text, expected) in [
            ("TCP", Some("tcp")),
            ("6", Some("tcp")),
            ("ipv6-icmp", Some("ipv6-icmp")),
            ("4", None),
            ("-", None),
            ("t c p", None),
            ("", None),
        ] {
            assert_eq!(protocol(text).as_deref(), expected, "{text}");
        }
        assert_eq!(tag("C2, elf").as_deref(), Some("C2, elf"));
        assert_eq!(tag("(empty)"), None);
        assert_eq!(tag(&"x".repeat(257)), None);
    }
}
