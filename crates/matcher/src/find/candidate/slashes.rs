//! Hosts that are numbers which only browsers read.

use super::addr4::is_plain_quad;
use super::{Candidates, MAX_TOKEN_BYTES};

impl Candidates<'_> {
    /// The second of two slashes, or the `@` behind userinfo: is the host behind it a number
    /// that only browsers read?
    pub(in crate::find) fn slashes(&mut self, at: usize) {
        let start = at + 1;
        if !self.byte(start).is_ascii_digit() {
            // Digits of other scripts, behind characters that nobody sees, or encoded.
            if !self.byte(start).is_ascii() || self.byte(start) == b'%' && !self.is_letter_at(start)
            {
                self.push(start);
            }
            return;
        }
        let host = self.haystack[start..].iter().take(MAX_TOKEN_BYTES);
        let len = host.take_while(|b| b.is_ascii_alphanumeric() || **b == b'.').count();
        let host = &self.haystack[start..start + len];
        if !is_plain_quad(host) {
            let last = host.rsplit(|&b| b == b'.').find(|label| !label.is_empty());
            let numeric = last.is_some_and(|label| {
                label.iter().all(u8::is_ascii_digit)
                    || label.len() >= 2 && label[..2].eq_ignore_ascii_case(b"0x")
            });
            let mut is_refanged_quad = || {
                let token = &mut self.token;
                token.read(self.haystack, start + len)
                    && token.start == start
                    && is_plain_quad(token.text())
            };
            if numeric && !(self.haystack.get(start + len) == Some(&b'[') && is_refanged_quad()) {
                self.push(start);
            }
        }
    }
}
