//! Classes of bytes that finder and reader share.

/// Letters, digits, `-` and `_`: what an ASCII label is made of.
#[inline]
pub(crate) const fn is_label_byte(byte: u8) -> bool {
    TOKEN[byte as usize] == 1
}

/// What an ASCII name is made of.
#[inline]
pub(crate) const fn is_token_byte(byte: u8) -> bool {
    TOKEN[byte as usize] != 0
}

/// 1 for a byte of a label, 2 for the dot: one load instead of a chain of comparisons.
const TOKEN: [u8; 256] = {
    let mut token = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        let is_label =
            (byte as u8).is_ascii_alphanumeric() || byte as u8 == b'-' || byte as u8 == b'_';
        token[byte] = if is_label {
            1
        } else if byte as u8 == b'.' {
            2
        } else {
            0
        };
        byte += 1;
    }
    token
};

/// What a word ends at, in every format: blanks, controls, quotes and angle brackets.
#[inline]
pub(crate) const fn is_word_end(byte: u8) -> bool {
    WORD_END[byte as usize]
}

const WORD_END: [bool; 256] = {
    let mut ends = [false; 256];
    let mut byte = 0;
    while byte < 256 {
        ends[byte] = matches!(byte as u8, 0..=b' ' | b'"' | b'<' | b'>' | b'`' | 0x7f);
        byte += 1;
    }
    ends
};

/// Whether a word ends before `at`: at a [word end](is_word_end), or between two rows of SQL, at
/// the comma of `),(`.
///
/// A dump has thousands of rows on a line and no blank between them, and each of them is read
/// where one holds an indicator.
#[inline]
pub(crate) fn ends_word(text: &[u8], at: usize) -> bool {
    is_word_end(text[at]) || text[at] == b',' && parts_rows(text, at)
}

fn parts_rows(text: &[u8], comma: usize) -> bool {
    comma > 0 && text[comma - 1] == b')' && text.get(comma + 1) == Some(&b'(')
}

/// What the unquoted local part of a mail address is made of (RFC 6532 adds all that is not ASCII).
#[inline]
pub(crate) const fn is_local_byte(byte: u8) -> bool {
    LOCAL[byte as usize]
}

const LOCAL: [bool; 256] = {
    let mut is_local = [false; 256];
    let mut byte = 0;
    while byte < 256 {
        is_local[byte] = is_token_byte(byte as u8)
            || !(byte as u8).is_ascii()
            || matches!(
                byte as u8,
                b'!' | b'#'
                    | b'$'
                    | b'%'
                    | b'&'
                    | b'\''
                    | b'*'
                    | b'+'
                    | b'/'
                    | b'='
                    | b'?'
                    | b'^'
                    | b'`'
                    | b'{'
                    | b'|'
                    | b'}'
                    | b'~'
            );
        byte += 1;
    }
    is_local
};

/// Blanks that may stand round the dash of a range.
const MAX_BLANKS: usize = 8;

/// The first byte at or behind `at` that is no blank, looking at most a few bytes ahead.
#[inline]
pub(crate) fn skip_blanks(text: &[u8], at: usize) -> usize {
    let rest = text.get(at..).unwrap_or_default().iter().take(MAX_BLANKS);
    at + rest.take_while(|&&b| b == b' ' || b == b'\t').count()
}

/// The first byte behind the blanks that end before `at`.
#[inline]
pub(crate) fn skip_blanks_back(text: &[u8], at: usize) -> usize {
    let before = text.get(..at).unwrap_or_default().iter().rev().take(MAX_BLANKS);
    at - before.take_while(|&&b| b == b' ' || b == b'\t').count()
}
