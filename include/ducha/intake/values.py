"""Numbers, dates, weeks and flags as people type them, read exactly or not at all.

Each parser takes the cells of one column over all files (str, float, bool or `CellDate`) and gives the values and,
cell by cell, a reason code where the cell cannot be read ('' where it can). Equal texts are judged once.
"""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from ducha.intake.cells import MAX_EXACT, NUMBER, VAGUE, CellDate, as_text, is_personal_cell, plain

MAX_TEXT = 2_000
SHORTEST_PERSONAL = 7
SMALLEST_IDENTITY = 1e14
"""The identity numbers of old cards have 15 digits."""
Codes = npt.NDArray[np.object_]


class Numbers(NamedTuple):
    """`values` float64 (NaN: empty or unreadable), `suffixes` the unit typed behind the number, `codes` the reasons."""

    values: npt.NDArray[np.float64]
    suffixes: Codes
    codes: Codes


_YES = frozenset(re.split(" ", "是 有 对 √ ✓ ✔ true yes y t 1 完成 已完成 办结 已办结 无变化 是的"))
_NO = frozenset(re.split(" ", "否 无 不 × ✗ ✘ x false no n f 0 未完成 未办结 有变化 没有"))
_DATE = re.compile(
    r"(\d{4})\s*(?:年|[-/.])\s*(\d{1,2})\s*(?:月|[-/.])\s*(\d{1,2})\s*(?:日|号)?(?:[T\s]+\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?)?"
)
_WEEK = re.compile(r"(\d{4})\s*[-年]?\s*(?:w|第)\s*(\d{1,2})\s*周?", re.I)
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff]")


def _each(cells: Sequence[Any], judge: Callable[[Any], Any]) -> list[Any]:
    """Judge every distinct cell once. Cells of different types never meet (1.0 and True are equal in Python)."""
    if set(map(type, cells)) == {str}:
        texts = {cell: judge(cell) for cell in set(cells)}
        return [texts[cell] for cell in cells]
    known: dict[tuple[type, Any], Any] = {}
    judged = []
    for cell in cells:
        key = (type(cell), cell)
        if key not in known:
            known[key] = judge(cell)
        judged.append(known[key])
    return judged


def parse_numbers(cells: Sequence[Any]) -> Numbers:
    """Read numbers: `12.5`, `１，２３４`, `12.5%` (12.5, suffix %), `1.2亿元` (1.2, suffix 亿元); empty is NaN."""
    values = np.full(len(cells), np.nan)
    suffixes: Codes = np.full(len(cells), "", dtype=object)
    codes: Codes = np.full(len(cells), "", dtype=object)
    is_float = np.fromiter((type(cell) is float for cell in cells), bool, len(cells))
    values[is_float] = [cell for cell in cells if type(cell) is float]
    codes[is_float & ~np.isfinite(values)] = "not_finite"
    codes[is_float & (np.abs(values) > MAX_EXACT) & np.isfinite(values)] = "number_too_large"
    for n in np.flatnonzero(is_float & (np.abs(values) >= SMALLEST_IDENTITY)).tolist():
        if is_personal_cell(cells[n], is_figure=True):
            codes[n] = "personal_data"
    others = [n for n, cell in enumerate(cells) if type(cell) is not float and cell != ""]
    for n, judged in zip(others, _each([cells[n] for n in others], _number), strict=True):
        values[n], suffixes[n], codes[n] = judged
    values[codes != ""] = np.nan
    return Numbers(values, suffixes, codes)


def _number(cell: Any) -> tuple[float, str, str]:
    if isinstance(cell, CellDate):
        return _no_number("date_in_number")
    text = "true" if isinstance(cell, bool) else plain(cell)
    if not text:
        return _no_number("")
    if is_personal_cell(cell, is_figure=True):
        return _no_number("personal_data")
    return _exact_number(text)


def _exact_number(text: str) -> tuple[float, str, str]:
    if text.lower().lstrip("+-") in ("nan", "inf", "infinity", "∞"):
        return _no_number("not_finite")
    found = NUMBER.fullmatch(text)
    suffix = (found.group(4) or "").strip() if found else ""
    if not found or VAGUE.search(suffix):
        return _no_number("not_a_number")
    value = float(found.group(1) + found.group(2).replace(",", "") + (found.group(3) or ""))
    if abs(value) > MAX_EXACT:
        return _no_number("number_too_large" if math.isfinite(value) else "not_finite")
    return value, suffix, ""


def _no_number(code: str) -> tuple[float, str, str]:
    return math.nan, "", code


def parse_dates(cells: Sequence[Any]) -> tuple[pd.Series, Codes]:
    """Read dates as naive `datetime64[us]` days: ISO, 2026年3月5日, 2026.3.5, serials of 2000 to 2099; empty is NaT."""
    judged = _each(cells, _date)
    days = pd.Series(np.array([day or "NaT" for day, _ in judged], dtype="datetime64[us]"))
    return days, np.array([code for _, code in judged], dtype=object)


def _date(cell: Any) -> tuple[str | None, str]:
    if isinstance(cell, float):
        is_serial = cell == int(cell) and 36526 <= cell < 73051 if math.isfinite(cell) else False
        return (str(dt.date(1899, 12, 30) + dt.timedelta(days=int(cell))), "") if is_serial else _no_date(cell)
    if isinstance(cell, bool):
        return None, "not_a_date"
    text = plain(cell)
    if not text:
        return None, ""
    found = _DATE.fullmatch(text)
    if not found:
        return _no_date(cell)
    try:
        return str(dt.date(*map(int, found.groups()))), ""
    except ValueError:
        return None, "not_a_date"


def _no_date(cell: Any) -> tuple[None, str]:
    return None, "personal_data" if is_personal_cell(cell) else "not_a_date"


def parse_weeks(cells: Sequence[Any]) -> tuple[Codes, Codes]:
    """Read week codes: 2022-W02, 2022W2, 2022年第2周 all give `2022-W02`; what is no week stays as written."""
    judged = _each(cells, _week)
    return np.array([week for week, _ in judged], dtype=object), np.array([code for _, code in judged], dtype=object)


def _week(cell: Any) -> tuple[str, str]:
    text = "" if cell == "" else plain(as_text(cell))
    if not text:
        return "", ""
    found = None if isinstance(cell, CellDate) else _WEEK.fullmatch(text)
    if not found or not 1 <= int(found.group(2)) <= 53:
        return ("", "personal_data") if is_personal_cell(cell) else (text, "week_unreadable")
    return f"{found.group(1)}-W{int(found.group(2)):02d}", ""


def parse_flags(cells: Sequence[Any]) -> tuple[pd.Series, Codes]:
    """Read yes and no as `boolean`; empty is NA."""
    judged = _each(cells, _flag)
    flags = pd.Series(pd.array([flag for flag, _ in judged], dtype="boolean"))
    return flags, np.array([code for _, code in judged], dtype=object)


def _flag(cell: Any) -> tuple[bool | None, str]:
    if isinstance(cell, bool):
        return cell, ""
    text = plain(as_text(cell)).lower()
    if not text:
        return None, ""
    if text in _YES or text in _NO:
        return text in _YES, ""
    return None, "personal_data" if is_personal_cell(cell) else "not_a_flag"


def parse_texts(cells: Sequence[Any], is_code: bool) -> tuple[Codes, Codes]:
    """Read texts, trimmed; codes also in compatibility form. Whole numbers lose their `.0`."""
    judged = _each(cells, _code if is_code else _text)
    return np.array([text for text, _ in judged], dtype=object), np.array([code for _, code in judged], dtype=object)


def _code(cell: Any) -> tuple[str, str]:
    text, code = _text(cell)
    return plain(text), code


def _text(cell: Any) -> tuple[str, str]:
    text = as_text(cell).replace("\r\n", "\n").strip()
    if len(text) >= SHORTEST_PERSONAL and is_personal_cell(cell):
        return "", "personal_data"
    if _CONTROL.search(text):
        return _CONTROL.sub("�", text), "text_control"
    if len(text) > MAX_TEXT:
        return text[:MAX_TEXT], "text_too_long"
    return text, ""
