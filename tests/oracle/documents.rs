//! JSON documents: where their records are, and what STIX and MISP mean by some of their strings.

use crate::Format;
use crate::json::{self, Piece};
use crate::records::Field;
use crate::text::Byte;

/// A record of a document, or what stands between arrays of records.
pub(crate) struct Part {
    pub(crate) first: usize,
    pub(crate) end: usize,
    /// The keys on the way to it.
    above: Vec<String>,
    /// Whether it begins within an object, with a key.
    is_member: bool,
}

/// An object or array that is open.
struct Container {
    is_object: bool,
    holds_records: bool,
    key: Option<String>,
}

/// An array that is deeper in holds no records.
const MAX_DEPTH: usize = 1024;

/// Reads a document from `start` on, byte by byte.
///
/// A record ends at a comma of the array that holds it, where an array of records begins within
/// it, and where the object or array closes in which it began. At no depth at all, a document is
/// one, and so is a line of what is none.
pub(crate) fn parts(bytes: &[Byte], start: usize, format: Format, line_end: u8) -> Vec<Part> {
    let mut found = Vec::new();
    let mut open: Vec<Container> = Vec::new();
    // The record that has begun, and how deep that was.
    let mut begun: Option<(Part, usize)> = None;
    let mut end_record = |begun: &mut Option<(Part, usize)>, end: usize| {
        if let Some((part, _)) = begun.take() {
            let blank = |i: &usize| b" \t\r\n".contains(&bytes[*i - 1].b);
            let mut end = end;
            while blank(&end) {
                end -= 1;
            }
            found.push(Part { end, ..part });
        }
    };
    let mut at = start;
    while at < bytes.len() {
        let byte = bytes[at].b;
        let holds = byte == b'[' && array_holds_records(&bytes[..at], &open, format);
        let parts_records = open.last().is_some_and(|last| last.holds_records);
        let separates = byte == b','
            || byte == line_end
            || matches!(byte, b' ' | b'\t' | b'\r' | b'\n' | b'}' | b']');
        if begun.is_none() && !separates && !holds {
            let part = Part {
                first: at,
                end: at,
                above: open.iter().filter_map(|container| container.key.clone()).collect(),
                is_member: open.last().is_some_and(|last| last.is_object),
            };
            begun = Some((part, open.len()));
        }
        match byte {
            b'"' => {
                at = string_end(bytes, at + 1, line_end);
                continue;
            }
            b'{' | b'[' => {
                if holds {
                    end_record(&mut begun, at);
                }
                let key = key_before(&bytes[..at]);
                open.push(Container { is_object: byte == b'{', holds_records: holds, key });
            }
            b'}' | b']' => {
                let closes = open.pop().is_some();
                match &begun {
                    Some((_, depth)) if *depth > open.len() => end_record(&mut begun, at),
                    Some(_) if open.is_empty() && closes => end_record(&mut begun, at + 1),
                    Some(_) if open.is_empty() => end_record(&mut begun, at),
                    _ => {}
                }
            }
            b',' if parts_records => end_record(&mut begun, at),
            _ if byte == line_end && open.is_empty() => end_record(&mut begun, at),
            _ => {}
        }
        at += 1;
    }
    end_record(&mut begun, bytes.len());
    found
}

/// Where the string ends whose inside begins at `at`, behind its quote or before the line end.
fn string_end(bytes: &[Byte], at: usize, line_end: u8) -> usize {
    let mut at = at;
    while at < bytes.len() {
        match bytes[at].b {
            b'"' => return at + 1,
            b if b == line_end => return at,
            b'\\' if bytes.get(at + 1).is_some_and(|next| next.b != line_end) => at += 2,
            _ => at += 1,
        }
    }
    bytes.len()
}

/// Whether the array that opens behind `before` holds records.
fn array_holds_records(before: &[Byte], open: &[Container], format: Format) -> bool {
    let key = key_before(before).unwrap_or_default();
    let is_element = open.last().is_some_and(|last| last.holds_records);
    if open.len() >= MAX_DEPTH || is_element {
        return false;
    }
    match format {
        // In an array of a document of this kind, nothing holds records.
        Format::Json => open.iter().all(|container| container.is_object),
        Format::Stix => match open {
            [] => true,
            [_] => key == "objects",
            [root, _] => root.holds_records && key == "objects",
            _ => false,
        },
        _ => match &*key {
            _ if open.is_empty() => true,
            "Attribute" | "Object" => true,
            "list" | "response" => open.len() == 1,
            _ => false,
        },
    }
}

/// The key as it is written: between the quotes before a colon, which stands on their line.
fn key_before(before: &[Byte]) -> Option<String> {
    let text: Vec<u8> = before.iter().map(|byte| byte.b).collect();
    let text = text.trim_ascii_end().strip_suffix(b":")?;
    let colon = text.iter().rposition(|b| !matches!(b, b' ' | b'\t')).map(|last| last + 1)?;
    let text = text[..colon].strip_suffix(b"\"")?;
    let is_plain = |quote: &usize| {
        let backslashes = text[..*quote].iter().rev().take_while(|b| **b == b'\\').count();
        text[*quote] == b'"' && backslashes % 2 == 0
    };
    let quote = (0..text.len()).rev().find(is_plain)?;
    Some(String::from_utf8_lossy(&text[quote + 1..]).into_owned())
}

/// The fields of a record.
pub(crate) fn fields(bytes: &[Byte], part: &Part, format: Format, line_end: u8) -> Vec<Field> {
    let bytes = &bytes[part.first..part.end];
    let pieces = json::pieces_within(bytes, part.is_member, Some(line_end));
    let is_whole = pieces.len() == 1;
    let kind = if format == Format::Misp { attribute_kind(&pieces) } else { Kind::Plain };
    let mut fields = Vec::new();
    for Piece { pointer, keys, bytes, .. } in pieces {
        let mut names: Vec<String> = part.above.iter().map(|key| json::decoded(key)).collect();
        let says = |word: &str| keys.iter().any(|key| key == word);
        let is_value = pointer.as_deref() == Some("/value");
        let is_with_port = is_value && kind == Kind::Ported;
        let is_reference = says("comment") || says("refs") || is_value && kind == Kind::Reference;
        if format == Format::Misp && is_reference {
            names.push("reference".to_owned());
        }
        names.extend(keys);
        let texts = match () {
            () if format == Format::Stix && pointer.as_deref() == Some("/pattern") => {
                pattern_parts(&bytes)
            }
            () if is_with_port || is_value && kind == Kind::Parts => {
                bytes.split(|b| b.b == b'|').collect()
            }
            () => vec![&bytes[..]],
        };
        let port = match texts.as_slice() {
            [_, port] if is_with_port => {
                let port: String = port.iter().map(|byte| char::from(byte.b)).collect();
                port.parse().ok().filter(|_| port.chars().all(|c| c.is_ascii_digit()))
            }
            _ => None,
        };
        for (i, text) in texts.into_iter().enumerate() {
            fields.push(Field {
                port: port.filter(|_| i == 0),
                whole: is_whole || pointer.is_some(),
                name: pointer.clone(),
                names: names.clone(),
                ..Field::plain(text)
            });
        }
    }
    fields
}

/// What the value of a MISP attribute is.
#[derive(PartialEq)]
enum Kind {
    Plain,
    Reference,
    Parts,
    /// Something and its port.
    Ported,
}

fn attribute_kind(pieces: &[Piece]) -> Kind {
    let value_of = |pointer: &str| {
        let is_it = |piece: &&Piece| {
            piece.pointer.as_deref() == Some(pointer) && piece.depth == 1 && !piece.is_key
        };
        let piece = pieces.iter().find(is_it);
        piece.map(|piece| piece.bytes.iter().map(|byte| char::from(byte.b)).collect::<String>())
    };
    let name = value_of("/type").unwrap_or_default();
    match &*name {
        "link" | "comment" => Kind::Reference,
        _ if value_of("/category").as_deref() == Some("Internal reference") => Kind::Reference,
        name if name.ends_with("|port") => Kind::Ported,
        name if name.contains('|') => Kind::Parts,
        _ => Kind::Plain,
    }
}

/// A pattern, parted into the literals that values are compared with and what stands between.
fn pattern_parts(pattern: &[Byte]) -> Vec<&[Byte]> {
    let text: Vec<char> = pattern.iter().map(|byte| char::from(byte.b)).collect();
    let mut parts = Vec::new();
    let mut behind = 0;
    let mut at = 0;
    // The words and marks of the comparison so far.
    let mut tokens: Vec<String> = Vec::new();
    while at < text.len() {
        let is_word = |i: usize| {
            text.get(i).is_some_and(|c| c.is_ascii_alphanumeric() || "_-:.*'[]".contains(*c))
        };
        match text[at] {
            '\'' => {
                let close = closing(&text, at + 1);
                if is_comparison_of_value(&tokens) {
                    parts.push(&pattern[behind..at]);
                    parts.push(&pattern[at + 1..close]);
                    behind = close;
                }
                at = close + 1;
            }
            c if c.is_ascii_alphanumeric() || "_-:.*".contains(c) => {
                let start = at;
                while is_word(at) {
                    let word = &text[start..at];
                    match text[at] {
                        // A name in quotes, or an index, belongs to a path.
                        '\'' if word.last() != Some(&'.') => break,
                        '\'' => at = closing(&text, at + 1),
                        '[' if !word.contains(&':') => break,
                        ']' if !word.contains(&'[') => break,
                        _ => {}
                    }
                    at += 1;
                }
                let at_most = at.min(text.len());
                tokens.push(text[start..at_most].iter().collect());
            }
            c => {
                match c {
                    '[' | ']' => tokens.clear(),
                    '=' | '!' | '<' | '>' => tokens.push(c.to_string()),
                    _ => {}
                }
                at += 1;
            }
        }
    }
    parts.push(&pattern[behind.min(pattern.len())..]);
    parts
}

/// Where a literal ends.
fn closing(text: &[char], from: usize) -> usize {
    let mut at = from;
    while at < text.len() && text[at] != '\'' {
        at += if text[at] == '\\' { 2 } else { 1 };
    }
    at.min(text.len())
}

/// Whether the tokens before a literal say that a value equals it, or lies in it or around it.
fn is_comparison_of_value(tokens: &[String]) -> bool {
    let joins = |token: &String| ["AND", "OR", "FOLLOWEDBY"].contains(&&**token);
    let tokens = tokens.rsplit(joins).next().unwrap_or_default();
    let Some(path) = tokens.iter().rposition(|token| token.contains(':')) else { return false };
    let is_value = tokens[path].ends_with(":value") || tokens[path].ends_with(".value");
    let mut is_equal = None;
    for token in &tokens[path + 1..] {
        match &**token {
            "NOT" => return false,
            "IN" | "ISSUBSET" | "ISSUPERSET" => is_equal = Some(true),
            "LIKE" | "MATCHES" | "!" | "<" | ">" => is_equal = Some(false),
            "=" => is_equal = is_equal.or(Some(true)),
            _ => {}
        }
    }
    is_value && is_equal == Some(true)
}
