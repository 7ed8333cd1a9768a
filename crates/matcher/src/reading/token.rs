//! Reads one token of running text: an address, a name or a mail address.

use std::borrow::Cow;
use std::net::{Ipv4Addr, Ipv6Addr};
use std::ops::Range;

use feedsieve_core::{AddrRange, MAX_NAME_BYTES, NameError, canonical_label};

use super::unicode::{
    belongs_to_name, first_letter, is_full_stop, is_ignored, is_letter, last_letter,
};
use super::words::Depth;
use super::{Reading, Rejection, Value, addr, url};
use crate::bytes::{is_label_byte, is_token_byte, is_word_end};
use crate::find::local_starts;
use crate::hit::{Flags, IndicatorKind, Role};

/// Reads the token that begins at `at` and returns where to go on; `None` where none begins.
pub(super) fn read(
    text: &[u8],
    at: usize,
    depth: Depth,
    readings: &mut Vec<Reading>,
) -> Option<usize> {
    let before = at.checked_sub(1).map(|before| text[before]);
    if text[at] == b':' {
        let begins =
            text[at..].starts_with(b"::") && !before.is_some_and(|b| is_label_byte(b) || b == b':');
        return if begins { read_addr(text, at, at, readings) } else { None };
    }
    let end = token_end(text, at);
    if end == at {
        return None;
    }
    let is_ascii = text[at..end].is_ascii();
    let mut start = at;
    loop {
        let border = if is_ascii { None } else { border(text, start..end, depth) };
        let part = start..border.map_or(end, |(border, _)| border);
        let punctuation = text[part.clone()].iter().take_while(|b| b".-".contains(b)).count();
        let behind = read_addr(text, start, start + punctuation, readings)
            .or_else(|| read_name_or_mail(text, part.clone(), depth, readings))
            .unwrap_or(part.end);
        match border {
            Some((border, false)) if behind <= border => start = border,
            Some((border, true)) if behind <= border => return Some(border),
            _ => return Some(behind),
        }
    }
}

/// Where in a token an address or a URL begins behind letters that are not ASCII, and whether it
/// is a URL. In scripts without blanks, what stands before it is a token of its own.
fn border(text: &[u8], token: Range<usize>, depth: Depth) -> Option<(usize, bool)> {
    let begins = |&at: &usize| text[at].is_ascii_alphanumeric() && !text[at - 1].is_ascii();
    (token.start + 1..token.end).filter(begins).find_map(|at| {
        let is_url = depth.cuts_urls() && url::Url::at(text, at).is_some();
        (is_url || addr::read(text, at, true).is_some()).then_some((at, is_url))
    })
}

/// Behind the last byte of a token that begins at `at`.
fn token_end(text: &[u8], at: usize) -> usize {
    let mut end = at;
    while let Some(&byte) = text.get(end) {
        if is_token_byte(byte) {
            end += 1;
        } else if byte.is_ascii() {
            break;
        } else {
            let letter = first_letter(&text[end..]);
            if !belongs_to_name(letter.char) {
                break;
            }
            end += letter.bytes;
        }
    }
    end
}

/// Reads an address at `at`; the token begins at `start`.
fn read_addr(text: &[u8], start: usize, at: usize, readings: &mut Vec<Reading>) -> Option<usize> {
    let first = text.get(at)?;
    (first.is_ascii_hexdigit() || *first == b':').then_some(())?;
    let mut reading = addr::read(text, at, !is_group_before(text, start))?;
    let behind = reading.whole.end;
    if matches!(reading.value, Value::Rejected(_)) {
        readings.push(reading);
        return Some(behind);
    }
    let before = &text[..reading.whole.start.min(start)];
    if text[..at].ends_with(b"@[") || text[..at].ends_with(b"@[IPv6:") {
        reading.role = Role::Email;
    } else if before.ends_with(b"/") && is_product(&before[..before.len() - 1]) {
        reading.role = Role::Version;
    }
    readings.push(reading);
    Some(behind)
}

/// Whether a colon before `at` parts groups of an address, and ends no key like `src:`.
fn is_group_before(text: &[u8], at: usize) -> bool {
    let Some(before) = text[..at].strip_suffix(b":") else { return false };
    let belongs = |b: &&u8| is_token_byte(**b) || **b == b':';
    let word = before.iter().rev().take_while(belongs).take_while(|&&b| b != b':');
    let mut bytes = 0;
    let is_group = word.inspect(|_| bytes += 1).all(u8::is_ascii_hexdigit);
    is_group && (bytes > 0 || before.ends_with(b":"))
}

/// Whether a text ends in a product, as in `Apache/2.4.17.1`, and not in what addresses follow.
fn is_product(text: &[u8]) -> bool {
    const NO_PRODUCTS: &str = "host client server src dst ip ip4 ip6 ipv4 ipv6 tcp udp icmp icmp6 \
        icmpv6 igmp sctp dccp gre esp http https ws wss ftp ftps sftp tftp ssh telnet smtp smtps \
        esmtp esmtps imap imaps pop3 pop3s dns mdns ntp snmp tls ssl dtls quic ldap ldaps rdp smb \
        sip sips rtsp mqtt socks4 socks5";
    let start = text.iter().rposition(|&b| !is_token_byte(b)).map_or(0, |before| before + 1);
    let word = &text[start..];
    let is_in_path = start > 0 && text[start - 1] == b'/';
    !is_in_path
        && word.first().is_some_and(u8::is_ascii_alphabetic)
        && !word.contains(&b'.')
        && !NO_PRODUCTS.split(' ').any(|other| word.eq_ignore_ascii_case(other.as_bytes()))
}

/// The path that makes a host without a scheme a URL: a slash and more.
fn path_behind(text: &[u8], at: usize) -> Option<Range<usize>> {
    text.get(at..)?.strip_prefix(b"/")?;
    let end = url::end_in_text(text, at + 1);
    // A slash and punctuation are no path.
    let says_something = |&b: &u8| b.is_ascii_alphanumeric() || !b.is_ascii();
    text[at..end].iter().any(says_something).then_some(at..end)
}

fn read_name_or_mail(
    text: &[u8],
    token: Range<usize>,
    depth: Depth,
    readings: &mut Vec<Reading>,
) -> Option<usize> {
    let before = token.start.checked_sub(1).map(|before| text[before]);
    if text.get(token.end) == Some(&b'@')
        && text.get(token.end + 1).is_some_and(|&b| is_label_byte(b) || b == b'[' || !b.is_ascii())
    {
        // A local part; the domain looks back at it.
        return Some(token.end);
    }
    let mut reading = read_name(&text[token.clone()])?;
    shift(&mut reading, token.start);
    if before == Some(b'@')
        && let Value::Name { name, .. } = &reading.value
    {
        let (span, mail) = mail(text, token.start - 1, name);
        if let Some(value) = mail {
            reading.value = value;
            reading.role = Role::Email;
            reading.span.start = span;
            reading.whole.start = span;
            readings.push(reading);
            return Some(token.end);
        }
    }
    let behind = match addr::port(&text[token.end..]) {
        Some((port, bytes)) => {
            reading.port = Some(port);
            token.end + bytes
        }
        None => token.end,
    };
    if behind > token.end {
        reading.whole.end = behind;
    }
    subtree(text, &token, &mut reading);
    let path = depth.cuts_urls().then(|| path_behind(text, behind)).flatten();
    let Some(path) = path else {
        readings.push(reading);
        return Some(behind);
    };
    if reading.role == Role::Text {
        reading.role = Role::UrlHost;
    }
    reading.whole.end = path.end;
    readings.push(reading);
    url::read_behind_host(text, path.clone(), depth, readings);
    Some(path.end)
}

fn shift(reading: &mut Reading, by: usize) {
    reading.span = reading.span.start + by..reading.span.end + by;
    reading.whole = reading.whole.start + by..reading.whole.end + by;
}

/// `.name` and `*.name` stand for everything under the name as well.
fn subtree(text: &[u8], token: &Range<usize>, reading: &mut Reading) {
    let Value::Name { subtree, .. } = &mut reading.value else { return };
    let dots = text[token.clone()].iter().take_while(|&&b| b == b'.').count();
    if dots != 1 {
        return;
    }
    let before = token.start.checked_sub(1).map(|before| text[before]);
    match before {
        Some(b'*') => {
            let star = token.start - 1;
            let begins = star == 0 || !(is_token_byte(text[star - 1]) || text[star - 1] == b'*');
            *subtree = begins;
            if begins {
                reading.span.start = star;
                reading.whole.start = star;
            }
        }
        Some(before)
            if !(BEFORE_SUBTREE.contains(&before) || is_word_end(before) && before != b'>') => {}
        _ => {
            *subtree = true;
            reading.span.start = token.start;
            reading.whole.start = token.start;
        }
    }
}

/// What may stand before the dot of a subtree notation, besides blanks and quotes.
const BEFORE_SUBTREE: &[u8] = b"=,;:|/\\@!^'([{<";

/// Where the mail address begins whose `@` stands at `at`, and what it is.
fn mail(text: &[u8], at: usize, domain: &str) -> (usize, Option<Value>) {
    if at > 0 && text[at - 1] == b'"' {
        let opening = text[..at - 1].iter().rposition(|&b| b == b'"');
        let local = opening.map(|opening| String::from_utf8_lossy(&text[opening..at]));
        let mail = local.map(|local| format!("{}@{domain}", canonical_quoted(&local)));
        let value = mail.map(|mail| Value::Mail { mail, longer: Vec::new() });
        return (opening.unwrap_or(at), value);
    }
    let spelled = |start: usize| {
        format!("{}@{domain}", String::from_utf8_lossy(&text[start..at]).to_lowercase())
    };
    let mut starts = local_starts(text, 0, at);
    let Some(first) = starts.next() else { return (at, None) };
    if first > 0 && text[first - 1] == b'@' {
        // Two unquoted `@` make no mail address.
        return (at, None);
    }
    let punctuation = text[first..at].iter().take_while(|b| b".-+'".contains(b)).count();
    let start = first + punctuation;
    if start == at {
        return (at, None);
    }
    let plain = (start > first).then_some(first);
    let longer = plain.into_iter().chain(starts).map(spelled).collect();
    (start, Some(Value::Mail { mail: spelled(start), longer }))
}

/// A quoted local part without quotes that it does not need.
fn canonical_quoted(local: &str) -> String {
    let inner = local.trim_matches('"').to_lowercase();
    let bare = inner.bytes().all(|b| is_token_byte(b) || b == b'+');
    if bare && !inner.is_empty() { inner } else { local.to_lowercase() }
}

/// Reads a name that is the whole of `token`, less punctuation at its ends.
pub(super) fn read_name(token: &[u8]) -> Option<Reading> {
    let is_latin1 = str::from_utf8(token).is_err();
    let (start, end) = trim(token);
    let text = letters(&token[start..end]);
    let mut labels: Vec<Cow<'_, str>> = Vec::new();
    let mut is_bad = false;
    let (mut bytes, mut has_stop) = (0, false);
    for label in text.split(|c| c == '.' || is_full_stop(c)) {
        has_stop |= !labels.is_empty();
        let label = match canonical_label(label) {
            Ok(label) => label,
            Err(NameError::EmptyLabel) => {
                is_bad = true;
                continue;
            }
            Err(NameError::LabelTooLong) => {
                is_bad = true;
                Cow::Borrowed(label)
            }
            // Merely unequal to every label of an asset.
            Err(_) => Cow::Owned(label.to_lowercase()),
        };
        bytes += label.len() + 1;
        labels.push(label);
    }
    let last = labels.last()?;
    if !has_stop || labels.len() < 2 || last.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    is_bad |= bytes > MAX_NAME_BYTES + 1;
    let name = labels.join(".");
    let is_invisible = !text.is_ascii() && {
        // A joiner in its place is a letter like others, and changes the name.
        let visible: String = text.chars().filter(|&c| !is_ignored(c)).collect();
        visible.len() < text.len() && canonical(&visible) == name
    };
    // One root dot, of any script, belongs to the name.
    let has_root = end < token.len() && {
        let letter = first_letter(&token[end..]);
        let is_stop = letter.char == '.' || is_full_stop(letter.char);
        is_stop && end + letter.bytes == token.len()
    };
    let mut reading = Reading {
        span: start..end,
        whole: start..if has_root { token.len() } else { end },
        value: Value::BadName(String::new()),
        role: Role::Text,
        flags: Flags::INVISIBLE.when(is_invisible).with(Flags::LATIN1.when(is_latin1)),
        port: None,
    };
    if is_bad {
        reading.value = Value::BadName(name);
    } else if let Some(range) = reverse(&name) {
        let kind = match (range.single(), range) {
            (None, _) => IndicatorKind::Prefix,
            (Some(_), AddrRange::V4 { .. }) => IndicatorKind::Ipv4,
            (Some(_), AddrRange::V6 { .. }) => IndicatorKind::Ipv6,
        };
        reading.value = Value::Addrs { range, kind };
        reading.role = Role::Rdns;
    } else {
        reading.value = Value::Name { name, subtree: false };
    }
    Some(reading)
}

/// Whether bytes of a host hold a full stop of any script.
pub(super) fn has_full_stop(host: &[u8]) -> bool {
    letters(host).contains(|c| c == '.' || is_full_stop(c))
}

/// The labels of a name in canonical form, those that are none in lower case.
pub(super) fn canonical(text: &str) -> String {
    let labels = text.split(|c| c == '.' || is_full_stop(c)).filter(|label| !label.is_empty());
    let labels = labels.map(|label| match canonical_label(label) {
        Ok(label) => label.into_owned(),
        Err(_) => label.to_lowercase(),
    });
    labels.collect::<Vec<_>>().join(".")
}

/// Where the name in a token begins and ends.
///
/// Dots and dashes at the end are punctuation, dots at the start too. Where the
/// last label is ASCII up to letters of another script, it ends before them.
fn trim(token: &[u8]) -> (usize, usize) {
    let start = token.iter().take_while(|&&b| b == b'.').count();
    let mut end = token.len();
    while end > start {
        let letter = last_letter(&token[start..end]);
        if !matches!(letter.char, '.' | '-') && !is_full_stop(letter.char) {
            break;
        }
        end -= letter.bytes;
    }
    let mut at = start;
    let mut border = None;
    let mut is_ascii_label = false;
    while at < end {
        let letter = first_letter(&token[at..end]);
        if letter.char == '.' || is_full_stop(letter.char) {
            (border, is_ascii_label) = (None, false);
        } else if letter.char.is_ascii() {
            is_ascii_label |= border.is_none();
        } else if is_letter(letter.char) && is_ascii_label && border.is_none() {
            border = Some(at);
        } else if is_letter(letter.char) && border.is_none() {
            // The label does not begin with ASCII, so it has no such border.
            border = Some(end);
        }
        at += letter.bytes;
    }
    (start, border.unwrap_or(end).min(end))
}

/// The letters of a token; bytes that are no UTF-8 are Windows-1252.
pub(crate) fn letters(token: &[u8]) -> Cow<'_, str> {
    str::from_utf8(token).map_or_else(
        |_| {
            let mut text = String::with_capacity(token.len() + 8);
            let mut rest = token;
            while !rest.is_empty() {
                let letter = first_letter(rest);
                text.push(letter.char);
                rest = &rest[letter.bytes..];
            }
            Cow::Owned(text)
        },
        Cow::Borrowed,
    )
}

/// The addresses that a reverse name stands for (RFC 1035, section 3.5; RFC 3596, section 2.5).
fn reverse(name: &str) -> Option<AddrRange> {
    if let Some(labels) = name.strip_suffix(".in-addr.arpa") {
        let numbers: Vec<u8> = labels.rsplit('.').map(plain_octet).collect::<Option<_>>()?;
        let len = numbers.len();
        (len <= 4).then_some(())?;
        let addr = numbers.iter().zip([24, 16, 8, 0]).fold(0, |a, (&n, by)| a | u32::from(n) << by);
        let host_mask = u32::MAX.checked_shr(8 * len as u32).unwrap_or(0);
        return AddrRange::new(
            Ipv4Addr::from(addr).into(),
            Ipv4Addr::from(addr | host_mask).into(),
        )
        .ok();
    }
    let labels = name.strip_suffix(".ip6.arpa")?;
    let nibbles: Vec<u8> = labels.rsplit('.').map(nibble).collect::<Option<_>>()?;
    let len = nibbles.len();
    (len <= 32).then_some(())?;
    let addr = (nibbles.iter().enumerate())
        .fold(0, |addr, (index, &nibble)| addr | u128::from(nibble) << (124 - 4 * index));
    let host_mask = u128::MAX.checked_shr(4 * len as u32).unwrap_or(0);
    AddrRange::new(Ipv6Addr::from(addr).into(), Ipv6Addr::from(addr | host_mask).into()).ok()
}

fn plain_octet(label: &str) -> Option<u8> {
    let plain =
        label.bytes().all(|b| b.is_ascii_digit()) && (label == "0" || !label.starts_with('0'));
    plain.then(|| label.parse().ok())?
}

fn nibble(label: &str) -> Option<u8> {
    let mut chars = label.chars();
    let digit = chars.next()?.to_digit(16)? as u8;
    chars.next().is_none().then_some(digit)
}

impl Rejection {
    /// The reason as the summary names it.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::AmbiguousOctal => "ambiguous-octal",
            Self::InvertedRange => "inverted-range",
        }
    }
}
