//! Rules of Suricata and Snort.
//!
//! Hides what a rule writes in hex (`hospital|2e|nl`), which `octets.rs` undoes. What a rule looks
//! for is listed; `content:!"x"` and a rule that lets pass allow; references say where a rule comes
//! from. A line that begins with `#` is a rule that is off.

use std::ops::Range;

use super::line::{comment, first_word, trim};
use super::{Place, Surroundings, line, octets};
use crate::hit::Role;

pub(super) fn place(around: &Surroundings<'_>) -> Option<Place> {
    line::place(around, within)
}

fn within(line: &[u8], at: usize) -> Place {
    if line.trim_ascii_start().starts_with(b"#") {
        return Place::comment(0..line.len());
    }
    let rule = trim(line, 0..line.len());
    let action = first_word(line, rule.clone());
    let is_exception = line[action].eq_ignore_ascii_case(b"pass");
    let allowed =
        |place: Place| Place { is_exception: is_exception || place.is_exception, ..place };
    let Some(open) = memchr::memchr(b'(', line) else { return allowed(Place::unnamed(rule)) };
    if at <= open {
        return allowed(Place::unnamed(rule.start..open + 1));
    }
    let option = option_at(line, open + 1..rule.end, at);
    allowed(option_place(line, option, at))
}

/// The option around a place, between semicolons that are in no quotes.
fn option_at(line: &[u8], options: Range<usize>, at: usize) -> Range<usize> {
    let mut start = options.start;
    let mut is_quoted = false;
    let mut next = options.start;
    while next < options.end {
        match line[next] {
            b'\\' => next += 1,
            b'"' => is_quoted = !is_quoted,
            b';' if !is_quoted && next >= at => return start..next,
            b';' if !is_quoted => start = next + 1,
            _ => {}
        }
        next += 1;
    }
    start.min(options.end)..options.end
}

fn option_place(line: &[u8], option: Range<usize>, at: usize) -> Place {
    let option = trim(line, option);
    let text = &line[option.clone()];
    let Some(colon) = memchr::memchr(b':', text) else { return Place::unnamed(option) };
    let key = text[..colon].trim_ascii();
    if key.eq_ignore_ascii_case(b"reference") {
        return Place { role: Some(Role::Reference), ..Place::unnamed(option) };
    }
    if !key.eq_ignore_ascii_case(b"content") {
        return Place::unnamed(option);
    }
    let said = trim(line, option.start + colon + 1..option.end);
    let is_exception = line[said.clone()].starts_with(b"!");
    let said = trim(line, said.start + usize::from(is_exception)..said.end);
    // Snort 3 writes more behind the quotes.
    let (quoted, stands_for) = match line[said.clone()].strip_prefix(b"\"") {
        Some(inner) => {
            let len = memchr::memchr(b'"', inner).unwrap_or(inner.len());
            (said.start + 1..said.start + 1 + len, octets::meant(&inner[..len]))
        }
        None => (said, None),
    };
    match quoted.contains(&at) {
        true => Place { is_exception, stands_for, ..Place::unnamed(quoted) },
        false if at < quoted.start => Place::no_data(option.start..quoted.start),
        false => Place::no_data(quoted.end..option.end.max(at + 1)),
    }
}

/// Whether a line is a rule.
pub(super) fn is_entry(line: &[u8]) -> bool {
    const ACTIONS: [&[u8]; 8] =
        [b"alert", b"drop", b"reject", b"pass", b"log", b"block", b"rejectsrc", b"rejectdst"];
    let rule = trim(line, 0..comment(line, b"#"));
    let action = first_word(line, rule.clone());
    let is_action = ACTIONS.iter().any(|known| line[action.clone()].eq_ignore_ascii_case(known));
    let is_whole = line[rule.clone()].contains(&b'(') && line[rule.clone()].ends_with(b")");
    is_action && (is_whole || line[rule].ends_with(b"\\"))
}
