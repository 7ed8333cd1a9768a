//! Addresses as they are written: what their `Display` says, without the machinery of `fmt`, which
//! costs more than all that finds an address.

use std::fmt::Write as _;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use feedsieve_core::AddrRange;

/// Appends an address; IPv6 as RFC 5952 has it.
pub(crate) fn push_addr(to: &mut String, addr: IpAddr) {
    match addr {
        IpAddr::V4(addr) => push_v4(to, addr),
        IpAddr::V6(addr) => push_v6(to, addr),
    }
}

/// Appends a prefix with its length, or `a-b` where the addresses are none.
pub(crate) fn push_prefix(to: &mut String, range: &AddrRange) {
    let Some(net) = range.prefix() else { return push_ends(to, range) };
    push_addr(to, net.addr());
    to.push('/');
    push_number(to, net.prefix_len());
}

/// Appends addresses as `a-b`.
pub(crate) fn push_ends(to: &mut String, range: &AddrRange) {
    let (first, last): (IpAddr, IpAddr) = match *range {
        AddrRange::V4 { first, last } => {
            (Ipv4Addr::from(first).into(), Ipv4Addr::from(last).into())
        }
        AddrRange::V6 { first, last } => {
            (Ipv6Addr::from(first).into(), Ipv6Addr::from(last).into())
        }
    };
    push_addr(to, first);
    to.push('-');
    push_addr(to, last);
}

fn push_v4(to: &mut String, addr: Ipv4Addr) {
    for (index, octet) in addr.octets().into_iter().enumerate() {
        if index > 0 {
            to.push('.');
        }
        push_number(to, octet);
    }
}

fn push_v6(to: &mut String, addr: Ipv6Addr) {
    // Half of it is in the other notation, and hardly any address is such.
    if addr.to_ipv4_mapped().is_some() {
        write!(to, "{addr}").expect("memory takes characters");
        return;
    }
    let groups = addr.segments();
    let zeros = longest_zeros(&groups);
    let mut at = 0;
    while at < groups.len() {
        if at == zeros.start && !zeros.is_empty() {
            to.push_str("::");
            at = zeros.end;
            continue;
        }
        if at > 0 && at != zeros.end {
            to.push(':');
        }
        push_hex(to, groups[at]);
        at += 1;
    }
}

/// The first of the longest runs of zeros, of two at least.
fn longest_zeros(groups: &[u16; 8]) -> std::ops::Range<usize> {
    let (mut longest, mut current) = (0..0, 0..0);
    for (at, &group) in groups.iter().enumerate() {
        current = if group == 0 { current.start..at + 1 } else { at + 1..at + 1 };
        if current.len() > longest.len().max(1) {
            longest = current.clone();
        }
    }
    longest
}

fn push_number(to: &mut String, number: u8) {
    let digit = |value: u8| char::from(b'0' + value);
    if number >= 100 {
        to.push(digit(number / 100));
    }
    if number >= 10 {
        to.push(digit(number / 10 % 10));
    }
    to.push(digit(number % 10));
}

fn push_hex(to: &mut String, group: u16) {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    for shift in [12, 8, 4, 0] {
        if shift == 0 || group >> shift > 0 {
            to.push(char::from(DIGITS[usize::from(group >> shift & 15)]));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_written_as_by_display() {
        let mut state = 1_u64;
        let mut draw = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            state >> 16
        };
        let mut to = String::new();
        let mut shown = String::new();
        let mut check = |range: AddrRange, is_single: bool| {
            to.clear();
            shown.clear();
            push_prefix(&mut to, &range);
            write!(shown, "{range}").expect("memory");
            assert_eq!(to, shown);
            to.clear();
            shown.clear();
            push_ends(&mut to, &range);
            write!(shown, "{}", range.ends()).expect("memory");
            assert_eq!(to, shown);
            if let Some(addr) = range.single().filter(|_| is_single) {
                to.clear();
                shown.clear();
                push_addr(&mut to, addr);
                write!(shown, "{addr}").expect("memory");
                assert_eq!(to, shown);
            }
        };
        for round in 0..1_000_000_u32 {
            let v4 = draw() as u32;
            check(AddrRange::V4 { first: v4, last: v4 }, true);
            // Groups of zero, of few digits and of four, and all of the last 32 bits.
            let mut v6 = 0_u128;
            for _ in 0..8 {
                let group = match draw() % 4 {
                    0 | 1 => 0,
                    2 => draw() as u16 >> (draw() % 16),
                    _ => draw() as u16,
                };
                v6 = v6 << 16 | u128::from(group);
            }
            if round % 50 == 0 {
                v6 = 0xffff_0000_0000 | u128::from(v4);
            }
            check(AddrRange::V6 { first: v6, last: v6 }, true);
            if round % 8 == 0 {
                let hosts = (1_u64 << (draw() % 32)) as u32 - 1;
                check(AddrRange::V4 { first: v4 & !hosts, last: v4 | hosts }, false);
                check(AddrRange::V4 { first: v4 / 2, last: v4 }, false);
                let hosts = (1_u128 << (draw() % 128)) - 1;
                check(AddrRange::V6 { first: v6 & !hosts, last: v6 | hosts }, false);
                check(AddrRange::V6 { first: v6 / 2, last: v6 }, false);
            }
        }
    }
}
