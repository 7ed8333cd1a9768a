"""One feed through an image."""

import os
from collections.abc import Iterable
from typing import Protocol

from . import _native
from ._native import Image, Scan

Path = str | os.PathLike[str]


class Readable(Protocol):
    """What a feed may be read from: a file opened with "rb", an unpacker, a response."""

    def read(self, size: int, /) -> bytes: ...


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
