//! Names and mail addresses of a row, and what to say of a value that is neither.

use super::note::NoteKind;
use super::row::{Noted, Refused, Value};
use super::shown::{Shown, is_unseen};
use crate::indicator::canonical_labels;
use crate::{
    AssetKind, MailError, NameError, canonical_mail, canonical_name, parse_addr, parse_prefix,
    parse_range,
};

const NAME_EXAMPLE: &str = "a name, as in hospital.example";
const MAIL_EXAMPLE: &str = "a mail address, as in jan@hospital.example";

/// Reads a name of one of the three kinds.
pub(super) fn read_name(value: &Value<'_>, noted: &mut Noted) -> Result<String, Refused> {
    let (lead, bare) = without_lead(value.text);
    let subtree = matches!(lead, Some(NoteKind::Wildcard | NoteKind::LeadingDot));
    if subtree && value.kind == AssetKind::DomainExact {
        let what = "stands for the names under it, not for one name";
        return Err(
            value.refused(what, "write kind domain, or the name without what stands before it")
        );
    }
    let name = canonical_labels(bare).map_err(|error| explain_name(value, bare, error))?;
    check_suffix(value, &name, noted)?;
    if let Some(lead) = lead {
        value.note(lead, &name, noted);
    }
    note_spelling(value, bare, &name, &name, noted);
    Ok(name)
}

/// Reads a mail address.
pub(super) fn read_mail(value: &Value<'_>, noted: &mut Noted) -> Result<String, Refused> {
    let text = value.text;
    let mail = canonical_mail(text).map_err(|error| explain_mail(value, error))?;
    let (local, domain) = mail.rsplit_once('@').unwrap_or_default();
    // A name sheds such characters; a local part would keep them and meet nothing.
    if let Some(c) = local.chars().find(|&c| is_unseen(c)) {
        let what = format_args!("holds the invisible character U+{:04X}", u32::from(c)).to_string();
        return Err(value.refused(what, "the address without it"));
    }
    if text.starts_with('"') {
        value.note(NoteKind::QuotedLocal, Shown(&mail), noted);
    }
    note_spelling(value, text, domain, &mail, noted);
    Ok(mail)
}

/// What stands before a name in other notations, and the name.
fn without_lead(text: &str) -> (Option<NoteKind>, &str) {
    for (lead, kind) in
        [("*.", NoteKind::Wildcard), ("@", NoteKind::LeadingAt), (".", NoteKind::LeadingDot)]
    {
        if let Some(bare) = text.strip_prefix(lead) {
            return (Some(kind), bare);
        }
    }
    (None, text)
}

/// Refuses single labels and what others register their names under, unless there is a reason.
fn check_suffix(value: &Value<'_>, name: &str, noted: &mut Noted) -> Result<(), Refused> {
    let suffix = psl::suffix(name.as_bytes()).filter(|suffix| suffix.as_bytes() == name.as_bytes());
    match suffix.and_then(|suffix| suffix.typ()) {
        Some(psl::Type::Icann) => value.accepted("is a public suffix", "a name under it", noted),
        _ if !name.contains('.') => Err(explain_name(value, name, NameError::OneLabel)),
        Some(psl::Type::Private) => {
            let text = format!("{} {name} {}", value.kind, NoteKind::PrivateSuffix.phrase());
            noted.push((NoteKind::PrivateSuffix, text));
            Ok(())
        }
        None => Ok(()),
    }
}

/// Notes what about `written` is put right; `name` is the canonical name in it.
fn note_spelling(value: &Value<'_>, written: &str, name: &str, loaded: &str, noted: &mut Noted) {
    let has_a_label = |text: &str| text.split('.').any(|label| label.starts_with("xn--"));
    if written == loaded && !has_a_label(name) {
        return;
    }
    if written.chars().any(char::is_uppercase) {
        value.note(NoteKind::UpperCase, Shown(loaded), noted);
    }
    if written.ends_with(['.', '\u{3002}', '\u{ff0e}', '\u{ff61}']) {
        value.note(NoteKind::TrailingDot, Shown(loaded), noted);
    }
    if !written.is_ascii() {
        value.note(NoteKind::ULabel, Shown(loaded), noted);
    }
    if has_a_label(&written.to_ascii_lowercase()) {
        // The reader of the note wants to see what the letters hide.
        let (unicode, _) = idna::domain_to_unicode(name);
        let loaded = format!("{loaded}, which reads {}", Shown(&unicode));
        value.note(NoteKind::ALabel, loaded, noted);
    }
}

/// What to say of `bare`, which is no name.
fn explain_name(value: &Value<'_>, bare: &str, error: NameError) -> Refused {
    if let Some(refused) = explain_other_kind(value) {
        return refused;
    }
    match error {
        NameError::Empty => value.refused("holds no name", NAME_EXAMPLE),
        NameError::EmptyLabel => value.refused("has an empty label", "one dot between labels"),
        NameError::LabelTooLong => {
            value.refused("has a label of more than 63 octets", "labels of at most 63 octets")
        }
        NameError::NameTooLong => {
            value.refused("has more than 253 octets", "a name of at most 253 octets")
        }
        NameError::OneLabel => {
            value.refused("is a single label", "at least two labels, as in hospital.example")
        }
        NameError::Address => value.refused("ends in a number, as only addresses do", NAME_EXAMPLE),
        NameError::BadLabel => explain_label(value, bare),
    }
}

/// What to say of a value that something else than a name would be right for.
fn explain_other_kind(value: &Value<'_>) -> Option<Refused> {
    let text = value.text;
    if parse_addr(text).is_ok() {
        return Some(value.refused("is an address", "write kind prefix"));
    }
    if parse_prefix(text).is_ok() {
        return Some(value.refused("is a prefix", "write kind prefix"));
    }
    if parse_range(text).is_ok() {
        return Some(value.refused("is a range", "write kind range"));
    }
    if text.contains("://") {
        return Some(value.refused("is a URL", alone(text)));
    }
    if text.contains('/') {
        return Some(value.refused("has a path", alone(text)));
    }
    if canonical_mail(text).is_ok() {
        let name = text.rsplit_once('@').map_or(text, |(_, name)| name);
        let expected = format!("write kind email, or the name alone: {}", Shown(name));
        return Some(value.refused("is a mail address", expected));
    }
    None
}

/// What to say of a character or a hyphen that no name holds.
fn explain_label(value: &Value<'_>, bare: &str) -> Refused {
    let port = bare.rsplit_once(':').is_some_and(|(host, _)| canonical_name(host).is_ok());
    if bare.contains(char::is_whitespace) {
        return value.refused("holds a blank", "a name without blanks");
    }
    if bare.contains('*') {
        return value.refused("has a * inside", "a * only as the whole first label");
    }
    if port {
        return value.refused("has a port", alone(bare));
    }
    if let Some(c) = bare.chars().find(|&c| c.is_ascii() && !is_name_char(c)) {
        return value.refused(format_args!("holds the character {c}"), NAME_EXAMPLE);
    }
    let mut labels = bare.split('.');
    if labels.any(|label| label.get(..4).is_some_and(|h| h.eq_ignore_ascii_case("xn--"))) {
        return value.refused("has a broken A-label", "the name in its own letters");
    }
    match bare.split('.').any(|label| label.starts_with('-') || label.ends_with('-')) {
        true => value
            .refused("has a label that begins or ends with a hyphen", "hyphens inside labels only"),
        false => value.refused("has a label that no name may have", NAME_EXAMPLE),
    }
}

const fn is_name_char(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.')
}

/// What to say of a value that is no mail address.
fn explain_mail(value: &Value<'_>, error: MailError) -> Refused {
    let text = value.text;
    if text.contains("://") {
        return value.refused("is a URL", MAIL_EXAMPLE);
    }
    if text.get(..7).is_some_and(|head| head.eq_ignore_ascii_case("mailto:")) {
        return value.refused("begins with mailto:", "the address alone");
    }
    if text.contains('<') && text.ends_with('>') {
        return value.refused("has a display name", "the address alone, without < and >");
    }
    let (local, domain) = text.rsplit_once('@').unwrap_or((text, ""));
    match error {
        MailError::NoAt => match canonical_name(text).is_ok() {
            true => value.refused("has no @", "write a mail address, or kind email_domain"),
            false => value.refused("has no @", MAIL_EXAMPLE),
        },
        MailError::Domain(error) => match domain.starts_with('[') {
            true => value.refused("has an address literal as its domain", MAIL_EXAMPLE),
            false => explain_name(value, domain, error),
        },
        MailError::Local => match local {
            "" => value.refused(
                "has nothing before the @",
                "write kind email_domain for all mail addresses at that name",
            ),
            local if local.contains('@') => value.refused("has more than one @", MAIL_EXAMPLE),
            local if local.len() > 64 => {
                value.refused("has more than 64 octets before the @", MAIL_EXAMPLE)
            }
            local if local.contains(char::is_whitespace) => {
                value.refused("holds a blank", "a mail address without blanks")
            }
            _ => value.refused("has a local part that RFC 5321 does not allow", MAIL_EXAMPLE),
        },
    }
}

/// `the name alone`, with the name where the text has one behind a scheme, a login or a port.
fn alone(text: &str) -> String {
    let rest = text.split_once("://").map_or(text, |(_, rest)| rest);
    let authority = rest.split(['/', '?', '#', '\\']).next().unwrap_or_default();
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    let host = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|b| b.is_ascii_digit()) => name,
        _ => host,
    };
    match (canonical_name(host), parse_addr(host.trim_matches(['[', ']']))) {
        (Ok(name), _) => format!("write the name alone: {}", Shown(&name)),
        (_, Ok(addr)) => format!("write kind prefix, and the address alone: {addr}"),
        _ => "the name alone, as in hospital.example".to_owned(),
    }
}
