"""Columns of tables: what comes in by Arrow's PyCapsule interface, and what goes out."""

import random
import time
from typing import Any

import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import feedsieve

CELLS = [
    "login from 192.0.2.35 and 198.51.100.70",
    None,
    "nobody",
    "hxxp://www[.]lucas-hospital[.]example/x\nthen 192.0.2.1",
    "",
    "soc@shared-desk.example",
]


def rows(found: feedsieve.HitTable) -> list[dict[str, Any]]:
    return pa.table(found).to_pylist()


def expected(image: feedsieve.Image, cells: list[Any], **options: Any) -> list[dict[str, Any]]:
    """The same hits, by a scan of each cell."""
    all = []
    for row, cell in enumerate(cells):
        feed = cell if isinstance(cell, bytes) else (cell or "").encode()
        for hit in feedsieve.scan(image, feed + b"\n", **{"format": "text", **options}):
            one: dict[str, Any] = {name: getattr(hit, name) for name in NAMES}
            one["row"] = row
            one["flags"] = list(hit.flags)
            one["also"] = [
                {name: getattr(also, name) for name in ("at", "field", "role", "indicator", "relation")}
                for also in hit.also
            ]
            one["data"] = list(hit.data.items())
            all.append(one)
    return all


NAMES = (
    "line", "offset", "length", "at", "field", "role", "kind", "indicator", "relation",
    "participant", "asset", "asset_kind", "time", "protocol", "tag", "side", "raw", "label",
    "record", "port", "also_count",
)  # fmt: skip


def test_every_kind_of_column_has_the_hits_of_its_cells(image: feedsieve.Image) -> None:
    wanted = expected(image, CELLS)
    assert {hit["row"] for hit in wanted} == {0, 3, 5}
    plain = pa.array(CELLS)
    columns = [
        plain,
        plain.cast(pa.large_string()),
        plain.cast(pa.string_view()),
        plain.cast(pa.binary()),
        plain.cast(pa.large_binary()),
        plain.dictionary_encode(),
        pa.chunked_array([plain[:1], plain[1:4], plain[4:4], plain[4:]]),
    ]
    for column in columns:
        table = pa.table({"other": range(len(CELLS)), "text": column})
        found = feedsieve.scan_arrow(table, "text", image)
        assert rows(found) == wanted, column.type
        assert len(found) == len(wanted)
        assert repr(found) == f"<HitTable of {len(wanted)} hits>"
        for batches in (table.to_batches(), iter(table.to_batches()), table.to_reader()):
            assert rows(feedsieve.scan_arrow(batches, "text", image)) == wanted
    (batch,) = pa.table({"text": plain}).to_batches()
    assert rows(feedsieve.scan_arrow(batch, "text", image)) == wanted
    frames: list[Any] = [
        pl.DataFrame({"text": CELLS}),
        pl.DataFrame({"text": CELLS}, schema={"text": pl.Categorical}),
        pd.DataFrame({"text": CELLS}),
        pd.DataFrame({"text": pd.Series(CELLS, dtype="category")}),
    ]
    for frame in frames:
        assert rows(feedsieve.scan_arrow(frame, "text", image)) == wanted


def test_the_table_goes_where_tables_go(image: feedsieve.Image) -> None:
    found = feedsieve.scan_arrow(pa.table({"text": CELLS}), "text", image)
    wanted = [hit["participant"] for hit in expected(image, CELLS)]
    assert pa.table(found)["participant"].to_pylist() == wanted
    assert pl.DataFrame(found)["participant"].to_list() == wanted
    assert pd.DataFrame.from_arrow(found)["participant"].to_list() == wanted
    # It can be taken more than once, and an empty one has its columns too.
    assert pa.table(found).schema == pa.table(found).schema
    none = feedsieve.scan_arrow(pa.table({"text": ["nobody"]}), "text", image)
    assert (len(none), pa.table(none).schema) == (0, pa.table(found).schema)
    assert pa.schema(found) == pa.table(found).schema


def test_options_are_those_of_a_scan(image: feedsieve.Image) -> None:
    cells = ['{"ip": "192.0.2.35", "n": 1, "password": "x@campus-noord.test"}', "{}", '{"ip": "nobody"}']
    table = pa.table({"json": cells})
    options = {"format": "ndjson", "keep": ["/n"], "with_record": True, "most_specific": True}
    found = rows(feedsieve.scan_arrow(table, "json", image, **options))  # type: ignore[arg-type]
    assert found == expected(image, cells, **options)
    assert [hit["field"] for hit in found] == ["/ip"] * 2
    assert "campus" not in str(found)
    for format in ("auto", "csv", "tsv", "json", "stix", "misp", "zeek", "rpz"):
        with pytest.raises(ValueError, match="cells are by themselves"):
            feedsieve.scan_arrow(table, "json", image, format=format)


def test_a_cell_of_many_lines_is_counted_once(image: feedsieve.Image) -> None:
    def seconds(count: int) -> float:
        table = pa.table({"text": ["192.0.2.35\n" * count, "x\n192.0.2.35"]})
        begin = time.process_time()
        found = pa.table(feedsieve.scan_arrow(table, "text", image, threads=1))
        taken = time.process_time() - begin
        lines = found["line"].to_pylist()
        # Two own the address.
        assert lines[::2] == lines[1::2] == [*range(1, count + 1), 2]
        return taken

    # Counted anew for each hit, the lines of eight times as many take sixty-four times as long; the
    # processor's own time, so that a machine with more to do changes little.
    assert seconds(320_000) < 24 * seconds(40_000)


def test_the_account_is_of_the_cells(image: feedsieve.Image) -> None:
    table = pa.table({"text": pa.chunked_array([CELLS[:2], CELLS[2:]])})
    stats = feedsieve.scan_arrow(table, "text", image).stats
    text = "".join((cell or "") + "\n" for cell in CELLS)
    assert (stats["feed"], stats["bytes"], stats["records"], stats["lines"]) == (
        "text", len(text), 7, 7,
    )  # fmt: skip
    assert (stats["scanned"], stats["skipped"]) == (5, {"blank": 2})
    assert stats["hits"] == len(expected(image, CELLS))
    assert stats["complete"]


@pytest.mark.parametrize(
    "first",
    [b"\xef\xbb\xbf", b"PK\x03\x04", b"BZh91AY", b"\x1f\x8b\x08", b"\xff\xfe", b"fsieve\r\n",
     b"<!DOCTYPE html>", b"# a comment 192.0.2.35", b"#fields\tip"],
)  # fmt: skip
@pytest.mark.parametrize("format", ["text", "list", "ndjson"])
def test_a_first_cell_hides_no_other(image: feedsieve.Image, first: bytes, format: str) -> None:
    table = pa.table({"text": [first, b"192.0.2.35"]})
    found = rows(feedsieve.scan_arrow(table, "text", image, format=format))
    assert [hit["participant"] for hit in found if hit["row"] == 1] == ["H002", "H001"]


TEXT = st.lists(
    st.sampled_from(["192.0.2.35", "192.0.2.77", "lab.lucas-hospital.example", " ", "\n", "x", ".", "é"])
).map("".join)


@settings(deadline=None)
@given(st.lists(st.none() | TEXT, max_size=20), st.integers(1, 5))
def test_rows_do_not_depend_on_batches(
    image: feedsieve.Image, cells: list[str | None], size: int
) -> None:
    table = pa.table({"text": pa.array(cells, pa.string())})
    batches = table.to_batches(max_chunksize=size)
    assert rows(feedsieve.scan_arrow(batches, "text", image)) == expected(image, cells)


def test_copies_of_records_come_in_batches() -> None:
    image = feedsieve.compile([{"participant": "A", "value": "192.0.2.35"}])
    filling = "x" * 60_000
    cells = pa.array([f"192.0.2.35 {number} {filling}" for number in range(1200)])
    table = pa.table({"text": cells})
    found = pa.table(feedsieve.scan_arrow(table, "text", image, with_record=True))
    assert found["record"].to_pylist() == cells.to_pylist()
    assert found["row"].to_pylist() == list(range(1200))
    assert len(found["record"].chunks) == 2


def test_wrong_tables_are_refused(image: feedsieve.Image) -> None:
    table = pa.table({"text": CELLS, "number": range(len(CELLS))})
    with pytest.raises(ValueError, match='no column "txt"; there are text, number'):
        feedsieve.scan_arrow(table, "txt", image)
    with pytest.raises(TypeError, match="Int64"):
        feedsieve.scan_arrow(table, "number", image)
    for wrong in (7, None, object()):
        with pytest.raises(TypeError):
            feedsieve.scan_arrow(wrong, "text", image)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="PyCapsule|__arrow_c_"):
        feedsieve.scan_arrow(["192.0.2.35"], "text", image)  # type: ignore[list-item]

    def failing() -> Any:
        yield table.to_batches()[0]
        raise ConnectionResetError("the peer is gone")

    with pytest.raises(ConnectionResetError):
        feedsieve.scan_arrow(failing(), "text", image)
    reader = pa.RecordBatchReader.from_batches(table.schema, failing())
    with pytest.raises(ValueError, match="the peer is gone"):
        feedsieve.scan_arrow(reader, "text", image)


def test_threads_change_no_answer(image: feedsieve.Image) -> None:
    draw = random.Random(7)
    some = ["192.0.2.35", None, "lab.lucas-hospital.example", "192.0.2.0/24", "2001:db8::1"]
    wanted_of = {text: image.lookup_many([text])[0] for text in [*some, "203.0.113.9"]}
    assert wanted_of["203.0.113.9"] == () != wanted_of["192.0.2.35"]
    # Enough for several threads and for a second round, with something at every border.
    asked = ["203.0.113.9"] * 300_000
    for at in {*range(0, len(asked), 1 << 10), *draw.sample(range(len(asked)), 500), len(asked) - 1}:
        asked[at] = draw.choice(some)
    wanted = [wanted_of[text] for text in asked]
    assert image.lookup_many(asked) == wanted
    array = pa.array(asked)
    for threads in (1, 2, 3, 8, None):
        assert image.lookup_many(array, threads=threads) == wanted
    asked[200_000] = "not one"
    for threads in (1, 2, 8):
        with pytest.raises(feedsieve.IndicatorError, match="item 200000: ") as error:
            image.lookup_many(pa.array(asked), threads=threads)
        assert error.value.index == 200_000
    with pytest.raises(ValueError, match="zero"):
        image.lookup_many(array, threads=0)


def test_arrays_are_looked_up(image: feedsieve.Image) -> None:
    asked = ["192.0.2.35", None, "lab.lucas-hospital.example", "203.0.113.9"]
    wanted = image.lookup_many(asked)
    assert [answer is None for answer in wanted] == [False, True, False, False]
    plain = pa.array(asked)
    for array in (
        plain,
        plain.cast(pa.string_view()),
        plain.dictionary_encode(),
        pa.chunked_array([plain[:1], plain[1:]]),
        pl.Series(asked),
        pd.Series(asked),
    ):
        assert image.lookup_many(array) == wanted
    with pytest.raises(feedsieve.IndicatorError, match="item 1: ") as error:
        image.lookup_many(pa.array(["192.0.2.35", "not one"]))
    assert error.value.index == 1
    assert image.lookup_many(pa.array([b"\xff"]), skip_bad_items=True) == [None]
    with pytest.raises(TypeError, match="Int64"):
        image.lookup_many(pa.array([1, 2]))
