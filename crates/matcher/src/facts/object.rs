//! The members of JSON objects beside and around a string.
//!
//! Of what is found around a string, the members of the innermost object come first, as they say
//! it of fewer things. A member of a member is asked too, as in `{"time":{"source":…}}`; the
//! elements of an array are not, since they say it of one another.

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::Number;

use super::judged::Judged;
use super::{Beside, Fact, Facts, JudgedNames};

/// A record that is JSON.
#[derive(Debug)]
pub(crate) struct Object<'r>(Value<'r>);

impl<'r> Object<'r> {
    /// `None` where the record is no JSON.
    pub(crate) fn parse(record: &'r [u8]) -> Option<Self> {
        match String::from_utf8_lossy(record) {
            Cow::Borrowed(text) => serde_json::from_str(text).ok().map(Self),
            Cow::Owned(text) => {
                let value: Value<'_> = serde_json::from_str(&text).ok()?;
                Some(Self(value.into_owned()))
            }
        }
    }

    /// The facts beside the string at `pointer` (RFC 6901).
    pub(super) fn facts(&self, pointer: &str, is_addr: bool, names: &mut JudgedNames) -> Facts {
        let way = Way::to(pointer, &self.0);
        let mut facts = Facts::default();
        for (object, keys) in way.objects.iter().rev() {
            let beside = members(object, names);
            facts.add(&beside.facts);
            facts.port =
                facts.port.or_else(|| names.port_of(&beside.ports, &joined(&way.keys[*keys..])));
        }
        let mut suffixes = (0..way.keys.len()).rev().map(|from| joined(&way.keys[from..]));
        facts.side = suffixes.find_map(|name| names.side(&name, is_addr));
        facts
    }
}

/// Keys as one name.
fn joined<'k>(keys: &'k [Cow<'_, str>]) -> Cow<'k, str> {
    match keys {
        [key] => Cow::Borrowed(key),
        keys => Cow::Owned(keys.join(".")),
    }
}

/// JSON as far as facts are told by it, in the bytes of its record where they need no unescaping.
#[derive(Debug)]
enum Value<'r> {
    String(Cow<'r, str>),
    Number(Number),
    Array(Vec<Self>),
    /// In the order of the keys; of one that occurs twice, the last.
    Object(Vec<(Cow<'r, str>, Self)>),
    /// `null`, `true` or `false`.
    Other,
}

impl Value<'_> {
    fn into_owned(self) -> Value<'static> {
        let owned = |text: Cow<'_, str>| Cow::Owned(text.into_owned());
        match self {
            Self::String(text) => Value::String(owned(text)),
            Self::Number(number) => Value::Number(number),
            Self::Array(elements) => {
                Value::Array(elements.into_iter().map(Value::into_owned).collect())
            }
            Self::Object(members) => {
                let member = |(key, value): (_, Self)| (owned(key), value.into_owned());
                Value::Object(members.into_iter().map(member).collect())
            }
            Self::Other => Value::Other,
        }
    }

    fn as_str(&self) -> Option<&str> {
        match self {
            Self::String(text) => Some(text),
            _ => None,
        }
    }
}

impl<'de: 'r, 'r> Deserialize<'de> for Value<'r> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(AnyValue)
    }
}

/// A string that is borrowed where that is possible.
struct Text<'r>(Cow<'r, str>);

impl<'de: 'r, 'r> Deserialize<'de> for Text<'r> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match deserializer.deserialize_str(AnyValue)? {
            Value::String(text) => Ok(Self(text)),
            _ => Err(serde::de::Error::custom("a key is a string")),
        }
    }
}

struct AnyValue;

impl<'de> Visitor<'de> for AnyValue {
    type Value = Value<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any JSON")
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Value<'de>, E> {
        Ok(Value::String(Cow::Borrowed(text)))
    }

    fn visit_str<E>(self, text: &str) -> Result<Value<'de>, E> {
        Ok(Value::String(Cow::Owned(text.to_owned())))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Value<'de>, E> {
        Ok(Value::Number(number.into()))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Value<'de>, E> {
        Ok(Value::Number(number.into()))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Value<'de>, E> {
        Ok(Number::from_f64(number).map_or(Value::Other, Value::Number))
    }

    fn visit_bool<E>(self, _: bool) -> Result<Value<'de>, E> {
        Ok(Value::Other)
    }

    fn visit_unit<E>(self) -> Result<Value<'de>, E> {
        Ok(Value::Other)
    }

    fn visit_seq<S: SeqAccess<'de>>(self, mut seq: S) -> Result<Value<'de>, S::Error> {
        let mut elements = Vec::new();
        while let Some(element) = seq.next_element()? {
            elements.push(element);
        }
        Ok(Value::Array(elements))
    }

    fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Value<'de>, M::Error> {
        let mut members: Vec<(Cow<'de, str>, Value<'de>)> = Vec::with_capacity(8);
        while let Some((Text(key), value)) = map.next_entry()? {
            members.push((key, value));
        }
        // Among equal keys the last comes first, and is kept.
        members.reverse();
        members.sort_by(|(a, _), (b, _)| a.cmp(b));
        members.dedup_by(|(later, _), (kept, _)| later == kept);
        Ok(Value::Object(members))
    }
}

/// The way from the root of a record to one of its strings.
struct Way<'v, 'p> {
    /// The members of the objects on it, the root first, each with the number of keys before it.
    objects: Vec<(&'v Members<'v>, usize)>,
    /// The keys on it, without the indexes of arrays.
    keys: Vec<Cow<'p, str>>,
}

type Members<'r> = [(Cow<'r, str>, Value<'r>)];

impl<'v, 'p> Way<'v, 'p> {
    fn to(pointer: &'p str, root: &'v Value<'v>) -> Self {
        let mut way = Self { objects: Vec::new(), keys: Vec::new() };
        let mut value = Some(root);
        for part in pointer.split('/').skip(1) {
            let part = match part.contains('~') {
                true => Cow::Owned(part.replace("~1", "/").replace("~0", "~")),
                false => Cow::Borrowed(part),
            };
            value = match value {
                Some(Value::Object(members)) => {
                    way.objects.push((members, way.keys.len()));
                    let known = members.binary_search_by(|(key, _)| key.as_ref().cmp(&part));
                    way.keys.push(part);
                    known.ok().map(|at| &members[at].1)
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
fn members(object: &Members<'_>, names: &mut JudgedNames) -> Beside {
    let mut beside = Beside::default();
    for (key, value) in object {
        let judged = names.of(key);
        if judged.is_secret {
            continue;
        }
        match (value, judged.fact) {
            (Value::Object(inner), _) => {
                for (inner_key, value) in inner {
                    let name = format!("{key}.{inner_key}");
                    // The key before the dot was no secret, so only that behind it may be one.
                    let &Judged { is_secret, fact, .. } = names.of(&name);
                    if let Some(said) = fact.filter(|_| !is_secret) {
                        offer(&mut beside, said, &name, value);
                    }
                }
            }
            (value, Some(said)) => offer(&mut beside, said, key, value),
            _ => {}
        }
    }
    beside
}

fn offer(beside: &mut Beside, said: (Fact, usize), name: &str, value: &Value<'_>) {
    let text = match value {
        Value::String(text) => Cow::Borrowed(text.as_ref()),
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
