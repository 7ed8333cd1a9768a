//! Reads the keywords: a list, for a search is built from them when it is asked for.

use super::format::KeywordRecord;

/// The section of keywords.
#[derive(Clone, Copy)]
pub(crate) struct Keywords<'a> {
    pub(crate) text: &'a [u8],
    pub(crate) records: &'a [KeywordRecord],
}

impl<'a> Keywords<'a> {
    pub(crate) fn text(&self, index: u32) -> &'a str {
        let at = self.records[index as usize].text;
        let bytes = &self.text[at.offset.get() as usize..][..at.bytes.get() as usize];
        std::str::from_utf8(bytes).expect("`validate` checked that texts are UTF-8")
    }
}
