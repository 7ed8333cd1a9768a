//! A hit as a struct of C, whose pointers lead into the hit of the library.

use feedsieve::Flags;

use crate::borrow::Str;

/// A record in which an indicator concerns an asset of a participant. Its words are those of
/// `feedsieve scan -o ndjson`. A later release may add members behind the last.
#[repr(C)]
pub struct Hit {
    /// The feed: its path, or the name that it was given.
    pub feed: Str,
    /// The physical line on which the record begins, from 1.
    pub line: u64,
    /// Offset of the record's first byte.
    pub offset: u64,
    /// Bytes of the record without its line end.
    pub length: u64,
    /// Offset of the evidence's first byte.
    pub at: u64,
    /// The column ("col1" without a header), the JSON pointer, or NULL.
    pub field: Str,
    /// Where the evidence stood: "indicator", "url-host", "email", "url-email", "rdns", "text", ...
    pub role: Str,
    /// What the indicator is: "ipv4", "ipv6", "prefix", "range", "domain", "email" or "keyword".
    pub kind: Str,
    /// The indicator in canonical form.
    pub indicator: Str,
    /// How it lies to the asset: "equal", "inside", "covers", "overlaps", "subdomain" or "mention".
    pub relation: Str,
    /// The participant's id.
    pub participant: Str,
    /// Through whom the participant is reached, or NULL.
    pub group: Str,
    /// The asset in canonical form.
    pub asset: Str,
    /// What the asset is: "prefix", "range", "domain", "domain_exact", "email_domain", "email" or
    /// "keyword".
    pub asset_kind: Str,
    /// What the participant calls the asset, or NULL.
    pub label: Str,
    /// When it was seen (RFC 3339, UTC), or NULL.
    pub time: Str,
    /// The port, or -1.
    pub port: i32,
    /// The protocol in lower case, or NULL.
    pub protocol: Str,
    /// What the record says that it is, or NULL.
    pub tag: Str,
    /// On which side it stood: "source", "destination", "context", or NULL.
    pub side: Str,
    /// The indicator as it was written, where that differs by more than case, or NULL.
    pub raw: Str,
    /// What was odd: "defanged", "host-bits", ...
    pub flags: *const Str,
    /// How many flags there are.
    pub flag_count: usize,
    /// Further evidence for the same participant and asset in the same record.
    pub also: *const Evidence,
    /// How many pieces of it are here, at most 16.
    pub also_len: usize,
    /// How many there are.
    pub also_count: u64,
    /// The fields that were asked for and that the record has.
    pub data: *const Pair,
    /// How many there are.
    pub data_count: usize,
    /// The record, where it was asked for, or NULL.
    pub record: Str,
    /// All of it as an object of JSON, where that was asked for, or NULL.
    pub json: Str,
}

/// Further evidence.
#[repr(C)]
pub struct Evidence {
    /// Offset of its first byte.
    pub at: u64,
    /// The field it stood in, or NULL.
    pub field: Str,
    /// Where it stood.
    pub role: Str,
    /// In canonical form.
    pub indicator: Str,
    /// How it lies to the asset.
    pub relation: Str,
}

/// A field of a record.
#[repr(C)]
pub struct Pair {
    /// The field, as it was asked for.
    pub name: Str,
    /// Its text.
    pub value: Str,
}

/// Room for what a hit points to, used again for the next one.
#[derive(Default)]
pub(crate) struct Room {
    flags: Vec<Str>,
    also: Vec<Evidence>,
    data: Vec<Pair>,
    json: Vec<u8>,
}

impl Room {
    /// The hit as C sees it, which is valid as long as the hit is and the room has no other one.
    pub(crate) fn fill(&mut self, hit: &feedsieve::Hit<'_>, has_json: bool) -> Hit {
        self.flags.clear();
        self.flags.extend(Flags::names(hit.flags).map(Str::of));
        self.also.clear();
        self.also.extend(hit.also.iter().map(Evidence::of));
        self.data.clear();
        let pair = |name, value| Pair { name: Str::of(name), value: Str::of(value) };
        self.data.extend(hit.data.iter().map(|(name, value)| pair(name, value)));
        self.json.clear();
        if has_json {
            hit.write_json(&mut self.json);
        }
        let json = has_json.then(|| str::from_utf8(&self.json).expect("JSON is UTF-8"));
        Hit {
            feed: Str::of(hit.feed),
            line: hit.line,
            offset: hit.offset,
            length: hit.length,
            at: hit.at,
            field: Str::or_none(hit.field),
            role: Str::of(hit.role.name()),
            kind: Str::of(hit.kind.name()),
            indicator: Str::of(hit.indicator),
            relation: Str::of(hit.relation.name()),
            participant: Str::of(hit.participant),
            group: Str::or_none(hit.group),
            asset: Str::of(hit.asset),
            asset_kind: Str::of(hit.asset_kind.name()),
            label: Str::or_none(hit.label),
            time: Str::or_none(hit.time),
            port: hit.port.map_or(-1, i32::from),
            protocol: Str::or_none(hit.protocol),
            tag: Str::or_none(hit.tag),
            side: Str::or_none(hit.side.map(feedsieve::Side::name)),
            raw: Str::or_none(hit.raw),
            flags: self.flags.as_ptr(),
            flag_count: self.flags.len(),
            also: self.also.as_ptr(),
            also_len: self.also.len(),
            also_count: hit.also_count,
            data: self.data.as_ptr(),
            data_count: self.data.len(),
            record: Str::or_none(hit.record),
            json: Str::or_none(json),
        }
    }
}

impl Evidence {
    fn of(evidence: &feedsieve::Also<'_>) -> Self {
        Self {
            at: evidence.at,
            field: Str::or_none(evidence.field),
            role: Str::of(evidence.role.name()),
            indicator: Str::of(evidence.indicator),
            relation: Str::of(evidence.relation.name()),
        }
    }
}
