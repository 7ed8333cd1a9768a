//! JSON as hits, answers and accounts are written in it: one line, and safe on a terminal as well.
//!
//! An escaped character is the same character to every parser, so what is written here can be read by
//! any. It is for surfaces that have to give the same bytes as the command.

use std::fmt;
use std::io;

use serde::Serialize;
use serde_json::ser::{Formatter, Serializer};

use crate::inventory::shown::is_steering;

/// The version of the keys of hits and accounts, and of what they mean.
///
/// It goes up when a key changes its meaning or goes away, and not when one is added.
pub const SCHEMA: u32 = 1;

/// Appends a value, without an end of line.
///
/// # Panics
///
/// When the value refuses to be serialized, or has keys that are no strings. No value of this
/// library does or has.
///
/// # Example
///
/// ```
/// # use feedsieve_core::json;
/// let mut line = Vec::new();
/// json::write(&mut line, &["b\u{fc}ro", "\u{202e}txt.exe"]);
/// assert_eq!(line, "[\"b\u{fc}ro\",\"\\u202etxt.exe\"]".as_bytes());
/// ```
pub fn write(to: &mut Vec<u8>, value: &impl Serialize) {
    let mut serializer = Serializer::with_formatter(to, Steady);
    value.serialize(&mut serializer).expect("our values have string keys, and memory takes bytes");
}

/// Appends a string, quotes and all.
///
/// Nearly every one is as it is written, which is seen eight bytes or more at a time: a loop that
/// ends at the first odd byte is slower.
///
/// # Example
///
/// ```
/// # use feedsieve_core::json;
/// let mut line = Vec::new();
/// json::write_string(&mut line, "a\"b\u{9b}31m");
/// assert_eq!(line, br#""a\"b\u009b31m""#);
/// ```
#[inline]
pub fn write_string(to: &mut Vec<u8>, text: &str) {
    let is_odd = |byte: u8| !(b' '..=b'~').contains(&byte) || byte == b'"' || byte == b'\\';
    if text.bytes().fold(false, |found, byte| found | is_odd(byte)) {
        return write_escaped(to, text);
    }
    to.push(b'"');
    to.extend_from_slice(text.as_bytes());
    to.push(b'"');
}

#[cold]
fn write_escaped(to: &mut Vec<u8>, text: &str) {
    write(to, &text);
}

/// Appends a number.
///
/// # Example
///
/// ```
/// # use feedsieve_core::json;
/// let mut line = Vec::new();
/// json::write_number(&mut line, u16::MAX);
/// assert_eq!(line, b"65535");
/// ```
#[inline]
pub fn write_number(to: &mut Vec<u8>, number: impl Into<u64>) {
    to.extend_from_slice(itoa::Buffer::new().format(number.into()).as_bytes());
}

/// Bytes as lower-case hexadecimal digits, as digests are written.
///
/// # Example
///
/// ```
/// # use feedsieve_core::json;
/// assert_eq!(json::hex(&[0, 0x0a, 0xff]), "000aff");
/// ```
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(2 * bytes.len()), |mut text, byte| {
        fmt::Write::write_fmt(&mut text, format_args!("{byte:02x}"))
            .expect("memory takes characters");
        text
    })
}

/// Compact, with what steers a terminal escaped.
///
/// JSON itself asks that of the first 32 controls only. An escaped character is
/// the same character to every parser.
struct Steady;

impl Formatter for Steady {
    fn write_string_fragment<W>(&mut self, writer: &mut W, fragment: &str) -> io::Result<()>
    where
        W: ?Sized + io::Write,
    {
        if fragment.bytes().all(|b| b < 0x7f) {
            return writer.write_all(fragment.as_bytes());
        }
        let mut rest = fragment;
        while let Some(at) = rest.find(is_steering) {
            let c = rest[at..].chars().next().unwrap_or_default();
            writer.write_all(&rest.as_bytes()[..at])?;
            // All of them are below U+10000, where one escape is enough.
            write!(writer, "\\u{:04x}", u32::from(c))?;
            rest = &rest[at + c.len_utf8()..];
        }
        writer.write_all(rest.as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_survives_and_nothing_steers() {
        let text = "a\"\\\n\u{7f}\u{9b}\u{fc}\u{202e}\u{2028}\u{1f3e5}";
        let mut line = Vec::new();
        write(&mut line, &text);
        let written = String::from_utf8(line).expect("UTF-8");
        assert_eq!(serde_json::from_str::<String>(&written).expect("JSON"), text);
        assert!(!written.contains(is_steering));
        assert_eq!(written, "\"a\\\"\\\\\\n\\u007f\\u009b\u{fc}\\u202e\\u2028\u{1f3e5}\"");
    }

    #[test]
    fn strings_are_those_of_serde() {
        const PARTS: [&str; 14] = [
            "a", "hospital", ".", " ", "~", "\"", "\\", "\n", "\u{7f}", "\u{1f}", "\u{fc}",
            "\u{2028}", "\u{9b}", "/",
        ];
        let mut state = 1_u64;
        let mut below = |count: usize| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            (state >> 33) as usize % count
        };
        for round in 0..200_000 {
            // Every second string has nothing to escape.
            let parts = if round % 2 == 0 { &PARTS[..] } else { &PARTS[..5] };
            let text: String = (0..below(24)).map(|_| parts[below(parts.len())]).collect();
            let (mut ours, mut theirs) = (Vec::new(), Vec::new());
            write_string(&mut ours, &text);
            write(&mut theirs, &text);
            assert_eq!(ours, theirs, "{text:?}");
        }
    }
}
