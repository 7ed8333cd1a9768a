//! Other limits for what is too broad than the tables have, in the oracle and in the product.

use feedsieve::Source;
use feedsieve_tests::{AssetRow, Format, Options, Outcome, expected};

use crate::product::{format_of, image_of, outcome, scanner_of};

/// What a feed concerns under these limits: asset, relation, role, indicator, flags; and how often
/// something was too broad.
type Found = (Vec<[String; 5]>, u64);

fn found(outcome: &Outcome) -> Found {
    let hits = outcome.hits.iter().map(|hit| {
        let flags = hit.flags.join(",");
        [&hit.asset, &hit.relation, &hit.role, &hit.indicator, &flags].map(String::clone)
    });
    (hits.collect(), outcome.rejected.get("too-broad").copied().unwrap_or_default())
}

fn assert_found(limits: (u32, u32), feed: &str, hits: &[[&str; 5]], too_broad: u64) {
    let inventory = [("prefix", "192.0.2.0/24"), ("prefix", "2001:db8:10::/48")].map(|asset| {
        let (participant, (kind, value)) = ("A".to_owned(), asset);
        AssetRow { participant, kind: kind.to_owned(), value: value.to_owned() }
    });
    let options =
        Options { max_feed_prefix4: limits.0, max_feed_prefix6: limits.1, ..Options::default() };
    let wanted = (hits.iter().map(|hit| hit.map(str::to_owned)).collect(), too_broad);
    let oracle = expected(&inventory, feed.as_bytes(), Format::Text, &options);
    assert_eq!(found(&oracle), wanted, "the oracle on {feed} under {limits:?}");
    let image = image_of(&inventory);
    let scanner = scanner_of(&image, format_of(Format::Text), &options);
    let product = outcome(&scanner, Source::slice("feed", feed.as_bytes()));
    assert_eq!(found(&product), wanted, "the product on {feed} under {limits:?}");
}

#[test]
fn lower_limits_let_broader_prefixes_in() {
    let v4 = |indicator| ["192.0.2.0/24", "covers", "indicator", indicator, ""];
    assert_found((1, 1), "192.0.0.0/7", &[v4("192.0.0.0/7")], 0);
    assert_found((1, 1), "128.0.0.0-255.255.255.255", &[v4("128.0.0.0-255.255.255.255")], 0);
    assert_found((1, 1), "0.0.0.0/0", &[], 1);
    assert_found((1, 1), "::/0", &[], 1);
    let v6 = ["2001:db8:10::/48", "covers", "indicator", "2000::/3", ""];
    assert_found((1, 1), "2000::/3", &[v6], 0);
}

#[test]
fn higher_limits_keep_narrower_prefixes_out() {
    let v4 = |indicator| ["192.0.2.0/24", "covers", "indicator", indicator, ""];
    assert_found((16, 32), "192.0.0.0/16", &[v4("192.0.0.0/16")], 0);
    assert_found((16, 32), "192.0.0.0/15", &[], 1);
    assert_found((16, 32), "192.0.0.0-192.1.0.0", &[], 1);
    assert_found(
        (16, 32),
        "0.192.in-addr.arpa",
        &[["192.0.2.0/24", "covers", "rdns", "192.0.0.0/16", ""]],
        0,
    );
    assert_found((16, 32), "192.in-addr.arpa", &[], 1);
    assert_found((16, 32), "2001:db8::/31", &[], 1);
    // The limit holds after unmapping.
    assert_found((16, 32), "::ffff:192.0.0.0/111", &[], 1);
}

// The bits that a short prefix leaves out are not those of a mapped address.
#[test]
fn a_prefix_that_begins_with_a_mapped_address_may_be_wider_than_those() {
    let wide = ["2001:db8:10::/48", "covers", "text", "::/2", "host-bits"];
    assert_found((8, 1), "v:::ffff:1.0.0.0/2", &[wide], 0);
    assert_found((8, 19), "v:::ffff:1.0.0.0/2", &[], 1);
}
