//! Keywords of a row, and what to say of a value that is none.

use super::note::NoteKind;
use super::row::{Noted, Refused, Value};
use super::shown::{Shown, is_unseen};
use crate::{KeywordError, canonical_keyword};

/// Reads a keyword.
pub(super) fn read_keyword(value: &Value<'_>, noted: &mut Noted) -> Result<String, Refused> {
    let text = value.text;
    // Nobody would write it in a feed, so it would meet nothing.
    if let Some(c) = text.chars().find(|&c| is_unseen(c)) {
        let what = format!("holds the invisible character U+{:04X}", u32::from(c));
        return Err(value.refused(what, "the keyword without it"));
    }
    let keyword = canonical_keyword(text).map_err(|error| explain(value, error))?;
    if text.chars().any(char::is_uppercase) {
        value.note(NoteKind::UpperCase, Shown(&keyword), noted);
    }
    Ok(keyword)
}

fn explain(value: &Value<'_>, error: KeywordError) -> Refused {
    match error {
        KeywordError::TooShort => {
            value.refused("has fewer than four characters", "a keyword of four characters or more")
        }
        KeywordError::TooLong => {
            value.refused("has more than 128 characters", "a keyword of at most 128 characters")
        }
        KeywordError::NoLetter => {
            value.refused("holds no letter and no digit", "a word or several")
        }
    }
}
