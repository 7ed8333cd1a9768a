//! Hits as events of IntelMQ, held against the rules of its data format.

use std::net::IpAddr;

use super::*;

type Rule = (&'static str, fn(&Value) -> bool);

/// What IntelMQ's harmonisation asks of the fields that we write, by name: types `String`, `DateTime`,
/// `IPAddress`, `IPNetwork` and `FQDN` of <https://docs.intelmq.org/latest/dev/data-format/>.
const RULES: [Rule; 12] = [
    ("feed.name", is_string),
    ("time.observation", is_time),
    ("source.ip", is_address),
    ("source.network", is_network),
    ("source.fqdn", is_fqdn),
    ("source.url", is_url),
    ("source.account", is_string),
    ("destination.ip", is_address),
    ("destination.network", is_network),
    ("destination.fqdn", is_fqdn),
    ("destination.url", is_url),
    ("destination.account", is_string),
];

/// `GenericType`: a text with something in it, and none that is taken for no value.
fn is_string(value: &Value) -> bool {
    value.as_str().is_some_and(|text| !["", "-", "N/A"].contains(&text) && text == text.trim())
}

/// `DateTime`: what it writes itself, to the second and with an offset.
fn is_time(value: &Value) -> bool {
    let shape = |text: &str| {
        let digit = |c: char| if c.is_ascii_digit() { '9' } else { c };
        text.chars().map(digit).collect::<String>()
    };
    value
        .as_str()
        .is_some_and(|text| shape(text) == "9999-99-99T99:99:99+99:99" && text.ends_with("+00:00"))
}

/// `IPAddress`: one address in canonical form, and not 0.0.0.0.
fn is_address(value: &Value) -> bool {
    let parsed = value.as_str().and_then(|text| text.parse::<IpAddr>().ok());
    parsed.is_some_and(|addr| {
        Some(addr.to_string().as_str()) == value.as_str() && !addr.is_unspecified()
    })
}

/// `IPNetwork`: an address and a length without a bit behind it.
fn is_network(value: &Value) -> bool {
    let Some((addr, len)) = value.as_str().and_then(|text| text.split_once('/')) else {
        return false;
    };
    let (Ok(addr), Ok(len)) = (addr.parse::<IpAddr>(), len.parse::<u32>()) else { return false };
    match addr {
        IpAddr::V4(addr) => {
            len <= 32 && u64::from(addr.to_bits()) << len << 32 >> 32 & 0xffff_ffff == 0
        }
        IpAddr::V6(addr) => len < 128 && addr.to_bits() << len == 0,
    }
}

/// `FQDN`: lower case, IDNA, no root dot, no address and no URL.
fn is_fqdn(value: &Value) -> bool {
    let is_label = |label: &str| (1..=63).contains(&label.len()) && label.is_ascii();
    value.as_str().is_some_and(|name| {
        name.split('.').all(is_label)
            && name == name.to_lowercase()
            && name.parse::<IpAddr>().is_err()
            && !name.contains(['/', ':', '@'])
    })
}

/// `URL`: a scheme that is not defanged, and a host.
fn is_url(value: &Value) -> bool {
    let host = value.as_str().and_then(|text| text.split_once("://")).map(|(_, rest)| rest);
    let host = host.map(|rest| rest.split(['/', '?', '#']).next().unwrap_or_default());
    is_string(value) && host.is_some_and(|host| !host.is_empty() && host.is_ascii())
}

/// Keys below `extra.`: parts of lower-case letters, digits and underscores.
fn is_extra(key: &str) -> bool {
    let is_part = |part: &str| {
        !part.is_empty()
            && part.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
    };
    key.strip_prefix("extra.").is_some_and(|key| key.split('.').all(is_part))
}

fn check(event: &Value) {
    let event = event.as_object().expect("an object");
    for (key, value) in event {
        match RULES.iter().find(|(name, _)| name == key) {
            Some((_, is_valid)) => assert!(is_valid(value), "{key}: {value}"),
            None => {
                assert!(is_extra(key) && !value.is_object() && !value.is_null(), "{key}: {value}")
            }
        }
    }
    for key in ["feed.name", "time.observation", "extra.participant", "extra.asset"] {
        assert!(event.contains_key(key), "{key}");
    }
}

#[test]
fn the_rules_hold_what_they_say() {
    let text = |text: &str| Value::from(text);
    for (value, is_valid, expected) in [
        (text("192.0.2.7"), is_address as fn(&Value) -> bool, true),
        (text("2001:db8::1"), is_address, true),
        (text("192.0.2.0/24"), is_address, false),
        (text("2001:DB8::1"), is_address, false),
        (text("192.0.2.0/24"), is_network, true),
        (text("192.0.2.7/24"), is_network, false),
        (text("2001:db8::/32"), is_network, true),
        (text("2001:db8::1/32"), is_network, false),
        (text("192.0.2.1-192.0.2.9"), is_network, false),
        (text("www.hospital.example"), is_fqdn, true),
        (text("hospital.example."), is_fqdn, false),
        (text("Hospital.example"), is_fqdn, false),
        (text("192.0.2.7"), is_fqdn, false),
        (text("2026-11-22T16:50:00+00:00"), is_time, true),
        (text("2026-11-22T16:50:00Z"), is_time, false),
        (text("-"), is_string, false),
        (text("http://hospital.example/x"), is_url, true),
        (text("hospital.example/x"), is_url, false),
        (text("http:///x"), is_url, false),
    ] {
        assert_eq!(is_valid(&value), expected, "{value}");
    }
    assert!(is_extra("extra.asset_kind") && !is_extra("extra.Field") && !is_extra("raw"));
}

#[test]
fn every_event_passes_the_harmonisation() {
    let place = Place::new();
    place.write(
        "all.csv",
        "participant,kind,value\nA,domain,hospital.example\nA,prefix,192.0.2.0/24\n\
         A,prefix,2001:db8:10::/48\nA,keyword,antonius\nA,email,jan@shared.example\n\
         B,range,198.51.100.10-198.51.100.99\nB,domain,m\u{fc}nchen-klinik.example\n",
    );
    place.write(
        "mixed.txt",
        "192.0.2.7\n192.0.2.0/28\n192.0.2.7/24\n192.0.2.9/32\n192.0.2.1-192.0.2.9\n\
         2001:db8:10::1\n2001:db8:10::/64\n::ffff:192.0.2.5\n*.hospital.example\n\
         WWW.Hospital.example.\nJAN@Shared.example\nx@M\u{dc}NCHEN-klinik.example\n\
         xn--a.m\u{fc}nchen-klinik.example\n_dmarc.hospital.example\nst antonius\n\
         hxxp://www[.]hospital[.]example:8080/a\n198.51.100.0/24\n",
    );
    let scan = place.scan(&[
        "-p",
        "all.csv",
        "-o",
        "intelmq",
        "--keywords",
        "--most-specific",
        "mixed.txt",
    ]);
    let events = scan.exits(0).rows();
    assert_eq!(events.len() as u64, scan.summary["total"]["hits"].as_u64().expect("a count"));
    assert_eq!(events.len(), 17);
    events.iter().for_each(check);
    let of = |line: u64, key: &str| {
        let found = events.iter().find(|event| event["extra.line"] == line).expect("an event");
        found.get(key).cloned().unwrap_or_default()
    };
    for (line, key, expected) in [
        (1, "source.ip", "192.0.2.7"),
        (2, "source.network", "192.0.2.0/28"),
        (3, "source.network", "192.0.2.0/24"),
        (4, "source.ip", "192.0.2.9"),
        (5, "extra.indicator", "192.0.2.1-192.0.2.9"),
        (6, "source.ip", "2001:db8:10::1"),
        (7, "source.network", "2001:db8:10::/64"),
        (8, "source.ip", "192.0.2.5"),
        (9, "source.fqdn", "hospital.example"),
        (10, "source.fqdn", "www.hospital.example"),
        (11, "source.account", "jan@shared.example"),
        (12, "source.account", "x@xn--mnchen-klinik-wob.example"),
        (15, "extra.asset", "antonius"),
        (16, "source.fqdn", "www.hospital.example"),
    ] {
        assert_eq!(of(line, key), expected, "line {line} {key}");
    }
    // A prefix is no address, a range is neither, and a keyword is nothing of the network.
    for (line, key) in [
        (2, "source.ip"),
        (4, "source.network"),
        (5, "source.ip"),
        (5, "source.network"),
        (11, "source.fqdn"),
        (15, "source.fqdn"),
    ] {
        assert!(of(line, key).is_null(), "line {line} {key}");
    }
    assert_eq!(of(16, "extra.port"), 8080);
    assert_eq!(of(16, "extra.flags"), serde_json::json!(["defanged"]));
    // Taken once for a run, so that the events of one run are one observation.
    let times: std::collections::BTreeSet<_> =
        scan.column("time.observation").into_iter().collect();
    assert_eq!(times.len(), 1);
}

#[test]
fn what_stands_beside_the_indicator_is_extra() {
    let place = Place::new();
    place.write(
        "facts.csv",
        "timestamp,dst_ip,dst_port,protocol,tag\n2026-11-22 01:02:03,192.0.2.7,23,TCP,telnet\n",
    );
    let scan = place.scan(&["-o", "intelmq", "facts.csv"]);
    let events = scan.exits(0).rows();
    events.iter().for_each(check);
    for (key, expected) in [
        ("destination.ip", "192.0.2.7"),
        ("extra.time", "2026-11-22T01:02:03Z"),
        ("extra.protocol", "tcp"),
        ("extra.tag", "telnet"),
        ("extra.side", "destination"),
    ] {
        assert_eq!(events[0][key], expected, "{key}");
    }
    assert_eq!(events[0]["extra.port"], 23);
    // A victim is not told that it attacks.
    assert!(events[0]["source.ip"].is_null());
}

#[test]
fn urls_that_are_all_of_a_column_are_given_without_their_userinfo() {
    let place = Place::new();
    place.write(
        "urls.csv",
        "dst_url,note\nhxxp://jan:canary@www[.]hospital.example:8080/x?y,at http://www.hospital.example/z:canary\n\
         www.hospital.example/x,\n",
    );
    let scan = place.scan(&["-o", "intelmq", "urls.csv"]);
    let events = scan.exits(0).rows();
    events.iter().for_each(check);
    assert_eq!(events[0]["destination.url"], "http://www.hospital.example:8080/x?y");
    assert_eq!(events[1].get("destination.url"), None);
    assert!(!scan.ran.out.contains("canary"), "{}", scan.ran.out);
    // Only IntelMQ has them.
    assert!(!place.scan(&["-o", "ndjson", "urls.csv"]).ran.out.contains("x?y"));
}

#[test]
fn standard_input_has_a_name_that_intelmq_keeps() {
    let place = Place::new();
    let scan = place.scan_with_stdin(&["-o", "intelmq"], LIST);
    scan.exits(0).rows().iter().for_each(check);
    assert_eq!(scan.column("feed.name"), ["stdin"; 3]);
    assert_eq!(place.scan(&["-o", "intelmq", "events.ndjson"]).column("extra.field")[0], "/ip");
}
