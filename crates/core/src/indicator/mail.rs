//! Mail addresses in canonical form: lower case, the domain as a canonical name.

use icu_normalizer::ComposingNormalizerBorrowed;

use super::{NameError, canonical_name};

/// Octets of a local part (RFC 5321, section 4.5.3.1.1).
const MAX_LOCAL_BYTES: usize = 64;

/// Why a text is no mail address.
///
/// # Example
///
/// ```
/// # use feedsieve_core::{MailError, NameError, canonical_mail};
/// assert_eq!(canonical_mail("@hospital.example"), Err(MailError::Local));
/// assert_eq!(canonical_mail("a@b@hospital.example"), Err(MailError::Local));
/// assert_eq!(canonical_mail("jan@localhost"), Err(MailError::Domain(NameError::OneLabel)));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum MailError {
    /// There is no `@`.
    #[error("no @")]
    NoAt,
    /// Before the last `@` stands nothing, a blank, a control character or another bare `@`.
    #[error("no local part, or one that RFC 5321 does not allow")]
    Local,
    /// What follows the last `@` is no domain name.
    #[error("a domain that is none: {0}")]
    Domain(#[from] NameError),
}

/// The canonical form of a mail address, for an inventory and for lookups.
///
/// Case is ignored on both sides of the `@`: RFC 5321 lets a host tell `Jan` and
/// `jan` apart, and no hospital does. A quoted local part (RFC 5321, section
/// 4.1.2) keeps its quotes unless it needs none. Letters are composed (NFC).
///
/// # Errors
///
/// The first reason of [`MailError`] that applies.
///
/// # Example
///
/// ```
/// # use feedsieve_core::canonical_mail;
/// assert_eq!(canonical_mail("Jan@Hospital.Example")?, "jan@hospital.example");
/// # Ok::<(), feedsieve_core::MailError>(())
/// ```
pub fn canonical_mail(text: &str) -> Result<String, MailError> {
    let (local, domain) = text.rsplit_once('@').ok_or(MailError::NoAt)?;
    let local = canonical_local(local).ok_or(MailError::Local)?;
    Ok(format!("{local}@{}", canonical_name(domain)?))
}

fn canonical_local(local: &str) -> Option<String> {
    let inner = local.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
    let bare = |text: &str| {
        !text.is_empty()
            && !text.contains(|c: char| c.is_whitespace() || "@\"(),:;<>[]\\".contains(c))
    };
    let text = match inner {
        Some(inner) if bare(inner) => inner,
        Some(inner) if !inner.is_empty() => local,
        _ if bare(local) => local,
        _ => return None,
    };
    let allowed = text.len() <= MAX_LOCAL_BYTES && !text.contains(char::is_control);
    allowed.then(|| lower_local(text))
}

/// A local part without regard to case, nor to whether accents are letters of their own.
fn lower_local(local: &str) -> String {
    let lower = local.to_lowercase();
    match lower.is_ascii() {
        true => lower,
        false => ComposingNormalizerBorrowed::new_nfc().normalize(&lower).into_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mail_addresses_are_put_into_canonical_form() {
        for (text, expected) in [
            ("JAN@Hospital.example", Ok("jan@hospital.example")),
            ("jan+x@hospital.example.", Ok("jan+x@hospital.example")),
            ("RENE\u{301}@hospital.example", Ok("ren\u{e9}@hospital.example")),
            ("\"jan\"@hospital.example", Ok("jan@hospital.example")),
            ("\"a@b\"@hospital.example", Ok("\"a@b\"@hospital.example")),
            ("hospital.example", Err(MailError::NoAt)),
            ("@hospital.example", Err(MailError::Local)),
            ("a@b@hospital.example", Err(MailError::Local)),
            ("a b@hospital.example", Err(MailError::Local)),
            ("a@example", Err(MailError::Domain(NameError::OneLabel))),
        ] {
            assert_eq!(canonical_mail(text), expected.map(str::to_owned), "{text}");
        }
    }
}
