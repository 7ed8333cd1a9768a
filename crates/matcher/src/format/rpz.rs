//! Response policy zones (draft-vixie-dnsop-dns-rpz): the owner of a record is what is listed.
//!
//! Its raw text hides addresses (`32.5.2.0.192.rpz-ip`), names behind which the zone's own stands
//! (`hospital.example.rpz.example.`), and names that an `$ORIGIN` completes; see `hidden`. What a
//! record holds is where the answer leads to, and no data; `rpz-passthru.` allows the owner.

use std::net::Ipv6Addr;
use std::ops::Range;

use memchr::{memchr2_iter, memmem, memrchr};

use super::line::{comment, first_word, trim};
use super::{Place, Surroundings, line};
use crate::bytes::{ends_word, is_label_byte, is_token_byte};
use crate::chunk::CONTEXT_BYTES;
use crate::find::Search;

const DIRECTIVE: &[u8] = b"$ORIGIN";

/// What the beginning of a zone says of names in it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Zone {
    /// The zone's own name, without the root's dot.
    apex: Option<Box<[u8]>>,
}

/// The last `$ORIGIN` before a place.
#[derive(Debug, Default)]
pub(super) struct Followed {
    /// Everything before this was searched.
    searched: usize,
    /// Where the last one stands, and what it says.
    origin: Option<(usize, Vec<u8>)>,
}

impl Followed {
    /// The origin of a record that begins at `record`, if its `$ORIGIN` stands no more than
    /// [`CONTEXT_BYTES`] before `at`, so that a cut changes nothing.
    fn origin(&mut self, around: &Surroundings<'_>, zone: &Zone, eol: u8) -> Option<&[u8]> {
        let (haystack, record) = (around.haystack, around.record.start);
        let floor = around.at.saturating_sub(CONTEXT_BYTES).min(record);
        if !(floor..=record).contains(&self.searched) {
            *self = Self { searched: floor, origin: None };
        }
        if let Some(found) = last_origin(haystack, self.searched..record, eol) {
            self.origin =
                Some((found, zone.origin(&haystack[found + DIRECTIVE.len()..record], eol)));
        }
        self.searched = record;
        self.origin.as_ref().filter(|(stands, _)| *stands >= floor).map(|(_, name)| &**name)
    }
}

/// Where the last `$ORIGIN` that begins a line stands.
fn last_origin(haystack: &[u8], range: Range<usize>, eol: u8) -> Option<usize> {
    let mut end = range.end;
    loop {
        let at = range.start + memmem::rfind(&haystack[range.start..end], DIRECTIVE)?;
        if begins_line(haystack, at, eol) && directive(&haystack[at..]).is_some() {
            return Some(at);
        }
        end = at;
    }
}

/// What stands behind an `$ORIGIN`.
fn directive(line: &[u8]) -> Option<&[u8]> {
    let rest = line.strip_prefix(DIRECTIVE)?;
    rest.first().is_none_or(u8::is_ascii_whitespace).then_some(rest)
}

fn begins_line(haystack: &[u8], at: usize, eol: u8) -> bool {
    at == 0 || haystack[at - 1] == eol || &haystack[..at] == b"\xef\xbb\xbf"
}

impl Zone {
    /// The zone whose beginning is `lines`: the owner of its SOA record, or else its first origin.
    pub(super) fn of<'l>(lines: impl Iterator<Item = &'l [u8]>) -> Self {
        let mut zone = Self::default();
        let mut origin: Option<Vec<u8>> = None;
        for line in lines {
            if let Some(rest) = directive(line) {
                let name = zone.origin(rest, b'\n');
                if zone.apex.is_none() {
                    zone.apex = Some(name.clone().into());
                }
                origin = Some(name);
                continue;
            }
            let end = comment(line, b";");
            let owner = owner(line, end);
            let is_soa = kind(line, owner.end..end)
                .is_some_and(|kind| line[kind].eq_ignore_ascii_case(b"SOA"));
            if is_soa && !owner.is_empty() {
                let apex = full(&line[owner], origin.as_deref());
                zone.apex = apex.map(Into::into).or(zone.apex);
                break;
            }
        }
        zone
    }

    /// The name that the text behind an `$ORIGIN` gives.
    fn origin(&self, text: &[u8], eol: u8) -> Vec<u8> {
        let line = text.split(|&b| b == eol).next().unwrap_or_default();
        let name = &line[first_word(line, 0..comment(line, b";"))];
        match (name.strip_suffix(b"."), &self.apex) {
            _ if name.is_empty() => Vec::new(),
            (Some(name), _) => name.to_vec(),
            (None, Some(apex)) => [name, b".", apex].concat(),
            (None, None) => name.to_vec(),
        }
    }

    /// A name without that of the zone, if it is complete.
    fn relative<'n>(&self, name: &'n [u8], is_complete: bool) -> &'n [u8] {
        let apex = self.apex.as_deref().filter(|apex| is_complete && !apex.is_empty());
        let Some(apex) = apex else { return name };
        if name.eq_ignore_ascii_case(apex) {
            return b"";
        }
        match name.len().checked_sub(apex.len() + 1) {
            Some(dot) if name[dot] == b'.' && name[dot + 1..].eq_ignore_ascii_case(apex) => {
                &name[..dot]
            }
            _ => name,
        }
    }

    pub(super) fn place(
        &self,
        around: &Surroundings<'_>,
        followed: &mut Followed,
        eol: u8,
    ) -> Option<Place> {
        let origin = followed.origin(around, self, eol);
        line::place(around, |line, at| self.within(line, at, origin))
    }

    fn within(&self, line: &[u8], at: usize, origin: Option<&[u8]>) -> Place {
        let end = comment(line, b";");
        if at >= end {
            return Place::comment(end..line.len());
        }
        let value = trim(line, 0..end);
        let owner = owner(line, end);
        if line.starts_with(b"$") || owner.is_empty() {
            return Place::no_data(value);
        }
        let Some(kind) = kind(line, owner.end..end) else { return Place::unnamed(value) };
        let is_about_zone =
            [&b"SOA"[..], b"NS"].iter().any(|k| line[kind.clone()].eq_ignore_ascii_case(k));
        if is_about_zone {
            return Place::no_data(value);
        }
        if at >= owner.end {
            return Place::no_data(owner.end..value.end);
        }
        let target = &line[first_word(line, kind.end..end)];
        let target = target.strip_suffix(b".").unwrap_or(target);
        let is_exception = line[kind].eq_ignore_ascii_case(b"CNAME")
            && target.eq_ignore_ascii_case(b"rpz-passthru");
        let text = &line[owner.clone()];
        let place = match full(text, origin) {
            Some(name) => self.listed(text, &name, origin),
            None => Place::no_data(owner.clone()),
        };
        match at < place.field.end {
            true => Place { is_exception, ..place },
            false => Place::no_data(place.field.end..owner.end),
        }
    }

    /// What a record of this name lists, written as `text` at the start of a line.
    fn listed(&self, text: &[u8], name: &[u8], origin: Option<&[u8]>) -> Place {
        let name = self.relative(name, is_complete(text, origin));
        let owner = 0..text.len();
        if name.is_empty() {
            return Place::no_data(owner);
        }
        let trigger = trigger(name);
        let meant = match trigger {
            Some((addr, b"rpz-ip" | b"rpz-client-ip" | b"rpz-nsip")) => prefix(addr),
            _ => None,
        };
        let name = match trigger {
            Some((name, b"rpz-nsdname")) => name,
            _ => name,
        };
        match meant {
            Some(addrs) => Place { stands_for: Some(addrs.into()), ..Place::unnamed(owner) },
            // The root's dot belongs to a name.
            None if text.strip_suffix(b".") == Some(name) => Place::unnamed(owner),
            None if text.starts_with(name) => Place::unnamed(0..name.len()),
            None => Place { stands_for: Some(name.into()), ..Place::unnamed(owner) },
        }
    }

    /// Pushes the owners of records that look like nothing by themselves.
    pub(super) fn hidden(&self, search: &Search<'_>, positions: &mut Vec<usize>) {
        let Search { haystack, region, eol, .. } = search;
        for z in memchr2_iter(b'z', b'Z', &haystack[region.clone()]) {
            let at = region.start + z;
            let is_label = |label: &[u8]| label.eq_ignore_ascii_case(b".rpz-");
            if at >= 3 && haystack.get(at - 3..at + 2).is_some_and(is_label) {
                let before = haystack[..at].iter().rev().take(MAX_OWNER_BYTES);
                let name = before.take_while(|b| !b.is_ascii_whitespace()).count();
                push_words(haystack, at - name..at, positions);
            }
        }
        let before = region.start.saturating_sub(CONTEXT_BYTES);
        let known = last_origin(haystack, before..region.start, *eol);
        let has_origin =
            known.is_some() || memmem::find(&haystack[region.clone()], DIRECTIVE).is_some();
        if self.apex.is_some() || has_origin {
            let origin =
                known.map(|at| self.origin(&haystack[at + DIRECTIVE.len()..region.end], *eol));
            self.hidden_owners(search, origin, positions);
        }
    }

    fn hidden_owners(
        &self,
        search: &Search<'_>,
        mut origin: Option<Vec<u8>>,
        positions: &mut Vec<usize>,
    ) {
        let Search { haystack, region, eol, .. } = search;
        let mut name = Vec::new();
        // A cut may part the words of an owner.
        let floor = region.start.saturating_sub(MAX_OWNER_BYTES);
        let eol_before = memrchr(*eol, &haystack[floor..region.start]);
        let mut at = eol_before.map_or(floor, |before| floor + before + 1);
        while at < region.end {
            let line = &haystack[at..];
            if begins_line(haystack, at, *eol) {
                let len =
                    line.iter().take(MAX_OWNER_BYTES).take_while(|b| !b.is_ascii_whitespace());
                let owner = &line[..len.count()];
                if owner == DIRECTIVE {
                    origin = Some(self.origin(&line[DIRECTIVE.len()..], *eol));
                } else if owner.len() == MAX_OWNER_BYTES {
                    push_words(haystack, at..at + owner.len(), positions);
                } else if !owner.is_empty() && (origin.is_some() || owner.ends_with(b".")) {
                    name.clear();
                    push_full(&mut name, owner, origin.as_deref());
                    if may_concern(self.relative(&name, true), search) {
                        push_words(haystack, at..at + owner.len(), positions);
                    }
                }
            }
            let Some(len) = memchr::memchr(*eol, &haystack[at..region.end]) else { break };
            at += len + 1;
        }
    }
}

/// Pushes where an owner and the words in it begin; nearly all are one.
fn push_words(haystack: &[u8], owner: Range<usize>, positions: &mut Vec<usize>) {
    let begins = |at: &usize| {
        *at == owner.start || !ends_word(haystack, *at) && ends_word(haystack, *at - 1)
    };
    positions.extend(owner.clone().filter(begins));
}

/// Owners are no longer, escapes and the root's dot included.
const MAX_OWNER_BYTES: usize = 1 << 10;

/// Whether an asset may be at, above or under a name, which is read with care where it is odd.
fn may_concern(name: &[u8], search: &Search<'_>) -> bool {
    let name = name.strip_prefix(b"*.").unwrap_or(name);
    if !name.iter().all(|&b| is_token_byte(b)) || name.ends_with(b"-") {
        return true;
    }
    let label = |end: usize| memrchr(b'.', &name[..end]);
    let Some(last) = label(name.len()) else { return false };
    let two = label(last).map_or(0, |dot| dot + 1);
    // An address, or the end of a range of them.
    let is_number = name.get(last + 1).is_none_or(u8::is_ascii_digit);
    let three = || label(two.saturating_sub(1)).map_or(0, |dot| dot + 1);
    is_number
        || name[..two].ends_with(b"..")
        || !is_label_byte(name[two])
        || name[two] == b'-'
        || search.probe.name(&name[two..], || &name[three()..])
        || trigger(name).is_some()
}

/// The owner with which a line begins; empty where it goes on with the last one.
fn owner(line: &[u8], end: usize) -> Range<usize> {
    0..line[..end].iter().take_while(|b| !b.is_ascii_whitespace()).count()
}

/// Where the type of a record stands, behind its owner; `None` where the line is no record.
fn kind(line: &[u8], rest: Range<usize>) -> Option<Range<usize>> {
    const KINDS: [&[u8]; 13] = [
        b"CNAME", b"A", b"AAAA", b"TXT", b"SOA", b"NS", b"PTR", b"MX", b"SRV", b"DNAME", b"HINFO",
        b"CAA", b"NAPTR",
    ];
    let mut at = rest.start;
    loop {
        let word = first_word(line, at..rest.end);
        let text = &line[word.clone()];
        let is_class =
            [&b"IN"[..], b"CH", b"HS"].iter().any(|class| text.eq_ignore_ascii_case(class));
        let is_ttl = text.first().is_some_and(u8::is_ascii_digit)
            && text.iter().all(u8::is_ascii_alphanumeric);
        if !is_class && !is_ttl {
            let is_kind = KINDS.iter().any(|kind| text.eq_ignore_ascii_case(kind));
            return is_kind.then_some(word);
        }
        at = word.end;
    }
}

/// Whether the name of an owner ends in that of the zone.
fn is_complete(owner: &[u8], origin: Option<&[u8]>) -> bool {
    owner.ends_with(b".") || origin.is_some_and(|origin| !origin.is_empty())
}

/// The name of an owner, complete as far as the origin is known; `None` for the zone itself.
fn full(owner: &[u8], origin: Option<&[u8]>) -> Option<Vec<u8>> {
    let mut name = Vec::new();
    push_full(&mut name, owner, origin);
    (!name.is_empty()).then_some(name)
}

fn push_full(name: &mut Vec<u8>, owner: &[u8], origin: Option<&[u8]>) {
    match (owner.strip_suffix(b"."), origin) {
        (Some(absolute), _) => name.extend_from_slice(absolute),
        (None, origin) if owner == b"@" => name.extend_from_slice(origin.unwrap_or_default()),
        (None, origin) => {
            name.extend_from_slice(owner);
            if let Some(origin) = origin.filter(|origin| !origin.is_empty()) {
                name.push(b'.');
                name.extend_from_slice(origin);
            }
        }
    }
}

/// What stands before a last label that says how it is meant, and that label in lower case.
fn trigger(name: &[u8]) -> Option<(&[u8], &'static [u8])> {
    const TRIGGERS: [&[u8]; 4] = [b"rpz-ip", b"rpz-client-ip", b"rpz-nsip", b"rpz-nsdname"];
    let dot = memrchr(b'.', name)?;
    let last = &name[dot + 1..];
    let trigger = TRIGGERS.into_iter().find(|trigger| last.eq_ignore_ascii_case(trigger))?;
    Some((&name[..dot], trigger))
}

/// The prefix that labels stand for: its length, then the parts of the address, the last first;
/// `zz` is `::`.
fn prefix(labels: &[u8]) -> Option<Vec<u8>> {
    let labels = str::from_utf8(labels).ok()?;
    let (len, parts) = labels.split_once('.')?;
    let is_len = (1..=3).contains(&len.len()) && len.bytes().all(|b| b.is_ascii_digit());
    is_len.then_some(())?;
    let mut parts: Vec<&str> = parts.rsplit('.').collect();
    let is_octet = |part: &&str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    let bits: u32 = len.parse().ok()?;
    if parts.len() == 4 && parts.iter().all(is_octet) {
        return (bits <= 32).then(|| format!("{}/{len}", parts.join(".")).into_bytes());
    }
    (bits <= 128 && !parts.contains(&"")).then_some(())?;
    for part in &mut parts {
        *part = if part.eq_ignore_ascii_case("zz") { "" } else { part };
    }
    let mut text = parts.join(":");
    if parts.first() == Some(&"") {
        text.insert(0, ':');
    }
    if parts.last() == Some(&"") {
        text.push(':');
    }
    let addr: Ipv6Addr = text.parse().ok()?;
    Some(format!("{addr}/{len}").into_bytes())
}

/// Whether a line is a record of a policy: an owner that leads nowhere.
pub(super) fn is_entry(line: &[u8]) -> bool {
    let end = comment(line, b";");
    let owner = owner(line, end);
    let Some(kind) = kind(line, owner.end..end).filter(|_| !owner.is_empty()) else { return false };
    let target = &line[first_word(line, kind.end..end)];
    let leads_nowhere = matches!(target, b"." | b"*.")
        || target.get(..4).is_some_and(|start| start.eq_ignore_ascii_case(b"rpz-"));
    line[kind].eq_ignore_ascii_case(b"CNAME") && leads_nowhere
}
