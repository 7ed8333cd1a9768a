"""No secret of a feed stands in a hit, a representation, an account or an exception."""

import traceback
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

import feedsieve

CANARY = "kanarie-7f3a"

FEEDS = {
    "credentials": f"https://portal.campus-noord.test/login:jan@campus-noord.test:{CANARY}\n",
    "csv": f"ip,password,token\n192.0.2.35,{CANARY},{CANARY}@campus-noord.test\n",
    "ndjson": f'{{"ip": "192.0.2.35", "password": "{CANARY}", "pw": "x@{CANARY}.campus-noord.test"}}\n',
    "json": f'[{{"ip": "192.0.2.35", "secret": {{"a": "{CANARY}"}}, "token": "192.0.2.36 {CANARY}"}}]',
}


def everything(scan: feedsieve.Scan) -> Iterator[str]:
    for hit in scan:
        yield repr(hit)
        yield repr(hit.to_dict())
        yield repr(hit.also)
        yield repr((hit.raw, hit.record, hit.data))
    yield repr(scan.stats)
    yield repr(scan.feeds)


@pytest.mark.parametrize("format", sorted(FEEDS))
def test_secrets_are_told_nowhere(image: feedsieve.Image, format: str) -> None:
    feed = FEEDS[format].encode()
    texts = list(everything(feedsieve.scan(image, feed, format=format, with_record=True, roles="all")))
    assert len(texts) > 2
    assert not [text for text in texts if CANARY in text]
    # The record is there, so the canary was in reach.
    assert any("record" in text for text in texts)


def test_exceptions_hold_nothing_of_a_feed(image: feedsieve.Image) -> None:
    page = f"<!DOCTYPE html><html>{CANARY}</html>".encode()
    for feed, options in [
        (page, {}),
        (b"\x1f\x8b\x08\x00" + CANARY.encode() * 100, {}),
        (f'[{{"password": "{CANARY}", "ip": "192.0.2.35"'.encode(), {"format": "json"}),
    ]:
        with pytest.raises(feedsieve.FeedError) as error:
            list(feedsieve.scan(image, feed, **options))  # type: ignore[arg-type]
        assert CANARY not in "".join(traceback.format_exception(error.value))


@given(st.binary(max_size=2000), st.sampled_from(["auto", "text", "csv", "ndjson", "json", "rpz"]))
def test_no_bytes_are_fatal(feed: bytes, format: str) -> None:
    image = feedsieve.compile([{"participant": "A", "value": "192.0.2.0/24"}])
    try:
        hits = list(feedsieve.scan(image, b"192.0.2.1\n" + feed, format=format, threads=1))
    except feedsieve.FeedError:
        return
    assert all(hit.participant == "A" for hit in hits)
