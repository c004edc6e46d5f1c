"""From the bytes of a JSON submission to rows under headings, as if it were a CSV whose headings stand in row 1.

A JSON submission is an array of flat objects with the canonical keys, or `{"progress": [...]}` (`{"inspection": [...]}`
from inspection teams), in UTF-8. The first object is row 2, so that places agree with the marked workbook.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import Any

from ducha.intake.preflight import MAX_CELLS, RefusedError

_SURROGATE = re.compile("[\ud800-\udfff]")
_BOM = b"\xef\xbb\xbf"


class _NotANumber(str):
    """NaN or Infinity: no JSON, but many programs write it."""

    __slots__ = ()


class _Object(list[tuple[str, Any]]):
    """An object as its pairs, so that a key that stands twice is seen."""


@dataclass
class JsonRows:
    """`headings` in the order of first use; `rows` as long as they are, '' where a key is not given.

    `flaws`: [row number, heading or '', reason code, raw]; `notes`: keys beside the array that were not read.
    """

    headings: list[str] = field(default_factory=list)
    rows: list[list[Any]] = field(default_factory=list)
    flaws: list[tuple[int, str, str, str]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def read_json(content: bytes, kind: str) -> JsonRows:
    """Return the rows of a JSON submission; RefusedError when it is no JSON, or not an array of rows of `kind`."""
    found = JsonRows()
    objects = _array(_parsed(content), kind, found)
    places: dict[str, int] = {}
    for each in objects:
        for key, _ in each if isinstance(each, _Object) else ():
            places.setdefault(_plain(key), len(places))
    found.headings = list(places)
    if len(places) * len(objects) > MAX_CELLS:
        raise RefusedError("too_many_cells", f"{len(objects)} 行 × {len(places)} 列")
    for number, each in enumerate(objects, start=2):
        found.rows.append(_row(each, number, places, found))
    return found


def _parsed(content: bytes) -> Any:
    try:
        text = content.removeprefix(_BOM).decode("utf-8")
    except UnicodeDecodeError as error:
        raise RefusedError("unreadable_json", "不是 UTF-8 / not UTF-8") from error
    try:
        return json.loads(
            text, object_pairs_hook=_Object, parse_constant=_NotANumber, parse_int=float, parse_float=float
        )
    except json.JSONDecodeError as error:
        raise RefusedError("unreadable_json", f"第 {error.lineno} 行第 {error.colno} 个字符 / line, column") from error
    except RecursionError as error:
        raise RefusedError("unreadable_json", "嵌套过深 / nested too deep") from error


def _array(value: Any, kind: str, found: JsonRows) -> list[Any]:
    """The array of rows: the whole, or the one under the key `kind`."""
    if isinstance(value, _Object):
        keys = [key for key, _ in value]
        if keys.count(kind) != 1:
            raise RefusedError("json_without_rows", kind)
        found.notes = [_plain(key) for key in keys if key != kind]
        value = next(inside for key, inside in value if key == kind)
    if isinstance(value, _Object) or not isinstance(value, list):
        raise RefusedError("json_without_rows", kind)
    return value


def _row(each: Any, number: int, places: dict[str, int], found: JsonRows) -> list[Any]:
    row: list[Any] = [""] * len(places)
    if not isinstance(each, _Object):
        found.flaws.append((number, "", "json_not_a_row", _shown(each)))
        return row
    seen = set()
    for key, value in each:
        name = _plain(key)
        if name in seen:
            found.flaws.append((number, name, "json_key_twice", name))
        seen.add(name)
        row[places[name]], code = _cell(value)
        if code:
            found.flaws.append((number, name, code, str(row[places[name]])))
    return row


def _cell(value: Any) -> tuple[Any, str]:
    """A value as a cell, and the reason code where it cannot be one."""
    if value is None:
        return "", ""
    if isinstance(value, list):
        return _shown(value), "json_nested"
    if isinstance(value, _NotANumber):
        return str(value), "not_finite"
    if isinstance(value, str) and _SURROGATE.search(value):
        return _plain(value), "text_control"
    return value, ""


def _shown(value: Any) -> str:
    """A value that is no cell, as the sender wrote it, as far as a line goes."""
    if isinstance(value, _Object):
        return "{" + ", ".join(f'"{_plain(key)}": …' for key, _ in value[:5]) + "}"
    if isinstance(value, float) and value.is_integer():
        return f"{value:.0f}"
    return "[…]" if isinstance(value, list) else _plain(str(value))


def _plain(text: str) -> str:
    return _SURROGATE.sub("\ufffd", text)
