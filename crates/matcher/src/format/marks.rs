//! What tells the notations of one entry a line from each other, and from lists and tables.

use super::{
    Format, adblock, bind, credentials, dnsmasq, hosts, list, p2p, rbldnsd, rpz, suricata, unbound,
};

/// A notation, and by what it is known.
struct Mark {
    format: Format,
    /// Whether a line is an entry of this notation and of no other.
    is_entry: fn(&[u8]) -> bool,
    /// What comments begin with.
    comments: &'static [u8],
    /// Of ten lines that are no comments, so many are entries at least.
    share: usize,
    why: &'static str,
}

const MARKS: [Mark; 9] = [
    Mark {
        format: Format::Adblock,
        is_entry: adblock::is_entry,
        comments: b"!",
        share: 6,
        why: "most lines are rules of ad blockers, as ||x^",
    },
    Mark {
        format: Format::Hosts,
        is_entry: hosts::is_entry,
        comments: b"#;",
        share: 8,
        why: "most lines send names to an address where nobody answers",
    },
    Mark {
        format: Format::Dnsmasq,
        is_entry: dnsmasq::is_entry,
        comments: b"#;",
        share: 6,
        why: "most lines are options with names between slashes",
    },
    Mark {
        format: Format::Unbound,
        is_entry: unbound::is_entry,
        comments: b"#",
        share: 6,
        why: "most lines are local-zone or local-data",
    },
    Mark {
        format: Format::Bind,
        is_entry: bind::is_entry,
        comments: b"#/",
        // A zone may take five lines.
        share: 2,
        why: "lines open zones",
    },
    Mark {
        format: Format::Rpz,
        is_entry: rpz::is_entry,
        comments: b";$",
        share: 6,
        why: "most lines are records that lead nowhere",
    },
    Mark {
        format: Format::P2p,
        is_entry: p2p::is_entry,
        comments: b"#",
        share: 8,
        why: "most lines are a name and a range of addresses",
    },
    Mark {
        format: Format::Suricata,
        is_entry: suricata::is_entry,
        comments: b"#",
        share: 6,
        why: "most lines are rules of Suricata or Snort",
    },
    Mark {
        format: Format::List,
        is_entry: list::is_command,
        comments: b"#;",
        share: 6,
        why: "most lines add to a set or a filter",
    },
];

/// The notation of some lines that say something, and why; `None` where it is none of those here.
pub(super) fn notation(lines: &[&[u8]]) -> Option<(Format, &'static str)> {
    let first = lines.first()?.trim_ascii_start();
    if first.starts_with(b"[Adblock") || first == b"!" || first.starts_with(b"! ") {
        return Some((Format::Adblock, "it begins as filter lists of ad blockers do"));
    }
    if lines.iter().any(|line| list::opens_elements(line)) {
        return Some((Format::List, "a set of nftables"));
    }
    let of_rbldnsd = lines.iter().filter(|line| rbldnsd::is_entry(line)).count();
    if lines.iter().any(|line| rbldnsd::is_mark(line)) && of_rbldnsd * 10 >= lines.len() * 9 {
        return Some((Format::Rbldnsd, "lines say what rbldnsd answers, or exclude with !"));
    }
    // A line that ends with a backslash goes on in the next.
    let goes_on = |line: &[u8]| line.ends_with(b"\\");
    let behind = lines.iter().enumerate().filter(|(at, _)| *at == 0 || !goes_on(lines[at - 1]));
    let lines: Vec<&[u8]> = behind.map(|(_, line)| *line).collect();
    let fits = |mark: &&Mark| {
        let is_comment = |line: &&&[u8]| {
            line.trim_ascii_start().first().is_some_and(|b| mark.comments.contains(b))
        };
        let entries = lines.iter().filter(|line| (mark.is_entry)(line)).count();
        let comments =
            lines.iter().filter(is_comment).filter(|line| !(mark.is_entry)(line)).count();
        entries > 0 && entries * 10 >= (lines.len() - comments) * mark.share
    };
    MARKS.iter().find(fits).map(|mark| (mark.format, mark.why))
}

/// Why some lines are leaked credentials, if they are.
pub(super) fn credentials(lines: &[&[u8]]) -> Option<&'static str> {
    let entries = lines.iter().filter(|line| credentials::is_entry(line)).count();
    if entries * 10 >= lines.len() * 8 {
        return Some("most lines are a login and a secret");
    }
    let is_rule = |line: &[u8]| line.iter().all(|b| !b.is_ascii_alphanumeric());
    let is_of_block = |line: &&&[u8]| is_rule(line) || credentials::is_of_block(line);
    let of_blocks = lines.iter().filter(is_of_block).count();
    let has_secret = lines.iter().any(|line| credentials::is_block_secret(line));
    (has_secret && of_blocks * 10 >= lines.len() * 7).then_some("blocks with passwords")
}
