//! Cuts a URL as WHATWG does for special schemes, and reads each part in its role.
//!
//! Source: WHATWG URL, section 4.4 (the basic URL parser), for authority, host
//! and backslashes. Where a URL ends in running text no standard says; the rules
//! here are those that people follow when they write one down.

use std::ops::Range;

use feedsieve_core::canonical_name;

use super::percent::{Decoded, ESCAPE_BYTES, decode, escape_at};
use super::unicode::{belongs_to_name, first_letter, is_full_stop, is_ignored, last_letter};
use super::words::{self, Depth};
use super::{Reading, Rejection, Value, addr, reverse, token};
use crate::IndicatorKind;
use crate::bytes::{ends_word, is_label_byte, is_token_byte};
use crate::hit::{Flags, Role};

/// Where a URL stands in a text, and its parts.
#[derive(Debug)]
pub(super) struct Url {
    start: usize,
    userinfo: Range<usize>,
    host: Range<usize>,
    port: Option<u16>,
    /// Where host and port end and the path begins.
    path: usize,
    scheme: Scheme,
    /// Whether neither path nor query follows: the host, or a port and what is not of the URL.
    ends_with_host: bool,
    /// Behind the last byte that belongs to it.
    pub(super) end: usize,
}

/// How the host behind a scheme is read.
#[derive(Clone, Copy, Debug)]
struct Scheme {
    /// Browsers know it, and read backslashes as slashes.
    is_special: bool,
    /// The host may be a number of any kind.
    has_numbers: bool,
}

/// Longest scheme that is looked for.
const MAX_SCHEME_BYTES: usize = 32;

impl Url {
    /// The URL that begins at `at`, if one does.
    pub(super) fn at(text: &[u8], at: usize) -> Option<Self> {
        let before = (at > 0).then(|| last_letter(&text[..at]).char);
        let in_word = |c: char| match c.is_ascii() {
            true => is_label_byte(c as u8),
            false => belongs_to_name(c),
        };
        if text[at] == b'/' {
            let authority = text[at..].starts_with(b"//").then_some(at + 2)?;
            let goes_on = |c: char| in_word(c) || matches!(c, ':' | '/' | '\\' | '.');
            let rest = &text[authority..];
            let begins = token::begins_label(rest) || matches!(rest.first(), Some(b'[' | b'*'));
            return (begins && !before.is_some_and(goes_on)).then(|| {
                Self::cut(text, at, authority, Scheme { is_special: true, has_numbers: false })
            })?;
        }
        // Letters of a script without blanks may stand before a scheme, and the digits of an escape.
        let is_escape = || at >= ESCAPE_BYTES && escape_at(text, at - ESCAPE_BYTES).is_some();
        if before.is_some_and(|c| c.is_ascii() && in_word(c)) && !is_escape() {
            return None;
        }
        let first = at
            + text[at..].iter().take_while(|b| is_in_scheme(b) && !b.is_ascii_alphabetic()).count();
        let (authority, scheme) = after_scheme(text, first)?;
        Self::cut(text, at, authority, scheme)
    }

    /// Cuts at the authority's end, the userinfo's, and the port's.
    fn cut(text: &[u8], start: usize, authority: usize, scheme: Scheme) -> Option<Self> {
        let ends_authority =
            |b: u8| matches!(b, b'/' | b'?' | b'#') || b == b'\\' && scheme.is_special;
        let mut authority_end = end_in_text(text, start, authority, ends_authority);
        let mut at_sign = text[authority..authority_end].iter().rposition(|&b| b == b'@');
        let mut goes_on_at = authority;
        // To browsers `http://hospital.example\u{2215}@evil.example` is userinfo and a host.
        if looks_like_slash(&text[authority_end..])
            && let Some((sign, end)) = sign_behind(text, start, authority_end, ends_authority)
        {
            (at_sign, authority_end) = (Some(sign - authority), end);
            goes_on_at = sign + 1;
        }
        let host_start = at_sign.map_or(authority, |len| authority + len + 1);
        let userinfo = authority..at_sign.map_or(authority, |len| authority + len);

        let host_end = host_start + host_bytes(&text[host_start..authority_end]);
        let port = addr::port(&text[host_end..authority_end]);
        let port_end = host_end + port.map_or(0, |(_, bytes)| bytes);
        // What looks like a port and is none is skipped; any other byte is not of the URL.
        let skips = text[port_end..authority_end].first() == Some(&b':');
        let path = if skips { authority_end } else { port_end };
        // The end is looked for where it matters: in a word of nothing but `http://*` that
        // would be to read the rest of the word for each.
        let end = match path == authority_end {
            true => end_in_text(text, start, goes_on_at, |_| false),
            false => path,
        };
        let ends_with_host = path != authority_end || host_end == end;
        Some(Self {
            start,
            userinfo,
            host: host_start..host_end,
            port: port.map(|(port, _)| port),
            path,
            scheme,
            ends_with_host,
            end,
        })
    }

    /// Reads every part in its role.
    pub(super) fn read(&self, text: &[u8], depth: Depth, readings: &mut Vec<Reading>) {
        let userinfo = (Role::Userinfo, Role::Userinfo);
        read_part(text, self.userinfo.clone(), userinfo, depth, readings);
        let mut hosts = read_host(text, self.host.clone(), self.scheme.has_numbers);
        if !self.ends_with_host {
            // Only text without blanks goes on right behind a host.
            hosts.truncate(1);
        }
        for host in &mut hosts {
            if host.role == Role::Text {
                host.role = Role::UrlHost;
            }
            host.whole = self.start..self.end;
            host.port = self.port;
        }
        readings.extend(reverse::addrs(&hosts));
        readings.extend(token::one_of(hosts.into_iter()));
        read_behind_host(text, self.path..self.end, depth, readings);
    }
}

/// A text that is a URL as programs follow it: with a scheme, without userinfo, a host in ASCII.
pub(crate) fn plain_url(text: &[u8]) -> Option<String> {
    let url = Url::at(text, 0)?;
    let scheme = text.split(|&b| b == b':').next().filter(|scheme| !scheme.starts_with(b"/"))?;
    let scheme = match &*scheme.to_ascii_lowercase() {
        b"hxxp" | b"hxtp" | b"htxp" | b"hxxx" | b"meow" | b"httpx" => "http".to_owned(),
        b"hxxps" | b"hxtps" | b"htxps" => "https".to_owned(),
        b"fxp" => "ftp".to_owned(),
        scheme => String::from_utf8_lossy(scheme).into_owned(),
    };
    let host = String::from_utf8_lossy(&text[url.host.clone()]);
    let host = match host.is_ascii() {
        true => host.into_owned(),
        false => canonical_name(&host).ok()?,
    };
    let rest = String::from_utf8_lossy(&text[url.host.end..url.end]);
    Some(format!("{scheme}://{host}{rest}"))
}

/// Reads path, query and fragment.
pub(super) fn read_behind_host(
    text: &[u8],
    part: Range<usize>,
    depth: Depth,
    readings: &mut Vec<Reading>,
) {
    let query = text[part.clone()].iter().position(|&b| b == b'?' || b == b'#');
    let path_end = query.map_or(part.end, |len| part.start + len);
    read_part(text, part.start..path_end, (Role::UrlPath, Role::UrlEmail), depth, readings);
    read_part(text, path_end..part.end, (Role::UrlQuery, Role::UrlEmail), depth, readings);
}

/// Reads what a part holds, percent-decoded; mail addresses have a role of their own.
fn read_part(
    text: &[u8],
    part: Range<usize>,
    (role, mail): (Role, Role),
    depth: Depth,
    readings: &mut Vec<Reading>,
) {
    if part.is_empty() {
        return;
    }
    let decoded = decode(text, part.start, part.end);
    let known = readings.len();
    words::read_at(&decoded.bytes, depth.deeper(), readings);
    let play = |reading: &mut Reading| {
        let is_mail = matches!(reading.role, Role::Email | Role::UrlEmail);
        reading.role = if is_mail { mail } else { role };
    };
    for reading in &mut readings[known..] {
        decoded.place(reading);
        play(reading);
        reading.others.iter_mut().for_each(play);
    }
}

/// Where the authority begins behind a scheme at `at`.
fn after_scheme(text: &[u8], at: usize) -> Option<(usize, Scheme)> {
    text.get(at)?.is_ascii_alphabetic().then_some(())?;
    let rest = &text[at..text.len().min(at + MAX_SCHEME_BYTES)];
    let len = rest.iter().take_while(|b| is_in_scheme(b)).count();
    (text.get(at + len) == Some(&b':')).then_some(())?;
    let behind = at + len + 1;
    let scheme = text[at..at + len].to_ascii_lowercase();
    if !is_special(&scheme) {
        let plain = Scheme { is_special: false, has_numbers: false };
        return text[behind..].starts_with(b"//").then_some((behind + 2, plain));
    }
    // WHATWG takes any number of slashes. With fewer than two it may be a key, so that only
    // a name makes it a URL.
    let slashes = text[behind..].iter().take_while(|&&b| b == b'/' || b == b'\\').count();
    let authority = behind + slashes;
    let is_name = || {
        let host = &text[authority..authority + host_bytes(&text[authority..])];
        !host.first().is_some_and(u8::is_ascii_digit)
            && token::begins_label(host)
            && token::full_stop(host).is_some()
    };
    let special = Scheme { is_special: true, has_numbers: slashes >= 2 };
    (slashes >= 2 || is_name()).then_some((authority, special))
}

fn is_in_scheme(byte: &u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-')
}

/// The special schemes of WHATWG, and how people defang them.
fn is_special(scheme: &[u8]) -> bool {
    matches!(
        scheme,
        b"http"
            | b"https"
            | b"ftp"
            | b"ws"
            | b"wss"
            | b"hxxp"
            | b"hxxps"
            | b"hxtp"
            | b"hxtps"
            | b"htxp"
            | b"htxps"
            | b"fxp"
            | b"hxxx"
            | b"meow"
            | b"httpx"
    )
}

/// Where a URL ends in running text that is written from `first` on and read from `at` on, or
/// where it first holds a byte that stops.
pub(super) fn end_in_text(
    text: &[u8],
    first: usize,
    at: usize,
    stops: impl Fn(u8) -> bool,
) -> usize {
    // A quote before the URL ends it, and a bracket that it did not open.
    let is_quoted = text[..first].ends_with(b"'");
    let mut opened = 0_usize;
    let mut at = at;
    while at < text.len() {
        let letter = first_letter(&text[at..]);
        let ends = match text[at] {
            byte if ends_word(text, at) || stops(byte) => true,
            byte if !byte.is_ascii() => !belongs_to_name(letter.char),
            b',' | b';' | b'|' => begins_with_scheme(&text[at + 1..]),
            b'\'' => is_quoted,
            b'(' | b'[' | b'{' => {
                opened += 1;
                false
            }
            b')' | b']' | b'}' if opened > 0 => {
                opened -= 1;
                false
            }
            byte => matches!(byte, b')' | b']' | b'}'),
        };
        if ends {
            return at;
        }
        at += letter.bytes;
    }
    at
}

/// Whether what is no slash, and is seen as one, stands at the start of a text.
fn looks_like_slash(text: &[u8]) -> bool {
    const SLASHES: [&str; 4] = ["\u{2044}", "\u{2215}", "\u{29f8}", "\u{ff0f}"];
    SLASHES.iter().any(|slash| text.starts_with(slash.as_bytes()))
}

/// The last `@` of an authority that goes on at `at`, where a character looks like a slash, and
/// where it ends then.
fn sign_behind(
    text: &[u8],
    first: usize,
    at: usize,
    ends_authority: impl Fn(u8) -> bool,
) -> Option<(usize, usize)> {
    let mut end = at;
    let mut sign = None;
    while looks_like_slash(&text[end..]) && end - at <= MAX_USERINFO_BYTES {
        let behind = end + first_letter(&text[end..]).bytes;
        end = end_in_text(text, first, behind, &ends_authority);
        let last = text[behind..end].iter().rposition(|&b| b == b'@');
        sign = last.map(|len| behind + len).or(sign);
    }
    let sign = sign?;
    let host = &text[sign + 1..];
    (token::begins_label(host) || host.starts_with(b"[")).then_some((sign, end))
}

/// Bytes of userinfo that are looked through for its end.
const MAX_USERINFO_BYTES: usize = 1 << 10;

fn begins_with_scheme(text: &[u8]) -> bool {
    let len = text.iter().take(MAX_SCHEME_BYTES).take_while(|b| is_in_scheme(b)).count();
    len > 0 && text[len..].starts_with(b"://")
}

/// Bytes of a host at the start of an authority's last part.
fn host_bytes(text: &[u8]) -> usize {
    if text.starts_with(b"*.") {
        return 1 + host_bytes(&text[1..]);
    }
    if text.first() == Some(&b'[') {
        return addr::read_bracketed(text, 0).map_or(0, |reading| reading.span.end + 1);
    }
    let mut bytes = 0;
    while bytes < text.len() {
        let letter = first_letter(&text[bytes..]);
        let belongs = match letter.char.is_ascii() {
            true => is_token_byte(text[bytes]) || text[bytes] == b'%',
            false => belongs_to_name(letter.char),
        };
        if !belongs {
            break;
        }
        bytes += letter.bytes;
    }
    bytes
}

/// Reads the host of a URL: an address in brackets, a number, or the ways to read a name.
fn read_host(text: &[u8], host: Range<usize>, has_numbers: bool) -> Vec<Reading> {
    if text[host.clone()].starts_with(b"*.") {
        // To browsers that is no host, so that a number behind it is none either.
        let mut readings = read_host(text, host.start + 2..host.end, false);
        for reading in &mut readings {
            if let Value::Name { subtree, .. } = &mut reading.value {
                *subtree = true;
                reading.span.start = host.start;
            }
        }
        return readings;
    }
    if text[host.clone()].starts_with(b"[") {
        return addr::read_bracketed(text, host.start).into_iter().collect();
    }
    // What is punctuation behind a host stands there as such, and not escaped.
    let host = host.start..host.start + token::trimmed(&text[host.clone()], 0, host.len());
    let decoded = decode(text, host.start, host.end);
    let is_escaped = decoded.bytes.len() < host.len();
    if is_escaped && !decoded.escapes_are_utf8() {
        return Vec::new();
    }
    if let Some(address) = as_address(&decoded, &host, has_numbers) {
        return address.into_iter().collect();
    }
    // A `%` that is left, or any other letter that no name holds, makes the URL invalid.
    if token::end(&decoded.bytes) < decoded.bytes.len() {
        return Vec::new();
    }
    let mut readings = token::read_names(&decoded.bytes, 0..decoded.bytes.len());
    let start = readings.first().map(|reading| reading.span.start);
    let is_whole = |end: usize| !is_escaped || !decoded.bytes[end..].contains(&b'-');
    readings.retain(|reading| Some(reading.span.start) == start && is_whole(reading.span.end));
    readings.truncate(if is_escaped { 1 } else { readings.len() });
    for reading in &mut readings {
        reading.span = decoded.position(reading.span.start)..decoded.position(reading.span.end);
    }
    readings
}

/// The host as an address, where browsers take it for one; `Some(None)` where it is a broken one.
fn as_address(
    decoded: &Decoded<'_>,
    host: &Range<usize>,
    has_numbers: bool,
) -> Option<Option<Reading>> {
    let text = token::letters(&decoded.bytes);
    // Of labels at the end nobody sees any.
    let is_unseen = |c| c == '.' || is_full_stop(c) || is_ignored(c);
    let has_empty_label = token::has_empty_label(text.trim_end_matches(is_unseen));
    // Digits of other scripts are digits to UTS 46.
    let text = if text.is_ascii() { text.into_owned() } else { token::canonical(&text) };
    let text = text.trim_end_matches('.');
    addr::ends_in_number(text).then_some(())?;
    let end = decoded.position(token::trimmed(&decoded.bytes, 0, decoded.bytes.len()));
    let addr = match addr::browser_quad(text) {
        _ if has_empty_label => None,
        Some((range, is_obfuscated)) if has_numbers || !is_obfuscated => {
            let kind = IndicatorKind::Ipv4;
            Some((Value::Addrs { range, kind }, Flags::OBFUSCATED.when(is_obfuscated)))
        }
        _ if !has_numbers && addr::is_octal_quad(text) => {
            Some((Value::Rejected(Rejection::AmbiguousOctal), Flags::default()))
        }
        _ => None,
    };
    Some(addr.map(|(value, flags)| Reading {
        span: host.start..end,
        whole: host.clone(),
        value,
        role: Role::UrlHost,
        flags,
        port: None,
        others: Vec::new(),
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_as_programs_follow_them() {
        for (text, url) in [
            ("http://www.hospital.example/x?y#z", Some("http://www.hospital.example/x?y#z")),
            ("HXXPS://jan:secret@hospital.example:8443", Some("https://hospital.example:8443")),
            ("http:\\\\hospital.example\\x", Some("http://hospital.example\\x")),
            ("http:hospital.example", Some("http://hospital.example")),
            ("irc://hospital.example", Some("irc://hospital.example")),
            ("http://[2001:db8::1]:80/", Some("http://[2001:db8::1]:80/")),
            ("http://m\u{fc}nchen.example/\u{e9}", Some("http://xn--mnchen-3ya.example/\u{e9}")),
            ("//hospital.example/x", None),
            ("hospital.example/x", None),
        ] {
            assert_eq!(plain_url(text.as_bytes()).as_deref(), url, "{text}");
        }
    }
}
