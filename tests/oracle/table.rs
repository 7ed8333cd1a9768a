//! The tables of cases in `tests/data`, one row for each text.
//!
//! A file may name a `fixture` of `fixtures.toml`, the inventory of those of its tests that have
//! none of their own. A test has a `name`, a `format` (text without one), and its feed as `text`,
//! as several `texts` that each make a row, or as `bytes_hex`. `hits` are lines
//!
//! ```text
//! LINE PARTICIPANT ASSET RELATION ROLE INDICATOR [flag,flag] at=N field=NAME also=N
//!     record=OFFSET+LENGTH facts=…
//! ```
//!
//! where `␣` stands for a blank within a keyword, and of which all behind the indicator may be
//! missing; missing flags say that there are none. `facts=` has time, port, protocol, tag and side
//! between bars, in this order, all of what is not known empty: `facts=|443|tcp||source`.
//! `rejected`, `suppressed`, `exceptions` and `allowed` are the complete counts. `allow` has entries
//! of an allow list, each `KIND VALUE`.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;

use crate::{AssetRow, Format, Options, OracleHit, Outcome};

/// One case.
#[derive(Clone, Debug)]
pub struct Row {
    /// The file and the test, with a number where the test has several texts.
    pub name: String,
    /// The participants' assets.
    pub inventory: Vec<AssetRow>,
    /// How the feed is read.
    pub format: Format,
    /// The feed.
    pub feed: Vec<u8>,
    /// What is asked for.
    pub options: Options,
    /// The hits in order.
    pub hits: Vec<RowHit>,
    /// The counts by reason.
    pub rejected: BTreeMap<String, u64>,
    /// The counts by role.
    pub suppressed: BTreeMap<String, u64>,
    /// How many hits the feed's exceptions withhold.
    pub exceptions: u64,
    /// How many hits the allow list withholds.
    pub allowed: u64,
}

/// What a row says about a hit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RowHit {
    /// The line of the record.
    pub line: u64,
    /// Whom it concerns.
    pub participant: String,
    /// Which asset, in canonical form.
    pub asset: String,
    /// How the indicator lies to it.
    pub relation: String,
    /// Where it stood.
    pub role: String,
    /// The indicator in canonical form.
    pub indicator: String,
    /// What was odd about the spelling.
    pub flags: Vec<String>,
    /// The offset of the evidence, if the row cares.
    pub at: Option<u64>,
    /// The field, if the row cares.
    pub field: Option<String>,
    /// The number of further evidences, if the row cares.
    pub also: Option<usize>,
    /// Time, port, protocol, tag and side between bars, if the row cares.
    pub facts: Option<String>,
    /// The offset and the length of the record, if the row cares.
    pub record: Option<(u64, u64)>,
}

impl RowHit {
    /// Whether `hit` is all that the row says.
    #[must_use]
    pub fn agrees_with(&self, hit: &OracleHit) -> bool {
        self.line == hit.line
            && self.participant == hit.participant
            && self.asset == hit.asset
            && self.relation == hit.relation
            && self.role == hit.role
            && self.indicator == hit.indicator
            && self.flags == hit.flags
            && self.at.is_none_or(|at| at == hit.at)
            && (self.field.is_none() || self.field == hit.field)
            && self.also.is_none_or(|also| also == hit.also.len())
            && self.facts.as_ref().is_none_or(|facts| *facts == facts_of(hit))
            && self.record.is_none_or(|record| record == (hit.offset, hit.length))
    }

    fn parse(text: &str) -> Self {
        let mut words = text.split(' ');
        let mut word = || words.next().unwrap_or_else(|| panic!("a hit needs six words: {text}"));
        let line = word().parse().unwrap_or_else(|_| panic!("a hit begins with a line: {text}"));
        let spaced = |word: &str| word.replace('␣', " ");
        let mut hit = Self {
            line,
            participant: word().into(),
            asset: spaced(word()),
            relation: word().into(),
            role: word().into(),
            indicator: spaced(word()),
            flags: Vec::new(),
            at: None,
            field: None,
            also: None,
            facts: None,
            record: None,
        };
        for word in words {
            let number = |text: &str| text.parse().unwrap_or_else(|_| panic!("no number: {word}"));
            if let Some(flags) = word.strip_prefix('[').and_then(|word| word.strip_suffix(']')) {
                hit.flags = flags.split(',').map(str::to_owned).collect();
            } else if let Some(at) = word.strip_prefix("at=") {
                hit.at = Some(number(at));
            } else if let Some(facts) = word.strip_prefix("facts=") {
                hit.facts = Some(spaced(facts));
            } else if let Some(also) = word.strip_prefix("also=") {
                hit.also = Some(number(also) as usize);
            } else if let Some(record) = word.strip_prefix("record=") {
                let parts = record.split_once('+');
                let (offset, length) = parts.unwrap_or_else(|| panic!("no record: {word}"));
                hit.record = Some((number(offset), number(length)));
            } else if let Some(field) = word.strip_prefix("field=") {
                hit.field = Some(field.into());
            } else {
                panic!("unknown word {word} in the hit: {text}");
            }
        }
        hit
    }
}

fn facts_of(hit: &OracleHit) -> String {
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    let port = hit.port.map(|port| port.to_string()).unwrap_or_default();
    let facts = [text(&hit.time), port, text(&hit.protocol), text(&hit.tag), text(&hit.side)];
    facts.join("|")
}

impl Row {
    /// Whether `outcome` is all that the row says.
    #[must_use]
    pub fn agrees_with(&self, outcome: &Outcome) -> bool {
        self.hits.len() == outcome.hits.len()
            && self.hits.iter().zip(&outcome.hits).all(|(row, hit)| row.agrees_with(hit))
            && self.rejected == outcome.rejected
            && self.suppressed == outcome.suppressed
            && self.exceptions == outcome.exceptions
            && self.allowed == outcome.allowed
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    fixture: Option<String>,
    #[serde(default)]
    test: Vec<Test>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Test {
    name: String,
    inventory: Option<Vec<String>>,
    #[serde(default)]
    format: String,
    text: Option<String>,
    #[serde(default)]
    texts: Vec<String>,
    bytes_hex: Option<String>,
    hits: Vec<String>,
    #[serde(default)]
    rejected: BTreeMap<String, u64>,
    #[serde(default)]
    suppressed: BTreeMap<String, u64>,
    #[serde(default)]
    exceptions: u64,
    #[serde(default)]
    allowed: u64,
    #[serde(default)]
    allow: Vec<String>,
    #[serde(default)]
    allow_own: bool,
    #[serde(default)]
    all_roles: bool,
    #[serde(default)]
    most_specific: bool,
    #[serde(default)]
    keywords: bool,
    #[serde(default)]
    local_space: bool,
}

/// Every row of every table, in the order of the files' names.
///
/// # Panics
///
/// If a table is not as this page describes it.
#[must_use]
pub fn rows() -> Vec<Row> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("data");
    let entries = std::fs::read_dir(&folder).expect("tests/data is part of the repository");
    let mut paths: Vec<_> = entries.map(|entry| entry.expect("readable").path()).collect();
    paths.retain(|path| path.extension().is_some_and(|ext| ext == "toml"));
    paths.retain(|path| path.file_stem().is_none_or(|stem| stem != "fixtures"));
    paths.sort();
    let read = |path: &Path| {
        std::fs::read_to_string(path).unwrap_or_else(|err| panic!("{}: {err}", path.display()))
    };
    let fixtures: BTreeMap<String, Vec<String>> =
        toml::from_str(&read(&folder.join("fixtures.toml"))).expect("fixtures.toml is a table");
    let mut rows = Vec::new();
    for path in &paths {
        let file: File =
            toml::from_str(&read(path)).unwrap_or_else(|err| panic!("{}: {err}", path.display()));
        let stem = path.file_stem().unwrap_or_default().to_string_lossy();
        let fixture = file.fixture.map(|name| fixtures[&name].clone());
        for test in file.test {
            rows.extend(test.rows(&stem, fixture.as_deref()));
        }
    }
    rows
}

impl Test {
    fn rows(self, file: &str, fixture: Option<&[String]>) -> Vec<Row> {
        let name = format!("{file}/{}", self.name);
        let inventory = self.inventory.as_deref().or(fixture);
        let inventory = inventory.unwrap_or_else(|| panic!("{name} has no inventory"));
        let mut options = Options {
            most_specific: self.most_specific,
            keywords: self.keywords,
            local_space: self.local_space,
            allow: self.allow.iter().map(|entry| asset_row(&format!("allow {entry}"))).collect(),
            allow_own: self.allow_own,
            ..Options::default()
        };
        if self.all_roles {
            options = options.with_all_roles();
        }
        let mut feeds: Vec<Vec<u8>> = Vec::new();
        feeds.extend(self.text.iter().chain(&self.texts).map(|text| text.clone().into_bytes()));
        feeds.extend(self.bytes_hex.as_deref().map(bytes));
        assert!(!feeds.is_empty(), "{name} has no feed");
        let row = Row {
            name,
            inventory: inventory.iter().map(|line| asset_row(line)).collect(),
            format: format(&self.format),
            feed: Vec::new(),
            options,
            hits: self.hits.iter().map(|hit| RowHit::parse(hit)).collect(),
            rejected: self.rejected,
            suppressed: self.suppressed,
            exceptions: self.exceptions,
            allowed: self.allowed,
        };
        let count = feeds.len();
        let named = |i: usize| match count {
            1 => row.name.clone(),
            _ => format!("{} #{}", row.name, i + 1),
        };
        let one = |(i, feed)| Row { name: named(i), feed, ..row.clone() };
        feeds.into_iter().enumerate().map(one).collect()
    }
}

fn asset_row(line: &str) -> AssetRow {
    let mut words = line.splitn(3, ' ').map(str::to_owned);
    let (Some(participant), Some(kind), Some(value)) = (words.next(), words.next(), words.next())
    else {
        panic!("an asset is PARTICIPANT KIND VALUE: {line}");
    };
    AssetRow { participant, kind, value }
}

fn format(name: &str) -> Format {
    match name {
        "" | "text" => Format::Text,
        "list" => Format::List,
        "csv" => Format::Csv,
        "tsv" => Format::Tsv,
        "ndjson" => Format::Ndjson,
        "json" => Format::Json,
        "stix" => Format::Stix,
        "misp" => Format::Misp,
        "hosts" => Format::Hosts,
        "adblock" => Format::Adblock,
        "dnsmasq" => Format::Dnsmasq,
        "unbound" => Format::Unbound,
        "bind" => Format::Bind,
        "rpz" => Format::Rpz,
        "rbldnsd" => Format::Rbldnsd,
        "p2p" => Format::P2p,
        "zeek" => Format::Zeek,
        "suricata" => Format::Suricata,
        "credentials" => Format::Credentials,
        _ => panic!("the oracle does not read the format {name}"),
    }
}

fn bytes(hex: &str) -> Vec<u8> {
    let digits: Vec<char> = hex.chars().filter(|c| !c.is_whitespace()).collect();
    let byte = |pair: &[char]| {
        let pair: String = pair.iter().collect();
        u8::from_str_radix(&pair, 16).unwrap_or_else(|_| panic!("no hexadecimal byte: {pair}"))
    };
    digits.chunks(2).map(byte).collect()
}
