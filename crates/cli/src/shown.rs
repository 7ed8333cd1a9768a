//! How text from outside is shown to a person: nothing in it steers a terminal or hides.

use std::fmt::{self, Write as _};

/// A text in which what steers a terminal, turns text around or leaves no mark is escaped.
///
/// File names, columns and indicators are written by whoever wrote the feed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Shown<'a>(pub(crate) &'a str);

impl Shown<'_> {
    /// Whether the text is shown otherwise than it is.
    pub(crate) fn is_changed(self) -> bool {
        self.0.chars().any(|c| is_steering(c) || is_unseen(c))
    }
}

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for c in self.0.chars() {
            match is_steering(c) || is_unseen(c) {
                true => write!(f, "{}", c.escape_unicode())?,
                false => f.write_char(c)?,
            }
        }
        Ok(())
    }
}

/// Whether a character steers a terminal (controls) or the direction of text (the
/// bidirectional controls of Unicode Standard Annex 9, section 2), or ends a line.
pub(crate) const fn is_steering(c: char) -> bool {
    matches!(c,
        '\0'..='\u{1f}' | '\u{7f}'..='\u{9f}'
        | '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Whether a character leaves no mark, so that two names that differ look the same.
const fn is_unseen(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{34f}' | '\u{180e}' | '\u{200b}'..='\u{200d}' | '\u{2060}'..='\u{2064}'
        | '\u{206a}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_steers_or_hides_is_escaped() {
        for (text, expected) in [
            ("hospital.example", "hospital.example"),
            ("m\u{fc}nchen \u{1f3e5}", "m\u{fc}nchen \u{1f3e5}"),
            ("a\u{1b}[31mb\rc\n", "a\\u{1b}[31mb\\u{d}c\\u{a}"),
            ("\u{9b}2J\u{7f}", "\\u{9b}2J\\u{7f}"),
            ("\u{202e}txt.exe\u{2066}", "\\u{202e}txt.exe\\u{2066}"),
            ("hos\u{200b}pital\u{e0041}", "hos\\u{200b}pital\\u{e0041}"),
        ] {
            assert_eq!(Shown(text).to_string(), expected);
            assert_eq!(Shown(text).is_changed(), text != expected);
        }
    }
}
