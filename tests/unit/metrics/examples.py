"""The worked cases of the design, `examples.tsv`, read into catalogues and facts: one function a kind of wording."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import pandas as pd
from ducha.catalogue import Catalogue, Facts

from tests.unit.metrics import build

Row = dict[str, str]

QUARTER_WEEKS = {"Q1": "2022-W13", "Q2": "2022-W26", "Q3": "2022-W39"}
LATER = pd.Timedelta(hours=1)


def read_cases(path: Path) -> list[Row]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))


def week(text: str) -> str:
    """W26 or Q2 as a week code."""
    return QUARTER_WEEKS.get(text) or f"2022-{text}"


def number(text: str) -> float:
    return float(Fraction(text))


def case_catalogue(case: Row) -> Catalogue:
    extra = case["extra"]
    bounds = dict(re.findall(r"\b(L|U|r0|K)=(-?[\d.]+)", f"{case['baseline']} {case['target']}"))
    given: dict[str, Any] = {
        "measure": case["measure"], "direction": case["direction"], "plan_shape": case["plan_shape"],
        "start_on": pd.Timestamp(case["start_on"]), "due_on": pd.Timestamp(case["due_on"]),
        "cadence": _cadence(extra), "time_basis": "period" if "time_basis period" in extra else "",
        "kind": "coverage" if "coverage" in extra else "case" if "case:" in extra else "indicator",
    }  # fmt: skip
    names = {"L": "target_low", "U": "target_high", "r0": "rank_start", "K": "target"}
    given |= {names[key]: float(value) for key, value in bounds.items()}
    if not bounds:
        given |= {name: number(case[name]) for name in ("baseline", "target") if case[name]}
    items = [
        {"responsibility_code": "R1", "item_code": item, "weight": float(weight)}
        for item, weight in re.findall(r"(\w+) w=(\d+)", case["facts"])
    ]
    return build.catalogue([build.responsibility(**given)], items=items, exceptions=list(_exceptions(extra)))


def case_facts(case: Row) -> Facts:
    text, measure = case["facts"], case["measure"]
    if measure == "stages":
        rows = list(_stage_rows(text, case["week"]))
    elif measure == "red_line":
        rows = list(_red_line_rows(text))
    elif "weeks of" in text:
        count, value = map(int, re.findall(r"(\d+) weeks of (\d+)", text)[0])
        rows = [build.progress(f"2022-W{n:02d}", value=float(value)) for n in range(1, count + 1)]
    else:
        rows = [row for part in re.split(r"[;,]", text) for row in _value_rows(part.strip(), measure)]
    return build.facts(rows, list(_checks(text)))


def _cadence(extra: str) -> str:
    found = re.search(r"(?:cadence )?\b(weekly|monthly|quarterly|once)\b", extra)
    return found[1] if found else "weekly"


def _exceptions(extra: str) -> Iterator[dict[str, Any]]:
    dated = re.search(r"exempt (\S+)\.\.(\S+)", extra)
    if dated:
        first, last = (pd.Timestamp(day) for day in dated.groups())
        yield {"responsibility_code": "R1", "unit_code": "U1", "state": "exempt", "from_on": first, "to_on": last}
    if "suspended" in extra:
        yield {"responsibility_code": "R1", "unit_code": "U1", "state": "suspended"}


def _value_rows(part: str, measure: str) -> Iterator[dict[str, Any]]:
    """`W25=50/100`, `W26=41 n=2`, `Q1=0.03`, `W26=3 of 11`, `W24=60 corrected to 50`; withdrawn facts never arrive."""
    found = re.match(r"(W\d\d|Q\d)=(-?[\d.]+)(?:/(\d+))?(?: (?:n=|of )(\d+))?(?: corrected to (\d+))?", part)
    if not found or "withdrawn" in part or part.startswith("check"):
        return
    when, value, denominator, size, corrected = found.groups()
    row = build.progress(week(when))
    if measure == "ratio":
        yield row | {"numerator": float(value), "denominator": float(denominator)}
        return
    yield row | {"value": float(value), "denominator": float(size or "nan")}
    if corrected:
        yield row | {"value": float(corrected), "known_at": row["known_at"] + LATER}


def _stage_rows(text: str, reported: str) -> Iterator[dict[str, Any]]:
    for item, _, done, day in re.findall(r"(\w+) w=(\d+) (done|open)(?: (\d{4}-\d\d-\d\d))?", text):
        happened = pd.Timestamp(day) if day else pd.NaT
        yield build.progress(reported, item=item, done=done == "done", happened_on=happened)


def _red_line_rows(text: str) -> Iterator[dict[str, Any]]:
    """`25 zero-reports of 26, one event in W12`: the one lacking is that of the last week."""
    came, owed = map(int, re.findall(r"(\d+) zero-reports of (\d+)", text)[0])
    event = re.search(r"one event in (W\d\d)", text)
    for n in range(1, owed + 1):
        if n <= came:
            code = f"W{n:02d}"
            yield build.progress(week(code), value=1.0 if event and event[1] == code else 0.0)


def _checks(text: str) -> Iterator[dict[str, Any]]:
    found = re.search(r"check (W\d\d) verified (\d+)", text)
    if found:
        yield build.inspection(week(found[1]), value=float(found[2]))
    found = re.search(r"check (W\d\d): (\w+) undone", text)
    if found:
        yield build.inspection(week(found[1]), item=found[2], done=False)
