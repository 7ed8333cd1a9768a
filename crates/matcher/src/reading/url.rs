//! Cuts a URL as WHATWG does for special schemes, and reads each part in its role.
//!
//! Source: WHATWG URL, section 4.4 (the basic URL parser), for authority, host
//! and backslashes. Where a URL ends in running text no standard says; the rules
//! here are those that people follow when they write one down.

use std::ops::Range;

use super::percent::{Decoded, decode};
use super::unicode::first_letter;
use super::words::{self, Depth};
use super::{Reading, Value, addr, token};
use crate::bytes::{is_label_byte, is_word_end};
use crate::hit::{Flags, IndicatorKind, Role};

/// Where a URL stands in a text, and its parts.
#[derive(Debug)]
pub(super) struct Url {
    start: usize,
    userinfo: Range<usize>,
    host: Range<usize>,
    port: Option<u16>,
    /// Where host and port end and the path begins.
    path: usize,
    /// Whether browsers know the scheme, and read its host as theirs.
    is_special: bool,
    /// Behind the last byte that belongs to it.
    pub(super) end: usize,
}

/// Longest scheme that is looked for.
const MAX_SCHEME_BYTES: usize = 32;

/// How far before an authority or a path the quote may stand that ends the URL: behind it, a
/// scheme or a name and a port have room.
const MAX_QUOTED_BYTES: usize = 512;

impl Url {
    /// The URL that begins at `at`, if one does.
    pub(super) fn at(text: &[u8], at: usize) -> Option<Self> {
        let before = at.checked_sub(1).map(|before| text[before]);
        let (authority, is_special) = match text[at] {
            b'/' if !before
                .is_some_and(|b| is_label_byte(b) || matches!(b, b':' | b'/' | b'.' | b')')) =>
            {
                (text[at..].starts_with(b"//").then_some(at + 2)?, false)
            }
            first if first.is_ascii_alphabetic() && !before.is_some_and(is_label_byte) => {
                after_scheme(text, at)?
            }
            _ => return None,
        };
        Self::cut(text, at, authority, is_special)
    }

    /// Cuts at the authority's end, the userinfo's, and the port's.
    fn cut(text: &[u8], start: usize, authority: usize, is_special: bool) -> Option<Self> {
        let ends_authority = |&b: &u8| matches!(b, b'/' | b'?' | b'#') || b == b'\\' && is_special;
        if !may_have_host(text[authority..].split(ends_authority).next().unwrap_or_default()) {
            return None;
        }
        let end = end_in_text(text, authority);
        let len = text[authority..end].iter().position(ends_authority);
        let authority_end = len.map_or(end, |len| authority + len);
        let at_sign = text[authority..authority_end].iter().rposition(|&b| b == b'@');
        let host_start = at_sign.map_or(authority, |len| authority + len + 1);
        let userinfo = authority..at_sign.map_or(authority, |len| authority + len);

        let host_end = host_start + host_bytes(&text[host_start..authority_end]);
        let port = addr::port(&text[host_end..authority_end]);
        let port_end = host_end + port.map_or(0, |(_, bytes)| bytes);
        // What looks like a port and is none is skipped; any other byte is not of the URL.
        let skips = text[port_end..authority_end].first() == Some(&b':');
        let path = if skips { authority_end } else { port_end };
        let end = if path == authority_end { end } else { path };
        (host_end > host_start || !userinfo.is_empty()).then_some(Self {
            start,
            userinfo,
            host: host_start..host_end,
            port: port.map(|(port, _)| port),
            path,
            is_special,
            end,
        })
    }

    /// Reads every part in its role.
    pub(super) fn read(&self, text: &[u8], depth: Depth, readings: &mut Vec<Reading>) {
        let userinfo = (Role::Userinfo, Role::Userinfo);
        read_part(text, self.userinfo.clone(), userinfo, depth, readings);
        if let Some(mut reading) = read_host(text, self.host.clone(), self.is_special) {
            reading.whole = self.start..self.end;
            reading.port = self.port;
            readings.push(reading);
        }
        read_behind_host(text, self.path..self.end, depth, readings);
    }
}

/// Whether userinfo or a host begins an authority that ends here, or before.
///
/// Where not, the URL's end need not be found; in a word of nothing but `http://*`
/// that would be to read the rest of the word for each.
fn may_have_host(authority: &[u8]) -> bool {
    let host = authority.strip_prefix(b"@").unwrap_or(authority);
    host_bytes(host) > 0 || host.contains(&b'@')
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
    for reading in &mut readings[known..] {
        reading.span = decoded.position(reading.span.start)..decoded.position(reading.span.end);
        reading.whole = decoded.position(reading.whole.start)..decoded.position(reading.whole.end);
        let is_mail = matches!(reading.value, Value::Mail { .. }) || reading.role == Role::Email;
        reading.role = if is_mail { mail } else { role };
    }
}

/// Where the authority begins behind a scheme at `at`, and whether the scheme is special.
fn after_scheme(text: &[u8], at: usize) -> Option<(usize, bool)> {
    let rest = &text[at..text.len().min(at + MAX_SCHEME_BYTES)];
    let belongs = |b: &&u8| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'-');
    let len = rest.iter().take_while(belongs).count();
    (text.get(at + len) == Some(&b':')).then_some(())?;
    let behind = at + len + 1;
    let scheme = text[at..at + len].to_ascii_lowercase();
    let is_special = is_special(&scheme);
    let slashes = text[behind..].iter().take_while(|&&b| b == b'/' || b == b'\\').count();
    if is_special {
        // WHATWG takes any number of slashes; in text, a blank ends it. With fewer than
        // two it may be a key, so that only a name makes it a URL.
        let authority = behind + slashes;
        let next = *text.get(authority)?;
        let begins = slashes >= 2 || {
            let host = &text[authority..authority + host_bytes(&text[authority..])];
            !next.is_ascii_digit() && token::has_full_stop(host)
        };
        return (begins && !is_word_end(next)).then_some((authority, true));
    }
    text[behind..].starts_with(b"//").then_some((behind + 2, false))
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
            | b"h**p"
            | b"httpx"
    )
}

/// Where a URL with an authority ends in running text.
pub(super) fn end_in_text(text: &[u8], start: usize) -> usize {
    // A quote before the URL's word ends it, and a bracket that it did not open.
    let before = &text[start.saturating_sub(MAX_QUOTED_BYTES)..start];
    let word = before.iter().rposition(|&b| is_word_end(b) || b"'([{=,;|".contains(&b));
    let is_quoted = word.is_some_and(|word| before[word] == b'\'');
    let mut opened = [0_usize; 3];
    let bracket = |byte: u8, of: &[u8]| of.iter().position(|&b| b == byte);
    let mut at = start;
    while at < text.len() {
        let byte = text[at];
        let ends = match byte {
            byte if is_word_end(byte) => true,
            byte if !byte.is_ascii() => {
                let letter = first_letter(&text[at..]);
                let ends = letter.char.is_whitespace() || is_quote(letter.char);
                at += letter.bytes - 1;
                if ends {
                    return at + 1 - letter.bytes;
                }
                false
            }
            b',' | b';' | b'|' => begins_with_scheme(&text[at + 1..]),
            b'\'' => is_quoted,
            byte => match (bracket(byte, b"([{"), bracket(byte, b")]}")) {
                (Some(kind), _) => {
                    opened[kind] += 1;
                    false
                }
                (_, Some(kind)) if opened[kind] > 0 => {
                    opened[kind] -= 1;
                    false
                }
                (_, closing) => closing.is_some(),
            },
        };
        if ends {
            return at;
        }
        at += 1;
    }
    at
}

fn is_quote(char: char) -> bool {
    matches!(char, '\u{ab}' | '\u{bb}' | '\u{2018}'..='\u{201f}' | '\u{2039}' | '\u{203a}')
}

fn begins_with_scheme(text: &[u8]) -> bool {
    let belongs = |b: &&u8| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'-');
    let len = text.iter().take(MAX_SCHEME_BYTES).take_while(belongs).count();
    len > 0 && text[len..].starts_with(b"://")
}

/// Bytes of a host at the start of an authority's last part.
fn host_bytes(text: &[u8]) -> usize {
    if text.starts_with(b"*.") {
        return 1 + host_bytes(&text[1..]);
    }
    if text.first() == Some(&b'[') {
        return text.iter().position(|&b| b == b']').map_or(0, |len| len + 1);
    }
    let belongs = |&b: &u8| is_label_byte(b) || matches!(b, b'.' | b'%') || !b.is_ascii();
    text.iter().position(|b| !belongs(b)).unwrap_or(text.len())
}

/// Reads the host of a URL: a name, an address in brackets, or a number.
fn read_host(text: &[u8], host: Range<usize>, is_special: bool) -> Option<Reading> {
    if text[host.clone()].starts_with(b"*.") {
        let mut reading = read_host(text, host.start + 2..host.end, is_special)?;
        if let Value::Name { subtree, .. } = &mut reading.value {
            *subtree = true;
            reading.span.start = host.start;
        }
        return Some(reading);
    }
    if text[host.clone()].starts_with(b"[") {
        let mut reading = addr::read(text, host.start + 1, true)?;
        let is_whole = reading.span.end + 1 == host.end;
        reading.role = Role::UrlHost;
        return is_whole.then_some(reading);
    }
    let decoded = decode(text, host.start, host.end);
    let is_escaped = decoded.bytes.len() < host.len();
    if is_escaped && str::from_utf8(&decoded.bytes).is_err() {
        return None;
    }
    let address = match is_special {
        true => as_address(&decoded, &host),
        false => addr::read(text, host.start, true).filter(|r| r.span.end == host.end).map(Some),
    };
    let mut reading = match address {
        Some(reading) => reading?,
        None => token::read_name(&decoded.bytes)?,
    };
    if matches!(reading.value, Value::Name { .. } | Value::BadName(_)) {
        // A `%` that is left, or any other byte that no name holds, makes the URL invalid.
        let whole = reading.span.len() == decoded.bytes.len()
            || decoded.bytes[reading.span.end..]
                .iter()
                .all(|&b| b == b'.' || b == b'-' || !b.is_ascii());
        whole.then_some(())?;
        reading.span = decoded.position(reading.span.start)..decoded.position(reading.span.end);
    }
    reading.role = Role::UrlHost;
    Some(reading)
}

/// The host as an address, where browsers take it for one; `Some(None)` where it is a broken one.
fn as_address(decoded: &Decoded<'_>, host: &Range<usize>) -> Option<Option<Reading>> {
    let text = str::from_utf8(&decoded.bytes).ok()?;
    // Digits of other scripts are digits to UTS 46.
    let text = if text.is_ascii() { text.to_owned() } else { token::canonical(text) };
    if !addr::ends_in_number(&text) {
        return None;
    }
    Some(addr::browser_quad(&text).map(|(range, is_obfuscated)| Reading {
        span: host.clone(),
        whole: host.clone(),
        value: Value::Addrs { range, kind: IndicatorKind::Ipv4 },
        role: Role::UrlHost,
        flags: Flags::OBFUSCATED.when(is_obfuscated),
        port: None,
    }))
}
