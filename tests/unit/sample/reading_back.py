"""A plain reader of what the generator wrote: openpyxl, csv and json, and nothing of the project but its headings."""

import csv
import datetime as dt
import io
import json
import re
import unicodedata
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
from ducha.sample.hands import HEADINGS

FIELD_OF = {zh: name for headings in HEADINGS.values() for name, zh in headings.items()} | {"核查值": "value"}
NAMES = {name for headings in HEADINGS.values() for name in headings}
FIELD_OF |= {name: name for name in NAMES}
NUMBERS = ("value", "numerator", "denominator")
YES, NO = ("是", "√", True, "true", "TRUE"), ("否", "×", False, "false", "FALSE")


def read_file(path: Path, file: dict[str, Any]) -> dict[int, dict[str, Any]]:
    """Rows of a file by row number, under canonical names, each value as `plain` gives it."""
    if file["format"] == "xlsx":
        found = read_workbook(path, file["sheet"])
    elif file["format"] == "csv":
        found = read_csv(path, file["encoding"])
    else:
        found = read_json(path, file["encoding"])
    return {row: {name: plain(name, cell) for name, cell in cells.items()} for row, cells in found.items()}


def read_workbook(path: Path, sheet: str) -> dict[int, dict[str, Any]]:
    page = openpyxl.load_workbook(io.BytesIO(path.read_bytes()))[sheet]
    top = next(row for row in page.iter_rows() if sum(cell.value in FIELD_OF for cell in row) > 2)
    headings = [FIELD_OF.get(cell.value) for cell in top]
    assert {cell.value for cell in top if cell.value not in FIELD_OF} <= {"序号", "备注"}
    rows = {}
    for cells in page.iter_rows(min_row=top[0].row + 1):
        row = {name: shown(cell) for name, cell in zip(headings, cells, strict=True) if name and cell.value is not None}
        if row and not str(cells[0].value).startswith("填报人"):
            rows[cells[0].row] = row
    return rows


def shown(cell: Any) -> Any:
    """A cell as a person sees it: percent and units that its format shows are part of it."""
    unit = re.fullmatch(r'0(?:\.00)?"(.+)"', cell.number_format)
    if cell.number_format == "0.00%":
        return f"{Decimal(repr(cell.value)) * 100}%"
    if cell.data_type == "f":
        return cell.value[1:]
    return f"{cell.value!r}{unit.group(1)}" if unit else cell.value


def read_csv(path: Path, encoding: str) -> dict[int, dict[str, Any]]:
    rows = csv.reader(io.StringIO(path.read_bytes().decode(encoding), newline=""))
    headings = [FIELD_OF[heading] for heading in next(rows)]
    return {
        number: {name: value for name, value in zip(headings, row, strict=True) if value != ""}
        for number, row in enumerate(rows, start=2)
    }


def read_json(path: Path, encoding: str) -> dict[int, dict[str, Any]]:
    whole = json.loads(path.read_bytes().decode(encoding))
    rows = whole["progress"] if isinstance(whole, dict) else whole
    return {number: {k: v for k, v in row.items() if v != ""} for number, row in enumerate(rows, start=2)}


def plain(name: str, value: Any) -> Any:
    """A value as the answer and any hand may be compared: text, or a number where it is one."""
    if name in ("done", "no_change") and value in YES + NO:
        return value in YES
    if isinstance(value, dt.date):
        return f"{value:%Y-%m-%d}"
    text = unicodedata.normalize("NFKC", str(value))
    date = re.fullmatch(r"(\d{4})[年.](\d{1,2})[月.](\d{1,2})日?", text)
    if name in ("happened_on", "checked_on") and date:
        return "{}-{:02}-{:02}".format(*map(int, date.groups()))
    week = re.fullmatch(r"(\d{4})年第(\d+)周", text)
    if week:
        return f"{week.group(1)}-W{int(week.group(2)):02}"
    number = re.fullmatch(r"(-?[\d,]+(?:\.\d+)?)(?!\d)\D{0,3}", text)
    if name in NUMBERS and number:
        return float(number.group(1).replace(",", ""))
    return {"随机": "random", "风险": "risk"}.get(text, text)
