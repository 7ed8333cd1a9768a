//! Whose assets are looked for: inventories, or an image made of them.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{anyhow, bail};
use feedsieve::{Image, ImageError, Inventory, InventoryError, Limits, Rejected, compile};

use crate::talk::{count, say, why};

/// `-p` and `-i`.
#[derive(clap::Args)]
#[command(next_help_heading = "Participants")]
pub(crate) struct Participants {
    #[command(flatten)]
    which: Which,

    #[command(flatten)]
    pub(crate) bad_rows: BadRows,
}

#[derive(clap::Args)]
#[group(required = true, multiple = false)]
struct Which {
    /// An inventory: CSV, JSON, NDJSON or TOML, told by its content; may be given several times
    ///
    /// CSV has a header with `participant`, `kind` and `value`, and optionally
    /// `label`, `group` and `accept`. The other notations have the same names as keys.
    #[arg(short = 'p', long = "participants", value_name = "FILE")]
    inventories: Vec<PathBuf>,

    /// An image that `feedsieve compile` wrote, instead of inventories
    #[arg(short, long, value_name = "FILE")]
    image: Option<PathBuf>,
}

/// `--skip-bad-rows`.
#[derive(clap::Args)]
pub(crate) struct BadRows {
    /// Exit as if every row of the inventories, and of what --allow names, had been good
    ///
    /// Bad rows are reported, and the others are used, in any case; without this
    /// flag the exit code is 2 then.
    #[arg(long)]
    pub(crate) skip_bad_rows: bool,
}

/// An image in memory, and how it came there.
pub(crate) struct Loaded {
    pub(crate) image: Image,
    /// Whether rows were rejected that nobody allowed to be skipped.
    pub(crate) has_bad_rows: bool,
    pub(crate) elapsed: Duration,
}

impl Participants {
    /// Reads what was named.
    pub(crate) fn load(&self) -> anyhow::Result<Loaded> {
        let started = Instant::now();
        let (image, has_bad_rows) = match &self.which.image {
            Some(path) => (open_image(path)?, false),
            None => {
                let (inventory, rejected) =
                    read_participants(&self.which.inventories, &self.bad_rows)?;
                let image = Image::open(compile(&inventory, &Limits::default())?)?;
                (image, rejected > 0 && !self.bad_rows.skip_bad_rows)
            }
        };
        Ok(Loaded { image, has_bad_rows, elapsed: started.elapsed() })
    }

    /// The files that are read.
    pub(crate) fn files(&self) -> impl Iterator<Item = PathBuf> {
        self.which.inventories.iter().chain(&self.which.image).cloned()
    }
}

/// Checks that a participant is in the image, or names the one whose id is nearest.
pub(crate) fn known(image: &Image, id: &str) -> anyhow::Result<()> {
    if image.find_participant(id).is_some() {
        return Ok(());
    }
    let ids = (0..image.participant_count() as u32).map(|index| image.participant(index));
    match nearest(id, ids) {
        Some(nearest) => {
            bail!("--participant {id}: no participant of this id; the nearest is {nearest}")
        }
        None => bail!("--participant {id}: there is no participant at all"),
    }
}

/// Of some words, the one that is most like another; the case of letters counts for nothing.
pub(crate) fn nearest<'w>(word: &str, words: impl Iterator<Item = &'w str>) -> Option<&'w str> {
    words.min_by_key(|other| {
        (strsim::damerau_levenshtein(&other.to_lowercase(), &word.to_lowercase()), *other)
    })
}

/// Opens an image, or says which file is none and why.
pub(crate) fn open_image(path: &Path) -> anyhow::Result<Image> {
    Image::open_path(path).map_err(|error| match error {
        ImageError::Io(error) => anyhow!("{}: {}", path.display(), why(&error)),
        error => anyhow!("{}: {error}", path.display()),
    })
}

/// Reads participants' inventories into one, reporting bad rows; tells how many there were.
pub(crate) fn read_participants(
    paths: &[PathBuf],
    bad_rows: &BadRows,
) -> anyhow::Result<(Inventory, u64)> {
    let empty = "no asset in it, so that nothing can be found for it";
    read_inventories(paths, bad_rows, Inventory::read, empty)
}

/// Reads files into one inventory, each as `read` does, and says `empty` of those that hold nothing.
pub(crate) fn read_inventories(
    paths: &[PathBuf],
    bad_rows: &BadRows,
    read: impl Fn(File) -> Result<(Inventory, Vec<Rejected>), InventoryError>,
    empty: &str,
) -> anyhow::Result<(Inventory, u64)> {
    let mut all = Inventory::default();
    let mut total = 0;
    for path in paths {
        let shown = path.display();
        let file = File::open(path).map_err(|error| anyhow!("{shown}: {}", why(&error)))?;
        let (inventory, rejected) = match read(file) {
            Ok(read) => read,
            Err(InventoryError::Io(error)) => bail!("{shown}: {}", why(&error)),
            Err(InventoryError::Syntax(found)) => bail!("{shown}:{found}"),
            Err(error) => bail!("{shown}: {error}"),
        };
        report(path, &rejected, bad_rows);
        if inventory.assets().is_empty() {
            say(format_args!("{shown}: {empty}"));
        }
        total += rejected.len() as u64;
        all.extend(inventory);
    }
    Ok((all, total))
}

/// Rows of one file that are shown; a wrong export has thousands of the same kind.
const MAX_SHOWN_ROWS: usize = 20;

fn report(path: &Path, rejected: &[Rejected], bad_rows: &BadRows) {
    let path = path.display();
    for row in rejected.iter().take(MAX_SHOWN_ROWS) {
        say(format_args!("{path}:{row}"));
    }
    if rejected.len() > MAX_SHOWN_ROWS {
        let more = rejected.len() - MAX_SHOWN_ROWS;
        say(format_args!("{path}: and {more} more"));
    }
    if !rejected.is_empty() {
        let rows = count(rejected.len() as u64, "bad row");
        say(match bad_rows.skip_bad_rows {
            true => format!("{path}: {rows} skipped, the others are used"),
            false => format!(
                "{path}: {rows}, the others are used; put them right or pass --skip-bad-rows"
            ),
        });
    }
}
