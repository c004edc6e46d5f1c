"""A believable sample: submissions and inspections for a county's weeks, and the answer file of facts.

It knows the county and its calendar only. Intake, ledger, metrics and warehouse are what it is there to try.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from ducha.county.loading import load_county
from ducha.sample.answer import answer_of
from ducha.sample.story import tell
from ducha.sample.weeks import plan_weeks
from ducha.sample.writing import content_of

__all__ = ["write_sample"]


def write_sample(county_dir: Path, out_dir: Path, weeks: int = 8, seed: int = 1, first_week: str = "2022-W01") -> Path:
    """Write `out_dir`/inbox and `out_dir`/answer.json, and return the path of the answer file.

    A file's modification time is its receipt time. The same county, weeks and seed give the same bytes; files of an
    earlier sample in the same place that are not part of this one are removed.
    Raises CountyError, and KeyError when the county's calendar does not reach.
    """
    catalogue = load_county(county_dir)
    plans = plan_weeks(catalogue, first_week, weeks)
    story = tell(catalogue, plans, seed)
    contents = [content_of(sending) for sending in story.sendings]
    answer = answer_of(catalogue, plans, story, contents, seed)
    answer_file = out_dir / "answer.json"
    _remove_former(answer_file, keep={sending.path for sending in story.sendings})
    for sending, content in zip(story.sendings, contents, strict=True):
        _write(out_dir / "inbox" / sending.path, content, sending.received_at.timestamp())
    answer_file.write_text(json.dumps(answer, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    return answer_file


def _remove_former(answer_file: Path, keep: set[str]) -> None:
    if not answer_file.is_file():
        return
    former: dict[str, Any] = json.loads(answer_file.read_text(encoding="utf-8"))
    for path in {file["file"] for file in former["files"]} - keep:
        (answer_file.parent / "inbox" / path).unlink(missing_ok=True)


def _write(path: Path, content: bytes, received_at: float) -> None:
    """Write a file so that nobody sees it before its time is set."""
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f"{path.name}.part")
    unfinished.write_bytes(content)
    os.utime(unfinished, (received_at, received_at))
    unfinished.replace(path)
