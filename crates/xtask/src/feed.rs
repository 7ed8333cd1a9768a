//! Records, one function for each kind of feed.

use crate::Kind;
use crate::draw::{Aim, Draw};
use crate::inventory::{self, InventoryRows};
use crate::targets::Targets;
use crate::text::{push_decimal, push_hex, push_timestamp};

/// The state of a feed that is being written.
pub(crate) struct Feed<'a> {
    kind: Kind,
    draw: Draw<'a>,
    rows: InventoryRows,
    /// Passive DNS comes in runs of names under one registered name.
    zone: Vec<u8>,
    zone_left: u64,
    host: Vec<u8>,
}

impl<'a> Feed<'a> {
    pub(crate) fn new(kind: Kind, draw: Draw<'a>) -> Self {
        let rows = InventoryRows::new();
        Self { kind, draw, rows, zone: Vec::new(), zone_left: 0, host: Vec::new() }
    }

    /// What comes before the first record.
    pub(crate) const fn header(&self) -> &'static [u8] {
        match self.kind {
            Kind::Shadowserver => SHADOWSERVER_HEADER,
            Kind::Inventory => inventory::HEADER,
            Kind::Addrs | Kind::Names | Kind::Mixed | Kind::Pdns => b"",
        }
    }

    /// Appends one record with its line end; true if it was made to concern an asset.
    pub(crate) fn push(&mut self, out: &mut Vec<u8>) -> bool {
        if self.kind == Kind::Inventory {
            self.rows.push(&mut self.draw.random, &self.draw.words, out);
            return false;
        }
        let aim = self.draw.aim();
        match self.kind {
            Kind::Addrs => self.draw.addr(aim, out),
            Kind::Names => self.draw.name(aim, out),
            Kind::Mixed => push_mixed(&mut self.draw, aim, out),
            Kind::Shadowserver => self.push_shadowserver(aim, out),
            Kind::Pdns => self.push_pdns(aim, out),
            Kind::Inventory => unreachable!("returned above"),
        }
        out.push(b'\n');
        aim == Aim::Hit
    }
}

/// Whether a feed of `kind` can be made to concern `targets`.
pub(crate) fn can_hit(kind: Kind, targets: &Targets) -> bool {
    let names = !targets.names.is_empty();
    match kind {
        Kind::Addrs => targets.has_addrs(),
        Kind::Names => names,
        Kind::Mixed => targets.has_addrs() || names || !targets.mail.is_empty(),
        Kind::Shadowserver | Kind::Pdns => targets.has_addrs() || names,
        Kind::Inventory => false,
    }
}

fn push_mixed(draw: &mut Draw<'_>, aim: Aim, out: &mut Vec<u8>) {
    let hit = aim == Aim::Hit;
    // Ends, because `can_hit` has seen a target for one of the forms.
    loop {
        match draw.random.below(100) {
            0..45 if !hit || !draw.targets.names.is_empty() => return draw.name(aim, out),
            45..70 if !hit || draw.targets.has_addrs() => return draw.addr(aim, out),
            70..85 if !hit || !draw.targets.names.is_empty() || !draw.targets.v4.is_empty() => {
                return draw.url(aim, out);
            }
            85..95 if !hit || !draw.targets.mail.is_empty() => return draw.mail(aim, out),
            95.. if !hit || draw.targets.has_addrs() => return draw.prefix(aim, out),
            _ => {}
        }
    }
}

const SHADOWSERVER_HEADER: &[u8] = b"timestamp,severity,ip,protocol,port,hostname,tag,asn,geo,\
region,city,naics,sector,device_vendor,device_type,device_model,device_version,http_code,\
http_reason,content_type,server,content_length,cert_subject,cert_issuer,cert_expiration,jarm,\
body_sha256,banner\n";

const TAGS: [&str; 12] = [
    "http",
    "ssl,vpn",
    "telnet",
    "ftp",
    "rdp",
    "ssh",
    "smb",
    "snmp",
    "iot",
    "ipp",
    "ntp",
    "ssl,http,iot",
];
const COUNTRIES: [&str; 16] = [
    "US", "NL", "DE", "BR", "CN", "RU", "GB", "FR", "IN", "TR", "PL", "IT", "VN", "BE", "JP", "SE",
];
const SECTORS: [&str; 8] = [
    "",
    "\"Communications, Service Provider, and Hosting Service\"",
    "\"Communications, Service Provider, and Hosting Service\"",
    "Education",
    "Healthcare",
    "\"Government, Local\"",
    "Retail Trade",
    "",
];
const DEVICES: [&str; 8] = [
    ",,,",
    "Fortinet,firewall,FortiGate,7.2",
    "MikroTik,router,\"RouterOS, \"\"hAP ac2\"\"\",6.49",
    "QNAP,nas,TS-453,",
    "Hikvision,ip-camera,,5.5",
    "Zyxel,router,\"USG FLEX 100\",",
    ",,,",
    "HP,printer,\"LaserJet M404, dn\",",
];
const RESPONSES: [&str; 6] = [
    "200,OK,\"text/html; charset=utf-8\"",
    "200,OK,text/html",
    "401,Unauthorized,text/html",
    "403,Forbidden,\"text/html; charset=iso-8859-1\"",
    "302,Found,",
    ",,",
];
const SERVERS: [&str; 6] = [
    "Apache/2.4.",
    "nginx/1.18.",
    "lighttpd/1.4.",
    "Microsoft-IIS/10.",
    "GoAhead-Webs/2.",
    "mini_httpd/1.",
];

impl Feed<'_> {
    /// A row of a report on devices: wide, partly quoted, with one address and perhaps its name.
    fn push_shadowserver(&mut self, aim: Aim, out: &mut Vec<u8>) {
        let (ip_aim, host_aim) = self.share_aim(aim, 70);
        let draw = &mut self.draw;
        let quoted = draw.random.percent(50);
        let second = draw.random.below(336 * 86_400);
        push_quoted(out, quoted, |out| push_timestamp(out, second));
        out.push(b',');
        out.extend_from_slice(draw.random.pick(&["low", "medium", "high", "critical"]).as_bytes());
        out.push(b',');
        push_quoted(out, quoted, |out| draw.addr(ip_aim, out));
        out.extend_from_slice(if draw.random.percent(80) { b",tcp," } else { b",udp," });
        push_decimal(out, draw.random.within(21, 65_535));
        out.push(b',');
        self.host.clear();
        if host_aim != Aim::Miss || draw.random.percent(60) {
            draw.name(host_aim, &mut self.host);
        }
        out.extend_from_slice(&self.host);
        out.push(b',');
        let tag = draw.random.pick(&TAGS);
        push_quoted(out, tag.contains(','), |out| out.extend_from_slice(tag.as_bytes()));
        out.push(b',');
        push_decimal(out, draw.random.within(1000, 400_000));
        out.push(b',');
        out.extend_from_slice(draw.random.pick(&COUNTRIES).as_bytes());
        out.push(b',');
        push_quoted(out, quoted, |out| draw.words.capitals(&mut draw.random, out));
        out.push(b',');
        push_quoted(out, quoted, |out| draw.words.capitals(&mut draw.random, out));
        out.push(b',');
        push_decimal(out, draw.random.within(110_000, 929_999));
        for list in [&SECTORS[..], &DEVICES[..], &RESPONSES[..]] {
            out.push(b',');
            out.extend_from_slice(draw.random.pick(list).as_bytes());
        }
        out.push(b',');
        self.push_service(out);
    }

    /// The columns that describe what answered, from `server` on.
    fn push_service(&mut self, out: &mut Vec<u8>) {
        let draw = &mut self.draw;
        out.extend_from_slice(draw.random.pick(&SERVERS).as_bytes());
        push_decimal(out, draw.random.below(60));
        out.push(b',');
        push_decimal(out, draw.random.below(90_000));
        out.extend_from_slice(b",\"CN=");
        draw.registered_miss(out);
        out.extend_from_slice(b", O=");
        draw.words.word(&mut draw.random, out);
        out.extend_from_slice(b"\",\"C=US, O=");
        draw.words.word(&mut draw.random, out);
        out.extend_from_slice(b" CA, CN=R");
        push_decimal(out, draw.random.below(20));
        out.extend_from_slice(b"\",");
        push_timestamp(out, draw.random.below(336 * 86_400));
        out.push(b',');
        for digits in [16, 16, 16, 14] {
            push_hex(out, draw.random.bits(), digits);
        }
        out.push(b',');
        for digits in [16, 16, 16, 16] {
            push_hex(out, draw.random.bits(), digits);
        }
        out.push(b',');
        self.push_banner(out);
    }

    fn push_banner(&mut self, out: &mut Vec<u8>) {
        let draw = &mut self.draw;
        match draw.random.below(100) {
            0..40 => {}
            40..60 => {
                out.extend_from_slice(b"SSH-2.0-OpenSSH_9.2p1 Debian-2+deb12u");
                push_decimal(out, draw.random.below(6));
            }
            60..80 => {
                out.extend_from_slice(b"\"220 ");
                out.extend_from_slice(&self.host);
                out.extend_from_slice(b" ESMTP Postfix ready, ");
                draw.words.word(&mut draw.random, out);
                out.push(b'"');
            }
            80..96 => {
                out.extend_from_slice(b"\"HTTP/1.1 401 Unauthorized, realm=\"\"");
                draw.words.word(&mut draw.random, out);
                out.extend_from_slice(b"\"\", ");
                draw.words.word(&mut draw.random, out);
                out.push(b'"');
            }
            _ => {
                out.extend_from_slice(b"\"HTTP/1.1 200 OK\r\nServer: ");
                draw.words.word(&mut draw.random, out);
                out.extend_from_slice(b"\r\nX-Powered-By: \"\"");
                draw.words.word(&mut draw.random, out);
                out.extend_from_slice(b"\"\"\n\nWelcome to ");
                draw.words.word(&mut draw.random, out);
                out.push(b'"');
            }
        }
    }

    /// A line of passive DNS in the common output format (draft-dulaunoy-dnsop-passive-dns-cof).
    fn push_pdns(&mut self, aim: Aim, out: &mut Vec<u8>) {
        let (data_aim, name_aim) = self.share_aim(aim, 40);
        let draw = &mut self.draw;
        let kind = match data_aim {
            Aim::Miss => *draw.random.pick(&RRTYPES),
            // Only these carry an indicator alone.
            _ if draw.targets.v4.is_empty() => RrType::Aaaa,
            _ if draw.targets.v6.is_empty() => RrType::A,
            _ => *draw.random.pick(&[&RrType::A, &RrType::A, &RrType::A, &RrType::Aaaa]),
        };
        let first = draw.random.within(1_262_304_000, 1_790_000_000);
        let last = draw.random.within(first, 1_790_000_000);
        let order = draw.random.pick(&KEY_ORDERS.each_ref());
        out.push(b'{');
        for (place, key) in order.iter().enumerate() {
            if place > 0 {
                out.extend_from_slice(b", ");
            }
            out.push(b'"');
            out.extend_from_slice(key.as_bytes());
            out.extend_from_slice(b"\": ");
            match *key {
                "rrname" => {
                    out.push(b'"');
                    self.push_rrname(name_aim, out);
                    out.push(b'"');
                }
                "rrtype" => {
                    out.push(b'"');
                    out.extend_from_slice(kind.as_str().as_bytes());
                    out.push(b'"');
                }
                "rdata" => push_rdata(&mut self.draw, kind, data_aim, out),
                "time_first" => push_decimal(out, first),
                "time_last" => push_decimal(out, last),
                _ => {
                    // Counts spread over orders of magnitude.
                    let bits = self.draw.random.below(20);
                    push_decimal(out, 1 + self.draw.random.below(1 << bits));
                }
            }
        }
        out.push(b'}');
    }

    fn push_rrname(&mut self, aim: Aim, out: &mut Vec<u8>) {
        if aim != Aim::Miss {
            return self.draw.name(aim, out);
        }
        if self.zone_left == 0 {
            self.zone.clear();
            self.draw.registered_miss(&mut self.zone);
            self.zone_left = 1 + self.draw.random.below(6);
        }
        self.zone_left -= 1;
        self.draw.words.below_registered(&mut self.draw.random, out);
        out.extend_from_slice(&self.zone);
    }

    /// Gives the aim to the address, in `percent` of the cases, or to the name.
    fn share_aim(&mut self, aim: Aim, percent: u64) -> (Aim, Aim) {
        let targets = self.draw.targets;
        let by_addr = if !targets.has_addrs() {
            false
        } else if targets.names.is_empty() {
            true
        } else {
            self.draw.random.percent(percent)
        };
        if by_addr { (aim, Aim::Miss) } else { (Aim::Miss, aim) }
    }
}

/// Runs `push`, within quotes if `quoted`.
fn push_quoted(out: &mut Vec<u8>, quoted: bool, push: impl FnOnce(&mut Vec<u8>)) {
    if quoted {
        out.push(b'"');
    }
    push(out);
    if quoted {
        out.push(b'"');
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum RrType {
    A,
    Aaaa,
    Cname,
    Ns,
    Mx,
    Txt,
}

/// The types in their proportions.
const RRTYPES: [&RrType; 16] = [
    &RrType::A,
    &RrType::A,
    &RrType::A,
    &RrType::A,
    &RrType::A,
    &RrType::A,
    &RrType::A,
    &RrType::A,
    &RrType::Aaaa,
    &RrType::Aaaa,
    &RrType::Cname,
    &RrType::Cname,
    &RrType::Ns,
    &RrType::Ns,
    &RrType::Mx,
    &RrType::Txt,
];

impl RrType {
    const fn as_str(self) -> &'static str {
        match self {
            Self::A => "A",
            Self::Aaaa => "AAAA",
            Self::Cname => "CNAME",
            Self::Ns => "NS",
            Self::Mx => "MX",
            Self::Txt => "TXT",
        }
    }
}

/// Sensors write the keys in the order of their own tables.
const KEY_ORDERS: [[&str; 6]; 3] = [
    ["rrname", "rrtype", "rdata", "time_first", "time_last", "count"],
    ["count", "time_first", "time_last", "rrname", "rrtype", "rdata"],
    ["rrtype", "rdata", "count", "rrname", "time_first", "time_last"],
];

fn push_rdata(draw: &mut Draw<'_>, kind: RrType, aim: Aim, out: &mut Vec<u8>) {
    let count = match kind {
        RrType::A | RrType::Aaaa | RrType::Ns if draw.random.percent(30) => {
            draw.random.within(2, 4)
        }
        _ => 1,
    };
    if count > 1 {
        out.push(b'[');
    }
    for place in 0..count {
        if place > 0 {
            out.extend_from_slice(b", ");
        }
        // The last of an array, so that reading the first only is found out.
        let aim = if place + 1 == count { aim } else { Aim::Miss };
        out.push(b'"');
        match kind {
            RrType::A => draw.addr_v4(aim, out),
            RrType::Aaaa => draw.addr_v6(aim, out),
            RrType::Cname => draw.name(Aim::Miss, out),
            RrType::Ns => {
                out.extend_from_slice(b"ns");
                push_decimal(out, place + 1);
                out.push(b'.');
                draw.registered_miss(out);
            }
            RrType::Mx => {
                out.extend_from_slice(b"10 mx.");
                draw.registered_miss(out);
            }
            RrType::Txt => {
                out.extend_from_slice(b"\\\"v=spf1 ip4:");
                draw.addr_v4(Aim::Miss, out);
                out.extend_from_slice(b" include:");
                draw.registered_miss(out);
                out.extend_from_slice(b" -all\\\"");
            }
        }
        out.push(b'"');
    }
    if count > 1 {
        out.push(b']');
    }
}
