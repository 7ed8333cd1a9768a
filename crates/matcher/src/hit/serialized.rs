//! Hits for serde: the keys of [`Hit::write_json`], in that order.

use std::fmt;

use feedsieve_core::SCHEMA;
use serde::de::{Deserialize, Deserializer, Error, SeqAccess, Visitor};
use serde::ser::{Serialize, SerializeMap, SerializeStruct, Serializer};

use super::{Also, Flags, Hit};

/// With the keys of the command's NDJSON; what is empty is left out, as there.
///
/// To write JSON, [`Hit::write_json`] is some four times as fast.
impl Serialize for Hit<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        // Formats that want the number of members beforehand get a map, of which it may be unknown.
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("schema", &SCHEMA)?;
        map.serialize_entry("feed", self.feed)?;
        map.serialize_entry("line", &self.line)?;
        map.serialize_entry("offset", &self.offset)?;
        map.serialize_entry("length", &self.length)?;
        map.serialize_entry("at", &self.at)?;
        map.serialize_entry("field", &self.field)?;
        map.serialize_entry("role", &self.role)?;
        map.serialize_entry("kind", &self.kind)?;
        map.serialize_entry("indicator", self.indicator)?;
        map.serialize_entry("relation", &self.relation)?;
        map.serialize_entry("participant", self.participant)?;
        map.serialize_entry("asset", self.asset)?;
        map.serialize_entry("asset_kind", &self.asset_kind)?;
        known(&mut map, "time", self.time)?;
        known(&mut map, "port", self.port)?;
        known(&mut map, "protocol", self.protocol)?;
        known(&mut map, "tag", self.tag)?;
        known(&mut map, "side", self.side)?;
        known(&mut map, "raw", self.raw)?;
        known(&mut map, "flags", (!self.flags.is_empty()).then_some(self.flags))?;
        known(&mut map, "also", (!self.also.is_empty()).then_some(self.also))?;
        let is_more = self.also_count > self.also.len() as u64;
        known(&mut map, "also_count", is_more.then_some(self.also_count))?;
        known(&mut map, "label", self.label)?;
        known(&mut map, "data", (!self.data.is_empty()).then_some(Data(self)))?;
        known(&mut map, "record", self.record)?;
        map.end()
    }
}

fn known<M: SerializeMap>(
    map: &mut M,
    key: &'static str,
    value: Option<impl Serialize>,
) -> Result<(), M::Error> {
    value.map_or(Ok(()), |value| map.serialize_entry(key, &value))
}

/// The fields that were kept, as an object.
struct Data<'h>(&'h Hit<'h>);

impl Serialize for Data<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.data.iter().map(|(name, text)| (&**name, text)))
    }
}

impl Serialize for Also<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut also = serializer.serialize_struct("Also", 5)?;
        also.serialize_field("at", &self.at)?;
        also.serialize_field("field", &self.field)?;
        also.serialize_field("role", &self.role)?;
        also.serialize_field("indicator", self.indicator)?;
        also.serialize_field("relation", &self.relation)?;
        also.end()
    }
}

/// As an array of their names.
impl Serialize for Flags {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.names())
    }
}

/// From an array of their names; a name that is none is an error.
impl<'de> Deserialize<'de> for Flags {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_seq(Names)
    }
}

struct Names;

impl<'de> Visitor<'de> for Names {
    type Value = Flags;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array of names of flags")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut names: A) -> Result<Flags, A::Error> {
        let mut flags = Flags::NONE;
        while let Some(name) = names.next_element::<std::borrow::Cow<'de, str>>()? {
            let bit = Flags::NAMES.iter().position(|known| *known == name);
            let bit = bit.ok_or_else(|| A::Error::unknown_variant(&name, &Flags::NAMES))?;
            flags = flags.with(Flags(1 << bit));
        }
        Ok(flags)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flags_are_arrays_of_their_names() {
        for bits in 0..1 << Flags::NAMES.len() {
            let flags = Flags(bits);
            let text = serde_json::to_string(&flags).expect("names");
            assert_eq!(serde_json::from_str::<Flags>(&text).expect("names"), flags);
        }
        assert_eq!(
            serde_json::to_string(&Flags::DEFANGED.with(Flags::LOSSY)).expect("names"),
            r#"["defanged","lossy"]"#
        );
        for other in [r#"["Defanged"]"#, r#""defanged""#, "[1]", "1", "null"] {
            assert!(serde_json::from_str::<Flags>(other).is_err(), "{other}");
        }
    }
}
