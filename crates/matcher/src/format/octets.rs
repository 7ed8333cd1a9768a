//! What a rule of Suricata or Snort looks for, where it writes bytes in hex between bars.
//!
//! `hospital|2e|example` has a dot, and names as DNS sends them have the length of each label before
//! it (RFC 1035, section 3.1): `|08|hospital|07|example|00|`.

use memchr::{memchr_iter, memrchr2};

use crate::bytes::{is_label_byte, is_token_byte};
use crate::find::Search;

/// Longest content that is read so; a pattern has 255 bytes, and in hex three times as many.
const MAX_BYTES: usize = 2 << 10;

/// Octets of a label (RFC 1035, section 2.3.4).
const MAX_LABEL_BYTES: usize = 63;

/// What a content stands for; `None` where none of it is in hex, or what is so is malformed.
pub(super) fn meant(content: &[u8]) -> Option<Box<[u8]>> {
    (content.len() <= MAX_BYTES && content.contains(&b'|')).then_some(())?;
    let mut bytes = Vec::with_capacity(content.len());
    let mut is_hex = false;
    for part in content.split(|&b| b == b'|') {
        match is_hex {
            true => push_hex(part, &mut bytes)?,
            false => bytes.extend(part.iter().map(|&byte| Octet { byte, is_hex })),
        }
        is_hex = !is_hex;
    }
    // As many bars close as open.
    is_hex.then(|| joined(&bytes))
}

/// A byte that is meant, and whether it is written in hex.
struct Octet {
    byte: u8,
    is_hex: bool,
}

fn push_hex(part: &[u8], bytes: &mut Vec<Octet>) -> Option<()> {
    let digit = |b: &u8| char::from(*b).to_digit(16);
    let mut digits = part.iter().filter(|b| !b.is_ascii_whitespace());
    while let Some(high) = digits.next() {
        let value = digit(high)? << 4 | digit(digits.next()?)?;
        bytes.push(Octet { byte: value as u8, is_hex: true });
    }
    Some(())
}

/// The bytes with dots where lengths part labels, without what ends a name and blanks around it.
fn joined(bytes: &[Octet]) -> Box<[u8]> {
    let mut text: Vec<u8> = Vec::with_capacity(bytes.len());
    for (at, octet) in bytes.iter().enumerate() {
        let is_length = octet.is_hex && !is_token_byte(octet.byte) && {
            let label = bytes[at + 1..].iter().take(MAX_LABEL_BYTES + 1);
            let label = label.take_while(|octet| is_label_byte(octet.byte)).count();
            label > 0 && label == usize::from(octet.byte)
        };
        match is_length {
            true if text.last().is_some_and(|&b| is_label_byte(b)) => text.push(b'.'),
            true => {}
            false => text.push(octet.byte),
        }
    }
    let zeros = text.iter().rev().take_while(|&&b| b == 0).count();
    text.truncate(text.len() - zeros);
    text.trim_ascii().into()
}

/// Pushes where contents begin that hold bytes in hex.
pub(super) fn hidden(search: &Search<'_>, positions: &mut Vec<usize>) {
    let Search { haystack, region, eol, .. } = search;
    let ceiling = haystack.len().min(region.end + MAX_BYTES);
    let mut known = None;
    for len in memchr_iter(b'|', &haystack[region.start..ceiling]) {
        let bar = region.start + len;
        let floor = region.start.max(bar.saturating_sub(MAX_BYTES)).saturating_sub(1);
        let before = memrchr2(b'"', *eol, &haystack[floor..bar]).map(|len| floor + len);
        let Some(quote) = before.filter(|&at| haystack[at] == b'"') else { continue };
        if quote + 1 < region.end && known != Some(quote) {
            positions.push(quote + 1);
            known = Some(quote);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn contents_as_they_are_meant() {
        for (content, text) in [
            ("www|2e|a|2E|example", Some("www.a.example")),
            ("|08|hospital|07|example|00|", Some("hospital.example")),
            ("|08|hospital|07|example|00 00 01|", Some("hospital.example\0\0\u{1}")),
            ("|03 77 77 77 01|a|07|example", Some("www.a.example")),
            ("|05|hospital|07|example", Some("\u{5}hospital.example")),
            ("x|20|a|2d|b.example|3a|80", Some("x a-b.example:80")),
            ("|20|a.example|2e| ", Some("a.example.")),
            ("|0|a", None),
            ("|0g|a", None),
            ("a|2e|b|", None),
            ("a.example", None),
            ("||", Some("")),
        ] {
            let meant = meant(content.as_bytes());
            let meant = meant.as_deref().map(String::from_utf8_lossy);
            assert_eq!(meant.as_deref(), text, "{content}");
        }
        assert_eq!(meant(&[b'|'; MAX_BYTES + 1]), None);
    }
}
