//! STIX 2: bundles and objects as JSON documents, and the patterns of indicators.
//!
//! A pattern is a string of JSON that compares paths with literals:
//! `[domain-name:value = 'hospital.example' OR ipv4-addr:value ISSUBSET '192.0.0.0/16']` (STIX 2.1,
//! part 9). A literal that a `value` has to equal, or to lie in, is a field of its own; any
//! other is running text, as is all of a pattern that is not in the language of STIX.

use std::ops::Range;

use super::{Followed, Place, Surroundings, ndjson};

/// The field around a place.
pub(super) fn place(around: &Surroundings<'_>, followed: &mut Followed) -> Option<Place> {
    let place = ndjson::place(around, &mut followed.ndjson)?;
    if place.name.as_deref() != Some("/pattern") {
        return Some(place);
    }
    let text = &around.haystack[..place.field.end];
    let field = followed.pattern.field_around(text, place.field.start, around.at);
    Some(Place { field, ..place })
}

/// How far a pattern was followed; places ascend.
#[derive(Clone, Debug, Default)]
pub(super) struct Pattern {
    /// Where the pattern begins, and where it goes on.
    start: usize,
    at: usize,
    /// How far the pattern is in sight.
    end: usize,
    /// The last literal of a value, and where the one before it ends.
    value: Range<usize>,
    before: usize,
    /// Where its quote begins; one that is escaped is more than a byte.
    quote: usize,
    /// The word that is being read.
    word: String,
    comparison: Comparison,
}

/// What is known of a comparison before its literal.
#[derive(Clone, Copy, Debug, Default)]
struct Comparison {
    /// Whether the path ends in `value`.
    is_value: bool,
    is_negated: bool,
    /// Whether what is compared equals the literal, or lies in it or around it.
    is_equal: Option<bool>,
}

/// Longest word that is told from others.
const MAX_WORD_BYTES: usize = 256;

impl Pattern {
    /// The literal of a value around `at`, or what stands between such literals.
    fn field_around(&mut self, text: &[u8], start: usize, at: usize) -> Range<usize> {
        let end = text.len();
        if (self.start, self.end) != (start, end) || at < self.before {
            *self = Self {
                start,
                at: start,
                end,
                value: start..start,
                before: start,
                ..Self::default()
            };
        }
        while self.value.end <= at && self.at < end {
            self.step(text);
        }
        match at {
            at if at >= self.value.end => self.value.end..end,
            at if at < self.quote => self.before..self.quote,
            _ => self.value.clone(),
        }
    }

    /// Reads a character or a literal.
    fn step(&mut self, text: &[u8]) {
        let (c, next) = character(text, self.at);
        match c {
            '\'' if self.word.ends_with('.') => self.at = literal_end(text, next).1,
            '\'' => {
                self.end_word();
                let (end, behind) = literal_end(text, next);
                let Comparison { is_value, is_negated, is_equal } = self.comparison;
                if is_value && !is_negated && is_equal == Some(true) {
                    self.before = self.value.end;
                    self.value = next..end;
                    self.quote = self.at;
                }
                self.at = behind;
            }
            c if c.is_ascii_alphanumeric() || "_-:.*".contains(c) || self.is_index(c) => {
                if self.word.len() < MAX_WORD_BYTES {
                    self.word.push(c);
                }
                self.at = next;
            }
            c => {
                self.end_word();
                match c {
                    '=' => self.comparison.is_equal = self.comparison.is_equal.or(Some(true)),
                    '!' | '<' | '>' => self.comparison.is_equal = Some(false),
                    '[' | ']' => self.comparison = Comparison::default(),
                    _ => {}
                }
                self.at = next;
            }
        }
    }

    /// Whether a bracket belongs to a path, as in `refs[*].value`.
    fn is_index(&self, c: char) -> bool {
        let is_path = self.word.contains(':');
        is_path && (c == '[' || c == ']' && self.word.contains('['))
    }

    fn end_word(&mut self) {
        let comparison = &mut self.comparison;
        match &*self.word {
            "NOT" => comparison.is_negated = true,
            "IN" | "ISSUBSET" | "ISSUPERSET" => comparison.is_equal = Some(true),
            "LIKE" | "MATCHES" => comparison.is_equal = Some(false),
            "AND" | "OR" | "FOLLOWEDBY" => *comparison = Comparison::default(),
            path if path.contains(':') => {
                let is_value = path.ends_with(":value") || path.ends_with(".value");
                *comparison = Comparison { is_value, ..Comparison::default() };
            }
            _ => {}
        }
        self.word.clear();
    }
}

/// Where a literal ends whose inside begins at `at`, and what comes behind its quote.
fn literal_end(text: &[u8], at: usize) -> (usize, usize) {
    let mut at = at;
    while at < text.len() {
        let (c, next) = character(text, at);
        match c {
            '\'' => return (at, next),
            '\\' => at = character(text, next).1,
            _ => at = next,
        }
    }
    (text.len(), text.len())
}

/// What stands at `at` in a string of JSON, and where the next character does.
///
/// What is not ASCII is not told apart.
fn character(text: &[u8], at: usize) -> (char, usize) {
    match text.get(at..).unwrap_or_default() {
        [b'\\', b'u', b'0', b'0', high, low, ..] => {
            let digits = [*high, *low];
            let code = str::from_utf8(&digits).ok().and_then(|d| u8::from_str_radix(d, 16).ok());
            (code.map_or('\u{fffd}', char::from), at + 6)
        }
        [b'\\', b'n' | b'r' | b't' | b'b' | b'f', ..] => (' ', at + 2),
        [b'\\', byte @ (b'"' | b'\\' | b'/'), ..] => (char::from(*byte), at + 2),
        [byte, ..] => (char::from(*byte), at + 1),
        [] => ('\u{fffd}', at + 1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn literals_of_values_are_fields() {
        let value = |pattern: &str, needle: &str| {
            let at = pattern.find(needle).expect("it is there");
            let found = Pattern::default().field_around(pattern.as_bytes(), 0, at);
            pattern[found].to_owned()
        };
        for (pattern, needle, literal) in [
            ("[domain-name:value = 'a.example']", "a.ex", Some("a.example")),
            ("[domain-name:value='a.example']", "a.ex", Some("a.example")),
            ("[ipv4-addr:value ISSUBSET '192.0.0.0/16']", "192", Some("192.0.0.0/16")),
            ("[url:value IN ('x', 'http://a.example/')]", "http", Some("http://a.example/")),
            ("[a:value = 'x' OR b:value = 'a.example']", "a.ex", Some("a.example")),
            ("[network-traffic:dst_ref.value = 'a.example']", "a.ex", Some("a.example")),
            ("[domain-name:resolves_to_refs[*].value = '192.0.2.5']", "192", Some("192.0.2.5")),
            (r"[a:value = \u0027a.example\u0027]", "a.ex", Some("a.example")),
            // What is no escape of JSON is one of STIX.
            (r"[a:value = 'it\'s a.example']", "a.ex", Some(r"it\'s a.example")),
            (r"[a:value = 'it\\'s a.example']", "a.ex", Some(r"it\\'s a.example")),
            ("[domain-name:value != 'a.example']", "a.ex", None),
            ("[domain-name:value NOT = 'a.example']", "a.ex", None),
            ("[domain-name:value NOT IN ('b', 'a.example')]", "a.ex", None),
            ("[domain-name:value LIKE '%.a.example']", "a.ex", None),
            ("[domain-name:value MATCHES 'a.example']", "a.ex", None),
            ("[file:name = 'a.example']", "a.ex", None),
            ("[file:hashes.'a.example' = 'x']", "a.ex", None),
            ("[a:value = 'x' AND file:name = 'a.example']", "a.ex", None),
            ("[a:value = 'x'] FOLLOWEDBY [file:name = 'a.example']", "a.ex", None),
            ("a:value a.example = 'x'", "a.ex", None),
        ] {
            let field = value(pattern, needle);
            match literal {
                Some(literal) => assert_eq!(field, literal, "{pattern}"),
                None => assert!(field.len() > needle.len() + 8, "{pattern}: {field}"),
            }
        }
    }
}
