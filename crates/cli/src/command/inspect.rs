//! `feedsieve inspect`: what an image holds.

use std::fmt::Write as _;
use std::path::PathBuf;

use clap::ValueEnum;
use feedsieve::{ImageInfo, SCHEMA};
use indicatif::HumanCount;
use serde::Serialize;

use crate::output::Target;
use crate::participants::open_image;
use crate::shown::Shown;
use crate::talk::say;
use crate::{Outcome, json};

/// Tell what an image holds: version, counts, sections, digest
///
/// Every byte is read: the checksums are checked, and the digest is computed anew.
///
/// Exit: 0 the image is whole; 2 it is not, or is no image.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// What `feedsieve compile` wrote
    #[arg(value_name = "IMAGE")]
    image: PathBuf,

    /// The form of what is told
    #[arg(short, long, value_name = "FORM", default_value = "text")]
    output: Form,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Form {
    /// For the eye
    Text,
    /// One JSON object
    Json,
}

pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<Outcome> {
    let info = open_image(&arguments.image)?.info();
    let path = arguments.image.to_string_lossy();
    let mut target = Target::stdout()?;
    target.add(|to| match arguments.output {
        Form::Text => to.extend_from_slice(text(&path, &info).as_bytes()),
        Form::Json => json::write_line(to, &Facts { schema: SCHEMA, image: &path, info: &info }),
    });
    target.finish()?;
    if !info.digest_matches {
        say(format_args!("{path}: the image has another digest than it states; compile it again"));
        return Ok(Outcome::Failed);
    }
    Ok(Outcome::Done)
}

fn text(path: &str, info: &ImageInfo) -> String {
    let matches = if info.digest_matches { "as stated" } else { "not what the bytes give" };
    let mut text = format!(
        "\
image         {}
format        version {}
size          {} bytes
participants  {}
assets        {}
prefixes      {} (ranges are held as prefixes)
names         {}
keywords      {}
digest        {} ({matches})

section               offset        bytes
",
        Shown(path),
        info.format_version,
        HumanCount(info.image_bytes),
        HumanCount(info.participants),
        HumanCount(info.assets),
        HumanCount(info.prefixes),
        HumanCount(info.names),
        HumanCount(info.keywords),
        json::hex(&info.digest),
    );
    for (name, offset, bytes) in &info.sections {
        writeln!(text, "{name:<16} {offset:>11} {bytes:>12}").expect("memory takes characters");
    }
    text
}

#[derive(Serialize)]
struct Facts<'a> {
    schema: u32,
    image: &'a str,
    #[serde(flatten)]
    info: &'a ImageInfo,
}
