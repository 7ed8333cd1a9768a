//! Words that are an address, a prefix or a name and nothing else, which most hits are.
//!
//! What is said of them here is what reading them with all care would say.

use std::mem::take;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use feedsieve_core::{AddrRange, MAX_LABEL_BYTES, MAX_NAME_BYTES};
use ipnet::IpNet;

use super::{Reading, Value};
use crate::IndicatorKind;
use crate::hit::{Flags, Role};

/// What a word is that needs no care.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Plain {
    Addrs(AddrRange, IndicatorKind, Flags),
    Name,
}

/// Most bytes of a word that needs no care.
pub(crate) const MAX_PLAIN_BYTES: usize = MAX_NAME_BYTES;

/// Judges a word; `None` where it may need some care. A name is put into `name` in lower case.
pub(crate) fn judge(word: &[u8], name: &mut String) -> Option<Plain> {
    if word.len() > MAX_PLAIN_BYTES {
        return None;
    }
    if let Some(addrs) = addrs(word) {
        return Some(addrs);
    }
    is_name(word).then_some(())?;
    name.clear();
    name.push_str(str::from_utf8(word).ok()?);
    name.make_ascii_lowercase();
    Some(Plain::Name)
}

/// Reads a word that needs no care; `None` where it may need some. A name takes the memory of `name`.
pub(crate) fn read_plain(word: &[u8], name: &mut String) -> Option<Reading> {
    let (value, flags) = match judge(word, name)? {
        Plain::Addrs(range, kind, flags) => (Value::Addrs { range, kind }, flags),
        Plain::Name => (Value::Name { name: take(name), subtree: false }, Flags::NONE),
    };
    let span = 0..word.len();
    let whole = span.clone();
    Some(Reading { whole, span, value, role: Role::Text, flags, port: None, others: Vec::new() })
}

/// An address without zone or port, or a prefix; no IPv4-mapped one.
fn addrs(word: &[u8]) -> Option<Plain> {
    let digits = word.iter().take(5).take_while(|b| b.is_ascii_hexdigit()).count();
    let mut rest = word;
    let addr: IpAddr = match word.get(digits)? {
        b'.' if word[0].is_ascii_digit() => Ipv4Addr::from(quad(&mut rest)?).into(),
        b':' => groups(&mut rest)?.into(),
        _ => return None,
    };
    let range = AddrRange::from(addr);
    let kind = match range {
        AddrRange::V4 { .. } if addr.is_ipv6() => return None,
        AddrRange::V4 { .. } => IndicatorKind::Ipv4,
        AddrRange::V6 { .. } => IndicatorKind::Ipv6,
    };
    let len = match rest {
        [] => return Some(Plain::Addrs(range, kind, Flags::NONE)),
        [b'/', digit] => number(&[*digit])?,
        [b'/', first @ b'1'..=b'9', digits @ ..] if digits.len() <= 2 => {
            digits.iter().try_fold(number(&[*first])?, |len, &b| {
                len.checked_mul(10)?.checked_add(number(&[b])?)
            })?
        }
        _ => return None,
    };
    let net = IpNet::new(addr, len).ok()?;
    let range = AddrRange::from(net);
    let is_mapped = addr.is_ipv6() && matches!(range, AddrRange::V4 { .. });
    let flags = Flags::HOST_BITS.when(net.addr() != net.network());
    (!is_mapped).then_some(Plain::Addrs(range, IndicatorKind::Prefix, flags))
}

fn number(digit: &[u8; 1]) -> Option<u8> {
    digit[0].is_ascii_digit().then(|| digit[0] - b'0')
}

/// Cuts four numbers off, without leading zeros.
fn quad(rest: &mut &[u8]) -> Option<[u8; 4]> {
    let mut octets = [0; 4];
    let mut at = 0;
    for (index, octet) in octets.iter_mut().enumerate() {
        if index > 0 {
            (rest.get(at) == Some(&b'.')).then_some(())?;
            at += 1;
        }
        let (first, mut value) = (at, 0_u32);
        while let Some(digit) = rest.get(at).filter(|b| b.is_ascii_digit())
            && at - first < 3
        {
            value = value * 10 + u32::from(digit - b'0');
            at += 1;
        }
        let is_plain = at > first && (at - first == 1 || rest[first] != b'0');
        *octet = is_plain.then(|| u8::try_from(value).ok())??;
    }
    *rest = &rest[at..];
    Some(octets)
}

/// Cuts groups of an IPv6 address off, in none of which a dot stands.
fn groups(rest: &mut &[u8]) -> Option<Ipv6Addr> {
    const MAX_BYTES: usize = 8 * 4 + 7;
    let belongs = |b: &&u8| b.is_ascii_hexdigit() || **b == b':';
    let bytes = rest.iter().take(MAX_BYTES + 1).take_while(belongs).count();
    let (groups, behind) = rest.split_at(bytes);
    *rest = behind;
    str::from_utf8(groups).ok()?.parse().ok()
}

/// Whether a word is a name of letters, digits and dashes within labels; no A-labels, which may be
/// wrong, and none that stand for addresses.
///
/// Labels of names end anywhere, so a branch at each end would be guessed wrong: the loop has none.
fn is_name(word: &[u8]) -> bool {
    // What stands before the first label, and behind the last, is a dot.
    let (mut seen, mut pairs, mut before) = (0, 0, NO_ALNUM);
    for part in word.chunks(PART_BYTES) {
        for &byte in part {
            let class = CLASSES[usize::from(byte)];
            seen |= class;
            pairs |= before & class;
            before = class;
        }
        if seen & OTHER != 0 {
            return false;
        }
    }
    let class = |byte: &u8| CLASSES[usize::from(*byte)];
    // No two dots or dashes, and no dash at the end of a label.
    let is_odd = (pairs | before) & NO_ALNUM != 0;
    let is_last = |is: u8| is == DOT | NO_ALNUM;
    let is_arpa = || word.len() >= 4 && word[word.len() - 4..].eq_ignore_ascii_case(b"arpa");
    let has_long_label = || word.split(|&b| b == b'.').any(|label| label.len() > MAX_LABEL_BYTES);
    !is_odd
        && word.iter().rev().map(class).find(|&class| class != LETTER).is_some_and(is_last)
        // Of numbers an address may begin a name, or be the end of what is none.
        && word.iter().map(class).find(|class| class & (LETTER | DOT) != 0) == Some(LETTER)
        && !(word.len() > MAX_LABEL_BYTES && has_long_label())
        && !is_arpa()
}

/// Bytes after which a word that is none is given up.
const PART_BYTES: usize = 16;

const LETTER: u8 = 1;
const DIGIT: u8 = 2;
const DOT: u8 = 4;
const DASH: u8 = 8;
const OTHER: u8 = 16;
/// Set for dots and dashes both.
const NO_ALNUM: u8 = 32;

/// What each byte is in a name.
const CLASSES: [u8; 256] = {
    let mut classes = [OTHER; 256];
    let mut byte = 0;
    while byte < 256 {
        classes[byte] = match byte as u8 {
            b'a'..=b'z' | b'A'..=b'Z' => LETTER,
            b'0'..=b'9' => DIGIT,
            b'.' => DOT | NO_ALNUM,
            b'-' => DASH | NO_ALNUM,
            _ => OTHER,
        };
        byte += 1;
    }
    classes
};

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reading::{Escapes, Text, read};

    #[test]
    fn what_is_plain_reads_as_with_all_care() {
        const PARTS: &[&str] = &[
            "a",
            "Hospital",
            "x1",
            "9",
            "255",
            "256",
            "0",
            "01",
            "10",
            "-",
            "--",
            "xn--mnchen-3ya",
            "_",
            "fe80",
            "dead",
            "beef",
            "www",
            "nl",
            "com",
            "arpa",
            "in-addr",
            "ip6",
            "0x1f",
            "html",
            "r3---sn",
            "a-label-that-is-not-far-from-the-most-bytes-that-one-may-have-63",
        ];
        const GROUPS: &[&str] =
            &["0", "1", "2001", "db8", "FE80", "ffff", "", "abcd", "00c", "12345", "g", "c000"];
        const LENGTHS: &[&str] =
            &["0", "8", "24", "32", "33", "48", "128", "129", "08", "1a", "", "64.", "256", "9-"];
        let mut state = 7_u64;
        let mut below = |count: usize| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            (state >> 33) as usize % count
        };
        let (mut names, mut addrs, mut prefixes, mut v6) = (0, 0, 0, 0);
        for round in 0..400_000 {
            let mut word = String::new();
            if round % 4 == 3 {
                for _ in 0..2 + below(8) {
                    word.push_str(GROUPS[below(GROUPS.len())]);
                    word.push_str([":", ":", ":", "::"][below(4)]);
                }
                word.push_str(GROUPS[below(GROUPS.len())]);
            } else {
                // Every second word is made of numbers.
                let parts = if round % 2 == 0 { PARTS } else { &PARTS[3..9] };
                word.push_str(parts[below(parts.len())]);
                for _ in 0..1 + below(6) {
                    word.push_str(["", ".", ".", "."][below(4)]);
                    word.push_str(parts[below(parts.len())]);
                }
            }
            if below(3) == 0 {
                word.push('/');
                word.push_str(LENGTHS[below(LENGTHS.len())]);
            }
            let Some(plain) = read_plain(word.as_bytes(), &mut String::new()) else { continue };
            let mut text = Text::default();
            text.rewrite(word.as_bytes(), Escapes::Json);
            let mut readings = Vec::new();
            read(&text.bytes, &mut readings);
            assert_eq!(readings, [plain], "{word}");
            match readings[0].value {
                Value::Name { .. } => names += 1,
                Value::Addrs { kind: IndicatorKind::Prefix, .. } => prefixes += 1,
                Value::Addrs { kind: IndicatorKind::Ipv6, .. } => v6 += 1,
                _ => addrs += 1,
            }
        }
        let found = (names, addrs, prefixes, v6);
        let are_enough = names > 5_000 && addrs > 1_000 && prefixes > 1_000 && v6 > 1_000;
        assert!(are_enough, "{found:?} say little");
    }
}
