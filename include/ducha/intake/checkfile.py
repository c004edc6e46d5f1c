"""`ducha check`: what intake would say of files, before they are sent; records nothing."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ducha.catalogue import INSPECTION_SENDER, Catalogue
from ducha.intake.checking import check_rows
from ducha.intake.problems import Problem
from ducha.intake.reading import FileToRead, read_files

ALL_WELL = "可以报送 · ready to send"


def check_files(
    paths: Sequence[Path],
    catalogue: Catalogue | None,
    unit: str = "",
    week: str = "",
    now: dt.datetime | None = None,
) -> list[dict[str, Any]]:
    """Return one object a file: file, verdict, reason_code, message, rows, problems[sheet, cell, reason_code, message].

    Without a catalogue only what can be read is judged. `week` is the latest week open; without it `now` decides (by
    default the present moment). Great Expectations stays out: the same rules, in a tenth of the time.
    """
    moment = now or dt.datetime.now(dt.UTC)
    files = [
        FileToRead(str(number), path.name, path, _kind(path, unit), unit, moment) for number, path in enumerate(paths)
    ]
    readings = read_files(files)
    found: list[list[Problem]] = [reading.problems for reading in readings]
    if catalogue is not None:
        checked = check_rows(readings, catalogue, open_week=week or None, use_suites=False)
        found = [[p for p in checked.problems if p.file_id == file.file_id] for file in files]
    results = zip(paths, readings, found, strict=True)
    return [_result(path, reading.row_count, problems) for path, reading, problems in results]


def _kind(path: Path, unit: str) -> str:
    return "inspection" if INSPECTION_SENDER in (unit, path.resolve().parent.name) else "progress"


def _result(path: Path, row_count: int, problems: Sequence[Problem]) -> dict[str, Any]:
    faults = [each for each in problems if not each.is_note]
    refusal = next((each for each in faults if each.row_no == 0), None)
    rows = len({(each.sheet, each.row_no) for each in faults if each.row_no})
    if refusal:
        verdict, message = "refused", refusal.message
    elif faults:
        verdict, message = "returned", f"{rows} 行需要修改 · {rows} rows need a correction"
    else:
        verdict, message = "accepted", ALL_WELL
    listed = ("sheet", "cell", "row_no", "reason_code", "message")
    return {
        "file": str(path),
        "verdict": verdict,
        "reason_code": (refusal or faults[0]).reason_code if faults else "",
        "message": message,
        "rows": row_count,
        "problems": [{name: getattr(each, name) for name in listed} for each in problems],
    }
