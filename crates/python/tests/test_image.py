"""Images: opened from files, maps and bytes, and what is said of those that are none."""

import json
import pickle
from pathlib import Path

import pytest
from conftest import PARTICIPANTS, command
from hypothesis import given
from hypothesis import strategies as st

import feedsieve


def test_file_map_and_bytes_are_one_image(image_path: Path) -> None:
    read = feedsieve.Image.open(image_path)
    others = [
        feedsieve.Image.open(str(image_path), mapped=True),
        feedsieve.Image.open(image_path.read_bytes()),
        feedsieve.Image.open(bytearray(image_path.read_bytes())),
    ]
    for other in others:
        assert (other.digest, other.participants, other.assets) == (
            read.digest,
            read.participants,
            read.assets,
        )
        assert other.lookup("192.0.2.35") == read.lookup("192.0.2.35") != []


def test_it_is_what_the_command_writes_and_inspects(image_path: Path, tmp_path: Path) -> None:
    theirs = tmp_path / "theirs.image"
    command("compile", "-p", PARTICIPANTS, "-o", theirs)
    assert theirs.read_bytes() == image_path.read_bytes()
    told = json.loads(command("inspect", "-o", "json", image_path))
    image = feedsieve.Image.open(image_path)
    assert (told["digest"], told["participants"], told["assets"]) == (
        image.digest,
        image.participants,
        image.assets,
    )
    assert repr(image) == (
        f"<Image {image.digest[:12]} participants={image.participants} assets={image.assets}>"
    )


def test_a_map_outlives_the_file_that_replaces_it(tmp_path: Path) -> None:
    path = tmp_path / "members.image"
    feedsieve.compile([{"participant": "A", "value": "hospital.example"}], path)
    old = feedsieve.Image.open(path, mapped=True)
    feedsieve.compile([{"participant": "B", "value": "school.example"}], path)
    new = feedsieve.Image.open(path, mapped=True)
    assert [found.participant for found in old.lookup("hospital.example")] == ["A"]
    assert old.lookup("school.example") == []
    assert [found.participant for found in new.lookup("school.example")] == ["B"]


@pytest.mark.parametrize("mapped", [False, True])
def test_what_is_no_image_is_named(tmp_path: Path, mapped: bool) -> None:
    path = tmp_path / "members.image"
    with pytest.raises(feedsieve.ImageError, match="No such file") as missing:
        feedsieve.Image.open(path, mapped=mapped)
    assert missing.value.path == str(path)
    assert isinstance(missing.value.__cause__, FileNotFoundError)

    path.write_bytes(b"participant,kind,value\n" * 100)
    with pytest.raises(feedsieve.ImageError, match="not a feedsieve image") as other:
        feedsieve.Image.open(path, mapped=mapped)
    assert str(other.value).startswith(f"{path}: ")
    assert isinstance(other.value, feedsieve.Error)

    path.write_bytes(b"")
    with pytest.raises(feedsieve.ImageError):
        feedsieve.Image.open(path, mapped=mapped)


def test_a_damaged_image_is_refused_wherever_it_is_damaged(image_path: Path) -> None:
    whole = image_path.read_bytes()
    refused = 0
    for at in range(0, len(whole), 7):
        damaged = bytearray(whole)
        damaged[at] ^= 0x40
        with pytest.raises(feedsieve.ImageError) as error:
            feedsieve.Image.open(bytes(damaged))
        refused += "damaged" in str(error.value)
    assert refused > len(whole) // 14
    for end in range(0, len(whole), 101):
        with pytest.raises(feedsieve.ImageError):
            feedsieve.Image.open(whole[:end])


@given(st.binary(max_size=4096))
def test_no_bytes_are_an_image_by_chance(noise: bytes) -> None:
    with pytest.raises(feedsieve.ImageError):
        feedsieve.Image.open(noise)


def test_wrong_types_are_refused(image_path: Path) -> None:
    for wrong in (None, 7, object(), [1, 2]):
        with pytest.raises(TypeError):
            feedsieve.Image.open(wrong)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="cannot be mapped"):
        feedsieve.Image.open(image_path.read_bytes(), mapped=True)
    with pytest.raises(TypeError):
        feedsieve.Image()


def test_exceptions_survive_pickling() -> None:
    for error in (
        feedsieve.ImageError("damaged", "x.image"),
        feedsieve.FeedError("feed", "cut short", 2),
        feedsieve.IndicatorError("no address", 3),
        feedsieve.InventoryError(None, None, (feedsieve.RejectedRow("a", 1, 2, "b", "c"),)),
    ):
        again = pickle.loads(pickle.dumps(error))
        assert (type(again), str(again), vars(again)) == (type(error), str(error), vars(error))
