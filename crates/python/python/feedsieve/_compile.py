"""Inventories, in files or as rows of Python, into an image."""

import ipaddress
import json
import math
import os
import warnings
from collections.abc import Iterable, Mapping

from ._errors import InventoryWarning
from ._native import Image, compile_files, compile_rows

Path = str | os.PathLike[str]


def compile(
    inventory: Path | Iterable[Path] | Iterable[Mapping[str, object]],
    path: Path | None = None,
    *,
    skip_bad_rows: bool = False,
) -> Image:
    """Compiles an inventory into an image, and publishes that as the file `path` if one is named.

    `inventory` is a file (CSV, JSON, NDJSON or TOML, told by its content), several files, or rows:
    mappings with `participant` and `value`, and if you like `kind`, `label`, `group` and `accept`.
    Values are text or objects of the module `ipaddress`; names may be numbers. None and NaN, as
    pandas has them, are as if the key were not there; anything else raises TypeError.

    The file is there whole or not at all, with mode 0600: it is written beside its target and
    renamed over it, so that whoever reads or maps the old one keeps it. The same assets give the
    same bytes.

    Raises InventoryError where rows are wrong, with all of them in `rows`, and writes nothing then.
    With `skip_bad_rows` they are left out and told of by an InventoryWarning. An inventory without
    any asset is told of by one too.
    """
    target = None if path is None else os.fspath(path)
    files: list[str] = []
    rows: list[Mapping[str, object]] = []
    if isinstance(inventory, (str, os.PathLike)):
        files.append(os.fspath(inventory))
    else:
        for row in inventory:
            if isinstance(row, (str, os.PathLike)):
                files.append(os.fspath(row))
            elif isinstance(row, Mapping):
                rows.append(row)
            else:
                found = type(row).__name__
                raise TypeError(f"an inventory holds paths or mappings, not {found}")
    if files and rows:
        raise TypeError("an inventory holds paths or mappings, not both")
    if files:
        image = compile_files(files, target, skip_bad_rows)
    else:
        # A line each, so that the line of a row that is wrong is its number.
        text = "".join(json.dumps(_texts(row)) + "\n" for row in rows)
        image = compile_rows(text.encode(), target, skip_bad_rows)
    if image.assets == 0:
        empty = "no asset in the inventory, so that nothing can be found for it"
        warnings.warn(InventoryWarning(empty), stacklevel=2)
    return image


def _texts(row: Mapping[str, object]) -> dict[str, str]:
    return {str(key): text for key, value in row.items() if (text := _text(key, value)) is not None}


def _text(key: str, value: object) -> str | None:
    """What a row holds under a key, as text; None where it holds nothing.

    What only looks as if it meant nothing is refused: `accept=False` would be a reason otherwise,
    and accepts an asset that nobody looked at.
    """
    # Pandas has a NaN where a table has nothing.
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return None
    if isinstance(value, (str, *_ADDRESSES)):
        return str(value)
    # What participants are called may be numbers.
    if isinstance(value, int) and not isinstance(value, bool) and key in _NAMES:
        return str(value)
    found = type(value).__name__
    raise TypeError(f"{key}: a row holds text or objects of the module ipaddress, not {found}")


_ADDRESSES = (
    ipaddress.IPv4Address,
    ipaddress.IPv6Address,
    ipaddress.IPv4Network,
    ipaddress.IPv6Network,
)

_NAMES = ("participant", "label", "group")
