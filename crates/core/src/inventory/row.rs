//! One row of any notation, and the asset that it is.

use std::fmt;

use super::note::NoteKind;
use super::shown::{Shown, steering};
use super::{addrs, keywords, names};
use crate::{Asset, AssetKind, AssetValue};

/// Bytes of a participant's id: longer than any scheme of ids that we know, short enough for a file name.
pub const MAX_PARTICIPANT_BYTES: usize = 128;

/// Bytes of a group or a label, which every hit repeats.
pub const MAX_LABEL_TEXT_BYTES: usize = 256;

/// The columns, or keys, that a row may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Column {
    Participant,
    Kind,
    Value,
    Label,
    Group,
    Accept,
}

impl Column {
    pub(super) const ALL: [Self; 6] =
        [Self::Participant, Self::Kind, Self::Value, Self::Label, Self::Group, Self::Accept];

    /// The column of that name, whatever its case.
    pub(super) fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|column| column.name().eq_ignore_ascii_case(name.trim()))
    }

    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Participant => "participant",
            Self::Kind => "kind",
            Self::Value => "value",
            Self::Label => "label",
            Self::Group => "group",
            Self::Accept => "accept",
        }
    }
}

impl fmt::Display for Column {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A row as text; a column that is missing is the same as one that is empty.
///
/// Where each text stands is not part of the row: finding it out costs more than
/// reading the row, and few rows need it. The notation answers when asked, with
/// the offset of a [`Column`].
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Row<'a> {
    pub(super) participant: &'a str,
    pub(super) kind: &'a str,
    pub(super) value: &'a str,
    pub(super) label: &'a str,
    pub(super) group: &'a str,
    pub(super) accept: &'a str,
}

impl<'a> Row<'a> {
    pub(super) fn set(&mut self, column: Column, text: &'a str) {
        match column {
            Column::Participant => self.participant = text,
            Column::Kind => self.kind = text,
            Column::Value => self.value = text,
            Column::Label => self.label = text,
            Column::Group => self.group = text,
            Column::Accept => self.accept = text,
        }
    }
}

/// Why a row is no asset, as [`Rejected`](super::Rejected) says it once the place is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Refused {
    pub(super) column: Column,
    pub(super) found: String,
    pub(super) expected: String,
}

impl Refused {
    pub(super) fn new(
        column: Column,
        found: impl Into<String>,
        expected: impl Into<String>,
    ) -> Self {
        Self { column, found: found.into(), expected: expected.into() }
    }
}

/// What was put right in a row: the kind, and the phrase for a person.
pub(super) type Noted = Vec<(NoteKind, String)>;

/// The value of a row, trimmed, and what is known about it before it is read.
#[derive(Clone, Copy, Debug)]
pub(super) struct Value<'a> {
    pub(super) kind: AssetKind,
    pub(super) text: &'a str,
    /// Why it may be broader than the limits.
    pub(super) accept: Option<&'a str>,
}

impl Value<'_> {
    /// A refusal that reads `prefix 192.0.2.0/33 has a length over 32`.
    pub(super) fn refused(&self, what: impl fmt::Display, expected: impl Into<String>) -> Refused {
        let found = format!("{} {} {what}", self.kind, Shown(self.text));
        Refused::new(Column::Value, found, expected)
    }

    /// Notes that the value is loaded beyond the limits, or refuses it with `found` and `expected`.
    pub(super) fn accepted(
        &self,
        what: impl fmt::Display,
        expected: &str,
        noted: &mut Noted,
    ) -> Result<(), Refused> {
        let Some(reason) = self.accept else {
            return Err(self.refused(what, format!("{expected}, or a reason in \"accept\"")));
        };
        let text = format!(
            "{} {} {what}; accepted because: {}",
            self.kind,
            Shown(self.text),
            Shown(reason)
        );
        noted.push((NoteKind::Accepted, text));
        Ok(())
    }

    /// Notes that the value was put right, and into what.
    pub(super) fn note(&self, kind: NoteKind, loaded: impl fmt::Display, noted: &mut Noted) {
        let text =
            format!("{} {} {}; loaded as {loaded}", self.kind, Shown(self.text), kind.phrase());
        noted.push((kind, text));
    }
}

/// Reads a row; `noted` receives what was put right.
pub(super) fn asset_of(row: &Row<'_>, noted: &mut Noted) -> Result<Asset, Refused> {
    let participant = participant_of(row.participant)?;
    let (kind, value) = value_of(row, noted)?;
    Ok(Asset {
        participant: participant.to_owned(),
        group: words_of(Column::Group, row.group)?,
        kind,
        value,
        label: words_of(Column::Label, row.label)?,
    })
}

fn value_of(row: &Row<'_>, noted: &mut Noted) -> Result<(AssetKind, AssetValue), Refused> {
    let kind = kind_of(row.kind)?;
    let text = row.value.trim();
    if text.is_empty() {
        return Err(empty_value(kind));
    }
    let accept = Some(row.accept.trim()).filter(|reason| !reason.is_empty());
    let value = Value { kind: kind.unwrap_or_else(|| inferred_kind(text)), text, accept };
    if let Some(c) = steering(text) {
        let what = format!("holds the control character U+{:04X}", u32::from(c));
        return Err(value.refused(what, "text without control characters"));
    }
    let read = match value.kind {
        AssetKind::Prefix => AssetValue::Addrs(addrs::read_prefix(&value, noted)?),
        AssetKind::Range => AssetValue::Addrs(addrs::read_range(&value, noted)?),
        AssetKind::Email => AssetValue::Mail(names::read_mail(&value, noted)?),
        AssetKind::Keyword => AssetValue::Keyword(keywords::read_keyword(&value, noted)?),
        _ => AssetValue::Name(names::read_name(&value, noted)?),
    };
    if text.len() != row.value.len() {
        value.note(NoteKind::SurroundingBlanks, &read, noted);
    }
    Ok((value.kind, read))
}

fn empty_value(kind: Option<AssetKind>) -> Refused {
    let expected = match kind {
        None => "a prefix, a range, a name or a mail address",
        Some(AssetKind::Prefix) => "a prefix, as in 192.0.2.0/24",
        Some(AssetKind::Range) => "a range, as in 192.0.2.10-192.0.2.99",
        Some(AssetKind::Email) => "a mail address, as in jan@hospital.example",
        Some(AssetKind::Keyword) => "a keyword, as in st. antonius",
        Some(_) => "a name, as in hospital.example",
    };
    let found = match kind {
        Some(kind) => format!("{kind} without a value"),
        None => "a row without a value".to_owned(),
    };
    Refused::new(Column::Value, found, expected)
}

/// The kind that is named, or none where it is to be inferred.
fn kind_of(text: &str) -> Result<Option<AssetKind>, Refused> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    let known = AssetKind::ALL.into_iter().find(|kind| kind.name().eq_ignore_ascii_case(text));
    if known.is_some() {
        return Ok(known);
    }
    Err(Refused::new(
        Column::Kind,
        format!("kind {} is unknown", Shown(text)),
        "prefix, range, domain, domain_exact, email_domain, email or keyword",
    ))
}

/// The kind that a value without one is most likely meant to be.
///
/// A wrong guess does no harm: what looks like an address and is none is refused
/// as one, and is never taken for a name.
pub(super) fn inferred_kind(text: &str) -> AssetKind {
    if text.starts_with('@') {
        return AssetKind::EmailDomain;
    }
    if text.contains("://") {
        return AssetKind::Domain;
    }
    if text.contains('@') {
        return AssetKind::Email;
    }
    let (head, tail) = text.split_once(['/', '-']).unwrap_or((text, ""));
    let (head, tail) = (head.trim(), tail.trim());
    if !addrs::is_addr_like(head) {
        return AssetKind::Domain;
    }
    match text.as_bytes().get(text.find(['/', '-']).unwrap_or(text.len())) {
        Some(b'/') => AssetKind::Prefix,
        Some(b'-') if tail.is_empty() || addrs::is_addr_like(tail) => AssetKind::Range,
        Some(_) => AssetKind::Domain,
        None => AssetKind::Prefix,
    }
}

fn participant_of(text: &str) -> Result<&str, Refused> {
    let id = text.trim();
    if id.is_empty() {
        let expected = "the participant's id";
        return Err(Refused::new(Column::Participant, "a row without a participant", expected));
    }
    bounded(Column::Participant, id, MAX_PARTICIPANT_BYTES)?;
    Ok(id)
}

/// A group or a label; blank is none.
fn words_of(column: Column, text: &str) -> Result<Option<String>, Refused> {
    let words = text.trim();
    if words.is_empty() {
        return Ok(None);
    }
    bounded(column, words, MAX_LABEL_TEXT_BYTES)?;
    Ok(Some(words.to_owned()))
}

fn bounded(column: Column, text: &str, max_bytes: usize) -> Result<(), Refused> {
    if text.len() > max_bytes {
        let found = format!("{column} {} has {} bytes", Shown(text), text.len());
        return Err(Refused::new(column, found, format!("at most {max_bytes} bytes")));
    }
    match steering(text) {
        None => Ok(()),
        Some(c) => {
            let found = format!(
                "{column} {} holds the control character U+{:04X}",
                Shown(text),
                u32::from(c)
            );
            Err(Refused::new(column, found, "text without control characters"))
        }
    }
}
