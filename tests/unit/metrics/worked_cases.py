"""Worked cases, `cases/*.tsv`, read into catalogues, facts and expectations: one line a case, one function a column.

All columns hold parts separated by `; `; a part holds words and `name=value`. Weeks are W26, codes may be listed with
commas and `@U1` is understood: `W25,W26 R1,R2@U1,U2=60` is eight facts.

- duties: `R1 measure=ratio T=4/5 cadence=monthly`; not said: total, up, b=0, T=100, plan=hold, weekly, weight 1, A1, L1
- assignments: `R1@U1 share=3/4 w=2 from=2022-02-17`; empty: U1 leads every duty
- county: `cap=6/5`, `item R1:a w=2`, `area A11 in A1`, `group U3 office`, `exempt R1 2022-03-01..2022-03-31`,
  `portfolio R1 L2 2022-06-30..`
- facts: `W26 R1@U1=60`, `=9/10` for a pair, `=3 n=2`, `=same` for no change, `R1:a=done day=2022-03-01`; sent on the
  Wednesday at 10:00 unless `sent=2022-07-01T09:00`; recorded then unless `known=…`; `withdrawn`
- checks: as facts; `risk` where the sample is one of risk
- expected: `R1@U1` a row, `R1` a duty, `U1`, `A1`, `L1`, `F1` (task force), `county`; `sent U1`, `check R1@U1:a`,
  `line R1@U1` (red line) their own tables; `W25 R1` another week than the case's. Numbers are exact fractions,
  `≈0.0615` is rounded, `none` is no number, `yes` and `no` are flags, `~few` is part of a text
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import product
from pathlib import Path
from typing import Any

import pandas as pd
from ducha.catalogue import Catalogue, Facts

from tests.unit.metrics import build

Row = dict[str, str]
CASES = Path(__file__).parent / "cases"

NUMBERS = {"b": "baseline", "T": "target", "K": "target", "L": "target_low", "U": "target_high", "r0": "rank_start",
           "w": "weight", "share": "share", "tol": "tolerance", "n": "denominator"}  # fmt: skip
DATES = {"start": "start_on", "due": "due_on", "from": "from_on", "to": "to_on", "day": "happened_on"}
TEXTS = {"basis": "time_basis", "plan": "plan_shape", "points": "plan_points", "area": "area_code",
         "leader": "leader_code", "force": "task_force_code"}  # fmt: skip
TIMES = {"sent": "received_at", "known": "known_at"}
DUTY = {"baseline": 0.0, "target": 100.0, "plan_shape": "hold"}
TABLES = {"R": "responsibility_week", "U": "unit_week", "A": "area_week", "L": "leader_week", "F": "task_force_week",
          "sent": "submission_week", "check": "verification_week", "line": "red_line_week"}  # fmt: skip
KEYS = {"R": "responsibility_code", "U": "unit_code", "A": "area_code", "L": "leader_code", "F": "task_force_code"}


@dataclass(frozen=True)
class Expected:
    """One figure of a case: where it stands and what it is."""

    week: str
    table: str
    key: dict[str, str]
    column: str
    value: str


def read_cases(path: Path) -> list[Row]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))


def case_catalogue(case: Row) -> Catalogue:
    duties = [build.responsibility(code, **(DUTY | given)) for code, given in _duties(case["duties"] or "R1")]
    codes = [duty["responsibility_code"] for duty in duties]
    assignments = list(_assignments(case["assignments"] or f"{','.join(codes)}@U1"))
    county: dict[str, Any] = {"areas": [{"area_code": "A1"}, {"area_code": "A2"}], "items": [], "exceptions": [],
                              "portfolios": []}  # fmt: skip
    units = {row["unit_code"]: {"unit_code": row["unit_code"], "peer_group": "town"} for row in assignments}
    for words, given in _parts(case["county"]):
        if words[0:1] == ["group"]:
            units[words[1]]["peer_group"] = words[2]
        elif words:
            name, row = _county_row(words, given)
            county[name].append(row)
        else:
            county |= {name: int(value) if value.isdigit() else float(Fraction(value)) for name, value in given.items()}
    return build.catalogue(duties, assignments, units=list(units.values()), **county)


def case_facts(case: Row) -> Facts:
    """Facts of the case; each sending of a unit for a week is a submission, a withdrawn one leaves only that."""
    ratios = {code for code, given in _duties(case["duties"] or "R1") if given.get("measure") == "ratio"}
    progress, sent = [], {}
    for row, words in _fact_rows(case["facts"], ratios):
        row["submission_id"] = f"{row['unit_code']} {row['week']} {row['known_at']}"
        sent[row["submission_id"]] = (row, "withdrawn" in words)
        if "withdrawn" not in words:
            progress.append(row)
    in_order = sorted(sent.values(), key=lambda each: each[0]["known_at"])
    submissions = [_submission(row, 2 * n, gone) for n, (row, gone) in enumerate(in_order)]
    withdrawals = [_withdrawal(row) for row in submissions if row.get("withdrawn_at")]
    checks = [
        {name: value for name, value in row.items() if name not in ("happened_on", "no_change")}
        | {"sample_kind": "risk" if "risk" in words else "random"}
        for row, words in _fact_rows(case["checks"], ratios)
    ]
    return build.facts(progress, checks, submissions, withdrawals)


def case_expected(case: Row) -> Iterator[Expected]:
    for words, given in _parts(case["expected"]):
        week = f"2022-{words.pop(0)}" if words[0].startswith("W") else f"2022-{case['week']}"
        kind, code = (words[0], words[-1])
        responsibility, unit, item = _code(code)
        if code == "county":
            table, key = "county_week", {}
        elif kind in ("check", "line"):
            table, key = TABLES[kind], {"responsibility_code": responsibility, "unit_code": unit}
            key |= {"item": item} if kind == "check" else {}
        elif "@" in code:
            table, key = "responsibility_unit_week", {"responsibility_code": responsibility, "unit_code": unit}
        else:
            table, key = TABLES[kind if kind != code else code[0]], {KEYS[code[0]]: code}
        for column, value in given.items():
            yield Expected(week, table, key, column, value)


def _parts(text: str) -> Iterator[tuple[list[str], dict[str, str]]]:
    """Each part as its plain words and its named values."""
    for part in filter(None, text.split("; ")):
        tokens = part.split(" ")
        named = dict(token.split("=", 1) for token in tokens if "=" in token)
        yield [token for token in tokens if "=" not in token], named


def _given(named: dict[str, str]) -> dict[str, Any]:
    """Named values under the names of the county's files and facts, with their types."""
    made: dict[str, Any] = {}
    for name, value in named.items():
        if name in NUMBERS:
            made[NUMBERS[name]] = float("nan") if value == "none" else float(Fraction(value))
        elif name in DATES:
            made[DATES[name]] = pd.NaT if value == "none" else pd.Timestamp(value)
        elif name in TIMES:
            made[TIMES[name]] = pd.Timestamp(value).tz_localize("Asia/Shanghai").tz_convert("UTC")
        else:
            made[TEXTS.get(name, name)] = value
    return made


def _duties(text: str) -> Iterator[tuple[str, dict[str, Any]]]:
    for words, named in _parts(text):
        for code in words[0].split(","):
            yield code, _given(named)


def _assignments(text: str) -> Iterator[dict[str, Any]]:
    """Assignments; without a share the leads have equal ones."""
    for words, named in _parts(text):
        duties, _, units = words[0].partition("@")
        for duty, unit in product(duties.split(","), (units or "U1").split(",")):
            yield build.assignment(duty, unit, **({"share": float("nan")} | _given(named)))


def _county_row(words: list[str], named: dict[str, str]) -> tuple[str, dict[str, Any]]:
    responsibility, unit, item = _code(words[1])
    if words[0] == "item":
        return "items", {"responsibility_code": responsibility, "item_code": item} | _given(named)
    if words[0] == "area":
        return "areas", {"area_code": words[1], "parent_code": words[3]}
    first, _, last = words[-1].partition("..")
    dated = {"from_on": pd.Timestamp(first or pd.NaT), "to_on": pd.Timestamp(last or pd.NaT)}
    if words[0] == "portfolio":
        return "portfolios", {"responsibility_code": responsibility, "leader_code": words[2]} | dated
    return "exceptions", {"responsibility_code": responsibility, "unit_code": unit, "state": words[0]} | dated


def _fact_rows(text: str, ratios: set[str]) -> Iterator[tuple[dict[str, Any], list[str]]]:
    """Each fact with the plain words beside it; a code is the first named value: `R1@U1:a=done`."""
    for words, named in _parts(text):
        code = next(iter(named))
        duties, units, item = _code(code)
        given = _given({name: value for name, value in named.items() if name != code})
        for week, duty, unit in product(words[0].split(","), duties.split(","), units.split(",")):
            said = _said(named[code], duty in ratios)
            yield build.progress(f"2022-{week}", duty, unit, item=item, **(said | given)), words


def _said(value: str, is_ratio: bool) -> dict[str, Any]:
    if value == "same":
        return {"no_change": True}
    if value in ("done", "open"):
        return {"done": value == "done"}
    if is_ratio:
        above, below = value.split("/")
        return {"numerator": float(above), "denominator": float(below)}
    return {"value": float(Fraction(value))}


def _code(text: str) -> tuple[str, str, str]:
    """`R1@U1:a` as responsibility, unit, item; unit U1 and no item unless said."""
    found = re.fullmatch(r"([^@:]+)(?:@([^:]+))?(?::(.+))?", text)
    assert found, text
    return found[1], found[2] or "U1", found[3] or ""


def _submission(row: dict[str, Any], ordinal: int, is_withdrawn: bool) -> dict[str, Any]:
    copied = {name: row[name] for name in ("unit_code", "week", "submission_id", "received_at", "known_at")}
    gone = {"withdrawn_at": row["known_at"] + pd.Timedelta(minutes=1)} if is_withdrawn else {}
    return build.submission("2022-W01") | copied | gone | {"ordinal": ordinal}


def _withdrawal(row: dict[str, Any]) -> dict[str, Any]:
    at = row["withdrawn_at"]
    return {"unit_code": row["unit_code"], "week": row["week"], "ordinal": row["ordinal"] + 1, "received_at": at,
            "known_at": at}  # fmt: skip
