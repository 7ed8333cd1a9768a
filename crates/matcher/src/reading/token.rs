//! Reads one token of running text: an address, a name or a mail address.

use std::borrow::Cow;
use std::net::{Ipv4Addr, Ipv6Addr};
use std::ops::Range;

use feedsieve_core::{AddrRange, MAX_NAME_BYTES, NameError, canonical_label};

use super::unicode::{
    belongs_to_name, first_letter, is_full_stop, is_ignored, is_in_label, last_letter,
};
use super::{Reading, Rejection, Value, addr, url};
use crate::bytes::{is_label_byte, is_token_byte, is_word_end};
use crate::find::local_starts;
use crate::hit::{Flags, IndicatorKind, Role};

/// Reads the token that begins at `at` and returns where to go on; `None` where none begins.
///
/// What stands before `floor` belongs to other indicators.
pub(super) fn read(
    text: &[u8],
    floor: usize,
    at: usize,
    readings: &mut Vec<Reading>,
) -> Option<usize> {
    let before = at.checked_sub(1).map(|before| text[before]);
    if text[at] == b':' {
        let begins = text[at..].starts_with(b"::")
            && !before.is_some_and(is_token_byte)
            && !is_group_before(text, at);
        return if begins { read_addr(text, floor, at..at, readings) } else { None };
    }
    let end = token_end(text, at);
    if end == at {
        return None;
    }
    let is_subtree = before == Some(b'*') && is_subtree(&text[at..end]);
    let sign = if is_subtree { None } else { sign_behind_local(text, at) };
    let end = match sign {
        None => behind_letters(text, at..end).unwrap_or(end),
        Some(_) => end,
    };
    let punctuation = text[at..end].iter().take_while(|&&b| b == b'.' || b == b'-').count();
    if let Some(end) = read_addr(text, floor, at..at + punctuation, readings) {
        return Some(end);
    }
    // A mail address is read from its domain, which looks back at the local part.
    if let Some(sign) = sign.filter(|_| before != Some(b'@')) {
        return Some(sign);
    }
    Some(read_name_or_mail(text, floor, at..end, sign, readings).unwrap_or(end))
}

/// Whether a token behind a star is a dot and a name.
fn is_subtree(token: &[u8]) -> bool {
    token.first() == Some(&b'.') && full_stop(&token[1..]).is_some_and(|at| at > 0)
}

/// The `@` behind the unquoted local part that begins at `at`, where a domain follows.
fn sign_behind_local(text: &[u8], at: usize) -> Option<usize> {
    let mut sign = at;
    while let Some(bytes) = local_letter(&text[sign..]) {
        sign += bytes;
    }
    let is_local = text[at..sign].iter().any(|b| !PUNCTUATION_OF_LOCALS.contains(b));
    let domain = text.get(sign..)?.strip_prefix(b"@")?;
    let begins = begins_label(domain) || addr::is_literal(domain);
    (is_local && begins).then_some(sign)
}

pub(super) fn begins_label(text: &[u8]) -> bool {
    text.first().is_some_and(|&byte| match byte.is_ascii() {
        true => is_label_byte(byte),
        false => is_in_label(first_letter(text).char),
    })
}

/// Bytes of the letter of a local part that `text` begins with.
fn local_letter(text: &[u8]) -> Option<usize> {
    let letter = first_letter(text.get(..1).and(Some(text))?);
    let belongs = match letter.char.is_ascii() {
        true => is_token_byte(text[0]) || matches!(text[0], b'+' | b'\''),
        false => is_in_label(letter.char),
    };
    belongs.then_some(letter.bytes)
}

/// Before a local part this is punctuation.
const PUNCTUATION_OF_LOCALS: &[u8] = b".-+'";

/// Where an address or a URL begins right behind letters that are not ASCII.
fn behind_letters(text: &[u8], token: Range<usize>) -> Option<usize> {
    let mut border = None;
    for at in token {
        match text[at] {
            byte if !byte.is_ascii() => border = Some(at + 1),
            b'.' | b'-' => {}
            byte => {
                let Some(border) = border.take() else { continue };
                let begins = border == at && url::Url::at(text, at).is_some()
                    || byte.is_ascii_hexdigit() && addr::read(text, at, true).is_some();
                if begins {
                    return Some(border);
                }
            }
        }
    }
    None
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

/// Reads an address that begins behind `punctuation`, with which a token begins.
fn read_addr(
    text: &[u8],
    floor: usize,
    punctuation: Range<usize>,
    readings: &mut Vec<Reading>,
) -> Option<usize> {
    let Range { start, end: at } = punctuation;
    let first = text.get(at)?;
    (first.is_ascii_hexdigit() || *first == b':').then_some(())?;
    let mut reading = addr::read(text, at, !is_group_before(text, start))?;
    let behind = reading.whole.end;
    if matches!(reading.value, Value::Rejected(_)) {
        readings.push(reading);
        return Some(behind);
    }
    let before = &text[..reading.whole.start.min(start)];
    if is_mail_literal(text, floor, at) {
        reading.role = Role::Email;
    } else if !text[reading.span.clone()].contains(&b':')
        && before.ends_with(b"/")
        && is_product(&before[..before.len() - 1])
    {
        reading.role = Role::Version;
    }
    readings.push(reading);
    Some(behind)
}

/// Whether `at` begins the address in `local@[192.0.2.5]` or `local@[IPv6:2001:db8::1]`.
fn is_mail_literal(text: &[u8], floor: usize, at: usize) -> bool {
    let before = &text[..at];
    let open = match before.iter().rposition(|&b| b == b'[') {
        Some(open) if matches!(before.len() - open, 1 | 6) => open,
        _ => return false,
    };
    addr::is_literal(&text[open..])
        && text[..open].ends_with(b"@")
        && Local::before(text, floor, open - 1).is_some()
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
    const NO_PRODUCTS: [&[u8]; 20] = [
        b"tcp", b"udp", b"icmp", b"icmp6", b"sctp", b"gre", b"ip", b"ip4", b"ip6", b"ipv4",
        b"ipv6", b"host", b"client", b"server", b"src", b"dst", b"http", b"https", b"ssh", b"dns",
    ];
    let start = text.iter().rposition(|&b| !is_token_byte(b)).map_or(0, |before| before + 1);
    let word = &text[start..];
    let is_in_path = start > 0 && text[start - 1] == b'/';
    !is_in_path
        && word.first().is_some_and(u8::is_ascii_alphabetic)
        && !word.contains(&b'.')
        && !NO_PRODUCTS.iter().any(|other| word.eq_ignore_ascii_case(other))
}

/// The path that makes a host without a scheme, written from `first` on, a URL: a slash and more.
fn path_behind(text: &[u8], first: usize, at: usize) -> Option<Range<usize>> {
    text.get(at..)?.strip_prefix(b"/")?;
    let end = url::end_in_text(text, first, at + 1);
    // A slash and punctuation are no path.
    let says_something = |b: &u8| !b"/.,;:!?'-".contains(b);
    text[at..end].iter().any(says_something).then_some(at..end)
}

fn read_name_or_mail(
    text: &[u8],
    floor: usize,
    token: Range<usize>,
    sign: Option<usize>,
    readings: &mut Vec<Reading>,
) -> Option<usize> {
    let mut ways = read_names(&text[token.clone()]);
    ways.iter_mut().for_each(|way| shift(way, token.start));
    if text[..token.start].ends_with(b"@")
        && begins_label(&text[token.start..])
        && let Some(local) = Local::before(text, floor, token.start - 1)
    {
        ways.retain(|way| way.span.start == token.start);
        readings.extend(one_of(ways.into_iter().map(|way| local.mail(way))));
        return Some(token.end);
    }
    if sign.is_some() || ways.is_empty() {
        return sign;
    }
    let (port, behind) = match addr::port(&text[token.end..]) {
        Some((port, bytes)) => (Some(port), token.end + bytes),
        None => (None, token.end),
    };
    let path = path_behind(text, token.start, behind);
    for way in &mut ways {
        subtree(text, &token, way);
        way.port = port;
        if port.is_some() {
            way.whole.end = behind;
        }
        if let Some(path) = &path {
            way.whole.end = path.end;
            if way.role == Role::Text {
                way.role = Role::UrlHost;
            }
        }
    }
    readings.extend(one_of(ways.into_iter()));
    let Some(path) = path else { return Some(behind) };
    url::read_behind_host(text, path.clone(), readings);
    Some(path.end)
}

/// The first way to read something, with the others in it.
pub(super) fn one_of(mut ways: impl Iterator<Item = Reading>) -> Option<Reading> {
    let mut first = ways.next()?;
    first.others = ways.collect();
    Some(first)
}

fn shift(reading: &mut Reading, by: usize) {
    reading.span = reading.span.start + by..reading.span.end + by;
    reading.whole = reading.whole.start + by..reading.whole.end + by;
}

/// `.name` and `*.name` stand for everything under the name as well.
fn subtree(text: &[u8], token: &Range<usize>, reading: &mut Reading) {
    let Value::Name { subtree, .. } = &mut reading.value else { return };
    if full_stops(&text[token.clone()]).0 != 1 {
        return;
    }
    let before = token.start.checked_sub(1).map(|before| text[before]);
    match before {
        Some(b'*') => {
            let star = token.start - 1;
            let begins = star == 0 || !is_token_byte(text[star - 1]);
            *subtree = begins;
            if begins {
                reading.span.start = star;
                reading.whole.start = star;
            }
        }
        Some(before)
            if !(is_word_end(before) && before != b'>') && !BEFORE_SUBTREE.contains(&before) => {}
        _ => {
            *subtree = true;
            reading.span.start = token.start;
            reading.whole.start = token.start;
        }
    }
}

/// What may stand before the dot of a subtree notation, besides blanks and quotes.
const BEFORE_SUBTREE: &[u8] = b"=,;:|/\\@!^'([{<";

/// What stands before the `@` of a mail address.
struct Local {
    start: usize,
    /// In canonical form.
    text: String,
    /// What it may be besides, which only an asset can confirm.
    others: Vec<String>,
    flags: Flags,
}

impl Local {
    /// The local part whose `@` stands at `sign`.
    fn before(text: &[u8], floor: usize, sign: usize) -> Option<Self> {
        (floor <= sign).then_some(())?;
        if text[floor..sign].ends_with(b"\"") {
            let start = floor + text[floor..sign - 1].iter().rposition(|&b| b == b'"')?;
            let local = canonical_quoted(&letters(&text[start..sign]));
            return Some(Self { start, text: local, others: Vec::new(), flags: Flags::default() });
        }
        let mut first = local_start(text, floor, sign);
        if is_domain(text, floor, first) {
            first = token_end(text, first).min(sign);
        }
        let start = bare_local(text, first, sign);
        let is_subtree = text[..first].ends_with(b"*") && is_subtree(&text[first..sign]);
        if start == sign || is_subtree {
            return None;
        }
        let spelled = |start: usize| {
            let letters = letters(&text[start..sign]);
            letters.chars().filter(|&c| !is_ignored(c)).collect::<String>().to_lowercase()
        };
        let others = local_starts(text, floor, sign).flat_map(|at| [at, bare_local(text, at, sign)]);
        let others = others.filter(|&at| at != start && at < sign).map(spelled).collect();
        let local = letters(&text[start..sign]);
        let flags = (Flags::INVISIBLE.when(local.chars().any(is_ignored)))
            .with(Flags::LATIN1.when(str::from_utf8(&text[start..sign]).is_err()));
        Some(Self { start, text: spelled(start), others, flags })
    }

    /// The mail address at a name.
    fn mail(&self, mut domain: Reading) -> Reading {
        let at = |local: &String, domain: &str| format!("{local}@{domain}");
        domain.value = match domain.value {
            Value::Name { name, .. } => Value::Mail {
                others: self.others.iter().map(|local| at(local, &name)).collect(),
                mail: at(&self.text, &name),
            },
            Value::BadName { name, .. } => Value::BadName { name, is_mail: true },
            value => value,
        };
        domain.role = Role::Email;
        domain.span.start = self.start;
        domain.whole.start = self.start;
        domain.flags = domain.flags.with(self.flags);
        domain
    }
}

/// Where the letters of a local part begin that end at `end`.
fn local_start(text: &[u8], floor: usize, end: usize) -> usize {
    let mut start = end;
    while start > floor && end - start < MAX_LOCAL_BYTES {
        let letter = last_letter(&text[..start]);
        if local_letter(&text[start - letter.bytes..]).is_none() {
            break;
        }
        start -= letter.bytes;
    }
    start
}

/// Whether what begins at `at` is the domain of another mail address: of `a@b@c@d`, the
/// addresses are `a@b` and `c@d`.
fn is_domain(text: &[u8], floor: usize, at: usize) -> bool {
    let (mut at, mut is_domain) = (at, false);
    while begins_label(&text[at..]) && text[floor.min(at)..at].ends_with(b"@") {
        let domain = letters(&text[at..token_end(text, at)]);
        let start = local_start(text, floor, at - 1);
        if bare_local(text, start, at - 1) == at - 1 {
            return is_domain != text[floor..start].ends_with(b"\"");
        }
        if addr::ends_in_number(&domain) {
            break;
        }
        (at, is_domain) = (start, !is_domain);
    }
    is_domain
}

/// Octets of a local part (RFC 5321, section 4.5.3.1.1).
const MAX_LOCAL_BYTES: usize = 64;

/// Where a local part begins behind punctuation.
fn bare_local(text: &[u8], start: usize, sign: usize) -> usize {
    let punctuation = |b: &&u8| PUNCTUATION_OF_LOCALS.contains(b);
    start + text[start..sign].iter().take_while(punctuation).count()
}

/// A quoted local part without quotes that it does not need.
fn canonical_quoted(local: &str) -> String {
    let inner = &local[1..local.len() - 1];
    let needs_quotes = |c: char| c.is_whitespace() || "@\"(),:;<>[]\\".contains(c);
    match inner.is_empty() || inner.contains(needs_quotes) {
        true => local.to_lowercase(),
        false => inner.to_lowercase(),
    }
}

/// The ways to read a token as a name, less punctuation at its ends, best first.
///
/// Dashes at its start may be a bullet, and behind an ASCII last label the letters of
/// another script may be the next word of a text without blanks.
pub(super) fn read_names(token: &[u8]) -> Vec<Reading> {
    let start = full_stops(token).1;
    let end = trimmed(token, start, token.len());
    let dashes = token[start..end].iter().take_while(|&&b| b == b'-').count();
    let border = border(token, start, end).map(|border| trimmed(token, start, border));
    let mut ways: Vec<Reading> = Vec::new();
    for end in [Some(end), border].into_iter().flatten() {
        ways.extend(read_name(token, start..end));
        if dashes > 0 {
            ways.extend(read_name(token, start + dashes..end));
        }
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
fn read_name(token: &[u8], part: Range<usize>) -> Option<Reading> {
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
            Err(NameError::LabelTooLong) => {
                is_bad = true;
                Cow::Borrowed(label)
            }
            // Merely unequal to every label of an asset.
            Err(_) => Cow::Owned(label.to_lowercase()),
        };
        is_bad |= is_open;
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
    let mut reading = Reading {
        whole: part.start..if has_root { token.len() } else { part.end },
        span: part,
        value: Value::BadName { name: String::new(), is_mail: false },
        role: Role::Text,
        flags: Flags::INVISIBLE
            .when(is_invisible)
            .with(Flags::LATIN1.when(str::from_utf8(bytes).is_err())),
        port: None,
        others: Vec::new(),
    };
    if is_bad {
        reading.value = Value::BadName { name, is_mail: false };
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

/// The labels of a name in canonical form, those that are none in lower case.
pub(super) fn canonical(text: &str) -> String {
    let labels = text.split(|c| c == '.' || is_full_stop(c)).filter(|label| !label.is_empty());
    let labels = labels.map(|label| match canonical_label(label) {
        Ok(label) => label.into_owned(),
        Err(_) => label.to_lowercase(),
    });
    labels.collect::<Vec<_>>().join(".")
}

/// Where a name ends before dots and dashes that are punctuation.
fn trimmed(token: &[u8], start: usize, end: usize) -> usize {
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
