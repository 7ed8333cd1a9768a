//! Names and addresses of which dots stand in brackets, `www[.]example[.]org`, or are those of other
//! scripts, as they are meant.
//!
//! The reader undoes far more (`reading/rewrite.rs`); here is only what most defanged text looks
//! like, so that the image can be asked before the reader is.

use feedsieve_core::ANCHOR_BYTES;

use crate::bytes::{is_label_byte, is_token_byte};

/// Bytes of the longest name that is looked at, its brackets included.
pub(super) const MAX_BYTES: usize = 256;

/// A token of labels and dots, some of them in brackets.
pub(super) struct Refanged {
    /// Behind room for the tail of a short name, the token with its brackets gone.
    bytes: [u8; ANCHOR_BYTES + MAX_BYTES],
    len: usize,
    /// Where in the text each label begins.
    starts: [u16; MAX_LABELS],
    labels: usize,
    /// A label is empty, or begins or ends with a dash, or there are more than [`MAX_LABELS`].
    pub(super) is_odd: bool,
    pub(super) start: usize,
    /// The first byte behind it.
    pub(super) end: usize,
}

/// The last labels of a name, in bytes with the dots between them.
pub(super) struct LastLabels<'a> {
    /// What stands before the name's end.
    pub(super) tail: &'a [u8; ANCHOR_BYTES],
    pub(super) two: usize,
    pub(super) three: usize,
    /// The first byte of the last label.
    pub(super) first: u8,
}

impl Refanged {
    pub(super) const EMPTY: Self = Self {
        bytes: [0; ANCHOR_BYTES + MAX_BYTES],
        len: 0,
        starts: [0; MAX_LABELS],
        labels: 0,
        is_odd: false,
        start: 0,
        end: 0,
    };

    /// Reads the token around the bracket at `at`; `false` where what touches it may belong to it too.
    pub(super) fn read(&mut self, haystack: &[u8], at: usize) -> bool {
        let floor = at.saturating_sub(MAX_BYTES);
        let mut start = at;
        loop {
            while start > floor && is_token_byte(haystack[start - 1]) {
                start -= 1;
            }
            match mark_before(&haystack[floor..start]) {
                Some(len) if start - len > floor && is_label_byte(haystack[start - len - 1]) => {
                    start -= len;
                }
                _ => break,
            }
        }
        let before = if start == 0 { 0 } else { haystack[start - 1] };
        if start == floor && floor > 0 || b"])}\\%*".contains(&before) || !before.is_ascii() {
            return false;
        }
        let (mut next, mut len, mut labels, mut is_odd) = (start, 0, 0, false);
        loop {
            let first = len;
            while let Some(&byte) = haystack.get(next)
                && is_label_byte(byte)
                && len < MAX_BYTES
            {
                self.bytes[ANCHOR_BYTES + len] = byte;
                (next, len) = (next + 1, len + 1);
            }
            let label = &self.bytes[ANCHOR_BYTES + first..ANCHOR_BYTES + len];
            is_odd |= matches!(label, [] | [b'-', ..] | [.., b'-']) || labels == MAX_LABELS;
            self.starts[labels % MAX_LABELS] = first as u16;
            labels += 1;
            if len == MAX_BYTES {
                return false;
            }
            let bytes = match haystack.get(next) {
                Some(b'.') => 1,
                Some(b'[' | b'(' | b'{' | 0xe3 | 0xef) if len > first => {
                    match mark(&haystack[next..]) {
                        Some(bytes)
                            if haystack.get(next + bytes).is_some_and(|&b| is_label_byte(b)) =>
                        {
                            bytes
                        }
                        _ => break,
                    }
                }
                _ => break,
            };
            self.bytes[ANCHOR_BYTES + len] = b'.';
            (next, len) = (next + bytes, len + 1);
        }
        (self.start, self.len, self.labels, self.is_odd) = (start, len, labels, is_odd);
        self.end = next;
        let behind = |more: usize| haystack.get(next + more).copied().unwrap_or(0);
        let goes_on = match behind(0) {
            b'[' | b'(' | b'{' | b'%' | b'*' => true,
            b']' | b')' | b'}' => is_label_byte(behind(1)) || !behind(1).is_ascii(),
            byte => !byte.is_ascii(),
        };
        // The bracket that was asked about may be punctuation, and then it is not in the token.
        self.end > at && !goes_on
    }

    /// The token with its brackets gone.
    pub(super) fn text(&self) -> &[u8] {
        &self.bytes[ANCHOR_BYTES..ANCHOR_BYTES + self.len]
    }

    /// The ends of what the token is and of what stands before each of its dots but the first.
    ///
    /// Only of a token that is not [odd](Self::is_odd).
    pub(super) fn names(&self) -> impl Iterator<Item = LastLabels<'_>> {
        let start = |label: usize| usize::from(self.starts[label]);
        (1..self.labels).map(move |last| {
            let end = if last + 1 < self.labels { start(last + 1) - 1 } else { self.len };
            let tail = self.bytes[..ANCHOR_BYTES + end].last_chunk();
            LastLabels {
                tail: tail.expect("room before the token"),
                two: end - start(last - 1),
                three: end - start(last.saturating_sub(2)),
                first: self.bytes[ANCHOR_BYTES + start(last)],
            }
        })
    }
}

/// Labels of a token of which the beginnings are kept.
const MAX_LABELS: usize = 16;

/// Bytes of the dot in brackets, or of another script (UTS 46, section 2.3), with which `text` begins.
fn mark(text: &[u8]) -> Option<usize> {
    match text {
        [0xe3, 0x80, 0x82, ..] | [0xef, 0xbc, 0x8e, ..] | [0xef, 0xbd, 0xa1, ..] => Some(3),
        [_, b'.', b']' | b')' | b'}', ..] => is_pair(text[0], text[2]).then_some(3),
        [_, d, o, t, close, ..] => (is_dot([*d, *o, *t]) && is_pair(text[0], *close)).then_some(5),
        _ => None,
    }
}

/// Bytes of the same with which `text` ends.
fn mark_before(text: &[u8]) -> Option<usize> {
    match text {
        [.., 0xe3, 0x80, 0x82] | [.., 0xef, 0xbc, 0x8e] | [.., 0xef, 0xbd, 0xa1] => Some(3),
        [.., open, b'.', close @ (b']' | b')' | b'}')] => is_pair(*open, *close).then_some(3),
        [.., open, d, o, t, close @ (b']' | b')' | b'}')] => {
            (is_dot([*d, *o, *t]) && is_pair(*open, *close)).then_some(5)
        }
        _ => None,
    }
}

fn is_dot(word: [u8; 3]) -> bool {
    word.eq_ignore_ascii_case(b"dot")
}

const fn is_pair(open: u8, close: u8) -> bool {
    matches!((open, close), (b'[', b']') | (b'(', b')') | (b'{', b'}'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn around(text: &str, at: usize) -> Option<String> {
        let mut token = Refanged::EMPTY;
        token.read(text.as_bytes(), at).then_some(())?;
        Some(String::from_utf8_lossy(token.text()).into_owned())
    }

    #[test]
    fn a_token_is_the_same_from_each_of_its_brackets() {
        for text in
            ["www[.]a(DOT)b.c{.}nl", " www[.]a[dot]b.c[.]nl/x", "http://www[.]a.b.c(.)nl:80"]
        {
            let brackets = text.match_indices(['[', '(', '{']);
            for (at, _) in brackets {
                assert_eq!(around(text, at).as_deref(), Some("www.a.b.c.nl"), "{text} at {at}");
            }
        }
    }

    #[test]
    fn what_may_go_on_is_for_the_reader() {
        let long = format!("{}[.]nl", "a".repeat(MAX_BYTES));
        for text in [
            "a[.]b[.",
            "a[.]b%2e",
            "a[.]b\u{e9}",
            "\u{e9}a[.]b",
            "a.]b[.]c",
            "*[.]a",
            "a[.]b.]c",
            "\\na[.]b",
            "a[.]b[@]c",
            "[.]a",
            "a[.]",
            "a[.][.]b",
            "1[.]2[.]3[.]*",
            "a[.]b]\u{e9}",
            &long,
        ] {
            assert_eq!(around(text, text.find("[.]").expect("a mark")), None, "{text}");
        }
    }
}
