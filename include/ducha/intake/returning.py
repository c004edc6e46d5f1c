"""Returning (退回): the sender's own workbook back, with every cell that needs a hand marked and explained.

Here is decided which files go back, with what letter, and where they lie; `marking.py` writes the workbook, in the
reading child: the sender's file is opened nowhere else.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd

from ducha.calendar import week_code_of
from ducha.catalogue import INSPECTION_SENDER, Catalogue
from ducha.intake.checking import Checked
from ducha.intake.child import ReadingChildren
from ducha.intake.marking import Letter
from ducha.intake.problems import Problem
from ducha.intake.reading import FileReading, FileToRead, Readings
from ducha.personal import HIDDEN_TEXT, hidden, is_personal


class MarkingError(RuntimeError):
    """A marked workbook could not be written: a fault of ours, never of the sender's."""


def write_returned(
    readings: Readings, checked: Checked, catalogue: Catalogue, directory: Path, children: ReadingChildren | None = None
) -> dict[str, Path]:
    """Write a marked workbook into `directory`/<unit>/ for every file returned or refused; return file_id → path.

    A file none of whose rows tells its week goes by the week in which it came. The workbook bears its file's time of
    receipt, so the same file gives the same bytes whenever it is checked. A path once used by other content is not
    overwritten. `children`: warm reading processes to use; otherwise they are started and ended here. Raises
    MarkingError.
    """
    returned = checked.verdicts[checked.verdicts["verdict"] != "accepted"]
    verdicts = {each["file_id"]: each for each in returned.to_dict("records")}
    going = [reading for reading in readings if reading.file.file_id in verdicts]
    by_file: dict[str, list[Problem]] = {reading.file.file_id: [] for reading in going}
    for problem in checked.problems:
        if problem.file_id in by_file:
            by_file[problem.file_id].append(problem)
    weeks = _weeks(checked.rows)
    requests, targets = [], []
    for number, reading in enumerate(going):
        file = reading.file
        week = weeks.get(file.file_id) or week_code_of(_received(file, catalogue).date())
        letter = _letter(file, week, verdicts[file.file_id], by_file[file.file_id], catalogue)
        target = directory / file.unit_code / f"{week}_{file.unit_code}_退回_{_stem(file.name)}.xlsx"
        draft = target.with_name(f".draft-{number}.xlsx")
        requests.append(_request(reading, letter, draft))
        targets.append((draft, target))
    if children is not None:
        _mark(requests, children)
    else:
        with ReadingChildren() as own:
            _mark(requests, own)
    paths = [_place(draft, target) for draft, target in targets]
    return dict(zip(by_file, paths, strict=True))


def _letter(
    file: FileToRead, week: str, verdict: dict[Any, Any], problems: Sequence[Problem], catalogue: Catalogue
) -> Letter:
    return Letter(
        unit_code=file.unit_code,
        sender=_sender(file.unit_code, catalogue),
        office=catalogue.settings.office_zh,
        week=week,
        kind=file.kind,
        file=hidden(Path(file.name).name),
        received_at=_received(file, catalogue).isoformat(),
        verdict=verdict["verdict"],
        accepted_rows=int(verdict["accepted_rows"]),
        rejected_rows=int(verdict["rejected_rows"]),
        problems=[asdict(each) for each in problems],
    )


def _request(reading: FileReading, letter: Letter, draft: Path) -> dict[str, Any]:
    """Ask the child for a marked workbook; a file that could not be read is not opened again."""
    path = None if reading.refused else str(reading.file.path)
    return {"path": path, "kind": reading.file.kind, "letter": asdict(letter), "draft": str(draft)}


def _mark(requests: Sequence[dict[str, Any]], children: ReadingChildren) -> None:
    """Have the workbooks written; one whose file cannot be opened after all goes back as a letter alone."""
    answers = list(children.ask_all(requests))
    refused = [number for number, answer in enumerate(answers) if "refused" in answer]
    bare = children.ask_all([{**requests[number], "path": None} for number in refused])
    for number, answer in zip(refused, bare, strict=True):
        answers[number] = answer
    faults = [
        f"{request['draft']}: {answer.get('broken', answer)}"
        for request, answer in zip(requests, answers, strict=True)
        if "marked" not in answer
    ]
    if faults:
        raise MarkingError("退回件未能写出 · marked workbooks could not be written\n" + "\n".join(faults))


def _sender(unit_code: str, catalogue: Catalogue) -> str:
    if unit_code == INSPECTION_SENDER:
        return "督查组 · Inspection teams"
    units = catalogue.units
    found = units[units["unit_code"] == unit_code]
    names = f"{found.iloc[0]['name_zh']} · {found.iloc[0]['name_en']}" if len(found) else ""
    return f"{unit_code}  {names}".strip()


def _weeks(rows: pd.DataFrame) -> dict[str, str]:
    """The week most rows of a file speak of."""
    known = rows[rows["known_week"]]
    if known.empty:
        return {}
    counts = known.groupby(["file_id", "week"]).size().reset_index(name="rows").sort_values(["rows", "week"])
    return dict(zip(counts["file_id"], counts["week"], strict=True))


def _received(file: FileToRead, catalogue: Catalogue) -> dt.datetime:
    """When a file came, in the county's time; one that never landed came just now."""
    moment = file.received_at or dt.datetime.now(dt.UTC)
    return moment.astimezone(ZoneInfo(catalogue.settings.timezone))


def _stem(name: str) -> str:
    stem = re.sub(r'[\\/:*?"<>|\x00-\x1f]', "_", Path(name.replace("\\", "/")).stem).strip(" .")
    return HIDDEN_TEXT if is_personal(stem) else stem[:60] or "未命名"


def _place(draft: Path, path: Path) -> Path:
    """Give a written workbook its name; beside one of the same name with other content it gets a number."""
    content, target, number = draft.read_bytes(), path, 1
    while target.exists() and target.read_bytes() != content:
        number += 1
        target = path.with_name(f"{path.stem}_{number}{path.suffix}")
    draft.replace(target)
    return target
