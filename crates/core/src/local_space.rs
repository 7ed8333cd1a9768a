//! Addresses that everybody uses at home, and that say nothing about whose they are.

use std::sync::LazyLock;

use ipnet::{IpNet, Ipv4Net, Ipv6Net};
use iprange::IpRange;

use crate::AddrRange;

/// Private, loopback, link-local, shared and multicast space (RFC 6890, RFC 5771).
const LOCAL_V4: [&str; 7] = [
    "10.0.0.0/8",
    "100.64.0.0/10",
    "127.0.0.0/8",
    "169.254.0.0/16",
    "172.16.0.0/12",
    "192.168.0.0/16",
    "224.0.0.0/4",
];

/// Loopback, unique-local, link-local and multicast space (RFC 4291, RFC 4193).
const LOCAL_V6: [&str; 4] = ["::1/128", "fc00::/7", "fe80::/10", "ff00::/8"];

static V4: LazyLock<IpRange<Ipv4Net>> =
    LazyLock::new(|| LOCAL_V4.iter().filter_map(|net| net.parse().ok()).collect());

static V6: LazyLock<IpRange<Ipv6Net>> =
    LazyLock::new(|| LOCAL_V6.iter().filter_map(|net| net.parse().ok()).collect());

impl AddrRange {
    /// Whether all of the addresses are private, loopback, link-local, shared,
    /// unique-local or multicast ones.
    ///
    /// # Example
    ///
    /// ```
    /// # use feedsieve_core::{AddrRange, parse_range};
    /// assert!(parse_range("192.168.0.1-192.168.0.9")?.is_local_space());
    /// assert!(!parse_range("192.168.0.1-192.169.0.0")?.is_local_space());
    /// # Ok::<(), feedsieve_core::AddrError>(())
    /// ```
    #[must_use]
    pub fn is_local_space(&self) -> bool {
        if let Self::V4 { first, last } = *self
            && first == last
        {
            let addr = std::net::Ipv4Addr::from(first);
            let is_shared = first >> 22 == 100 << 2 | 1;
            return addr.is_private()
                || is_shared
                || addr.is_loopback()
                || addr.is_link_local()
                || addr.is_multicast();
        }
        self.prefixes().all(|net| match net {
            IpNet::V4(net) => V4.contains(&net),
            IpNet::V6(net) => V6.contains(&net),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn single_addresses_are_judged_as_prefixes_are() {
        for net in LOCAL_V4 {
            let net: Ipv4Net = net.parse().expect("a prefix");
            let (first, last) = (u32::from(net.network()), u32::from(net.broadcast()));
            let around = [first.wrapping_sub(1), first, first | 77, last, last.wrapping_add(1)];
            for addr in around.into_iter().chain((0..1000).map(|step| step * 4_294_967)) {
                let one = AddrRange::V4 { first: addr, last: addr };
                let is_local = V4.contains(&Ipv4Net::from(std::net::Ipv4Addr::from(addr)));
                assert_eq!(one.is_local_space(), is_local, "{one}");
            }
        }
    }

    #[test]
    fn every_prefix_is_read() {
        assert_eq!((V4.iter().count(), V6.iter().count()), (LOCAL_V4.len(), LOCAL_V6.len()));
    }
}
