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
            Some(Field { exception, ..Field::plain(&bytes[span.0..span.1]) })
        }
        _ => Some(Field::plain(bytes)),
    }
}
