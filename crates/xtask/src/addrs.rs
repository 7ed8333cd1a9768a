//! Addresses as they occur in the open network.

use crate::random::Random;

/// Which protocol an address belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Family {
    V4,
    V6,
}

/// IPv6 in `percent` of a hundred cases.
pub(crate) fn family(random: &mut Random, percent: u64) -> Family {
    if random.percent(percent) { Family::V6 } else { Family::V4 }
}

/// An IPv4 address of public unicast space.
pub(crate) fn v4(random: &mut Random) -> u32 {
    loop {
        let addr = random.bits() as u32;
        if is_public(addr) {
            return addr;
        }
    }
}

fn is_public(addr: u32) -> bool {
    match addr >> 24 {
        0 | 10 | 127 | 224.. => false,
        100 => (addr >> 22) & 3 != 1,
        169 => addr >> 16 != 0xa9fe,
        172 => (addr >> 20) & 15 != 1,
        192 => addr >> 16 != 0xc0a8,
        _ => true,
    }
}

/// The leading sixteen bits that registries hand IPv6 space out from.
const V6_BLOCKS: [u128; 20] = [
    0x2001, 0x2003, 0x2400, 0x2401, 0x2402, 0x2404, 0x2405, 0x2406, 0x2600, 0x2601, 0x2602, 0x2604,
    0x2800, 0x2804, 0x2a00, 0x2a01, 0x2a02, 0x2a03, 0x2a04, 0x2c0f,
];

/// An IPv6 address: random network, and a host part as people and machines choose them.
pub(crate) fn v6(random: &mut Random) -> u128 {
    let block = V6_BLOCKS[random.index(V6_BLOCKS.len())];
    let bits = random.bits();
    // 2001:0000::/23 is for special purposes.
    let low = if block == 0x2001 { 0x0200 } else { 0 };
    let site = low + u128::from(bits & 0xffff) % (0x1_0000 - low);
    // Networks are mostly numbered from zero up.
    let subnet = match (bits >> 16) & 3 {
        0 => 0,
        1 => u128::from((bits >> 18) & 0xff),
        _ => u128::from((bits >> 18) & 0xffff_ffff),
    };
    let host = match bits >> 62 {
        0 => (bits >> 50) & 0xff,
        1 => random.bits() & 0xffff,
        2 => (random.bits() & !0xff_ff00_0000) | 0xff_fe00_0000,
        _ => random.bits(),
    };
    (block << 112) | (site << 96) | (subnet << 64) | u128::from(host)
}
