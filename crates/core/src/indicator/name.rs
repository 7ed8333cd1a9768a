//! Domain names in canonical form: lower case, A-labels, no root dot.
//!
//! UTS 46 non-transitional processing, label by label, so that one odd label
//! does not hide the labels behind it. `_` is allowed, as in service names.

use std::borrow::Cow;

use idna::AsciiDenyList;
use idna::uts46::{DnsLength, Hyphens, Uts46};

/// Octets of a label (RFC 1035, section 2.3.4).
pub const MAX_LABEL_BYTES: usize = 63;

/// Octets of a name as text without the root dot (RFC 1035, section 2.3.4).
pub const MAX_NAME_BYTES: usize = 253;

/// Why a text is no domain name.
///
/// # Example
///
/// ```
/// # use feedsieve_core::{NameError, canonical_name};
/// assert_eq!(canonical_name("www..hospital.example"), Err(NameError::EmptyLabel));
/// assert_eq!(canonical_name("192.0.2.7"), Err(NameError::Address));
/// assert_eq!(canonical_name("http://hospital.example/"), Err(NameError::BadLabel));
/// assert!(canonical_name("_dmarc.hospital.example").is_ok());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NameError {
    /// There is nothing.
    #[error("nothing")]
    Empty,
    /// Two dots in a row, or a dot at the start.
    #[error("an empty label")]
    EmptyLabel,
    /// A label of more than [`MAX_LABEL_BYTES`] octets.
    #[error("a label of more than 63 octets")]
    LabelTooLong,
    /// A name of more than [`MAX_NAME_BYTES`] octets.
    #[error("a name of more than 253 octets")]
    NameTooLong,
    /// A character that no name holds, or a label that UTS 46 refuses.
    #[error("a label that is no part of a domain name")]
    BadLabel,
    /// Only one label, where at least two are needed.
    #[error("a single label")]
    OneLabel,
    /// The last label is a number, as in an address.
    #[error("an address")]
    Address,
}

/// Whether a byte may stand in an ASCII label.
const fn is_label_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_'
}

/// The canonical form of one label: lower case, an A-label where it was not ASCII.
///
/// Does not allocate when the label is canonical already.
///
/// # Errors
///
/// [`NameError::BadLabel`], [`NameError::EmptyLabel`] or [`NameError::LabelTooLong`].
///
/// # Example
///
/// ```
/// # use feedsieve_core::{NameError, canonical_label};
/// assert_eq!(canonical_label("M\u{fc}nchen")?, "xn--mnchen-3ya");
/// // Non-transitional (UTS 46): a sharp s stays one.
/// assert_ne!(canonical_label("stra\u{df}e")?, "strasse");
/// assert_eq!(canonical_label("a.b"), Err(NameError::BadLabel));
/// # Ok::<(), NameError>(())
/// ```
pub fn canonical_label(label: &str) -> Result<Cow<'_, str>, NameError> {
    if label.is_empty() {
        return Err(NameError::EmptyLabel);
    }
    let plain = label.bytes().all(is_label_byte);
    let ace = label.get(..4).is_some_and(|head| head.eq_ignore_ascii_case("xn--"));
    let canonical = if plain && !ace {
        match label.bytes().any(|b| b.is_ascii_uppercase()) {
            true => Cow::Owned(label.to_ascii_lowercase()),
            false => Cow::Borrowed(label),
        }
    } else {
        // Joiners that ContextJ (RFC 5892, appendix A) refuses are decoration here.
        to_ascii(label).or_else(|_| to_ascii(&label.replace(['\u{200c}', '\u{200d}'], "")))?
    };
    match canonical.len() {
        0 => Err(NameError::EmptyLabel),
        len if len > MAX_LABEL_BYTES => Err(NameError::LabelTooLong),
        _ => Ok(canonical),
    }
}

fn to_ascii(label: &str) -> Result<Cow<'static, str>, NameError> {
    let ascii = Uts46::new()
        .to_ascii(label.as_bytes(), AsciiDenyList::EMPTY, Hyphens::Allow, DnsLength::Ignore)
        .map_err(|_| NameError::BadLabel)?;
    match ascii.bytes().all(is_label_byte) {
        true => Ok(Cow::Owned(ascii.into_owned())),
        false => Err(NameError::BadLabel),
    }
}

/// Whether a character parts labels: the full stop and its three ideographic forms (UTS 46, section 2.3).
pub(crate) const fn is_full_stop(c: char) -> bool {
    matches!(c, '.' | '\u{3002}' | '\u{ff0e}' | '\u{ff61}')
}

/// The canonical form of a domain name of at least two labels, for an inventory.
///
/// One root dot at the end is dropped. A name whose last label is a number is an
/// address to every browser (WHATWG URL, "ends in a number"), and refused.
///
/// # Errors
///
/// The first reason of [`NameError`] that applies, from the left.
///
/// # Example
///
/// ```
/// # use feedsieve_core::canonical_name;
/// assert_eq!(canonical_name("WWW.M\u{fc}nchen.example.")?, "www.xn--mnchen-3ya.example");
/// # Ok::<(), feedsieve_core::NameError>(())
/// ```
pub fn canonical_name(text: &str) -> Result<String, NameError> {
    let name = canonical_labels(text)?;
    match name.contains('.') {
        true => Ok(name),
        false => Err(NameError::OneLabel),
    }
}

/// As [`canonical_name`], but a single label is a name too: a top-level domain that an
/// inventory accepts for a reason.
pub(crate) fn canonical_labels(text: &str) -> Result<String, NameError> {
    if is_plain_canonical(text) {
        return Ok(text.to_owned());
    }
    let text = text.strip_suffix(is_full_stop).unwrap_or(text);
    if text.is_empty() {
        return Err(NameError::Empty);
    }
    let mut name = String::with_capacity(text.len());
    for label in text.split(is_full_stop) {
        let label = canonical_label(label)?;
        if !name.is_empty() {
            name.push('.');
        }
        name.push_str(&label);
    }
    let last = name.rsplit('.').next().unwrap_or_default();
    let first = name.split('.').next().unwrap_or_default();
    if name.len() > MAX_NAME_BYTES {
        return Err(NameError::NameTooLong);
    }
    if last.bytes().all(|b| b.is_ascii_digit()) {
        return Err(NameError::Address);
    }
    // Feeds do hold names such as `-x.example`; nobody can own one (RFC 1123, section 2.1).
    match first.starts_with('-') || name.split('.').any(|label| label.ends_with('-')) {
        true => Err(NameError::BadLabel),
        false => Ok(name),
    }
}

/// Whether a text is a canonical name without an A-label: nearly every name of an inventory.
///
/// What it refuses may be a name all the same; the rules are told where they are applied.
fn is_plain_canonical(text: &str) -> bool {
    let bytes = text.as_bytes();
    let is_plain = |label: &[u8]| {
        let lower = |byte: &u8| is_label_byte(*byte) && !byte.is_ascii_uppercase();
        (1..=MAX_LABEL_BYTES).contains(&label.len())
            && label.iter().all(lower)
            && !label.starts_with(b"xn--")
            && !label.ends_with(b"-")
    };
    let last = bytes.rsplit(|&byte| byte == b'.').next().unwrap_or_default();
    bytes.len() <= MAX_NAME_BYTES
        && bytes.split(|&byte| byte == b'.').all(is_plain)
        && !bytes.starts_with(b"-")
        && !last.iter().all(u8::is_ascii_digit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_put_into_canonical_form() {
        for (text, expected) in [
            ("hospital.example", Ok("hospital.example")),
            ("HOSPITAL.Example.", Ok("hospital.example")),
            ("m\u{fc}nchen.example", Ok("xn--mnchen-3ya.example")),
            ("mu\u{308}nchen.example", Ok("xn--mnchen-3ya.example")),
            ("XN--MNCHEN-3YA.example", Ok("xn--mnchen-3ya.example")),
            ("hospital\u{3002}example", Ok("hospital.example")),
            ("hosp\u{ad}ital.example", Ok("hospital.example")),
            ("hosp\u{200d}ital.example", Ok("hospital.example")),
            ("stra\u{df}e.example", Ok("xn--strae-oqa.example")),
            ("_dmarc.foo_bar.example", Ok("_dmarc.foo_bar.example")),
            ("", Err(NameError::Empty)),
            (".", Err(NameError::Empty)),
            ("a..example", Err(NameError::EmptyLabel)),
            ("example", Err(NameError::OneLabel)),
            ("exa mple.example", Err(NameError::BadLabel)),
            ("http://a.example/", Err(NameError::BadLabel)),
            ("-bad.example", Err(NameError::BadLabel)),
            ("bad-.example", Err(NameError::BadLabel)),
            ("xn--zzzzzz-.example", Err(NameError::BadLabel)),
            ("192.0.2.7", Err(NameError::Address)),
        ] {
            assert_eq!(canonical_name(text), expected.map(str::to_owned), "{text}");
        }
        for (text, expected) in [
            ("a_b.c-d.example", true),
            ("nl", true),
            ("x--y.example", true),
            ("hospital.example.", false),
            ("Hospital.example", false),
            ("-bad.example", false),
            ("www.-x.example", true),
            ("bad-.example", false),
            ("xn--mnchen-3ya.example", false),
            ("a..example", false),
            ("a.7", false),
            ("a b.example", false),
            ("m\u{fc}nchen.example", false),
            ("", false),
            (&format!("{}.example", "a".repeat(64)), false),
            (&format!("{}example", "aaaaaaaaa.".repeat(25)), false),
        ] {
            assert_eq!(is_plain_canonical(text), expected, "{text}");
            if expected {
                assert_eq!(canonical_labels(text), Ok(text.to_owned()));
            }
        }
        assert_eq!(
            canonical_name(&format!("{}.example", "a".repeat(64))),
            Err(NameError::LabelTooLong)
        );
        assert_eq!(
            canonical_name(&format!("{}example", "aaaaaaaaa.".repeat(25))),
            Err(NameError::NameTooLong)
        );
    }
}
