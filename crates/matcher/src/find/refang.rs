//! Names and addresses of which dots stand in brackets, `www[.]example[.]org`, as they are meant.
//!
//! The reader undoes far more (`reading/rewrite.rs`); here is only what most defanged text looks
//! like, so that the image can be asked before the reader is.

use crate::bytes::{is_label_byte, is_token_byte};

/// Bytes of the longest name that is looked at, its brackets included.
pub(super) const MAX_BYTES: usize = 256;

/// A token of labels and dots, some of them in brackets.
pub(super) struct Refanged {
    bytes: [u8; MAX_BYTES],
    len: usize,
    pub(super) start: usize,
    /// The first byte behind it.
    pub(super) end: usize,
}

impl Refanged {
    /// The token around the bracket at `at`, or `None` where what touches it may belong to it too.
    pub(super) fn around(haystack: &[u8], at: usize) -> Option<Self> {
        let floor = at.saturating_sub(MAX_BYTES);
        let mut start = at;
        loop {
            while start > floor && is_token_byte(haystack[start - 1]) {
                start -= 1;
            }
            let text = &haystack[floor..start];
            match MARKS.iter().find(|mark| ends_with(text, mark)).map(|mark| start - mark.len()) {
                Some(mark) if mark > floor && is_label_byte(haystack[mark - 1]) => start = mark,
                _ => break,
            }
        }
        let before = if start == 0 { 0 } else { haystack[start - 1] };
        if start == floor && floor > 0 || b"])}\\%*".contains(&before) || !before.is_ascii() {
            return None;
        }
        let mut token = Self { bytes: [0; MAX_BYTES], len: 0, start, end: start };
        loop {
            let rest = &haystack[token.end..];
            let (byte, len) = match rest.first() {
                Some(&byte) if is_token_byte(byte) => (byte, 1),
                _ => match token.mark(rest) {
                    Some(len) => (b'.', len),
                    None => break,
                },
            };
            *token.bytes.get_mut(token.len)? = byte;
            token.len += 1;
            token.end += len;
        }
        let behind = |more: usize| haystack.get(token.end + more).copied().unwrap_or(0);
        let goes_on = match behind(0) {
            b'[' | b'(' | b'{' | b'%' | b'*' => true,
            b']' | b')' | b'}' => is_label_byte(behind(1)) || !behind(1).is_ascii(),
            byte => !byte.is_ascii(),
        };
        // The bracket that was asked about may be punctuation, and then it is not in the token.
        (token.end > at && !goes_on).then_some(token)
    }

    /// The token with its brackets gone.
    pub(super) fn text(&self) -> &[u8] {
        &self.bytes[..self.len]
    }

    /// Bytes of the dot in brackets with which `rest` begins, where a label stands on both sides.
    fn mark(&self, rest: &[u8]) -> Option<usize> {
        let len = MARKS.iter().find(|mark| starts_with(rest, mark))?.len();
        let is_behind_label = self.text().last().is_some_and(|&b| is_label_byte(b));
        let is_before_label = rest.get(len).is_some_and(|&b| is_label_byte(b));
        (is_behind_label && is_before_label).then_some(len)
    }
}

/// A dot in brackets.
const MARKS: [&[u8]; 6] = [b"[.]", b"(.)", b"{.}", b"[dot]", b"(dot)", b"{dot}"];

fn starts_with(text: &[u8], mark: &[u8]) -> bool {
    text.get(..mark.len()).is_some_and(|start| start.eq_ignore_ascii_case(mark))
}

fn ends_with(text: &[u8], mark: &[u8]) -> bool {
    let start = text.len().checked_sub(mark.len());
    start.is_some_and(|start| text[start..].eq_ignore_ascii_case(mark))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn around(text: &str, at: usize) -> Option<String> {
        let token = Refanged::around(text.as_bytes(), at)?;
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
