"""What must hold across the cells of a county's files. Each check looks at typed frames and returns problems."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pandas as pd

from ducha.catalogue import INSPECTION_SENDER
from ducha.county.columns import KEYS, REFERENCES
from ducha.county.defaults import EARLIEST, alive_on, new_year_of
from ducha.county.files import CountyProblem
from ducha.county.measures import check_items, check_measures, check_targets, problem_in
from ducha.county.relations import CHECKS as BETWEEN_ROWS
from ducha.county.rules import check_rules

Frames = Mapping[str, pd.DataFrame]
SPANS = (
    ("units", "opened_on", "closed_on"),
    ("responsibilities", "start_on", "due_on"),
    ("assignments", "from_on", "to_on"),
    ("exceptions", "from_on", "to_on"),
    ("portfolios", "from_on", "to_on"),
)
ROUNDING = 1e-9
RESERVED = frozenset(
    [INSPECTION_SENDER, "con", "prn", "aux", "nul", *(f"{port}{n}" for port in ("com", "lpt") for n in range(1, 10))]
)
"""Folder names that mean something else: to the inspection teams, to Windows."""


def check_frames(frames: Frames) -> list[CountyProblem]:
    """Return everything wrong across cells, in the order of files; frames carry line numbers as their index."""
    cells = (_duplicates, _folders, _unknown_codes, _spans, _sizes)
    checks = (*cells, check_measures, check_targets, check_items, check_rules, *BETWEEN_ROWS)
    return [problem for check in checks for problem in check(frames)]


def _duplicates(frames: Frames) -> Iterator[CountyProblem]:
    for file, key in KEYS.items():
        frame = frames[file]
        again = frame[frame.duplicated(list(key))] if len(frame) else frame
        for row, values in again.iterrows():
            first = frame.index[(frame[list(key)].astype("str") == values[list(key)].astype("str")).all(axis=1)][0]
            zh, en = f"与第{first}行重复，请删去一行", f"repeats line {first}: remove one"
            yield problem_in(file, row, ", ".join(key), zh, en)


def _folders(frames: Frames) -> Iterator[CountyProblem]:
    """Units' codes name their folders, and some names mean something else."""
    for row, code in frames["units"]["unit_code"].items():
        if code.casefold().partition(".")[0] in RESERVED:
            zh, en = (
                f"“{code}”另有用途，不能作文件夹名，请换一个",
                f"“{code}” cannot name a folder here: choose another",
            )
            yield problem_in("units", row, "unit_code", zh, en)


def check_case(frames: Frames) -> list[CountyProblem]:
    """Return units whose codes differ in case only: on a share that knows no case they would have one folder."""
    first: dict[str, tuple[str, object]] = {}
    problems = []
    for row, code in frames["units"]["unit_code"].items():
        other, line = first.setdefault(code.casefold(), (code, row))
        if other != code:
            zh = f"与第{line}行的 {other} 只差大小写，会是同一个文件夹，请换一个"
            en = f"differs from {other} of line {line} in case only, the same folder: choose another"
            problems.append(problem_in("units", row, "unit_code", zh, en))
    return problems


def _unknown_codes(frames: Frames) -> Iterator[CountyProblem]:
    for file, columns, source, source_columns in REFERENCES:
        frame, known = frames[file], frames[source]
        codes = set(known[list(source_columns)].itertuples(index=False, name=None))
        for row, *code_of_row in frame[list(columns)].itertuples(name=None):
            code = tuple(code_of_row)
            if code in codes or "" in code or _is_redacted(code[-1]):
                continue
            said = " / ".join(str(part) for part in code)
            zh = f"{source}.csv 中没有 {said}，请更正代码或在那里补上"
            en = f"{source}.csv has no {said}: correct the code or add it there"
            yield problem_in(file, row, columns[-1], zh, en)


def _is_redacted(code: object) -> bool:
    """Return whether the source hid the name (原文以 # 隐去); such rows load as they stand."""
    return set(str(code)) == {"#"}


def _spans(frames: Frames) -> Iterator[CountyProblem]:
    for file, first, last in SPANS:
        frame = frames[file]
        for row in frame.index[frame[first] > frame[last]]:
            yield problem_in(file, row, last, f"早于 {first}，请更正日期", f"before {first}: correct the date")


def _sizes(frames: Frames) -> Iterator[CountyProblem]:
    """Weights above zero, shares within 0 to 1, tolerances and ranks that can be."""
    limits: tuple[tuple[str, str, Callable[[Any], Any], str, str], ...] = (
        ("responsibilities", "weight", lambda x: x <= 0, "权重须大于 0", "a weight is above 0"),
        ("assignments", "weight", lambda x: x <= 0, "权重须大于 0", "a weight is above 0"),
        ("items", "weight", lambda x: x <= 0, "权重须大于 0", "a weight is above 0"),
        ("assignments", "share", lambda x: (x < 0) | (x > 1), "份额须在 0 与 1 之间", "a share lies from 0 to 1"),
        ("responsibilities", "tolerance", lambda x: x < 0, "误差不能为负", "a tolerance is not negative"),
        ("rules", "tolerance", lambda x: x < 0, "误差不能为负", "a tolerance is not negative"),
        ("responsibilities", "rank_start", lambda x: x < 1, "位次从 1 起", "ranks begin at 1"),
    )
    for file, column, is_wrong, zh, en in limits:
        frame = frames[file]
        for row in frame.index[is_wrong(frame[column])]:
            yield problem_in(file, row, column, f"{zh}，请更正", f"{en}: correct it")


def check_shares(frames: Frames) -> list[CountyProblem]:
    """Shares as written: all leads of a responsibility state theirs or none does; stated ones sum to 1 at all times.

    Leads without a share divide it equally among those who serve beside them, so nothing needs to sum there.
    """
    problems = []
    for _, rows in frames["assignments"].groupby(["plan_year", "responsibility_code"]):
        leads = rows[rows["role"] == "lead"]
        stated = leads["share"].notna()
        if not stated.any():
            continue
        if not stated.all():
            zh, en = "部分牵头单位没有份额：请全填或全留空", "some leads have no share: fill in all or none"
            problems.append(problem_in("assignments", stated.idxmin(), "share", zh, en))
            continue
        problems += _uneven(rows)
    return problems


def _uneven(rows: pd.DataFrame) -> list[CountyProblem]:
    for day in sorted(set(rows["from_on"].fillna(EARLIEST))):
        alive = rows[alive_on(rows, max(day, new_year_of(rows)))]
        total = alive["share"].sum()
        if len(alive) and abs(total - 1) > ROUNDING:
            zh, en = f"份额合计为 {total:.4g}，应为 1：请更正", f"shares sum to {total:.4g}, not 1: correct them"
            return [problem_in("assignments", rows.index[0], "share", zh, en)]
    return []
