//! Undoes percent-encoding (RFC 3986, section 2.1) once, with a map back.

use std::borrow::Cow;

use super::Reading;

/// A decoded part of a text.
pub(super) struct Decoded<'t> {
    pub(super) bytes: Cow<'t, [u8]>,
    /// Where the part begins in the text.
    start: usize,
    /// For each byte and the end, the position in the text; empty where nothing was decoded.
    map: Vec<usize>,
}

/// Decodes `text[start..end]`.
pub(super) fn decode(text: &[u8], start: usize, end: usize) -> Decoded<'_> {
    let part = &text[start..end];
    if !part.contains(&b'%') {
        return Decoded { bytes: Cow::Borrowed(part), start, map: Vec::new() };
    }
    let (mut bytes, mut map) = (Vec::with_capacity(part.len()), Vec::new());
    let mut at = 0;
    while at < part.len() {
        map.push(start + at);
        let escape = escape_at(part, at);
        bytes.push(escape.unwrap_or(part[at]));
        at += if escape.is_some() { ESCAPE_BYTES } else { 1 };
    }
    map.push(end);
    Decoded { bytes: Cow::Owned(bytes), start, map }
}

/// The byte that the escape at `at` stands for, if one stands there.
pub(super) fn escape_at(text: &[u8], at: usize) -> Option<u8> {
    let digit = |at: usize| char::from(*text.get(at)?).to_digit(16);
    (text[at] == b'%').then_some(())?;
    Some((digit(at + 1)? << 4 | digit(at + 2)?) as u8)
}

/// Bytes of an escape.
pub(super) const ESCAPE_BYTES: usize = 3;

/// Whether what stands before `at` is an escape of what parts words, and may also be a percent sign and
/// the first two letters of a word: of `%3Dprint.example` either may be meant.
pub(super) fn is_behind_escape(text: &[u8], at: usize) -> bool {
    let escape = at.checked_sub(ESCAPE_BYTES).and_then(|escape| escape_at(text, escape));
    escape.is_some_and(|byte| match byte {
        b'\t' | b'\n' | b'\r' => true,
        b' '..=b'~' => !byte.is_ascii_alphanumeric() && !b"%-._~".contains(&byte),
        _ => false,
    })
}

impl Decoded<'_> {
    /// Whether what the escapes stand for is UTF-8 by itself, whatever the letters between them.
    pub(super) fn escapes_are_utf8(&self) -> bool {
        let is_escape = |at: usize| self.position(at + 1) - self.position(at) > 1;
        let bytes = self.bytes.iter().enumerate();
        let kept = bytes.map(|(at, &byte)| if is_escape(at) { byte } else { byte & 0x7f });
        str::from_utf8(&kept.collect::<Vec<_>>()).is_ok()
    }

    /// Places what was read in the decoded bytes where it stands in the text.
    pub(super) fn place(&self, reading: &mut Reading) {
        reading.span = self.position(reading.span.start)..self.position(reading.span.end);
        reading.whole = self.position(reading.whole.start)..self.position(reading.whole.end);
        reading.others.iter_mut().for_each(|other| self.place(other));
    }

    /// The position in the text of a byte, or of the end.
    pub(super) fn position(&self, at: usize) -> usize {
        self.map.get(at).copied().unwrap_or(self.start + at)
    }
}
