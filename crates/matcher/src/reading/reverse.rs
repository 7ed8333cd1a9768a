//! Reverse names: the addresses that a name under `in-addr.arpa` or `ip6.arpa` stands for.

use std::net::{Ipv4Addr, Ipv6Addr};

use feedsieve_core::AddrRange;

use super::{Reading, Value};
use crate::IndicatorKind;
use crate::hit::{Flags, Role};

/// The addresses of the first of some ways to read a name that stands for any.
///
/// They are read besides the name, which may itself be an asset.
pub(super) fn addrs(ways: &[Reading]) -> Option<Reading> {
    ways.iter().find_map(|way| {
        let Value::Name { name, .. } = &way.value else { return None };
        let range = meant_by(name)?;
        let kind = match (range.single(), range) {
            (None, _) => IndicatorKind::Prefix,
            (Some(_), AddrRange::V4 { .. }) => IndicatorKind::Ipv4,
            (Some(_), AddrRange::V6 { .. }) => IndicatorKind::Ipv6,
        };
        let is_mapped = matches!(range, AddrRange::V4 { .. }) && name.ends_with(".ip6.arpa");
        let flags = way.flags.with(Flags::V4_MAPPED.when(is_mapped));
        let value = Value::Addrs { range, kind };
        Some(Reading { value, role: Role::Rdns, flags, ..way.clone() })
    })
}

/// RFC 1035, section 3.5; RFC 3596, section 2.5.
fn meant_by(name: &str) -> Option<AddrRange> {
    if let Some(labels) = name.strip_suffix(".in-addr.arpa") {
        let numbers: Vec<u8> = labels.rsplit('.').map(plain_octet).collect::<Option<_>>()?;
        let len = numbers.len();
        (len <= 4).then_some(())?;
        let addr = numbers.iter().zip([24, 16, 8, 0]).fold(0, |a, (&n, by)| a | u32::from(n) << by);
        let host_mask = u32::MAX.checked_shr(8 * len as u32).unwrap_or(0);
        return AddrRange::new(
            Ipv4Addr::from(addr).into(),
            Ipv4Addr::from(addr | host_mask).into(),
        )
        .ok();
    }
    let labels = name.strip_suffix(".ip6.arpa")?;
    let nibbles: Vec<u8> = labels.rsplit('.').map(nibble).collect::<Option<_>>()?;
    let len = nibbles.len();
    (len <= 32).then_some(())?;
    let addr = (nibbles.iter().enumerate())
        .fold(0, |addr, (index, &nibble)| addr | u128::from(nibble) << (124 - 4 * index));
    let host_mask = u128::MAX.checked_shr(4 * len as u32).unwrap_or(0);
    AddrRange::new(Ipv6Addr::from(addr).into(), Ipv6Addr::from(addr | host_mask).into()).ok()
}

fn plain_octet(label: &str) -> Option<u8> {
    let plain =
        label.bytes().all(|b| b.is_ascii_digit()) && (label == "0" || !label.starts_with('0'));
    plain.then(|| label.parse().ok())?
}

fn nibble(label: &str) -> Option<u8> {
    let mut chars = label.chars();
    let digit = chars.next()?.to_digit(16)? as u8;
    chars.next().is_none().then_some(digit)
}
