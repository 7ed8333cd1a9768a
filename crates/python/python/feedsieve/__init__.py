"""Says which of thousands of participants a multi-gigabyte feed concerns, and in which record.

What participants own is compiled into an image once, with `compile`. `Image` answers for single
indicators, `scan` finds the records of a feed, `scan_arrow` those of a column of a table.
"""

from ._compile import compile
from ._errors import (
    Error,
    FeedError,
    ImageError,
    IndicatorError,
    InventoryError,
    InventoryWarning,
    RejectedRow,
)
from ._native import Also, Found, Hit, HitTable, Image, Scan
from ._scan import scan, scan_arrow

__all__ = [
    "Also",
    "Error",
    "FeedError",
    "Found",
    "Hit",
    "HitTable",
    "Image",
    "ImageError",
    "IndicatorError",
    "InventoryError",
    "InventoryWarning",
    "RejectedRow",
    "Scan",
    "compile",
    "scan",
    "scan_arrow",
]
