//! Hex digits and colons that may be an IPv6 address.

use std::net::Ipv6Addr;

use feedsieve_core::AddrRange;

use super::Candidates;
use crate::bytes::{is_label_byte, is_token_byte};

/// Bytes of the longest IPv6 address in text, an embedded IPv4 address included.
const MAX_ADDR6_BYTES: usize = 45;

/// The same behind the end of a key such as `face:`.
const MAX_KEYED_BYTES: usize = 64;

/// Bytes of the shortest address of eight groups, and the colon that ends its field.
const MIN_CUT_BYTES: usize = 8 + 7 + 1;

impl Candidates<'_> {
    /// The first byte behind hex digits that follow a colon.
    pub(in crate::find) fn colons(&mut self, end: usize) {
        let belongs = |b: u8| b.is_ascii_hexdigit() || b == b':';
        let start = self.back(end, MAX_KEYED_BYTES, belongs);
        let group = &self.haystack[start..end];
        // The first word may be the end of a key, as in `src:2001:...`, or be nothing.
        let before = self.before(start);
        let is_cut = is_token_byte(before)
            || matches!(before, b']' | b')' | b'}' | 0x80..)
            || group.len() == MAX_KEYED_BYTES;
        let behind_key = (is_cut || group.first() == Some(&b':'))
            .then(|| group.iter().position(|&b| b == b':').map(|len| start + len + 1))
            .flatten();
        // Of `%40:2001:...` and `%32001:...` the first digits are an escape.
        let is_escaped = self.before(start) == b'%' && has_shape_of_addr6(group);
        // Of `:denied` and `:49152` the first letters are no group.
        let word = group.iter().rposition(|&b| b == b':').map(|len| start + len);
        let word = word.filter(|word| is_label_byte(self.byte(end)) || end - word > 5);
        let is_needed_from = |start| {
            self.is_addr6_needed(start, end)
                || word.is_some_and(|word| start < word && self.is_addr6_needed(start, word))
        };
        if is_escaped || is_needed_from(start) || behind_key.is_some_and(is_needed_from) {
            // A colon at the end may part fields.
            let colons = group.iter().rev().take_while(|&&b| b == b':').count();
            self.push(if colons < group.len() { end - 1 - colons } else { end - 1 });
        }
        // Where colons part fields, an address of eight groups may end at one.
        let colons = group.iter().enumerate().filter(|(_, b)| **b == b':');
        let has_room = group.len() >= MIN_CUT_BYTES;
        let eighth = has_room.then(|| colons.map(|(len, _)| start + len).nth(7)).flatten();
        if let Some(field_end) = eighth.filter(|&at| self.is_addr6_needed(start, at)) {
            self.push(field_end - 1);
        }
    }

    fn is_addr6_needed(&self, start: usize, end: usize) -> bool {
        let group = &self.haystack[start..end];
        if group.len() > MAX_ADDR6_BYTES || !has_shape_of_addr6(group) {
            return false;
        }
        // Of colons at the end two may be the address's; others part it from what follows.
        let colons = group.iter().rev().take_while(|&&b| b == b':').count();
        let bare = &group[..group.len() - colons];
        let parse = |group: &[u8]| {
            // Most of what is not an address is nothing but colons.
            if group == b"::" {
                return Some(Ipv6Addr::UNSPECIFIED);
            }
            let (mut doubled, mut single, mut last) = (0, 0, 0);
            for &byte in group {
                single += u32::from(byte == b':');
                doubled += u32::from(byte == b':' && last == b':');
                last = byte;
            }
            let may_be = doubled == 1 || doubled == 0 && single == 7;
            may_be.then(|| str::from_utf8(group).ok()?.parse::<Ipv6Addr>().ok()).flatten()
        };
        let addr = (colons >= 2)
            .then(|| parse(&group[..bare.len() + 2]))
            .flatten()
            .or_else(|| parse(bare));
        let next = self.byte(end);
        let Some(addr) = addr else { return next == b'.' };
        let AddrRange::V6 { first: addr, .. } = AddrRange::from(std::net::IpAddr::V6(addr)) else {
            return true;
        };
        match next {
            // An IPv4 address follows, a range, a zone, or brackets.
            b'.' | b'\\' | b'-' | b'%' | b'[' | b'(' | b'{' => true,
            b'/' => self.is_prefix6_needed(addr, end + 1),
            b' ' | b'\t' => {
                let begins = |b: u8| b.is_ascii_hexdigit() || b == b':';
                self.probe.addr6(addr) || self.is_range_behind(end, begins)
            }
            _ => self.probe.addr6(addr),
        }
    }

    fn is_prefix6_needed(&self, addr: u128, at: usize) -> bool {
        let (digits, len) = self.prefix_len(at);
        match digits {
            0 => self.probe.addr6(addr),
            1..=3 if len <= 128 && self.byte(at + digits) != b'.' => {
                let host_mask = u128::MAX.checked_shr(len).unwrap_or(0);
                len < self.shortest6 || self.probe.range6(addr & !host_mask, addr | host_mask)
            }
            _ => true,
        }
    }
}

/// Whether hex digits and colons may be an IPv6 address, or one that an IPv4 address ends.
fn has_shape_of_addr6(group: &[u8]) -> bool {
    let colons = group.iter().filter(|&&b| b == b':').count();
    colons >= 6 || group.windows(2).any(|pair| pair == b"::")
}
