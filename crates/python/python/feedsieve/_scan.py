"""A feed, or a column of a table, through an image."""

import os
from collections.abc import Iterable
from typing import Any, Protocol

from . import _native
from ._native import HitTable, Image, Scan

Path = str | os.PathLike[str]


class Readable(Protocol):
    """What a feed may be read from: a file opened with "rb", an unpacker, a response."""

    def read(self, size: int, /) -> bytes: ...


class ArrowStream(Protocol):
    """A table: of pyarrow, polars, pandas, or whatever else has Arrow's PyCapsule interface."""

    def __arrow_c_stream__(self, requested_schema: object | None = None, /) -> object: ...


class ArrowBatch(Protocol):
    """A batch of a table."""

    def __arrow_c_array__(
        self, requested_schema: object | None = None, /
    ) -> tuple[object, object]: ...


def scan(
    image: Image,
    feed: Path | bytes | bytearray | memoryview | Readable,
    *,
    format: str = "auto",
    roles: str | Iterable[str] | None = None,
    participants: str | Iterable[str] | None = None,
    local_space: bool = False,
    allow: Path | Iterable[str] | None = None,
    allow_own: bool = False,
    most_specific: bool = False,
    keywords: bool = False,
    fields: str | Iterable[str] | None = None,
    keep: str | Iterable[str] | None = None,
    with_record: bool = False,
    max_feed_prefix4: int = 8,
    max_feed_prefix6: int = 19,
    range: tuple[int, int] | None = None,
    digest: bool = False,
    threads: int | None = None,
    name: str | None = None,
) -> Scan:
    """Iterates over the hits of a feed, in its order, while threads scan it.

    `feed` is a path, bytes, or an object with a method `read` that gives bytes. Packed feeds, zip
    archives and UTF-16 are read as they are by the command. `name` is what hits call the feed;
    without it, it is the path. The other options are the flags of `feedsieve scan`: `threads` is
    all that the machine has, `range` are the bytes from the first up to and without the second,
    `allow` is a file, or a list of entries.

    The scan is at most some thousand hits ahead of you, and no feed grows the memory. Dropping the
    iterator, or closing it, ends the scan; it is a context manager too. `stats` and `feeds` are its
    account, once all hits were given.

    Raises FeedError: at once where the feed cannot be opened, and behind the hits of what could be
    read where it ends too early or changes meanwhile. Whatever `read` raises passes through. An
    interrupt is heeded within a second, and the scan can be gone on with.
    """
    return _native.scan(
        image,
        feed,
        format=format,
        roles=roles,
        participants=participants,
        local_space=local_space,
        allow=allow,
        allow_own=allow_own,
        most_specific=most_specific,
        keywords=keywords,
        fields=fields,
        keep=keep,
        with_record=with_record,
        max_feed_prefix4=max_feed_prefix4,
        max_feed_prefix6=max_feed_prefix6,
        range=range,
        digest=digest,
        threads=threads,
        name=name,
    )


def scan_arrow(
    table: ArrowStream | ArrowBatch | Iterable[ArrowBatch],
    column: str,
    image: Image,
    *,
    format: str = "text",
    roles: str | Iterable[str] | None = None,
    participants: str | Iterable[str] | None = None,
    local_space: bool = False,
    allow: Path | Iterable[str] | None = None,
    allow_own: bool = False,
    most_specific: bool = False,
    keywords: bool = False,
    fields: str | Iterable[str] | None = None,
    keep: str | Iterable[str] | None = None,
    with_record: bool = False,
    max_feed_prefix4: int = 8,
    max_feed_prefix6: int = 19,
    threads: int | None = None,
) -> HitTable:
    """Scans a column of text or bytes, and returns its hits as a table.

    `table` is a table, a batch, or batches. In the table of hits `row` is the row in which a hit
    stands, from 0 over all batches; `line`, `offset` and `at` are counted from the beginning of
    the cell. The other columns are the keys of a hit. Null holds nothing.

    Each line of a cell is a record of the `format`, by itself: `text`, `ndjson`, `credentials` or
    another notation of lines. A column that holds JSON is to be scanned as `ndjson`, or what it
    says to be a password is searched like other text.

    The table is read batch by batch, and its hits are kept in memory. An interrupt is heeded within
    a second.
    """
    options: dict[str, Any] = {
        "format": format,
        "roles": roles,
        "participants": participants,
        "local_space": local_space,
        "allow": allow,
        "allow_own": allow_own,
        "most_specific": most_specific,
        "keywords": keywords,
        "fields": fields,
        "keep": keep,
        "with_record": with_record,
        "max_feed_prefix4": max_feed_prefix4,
        "max_feed_prefix6": max_feed_prefix6,
        "threads": threads,
    }
    return _native.scan_arrow(table, column, image, **options)
