//! What is never a hit: `--allow` and `--allow-own`.

use std::collections::BTreeMap;
use std::path::PathBuf;

use feedsieve::{AllowList, Image, Inventory, Limits, compile};
use serde::Serialize;

use crate::participants::{BadRows, read_inventories};
use crate::talk::line;

/// `--allow` and `--allow-own`.
#[derive(clap::Args)]
pub(crate) struct Allow {
    /// Indicators that are never hits: a file of prefixes, ranges, names and mail addresses
    ///
    /// One a line, with comments behind `#` or `;`, or a MISP warninglist. An entry
    /// silences indicators that are equal to it, inside it or under it, and none that cover
    /// or overlap an asset. May be given several times.
    #[arg(long = "allow", value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,

    /// Let entries of --allow silence also participants who have an asset in them
    ///
    /// Without this flag such an entry silences nothing of these participants, and
    /// the summary names it.
    #[arg(long, requires = "files")]
    allow_own: bool,
}

/// An allow list, and what is to be said of it.
pub(crate) struct Allowed {
    pub(crate) list: AllowList,
    pub(crate) facts: AllowFacts,
    /// Whether entries were rejected that nobody allowed to be skipped.
    pub(crate) has_bad_rows: bool,
}

/// What the summary says of an allow list.
#[derive(Clone, Serialize)]
pub(crate) struct AllowFacts {
    pub(crate) entries: u64,
    /// Whether entries silence participants who have an asset in them.
    pub(crate) own_silenced: bool,
    /// Those who have one, by entry.
    pub(crate) own: BTreeMap<String, Vec<String>>,
}

impl Allow {
    /// Reads the files, where there are any, for scans with these participants.
    pub(crate) fn load(
        &self,
        image: &Image,
        bad_rows: &BadRows,
    ) -> anyhow::Result<Option<Allowed>> {
        if self.files.is_empty() {
            return Ok(None);
        }
        let empty = "no entry in it, so that it allows nothing";
        let (entries, rejected) =
            read_inventories(&self.files, bad_rows, Inventory::from_allow_list, empty)?;
        let entries = Image::open(compile(&entries, &Limits::default())?)?;
        let count = entries.asset_count() as u64;
        let list = AllowList::new(entries, image);
        let list = if self.allow_own { list.with_own() } else { list };
        let mut own: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for (entry, participant) in list.own(image) {
            own.entry(entry.to_string()).or_default().push(participant.to_owned());
        }
        let facts = AllowFacts { entries: count, own_silenced: self.allow_own, own };
        Ok(Some(Allowed { list, facts, has_bad_rows: rejected > 0 && !bad_rows.skip_bad_rows }))
    }
}

impl AllowFacts {
    /// Tells of entries that hold assets of participants.
    pub(crate) fn tell(&self) {
        for (entry, ids) in self.own.iter().take(MAX_TOLD) {
            let what = match self.own_silenced {
                true => "silences what concerns them",
                false => "silences nothing of them",
            };
            line(&format!("  allow: {entry} holds assets of {}, and {what}", ids.join(", ")));
        }
        if let Some(more) = self.own.len().checked_sub(MAX_TOLD).filter(|more| *more > 0) {
            line(&format!("  allow: and {more} more"));
        }
    }
}

/// Entries that are told of on a terminal; the account in a file has them all.
const MAX_TOLD: usize = 5;
