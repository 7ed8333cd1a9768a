//! Filter lists of ad blockers: `||x^` is x and all under it, `@@` allows, and `!` begins a comment.
//!
//! Hides nothing. Rules about the elements of pages (`x##.banner`) and options (`$domain=x`) name
//! sites that are visited, not what is listed. `#` and a blank begin a comment as well, which is
//! how lists in more than one syntax have them.

use std::ops::Range;

use super::line::{comment_where, trim};
use super::{Place, Surroundings, line};

pub(super) fn place(around: &Surroundings<'_>) -> Option<Place> {
    line::place(around, within)
}

fn within(line: &[u8], at: usize) -> Place {
    let end = comment(line);
    if at >= end {
        return Place::comment(end..line.len());
    }
    let value = trim(line, 0..end);
    let text = &line[value.clone()];
    let is_heading = text.starts_with(b"[") && text.ends_with(b"]");
    if is_heading || is_about_elements(text) {
        return Place::no_data(value);
    }
    let rule = Rule::of(line, value.clone());
    let listed = rule.listed();
    if at < listed.start {
        return Place::no_data(value.start..listed.start);
    }
    if at >= listed.end {
        return Place::no_data(listed.end..value.end);
    }
    Place {
        is_subtree: rule.host_end.is_some(),
        is_exception: rule.is_exception,
        ..Place::unnamed(listed)
    }
}

/// Whether a line is one of a filter list and of no other notation.
pub(super) fn is_entry(line: &[u8]) -> bool {
    let text = line.trim_ascii();
    text.starts_with(b"||") || text.starts_with(b"@@") || is_about_elements(text)
}

fn comment(line: &[u8]) -> usize {
    comment_where(line, |at| match line[at] {
        b'!' => true,
        b'#' => line.get(at + 1).is_none_or(u8::is_ascii_whitespace),
        _ => false,
    })
}

/// Whether a rule is about elements of pages: `##`, `#@#`, `#?#`, `#$#`, `$$` and the like.
fn is_about_elements(rule: &[u8]) -> bool {
    let hashes = memchr::memchr_iter(b'#', rule).any(|at| {
        let marks = rule[at + 1..].iter().take(3).take_while(|b| b"@$?%".contains(b)).count();
        rule.get(at + 1 + marks) == Some(&b'#')
    });
    hashes || rule.windows(2).any(|pair| pair == b"$$") || rule.windows(3).any(|t| t == b"$@$")
}

/// A rule that blocks or allows.
struct Rule {
    is_exception: bool,
    /// What is blocked or allowed, without anchors and options.
    pattern: Range<usize>,
    /// Where the name ends, if that is all there is behind `||`.
    host_end: Option<usize>,
}

impl Rule {
    fn of(line: &[u8], value: Range<usize>) -> Self {
        let is_exception = line[value.clone()].starts_with(b"@@");
        let start = value.start + if is_exception { 2 } else { 0 };
        let options = memchr::memchr(b'$', &line[start..value.end]);
        let end = options.map_or(value.end, |len| start + len);
        let bars = line[start..end].iter().take(2).take_while(|&&b| b == b'|').count();
        let start = start + bars;
        let text = &line[start..end];
        let wildcard = if text.starts_with(b"*.") { 2 } else { 0 };
        let host = text[wildcard..].iter().take_while(|b| !b"^/:?*|".contains(b)).count();
        let host_end = start + wildcard + host;
        // The rest may be any path, so the name is all that is said.
        let is_host =
            bars == 2 && host > 0 && line[host_end..end].iter().all(|b| b"^|*/".contains(b));
        let tail = text.iter().rev().take_while(|b| b"^|".contains(b)).count();
        Self { is_exception, pattern: start..end - tail, host_end: is_host.then_some(host_end) }
    }

    fn listed(&self) -> Range<usize> {
        self.pattern.start..self.host_end.unwrap_or(self.pattern.end)
    }
}
