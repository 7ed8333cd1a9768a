//! A hit as an event of IntelMQ, one JSON object a line.
//!
//! Names and types are those of IntelMQ's data format: `source.ip` is one address, `source.network`
//! a prefix without host bits, `source.fqdn` a name of ASCII in lower case without a root dot, and
//! what it has no name for goes under `extra.`. IntelMQ drops an event over one field that it
//! does not take, so a field that would not pass is left out, and `extra.indicator` has it.

use std::time::{SystemTime, UNIX_EPOCH};

use feedsieve::{Flags, Hit, IndicatorKind};
use serde::Serialize;

use super::ndjson::Names;
use crate::json;

/// When this run looked, as every event of it says.
#[derive(Clone, Debug)]
pub(crate) struct Observed(String);

impl Observed {
    pub(crate) fn now() -> Self {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Self(utc(since.as_secs()))
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
    #[serde(rename = "source.account", skip_serializing_if = "Option::is_none")]
    account: Option<&'a str>,
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
    #[serde(rename = "extra.port", skip_serializing_if = "Option::is_none")]
    port: Option<u16>,
    #[serde(rename = "extra.raw", skip_serializing_if = "Option::is_none")]
    raw: Option<&'a str>,
    #[serde(rename = "extra.flags", skip_serializing_if = "Option::is_none")]
    flags: Option<Names>,
    #[serde(rename = "extra.also_count", skip_serializing_if = "Option::is_none")]
    also_count: Option<u64>,
    #[serde(rename = "extra.label", skip_serializing_if = "Option::is_none")]
    label: Option<&'a str>,
}

impl<'a> Event<'a> {
    fn of(observed: &'a Observed, hit: &Hit<'a>) -> Self {
        let of_kinds = |kinds: &[IndicatorKind]| kinds.contains(&hit.kind).then_some(hit.indicator);
        let prefix = of_kinds(&[IndicatorKind::Prefix]);
        let names_flags = |flags: Flags| (!flags.is_empty()).then_some(Names(flags));
        Self {
            // IntelMQ takes `-` for no value.
            feed: if hit.feed == "-" { "stdin" } else { hit.feed },
            observed: &observed.0,
            ip: of_kinds(&[IndicatorKind::Ipv4, IndicatorKind::Ipv6])
                .or_else(|| prefix.and_then(single)),
            network: prefix.filter(|prefix| single(prefix).is_none()),
            fqdn: of_kinds(&[IndicatorKind::Domain]).filter(|name| is_fqdn(name)),
            account: of_kinds(&[IndicatorKind::Email]),
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
            port: hit.port,
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

/// Seconds since 1970 as a date and a time, with the offset that IntelMQ writes.
///
/// Days since March of the year 0, in years that end with February: a leap day is then the last of
/// its year, and months have one rule (Howard Hinnant, `chrono`-Compatible Low-Level Date
/// Algorithms, `civil_from_days`).
fn utc(seconds: u64) -> String {
    let (days, second) = (seconds / 86_400 + 719_468, seconds % 86_400);
    let (era, day) = (days / 146_097, days % 146_097);
    let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day + 2) / 153;
    let day = day - (153 * month + 2) / 5 + 1;
    let (month, next) = if month < 10 { (month + 3, 0) } else { (month - 9, 1) };
    let year = era * 400 + year + next;
    let (hour, minute, second) = (second / 3_600, second / 60 % 60, second % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}+00:00")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_become_dates() {
        // Those of `date -u -d @SECONDS`.
        for (seconds, expected) in [
            (0, "1970-01-01T00:00:00+00:00"),
            (951_782_399, "2000-02-28T23:59:59+00:00"),
            (951_782_400, "2000-02-29T00:00:00+00:00"),
            (951_868_800, "2000-03-01T00:00:00+00:00"),
            (1_735_689_599, "2024-12-31T23:59:59+00:00"),
            (1_795_366_200, "2026-11-22T16:50:00+00:00"),
            (4_107_542_400, "2100-03-01T00:00:00+00:00"),
        ] {
            assert_eq!(utc(seconds), expected);
        }
    }

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
