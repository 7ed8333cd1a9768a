//! One feed and the assets that it is searched for, on disk.

use std::fs::{self, File};
use std::path::PathBuf;

use anyhow::{Context, Result};
use xtask::{Asset, Kind, Request, Size, generate};

use super::assets::{self, Part};
use super::workshop::Workshop;

/// What all contestants of a round are given.
pub(super) struct Contest {
    pub(super) kind: Kind,
    pub(super) part: Part,
    pub(super) assets: Vec<Asset>,
    /// The inventory in CSV.
    pub(super) inventory: PathBuf,
    pub(super) feed: PathBuf,
    folder: PathBuf,
}

/// As in the other benchmarks.
const HITS: f64 = 0.001;

impl Contest {
    /// Writes inventory and feed, the same for the same numbers.
    pub(super) fn draw(
        shop: &Workshop,
        kind: Kind,
        part: Part,
        count: usize,
        feed_bytes: u64,
    ) -> Result<Self> {
        let folder =
            shop.path("contests").join(format!("{}-of-{count}-{}", kind.name(), part.name()));
        fs::create_dir_all(&folder)?;
        let assets = assets::draw(part, count)?;
        let inventory = folder.join("participants.csv");
        fs::write(&inventory, assets::csv(&assets))?;
        let feed = folder.join("feed");
        let mut out = File::create(&feed).with_context(|| format!("{}", feed.display()))?;
        let request = Request { kind, size: Size::Bytes(feed_bytes), seed: 2, hits: HITS };
        generate(&request, &assets, &mut out)?;
        Ok(Self { kind, part, assets, inventory, feed, folder })
    }

    /// What is searched, and for what.
    pub(super) fn title(&self) -> String {
        format!("{} for {} assets ({})", self.kind.name(), self.assets.len(), self.part.name())
    }

    /// A file of this contest.
    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// Writes a file of this contest; where it is.
    pub(super) fn write(&self, name: &str, text: impl AsRef<[u8]>) -> Result<PathBuf> {
        let path = self.path(name);
        fs::write(&path, text).with_context(|| format!("{}", path.display()))?;
        Ok(path)
    }
}
