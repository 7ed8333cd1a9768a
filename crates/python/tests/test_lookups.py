"""Lookups, with Python's ipaddress and the command as oracles."""

import ipaddress
from ipaddress import IPv4Address, IPv6Address, ip_address

import pytest
from conftest import PARTICIPANTS, command, rows
from hypothesis import given
from hypothesis import strategies as st

import feedsieve

# Few bits are free, so that prefixes nest and addresses fall into them.
V4 = st.integers(0, 0x3FF).map(lambda bits: IPv4Address(0xC0000000 | bits << 4))
V6 = st.integers(0, 0x3FF).map(lambda bits: IPv6Address(0x20010DB8 << 96 | bits << 80))
ADDRS = st.one_of(V4, V6)


@st.composite
def networks(draw: st.DrawFn) -> ipaddress.IPv4Network | ipaddress.IPv6Network:
    addr = draw(ADDRS)
    length = draw(st.integers(20, 32) if addr.version == 4 else st.integers(30, 52))
    return ipaddress.ip_network((addr, length), strict=False)


def of(number: int, network: object) -> dict[str, object]:
    return {"participant": f"P{number:03}", "kind": "prefix", "value": network}


def relation(asked: object, asset: object) -> str | None:
    """How a network lies to an asset, by ipaddress alone."""
    if asked.version != asset.version or not asked.overlaps(asset):  # type: ignore[attr-defined]
        return None
    if asked == asset:
        return "equal"
    return "inside" if asked.subnet_of(asset) else "covers"  # type: ignore[attr-defined]


@given(st.lists(networks(), min_size=1, max_size=12), st.lists(ADDRS, min_size=1, max_size=20))
def test_addresses_are_of_whom_ipaddress_says(
    assets: list[ipaddress.IPv4Network], addrs: list[IPv4Address]
) -> None:
    image = feedsieve.compile([of(number, asset) for number, asset in enumerate(assets)])
    many = image.lookup_many(addrs)
    assert many == image.lookup_many([str(addr) for addr in addrs])
    for addr, answer in zip(addrs, many, strict=True):
        expected = {
            (f"P{number:03}", str(asset), "equal" if asset.num_addresses == 1 else "inside")
            for number, asset in enumerate(assets)
            if asset.version == addr.version and addr in asset
        }
        found = image.lookup_addr(addr)
        assert {(one.participant, one.asset, one.relation) for one in found} == expected
        assert len(found) == len(expected)
        assert found == image.lookup(str(addr)) == list(answer or ())
        lengths = [int(one.asset.split("/")[1]) for one in found]
        assert lengths == sorted(lengths, reverse=True)


@given(st.lists(networks(), min_size=1, max_size=12), networks())
def test_prefixes_concern_whom_ipaddress_says(
    assets: list[ipaddress.IPv4Network], asked: ipaddress.IPv4Network
) -> None:
    image = feedsieve.compile([of(number, asset) for number, asset in enumerate(assets)])
    expected = {
        (f"P{number:03}", str(asset), how)
        for number, asset in enumerate(assets)
        if (how := relation(asked, asset)) is not None
    }
    for question in (asked, str(asked), f"{asked[0]}-{asked[-1]}"):
        found = image.lookup_prefix(question)
        assert {(one.participant, one.asset, one.relation) for one in found} == expected


@given(ADDRS, st.text(alphabet="0123456789abcdef.:/-% ", max_size=20))
def test_what_is_an_address_ipaddress_says_too(addr: IPv4Address, noise: str) -> None:
    image = feedsieve.compile([of(0, "192.0.2.0/24")])
    assert image.lookup_addr(addr) == image.lookup_addr(str(addr))
    try:
        meant = ipaddress.ip_address(noise.strip())
    except ValueError:
        with pytest.raises(feedsieve.IndicatorError):
            image.lookup_addr(noise)
    else:
        # Of a zone nobody outside of its host knows anything.
        if getattr(meant, "scope_id", None) is None:
            image.lookup_addr(noise)


ASKED = [
    "192.0.2.35", "192.0.2.0/26", "192.0.2.0/24", "192.0.2.110-192.0.2.200", "198.51.100.70",
    "2001:db8:10:2::1", "::ffff:192.0.2.35", "2001:db8::/32", "203.0.113.9",
    "www.lab.lucas-hospital.example", "LUCAS-Hospital.example.", "*.lucas-hospital.example",
    "xn--a.campus-noord.test", "Universitätsklinik.example", "x@alumni-noord.test",
    "SOC@shared-desk.example", "other@shared-desk.example", "portal.duin-stad.example",
    "www.portal.duin-stad.example", "example", "*.example", "nothing.invalid",
]  # fmt: skip


def test_answers_are_those_of_the_command(image: feedsieve.Image) -> None:
    for text in ASKED:
        if text == "example":
            with pytest.raises(feedsieve.IndicatorError, match="expected an address, a prefix"):
                image.lookup(text)
            continue
        answer = [found.to_dict() for found in image.lookup(text)]
        theirs = rows(command("lookup", "-p", PARTICIPANTS, "-o", "ndjson", text))
        assert answer == theirs, text
        # The order of the keys is theirs too.
        assert [list(row) for row in answer] == [list(row) for row in theirs]


def test_each_lookup_takes_its_own_kind(image: feedsieve.Image) -> None:
    taken = {
        "lookup_addr": ["192.0.2.35"],
        "lookup_prefix": ["192.0.2.35", "192.0.2.0/24", "192.0.2.1-192.0.2.9"],
        "lookup_name": ["lab.lucas-hospital.example", "*.lucas-hospital.example"],
        "lookup_mail": ["soc@shared-desk.example"],
    }
    everything = sorted({text for texts in taken.values() for text in texts})
    for method, texts in taken.items():
        for text in everything:
            if text in texts:
                assert getattr(image, method)(text) == image.lookup(text) != []
            else:
                with pytest.raises(feedsieve.IndicatorError, match="expected"):
                    getattr(image, method)(text)


def test_many_are_answered_in_their_order(image: feedsieve.Image) -> None:
    asked = [text for text in ASKED if text != "example"]
    answers = image.lookup_many(asked)
    assert [list(answer or ()) for answer in answers] == [image.lookup(text) for text in asked]
    assert image.lookup_many(tuple(asked)) == answers
    assert image.lookup_many(text for text in asked) == answers
    assert image.lookup_many([]) == []
    assert image.lookup_many(["203.0.113.9", None, "192.0.2.35"])[:2] == [(), None]


def test_a_long_list_of_all_kinds_is_answered_in_its_order(image: feedsieve.Image) -> None:
    some = ["192.0.2.35", None, ip_address("192.0.2.35"), "lab.lucas-hospital.example", "203.0.113.9"]
    asked = [some[number * 7 % 11 % 5] for number in range(5000)]
    assert all(item in asked for item in some)
    wanted = [image.lookup_many([item])[0] for item in some]
    assert image.lookup_many(asked) == [wanted[some.index(item)] for item in asked]
    with pytest.raises(feedsieve.IndicatorError, match="item 5000: not one"):
        image.lookup_many([*asked, "not one"])


def test_an_item_that_is_no_indicator_is_named(image: feedsieve.Image) -> None:
    asked = ["192.0.2.35", "192.0.2.0/24", "not one"]
    with pytest.raises(feedsieve.IndicatorError, match="item 2: not one") as error:
        image.lookup_many(asked)
    assert error.value.index == 2
    assert isinstance(error.value, ValueError)
    skipped = image.lookup_many([*asked, "lucas-hospital.example"], skip_bad_items=True)
    assert [answer is None for answer in skipped] == [False, False, True, False]
    with pytest.raises(TypeError):
        image.lookup_many([7], skip_bad_items=True)
    with pytest.raises(TypeError):
        image.lookup_many(7)  # type: ignore[arg-type]


@given(st.text(max_size=300))
def test_no_text_is_fatal(text: str) -> None:
    image = feedsieve.compile([of(0, "192.0.2.0/24")])
    for lookup in (image.lookup, image.lookup_addr, image.lookup_name, image.lookup_mail):
        try:
            lookup(text)
        except feedsieve.IndicatorError:
            pass
    image.lookup_many([text], skip_bad_items=True)


def test_half_a_character_is_no_indicator(image: feedsieve.Image) -> None:
    with pytest.raises(feedsieve.IndicatorError):
        image.lookup("\ud800")
    assert image.lookup_many(["\ud800"], skip_bad_items=True) == [None]


def test_a_list_that_changes_meanwhile_is_read_as_it_is(image: feedsieve.Image) -> None:
    class Odd(list[str]):
        def __len__(self) -> int:
            return 1 << 40

    assert len(image.lookup_many(Odd(["192.0.2.35"]))) == 1


def test_found_is_a_value(image: feedsieve.Image, image_path: object) -> None:
    (found,) = image.lookup("203.0.113.77")
    (same,) = feedsieve.Image.open(str(image_path)).lookup_addr("203.0.113.77")
    assert found == same and hash(found) == hash(same) and len({found, same}) == 1
    assert found != image.lookup("203.0.113.240")[0]
    assert found != "found"
    assert repr(found) == (
        "Found(indicator='203.0.113.77', relation='equal', participant='H003', "
        "asset='203.0.113.77/32')"
    )
    assert (found.kind, found.asset_kind, found.label, found.group) == (
        "ipv4", "prefix", "remote access", "health-cert",
    )  # fmt: skip
    with pytest.raises(AttributeError):
        found.label = "other"  # type: ignore[misc]
