//! `feedsieve explain`: why a record is a hit, or why it is not.

use std::ffi::OsString;
use std::fmt::{self, Write as _};
use std::io::{self, Read as _};
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};
use std::path::{Path, PathBuf};

use anyhow::{anyhow, bail};
use clap::builder::{OsStringValueParser, TypedValueParser as _};
use feedsieve::{
    Concern, ExplainError, Explanation, Format, Outcome as Made, Scanner, Seen, Source, Verdict,
};

use crate::allow::Allow;
use crate::output::Target;
use crate::participants::{Participants, known};
use crate::shown::Shown;
use crate::talk::why;
use crate::{Outcome, mapped};

/// Say why a record is a hit, or why it is not
///
/// Shows what a scan with the default options finds in the record, how that reads
/// in canonical form, which assets it concerns, and the rule that decided. Fields
/// that hold secrets are named and not shown.
///
/// Exit: 0 the record is a hit; 1 it is none; 2 an error.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    participants: Participants,

    /// The notation of the record or the feed; auto decides from its beginning
    #[arg(short, long, value_name = "NAME", default_value = "auto", value_parser = super::scan::format())]
    format: Format,

    /// Only what concerns this participant, and why assets that look alike do not
    #[arg(long, value_name = "ID")]
    participant: Option<String>,

    #[command(flatten)]
    allow: Allow,

    /// The record that holds this physical line of a feed, from 1
    ///
    /// The feed's beginning decides on format and header, so that fields have their names.
    #[arg(long, value_name = "FEED:LINE", value_parser = OsStringValueParser::new().try_map(FeedLine::parse))]
    at: Option<FeedLine>,

    /// The record as it stands, or `-` to read it from standard input
    #[arg(value_name = "RECORD", required_unless_present = "at", conflicts_with = "at")]
    record: Option<OsString>,
}

/// A line of a feed.
#[derive(Clone, Debug, PartialEq, Eq)]
struct FeedLine {
    feed: PathBuf,
    line: u64,
}

impl FeedLine {
    fn parse(text: OsString) -> Result<Self, String> {
        let bytes = text.as_bytes();
        let colon = bytes.iter().rposition(|&byte| byte == b':');
        let line = colon.and_then(|colon| str::from_utf8(&bytes[colon + 1..]).ok()?.parse().ok());
        match (colon, line) {
            (Some(colon), Some(line)) if line > 0 && colon > 0 => {
                let feed = OsString::from_vec(bytes[..colon].to_vec()).into();
                Ok(Self { feed, line })
            }
            _ => Err("expected a feed and a line from 1, as in blocklist.txt:42".to_owned()),
        }
    }
}

pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<Outcome> {
    let loaded = arguments.participants.load()?;
    let mut scanner = Scanner::new(&loaded.image).format(arguments.format);
    let allowed = arguments.allow.load(&loaded.image, &arguments.participants.bad_rows)?;
    let has_bad_entries = allowed.as_ref().is_some_and(|allowed| allowed.has_bad_rows);
    if let Some(allowed) = allowed {
        scanner = scanner.allow(allowed.list);
    }
    if let Some(id) = &arguments.participant {
        known(&loaded.image, id)?;
        scanner = scanner.participants([id.as_str()]);
    }
    let mut report = Report {
        text: String::new(),
        only: arguments.participant.as_deref(),
        is_named: arguments.at.is_some(),
        hits: 0,
    };
    let explained = match (&arguments.at, &arguments.record) {
        (Some(FeedLine { feed, line }), _) => {
            let source = open(feed)?;
            let explained = scanner.explain(source, Some(*line), &mut |found| report.add(found));
            explained.map_err(|error| named(&feed.display().to_string(), &error))
        }
        (None, Some(record)) => {
            let (name, bytes) = match record.as_bytes() {
                b"-" => ("standard input", read_record()?),
                bytes => ("the record", bytes.to_vec()),
            };
            if bytes.trim_ascii().is_empty() {
                bail!("{name} is empty; give one record as it stands");
            }
            let source = Source::slice("-", &bytes);
            let explained = scanner.explain(source, None, &mut |found| report.add(found));
            explained.map_err(|error| named(name, &error))
        }
        (None, None) => bail!("nothing to explain; name a RECORD or --at FEED:LINE"),
    };
    let mut target = Target::stdout()?;
    target.add(|to| to.extend_from_slice(report.text.as_bytes()));
    target.finish()?;
    explained?;
    Ok(match (loaded.has_bad_rows || has_bad_entries, report.hits > 0) {
        (true, _) => Outcome::Failed,
        (false, true) => Outcome::Done,
        (false, false) => Outcome::NothingFound,
    })
}

/// Bytes of a record from standard input; a scan takes no longer record of CSV for one.
const MAX_RECORD_BYTES: u64 = 1 << 20;

fn read_record() -> anyhow::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    io::stdin()
        .lock()
        .take(MAX_RECORD_BYTES + 1)
        .read_to_end(&mut bytes)
        .map_err(|error| anyhow!("standard input: {}", why(&error)))?;
    if bytes.len() as u64 > MAX_RECORD_BYTES {
        bail!("standard input has more than 1 MiB; write it to a file and name --at FEED:LINE");
    }
    Ok(bytes)
}

fn open(feed: &Path) -> anyhow::Result<Source<'static>> {
    // A pipe can be read once only, and whoever asks wants to ask again.
    let is_file = std::fs::metadata(feed).map(|found| found.is_file());
    match is_file {
        Ok(false) => bail!("{}: not a regular file", feed.display()),
        _ => mapped::open(feed).map_err(|error| anyhow!("{}: {}", feed.display(), why(&error))),
    }
}

fn named(name: &str, error: &ExplainError) -> anyhow::Error {
    match error {
        ExplainError::Feed(error) => anyhow!("{name}: {}", why(error)),
        error => anyhow!("{name}: {error}"),
    }
}

/// Explanations as a person reads them.
struct Report<'a> {
    text: String,
    /// The only participant that was asked for.
    only: Option<&'a str>,
    /// Whether a line was asked for.
    is_named: bool,
    hits: usize,
}

impl Report<'_> {
    fn add(&mut self, found: &Explanation) {
        // Between records on standard input; of a line that was named it has to be said.
        if found.seen.is_empty() && found.length == 0 && !self.is_named {
            return;
        }
        if self.text.is_empty() {
            self.line(0, format_args!("read as {}: {}", found.format, found.format_why));
        } else {
            self.text.push('\n');
        }
        let end = found.offset + found.length;
        self.line(0, format_args!("record: line {}, bytes {} to {end}", found.line, found.offset));
        match found.length {
            0 => self.line(0, "it is blank, and a scan skips it"),
            _ if found.seen.is_empty() => {
                self.line(0, "nothing in it reads as an address, a name or a mail address");
            }
            _ => {}
        }
        found.seen.iter().for_each(|seen| self.seen(seen));
        let mut told: Vec<&str> =
            found.hits().map(|(_, concern)| concern.participant.as_str()).collect();
        told.sort_unstable();
        told.dedup();
        self.hits += told.len();
        match told.as_slice() {
            [] => self.line(0, "not a hit"),
            told => self.line(0, format_args!("a hit for {}", told.join(", "))),
        }
    }

    fn seen(&mut self, seen: &Seen) {
        self.text.push('\n');
        let field = seen.field.as_ref().map(|field| format!(", field {field}"));
        let place = format!("at byte {}{}", seen.at, field.unwrap_or_default());
        if seen.outcome == Made::Secret {
            return self
                .line(0, format_args!("{place}: a secret by its name; not searched, not shown"));
        }
        self.line(0, format_args!("{place}, role {}: {}", seen.role, Excerpt(&seen.raw)));
        match &seen.outcome {
            Made::Rejected(reason) => self.line(1, format_args!("no hit: {}", rejected(reason))),
            Made::LookedUp { kind, indicator, subtree } => {
                let under = if *subtree { " and every name under it" } else { "" };
                let port = seen.port.map(|port| format!(", port {port}")).unwrap_or_default();
                let flags: Vec<_> = seen.flags.names().collect();
                let flags = match flags.is_empty() {
                    true => String::new(),
                    false => format!(" ({})", flags.join(", ")),
                };
                self.line(1, format_args!("reads as {kind} {indicator}{under}{port}{flags}"));
                self.concerns(seen);
            }
            _ => {}
        }
    }

    fn concerns(&mut self, seen: &Seen) {
        let is_asked = |concern: &&Concern| concern.verdict != Verdict::OtherParticipant;
        let asked: Vec<_> = seen.concerns.iter().filter(is_asked).collect();
        for concern in &asked {
            let label = concern.label.as_ref().map(|label| format!(" ({label})"));
            let asset = format!(
                "{} {} of {}{}, {}",
                concern.asset_kind,
                concern.asset,
                concern.participant,
                label.unwrap_or_default(),
                concern.relation
            );
            match concern.verdict {
                Verdict::Hit if !seen.is_scanned => {
                    self.line(1, format_args!("no hit: {asset}: a scan passes over it, which is a mistake of feedsieve; please report it"));
                }
                Verdict::Hit => self.line(1, format_args!("hit: {asset}")),
                Verdict::Role => {
                    let role = seen.role;
                    self.line(1, format_args!("no hit: {asset}: the role {role} is off by default; scan --roles {role} shows it"));
                }
                Verdict::Exception => {
                    self.line(1, format_args!("no hit: {asset}: the feed allows it"));
                }
                Verdict::Allowed => {
                    self.line(1, format_args!("no hit: {asset}: an entry of --allow holds it"));
                }
                Verdict::LocalSpace => {
                    self.line(
                        1,
                        format_args!(
                            "no hit: {asset}: local space is withheld; scan --local-space shows it"
                        ),
                    );
                }
                _ => self.line(1, format_args!("no hit: {asset}")),
            }
        }
        let others = seen.concerns.len() - asked.len();
        match (asked.is_empty(), self.only) {
            (true, Some(id)) => {
                self.line(1, format_args!("no hit: {}", nothing(seen, &format!("asset of {id}"))))
            }
            (true, None) => self.line(1, format_args!("no hit: {}", nothing(seen, "asset"))),
            (false, _) => {}
        }
        for miss in &seen.misses {
            self.line(
                1,
                format_args!(
                    "not {} {} of {}: {}",
                    miss.asset_kind, miss.asset, miss.participant, miss.why
                ),
            );
        }
        if others > 0 {
            self.line(1, "other participants are concerned, and --participant leaves them out");
        }
    }

    /// Adds a line in which nothing steers a terminal.
    fn line(&mut self, indent: usize, text: impl fmt::Display) {
        let text = text.to_string();
        writeln!(self.text, "{}{}", "    ".repeat(indent), Shown(&text))
            .expect("memory takes text");
    }
}

/// That nothing was found, in the words of what was looked up.
fn nothing(seen: &Seen, asset: &str) -> String {
    use feedsieve::IndicatorKind::{Domain, Email, Ipv4, Ipv6};
    match &seen.outcome {
        Made::LookedUp { kind: Domain, subtree: true, .. } => {
            format!("no {asset} is at, above or under this name")
        }
        Made::LookedUp { kind: Domain, .. } => format!("no {asset} is at or above this name"),
        Made::LookedUp { kind: Email, .. } => {
            format!("no {asset} is this mail address, or is at or above its name")
        }
        Made::LookedUp { kind: Ipv4 | Ipv6, .. } => format!("no {asset} holds this address"),
        _ => format!("no {asset} holds any of these addresses"),
    }
}

/// Why something is not looked up.
fn rejected(reason: &str) -> &str {
    match reason {
        "too-broad" => {
            "too broad: so many addresses concern everybody; scan --max-feed-prefix4 and --max-feed-prefix6 set the limits"
        }
        "inverted-range" => "a range whose end lies before its start",
        "ambiguous-octal" => "a number with a leading zero, which some programs read as octal",
        "bad-name" => {
            "no name: an empty label, one of more than 63 octets, or more than 253 octets in all"
        }
        "no-data" => "the format lists nothing here",
        "unspecified" => "the unspecified address, which stands for none",
        other => other,
    }
}

/// A text as it was written, cut where it is long.
struct Excerpt<'a>(&'a str);

impl fmt::Display for Excerpt<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const MAX_CHARS: usize = 200;
        match self.0.char_indices().nth(MAX_CHARS) {
            Some((end, _)) => write!(f, "{}…", &self.0[..end]),
            None => f.write_str(self.0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_feed_and_a_line_are_told_apart() {
        for (text, expected) in [
            ("a.txt:3", Some(("a.txt", 3))),
            ("c:/a:b.txt:12", Some(("c:/a:b.txt", 12))),
            ("a.txt", None),
            ("a.txt:", None),
            ("a.txt:0", None),
            ("a.txt:-1", None),
            (":3", None),
        ] {
            let read = FeedLine::parse(text.into()).ok();
            let expected = expected.map(|(feed, line)| FeedLine { feed: feed.into(), line });
            assert_eq!(read, expected, "{text}");
        }
    }
}
