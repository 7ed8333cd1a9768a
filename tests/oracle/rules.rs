//! Rules of Suricata and Snort: options between semicolons, and what of them is listed.

use crate::records::Field;
use crate::text::Byte;

/// The fields of a line.
pub(crate) fn fields(line: &[Byte]) -> Vec<Field> {
    let text: String = line.iter().map(|byte| char::from(byte.b)).collect();
    let chars: Vec<char> = text.chars().collect();
    if text.trim_ascii_start().starts_with('#') {
        return vec![Field::comment(line)];
    }
    let pass = text.split_ascii_whitespace().next().is_some_and(|w| w.eq_ignore_ascii_case("pass"));
    let allowed = |field: Field| Field { exception: pass || field.exception, ..field };
    let Some(open) = chars.iter().position(|&c| c == '(') else {
        return vec![allowed(Field::plain(line))];
    };
    let mut fields = vec![Field::plain(&line[..=open])];
    let (mut start, mut quoted, mut i) = (open + 1, false, open + 1);
    while i < chars.len() {
        match chars[i] {
            '\\' => i += 1,
            '"' => quoted = !quoted,
            ';' if !quoted => {
                fields.extend(option(&line[start..i], &chars[start..i]));
                start = i + 1;
            }
            _ => {}
        }
        i += 1;
    }
    fields.extend(option(&line[start..], &chars[start..]));
    fields.into_iter().map(allowed).collect()
}

/// The field of an option, if there is anything in it.
fn option(bytes: &[Byte], chars: &[char]) -> Option<Field> {
    let text: String = chars.iter().collect();
    let (key, _) = text.split_once(':').unwrap_or(("", ""));
    match &*key.trim_ascii().to_ascii_lowercase() {
        "reference" => Some(Field { names: vec!["reference".into()], ..Field::plain(bytes) }),
        "content" => {
            let colon = chars.iter().position(|&c| c == ':')?;
            let says = |from: usize| (from..chars.len()).find(|&i| !chars[i].is_ascii_whitespace());
            let mut first = says(colon + 1)?;
            let exception = chars[first] == '!';
            if exception {
                first = says(first + 1)?;
            }
            let last = (first..chars.len()).rev().find(|&i| !chars[i].is_ascii_whitespace())? + 1;
            let span = match chars[first] {
                '"' => {
                    let close = (first + 1..last).find(|&i| chars[i] == '"');
                    (first + 1, close.unwrap_or(last))
                }
                _ => (first, last),
            };
            let bytes = &bytes[span.0..span.1];
            let hex = (chars[first] == '"').then(|| in_hex(bytes)).flatten();
            // All of it stands where it begins.
            let stands_for = hex.map(|hex| hex.iter().map(|&b| Byte { b, ..bytes[0] }).collect());
            Some(Field { exception, stands_for, ..Field::plain(bytes) })
        }
        _ => Some(Field::plain(bytes)),
    }
}

/// What a content of no more than 2 KiB means that writes bytes in hex between bars.
fn in_hex(content: &[Byte]) -> Option<Vec<u8>> {
    let text: String = content.iter().map(|byte| char::from(byte.b)).collect();
    let parts: Vec<&str> = text.split('|').collect();
    if content.len() > 2048 || parts.len() == 1 || parts.len() % 2 == 0 {
        return None;
    }
    // Each byte, and whether it is a number in hex.
    let mut all: Vec<(u8, bool)> = Vec::new();
    for (i, part) in parts.iter().enumerate() {
        if i % 2 == 0 {
            all.extend(part.chars().map(|c| (c as u8, false)));
            continue;
        }
        let digits: Vec<char> = part.chars().filter(|c| !c.is_ascii_whitespace()).collect();
        for pair in digits.chunks(2) {
            let [high, low] = pair else { return None };
            let value = high.to_digit(16)? * 16 + low.to_digit(16)?;
            all.push((u8::try_from(value).ok()?, true));
        }
    }
    let in_label = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
    let mut meant = Vec::new();
    for (i, &(b, hex)) in all.iter().enumerate() {
        let label = all[i + 1..].iter().position(|&(b, _)| !in_label(b));
        let label = label.unwrap_or(all.len() - i - 1);
        if !hex || in_label(b) || b == b'.' || label == 0 || label > 63 || label != usize::from(b) {
            meant.push(b);
        } else if meant.last().is_some_and(|&last| in_label(last)) {
            meant.push(b'.');
        }
    }
    while meant.last() == Some(&0) {
        meant.pop();
    }
    Some(meant)
}
