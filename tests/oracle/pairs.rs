//! Two columns that are one indicator: the first and the last address, or a network and its length.

use std::net::IpAddr;

use crate::facts::{is_port_or_protocol, squeezed};
use crate::records::Field;
use crate::text::Byte;

/// A longer field is no address, whatever blanks are around it.
const MAX_FIELD_BYTES: usize = 1024;

/// Puts the two fields of a row together if they say something together.
///
/// The first then stands for what they say, and nothing is left in the second.
pub(crate) fn join(names: &[String], fields: &mut [Field]) {
    let Some((first, second, kind)) = columns(names) else { return };
    if first >= fields.len() || second >= fields.len() {
        return;
    }
    let text = |field: &Field| -> Option<String> {
        let bytes: Vec<u8> = field.bytes.iter().map(|byte| byte.b).collect();
        let text = String::from_utf8(bytes).ok().filter(|text| text.len() <= MAX_FIELD_BYTES)?;
        Some(text.trim_matches(|c: char| c.is_ascii_whitespace()).to_owned())
    };
    let (Some(one), Some(two)) = (text(&fields[first]), text(&fields[second])) else { return };
    let Ok(addr) = one.parse::<IpAddr>() else { return };
    let said = match kind {
        "length" => length(&two, addr).map(|length| format!("{addr}/{length}")),
        _ => two.parse::<IpAddr>().ok().and_then(|last| {
            let range = last.is_ipv4() == addr.is_ipv4() && (kind == "ends" || addr <= last);
            range.then(|| format!("{addr}-{last}"))
        }),
    };
    let Some(said) = said else { return };
    let blank = |byte: &Byte| byte.b.is_ascii_whitespace();
    let bytes = &fields[first].bytes;
    let start = bytes.iter().take_while(|byte| blank(byte)).count();
    let bytes = bytes[start..start + one.len()].to_vec();
    let stands = said.bytes().map(|b| Byte { b, ..bytes[0] }).collect();
    fields[first].bytes = bytes;
    fields[first].stands_for = Some(stands);
    fields[second].bytes.clear();
}

/// The two columns and what they are.
fn columns(names: &[String]) -> Option<(usize, usize, &'static str)> {
    // With ports or protocols, `from` and `to` are where something came from and where it went.
    let traffic = names.iter().any(|name| is_port_or_protocol(name));
    let names: Vec<String> = names.iter().map(|name| squeezed(name)).collect();
    let at = |name: &str| names.iter().position(|known| known == name);
    let ends = "start-end startip-endip ipstart-ipend startipaddress-endipaddress \
        startaddress-endaddress startaddr-endaddr rangestart-rangeend networkstart-networkend \
        begin-end beginip-endip first-last firstip-lastip ipfirst-iplast firstaddress-lastaddress \
        fromip-toip ipfrom-ipto low-high lowip-highip";
    for pair in ends.split_whitespace() {
        let (first, last) = pair.split_once('-')?;
        if let (Some(first), Some(last)) = (at(first), at(last)) {
            return Some((first, last, "ends"));
        }
    }
    if let (Some(from), Some(to), false) = (at("from"), at("to"), traffic) {
        return Some((from, to, "from-to"));
    }
    let networks = "network networkaddress netaddress netblock subnet net prefix baseaddress";
    let lengths =
        "prefixlength prefixlen masklength masklen length len netmask subnetmask mask cidr bits";
    let network = networks.split(' ').find_map(at)?;
    Some((network, lengths.split(' ').find_map(at)?, "length"))
}

/// Digits, or a mask of ones and then zeros.
fn length(text: &str, addr: IpAddr) -> Option<u32> {
    if !text.is_empty() && text.len() <= 3 && text.chars().all(|c| c.is_ascii_digit()) {
        let most = if addr.is_ipv4() { 32 } else { 128 };
        return text.parse().ok().filter(|length| *length <= most);
    }
    let mask = match (addr, text.parse().ok()?) {
        (IpAddr::V4(_), IpAddr::V4(mask)) => u32::from(mask),
        _ => return None,
    };
    (mask.leading_ones() == mask.count_ones()).then(|| mask.count_ones())
}
