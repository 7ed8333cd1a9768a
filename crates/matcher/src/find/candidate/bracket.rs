//! Brackets that defang a dot or an `@`.

use super::Candidates;
use super::addr4::{Quad, read_quad};
use super::refang::{LastLabels, Refanged, TwoLabels};

impl Candidates<'_> {
    /// A `[`, `(` or `{`.
    pub(in crate::find) fn bracket(&mut self, at: usize) {
        let inner = &self.haystack[at + 1..(at + 6).min(self.haystack.len())];
        let needed = match inner {
            [b'.', b']' | b')' | b'}', ..] => self.is_refanged_needed(at, at + 3),
            [b'd' | b'D', ..] => {
                is_word_in_brackets(inner, b"dot") && self.is_refanged_needed(at, at + 5)
            }
            [b'a' | b'A', ..] => is_word_in_brackets(inner, b"at"),
            // Of `http[:]//name` and `http[://]name` the name is a token of its own.
            [b':', b']' | b')' | b'}', b'/', b'/', first, ..]
            | [b':', b'/', b'/', b']' | b')' | b'}', first, ..] => !first.is_ascii_alphabetic(),
            [b'.' | b'@' | b':' | b'/', ..] => true,
            _ => false,
        };
        if needed {
            self.push(at);
        }
    }

    /// Whether a token is needed that holds a dot in brackets, from `at` to `behind`.
    fn is_refanged_needed(&mut self, at: usize, behind: usize) -> bool {
        let (end, needed) = self.refanged;
        if at < end {
            return needed;
        }
        if self.is_told_by_two_labels(at, behind) {
            return false;
        }
        if !self.token.read(self.haystack, at) {
            return true;
        }
        let needed = self.is_token_needed();
        self.refanged = (self.token.end, needed);
        needed
    }

    /// Whether the label before a dot that is written from `at` to `behind`, and the label behind
    /// it, are all there is to see here, and no asset ends in the two.
    ///
    /// Where other dots part other labels of the token, each of them is looked at by itself.
    #[inline]
    pub(super) fn is_told_by_two_labels(&self, at: usize, behind: usize) -> bool {
        let Some(labels) = TwoLabels::around(self.haystack, at..behind) else { return false };
        let is_mail_needed = self.probe.has_mails() && self.is_mail_needed_behind(labels.end);
        !is_mail_needed && !self.probe.anchors().may_hold(&labels.tail, labels.bytes)
    }

    /// Whether an asset may be concerned by the token that was read last.
    pub(super) fn is_token_needed(&self) -> bool {
        let Refanged { start, end, is_odd, .. } = self.token;
        let (text, before) = (self.token.text(), self.before(start));
        let is_mail_needed = self.probe.has_mails()
            && (self.is_mail_needed_behind(end)
                || before == b'@' && self.is_domain_needed(start - 1, text));
        let [first, last] = self.token.ends();
        if is_mail_needed || first == 0 || last == b'-' {
            return true;
        }
        if first.is_ascii_digit() {
            let Some(Quad::Plain(addr)) = read_quad(text) else { return true };
            return match self.byte(end) {
                b'/' => self.is_prefix_needed(addr, end + 1),
                b' ' | b'\t' => {
                    self.probe.addr4(addr) || self.is_range_behind(end, |b| b.is_ascii_digit())
                }
                b'\\' => true,
                _ => before == b':' || self.probe.addr4(addr),
            };
        }
        // In some formats a field ends at a bracket, and what stands before it is all of the name.
        if is_odd {
            return self.is_any_start_needed(text);
        }
        let anchors = self.probe.anchors();
        let mut names = self.token.names();
        let may_be = |name: &LastLabels<'_>| {
            name.first.is_ascii_digit() || anchors.may_hold_deep(name.tail, name.two, name.three)
        };
        let Some(name) = names.find(may_be) else { return false };
        let has_number = name.first.is_ascii_digit() || names.any(|n| n.first.is_ascii_digit());
        !has_number || self.is_any_start_needed(text)
    }

    /// Whether a token is needed, or what stands before one of its dots.
    #[cold]
    fn is_any_start_needed(&self, token: &[u8]) -> bool {
        let mut none = Vec::new();
        let inner = self.within(token, &mut none);
        let dots = memchr::memchr_iter(b'.', token);
        dots.chain([token.len()]).any(|end| inner.is_dotted_needed(0, end))
    }
}

fn is_word_in_brackets(inner: &[u8], word: &[u8]) -> bool {
    inner.len() > word.len()
        && inner[..word.len()].eq_ignore_ascii_case(word)
        && matches!(inner[word.len()], b']' | b')' | b'}')
}
