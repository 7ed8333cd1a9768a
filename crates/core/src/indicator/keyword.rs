//! Keywords in canonical form: lower case, composed, one space for any run of blanks.

use icu_normalizer::ComposingNormalizerBorrowed;

/// Fewer characters stand in too many words that concern nobody.
pub const MIN_KEYWORD_CHARS: usize = 4;

/// A name of an organisation is shorter, and a scan reads some context for each character.
pub const MAX_KEYWORD_CHARS: usize = 128;

/// Why a text is no keyword.
///
/// # Example
///
/// ```
/// # use feedsieve_core::{KeywordError, canonical_keyword};
/// // Characters of the canonical form count, not bytes and not blanks at the ends.
/// assert_eq!(canonical_keyword("\u{fc}mc "), Err(KeywordError::TooShort));
/// assert_eq!(canonical_keyword("----"), Err(KeywordError::NoLetter));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum KeywordError {
    /// Fewer than [`MIN_KEYWORD_CHARS`].
    #[error("fewer than four characters")]
    TooShort,
    /// More than [`MAX_KEYWORD_CHARS`].
    #[error("more than 128 characters")]
    TooLong,
    /// Neither a letter nor a digit.
    #[error("no letter and no digit")]
    NoLetter,
}

/// The canonical form of a keyword, for an inventory and for hits.
///
/// Letters in lower case (a final sigma as any sigma), in normalisation form C
/// (Unicode Standard Annex 15), so that either way of writing `ü` gives the same
/// keyword; blanks at the ends dropped, and any other run of blanks one space.
///
/// # Errors
///
/// The first reason of [`KeywordError`] that applies to the canonical form.
///
/// # Example
///
/// ```
/// # use feedsieve_core::canonical_keyword;
/// assert_eq!(canonical_keyword(" St.  Antonius")?, "st. antonius");
/// assert_eq!(canonical_keyword("MU\u{308}NCHEN")?, "m\u{fc}nchen");
/// # Ok::<(), feedsieve_core::KeywordError>(())
/// ```
pub fn canonical_keyword(text: &str) -> Result<String, KeywordError> {
    let mut lower = String::with_capacity(text.len());
    for word in text.split_whitespace() {
        if !lower.is_empty() {
            lower.push(' ');
        }
        let letters = word.chars().flat_map(char::to_lowercase);
        lower.extend(letters.map(|c| if c == 'ς' { 'σ' } else { c }));
    }
    let keyword = ComposingNormalizerBorrowed::new_nfc().normalize(&lower).into_owned();
    match keyword.chars().count() {
        0..MIN_KEYWORD_CHARS => Err(KeywordError::TooShort),
        count if count > MAX_KEYWORD_CHARS => Err(KeywordError::TooLong),
        _ if !keyword.contains(char::is_alphanumeric) => Err(KeywordError::NoLetter),
        _ => Ok(keyword),
    }
}
