//! One JSON object a line (RFC 8259); fields are named by JSON pointers (RFC 6901).

use std::collections::HashMap;
use std::fmt::Write as _;
use std::ops::Range;
use std::sync::Arc;

use memchr::{memchr, memchr2, memchr3, memrchr};

use super::{Meaning, Place, Surroundings, Within};
use crate::reading::{Escapes, Text};

/// An object or an array that the place is in.
#[derive(Debug)]
enum Open {
    /// With the bytes of the key whose value comes.
    Object(Option<Range<usize>>),
    /// With the index of the element that comes.
    Array(usize),
}

/// Elements of an array of strings that are stepped over to find its key.
const MAX_ELEMENTS: usize = 64;

/// How far a line was followed.
#[derive(Debug, Default)]
pub(super) struct Followed {
    /// Where the line begins.
    line: usize,
    /// Where it goes on, with what is open there.
    at: usize,
    open: Vec<Open>,
    /// Where the string that begins there closes, or how far that was searched.
    close: Option<Result<usize, usize>>,
    /// The place that this string is.
    place: Option<Place>,
    far: Option<Far>,
    names: Names,
}

/// What stands around a place whose line begins too far away.
#[derive(Clone, Debug)]
struct Far {
    /// The last quote before the place, and the key of the string that it opens.
    open: Option<usize>,
    key: Option<Range<usize>>,
    /// The next quote behind it, or how far it was searched.
    close: Result<usize, usize>,
    at: usize,
}

impl Followed {
    fn begin(&mut self, line: usize, is_member: bool) {
        (self.line, self.at) = (line, line);
        self.open.clear();
        self.open.extend(is_member.then_some(Open::Object(None)));
        (self.close, self.place) = (None, None);
    }

    /// The string that begins here, without quotes; one that does not close runs to the end.
    fn string(&mut self, line: &[u8], eol: Option<u8>) -> Range<usize> {
        let from = match self.close {
            Some(Ok(close)) => return self.at + 1..close,
            Some(Err(searched)) => searched,
            None => self.at + 1,
        };
        let close = match eol {
            Some(eol) => close_on_line(line, from, eol),
            None => close(line, from),
        };
        self.close = Some(close);
        self.at + 1..close.unwrap_or(line.len())
    }

    /// The place that this string is.
    fn named(&mut self, line: &[u8], string: Range<usize>, is_key: bool) -> Place {
        let known = self.place.take().filter(|place| !is_key || place.field == string);
        let key = is_key.then_some(&string);
        let place = known.unwrap_or_else(|| {
            let (name, meaning) = self.names.of(line, &self.open, key);
            let place = Place::meant(string.clone(), name, meaning);
            Place { escapes: Escapes::Json, ..place }
        });
        let place = Place { field: string, ..place };
        self.place = Some(place.clone());
        place
    }

    /// Steps over a byte that is in no string.
    fn step(&mut self, byte: u8) {
        match byte {
            b'{' => self.open.push(Open::Object(None)),
            b'[' => self.open.push(Open::Array(0)),
            b'}' | b']' => {
                self.open.pop();
            }
            b',' => match self.open.last_mut() {
                Some(Open::Object(key)) => *key = None,
                Some(Open::Array(index)) => *index += 1,
                None => {}
            },
            _ => {}
        }
        self.at += 1;
    }
}

/// `None` where the line is no JSON up to the place.
///
/// Records of documents are read as lines are, but that they may hold line ends.
pub(super) fn place(around: &Surroundings<'_>, followed: &mut Followed) -> Option<Place> {
    let place = place_alone(around, followed);
    match around.within {
        Some(within) => place.map(|place| place.within(within.about)),
        None => place,
    }
}

fn place_alone(around: &Surroundings<'_>, followed: &mut Followed) -> Option<Place> {
    if !around.begins {
        return Some(far(around, followed));
    }
    let Range { start, end } = around.record;
    if followed.line != start || followed.at < start || around.at < followed.at {
        followed.begin(start, around.within.is_some_and(|within| within.is_member));
    }
    let line = &around.haystack[..end];
    while followed.at <= around.at && followed.at < end {
        if line[followed.at] == b'"' {
            let string = followed.string(line, around.within.map(|within| within.eol));
            let is_key = matches!(followed.open.last(), Some(Open::Object(None)));
            if around.at < string.end {
                return Some(followed.named(line, string, is_key));
            }
            if is_key && let Some(Open::Object(key)) = followed.open.last_mut() {
                *key = Some(string.clone());
            }
            // A line end is no quote.
            followed.at = string.end + usize::from(line.get(string.end) == Some(&b'"'));
            (followed.close, followed.place) = (None, None);
            continue;
        }
        // In no string: a number, a word, or white space.
        (followed.at < around.at).then_some(())?;
        followed.step(line[followed.at]);
    }
    None
}

/// The string that the record of a document holds under a key, both as they are written; the first
/// of them.
pub(super) fn member<'t>(text: &'t [u8], key: &[u8], within: Within) -> Option<&'t [u8]> {
    let (mut at, mut depth) = (0, usize::from(within.is_member));
    let mut is_object = within.is_member;
    // Whether the key whose value comes is the one.
    let mut is_wanted: Option<bool> = None;
    while at < text.len() {
        match text[at] {
            b'"' => {
                let end = close_on_line(text, at + 1, within.eol).unwrap_or(text.len());
                let string = &text[at + 1..end.max(at + 1)];
                // A line end is no quote.
                at = end - usize::from(text.get(end).is_some_and(|&byte| byte != b'"'));
                match is_wanted {
                    _ if depth != 1 || !is_object => {}
                    None => is_wanted = Some(string == key),
                    Some(true) => return Some(string),
                    Some(false) => {}
                }
            }
            byte @ (b'{' | b'[') => {
                if depth == 0 {
                    (is_object, is_wanted) = (byte == b'{', None);
                }
                depth += 1;
            }
            b'}' | b']' => depth = depth.saturating_sub(1),
            b',' if depth == 1 => is_wanted = None,
            _ => {}
        }
        at += 1;
    }
    None
}

/// The string around a place whose line begins too far away for a pointer.
///
/// The key right before it, or before the array of strings that holds it, still
/// says whether it is a secret.
fn far(around: &Surroundings<'_>, followed: &mut Followed) -> Place {
    let Range { start, end } = around.record;
    let line = &around.haystack[..end];
    // A floor within an escape shows quotes that are none.
    let is_clean = !matches!(line.get(start), Some(b'"' | b'\\'));
    let known = followed.far.take().filter(|far| is_clean && far.holds(around.at));
    let far = match known {
        Some(known) => known.from(line, start, around.at),
        None => Far::around(line, start, around.at),
    };
    let field = far.open.map_or(start, |open| open + 1)..far.close.unwrap_or(end);
    let mut text = Text::default();
    text.unescape_json(far.key.clone().map_or(&[], |key| &line[key]));
    let word = String::from_utf8_lossy(&text.bytes);
    let named = Place::named(field, "".into(), &[&word]);
    followed.far = is_clean.then_some(far);
    Place { escapes: Escapes::Json, name: None, is_too_long: true, ..named }
}
impl Far {
    fn around(line: &[u8], floor: usize, at: usize) -> Self {
        let open = quote_before(line, floor, at);
        let key = open.and_then(|open| key_before(line, floor, open));
        Self { open, key, close: quote_behind(line, floor, at), at }
    }

    /// Whether a later place stands between the same quotes.
    fn holds(&self, at: usize) -> bool {
        let (Ok(known) | Err(known)) = self.close;
        self.at <= at && at <= known
    }

    /// The same for a later place, which sees no further back than its own floor.
    fn from(self, line: &[u8], floor: usize, at: usize) -> Self {
        let open = self.open.filter(|open| *open >= floor);
        let key = self.key.filter(|key| open.is_some() && key.start > floor);
        let close = self.close.or_else(|known| quote_behind(line, floor, known));
        Self { open, key, close, at }
    }
}

/// The first quote from `at` on that opens or closes a string, or how far it was searched.
fn quote_behind(line: &[u8], floor: usize, at: usize) -> Result<usize, usize> {
    let mut at = at;
    while let Some(len) = line.get(at..).and_then(|rest| memchr(b'"', rest)) {
        if is_quote(line, floor, at + len) {
            return Ok(at + len);
        }
        at += len + 1;
    }
    Err(at.max(line.len()))
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

/// Where a string closes, searched from `from` on; `Err` is where to go on with the search.
fn close(line: &[u8], from: usize) -> Result<usize, usize> {
    let mut at = from;
    while let Some(len) = line.get(at..).and_then(|rest| memchr2(b'"', b'\\', rest)) {
        if line[at + len] == b'"' {
            return Ok(at + len);
        }
        at += len + 2;
    }
    Err(at.max(line.len()))
}

/// The same in a document, where a line end ends a string too.
fn close_on_line(line: &[u8], from: usize, eol: u8) -> Result<usize, usize> {
    let mut at = from;
    while let Some(len) = line.get(at..).and_then(|rest| memchr3(b'"', b'\\', eol, rest)) {
        at += len;
        if line[at] != b'\\' {
            return Ok(at);
        }
        at += if line.get(at + 1) == Some(&eol) { 1 } else { 2 };
    }
    Err(at.max(line.len()))
}

/// Names of strings by the keys above them: a feed has few of them, and many strings under each.
#[derive(Debug, Default)]
struct Names {
    known: HashMap<Box<[u8]>, (Arc<str>, Meaning)>,
    /// The keys and indexes above a string, each with its length before it.
    path: Vec<u8>,
}

/// Most names that are remembered. A feed may have a new one in each record.
const MAX_NAMES: usize = 256;

impl Names {
    fn of(
        &mut self,
        line: &[u8],
        open: &[Open],
        key: Option<&Range<usize>>,
    ) -> (Arc<str>, Meaning) {
        self.path.clear();
        let mut push = |bytes: &[u8], kind: u8| {
            self.path.push(kind);
            self.path.extend_from_slice(&bytes.len().to_le_bytes());
            self.path.extend_from_slice(bytes);
        };
        for part in open {
            match part {
                Open::Object(Some(key)) => push(&line[key.clone()], 0),
                Open::Object(None) => {}
                Open::Array(index) => push(&index.to_le_bytes(), 1),
            }
        }
        key.into_iter().for_each(|key| push(&line[key.clone()], 0));
        if let Some(known) = self.known.get(&*self.path) {
            return known.clone();
        }
        if self.known.len() == MAX_NAMES {
            self.known.clear();
        }
        let named = named(line, open, key);
        self.known.insert(self.path.as_slice().into(), named.clone());
        named
    }
}

/// The JSON pointer to a string, and what its keys say.
fn named(line: &[u8], open: &[Open], key: Option<&Range<usize>>) -> (Arc<str>, Meaning) {
    let mut pointer = String::new();
    let mut words = Vec::new();
    let mut text = Text::default();
    let mut add = |range: &Range<usize>, pointer: &mut String| {
        text.unescape_json(&line[range.clone()]);
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
    (pointer.into(), Meaning::of(&words))
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
                within: None,
                at: line.find(needle).unwrap_or_default(),
            };
            let place = place(&around, &mut Followed::default());
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
                within: None,
                at: line.find(needle).unwrap_or_default(),
            };
            let place =
                place(&around, &mut Followed::default()).expect("a place far away always has one");
            assert_eq!((&line[place.field], place.is_secret), (field, is_secret), "{needle}");
        }
    }
}
