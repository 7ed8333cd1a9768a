//! How a text of an inventory is shown in a message: safe to print, and short.

use std::fmt::{self, Write as _};

/// Characters of a text that a message repeats; a row of a hostile file may hold megabytes.
const MAX_SHOWN_CHARS: usize = 80;

/// A text with what could mislead a terminal or a reader escaped, cut after 80 characters.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Shown<'a>(pub(crate) &'a str);

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.char_indices().nth(MAX_SHOWN_CHARS) {
            Some((end, _)) => write!(f, "{}…", Escaped(&self.0[..end])),
            None => Escaped(self.0).fmt(f),
        }
    }
}

/// As [`Shown`], in full: the path of a file is of no use without its end.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Escaped<'a>(pub(crate) &'a str);

impl fmt::Display for Escaped<'_> {
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

/// Whether a character steers a terminal or the direction of text: refused in every column.
///
/// Controls, line and paragraph separators, and the bidirectional controls of
/// Unicode Standard Annex 9, section 2.
pub(crate) fn is_steering(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Whether a character leaves no mark, so that two texts that differ look the same.
pub(super) const fn is_unseen(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{200b}'..='\u{200d}' | '\u{2060}'..='\u{2064}' | '\u{feff}' | '\u{e0000}'..='\u{e007f}')
}

/// The first character of `text` that [`is_steering`].
pub(super) fn steering(text: &str) -> Option<char> {
    // Almost every cell is plain ASCII, and this loop is one that the compiler vectorises.
    match text.bytes().all(|b| matches!(b, b' '..=b'~')) {
        true => None,
        false => text.chars().find(|&c| is_steering(c)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_steers_or_hides_is_escaped_and_the_rest_is_cut() {
        for (text, expected) in [
            ("hospital.example", "hospital.example".to_owned()),
            ("münchen", "münchen".to_owned()),
            ("a\u{1b}[31m", "a\\u{1b}[31m".to_owned()),
            ("a\nb\u{85}", "a\\u{a}b\\u{85}".to_owned()),
            ("\u{202e}txt", "\\u{202e}txt".to_owned()),
            ("x\u{200b}y\u{feff}", "x\\u{200b}y\\u{feff}".to_owned()),
            (&"é".repeat(80), "é".repeat(80)),
            (&"é".repeat(81), format!("{}…", "é".repeat(80))),
        ] {
            assert_eq!(Shown(text).to_string(), expected);
        }
    }

    #[test]
    fn the_first_steering_character_is_found() {
        assert_eq!(steering("plain ascii ~"), None);
        assert_eq!(steering("m\u{fc}nchen"), None);
        assert_eq!(steering("a\tb"), Some('\t'));
        assert_eq!(steering("\u{fc}\u{2066}\n"), Some('\u{2066}'));
        assert_eq!(steering("a\u{7f}"), Some('\u{7f}'));
    }
}
