//! A hit as an event of IntelMQ, one JSON object a line.
//!
//! Names and types are those of IntelMQ's data format: `source.ip` is one address, `source.network`
//! a prefix without host bits, `source.fqdn` a name of ASCII in lower case without a root dot, and
//! what it has no name for goes under `extra.`. What a feed calls a destination is under
//! `destination.` instead. IntelMQ drops an event over one field that it
//! does not take, so a field that would not pass is left out, and `extra.indicator` has it.

use feedsieve::{Flags, Hit, IndicatorKind, Side};
use jiff::Timestamp;
use serde::Serialize;

use crate::json;

/// When this run looked, as every event of it says.
#[derive(Clone, Debug)]
pub(crate) struct Observed(String);

impl Observed {
    pub(crate) fn now() -> Self {
        // With the offset as IntelMQ writes it, which takes no Z for it.
        Self(Timestamp::now().strftime("%Y-%m-%dT%H:%M:%S+00:00").to_string())
    }
}

/// Appends a hit as a line.
pub(super) fn hit(to: &mut Vec<u8>, observed: &Observed, hit: &Hit<'_>) {
    json::write_line(to, &Event::of(observed, hit));
}

#[derive(Serialize)]
struct Event<'a> {
    #[serde(rename = "feed.name")]
    feed: &'a str,
    #[serde(rename = "time.observation")]
    observed: &'a str,
    #[serde(rename = "source.ip", skip_serializing_if = "Option::is_none")]
    ip: Option<&'a str>,
    #[serde(rename = "source.network", skip_serializing_if = "Option::is_none")]
    network: Option<&'a str>,
    #[serde(rename = "source.fqdn", skip_serializing_if = "Option::is_none")]
    fqdn: Option<&'a str>,
    #[serde(rename = "source.url", skip_serializing_if = "Option::is_none")]
    url: Option<&'a str>,
    #[serde(rename = "source.account", skip_serializing_if = "Option::is_none")]
    account: Option<&'a str>,
    #[serde(rename = "destination.ip", skip_serializing_if = "Option::is_none")]
    to_ip: Option<&'a str>,
    #[serde(rename = "destination.network", skip_serializing_if = "Option::is_none")]
    to_network: Option<&'a str>,
    #[serde(rename = "destination.fqdn", skip_serializing_if = "Option::is_none")]
    to_fqdn: Option<&'a str>,
    #[serde(rename = "destination.url", skip_serializing_if = "Option::is_none")]
    to_url: Option<&'a str>,
    #[serde(rename = "destination.account", skip_serializing_if = "Option::is_none")]
    to_account: Option<&'a str>,
    #[serde(rename = "extra.participant")]
    participant: &'a str,
    #[serde(rename = "extra.asset")]
    asset: &'a str,
    #[serde(rename = "extra.asset_kind")]
    asset_kind: &'static str,
    #[serde(rename = "extra.relation")]
    relation: &'static str,
    #[serde(rename = "extra.role")]
    role: &'static str,
    #[serde(rename = "extra.kind")]
    kind: &'static str,
    #[serde(rename = "extra.indicator")]
    indicator: &'a str,
    #[serde(rename = "extra.line")]
    line: u64,
    #[serde(rename = "extra.offset")]
    offset: u64,
    #[serde(rename = "extra.length")]
    length: u64,
    #[serde(rename = "extra.at")]
    at: u64,
    #[serde(rename = "extra.field", skip_serializing_if = "Option::is_none")]
    field: Option<&'a str>,
    #[serde(rename = "extra.time", skip_serializing_if = "Option::is_none")]
    time: Option<&'a str>,
    #[serde(rename = "extra.port", skip_serializing_if = "Option::is_none")]
    port: Option<u16>,
    #[serde(rename = "extra.protocol", skip_serializing_if = "Option::is_none")]
    protocol: Option<&'a str>,
    #[serde(rename = "extra.tag", skip_serializing_if = "Option::is_none")]
    tag: Option<&'a str>,
    #[serde(rename = "extra.side", skip_serializing_if = "Option::is_none")]
    side: Option<&'static str>,
    #[serde(rename = "extra.raw", skip_serializing_if = "Option::is_none")]
    raw: Option<&'a str>,
    #[serde(rename = "extra.flags", skip_serializing_if = "Option::is_none")]
    flags: Option<Flags>,
    #[serde(rename = "extra.also_count", skip_serializing_if = "Option::is_none")]
    also_count: Option<u64>,
    #[serde(rename = "extra.label", skip_serializing_if = "Option::is_none")]
    label: Option<&'a str>,
}

impl<'a> Event<'a> {
    fn of(observed: &'a Observed, hit: &Hit<'a>) -> Self {
        let of_kinds = |kinds: &[IndicatorKind]| kinds.contains(&hit.kind).then_some(hit.indicator);
        let prefix = of_kinds(&[IndicatorKind::Prefix]);
        let ip = of_kinds(&[IndicatorKind::Ipv4, IndicatorKind::Ipv6]);
        let ip = ip.or_else(|| prefix.and_then(single));
        let network = prefix.filter(|prefix| single(prefix).is_none());
        let fqdn = of_kinds(&[IndicatorKind::Domain]).filter(|name| is_fqdn(name));
        let account = of_kinds(&[IndicatorKind::Email]);
        // What is attacked is no source.
        let is_target = hit.side == Some(Side::Destination);
        let from = |value: Option<&'a str>| value.filter(|_| !is_target);
        let to = |value: Option<&'a str>| value.filter(|_| is_target);
        let names_flags = |flags: Flags| (!flags.is_empty()).then_some(flags);
        Self {
            // IntelMQ takes `-` for no value.
            feed: if hit.feed == "-" { "stdin" } else { hit.feed },
            observed: &observed.0,
            ip: from(ip),
            network: from(network),
            fqdn: from(fqdn),
            url: from(hit.url),
            account: from(account),
            to_ip: to(ip),
            to_network: to(network),
            to_fqdn: to(fqdn),
            to_url: to(hit.url),
            to_account: to(account),
            participant: hit.participant,
            asset: hit.asset,
            asset_kind: hit.asset_kind.name(),
            relation: hit.relation.name(),
            role: hit.role.name(),
            kind: hit.kind.name(),
            indicator: hit.indicator,
            line: hit.line,
            offset: hit.offset,
            length: hit.length,
            at: hit.at,
            field: hit.field,
            time: hit.time,
            port: hit.port,
            protocol: hit.protocol,
            tag: hit.tag,
            side: hit.side.map(Side::name),
            raw: hit.raw,
            flags: names_flags(hit.flags),
            // Without `also` beside it the number speaks of all further evidence.
            also_count: (hit.also_count > 0).then_some(hit.also_count),
            label: hit.label,
        }
    }
}

/// The address of a prefix that holds one only.
fn single(prefix: &str) -> Option<&str> {
    let (addr, len) = prefix.split_once('/')?;
    let all = if addr.contains(':') { "128" } else { "32" };
    (len == all).then_some(addr)
}

/// Whether IntelMQ takes a name; one with a label that is none concerns an asset all the same.
fn is_fqdn(name: &str) -> bool {
    let is_label = |label: &str| (1..=63).contains(&label.len());
    name.is_ascii()
        && !name.bytes().any(|b| b.is_ascii_uppercase())
        && name.split('.').all(is_label)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_would_not_pass_are_left_out() {
        let long = format!("{}.example", "a".repeat(64));
        for (name, expected) in [
            ("www.hospital.example", true),
            ("_dmarc.hospital.example", true),
            ("xn--a.hospital.example", true),
            ("m\u{fc}nchen.example", false),
            ("WWW.example", false),
            ("hospital.example.", false),
            (&long, false),
        ] {
            assert_eq!(is_fqdn(name), expected, "{name}");
        }
    }
}
