//! Which lines of a feed a contestant found, and how that differs from what we found.

use std::collections::HashMap;

use anyhow::{Context, Result, bail};

use super::rival::Answer;

/// The lines that were found, by their text, and how often each stands in the answer.
///
/// By text and not by number, since most rivals repeat lines and number nothing.
/// What a line says does not depend on where it stands, so nothing is lost.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Found {
    lines: HashMap<Vec<u8>, u64>,
    /// How many lines, repetitions included.
    pub(super) count: u64,
    /// Matches that stand on no line where they could.
    pub(super) unplaced: u64,
}

/// How two answers differ.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Difference {
    /// Lines that only the rival found.
    pub(super) more: u64,
    /// Lines that only we found.
    pub(super) fewer: u64,
    /// The first of those in order of the text, with a sign before it.
    pub(super) examples: Vec<String>,
}

impl Found {
    /// Reads an output.
    ///
    /// # Errors
    ///
    /// Where the output is not what `answer` says, or tells a line that the feed has not.
    pub(super) fn read(answer: Answer, output: &[u8], feed: &[u8]) -> Result<Self> {
        let mut found = Self::default();
        match answer {
            Answer::Lines => lines(output).for_each(|line| found.push(line)),
            Answer::Numbers => {
                let number = |line| Ok(str::from_utf8(line)?.trim().parse()?);
                found.push_numbers(lines(output).map(number).collect::<Result<_>>()?, feed)?;
            }
            Answer::JsonNumbers(key) => {
                let number = |line| value(line, key)?.as_u64().context("a line's number");
                found.push_numbers(lines(output).map(number).collect::<Result<_>>()?, feed)?;
            }
            Answer::JsonMatches(key) => {
                let mut places = Places::new(feed);
                for line in lines(output) {
                    let matched = value(line, key)?;
                    places.next(matched.as_str().context("a text that matched")?);
                }
                found.push_numbers(places.lines, feed)?;
                found.unplaced = places.unplaced;
            }
        }
        Ok(found)
    }

    fn push(&mut self, line: &[u8]) {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        *self.lines.entry(line.to_vec()).or_default() += 1;
        self.count += 1;
    }

    fn push_numbers(&mut self, mut numbers: Vec<u64>, feed: &[u8]) -> Result<()> {
        numbers.sort_unstable();
        numbers.dedup();
        let mut wanted = numbers.iter().peekable();
        for (line, number) in lines(feed).zip(1..) {
            if wanted.next_if(|&&it| it == number).is_some() {
                self.push(line);
            }
        }
        match wanted.next() {
            Some(number) => bail!("the feed has no line {number}"),
            None => Ok(()),
        }
    }

    /// What `self`, a rival's answer, has and has not, seen from ours.
    pub(super) fn against(&self, ours: &Self) -> Difference {
        let beyond = |these: &Self, those: &Self| {
            let surplus = |(line, &count): (&Vec<u8>, &u64)| {
                let other = those.lines.get(line).copied().unwrap_or_default();
                (count > other).then(|| (line.clone(), count - other))
            };
            let mut lines: Vec<_> = these.lines.iter().filter_map(surplus).collect();
            lines.sort_unstable();
            lines
        };
        let (more, fewer) = (beyond(self, ours), beyond(ours, self));
        let sum = |lines: &[(Vec<u8>, u64)]| lines.iter().map(|(_, count)| count).sum();
        let example = |sign, lines: &[(Vec<u8>, u64)]| {
            // The shortest says the most.
            let line = lines.iter().min_by_key(|(line, _)| line.len())?;
            Some(format!("{sign}{}", shown(&line.0)))
        };
        Difference {
            more: sum(&more),
            fewer: sum(&fewer),
            examples: example('+', &more).into_iter().chain(example('-', &fewer)).collect(),
        }
    }
}

impl Difference {
    /// `equal`, or how many lines the rival has more and fewer than we.
    pub(super) fn verdict(&self) -> String {
        match (self.more, self.fewer) {
            (0, 0) => "equal".to_owned(),
            (more, fewer) => format!("{more} more, {fewer} fewer"),
        }
    }
}

/// The lines of a text; a last one without an end counts, an empty last one does not.
fn lines(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    let text = text.strip_suffix(b"\n").unwrap_or(text);
    let some = (!text.is_empty()).then(|| text.split(|&byte| byte == b'\n'));
    some.into_iter().flatten()
}

/// What stands under `key` in an object of JSON.
fn value(line: &[u8], key: &str) -> Result<serde_json::Value> {
    let mut object: serde_json::Value = serde_json::from_slice(line)?;
    let value = object
        .get_mut(key)
        .with_context(|| format!("no {key} in {object}", object = String::from_utf8_lossy(line)))?;
    Ok(value.take())
}

/// Finds the lines of matches that are told by their text alone, in the order of the feed.
///
/// The line of a match is the one at hand, or else the next that holds the text
/// with borders on both sides. A line at hand holds a text once for each time that
/// it stands there, so that equal lines behind one another are told apart.
struct Places<'a> {
    feed: &'a [u8],
    begin: usize,
    number: u64,
    /// Texts that the line at hand has already been given, and where they end in it.
    taken: HashMap<String, usize>,
    lines: Vec<u64>,
    unplaced: u64,
}

impl<'a> Places<'a> {
    fn new(feed: &'a [u8]) -> Self {
        Self { feed, begin: 0, number: 1, taken: HashMap::new(), lines: Vec::new(), unplaced: 0 }
    }

    fn next(&mut self, text: &str) {
        let from = self.taken.get(text).copied().unwrap_or(self.begin);
        let Some(at) = find_bordered(self.feed, from, text.as_bytes()) else {
            self.unplaced += 1;
            return;
        };
        let passed = memchr::memchr_iter(b'\n', &self.feed[self.begin..at]).count() as u64;
        if passed > 0 {
            self.number += passed;
            self.begin = memchr::memrchr(b'\n', &self.feed[..at]).map_or(0, |end| end + 1);
            self.taken.clear();
        }
        self.taken.insert(text.to_owned(), at + text.len());
        self.lines.push(self.number);
    }
}

/// Where `text` stands at `from` or behind it, with no letter, digit or hyphen beside it.
fn find_bordered(feed: &[u8], from: usize, text: &[u8]) -> Option<usize> {
    let inner =
        |byte: Option<&u8>| byte.is_some_and(|it| it.is_ascii_alphanumeric() || *it == b'-');
    memchr::memmem::find_iter(&feed[from..], text).map(|at| from + at).find(|&at| {
        let before = at.checked_sub(1).and_then(|before| feed.get(before));
        !inner(before) && !inner(feed.get(at + text.len()))
    })
}

/// A line for people: no control characters, and not without end.
fn shown(line: &[u8]) -> String {
    let text: String = String::from_utf8_lossy(line).chars().take(MAX_SHOWN_CHARS).collect();
    text.escape_debug().to_string()
}

const MAX_SHOWN_CHARS: usize = 160;

#[cfg(test)]
mod tests {
    use super::*;

    const FEED: &[u8] = b"a\nb\na\nc\r\n";

    fn found(answer: Answer, output: &str) -> Found {
        Found::read(answer, output.as_bytes(), FEED).expect("an answer")
    }

    #[test]
    fn every_way_to_tell_lines_says_the_same() {
        let texts = found(Answer::Lines, "a\na\nc\r\n");
        assert_eq!(texts, found(Answer::Numbers, "1\n4\n3\n3\n"));
        let json = "{\"line\":1,\"x\":2}\n{\"x\":9,\"line\": 3}\n{\"line\":4}\n";
        assert_eq!(texts, found(Answer::JsonNumbers("line"), json));
        assert_eq!(texts.count, 3);
    }

    #[test]
    fn matches_are_placed_in_the_order_of_the_feed() {
        let feed = b"xa.nl\nb.nl a.nl\na.nl,a.nl\na.nl\n2001:db8::1\n";
        let numbers = |texts: &[&str]| {
            let mut places = Places::new(feed);
            texts.iter().for_each(|text| places.next(text));
            (places.lines, places.unplaced)
        };
        // Not the first line, whose name goes on to the left; the third has two.
        assert_eq!(numbers(&["a.nl", "a.nl", "a.nl", "a.nl"]), (vec![2, 3, 3, 4], 0));
        // Within a line any order will do.
        assert_eq!(numbers(&["a.nl", "b.nl", "2001:db8::1"]), (vec![2, 2, 5], 0));
        // One that is not there costs none of the others.
        assert_eq!(numbers(&["c.nl", "b.nl"]), (vec![2], 1));
        let output = b"{\"t\":\"b.nl\"}\n{\"t\":\"c.nl\"}\n";
        let found = Found::read(Answer::JsonMatches("t"), output, feed).expect("an answer");
        assert_eq!((found.count, found.unplaced), (1, 1));
    }

    #[test]
    fn nothing_found_is_no_line() {
        assert_eq!(found(Answer::Lines, ""), Found::default());
        assert_eq!(found(Answer::Numbers, ""), Found::default());
    }

    #[test]
    fn answers_that_are_none_are_refused() {
        for (answer, output) in [
            (Answer::Numbers, "5\n"),
            (Answer::Numbers, "one\n"),
            (Answer::JsonNumbers("line"), "{\"lines\":1}\n"),
            (Answer::JsonNumbers("line"), "{\"line\":null}\n"),
        ] {
            assert!(Found::read(answer, output.as_bytes(), FEED).is_err(), "{output}");
        }
    }

    #[test]
    fn differences_count_in_both_directions() {
        let ours = found(Answer::Lines, "a\na\nb\n");
        assert_eq!(ours.against(&ours).verdict(), "equal");
        let theirs = found(Answer::Lines, "a\nc\n");
        let difference = theirs.against(&ours);
        assert_eq!(difference.verdict(), "1 more, 2 fewer");
        assert_eq!(difference.examples, ["+c", "-a"]);
    }

    #[test]
    fn a_line_found_twice_differs_from_one_found_once() {
        let (once, twice) = (found(Answer::Lines, "a\n"), found(Answer::Lines, "a\na\n"));
        assert_eq!(twice.against(&once).verdict(), "1 more, 0 fewer");
        assert_eq!(once.against(&twice).verdict(), "0 more, 1 fewer");
    }

    #[test]
    fn examples_are_safe_to_print() {
        let ours = Found::default();
        let theirs = Found::read(Answer::Lines, b"\x1b[31mred\n", b"").expect("a line");
        assert_eq!(theirs.against(&ours).examples, ["+\\u{1b}[31mred"]);
    }
}
