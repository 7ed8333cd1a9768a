//! Reads words that were cut out of a URL or a form with their percent escapes.
//!
//! A log has `POST /login?mail=jan%40hospital.example`, and a column may hold
//! `http%3A%2F%2Fhospital.example%2F`. A word with an escaped `@`, colon or slash is read as it would be
//! without the escapes (RFC 3986, section 2.1), which are undone once, as those of a URL are. Others say
//! too little: `LIKE '%203.0.113.5%'` has one by chance.

use super::percent::{ESCAPE_BYTES, decode, escape_at};
use super::words::{self, Depth};
use super::{Reading, mail, url};
use crate::bytes::is_token_byte;

/// Reads the escaped word that begins at `at` and returns where to go on; `None` where none begins.
pub(super) fn read(
    text: &[u8],
    at: usize,
    depth: Depth,
    readings: &mut Vec<Reading>,
) -> Option<usize> {
    let begins = tells(text, at) || at == 0 || !belongs(text[at - 1]);
    begins.then_some(())?;
    let end = at + text[at..].iter().take_while(|&&b| belongs(b)).count();
    let last = (at..end).rfind(|&escape| escape_at(text, escape).is_some())?;
    // An `@` behind it makes it a local part, which may hold a percent sign.
    let is_local = text[end..].starts_with(b"@") && end - at <= mail::MAX_LOCAL_BYTES;
    (!is_local && (at..=last).any(|escape| tells(text, escape))).then_some(())?;
    let end = match text[end..].first() {
        // A scheme behind it begins a URL, which undoes its own.
        Some(b'/') if text[..end].ends_with(b":") => last + ESCAPE_BYTES,
        // A path or a length belongs to what stands before it.
        Some(b'/' | b'?' | b'#') => url::end_in_text(text, at, end, |_| false),
        _ => end,
    };
    let decoded = decode(text, at, end);
    let known = readings.len();
    words::read_at(&decoded.bytes, depth.deeper(), readings);
    for reading in &mut readings[known..] {
        decoded.place(reading);
    }
    Some(end)
}

/// What an escaped word is made of, up to what parts the words of forms and paths.
fn belongs(byte: u8) -> bool {
    is_token_byte(byte) || !byte.is_ascii() || b"%~+:*'!".contains(&byte)
}

/// Whether an escaped `@`, colon or slash stands at `at`.
fn tells(text: &[u8], at: usize) -> bool {
    matches!(escape_at(text, at), Some(b'@' | b':' | b'/'))
}
