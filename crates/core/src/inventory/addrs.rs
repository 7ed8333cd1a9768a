//! Prefixes and ranges of a row, and what to say of a value that is neither.

use std::net::IpAddr;

use super::note::NoteKind;
use super::row::{Noted, Refused, Value};
use crate::{AddrError, AddrRange, canonical_name, parse_addr, parse_prefix, parse_range};

/// The shortest IPv4 prefix that needs no reason: IANA's largest delegations are /8.
///
/// # Example
///
/// ```
/// # use feedsieve_core::{Inventory, inventory::MIN_PREFIX_LEN_V4};
/// let rows = |len| format!("A,192.0.0.0/{len},\nB,192.0.0.0/{len},legacy\n");
/// let row = |len| format!("participant,value,accept\n{}", rows(len));
/// let read = |len| Inventory::from_csv(row(len).as_bytes()).map(|(read, _)| read.assets().len());
/// assert_eq!(read(MIN_PREFIX_LEN_V4)?, 2);
/// assert_eq!(read(MIN_PREFIX_LEN_V4 - 1)?, 1); // B gives a reason.
/// # Ok::<(), feedsieve_core::InventoryError>(())
/// ```
pub const MIN_PREFIX_LEN_V4: u8 = 8;

/// The shortest IPv6 prefix that needs no reason: registries have handed out /19, never more.
pub const MIN_PREFIX_LEN_V6: u8 = 19;

const ADDR_EXAMPLE: &str = "an address, as in 192.0.2.0/24 or 2001:db8::/32";
const IN_FULL: &str = "both ends in full, as in 192.0.2.10-192.0.2.20";

/// Reads `address/length`, `address/netmask` or a bare address.
pub(super) fn read_prefix(value: &Value<'_>, noted: &mut Noted) -> Result<AddrRange, Refused> {
    let text = value.text;
    let Some((addr, len)) = text.split_once('/') else {
        let Ok(addr) = parse_addr(text) else {
            return Err(explain_addr(value, text));
        };
        let range = AddrRange::from(addr);
        value.note(NoteKind::NoLength, range, noted);
        note_spelling(value, [text, ""], range, noted);
        return Ok(range);
    };
    let (range, host_bits) = parse_prefix(text).map_err(|error| match error {
        AddrError::Length => explain_length(value, addr, len),
        _ => explain_addr(value, addr),
    })?;
    check_breadth(value, range, noted)?;
    if host_bits {
        value.note(NoteKind::HostBits, range, noted);
    }
    if len.contains('.') {
        value.note(NoteKind::Netmask, range, noted);
    }
    note_spelling(value, [addr, ""], range, noted);
    Ok(range)
}

/// Reads `a-b`.
pub(super) fn read_range(value: &Value<'_>, noted: &mut Noted) -> Result<AddrRange, Refused> {
    let text = value.text;
    let Some((first, last)) = text.split_once('-') else {
        return Err(explain_undashed(value));
    };
    let range = parse_range(text).map_err(|error| explain_range(value, error))?;
    check_breadth(value, range, noted)?;
    let (first_addr, last_addr) = (first.trim_ascii(), last.trim_ascii());
    if (first_addr, last_addr) != (first, last) {
        value.note(NoteKind::BlanksInRange, range, noted);
    }
    note_spelling(value, [first_addr, last_addr], range, noted);
    Ok(range)
}

/// Whether a text can be meant as nothing but an address: digits and dots, or a colon.
pub(super) fn is_addr_like(text: &str) -> bool {
    text.contains(':')
        || (text.starts_with(|c: char| c.is_ascii_digit())
            && text.bytes().all(|b| b.is_ascii_digit() || b == b'.'))
}

/// Refuses what is broader than any participant's space, unless there is a reason.
fn check_breadth(value: &Value<'_>, range: AddrRange, noted: &mut Noted) -> Result<(), Refused> {
    let (limit, mapped) = match range {
        AddrRange::V4 { .. } => (MIN_PREFIX_LEN_V4, value.text.contains(':')),
        AddrRange::V6 { .. } => (MIN_PREFIX_LEN_V6, false),
    };
    if range.prefix_len() >= limit {
        return Ok(());
    }
    let read = if mapped { format!("means {range}, which ") } else { String::new() };
    match value.text.contains('/') {
        true => value.accepted(
            format_args!("{read}is shorter than /{limit}"),
            &format!("a prefix of at least /{limit}"),
            noted,
        ),
        false => value.accepted(
            format_args!("{read}holds more addresses than a /{limit}"),
            &format!("a range no larger than a /{limit}"),
            noted,
        ),
    }
}

/// Notes what about the addresses, as written, is put right.
fn note_spelling(value: &Value<'_>, addrs: [&str; 2], range: AddrRange, noted: &mut Noted) {
    if !value.text.contains(':') {
        return;
    }
    if matches!(range, AddrRange::V4 { .. }) {
        value.note(NoteKind::Mapped, range, noted);
    }
    if addrs.iter().any(|addr| addr.bytes().any(|b| b.is_ascii_uppercase())) {
        value.note(NoteKind::UpperCase, range, noted);
    }
    let is_long = |addr: &&str| match addr.parse::<IpAddr>() {
        Ok(read) => !read.to_canonical().is_ipv4() && !read.to_string().eq_ignore_ascii_case(addr),
        Err(_) => false,
    };
    if addrs.iter().any(is_long) {
        value.note(NoteKind::LongIpv6, range, noted);
    }
}

/// What to say of `addr`, which `parse_addr` refused, within a prefix.
fn explain_addr(value: &Value<'_>, addr: &str) -> Refused {
    if parse_range(value.text).is_ok() {
        return value.refused("is a range", "write kind range");
    }
    if let Some(full) = in_full(value.text) {
        let expected = format!("write kind range, and both ends in full: {full}");
        return value.refused("is a range without its second address", expected);
    }
    let packed: String = value.text.split_whitespace().collect();
    if packed.len() < value.text.len() {
        let expected = match parse_prefix(&packed).is_ok() || parse_addr(&packed).is_ok() {
            true => format!("write {packed}"),
            false => ADDR_EXAMPLE.to_owned(),
        };
        return value.refused("holds a blank", expected);
    }
    explain_one(value, addr)
}

/// What to say of one address that `parse_addr` refused.
fn explain_one(value: &Value<'_>, addr: &str) -> Refused {
    match parse_addr(addr) {
        Err(AddrError::AmbiguousOctal) => {
            let expected = "numbers without leading zeros, since some programs read them as octal";
            return value.refused("has a number with a leading zero", expected);
        }
        Err(AddrError::Zone) => {
            let expected =
                "the address without the zone id, which means something on one host only";
            return value.refused("has a zone id", expected);
        }
        _ => {}
    }
    if addr.is_empty() {
        return value.refused("has no address", ADDR_EXAMPLE);
    }
    if value.text.contains("://") {
        return value.refused("is a URL", "the address alone");
    }
    if addr.contains('@') {
        return value.refused("is a mail address", "write kind email");
    }
    if addr.contains('*') {
        return value.refused("has a * in it", "write a length, as in 192.0.2.0/24 for 192.0.2.*");
    }
    if addr.starts_with('[') {
        return value.refused("stands in brackets", "the address without brackets or a port");
    }
    if addr.rsplit_once(':').is_some_and(|(host, _)| parse_addr(host).is_ok_and(|a| a.is_ipv4())) {
        return value.refused("has a port", "the address without a port");
    }
    if addr.bytes().all(|b| b.is_ascii_digit() || b == b'.') {
        return explain_dotted(value, addr);
    }
    if addr.contains(':') {
        let what = match (addr.contains(":::"), addr.matches("::").count()) {
            (true, _) => "has three colons in a row",
            (false, 0 | 1) => "is no IPv6 address",
            (false, _) => "has :: more than once",
        };
        return value.refused(
            what,
            "eight groups of hex digits, or :: once in place of some, as in 2001:db8::/32",
        );
    }
    match canonical_name(addr).is_ok() {
        true => value.refused("is a name", "write kind domain"),
        false => value.refused("is no address", ADDR_EXAMPLE),
    }
}

/// What to say of digits and dots that are no IPv4 address.
fn explain_dotted(value: &Value<'_>, addr: &str) -> Refused {
    let expected = "four numbers from 0 to 255, as in 192.0.2.7";
    if addr.split('.').any(str::is_empty) {
        return value.refused("has a dot without a number beside it", expected);
    }
    match addr.split('.').count() {
        4 => value.refused("has a number over 255", expected),
        1 => value.refused("is one number", expected),
        numbers => value.refused(
            format_args!("has {numbers} numbers where an IPv4 address has four"),
            expected,
        ),
    }
}

/// What to say of a length that is none, behind an address that is one.
fn explain_length(value: &Value<'_>, addr: &str, len: &str) -> Refused {
    let max = if addr.contains(':') { 128 } else { 32 };
    let expected = format!("a length from 0 to {max}");
    let digits = !len.is_empty() && len.bytes().all(|b| b.is_ascii_digit());
    if len.is_empty() {
        return value.refused("has no length behind the slash", expected);
    }
    if digits && len.len() > 1 && len.starts_with('0') {
        return value.refused("has a length with a leading zero", expected);
    }
    if digits {
        return value.refused(format_args!("has a length over {max}"), expected);
    }
    if len.trim_ascii() != len {
        return explain_addr(value, addr);
    }
    if len.contains('/') {
        return value.refused("has two lengths", "one length");
    }
    if len.strip_prefix('-').is_some_and(|rest| rest.bytes().all(|b| b.is_ascii_digit())) {
        return value.refused("has a negative length", expected);
    }
    match parse_addr(len) {
        Ok(mask) if mask.is_ipv4() && max == 32 => {
            value.refused("has a netmask whose ones are not all in front", expected)
        }
        Ok(_) => value.refused("has an address in place of a length", expected),
        Err(_) => value.refused("has a length that is no number", expected),
    }
}

/// What to say of a range in which there is no dash.
fn explain_undashed(value: &Value<'_>) -> Refused {
    let text = value.text;
    if parse_prefix(text).is_ok() {
        return value.refused("is a prefix", "write kind prefix");
    }
    if parse_addr(text).is_ok() {
        return value.refused("is one address", "write kind prefix");
    }
    let dashed = text.replace(['\u{2010}', '\u{2011}', '\u{2012}', '\u{2013}', '\u{2014}'], "-");
    match dashed != text && parse_range(&dashed).is_ok() {
        true => value.refused("has a dash that is not -", format!("write {dashed}")),
        false => value.refused("has no dash", IN_FULL),
    }
}

/// What to say of a range that `parse_range` refused.
fn explain_range(value: &Value<'_>, error: AddrError) -> Refused {
    match error {
        AddrError::Inverted => {
            return value.refused("ends before it starts", "the lower address first");
        }
        AddrError::MixedFamilies => {
            let expected = "two IPv4 or two IPv6 addresses";
            return value.refused("mixes IPv4 and IPv6", expected);
        }
        _ => {}
    }
    let (first, last) = value.text.split_once('-').unwrap_or_default();
    let (first, last) = (first.trim_ascii(), last.trim_ascii());
    if first.is_empty() {
        return value.refused("has no start", IN_FULL);
    }
    if last.is_empty() {
        return value.refused("has no end", IN_FULL);
    }
    if let Some(full) = in_full(value.text) {
        return value.refused("ends in a short form", format!("write both ends in full: {full}"));
    }
    if parse_prefix(value.text).is_err_and(|error| error == AddrError::Length) {
        return value
            .refused("is a prefix with a wrong length", "write kind prefix, or two addresses");
    }
    match parse_addr(first) {
        Ok(_) => explain_one(value, last),
        Err(_) => explain_one(value, first),
    }
}

/// `192.0.2.10-192.0.2.20` for `192.0.2.10-20`, where that makes a range.
fn in_full(text: &str) -> Option<String> {
    let (first, last) = text.split_once('-')?;
    let (first, last) = (first.trim_ascii(), last.trim_ascii());
    let (net, _) = first.rsplit_once('.')?;
    let full = format!("{first}-{net}.{last}");
    parse_range(&full).is_ok().then_some(full)
}
