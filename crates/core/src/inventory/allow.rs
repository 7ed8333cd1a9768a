//! Allow lists: indicators that are never hits, one a line, or a MISP warninglist.
//!
//! An entry becomes an asset, so that an allow list is compiled and looked up as an inventory is.
//! Nobody owns it; [`ALLOW_LIST`] stands where the participant would.

use std::borrow::Cow;

use serde::Deserialize;

use super::InventoryError;
use super::json::{error_offset, offset_within, reason};
use super::load::Loader;
use super::row::{Column, Refused, Row, inferred_kind};
use super::shown::Shown;
use super::text::{Text, line_end};
use crate::AssetKind;

/// What stands in place of a participant's id.
///
/// # Example
///
/// ```
/// # use feedsieve_core::{Inventory, inventory::ALLOW_LIST};
/// let (list, _) = Inventory::from_allow_list(&b"192.0.2.7\n"[..])?;
/// assert_eq!(list.assets()[0].participant, ALLOW_LIST);
/// # Ok::<(), feedsieve_core::InventoryError>(())
/// ```
pub const ALLOW_LIST: &str = "allow";

const EXPECTED_LIST: &str = "a MISP warninglist: an object with \"type\" and an array \"list\"";
const EXPECTED_TYPE: &str = "cidr, hostname or string; no other type compares whole indicators";

/// Loads entries one a line, or a MISP warninglist where the text begins as JSON does.
pub(super) fn load(text: &Text, loader: &mut Loader) -> Result<(), InventoryError> {
    match text.bytes().get(text.content_start()) {
        Some(b'{') => load_warninglist(text, loader),
        _ => {
            load_lines(text, loader);
            Ok(())
        }
    }
}

fn load_lines(text: &Text, loader: &mut Loader) {
    let bytes = text.bytes();
    let mut at = 0;
    while at < bytes.len() {
        let end = line_end(bytes, at);
        let line = &bytes[at..end];
        let line = &line[..comment_start(line)];
        let blanks = line.len() - line.trim_ascii_start().len();
        let (start, entry) = (at + blanks, line.trim_ascii());
        match str::from_utf8(entry) {
            Ok("") => {}
            Ok(entry) => load_entry(loader, entry, "", start),
            Err(_) => {
                let refused = Refused::new(Column::Value, "bytes that are not UTF-8", "UTF-8");
                loader.reject(start, refused);
            }
        }
        at = end + 1;
    }
}

/// Where a comment begins: at the line's start or behind a blank.
fn comment_start(line: &[u8]) -> usize {
    let begins = |at: &usize| {
        matches!(line[*at], b'#' | b';') && (*at == 0 || line[at - 1].is_ascii_whitespace())
    };
    (0..line.len()).find(begins).unwrap_or(line.len())
}

/// The keys of a warninglist that bear on what it allows.
#[derive(Deserialize)]
struct Warninglist<'a> {
    #[serde(borrow, default, rename = "type")]
    kind: Option<Cow<'a, str>>,
    #[serde(borrow)]
    list: Vec<Entry<'a>>,
}

#[derive(Deserialize)]
struct Entry<'a>(#[serde(borrow)] Cow<'a, str>);

fn load_warninglist(text: &Text, loader: &mut Loader) -> Result<(), InventoryError> {
    let start = text.content_start();
    let bytes = &text.bytes()[start..];
    let warninglist: Warninglist<'_> = serde_json::from_slice(bytes).map_err(|error| {
        let found = format!("JSON that cannot be read: {}", reason(&error));
        text.syntax(start + error_offset(bytes, &error), found, EXPECTED_LIST)
    })?;
    // MISP compares with `string` where a list does not say how.
    let is_exact = match warninglist.kind.as_deref().unwrap_or("string") {
        "string" => true,
        "cidr" | "hostname" => false,
        other => {
            let found = format!("a warninglist of type {}", Shown(other));
            return Err(text.syntax(start, found, EXPECTED_TYPE));
        }
    };
    for Entry(entry) in &warninglist.list {
        let is_name = inferred_kind(entry.trim()) == AssetKind::Domain;
        let kind = if is_exact && is_name { AssetKind::DomainExact.name() } else { "" };
        // An entry with escapes is a copy, and of its place only the list is known.
        let offset = match entry {
            Cow::Borrowed(entry) => offset_within(bytes, entry).map_or(start, |at| start + at),
            Cow::Owned(_) => start,
        };
        load_entry(loader, entry, kind, offset);
    }
    Ok(())
}

fn load_entry(loader: &mut Loader, value: &str, kind: &str, offset: usize) {
    // However much an entry holds, it silences nothing of a participant who has an asset in it.
    let accept = "an allow list may hold anything";
    let row = Row { participant: ALLOW_LIST, kind, value, accept, ..Row::default() };
    loader.load(&row, |_| offset);
}

#[cfg(test)]
mod tests {
    use crate::Inventory;

    fn read(text: &str) -> (Vec<String>, Vec<String>) {
        let (list, rejected) = Inventory::from_allow_list(text.as_bytes()).expect("it is a list");
        let entries = list.assets().iter().map(|asset| format!("{} {}", asset.kind, asset.value));
        (entries.collect(), rejected.iter().map(ToString::to_string).collect())
    }

    #[test]
    fn an_entry_a_line_with_comments() {
        let text = "# ours\n\n192.0.2.7 ; a scanner\n  192.0.2.0/24# no\n10.0.0.1-10.0.0.9\r\n\
                    *.cdn.example # all of it\nJan@Shared.example\n0.0.0.0/0\ncom\nlocalhost\n@m.example\n";
        let (entries, rejected) = read(text);
        let expected = [
            "prefix 192.0.2.7/32",
            "range 10.0.0.1-10.0.0.9",
            "domain cdn.example",
            "email jan@shared.example",
            "prefix 0.0.0.0/0",
            "domain com",
            "email_domain m.example",
        ];
        assert_eq!(entries, expected);
        assert_eq!(rejected.len(), 2, "{rejected:?}");
        assert!(rejected[0].starts_with("4:3: prefix 192.0.2.0/24# no "), "{}", rejected[0]);
        assert!(rejected[1].starts_with("10:1: domain localhost is a single label"));
    }

    #[test]
    fn a_warninglist_says_how_its_entries_are_compared() {
        let list = |kind: &str| {
            format!(
                "{{\"name\":\"x\",{kind}\"list\":[\"cdn.example\",\n \"192.0.2.0/24\",\"no name\"]}}"
            )
        };
        for (kind, name) in [
            ("\"type\":\"hostname\",", "domain cdn.example"),
            ("\"type\":\"cidr\",", "domain cdn.example"),
            ("\"type\":\"string\",", "domain_exact cdn.example"),
            ("", "domain_exact cdn.example"),
        ] {
            let (entries, rejected) = read(&list(kind));
            assert_eq!(entries, [name, "prefix 192.0.2.0/24"]);
            assert_eq!(rejected.len(), 1);
            assert!(rejected[0].starts_with("2:17: "), "{}", rejected[0]);
        }
    }

    #[test]
    fn what_is_no_list_is_refused_as_a_whole() {
        for (text, part) in [
            (
                "{\"type\":\"regex\",\"list\":[\"/x/\"]}",
                "a warninglist of type regex; cidr, hostname",
            ),
            ("{\"type\":\"substring\",\"list\":[]}", "a warninglist of type substring"),
            ("{\"type\":\"cidr\"}", "missing field `list`; a MISP warninglist"),
            ("{\"list\":[1]}", "1:10: JSON that cannot be read: invalid type"),
            ("{\"list\":[", "1:9: JSON that cannot be read: EOF"),
        ] {
            let error = Inventory::from_allow_list(text.as_bytes()).expect_err(text).to_string();
            assert!(error.contains(part), "{error}");
        }
        assert_eq!(read("# nothing\n").0.len(), 0);
    }
}
