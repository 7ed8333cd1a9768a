"""Accounts of feeds, added up as the command's summary does."""

from collections.abc import Iterable, Mapping
from typing import Any

_COUNTS = (
    "bytes",
    "lines",
    "records",
    "scanned",
    "candidates",
    "hits",
    "exceptions",
    "allowed",
    "local_space",
)
_COUNTED = ("skipped", "participants", "suppressed", "seconds")


def total(accounts: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """The sum of the accounts of several feeds, in which no line and no format has a meaning."""
    whole: dict[str, Any] = {key: 0 for key in _COUNTS}
    whole.update({key: {} for key in (*_COUNTED, "rejected")})
    feeds = incomplete = 0
    for account in accounts:
        feeds += 1
        for key in _COUNTS:
            whole[key] += account[key]
        for key in _COUNTED:
            for name, count in account[key].items():
                whole[key][name] = whole[key].get(name, 0) + count
        for reason, found in account["rejected"].items():
            rejected = whole["rejected"].setdefault(reason, {"count": 0, "lines": []})
            rejected["count"] += found["count"]
        if long_records := account.get("long_records"):
            whole["long_records"] = whole.get("long_records", 0) + long_records
        incomplete += not account["complete"]
    whole.update(format=None, format_why=None, encoding=None, complete=incomplete == 0)
    whole["incomplete_why"] = (
        f"{incomplete} of {feeds} feeds not read to the end" if incomplete else None
    )
    return whole


def whole(feed: str, accounts: list[dict[str, Any]]) -> dict[str, Any]:
    """The account of what was scanned as one: a feed's own, or the sum over an archive."""
    if len(accounts) == 1:
        return accounts[0]
    return {"feed": feed, **total(accounts)}
