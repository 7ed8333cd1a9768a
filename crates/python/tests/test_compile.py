"""Inventories: files and rows in, one image out, published whole or not at all."""

import ipaddress
import os
import stat
from pathlib import Path

import pytest
from conftest import PARTICIPANTS

import feedsieve

GOOD = {"participant": "A", "kind": "domain", "value": "hospital.example", "label": "site"}


def test_files_rows_and_notations_give_the_same_bytes(tmp_path: Path) -> None:
    csv = tmp_path / "a.csv"
    csv.write_text("participant,kind,value,label\nA,domain,hospital.example,site\n")
    toml = tmp_path / "b.toml"
    toml.write_text('[[asset]]\nparticipant = "B"\nvalue = "192.0.2.0/24"\n')
    rows = [
        GOOD | {"group": None},
        {"participant": "B", "value": ipaddress.ip_network("192.0.2.0/24")},
    ]
    for number, inventory in enumerate([[csv, str(toml)], [toml, csv], rows, iter(rows)]):
        feedsieve.compile(inventory, tmp_path / f"{number}.image")
    images = {path.read_bytes() for path in tmp_path.glob("*.image")}
    assert len(images) == 1
    assert feedsieve.compile(rows).digest == feedsieve.Image.open(images.pop()).digest


@pytest.mark.parametrize("missing", [None, float("nan")])
def test_what_is_missing_is_no_text(missing: object) -> None:
    # A public suffix is refused, unless a reason to accept it is given.
    with pytest.raises(feedsieve.InventoryError, match="public suffix"):
        feedsieve.compile([{"participant": "A", "value": "co.uk", "accept": missing}])
    rows = [GOOD | {"group": missing, "participant": 7}]
    plain = [GOOD | {"participant": "7"}]
    assert feedsieve.compile(rows).digest == feedsieve.compile(plain).digest


def test_tables_of_pandas_may_have_gaps() -> None:
    pandas = pytest.importorskip("pandas")
    table = pandas.DataFrame([GOOD, {"participant": "B", "value": "192.0.2.0/24", "accept": "ours"}])
    rows = [GOOD, {"participant": "B", "value": "192.0.2.0/24", "accept": "ours"}]
    assert feedsieve.compile(table.to_dict("records")).digest == feedsieve.compile(rows).digest


@pytest.mark.parametrize(
    ("key", "wrong"),
    [("accept", False), ("accept", True), ("accept", 1), ("value", 7), ("value", 1.5)]
    + [("value", b"hospital.example"), ("label", ["site"]), ("participant", True)],
)
def test_what_is_no_text_is_refused(key: str, wrong: object) -> None:
    with pytest.raises(TypeError, match=f"^{key}: .*, not {type(wrong).__name__}$"):
        feedsieve.compile([GOOD | {key: wrong}])


def test_the_file_is_published_at_once_and_is_its_owners(tmp_path: Path) -> None:
    path = tmp_path / "members.image"
    feedsieve.compile([GOOD], path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    first = path.stat().st_ino
    feedsieve.compile(PARTICIPANTS, str(path))
    assert path.stat().st_ino != first
    assert os.listdir(tmp_path) == ["members.image"]


def test_bad_rows_are_told_with_their_places_and_nothing_is_written(tmp_path: Path) -> None:
    csv = tmp_path / "a.csv"
    csv.write_text("participant,kind,value\nA,prefix,192.0.2.0/33\nA,domain,com\nA,,school.example\n")
    path = tmp_path / "members.image"
    with pytest.raises(feedsieve.InventoryError) as error:
        feedsieve.compile(csv, path)
    assert [(row.path, row.line, row.column) for row in error.value.rows] == [
        (str(csv), 2, 10),
        (str(csv), 3, 10),
    ]
    assert str(error.value).splitlines()[1].startswith(f"{csv}:3:10: domain com is a public suffix; ")
    assert not path.exists()
    with pytest.warns(feedsieve.InventoryWarning) as warned:
        image = feedsieve.compile(csv, path, skip_bad_rows=True)
    assert warned[0].filename == __file__
    assert len(warned[0].message.rows) == 2  # type: ignore[union-attr]
    assert (image.assets, feedsieve.Image.open(path).assets) == (1, 1)


def test_bad_rows_of_a_list_are_told_by_their_number() -> None:
    rows = [GOOD, {"participant": "A", "value": "co.uk"}, {"value": "x.example"}, {"participant": "A"}]
    with pytest.raises(feedsieve.InventoryError) as error:
        feedsieve.compile(rows * 2)
    assert [row.line for row in error.value.rows] == [2, 3, 4, 6, 7, 8]
    assert {row.column for row in error.value.rows} == {None}
    assert str(error.value).startswith("row 2: ") and str(error.value).endswith("\nand 3 more")


def test_a_file_that_is_no_inventory_is_named(tmp_path: Path) -> None:
    missing = tmp_path / "missing.csv"
    with pytest.raises(feedsieve.InventoryError, match="No such file") as error:
        feedsieve.compile(missing)
    assert error.value.path == str(missing)
    assert isinstance(error.value.__cause__, FileNotFoundError)
    odd = tmp_path / "odd.csv"
    odd.write_text("a,b\n1,2\n")
    with pytest.raises(feedsieve.InventoryError) as error:
        feedsieve.compile(odd)
    assert (error.value.rows[0].path, error.value.rows[0].line) == (str(odd), 1)


def test_an_empty_inventory_is_warned_of() -> None:
    with pytest.warns(feedsieve.InventoryWarning, match="no asset"):
        assert feedsieve.compile([]).assets == 0


def test_targets_that_are_not_to_be_written_are_refused(tmp_path: Path) -> None:
    csv = tmp_path / "a.csv"
    csv.write_text("participant,value\nA,hospital.example\n")
    link = tmp_path / "link.image"
    link.symlink_to(csv)
    for target, why in [
        (csv, "both read and written"),
        (link, "a symbolic link"),
        (tmp_path, "a folder"),
        (tmp_path / "no" / "x.image", "No such file"),
    ]:
        with pytest.raises(feedsieve.Error, match=why):
            feedsieve.compile(csv, target)
    assert csv.read_text().startswith("participant")


def test_wrong_types_are_refused() -> None:
    for wrong in ([1], ["a.csv", GOOD], [GOOD, "a.csv"], 7, None):
        with pytest.raises(TypeError):
            feedsieve.compile(wrong)  # type: ignore[arg-type]
