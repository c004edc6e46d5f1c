"""Reading (读取): files as they landed → one frame of canonical rows, with each cell that cannot be read exactly.

The files are opened in a child process (`child.py`); their cells are interpreted here, a column of all files at a time.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain, repeat
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from ducha.intake import values
from ducha.intake.cells import as_text
from ducha.intake.child import ReadingChild, ReadingChildren
from ducha.intake.headings import FIELDS, column_letter
from ducha.intake.problems import Problem, problem
from ducha.personal import hidden_names

CODE_FIELDS = ("unit_code", "responsibility_code", "item", "sample_kind")


@dataclass(frozen=True)
class FileToRead:
    """A landed file: raw bytes at `path`, `name` as the sender called it, `unit_code` proved by where it came from."""

    file_id: str
    name: str
    path: Path
    kind: str
    unit_code: str = ""
    received_at: dt.datetime | None = None


@dataclass(frozen=True)
class SheetRead:
    """One table of a file: its sheet ('' for CSV), the row of its headings (1-based), field → column letter."""

    sheet: str
    header_row: int
    columns: dict[str, str]


@dataclass
class FileReading:
    """What came out of one file. `refused` is the problem that stopped it, or None."""

    file: FileToRead
    sheets: list[SheetRead] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    row_count: int = 0

    @property
    def refused(self) -> Problem | None:
        return next((p for p in self.problems if p.row_no == 0 and not p.is_note), None)

    def cell(self, sheet: str, row_no: int, name: str) -> str:
        """Return the address of a field in a row: D7; '' when the sheet has no such column."""
        letter = next((each.columns.get(name, "") for each in self.sheets if each.sheet == sheet), "")
        return f"{letter}{row_no}" if letter else ""


@dataclass(frozen=True)
class Readings:
    """All files read together.

    `rows`: file_id, kind, sheet, row_no, then every field of `headings.FIELDS`: texts `str`, numbers float64 with the
    unit typed behind them in `value_suffix`, `numerator_suffix`, `denominator_suffix` (`str`), `done` boolean,
    `no_change` bool, dates datetime64; `is_flawed`: some cell of the row could not be read. RangeIndex. `raw`: the
    cells as found (object), same index. `flawed`: field → bool. Row problems stand in their file's `problems`.
    """

    files: list[FileReading]
    rows: pd.DataFrame
    raw: pd.DataFrame
    flawed: pd.DataFrame

    def __iter__(self) -> Iterator[FileReading]:
        return iter(self.files)

    def __len__(self) -> int:
        return len(self.files)

    def __getitem__(self, position: int) -> FileReading:
        return self.files[position]


def read_files(files: Sequence[FileToRead], child: ReadingChild | ReadingChildren | None = None) -> Readings:
    """Read landed files. Never raises for what stands in a file: its problems say so.

    `child`: warm reading processes to use; otherwise they are started and ended here. Raises FileNotFoundError when a
    landed file is gone: that is our fault, not the sender's.
    """
    for file in files:
        file.path.stat()
    wanted = [(file.path, file.kind) for file in files]
    if child is not None:
        answers = list(child.read_all(wanted))
    else:
        with ReadingChildren() as own:
            answers = list(own.read_all(wanted))
    return interpret(files, answers)


def interpret(files: Sequence[FileToRead], answers: Sequence[dict[str, Any]]) -> Readings:
    """Turn the child's answers, one a file, into `Readings`."""
    readings, tables = [], []
    for file, answer in zip(files, answers, strict=True):
        reading = FileReading(file)
        readings.append(reading)
        if "refused" in answer:
            code, raw = answer["refused"]
            reading.problems.append(_file_problem(file, code, raw))
            continue
        for table in with_hidden_sheets(answer["tables"]):
            _take_table(reading, table)
            tables.append((reading, table))
        if reading.row_count == 0:
            reading.problems.append(_file_problem(file, "no_rows"))
    rows, raw = _columns(tables)
    return _parse(readings, rows, raw, tables)


def with_hidden_sheets(tables: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return a file's tables under the names of their sheets as all that follows may know and show them."""
    names = hidden_names([table["sheet"] for table in tables])
    return [{**table, "sheet": name} for table, name in zip(tables, names, strict=True)]


def _file_problem(file: FileToRead, code: str, raw: object = "", sheet: str = "", cell: str = "") -> Problem:
    return problem(
        code, file_id=file.file_id, file=file.name, unit_code=file.unit_code, raw=raw, sheet=sheet, cell=cell
    )


def _take_table(reading: FileReading, table: dict[str, Any]) -> None:
    columns = {name: column_letter(at) for name, at in table["positions"].items()}
    reading.sheets.append(SheetRead(table["sheet"], table["header_row"], columns))
    reading.row_count += len(table["row_nos"])
    for code, raw, letter in table["notes"]:
        cell = f"{letter}{table['header_row']}" if letter else ""
        sheet = table["sheet"] if letter else ""
        reading.problems.append(_file_problem(reading.file, code, raw, sheet, cell))


def _columns(tables: Sequence[tuple[FileReading, dict[str, Any]]]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Lay the tables under each other: what names a row, and its cells as found."""
    counts = [len(table["row_nos"]) for _, table in tables]

    def spread(each: Sequence[str]) -> pd.Series:
        return pd.Series(np.repeat(np.array(each, dtype=object), counts), dtype="str")

    rows = pd.DataFrame(
        {
            "file_id": spread([reading.file.file_id for reading, _ in tables]),
            "kind": spread([reading.file.kind for reading, _ in tables]),
            "sheet": spread([table["sheet"] for _, table in tables]),
            "row_no": np.fromiter(chain.from_iterable(table["row_nos"] for _, table in tables), np.int64),
        }
    )
    raw = {}
    for name in FIELDS:
        cells = np.empty(sum(counts), dtype=object)
        found = chain.from_iterable(
            table["columns"].get(name) or repeat("", count) for (_, table), count in zip(tables, counts, strict=True)
        )
        cells[:] = list(found)
        raw[name] = cells
    return rows, pd.DataFrame(raw, dtype=object)


def _parse(
    readings: list[FileReading],
    rows: pd.DataFrame,
    raw: pd.DataFrame,
    tables: Sequence[tuple[FileReading, dict[str, Any]]],
) -> Readings:
    flaws: dict[str, npt.NDArray[np.object_]] = {}
    for name, spec in FIELDS.items():
        flaws[name] = _parse_column(rows, name, spec.form, raw[name].tolist())
    flawed = {name: codes != "" for name, codes in flaws.items()}
    is_flawed = np.zeros(len(rows), dtype=bool)
    first = 0
    for reading, table in tables:
        last = first + len(table["row_nos"])
        at = dict(zip(table["row_nos"], range(first, last), strict=True))
        for row_no, name, code, found in table["cells"]:
            is_flawed[at[row_no]] = True
            if name:
                flawed[name][at[row_no]] = True
            _blame(reading, rows, at[row_no], name, code, found)
        for name, codes in flaws.items():
            for n in (np.flatnonzero(codes[first:last] != "") + first).tolist():
                is_flawed[n] = True
                _blame(reading, rows, n, name, codes[n], as_text(raw.at[n, name]))
        first = last
    rows["is_flawed"] = is_flawed
    return Readings(readings, rows, raw, pd.DataFrame(flawed, index=rows.index))


def _parse_column(rows: pd.DataFrame, name: str, form: str, cells: list[Any]) -> npt.NDArray[np.object_]:
    """Set the parsed column `name` in `rows`; return the reason code of each cell."""
    if form == "number":
        numbers = values.parse_numbers(cells)
        rows[name] = numbers.values
        rows[f"{name}_suffix"] = pd.Series(numbers.suffixes, dtype="str")
        return numbers.codes
    if form == "date":
        rows[name], codes = values.parse_dates(cells)
        return codes
    if form == "flag":
        flags, codes = values.parse_flags(cells)
        rows[name] = flags.fillna(False).astype(bool) if name == "no_change" else flags
        return codes
    texts, codes = values.parse_weeks(cells) if form == "week" else values.parse_texts(cells, name in CODE_FIELDS)
    rows[name] = pd.Series(texts, dtype="str")
    return codes


def _blame(reading: FileReading, rows: pd.DataFrame, n: int, name: str, code: str, raw: object) -> None:
    names = ("sheet", "row_no", "unit_code", "responsibility_code")
    sheet, row_no, unit_code, responsibility_code = (str(rows.at[n, each]) for each in names)
    if code == "text_too_long":
        raw = len(str(raw))
    reading.problems.append(
        problem(
            code,
            file_id=reading.file.file_id,
            file=reading.file.name,
            sheet=sheet,
            cell=reading.cell(sheet, int(row_no), name) if name else "",
            row_no=int(row_no),
            unit_code=unit_code or reading.file.unit_code,
            responsibility_code=responsibility_code,
            raw=raw,
            field=name,
        )
    )
