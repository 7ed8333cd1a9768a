//! A hit as one JSON object, its keys in the order that the documentation gives.
//!
//! Written by hand, since a feed may be nothing but hits: serde's way to the same bytes takes some four
//! times as long (`benches/DESIGNS.md`).

use feedsieve_core::SCHEMA;
use feedsieve_core::json::{write_number as number, write_string as string};

use super::{Flags, Hit, Side};

impl Hit<'_> {
    /// Appends the hit as `feedsieve scan -o ndjson` prints it: a JSON object without a line end.
    ///
    /// What is empty is left out, and so are `group`, which the command writes to CSV only, and the
    /// URL of [`Scanner::with_url`](crate::Scanner::with_url).
    ///
    /// # Example
    ///
    /// ```
    /// # use feedsieve::{compile, Hit, Image, Inventory, Limits, Scanner, SinkFn, Source};
    /// # let csv = "participant,kind,value\nA,prefix,192.0.2.0/24\n";
    /// # let (inventory, _) = Inventory::from_csv(csv.as_bytes())?;
    /// # let image = Image::open(compile(&inventory, &Limits::default())?)?;
    /// let mut lines = Vec::new();
    /// let mut sink = SinkFn(|hit: &Hit<'_>| {
    ///     hit.write_json(&mut lines);
    ///     lines.push(b'\n');
    ///     true
    /// });
    /// Scanner::new(&image).scan(Source::slice("feed", b"192.0.2.7\n"), &mut sink)?;
    /// assert!(lines.starts_with(br#"{"schema":1,"feed":"feed","line":1,"offset":0,"length":9,"at":0,"#));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn write_json(&self, to: &mut Vec<u8>) {
        write(to, self);
    }
}

fn write(to: &mut Vec<u8>, hit: &Hit<'_>) {
    to.extend_from_slice(b"{\"schema\":");
    number(to, SCHEMA);
    key(to, "feed", hit.feed);
    count(to, "line", hit.line);
    count(to, "offset", hit.offset);
    count(to, "length", hit.length);
    count(to, "at", hit.at);
    match hit.field {
        Some(field) => key(to, "field", field),
        None => to.extend_from_slice(b",\"field\":null"),
    }
    word(to, "role", hit.role.name());
    word(to, "kind", hit.kind.name());
    key(to, "indicator", hit.indicator);
    word(to, "relation", hit.relation.name());
    key(to, "participant", hit.participant);
    key(to, "asset", hit.asset);
    word(to, "asset_kind", hit.asset_kind.name());
    known(to, "time", hit.time);
    if let Some(port) = hit.port {
        count(to, "port", port);
    }
    known(to, "protocol", hit.protocol);
    known(to, "tag", hit.tag);
    if let Some(side) = hit.side {
        word(to, "side", Side::name(side));
    }
    known(to, "raw", hit.raw);
    if !hit.flags.is_empty() {
        flags(to, hit.flags);
    }
    if !hit.also.is_empty() {
        also(to, hit);
    }
    // Only where `also` does not hold all of it.
    if hit.also_count > hit.also.len() as u64 {
        count(to, "also_count", hit.also_count);
    }
    known(to, "label", hit.label);
    if !hit.data.is_empty() {
        data(to, hit);
    }
    known(to, "record", hit.record);
    to.push(b'}');
}

/// Appends a member behind another one.
#[inline]
fn begin(to: &mut Vec<u8>, key: &'static str) {
    to.extend_from_slice(b",\"");
    to.extend_from_slice(key.as_bytes());
    to.extend_from_slice(b"\":");
}

#[inline]
fn key(to: &mut Vec<u8>, key: &'static str, text: &str) {
    begin(to, key);
    string(to, text);
}

#[inline]
fn known(to: &mut Vec<u8>, name: &'static str, text: Option<&str>) {
    if let Some(text) = text {
        key(to, name, text);
    }
}

#[inline]
fn count(to: &mut Vec<u8>, key: &'static str, count: impl Into<u64>) {
    begin(to, key);
    number(to, count);
}

/// A word of ours, in which nothing has to be escaped.
#[inline]
fn word(to: &mut Vec<u8>, key: &'static str, word: &'static str) {
    begin(to, key);
    to.push(b'"');
    to.extend_from_slice(word.as_bytes());
    to.push(b'"');
}

fn flags(to: &mut Vec<u8>, flags: Flags) {
    begin(to, "flags");
    for (index, name) in flags.names().enumerate() {
        to.extend_from_slice(if index == 0 { b"[\"" } else { b",\"" });
        to.extend_from_slice(name.as_bytes());
        to.push(b'"');
    }
    to.push(b']');
}

fn also(to: &mut Vec<u8>, hit: &Hit<'_>) {
    begin(to, "also");
    for (index, evidence) in hit.also.iter().enumerate() {
        to.extend_from_slice(if index == 0 { b"[{\"at\":" } else { b",{\"at\":" });
        number(to, evidence.at);
        match evidence.field {
            Some(field) => key(to, "field", field),
            None => to.extend_from_slice(b",\"field\":null"),
        }
        word(to, "role", evidence.role.name());
        key(to, "indicator", evidence.indicator);
        word(to, "relation", evidence.relation.name());
        to.push(b'}');
    }
    to.push(b']');
}

fn data(to: &mut Vec<u8>, hit: &Hit<'_>) {
    begin(to, "data");
    for (index, (name, text)) in hit.data.iter().enumerate() {
        to.push(if index == 0 { b'{' } else { b',' });
        string(to, name);
        to.push(b':');
        string(to, text);
    }
    to.push(b'}');
}
