//! What every rival says of itself.

use std::ffi::OsString;

use anyhow::Result;

use super::contest::Contest;
use super::workshop::Workshop;

/// A program that does our task, or a part of it.
pub(super) trait Rival {
    /// Its name in the table, with the options that matter.
    fn name(&self) -> String;

    /// Brings what is missing; the version that will run.
    ///
    /// # Errors
    ///
    /// The reason why it cannot run here, which goes into the record.
    fn install(&self, shop: &Workshop) -> Result<String>;

    /// Whether it can do any of this contest.
    fn takes(&self, contest: &Contest) -> bool;

    /// Puts the assets in its own form, which is not timed, and says how it is run.
    fn prepare(&self, shop: &Workshop, contest: &Contest) -> Result<Vec<OsString>>;

    /// How its output tells the lines that it found.
    fn answer(&self) -> Answer;

    /// What it cannot do by its nature, where its lines differ from ours for that.
    fn limits(&self, contest: &Contest) -> &'static str {
        let _ = contest;
        ""
    }

    /// Whether it is the one that all are compared with.
    fn is_ours(&self) -> bool {
        false
    }
}

/// How an output tells lines of the feed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Answer {
    /// It repeats them.
    Lines,
    /// Each of its lines is the number of one, from 1.
    Numbers,
    /// Each of its lines is an object of JSON that holds the number under this key.
    JsonNumbers(&'static str),
    /// The same with the text that matched, in the order of the feed, and no number.
    JsonMatches(&'static str),
}

/// A rival that is installed.
pub(super) struct Contestant {
    pub(super) rival: &'static dyn Rival,
    pub(super) version: String,
}

/// A command in words.
pub(super) fn command<const N: usize>(words: [&dyn AsRef<std::ffi::OsStr>; N]) -> Vec<OsString> {
    words.iter().map(|word| word.as_ref().to_owned()).collect()
}
