"""What goes wrong, and where: every exception of the package is an `Error`."""

from typing import NamedTuple

# Rows that a message names; a wrong export has thousands of the same kind.
_MAX_NAMED = 3


class Error(Exception):
    """Something of feedsieve failed; its subclasses say what and where."""


class ImageError(Error):
    """A file or bytes that are no image, or a damaged one.

    `path` names the file, and is None for bytes.
    """

    def __init__(self, why: str, path: str | None = None) -> None:
        super().__init__(why if path is None else f"{path}: {why}")
        self.why = why
        self.path = path

    def __reduce__(self) -> tuple[object, ...]:
        return type(self), (self.why, self.path)


class FeedError(Error):
    """A feed that cannot be read, or not to its end.

    It is raised behind the last hit of what could be read. `feed` is the feed's name and `why`
    what is wrong with it; `more` counts further feeds, of an archive, that were not read.
    """

    def __init__(self, feed: str, why: str, more: int = 0) -> None:
        others = f", and {more} more were not read to the end" if more else ""
        super().__init__(f"{feed}: {why}{others}")
        self.feed = feed
        self.why = why
        self.more = more

    def __reduce__(self) -> tuple[object, ...]:
        return type(self), (self.feed, self.why, self.more)


class IndicatorError(Error, ValueError):
    """Text that is no indicator, or not of the kind that was expected.

    `index` says which item of `lookup_many` it was.
    """

    def __init__(self, why: str, index: int | None = None) -> None:
        super().__init__(why if index is None else f"item {index}: {why}")
        self.why = why
        self.index = index

    def __reduce__(self) -> tuple[object, ...]:
        return type(self), (self.why, self.index)


class RejectedRow(NamedTuple):
    """A row of an inventory that was not loaded.

    `line` is the line of the file, from 1, and `column` the character in it. Where the inventory
    was a list, `path` and `column` are None and `line` is the number of the row, from 1.
    """

    path: str | None
    line: int
    column: int | None
    found: str
    expected: str

    def __str__(self) -> str:
        if self.path is None:
            return f"row {self.line}: {self.found}; {self.expected}"
        return f"{self.path}:{self.line}:{self.column}: {self.found}; {self.expected}"


def _message(rows: tuple[RejectedRow, ...]) -> str:
    named = "\n".join(str(row) for row in rows[:_MAX_NAMED])
    more = len(rows) - _MAX_NAMED
    return f"{named}\nand {more} more" if more > 0 else named


class InventoryError(Error):
    """An inventory that cannot be read, or rows of it that are wrong.

    `rows` holds all the rows that are wrong; `path` names the file where it is the file itself.
    """

    def __init__(
        self, why: str | None, path: str | None = None, rows: tuple[RejectedRow, ...] = ()
    ) -> None:
        why = _message(rows) if why is None else why
        super().__init__(why if path is None else f"{path}: {why}")
        self.why = why
        self.path = path
        self.rows = rows

    def __reduce__(self) -> tuple[object, ...]:
        return type(self), (self.why, self.path, self.rows)


class InventoryWarning(UserWarning):
    """What is odd about an inventory: `rows` that `skip_bad_rows` left out, or no asset at all."""

    def __init__(
        self, why: str | None, path: str | None = None, rows: tuple[RejectedRow, ...] = ()
    ) -> None:
        why = _message(rows) if why is None else why
        super().__init__(why if path is None else f"{path}: {why}")
        self.why = why
        self.path = path
        self.rows = rows

    def __reduce__(self) -> tuple[object, ...]:
        return type(self), (self.why, self.path, self.rows)


for _class in (
    Error,
    ImageError,
    FeedError,
    IndicatorError,
    RejectedRow,
    InventoryError,
    InventoryWarning,
):
    # Where people import them from, in tracebacks and pickles.
    _class.__module__ = "feedsieve"
