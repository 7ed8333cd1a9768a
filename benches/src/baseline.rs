//! What a good engineer writes first, from well-known parts.
//!
//! Lines are split with `memchr`, CSV is read by the `csv` crate and NDJSON by
//! `serde_json`; addresses are looked up in a tree bitmap and names in a hash
//! map, label by label. Every line, field or string value is taken for one item
//! and tried as an address, a prefix, a URL, a mail address and a name, in this
//! order.
//!
//! It is meant to be fast in the way that such programs are: one record buffer,
//! no allocation for an item, Fx hashing, a parse tried only where the first byte
//! allows it. JSON is walked by a visitor that borrows its strings, which is faster
//! than a `serde_json::Value` for each line, the first thing that one would write.
//!
//! # What it answers
//!
//! The same as a scan of ours on feeds where an indicator is a whole line, field
//! or string. It does not look into running text, undo defanging, tell roles
//! apart or say where in the record an indicator stood. Assets of a single label
//! and keywords are left out.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::{IpNet, Ipv4Subnets, Ipv6Subnets};
use memchr::{memchr, memchr_iter, memrchr};
use rustc_hash::FxHashMap;
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use treebitmap::IpLookupTable;

/// One row of an inventory: participant, kind and value.
pub type Row = (String, String, String);

/// A scan of a whole feed in memory.
pub type Scan = fn(&Baseline, &[u8]) -> Answer;

/// The scan for each kind of generated feed, by the kind's name.
pub const SCANS: [(&str, Scan); 5] = [
    ("addrs", Baseline::scan_lines),
    ("names", Baseline::scan_lines),
    ("mixed", Baseline::scan_lines),
    ("shadowserver", Baseline::scan_csv),
    ("pdns", Baseline::scan_ndjson),
];

/// Which records concern whom.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answer {
    /// How many records concern any participant.
    pub hit_records: u64,
    /// The line on which a record begins, from 1, and a participant that it
    /// concerns, as an index into [`Baseline::participants`]. In order, and each
    /// pair once.
    pub pairs: Vec<(u64, u32)>,
}

/// An inventory, ready to be looked up.
#[derive(Default)]
pub struct Baseline {
    participants: Vec<String>,
    v4: IntervalTable<Ipv4Addr>,
    v6: IntervalTable<Ipv6Addr>,
    names: FxHashMap<Box<[u8]>, NameOwners>,
    mail: FxHashMap<Box<[u8]>, Vec<u32>>,
}

/// Who owns a name, by how far the asset reaches.
#[derive(Debug, Default)]
struct NameOwners {
    subtree: Vec<u32>,
    exact: Vec<u32>,
    mail_subtree: Vec<u32>,
}

/// The prefixes of one family.
struct IntervalTable<A> {
    tree: IpLookupTable<A, Vec<u32>>,
    /// Where each asset begins and whose it is, in order: a prefix in a feed also
    /// concerns the assets that begin within it.
    starts: Vec<(A, u32)>,
}

impl<A: treebitmap::address::Address> Default for IntervalTable<A> {
    fn default() -> Self {
        Self { tree: IpLookupTable::new(), starts: Vec::new() }
    }
}

impl fmt::Debug for Baseline {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Baseline")
            .field("participants", &self.participants.len())
            .field("names", &self.names.len())
            .finish_non_exhaustive()
    }
}

impl Baseline {
    /// Builds the tables. Rows that are not in canonical spelling, but for case,
    /// are left out.
    #[must_use]
    pub fn new(rows: &[Row]) -> Self {
        let mut baseline = Self::default();
        let mut indices = FxHashMap::default();
        for (participant, kind, value) in rows {
            let index = *indices.entry(participant.as_str()).or_insert_with(|| {
                baseline.participants.push(participant.clone());
                baseline.participants.len() as u32 - 1
            });
            baseline.add(index, kind, &value.to_ascii_lowercase());
        }
        baseline.v4.starts.sort_unstable();
        baseline.v6.starts.sort_unstable();
        baseline
    }

    /// The participants, by the index that stands in an [`Answer`].
    #[must_use]
    pub fn participants(&self) -> &[String] {
        &self.participants
    }

    fn add(&mut self, owner: u32, kind: &str, value: &str) {
        match kind {
            "prefix" => {
                let net = value.parse().or_else(|_| value.parse::<IpAddr>().map(IpNet::from));
                if let Ok(net) = net {
                    self.add_interval(owner, net.network(), net.broadcast());
                }
            }
            "range" => {
                let ends = value.split_once('-').map(|(first, last)| (first.parse(), last.parse()));
                if let Some((Ok(first), Ok(last))) = ends {
                    self.add_interval(owner, first, last);
                }
            }
            "domain" => self.owners_of(value).subtree.push(owner),
            "domain_exact" => self.owners_of(value).exact.push(owner),
            "email_domain" => self.owners_of(value).mail_subtree.push(owner),
            "email" => self.mail.entry(value.as_bytes().into()).or_default().push(owner),
            _ => {}
        }
    }

    fn owners_of(&mut self, name: &str) -> &mut NameOwners {
        self.names.entry(name.as_bytes().into()).or_default()
    }

    fn add_interval(&mut self, owner: u32, first: IpAddr, last: IpAddr) {
        match (first, last) {
            (IpAddr::V4(first), IpAddr::V4(last)) if first <= last => {
                self.v4.starts.push((first, owner));
                for net in Ipv4Subnets::new(first, last, 0) {
                    push_owner(&mut self.v4.tree, net.network(), net.prefix_len(), owner);
                }
            }
            (IpAddr::V6(first), IpAddr::V6(last)) if first <= last => {
                self.v6.starts.push((first, owner));
                for net in Ipv6Subnets::new(first, last, 0) {
                    push_owner(&mut self.v6.tree, net.network(), net.prefix_len(), owner);
                }
            }
            _ => {}
        }
    }

    /// Scans a feed of one indicator a line.
    #[must_use]
    pub fn scan_lines(&self, feed: &[u8]) -> Answer {
        let mut finder = Finder::new(self);
        for (line, number) in lines(feed).zip(1..) {
            finder.item(line);
            finder.end_record(number);
        }
        finder.answer
    }

    /// Scans a CSV feed with a header, every field of every record.
    #[must_use]
    pub fn scan_csv(&self, feed: &[u8]) -> Answer {
        let mut finder = Finder::new(self);
        let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(feed);
        let mut record = csv::ByteRecord::new();
        // Reading from memory fails for no reason but a record of another width,
        // and `flexible` allows that.
        while reader.read_byte_record(&mut record).unwrap_or(false) {
            for field in &record {
                finder.item(field);
            }
            finder.end_record(record.position().map_or(0, csv::Position::line));
        }
        finder.answer
    }

    /// Scans an NDJSON feed, every string value of every line. A line that is not
    /// JSON counts up to where it breaks.
    #[must_use]
    pub fn scan_ndjson(&self, feed: &[u8]) -> Answer {
        let mut finder = Finder::new(self);
        for (line, number) in lines(feed).zip(1..) {
            let mut json = serde_json::Deserializer::from_slice(line);
            let _ = Walk(&mut finder).deserialize(&mut json);
            finder.end_record(number);
        }
        finder.answer
    }
}

fn push_owner<A: treebitmap::address::Address>(
    tree: &mut IpLookupTable<A, Vec<u32>>,
    addr: A,
    len: u8,
    owner: u32,
) {
    match tree.exact_match_mut(addr, len.into()) {
        Some(owners) => owners.push(owner),
        None => {
            tree.insert(addr, len.into(), vec![owner]);
        }
    }
}

/// The lines of a feed without their ends.
fn lines(feed: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut begin = 0;
    memchr_iter(b'\n', feed).chain((feed.last() != Some(&b'\n')).then_some(feed.len())).map(
        move |end| {
            let line = &feed[begin..end];
            begin = end + 1;
            line.strip_suffix(b"\r").unwrap_or(line)
        },
    )
}

/// What one pass over a feed keeps.
struct Finder<'a> {
    baseline: &'a Baseline,
    lower: Vec<u8>,
    /// Whom the record at hand concerns, perhaps more than once.
    found: Vec<u32>,
    answer: Answer,
}

/// The longest text of an address, `ffff:…:255.255.255.255`.
const MAX_ADDR_BYTES: usize = 45;

impl<'a> Finder<'a> {
    fn new(baseline: &'a Baseline) -> Self {
        Self { baseline, lower: Vec::new(), found: Vec::new(), answer: Answer::default() }
    }

    fn end_record(&mut self, line: u64) {
        if self.found.is_empty() {
            return;
        }
        self.found.sort_unstable();
        self.found.dedup();
        self.answer.hit_records += 1;
        self.answer.pairs.extend(self.found.drain(..).map(|owner| (line, owner)));
    }

    /// A line, a field or a string value.
    fn item(&mut self, text: &[u8]) {
        let text = text.trim_ascii();
        if self.addr_or_prefix(text) {
            return;
        }
        if let Some(colon) = memchr(b':', text)
            && let Some(rest) = text[colon..].strip_prefix(b"://")
        {
            return self.url(rest);
        }
        match memrchr(b'@', text) {
            Some(at) => self.mail(text, at),
            None => self.name(text, false),
        }
    }

    fn addr_or_prefix(&mut self, text: &[u8]) -> bool {
        match text.first() {
            Some(&first) if first.is_ascii_hexdigit() || first == b':' => {}
            _ => return false,
        }
        if text.len() > MAX_ADDR_BYTES + "/128".len() {
            return false;
        }
        let Ok(text) = str::from_utf8(text) else { return false };
        if let Ok(addr) = text.parse() {
            self.addr(addr);
            return true;
        }
        let Some((addr, len)) = text.split_once('/') else { return false };
        let (Ok(addr), Ok(len)) = (addr.parse(), len.parse()) else { return false };
        let Ok(net) = IpNet::new(addr, len) else { return false };
        self.prefix(net);
        true
    }

    fn addr(&mut self, addr: IpAddr) {
        match addr.to_canonical() {
            IpAddr::V4(addr) => push_matches(&self.baseline.v4.tree, addr, &mut self.found),
            IpAddr::V6(addr) => push_matches(&self.baseline.v6.tree, addr, &mut self.found),
        }
    }

    /// The assets that hold the first address, and those that begin behind it.
    fn prefix(&mut self, net: IpNet) {
        self.addr(net.network());
        let found = &mut self.found;
        match (net.network(), net.broadcast()) {
            (IpAddr::V4(first), IpAddr::V4(last)) => {
                push_starts(&self.baseline.v4.starts, first, last, found);
            }
            (IpAddr::V6(first), IpAddr::V6(last)) => {
                push_starts(&self.baseline.v6.starts, first, last, found);
            }
            _ => {}
        }
    }

    /// What comes after `://`.
    fn url(&mut self, rest: &[u8]) {
        let end = rest.iter().position(|byte| b"/?#".contains(byte)).unwrap_or(rest.len());
        let authority = &rest[..end];
        let host = memrchr(b'@', authority).map_or(authority, |at| &authority[at + 1..]);
        let host = match host.strip_prefix(b"[") {
            Some(inner) => memchr(b']', inner).map_or(inner, |end| &inner[..end]),
            None => memchr(b':', host).map_or(host, |colon| &host[..colon]),
        };
        if !self.addr_or_prefix(host) {
            self.name(host, false);
        }
    }

    fn mail(&mut self, text: &[u8], at: usize) {
        self.lower.clear();
        self.lower.extend(text.iter().map(u8::to_ascii_lowercase));
        if let Some(owners) = self.baseline.mail.get(&self.lower[..]) {
            self.found.extend_from_slice(owners);
        }
        self.name(&text[at + 1..], true);
    }

    /// A name, and whether it stood behind the @ of a mail address.
    fn name(&mut self, text: &[u8], in_mail: bool) {
        let text = text.strip_suffix(b".").unwrap_or(text);
        if memchr(b'.', text).is_none() || memchr(b' ', text).is_some() {
            return;
        }
        self.lower.clear();
        self.lower.extend(text.iter().map(u8::to_ascii_lowercase));
        let mut rest = &self.lower[..];
        while let Some(dot) = memchr(b'.', rest) {
            if let Some(owners) = self.baseline.names.get(rest) {
                self.found.extend_from_slice(&owners.subtree);
                if rest.len() == self.lower.len() {
                    self.found.extend_from_slice(&owners.exact);
                }
                if in_mail {
                    self.found.extend_from_slice(&owners.mail_subtree);
                }
            }
            rest = &rest[dot + 1..];
        }
    }
}

fn push_matches<A: treebitmap::address::Address>(
    tree: &IpLookupTable<A, Vec<u32>>,
    addr: A,
    found: &mut Vec<u32>,
) {
    // The longest match is several times cheaper than all of them, and most
    // addresses have none.
    if tree.longest_match(addr).is_some() {
        for (_, _, owners) in tree.matches(addr) {
            found.extend_from_slice(owners);
        }
    }
}

fn push_starts<A: Ord + Copy>(starts: &[(A, u32)], first: A, last: A, found: &mut Vec<u32>) {
    let begin = starts.partition_point(|&(start, _)| start < first);
    let within = starts[begin..].iter().take_while(|&&(start, _)| start <= last);
    found.extend(within.map(|&(_, owner)| owner));
}

/// Hands every string value of a JSON document to the finder.
struct Walk<'a, 'b>(&'a mut Finder<'b>);

impl<'de> DeserializeSeed<'de> for Walk<'_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<(), D::Error> {
        json.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Walk<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any JSON")
    }

    fn visit_str<E>(self, text: &str) -> Result<(), E> {
        self.0.item(text.as_bytes());
        Ok(())
    }

    fn visit_seq<S: SeqAccess<'de>>(self, mut items: S) -> Result<(), S::Error> {
        while items.next_element_seed(Walk(self.0))?.is_some() {}
        Ok(())
    }

    fn visit_map<M: MapAccess<'de>>(self, mut entries: M) -> Result<(), M::Error> {
        while entries.next_key::<IgnoredAny>()?.is_some() {
            entries.next_value_seed(Walk(self.0))?;
        }
        Ok(())
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use xtask::{Kind, Request, Size};

    use super::*;

    fn baseline() -> Baseline {
        let rows = [
            ("A", "prefix", "192.0.2.0/24"),
            ("B", "range", "192.0.2.10-192.0.2.99"),
            ("B", "prefix", "2001:db8::/32"),
            ("C", "domain", "Hospital.example"),
            ("D", "domain_exact", "portal.example"),
            ("E", "email_domain", "mail.example"),
            ("F", "email", "jan@hospital.example"),
        ];
        Baseline::new(&rows.map(|(who, kind, value)| (who.into(), kind.into(), value.into())))
    }

    /// The pairs as text: `line participant`.
    fn pairs(baseline: &Baseline, answer: &Answer) -> Vec<String> {
        let name = |&(line, owner): &(u64, u32)| {
            format!("{line} {}", baseline.participants()[owner as usize])
        };
        answer.pairs.iter().map(name).collect()
    }

    #[test]
    fn lines() {
        let cases = [
            ("192.0.2.7", "A"),
            ("192.0.2.10", "AB"),
            ("192.0.3.0", ""),
            ("192.0.2.0/28", "AB"),
            ("192.0.2.0/29", "A"),
            ("192.0.0.0/16", "AB"),
            ("::ffff:192.0.2.7", "A"),
            ("2001:DB8::1", "B"),
            ("hospital.example", "C"),
            ("WWW.hospital.example.", "C"),
            ("badhospital.example", ""),
            ("portal.example", "D"),
            ("www.portal.example", ""),
            ("mail.example", ""),
            ("x@mail.example", "E"),
            ("x@a.mail.example", "E"),
            ("Jan@hospital.example", "CF"),
            ("https://u:p@www.hospital.example:8080/192.0.2.7", "C"),
            ("http://192.0.2.7:80/x", "A"),
            ("http://[2001:db8::1]/", "B"),
            ("", ""),
        ];
        let baseline = baseline();
        for (line, owners) in cases {
            let answer = baseline.scan_lines(line.as_bytes());
            let expected: Vec<_> = owners.chars().map(|owner| format!("1 {owner}")).collect();
            assert_eq!(pairs(&baseline, &answer), expected, "{line}");
            assert_eq!(answer.hit_records, u64::from(!owners.is_empty()), "{line}");
        }
    }

    #[test]
    fn line_numbers_are_those_on_which_records_begin() {
        let baseline = baseline();
        let text = b"x\r\n192.0.2.7\r\n\r\nhospital.example";
        assert_eq!(pairs(&baseline, &baseline.scan_lines(text)), ["2 A", "4 C"]);
        let csv =
            b"ip,banner,host\n192.0.2.7,\"a\nb \"\"c\"\"\",x.example\n1.1.1.1,,portal.example\n";
        assert_eq!(pairs(&baseline, &baseline.scan_csv(csv)), ["2 A", "4 D"]);
        let json = b"{\"a\":{\"b\":[1,null,true,1.5,\"192.0.2.7\"]}}\n{\n{\"\\u0061\":\"hospital.e\\u0078ample\"}";
        assert_eq!(pairs(&baseline, &baseline.scan_ndjson(json)), ["1 A", "3 C"]);
    }

    #[test]
    fn finds_exactly_the_records_that_were_made_to_hit() {
        let size = |records| Size::Records(records);
        let mut text = Vec::new();
        let request = Request { kind: Kind::Inventory, size: size(3000), seed: 2, hits: 0.0 };
        xtask::generate(&request, &[], &mut text).expect("a Vec takes every write");
        let inventory = xtask::read_inventory(&text[..]).expect("the generator writes CSV");
        let row = |asset: &xtask::Asset| {
            (asset.participant.clone(), asset.kind.clone(), asset.value.clone())
        };
        let baseline = Baseline::new(&inventory.iter().map(row).collect::<Vec<_>>());
        for (kind, (name, scan)) in Kind::FEEDS.into_iter().zip(SCANS) {
            assert_eq!(kind.name(), name);
            let request = Request { kind, size: size(20_000), seed: 4, hits: 0.02 };
            let mut feed = Vec::new();
            let made = xtask::generate(&request, &inventory, &mut feed)
                .expect("the inventory has targets for every kind");
            assert_eq!(scan(&baseline, &feed).hit_records, made.hits, "{name}");
            assert!((300..500).contains(&made.hits), "{} of 400 in {name}", made.hits);
        }
    }
}
