//! What a hit copies of its record: fields that were asked for, or all of it, but never a secret.

use std::ops::Range;
use std::sync::Arc;

use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::Value;

use super::{Dialect, Format, credentials, is_secret};
use crate::fields::FieldNames;

/// What stands in the place of a secret.
const REDACTED: &str = "[redacted]";

/// What was copied of a record.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Copied {
    /// Fields that were asked for, with their text; what is no string in JSON is JSON.
    pub(crate) fields: Vec<(Arc<str>, String)>,
    /// The record, secrets redacted.
    pub(crate) record: Option<String>,
    /// The URL that the indicator is the host of.
    pub(crate) url: Option<String>,
    /// Whether the record is too long to be copied whole.
    pub(crate) is_cut: bool,
}

impl Dialect {
    /// The fields of a whole record that were asked for.
    pub(crate) fn kept(&self, record: &[u8], names: &FieldNames) -> Vec<(Arc<str>, String)> {
        match (self.format, &self.csv) {
            (format, _) if format.is_json() => {
                let Ok(value) = serde_json::from_str(&String::from_utf8_lossy(record)) else {
                    return Vec::new();
                };
                let text = |name: &Arc<str>| Some((name.clone(), text_at(&value, name)?));
                names.iter().filter_map(text).collect()
            }
            (_, Some(csv)) => {
                let cells = csv.cells(record, self.eol);
                let text = |name: &Arc<str>| {
                    let at = csv.column(name).filter(|column| !csv.is_secret(*column))?;
                    Some((name.clone(), cells.get(at)?.clone()))
                };
                names.iter().filter_map(text).collect()
            }
            _ => Vec::new(),
        }
    }

    /// A whole record as text, its secrets redacted; `None` where it cannot be told what is one.
    pub(crate) fn redacted(&self, record: &[u8]) -> Option<String> {
        let text = String::from_utf8_lossy(record);
        match (self.format, &self.csv) {
            (Format::Ndjson | Format::Json | Format::Stix | Format::Misp, _) => {
                redacted_json(&text)
            }
            (Format::Credentials, _) => {
                let secret = credentials::secret(record);
                Some(without(record, secret.as_slice()))
            }
            (_, Some(csv)) => Some(without(record, &csv.secrets(record, self.eol))),
            // A format that comes to these has to say where its secrets are.
            (
                Format::Auto
                | Format::Text
                | Format::List
                | Format::Csv
                | Format::Tsv
                | Format::Hosts
                | Format::Adblock
                | Format::Dnsmasq
                | Format::Unbound
                | Format::Bind
                | Format::Rpz
                | Format::Rbldnsd
                | Format::P2p
                | Format::Zeek
                | Format::Suricata,
                None,
            ) => Some(text.into_owned()),
        }
    }

    /// Whether any record of the feed may hold a secret that only a whole record tells.
    pub(crate) fn may_hold_secrets(&self) -> bool {
        match &self.csv {
            Some(csv) => csv.has_secrets(),
            None => self.format.is_json() || self.format == Format::Credentials,
        }
    }
}

/// A record as text, without some of its bytes.
fn without(record: &[u8], secrets: &[Range<usize>]) -> String {
    let mut text = Vec::new();
    let mut done = 0;
    for secret in secrets.iter().filter(|secret| !secret.is_empty()) {
        text.extend_from_slice(&record[done..secret.start]);
        text.extend_from_slice(REDACTED.as_bytes());
        done = secret.end;
    }
    text.extend_from_slice(&record[done..]);
    String::from_utf8_lossy(&text).into_owned()
}

/// The text at a pointer, with what is secret in an object redacted.
fn text_at(value: &Value, pointer: &str) -> Option<String> {
    Some(match value.pointer(pointer)? {
        Value::String(text) => text.clone(),
        other => {
            let mut other = other.clone();
            redact(&mut other);
            other.to_string()
        }
    })
}

/// JSON as it is written where it holds no secret, else with its members in another order.
fn redacted_json(text: &str) -> Option<String> {
    match serde_json::from_str::<HasSecret>(text) {
        Ok(HasSecret(false)) => Some(text.to_owned()),
        Ok(HasSecret(true)) => {
            let mut value: Value = serde_json::from_str(text).ok()?;
            redact(&mut value);
            Some(value.to_string())
        }
        // An escape may hide the name of a secret.
        Err(_) => (!text.contains('\\') && !is_secret(text)).then(|| text.to_owned()),
    }
}

fn redact(value: &mut Value) {
    match value {
        Value::Object(members) => {
            for (key, value) in members {
                match is_secret(key) {
                    true => *value = REDACTED.into(),
                    false => redact(value),
                }
            }
        }
        Value::Array(elements) => elements.iter_mut().for_each(redact),
        _ => {}
    }
}

/// Whether any key of some JSON is that of a secret. Of keys that occur twice, a tree holds one.
struct HasSecret(bool);

impl<'de> Deserialize<'de> for HasSecret {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Keys).map(Self)
    }
}

struct Keys;

impl<'de> Visitor<'de> for Keys {
    type Value = bool;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("any JSON")
    }

    fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<bool, M::Error> {
        let mut has_secret = false;
        while let Some(key) = map.next_key::<String>()? {
            if is_secret(&key) {
                has_secret = true;
                map.next_value::<IgnoredAny>()?;
            } else {
                has_secret |= map.next_value::<HasSecret>()?.0;
            }
        }
        Ok(has_secret)
    }

    fn visit_seq<S: SeqAccess<'de>>(self, mut seq: S) -> Result<bool, S::Error> {
        let mut has_secret = false;
        while let Some(element) = seq.next_element::<HasSecret>()? {
            has_secret |= element.0;
        }
        Ok(has_secret)
    }

    fn visit_bool<E>(self, _: bool) -> Result<bool, E> {
        Ok(false)
    }

    fn visit_i64<E>(self, _: i64) -> Result<bool, E> {
        Ok(false)
    }

    fn visit_u64<E>(self, _: u64) -> Result<bool, E> {
        Ok(false)
    }

    fn visit_f64<E>(self, _: f64) -> Result<bool, E> {
        Ok(false)
    }

    fn visit_str<E>(self, _: &str) -> Result<bool, E> {
        Ok(false)
    }

    fn visit_unit<E>(self) -> Result<bool, E> {
        Ok(false)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_of_json_are_redacted() {
        for (text, expected) in [
            (r#"{"b":1, "a":"x"}"#, Some(r#"{"b":1, "a":"x"}"#)),
            (r#"{"u":"x","pw":"y"}"#, Some(r#"{"pw":"[redacted]","u":"x"}"#)),
            (r#"{"u":[{"api_token":{"a":1}}]}"#, Some(r#"{"u":[{"api_token":"[redacted]"}]}"#)),
            (r#"{"p\u0077":"y"}"#, Some(r#"{"pw":"[redacted]"}"#)),
            (r#"{"a":{"pw":"y"},"a":1}"#, Some(r#"{"a":1}"#)),
            (r#"{"a":1"#, Some(r#"{"a":1"#)),
            (r#"{"pw":"y"#, None),
            (r#"{"p\u0077":"y"#, None),
        ] {
            assert_eq!(redacted_json(text).as_deref(), expected, "{text}");
        }
    }
}
