//! One JSON object a line (RFC 8259); fields are named by JSON pointers (RFC 6901).

use std::fmt::Write as _;
use std::ops::Range;

use memchr::memrchr;

use super::{Place, Surroundings};
use crate::reading::{Escapes, Text};

/// An object or an array that the place is in.
enum Open {
    /// With the bytes of the key whose value comes.
    Object(Option<Range<usize>>),
    /// With the index of the element that comes.
    Array(usize),
}

/// Elements of an array of strings that are stepped over to find its key.
const MAX_ELEMENTS: usize = 64;

/// `None` where the line is no JSON up to the place.
///
/// However deep a place is, the keys above it say whether it is a secret. What is open there is
/// no more than the bytes before it, of which no more than 64 KiB are looked at.
pub(super) fn place(around: &Surroundings<'_>) -> Option<Place> {
    if !around.begins {
        return Some(far(around));
    }
    let mut open: Vec<Open> = Vec::new();
    let Range { start, end } = around.record;
    let line = &around.haystack[..end];
    let mut at = start;
    while at < end {
        match line[at] {
            b'"' => {
                let string = string(line, at)?;
                let is_key = matches!(open.last(), Some(Open::Object(None)));
                if around.at < string.end {
                    (around.at >= at).then_some(())?;
                    return Some(named(line, &open, is_key.then_some(&string), string.clone()));
                }
                at = string.end + 1;
                if is_key && let Some(Open::Object(key)) = open.last_mut() {
                    *key = Some(string);
                }
                continue;
            }
            b'{' => open.push(Open::Object(None)),
            b'[' => open.push(Open::Array(0)),
            b'}' | b']' => {
                open.pop();
            }
            b',' => match open.last_mut() {
                Some(Open::Object(key)) => *key = None,
                Some(Open::Array(index)) => *index += 1,
                None => {}
            },
            _ => {}
        }
        // In no string: a number, a word, or white space.
        (at < around.at).then_some(())?;
        at += 1;
    }
    None
}

/// The string around a place whose line begins too far away for a pointer.
///
/// The key right before it, or before the array of strings that holds it, still
/// says whether it is a secret.
fn far(around: &Surroundings<'_>) -> Place {
    let Range { start, end } = around.record;
    let line = &around.haystack[..end];
    let open = quote_before(line, start, around.at);
    let field = match open {
        Some(open) => string(line, open),
        None => (around.at..end).find(|&at| is_quote(line, start, at)).map(|close| start..close),
    };
    let field = field.unwrap_or(start..end);
    let key = open.and_then(|open| key_before(line, start, open));
    let mut text = Text::default();
    text.rewrite(key.map_or(&[], |key| &line[key]), Escapes::Json);
    let word = String::from_utf8_lossy(&text.bytes);
    let named = Place::named(field, String::new(), &[&word]);
    Place { escapes: Escapes::Json, name: None, is_too_long: true, ..named }
}

/// The last quote in `line[floor..at]` that opens or closes a string.
fn quote_before(line: &[u8], floor: usize, at: usize) -> Option<usize> {
    let mut at = at;
    loop {
        at = floor + memrchr(b'"', &line[floor..at])?;
        if is_quote(line, floor, at) {
            return Some(at);
        }
    }
}

/// Whether a quote stands at `at` that is not escaped.
fn is_quote(line: &[u8], floor: usize, at: usize) -> bool {
    let backslashes = line[floor..at].iter().rev().take_while(|&&b| b == b'\\').count();
    line[at] == b'"' && backslashes % 2 == 0
}

/// The key of the string that opens at `open`, or of the array of strings that it is in.
fn key_before(line: &[u8], floor: usize, open: usize) -> Option<Range<usize>> {
    let (mut at, mut is_element) = (open, false);
    for _ in 0..MAX_ELEMENTS {
        at = floor + line[floor..at].trim_ascii_end().len();
        let before = at.checked_sub(1).filter(|&before| before >= floor)?;
        match line[before] {
            b':' if !is_element => {
                let close = quote_before(line, floor, before)?;
                return Some(quote_before(line, floor, close)? + 1..close);
            }
            b'[' => (at, is_element) = (before, false),
            // Over the string before it. In an object, a colon comes next, and this is a key.
            b',' if !matches!(line[floor..before].trim_ascii_end(), [.., b']' | b'}']) => {
                let close = quote_before(line, floor, before)?;
                (at, is_element) = (quote_before(line, floor, close)?, true);
            }
            _ => return None,
        }
    }
    None
}

/// The bytes of the string that opens at `at`, without quotes; one that does not close runs to the end.
fn string(line: &[u8], at: usize) -> Option<Range<usize>> {
    let mut end = at + 1;
    loop {
        match line.get(end) {
            Some(b'"') | None => return Some(at + 1..end.min(line.len())),
            Some(b'\\') => end += 2,
            Some(_) => end += 1,
        }
    }
}

fn named(line: &[u8], open: &[Open], key: Option<&Range<usize>>, field: Range<usize>) -> Place {
    let mut pointer = String::new();
    let mut words = Vec::new();
    let mut text = Text::default();
    let mut add = |range: &Range<usize>, pointer: &mut String| {
        text.rewrite(&line[range.clone()], Escapes::Json);
        let word = String::from_utf8_lossy(&text.bytes).into_owned();
        let _ = write!(pointer, "/{}", word.replace('~', "~0").replace('/', "~1"));
        words.push(word);
    };
    for part in open {
        match part {
            Open::Object(Some(key)) => add(key, &mut pointer),
            // The object whose key this is.
            Open::Object(None) => {}
            Open::Array(index) => {
                let _ = write!(pointer, "/{index}");
            }
        }
    }
    if let Some(key) = key {
        add(key, &mut pointer);
    }
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    Place { escapes: Escapes::Json, ..Place::named(field, pointer, &words) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_named_by_json_pointers() {
        let line =
            r#"{"a":"x","b":{"c/d~":["y",{"e":"z"}],"\u0066":"\"w"},"k":1,"p":{"pw":{"q":"s"}}}"#;
        for (needle, name, is_secret) in [
            ("x", Some("/a"), false),
            ("y", Some("/b/c~1d~0/0"), false),
            ("z", Some("/b/c~1d~0/1/e"), false),
            ("w", Some("/b/f"), false),
            ("k", Some("/k"), false),
            ("1,", None, false),
            ("s\"", Some("/p/pw/q"), true),
        ] {
            let around = Surroundings {
                haystack: line.as_bytes(),
                record: 0..line.len(),
                begins: true,
                ends: true,
                at: line.find(needle).unwrap_or_default(),
            };
            let place = place(&around);
            assert_eq!(place.as_ref().and_then(|p| p.name.as_deref()), name, "{needle}");
            assert_eq!(place.is_some_and(|p| p.is_secret), is_secret, "{needle}");
        }
    }

    #[test]
    fn far_from_the_start_the_key_beside_a_string_is_known() {
        let line =
            r#"yz\"x","a" : "on\"e","pw":"two","p\u0077":["three", "four"],"five":{"pw":1}}"#;
        for (needle, field, is_secret) in [
            ("yz", "yz\\\"x", false),
            ("on", "on\\\"e", false),
            ("wo", "two", true),
            ("hr", "three", true),
            ("fo", "four", true),
            ("iv", "five", false),
        ] {
            let around = Surroundings {
                haystack: line.as_bytes(),
                record: 0..line.len(),
                begins: false,
                ends: true,
                at: line.find(needle).unwrap_or_default(),
            };
            let place = place(&around).expect("a place far away always has one");
            assert_eq!((&line[place.field], place.is_secret), (field, is_secret), "{needle}");
        }
    }
}
