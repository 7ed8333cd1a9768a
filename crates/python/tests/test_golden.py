"""The table of answers that every surface gives: Rust, the command, C, and this one."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import ROOT

import feedsieve

SURFACES = ROOT / "tests" / "data" / "surfaces"


@pytest.fixture(scope="module")
def image() -> feedsieve.Image:
    return feedsieve.compile(SURFACES / "inventory.csv")


def table(name: str) -> Iterator[list[str]]:
    for line in (SURFACES / name).read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            yield line.split("\t")


def test_lookups(image: feedsieve.Image) -> None:
    count = 0
    for query, expected in table("lookups.tsv"):
        try:
            found = [one.to_dict() for one in image.lookup(query)]
        except feedsieve.IndicatorError:
            found = []
        assert found == json.loads(expected), query
        count += 1
    assert count >= 220


def test_scans(image: feedsieve.Image, tmp_path: Path) -> None:
    count = 0
    for format, feed, expected in table("scans.tsv"):
        text = json.loads(feed).encode()
        path = tmp_path / "feed"
        path.write_bytes(text)
        for source in (text, path):
            hits = feedsieve.scan(image, source, format=format, name="feed")
            assert [hit.to_dict() for hit in hits] == json.loads(expected), feed
        count += 1
    assert count >= 80
