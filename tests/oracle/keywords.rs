//! Keywords, read plainly: a field as letters, compared with every keyword at every place.

use unicode_normalization::UnicodeNormalization;

use crate::records::Field;
use crate::text::{is_mark, windows_1252};

/// As many blanks in a row are one.
const MAX_BLANKS: usize = 16;

/// A keyword in a field.
pub(crate) struct Mention {
    /// The first byte of it.
    pub(crate) at: usize,
    /// Whether a byte of it is no UTF-8.
    pub(crate) latin1: bool,
}

/// The canonical form of a keyword, if it is one.
pub(crate) fn canonical(value: &str) -> Option<String> {
    let words: Vec<&str> = value.split_whitespace().collect();
    let lower: String = words.join(" ").chars().flat_map(lower).collect();
    let keyword: String = lower.nfc().collect();
    let count = keyword.chars().count();
    let is_keyword = (4..=128).contains(&count) && keyword.chars().any(char::is_alphanumeric);
    is_keyword.then_some(keyword)
}

fn lower(c: char) -> Vec<char> {
    c.to_lowercase().map(|c| if c == 'ς' { 'σ' } else { c }).collect()
}

/// A character of a field, and where it was written.
#[derive(Clone, Copy)]
struct Letter {
    c: char,
    at: usize,
    latin1: bool,
}

/// Where `keyword`, which is canonical, stands in a field.
///
/// Where a backslash is not an escape of the format, it may be one of something else.
pub(crate) fn mentions(keyword: &str, field: &Field, has_escapes: bool) -> Vec<Mention> {
    let letters = letters(field);
    let begins_line = |i: usize| {
        let before = |n: usize| i.checked_sub(n).map(|i| letters[i].c);
        !has_escapes && before(2) == Some('\\') && matches!(before(1), Some('n' | 'r' | 't'))
    };
    let joins = |i: usize| {
        letters.get(i).is_some_and(|letter| letter.c.is_alphanumeric() || is_mark(letter.c))
    };
    let longest = MAX_BLANKS * keyword.chars().count();
    let mut found = Vec::new();
    for start in 0..letters.len() {
        let is_begun = start == 0 || !joins(start - 1) || begins_line(start);
        let begins = lower(letters[start].c).into_iter().nfd().next() == keyword.nfd().next();
        if !is_begun || !begins {
            continue;
        }
        for end in start + 1..=letters.len().min(start + longest) {
            if !joins(end) && is_keyword(&letters[start..end], keyword) {
                let latin1 = letters[start..end].iter().any(|letter| letter.latin1);
                found.push(Mention { at: letters[start].at, latin1 });
            }
        }
    }
    found
}

/// Whether letters spell a keyword.
fn is_keyword(letters: &[Letter], keyword: &str) -> bool {
    let is_blank = |letter: &Letter| letter.c.is_whitespace();
    let mut text = String::new();
    for part in letters.chunk_by(|a, b| is_blank(a) == is_blank(b)) {
        match is_blank(&part[0]) {
            true if part.len() > MAX_BLANKS => return false,
            true => text.push(' '),
            // What composition turns into ASCII was not written in ASCII.
            false if part.iter().any(|letter| is_disguised(letter.c)) => return false,
            false => text.extend(part.iter().flat_map(|letter| lower(letter.c))),
        }
    }
    text.nfd().eq(keyword.nfd())
}

/// Whether a character is no ASCII and equivalent to one that is, as the Kelvin sign is.
fn is_disguised(c: char) -> bool {
    let plain: String = lower(c).into_iter().nfd().collect();
    !c.is_ascii() && plain.len() == 1
}

/// A field's bytes as letters: UTF-8, and Windows-1252 where they are not.
fn letters(field: &Field) -> Vec<Letter> {
    let bytes = &field.bytes;
    let mut all = Vec::new();
    let mut i = 0;
    while i < bytes.len() {
        let letter = |c, latin1| Letter { c, at: bytes[i].at, latin1 };
        let utf8 = (1..=4.min(bytes.len() - i)).find_map(|count| {
            let raw: Vec<u8> = bytes[i..i + count].iter().map(|byte| byte.b).collect();
            Some((std::str::from_utf8(&raw).ok()?.chars().next()?, count))
        });
        match utf8 {
            Some((c, count)) => {
                all.push(letter(c, false));
                i += count;
            }
            None => {
                all.push(letter(windows_1252(bytes[i].b), true));
                i += 1;
            }
        }
    }
    all
}
