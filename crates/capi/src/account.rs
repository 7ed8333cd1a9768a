//! The account of a scan: what came in, what became of it, and what did not.

use feedsieve::json::write;
use feedsieve::{SCHEMA, ScanStats, Tally};
use serde::Serialize;

use crate::borrow::Str;
use crate::error::{Code, Error};
use crate::fence;
use crate::image::Facts;
use crate::scanner::Allowed;

/// What became of each feed that was scanned: one, or the members of an archive.
pub struct Account {
    hits: u64,
    is_complete: bool,
    json: String,
}

/// The account of a scan on its way, with the members of `feedsieve scan --summary`.
#[derive(Serialize)]
pub(crate) struct Feeds<'s> {
    schema: u32,
    image: &'s Facts,
    /// Only with an allow list.
    #[serde(skip_serializing_if = "Option::is_none")]
    allow: Option<&'s Allowed>,
    total: Tally,
    feeds: Vec<Feed>,
    /// Why a feed is not complete that nobody stopped, with its name.
    #[serde(skip)]
    failed: Option<Error>,
}

#[derive(Serialize)]
struct Feed {
    feed: String,
    #[serde(flatten)]
    tally: Tally,
}

impl<'s> Feeds<'s> {
    pub(crate) fn new(image: &'s Facts, allow: Option<&'s Allowed>) -> Self {
        let feeds = Vec::new();
        Self { schema: SCHEMA, image, allow, total: Tally::empty(), feeds, failed: None }
    }

    /// Puts down what became of a feed.
    pub(crate) fn add(&mut self, feed: String, stats: ScanStats) {
        let is_stopped = stats.is_stopped;
        self.push(feed, stats.into(), is_stopped);
    }

    /// Puts down a feed of which nothing was read.
    pub(crate) fn add_unread(&mut self, feed: String, why: String) {
        self.push(feed, Tally::unread(why), false);
    }

    fn push(&mut self, feed: String, tally: Tally, is_stopped: bool) {
        if let (Some(why), false) = (&tally.incomplete_why, is_stopped) {
            let failed = || Error::new(Code::FEEDSIEVE_INCOMPLETE, format_args!("{feed}: {why}"));
            self.failed.get_or_insert_with(failed);
        }
        self.total.add(&tally);
        self.feeds.push(Feed { feed, tally });
    }

    /// The account, and an error where a feed was not read to its end that nobody stopped.
    pub(crate) fn finish(mut self) -> (Account, Result<(), Error>) {
        let failed = self.failed.take();
        let mut json = Vec::new();
        write(&mut json, &self);
        let Tally { hits, complete: is_complete, .. } = self.total;
        let account =
            Account { hits, is_complete, json: String::from_utf8(json).unwrap_or_default() };
        (account, failed.map_or(Ok(()), Err))
    }
}

/// Hits of all feeds; 0 of NULL.
#[unsafe(no_mangle)]
pub extern "C" fn feedsieve_account_hits(account: Option<&Account>) -> u64 {
    fence::value(0, || account.map_or(0, |account| account.hits))
}

/// Whether every feed was read to its end; false of NULL.
#[unsafe(no_mangle)]
pub extern "C" fn feedsieve_account_is_complete(account: Option<&Account>) -> bool {
    fence::value(false, || account.is_some_and(|account| account.is_complete))
}

/// The account as an object of JSON with the members of `feedsieve scan --summary`: `image`, `total`,
/// `feeds`, and `allow` where there is an allow list. Valid until the account is closed.
#[unsafe(no_mangle)]
pub extern "C" fn feedsieve_account_json(account: Option<&Account>) -> Str {
    fence::value(Str::NONE, || account.map_or(Str::NONE, |account| Str::of(&account.json)))
}

/// Frees an account and sets the handle to NULL.
#[unsafe(no_mangle)]
pub extern "C" fn feedsieve_account_close(account: Option<&mut Option<Box<Account>>>) {
    fence::value((), || drop(account.and_then(Option::take)));
}
