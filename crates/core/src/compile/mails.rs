//! Builds what `image/mails.rs` reads.

use zerocopy::little_endian::U32;

use super::CompileError;
use super::distinct::Distinct;
use super::table;
use super::writer::{Writer, push_text};
use crate::AssetValue;
use crate::image::format::{MailRecord, Section};
use crate::image::hash::{hash_anchor_text, hash_folded};

/// Writes the mail addresses, sets the value of each asset that is one, and returns the seed of
/// their hashes.
pub(super) fn write(
    distinct: &Distinct<'_>,
    writer: &mut Writer,
    text: &mut Vec<u8>,
    values: &mut [u32],
) -> Result<u64, CompileError> {
    let mails: Vec<(&str, u32)> = (distinct.assets.iter().enumerate())
        .filter_map(|(index, key)| match key.value {
            AssetValue::Mail(mail) => Some((mail.as_str(), index as u32)),
            _ => None,
        })
        .collect();
    let hash = |seed, index: u32| hash_folded(seed, mails[index as usize].0.as_bytes());
    let (seed, slots) = table::build("mail addresses", mails.len(), hash)?;
    let hashes: Vec<_> = (0..mails.len() as u32).map(|index| hash(seed, index)).collect();
    let records: Vec<_> = (mails.iter())
        .map(|(mail, asset)| MailRecord { text: push_text(text, mail), asset: U32::new(*asset) })
        .collect();
    writer.section(Section::Mails, records);
    writer.section(Section::MailSlots, slots);
    writer.section(Section::MailFilter, table::filter(&hashes));
    let tails = mails.iter().map(|(mail, _)| {
        // The domain, the `@`, and one byte before it.
        let at = mail.rfind('@').unwrap_or_default();
        hash_anchor_text(seed, &mail.as_bytes()[at.saturating_sub(1)..])
    });
    let mut tails: Vec<_> = tails.collect();
    tails.sort_unstable();
    tails.dedup();
    writer.section(Section::MailTails, table::filter(&tails));
    for (value, &(_, asset)) in mails.iter().enumerate() {
        values[asset as usize] = value as u32;
    }
    Ok(seed)
}
