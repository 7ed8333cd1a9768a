//! Characters that remember where in the feed they were written.
//!
//! Everything the oracle rewrites (UTF-16, Windows-1252, escapes, defanged dots) keeps for each byte
//! and each character the offset of the first byte of the feed that it came from.

use idna::uts46::{AsciiDenyList, DnsLength, Hyphens, Uts46};

/// One byte of decoded text and where it was written.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Byte {
    pub(crate) b: u8,
    pub(crate) at: usize,
    pub(crate) defanged: bool,
    pub(crate) latin1: bool,
    pub(crate) percent: bool,
}

impl Byte {
    pub(crate) fn new(b: u8, at: usize) -> Self {
        Self { b, at, defanged: false, latin1: false, percent: false }
    }
}

/// One character of decoded text and where it was written.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ch {
    pub(crate) c: char,
    pub(crate) at: usize,
    /// Written with brackets or a backslash that are not part of the value.
    pub(crate) defanged: bool,
    /// Part of a token that is not UTF-8.
    pub(crate) latin1: bool,
    /// Written as a percent escape.
    pub(crate) percent: bool,
}

/// The feed without its byte order mark, and as UTF-8 if the mark says that it is UTF-16.
pub(crate) fn feed_bytes(feed: &[u8]) -> Vec<Byte> {
    match feed {
        [0xEF, 0xBB, 0xBF, rest @ ..] => plain(rest, 3),
        [0xFF, 0xFE, rest @ ..] => utf16(rest, u16::from_le_bytes),
        [0xFE, 0xFF, rest @ ..] => utf16(rest, u16::from_be_bytes),
        _ => plain(feed, 0),
    }
}

fn plain(bytes: &[u8], first: usize) -> Vec<Byte> {
    bytes.iter().enumerate().map(|(i, &b)| Byte::new(b, first + i)).collect()
}

fn utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> Vec<Byte> {
    let units = bytes.chunks(2).map(|pair| match *pair {
        [a, b] => unit([a, b]),
        _ => 0xFFFD,
    });
    let mut out = Vec::new();
    let mut at = 2;
    for c in char::decode_utf16(units) {
        let c = c.unwrap_or(char::REPLACEMENT_CHARACTER);
        push_char(&mut out, c, at);
        at += 2 * c.len_utf16();
    }
    out
}

/// Appends the UTF-8 of `c`, all of it written at `at`.
pub(crate) fn push_char(out: &mut Vec<Byte>, c: char, at: usize) {
    out.extend(c.to_string().bytes().map(|b| Byte::new(b, at)));
}

/// Decodes a field; bytes that are not UTF-8 are read as Windows-1252.
pub(crate) fn decode(bytes: &[Byte]) -> Vec<Ch> {
    let raw: Vec<u8> = bytes.iter().map(|byte| byte.b).collect();
    let mut out = Vec::new();
    let mut i = 0;
    for part in raw.utf8_chunks() {
        out.extend(part.valid().char_indices().map(|(k, c)| ch(c, bytes[i + k], false)));
        i += part.valid().len();
        let invalid = &bytes[i..i + part.invalid().len()];
        out.extend(invalid.iter().map(|&byte| ch(windows_1252(byte.b), byte, true)));
        i += invalid.len();
    }
    out
}

fn ch(c: char, from: Byte, latin1: bool) -> Ch {
    Ch {
        c,
        at: from.at,
        defanged: from.defanged,
        latin1: from.latin1 || latin1,
        percent: from.percent,
    }
}

pub(crate) fn windows_1252(b: u8) -> char {
    const HIGH: [char; 32] = [
        '€', '\u{81}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{8d}', 'Ž',
        '\u{8f}', '\u{90}', '‘', '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{9d}',
        'ž', 'Ÿ',
    ];
    match b {
        0x80..=0x9F => HIGH[usize::from(b - 0x80)],
        _ => char::from(b),
    }
}

/// Line ends in place of what looks like escapes of line ends and tabs.
pub(crate) fn without_controls(chars: &[Ch]) -> Vec<Ch> {
    let mut out = chars.to_vec();
    for k in 1..out.len() {
        if out[k - 1].c == '\\' && matches!(out[k].c, 'n' | 'r' | 't') {
            out[k - 1].c = '\n';
            out[k].c = '\n';
        }
    }
    out
}

/// Undoes percent escapes, once.
pub(crate) fn percent_decode(chars: &[Ch]) -> Vec<Ch> {
    let hex = |i: usize| chars.get(i).and_then(|ch| ch.c.to_digit(16));
    let mut bytes = Vec::new();
    let mut i = 0;
    while i < chars.len() {
        let ch = chars[i];
        let made =
            Byte { b: 0, at: ch.at, defanged: ch.defanged, latin1: ch.latin1, percent: ch.percent };
        match (ch.c, hex(i + 1), hex(i + 2)) {
            ('%', Some(high), Some(low)) => {
                let b = u8::try_from(high * 16 + low).expect("two hex digits make a byte");
                bytes.push(Byte { b, percent: true, ..made });
                i += 3;
            }
            _ => {
                bytes.extend(ch.c.to_string().bytes().map(|b| Byte { b, ..made }));
                i += 1;
            }
        }
    }
    decode(&bytes)
}

/// The characters as a string.
pub(crate) fn string(chars: &[Ch]) -> String {
    chars.iter().map(|ch| ch.c).collect()
}

/// ASCII letters, digits, `-` and `_`.
pub(crate) fn is_label_byte(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '-' || c == '_'
}

/// Space and tab, and what else ASCII calls white.
pub(crate) fn is_blank(c: char) -> bool {
    c.is_ascii_whitespace()
}

/// `.` and the three full stops that UTS 46 reads as one.
pub(crate) fn is_dot(c: char) -> bool {
    matches!(c, '.' | '\u{3002}' | '\u{FF0E}' | '\u{FF61}')
}

/// What may stand in a label: label bytes, non-ASCII letters, digits, marks and ignored characters.
pub(crate) fn is_name_char(c: char) -> bool {
    if c.is_ascii() {
        return is_label_byte(c);
    }
    // UTS 46 maps the fullwidth hyphen and low line to ASCII ones.
    let mapped = matches!(c, '\u{FF0D}' | '\u{FF3F}');
    !is_dot(c) && (c.is_alphanumeric() || mapped || is_ignored(c) || is_mark(c))
}

/// Whether UTS 46 drops `c` (U+200C and U+200D count: ContextJ decides on each of them later).
pub(crate) fn is_ignored(c: char) -> bool {
    !c.is_ascii() && (is_joiner(c) || uts46(&format!("a{c}b")).is_some_and(|label| label == "ab"))
}

pub(crate) fn is_joiner(c: char) -> bool {
    matches!(c, '\u{200C}' | '\u{200D}')
}

/// Whether `c` has the general category Mark, which std does not tell: UTS 46 refuses exactly
/// those at the beginning of a label that it accepts behind a letter.
pub(crate) fn is_mark(c: char) -> bool {
    !c.is_alphanumeric() && uts46(&format!("a{c}")).is_some() && uts46(&format!("{c}a")).is_none()
}

/// The A-label of one label, non-transitional, without the checks on ASCII and hyphens.
pub(crate) fn uts46(label: &str) -> Option<String> {
    let deny = AsciiDenyList::EMPTY;
    Uts46::new()
        .to_ascii(label.as_bytes(), deny, Hyphens::Allow, DnsLength::Ignore)
        .ok()
        .map(|label| label.into_owned())
}
