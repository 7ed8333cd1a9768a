//! What is said to the person at the terminal, on stderr, one line at a time.

use std::fmt::Display;
use std::io::{self, Write as _};

use crate::shown::Shown;

/// Says one line; what would steer a terminal in it is escaped.
pub(crate) fn say(message: impl Display) {
    line(&format!("feedsieve: {message}"));
}

/// Writes one line to stderr; what would steer a terminal in it is escaped.
///
/// That nobody listens is no reason to fail: the exit code tells the same.
pub(crate) fn line(text: &str) {
    // In one piece: what several say at once is not mixed up within a line.
    let _ = io::stderr().write_all(format!("{}\n", Shown(text)).as_bytes());
}

/// Why an operation on a file failed, in words rather than in a number.
pub(crate) fn why(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotFound => "there is no such file".to_owned(),
        io::ErrorKind::PermissionDenied => "permission denied".to_owned(),
        io::ErrorKind::IsADirectory => "a folder, where a file was expected".to_owned(),
        io::ErrorKind::NotADirectory => "a part of the path is no folder".to_owned(),
        io::ErrorKind::StorageFull => "no space left".to_owned(),
        _ => {
            let text = error.to_string();
            // The system's number helps nobody who has the system's words.
            let words = text.split(" (os error").next().unwrap_or(&text);
            // Other words may name a path.
            if error.raw_os_error().is_some() { words.to_lowercase() } else { words.to_owned() }
        }
    }
}

/// `1 row`, `2 rows`, `1,000 rows`.
pub(crate) fn count(number: u64, noun: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{} {noun}{plural}", indicatif::HumanCount(number))
}
