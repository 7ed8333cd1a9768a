//! Undoes percent-encoding (RFC 3986, section 2.1) once, with a map back.

use std::borrow::Cow;

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
    let digit = |at: usize| char::from(*part.get(at)?).to_digit(16);
    let (mut bytes, mut map) = (Vec::with_capacity(part.len()), Vec::new());
    let mut at = 0;
    while at < part.len() {
        map.push(start + at);
        let escape =
            (part[at] == b'%').then(|| Some(digit(at + 1)? << 4 | digit(at + 2)?)).flatten();
        bytes.push(escape.map_or(part[at], |byte| byte as u8));
        at += if escape.is_some() { 3 } else { 1 };
    }
    map.push(end);
    Decoded { bytes: Cow::Owned(bytes), start, map }
}

impl Decoded<'_> {
    /// Whether what the escapes stand for is UTF-8 by itself, whatever the letters between them.
    pub(super) fn escapes_are_utf8(&self) -> bool {
        let is_escape = |at: usize| self.position(at + 1) - self.position(at) > 1;
        let bytes = self.bytes.iter().enumerate();
        let kept = bytes.map(|(at, &byte)| if is_escape(at) { byte } else { byte & 0x7f });
        str::from_utf8(&kept.collect::<Vec<_>>()).is_ok()
    }

    /// The position in the text of a byte, or of the end.
    pub(super) fn position(&self, at: usize) -> usize {
        self.map.get(at).copied().unwrap_or(self.start + at)
    }
}
