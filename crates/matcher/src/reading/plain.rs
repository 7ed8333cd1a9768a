//! Words that are an IPv4 address or a name and nothing else, which most hits are.
//!
//! What is said of them here is what reading them with all care would say.

use feedsieve_core::{AddrRange, MAX_LABEL_BYTES, MAX_NAME_BYTES};

use super::{Reading, Value};
use crate::hit::{Flags, IndicatorKind, Role};

/// Reads a word that needs no care; `None` where it may need some.
pub(crate) fn read_plain(word: &[u8]) -> Option<Reading> {
    let value = match word.first()? {
        b'0'..=b'9' => Value::Addrs {
            range: AddrRange::from(std::net::IpAddr::from(quad(word)?)),
            kind: IndicatorKind::Ipv4,
        },
        _ => Value::Name { name: name(word)?, subtree: false },
    };
    let (role, flags) = (Role::Text, Flags::default());
    let span = 0..word.len();
    Some(Reading { whole: span.clone(), span, value, role, flags, port: None, others: Vec::new() })
}

fn quad(word: &[u8]) -> Option<[u8; 4]> {
    let mut octets = [0; 4];
    let mut numbers = word.split(|&b| b == b'.');
    for octet in &mut octets {
        let number = numbers.next()?;
        let is_plain = matches!(number.len(), 1..=3)
            && (number.len() == 1 || number[0] != b'0')
            && number.iter().all(u8::is_ascii_digit);
        is_plain.then_some(())?;
        let value = number.iter().fold(0, |sum, &b| sum * 10 + u32::from(b - b'0'));
        *octet = u8::try_from(value).ok()?;
    }
    numbers.next().is_none().then_some(octets)
}

/// A name of letters, digits and dashes within labels, in lower case; no A-labels, which may be
/// wrong, and none that stand for addresses.
fn name(word: &[u8]) -> Option<String> {
    let mut labels = 0;
    let mut last: &[u8] = &[];
    for label in word.split(|&b| b == b'.') {
        let is_plain = label.iter().all(|&b| b.is_ascii_alphanumeric() || b == b'-')
            && matches!(label.len(), 1..=MAX_LABEL_BYTES)
            && label[0] != b'-'
            && label[label.len() - 1] != b'-'
            && label.get(2..4) != Some(b"--");
        is_plain.then_some(())?;
        labels += 1;
        last = label;
    }
    let is_plain = labels >= 2
        && word.len() <= MAX_NAME_BYTES
        && last.iter().all(u8::is_ascii_alphabetic)
        && !last.eq_ignore_ascii_case(b"arpa");
    is_plain.then(|| String::from_utf8(word.to_ascii_lowercase()).ok())?
}

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
        let mut state = 7_u64;
        let mut below = |count: usize| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            (state >> 33) as usize % count
        };
        let (mut names, mut addrs) = (0, 0);
        for round in 0..200_000 {
            // Every second word is made of numbers.
            let parts = if round % 2 == 0 { PARTS } else { &PARTS[3..9] };
            let mut word = String::from(parts[below(parts.len())]);
            for _ in 0..1 + below(6) {
                word.push_str(["", ".", ".", "."][below(4)]);
                word.push_str(parts[below(parts.len())]);
            }
            let Some(plain) = read_plain(word.as_bytes()) else { continue };
            let mut text = Text::default();
            text.rewrite(word.as_bytes(), Escapes::Json);
            let mut readings = Vec::new();
            read(&text.bytes, &mut readings);
            assert_eq!(readings, [plain], "{word}");
            match readings[0].value {
                Value::Name { .. } => names += 1,
                _ => addrs += 1,
            }
        }
        assert!(names > 5_000 && addrs > 1_000, "{names} names and {addrs} addresses say little");
    }
}
