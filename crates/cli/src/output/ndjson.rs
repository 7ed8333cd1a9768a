//! A hit as one JSON object, its keys in the order that the documentation gives.

use std::sync::Arc;

use feedsieve::{Also, Flags, Hit, Side};
use serde::{Serialize, Serializer};

use super::SCHEMA;
use crate::json;

/// Appends a hit as a line.
pub(crate) fn hit(to: &mut Vec<u8>, hit: &Hit<'_>) {
    json::write_line(to, &Line::of(hit));
}

#[derive(Serialize)]
struct Line<'a> {
    schema: u32,
    feed: &'a str,
    line: u64,
    offset: u64,
    length: u64,
    at: u64,
    field: Option<&'a str>,
    role: &'static str,
    kind: &'static str,
    indicator: &'a str,
    relation: &'static str,
    participant: &'a str,
    asset: &'a str,
    asset_kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    time: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    port: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    protocol: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tag: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    side: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    raw: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    flags: Option<Names>,
    #[serde(skip_serializing_if = "<[Also]>::is_empty", serialize_with = "evidences")]
    also: &'a [Also],
    /// Only where `also` does not hold all of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    also_count: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    label: Option<&'a str>,
    #[serde(skip_serializing_if = "<[_]>::is_empty", serialize_with = "copies")]
    data: &'a [(Arc<str>, String)],
    #[serde(skip_serializing_if = "Option::is_none")]
    record: Option<&'a str>,
}

impl<'a> Line<'a> {
    fn of(hit: &Hit<'a>) -> Self {
        Self {
            schema: SCHEMA,
            feed: hit.feed,
            line: hit.line,
            offset: hit.offset,
            length: hit.length,
            at: hit.at,
            field: hit.field,
            role: hit.role.name(),
            kind: hit.kind.name(),
            indicator: hit.indicator,
            relation: hit.relation.name(),
            participant: hit.participant,
            asset: hit.asset,
            asset_kind: hit.asset_kind.name(),
            time: hit.time,
            port: hit.port,
            protocol: hit.protocol,
            tag: hit.tag,
            side: hit.side.map(Side::name),
            raw: hit.raw,
            flags: (!hit.flags.is_empty()).then_some(Names(hit.flags)),
            also: hit.also,
            also_count: (hit.also_count > hit.also.len() as u64).then_some(hit.also_count),
            label: hit.label,
            data: hit.data,
            record: hit.record,
        }
    }
}

/// Flags as an array of their names.
pub(super) struct Names(pub(super) Flags);

impl Serialize for Names {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.names())
    }
}

fn copies<S: Serializer>(fields: &[(Arc<str>, String)], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_map(fields.iter().map(|(name, text)| (&**name, text)))
}

fn evidences<S: Serializer>(also: &[Also], serializer: S) -> Result<S::Ok, S::Error> {
    #[derive(Serialize)]
    struct Evidence<'a> {
        at: u64,
        field: Option<&'a str>,
        role: &'static str,
        indicator: &'a str,
        relation: &'static str,
    }
    serializer.collect_seq(also.iter().map(|evidence| Evidence {
        at: evidence.at,
        field: evidence.field.as_deref(),
        role: evidence.role.name(),
        indicator: &evidence.indicator,
        relation: evidence.relation.name(),
    }))
}
