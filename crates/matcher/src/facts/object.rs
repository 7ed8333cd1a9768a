//! The members of JSON objects beside and around a string.
//!
//! Of what is found around a string, the members of the innermost object come first, as they say
//! it of fewer things. A member of a member is asked too, as in `{"time":{"source":…}}`; the
//! elements of an array are not, since they say it of one another.

use std::borrow::Cow;

use serde_json::{Map, Value};

use super::{Beside, Fact, Facts, fact, side};
use crate::format::is_secret;

/// A record that is JSON.
#[derive(Debug)]
pub(crate) struct Object(Value);

impl Object {
    /// `None` where the record is no JSON.
    pub(crate) fn parse(record: &[u8]) -> Option<Self> {
        serde_json::from_str(&String::from_utf8_lossy(record)).ok().map(Self)
    }

    /// The facts beside the string at `pointer` (RFC 6901).
    pub(super) fn facts(&self, pointer: &str, is_addr: bool) -> Facts {
        let way = Way::to(pointer, &self.0);
        let mut facts = Facts::default();
        for (object, keys) in way.objects.iter().rev() {
            let beside = members(object);
            facts.add(&beside.facts);
            facts.port = facts.port.or_else(|| beside.port_of(&way.keys[*keys..].join(".")));
        }
        let names = (0..way.keys.len()).rev().map(|from| way.keys[from..].join("."));
        facts.side = names.into_iter().find_map(|name| side(&name, is_addr));
        facts
    }
}

/// The way from the root of a record to one of its strings.
struct Way<'v> {
    /// The objects on it, the root first, each with the number of keys before it.
    objects: Vec<(&'v Map<String, Value>, usize)>,
    /// The keys on it, without the indexes of arrays.
    keys: Vec<String>,
}

impl<'v> Way<'v> {
    fn to(pointer: &str, root: &'v Value) -> Self {
        let mut way = Self { objects: Vec::new(), keys: Vec::new() };
        let mut value = Some(root);
        for part in pointer.split('/').skip(1) {
            let part = part.replace("~1", "/").replace("~0", "~");
            value = match value {
                Some(Value::Object(object)) => {
                    way.objects.push((object, way.keys.len()));
                    let member = object.get(&part);
                    way.keys.push(part);
                    member
                }
                Some(Value::Array(elements)) => {
                    part.parse().ok().and_then(|index: usize| elements.get(index))
                }
                // Of keys that occur twice, the last counts, and this may be the first.
                _ => break,
            };
        }
        way
    }
}

/// The members of an object that may say a fact, and theirs.
fn members(object: &Map<String, Value>) -> Beside {
    let mut beside = Beside::default();
    for (key, value) in object.iter().filter(|(key, _)| !is_secret(key)) {
        match value {
            Value::Object(inner) => {
                for (inner_key, value) in inner.iter().filter(|(key, _)| !is_secret(key)) {
                    offer(&mut beside, &format!("{key}.{inner_key}"), value);
                }
            }
            value => offer(&mut beside, key, value),
        }
    }
    beside
}

fn offer(beside: &mut Beside, name: &str, value: &Value) {
    let Some(said) = fact(name) else { return };
    let text = match value {
        Value::String(text) => Cow::Borrowed(text.as_str()),
        Value::Number(number) => Cow::Owned(number.to_string()),
        Value::Array(elements) if said.0 == Fact::Tag => {
            let texts = elements.iter().filter_map(Value::as_str);
            let texts: Vec<&str> = texts.filter(|text| !text.trim().is_empty()).collect();
            Cow::Owned(texts.join(","))
        }
        _ => return,
    };
    beside.offer(said, name, &text);
}
