//! Names and addresses of which dots stand in brackets, `www[.]example[.]org`, or are those of other
//! scripts, as they are meant.
//!
//! The reader undoes far more (`reading/rewrite.rs`); here is only what most defanged text looks
//! like, so that the image can be asked before the reader is.

use std::ops::Range;

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
        let mut before = &haystack[floor..at];
        while let [rest @ .., last] = before {
            if is_token_byte(*last) {
                before = rest;
                continue;
            }
            let class = AROUND[usize::from(*last)];
            match if class & ENDS_MARK != 0 { mark_before(before) } else { None } {
                Some(rest @ [.., label]) if is_label_byte(*label) => before = rest,
                _ if class & GOES_ON_BEFORE != 0 => return false,
                _ => break,
            }
        }
        if before.is_empty() && floor > 0 {
            return false;
        }
        let start = floor + before.len();
        let mut rest = &haystack[start..];
        let (mut len, mut labels, mut is_odd) = (0, 0, false);
        loop {
            let first = len;
            while let [byte, behind @ ..] = rest
                && is_label_byte(*byte)
                && len < MAX_BYTES
            {
                self.bytes[ANCHOR_BYTES + len] = *byte;
                (rest, len) = (behind, len + 1);
            }
            if len == MAX_BYTES {
                return false;
            }
            let is_dash = |at: usize| self.bytes[at] == b'-';
            let ends_odd = is_dash(ANCHOR_BYTES + first) | is_dash(ANCHOR_BYTES + len - 1);
            is_odd |= (len == first) | (labels == MAX_LABELS) | ends_odd;
            self.starts[labels % MAX_LABELS] = first as u16;
            labels += 1;
            rest = match rest {
                [b'.', behind @ ..] => behind,
                [b'[' | b'(' | b'{' | 0xe3 | 0xef, ..] if len > first => match mark(rest) {
                    Some(behind @ [label, ..]) if is_label_byte(*label) => behind,
                    _ => break,
                },
                _ => break,
            };
            self.bytes[ANCHOR_BYTES + len] = b'.';
            len += 1;
        }
        (self.start, self.len, self.labels, self.is_odd) = (start, len, labels, is_odd);
        self.end = haystack.len() - rest.len();
        let goes_on = match rest {
            [] => false,
            [byte, behind @ ..] => match AROUND[usize::from(*byte)] & (GOES_ON_BEHIND | CLOSES) {
                0 => false,
                CLOSES => behind.first().is_some_and(|&b| is_label_byte(b) || !b.is_ascii()),
                _ => true,
            },
        };
        // The bracket that was asked about may be punctuation, and then it is not in the token.
        self.end > at && !goes_on
    }

    /// The token with its brackets gone.
    pub(super) fn text(&self) -> &[u8] {
        &self.bytes[ANCHOR_BYTES..ANCHOR_BYTES + self.len]
    }

    /// The first byte of the last label, 0 where that is empty, and the last byte of all.
    pub(super) fn ends(&self) -> [u8; 2] {
        let start = usize::from(self.starts[(self.labels - 1) % MAX_LABELS]);
        let first = if start < self.len { self.bytes[ANCHOR_BYTES + start] } else { 0 };
        [first, self.bytes[ANCHOR_BYTES + self.len - 1]]
    }

    /// The ends of what the token is and of what stands before each of its dots but the first.
    ///
    /// Only of a token that is not [odd](Self::is_odd).
    #[inline]
    pub(super) fn names(&self) -> impl Iterator<Item = LastLabels<'_>> {
        let start = |label: usize| usize::from(self.starts[label % MAX_LABELS]);
        let (mut third, mut second) = (0, 0);
        (1..self.labels).map(move |last| {
            let end = if last + 1 < self.labels { start(last + 1) - 1 } else { self.len };
            let tail = self.bytes[..ANCHOR_BYTES + end].last_chunk();
            let first = start(last);
            let name = LastLabels {
                tail: tail.expect("room before the token"),
                two: end - second,
                three: end - third,
                first: self.bytes[ANCHOR_BYTES + first],
            };
            (third, second) = (second, first);
            name
        })
    }
}

/// The labels before and behind a dot that is written oddly, which nothing else belongs to.
pub(super) struct TwoLabels {
    /// What stands before the end of the second label, the dot as it is meant.
    pub(super) tail: [u8; ANCHOR_BYTES],
    /// Bytes of the two with the dot between them.
    pub(super) bytes: usize,
    /// The first byte behind the second label.
    pub(super) end: usize,
}

impl TwoLabels {
    /// `None` where `dot` stands between anything but two plain labels of a token that goes on, if
    /// at all, at other dots; where the second begins with a digit; and behind an `@`.
    #[inline]
    pub(super) fn around(haystack: &[u8], dot: Range<usize>) -> Option<Self> {
        const MOST: usize = 64;
        let (before, behind) = (&haystack[..dot.start], &haystack[dot.end..]);
        let first = before.iter().rev().take(MOST).take_while(|&&b| is_label_byte(b)).count();
        let second = behind.iter().take(MOST).take_while(|&&b| is_label_byte(b)).count();
        if first == 0 || first == MOST || second == 0 || second == MOST {
            return None;
        }
        let (before, rest) = (&before[..before.len() - first], &behind[second..]);
        let ends = [haystack[before.len()], haystack[dot.start - 1], behind[0], behind[second - 1]];
        if ends.contains(&b'-') || behind[0].is_ascii_digit() {
            return None;
        }
        let ends_in_label = |text: &[u8]| text.last().is_some_and(|&b| is_label_byte(b));
        match before {
            [rest @ .., b'.'] => {
                let first = rest.iter().rev().find(|&&b| !is_token_byte(b));
                if !ends_in_label(rest) || first == Some(&b'@') {
                    return None;
                }
            }
            [.., b'@'] => return None,
            [.., last] if AROUND[usize::from(*last)] & GOES_ON_BEFORE != 0 => {
                mark_before(before).filter(|rest| ends_in_label(rest))?;
            }
            _ => {}
        }
        let begins_with_label = |text: &[u8]| text.first().is_some_and(|&b| is_label_byte(b));
        match rest {
            [b'.', ..] => return None,
            [next, ..] if AROUND[usize::from(*next)] & GOES_ON_BEHIND != 0 => {
                mark(rest).filter(|rest| begins_with_label(rest))?;
            }
            [next, behind @ ..]
                if AROUND[usize::from(*next)] & CLOSES != 0
                    && behind.first().is_some_and(|&b| is_label_byte(b) || !b.is_ascii()) =>
            {
                return None;
            }
            _ => {}
        }
        let end = dot.end + second;
        let tail = if second < ANCHOR_BYTES {
            // Side by side what stands before the dot, the dot as it is meant, and what is behind.
            let mut text = [b'.'; 2 * ANCHOR_BYTES + 1];
            text[..ANCHOR_BYTES]
                .copy_from_slice(haystack[..dot.start].last_chunk::<ANCHOR_BYTES>()?);
            text[ANCHOR_BYTES + 1..].copy_from_slice(behind.first_chunk::<ANCHOR_BYTES>()?);
            *text[second + 1..].first_chunk()?
        } else {
            *haystack[..end].last_chunk()?
        };
        Some(Self { tail, bytes: first + 1 + second, end })
    }
}

/// Labels of a token of which the beginnings are kept.
const MAX_LABELS: usize = 16;

/// What stands behind the dot in brackets, or of another script (UTS 46, section 2.3), with which
/// `text` begins.
fn mark(text: &[u8]) -> Option<&[u8]> {
    match text {
        [0xe3, 0x80, 0x82, rest @ ..]
        | [0xef, 0xbc, 0x8e, rest @ ..]
        | [0xef, 0xbd, 0xa1, rest @ ..] => Some(rest),
        [open, b'.', close @ (b']' | b')' | b'}'), rest @ ..] => {
            is_pair(*open, *close).then_some(rest)
        }
        [open, d, o, t, close, rest @ ..] => {
            (is_dot([*d, *o, *t]) && is_pair(*open, *close)).then_some(rest)
        }
        _ => None,
    }
}

/// What stands before the same with which `text` ends.
fn mark_before(text: &[u8]) -> Option<&[u8]> {
    match text {
        [rest @ .., 0xe3, 0x80, 0x82]
        | [rest @ .., 0xef, 0xbc, 0x8e]
        | [rest @ .., 0xef, 0xbd, 0xa1] => Some(rest),
        [rest @ .., open, b'.', close @ (b']' | b')' | b'}')] => {
            is_pair(*open, *close).then_some(rest)
        }
        [rest @ .., open, d, o, t, close @ (b']' | b')' | b'}')] => {
            (is_dot([*d, *o, *t]) && is_pair(*open, *close)).then_some(rest)
        }
        _ => None,
    }
}

/// Before a token, what may belong to it though it was not read.
const GOES_ON_BEFORE: u8 = 1;
/// The same behind it.
const GOES_ON_BEHIND: u8 = 2;
/// A bracket behind it, which belongs to it where a label follows.
const CLOSES: u8 = 4;
/// The last byte of a mark.
const ENDS_MARK: u8 = 8;

static AROUND: [u8; 256] = {
    let mut around = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        around[byte] = match byte as u8 {
            b']' | b')' | b'}' => GOES_ON_BEFORE | CLOSES | ENDS_MARK,
            b'%' | b'*' => GOES_ON_BEFORE | GOES_ON_BEHIND,
            b'\\' => GOES_ON_BEFORE,
            b'[' | b'(' | b'{' => GOES_ON_BEHIND,
            0x82 | 0x8e | 0xa1 => GOES_ON_BEFORE | GOES_ON_BEHIND | ENDS_MARK,
            0x80.. => GOES_ON_BEFORE | GOES_ON_BEHIND,
            _ => 0,
        };
        byte += 1;
    }
    around
};

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

    fn two_labels(text: &str) -> Option<String> {
        let at = text.find("[.]").expect("a mark");
        let labels = TwoLabels::around(text.as_bytes(), at..at + 3)?;
        assert!(
            text[labels.end..].starts_with(|next: char| next != '-' && !next.is_alphanumeric())
        );
        let shown = labels.bytes.min(ANCHOR_BYTES);
        Some(String::from_utf8_lossy(&labels.tail[ANCHOR_BYTES - shown..]).into_owned())
    }

    /// A text of blanks and what stands between them.
    fn within_blanks(text: &str) -> String {
        let blanks = " ".repeat(ANCHOR_BYTES);
        format!("{blanks}{text}{blanks}")
    }

    #[test]
    fn two_labels_are_those_around_the_dot() {
        for (text, expected) in [
            ("a[.]nl", "a.nl"),
            ("hxxp://www[.]nl/x", "www.nl"),
            ("c.b_1[.]nl:80", "b_1.nl"),
            ("c[dot]b[.]a(dot)nl", "b.a"),
            ("c\u{3002}b[.]a\u{ff0e}nl", "b.a"),
            ("(a[.]nl)", "a.nl"),
            ("library[.]example", "library.example"),
            ("library[.]a-rather-long", "ry.a-rather-long"),
            ("library[.]a-rather-longer", ".a-rather-longer"),
            ("library[.]the-longest-of-labels", "ongest-of-labels"),
        ] {
            assert_eq!(two_labels(&within_blanks(text)).as_deref(), Some(expected), "{text}");
        }
    }

    #[test]
    fn what_may_change_a_label_is_for_the_whole_token() {
        let long = "a".repeat(64);
        for text in [
            "[.]nl",
            "a[.] nl",
            "-a[.]nl",
            "a-[.]nl",
            "a[.]-nl",
            "a[.]nl-",
            "a[.]4nl",
            "a..b[.]nl",
            ".b[.]nl",
            "x@a[.]nl",
            "x@b.a[.]nl",
            "%61a[.]nl",
            "\\na[.]nl",
            "*a[.]nl",
            "\u{e9}a[.]nl",
            "c]a[.]nl",
            "[.]a[.]nl",
            "a[.]nl.",
            "a[.]nl.x",
            "a[.]nl%2e",
            "a[.]nl*",
            "a[.]nl\u{e9}",
            "a[.]nl[@]x",
            "a[.]nl[.]",
            "a[.]nl]x",
            "a[.]nl]\u{e9}",
            &format!("{long}[.]nl"),
            &format!("a[.]{long}"),
        ] {
            assert_eq!(two_labels(&within_blanks(text)), None, "{text}");
        }
        // The loads around the dot would leave the text.
        assert_eq!(two_labels("a[.]nl"), None);
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
