//! Reads an address at a position of a text, with the prefix length, range,
//! wildcard, zone and port behind it.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::ops::Range;

use feedsieve_core::AddrRange;

use super::unicode::{first_letter, full_stop_bytes, is_in_label};
use super::{Reading, Rejection, Value};
use crate::IndicatorKind;
use crate::bytes::{is_label_byte, is_token_byte, skip_blanks};
use crate::hit::{Flags, Role};

/// One address at the start of some text.
#[derive(Clone, Copy)]
struct Addr {
    range: AddrRange,
    written: IpAddr,
    bytes: usize,
    is_octal: bool,
    is_mapped: bool,
}

impl Addr {
    fn kind(&self) -> IndicatorKind {
        match self.range {
            AddrRange::V4 { .. } => IndicatorKind::Ipv4,
            AddrRange::V6 { .. } => IndicatorKind::Ipv6,
        }
    }
}

/// Whether a token goes on at `at` behind dots and dashes, so that what ends there is part of one.
///
/// Other scripts part an address from text.
fn goes_on(text: &[u8], at: usize) -> bool {
    let rest = text.get(at..).unwrap_or_default();
    let punctuation = rest.iter().take_while(|b| matches!(b, b'.' | b'-')).count();
    rest.get(punctuation).is_some_and(|&byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

/// Whether letters of another script and a dot behind an address make it part of a name.
///
/// In scripts without blanks, letters alone end an address.
fn goes_on_as_name(text: &[u8], at: usize) -> bool {
    let rest = text.get(at..).unwrap_or_default();
    let mut bytes = rest.iter().take_while(|&&b| is_token_byte(b)).count();
    while rest.get(bytes).is_some_and(|b| !b.is_ascii()) {
        let letter = first_letter(&rest[bytes..]);
        if !is_in_label(letter.char) {
            break;
        }
        bytes += letter.bytes;
    }
    let stop = full_stop_bytes(&rest[bytes..]);
    stop.is_some_and(|stop| rest.get(bytes + stop).is_some_and(|&b| is_label_byte(b)))
}

/// Four numbers of one to three digits, at most 255 each.
fn quad(text: &[u8]) -> Option<Addr> {
    let (mut addr, mut at, mut is_octal) = (0_u32, 0, false);
    for part in 0..4 {
        if part > 0 {
            (text.get(at) == Some(&b'.')).then(|| at += 1)?;
        }
        let digits = text[at..].iter().take_while(|b| b.is_ascii_digit()).count();
        let number: u32 = str::from_utf8(&text[at..at + digits]).ok()?.parse().ok()?;
        ((1..=3).contains(&digits) && number <= 255).then_some(())?;
        is_octal |= digits > 1 && text[at] == b'0';
        addr = addr << 8 | number;
        at += digits;
    }
    let range = AddrRange::V4 { first: addr, last: addr };
    let written = Ipv4Addr::from(addr).into();
    Some(Addr { range, written, bytes: at, is_octal, is_mapped: false })
}

/// An IPv6 address: the longest run of its characters, less punctuation at the end.
fn addr6(text: &[u8]) -> Option<Addr> {
    let belongs = |b: &&u8| b.is_ascii_hexdigit() || matches!(b, b':' | b'.');
    let run = text.iter().take(64).take_while(belongs).count();
    let mut bytes = before_port(text, run).or_else(|| before_word(text, run)).unwrap_or(run);
    let addr: Ipv6Addr = loop {
        let run = str::from_utf8(&text[..bytes]).ok()?;
        (run.bytes().filter(|&b| b == b':').count() >= 2).then_some(())?;
        if let Ok(addr) = run.parse() {
            break addr;
        }
        matches!(run.as_bytes().last(), Some(b'.' | b':')).then(|| bytes -= 1)?;
    };
    let written = IpAddr::V6(addr);
    let range = AddrRange::from(written);
    let is_mapped = matches!(range, AddrRange::V4 { .. });
    Some(Addr { range, written, bytes, is_octal: false, is_mapped })
}

/// Where a run of an IPv6 address's characters ends before `.443`, a port (RFC 5952, section 6).
fn before_port(text: &[u8], run: usize) -> Option<usize> {
    let dot = text[..run].iter().position(|&b| b == b'.')?;
    let digits = text[..dot].iter().rev().take_while(|&&b| b != b':').count();
    port_behind_dot(text, dot).filter(|_| (1..=4).contains(&digits)).map(|_| dot)
}

/// `.443` behind an IPv6 address that ends at `end`, and its bytes.
fn port_behind_dot(text: &[u8], end: usize) -> Option<(u16, usize)> {
    let digits = text.get(end..)?.strip_prefix(b".")?;
    let bytes = digits.iter().take(6).take_while(|b| b.is_ascii_digit()).count();
    let port: u16 = str::from_utf8(&digits[..bytes]).ok()?.parse().ok()?;
    (digits[0] != b'0' && !goes_on(text, end + 1 + bytes)).then_some((port, 1 + bytes))
}

/// Where a run of an address's characters ends before `:denied` or `:49152`, of which the first
/// letters could be a group, and which is none.
fn before_word(text: &[u8], run: usize) -> Option<usize> {
    let colon = text[..run].iter().rposition(|&b| b == b':')?;
    let behind = &text[colon + 1..];
    let token = &behind[..behind.iter().take_while(|&&b| is_token_byte(b)).count()];
    let word = &token[..token.iter().rposition(|b| !b".-".contains(b))? + 1];
    // An IPv4 address may end one, and a dash may make a range of two.
    let first = word.split(|&b| b == b'-').next().unwrap_or_default();
    let is_name = first.contains(&b'.') && first.iter().any(u8::is_ascii_alphabetic);
    let digits = first.iter().take_while(|b| b.is_ascii_hexdigit()).count();
    let is_odd = |b: &u8| !b.is_ascii_hexdigit() && !b".-".contains(b);
    let is_word = word.iter().any(is_odd) || is_name || digits > 4;
    is_word.then_some(colon)
}

/// Reads an address of either family that begins at `at`.
///
/// The caller has made sure that no token goes on to the left, and knows whether
/// what stands there is only the rest of an IPv6 address.
pub(super) fn read(text: &[u8], at: usize, begins_addr6: bool) -> Option<Reading> {
    read4(text, at).or_else(|| begins_addr6.then(|| read6(text, at))?)
}

/// Reads the IPv6 address in the brackets of a URL's host, with any zone.
pub(super) fn read_bracketed(text: &[u8], open: usize) -> Option<Reading> {
    let at = open + 1;
    let close = at + text[at..].iter().position(|&b| b == b']')?;
    let end = text[at..close].iter().position(|&b| b == b'%').map_or(close, |len| at + len);
    let addr = addr6(&text[at..end]).filter(|addr| addr.bytes == end - at)?;
    let flags = Flags::V4_MAPPED.when(addr.is_mapped);
    Some(addrs(at..close, addr.range, addr.kind(), flags))
}

/// Reads an address as the domain of a mail address, `[192.0.2.5]` or `[IPv6:2001:db8::1]`
/// (RFC 5321, section 4.1.3).
pub(super) fn read_literal(text: &[u8], open: usize) -> Option<Reading> {
    const TAG: &[u8] = b"IPv6:";
    (text.get(open) == Some(&b'[')).then_some(())?;
    let close = open + text[open..].iter().take(64).position(|&b| b == b']')?;
    let start = text[open + 1..close].get(..TAG.len());
    let has_tag = start.is_some_and(|start| start.eq_ignore_ascii_case(TAG));
    let at = open + 1 + if has_tag { TAG.len() } else { 0 };
    let addr = quad(&text[at..close]).or_else(|| addr6(&text[at..close]))?;
    let is_whole = addr.bytes == close - at && !addr.is_octal;
    let flags = Flags::V4_MAPPED.when(addr.is_mapped);
    let mut reading = addrs(at..close, addr.range, addr.kind(), flags);
    reading.whole.end = close + 1;
    reading.role = Role::Email;
    is_whole.then_some(reading)
}

fn read4(text: &[u8], at: usize) -> Option<Reading> {
    let behind = at + text[at..].iter().take_while(|&&b| is_token_byte(b)).count();
    // Behind `.`, two stars are emphasis and one is a wildcard.
    let stars = text[behind..].iter().take(2).take_while(|&&b| b == b'*').count();
    if stars == 1 && text[behind - 1] == b'.' {
        return wildcard(text, at);
    }
    let addr = quad(&text[at..])?;
    let end = at + addr.bytes;
    if goes_on_as_name(text, end) {
        return None;
    }
    if addr.is_octal {
        let is_range = text.get(end) == Some(&b'-');
        let range = if is_range { range_behind(text, at, addr).flatten() } else { None };
        let end = range.map_or(end, |range| range.span.end);
        return (!goes_on(text, end)).then(|| rejected(at..end, Rejection::AmbiguousOctal));
    }
    with_tail(text, at, addr)
}

fn read6(text: &[u8], at: usize) -> Option<Reading> {
    let mut addr = addr6(&text[at..])?;
    if text.get(at + addr.bytes) == Some(&b'%') {
        // A zone id (RFC 4007, section 11) names an interface of one host.
        let behind = &text[at + addr.bytes + 1..];
        let mut zone = behind.iter().take_while(|&&b| is_token_byte(b)).count();
        zone -= behind[..zone].iter().rev().take_while(|b| matches!(b, b'.' | b'-')).count();
        addr.bytes += if zone > 0 { zone + 1 } else { 0 };
    }
    with_tail(text, at, addr)
}

fn rejected(span: Range<usize>, rejection: Rejection) -> Reading {
    reading(span, Value::Rejected(rejection), Flags::default())
}

fn reading(span: Range<usize>, value: Value, flags: Flags) -> Reading {
    Reading {
        whole: span.clone(),
        span,
        value,
        role: Role::Text,
        flags,
        port: None,
        others: Vec::new(),
    }
}

fn addrs(span: Range<usize>, range: AddrRange, kind: IndicatorKind, flags: Flags) -> Reading {
    reading(span, Value::Addrs { range, kind }, flags)
}

/// The address with what stands behind it.
fn with_tail(text: &[u8], at: usize, addr: Addr) -> Option<Reading> {
    let end = at + addr.bytes;
    let flags = Flags::V4_MAPPED.when(addr.is_mapped);
    let is_v6_text = text[at..end].contains(&b':');
    let port_behind = match is_v6_text {
        true => port_behind_dot(text, end),
        false => port_behind_dash(text, end),
    };
    if let Some((port, bytes)) = port_behind {
        let mut reading = addrs(at..end, addr.range, addr.kind(), flags);
        reading.port = Some(port);
        reading.whole.end += bytes;
        return Some(reading);
    }
    if let Some(range) = range_behind(text, at, addr) {
        return range;
    }
    if text.get(end) == Some(&b'/')
        && let Some((len, bytes)) = prefix_len(&text[end + 1..], &addr)
    {
        let span = at..end + 1 + bytes;
        let (range, host_bits) = widen(addr, len)?;
        let is_mapped = addr.is_mapped && matches!(range, AddrRange::V4 { .. });
        let flags = Flags::V4_MAPPED.when(is_mapped).with(Flags::HOST_BITS.when(host_bits));
        return Some(addrs(span, range, IndicatorKind::Prefix, flags));
    }
    if goes_on(text, end) {
        return None;
    }
    let mut reading = addrs(at..end, addr.range, addr.kind(), flags);
    let is_bracketed = is_v6_text && at > 0 && text[at - 1] == b'[' && text.get(end) == Some(&b']');
    if is_bracketed {
        reading.whole = at - 1..end + 1;
    }
    if is_bracketed || !is_v6_text {
        let behind = reading.whole.end;
        if let Some((port, bytes)) = port(&text[behind..]) {
            reading.port = Some(port);
            reading.whole.end += bytes;
        }
    }
    Some(reading)
}

/// `:port` at the start of `text`, and its bytes.
pub(super) fn port(text: &[u8]) -> Option<(u16, usize)> {
    let digits = text.strip_prefix(b":")?.iter().take_while(|b| b.is_ascii_digit()).count();
    let port = str::from_utf8(&text[1..1 + digits]).ok()?.parse().ok()?;
    // `hospital.example:2001:db8::1` holds an address.
    let is_addr = text.get(1 + digits) == Some(&b':') && addr6(&text[1..]).is_some();
    (digits <= 5 && !is_addr && !goes_on(text, 1 + digits)).then_some((port, 1 + digits))
}

/// `-443` behind an IPv4 address that ends at `end`, and its bytes: no address ends in such a number.
///
/// Behind 256 it is no slip in the end of a range either.
fn port_behind_dash(text: &[u8], end: usize) -> Option<(u16, usize)> {
    let digits_at = end + usize::from(text.get(end) == Some(&b'-'));
    let digits = text[digits_at..].iter().take(6).take_while(|b| b.is_ascii_digit()).count();
    let port: u16 = str::from_utf8(&text[digits_at..digits_at + digits]).ok()?.parse().ok()?;
    let is_port = digits_at > end && port > 256 && text[digits_at] != b'0';
    (is_port && !goes_on(text, digits_at + digits)).then_some((port, 1 + digits))
}

/// A prefix length or a netmask, and its bytes.
fn prefix_len(text: &[u8], addr: &Addr) -> Option<(u8, usize)> {
    let most = match addr.range {
        AddrRange::V4 { .. } if !addr.is_mapped => 32,
        _ => 128,
    };
    if most == 32
        && let Some(mask) = quad(text)
        && !goes_on(text, mask.bytes)
        && !mask.is_octal
        && let AddrRange::V4 { first: mask_bits, .. } = mask.range
    {
        let len = mask_bits.leading_ones();
        let contiguous = mask_bits.checked_shl(len).unwrap_or(0) == 0;
        return contiguous.then_some((len as u8, mask.bytes));
    }
    let digits = text.iter().take_while(|b| b.is_ascii_digit()).count();
    let len: u8 = str::from_utf8(&text[..digits]).ok()?.parse().ok()?;
    let plain = digits == 1 || text.first() != Some(&b'0');
    (plain && len <= most && !goes_on(text, digits)).then_some((len, digits))
}

/// The prefix of this length, and whether the address had host bits.
fn widen(addr: Addr, len: u8) -> Option<(AddrRange, bool)> {
    // The length of a mapped address counts from the start of IPv6.
    let net = ipnet::IpNet::new(addr.written, len).ok()?;
    Some((net.into(), net.addr() != net.network()))
}

/// `-last` or ` - last` behind an address: the range, or that it runs backwards.
///
/// `Some(None)` is a dash behind which a token goes on, so that there is no address at all.
fn range_behind(text: &[u8], at: usize, addr: Addr) -> Option<Option<Reading>> {
    let end = at + addr.bytes;
    let dash = skip_blanks(text, end);
    (text.get(dash) == Some(&b'-')).then_some(())?;
    let last_at = skip_blanks(text, dash + 1);
    let is_short = dash == end && last_at == end + 1;
    let rest = &text[last_at..];
    // Blanks stand on both sides of the dash or on none.
    ((dash > end) == (last_at > dash + 1)).then_some(())?;
    let is_v6_text = text[at..end].contains(&b':');
    let last = if is_v6_text { addr6(rest) } else { quad(rest) };
    let (last, last_end) = match last {
        Some(last) if !goes_on(text, last_at + last.bytes) => (last, last_at + last.bytes),
        _ if is_short && !is_v6_text => {
            let last = short_last(rest, addr)?;
            (last, last_at + last.bytes)
        }
        _ => return None,
    };
    let span = at..last_end;
    if !is_v6_text && goes_on_as_name(text, last_end) {
        return None;
    }
    if last.is_octal {
        // With blanks round the dash, the first address stands by itself.
        return (dash == end).then(|| Some(rejected(span, Rejection::AmbiguousOctal)));
    }
    Some(match AddrRange::new(addr.written, last.written) {
        Ok(range) => {
            let is_mapped = is_v6_text && matches!(range, AddrRange::V4 { .. });
            let flags = Flags::V4_MAPPED.when(is_mapped);
            Some(addrs(span, range, IndicatorKind::Range, flags))
        }
        Err(feedsieve_core::AddrError::Inverted) => Some(rejected(span, Rejection::InvertedRange)),
        Err(_) => None,
    })
}

/// `50` in `192.0.2.1-50`: the last number of the last address.
fn short_last(text: &[u8], first: Addr) -> Option<Addr> {
    let digits = text.iter().take_while(|b| b.is_ascii_digit()).count();
    let number: u32 = str::from_utf8(&text[..digits]).ok()?.parse().ok()?;
    let is_octet = digits <= 3 && number <= 255 && !goes_on(text, digits);
    let AddrRange::V4 { first: addr, .. } = first.range else { return None };
    let last = addr & !255 | number;
    let range = AddrRange::V4 { first: last, last };
    let is_octal = digits > 1 && text[0] == b'0';
    let written = Ipv4Addr::from(last).into();
    is_octet.then_some(Addr { range, written, bytes: digits, is_octal, is_mapped: false })
}

/// `192.0.2.*` and `192.0.*.*`.
fn wildcard(text: &[u8], at: usize) -> Option<Reading> {
    let (mut addr, mut end, mut numbers, mut stars) = (0_u32, at, 0_u8, 0);
    for part in 0..4 {
        if part > 0 {
            (text.get(end) == Some(&b'.')).then(|| end += 1)?;
        }
        if text.get(end) == Some(&b'*') {
            stars += 1;
            end += 1;
            addr <<= 8;
            continue;
        }
        let digits = text[end..].iter().take_while(|b| b.is_ascii_digit()).count();
        let number: u32 = str::from_utf8(&text[end..end + digits]).ok()?.parse().ok()?;
        let plain = digits == 1 || text[end] != b'0';
        (stars == 0 && plain && digits <= 3 && number <= 255).then_some(())?;
        addr = addr << 8 | number;
        numbers += 1;
        end += digits;
    }
    let mut rest = text[end..].iter().take_while(|b| b".*".contains(b));
    let ends = !goes_on(text, end) && !rest.any(|&b| b == b'*');
    (numbers > 0 && stars > 0 && ends).then_some(())?;
    let host_mask = u32::MAX >> (8 * u32::from(numbers));
    let range = AddrRange::V4 { first: addr, last: addr | host_mask };
    Some(addrs(at..end, range, IndicatorKind::Prefix, Flags::default()))
}

/// An IPv4 address as browsers read it (WHATWG URL, "IPv4 parser"): one to four
/// numbers, decimal, octal or hexadecimal, the last one for all that remains.
///
/// Returns whether it is written in another way than a dotted quad.
pub(super) fn browser_quad(host: &str) -> Option<(AddrRange, bool)> {
    let host = host.strip_suffix('.').unwrap_or(host);
    let parts: Vec<_> = host.split('.').map(browser_number).collect::<Option<_>>()?;
    let (last, firsts) = parts.split_last()?;
    let spare = 4_u32.checked_sub(firsts.len() as u32)?;
    let fits = firsts.iter().all(|&number| number <= 255) && *last < 1 << (8 * spare.min(7));
    let addr =
        firsts.iter().zip([24, 16, 8]).fold(*last, |addr, (number, shift)| addr | number << shift);
    let addr = u32::try_from(addr).ok().filter(|_| fits && firsts.len() < 4)?;
    let plain = host.parse::<Ipv4Addr>().is_ok_and(|plain| u32::from(plain) == addr);
    Some((AddrRange::V4 { first: addr, last: addr }, !plain))
}

fn browser_number(text: &str) -> Option<u64> {
    let hex = text.strip_prefix("0x").or_else(|| text.strip_prefix("0X"));
    let (digits, radix) = match (hex, text) {
        (Some(digits), _) => (digits, 16),
        (None, text) if text.len() > 1 && text.starts_with('0') => (&text[1..], 8),
        _ => (text, 10),
    };
    match digits {
        "" if radix == 10 => None,
        "" => Some(0),
        digits if digits.bytes().all(|b| char::from(b).is_digit(radix)) => {
            u64::from_str_radix(digits, radix).ok().filter(|&number| number <= u32::MAX.into())
        }
        _ => None,
    }
}

/// Whether the host is four numbers, of which one begins with a zero.
pub(super) fn is_octal_quad(host: &str) -> bool {
    let host = host.strip_suffix('.').unwrap_or(host);
    quad(host.as_bytes()).is_some_and(|addr| addr.is_octal && addr.bytes == host.len())
}

/// Whether browsers take the host for an address (WHATWG URL, "ends in a number").
pub(super) fn ends_in_number(host: &str) -> bool {
    let last = host.strip_suffix('.').unwrap_or(host).rsplit('.').next().unwrap_or_default();
    !last.is_empty() && last.bytes().all(|b| b.is_ascii_digit())
        || last.starts_with("0x") && browser_number(last).is_some()
        || last.starts_with("0X") && browser_number(last).is_some()
}
