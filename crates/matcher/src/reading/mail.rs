//! Reads a mail address: a local part, an `@`, and a name or an address in brackets.

use icu_normalizer::ComposingNormalizerBorrowed;

use super::percent::is_behind_escape;
use super::unicode::{first_letter, is_full_stop, is_ignored, is_in_label, is_mark, last_letter};
use super::words::Depth;
use super::{Reading, Value, addr, token, url};
use crate::bytes::is_token_byte;
use crate::find::local_starts;
use crate::hit::{Flags, Role};

/// Reads the mail address that begins at `at` and returns where to go on; `None` where none begins.
///
/// An address that is the local part is read too: `192.0.2.5@53` is a resolver and its port for
/// some. Before an address, a number or a scheme stands a user and no local part.
pub(super) fn read(
    text: &[u8],
    at: usize,
    depth: Depth,
    readings: &mut Vec<Reading>,
) -> Option<usize> {
    let sign = quoted_end(text, at).or_else(|| local_end(text, at, depth))?;
    let domain = sign + 1;
    let literal = addr::read_literal(text, domain);
    if literal.is_none() && !token::begins_label(&text[domain..]) {
        return None;
    }
    let begin = bare(text, at, sign);
    token::read_addr(text, at..begin, depth, readings);
    if let Some(literal) = literal {
        let end = literal.whole.end;
        readings.push(literal);
        return Some(end);
    }
    let end = token::end_before_letters(text, domain, depth);
    let names = token::read_names(text, domain..end);
    let is_host = names.is_empty() && token::is_number(&text[domain..end])
        || token::is_addr(text, domain)
        || depth.cuts_urls() && url::Url::at(text, domain).is_some();
    // `"192.0.2.5"@53` is no mail address; what is quoted is text.
    let is_quoted = text[at] == b'"';
    if is_quoted && (is_host || names.is_empty()) {
        return None;
    }
    if is_host {
        return Some(domain);
    }
    let local = Local::new(text, begin, sign, end);
    let names = names.into_iter().filter(|name| name.span.start == domain);
    readings.extend(token::one_of(names.filter_map(|name| local.at(name))));
    Some(end)
}

/// Octets of a local part (RFC 5321, section 4.5.3.1.1).
pub(super) const MAX_LOCAL_BYTES: usize = 64;

/// Before a local part this is punctuation.
const PUNCTUATION: &[u8] = b".-+'";

/// The `@` behind the unquoted local part that begins at `at`.
fn local_end(text: &[u8], at: usize, depth: Depth) -> Option<usize> {
    // `*.hospital.example@` is a subtree and an `@`.
    let is_subtree = text[..at].ends_with(b"*") && text[at] == b'.';
    let mut sign = at;
    while sign < text.len() && sign - at <= MAX_LOCAL_BYTES {
        let letter = first_letter(&text[sign..]);
        let belongs = match letter.char.is_ascii() {
            true => is_token_byte(text[sign]) || matches!(text[sign], b'+' | b'\''),
            false => is_in_label(letter.char),
        };
        if !belongs {
            break;
        }
        sign += letter.bytes;
    }
    let (masks, hides) = masks(&text[sign..]);
    let is_local = bare(text, at, sign) < sign || hides;
    let is_name = || {
        let name = &text[at + 1..token::end_before_letters(text, at + 1, depth).min(sign)];
        let punctuation = name.iter().rev().take_while(|b| b".-".contains(b)).count();
        // A label of nothing but what nobody sees is none.
        let letters = token::letters(&name[..name.len() - punctuation]);
        let seen: String = letters.chars().filter(|&c| !is_ignored(c)).collect();
        let seen = seen.trim_end_matches(|c| c == '.' || is_full_stop(c));
        token::full_stop(seen.as_bytes()).is_some_and(|dot| dot > 0)
            && !token::is_number(seen.as_bytes())
            && !token::is_addr(text, at + 1)
    };
    let end = sign + masks;
    let is_mail = is_local && end - at <= MAX_LOCAL_BYTES && text.get(end) == Some(&b'@');
    (is_mail && !(is_subtree && is_name())).then_some(end)
}

/// Bytes of what a local part may end in besides letters, and whether it stands for some.
///
/// Of what RFC 5322 allows (`atext`) the others part words, or parts of a URL, far more often.
fn masks(text: &[u8]) -> (usize, bool) {
    let (mut bytes, mut hides) = (0, false);
    while bytes < text.len() {
        let letter = first_letter(&text[bytes..]);
        match letter.char {
            '*' | '\u{2022}' | '\u{25cf}' | '\u{2588}' | '\u{2026}' => hides = true,
            '!' | '$' | '^' | '~' => {}
            _ => break,
        }
        bytes += letter.bytes;
    }
    (bytes, hides)
}

/// The `@` behind the quoted local part that begins at `at`.
///
/// A quote before an `@` closes one. It opens none, or a quote between two addresses would be
/// read both ways.
fn quoted_end(text: &[u8], at: usize) -> Option<usize> {
    let inner = text[at..].strip_prefix(b"\"").filter(|inner| !inner.starts_with(b"@"))?;
    let mut close = 0;
    loop {
        match inner.get(close)? {
            b'"' => break,
            byte if byte.is_ascii_control() || close >= MAX_LOCAL_BYTES => return None,
            b'\\' => close += 2,
            _ => close += 1,
        }
    }
    let is_local = (1..=MAX_LOCAL_BYTES).contains(&close) && inner.get(close + 1) == Some(&b'@');
    is_local.then_some(at + close + 2)
}

/// Where a local part begins behind punctuation.
fn bare(text: &[u8], start: usize, sign: usize) -> usize {
    start + text[start..sign].iter().take_while(|b| PUNCTUATION.contains(b)).count()
}

/// What stands before the `@`.
struct Local {
    start: usize,
    /// In canonical form.
    text: String,
    /// What it may be besides, which only an asset can confirm.
    others: Vec<String>,
    flags: Flags,
}

impl Local {
    /// The local part before the `@` of a mail address that ends at `end`.
    fn new(text: &[u8], start: usize, sign: usize, end: usize) -> Self {
        let spelled = |start: usize| {
            let letters = token::letters(&text[start..sign]);
            canonical(letters.chars().filter(|&c| !is_ignored(c)).collect())
        };
        let begins = |at: &usize| !is_within_local(text, *at, end);
        let behind_escapes =
            (sign.saturating_sub(MAX_LOCAL_BYTES)..sign).filter(|&at| is_behind_escape(text, at));
        let others = local_starts(text, 0, sign).filter(begins).chain(behind_escapes);
        let others = others.flat_map(|at| [at, bare(text, at, sign)]);
        let others = others.filter(|&at| at != start && at < sign).map(spelled).collect();
        let is_latin1 = str::from_utf8(&text[start..sign]).is_err();
        let is_invisible = token::letters(&text[start..sign]).chars().any(is_ignored);
        let flags = Flags::INVISIBLE.when(is_invisible).with(Flags::LATIN1.when(is_latin1));
        Self { start, text: spelled(start), others, flags }
    }

    /// The mail address at a name.
    fn at(&self, mut name: Reading) -> Option<Reading> {
        let at = |local: &String, domain: &str| format!("{local}@{domain}");
        name.value = match name.value {
            Value::Name { name, .. } => Value::Mail {
                others: self.others.iter().map(|local| at(local, &name)).collect(),
                mail: at(&self.text, &name),
            },
            Value::BadName { name, .. } => Value::BadName { name, is_mail: true },
            _ => return None,
        };
        name.role = Role::Email;
        name.span.start = self.start;
        name.whole.start = self.start;
        name.flags = name.flags.with(self.flags);
        Some(name)
    }
}

/// Whether a letter before `at` belongs to the same local part, as in `o'neil@` or `ren\u{e9}e@`.
///
/// Scripts that know capitals have blanks between words. A quote behind the address, which ends at
/// `end`, closes the one of `N'neil@hospital.example'`.
fn is_within_local(text: &[u8], at: usize, end: usize) -> bool {
    let quotes = text[..at].iter().rev().take_while(|&&b| b == b'\'').count();
    let before = &text[..at - quotes];
    let has_quote = quotes > 0;
    let mut base = before;
    while let Some(letter) = (!base.is_empty()).then(|| last_letter(base))
        && (is_mark(letter.char) || is_ignored(letter.char))
    {
        base = &base[..base.len() - letter.bytes];
    }
    let Some(letter) = (!base.is_empty()).then(|| last_letter(base).char) else { return false };
    let is_letter = match letter.is_ascii() {
        true => (has_quote || base.len() < before.len()) && token::is_in_word(letter),
        false => letter.is_lowercase() || letter.is_uppercase(),
    };
    let is_closed = || {
        let word = before.iter().rev().take_while(|&&b| is_token_byte(b)).count();
        text.get(end) == Some(&b'\'') && !before[..before.len() - word].ends_with(b"'")
    };
    is_letter && !(has_quote && is_closed())
}

/// A local part in lower case, without quotes that it does not need.
fn canonical(local: String) -> String {
    let inner = local.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
    let needs_quotes = |c: char| c.is_whitespace() || "@\"(),:;<>[]\\".contains(c);
    let inner = inner.filter(|inner| !inner.is_empty() && !inner.contains(needs_quotes));
    let lower = inner.unwrap_or(&local).to_lowercase();
    match lower.is_ascii() {
        true => lower,
        // An accent may be a letter of its own.
        false => ComposingNormalizerBorrowed::new_nfc().normalize(&lower).into_owned(),
    }
}
