//! One indicator a line. A comment begins with `#` or `;` at the line's start or behind a blank.
//!
//! Lines that add to a filter are entries too: `add set 192.0.2.0/24`, `deny 192.0.2.0/24;`.

use std::ops::Range;

use memchr::{memchr, memmem};

use super::{Place, Surroundings};

/// How far a line was searched for its comment.
#[derive(Debug, Default)]
pub(super) struct Followed {
    /// Where the line begins.
    line: usize,
    /// No comment begins before this.
    to: usize,
}

/// `None` where the line begins too far away to tell whether this is a comment.
pub(super) fn place(around: &Surroundings<'_>, followed: &mut Followed) -> Option<Place> {
    around.begins.then_some(())?;
    let Range { start, end } = around.record;
    if followed.line != start || followed.to < start {
        *followed = Followed { line: start, to: start };
    }
    let line = &around.haystack[start..end];
    let known = followed.to.min(end) - start;
    let marker = comment_from(line, known).map_or(end, |len| start + len);
    followed.to = marker;
    if around.at >= marker {
        return Some(Place::comment(marker..end));
    }
    let Some(command) = Command::of(&around.haystack[start..marker]) else {
        return Some(Place::unnamed(start..marker));
    };
    let place = match command.remark {
        Some(remark) if start + remark.start <= around.at && around.at < start + remark.end => {
            Place::comment(start + remark.start..start + remark.end)
        }
        Some(remark) if start + remark.end <= around.at => {
            Place::unnamed(start + remark.end..marker)
        }
        Some(remark) => Place::unnamed(start..start + remark.start),
        None => Place::unnamed(start..marker),
    };
    Some(Place { is_exception: command.is_exception, ..place })
}

/// A command that adds to a set of addresses or to a filter: of ipset, iptables, nftables,
/// MikroTik, a browser's `-d name`, or a web server's `deny 192.0.2.0/24;`.
struct Command {
    /// Whether it lets through what it names.
    is_exception: bool,
    /// What it says in quotes behind `comment`.
    remark: Option<Range<usize>>,
}

impl Command {
    fn of(line: &[u8]) -> Option<Self> {
        let remark = remark(line);
        // What is said in a remark is no command.
        let (said, rest) = match &remark {
            Some(remark) => (&line[..remark.start], &line[remark.end..]),
            None => (line, &b""[..]),
        };
        let parts = [said, rest].into_iter();
        let mut words = parts.flat_map(|part| part.split(u8::is_ascii_whitespace));
        let mut words = words.by_ref().filter(|word| !word.is_empty());
        let first = words.next()?;
        let is_exception = match first {
            b"add" | b"ipset" | b"nft" => {
                words.any(|word| matches!(word, b"nomatch" | b"accept" | b"return"))
            }
            b"ip" | b"ip6" => {
                matches!(words.next(), Some(b"saddr" | b"daddr")).then_some(())?;
                words.any(|word| matches!(word, b"accept" | b"return"))
            }
            b"-d" | b"+d" => first == b"+d",
            b"allow" | b"deny" => {
                line.trim_ascii_end().ends_with(b";").then_some(())?;
                first == b"allow"
            }
            b"-A" | b"-I" | b"iptables" | b"ip6tables" => {
                let mut behind =
                    words.skip_while(|word| !matches!(*word, b"-j" | b"--jump")).skip(1);
                matches!(behind.next(), Some(b"ACCEPT" | b"RETURN"))
            }
            b"create" | b"/ip" | b"/ipv6" => false,
            _ => return None,
        };
        Some(Self { is_exception, remark })
    }
}

/// What stands within quotes behind `comment`.
fn remark(line: &[u8]) -> Option<Range<usize>> {
    let mut from = 0;
    loop {
        let at = from + memmem::find(&line[from..], b"comment")?;
        from = at + b"comment".len();
        let begins = at == 0 || line[at - 1].is_ascii_whitespace() || line[at - 1] == b'-';
        let quote = from + usize::from(matches!(line.get(from), Some(b' ' | b'=')));
        if begins && quote > from && line.get(quote) == Some(&b'"') {
            let end = memchr(b'"', &line[quote + 1..]).map_or(line.len(), |len| quote + 1 + len);
            return Some(quote + 1..end);
        }
    }
}

/// Whether a line is a command that names an address.
pub(super) fn is_command(line: &[u8]) -> bool {
    Command::of(line).is_some()
}

/// Whether the elements of a set of nftables begin in a line.
pub(super) fn opens_elements(line: &[u8]) -> bool {
    let mut words = line.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty());
    words.next() == Some(b"elements")
        && words.next() == Some(b"=")
        && words.next().is_some_and(|word| word.starts_with(b"{"))
}

/// Where the comment of a line begins.
pub(super) fn comment(line: &[u8]) -> Option<usize> {
    comment_from(line, 0)
}

/// The same, where none begins before `from`.
fn comment_from(line: &[u8], from: usize) -> Option<usize> {
    let begins = |at: usize| at == 0 || line[at - 1].is_ascii_whitespace();
    (from..line.len()).find(|&at| matches!(line[at], b'#' | b';') && begins(at))
}
