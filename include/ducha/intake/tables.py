"""From the bytes of a file to its tables: cells as they stand, by field, with the row each came from.

Runs in the reading child. Nothing is interpreted here beyond finding the headings; `values.py` does that for all files
at once. A table is plain data that goes through JSON: `sheet`, `header_row` (1-based), `positions` (field → 0-based
column), `row_nos`, `columns` (field → cells), `cells` ([row_no, field, reason code, raw]), `notes` ([code, raw, cell]).
"""

from __future__ import annotations

import io
import re
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ducha.intake.cells import iso_date
from ducha.intake.headings import FIELDS, FIGURES, REQUIRED, VOCABULARY, column_letter, is_context, plain_heading
from ducha.intake.json_rows import read_json
from ducha.intake.preflight import RefusedError, judge_extent, open_archive, sniff
from ducha.intake.sheet_scan import SheetScan, is_never_calculated, scan_sheet, shapes_in, sheet_parts

GRID_COLUMNS = 60
HEADER_ROWS = 30
"""A heading row is looked for in this many rows: titles may stand above it."""
OWN_SHEETS = ("填报说明", "说明", "退回说明", "README")
_FOOTER = re.compile(
    r"\s*(填报人|填表人|制表|审核|负责人|联系人|单位负责人|合计|总计|小计|备注|说明|注)\b|\s*(填报人|审核|备注|说明|注)[：:]"
)

Table = dict[str, Any]
Found = tuple[Table, Sequence[Sequence[Any]], dict[tuple[int, int], str]]


def read_tables(path: Path, kind: str, whole: bool = False) -> list[Table]:
    """Return the tables of an xlsx, CSV or JSON file; RefusedError with a reason code when nothing can be read.

    `whole` adds `grid` to each table: all cells of its sheet as the sender sees them, dates as `CellDate`.
    """
    content = path.read_bytes()
    found = _found(path, content, kind)
    tables = []
    for table, rows, shown in found:
        if whole:
            table["grid"] = _grid(rows, shown)
        tables.append(table)
    return tables


def _found(path: Path, content: bytes, kind: str) -> list[Found]:
    form = sniff(content)
    if form == "xlsx":
        return _workbook_tables(path, content, kind)
    return [_json_table(content, kind) if form == "json" else _csv_table(content, kind)]


def _grid(rows: Sequence[Sequence[Any]], shown: dict[tuple[int, int], str]) -> list[list[Any]]:
    grid = [[c if isinstance(c, str | float | int) else iso_date(c) for c in row[:GRID_COLUMNS]] for row in rows]
    for (row, at), text in shown.items():
        if row < len(grid) and at < len(grid[row]):
            grid[row][at] = text
    return grid


def _workbook_tables(path: Path, content: bytes, kind: str) -> list[Found]:
    from python_calamine import CalamineError, CalamineWorkbook, PasswordError, SheetTypeEnum, SheetVisibleEnum

    archive = open_archive(path)
    parts, shapes, never_calculated = sheet_parts(archive), shapes_in(archive), is_never_calculated(archive)
    tables: list[Found] = []
    notes: list[list[str]] = []
    try:
        workbook = CalamineWorkbook.from_filelike(io.BytesIO(content))  # a path would be judged by its extension
        for index, about in enumerate(workbook.sheets_metadata):
            if about.typ != SheetTypeEnum.WorkSheet:
                continue
            if about.visible != SheetVisibleEnum.Visible:
                notes.append(["hidden_sheet", about.name, ""])
                continue
            part = parts[index] if index < len(parts) else b""
            judge_extent(part)
            sheet = workbook.get_sheet_by_index(index)
            rows = sheet.to_python(skip_empty_area=False)
            scan = scan_sheet(part, shapes, never_calculated)
            table = _table(about.name, rows, kind, scan, sheet.merged_cell_ranges or ())
            if table:
                tables.append((table, rows, {**{at: raw for at, (_, raw) in scan.errors.items()}, **scan.shown}))
            elif about.name not in OWN_SHEETS and any(cell != "" for row in rows for cell in row):
                notes.append(["sheet_without_headings", about.name, ""])
    except PasswordError as error:
        raise RefusedError("encrypted") from error
    except CalamineError as error:
        raise RefusedError("damaged") from error
    if not tables:
        raise RefusedError("no_header")
    first = tables[0][0]
    first["notes"] = notes + first["notes"]
    return tables


def _csv_table(content: bytes, kind: str) -> Found:
    import pandas as pd

    text = decode(content)
    separator = _separator(text, kind)
    width = min(max(line.count(separator) for line in text.splitlines()) + 1, 512)
    try:
        frame = pd.read_csv(
            io.StringIO(text), sep=separator, header=None, names=range(width), index_col=False, dtype=str,
            na_filter=False, skip_blank_lines=False, skipinitialspace=False,
        )  # fmt: skip
    except (pd.errors.ParserError, pd.errors.EmptyDataError, ValueError) as error:
        raise RefusedError("unreadable_csv", str(error).rsplit(":", maxsplit=1)[-1].strip()) from error
    rows = frame.fillna("").to_numpy(dtype=object).tolist()
    table = _table("", rows, kind, SheetScan(), ())
    if table is None:
        raise RefusedError("no_header")
    last = max(position for position, heading in enumerate(rows[table["header_row"] - 1]) if heading.strip())
    for row_no in table["row_nos"]:
        if any(rows[row_no - 1][last + 1 :]):
            table["cells"].append([row_no, "", "too_many_columns", f"{width} > {last + 1}"])
    return table, rows, {}


def _json_table(content: bytes, kind: str) -> Found:
    found = read_json(content, kind)
    if not found.rows:
        raise RefusedError("no_rows")
    positions, notes = _positions(found.headings, kind)
    fields = {found.headings[at]: field for field, at in positions.items()}
    table: Table = {
        "sheet": "", "header_row": 1, "positions": positions, "row_nos": list(range(2, len(found.rows) + 2)),
        "columns": {field: [row[at] for row in found.rows] for field, at in positions.items()},
        "cells": [
            [row_no, fields.get(heading, ""), code, raw]
            for row_no, heading, code, raw in found.flaws
            if not heading or heading in fields
        ],
        "notes": [["unknown_heading", key, ""] for key in found.notes] + notes,
    }  # fmt: skip
    for row_no, field, *_ in table["cells"]:  # a cell that is blamed already is not judged again
        if field:
            table["columns"][field][row_no - 2] = ""
    return table, [found.headings, *found.rows], {}


def decode(content: bytes) -> str:
    """Return the text of a CSV: by its BOM, else strictly UTF-8, else strictly GB18030; never a guess."""
    boms = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
    encodings = [encoding for bom, encoding in boms if content.startswith(bom)] or ["utf-8", "gb18030"]
    for encoding in encodings:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\x00" not in text:
            return text
    raise RefusedError("unreadable_text")


def _separator(text: str, kind: str) -> str:
    lines = text.splitlines()[:HEADER_ROWS]

    def hits(separator: str) -> int:
        cells = (line.replace('"', "").split(separator) for line in lines)
        return max((sum(plain_heading(cell) in VOCABULARY[kind] for cell in row) for row in cells), default=0)

    return max((",", "\t", ";", "|"), key=hits)


def _table(name: str, rows: Sequence[Sequence[Any]], kind: str, scan: SheetScan, merges: Sequence[Any]) -> Table | None:
    header = _header_row(rows, kind)
    if header is None:
        return None
    positions, notes = _positions(rows[header], kind)
    columns = {field: [row[at] for row in rows[header + 1 :]] for field, at in positions.items()}
    fields = {at: field for field, at in positions.items()}
    first = header + 1
    for (row, at), shown in scan.shown.items():
        if row >= first and at in fields:
            columns[fields[at]][row - first] = shown
    cells: list[list[Any]] = [
        [row + 1, fields[at], code, raw]
        for (row, at), (code, raw) in scan.errors.items()
        if row >= first and at in fields
    ]
    kept = _kept_rows(columns, {cell[0] - 1 - first for cell in cells})
    if len(kept) < len(rows) - first:
        columns = {field: [cells_of[n] for n in kept] for field, cells_of in columns.items()}
    row_nos = [n + first + 1 for n in kept]
    if merges:
        cells += _merged(merges, positions, columns, row_nos)
    cells += _hidden(scan, positions, columns, row_nos)
    return {
        "sheet": name, "header_row": header + 1, "positions": positions, "row_nos": row_nos,
        "columns": columns, "cells": cells, "notes": notes,
    }  # fmt: skip


def _header_row(rows: Sequence[Sequence[Any]], kind: str) -> int | None:
    best, most = None, 1
    for number, row in enumerate(rows[:HEADER_ROWS]):
        fields = {VOCABULARY[kind].get(plain_heading(cell)) for cell in row if isinstance(cell, str) and cell}
        fields.discard(None)
        if len(fields) > most and fields & {*REQUIRED, *FIGURES}:
            best, most = number, len(fields)
    return best


def _positions(header: Sequence[Any], kind: str) -> tuple[dict[str, int], list[list[str]]]:
    positions: dict[str, int] = {}
    notes = []
    for at, cell in enumerate(header):
        heading = plain_heading(str(cell))
        field = VOCABULARY[kind].get(heading)
        if field in positions:
            raise RefusedError("duplicate_heading", f"{cell} ({column_letter(positions[field])}, {column_letter(at)})")
        if field:
            positions[field] = at
        elif heading and not is_context(heading):
            notes.append(["unknown_heading", str(cell), column_letter(at)])
    for name in REQUIRED:
        if name not in positions:
            raise RefusedError("missing_heading", f"{FIELDS[name].zh} · {FIELDS[name].en}")
    return positions, notes


def _kept_rows(columns: dict[str, list[Any]], flawed: set[int]) -> list[int]:
    """Row offsets that hold something, without signature lines and totals below the table."""
    blank = ("",) * len(columns)
    kept = []
    for n, row in enumerate(zip(*columns.values(), strict=True)):
        if n in flawed or (row != blank and any(not isinstance(cell, str) or cell.strip() for cell in row)):
            kept.append(n)
    while kept and _is_footer({field: of[kept[-1]] for field, of in columns.items()}):
        kept.pop()
    return kept


def _is_footer(row: dict[str, Any]) -> bool:
    """A signature, a total or a remark below the table: no week, no figure, no code but such a word."""
    code = str(row["responsibility_code"])
    if row["week"] != "" or (code and not _FOOTER.match(code)) or any(row.get(field, "") != "" for field in FIGURES):
        return False
    return any(isinstance(cell, str) and _FOOTER.match(cell) for cell in row.values())


def _merged(
    merges: Sequence[Any], positions: dict[str, int], columns: dict[str, list[Any]], row_nos: list[int]
) -> list[list[Any]]:
    """A merge over several rows of the table, or over a cell that still holds a value, hides what is meant."""
    cells = []
    for (top, left), (bottom, right) in merges:
        covered = [field for field, at in positions.items() if left <= at <= right]
        for n in range(bisect_left(row_nos, top + 1), bisect_right(row_nos, bottom + 1)):
            for field in covered:
                hides = (row_nos[n] - 1, positions[field]) != (top, left) and columns[field][n] != ""
                if bottom > top or hides:
                    cells.append([row_nos[n], field, "merged_cells", ""])
    return cells


def _hidden(
    scan: SheetScan, positions: dict[str, int], columns: dict[str, list[Any]], row_nos: list[int]
) -> list[list[Any]]:
    cells: list[list[Any]] = [[n, "", "hidden_row", ""] for n in row_nos if n - 1 in scan.hidden_rows]
    for field in FIGURES:
        if positions.get(field) in scan.hidden_columns:
            filled = (n for n, cell in zip(row_nos, columns[field], strict=True) if cell != "")
            cells += [[n, field, "hidden_column", ""] for n in filled]
    return cells
