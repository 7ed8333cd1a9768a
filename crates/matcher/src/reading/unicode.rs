//! Characters beyond ASCII: which belong to names, and what bytes that are no UTF-8 mean.

use std::sync::OnceLock;

use feedsieve_core::canonical_label;
use icu_properties::props::{DefaultIgnorableCodePoint, GeneralCategory, GeneralCategoryGroup};
use icu_properties::{CodePointMapData, CodePointSetData};

/// A character of a text, or a byte that is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Letter {
    pub(crate) char: char,
    pub(crate) bytes: usize,
    /// The byte is not UTF-8 and was read as Windows-1252.
    pub(crate) is_latin1: bool,
}

/// The character at the start of `text`, which is not empty.
#[inline]
pub(crate) fn first_letter(text: &[u8]) -> Letter {
    match text[0].is_ascii() {
        true => ascii(text[0]),
        false => first_beyond_ascii(text),
    }
}

fn ascii(byte: u8) -> Letter {
    Letter { char: char::from(byte), bytes: 1, is_latin1: false }
}

/// Nearly all are of two bytes or three, which a look at each tells; the rest is left to std.
#[inline(always)]
fn first_beyond_ascii(text: &[u8]) -> Letter {
    let continues = |byte: u8| byte & 0xc0 == 0x80;
    let bits = |byte: u8| u32::from(byte & 0x3f);
    let (code, bytes) = match *text {
        [first @ 0xc2..=0xdf, second, ..] if continues(second) => {
            (u32::from(first & 0x1f) << 6 | bits(second), 2)
        }
        // The shorter forms of what fits into two bytes, and surrogates, are no UTF-8.
        [first @ 0xe0..=0xef, second, third, ..]
            if continues(second)
                && continues(third)
                && !matches!((first, second), (0xe0, 0x80..=0x9f) | (0xed, 0xa0..=0xbf)) =>
        {
            (u32::from(first & 0xf) << 12 | bits(second) << 6 | bits(third), 3)
        }
        [0xf0..=0xf4, ..] => return first_of_few(text),
        _ => return latin1(text[0]),
    };
    char::from_u32(code).map_or(latin1(text[0]), |char| Letter { char, bytes, is_latin1: false })
}

fn latin1(byte: u8) -> Letter {
    Letter { char: windows_1252(byte), bytes: 1, is_latin1: true }
}

#[cold]
fn first_of_few(text: &[u8]) -> Letter {
    let head = &text[..text.len().min(4)];
    let valid = match str::from_utf8(head) {
        Ok(valid) => valid,
        Err(error) => str::from_utf8(&head[..error.valid_up_to()]).unwrap_or_default(),
    };
    match valid.chars().next() {
        Some(char) => Letter { char, bytes: char.len_utf8(), is_latin1: false },
        None => latin1(text[0]),
    }
}

/// The character that ends a text, which is not empty.
#[inline]
pub(super) fn last_letter(text: &[u8]) -> Letter {
    match text[text.len() - 1] {
        byte if byte.is_ascii() => ascii(byte),
        _ => last_beyond_ascii(text),
    }
}

fn last_beyond_ascii(text: &[u8]) -> Letter {
    let longest = (1..=text.len().min(4)).find_map(|bytes| {
        let letter = first_letter(&text[text.len() - bytes..]);
        (letter.bytes == bytes && !letter.is_latin1).then_some(letter)
    });
    longest.unwrap_or_else(|| latin1(text[text.len() - 1]))
}

/// The WHATWG Encoding Standard's windows-1252.
fn windows_1252(byte: u8) -> char {
    const FROM_80: [char; 32] = [
        '\u{20ac}', '\u{81}', '\u{201a}', '\u{192}', '\u{201e}', '\u{2026}', '\u{2020}',
        '\u{2021}', '\u{2c6}', '\u{2030}', '\u{160}', '\u{2039}', '\u{152}', '\u{8d}', '\u{17d}',
        '\u{8f}', '\u{90}', '\u{2018}', '\u{2019}', '\u{201c}', '\u{201d}', '\u{2022}', '\u{2013}',
        '\u{2014}', '\u{2dc}', '\u{2122}', '\u{161}', '\u{203a}', '\u{153}', '\u{9d}', '\u{17e}',
        '\u{178}',
    ];
    match byte {
        0x80..=0x9f => FROM_80[usize::from(byte - 0x80)],
        byte => char::from(byte),
    }
}

/// Whether a character that is not ASCII belongs to a name: letters, marks, digits, and what
/// UTS 46 ignores.
pub(super) fn belongs_to_name(char: char) -> bool {
    is_full_stop(char) || is_in_label(char)
}

/// The same without full stops.
#[inline]
pub(crate) fn is_in_label(char: char) -> bool {
    Class::of(char).0 != 0
}

/// Bytes of the full stop of any script that `text` begins with.
pub(super) fn full_stop_bytes(text: &[u8]) -> Option<usize> {
    let letter = (!text.is_empty()).then(|| first_letter(text))?;
    (letter.char == '.' || is_full_stop(letter.char)).then_some(letter.bytes)
}

/// A full stop of another script (UTS 46, section 2.3).
pub(super) fn is_full_stop(char: char) -> bool {
    matches!(char, '\u{3002}' | '\u{ff0e}' | '\u{ff61}')
}

/// Whether a character is a mark, which belongs to the letter before it.
pub(crate) fn is_mark(char: char) -> bool {
    Class::of(char).0 & Class::MARK != 0
}

/// Whether UTS 46 drops the character, joiners included.
pub(super) fn is_ignored(char: char) -> bool {
    Class::of(char).0 & Class::IGNORED != 0
}

/// What a character that is not ASCII is in a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum InName {
    /// No part of one.
    Never,
    /// A dot.
    FullStop,
    /// Nothing: UTS 46 drops it.
    Ignored,
    /// A letter, a digit or a mark.
    Letter,
}

impl InName {
    #[inline]
    pub(crate) fn of(char: char) -> Self {
        match Class::of(char).0 {
            0 if is_full_stop(char) => Self::FullStop,
            0 => Self::Never,
            class if class & Class::IGNORED != 0 => Self::Ignored,
            _ => Self::Letter,
        }
    }
}

/// Whether no label that holds the character is written in ASCII, other than as an A-label.
///
/// UTS 46 maps one character after the other, and what is composed after that is never ASCII.
pub(crate) fn is_foreign_to_ascii(char: char) -> bool {
    static PAGES: [OnceLock<[u64; 4]>; 256] = [const { OnceLock::new() }; 256];
    let page_of = |page: usize| {
        let mut foreign = [0; 4];
        for low in 0..256 {
            let char = char::from_u32((page << 8 | low) as u32);
            let bit = u64::from(char.is_some_and(stays_beyond_ascii)) << (low % 64);
            foreign[low / 64] |= bit;
        }
        foreign
    };
    let code = char as usize;
    match PAGES.get(code >> 8) {
        Some(page) => {
            let foreign = page.get_or_init(|| page_of(code >> 8));
            foreign[code / 64 % 4] >> (code % 64) & 1 == 1
        }
        None => false,
    }
}

/// Whether a label keeps a character, or is none for its sake.
fn stays_beyond_ascii(char: char) -> bool {
    let label: String = ['a', char, 'b'].into_iter().collect();
    !char.is_ascii() && canonical_label(&label).map_or(true, |label| label.starts_with("xn--"))
}

/// What a character is in a name, as bits.
#[derive(Clone, Copy)]
struct Class(u8);

/// The classes of 256 characters in a row.
type Page = Box<[u8; 256]>;

impl Class {
    const LETTER: u8 = 1;
    const MARK: u8 = 2;
    const IGNORED: u8 = 4;

    /// The tables of Unicode are asked once for each character near those that a feed holds: to
    /// ask three of them for each letter is most of what reading such a feed costs.
    #[inline]
    fn of(char: char) -> Self {
        static PAGES: [OnceLock<Page>; 256] = [const { OnceLock::new() }; 256];
        let code = char as usize;
        match PAGES.get(code >> 8) {
            Some(page) => Self(page.get_or_init(|| Self::page(code >> 8))[code & 0xff]),
            None => Self::look_up(char),
        }
    }

    #[cold]
    fn page(page: usize) -> Page {
        let class = |low: usize| {
            let char = char::from_u32((page << 8 | low) as u32);
            char.map_or(0, |char| Self::look_up(char).0)
        };
        Box::new(std::array::from_fn(class))
    }

    #[cold]
    fn look_up(char: char) -> Self {
        // A letter or a digit. Halfwidth and fullwidth hyphens and low lines map to ASCII ones.
        let is_letter = char.is_alphanumeric() || matches!(char, '\u{ff0d}' | '\u{ff3f}');
        let category = CodePointMapData::<GeneralCategory>::new().get(char);
        let is_mark = GeneralCategoryGroup::Mark.contains(category);
        // Nothing else is dropped, and to ask UTS 46 takes a hundred times as long.
        let is_ignored = !char.is_ascii()
            && CodePointSetData::new::<DefaultIgnorableCodePoint>().contains(char)
            && !char.is_alphanumeric()
            && is_dropped(char);
        let bit = |class, is_set| if is_set { class } else { 0 };
        Self(
            bit(Self::LETTER, is_letter)
                | bit(Self::MARK, is_mark)
                | bit(Self::IGNORED, is_ignored),
        )
    }
}

/// Whether UTS 46 drops the character within a label.
fn is_dropped(char: char) -> bool {
    let label: String = ['a', char, 'b'].into_iter().collect();
    canonical_label(&label).is_ok_and(|label| label == "ab")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_are_those_of_std() {
        let longest = (char::MIN..=char::MAX).map(|char| (char, char.to_string().into_bytes()));
        for (char, bytes) in longest {
            let letter = Letter { char, bytes: bytes.len(), is_latin1: false };
            assert_eq!(first_letter(&bytes), letter, "{char:?}");
            assert_eq!(last_letter(&bytes), letter, "{char:?}");
        }
        // What std refuses, of up to three bytes before an `a`.
        for bytes in (0x80..=0xff_u8).flat_map(|first| {
            (0..=0xff_u8).flat_map(move |second| {
                [0, 0x7f, 0x80, 0xbf, 0xc0].map(|third| [first, second, third, b'a'])
            })
        }) {
            let valid = (2..=3).find(|&len| {
                str::from_utf8(&bytes[..len]).is_ok_and(|text| text.chars().count() == 1)
            });
            let letter = first_letter(&bytes);
            assert_eq!((!letter.is_latin1).then_some(letter.bytes), valid, "{bytes:x?}");
        }
    }

    #[test]
    fn labels_of_foreign_characters_are_never_ascii() {
        let foreign = ('\u{80}'..='\u{ffff}').filter(|&char| is_foreign_to_ascii(char));
        for char in foreign {
            for label in [
                format!("{char}"),
                format!("{char}a"),
                format!("a{char}"),
                format!("1{char}{char}"),
            ] {
                let label = canonical_label(&label);
                assert!(label.as_ref().map_or(true, |label| label.starts_with("xn--")), "{char:?}");
            }
        }
        for (char, is_foreign) in [
            ('\u{fc}', true),
            ('\u{df}', true),
            ('\u{ff41}', false),
            ('\u{ad}', false),
            ('\u{b2}', false),
            ('a', false),
        ] {
            assert_eq!(is_foreign_to_ascii(char), is_foreign, "{char:?}");
        }
    }

    #[test]
    fn every_character_that_uts_46_drops_is_ignored() {
        for char in (char::MIN..=char::MAX).filter(|c| !c.is_alphanumeric()) {
            assert_eq!(is_ignored(char), is_dropped(char), "{char:?}");
        }
    }
}
