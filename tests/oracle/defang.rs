//! Undoes what reports do to indicators so that nobody clicks on them.

use crate::text::{Ch, is_label_byte, is_name_char};

/// Replaces `[.]`, `(dot)`, `[@]`, `[://]` and the like by what they stand for.
///
/// A bracket counts only where the name, address or URL goes on at both sides of it.
pub(crate) fn refang(chars: &[Ch]) -> Vec<Ch> {
    let mut out: Vec<Ch> = Vec::new();
    let mut i = 0;
    while i < chars.len() {
        let before = out.last().map(|ch| ch.c);
        // A quote within a word of a string of SQL is written twice, or behind a backslash.
        if let [Ch { c: '\\' | '\'', .. }, Ch { c: '\'', .. }, next, ..] = chars[i..]
            && before.is_some_and(is_label_byte)
            && is_label_byte(next.c)
        {
            out.push(Ch { c: '\'', ..chars[i] });
            i += 2;
            continue;
        }
        let before_word = out.iter().rev().map(|ch| ch.c).find(|&c| !is_label_byte(c));
        match mark_at(&chars[i..], before, before_word) {
            Some((meant, length)) => {
                out.extend(meant.chars().map(|c| Ch { c, defanged: true, ..chars[i] }));
                i += length;
            }
            None => {
                out.push(chars[i]);
                i += 1;
            }
        }
    }
    out
}

const MARKS: [(&str, &str); 6] =
    [(".", "."), ("dot", "."), ("@", "@"), ("at", "@"), (":", ":"), ("://", "://")];

fn mark_at(
    chars: &[Ch],
    before: Option<char>,
    before_word: Option<char>,
) -> Option<(&'static str, usize)> {
    let after = |length: usize| chars.get(length).map(|ch| ch.c);
    for (open, close) in [("[", "]"), ("(", ")"), ("{", "}")] {
        for (written, meant) in MARKS {
            let mark = format!("{open}{written}{close}");
            if starts_with(chars, &mark) && goes_on(meant, before, after(mark.len())) {
                return Some((meant, mark.len()));
            }
        }
    }
    let half = ["[.", "\\.", ".]", ".)", ".}"];
    let half = half.into_iter().find(|mark| starts_with(chars, mark))?;
    // `arr[x.]y` has an opening bracket, and is no defanging.
    let opened = before_word.is_some_and(|c| "[({".contains(c)) && half.starts_with('.');
    let undone = !opened && goes_on(".", before, after(half.len()));
    undone.then_some((".", half.len()))
}

fn goes_on(meant: &str, before: Option<char>, after: Option<char>) -> bool {
    let (Some(before), Some(after)) = (before, after) else { return false };
    match meant {
        "." => (is_name_char(before) || before == '*') && (is_name_char(after) || after == '*'),
        "@" => is_name_char(before) && (is_name_char(after) || after == '['),
        ":" => {
            let alnum = |c: char| c.is_ascii_alphanumeric();
            (alnum(before) || before == ':') && (alnum(after) || ":/\\[({".contains(after))
        }
        _ => before.is_ascii_alphanumeric() && after > ' ' && !"\"<>`\u{7f}".contains(after),
    }
}

fn starts_with(chars: &[Ch], text: &str) -> bool {
    chars.len() >= text.len()
        && text.chars().zip(chars).all(|(c, ch)| c == ch.c.to_ascii_lowercase())
}
