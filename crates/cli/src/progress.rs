//! How far a long scan is, on stderr.

use std::io::{self, Write as _};
use std::time::{Duration, Instant};

use clap::ValueEnum;
use indicatif::{BinaryBytes, ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde::Serialize;

use crate::shown::Shown;
use crate::talk::{count, say};
use crate::{json, terminal};

/// When progress is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum When {
    /// A bar, where stderr is a terminal and the scan takes longer than a moment
    Auto,
    /// A bar from the start; a line every second where stderr is no terminal
    Always,
    /// Nothing
    Never,
    /// One JSON object every second
    Json,
}

/// Shows how far a scan is.
pub(crate) struct Progress {
    form: Form,
    started: Instant,
    /// When it was last shown, where it is shown now and then only.
    shown: Option<Instant>,
    feed: String,
    /// Bytes of the feeds before this one.
    bytes_before: u64,
    bytes: u64,
    bytes_total: Option<u64>,
    hits: u64,
}

enum Form {
    Nothing,
    Bar(ProgressBar),
    Lines,
    Json,
}

/// A scan that is shorter than this needs no bar.
const MOMENT: Duration = Duration::from_millis(500);

/// Between two lines.
const INTERVAL: Duration = Duration::from_secs(1);

impl Progress {
    /// Progress over so many bytes, where it is known how many.
    pub(crate) fn new(when: When, bytes_total: Option<u64>) -> Self {
        let form = match (when, terminal::is_stderr()) {
            (When::Never, _) | (When::Auto, false) => Form::Nothing,
            (When::Auto | When::Always, true) => Form::Bar(bar(bytes_total)),
            (When::Always, false) => Form::Lines,
            (When::Json, _) => Form::Json,
        };
        if let (When::Always, Form::Bar(bar)) = (when, &form) {
            bar.set_draw_target(ProgressDrawTarget::stderr());
        }
        Self {
            form,
            started: Instant::now(),
            shown: None,
            feed: String::new(),
            bytes_before: 0,
            bytes: 0,
            bytes_total,
            hits: 0,
        }
    }

    /// Goes on to another feed.
    pub(crate) fn begin(&mut self, feed: &str) {
        feed.clone_into(&mut self.feed);
        self.bytes_before += std::mem::take(&mut self.bytes);
    }

    /// So many bytes of the feed are done.
    pub(crate) fn advance(&mut self, bytes: u64) {
        self.bytes = bytes;
        match &self.form {
            Form::Nothing => {}
            Form::Bar(bar) => {
                if bar.is_hidden() && self.started.elapsed() >= MOMENT {
                    bar.set_draw_target(ProgressDrawTarget::stderr());
                }
                let done = self.bytes_before + self.bytes;
                // What is packed is longer than its file.
                if bar.length().is_some_and(|all| all < done) {
                    bar.set_length(done);
                }
                bar.set_position(done);
                bar.set_message(format!("{} · {}", count(self.hits, "hit"), Shown(&self.feed)));
            }
            Form::Lines | Form::Json => {
                if self.shown.unwrap_or(self.started).elapsed() >= INTERVAL {
                    self.shown = Some(Instant::now());
                    self.tell();
                }
            }
        }
    }

    /// So many more hits.
    pub(crate) const fn hits(&mut self, count: u64) {
        self.hits += count;
    }

    /// Does what writes to the terminal too, with the bar out of its way.
    pub(crate) fn aside<T>(&self, write: impl FnOnce() -> T) -> T {
        match &self.form {
            Form::Bar(bar) if !bar.is_hidden() => bar.suspend(write),
            _ => write(),
        }
    }

    /// The scan is over.
    pub(crate) fn finish(&mut self) {
        match &self.form {
            Form::Nothing | Form::Lines => {}
            Form::Bar(bar) => bar.finish_and_clear(),
            Form::Json => self.tell(),
        }
    }

    fn tell(&self) {
        let bytes = self.bytes_before + self.bytes;
        if matches!(self.form, Form::Json) {
            let mut text = Vec::new();
            let facts = Facts {
                feed: &self.feed,
                bytes,
                bytes_total: self.bytes_total,
                hits: self.hits,
                seconds: self.started.elapsed().as_secs_f64(),
            };
            json::write_line(&mut text, &facts);
            // As JSON escapes it, not as a message does.
            let _ = io::stderr().write_all(&text);
            return;
        }
        let total = self.bytes_total.map(|total| format!(" of {}", BinaryBytes(total)));
        say(format_args!(
            "{}{}, {}: {}",
            BinaryBytes(bytes),
            total.unwrap_or_default(),
            count(self.hits, "hit"),
            self.feed
        ));
    }
}

#[derive(Serialize)]
struct Facts<'a> {
    feed: &'a str,
    bytes: u64,
    bytes_total: Option<u64>,
    hits: u64,
    seconds: f64,
}

fn bar(bytes_total: Option<u64>) -> ProgressBar {
    let template = match bytes_total {
        Some(_) => {
            "{bar:24} {binary_bytes}/{binary_total_bytes} {binary_bytes_per_sec} {eta} {wide_msg}"
        }
        None => "{spinner} {binary_bytes} {binary_bytes_per_sec} {elapsed} {wide_msg}",
    };
    let style = ProgressStyle::with_template(template).expect("the template is one of ours");
    ProgressBar::with_draw_target(bytes_total, ProgressDrawTarget::hidden()).with_style(style)
}
