"""A believable sample: submissions and inspections for a county's weeks, and the answer file of facts.

It knows the county and its calendar only. Intake, ledger, metrics and warehouse are what it is there to try.
"""

from __future__ import annotations

import csv
import io
import json
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from ducha.county.loading import load_county
from ducha.sample.answer import AnswerWriter
from ducha.sample.sending import TakenBack
from ducha.sample.story import tell
from ducha.sample.weeks import plan_weeks
from ducha.sample.writing import content_of

__all__ = ["write_sample"]

WITHDRAWALS = "_withdrawals.csv"
"""In the inbox: what units took back and when, as a replay source reads it."""
Advance = Callable[[str, int, int], None]


def write_sample(
    county_dir: Path,
    out_dir: Path,
    weeks: int = 8,
    seed: int = 1,
    first_week: str = "2022-W01",
    advance: Advance = lambda *_: None,
) -> Path:
    """Write `out_dir`/inbox and `out_dir`/answer.json, and return the path of the answer file.

    A file's modification time is its receipt time. The same county, weeks and seed give the same bytes; files of an
    earlier sample in the same place that are not part of this one are removed. `advance` hears of each week.
    Raises CountyError, and KeyError when the county's calendar does not reach.
    """
    catalogue = load_county(county_dir)
    plans = plan_weeks(catalogue, first_week, weeks)
    inbox, answer_file = out_dir / "inbox", out_dir / "answer.json"
    inbox.mkdir(parents=True, exist_ok=True)
    former = _files_of(answer_file)
    written: set[str] = set()
    taken_back: list[TakenBack] = []
    unfinished = answer_file.with_name("answer.json.part")
    with unfinished.open("w", encoding="utf-8") as file:
        answer = AnswerWriter(file, catalogue.county_code, seed)
        for told in tell(catalogue, plans, seed):
            for sending in told.sendings:
                content = content_of(sending)
                _write(inbox / sending.path, content, sending.received_at.timestamp())
                answer.add_file(sending, content, told.week)
                written.add(sending.path)
            answer.add_week(told)
            taken_back += told.taken_back
            advance("生成 · write", told.week.number, weeks)
        answer.close()
    _write_withdrawals(inbox / WITHDRAWALS, taken_back)
    for path in former - written:
        (inbox / path).unlink(missing_ok=True)
    unfinished.replace(answer_file)
    return answer_file


def _files_of(answer_file: Path) -> set[str]:
    if not answer_file.is_file():
        return set()
    former: dict[str, Any] = json.loads(answer_file.read_text(encoding="utf-8"))
    return {file["file"] for file in former["files"]}


def _write_withdrawals(path: Path, taken_back: Sequence[TakenBack]) -> None:
    """Write what units took back; no file where nobody did."""
    if not taken_back:
        path.unlink(missing_ok=True)
        return
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(["received_at", "unit_code", "week", "reason"])
    writer.writerows([taken.at.isoformat(), taken.unit_code, taken.week_code, taken.reason] for taken in taken_back)
    path.write_bytes(buffer.getvalue().encode())


def _write(path: Path, content: bytes, received_at: float) -> None:
    """Write a file so that nobody sees it before its time is set."""
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f"{path.name}.part")
    unfinished.write_bytes(content)
    os.utime(unfinished, (received_at, received_at))
    unfinished.replace(path)
