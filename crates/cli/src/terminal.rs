//! What the terminal is, where there is one.

use std::env;
use std::io::{self, IsTerminal as _};

/// Whether data goes to a person's screen.
pub(crate) fn is_stdout() -> bool {
    io::stdout().is_terminal()
}

/// Whether talk goes to a person's screen.
pub(crate) fn is_stderr() -> bool {
    io::stderr().is_terminal()
}

/// Whether input is what a person types.
pub(crate) fn is_stdin() -> bool {
    io::stdin().is_terminal()
}

/// Columns of the screen that data goes to.
pub(crate) fn width() -> Option<usize> {
    is_stdout().then(|| usize::from(console::Term::stdout().size().1))
}

/// Whether data is coloured: on a screen that knows colours, unless NO_COLOR (no-color.org) is set.
pub(crate) fn has_colours() -> bool {
    let is_refused = env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    let is_plain = env::var_os("TERM").is_none_or(|term| term == "dumb");
    is_stdout() && !is_refused && !is_plain
}
