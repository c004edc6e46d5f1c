"""One assignment in plain Python: what is known about it, and which fact is in force.

Part of `tests.unit.plain_metrics`; it imports nothing of `ducha.metrics`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import pandas as pd
from ducha.catalogue import Catalogue, Facts

Row = dict[str, Any]
Key = tuple[str, str]

MEASURES = ("total", "ratio", "stages", "red_line", "level")
PERIODS = {"monthly": "month", "quarterly": "quarter", "half_yearly": "half_year"}
NANO = Fraction(1, 10**9)


def rounded(value: Fraction) -> Fraction:
    """A value as it is compared: rounded once to 1e-9."""
    return Fraction(round(value / NANO)) * NANO


def exact(value: Any) -> Fraction | None:
    """A number as it was written; None for an empty cell."""
    return None if pd.isna(value) else Fraction(repr(float(value)))


def date(value: Any) -> dt.date | None:
    return None if pd.isna(value) else pd.Timestamp(value).date()


@dataclass
class Week:
    code: str
    monday: dt.date
    cut_off: dt.date | None
    ends: dict[str, dt.date | None]


@dataclass
class Fact:
    week: int
    item: str
    row: Row
    order: tuple[Any, ...]


@dataclass
class Case:
    """One assignment with all that is known about it."""

    row: Row
    items: dict[str, Fraction]
    exceptions: list[Row]
    weeks: list[Week]
    lights: Any
    facts: list[Fact] = field(default_factory=list)
    checks: list[Fact] = field(default_factory=list)

    @property
    def measure(self) -> str:
        return str(self.row["measure"])

    @property
    def is_down(self) -> bool:
        return bool(self.row["direction"] == "down")

    @property
    def is_period(self) -> bool:
        return bool(self.row["time_basis"] == "period")


# -- what there is ------------------------------------------------------------------------------------------------


def records(frame: pd.DataFrame, year: int) -> list[Row]:
    return [row for row in frame.to_dict("records") if row["plan_year"] == year]


def cases(catalogue: Catalogue, facts: Facts, week_code: str) -> list[Case]:
    year = int(catalogue.week_row(week_code)["plan_year"])
    weeks = weeks_until(catalogue, year, week_code)
    responsibilities = {row["responsibility_code"]: row for row in records(catalogue.responsibilities, year)}
    closed = {row["unit_code"]: row["closed_on"] for row in catalogue.units.to_dict("records")}
    assignments = records(catalogue.assignments, year)
    found = {}
    for own in assignments:
        base = responsibilities[own["responsibility_code"]]
        if share_of(own, assignments) > 0 and base["measure"] in MEASURES:
            case = Case(
                merged(base, own, year, closed[own["unit_code"]], share_of(own, assignments)),
                items_of(catalogue, year, own["responsibility_code"]),
                [row for row in records(catalogue.exceptions, year) if covers(row, own)],
                weeks,
                catalogue.settings.lights,
            )
            found[(own["responsibility_code"], own["unit_code"])] = case
    place(found, facts, weeks)
    return list(found.values())


def weeks_until(catalogue: Catalogue, year: int, week_code: str) -> list[Week]:
    weeks = []
    for row in sorted(records(catalogue.weeks, year), key=lambda row: row["week"]):
        ends = {name: date(row[f"{name}_end_on"]) for name in ("month", "quarter", "half_year")}
        weeks.append(Week(row["week_code"], row["week"].date(), date(row["cut_off_on"]), ends))
        if row["week_code"] == week_code:
            return weeks
    raise KeyError(week_code)


def share_of(own: Row, assignments: list[Row]) -> Fraction:
    share = exact(own["share"])
    if share is not None:
        return share
    of_same = [a for a in assignments if a["responsibility_code"] == own["responsibility_code"]]
    leads = sum(1 for a in of_same if a["role"] == "lead")
    return Fraction(1, leads) if own["role"] == "lead" else Fraction(0)


def merged(base: Row, own: Row, year: int, closed_on: Any, share: Fraction) -> Row:
    """An assignment: its responsibility, what is its own where it differs, and its life."""
    row = dict(base) | {"unit_code": own["unit_code"], "share": share}
    row["common"] = {name: exact(base[name]) for name in ("baseline", "target")}
    for name in ("baseline", "target", "weight"):
        row[name] = exact(base[name]) if pd.isna(own[name]) else exact(own[name])
    row["weight"] = Fraction(1) if row["weight"] is None else row["weight"]
    row["start_on"] = date(base["start_on"]) or dt.date(year, 1, 1)
    row["due_on"] = date(base["due_on"])
    row["life_from"] = max(day for day in (row["start_on"], date(own["from_on"])) if day)
    row["life_to"] = min(day for day in (date(own["to_on"]), date(closed_on), dt.date(year, 12, 31)) if day)
    return row


def items_of(catalogue: Catalogue, year: int, code: str) -> dict[str, Fraction]:
    listed = [row for row in records(catalogue.items, year) if row["responsibility_code"] == code]
    return {row["item_code"]: exact(row["weight"]) or Fraction(1) for row in listed} or {"": Fraction(1)}


def covers(exception: Row, own: Row) -> bool:
    return all(exception[name] in ("", own[name]) for name in ("responsibility_code", "unit_code"))


def place(found: dict[Key, Case], facts: Facts, weeks: list[Week]) -> None:
    """Give each case its facts and checks, oldest week and version first."""
    position = {week.monday: n for n, week in enumerate(weeks)}
    for frame, name in ((facts.progress, "facts"), (facts.inspections, "checks")):
        for n, row in enumerate(frame.to_dict("records")):
            case, week = found.get((row["responsibility_code"], row["unit_code"])), position.get(row["week"].date())
            if case is not None and week is not None:
                getattr(case, name).append(Fact(week, row["item"], row, (week, row["known_at"], n)))
    for case in found.values():
        case.facts.sort(key=lambda fact: fact.order)
        case.checks.sort(key=lambda fact: fact.order)


# -- which fact is in force ---------------------------------------------------------------------------------------


def is_no_change(fact: Fact) -> bool:
    return bool(fact.row.get("no_change", False))


def says_something(case: Case, fact: Fact) -> bool:
    """The fact has a figure of the measure's kind, for an item that the measure knows."""
    row = fact.row
    if is_no_change(fact):
        return False
    if case.measure == "stages":
        return fact.item in case.items and not pd.isna(row["done"])
    if case.measure == "ratio":
        return fact.item == "" and not pd.isna(row["numerator"]) and not pd.isna(row["denominator"])
    return not pd.isna(row["value"]) and (fact.item == "" or case.measure == "red_line")


def is_report(case: Case, fact: Fact) -> bool:
    """An own figure, or "no change" where that is accepted."""
    stands_still = case.measure in ("total", "level", "stages") or (case.measure == "ratio" and not case.is_period)
    may = stands_still and (fact.item == "" or case.measure == "stages")
    return says_something(case, fact) or (is_no_change(fact) and may)


def in_force(case: Case, facts: Iterable[Fact], week: int, item: str = "") -> Fact | None:
    """The fact with the greatest week ≤ W, then the latest version; "no change" repeats it."""
    held = [f for f in facts if f.week <= week and f.item == item and says_something(case, f)]
    return held[-1] if held else None


def own_of_week(case: Case, facts: Iterable[Fact], week: int) -> Fact | None:
    held = [f for f in facts if f.week == week and f.item == "" and says_something(case, f)]
    return held[-1] if held else None
