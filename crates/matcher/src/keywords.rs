//! Finds keywords: a trigger in raw bytes, then the text around it read with care.
//!
//! A keyword may be written in either case, composed or decomposed, in UTF-8 or
//! Windows-1252, and with escapes, and raw bytes show none of that alike. So each
//! keyword has triggers, of which every spelling holds one: its longest run of ASCII,
//! or every spelling of a letter or two. Around a trigger the field is read into
//! *elements* (lower case, decomposed, blanks as one space), in which a keyword is
//! spelled in one way only.
//!
//! An ASCII character stands for itself only: the Kelvin sign is no `k`.

mod triggers;

use std::collections::HashSet;
use std::ops::Range;

use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};
use feedsieve_core::Image;
use icu_normalizer::DecomposingNormalizerBorrowed;
use icu_normalizer::properties::CanonicalCombiningClassMapBorrowed;
use memchr::memchr_iter;

use crate::chunk::CONTEXT_BYTES;
use crate::reading::{Escapes, first_letter, is_mark};
use triggers::{spellings, triggers_of};

/// What a scan for the keywords of an image needs.
#[derive(Debug)]
pub(crate) struct Keywords {
    /// Over raw bytes.
    triggers: AhoCorasick,
    /// The letters of triggers, which an escape may hide.
    trigger_letters: HashSet<char>,
    /// Over elements; the pattern is the index of the keyword.
    whole: AhoCorasick,
    /// The asset of each keyword.
    assets: Vec<u32>,
    reach_bytes: usize,
}

/// A keyword in a field, between word borders.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Mention {
    pub(crate) start: usize,
    pub(crate) end: usize,
    pub(crate) asset: u32,
}

/// A part of a field, to be searched.
pub(crate) struct Part<'h> {
    pub(crate) haystack: &'h [u8],
    pub(crate) field: &'h Range<usize>,
    pub(crate) escapes: Escapes,
    /// Whether two quotes are one.
    pub(crate) is_quoted: bool,
}

/// Characters of a run of blanks that stands for one space.
const MAX_BLANKS: usize = 16;

/// Bytes of a character at most: two escapes of JSON.
const MAX_CHAR_BYTES: usize = 12;

/// Bytes of a blank at most: an escape of JSON. No blank is beyond the BMP.
const MAX_BLANK_BYTES: usize = 6;

/// Bytes beside a keyword that are read: its borders, and what a cut through an escape spoils.
const BORDER_BYTES: usize = 64;

impl Keywords {
    /// The search for the keywords of an image, `None` where it holds none.
    pub(crate) fn of(image: &Image) -> Option<Self> {
        let (mut patterns, mut trigger_letters) = (Vec::new(), HashSet::new());
        let (mut whole, mut assets) = (Vec::new(), Vec::new());
        let mut reach_bytes = 0;
        for (keyword, asset) in image.keywords() {
            for trigger in triggers_of(keyword) {
                trigger_letters.extend(trigger.iter().flat_map(|c| [*c, c.to_ascii_uppercase()]));
                patterns.extend(spellings(&trigger));
            }
            let elements = elements_of(keyword);
            let longest = |c: &char| match c {
                ' ' => MAX_BLANKS * MAX_BLANK_BYTES,
                _ => MAX_CHAR_BYTES,
            };
            reach_bytes = elements.iter().map(longest).sum::<usize>().max(reach_bytes);
            whole.push(elements.into_iter().collect::<String>());
            assets.push(asset.index());
        }
        debug_assert!(3 * (reach_bytes + BORDER_BYTES) <= CONTEXT_BYTES, "a worker sees a window");
        patterns.sort_unstable();
        patterns.dedup();
        (!assets.is_empty()).then(|| Self {
            triggers: automaton(&patterns, true),
            trigger_letters,
            whole: automaton(&whole, false),
            assets,
            reach_bytes,
        })
    }

    /// Bytes of a keyword at most, however it is written.
    pub(crate) const fn reach_bytes(&self) -> usize {
        self.reach_bytes
    }

    /// Pushes the places in a region at which a keyword may be, in any order.
    pub(crate) fn suspects(
        &self,
        haystack: &[u8],
        region: Range<usize>,
        has_escapes: bool,
        places: &mut Vec<usize>,
    ) {
        let bytes = &haystack[region.clone()];
        let found = self.triggers.find_overlapping_iter(bytes);
        places.extend(found.map(|trigger| region.start + trigger.start()));
        if !has_escapes {
            return;
        }
        for at in memchr_iter(b'\\', bytes) {
            let hides = match escaped_unit(&haystack[region.start + at..]) {
                Some(unit) => {
                    char::from_u32(unit.into()).is_none_or(|c| self.trigger_letters.contains(&c))
                }
                None => false,
            };
            if hides {
                places.push(region.start + at);
            }
        }
    }

    /// The part of a field in which every keyword lies that a place is in; other places that
    /// follow closely are in it as well.
    pub(crate) fn window(&self, field: &Range<usize>, at: usize) -> Range<usize> {
        let reach = self.reach_bytes + BORDER_BYTES;
        let start = field.start.max(at.saturating_sub(reach));
        start..field.end.min(at + reach + self.reach_bytes)
    }

    /// Whether every keyword that a place is in lies in a window that was made for an earlier one.
    pub(crate) fn is_within(&self, window: &Range<usize>, field: &Range<usize>, at: usize) -> bool {
        let end = at + self.reach_bytes + BORDER_BYTES;
        field.contains(&at) && (end <= window.end || window.end == field.end)
    }

    /// Pushes the keywords in a window of a field.
    ///
    /// Those too near to an end at which the field goes on are left to another window.
    pub(crate) fn read(&self, part: &Part<'_>, window: Range<usize>, found: &mut Vec<Mention>) {
        let elements = Elements::read(part, window.clone());
        let start = if window.start == part.field.start { 0 } else { window.start + BORDER_BYTES };
        let end = if window.end == part.field.end { usize::MAX } else { window.end - BORDER_BYTES };
        for keyword in self.whole.find_overlapping_iter(elements.text.as_str()) {
            let raw = elements.original(keyword.start()..keyword.end());
            if start <= raw.start && raw.end <= end && elements.is_bordered(&keyword.range(), part)
            {
                let asset = self.assets[keyword.pattern().as_usize()];
                found.push(Mention { start: raw.start, end: raw.end, asset });
            }
        }
    }
}

fn automaton<P: AsRef<[u8]>>(patterns: &[P], ignores_case: bool) -> AhoCorasick {
    AhoCorasick::builder()
        .kind(Some(AhoCorasickKind::ContiguousNFA))
        .match_kind(MatchKind::Standard)
        .ascii_case_insensitive(ignores_case)
        .build(patterns)
        .expect("an image holds few keywords, and none is long")
}

/// A window of a field in elements.
#[derive(Default)]
struct Elements {
    text: String,
    /// For each byte of the text, the bytes of the character that it comes from.
    map: Vec<Range<u32>>,
    /// Where the window begins.
    base: usize,
    /// Marks behind the last letter, with their classes.
    marks: Vec<(u8, char, Range<u32>)>,
}

impl Elements {
    fn read(part: &Part<'_>, window: Range<usize>) -> Self {
        let mut elements = Self { base: window.start, ..Self::default() };
        let bytes = &part.haystack[..window.end];
        let mut at = window.start;
        // The rest of a character that the window cuts is none.
        while at > part.field.start
            && at < window.end
            && bytes[at] & 0xc0 == 0x80
            && at - window.start < 3
        {
            at += 1;
        }
        while at < window.end {
            let blanks = blanks(part, bytes, at);
            if blanks > at {
                elements.blank(at..blanks, count_of_blanks(part, bytes, at..blanks));
                at = blanks;
                continue;
            }
            let (char, len) = char_at(part, bytes, at);
            elements.letter(char, at..at + len);
            at += len;
        }
        elements.settle_marks();
        elements
    }

    fn push(&mut self, element: char, from: Range<u32>) {
        self.text.push(element);
        self.map.resize(self.text.len(), from);
    }

    fn blank(&mut self, raw: Range<usize>, count: usize) {
        self.settle_marks();
        let from = self.relative(raw);
        self.push(' ', from.clone());
        // Two in a row are in no keyword.
        if count > MAX_BLANKS {
            self.push(' ', from);
        }
    }

    fn letter(&mut self, char: char, raw: Range<usize>) {
        let from = self.relative(raw);
        each_element(char, |element| match class_of(element) {
            0 => {
                self.settle_marks();
                self.push(element, from.clone());
            }
            class => self.marks.push((class, element, from.clone())),
        });
    }

    /// Marks stand in the order of their classes (Unicode Standard, section 3.11).
    fn settle_marks(&mut self) {
        let mut marks = std::mem::take(&mut self.marks);
        marks.sort_by_key(|&(class, ..)| class);
        for (_, mark, from) in marks.drain(..) {
            self.push(mark, from);
        }
        self.marks = marks;
    }

    fn relative(&self, raw: Range<usize>) -> Range<u32> {
        (raw.start - self.base) as u32..(raw.end - self.base) as u32
    }

    /// The bytes of the haystack that a part of the text comes from.
    fn original(&self, span: Range<usize>) -> Range<usize> {
        let (first, last) = (&self.map[span.start], &self.map[span.end - 1]);
        self.base + first.start as usize..self.base + last.end.max(first.end) as usize
    }

    /// Whether neither a letter nor a mark nor a digit stands right before or behind.
    fn is_bordered(&self, span: &Range<usize>, part: &Part<'_>) -> bool {
        let joins = |c: char| c.is_alphanumeric() || is_mark(c);
        let before = self.text[..span.start].chars().next_back();
        let behind = self.text[span.end..].chars().next();
        let is_begun = !before.is_some_and(joins) || {
            // Where it is not known to be JSON, `\n` may be a line end or a letter.
            let start = self.original(span.clone()).start;
            let before = part.haystack[part.field.start..start].last_chunk::<2>();
            part.escapes != Escapes::Json
                && before.is_some_and(|b| matches!(b, b"\\n" | b"\\r" | b"\\t"))
        };
        is_begun && !behind.is_some_and(joins)
    }
}

/// Behind the blanks that begin at `at`.
fn blanks(part: &Part<'_>, bytes: &[u8], at: usize) -> usize {
    let mut end = at;
    while end < bytes.len() {
        match char_at(part, bytes, end) {
            (char, len) if char.is_whitespace() => end += len,
            _ => break,
        }
    }
    end
}

fn count_of_blanks(part: &Part<'_>, bytes: &[u8], blanks: Range<usize>) -> usize {
    let (mut at, mut count) = (blanks.start, 0);
    while at < blanks.end {
        at += char_at(part, bytes, at).1;
        count += 1;
    }
    count
}

/// The character at a place and its bytes, escapes undone.
fn char_at(part: &Part<'_>, bytes: &[u8], at: usize) -> (char, usize) {
    let rest = &bytes[at..];
    match rest[0] {
        b'\\' if part.escapes == Escapes::Json => json_escape(rest),
        b'"' if part.is_quoted && rest.get(1) == Some(&b'"') => ('"', 2),
        byte if byte.is_ascii() => (char::from(byte), 1),
        _ => {
            let letter = first_letter(rest);
            (letter.char, letter.bytes)
        }
    }
}

/// An escape of RFC 8259, or the backslash where it is none.
fn json_escape(rest: &[u8]) -> (char, usize) {
    let char = match rest.get(1) {
        Some(b'n') => '\n',
        Some(b't') => '\t',
        Some(b'r') => '\r',
        Some(b'b') => '\u{8}',
        Some(b'f') => '\u{c}',
        Some(&byte @ (b'/' | b'\\' | b'"')) => char::from(byte),
        Some(b'u') => {
            let Some(first) = escaped_unit(rest) else { return ('\\', 1) };
            let second = rest.get(6..).and_then(escaped_unit);
            let pair = second.and_then(|second| char::decode_utf16([first, second]).next()?.ok());
            return match (char::from_u32(first.into()), pair) {
                (Some(char), _) => (char, 6),
                (None, Some(char)) => (char, 12),
                (None, None) => (char::REPLACEMENT_CHARACTER, 6),
            };
        }
        _ => return ('\\', 1),
    };
    (char, 2)
}

/// The unit of UTF-16 that an escape at the start of a text stands for.
fn escaped_unit(text: &[u8]) -> Option<u16> {
    let digits = text.strip_prefix(b"\\u")?.first_chunk::<4>()?;
    let hex = str::from_utf8(digits).ok().filter(|_| digits.iter().all(u8::is_ascii_hexdigit))?;
    u16::from_str_radix(hex, 16).ok()
}

/// The canonical combining class: 0 for what is no mark, and for some marks.
fn class_of(element: char) -> u8 {
    match element.is_ascii() {
        true => 0,
        false => CanonicalCombiningClassMapBorrowed::new().get_u8(element),
    }
}

/// A character in lower case and decomposed.
fn each_element(char: char, mut each: impl FnMut(char)) {
    if char.is_ascii() {
        return each(char.to_ascii_lowercase());
    }
    let lower = char.to_lowercase().map(|c| if c == 'ς' { 'σ' } else { c });
    let mut elements = DecomposingNormalizerBorrowed::new_nfd().normalize_iter(lower);
    let Some(first) = elements.next() else { return };
    let second = elements.next();
    if first.is_ascii() && second.is_none() {
        return each(char);
    }
    each(first);
    second.into_iter().chain(elements).for_each(each);
}

/// A keyword in elements, each run of marks in order: it is in canonical form already.
fn elements_of(keyword: &str) -> Vec<char> {
    let field = 0..keyword.len();
    let part = Part {
        haystack: keyword.as_bytes(),
        field: &field,
        escapes: Escapes::None,
        is_quoted: false,
    };
    Elements::read(&part, field.clone()).text.chars().collect()
}
