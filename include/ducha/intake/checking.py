"""Checking (校验): a verdict for every row and every file, from one validation over all units."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from ducha.catalogue import Catalogue
from ducha.intake import suites
from ducha.intake.cells import as_text
from ducha.intake.context import with_context
from ducha.intake.problems import Problem, problem, problems_frame
from ducha.intake.reading import FileReading, Readings
from ducha.intake.reasons import NOTES
from ducha.intake.rules import WANTS, fields_of, findings

MEASURES_ZH = {
    "total": "累计值", "level": "时点值", "flow": "当期值", "average": "均值", "ratio": "比率", "stages": "阶段",
    "range": "区间", "rank": "名次", "red_line": "红线",
}  # fmt: skip


SKIPPED = ["duplicate_identical", "row_left_blank"]
VERDICT_COLUMNS = [
    "file_id", "file", "kind", "unit_code", "verdict", "reason_code", "row_count", "accepted_rows", "rejected_rows",
]  # fmt: skip


@dataclass(frozen=True)
class Checked:
    """What intake says of all files.

    `rows`: the canonical rows (unit_code filled, week as 2022-W02, numbers in the plan's unit of measure) with `monday`
    (datetime64, NaT when unknown), `plan_year`, `received_at` and `is_accepted`; a repeated row or one left blank
    beside others is neither accepted nor rejected but `is_repeat`. `problems`: every finding, file by file, top down.
    `verdicts`: one row a file: file_id, file, kind, unit_code, verdict (accepted, returned, refused), reason_code (''
    or the first), row_count (without skipped rows), accepted_rows, rejected_rows.
    """

    rows: pd.DataFrame
    problems: list[Problem]
    verdicts: pd.DataFrame

    @property
    def accepted(self) -> pd.DataFrame:
        return self.rows[self.rows["is_accepted"]]

    def problems_frame(self) -> pd.DataFrame:
        """Return the problems as a frame, one row each, columns of `Problem`."""
        return problems_frame(self.problems)


def check_rows(
    readings: Readings, catalogue: Catalogue, *, open_week: str | None = None, use_suites: bool = True
) -> Checked:
    """Give every row its verdict.

    `open_week`: the latest week a row may speak of; by default each file's receipt time decides. `use_suites` False
    takes the rules' findings directly, without Great Expectations: for a clerk's check of one file, where seconds
    count.
    Raises RuleBrokenError when a rule could not be evaluated.
    """
    rows = with_context(readings, catalogue, open_week)
    found = findings(rows, readings.flawed)
    bad = _validated(rows, found) if use_suites else _found(found)
    said = {reading.file.file_id: list(reading.problems) for reading in readings}
    by_id = {reading.file.file_id: reading for reading in readings}
    is_rejected = rows["is_flawed"].to_numpy(copy=True)
    is_skipped = np.zeros(len(rows), dtype=bool)
    for field, (labels, codes) in bad.items():
        reasons = np.array(codes, dtype=object)
        is_rejected[labels[~np.isin(reasons, list(NOTES))]] = True
        is_skipped[labels[np.isin(reasons, SKIPPED)]] = True
        for code in dict.fromkeys(codes):
            _blame(code, field, labels[reasons == code], rows, readings.raw, by_id, said)
    rows["is_rejected"] = is_rejected
    rows["is_repeat"] = is_skipped & ~is_rejected
    rows["is_accepted"] = ~is_rejected & ~is_skipped
    problems = [each for reading in readings for each in _in_order(said[reading.file.file_id])]
    return Checked(rows, problems, _verdicts(readings, rows, said))


Bad = dict[str, tuple[npt.NDArray[np.int64], list[str]]]
"""By field: index labels of bad rows, and the reason code of each."""


def _validated(rows: pd.DataFrame, found: pd.DataFrame) -> Bad:
    """Run the suites: one validation a kind over all its rows."""
    bad: Bad = {}
    for kind in rows["kind"].unique():
        of_kind = found.loc[rows["kind"] == kind, fields_of(kind)]
        for field, (labels, codes) in suites.validate(of_kind, kind).items():
            known, said = bad.get(field, (np.array([], np.int64), []))
            bad[field] = np.concatenate([known, labels]), [*said, *codes]
    return bad


def _found(found: pd.DataFrame) -> Bad:
    """Read the same from the findings themselves."""
    some = {field: found[field].dropna() for field in found}
    return {str(field): (cells.index.to_numpy(np.int64), cells.astype(str).tolist()) for field, cells in some.items()}


def _blame(
    reason_code: str,
    field: str,
    labels: npt.NDArray[np.int64],
    rows: pd.DataFrame,
    raw: pd.DataFrame,
    by_id: dict[str, FileReading],
    said: dict[str, list[Problem]],
) -> None:
    """Say of the rows `labels` what was found in their `field`, each to its file."""
    want_from = WANTS[reason_code, field]
    bad = rows.loc[labels]
    found = raw.loc[labels, field]
    if field in ("unit_code", "week", "item", "sample_kind"):
        found = found.where(found != "", bad[field])
    wants = [""] * len(labels) if not want_from else bad[want_from].tolist()
    if want_from == "measure_kind":
        wants = [MEASURES_ZH.get(want, want) for want in wants]
    names = ("file_id", "sheet", "row_no", "unit_code", "responsibility_code")
    places = zip(*(bad[name].tolist() for name in names), found.tolist(), wants, strict=True)
    for file_id, sheet, row_no, unit_code, responsibility_code, cell, want in places:
        reading = by_id[file_id]
        said[file_id].append(
            problem(
                reason_code,
                file_id=file_id,
                file=reading.file.name,
                sheet=sheet,
                cell=reading.cell(sheet, row_no, field),
                row_no=row_no,
                unit_code=unit_code,
                responsibility_code=responsibility_code,
                raw=as_text(cell),
                field=field,
                want=as_text(want),
            )
        )


def _in_order(problems: Iterable[Problem]) -> list[Problem]:
    return sorted(problems, key=lambda p: (p.sheet, p.row_no, len(p.cell), p.cell, p.reason_code))


def _verdicts(readings: Readings, rows: pd.DataFrame, said: dict[str, list[Problem]]) -> pd.DataFrame:
    kept = rows[~rows["is_repeat"]]
    counts = kept.groupby("file_id")["is_rejected"].agg(["size", "sum"]).to_dict("index")
    verdicts = []
    for reading in readings:
        file, refused = reading.file, reading.refused
        count = counts.get(file.file_id, {"size": 0, "sum": 0})
        first = refused or next((p for p in said[file.file_id] if not p.is_note), None)
        verdicts.append(
            {
                "file_id": file.file_id,
                "file": file.name,
                "kind": file.kind,
                "unit_code": file.unit_code,
                "verdict": "refused" if refused else "returned" if count["sum"] else "accepted",
                "reason_code": first.reason_code if first else "",
                "row_count": int(count["size"]),
                "accepted_rows": int(count["size"] - count["sum"]),
                "rejected_rows": int(count["sum"]),
            }
        )
    return pd.DataFrame(verdicts, columns=VERDICT_COLUMNS)
