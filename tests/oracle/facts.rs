//! What stands beside an indicator: time, port, protocol, tag, and the side on which it stood.

use serde_json::Value;

use crate::records::{Field, Record};

/// What the fields of a record say of an indicator in one of them.
#[derive(Clone, Debug, Default)]
pub(crate) struct Facts {
    pub(crate) time: Option<String>,
    pub(crate) port: Option<u16>,
    pub(crate) protocol: Option<String>,
    pub(crate) tag: Option<String>,
    pub(crate) side: Option<String>,
    /// `tz-assumed` where a time has no zone, `lossy` where a tag was no UTF-8.
    pub(crate) flags: Vec<&'static str>,
}

/// A record and its line end are no longer than this, or nothing beside is looked at.
pub(crate) const MAX_BYTES: usize = 64 * 1024 - 2;

/// The facts beside an address or something else in a field.
pub(crate) fn beside(record: &Record, field: &Field, is_addr: bool) -> Facts {
    let Some(name) = &field.name else { return Facts::default() };
    if record.width > MAX_BYTES {
        return Facts::default();
    }
    if let Some(value) = &record.json {
        return beside_string(value, name, is_addr);
    }
    if !record.has_columns {
        return Facts::default();
    }
    let others = record.fields.iter().filter(|other| !other.comment && !other.names.is_empty());
    let texts: Vec<(String, String)> = others
        .map(|other| {
            let bytes: Vec<u8> = other.bytes.iter().map(|byte| byte.b).collect();
            (other.names[0].clone(), String::from_utf8_lossy(&bytes).into_owned())
        })
        .collect();
    let mut facts = said(&texts, name);
    facts.side = side(name, is_addr);
    facts
}

/// The facts beside a string of JSON: those of the objects that it is in, the innermost first.
fn beside_string(value: &Value, pointer: &str, is_addr: bool) -> Facts {
    let mut objects = Vec::new();
    let mut keys: Vec<String> = Vec::new();
    let mut value = Some(value);
    for step in pointer.split('/').skip(1) {
        let key = step.replace("~1", "/").replace("~0", "~");
        match value {
            Some(Value::Object(members)) => {
                objects.push((members, keys.len()));
                value = members.get(&key);
                keys.push(key);
            }
            Some(Value::Array(elements)) => {
                value = key.parse::<usize>().ok().and_then(|i| elements.get(i));
            }
            _ => break,
        }
    }
    let mut facts = Facts::default();
    for (members, depth) in objects.into_iter().rev() {
        let mut texts = Vec::new();
        for (key, value) in members {
            match value {
                Value::Object(inner) => {
                    for (inner_key, value) in inner {
                        texts.extend(text(format!("{key}.{inner_key}"), value));
                    }
                }
                value => texts.extend(text(key.clone(), value)),
            }
        }
        let more = said(&texts, &keys[depth..].join("."));
        if facts.time.is_none() && more.flags.contains(&"tz-assumed") {
            facts.flags.push("tz-assumed");
        }
        if facts.tag.is_none() && more.flags.contains(&"lossy") {
            facts.flags.push("lossy");
        }
        facts.time = facts.time.or(more.time);
        facts.port = facts.port.or(more.port);
        facts.protocol = facts.protocol.or(more.protocol);
        facts.tag = facts.tag.or(more.tag);
    }
    facts.side = (0..keys.len()).rev().find_map(|from| side(&keys[from..].join("."), is_addr));
    facts
}

/// A member of an object as text, a list of tags as one.
fn text(name: String, value: &Value) -> Option<(String, String)> {
    let text = match value {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        Value::Array(list) if TAGS.split(' ').any(|tag| tag == squeezed(&name)) => {
            let texts: Vec<&str> = list.iter().filter_map(Value::as_str).collect();
            texts.into_iter().filter(|text| !text.trim().is_empty()).collect::<Vec<_>>().join(",")
        }
        _ => return None,
    };
    Some((name, text))
}

/// In the order in which they are asked.
const TIMES: &str = "timestamp ts time datetime eventtime eventtimestamp timesource datetimereceived \
    lastseen timelast seen seenat observed observedat detected detectedat detectiontime date dateadded \
    added addedat adddate reported reportedat reporttime timeobservation firstseen timefirst starttime \
    submissiontime receivedat writets";
const PROTOCOLS: &str = "protocoltransport networktransport transportprotocol transport protocol proto \
    portproto ipprotocol ipproto protocolapplication networkprotocol appproto";
const TAGS: &str = "tag tags classificationidentifier infection threat threattype threatname malware \
    malwarename malwareprintable malwarefamily family classificationtype classification category \
    alertcategory";

/// What some texts under their names say of what is called `of`.
fn said(texts: &[(String, String)], of: &str) -> Facts {
    let good: Vec<(&str, &str)> = texts
        .iter()
        .filter(|(name, _)| !crate::columns::is_secret(std::slice::from_ref(name)))
        .map(|(name, text)| (name.as_str(), text.trim_matches(|c: char| c.is_ascii_whitespace())))
        .collect();
    let called = |wanted: &'static str, utc: bool| {
        let good = &good;
        wanted.split(' ').flat_map(move |word| {
            good.iter().filter(move |(name, _)| {
                let name = squeezed(name);
                name == word || utc && name.strip_suffix("utc") == Some(word)
            })
        })
    };
    let mut facts = Facts::default();
    let found = called(TIMES, true).find_map(|(name, text)| Some((name, time(text)?)));
    if let Some((name, (time, zone))) = found {
        facts.time = Some(time);
        if !zone && !squeezed(name).ends_with("utc") {
            facts.flags.push("tz-assumed");
        }
    }
    facts.protocol = called(PROTOCOLS, false).find_map(|(_, text)| protocol(text));
    facts.tag =
        called(TAGS, false).map(|(_, text)| *text).find(|text| is_tag(text)).map(str::to_owned);
    if facts.tag.as_ref().is_some_and(|tag| tag.contains('\u{fffd}')) {
        facts.flags.push("lossy");
    }
    let owner = owner(words(of));
    facts.port = good
        .iter()
        .find_map(|(name, text)| (port_owner(name)? == owner).then(|| port(text)).flatten());
    facts
}

/// Whose port a name is of, if it is of one.
fn port_owner(name: &str) -> Option<Vec<String>> {
    let mut words = words(name);
    match words.last()?.as_str() {
        "num" | "number" if words.len() > 1 && words[words.len() - 2] == "port" => {
            words.truncate(words.len() - 2);
        }
        "port" => drop(words.pop()),
        "p" if words.len() > 1 && ["orig", "resp"].contains(&&*words[words.len() - 2]) => {
            words.pop();
        }
        _ => return None,
    }
    Some(owner(words))
}

/// Whether a column of this name says something of traffic.
pub(crate) fn is_port_or_protocol(name: &str) -> bool {
    let secret = crate::columns::is_secret(&[name.to_owned()]);
    let protocol = PROTOCOLS.split(' ').any(|known| known == squeezed(name));
    !secret && (protocol || port_owner(name).is_some())
}

/// A name without what parts its words.
pub(crate) fn squeezed(name: &str) -> String {
    name.chars()
        .filter(|c| c.is_ascii_alphanumeric() || !c.is_ascii())
        .collect::<String>()
        .to_ascii_lowercase()
}

/// The words of a name.
fn words(name: &str) -> Vec<String> {
    let chars: Vec<char> = name.chars().collect();
    let mut spaced = String::new();
    for (i, &c) in chars.iter().enumerate() {
        let behind_small =
            i > 0 && (chars[i - 1].is_ascii_lowercase() || chars[i - 1].is_ascii_digit());
        if c.is_ascii_uppercase() && behind_small {
            spaced.push(' ');
        }
        spaced.push(if c.is_ascii_alphanumeric() || !c.is_ascii() { c } else { ' ' });
    }
    let mut words = Vec::new();
    for word in spaced.to_ascii_lowercase().split(' ').filter(|word| !word.is_empty()) {
        let glued = ["src", "source", "dst", "dest", "destination"].into_iter().find_map(|side| {
            let rest = word.strip_prefix(side)?;
            let known = "ip ipv4 ipv6 port addr address host hostname domain fqdn url";
            known.split(' ').any(|known| known == rest).then(|| vec![side, rest])
        });
        let parts = match word {
            "sport" => vec!["src", "port"],
            "dport" => vec!["dst", "port"],
            "saddr" => vec!["src", "addr"],
            "daddr" => vec!["dst", "addr"],
            _ => glued.unwrap_or(vec![word]),
        };
        words.extend(parts.into_iter().map(str::to_owned));
    }
    words
}

const KINDS: &str = "ip ipv4 ipv6 addr address ipaddress ipaddr host hostname fqdn domain name url uri \
    rdns reverse dns ptr network cidr prefix account h value indicator ioc";

fn is_kind(word: &str) -> bool {
    KINDS.split(' ').any(|kind| kind == word)
}

/// What is left of a name without what says only the kind of the thing.
fn owner(mut words: Vec<String>) -> Vec<String> {
    if words.len() > 1 && words[0] == "id" {
        words.remove(0);
    }
    while words.last().is_some_and(|word| is_kind(word)) {
        words.pop();
    }
    let one = |word: String| match &*word {
        "src" | "orig" => "source".to_owned(),
        "dst" | "dest" | "resp" => "destination".to_owned(),
        _ => word,
    };
    words.into_iter().map(one).collect()
}

/// The side that a name tells.
fn side(name: &str, is_addr: bool) -> Option<String> {
    if name.starts_with("_source") {
        return None;
    }
    let mut words = words(name);
    if words.len() > 1 && words[0] == "id" {
        words.remove(0);
    }
    let rest = words.get(1..)?;
    let traffic =
        |word: &String| is_kind(word) && !["url", "uri", "name", "value"].contains(&&**word);
    let source = match words[0].as_str() {
        "attacker" => true,
        "src" | "orig" => is_addr || !rest.is_empty(),
        "source" if rest.is_empty() => is_addr,
        "source" => name == "source.url" || rest.iter().all(traffic),
        _ => false,
    };
    let destination = ["dst", "dest", "destination", "resp", "target", "victim"];
    let bystanders = "referer referrer resolver sensor observer nameserver nameservers gateway honeypot \
        sinkhole relay redirect";
    if source {
        Some("source".into())
    } else if destination.contains(&&*words[0]) {
        Some("destination".into())
    } else if words.iter().any(|word| bystanders.split(' ').any(|known| known == word)) {
        Some("context".into())
    } else {
        None
    }
}

fn port(text: &str) -> Option<u16> {
    let digits = text.chars().all(|c| c.is_ascii_digit()) && text.len() <= 5;
    text.parse().ok().filter(|port| digits && *port > 0)
}

fn says_nothing(text: &str) -> bool {
    ["", "-", "(empty)", "none", "null", "n/a"].contains(&&*text.to_ascii_lowercase())
}

fn protocol(text: &str) -> Option<String> {
    let name = match text {
        "1" => "icmp",
        "6" => "tcp",
        "17" => "udp",
        "58" => "ipv6-icmp",
        "132" => "sctp",
        _ => text,
    };
    let good = |c: char| c.is_ascii_alphanumeric() || "-._/+".contains(c);
    let is_name = name.chars().all(good) && name.chars().next()?.is_ascii_alphabetic();
    (is_name && name.len() <= 32 && !says_nothing(name)).then(|| name.to_ascii_lowercase())
}

fn is_tag(text: &str) -> bool {
    text.len() <= 256 && !says_nothing(text)
}

/// A time in UTC, and whether the text says its zone.
fn time(text: &str) -> Option<(String, bool)> {
    let (seconds, fraction, zone) = since_1970(text).or_else(|| of_calendar(text))?;
    let (year, month, day) = date(seconds.div_euclid(86_400));
    let second = seconds.rem_euclid(86_400);
    let (h, m, s) = (second / 3600, second / 60 % 60, second % 60);
    let fraction = fraction.trim_end_matches('0');
    let dot = if fraction.is_empty() { "" } else { "." };
    let text = format!("{year:04}-{month:02}-{day:02}T{h:02}:{m:02}:{s:02}{dot}{fraction}Z");
    (1990..2100).contains(&year).then_some((text, zone))
}

/// Seconds, digits of a fraction, and that the zone is known.
fn since_1970(text: &str) -> Option<(i64, String, bool)> {
    let all_digits = |text: &str| !text.is_empty() && text.chars().all(|c| c.is_ascii_digit());
    let cut = |digits: usize| {
        let (seconds, rest) = text.split_at(text.len() - digits);
        Some((seconds.parse().ok()?, rest.to_owned(), true))
    };
    if let Some((seconds, fraction)) = text.split_once('.') {
        let good = all_digits(seconds) && all_digits(fraction) && fraction.len() <= 9;
        let seconds = seconds.parse().ok().filter(|_| good && [9, 10].contains(&seconds.len()))?;
        return Some((seconds, fraction.to_owned(), true));
    }
    match text.len() {
        _ if !all_digits(text) => None,
        9 | 10 => cut(0),
        12 | 13 => cut(3),
        15 | 16 => cut(6),
        _ => None,
    }
}

fn of_calendar(text: &str) -> Option<(i64, String, bool)> {
    let chars: Vec<char> = text.chars().collect();
    let looks = |from: usize, like: &str| {
        let part = chars.get(from..from + like.len());
        part.is_some_and(|part| {
            part.iter()
                .zip(like.chars())
                .all(|(&c, l)| if l == '0' { c.is_ascii_digit() } else { c == l })
        })
    };
    let number = |from: usize, len: usize| {
        chars.get(from..from + len)?.iter().collect::<String>().parse::<i64>().ok()
    };
    if !text.is_ascii() || !looks(0, "0000-00-00") {
        return None;
    }
    let (year, month, day) = (number(0, 4)?, number(5, 2)?, number(8, 2)?);
    let february = if is_leap(year) { 29 } else { 28 };
    let days = [31, february, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    if !(1..=12).contains(&month) || day < 1 || day > days[month as usize - 1] {
        return None;
    }
    if !(1970..2200).contains(&year) {
        return None;
    }
    let before = (1970..year).map(|y| if is_leap(y) { 366 } else { 365 }).sum::<i64>();
    let months = days[..month as usize - 1].iter().sum::<i64>();
    let midnight = (before + months + day - 1) * 86_400;
    if chars.len() == 10 {
        return Some((midnight, String::new(), false));
    }
    if !['T', 't', ' '].contains(&chars[10]) || !looks(11, "00:00") {
        return None;
    }
    let mut at = 16;
    let (mut second, mut fraction) = (0, String::new());
    if looks(16, ":00") {
        second = number(17, 2)?;
        at = 19;
        if chars.get(19) == Some(&'.') {
            fraction = chars[20..].iter().take_while(|c| c.is_ascii_digit()).collect();
            if fraction.is_empty() || fraction.len() > 9 {
                return None;
            }
            at = 20 + fraction.len();
        }
    }
    let (hour, minute) = (number(11, 2)?, number(14, 2)?);
    if hour > 23 || minute > 59 || second > 60 {
        return None;
    }
    let rest: String = chars[at..].iter().collect();
    let zone = rest.trim_start_matches(' ').to_ascii_lowercase();
    let behind = zone.len();
    let sign = if zone.starts_with('-') { -1 } else { 1 };
    let from = chars.len() - behind;
    let signed = chars.get(from).is_some_and(|c| "+-".contains(*c));
    let offset = match &*zone {
        "" => None,
        "z" | "utc" | "gmt" => Some((0, 0)),
        _ if signed && behind == 3 && looks(from + 1, "00") => Some((number(from + 1, 2)?, 0)),
        _ if signed && behind == 5 && looks(from + 1, "0000") => {
            Some((number(from + 1, 2)?, number(from + 3, 2)?))
        }
        _ if signed && behind == 6 && looks(from + 1, "00:00") => {
            Some((number(from + 1, 2)?, number(from + 4, 2)?))
        }
        _ => return None,
    };
    if offset.is_some_and(|(hours, minutes)| hours > 23 || minutes > 59) {
        return None;
    }
    let (hours, minutes) = offset.unwrap_or((0, 0));
    // A leap second is the one before it.
    let of_day = hour * 3600 + minute * 60 + second.min(59);
    Some((midnight + of_day - sign * (hours * 60 + minutes) * 60, fraction, offset.is_some()))
}

fn is_leap(year: i64) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

/// Year, month and day, so many days after the first of 1970.
fn date(days: i64) -> (i64, i64, i64) {
    let (mut year, mut left) = (1970, days);
    loop {
        let length = if is_leap(year) { 366 } else { 365 };
        if left < length {
            break;
        }
        left -= length;
        year += 1;
    }
    let february = if is_leap(year) { 29 } else { 28 };
    for (month, length) in (1..).zip([31, february, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]) {
        if left < length {
            return (year, month, left + 1);
        }
        left -= length;
    }
    unreachable!("a year has twelve months")
}
