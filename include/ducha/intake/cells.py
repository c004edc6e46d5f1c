"""One cell of a sheet: what a clerk reads in it, and whether it names a person. Light, for the reading child too."""

from __future__ import annotations

import datetime as dt
import math
import re
import unicodedata
from typing import Any

from ducha.personal import is_identity, is_personal

MAX_EXACT = 1e15
"""Beyond this a spreadsheet program no longer keeps every digit."""
NUMBER = re.compile(
    r"([+-]?)((?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d*)?|\.\d+)(e[+-]?\d{1,4})?\s*([^\d\s,.+\-~(（]\D{0,11})?",
    re.I | re.A,
)
VAGUE = re.compile(r"约|近|左右|以上|以下|多|余|几|数|成|逾|超|不足|至|到|~|-|\(|含|其中|完成|左|右")
_INVISIBLE = re.compile("[\u200b\u200c\u200d\u2060\ufeff\u00ad]")


class CellDate(str):
    """A cell that the workbook holds as a date or time, in ISO form."""

    __slots__ = ()


def iso_date(cell: Any) -> CellDate:
    """Return a date, time or duration as a workbook's reader gives it, in ISO form."""
    return CellDate(cell.isoformat() if isinstance(cell, dt.date) else str(cell))


def plain(text: str) -> str:
    """Return `text` in compatibility form (full-width digits become digits), trimmed, without invisible characters."""
    if text.isascii():
        return text.strip()
    return _INVISIBLE.sub("", unicodedata.normalize("NFKC", text)).strip()


def as_text(cell: Any) -> str:
    """Return a cell as the clerk would read it."""
    if isinstance(cell, float):
        return str(int(cell)) if math.isfinite(cell) and cell == int(cell) else repr(cell)
    if isinstance(cell, bool):
        return "true" if cell else "false"
    return str(cell)


def is_personal_cell(cell: Any, is_figure: bool = False) -> bool:
    """Return whether a cell seems to hold an identity or phone number.

    `is_figure`: a number belongs there, and eleven digits alone are one. Fifteen decimals name nobody: of a number the
    whole part is judged, and the whole with its decimals.
    """
    if isinstance(cell, bool):
        return False
    if isinstance(cell, float):
        return cell.is_integer() and (is_identity if is_figure else is_personal)(as_text(cell))
    found = NUMBER.fullmatch(plain(cell)) if is_figure else None
    if not found or VAGUE.search(found.group(4) or ""):
        return is_personal(cell)
    digits, power, suffix = found.group(2).replace(",", ""), found.group(3), found.group(4) or ""
    if power:
        return is_identity(digits + power)
    whole, _, part = digits.partition(".")
    return is_identity(whole if part else whole + suffix) or (is_identity(digits) and not is_identity(part))
