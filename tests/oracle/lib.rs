//! The meaning of feedsieve in plain code: slow, obvious, and sharing nothing with the product.
//!
//! [`expected`] says which hits a feed has. It decodes every record, reads every field from left to
//! right and compares each indicator with each asset in turn. Do not optimise it; the product is
//! tested against it, so it must stay easy to believe.
//!
//! It speaks for all formats that the product reads, and for all kinds of asset.

mod addresses;
mod allowed;
mod assets;
mod columns;
mod defang;
mod documents;
mod facts;
mod json;
mod keywords;
mod leaks;
mod names;
mod notations;
mod numbers;
mod pairs;
mod reading;
mod records;
mod rules;
pub mod table;
mod text;
mod urls;
mod zones;

use std::collections::{BTreeMap, BTreeSet};
use std::net::{Ipv4Addr, Ipv6Addr};

use assets::Asset;
use reading::{Context, Found, Reading, What};
use records::{Field, Record};

/// One row of an inventory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AssetRow {
    /// The participant's id.
    pub participant: String,
    /// `prefix`, `range`, `domain`, `domain_exact`, `email_domain`, `email` or `keyword`.
    pub kind: String,
    /// The value in any spelling that an inventory may use.
    pub value: String,
}

/// The notation of a feed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Lines of running text.
    Text,
    /// A value a line, and a comment behind `#` or `;`.
    List,
    /// Commas and quotes.
    Csv,
    /// Tabs and no quotes.
    Tsv,
    /// A JSON value a line.
    Ndjson,
    /// A JSON document.
    Json,
    /// Bundles and objects of STIX 2.
    Stix,
    /// Events and warninglists of MISP.
    Misp,
    /// An address and names.
    Hosts,
    /// Rules of ad blockers.
    Adblock,
    /// `address=/name/target`.
    Dnsmasq,
    /// `local-zone: "name" kind`.
    Unbound,
    /// `zone "name" {`.
    Bind,
    /// Response policy zones.
    Rpz,
    /// Entries and what is answered.
    Rbldnsd,
    /// `name:first-last`.
    P2p,
    /// Columns that a `#fields` line names.
    Zeek,
    /// Rules with options between semicolons.
    Suricata,
    /// `login:secret`.
    Credentials,
}

impl Format {
    /// Every notation.
    pub const ALL: [Self; 19] = [
        Self::Text,
        Self::List,
        Self::Csv,
        Self::Tsv,
        Self::Ndjson,
        Self::Json,
        Self::Stix,
        Self::Misp,
        Self::Hosts,
        Self::Adblock,
        Self::Dnsmasq,
        Self::Unbound,
        Self::Bind,
        Self::Rpz,
        Self::Rbldnsd,
        Self::P2p,
        Self::Zeek,
        Self::Suricata,
        Self::Credentials,
    ];
}

/// What a scan may be asked to do otherwise.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Options {
    /// The roles that make hits.
    pub roles: BTreeSet<String>,
    /// Only the most specific asset of each participant for each indicator.
    pub most_specific: bool,
    /// Keywords too.
    pub keywords: bool,
    /// Hits in private and other local space too.
    pub local_space: bool,
    /// What is never a hit; the participant of an entry means nothing.
    pub allow: Vec<AssetRow>,
    /// Entries silence also those participants who have an asset in them.
    pub allow_own: bool,
    /// Shorter IPv4 prefixes in a feed are too broad.
    pub max_feed_prefix4: u32,
    /// Shorter IPv6 prefixes in a feed are too broad.
    pub max_feed_prefix6: u32,
}

impl Default for Options {
    fn default() -> Self {
        let on = ["indicator", "url-host", "email", "url-email", "rdns", "text"];
        Self {
            roles: on.map(str::to_owned).into(),
            most_specific: false,
            keywords: false,
            local_space: false,
            allow: Vec::new(),
            allow_own: false,
            max_feed_prefix4: 8,
            max_feed_prefix6: 19,
        }
    }
}

impl Options {
    /// With the roles that are off by default.
    #[must_use]
    pub fn with_all_roles(mut self) -> Self {
        let off = ["userinfo", "url-path", "url-query", "comment", "version", "reference"];
        self.roles.extend(off.map(str::to_owned));
        self
    }
}

/// What a scan should report.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outcome {
    /// The hits, in the order of the output.
    pub hits: Vec<OracleHit>,
    /// How often something was not taken, by reason; `local-space` counts hits.
    pub rejected: BTreeMap<String, u64>,
    /// How many more hits there would be, by the role that is off.
    pub suppressed: BTreeMap<String, u64>,
    /// How many more there would be if the feed did not allow what it names.
    pub exceptions: u64,
    /// How many more there would be without the allow list.
    pub allowed: u64,
    /// Records that hold more than blanks.
    pub scanned: u64,
    /// Records that do not.
    pub blank: u64,
}

/// A record in which an indicator concerns an asset.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OracleHit {
    /// The line on which the record begins, from 1.
    pub line: u64,
    /// The record's first byte.
    pub offset: u64,
    /// The record's bytes without its line end.
    pub length: u64,
    /// The first byte of the first evidence.
    pub at: u64,
    /// Whom it concerns.
    pub participant: String,
    /// Which of their assets.
    pub asset: String,
    /// The kind of that asset.
    pub asset_kind: String,
    /// How the indicator lies to the asset.
    pub relation: String,
    /// Where in the record the indicator stood.
    pub role: String,
    /// What the indicator is: ipv4, ipv6, prefix, range, domain, email or keyword.
    pub kind: String,
    /// The indicator in canonical form.
    pub indicator: String,
    /// The column's name or the JSON pointer.
    pub field: Option<String>,
    /// When it was seen, in UTC.
    pub time: Option<String>,
    /// The port written with an indicator that is a whole field, or else in the field beside it.
    pub port: Option<u16>,
    /// The protocol.
    pub protocol: Option<String>,
    /// What it is said to be.
    pub tag: Option<String>,
    /// `source`, `destination` or `context`.
    pub side: Option<String>,
    /// What was odd about the spelling, in alphabetical order.
    pub flags: Vec<String>,
    /// Further evidence: at, relation, role, indicator.
    pub also: Vec<(u64, String, String, String)>,
}

/// The hits of `inventory` in `feed`.
#[must_use]
pub fn expected(inventory: &[AssetRow], feed: &[u8], format: Format, options: &Options) -> Outcome {
    let mut assets = assets::assets(inventory);
    assets.sort_by(Asset::order);
    let entries = assets::assets(&options.allow);
    let bytes = text::feed_bytes(feed);
    let is_header =
        |fields: &[Field]| fields.iter().all(|field| columns::is_heading(field, options));
    let records = records::records(&bytes, format, &is_header);
    let (scanned, blank) = (records.said.len() as u64, records.blank);
    let mut outcome = Outcome { scanned, blank, ..Outcome::default() };
    if records.unterminated > 0 {
        outcome.rejected.insert("unterminated-quote".into(), records.unterminated);
    }
    for record in &records.said {
        let mut evidence = evidence(record, &assets, options, &mut outcome);
        if options.keywords {
            evidence.extend(mentions(record, &assets, format));
            evidence.sort_by_key(|found| found.reading.at);
        }
        for found in &mut evidence {
            let silent = |entry| {
                let own =
                    options.allow_own || !allowed::holds_asset_of(entry, found.asset, &assets);
                own && allowed::silences(entry, &found.reading.what, found.relation)
            };
            found.allowed = entries.iter().any(silent);
        }
        for asset in &assets {
            let of_asset: Vec<_> = evidence.iter().filter(|found| found.asset == asset).collect();
            report(record, &of_asset, options, &mut outcome);
        }
    }
    outcome
}

/// Whether an inventory would load the row.
#[must_use]
pub fn loads(row: &AssetRow) -> bool {
    assets::asset(row).is_some()
}

/// An indicator of a record and one of the assets that it concerns.
struct Evidence<'a> {
    asset: &'a Asset,
    relation: &'static str,
    reading: Reading,
    field: Option<&'a str>,
    /// The field itself.
    within: &'a Field,
    /// In local space, so withheld.
    local: bool,
    /// Allowed by the feed, so no hit.
    exception: bool,
    /// Silenced by an entry of the allow list.
    allowed: bool,
}

/// All evidence of a record, by offset.
fn evidence<'a>(
    record: &'a Record,
    assets: &'a [Asset],
    options: &Options,
    outcome: &mut Outcome,
) -> Vec<Evidence<'a>> {
    let mut all = Vec::new();
    for field in &record.fields {
        let found = read(field, options);
        for reason in found.rejected {
            *outcome.rejected.entry(reason.into()).or_default() += 1;
        }
        for place in found.places {
            let concerns =
                |reading: &Reading| assets.iter().any(|a| a.relation(&reading.what).is_some());
            let Some(first) = place.iter().position(concerns) else { continue };
            let reading = place[first].clone();
            if matches!(reading.what, What::BadName { .. }) {
                *outcome.rejected.entry("bad-name".into()).or_default() += 1;
                continue;
            }
            let (mut shown, mut withheld) = (BTreeSet::new(), BTreeSet::new());
            for asset in assets {
                let mut reading = &reading;
                // Another local part counts where it makes the very address of an asset.
                let is_meant =
                    |other: &&Reading| asset.kind == "email" && other.has_host_of(&reading.what);
                let mut others = place[first + 1..].iter().filter(is_meant);
                if asset.relation(&reading.what).is_none()
                    && let Some(other) = others.find(|o| asset.relation(&o.what).is_some())
                {
                    reading = other;
                }
                let Some(relation) = asset.relation(&reading.what) else { continue };
                let exception = field.exception;
                let within = field;
                let field = field.name.as_deref();
                let local = !options.local_space
                    && !exception
                    && options.roles.contains(reading.role)
                    && in_local_space(asset, &reading.what);
                // The assets stand in order, so the first of a participant is the most specific.
                // What is withheld hides nothing that is shown.
                let participant = &asset.participant;
                let hidden = shown.contains(participant) || local && withheld.contains(participant);
                if options.most_specific && hidden {
                    continue;
                }
                if local { &mut withheld } else { &mut shown }.insert(participant);
                let reading = reading.clone();
                let allowed = false;
                all.push(Evidence {
                    asset,
                    relation,
                    reading,
                    field,
                    within,
                    local,
                    exception,
                    allowed,
                });
            }
        }
    }
    all.sort_by_key(|found| found.reading.at);
    all
}

/// The keywords of a record.
fn mentions<'a>(record: &'a Record, assets: &'a [Asset], format: Format) -> Vec<Evidence<'a>> {
    let is_json = matches!(format, Format::Ndjson | Format::Json | Format::Stix | Format::Misp);
    let mut all = Vec::new();
    for field in &record.fields {
        let role = match () {
            () if columns::is_secret(&field.names) => continue,
            () if field.comment => "comment",
            () if columns::is_reference(&field.names) => "reference",
            () if columns::is_about_versions(&field.names) => "version",
            () => "text",
        };
        if is_json && field.name.is_none() && is_json_syntax(field) {
            continue;
        }
        let has_escapes = is_json && field.name.is_some();
        for asset in assets.iter().filter(|asset| asset.kind == "keyword") {
            for mention in keywords::mentions(&asset.text, field, has_escapes) {
                let what = What::Keyword { text: asset.text.clone() };
                let flags = if mention.latin1 { vec!["latin1"] } else { Vec::new() };
                let reading = Reading { at: mention.at, what, role, flags };
                let within = field;
                let (exception, field) = (field.exception, field.name.as_deref());
                let (relation, local, allowed) = ("mention", false, false);
                all.push(Evidence {
                    asset,
                    relation,
                    reading,
                    field,
                    within,
                    local,
                    exception,
                    allowed,
                });
            }
        }
    }
    all
}

/// Whether what stands outside the strings of JSON is no text: brackets, numbers and the like.
fn is_json_syntax(field: &Field) -> bool {
    let text: String = field.bytes.iter().map(|byte| char::from(byte.b)).collect();
    let mut words = text.split(|c: char| c.is_ascii_whitespace() || "{}[],:".contains(c));
    let number = |word: &str| word.chars().all(|c| c.is_ascii_digit() || "+-.eE".contains(c));
    words.all(|word| number(word) || ["true", "false", "null"].contains(&word))
}

/// Makes the hit of a record and an asset, or counts why there is none.
fn report(record: &Record, evidence: &[&Evidence<'_>], options: &Options, outcome: &mut Outcome) {
    let is_on = |found: &Evidence<'_>| options.roles.contains(found.reading.role);
    let is_good = |found: &&&Evidence<'_>| is_on(found) && !found.local && !found.exception;
    let is_shown = |found: &&&Evidence<'_>| is_good(found) && !found.allowed;
    let mut shown: Vec<_> = evidence.iter().filter(is_shown).collect();
    shown.dedup_by_key(|found| found.reading.at);
    let mut shown = shown.into_iter();
    let Some(first) = shown.next() else {
        match evidence.first() {
            None => {}
            // Without the list there would be a hit.
            Some(_) if evidence.iter().any(|found| is_good(&found)) => outcome.allowed += 1,
            Some(found) if found.exception => outcome.exceptions += 1,
            Some(found) if is_on(found) => {
                *outcome.rejected.entry("local-space".into()).or_default() += 1;
            }
            Some(found) => {
                *outcome.suppressed.entry(found.reading.role.into()).or_default() += 1;
            }
        }
        return;
    };
    let (kind, indicator) = first.reading.what.canonical();
    let is_addr = matches!(first.reading.what, What::Addrs { .. });
    let beside = facts::beside(record, first.within, is_addr);
    let flags = first.reading.flags.iter().chain(&beside.flags);
    let mut flags: Vec<String> = flags.map(|&flag| flag.into()).collect();
    flags.sort();
    flags.dedup();
    // A port beside is that of a whole field, which may be written with one of its own.
    let own = || own_port(first.within).or(first.within.port).or(beside.port);
    let port = (first.reading.role == "indicator").then(own).flatten();
    outcome.hits.push(OracleHit {
        line: record.line,
        offset: record.offset as u64,
        length: record.length as u64,
        at: first.reading.at as u64,
        participant: first.asset.participant.clone(),
        asset: first.asset.text.clone(),
        asset_kind: first.asset.kind.clone(),
        relation: first.relation.into(),
        role: first.reading.role.into(),
        kind: kind.into(),
        indicator: indicator.into(),
        field: first.field.map(str::to_owned),
        time: beside.time,
        port,
        protocol: beside.protocol,
        tag: beside.tag,
        side: beside.side,
        flags,
        also: shown.map(|found| found.also()).collect(),
    });
}

/// The port at the end of a field that is one indicator.
fn own_port(field: &Field) -> Option<u16> {
    let bytes = field.stands_for.as_ref().unwrap_or(&field.bytes);
    let text = text::string(&defang::refang(&text::decode(bytes)));
    let text = text.trim();
    // A smaller number behind a dash is the end of a range.
    let dashed = || {
        text.rsplit_once('-').filter(|(host, port)| {
            host.parse::<Ipv4Addr>().is_ok() && port.parse::<u16>().is_ok_and(|port| port > 256)
        })
    };
    let is_v6 = |host: &str| !host.contains('.') && host.parse::<Ipv6Addr>().is_ok();
    let dotted = text.rsplit_once('.').filter(|(host, _)| is_v6(host));
    let (host, port) = dotted.or_else(|| text.rsplit_once(':')).or_else(dashed)?;
    let digits = port.chars().all(|c| c.is_ascii_digit());
    let is_v6_part = host.contains(':') || host.to_ascii_lowercase().contains("%3a");
    let is_host = !is_v6_part || host.ends_with(']') || dotted.is_some();
    port.parse().ok().filter(|_| digits && is_host)
}

impl Evidence<'_> {
    fn also(&self) -> (u64, String, String, String) {
        let (_, indicator) = self.reading.what.canonical();
        let reading = &self.reading;
        (reading.at as u64, self.relation.into(), reading.role.into(), indicator.into())
    }
}

impl What {
    /// The kind and the canonical text.
    fn canonical(&self) -> (&str, &str) {
        match self {
            Self::Addrs { kind, text, .. } => (kind, text),
            Self::Name { name, .. } | Self::BadName { name, .. } => ("domain", name),
            Self::Mail { mail, .. } => ("email", mail),
            Self::Keyword { text } => ("keyword", text),
        }
    }
}

/// Whether what the indicator and the asset share lies in local space.
fn in_local_space(asset: &Asset, what: &What) -> bool {
    match (asset.addrs, what) {
        (Some(asset), What::Addrs { addrs, .. }) => {
            asset.shared_with(*addrs).is_some_and(addresses::Addrs::is_local)
        }
        _ => false,
    }
}

/// Reads a field with what its name says about it.
fn read(field: &Field, options: &Options) -> Found {
    let mut found = Found::default();
    if columns::is_secret(&field.names) {
        return found;
    }
    let reference = columns::is_reference(&field.names).then_some("reference");
    let context = Context {
        forced: if field.comment { Some("comment") } else { reference },
        in_url: false,
        certificate: columns::is_about_certificates(&field.names),
        version: columns::is_about_versions(&field.names),
        depth: 0,
        whole: field.whole,
        limits: (options.max_feed_prefix4, options.max_feed_prefix6),
    };
    if let Some(text) = &field.stands_for {
        // A text that was put together hides nothing, and all of it stands in one place.
        let context = Context { whole: true, ..context };
        reading::read(&text::decode(text), context, &mut found);
        let written: Vec<u8> = field.bytes.iter().map(|byte| byte.b).collect();
        for reading in found.places.iter_mut().flatten() {
            // What is shown of it is the field.
            if std::str::from_utf8(&written).is_err() && !reading.flags.contains(&"latin1") {
                reading.flags.push("lossy");
            }
        }
        return found;
    }
    let chars = defang::refang(&text::decode(&field.bytes));
    reading::read(&chars, context, &mut found);
    // `\nhospital.nl` is the name nhospital.nl, or an escape and hospital.nl.
    let unescaped = text::without_controls(&chars);
    if unescaped.iter().zip(&chars).any(|(a, b)| a.c != b.c) {
        let mut again = Found::default();
        reading::read(&unescaped, Context { whole: false, ..context }, &mut again);
        let good = |reading: &Reading| !matches!(reading.what, What::BadName { .. });
        let places = again.places.into_iter();
        let good = places.map(|place| place.into_iter().filter(good).collect());
        found.places.extend(good);
    }
    for reading in found.places.iter_mut().flatten().filter(|_| field.subtree) {
        if let What::Name { subtree, .. } = &mut reading.what {
            *subtree = true;
        }
    }
    found
}
