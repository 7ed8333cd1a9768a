//! What the name of a column or a key says of the text that stands there.
//!
//! Names are compared without case and without what parts their words: `first_seen`, `firstSeen`
//! and `first-seen` are one name. The lists hold what real feeds have, those of Shadowserver,
//! IntelMQ, Zeek, Suricata's EVE, abuse.ch and passive DNS among them.

use compact_str::CompactString;
use smallvec::SmallVec;

use crate::hit::Side;

/// What a column or a key may say of the evidence beside it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fact {
    /// When it was seen. Whether the name says that the time is UTC.
    Time { is_utc: bool },
    /// A port of the address whose name begins alike.
    Port,
    /// A transport protocol, or else one above it.
    Protocol,
    /// What it is said to be.
    Tag,
}

/// Of several names for one fact, those that stand first here are asked first.
type Rank = usize;

/// When something was seen, or else reported. What was created or updated may be a domain.
const TIMES: [&str; 32] = [
    "timestamp",
    "ts",
    "time",
    "datetime",
    "eventtime",
    "eventtimestamp",
    "timesource",
    "datetimereceived",
    "lastseen",
    "timelast",
    "seen",
    "seenat",
    "observed",
    "observedat",
    "detected",
    "detectedat",
    "detectiontime",
    "date",
    "dateadded",
    "added",
    "addedat",
    "adddate",
    "reported",
    "reportedat",
    "reporttime",
    "timeobservation",
    "firstseen",
    "timefirst",
    "starttime",
    "submissiontime",
    "receivedat",
    "writets",
];

const PROTOCOLS: [&str; 12] = [
    "protocoltransport",
    "networktransport",
    "transportprotocol",
    "transport",
    "protocol",
    "proto",
    "portproto",
    "ipprotocol",
    "ipproto",
    "protocolapplication",
    "networkprotocol",
    "appproto",
];

const TAGS: [&str; 16] = [
    "tag",
    "tags",
    "classificationidentifier",
    "infection",
    "threat",
    "threattype",
    "threatname",
    "malware",
    "malwarename",
    "malwareprintable",
    "malwarefamily",
    "family",
    "classificationtype",
    "classification",
    "category",
    "alertcategory",
];

/// Last words that say what kind of indicator stands there, and not whose it is.
const KINDS: [&str; 26] = [
    "ip",
    "ipv4",
    "ipv6",
    "addr",
    "address",
    "ipaddress",
    "ipaddr",
    "host",
    "hostname",
    "fqdn",
    "domain",
    "name",
    "url",
    "uri",
    "rdns",
    "reverse",
    "dns",
    "ptr",
    "network",
    "cidr",
    "prefix",
    "account",
    "h",
    "value",
    "indicator",
    "ioc",
];

/// Names of what only stands by: who looked, who answered, what led there.
const BYSTANDERS: [&str; 12] = [
    "referer",
    "referrer",
    "resolver",
    "sensor",
    "observer",
    "nameserver",
    "nameservers",
    "gateway",
    "honeypot",
    "sinkhole",
    "relay",
    "redirect",
];

/// What parts of a name are glued together in `srcip` and `destport`.
const SIDES: [&str; 5] = ["source", "src", "destination", "dest", "dst"];
const GLUED: [&str; 11] =
    ["ip", "ipv4", "ipv6", "port", "addr", "address", "host", "hostname", "domain", "fqdn", "url"];

/// The fact that a column or a key of this name holds.
pub(crate) fn fact(name: &str) -> Option<(Fact, Rank)> {
    let is_letter = |b: &u8| b.is_ascii_alphanumeric() || !b.is_ascii();
    let letters: SmallVec<[u8; 48]> =
        name.bytes().filter(is_letter).map(|b| b.to_ascii_lowercase()).collect();
    let rank_in = |names: &[&str], name: &[u8]| names.iter().position(|n| n.as_bytes() == name);
    let utc = letters.strip_suffix(b"utc");
    if let Some(rank) = rank_in(&TIMES, utc.unwrap_or(&letters)) {
        return Some((Fact::Time { is_utc: utc.is_some() }, rank));
    }
    if let Some(rank) = rank_in(&PROTOCOLS, &letters) {
        return Some((Fact::Protocol, rank));
    }
    if let Some(rank) = rank_in(&TAGS, &letters) {
        return Some((Fact::Tag, rank));
    }
    let may_be_port = [&b"port"[..], b"p", b"num", b"number"].iter().any(|e| letters.ends_with(e));
    (may_be_port && port_owner(name).is_some()).then_some((Fact::Port, 0))
}

/// Whose port stands under this name: the words before `port`; `None` where it is no port's.
pub(crate) fn port_owner(name: &str) -> Option<Owner> {
    let mut words = words(name);
    let is_zeek = |side: &str| side == "orig" || side == "resp";
    match words.as_slice() {
        [.., port, number] if port == "port" && (number == "num" || number == "number") => {
            words.truncate(words.len() - 2);
        }
        [.., side, p] if p == "p" && is_zeek(side) => words.truncate(words.len() - 1),
        [.., port] if port == "port" => words.truncate(words.len() - 1),
        _ => return None,
    }
    Some(owner(words))
}

/// Whose address, name or URL stands under this name: `source` for `src_ip`, nobody for `ip`.
pub(crate) fn indicator_owner(name: &str) -> Owner {
    owner(words(name))
}

/// The words that tell the parties of a record apart.
pub(crate) type Owner = SmallVec<[CompactString; 4]>;

fn owner(mut words: Owner) -> Owner {
    if words.len() > 1 && words[0] == "id" {
        words.remove(0);
    }
    while words.last().is_some_and(|word| KINDS.contains(&word.as_str())) {
        words.pop();
    }
    for word in &mut words {
        *word = match word.as_str() {
            "src" | "orig" => CompactString::const_new("source"),
            "dst" | "dest" | "resp" => CompactString::const_new("destination"),
            _ => continue,
        };
    }
    words
}

/// The side on which something stands under this name.
///
/// A `source` is often where a report comes from, so only what can be no other than that of
/// traffic is taken for one: to tell a victim that it attacks is worse than to tell nothing.
pub(crate) fn side(name: &str, is_addr: bool) -> Option<Side> {
    const NO_TRAFFIC: [&str; 4] = ["url", "uri", "name", "value"];
    // Databases keep what they were given under such a key.
    if name.starts_with("_source") {
        return None;
    }
    let mut words = words(name);
    if words.len() > 1 && words[0] == "id" {
        words.remove(0);
    }
    let (first, rest) = words.split_first()?;
    let is_traffic = |word: &CompactString| {
        KINDS.contains(&word.as_str()) && !NO_TRAFFIC.contains(&word.as_str())
    };
    let side = match first.as_str() {
        "src" | "orig" if !rest.is_empty() || is_addr => Some(Side::Source),
        "source" if name == "source.url" => Some(Side::Source),
        "source" if rest.is_empty() && is_addr => Some(Side::Source),
        "source" if !rest.is_empty() && rest.iter().all(is_traffic) => Some(Side::Source),
        "attacker" => Some(Side::Source),
        "dst" | "dest" | "destination" | "resp" | "target" | "victim" => Some(Side::Destination),
        _ => None,
    };
    let stands_by = || words.iter().any(|word| BYSTANDERS.contains(&word.as_str()));
    side.or_else(|| stands_by().then_some(Side::Context))
}

/// The words of a name in lower case: `src_ip`, `SrcIp` and `srcip` are all `src` and `ip`.
fn words(name: &str) -> Owner {
    let mut words = Owner::new();
    let mut word = CompactString::default();
    let mut before = ' ';
    for c in name.chars() {
        let is_letter = c.is_ascii_alphanumeric() || !c.is_ascii();
        let is_hump =
            c.is_ascii_uppercase() && (before.is_ascii_lowercase() || before.is_ascii_digit());
        if !is_letter || is_hump {
            push_word(&mut words, &mut word);
        }
        if is_letter {
            word.push(c.to_ascii_lowercase());
        }
        before = c;
    }
    push_word(&mut words, &mut word);
    words
}

fn push_word(words: &mut Owner, word: &mut CompactString) {
    if word.is_empty() {
        return;
    }
    let word = std::mem::take(word);
    let short = match word.as_str() {
        "sport" => Some(("src", "port")),
        "dport" => Some(("dst", "port")),
        "saddr" => Some(("src", "addr")),
        "daddr" => Some(("dst", "addr")),
        _ => None,
    };
    let glued = || SIDES.iter().find_map(|side| Some((*side, word.strip_prefix(side)?)));
    match short.or_else(|| glued().filter(|(_, rest)| GLUED.contains(rest))) {
        Some((side, rest)) => words.extend([side.into(), rest.into()]),
        None => words.push(word),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_real_feeds() {
        for (name, expected) in [
            ("timestamp", Some((Fact::Time { is_utc: false }, 0))),
            ("@timestamp", Some((Fact::Time { is_utc: false }, 0))),
            ("time.source", Some((Fact::Time { is_utc: false }, 6))),
            ("first_seen_utc", Some((Fact::Time { is_utc: true }, 26))),
            ("firstSeen", Some((Fact::Time { is_utc: false }, 26))),
            ("DateTimeReceivedUtc", Some((Fact::Time { is_utc: true }, 7))),
            ("proto", Some((Fact::Protocol, 5))),
            ("protocol.transport", Some((Fact::Protocol, 0))),
            ("tags", Some((Fact::Tag, 1))),
            ("classification.type", Some((Fact::Tag, 12))),
            ("src_port", Some((Fact::Port, 0))),
            ("id.orig_p", Some((Fact::Port, 0))),
            ("port_num", Some((Fact::Port, 0))),
            ("SourcePort", Some((Fact::Port, 0))),
            ("ports", None),
            ("report", None),
            ("ip", None),
            ("http", None),
            ("p", None),
            ("uptime", None),
            ("created", None),
            ("timezone", None),
            ("tag\u{e9}", None),
            ("", None),
            ("utc", None),
        ] {
            assert_eq!(fact(name), expected, "{name}");
        }
    }

    #[test]
    fn a_port_is_of_the_address_that_is_called_alike() {
        for (port, indicator, are_alike) in [
            ("port", "ip", true),
            ("port", "hostname", true),
            ("port", "src_ip", false),
            ("src_port", "ip", false),
            ("src_port", "src_ip", true),
            ("src_port", "srcip", true),
            ("sport", "source.ip", true),
            ("src_port", "dst_ip", false),
            ("dest_port", "DestinationIp", true),
            ("id.orig_p", "id.orig_h", true),
            ("id.orig_p", "id.resp_h", false),
            ("http_referer_port", "http_referer_ip", true),
            ("http_referer_port", "dst_ip", false),
            ("port_num", "host", true),
        ] {
            let is_alike = port_owner(port) == Some(indicator_owner(indicator));
            assert_eq!(is_alike, are_alike, "{port} {indicator}");
        }
    }

    #[test]
    fn sides_are_told_where_they_are_sure() {
        for (name, is_addr, expected) in [
            ("src_ip", true, Some(Side::Source)),
            ("srcip", true, Some(Side::Source)),
            ("source.reverse_dns", false, Some(Side::Source)),
            ("source.url", false, Some(Side::Source)),
            ("source_url", false, None),
            ("source", true, Some(Side::Source)),
            ("source", false, None),
            ("source_name", false, None),
            ("public_source", true, None),
            ("_source", false, None),
            ("src", false, None),
            ("id.orig_h", true, Some(Side::Source)),
            ("id.resp_h", true, Some(Side::Destination)),
            ("destination.ip", true, Some(Side::Destination)),
            ("dest_ip", true, Some(Side::Destination)),
            ("TargetIp", true, Some(Side::Destination)),
            ("http_referer_ip", true, Some(Side::Context)),
            ("ip", true, None),
            ("identity", true, None),
        ] {
            assert_eq!(side(name, is_addr), expected, "{name}");
        }
    }
}
