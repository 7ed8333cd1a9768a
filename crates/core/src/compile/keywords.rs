//! Builds what `image/keywords.rs` reads.

use std::collections::HashMap;

use zerocopy::little_endian::U32;

use super::distinct::Distinct;
use super::writer::{Writer, push_text};
use super::{CompileError, Limits};
use crate::AssetValue;
use crate::image::format::{KeywordRecord, MAX_KEYWORDS, Section};

/// Writes the keywords, and returns each asset's value.
pub(super) fn write(
    distinct: &Distinct<'_>,
    limits: &Limits,
    writer: &mut Writer,
    text: &mut Vec<u8>,
) -> Result<HashMap<u32, u32>, CompileError> {
    let mut keywords: Vec<(&str, u32)> = (distinct.assets.iter().enumerate())
        .filter_map(|(index, (key, _))| match key.value {
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
    writer.section(Section::Keywords, &records[..]);
    Ok(keywords.iter().enumerate().map(|(value, &(_, asset))| (asset, value as u32)).collect())
}
