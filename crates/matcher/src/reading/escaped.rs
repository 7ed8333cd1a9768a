//! Reads words that were cut out of a URL or a form with their percent escapes.
//!
//! A log has `POST /login?mail=jan%40hospital.example`, and a column may hold
//! `http%3A%2F%2Fhospital.example%2F`. Such a word is read as it would be without the escapes
//! (RFC 3986, section 2.1), which are undone once, as those of a URL are.

use super::percent::{ESCAPE_BYTES, decode, escape_at, parts_words};
use super::words::{self, Depth};
use super::{Reading, mail};
use crate::bytes::is_token_byte;

/// Reads the escaped word that begins at `at` and returns where to go on; `None` where none begins.
pub(super) fn read(
    text: &[u8],
    at: usize,
    depth: Depth,
    readings: &mut Vec<Reading>,
) -> Option<usize> {
    let begins = parts_words(text, at) || at == 0 || !belongs(text[at - 1]);
    begins.then_some(())?;
    let end = at + text[at..].iter().take_while(|&&b| belongs(b)).count();
    let last = (at..end).rfind(|&escape| escape_at(text, escape).is_some())?;
    // A scheme behind it begins a URL, which undoes its own.
    let is_scheme = text[..end].ends_with(b":") && text[end..].starts_with(b"//");
    let end = if is_scheme { last + ESCAPE_BYTES } else { end };
    // An `@` behind it makes it a local part, which may hold a percent sign.
    let is_local = text[end..].starts_with(b"@") && end - at <= mail::MAX_LOCAL_BYTES;
    (!is_local && (at..=last).any(|escape| parts_words(text, escape))).then_some(())?;
    let decoded = decode(text, at, end);
    let known = readings.len();
    words::read_at(&decoded.bytes, depth.deeper(), readings);
    for reading in &mut readings[known..] {
        decoded.place(reading);
    }
    Some(end)
}

/// What an escaped word is made of: what needs no escape or is often left without, and the escapes.
fn belongs(byte: u8) -> bool {
    is_token_byte(byte) || !byte.is_ascii() || b"%~+:*'!".contains(&byte)
}
