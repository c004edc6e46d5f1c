"""The Great Expectations suites of a week, JSON in `expectations/`: written from `rules.py`, run once over all units.

`python -m ducha.intake.suites` writes the files again; a test fails when they drift. Great Expectations is imported
only where a validation runs: it takes seconds.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from ducha import gx
from ducha.gx import EXPECTATIONS
from ducha.intake.headings import KINDS
from ducha.intake.problems import say
from ducha.intake.reasons import REASONS
from ducha.intake.rules import RULES, fields_of

ALL_ROWS = "*"


class RuleBrokenError(RuntimeError):
    """A rule could not be evaluated: a fault of ours, never of the data."""


def suite_json(kind: str) -> dict[str, Any]:
    """Return the suite of `progress` or `inspection` as it stands in `expectations/<kind>.json`."""
    some_rows = {
        "type": "expect_table_row_count_to_be_between",
        "kwargs": {"min_value": 1},
        "meta": {"field": ALL_ROWS},
    }
    about = {
        "guards": f"canonical rows of kind {kind}, all units of one intake run",
        "written_by": "ducha.intake.suites",
    }
    return {
        "name": kind, "meta": about, "expectations": [some_rows, *(_expectation(kind, f) for f in fields_of(kind))]
    }  # fmt: skip


def _expectation(kind: str, field: str) -> dict[str, Any]:
    """No finding in this cell of any row; the rules that may find something, each with both messages, in `meta`."""
    rules = []
    for rule in RULES:
        if rule.field == field and kind in rule.kinds:
            zh, en = say(rule.reason_code, field=field, raw="…", want="…")
            severity = REASONS[rule.reason_code].scope
            rules.append({"rule": rule.name, "reason_code": rule.reason_code, "returns": severity, "zh": zh, "en": en})
    meta = {"field": field, "rules": rules}
    return {
        "type": "expect_column_values_to_be_null",
        "kwargs": {"column": field},
        "meta": meta,
        "severity": "critical",
    }


def write_suites(directory: Path = EXPECTATIONS) -> None:
    """Write the suites of all kinds as JSON."""
    directory.mkdir(exist_ok=True)
    for kind in KINDS:
        text = json.dumps(suite_json(kind), ensure_ascii=False, indent=1)
        (directory / f"{kind}.json").write_text(text + "\n", encoding="utf-8")


def validate(
    frame: pd.DataFrame, kind: str, directory: Path = EXPECTATIONS
) -> dict[str, tuple[npt.NDArray[np.int64], list[str]]]:
    """Run the suite of `kind` once over `frame`; return by field the index labels of bad rows and their reason codes.

    `frame`: `rules.findings` of the rows of that kind; any integer index. RuleBrokenError when an expectation raised or
    the table itself is not as expected.
    """
    suite = json.loads((directory / f"{kind}.json").read_text(encoding="utf-8"))
    bad = {}
    for each in gx.validate({kind: (frame, suite)}, "COMPLETE")[kind]:
        field, labels = each.meta["field"], _bad_rows(each)
        if field in frame:
            bad[field] = labels, frame.loc[labels, field].astype(str).tolist()
    return bad


def _bad_rows(verdict: gx.Verdict) -> npt.NDArray[np.int64]:
    field = verdict.meta["field"]
    if verdict.exception:
        raise RuleBrokenError(f"{field}: 校验未能执行 · the check broke: {verdict.exception}")
    if field == ALL_ROWS and not verdict.success:
        raise RuleBrokenError(f"没有可校验的行 · no rows to check: {verdict.result}")
    bad = np.array(verdict.result.get("unexpected_index_list") or [], dtype=np.int64)  # its list of values stops at 200
    if len(bad) != verdict.result.get("unexpected_count", 0):
        raise RuleBrokenError(f"{field}: 行数不符 · rows do not add up: {len(bad)} named, {verdict.result}")
    return bad


if __name__ == "__main__":
    write_suites()
