//! Parts a text into URLs, mail addresses and what stands between them, from left to right.

use super::unicode::first_letter;
use super::url::Url;
use super::{Reading, mail, token};

/// Reads every indicator of a text, in the order in which they stand.
///
/// The text may hold blanks; nothing but a range and a quoted local part reaches
/// over them.
pub(crate) fn read(text: &[u8], readings: &mut Vec<Reading>) {
    let mut at = 0;
    while at < text.len() {
        if let Some(url) = Url::at(text, at) {
            url.read(text, readings);
            at = url.end.max(at + 1);
        } else if let Some(end) = mail::read(text, at, readings) {
            at = end;
        } else if let Some(end) = token::read(text, at, readings) {
            at = end.max(at + 1);
        } else {
            at += first_letter(&text[at..]).bytes;
        }
    }
}
