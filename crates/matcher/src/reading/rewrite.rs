//! Undoes escapes and defanging in a copy of a word, with a map back to its bytes.

use std::ops::Range;

use crate::bytes::is_label_byte;

/// How backslashes are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Escapes {
    /// As RFC 8259 has them.
    Json,
    /// Only line ends and tabs, as in `\nhospital.example`.
    Controls,
    /// As letters like others, but for `\/` and `\.`.
    None,
}

/// A rewritten copy of some bytes.
#[derive(Debug, Default)]
pub(crate) struct Text {
    pub(crate) bytes: Vec<u8>,
    /// For each byte and for the end, the offset in the original.
    map: Vec<u32>,
    /// Positions at which defanging was undone.
    defanged: Vec<usize>,
}

impl Text {
    /// Copies `raw`, undoing what `escapes` says and defanging.
    pub(crate) fn rewrite(&mut self, raw: &[u8], escapes: Escapes) {
        self.bytes.clear();
        self.map.clear();
        self.defanged.clear();
        let mut at = 0;
        while at < raw.len() {
            let rest = &raw[at..];
            let used = match raw[at] {
                b'\\' if escapes == Escapes::Json => self.json_escape(raw, at),
                b'\\'
                    if escapes == Escapes::Controls
                        && matches!(rest.get(1), Some(b'n' | b'r' | b't')) =>
                {
                    self.push(b'\n', at);
                    2
                }
                b'\\' => self.plain_backslash(raw, at),
                b'[' | b'(' | b'{' => self.bracket(raw, at),
                b'.' => self.closing_bracket(raw, at),
                _ => 0,
            };
            if used == 0 {
                self.push(raw[at], at);
                at += 1;
            } else {
                at += used;
            }
        }
        self.map.push(raw.len() as u32);
    }

    /// The offset in the original of a byte of the text, or of its end.
    pub(crate) fn offset(&self, at: usize) -> usize {
        self.map[at] as usize
    }

    /// The bytes of the original that a part of the text was made from.
    pub(crate) fn original(&self, span: &Range<usize>) -> Range<usize> {
        self.offset(span.start)..self.offset(span.end)
    }

    /// Whether defanging was undone within a part of the text.
    pub(crate) fn is_defanged(&self, span: &Range<usize>) -> bool {
        self.defanged.iter().any(|at| span.contains(at))
    }

    fn push(&mut self, byte: u8, from: usize) {
        self.bytes.push(byte);
        self.map.push(from as u32);
    }

    /// Returns how many bytes were read; 0 where it is no escape.
    fn json_escape(&mut self, raw: &[u8], from: usize) -> usize {
        let rest = &raw[from..];
        let in_name = from > 0 && is_label_byte(raw[from - 1]);
        if in_name && rest.starts_with(b"\\\\.") && rest.get(3).is_some_and(|&b| is_label_byte(b)) {
            self.undo(b".", from);
            return 3;
        }
        let byte = match rest.get(1) {
            Some(b'n') => b'\n',
            Some(b't') => b'\t',
            Some(b'r') => b'\r',
            Some(b'b') => 8,
            Some(b'f') => 12,
            Some(&byte @ (b'/' | b'\\' | b'"')) => byte,
            Some(b'u') => return self.json_unicode(rest, from),
            _ => return 0,
        };
        self.push(byte, from);
        2
    }

    fn json_unicode(&mut self, rest: &[u8], from: usize) -> usize {
        let unit = |at: usize| {
            let hex = str::from_utf8(rest.get(at..at + 6)?).ok()?.strip_prefix("\\u")?;
            let is_hex = hex.bytes().all(|b| b.is_ascii_hexdigit());
            is_hex.then(|| u16::from_str_radix(hex, 16).ok())?
        };
        let Some(first) = unit(0) else { return 0 };
        let pair = || char::decode_utf16([first, unit(6)?]).next()?.ok();
        let (decoded, used) = match char::from_u32(first.into()) {
            Some(decoded) => (decoded, 6),
            None => (pair().unwrap_or(char::REPLACEMENT_CHARACTER), pair().map_or(6, |_| 12)),
        };
        let mut buffer = [0; 4];
        for &byte in decoded.encode_utf8(&mut buffer).as_bytes() {
            self.push(byte, from);
        }
        used
    }

    fn plain_backslash(&mut self, raw: &[u8], at: usize) -> usize {
        let in_name = at > 0
            && is_label_byte(raw[at - 1])
            && raw.get(at + 2).is_some_and(|&b| is_label_byte(b));
        match raw.get(at + 1) {
            Some(b'.') if in_name => self.undo(b".", at),
            Some(b'/') => self.push(b'/', at),
            _ => return 0,
        }
        2
    }

    fn undo(&mut self, with: &[u8], at: usize) {
        self.defanged.push(self.bytes.len());
        for &byte in with {
            self.push(byte, at);
        }
    }

    fn bracket(&mut self, raw: &[u8], at: usize) -> usize {
        /// What stands in brackets, and for what.
        const IN_BRACKETS: [(&[u8], &[u8]); 8] = [
            (b".", b"."),
            (b"dot", b"."),
            (b":", b":"),
            (b"://", b"://"),
            (b":/", b":/"),
            (b"/", b"/"),
            (b"@", b"@"),
            (b"at", b"@"),
        ];
        let inner = &raw[at + 1..];
        for (written, meant) in IN_BRACKETS {
            let is_written =
                inner.get(..written.len()).is_some_and(|part| part.eq_ignore_ascii_case(written));
            let closing = match raw[at] {
                b'[' => b']',
                b'(' => b')',
                _ => b'}',
            };
            let is_closed = inner.get(written.len()) == Some(&closing);
            if is_written && is_closed {
                self.undo(meant, at);
                return written.len() + 2;
            }
        }
        let in_name = at > 0 && is_label_byte(raw[at - 1]);
        match inner {
            [b'.', next, ..] if in_name && is_label_byte(*next) => {
                self.undo(b".", at);
                2
            }
            _ => 0,
        }
    }

    fn closing_bracket(&mut self, raw: &[u8], at: usize) -> usize {
        let in_name = at > 0
            && is_label_byte(raw[at - 1])
            && matches!(raw.get(at + 1), Some(b']' | b')' | b'}'))
            && raw.get(at + 2).is_some_and(|&b| is_label_byte(b));
        // `arr[x.]y` has an opening bracket, and is no defanging.
        let opens = raw[..at].iter().rev().take(64).find(|b| !is_label_byte(**b));
        if !in_name || matches!(opens, Some(b'[' | b'(' | b'{')) {
            return 0;
        }
        self.undo(b".", at);
        2
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_rewritten_with_a_map() {
        for (raw, escapes, text) in [
            ("a[.]b(.)c{.}d[dot]e(DOT)f[.g\\.h.]i", Escapes::None, "a.b.c.d.e.f.g.h.i"),
            ("arr[0].nl", Escapes::None, "arr[0].nl"),
            ("hXXps[:]//a[://]b[@]c[at]d", Escapes::None, "hXXps://a://b@c@d"),
            ("http:\\/\\/a", Escapes::None, "http://a"),
            ("C:\\new.nl", Escapes::None, "C:\\new.nl"),
            ("C:\\new.nl", Escapes::Json, "C:\new.nl"),
            (
                "h\\u002Enl\\u00fc\\ud83d\\ude00\\ud800x",
                Escapes::Json,
                "h.nl\u{fc}\u{1f600}\u{fffd}x",
            ),
            ("a\\u12", Escapes::Json, "a\\u12"),
            ("a\\", Escapes::Json, "a\\"),
        ] {
            let mut rewritten = Text::default();
            rewritten.rewrite(raw.as_bytes(), escapes);
            assert_eq!(String::from_utf8_lossy(&rewritten.bytes), text, "{raw}");
            assert_eq!(rewritten.map.len(), rewritten.bytes.len() + 1);
            assert!(rewritten.map.is_sorted());
        }
        let mut text = Text::default();
        text.rewrite(b"x a[.]nl y", Escapes::None);
        assert_eq!(text.bytes, b"x a.nl y");
        assert_eq!(text.original(&(2..6)), 2..8);
        assert!(text.is_defanged(&(2..6)) && !text.is_defanged(&(6..8)));
    }
}
