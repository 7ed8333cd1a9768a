//! The rules of an inventory as tables: what loads, what is noted, what is rejected and how it is said.

use super::{Inventory, InventoryError, MAX_PARTICIPANT_BYTES, NoteKind, Rejected};

type Read = Result<(Inventory, Vec<Rejected>), InventoryError>;

fn assets(inventory: &Inventory) -> Vec<String> {
    let line =
        |asset: &crate::Asset| format!("{} {} {}", asset.participant, asset.kind, asset.value);
    inventory.assets().iter().map(line).collect()
}

/// One row of `kind,value` and perhaps `,accept`, as what it becomes, its notes and why it was rejected.
fn one(row: &str) -> (Vec<String>, Vec<NoteKind>, Vec<String>) {
    let (inventory, rejected) =
        Inventory::from_csv(format!("kind,value,accept,participant\n{row}\n").as_bytes())
            .unwrap_or_else(|error| panic!("{row}: {error}"));
    let assets = assets(&inventory).iter().map(|line| line.trim_start().to_owned()).collect();
    let notes = inventory.notes().iter().map(|note| note.kind).collect();
    let rejected = rejected.iter().map(|r| format!("{}; {}", r.found, r.expected)).collect();
    (assets, notes, rejected)
}

fn loads(row: &str, expected: &str, noted: &[NoteKind]) {
    let (assets, notes, rejected) = one(&with_participant(row));
    assert_eq!(rejected, Vec::<String>::new(), "{row}");
    assert_eq!(assets, [format!("P {expected}")], "{row}");
    assert_eq!(notes, noted, "{row}");
}

fn rejects(row: &str, expected: &str) {
    let (assets, notes, rejected) = one(&with_participant(row));
    assert_eq!(rejected, [expected], "{row}");
    assert!(assets.is_empty() && notes.is_empty(), "{row}");
}

fn with_participant(row: &str) -> String {
    match row.matches(',').count() {
        1 => format!("{row},,P"),
        _ => format!("{row},P"),
    }
}

#[test]
fn legal_spellings_load_and_are_noted() {
    use NoteKind::*;
    for (row, expected, noted) in [
        ("prefix,192.0.2.0/24", "prefix 192.0.2.0/24", &[][..]),
        ("prefix,2001:db8::/32", "prefix 2001:db8::/32", &[]),
        ("prefix,192.0.2.5/24", "prefix 192.0.2.0/24", &[HostBits]),
        ("prefix,2001:db8::5/32", "prefix 2001:db8::/32", &[HostBits]),
        ("prefix,192.0.2.7", "prefix 192.0.2.7/32", &[NoLength]),
        ("prefix,2001:db8::7", "prefix 2001:db8::7/128", &[NoLength]),
        ("prefix,192.0.2.0/255.255.255.0", "prefix 192.0.2.0/24", &[Netmask]),
        ("prefix,192.0.2.9/255.255.255.0", "prefix 192.0.2.0/24", &[HostBits, Netmask]),
        ("prefix,::ffff:192.0.2.0/120", "prefix 192.0.2.0/24", &[Mapped]),
        ("prefix,::ffff:c000:207", "prefix 192.0.2.7/32", &[NoLength, Mapped]),
        ("prefix,2001:DB8::/32", "prefix 2001:db8::/32", &[UpperCase]),
        ("prefix,2001:0db8:0000::/48", "prefix 2001:db8::/48", &[LongIpv6]),
        ("prefix, 192.0.2.0/24 ", "prefix 192.0.2.0/24", &[SurroundingBlanks]),
        ("PREFIX,192.0.2.0/24", "prefix 192.0.2.0/24", &[]),
        ("range,192.0.2.10-192.0.2.99", "range 192.0.2.10-192.0.2.99", &[]),
        ("range,192.0.2.10 - 192.0.2.99", "range 192.0.2.10-192.0.2.99", &[BlanksInRange]),
        ("range,192.0.2.0-192.0.2.255", "range 192.0.2.0/24", &[]),
        ("range,192.0.2.7-192.0.2.7", "range 192.0.2.7/32", &[]),
        ("range,2001:DB8::1-2001:db8::2", "range 2001:db8::1-2001:db8::2", &[UpperCase]),
        ("range,::ffff:192.0.2.1-192.0.2.9", "range 192.0.2.1-192.0.2.9", &[Mapped]),
        ("domain,hospital.example", "domain hospital.example", &[]),
        ("domain,Hospital.Example", "domain hospital.example", &[UpperCase]),
        ("domain,hospital.example.", "domain hospital.example", &[TrailingDot]),
        ("domain,*.hospital.example", "domain hospital.example", &[Wildcard]),
        ("domain,.hospital.example", "domain hospital.example", &[LeadingDot]),
        ("domain,@hospital.example", "domain hospital.example", &[LeadingAt]),
        ("domain,münchen.example", "domain xn--mnchen-3ya.example", &[ULabel]),
        ("domain,xn--mnchen-3ya.example", "domain xn--mnchen-3ya.example", &[ALabel]),
        ("domain,XN--MNCHEN-3YA.example", "domain xn--mnchen-3ya.example", &[UpperCase, ALabel]),
        ("domain_exact,portal.example", "domain_exact portal.example", &[]),
        ("email_domain,@mail.example.", "email_domain mail.example", &[LeadingAt, TrailingDot]),
        ("email_domain,*.mail.example", "email_domain mail.example", &[Wildcard]),
        ("email,jan@hospital.example", "email jan@hospital.example", &[]),
        ("email,JAN@hospital.example", "email jan@hospital.example", &[UpperCase]),
        ("email,jan@münchen.example", "email jan@xn--mnchen-3ya.example", &[ULabel]),
        (
            "email,\"\"\"a b\"\"@hospital.example\"",
            "email \"a b\"@hospital.example",
            &[QuotedLocal],
        ),
        ("domain,github.io", "domain github.io", &[PrivateSuffix]),
        ("domain,clinic.github.io", "domain clinic.github.io", &[]),
    ] {
        loads(row, expected, noted);
    }
}

#[test]
fn an_empty_kind_is_inferred() {
    for (row, expected, noted) in [
        (",192.0.2.0/24", "prefix 192.0.2.0/24", &[][..]),
        (",192.0.2.7", "prefix 192.0.2.7/32", &[NoteKind::NoLength]),
        (",2001:db8::/32", "prefix 2001:db8::/32", &[]),
        (",192.0.2.1-192.0.2.9", "range 192.0.2.1-192.0.2.9", &[]),
        (",192.0.2.1 - 192.0.2.9", "range 192.0.2.1-192.0.2.9", &[NoteKind::BlanksInRange]),
        (",2001:db8::-2001:db8::9", "range 2001:db8::-2001:db8::9", &[]),
        (",hospital.example", "domain hospital.example", &[]),
        (",192-0-2-1.example", "domain 192-0-2-1.example", &[]),
        (",1.2-3.example", "domain 1.2-3.example", &[]),
        (" ,3com.example", "domain 3com.example", &[]),
        (",jan@hospital.example", "email jan@hospital.example", &[]),
        (",a/b@hospital.example", "email a/b@hospital.example", &[]),
        (",@hospital.example", "email_domain hospital.example", &[NoteKind::LeadingAt]),
    ] {
        loads(row, expected, noted);
    }
    rejects(
        ",300.0.2.1",
        "prefix 300.0.2.1 has a number over 255; four numbers from 0 to 255, as in 192.0.2.7",
    );
    rejects(
        ",https://jan@hospital.example/x",
        "domain https://jan@hospital.example/x is a URL; write the name alone: hospital.example",
    );
    rejects(",\"two words\"", "domain two words holds a blank; a name without blanks");
}

#[test]
fn values_that_are_no_assets_are_rejected_and_the_message_helps() {
    for (row, expected) in [
        ("prefix,192.0.2.0/33", "prefix 192.0.2.0/33 has a length over 32; a length from 0 to 32"),
        (
            "prefix,2001:db8::/129",
            "prefix 2001:db8::/129 has a length over 128; a length from 0 to 128",
        ),
        ("prefix,192.0.2.0/-1", "prefix 192.0.2.0/-1 has a negative length; a length from 0 to 32"),
        (
            "prefix,192.0.2.0/",
            "prefix 192.0.2.0/ has no length behind the slash; a length from 0 to 32",
        ),
        (
            "prefix,192.0.2.0/024",
            "prefix 192.0.2.0/024 has a length with a leading zero; a length from 0 to 32",
        ),
        (
            "prefix,192.0.2.0/x",
            "prefix 192.0.2.0/x has a length that is no number; a length from 0 to 32",
        ),
        ("prefix,192.0.2.0/24/25", "prefix 192.0.2.0/24/25 has two lengths; one length"),
        (
            "prefix,192.0.2.0/0.0.0.255",
            "prefix 192.0.2.0/0.0.0.255 has a netmask whose ones are not all in front; a length from 0 to 32",
        ),
        (
            "prefix,198.51.100/24",
            "prefix 198.51.100/24 has 3 numbers where an IPv4 address has four; four numbers from 0 to 255, as in 192.0.2.7",
        ),
        (
            "prefix,198.51..1",
            "prefix 198.51..1 has a dot without a number beside it; four numbers from 0 to 255, as in 192.0.2.7",
        ),
        (
            "prefix,3221225985",
            "prefix 3221225985 is one number; four numbers from 0 to 255, as in 192.0.2.7",
        ),
        (
            "prefix,198.051.100.0/24",
            "prefix 198.051.100.0/24 has a number with a leading zero; numbers without leading zeros, since some programs read them as octal",
        ),
        ("prefix,198.51.100.0 /24", "prefix 198.51.100.0 /24 holds a blank; write 198.51.100.0/24"),
        (
            "prefix,fe80::1%eth0",
            "prefix fe80::1%eth0 has a zone id; the address without the zone id, which means something on one host only",
        ),
        (
            "prefix,2001:db8:::/48",
            "prefix 2001:db8:::/48 has three colons in a row; eight groups of hex digits, or :: once in place of some, as in 2001:db8::/32",
        ),
        (
            "prefix,2001:db8::1::/48",
            "prefix 2001:db8::1::/48 has :: more than once; eight groups of hex digits, or :: once in place of some, as in 2001:db8::/32",
        ),
        (
            "prefix,2001:db8::g",
            "prefix 2001:db8::g is no IPv6 address; eight groups of hex digits, or :: once in place of some, as in 2001:db8::/32",
        ),
        (
            "prefix,[2001:db8::1]:443",
            "prefix [2001:db8::1]:443 stands in brackets; the address without brackets or a port",
        ),
        ("prefix,192.0.2.7:443", "prefix 192.0.2.7:443 has a port; the address without a port"),
        (
            "prefix,192.0.2.*",
            "prefix 192.0.2.* has a * in it; write a length, as in 192.0.2.0/24 for 192.0.2.*",
        ),
        ("prefix,http://192.0.2.7/", "prefix http://192.0.2.7/ is a URL; the address alone"),
        ("prefix,hospital.example", "prefix hospital.example is a name; write kind domain"),
        (
            "prefix,jan@hospital.example",
            "prefix jan@hospital.example is a mail address; write kind email",
        ),
        (
            "prefix,192.0.2.0-192.0.2.255",
            "prefix 192.0.2.0-192.0.2.255 is a range; write kind range",
        ),
        (
            "prefix,192.0.2.10-20",
            "prefix 192.0.2.10-20 is a range without its second address; write kind range, and both ends in full: 192.0.2.10-192.0.2.20",
        ),
        (
            "prefix,0.0.0.0/0",
            "prefix 0.0.0.0/0 is shorter than /8; a prefix of at least /8, or a reason in \"accept\"",
        ),
        (
            "prefix,198.0.0.0/7",
            "prefix 198.0.0.0/7 is shorter than /8; a prefix of at least /8, or a reason in \"accept\"",
        ),
        (
            "prefix,2001::/18",
            "prefix 2001::/18 is shorter than /19; a prefix of at least /19, or a reason in \"accept\"",
        ),
        (
            "prefix,::ffff:0:0/96",
            "prefix ::ffff:0:0/96 means 0.0.0.0/0, which is shorter than /8; a prefix of at least /8, or a reason in \"accept\"",
        ),
        (
            "prefix,0.0.0.0/0, ",
            "prefix 0.0.0.0/0 is shorter than /8; a prefix of at least /8, or a reason in \"accept\"",
        ),
        (
            "range,192.0.2.9-192.0.2.1",
            "range 192.0.2.9-192.0.2.1 ends before it starts; the lower address first",
        ),
        (
            "range,192.0.2.9-2001:db8::1",
            "range 192.0.2.9-2001:db8::1 mixes IPv4 and IPv6; two IPv4 or two IPv6 addresses",
        ),
        (
            "range,192.0.2.10-20",
            "range 192.0.2.10-20 ends in a short form; write both ends in full: 192.0.2.10-192.0.2.20",
        ),
        (
            "range,192.0.2.1-",
            "range 192.0.2.1- has no end; both ends in full, as in 192.0.2.10-192.0.2.20",
        ),
        (
            "range,-192.0.2.1",
            "range -192.0.2.1 has no start; both ends in full, as in 192.0.2.10-192.0.2.20",
        ),
        (
            "range,192.0.2.1-192.0.2.999",
            "range 192.0.2.1-192.0.2.999 has a number over 255; four numbers from 0 to 255, as in 192.0.2.7",
        ),
        (
            "range,192.0.2.1–192.0.2.9",
            "range 192.0.2.1–192.0.2.9 has a dash that is not -; write 192.0.2.1-192.0.2.9",
        ),
        ("range,192.0.2.0/24", "range 192.0.2.0/24 is a prefix; write kind prefix"),
        ("range,192.0.2.7", "range 192.0.2.7 is one address; write kind prefix"),
        (
            "range,0.0.0.0-255.255.255.255",
            "range 0.0.0.0-255.255.255.255 holds more addresses than a /8; a range no larger than a /8, or a reason in \"accept\"",
        ),
        (
            "range,198.0.0.0-199.0.0.0",
            "range 198.0.0.0-199.0.0.0 holds more addresses than a /8; a range no larger than a /8, or a reason in \"accept\"",
        ),
        ("domain,com", "domain com is a public suffix; a name under it, or a reason in \"accept\""),
        (
            "domain,co.uk",
            "domain co.uk is a public suffix; a name under it, or a reason in \"accept\"",
        ),
        (
            "domain,*.com",
            "domain *.com is a public suffix; a name under it, or a reason in \"accept\"",
        ),
        (
            "domain,公司.cn",
            "domain 公司.cn is a public suffix; a name under it, or a reason in \"accept\"",
        ),
        (
            "domain,anything.ck",
            "domain anything.ck is a public suffix; a name under it, or a reason in \"accept\"",
        ),
        (
            "domain_exact,COM.",
            "domain_exact COM. is a public suffix; a name under it, or a reason in \"accept\"",
        ),
        (
            "email_domain,@co.uk",
            "email_domain @co.uk is a public suffix; a name under it, or a reason in \"accept\"",
        ),
        (
            "domain,example",
            "domain example is a single label; at least two labels, as in hospital.example",
        ),
        (
            "domain,example,ours",
            "domain example is a single label; at least two labels, as in hospital.example",
        ),
        ("domain,192.0.2.7", "domain 192.0.2.7 is an address; write kind prefix"),
        ("domain,2001:db8::1", "domain 2001:db8::1 is an address; write kind prefix"),
        ("domain,192.0.2.0/24", "domain 192.0.2.0/24 is a prefix; write kind prefix"),
        ("domain,192.0.2.1-192.0.2.9", "domain 192.0.2.1-192.0.2.9 is a range; write kind range"),
        (
            "domain,host.1",
            "domain host.1 ends in a number, as only addresses do; a name, as in hospital.example",
        ),
        (
            "domain,https://u:p@www.hospital.example:8443/x?y",
            "domain https://u:p@www.hospital.example:8443/x?y is a URL; write the name alone: www.hospital.example",
        ),
        (
            "domain,http://192.0.2.7/",
            "domain http://192.0.2.7/ is a URL; write kind prefix, and the address alone: 192.0.2.7",
        ),
        ("domain,http:///", "domain http:/// is a URL; the name alone, as in hospital.example"),
        (
            "domain,hospital.example/login",
            "domain hospital.example/login has a path; write the name alone: hospital.example",
        ),
        (
            "domain,hospital.example:8443",
            "domain hospital.example:8443 has a port; write the name alone: hospital.example",
        ),
        (
            "domain,jan@hospital.example",
            "domain jan@hospital.example is a mail address; write kind email, or the name alone: hospital.example",
        ),
        (
            "email_domain,jan@hospital.example",
            "email_domain jan@hospital.example is a mail address; write kind email, or the name alone: hospital.example",
        ),
        (
            "domain,hos pital.example",
            "domain hos pital.example holds a blank; a name without blanks",
        ),
        (
            "domain,www.*.example",
            "domain www.*.example has a * inside; a * only as the whole first label",
        ),
        (
            "domain,*.*.example",
            "domain *.*.example has a * inside; a * only as the whole first label",
        ),
        (
            "domain,hospital!.example",
            "domain hospital!.example holds the character !; a name, as in hospital.example",
        ),
        (
            "domain,-a.example",
            "domain -a.example has a label that begins or ends with a hyphen; hyphens inside labels only",
        ),
        (
            "domain,xn--zzzzzz-.example",
            "domain xn--zzzzzz-.example has a broken A-label; the name in its own letters",
        ),
        ("domain,a..example", "domain a..example has an empty label; one dot between labels"),
        ("domain,*.", "domain *. holds no name; a name, as in hospital.example"),
        (
            "domain_exact,*.hospital.example",
            "domain_exact *.hospital.example stands for the names under it, not for one name; write kind domain, or the name without what stands before it",
        ),
        (
            "email,hospital.example",
            "email hospital.example has no @; write a mail address, or kind email_domain",
        ),
        ("email,jan", "email jan has no @; a mail address, as in jan@hospital.example"),
        (
            "email,@hospital.example",
            "email @hospital.example has nothing before the @; write kind email_domain for all mail addresses at that name",
        ),
        (
            "email,a@b@hospital.example",
            "email a@b@hospital.example has more than one @; a mail address, as in jan@hospital.example",
        ),
        (
            "email,mailto:jan@hospital.example",
            "email mailto:jan@hospital.example begins with mailto:; the address alone",
        ),
        (
            "email,Jan <jan@hospital.example>",
            "email Jan <jan@hospital.example> has a display name; the address alone, without < and >",
        ),
        (
            "email,jan smit@hospital.example",
            "email jan smit@hospital.example holds a blank; a mail address without blanks",
        ),
        (
            "email,jan@[192.0.2.7]",
            "email jan@[192.0.2.7] has an address literal as its domain; a mail address, as in jan@hospital.example",
        ),
        ("email,jan@a..example", "email jan@a..example has an empty label; one dot between labels"),
        (
            "email,jan\u{200b}@hospital.example",
            "email jan\\u{200b}@hospital.example holds the invisible character U+200B; the address without it",
        ),
        (
            "domain,\u{202e}hospital.example",
            "domain \\u{202e}hospital.example holds the control character U+202E; text without control characters",
        ),
        ("domain,", "domain without a value; a name, as in hospital.example"),
        (", ", "a row without a value; a prefix, a range, a name or a mail address"),
        (
            "keyword,umc",
            "keyword umc has fewer than four characters; a keyword of four characters or more",
        ),
        (
            "keyword, a   b ",
            "keyword a   b has fewer than four characters; a keyword of four characters or more",
        ),
        ("keyword,----", "keyword ---- holds no letter and no digit; a word or several"),
        (
            "keyword,umc\u{200b}x",
            "keyword umc\\u{200b}x holds the invisible character U+200B; the keyword without it",
        ),
        ("keyword,", "keyword without a value; a keyword, as in st. antonius"),
        (
            "keyworde,st. antonius",
            "kind keyworde is unknown; prefix, range, domain, domain_exact, email_domain, email or keyword",
        ),
        (
            "host,hospital.example",
            "kind host is unknown; prefix, range, domain, domain_exact, email_domain, email or keyword",
        ),
    ] {
        rejects(row, expected);
    }
}

#[test]
fn what_is_too_broad_loads_for_a_reason() {
    for (row, expected, text) in [
        (
            "prefix,0.0.0.0/0,all of it",
            "prefix 0.0.0.0/0",
            "prefix 0.0.0.0/0 is shorter than /8; accepted because: all of it",
        ),
        (
            "range,0.0.0.0-255.255.255.254,lab",
            "range 0.0.0.0-255.255.255.254",
            "range 0.0.0.0-255.255.255.254 holds more addresses than a /8; accepted because: lab",
        ),
        (
            "range,2000::-3fff::,lab",
            "range 2000::-3fff::",
            "range 2000::-3fff:: holds more addresses than a /19; accepted because: lab",
        ),
        (
            "domain,com,registry",
            "domain com",
            "domain com is a public suffix; accepted because: registry",
        ),
        (
            "domain,CO.UK.,registry",
            "domain co.uk",
            "domain CO.UK. is a public suffix; accepted because: registry",
        ),
    ] {
        let text_row = format!("participant,kind,value,accept\nP,{row}\n");
        let (inventory, rejected) =
            Inventory::from_csv(text_row.as_bytes()).expect("it has a header");
        assert_eq!(rejected, [], "{row}");
        assert_eq!(assets(&inventory), [format!("P {expected}")]);
        assert_eq!(
            inventory.notes().first().map(|note| (note.kind, note.text.as_str())),
            Some((NoteKind::Accepted, text))
        );
    }
    // Exactly at the limits nothing needs a reason.
    for row in [
        "prefix,10.0.0.0/8",
        "prefix,2001::/19",
        "range,10.0.0.0-10.255.255.255",
        "range,198.0.0.128-199.0.0.127",
    ] {
        let (_, notes, rejected) = one(&with_participant(row));
        assert!(notes.is_empty() && rejected.is_empty(), "{row}");
    }
}

#[test]
fn participants_groups_and_labels_are_trimmed_and_bounded() {
    let long = "x".repeat(MAX_PARTICIPANT_BYTES + 1);
    let text = format!(
        "participant,value,label,group\n\
         \" P 1 \",a.example, main site ,\n\
         ,b.example,,\n\
         {long},c.example,,\n\
         P\u{7f},d.example,,\n\
         P,e.example,\u{202e}x,\n\
         P,f.example,,{}\n\
         \u{fc},g.example,,\u{fc}x\n",
        "g".repeat(257)
    );
    let (inventory, rejected) = Inventory::from_csv(text.as_bytes()).expect("it has a header");
    let loaded: Vec<_> = inventory
        .assets()
        .iter()
        .map(|asset| (asset.participant.as_str(), asset.label.as_deref(), asset.group.as_deref()))
        .collect();
    assert_eq!(loaded, [("P 1", Some("main site"), None), ("\u{fc}", None, Some("\u{fc}x"))]);
    let rejected: Vec<_> = rejected.iter().map(ToString::to_string).collect();
    assert_eq!(
        rejected,
        [
            "3:1: a row without a participant; the participant's id".to_owned(),
            format!("4:1: participant {}… has 129 bytes; at most 128 bytes", "x".repeat(80)),
            "5:1: participant P\\u{7f} holds the control character U+007F; text without control characters".to_owned(),
            "6:13: label \\u{202e}x holds the control character U+202E; text without control characters".to_owned(),
            format!("7:14: group {}… has 257 bytes; at most 256 bytes", "g".repeat(80)),
        ]
    );
}

#[test]
fn duplicates_load_once_and_ids_that_differ_in_case_load_both() {
    let text = "participant,kind,value\nH1,domain,a.example\nH1,domain,A.example.\nH1,domain_exact,a.example\n\
                H2,domain,a.example\nh1,domain,a.example\nh1,domain,b.example\nH1,prefix,192.0.2.0/24\nH1,range,192.0.2.0-192.0.2.255\n";
    let (inventory, rejected) = Inventory::from_csv(text.as_bytes()).expect("it has a header");
    assert_eq!(rejected, []);
    assert_eq!(
        assets(&inventory),
        [
            "H1 domain a.example",
            "H1 domain_exact a.example",
            "H2 domain a.example",
            "h1 domain a.example",
            "h1 domain b.example",
            "H1 prefix 192.0.2.0/24",
            "H1 range 192.0.2.0/24",
        ]
    );
    let notes: Vec<_> = inventory.notes().iter().map(ToString::to_string).collect();
    assert_eq!(
        notes,
        [
            "3:11: domain A.example. has upper case letters; loaded as a.example",
            "3:11: domain A.example. ends in a dot; loaded as a.example",
            "3:11: domain a.example of H1 stands in an earlier row too; loaded once",
            "6:1: participant h1 differs from H1 in case only; both are loaded",
        ]
    );
}

#[test]
fn what_either_row_of_a_duplicate_says_is_kept() {
    let rows = ["A,domain,a.example,,", "A,domain,a.example,site,", "A,domain,A.EXAMPLE,,health"];
    for [first, second, third] in [[0, 1, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]] {
        let text = [rows[first], rows[second], rows[third]].join("\n");
        let text = format!("participant,kind,value,label,group\n{text}\n");
        let (inventory, rejected) = Inventory::from_csv(text.as_bytes()).expect("a header");
        assert_eq!(rejected, []);
        let [asset] = inventory.assets() else { panic!("{:?}", inventory.assets()) };
        let said = (asset.label.as_deref(), asset.group.as_deref());
        assert_eq!(said, (Some("site"), Some("health")), "{text}");
    }
}

/// Checks the assets by value and the reports by place.
fn reads(read: Read, values: &[&str], places: &[(u64, u64)]) {
    let (inventory, rejected) = read.unwrap_or_else(|error| panic!("{error}"));
    let loaded: Vec<_> = inventory.assets().iter().map(|asset| asset.value.to_string()).collect();
    assert_eq!(loaded, values);
    let at: Vec<_> = rejected.iter().map(|r| (r.line, r.column)).collect();
    assert_eq!(at, places, "{rejected:?}");
}

#[test]
fn csv_is_read_in_any_order_with_comments_blank_lines_and_true_places() {
    for (text, values, places) in [
        ("participant,value\nP,a.example", &["a.example"][..], &[][..]),
        (
            "\u{feff}VALUE , Kind,note,PARTICIPANT\r\na.example,domain,\"x, y\",P\r\n",
            &["a.example"],
            &[],
        ),
        (
            "# who\n\n  \nparticipant,value\n#x\n\nP,bad\n,,\n#P,b.example\nP,com\n",
            &[],
            &[(7, 3), (10, 3)],
        ),
        ("participant,value\r\n\r\n#c\r\nP,bad\r\nP,\r\n", &[], &[(4, 3), (5, 3)]),
        ("participant,value\rP,bad\rP,a.example\r", &["a.example"], &[(2, 3)]),
        ("p,participant,value\n\u{fc}\u{20ac},\"a,\"\"b\",  bad\n", &[], &[(2, 14)]),
        ("participant,value\nP,\"bad\"\n", &[], &[(2, 3)]),
        ("participant,value\nP,\"a.example\"\n", &["a.example"], &[]),
        (
            "participant,kind,value,label\nP,domain,a.example\nP\nP,a.example\nP,domain,b.example,x,y,z\n",
            &["a.example", "b.example"],
            &[(3, 1), (4, 1)],
        ),
    ] {
        reads(Inventory::from_csv(text.as_bytes()), values, places);
        reads(Inventory::read(text.as_bytes()), values, places);
    }
}

#[test]
fn a_quote_left_open_costs_one_row() {
    for (text, values, places) in [
        // Never closed.
        (
            "participant,value\nP,\"a.example\nP,b.example\nP,bad\n",
            &["b.example"][..],
            &[(2, 3), (4, 3)][..],
        ),
        // Closed by a later row's quotes.
        (
            "participant,value,label\nP,\"a.example\nP,b.example\nP,c.example,\"x, y\"\nP,d.example\n",
            &["b.example", "c.example", "d.example"],
            &[(2, 3)],
        ),
        // In a column that is none of ours, never closed.
        ("participant,value,note\nP,a.example,\"see\nP,b.example,\n", &["b.example"], &[(2, 13)]),
        // A label of two lines: what is left of it is no row.
        (
            "participant,value,label\nP,a.example,\"two\nlines\"\nP,b.example,\n",
            &["b.example"],
            &[(2, 13)],
        ),
        // A comment of two lines in a column that is none of ours is no mistake.
        ("participant,value,note\nP,a.example,\"two\nlines\"\nP,bad\n", &["a.example"], &[(4, 3)]),
        // Fields of a recovered line are unquoted as the others are.
        (
            "participant,value,label\nP,\"x\n\"Q\",\"b.example\",\"a \"\"b\"\"\"\r\n#P,c.example\n",
            &["b.example"],
            &[(2, 3)],
        ),
    ] {
        reads(Inventory::from_csv(text.as_bytes()), values, places);
    }
    let text = "participant,value,note\nP,a.example,\"two\nlines\"\n";
    let (inventory, _) = Inventory::from_csv(text.as_bytes()).expect("it has a header");
    assert_eq!(
        inventory.notes().iter().map(ToString::to_string).collect::<Vec<_>>(),
        ["2:1: row runs over 2 lines; perhaps a quote was left open"]
    );
}

#[test]
fn rows_that_are_not_utf8_are_rejected_and_the_others_load() {
    let text = b"participant,value,label,note\nP,a.example,caf\xe9,\nP,b.example,,caf\xe9\nP,m\xfcnchen.example,,\nP,c\xc3,\xa9,\n";
    let (inventory, rejected) = Inventory::from_csv(&text[..]).expect("it has a header");
    assert_eq!(assets(&inventory), ["P domain b.example"]);
    let rejected: Vec<_> = rejected.iter().map(ToString::to_string).collect();
    assert_eq!(
        rejected,
        [
            "2:13: label caf\u{fffd} is not UTF-8; the file saved as UTF-8",
            "4:3: value m\u{fffd}nchen.example is not UTF-8; the file saved as UTF-8",
            "5:3: value c\u{fffd} is not UTF-8; the file saved as UTF-8",
        ]
    );
    reads(
        Inventory::from_ndjson(
            &b"{\"participant\":\"P\",\"value\":\"m\xfcnchen.example\"}\n{\"participant\":\"P\",\"value\":\"a.example\"}"[..],
        ),
        &["a.example"],
        &[(1, 30)],
    );
}

#[test]
fn json_and_ndjson_hold_the_same_keys() {
    let array = r#" [ {"participant": "P", "kind": "domain", "value": "a.example", "label": null, "x": [1]},
  {"Participant":"P","value":
     "bad"}, 7, {"participant":"P","value":"b\u002eexample"}, {"participant":1,"value":"c.example"},
  {"participant":"P","value":"b.example","value":"c.example"},
  {"participant":"P","value":"b\u0061d"}, {"participant":"P"}
 ] "#;
    for read in [Inventory::from_json(array.as_bytes()), Inventory::read(array.as_bytes())] {
        reads(
            read,
            &["a.example", "b.example"],
            &[(3, 6), (3, 14), (3, 63), (4, 3), (5, 3), (5, 43)],
        );
    }
    let lines = "# x\n\n{\"participant\":\"P\",\"value\":\"a.example\"}\r\n  {\"participant\":\"P\",\"value\":\"bad\"}\n[]\n{\"participant\":\"P\"\n{\"participant\":\"P\",\"value\":{}}\n";
    for read in [Inventory::from_ndjson(lines.as_bytes()), Inventory::read(lines.as_bytes())] {
        reads(read, &["a.example"], &[(4, 30), (5, 1), (6, 18), (7, 1)]);
    }
    reads(Inventory::from_json(&b"[]"[..]), &[], &[]);
    reads(Inventory::from_ndjson(&b""[..]), &[], &[]);
}

#[test]
fn toml_tells_the_place_of_every_value() {
    let text = "title = 'ours'\n\n[[asset]] # one\nparticipant = \"P\"\nvalue = \"192.0.2.0/24\"\nlabel = 'x'\n\n\
                [[asset]]\nparticipant = \"P\"\nvalue = \"com\"\n\n[[asset]]\nparticipant = 7\nvalue = \"a.example\"\n\n\
                [[asset]]\nparticipant = \"P\"\n\n[[asset]]\nvalue = 'a.example'\nVALUE = 'b.example'\n";
    for read in [Inventory::from_toml(text.as_bytes()), Inventory::read(text.as_bytes())] {
        reads(read, &["192.0.2.0/24"], &[(10, 9), (13, 15), (16, 1), (20, 9)]);
    }
}

#[test]
fn a_text_that_is_no_inventory_says_what_it_is() {
    type Reader = fn(&[u8]) -> Read;
    let csv: Reader = |bytes| Inventory::from_csv(bytes);
    let json: Reader = |bytes| Inventory::from_json(bytes);
    let toml: Reader = |bytes| Inventory::from_toml(bytes);
    for (reader, text, expected) in [
        (csv, "", "1:1: no header; a header with the columns participant, kind and value"),
        (
            csv,
            "\n\nid,value\nP,a.example",
            "3:1: a header without the column participant: id, value; a header with the columns participant, kind and value",
        ),
        (
            csv,
            "participant;kind;value\n",
            "1:1: a header without the column participant: participant;kind;value; columns parted by commas: participant,kind,value",
        ),
        (
            csv,
            "participant,kind\n",
            "1:1: a header without the column value: participant, kind; a header with the columns participant, kind and value",
        ),
        (csv, "participant,value,Value\n", "1:19: a second column value; every column once"),
        (json, "{}", "1:1: no JSON array; an array of objects"),
        (json, "[{}", "1:4: an array that goes on without a comma; a comma or ]"),
        (
            json,
            "[{},\n]",
            "2:1: JSON that cannot be read: expected value; an object with participant, kind and value",
        ),
        (
            json,
            "[\n {\"a\": x}]",
            "2:8: JSON that cannot be read: expected value; an object with participant, kind and value",
        ),
        (json, "[] []", "1:4: text behind the array; one array and nothing else"),
        (
            toml,
            "a = 1",
            "1:1: no table [[asset]]; tables [[asset]] with participant, kind and value",
        ),
        (
            toml,
            "a = 1\n[asset]\n",
            "2:1: asset that is no [[asset]]; tables [[asset]] with participant, kind and value",
        ),
        (
            toml,
            "a = 1\nb = x",
            "2:5: TOML that cannot be read: string values must be quoted, expected literal string; tables [[asset]] with participant, kind and value",
        ),
    ] {
        assert_eq!(
            reader(text.as_bytes()).map(|_| ()).map_err(|e| e.to_string()),
            Err(expected.to_owned()),
            "{text}"
        );
    }
    let broken = Inventory::from_toml(&b"a = 'caf\xe9'"[..]).map(|_| ()).map_err(|e| e.to_string());
    assert_eq!(broken, Err("1:9: a byte that is not UTF-8; the file saved as UTF-8".to_owned()));
}

/// A list as somebody fills it in by hand, with every mistake that we have thought of.
#[test]
fn a_list_full_of_mistakes_is_reported_row_by_row() {
    let text = "\
participant,kind,value,why
T01,prefix,198.51.100.300/32,octet
T02,prefix,198.51.100.0/40,length
T03,prefix,198.51.100.0/255.255.255.128,netmask is fine
T04,prefix,::ffff:203.0.113.0/120,mapped is fine
T05,range,203.0.113.9-203.0.113.2,inverted
T06,range,203.0.113.2-9,short
T07,domain,org,suffix
T08,domain,blogspot.com,private suffix is fine
T09,domain,,empty
T10,email,\"\"\"x y\"\"@clinic.example\",quoted local part is fine
T11,hostname,clinic.example,kind
T12,,clinic.example,no kind is fine
,domain,clinic.example,no participant
";
    let (inventory, rejected) = Inventory::read(text.as_bytes()).expect("it has a header");
    assert_eq!(
        rejected.iter().map(|r| (r.line, r.column)).collect::<Vec<_>>(),
        [(2, 12), (3, 12), (6, 11), (7, 11), (8, 12), (10, 12), (12, 5), (14, 1)]
    );
    assert_eq!(
        assets(&inventory),
        [
            "T03 prefix 198.51.100.0/25",
            "T04 prefix 203.0.113.0/24",
            "T08 domain blogspot.com",
            "T10 email \"x y\"@clinic.example",
            "T12 domain clinic.example",
        ]
    );
    assert_eq!(
        inventory.notes().iter().map(|note| (note.line, note.kind)).collect::<Vec<_>>(),
        [
            (4, NoteKind::Netmask),
            (5, NoteKind::Mapped),
            (9, NoteKind::PrivateSuffix),
            (11, NoteKind::QuotedLocal),
        ]
    );
}

#[test]
fn whatever_the_bytes_nothing_panics() {
    proptest::proptest!(|(bytes in proptest::collection::vec(proptest::sample::select(&b"PpV,,\"\"\"\n\n\r# a.-/@:*19[]{}=\xc3\xa9\xef\xbb\xbf"[..]), 0..200))| {
        let with_header = [&b"participant,value,label\n"[..], &bytes].concat();
        for text in [&bytes, &with_header] {
            let _ = Inventory::read(&text[..]);
            let mut lint = crate::Lint::default();
            let _ = lint.read("x", &text[..]);
            let _ = lint.findings();
            let _ = Inventory::from_json(&text[..]);
            let _ = Inventory::from_ndjson(&text[..]);
            let _ = Inventory::from_toml(&text[..]);
        }
    });
}
