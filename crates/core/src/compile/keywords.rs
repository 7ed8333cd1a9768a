//! Builds what `image/keywords.rs` reads.

use zerocopy::little_endian::U32;

use super::distinct::Distinct;
use super::writer::{Writer, push_text};
use super::{CompileError, Limits};
use crate::AssetValue;
use crate::image::format::{KeywordRecord, MAX_KEYWORDS, Section};

/// Writes the keywords, and sets the value of each asset that is one.
pub(super) fn write(
    distinct: &Distinct<'_>,
    limits: &Limits,
    writer: &mut Writer,
    text: &mut Vec<u8>,
    values: &mut [u32],
) -> Result<(), CompileError> {
    let mut keywords: Vec<(&str, u32)> = (distinct.assets.iter().enumerate())
        .filter_map(|(index, key)| match key.value {
            AssetValue::Keyword(keyword) => Some((keyword.as_str(), index as u32)),
            _ => None,
        })
        .collect();
    CompileError::check("keywords", keywords.len(), limits.keywords.min(MAX_KEYWORDS))?;
    keywords.sort_unstable();
    let records: Vec<_> = (keywords.iter())
        .map(|(keyword, asset)| KeywordRecord {
            text: push_text(text, keyword),
            asset: U32::new(*asset),
        })
        .collect();
    writer.section(Section::Keywords, records);
    for (value, &(_, asset)) in keywords.iter().enumerate() {
        values[asset as usize] = value as u32;
    }
    Ok(())
}
