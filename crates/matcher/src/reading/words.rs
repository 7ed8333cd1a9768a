//! Parts a text into URLs, mail addresses and what stands between them, from left to right.

use super::escaped;
use super::unicode::first_letter;
use super::url::Url;
use super::{Reading, mail, token};

/// Reads every indicator of a text, in the order in which they stand.
///
/// The text may hold blanks; nothing but a range and a quoted local part reaches
/// over them.
pub(crate) fn read(text: &[u8], readings: &mut Vec<Reading>) {
    read_at(text, Depth(0), readings);
}

/// How many URLs a text stands within, each in the path or query of the one around it.
#[derive(Clone, Copy)]
pub(super) struct Depth(usize);

impl Depth {
    /// Whether URLs are cut into their parts here. All that stands within a URL has the
    /// role of the outermost, so in deep ones names and addresses are enough. A path of
    /// thousands of names is a URL for each of them otherwise.
    pub(super) const fn cuts_urls(self) -> bool {
        self.0 <= MAX_URLS_DEEP
    }

    /// Whether no URL is around, so that escapes are written by what wrote the text.
    pub(super) const fn is_outside(self) -> bool {
        self.0 == 0
    }

    pub(super) const fn deeper(self) -> Self {
        Self(self.0 + 1)
    }
}

/// URLs within one another that are cut into their parts.
const MAX_URLS_DEEP: usize = 4;

pub(super) fn read_at(text: &[u8], depth: Depth, readings: &mut Vec<Reading>) {
    let has_escapes = depth.is_outside() && memchr::memchr(b'%', text).is_some();
    let mut at = 0;
    while at < text.len() {
        if depth.cuts_urls()
            && let Some(url) = Url::at(text, at)
        {
            url.read(text, depth, readings);
            at = url.end.max(at + 1);
        } else if has_escapes && let Some(end) = escaped::read(text, at, depth, readings) {
            at = end;
        } else if let Some(end) = mail::read(text, at, depth, readings) {
            at = end;
        } else if let Some(end) = token::read(text, at, depth, readings) {
            at = end.max(at + 1);
        } else {
            at += first_letter(&text[at..]).bytes;
        }
    }
}
