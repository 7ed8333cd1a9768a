//! MISP: events, attributes and warninglists as JSON documents.
//!
//! An attribute of two parts (`domain|ip`, `ip-dst|port`) is two fields, a port that of what stands
//! before it. Comments, links and the
//! `refs` of galaxies say where something came from.

use super::{Followed, Place, Surroundings, ndjson};
use crate::hit::Role;

/// The field around a place.
pub(super) fn place(around: &Surroundings<'_>, followed: &mut Followed) -> Option<Place> {
    let place = ndjson::place(around, &mut followed.ndjson)?;
    let Some(name) = &place.name else { return Some(place) };
    if name.split('/').any(|key| key == "comment" || key == "refs") {
        return Some(Place { role: Some(Role::Reference), ..place });
    }
    if &**name != "/value" {
        return Some(place);
    }
    let kind = followed.attribute.kind(around);
    if kind == Kind::Reference {
        return Some(Place { role: Some(Role::Reference), ..place });
    }
    let (field, at) = (&place.field, around.at);
    let Kind::Parts { has_port } = kind else { return Some(place) };
    if !field.contains(&at) {
        return Some(place);
    }
    let is_bar = |byte: &u8| *byte == b'|';
    let before = around.haystack[field.start..at].iter().rposition(is_bar);
    let behind = around.haystack[at..field.end].iter().position(is_bar);
    let start = before.map_or(field.start, |len| field.start + len + 1);
    let end = behind.map_or(field.end, |len| at + len);
    let is_first = before.is_none() && end < field.end;
    let behind = &around.haystack[end..field.end];
    let port = (has_port && is_first).then(|| port(&behind[1..])).flatten();
    Some(Place { field: start..end, port, ..place })
}

/// The port that is written in digits and nothing else.
fn port(text: &[u8]) -> Option<u16> {
    let digits = str::from_utf8(text).ok()?;
    digits.parse().ok().filter(|_| text.iter().all(u8::is_ascii_digit))
}

/// The attribute of the last place.
#[derive(Debug, Default)]
pub(super) struct Attribute {
    /// Where it begins, and what its type and category say, once all of that was seen.
    start: usize,
    kind: Option<Kind>,
}

/// What the value of an attribute is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Plain,
    /// Where something came from.
    Reference,
    /// Two values with a bar between them, of which the last may be a port.
    Parts {
        has_port: bool,
    },
}

impl Attribute {
    fn kind(&mut self, around: &Surroundings<'_>) -> Kind {
        let record = around.record.clone();
        if self.start != record.start {
            *self = Self { start: record.start, kind: None };
        }
        if let Some(kind) = self.kind {
            return kind;
        }
        let text = &around.haystack[record];
        let Some(within) = around.within else { return Kind::Plain };
        let kind = match ndjson::member(text, b"type", within) {
            Some(b"link" | b"comment") => Kind::Reference,
            _ if ndjson::member(text, b"category", within) == Some(b"Internal reference") => {
                Kind::Reference
            }
            Some(name) if name.contains(&b'|') => {
                Kind::Parts { has_port: name.ends_with(b"|port") }
            }
            _ => Kind::Plain,
        };
        // Of a long record, more may come into sight.
        self.kind = around.ends.then_some(kind);
        kind
    }
}
