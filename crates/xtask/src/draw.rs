//! Draws addresses, names, mail addresses and URLs, each aimed at the inventory or past it.

use crate::addrs::{self, Family};
use crate::random::Random;
use crate::targets::{MailTarget, Targets};
use crate::text::{push_decimal, push_v4, push_v6};
use crate::words::Words;

/// What a record is to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Aim {
    /// It concerns an asset.
    Hit,
    /// It concerns none, by little: a neighbour's address, a label more or less.
    Near,
    /// It concerns none.
    Miss,
}

/// The source of all indicators of a feed.
///
/// Misses are drawn from the whole of the network and of the names, and drawn
/// again when they meet the inventory. Keeping feeds and inventories in separate
/// halves of the space would be simpler, but then the first bits of an address
/// would tell a miss, and every filter would look better than it is.
pub(crate) struct Draw<'a> {
    pub(crate) random: Random,
    pub(crate) words: Words,
    pub(crate) targets: &'a Targets,
    /// A record is a hit when 64 random bits are below this.
    hit_below: u64,
}

/// How many misses in a hundred are near ones.
const NEAR_PERCENT: u64 = 1;

/// How many addresses in a hundred are IPv6.
const V6_PERCENT: u64 = 10;

impl<'a> Draw<'a> {
    pub(crate) fn new(seed: u64, hits: f64, targets: &'a Targets) -> Self {
        // Saturates, as it should: a share of 1 is every record but one in 2^64.
        let hit_below = (hits * 2f64.powi(64)) as u64;
        Self { random: Random::new(seed), words: Words::new(), targets, hit_below }
    }

    /// What the next record is to be.
    pub(crate) fn aim(&mut self) -> Aim {
        if self.random.bits() < self.hit_below {
            Aim::Hit
        } else if self.random.percent(NEAR_PERCENT) {
            Aim::Near
        } else {
            Aim::Miss
        }
    }

    /// Appends an address. A hit needs an inventory with addresses.
    pub(crate) fn addr(&mut self, aim: Aim, out: &mut Vec<u8>) {
        let all = self.targets.v4.len() + self.targets.v6.len();
        let family = if aim == Aim::Miss || all == 0 {
            addrs::family(&mut self.random, V6_PERCENT)
        } else if self.random.index(all) < self.targets.v4.len() {
            Family::V4
        } else {
            Family::V6
        };
        match family {
            Family::V4 => self.addr_v4(aim, out),
            Family::V6 => self.addr_v6(aim, out),
        }
    }

    /// Appends an IPv4 address. A hit needs an inventory with some.
    pub(crate) fn addr_v4(&mut self, aim: Aim, out: &mut Vec<u8>) {
        let addr = match aim {
            Aim::Hit => self.v4_inside(),
            Aim::Near => self.v4_beside(),
            Aim::Miss => self.v4_miss(),
        };
        push_v4(out, addr);
    }

    /// Appends an IPv6 address. A hit needs an inventory with some.
    pub(crate) fn addr_v6(&mut self, aim: Aim, out: &mut Vec<u8>) {
        let addr = match aim {
            Aim::Hit => self.v6_inside(),
            Aim::Near => self.v6_beside(),
            Aim::Miss => self.v6_miss(),
        };
        push_v6(out, addr);
    }

    fn v4_inside(&mut self) -> u32 {
        let (first, last) = self.targets.v4[self.random.index(self.targets.v4.len())];
        self.random.within(first.into(), last.into()) as u32
    }

    fn v6_inside(&mut self) -> u128 {
        let (first, last) = self.targets.v6[self.random.index(self.targets.v6.len())];
        let bits = (u128::from(self.random.bits()) << 64) | u128::from(self.random.bits());
        match (last - first).checked_add(1) {
            Some(count) => first + bits % count,
            None => bits,
        }
    }

    fn v4_beside(&mut self) -> u32 {
        if !self.targets.v4.is_empty() {
            let (first, last) = self.targets.v4[self.random.index(self.targets.v4.len())];
            let low = self.random.percent(50);
            let addr = if low { first.wrapping_sub(1) } else { last.wrapping_add(1) };
            if !self.targets.touches_v4(addr, addr) {
                return addr;
            }
        }
        self.v4_miss()
    }

    fn v6_beside(&mut self) -> u128 {
        if !self.targets.v6.is_empty() {
            let (first, last) = self.targets.v6[self.random.index(self.targets.v6.len())];
            let low = self.random.percent(50);
            let addr = if low { first.wrapping_sub(1) } else { last.wrapping_add(1) };
            if !self.targets.touches_v6(addr, addr) {
                return addr;
            }
        }
        self.v6_miss()
    }

    fn v4_miss(&mut self) -> u32 {
        loop {
            let addr = addrs::v4(&mut self.random);
            if !self.targets.touches_v4(addr, addr) {
                return addr;
            }
        }
    }

    fn v6_miss(&mut self) -> u128 {
        loop {
            let addr = addrs::v6(&mut self.random);
            if !self.targets.touches_v6(addr, addr) {
                return addr;
            }
        }
    }

    /// Appends a prefix. A hit needs an inventory with addresses; it lies inside, over or across one.
    pub(crate) fn prefix(&mut self, aim: Aim, out: &mut Vec<u8>) {
        let v6 = match aim {
            Aim::Hit if self.targets.v4.is_empty() => true,
            Aim::Hit if self.targets.v6.is_empty() => false,
            _ => self.random.percent(V6_PERCENT),
        };
        let len = if v6 {
            let (addr, len) = self.v6_prefix(aim);
            push_v6(out, addr);
            len
        } else {
            let (addr, len) = self.v4_prefix(aim);
            push_v4(out, addr);
            len
        };
        out.push(b'/');
        push_decimal(out, len.into());
    }

    fn v4_prefix(&mut self, aim: Aim) -> (u32, u32) {
        loop {
            let len = self.random.within(20, 32) as u32;
            let hosts = u32::MAX.checked_shr(len).unwrap_or(0);
            if aim == Aim::Hit {
                return (self.v4_inside() & !hosts, len);
            }
            let first = addrs::v4(&mut self.random) & !hosts;
            if !self.targets.touches_v4(first, first | hosts) {
                return (first, len);
            }
        }
    }

    fn v6_prefix(&mut self, aim: Aim) -> (u128, u32) {
        loop {
            let len = self.random.pick(&[&32, &48, &48, &56, &64, &64, &128]);
            let hosts = u128::MAX.checked_shr(*len).unwrap_or(0);
            if aim == Aim::Hit {
                return (self.v6_inside() & !hosts, *len);
            }
            let first = addrs::v6(&mut self.random) & !hosts;
            if !self.targets.touches_v6(first, first | hosts) {
                return (first, *len);
            }
        }
    }

    /// Appends a name. A hit needs an inventory with names.
    pub(crate) fn name(&mut self, aim: Aim, out: &mut Vec<u8>) {
        match aim {
            Aim::Hit => {
                let (name, under) =
                    &self.targets.names[self.random.index(self.targets.names.len())];
                if *under {
                    self.words.below_registered(&mut self.random, out);
                }
                out.extend_from_slice(name);
            }
            Aim::Near => self.name_beside(out),
            Aim::Miss => {
                self.words.below_registered(&mut self.random, out);
                self.registered_miss(out);
            }
        }
    }

    /// Appends a label and an ending that are nobody's.
    pub(crate) fn registered_miss(&mut self, out: &mut Vec<u8>) {
        let begin = out.len();
        loop {
            self.words.registered(&mut self.random, out);
            if !self.targets.touches_registered(&out[begin..]) {
                return;
            }
            out.truncate(begin);
        }
    }

    fn name_beside(&mut self, out: &mut Vec<u8>) {
        let begin = out.len();
        if !self.targets.names.is_empty() {
            let (name, _) = &self.targets.names[self.random.index(self.targets.names.len())];
            let dot = name.iter().position(|&byte| byte == b'.').unwrap_or(name.len());
            match self.random.below(4) {
                // notexample.com
                0 => {
                    self.words.syllables(&mut self.random, 1, out);
                    out.extend_from_slice(name);
                }
                // example.com.evil.net
                1 => {
                    out.extend_from_slice(name);
                    out.push(b'.');
                    self.words.registered(&mut self.random, out);
                }
                // exampl.com
                2 if dot > 1 => {
                    out.extend_from_slice(&name[..dot - 1]);
                    out.extend_from_slice(&name[dot..]);
                }
                // examples.com
                _ => {
                    out.extend_from_slice(&name[..dot]);
                    out.push(b's');
                    out.extend_from_slice(&name[dot..]);
                }
            }
            if !self.targets.touches_name(&out[begin..]) {
                return;
            }
            out.truncate(begin);
        }
        self.name(Aim::Miss, out);
    }

    /// Appends a mail address. A hit needs an inventory with names or mail addresses.
    pub(crate) fn mail(&mut self, aim: Aim, out: &mut Vec<u8>) {
        let under = match aim {
            Aim::Hit => match &self.targets.mail[self.random.index(self.targets.mail.len())] {
                MailTarget::Address(address) => {
                    out.extend_from_slice(address);
                    return;
                }
                MailTarget::Under(name) => Some(name),
            },
            Aim::Near | Aim::Miss => None,
        };
        self.words.local_part(&mut self.random, out);
        out.push(b'@');
        match under {
            Some(name) => {
                if self.random.percent(20) {
                    out.extend_from_slice(b"mail.");
                }
                out.extend_from_slice(name);
            }
            None if aim == Aim::Near => self.name_beside(out),
            None => self.registered_miss(out),
        }
    }

    /// Appends a URL. A hit needs an inventory with names or IPv4 addresses.
    pub(crate) fn url(&mut self, aim: Aim, out: &mut Vec<u8>) {
        let scheme: &[u8] = if self.random.percent(60) { b"https://" } else { b"http://" };
        out.extend_from_slice(scheme);
        let by_name = match aim {
            Aim::Hit if self.targets.v4.is_empty() => true,
            Aim::Hit if self.targets.names.is_empty() => false,
            _ => self.random.percent(80),
        };
        if by_name {
            self.name(aim, out);
        } else {
            self.addr_v4(aim, out);
        }
        if self.random.percent(12) {
            out.push(b':');
            push_decimal(out, self.random.within(1024, 65_535));
        }
        let pages = ["index.php", "login.html", "wp-login.php", "bin.sh", "i", "update.exe", ""];
        for _ in 0..self.random.below(3) {
            out.push(b'/');
            self.words.word(&mut self.random, out);
        }
        out.push(b'/');
        out.extend_from_slice(self.random.pick(&pages).as_bytes());
        if self.random.percent(20) {
            out.extend_from_slice(b"?id=");
            push_decimal(out, self.random.below(1_000_000));
        }
    }
}
