"""What calamine does not say of a sheet: errors, formulas without a result, number formats, hidden rows and columns.

A few searches over the sheet's bytes decide whether anything is there at all; only then are its cells walked.
"""

from __future__ import annotations

import posixpath
import re
from dataclasses import dataclass, field

from ducha.intake.number_formats import Shape, attributes, shapes_of_styles
from ducha.intake.preflight import Archive, column_number

Cell = tuple[int, int]
"""0-based row and column."""


@dataclass
class SheetScan:
    """`errors`: cell → (reason code, text as found); `shown`: cell → number as its format shows it; 0-based places."""

    errors: dict[Cell, tuple[str, str]] = field(default_factory=dict)
    shown: dict[Cell, str] = field(default_factory=dict)
    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: set[int] = field(default_factory=set)


_SHEET = re.compile(rb"<(?:\w+:)?sheet\b([^>]*)>")
_RELATION = re.compile(rb"<(?:\w+:)?Relationship\b([^>]*)>")
_ROW = re.compile(rb"<(?:\w+:)?row\b([^>]*?)(?:/>|>(.*?)</(?:\w+:)?row>)", re.S)
_CELL = re.compile(rb"<(?:\w+:)?c\b([^>]*?)(?:/>|>(.*?)</(?:\w+:)?c>)", re.S)
_VALUE = re.compile(rb"<(?:\w+:)?v\b[^>]*>([^<]*)</")
_FORMULA = re.compile(rb"<(?:\w+:)?f[ >/]")
# Patterns that begin with plain text are searched ten times faster; finding too much only costs the closer look.
_ANY_FORMULA = (re.compile(rb"<f[\s>/]"), re.compile(rb":f[\s>/]"))
_ANY_STYLE = re.compile(rb"s=\"(\d+)\"")
_COLUMN = re.compile(rb"<(?:\w+:)?col\b([^>]*)>")
_PLACE = re.compile(rb"\br=\"([A-Z]{1,3})(\d{1,7})\"")
_STYLE = re.compile(rb"\bs=\"(\d+)\"")
_HIDDEN = re.compile(rb"hidden=\"(?:1|true)\"")


def sheet_parts(archive: Archive) -> list[bytes]:
    """Return the XML of the workbook's sheets in workbook order; b'' for one whose part is missing."""
    workbook = _main_part(archive)
    folder, name = posixpath.split(workbook)
    relations = {}
    for match in _RELATION.finditer(archive.parts.get(f"{folder}/_rels/{name}.rels", b"")):
        found = attributes(match.group(1))
        relations[found.get("Id", "")] = _resolve(folder, found.get("Target", ""))
    sheets = [attributes(match.group(1)) for match in _SHEET.finditer(archive.parts.get(workbook, b""))]
    return [_double_quoted(archive.parts.get(relations.get(sheet.get("id", ""), ""), b"")) for sheet in sheets]


def _double_quoted(sheet: bytes) -> bytes:
    """Return the sheet with its attributes in double quotes, as every search here expects."""
    return re.sub(rb"='([^'\"<>]*)'", rb'="\1"', sheet) if b"='" in sheet else sheet


def _main_part(archive: Archive) -> str:
    for match in _RELATION.finditer(archive.parts.get("_rels/.rels", b"")):
        found = attributes(match.group(1))
        if found.get("Type", "").endswith("/officeDocument"):
            return found.get("Target", "").lstrip("/")
    return "xl/workbook.xml"


def _resolve(folder: str, target: str) -> str:
    return target.lstrip("/") if target.startswith("/") else posixpath.normpath(posixpath.join(folder, target))


def shapes_in(archive: Archive) -> dict[int, Shape]:
    """Return the workbook's cell formats that change how a number must be read."""
    styles = next((content for name, content in archive.parts.items() if name.endswith("/styles.xml")), b"")
    return shapes_of_styles(styles)


def is_never_calculated(archive: Archive) -> bool:
    """Return whether a library wrote the workbook and asks for a first calculation: its cached zeros mean nothing."""
    workbook = archive.parts.get(_main_part(archive), b"")
    return re.search(rb"\bfullCalcOnLoad=\"(?:1|true)\"", workbook) is not None


def scan_sheet(sheet: bytes, shapes: dict[int, Shape], never_calculated: bool) -> SheetScan:
    """Return what stands in the sheet beside plain values."""
    scan = SheetScan()
    _find_hidden(sheet, scan)
    used = {int(n) for n in set(_ANY_STYLE.findall(sheet))} & shapes.keys() if shapes else set()
    if b't="e"' in sheet or used or any(pattern.search(sheet) for pattern in _ANY_FORMULA):
        _walk(sheet, {n: shapes[n] for n in used}, never_calculated, scan)
    return scan


def _find_hidden(sheet: bytes, scan: SheetScan) -> None:
    if not _HIDDEN.search(sheet):
        return
    for match in _COLUMN.finditer(sheet):
        found = attributes(match.group(1))
        if found.get("hidden") in ("1", "true"):
            first, last = int(found.get("min", 1)), int(found.get("max", 1))
            scan.hidden_columns.update(range(first - 1, min(last, 512)))
    number = 0
    for match in _ROW.finditer(sheet):
        found = attributes(match.group(1))
        number = int(found.get("r", number + 1))
        if found.get("hidden") in ("1", "true"):
            scan.hidden_rows.add(number - 1)


def _walk(sheet: bytes, shapes: dict[int, Shape], never_calculated: bool, scan: SheetScan) -> None:
    row = 0
    for row_match in _ROW.finditer(sheet):
        named = re.search(rb"\br=\"(\d{1,7})\"", row_match.group(1))
        row = int(named.group(1)) if named else row + 1
        column = 0
        for cell in _CELL.finditer(row_match.group(2) or b""):
            place = _PLACE.search(cell.group(1))
            column = column_number(place.group(1).decode()) if place else column + 1
            _judge_cell((row - 1, column - 1), cell.group(1), cell.group(2) or b"", shapes, never_calculated, scan)


def _judge_cell(
    place: Cell, tag: bytes, inside: bytes, shapes: dict[int, Shape], never_calculated: bool, scan: SheetScan
) -> None:
    found = _VALUE.search(inside)
    value = found.group(1).decode("utf-8", "replace").strip() if found else ""
    if b't="e"' in tag:
        scan.errors[place] = ("error_value", value)
        return
    if _FORMULA.search(inside) and (not value or (never_calculated and value == "0")) and b't="str"' not in tag:
        scan.errors[place] = ("formula_without_value", "")
        return
    style = _STYLE.search(tag)
    shape = shapes.get(int(style.group(1))) if style else None
    if shape is None or not value or re.search(rb"\bt=\"(?!n\")", tag):
        return
    try:
        shown = shape.shown(float(value))
    except (ValueError, ArithmeticError):
        return
    if shown is None:
        scan.errors[place] = ("number_format", shape.code)
    else:
        scan.shown[place] = shown
