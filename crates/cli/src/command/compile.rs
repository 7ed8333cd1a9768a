//! `feedsieve compile`: inventories in, an image out, the old one or the new one and never half.

use std::io::Write as _;
use std::path::PathBuf;

use anyhow::anyhow;
use feedsieve::{Image, Limits, compile};

use crate::Outcome;
use crate::participants::{BadRows, read_participants};
use crate::publication::Publication;
use crate::talk::{count, say, why};

/// Compile inventories into an image that opens at once
///
/// The same assets give the same bytes, in whatever order and notation. The image
/// is written beside its target and renamed over it, so that a reader finds the
/// old one or the new one. It holds ids, groups, labels and assets, and has mode 0600.
///
/// Exit: 0 written; 2 an error, or rows were rejected (the image holds the others).
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// An inventory: CSV, JSON, NDJSON or TOML, told by its content; may be given several times
    #[arg(short = 'p', long = "participants", value_name = "FILE", required = true)]
    inventories: Vec<PathBuf>,

    /// The image to write
    #[arg(short, long = "output", value_name = "IMAGE")]
    output: PathBuf,

    #[command(flatten)]
    bad_rows: BadRows,
}

pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<Outcome> {
    let mut publication = Publication::begin(&arguments.output, &arguments.inventories)?;
    let (inventory, rejected) = read_participants(&arguments.inventories, &arguments.bad_rows)?;
    let image = Image::open(compile(&inventory, &Limits::default())?)?;

    let shown = arguments.output.display();
    publication.write_all(image.as_bytes()).map_err(|error| anyhow!("{shown}: {}", why(&error)))?;
    publication.publish()?;

    let notes = match inventory.notes().len() as u64 {
        0 => String::new(),
        notes => format!("; {} about loaded rows", count(notes, "note")),
    };
    say(format_args!(
        "{shown}: {} of {}, {}{notes}",
        count(image.asset_count() as u64, "asset"),
        count(image.participant_count() as u64, "participant"),
        count(image.as_bytes().len() as u64, "byte"),
    ));
    Ok(match rejected > 0 && !arguments.bad_rows.skip_bad_rows {
        true => Outcome::Failed,
        false => Outcome::Done,
    })
}
