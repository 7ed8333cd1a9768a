"""Scans: the hits and the account of the command, from paths, bytes and objects."""

import bz2
import gzip
import io
import json
import lzma
import mmap
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from conftest import EXAMPLE, FEEDS, PARTICIPANTS, command, rows

import feedsieve

# What takes time or depends on how a scan was cut is not compared.
DIAGNOSTIC = ("candidates", "seconds")


def dicts(scan: Iterator[feedsieve.Hit]) -> list[dict[str, Any]]:
    return [hit.to_dict() for hit in scan]


def theirs(tmp_path: Path, *words: object) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """The hits and the account of the command."""
    summary = tmp_path / "summary.json"
    out = command("scan", "-p", PARTICIPANTS, "-o", "ndjson", "--summary", summary, *words)
    return rows(out), json.loads(summary.read_bytes())


def plain(account: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in account.items() if key not in DIAGNOSTIC}


@pytest.mark.parametrize("feed", FEEDS, ids=lambda feed: str(feed.name))
def test_hits_and_account_are_those_of_the_command(
    image: feedsieve.Image, feed: Path, tmp_path: Path
) -> None:
    scan = feedsieve.scan(image, feed)
    hits = dicts(scan)
    expected, summary = theirs(tmp_path, feed)
    assert hits == expected != []
    assert [list(hit) for hit in hits] == [list(hit) for hit in expected]
    assert plain(scan.stats) == plain(summary["feeds"][0])
    assert scan.feeds == [scan.stats]
    assert list(scan.stats) == list(summary["feeds"][0])


OPTIONS: list[tuple[dict[str, Any], list[object]]] = [
    ({"roles": "all"}, ["--roles", "all"]),
    ({"roles": ["text", "comment"]}, ["--roles", "text,comment"]),
    ({"participants": ["H001", "U001"]}, ["--participant", "H001", "--participant", "U001"]),
    ({"participants": "H001"}, ["--participant", "H001"]),
    ({"most_specific": True}, ["--most-specific"]),
    ({"format": "text"}, ["-f", "text"]),
    ({"with_record": True, "threads": 3}, ["--with-record", "-j", "3"]),
    ({"max_feed_prefix4": 24, "max_feed_prefix6": 40},
     ["--max-feed-prefix4", 24, "--max-feed-prefix6", 40]),
    ({"range": (100, 900)}, ["--range", "100-900"]),
    ({"digest": True}, ["--digest"]),
    ({"keywords": True, "local_space": True}, ["--keywords", "--local-space"]),
]  # fmt: skip


@pytest.mark.parametrize(("options", "flags"), OPTIONS, ids=lambda given: str(given)[:40])
def test_options_are_the_flags_of_the_command(
    image: feedsieve.Image, options: dict[str, Any], flags: list[object], tmp_path: Path
) -> None:
    for feed in FEEDS:
        scan = feedsieve.scan(image, feed, **options)
        hits = dicts(scan)
        expected, summary = theirs(tmp_path, *flags, feed)
        assert (hits, plain(scan.stats)) == (expected, plain(summary["feeds"][0])), feed


def test_fields_are_searched_and_kept(image: feedsieve.Image, tmp_path: Path) -> None:
    feed = EXAMPLE / "feeds" / "scan-report.csv"
    header = feed.read_text().splitlines()[0].split(",")
    field = next(hit.field for hit in feedsieve.scan(image, feed) if hit.field)
    keep = [name.strip('"') for name in header[:2]]
    expected, _ = theirs(tmp_path, "--fields", field, "--keep", ",".join(keep), feed)
    assert dicts(feedsieve.scan(image, feed, fields=field, keep=keep)) == expected != []
    hit = next(feedsieve.scan(image, feed, keep=keep))
    assert list(hit.data) == keep
    with pytest.raises(feedsieve.FeedError, match="no field nowhere; there are"):
        list(feedsieve.scan(image, feed, fields="nowhere"))
    for option in ("fields", "keep"):
        with pytest.raises(ValueError, match=f"{option}: .*password"):
            feedsieve.scan(image, feed, **{option: ["password"]})  # type: ignore[arg-type]


def test_an_allow_list_is_a_file_or_entries(image: feedsieve.Image, tmp_path: Path) -> None:
    entries = ["192.0.2.32/28", "press@news-desk.invalid # the press"]
    path = tmp_path / "allow.txt"
    path.write_text("\n".join(entries))
    feed = EXAMPLE / "feeds" / "blocklist.txt"
    for flags, own in [([], False), (["--allow-own"], True)]:
        expected, summary = theirs(tmp_path, "--allow", path, *flags, feed)
        for allow in (path, str(path), entries):
            scan = feedsieve.scan(image, feed, allow=allow, allow_own=own)
            assert dicts(scan) == expected
            assert scan.stats["allowed"] == summary["feeds"][0]["allowed"]
    with pytest.raises(feedsieve.InventoryError) as error:
        feedsieve.scan(image, feed, allow=["192.0.2.0/33"])
    assert error.value.rows[0].line == 1


@pytest.mark.parametrize("feed", FEEDS, ids=lambda feed: str(feed.name))
def test_every_source_has_the_same_hits(
    image: feedsieve.Image, feed: Path, tmp_path: Path
) -> None:
    expected = dicts(feedsieve.scan(image, feed))
    data = feed.read_bytes()

    class Drops(io.RawIOBase):
        """Gives a few bytes at a time, as sockets do."""

        def __init__(self) -> None:
            self.rest = memoryview(data)

        def readable(self) -> bool:
            return True

        def read(self, size: int = -1) -> bytes:
            drop, self.rest = self.rest[: min(size, 700)], self.rest[700:]
            return bytes(drop)

    packed = tmp_path / "feed.gz"
    packed.write_bytes(gzip.compress(data[: len(data) // 2]) + gzip.compress(data[len(data) // 2 :]))
    name = str(feed)
    with feed.open("rb") as file, mmap.mmap(file.fileno(), 0, prot=mmap.PROT_READ) as mapped:
        sources: list[Any] = [
            data, bytearray(data), memoryview(data), io.BytesIO(data), Drops(), mapped,
            packed, bz2.compress(data), lzma.compress(data), gzip.open(packed),
        ]  # fmt: skip
        for source in sources:
            for threads in (1, 2):
                if hasattr(source, "seek") and not isinstance(source, Drops):
                    source.seek(0)
                if isinstance(source, Drops):
                    source = Drops()
                found = dicts(feedsieve.scan(image, source, name=name, threads=threads))
                assert found == expected, source
        sources[-1].close()


def test_feeds_have_names(image: feedsieve.Image, tmp_path: Path) -> None:
    path = tmp_path / "list.txt"
    path.write_text("192.0.2.35\n")
    with path.open("rb") as file:
        names = [
            next(feedsieve.scan(image, source)).feed
            for source in (path, str(path), b"192.0.2.35", io.BytesIO(b"192.0.2.35"), file)
        ]
    assert names == [str(path), str(path), "bytes", "stream", str(path)]
    assert next(feedsieve.scan(image, path, name="today")).feed == "today"


def test_members_of_an_archive_are_feeds(image: feedsieve.Image, tmp_path: Path) -> None:
    path = tmp_path / "feeds.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for feed in FEEDS:
            archive.write(feed, feed.name)
    scan = feedsieve.scan(image, path)
    hits = dicts(scan)
    expected, summary = theirs(tmp_path, path)
    assert hits == expected
    assert [plain(feed) for feed in scan.feeds] == [plain(feed) for feed in summary["feeds"]]
    total = plain(scan.stats)
    assert total.pop("feed") == str(path)
    assert total == plain(summary["total"])

    # Damaged in the middle: every other member is read all the same.
    data = bytearray(path.read_bytes())
    at = data.index(b"leak.ndjson") + 40
    data[at : at + 8] = bytes(8)
    path.write_bytes(data)
    scan = feedsieve.scan(image, path)
    found: list[dict[str, Any]] = []
    with pytest.raises(feedsieve.FeedError, match="leak.ndjson: .*damaged") as error:
        found.extend(hit.to_dict() for hit in scan)
    assert error.value.feed == f"{path}!leak.ndjson"
    # What the generator had is lost with it, unlike the account.
    assert [feed["complete"] for feed in scan.feeds] == [
        feed.name != "leak.ndjson" for feed in FEEDS
    ]
    with pytest.raises(feedsieve.FeedError, match="an archive"):
        list(feedsieve.scan(image, path, range=(0, 10)))


def test_a_feed_that_cannot_be_opened_is_told_at_once(
    image: feedsieve.Image, tmp_path: Path
) -> None:
    missing = tmp_path / "missing.csv"
    with pytest.raises(feedsieve.FeedError, match="No such file") as error:
        feedsieve.scan(image, missing)
    assert (error.value.feed, error.value.why) == (str(missing), "No such file or directory")
    assert isinstance(error.value.__cause__, FileNotFoundError)
    with pytest.raises(feedsieve.FeedError, match="a directory, not a feed"):
        feedsieve.scan(image, tmp_path)


def test_a_feed_that_ends_too_early_has_its_hits_first(image: feedsieve.Image) -> None:
    lines = b"".join(b"192.0.2.35 %d\n" % number for number in range(50_000))
    packed = gzip.compress(lines)
    scan = feedsieve.scan(image, packed[: len(packed) // 2], name="cut.gz")
    count = 0
    with pytest.raises(feedsieve.FeedError, match=r"cut\.gz: ") as error:
        for _ in scan:
            count += 1
    assert count > 20_000
    assert error.value.why == scan.stats["incomplete_why"]
    assert (scan.stats["complete"], scan.stats["hits"]) == (False, count)
    assert list(scan) == []


def test_what_reading_raises_passes_through(image: feedsieve.Image) -> None:
    class Failing:
        name = "failing"

        def __init__(self) -> None:
            self.chunks = iter([b"192.0.2.35\n" * 300_000])

        def read(self, size: int) -> bytes:
            for chunk in self.chunks:
                return chunk
            raise ConnectionResetError("the peer is gone")

    scan = feedsieve.scan(image, Failing())
    count = 0
    with pytest.raises(ConnectionResetError, match="the peer is gone"):
        for _ in scan:
            count += 1
    # Of what came before, all whole records were scanned; two own the address.
    assert count == 2 * 300_000
    assert (scan.stats["hits"], scan.stats["complete"]) == (count, False)
    assert "ConnectionResetError" in scan.stats["incomplete_why"]
    assert "the peer" not in scan.stats["incomplete_why"]
    assert list(scan) == []


def test_a_reading_that_is_interrupted_goes_on(image: feedsieve.Image) -> None:
    class Interrupted:
        def __init__(self) -> None:
            self.given: list[Any] = [b"192.0.2.35\n", KeyboardInterrupt, b"192.0.2.35\n"]
            self.given += [KeyboardInterrupt, SystemExit]

        def read(self, size: int) -> bytes:
            given = self.given.pop(0) if self.given else b""
            if isinstance(given, bytes):
                return given
            raise given

    scan = feedsieve.scan(image, Interrupted())
    count, raised = 0, []
    while True:
        try:
            next(scan)
            count += 1
        except StopIteration:
            break
        except (KeyboardInterrupt, SystemExit) as error:
            raised.append(type(error))
    assert (count, raised) == (4, [KeyboardInterrupt, KeyboardInterrupt, SystemExit])
    assert (scan.stats["hits"], scan.stats["complete"]) == (4, True)


@pytest.mark.parametrize("option", ["fields", "participants", "roles"])
def test_an_empty_list_is_not_everything(image: feedsieve.Image, option: str) -> None:
    given: Any = {option: []}
    with pytest.raises(ValueError, match=f"^{option}: an empty list would find nothing"):
        feedsieve.scan(image, b"192.0.2.35\n", **given)


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        (io.StringIO("192.0.2.35"), "opened as text"),
        (type("N", (), {"read": lambda self, size: 7})(), "no bytes"),
        (type("N", (), {"read": lambda self: b""})(), "argument"),
        (7, "a feed is a path"),
        (None, "a feed is a path"),
        ([b"x"], "a feed is a path"),
    ],
)
def test_wrong_feeds_are_refused(image: feedsieve.Image, wrong: Any, why: str) -> None:
    with pytest.raises(TypeError, match=why):
        list(feedsieve.scan(image, wrong))


@pytest.mark.parametrize(
    ("options", "error", "why"),
    [
        ({"format": "yaml"}, ValueError, "format: no format .*; there are auto, text"),
        ({"roles": ["host"]}, ValueError, "roles: no role"),
        ({"participants": ["X999"]}, ValueError, 'participants: the image holds no .*"X999"'),
        ({"max_feed_prefix4": 33}, ValueError, "max_feed_prefix4: expected a length"),
        ({"max_feed_prefix6": -1}, ValueError, "max_feed_prefix6: expected a length"),
        ({"range": (9, 1)}, ValueError, "range: the range ends before it begins"),
        ({"range": 9}, TypeError, "range: "),
        ({"threads": "many"}, TypeError, "threads: "),
        ({"threads": -1}, ValueError, "threads: "),
        ({"allow": ["a\nb"]}, ValueError, "allow: .* more than one entry"),
        ({"local_space": "no"}, TypeError, "local_space: "),
    ],
)
def test_wrong_options_are_refused(
    image: feedsieve.Image, options: dict[str, Any], error: type[Exception], why: str
) -> None:
    with pytest.raises(error, match=why):
        feedsieve.scan(image, b"192.0.2.35", **options)


def test_the_account_is_there_when_all_was_given(image: feedsieve.Image) -> None:
    scan = feedsieve.scan(image, b"192.0.2.35\n192.0.2.36\n")
    for _ in range(2):
        next(scan)
        with pytest.raises(feedsieve.Error, match="goes on"):
            _ = scan.stats
    while next(scan, None) is not None:
        pass
    assert scan.stats["records"] == 2
    assert feedsieve.scan(image, b"192.0.2.35").__repr__() == "<Scan of 'bytes'>"


def test_an_empty_feed_is_complete(image: feedsieve.Image, tmp_path: Path) -> None:
    empty = tmp_path / "empty.txt"
    empty.touch()
    for source in (empty, b"", io.BytesIO()):
        scan = feedsieve.scan(image, source)
        assert list(scan) == []
        assert (scan.stats["bytes"], scan.stats["complete"]) == (0, True)


def test_a_page_in_place_of_a_feed_is_no_empty_feed(image: feedsieve.Image) -> None:
    page = b"<!DOCTYPE html><html><body>403 Forbidden</body></html>\n"
    with pytest.raises(feedsieve.FeedError, match="HTML"):
        list(feedsieve.scan(image, page))
    assert list(feedsieve.scan(image, page, format="text")) == []


def test_hits_are_values(image: feedsieve.Image) -> None:
    feed = b"seen: 192[.]0[.]2[.]35 and lab.lucas-hospital.example\n"
    first, again = (list(feedsieve.scan(image, feed, name="feed")) for _ in range(2))
    assert first == again and [hash(hit) for hit in first] == [hash(hit) for hit in again]
    assert len(set(first)) == len(first) == len(set(first + again))
    other = list(feedsieve.scan(image, feed, name="other"))
    assert all(one != two for one, two in zip(first, other, strict=True))
    hit = first[0]
    assert repr(hit) == (
        "Hit(feed='feed', line=1, indicator='192.0.2.35', relation='inside', "
        "participant='H002', asset='192.0.2.32/28')"
    )
    assert (hit.flags, hit.raw, hit.group, hit.label, hit.port, hit.side) == (
        ("defanged",), "192[.]0[.]2[.]35", "health-cert", "laboratory", None, None,
    )  # fmt: skip
    assert hit != "hit"
    with pytest.raises(AttributeError):
        hit.line = 2  # type: ignore[misc]
    with pytest.raises(TypeError):
        feedsieve.Hit()


def test_further_evidence_is_there(image: feedsieve.Image) -> None:
    feed = b"192.0.2.1 " * 20 + b"\n"
    (hit,) = feedsieve.scan(image, feed)
    assert (len(hit.also), hit.also_count) == (16, 19)
    assert [also.at for also in hit.also] == list(range(10, 170, 10))
    assert hit.also[0] == next(feedsieve.scan(image, feed)).also[0]
    assert len(set(hit.also)) == 16
    assert repr(hit.also[0]) == "Also(at=10, indicator='192.0.2.1', role='text')"
    assert hit.to_dict()["also_count"] == 19
