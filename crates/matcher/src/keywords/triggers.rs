//! What the raw bytes of a feed hold wherever a keyword may be.

use std::collections::HashMap;
use std::sync::OnceLock;

use super::{each_element, elements_of};
use crate::reading::{first_letter, is_mark};

/// Bytes of ASCII that are rare enough to be a trigger alone.
const MIN_TRIGGER_BYTES: usize = 3;

/// What each spelling of a keyword holds one of, as characters; of ASCII in lower case.
pub(super) fn triggers_of(keyword: &str) -> Vec<Vec<char>> {
    let letters: Vec<char> = keyword.chars().collect();
    let is_plain = |at: usize| {
        let is_marked = letters.get(at + 1).is_some_and(|&c| is_mark(c));
        // Escapes of JSON and quotes of CSV hide these.
        letters[at].is_ascii() && !matches!(letters[at], ' ' | '"' | '\\' | '/') && !is_marked
    };
    let mut longest = 0..0;
    let mut start = 0;
    for at in 0..letters.len() {
        if !is_plain(at) {
            start = at + 1;
        } else if at + 1 - start > longest.len() {
            longest = start..at + 1;
        }
    }
    if longest.len() >= MIN_TRIGGER_BYTES {
        return vec![letters[longest].to_vec()];
    }
    let variants = Variants::all();
    let is_one = |at: usize| is_plain(at) || variants.is_one(&letters, at);
    if let Some(at) = (1..letters.len()).find(|&at| is_one(at - 1) && is_one(at)) {
        let pairs = variants.of(letters[at - 1]).into_iter().flat_map(|first| {
            variants.of(letters[at]).into_iter().map(move |second| vec![first, second])
        });
        return pairs.collect();
    }
    let elements = elements_of(keyword);
    // In most feeds `e` is everywhere and what stands above it in `é` is not.
    let is_rare = |c: &&char| !c.is_ascii();
    let rarest = elements.iter().find(is_rare);
    let rarest = rarest.or_else(|| elements.iter().find(|c| c.is_alphanumeric()));
    let rarest = rarest.or(elements.first());
    rarest.map_or_else(Vec::new, |&rarest| {
        variants.holding(rarest).into_iter().map(|char| vec![char]).collect()
    })
}

/// A trigger in the encodings that feeds have, each character in its own.
pub(super) fn spellings(trigger: &[char]) -> Vec<Vec<u8>> {
    let mut all = vec![Vec::new()];
    for char in trigger {
        let mut buffer = [0; 4];
        let utf8 = char.encode_utf8(&mut buffer).as_bytes();
        let latin1 = (0x80..=0xff).find(|&byte| first_letter(&[byte]).char == *char);
        let with = |bytes: &[u8]| {
            all.iter().map(|head: &Vec<u8>| [head, bytes].concat()).collect::<Vec<_>>()
        };
        let mut longer = with(utf8);
        if let Some(byte) = latin1 {
            longer.extend(with(&[byte]));
        }
        all = longer;
    }
    all
}

/// The characters beyond ASCII that are not their own only element, by element.
struct Variants {
    /// Those of which the element is one.
    holding: HashMap<char, Vec<char>>,
    /// Those of which the element is the only one.
    alone: HashMap<char, Vec<char>>,
}

/// Characters behind this are private, or have no case and no parts (Unicode 17).
const LAST_LETTER: char = '\u{2ffff}';

/// Vowels and finals of Hangul, which are no marks and part of syllables all the same.
const HANGUL_PARTS: std::ops::RangeInclusive<char> = '\u{1160}'..='\u{11ff}';

impl Variants {
    /// Gone through once for a process, and only for keywords that have little ASCII.
    fn all() -> &'static Self {
        static ALL: OnceLock<Variants> = OnceLock::new();
        ALL.get_or_init(|| {
            let (mut holding, mut alone) = (HashMap::new(), HashMap::new());
            for char in '\u{80}'..=LAST_LETTER {
                let mut elements = Vec::new();
                each_element(char, |element| elements.push(element));
                if let [element] = elements[..]
                    && element != char
                {
                    alone.entry(element).or_insert_with(Vec::new).push(char);
                }
                elements.retain(|&element| element != char);
                for element in elements {
                    holding.entry(element).or_insert_with(Vec::new).push(char);
                }
            }
            Self { holding, alone }
        })
    }

    /// Whether the letter of a keyword is one character in every spelling.
    fn is_one(&self, letters: &[char], at: usize) -> bool {
        let mut elements = Vec::new();
        each_element(letters[at], |element| elements.push(element));
        let is_marked = letters.get(at + 1).is_some_and(|&c| is_mark(c));
        !letters[at].is_ascii()
            && elements == [letters[at]]
            && !is_marked
            && !is_mark(letters[at])
            && !HANGUL_PARTS.contains(&letters[at])
            && !letters.get(at + 1).is_some_and(|c| HANGUL_PARTS.contains(c))
    }

    /// The spellings of an element that stands alone.
    fn of(&self, element: char) -> Vec<char> {
        let others = self.alone.get(&element).into_iter().flatten();
        std::iter::once(element).chain(others.copied()).collect()
    }

    /// The characters that hold an element.
    fn holding(&self, element: char) -> Vec<char> {
        let others = self.holding.get(&element).into_iter().flatten();
        std::iter::once(element).chain(others.copied()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_that_every_feed_is_full_of_are_no_triggers() {
        for (keyword, spelling) in [
            ("éé é", "e\u{301}"),
            ("ñu ña", "Ñ"),
            ("å.ö.", "\u{212b}"),
            ("c d é", "É"),
            ("한국 병원", "한"),
        ] {
            let triggers = triggers_of(keyword);
            let is_plain = |trigger: &Vec<char>| matches!(trigger[..], [c] if c.is_ascii());
            assert!(!triggers.iter().any(is_plain), "{keyword}: {triggers:?}");
            let holds =
                |trigger: &Vec<char>| spelling.contains(&trigger.iter().collect::<String>());
            assert!(triggers.iter().any(holds), "{keyword} {spelling}: {triggers:?}");
        }
    }
}
