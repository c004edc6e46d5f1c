"""Checking (校验): a verdict for every row and every file, from one validation over all units."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from ducha.catalogue import Catalogue
from ducha.intake import suites, values
from ducha.intake.context import with_context
from ducha.intake.problems import Problem, problem, problems_frame
from ducha.intake.reading import FileReading, Readings
from ducha.intake.reasons import NOTES
from ducha.intake.rules import BY_NAME, RULES, Rule, flags

MEASURES_ZH = {
    "total": "累计值", "level": "时点值", "flow": "当期值", "average": "均值", "ratio": "比率", "stages": "阶段",
    "range": "区间", "rank": "名次", "red_line": "红线",
}  # fmt: skip


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
    reads the rules' flags directly, without Great Expectations: for a clerk's check of one file, where seconds count.
    Raises RuleBrokenError when a rule could not be evaluated.
    """
    rows = with_context(readings, catalogue, open_week)
    fine = flags(rows, readings.flawed)
    bad = _validated(rows, fine) if use_suites else _flagged(fine, rows)
    findings = {reading.file.file_id: list(reading.problems) for reading in readings}
    is_rejected = rows["is_flawed"].to_numpy(copy=True)
    by_id = {reading.file.file_id: reading for reading in readings}
    for name, labels in bad.items():
        rule = BY_NAME[name]
        if rule.reason_code not in NOTES:
            is_rejected[labels] = True
        _blame(rule, labels, rows, readings.raw, by_id, findings)
    skipped = ~fine["duplicate_identical__responsibility_code"] | ~fine["row_left_blank__responsibility_code"]
    rows["is_repeat"] = skipped & ~is_rejected
    rows["is_accepted"] = ~is_rejected & ~rows["is_repeat"]
    rows["is_rejected"] = is_rejected
    problems = [each for reading in readings for each in _in_order(findings[reading.file.file_id])]
    return Checked(rows, problems, _verdicts(readings, rows, findings))


def _validated(rows: pd.DataFrame, fine: pd.DataFrame) -> dict[str, npt.NDArray[np.int64]]:
    """Run the suites: one validation a kind over all its rows."""
    bad: dict[str, list[npt.NDArray[np.int64]]] = {rule.name: [] for rule in RULES}
    for kind in rows["kind"].unique():
        of_kind = rows["kind"] == kind
        wanted = [rule.name for rule in RULES if kind in rule.kinds and rule.reason_code != suites.NOT_NEGATIVE]
        frame = fine.loc[of_kind, wanted].join(rows.loc[of_kind, ["numerator", "denominator"]])
        for name, labels in suites.validate(frame, kind).items():
            if name in bad:
                bad[name].append(labels)
    return {name: np.concatenate(labels) if labels else np.array([], np.int64) for name, labels in bad.items()}


def _flagged(fine: pd.DataFrame, rows: pd.DataFrame) -> dict[str, npt.NDArray[np.int64]]:
    """Read the same verdicts from the flags, for the kinds each rule speaks of."""
    return {
        rule.name: np.flatnonzero(~fine[rule.name].to_numpy() & rows["kind"].isin(rule.kinds).to_numpy())
        for rule in RULES
    }


def _blame(
    rule: Rule,
    labels: npt.NDArray[np.int64],
    rows: pd.DataFrame,
    raw: pd.DataFrame,
    by_id: dict[str, FileReading],
    findings: dict[str, list[Problem]],
) -> None:
    """Say what `rule` found in the rows `labels`, each to its file."""
    if len(labels) == 0:
        return
    bad = rows.loc[labels]
    found = raw.loc[labels, rule.field]
    if rule.field in ("unit_code", "week", "item", "sample_kind"):
        found = found.where(found != "", bad[rule.field])
    wants = [""] * len(labels) if not rule.want else bad[rule.want].tolist()
    if rule.want == "measure_kind":
        wants = [MEASURES_ZH.get(want, want) for want in wants]
    names = ("file_id", "sheet", "row_no", "unit_code", "responsibility_code")
    places = zip(*(bad[name].tolist() for name in names), found.tolist(), wants, strict=True)
    for file_id, sheet, row_no, unit_code, responsibility_code, cell, want in places:
        reading = by_id[file_id]
        findings[file_id].append(
            problem(
                rule.reason_code,
                file_id=file_id,
                file=reading.file.name,
                sheet=sheet,
                cell=reading.cell(sheet, row_no, rule.field),
                row_no=row_no,
                unit_code=unit_code,
                responsibility_code=responsibility_code,
                raw=values.as_text(cell),
                field=rule.field,
                want=values.as_text(want),
            )
        )


def _in_order(problems: Iterable[Problem]) -> list[Problem]:
    return sorted(problems, key=lambda p: (p.sheet, p.row_no, len(p.cell), p.cell, p.reason_code))


def _verdicts(readings: Readings, rows: pd.DataFrame, findings: dict[str, list[Problem]]) -> pd.DataFrame:
    kept = rows[~rows["is_repeat"]]
    counts = kept.groupby("file_id")["is_rejected"].agg(["size", "sum"]).to_dict("index")
    verdicts = []
    for reading in readings:
        file, refused = reading.file, reading.refused
        count = counts.get(file.file_id, {"size": 0, "sum": 0})
        first = refused or next((p for p in findings[file.file_id] if not p.is_note), None)
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
