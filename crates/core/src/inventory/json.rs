//! JSON, an array of objects, and NDJSON, an object a line.

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::InventoryError;
use super::load::Loader;
use super::row::{Column, Refused, Row};
use super::shown::Shown;
use super::text::{Text, line_end};

const EXPECTED_OBJECT: &str = "an object with participant, kind and value";

pub(super) fn load_array(text: &Text, loader: &mut Loader) -> Result<(), InventoryError> {
    let bytes = text.bytes();
    let mut at = text.content_start();
    if bytes.get(at) != Some(&b'[') {
        return Err(text.syntax(at, "no JSON array", "an array of objects"));
    }
    at = skip_blanks(bytes, at + 1);
    let mut is_first = true;
    while bytes.get(at) != Some(&b']') || !is_first {
        let end = at
            + element_bytes(&bytes[at..]).map_err(|(offset, why)| {
                text.syntax(
                    at + offset,
                    format!("JSON that cannot be read: {why}"),
                    EXPECTED_OBJECT,
                )
            })?;
        load_object(loader, &bytes[at..end], at);
        is_first = false;
        at = skip_blanks(bytes, end);
        match bytes.get(at) {
            Some(b',') => at = skip_blanks(bytes, at + 1),
            Some(b']') => break,
            _ => {
                return Err(text.syntax(
                    at,
                    "an array that goes on without a comma",
                    "a comma or ]",
                ));
            }
        }
    }
    match skip_blanks(bytes, at + 1) {
        end if end == bytes.len() => Ok(()),
        more => Err(text.syntax(more, "text behind the array", "one array and nothing else")),
    }
}

pub(super) fn load_lines(text: &Text, loader: &mut Loader) {
    let bytes = text.bytes();
    let mut at = 0;
    while at < bytes.len() {
        let end = line_end(bytes, at);
        let start = skip_blanks(&bytes[..end], at);
        if start < end && bytes[start] != b'#' {
            load_object(loader, &bytes[start..end], start);
        }
        at = end + 1;
    }
}

fn skip_blanks(bytes: &[u8], at: usize) -> usize {
    let rest = bytes.get(at..).unwrap_or_default();
    at + rest.iter().take_while(|byte| byte.is_ascii_whitespace()).count()
}

/// How long the JSON value at the start is, or where and why there is none.
fn element_bytes(bytes: &[u8]) -> Result<usize, (usize, String)> {
    let mut values = serde_json::Deserializer::from_slice(bytes).into_iter::<IgnoredAny>();
    match values.next() {
        Some(Ok(_)) => Ok(values.byte_offset()),
        Some(Err(error)) => Err((error_offset(bytes, &error), reason(&error))),
        None => Err((bytes.len(), "the array is not closed".to_owned())),
    }
}

/// Loads the object that is all of `element`, which begins at `start` of the text.
fn load_object(loader: &mut Loader, element: &[u8], start: usize) {
    if element.first() != Some(&b'{') {
        let found = "an element that is no object";
        return loader.reject(start, Refused::new(Column::Value, found, EXPECTED_OBJECT));
    }
    let fields = match serde_json::from_slice::<Fields<'_>>(element) {
        Ok(fields) => fields,
        Err(error) => {
            let found = format!("JSON that cannot be read: {}", reason(&error));
            let refused = Refused::new(Column::Value, found, EXPECTED_OBJECT);
            return loader.reject(start + error_offset(element, &error), refused);
        }
    };
    let mut row = Row::default();
    for (column, cell) in &fields.0 {
        let Some(cell) = cell else { continue };
        match cell {
            Cell::Text(text) => row.set(*column, text),
            Cell::Null => {}
            Cell::Other(what) => {
                let found = format!("{column} is {what}");
                let refused = Refused::new(*column, found, "a string");
                return loader.reject(start, refused);
            }
            Cell::Twice => {
                let found = format!("the key {column} twice");
                let refused = Refused::new(*column, found, "every key once");
                return loader.reject(start, refused);
            }
        }
    }
    loader.load(&row, |wanted| {
        let cell = fields.0.iter().find(|(column, _)| *column == wanted);
        match cell {
            Some((_, Some(Cell::Text(Cow::Borrowed(text))))) => {
                offset_within(element, text).map_or(start, |offset| start + offset)
            }
            _ => start,
        }
    });
}

/// Where in `element` a string that serde borrowed from it stands, with its quote.
///
/// A string with escapes is not borrowed; then the place is that of the object.
pub(super) fn offset_within(element: &[u8], text: &str) -> Option<usize> {
    let offset = text.as_ptr().addr().checked_sub(element.as_ptr().addr())?;
    (offset < element.len()).then(|| offset.saturating_sub(1))
}

/// serde_json's message without its line and column, which are those of one element.
pub(super) fn reason(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let end = text.rfind(" at line ").unwrap_or(text.len());
    Shown(&text[..end]).to_string()
}

/// The offset of the line and column, both from 1, that an error tells.
pub(super) fn error_offset(bytes: &[u8], error: &serde_json::Error) -> usize {
    let before = error.line().saturating_sub(1);
    let mut at = 0;
    for _ in 0..before {
        at = (line_end(bytes, at) + 1).min(bytes.len());
    }
    (at + error.column().saturating_sub(1)).min(bytes.len())
}

/// The keys of an object that are columns of ours.
struct Fields<'a>([(Column, Option<Cell<'a>>); 6]);

enum Cell<'a> {
    Text(Cow<'a, str>),
    Null,
    /// Something else than a string: what.
    Other(&'static str),
    /// The key stood twice, and the two values may differ.
    Twice,
}

impl<'de> Deserialize<'de> for Fields<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Object;
        impl<'de> Visitor<'de> for Object {
            type Value = Fields<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(EXPECTED_OBJECT)
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Fields<'de>, A::Error> {
                let mut fields = Column::ALL.map(|column| (column, None));
                while let Some(Key(column)) = map.next_key()? {
                    let slot = fields.iter_mut().find(|(other, _)| Some(*other) == column);
                    let Some((_, slot)) = slot else {
                        map.next_value::<IgnoredAny>()?;
                        continue;
                    };
                    let cell = map.next_value()?;
                    *slot = Some(if slot.is_some() { Cell::Twice } else { cell });
                }
                Ok(Fields(fields))
            }
        }
        deserializer.deserialize_map(Object)
    }
}

/// A key, as the column that it names.
struct Key(Option<Column>);

impl<'de> Deserialize<'de> for Key {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Name;
        impl Visitor<'_> for Name {
            type Value = Key;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a key")
            }

            fn visit_str<E>(self, name: &str) -> Result<Key, E> {
                Ok(Key(Column::named(name)))
            }
        }
        deserializer.deserialize_str(Name)
    }
}

impl<'de> Deserialize<'de> for Cell<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Any;
        impl<'de> Visitor<'de> for Any {
            type Value = Cell<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a value")
            }

            fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
                Ok(Cell::Text(Cow::Borrowed(text)))
            }

            fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
                Ok(Cell::Text(Cow::Owned(text.to_owned())))
            }

            fn visit_unit<E>(self) -> Result<Self::Value, E> {
                Ok(Cell::Null)
            }

            fn visit_bool<E>(self, _: bool) -> Result<Self::Value, E> {
                Ok(Cell::Other("true or false"))
            }

            fn visit_i64<E>(self, _: i64) -> Result<Self::Value, E> {
                Ok(Cell::Other("a number"))
            }

            fn visit_u64<E>(self, _: u64) -> Result<Self::Value, E> {
                Ok(Cell::Other("a number"))
            }

            fn visit_f64<E>(self, _: f64) -> Result<Self::Value, E> {
                Ok(Cell::Other("a number"))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
                while seq.next_element::<IgnoredAny>()?.is_some() {}
                Ok(Cell::Other("an array"))
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
                Ok(Cell::Other("an object"))
            }
        }
        deserializer.deserialize_any(Any)
    }
}
