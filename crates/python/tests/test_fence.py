"""A panic of the library is an exception like others, and tells nothing of what was read."""

import traceback
from collections.abc import Callable, Iterator
from pathlib import Path

import pyarrow as pa
import pytest
from conftest import FEEDS, PARTICIPANTS

import feedsieve
from feedsieve import _native

FEED = b"192.0.2.35\nportal.campus-noord.test\n"

# Only what is built for tests has it: it makes the work after so many others panic.
panic_after: Callable[[int | None], None] = getattr(_native, "_panic_after")

Call = Callable[[feedsieve.Image, Path], object]

CALLS: dict[str, Call] = {
    "compile": lambda image, folder: feedsieve.compile(PARTICIPANTS, folder / "image"),
    "lookup": lambda image, folder: image.lookup("192.0.2.35"),
    "lookup_many": lambda image, folder: image.lookup_many(["192.0.2.35", "campus-noord.test"]),
    "scan": lambda image, folder: list(feedsieve.scan(image, FEED)),
    "scan a path": lambda image, folder: list(feedsieve.scan(image, FEEDS[0])),
    "scan_arrow": lambda image, folder: feedsieve.scan_arrow(
        pa.table({"text": ["192.0.2.35"]}), "text", image
    ),
}


@pytest.fixture
def nobody_panics_later() -> Iterator[None]:
    yield
    panic_after(None)


@pytest.mark.usefixtures("nobody_panics_later")
@pytest.mark.parametrize("name", sorted(CALLS))
def test_panics_are_errors_that_quote_nothing(
    name: str, image: feedsieve.Image, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    call = CALLS[name]
    call(image, tmp_path)
    panics = 0
    while True:
        panic_after(panics)
        try:
            call(image, tmp_path)
            break
        except feedsieve.Error as error:
            told = "".join(traceback.format_exception(error))
        assert "internal error at" in told and "fence.rs" in told
        assert "secret" not in told
        panics += 1
    panic_after(None)
    assert panics > 0
    # What panicked harmed nothing, and said nothing by itself.
    call(image, tmp_path)
    assert capfd.readouterr() == ("", "")
