//! Undoes escapes, quotes and defanging in a copy of a word, with a map back to its bytes.

use std::mem::take;
use std::ops::Range;

use super::unicode::{Letter, first_letter, is_in_label, last_letter};
use crate::bytes::{is_label_byte, is_word_end};

/// How backslashes and quotes are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Escapes {
    /// As RFC 8259 has them.
    Json,
    /// As letters like others, and two quotes as one (RFC 4180).
    Quotes,
    /// As letters like others.
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
    /// The same bytes without escapes, and where they come from.
    unescaped: Vec<u8>,
    unescaped_map: Vec<u32>,
    /// Nothing was rewritten, and `bytes` and `map` are of something else.
    is_original: bool,
}

impl Text {
    /// Copies `raw`, undoing first what `escapes` says and then defanging.
    pub(crate) fn rewrite(&mut self, raw: &[u8], escapes: Escapes) {
        self.is_original = false;
        let escape = match escapes {
            Escapes::Json => b'\\',
            Escapes::Quotes => b'"',
            Escapes::None => return self.refang(raw),
        };
        if !raw.contains(&escape) {
            return self.refang(raw);
        }
        self.unescape(raw, escape);
        let (bytes, map) = (take(&mut self.unescaped), take(&mut self.unescaped_map));
        self.refang(&bytes);
        for from in &mut self.map {
            *from = map[*from as usize];
        }
        (self.unescaped, self.unescaped_map) = (bytes, map);
    }

    /// Takes a word for what it is, without a copy: only offsets are asked for.
    pub(crate) fn keep(&mut self) {
        self.is_original = true;
        self.defanged.clear();
    }

    /// Copies the inside of a string of JSON, undoing its escapes and nothing else.
    pub(crate) fn unescape_json(&mut self, raw: &[u8]) {
        self.unescape(raw, b'\\');
        self.bytes.clear();
        self.bytes.append(&mut self.unescaped);
    }

    /// Reads what looks like the escape of a line end or a tab as one: in text that is not
    /// known to be JSON, and in JSON within JSON, `\nhospital.example` may be either.
    ///
    /// Returns whether there is any.
    pub(crate) fn undo_controls(&mut self) -> bool {
        let is_control = |pair: &[u8]| matches!(pair, [b'\\', b'n' | b'r' | b't']);
        let any = self.bytes.windows(2).any(is_control);
        for at in 1..self.bytes.len() {
            if is_control(&self.bytes[at - 1..=at]) {
                self.bytes[at - 1..=at].fill(b'\n');
            }
        }
        any
    }

    fn unescape(&mut self, raw: &[u8], escape: u8) {
        self.unescaped.clear();
        self.unescaped_map.clear();
        let mut at = 0;
        while at < raw.len() {
            at += match raw[at] {
                b'\\' if escape == b'\\' => self.json_escape(&raw[at..], at),
                byte => {
                    self.push_unescaped(byte, at);
                    1 + usize::from(escape == b'"' && raw[at..].starts_with(b"\"\""))
                }
            };
        }
        self.unescaped_map.push(raw.len() as u32);
    }

    fn push_unescaped(&mut self, byte: u8, from: usize) {
        self.unescaped.push(byte);
        self.unescaped_map.push(from as u32);
    }

    fn refang(&mut self, raw: &[u8]) {
        self.bytes.clear();
        self.map.clear();
        self.defanged.clear();
        let mut at = 0;
        while at < raw.len() {
            let used = match raw[at] {
                b'\\' | b'\'' if raw.get(at + 1) == Some(&b'\'') => self.quote(raw, at),
                b'\\' => self.mark(raw, at, b"\\.", b"."),
                b'[' | b'(' | b'{' => self.bracket(raw, at),
                b'.' => self.closing_bracket(raw, at),
                _ => 0,
            };
            if used == 0 {
                self.push(raw[at], at);
            }
            at += used.max(1);
        }
        self.map.push(raw.len() as u32);
    }

    /// The offset in the original of a byte of the text, or of its end.
    pub(crate) fn offset(&self, at: usize) -> usize {
        self.map[at] as usize
    }

    /// The bytes of the original that a part of the text was made from.
    pub(crate) fn original(&self, span: &Range<usize>) -> Range<usize> {
        match self.is_original {
            true => span.clone(),
            false => self.offset(span.start)..self.offset(span.end),
        }
    }

    /// Whether defanging was undone within a part of the text.
    pub(crate) fn is_defanged(&self, span: &Range<usize>) -> bool {
        self.defanged.iter().any(|at| span.contains(at))
    }

    fn push(&mut self, byte: u8, from: usize) {
        self.bytes.push(byte);
        self.map.push(from as u32);
    }

    /// Returns how many bytes were read.
    fn json_escape(&mut self, rest: &[u8], from: usize) -> usize {
        let byte = match rest.get(1) {
            Some(b'n') => b'\n',
            Some(b't') => b'\t',
            Some(b'r') => b'\r',
            Some(b'b') => 8,
            Some(b'f') => 12,
            Some(&byte @ (b'/' | b'\\' | b'"')) => byte,
            Some(b'u') => return self.json_unicode(rest, from),
            _ => {
                self.push_unescaped(b'\\', from);
                return 1;
            }
        };
        self.push_unescaped(byte, from);
        2
    }

    fn json_unicode(&mut self, rest: &[u8], from: usize) -> usize {
        let unit = |at: usize| {
            let hex = str::from_utf8(rest.get(at..at + 6)?).ok()?.strip_prefix("\\u")?;
            let is_hex = hex.bytes().all(|b| b.is_ascii_hexdigit());
            is_hex.then(|| u16::from_str_radix(hex, 16).ok())?
        };
        let Some(first) = unit(0) else {
            self.push_unescaped(b'\\', from);
            return 1;
        };
        let pair = || char::decode_utf16([first, unit(6)?]).next()?.ok();
        let (decoded, used) = match char::from_u32(first.into()) {
            Some(decoded) => (decoded, 6),
            None => (pair().unwrap_or(char::REPLACEMENT_CHARACTER), pair().map_or(6, |_| 12)),
        };
        let mut buffer = [0; 4];
        for &byte in decoded.encode_utf8(&mut buffer).as_bytes() {
            self.push_unescaped(byte, from);
        }
        used
    }

    fn bracket(&mut self, raw: &[u8], at: usize) -> usize {
        /// What is written, and for what.
        const MARKS: [(&[u8], &[u8]); 18] = [
            (b"[.]", b"."),
            (b"(.)", b"."),
            (b"{.}", b"."),
            (b"[dot]", b"."),
            (b"(dot)", b"."),
            (b"{dot}", b"."),
            (b"[:]", b":"),
            (b"(:)", b":"),
            (b"{:}", b":"),
            (b"[://]", b"://"),
            (b"(://)", b"://"),
            (b"{://}", b"://"),
            (b"[@]", b"@"),
            (b"(@)", b"@"),
            (b"{@}", b"@"),
            (b"[at]", b"@"),
            (b"(at)", b"@"),
            (b"{at}", b"@"),
        ];
        for (written, meant) in MARKS {
            let used = self.mark(raw, at, written, meant);
            if used > 0 {
                return used;
            }
        }
        self.mark(raw, at, b"[.", b".")
    }

    /// Undoes the quote of `o\'neil` and `o''neil` between letters, as SQL writes it in a string.
    fn quote(&mut self, raw: &[u8], at: usize) -> usize {
        let is_letter = |byte: Option<&u8>| byte.is_some_and(|&b| is_label_byte(b));
        if !is_letter(self.bytes.last()) || !is_letter(raw.get(at + 2)) {
            return 0;
        }
        self.push(b'\'', at);
        2
    }

    /// Undoes a mark that is written at `at`, where the name, address or URL goes on at both sides.
    ///
    /// Returns how many bytes were read.
    fn mark(&mut self, raw: &[u8], at: usize, written: &[u8], meant: &[u8]) -> usize {
        let rest = &raw[at..];
        let is_written =
            rest.get(..written.len()).is_some_and(|part| part.eq_ignore_ascii_case(written));
        let behind = rest.get(written.len()..).unwrap_or_default();
        if !is_written || !goes_on(&self.bytes, meant, behind) {
            return 0;
        }
        self.defanged.push(self.bytes.len());
        for &byte in meant {
            self.push(byte, at);
        }
        written.len()
    }

    fn closing_bracket(&mut self, raw: &[u8], at: usize) -> usize {
        // `arr[x.]y` has an opening bracket, and is no defanging.
        let opens = self.bytes.iter().rev().take(64).find(|b| !is_label_byte(**b));
        if matches!(opens, Some(b'[' | b'(' | b'{')) {
            return 0;
        }
        match raw.get(at + 1) {
            Some(b']' | b')' | b'}') => self.mark(raw, at, &raw[at..at + 2], b"."),
            _ => 0,
        }
    }
}

/// Whether what `meant` parts goes on before and behind it.
fn goes_on(before: &[u8], meant: &[u8], behind: &[u8]) -> bool {
    let (Some(&last), Some(&first)) = (before.last(), behind.first()) else { return false };
    let in_name = |byte: u8, letter: fn(&[u8]) -> Letter, text: &[u8]| {
        is_label_byte(byte) || !byte.is_ascii() && is_in_label(letter(text).char)
    };
    let is_behind_name = in_name(last, last_letter, before);
    let is_before_name = in_name(first, first_letter, behind);
    match meant {
        b"." => (is_behind_name || last == b'*') && (is_before_name || first == b'*'),
        b"@" => is_behind_name && (is_before_name || first == b'['),
        b":" => {
            (last.is_ascii_alphanumeric() || last == b':')
                && (first.is_ascii_alphanumeric() || b":/\\[({".contains(&first))
        }
        _ => last.is_ascii_alphanumeric() && !is_word_end(first),
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
            ("http:\\/\\/a", Escapes::None, "http:\\/\\/a"),
            ("http:\\/\\/a\\\\.b[\\u002e", Escapes::Json, "http://a.b[."),
            ("[.]a [.] b[.]", Escapes::None, "[.]a [.] b[.]"),
            ("C:\\new.nl", Escapes::None, "C:\\new.nl"),
            ("C:\\new.nl", Escapes::Json, "C:\new.nl"),
            (
                "h\\u002Enl\\u00fc\\ud83d\\ude00\\ud800x",
                Escapes::Json,
                "h.nl\u{fc}\u{1f600}\u{fffd}x",
            ),
            ("a\\u12", Escapes::Json, "a\\u12"),
            ("a\\", Escapes::Json, "a\\"),
            ("\"\"a\"\"@b\\n\"", Escapes::Quotes, "\"a\"@b\\n\""),
        ] {
            let mut rewritten = Text::default();
            rewritten.rewrite(raw.as_bytes(), escapes);
            assert!(rewritten.map.is_sorted());
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
