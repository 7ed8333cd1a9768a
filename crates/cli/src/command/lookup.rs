//! `feedsieve lookup`: single indicators, from the command line or a line each from stdin.

use std::io::{self, BufRead, BufReader, Read};
use std::net::IpAddr;

use anyhow::{anyhow, bail};
use clap::ValueEnum;
use console::Style;
use feedsieve::{
    AddrError, AddrRange, Assets, Found, Image, IndicatorKind, NameError, canonical_label,
    canonical_mail, parse_addr, parse_prefix, parse_range,
};
use serde::Serialize;

use crate::output::{Column, Cut, Table, Target};
use crate::participants::Participants;
use crate::talk::{say, why};
use crate::{Outcome, json, terminal};

/// Look up single addresses, prefixes, ranges, names and mail addresses
///
/// Every asset concerned is listed with every owner, the most specific first.
/// `*.name` and `.name` stand for a whole subtree. Nothing is withheld: neither
/// local space nor what a scan would call too broad. Keywords are not looked up.
///
/// Exit: 0 something was found; 1 nothing was; 2 an error, or something was no indicator.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// What to look up; without any, one a line is read from stdin
    #[arg(value_name = "INDICATOR")]
    indicators: Vec<String>,

    #[command(flatten)]
    participants: Participants,

    /// A table on a terminal, ndjson otherwise
    #[arg(short, long, value_name = "FORM")]
    output: Option<Form>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Form {
    /// Columns for the eye; on a terminal cut to its width
    Table,
    /// One JSON object a line
    Ndjson,
}

pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<Outcome> {
    let is_typed = arguments.indicators.is_empty() && terminal::is_stdin();
    if is_typed {
        bail!(
            "nothing to look up, and standard input is a terminal; name an INDICATOR or pipe some in"
        );
    }
    let loaded = arguments.participants.load()?;
    let mut answers = Answers::new(&loaded.image, arguments.output)?;
    if arguments.indicators.is_empty() {
        answers.look_up_lines(BufReader::new(io::stdin().lock()))?;
    } else {
        for text in &arguments.indicators {
            answers.look_up(text, None)?;
        }
    }
    let (has_found, has_failed) = (answers.has_found, answers.has_failed || loaded.has_bad_rows);
    let is_closed = answers.finish()?;
    Ok(match (has_failed, has_found || is_closed) {
        (true, _) => Outcome::Failed,
        (false, true) => Outcome::Done,
        (false, false) => Outcome::NothingFound,
    })
}

/// Bytes of a line that may hold an indicator; the longest are mail addresses in U-labels.
const MAX_LINE_BYTES: u64 = 4 << 10;

struct Answers<'i> {
    image: &'i Image,
    target: Target,
    table: Option<Table>,
    has_found: bool,
    has_failed: bool,
}

impl<'i> Answers<'i> {
    fn new(image: &'i Image, asked: Option<Form>) -> anyhow::Result<Self> {
        let form = asked.unwrap_or(match terminal::is_stdout() {
            true => Form::Table,
            false => Form::Ndjson,
        });
        let table = (form == Form::Table).then(|| Table::on_stdout(columns()));
        let target = Target::stdout()?;
        Ok(Self { image, target, table, has_found: false, has_failed: false })
    }

    fn look_up_lines<R: Read>(&mut self, mut lines: BufReader<R>) -> anyhow::Result<()> {
        let failed = |error: io::Error| anyhow!("standard input: {}", why(&error));
        let mut line = Vec::new();
        for number in 1.. {
            if lines.buffer().is_empty() {
                // Whoever asks one by one waits for the answer before the next question.
                self.target.flush()?;
            }
            line.clear();
            let read = lines.by_ref().take(MAX_LINE_BYTES).read_until(b'\n', &mut line);
            if read.map_err(failed)? == 0 || self.target.is_closed() {
                break;
            }
            let is_cut = line.len() as u64 == MAX_LINE_BYTES && !line.ends_with(b"\n");
            if is_cut {
                lines.skip_until(b'\n').map_err(failed)?;
                self.refuse(Some(number), "a line of more than 4,096 bytes")?;
                continue;
            }
            match str::from_utf8(line.trim_ascii()) {
                Ok("") => {}
                Ok(text) => self.look_up(text, Some(number))?,
                Err(_) => self.refuse(Some(number), "bytes that are not UTF-8")?,
            }
        }
        Ok(())
    }

    fn look_up(&mut self, text: &str, line: Option<u64>) -> anyhow::Result<()> {
        let indicator = match Indicator::parse(text.trim()) {
            Ok(indicator) => indicator,
            Err(found) => return self.refuse(line, &found),
        };
        let Self { image, target, table, has_found, .. } = self;
        for found in indicator.assets(image) {
            *has_found = true;
            let asset = found.asset().value().to_string();
            let row = Row::of(&indicator, &found, &asset);
            target.add(|to| match table {
                Some(table) => table.row(to, &row.cells()),
                None => json::write_line(to, &row),
            });
            if target.is_full() {
                target.flush()?;
            }
        }
        Ok(())
    }

    fn refuse(&mut self, line: Option<u64>, found: &str) -> anyhow::Result<()> {
        self.has_failed = true;
        // Both may go to one terminal, and then belong in one order.
        self.target.flush()?;
        let place = line.map(|line| format!("-:{line}: ")).unwrap_or_default();
        say(format_args!("{place}{found}; {EXPECTED}"));
        Ok(())
    }

    /// Writes what is left; tells whether nobody read it.
    fn finish(mut self) -> anyhow::Result<bool> {
        self.target.flush()?;
        Ok(self.target.is_closed())
    }
}

const EXPECTED: &str = "expected an address, a prefix, a range, a name, *.name or a mail address";

/// What was asked about, in canonical form.
struct Indicator {
    text: String,
    kind: IndicatorKind,
    value: Value,
}

enum Value {
    Addrs(AddrRange),
    Name,
    Subtree,
    Mail,
}

impl Indicator {
    /// Reads an indicator, or says what was found instead.
    fn parse(text: &str) -> Result<Self, String> {
        let found = |what: &dyn std::fmt::Display| format!("{}: {what}", excerpt(text));
        if let Some(addrs) = Self::parse_addrs(text).map_err(|error| found(&error))? {
            return Ok(addrs);
        }
        if text.contains('@') {
            let mail = canonical_mail(text).map_err(|error| found(&error))?;
            return Ok(Self { text: mail, kind: IndicatorKind::Email, value: Value::Mail });
        }
        let under = text.strip_prefix("*.").or_else(|| text.strip_prefix('.'));
        let name = match name_of(under.unwrap_or(text)) {
            // A word alone is hardly meant as a name, unlike everything under a top-level domain.
            Ok(name) if under.is_none() && !name.contains('.') => Err(NameError::OneLabel),
            read => read,
        };
        let name = name.map_err(|error| found(&error))?;
        let value = if under.is_some() { Value::Subtree } else { Value::Name };
        Ok(Self { text: name, kind: IndicatorKind::Domain, value })
    }

    /// Reads an address, a prefix or a range; `None` where the text is not written as one.
    fn parse_addrs(text: &str) -> Result<Option<Self>, AddrError> {
        let whole = |range: AddrRange, kind, text| Self { text, kind, value: Value::Addrs(range) };
        let addr = match parse_addr(text) {
            Ok(addr) => {
                let kind = match addr {
                    IpAddr::V4(_) => IndicatorKind::Ipv4,
                    IpAddr::V6(_) => IndicatorKind::Ipv6,
                };
                Ok(whole(addr.into(), kind, addr.to_string()))
            }
            Err(error) => Err(error),
        };
        let prefix = || {
            let (range, _) = parse_prefix(text)?;
            Ok(whole(range, IndicatorKind::Prefix, range.to_string()))
        };
        let range = || {
            let range = parse_range(text)?;
            Ok(whole(range, IndicatorKind::Range, range.ends().to_string()))
        };
        // Each says `Syntax` where the text is not its own, and more where it is.
        let is_other = |read: &Result<Self, AddrError>| matches!(read, Err(AddrError::Syntax));
        let read = Some(addr)
            .filter(|read| !is_other(read))
            .or_else(|| Some(prefix()).filter(|read| !is_other(read)))
            .or_else(|| Some(range()).filter(|read| !is_other(read)));
        read.transpose()
    }

    fn assets<'a>(&'a self, image: &'a Image) -> Assets<'a> {
        match self.value {
            Value::Addrs(range) => image.lookup_range(range),
            Value::Name => image.lookup_name(&self.text),
            Value::Subtree => image.lookup_subtree(&self.text),
            Value::Mail => image.lookup_mail(&self.text),
        }
    }
}

/// The canonical form of a name that a feed may hold.
///
/// Feeds hold names that nobody can own, such as `-x.hospital.example` or one with a
/// broken A-label, and a lookup answers as a scan does: such a label is merely
/// unequal to every other.
fn name_of(text: &str) -> Result<String, NameError> {
    let text = text.strip_suffix('.').unwrap_or(text);
    let is_plain = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
    let labels = text.split(['.', '\u{3002}', '\u{ff0e}', '\u{ff61}']);
    let labels = labels.map(|label| match canonical_label(label) {
        Ok(label) => Ok(label.into_owned()),
        Err(NameError::BadLabel) if label.bytes().all(is_plain) => Ok(label.to_ascii_lowercase()),
        Err(error) => Err(error),
    });
    let labels = labels.collect::<Result<Vec<_>, _>>()?;
    let is_number = |label: &String| label.bytes().all(|b| b.is_ascii_digit());
    match labels.as_slice() {
        [.., last] if is_number(last) => Err(NameError::Address),
        labels => Ok(labels.join(".")),
    }
}

/// The text in a message, short enough for a line.
fn excerpt(text: &str) -> String {
    const MAX_CHARS: usize = 80;
    match text.char_indices().nth(MAX_CHARS) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

#[derive(Serialize)]
struct Row<'a> {
    indicator: &'a str,
    kind: &'static str,
    relation: &'static str,
    participant: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    group: Option<&'a str>,
    asset: &'a str,
    asset_kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    label: Option<&'a str>,
}

impl<'a> Row<'a> {
    fn of(indicator: &'a Indicator, found: &Found<'a>, asset: &'a str) -> Self {
        Self {
            indicator: &indicator.text,
            kind: indicator.kind.name(),
            relation: found.relation().name(),
            participant: found.participant(),
            group: found.owner().group(),
            asset,
            asset_kind: found.asset().kind().name(),
            label: found.owner().label(),
        }
    }

    /// In the order of [`columns`].
    fn cells(&self) -> [&str; 7] {
        [
            self.indicator,
            self.relation,
            self.asset,
            self.asset_kind,
            self.participant,
            self.group.unwrap_or_default(),
            self.label.unwrap_or_default(),
        ]
    }
}

fn columns() -> Vec<Column> {
    vec![
        Column::new("indicator", 14, 40, Cut::Start).styled(Style::new().cyan()),
        Column::new("relation", 9, 9, Cut::End),
        Column::new("asset", 14, 32, Cut::Start),
        Column::new("kind", 12, 12, Cut::End),
        Column::new("participant", 11, 20, Cut::End).styled(Style::new().bold()),
        Column::new("group", 8, 16, Cut::End),
        Column::new("label", 8, 30, Cut::End),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn indicators_are_told_apart() {
        for (text, kind, canonical) in [
            ("192.0.2.7", IndicatorKind::Ipv4, "192.0.2.7"),
            ("::ffff:192.0.2.7", IndicatorKind::Ipv4, "192.0.2.7"),
            ("2001:DB8::0:1", IndicatorKind::Ipv6, "2001:db8::1"),
            ("192.0.2.7/24", IndicatorKind::Prefix, "192.0.2.0/24"),
            ("192.0.2.0/255.255.255.0", IndicatorKind::Prefix, "192.0.2.0/24"),
            ("192.0.2.1 - 192.0.2.9", IndicatorKind::Range, "192.0.2.1-192.0.2.9"),
            ("192.0.2.0-192.0.2.255", IndicatorKind::Range, "192.0.2.0-192.0.2.255"),
            ("WWW.Hospital.example.", IndicatorKind::Domain, "www.hospital.example"),
            ("*.hospital.example", IndicatorKind::Domain, "hospital.example"),
            (".hospital.example", IndicatorKind::Domain, "hospital.example"),
            ("-x.hospital.example", IndicatorKind::Domain, "-x.hospital.example"),
            ("xn--a.hospital.example", IndicatorKind::Domain, "xn--a.hospital.example"),
            ("192-0-2-1.hospital.example", IndicatorKind::Domain, "192-0-2-1.hospital.example"),
            ("m\u{fc}nchen.example", IndicatorKind::Domain, "xn--mnchen-3ya.example"),
            ("Jan@Hospital.example", IndicatorKind::Email, "jan@hospital.example"),
        ] {
            let indicator = Indicator::parse(text).expect(text);
            assert_eq!((indicator.kind, indicator.text.as_str()), (kind, canonical), "{text}");
        }
    }

    #[test]
    fn what_is_no_indicator_is_named() {
        for text in [
            "",
            "hospital",
            "010.1.2.3",
            "192.0.2.9-192.0.2.1",
            "192.0.2.0/33",
            "1.2.3",
            "a b.example",
            "http://hospital.example/",
            "@hospital.example",
            "a..example",
            "*.",
            "*.*.example",
            "fe80::1%eth0",
            "192.0.2.1-2001:db8::1",
        ] {
            let message = Indicator::parse(text).err().expect(text);
            assert!(message.starts_with(text), "{message}");
        }
    }
}
