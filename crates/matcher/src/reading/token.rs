//! Reads one token of running text: an address, a name or a mail address.

use std::borrow::Cow;
use std::ops::Range;

use feedsieve_core::{MAX_LABEL_BYTES, MAX_NAME_BYTES, NameError, canonical_label};

use super::percent::is_behind_escape;
use super::unicode::{
    belongs_to_name, first_letter, full_stop_bytes, is_full_stop, is_ignored, is_in_label,
    last_letter,
};
use super::words::Depth;
use super::{Reading, Rejection, Value, addr, reverse, url};
use crate::IndicatorKind;
use crate::bytes::{is_label_byte, is_token_byte, is_word_end};
use crate::hit::{Flags, Role};

/// Reads the token that begins at `at` and returns where to go on; `None` where none begins.
pub(super) fn read(
    text: &[u8],
    at: usize,
    depth: Depth,
    readings: &mut Vec<Reading>,
) -> Option<usize> {
    if text[at] == b':' {
        let begins = text[at..].starts_with(b"::")
            && (!text[..at].last().is_some_and(|&b| is_token_byte(b))
                || is_behind_escape(text, at))
            && !is_group_before(text, at);
        return if begins { read_addr(text, at..at, depth, readings) } else { None };
    }
    let end = end_before_letters(text, at, depth);
    (end > at).then_some(())?;
    let behind_punctuation =
        |at: usize| at + text[at..end].iter().take_while(|&&b| b == b'.' || b == b'-').count();
    if let Some(end) = read_addr(text, at..behind_punctuation(at), depth, readings) {
        return Some(end);
    }
    let behind = at + DIGITS_BYTES;
    if behind < end
        && is_behind_escape(text, behind)
        && let Some(end) = read_addr(text, behind..behind_punctuation(behind), depth, readings)
    {
        return Some(end);
    }
    let behind = read_name(text, at..end, depth, readings);
    Some(behind.unwrap_or_else(|| match behind_wide_stops(text, at) {
        // Behind a full stop of another script a local part may begin.
        stop if stop > at => stop,
        _ => end,
    }))
}

/// Bytes of the digits of an escape.
const DIGITS_BYTES: usize = 2;

/// Behind the full stops of other scripts that stand at `at`; each of them begins the same.
fn behind_wide_stops(text: &[u8], at: usize) -> usize {
    let mut end = at;
    while text.get(end).is_some_and(|b| !b.is_ascii())
        && let Some(bytes) = full_stop_bytes(&text[end..])
    {
        end += bytes;
    }
    end
}

/// Where the token that begins at `at` ends, or an address or a URL begins in it right behind
/// letters that are not ASCII.
///
/// Looks no further than that: a text without blanks may hold thousands of addresses.
pub(super) fn end_before_letters(text: &[u8], at: usize, depth: Depth) -> usize {
    let mut end = at;
    let mut border = None;
    while let Some(&byte) = text.get(end) {
        if !byte.is_ascii() {
            let letter = first_letter(&text[end..]);
            if !belongs_to_name(letter.char) {
                break;
            }
            end += letter.bytes;
            border = Some(end);
            continue;
        }
        if !is_token_byte(byte) {
            break;
        }
        if is_label_byte(byte)
            && byte != b'-'
            && let Some(border) = border.take()
        {
            let begins = depth.cuts_urls() && url::Url::at(text, border).is_some()
                || byte.is_ascii_hexdigit() && addr::read(text, end, true).is_some();
            if begins {
                return border;
            }
        }
        end += 1;
    }
    let begins = || text[end..].starts_with(b"::") && is_addr(text, end);
    border.filter(|_| begins()).unwrap_or(end)
}

/// Whether an address begins at `at`, where a token does.
pub(super) fn is_addr(text: &[u8], at: usize) -> bool {
    let punctuation = text[at..].iter().take_while(|&&b| b == b'.' || b == b'-').count();
    addr::read(text, at + punctuation, true).is_some()
}

/// Whether the last label of a token is a number.
pub(super) fn is_number(token: &[u8]) -> bool {
    addr::ends_in_number(letters(token).trim_end_matches(['.', '-']))
}

/// Whether a character is one of a label, of any script.
pub(super) fn is_in_word(char: char) -> bool {
    if char.is_ascii() { is_label_byte(char as u8) } else { is_in_label(char) }
}

pub(super) fn begins_label(text: &[u8]) -> bool {
    text.first().is_some_and(|&byte| match byte.is_ascii() {
        true => is_label_byte(byte),
        false => is_in_label(first_letter(text).char),
    })
}

/// Bytes of the token that `text` begins with.
pub(super) fn end(text: &[u8]) -> usize {
    token_end(text, 0)
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

/// Reads an address that begins behind `punctuation`, with which a token begins, and the path
/// that makes it a URL's host.
pub(super) fn read_addr(
    text: &[u8],
    punctuation: Range<usize>,
    depth: Depth,
    readings: &mut Vec<Reading>,
) -> Option<usize> {
    let Range { start, end: at } = punctuation;
    let first = text.get(at)?;
    (first.is_ascii_hexdigit() || *first == b':').then_some(())?;
    // Right behind another address no third begins.
    let is_in_word =
        text[..start].last().is_some_and(|&b| is_token_byte(b)) && !is_behind_escape(text, start);
    let mut reading = addr::read(text, at, !is_in_word && !is_group_before(text, start))?;
    let behind = reading.whole.end;
    let before = &text[..start];
    // A version is a number by itself, with neither a length nor a port.
    let is_quad = matches!(reading.value, Value::Addrs { kind: IndicatorKind::Ipv4, .. })
        && !text[reading.span.clone()].contains(&b':');
    let is_number = is_quad && (reading.port.is_none() || text[reading.span.end] == b'-');
    if is_number && start == at && before.ends_with(b"/") && is_product(&before[..before.len() - 1])
    {
        reading.role = Role::Version;
        readings.push(reading);
        return Some(behind);
    }
    let path = (is_quad && depth.cuts_urls() && !before.ends_with(b"/"))
        .then(|| path_of_addr(text, reading.span.start, behind))
        .flatten();
    let Some(path) = path else {
        readings.push(reading);
        return Some(behind);
    };
    reading.role = Role::UrlHost;
    reading.whole.end = path.end;
    readings.push(reading);
    url::read_behind_host(text, path.clone(), depth, readings);
    Some(path.end)
}

/// The path that makes an address without a scheme, written from `first` on, a URL: a word that begins
/// with a letter, and more.
///
/// A number would be a length, a port or the next address, and what is served by a protocol names it.
/// One word may be the host's name.
fn path_of_addr(text: &[u8], first: usize, at: usize) -> Option<Range<usize>> {
    let path = &text.get(at..)?.strip_prefix(b"/")?;
    let (word, behind) = path.split_at(path.iter().take_while(|&&b| is_token_byte(b)).count());
    matches!(behind.first(), Some(b'/' | b'?')).then_some(())?;
    let is_protocol = ["tcp", "udp", "icmp", "sctp"]
        .iter()
        .any(|protocol| word.eq_ignore_ascii_case(protocol.as_bytes()));
    let begins = word.first().is_some_and(u8::is_ascii_alphabetic) && !is_protocol;
    begins.then(|| path_behind(text, first, at)).flatten()
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

/// The path that makes a host without a scheme, written from `first` on, a URL: a slash and more.
fn path_behind(text: &[u8], first: usize, at: usize) -> Option<Range<usize>> {
    text.get(at..)?.strip_prefix(b"/")?;
    let end = url::end_in_text(text, first, at + 1, |_| false);
    // A slash and punctuation are no path.
    let says_something = |b: &u8| !b"/.,;:!?'-".contains(b);
    text[at..end].iter().any(says_something).then_some(at..end)
}

/// Reads a token as a name, with the port or the path behind it.
fn read_name(
    text: &[u8],
    token: Range<usize>,
    depth: Depth,
    readings: &mut Vec<Reading>,
) -> Option<usize> {
    let mut ways = read_names(text, token.clone());
    (!ways.is_empty()).then_some(())?;
    // Behind punctuation no port begins.
    let port = addr::port(&text[token.end..]).filter(|_| ways[0].whole.end == token.end);
    let behind = token.end + port.map_or(0, |(_, bytes)| bytes);
    ways.iter_mut().for_each(|way| subtree(text, &token, way));
    let Range { start: first, end: last } = ways[0].span;
    let path = depth.cuts_urls().then(|| path_behind(text, first, behind)).flatten();
    for way in &mut ways {
        if let Some((port, _)) = port
            && way.span.end == last
        {
            way.port = Some(port);
            way.whole.end = behind;
        }
        if let Some(path) = &path {
            way.whole.end = path.end;
            if way.role == Role::Text {
                way.role = Role::UrlHost;
            }
        }
    }
    readings.extend(reverse::addrs(&ways));
    readings.extend(one_of(ways.into_iter()));
    let Some(path) = path else { return Some(behind) };
    url::read_behind_host(text, path.clone(), depth, readings);
    Some(path.end)
}

/// The first way to read something, with the others in it.
pub(super) fn one_of(mut ways: impl Iterator<Item = Reading>) -> Option<Reading> {
    let mut first = ways.next()?;
    first.others = ways.collect();
    Some(first)
}

/// `.name` and `*.name` stand for everything under the name as well.
fn subtree(text: &[u8], token: &Range<usize>, reading: &mut Reading) {
    let Value::Name { subtree, .. } = &mut reading.value else { return };
    let (stops, bytes) = full_stops(&text[token.clone()]);
    if stops != 1 {
        return;
    }
    // A bullet may stand between the notation and the name.
    let is_first = reading.span.start == token.start + bytes;
    let before = token.start.checked_sub(1).map(|before| text[before]);
    match before {
        Some(b'*') => {
            let star = token.start - 1;
            let goes_on = |before| before == '.' || is_full_stop(before) || is_in_word(before);
            let begins = star == 0 || !goes_on(last_letter(&text[..star]).char);
            *subtree = begins;
            if begins && is_first {
                reading.span.start = star;
                reading.whole.start = star;
            }
        }
        Some(before)
            if !(BEFORE_SUBTREE.contains(&before) || is_word_end(before) && before != b'>') => {}
        _ => {
            *subtree = true;
            if is_first {
                reading.span.start = token.start;
                reading.whole.start = token.start;
            }
        }
    }
}

/// What may stand before the dot of a subtree notation, besides blanks and quotes.
const BEFORE_SUBTREE: &[u8] = b"=,;:|/\\@!^'([{<";

/// The ways to read a token as a name, less punctuation at its ends, best first.
///
/// Dashes at its start may be a bullet, and two letters the digits of an escape. Behind an ASCII last label the letters of another script
/// may be the next word of a text without blanks, and behind its full stop the next sentence.
pub(super) fn read_names(text: &[u8], token: Range<usize>) -> Vec<Reading> {
    let by = token.start;
    let is_escape = is_behind_escape(text, by + DIGITS_BYTES);
    let token = &text[token];
    let start = full_stops(token).1;
    let end = trimmed(token, start, token.len());
    let dashes = token[start..end].iter().take_while(|&&b| b == b'-').count();
    let border = |end: &usize| Some(trimmed(token, start, border(token, start, *end)?));
    let sentence = sentence_end(token, start, end).map(|end| trimmed(token, start, end));
    let mut ways: Vec<Reading> = Vec::new();
    for end in [Some(end), border(&end), sentence, sentence.as_ref().and_then(border)]
        .into_iter()
        .flatten()
    {
        ways.extend(name_in(token, start..end));
        if dashes > 0 {
            ways.extend(name_in(token, start + dashes..end));
        }
        if is_escape {
            ways.extend(name_in(token, DIGITS_BYTES..end));
        }
    }
    for way in &mut ways {
        way.span = way.span.start + by..way.span.end + by;
        way.whole = way.whole.start + by..way.whole.end + by;
    }
    ways
}

/// How many full stops a token begins with, and their bytes.
fn full_stops(token: &[u8]) -> (usize, usize) {
    let (mut count, mut bytes) = (0, 0);
    while bytes < token.len() {
        let letter = first_letter(&token[bytes..]);
        if letter.char != '.' && !is_full_stop(letter.char) {
            break;
        }
        (count, bytes) = (count + 1, bytes + letter.bytes);
    }
    (count, bytes)
}

/// Reads the name that is written in a part of a token.
fn name_in(token: &[u8], part: Range<usize>) -> Option<Reading> {
    let bytes = token.get(part.clone())?;
    let text = letters(bytes);
    let mut labels: Vec<Cow<'_, str>> = Vec::new();
    let mut is_bad = false;
    // Behind an empty label: nobody sees one at the end.
    let mut is_open = false;
    let mut octets = 0;
    for label in text.split(|c| c == '.' || is_full_stop(c)) {
        let label = match canonical_label(label) {
            Ok(label) => label,
            Err(NameError::EmptyLabel) => {
                is_open = true;
                octets += 1;
                continue;
            }
            // Merely unequal to every label of an asset, and as long as it is written.
            Err(_) => Cow::Owned(lower(label)),
        };
        is_bad |= is_open || label.len() > MAX_LABEL_BYTES;
        octets += label.len() + 1;
        labels.push(label);
    }
    let last = labels.last()?;
    if labels.len() < 2 || addr::ends_in_number(last) {
        return None;
    }
    is_bad |= octets > MAX_NAME_BYTES + 1;
    let name = labels.join(".");
    let is_invisible = !text.is_ascii() && {
        // A joiner in its place is a letter like others, and changes the name.
        let visible: String = text.chars().filter(|&c| !is_ignored(c)).collect();
        visible.len() < text.len() && canonical(&visible) == name
    };
    // One root dot, of any script, belongs to the name.
    let has_root = part.end < token.len() && {
        let letter = first_letter(&token[part.end..]);
        let is_stop = letter.char == '.' || is_full_stop(letter.char);
        is_stop && part.end + letter.bytes == token.len()
    };
    Some(Reading {
        whole: part.start..if has_root { token.len() } else { part.end },
        span: part,
        value: match is_bad {
            true => Value::BadName { name, is_mail: false },
            false => Value::Name { name, subtree: false },
        },
        role: Role::Text,
        flags: Flags::INVISIBLE
            .when(is_invisible)
            .with(Flags::LATIN1.when(str::from_utf8(bytes).is_err())),
        port: None,
        others: Vec::new(),
    })
}

/// Where the first full stop of any script stands.
pub(super) fn full_stop(text: &[u8]) -> Option<usize> {
    let mut at = 0;
    while at < text.len() {
        let letter = first_letter(&text[at..]);
        if letter.char == '.' || is_full_stop(letter.char) {
            return Some(at);
        }
        at += letter.bytes;
    }
    None
}

/// Whether two full stops of a name stand together, or one at its start.
pub(super) fn has_empty_label(text: &str) -> bool {
    let is_stop = |c| c == '.' || is_full_stop(c);
    text.trim_end_matches(|c| is_stop(c) || c == '-').split(is_stop).any(str::is_empty)
}

/// The labels of a name in canonical form, those that are none in lower case.
pub(super) fn canonical(text: &str) -> String {
    let labels = text.split(|c| c == '.' || is_full_stop(c)).filter(|label| !label.is_empty());
    let labels = labels.map(|label| match canonical_label(label) {
        Ok(label) => label.into_owned(),
        Err(_) => lower(label),
    });
    labels.collect::<Vec<_>>().join(".")
}

/// A label that is none, as it is compared.
fn lower(label: &str) -> String {
    label.chars().filter(|&c| !is_ignored(c)).collect::<String>().to_lowercase()
}

/// Where a name ends before dots and dashes that are punctuation.
pub(super) fn trimmed(token: &[u8], start: usize, end: usize) -> usize {
    let mut end = end;
    while end > start {
        let letter = last_letter(&token[start..end]);
        if !matches!(letter.char, '.' | '-') && !is_full_stop(letter.char) {
            break;
        }
        end -= letter.bytes;
    }
    end
}

/// Where letters of another script begin in a last label that begins with ASCII.
fn border(token: &[u8], start: usize, end: usize) -> Option<usize> {
    let mut at = start;
    let mut border = None;
    let mut is_ascii_label = false;
    let mut is_first = true;
    while at < end {
        let letter = first_letter(&token[at..end]);
        if letter.char == '.' || is_full_stop(letter.char) {
            (border, is_ascii_label, is_first) = (None, false, true);
        } else if letter.char.is_ascii() {
            is_ascii_label |= is_first;
            is_first = false;
        } else if !is_ignored(letter.char) {
            if is_ascii_label && border.is_none() {
                border = Some(at);
            }
            is_first = false;
        }
        at += letter.bytes;
    }
    border
}

/// The first full stop of another script that stands behind a dot, and before a label of such letters.
///
/// Who types a name has one kind of dot at hand.
fn sentence_end(token: &[u8], start: usize, end: usize) -> Option<usize> {
    let mut has_dot = false;
    let mut at = start;
    while at < end {
        let letter = first_letter(&token[at..end]);
        has_dot |= letter.char == '.';
        if has_dot && is_full_stop(letter.char) && begins_with_idn(&token[at + letter.bytes..end]) {
            return Some(at);
        }
        at += letter.bytes;
    }
    None
}

/// Whether the label before the first full stop is written in letters that ASCII has not.
fn begins_with_idn(text: &[u8]) -> bool {
    let label = &text[..full_stop(text).unwrap_or(text.len())];
    if label.is_ascii() {
        return false;
    }
    let letters = letters(label);
    let name = canonical_label(&letters).unwrap_or_else(|_| Cow::Owned(lower(&letters)));
    name.starts_with("xn--") || !name.is_ascii()
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

impl Rejection {
    /// The reason as the summary names it.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::AmbiguousOctal => "ambiguous-octal",
            Self::InvertedRange => "inverted-range",
        }
    }
}
