"""The metrics once more, in plain Python: loops and fractions, written from the design's `metrics.md` alone.

It imports nothing of `ducha.metrics` and shares no idea with it but the page. `recompute` answers for the measures
total, ratio, stages, red_line and level; a responsibility of another one is left out, also of what is above it.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise

from ducha.catalogue import Catalogue, Facts

from tests.unit.metrics.plain_case import (
    Case,
    Key,
    Row,
    cases,
    exact,
    is_report,
    records,
    rounded,
    says_something,
)
from tests.unit.metrics.plain_completion import (
    baseline,
    due_weeks,
    events,
    exception_on,
    in_season,
    official,
    red_line,
    reported,
    way,
)


def recompute(catalogue: Catalogue, facts: Facts, week_code: str) -> dict[Key, Row]:
    """Return by (responsibility_code, unit_code): state, completion, planned, raw_light and what roll-ups need."""
    answers = {}
    for case in cases(catalogue, facts, week_code):
        key = (case.row["responsibility_code"], case.row["unit_code"])
        answers[key] = answer(case, len(case.weeks) - 1)
    return answers


def recompute_units(catalogue: Catalogue, facts: Facts, week_code: str) -> dict[str, Fraction | None]:
    """Return by unit Σ w·min(max(c, 0), cap) ÷ Σ w over its counted, carried and missing rows."""
    parts: dict[str, list[tuple[Fraction, Fraction]]] = {code: [] for code in catalogue.units["unit_code"]}
    for (_, unit), found in recompute(catalogue, facts, week_code).items():
        if found["state"] in ("counted", "carried", "missing"):
            parts[unit].append((found["weight"], capped(catalogue, found["completion"] or Fraction(0))))
    return {unit: mean(pairs) for unit, pairs in parts.items()}


def recompute_responsibilities(catalogue: Catalogue, facts: Facts, week_code: str) -> dict[str, Fraction | None]:
    """Return by responsibility its completion across units, by the last column of section 2."""
    grouped: dict[str, list[Row]] = defaultdict(list)
    for (code, _), found in recompute(catalogue, facts, week_code).items():
        grouped[code].append(found)
    return {code: across(found) for code, found in grouped.items()}


def recompute_areas(catalogue: Catalogue, facts: Facts, week_code: str) -> dict[str, Fraction | None]:
    """Return by area Σ w·min(max(c, 0), cap) ÷ Σ w over its responsibilities with a number, those of its parts too."""
    completion = recompute_responsibilities(catalogue, facts, week_code)
    year = int(catalogue.week_row(week_code)["plan_year"])
    above = {area["area_code"]: area["parent_code"] for area in catalogue.areas.to_dict("records")}
    parts: dict[str, list[tuple[Fraction, Fraction]]] = defaultdict(list)
    for row in records(catalogue.responsibilities, year):
        value, area = completion.get(row["responsibility_code"]), row["area_code"]
        while area:
            parts[area] += [] if value is None else [(exact(row["weight"]) or Fraction(1), value)]
            area = above[area]
    return {area: mean([(w, capped(catalogue, c)) for w, c in pairs]) for area, pairs in parts.items()}


# -- plan, state, light -------------------------------------------------------------------------------------------


def shape_of(case: Case) -> str:
    if case.row["plan_shape"]:
        return str(case.row["plan_shape"])
    is_linear = case.measure in ("total", "stages") or case.row["kind"] == "coverage"
    return "linear" if is_linear else "hold"


def planned(case: Case, week: int) -> Fraction | None:
    cut_off, start = case.weeks[week].cut_off, case.row["start_on"]
    assert cut_off
    if case.measure == "red_line":
        return None
    shape = shape_of(case)
    if shape == "hold":
        return Fraction(1)
    if shape == "points":
        return along_points(case.row["plan_points"], start, cut_off)
    return None if case.row["due_on"] is None else by_days(case, shape, start, cut_off)


def by_days(case: Case, shape: str, start: dt.date, cut_off: dt.date) -> Fraction:
    """Days passed ÷ days in all, after the start up to the due date; with shape season only those in season."""
    due = case.row["due_on"]
    days = [start + dt.timedelta(days=n + 1) for n in range((due - start).days)]
    season = case.row["season"] if shape == "season" else ""
    inside = [day for day in days if in_season(season, day)]
    passed = sum(1 for day in inside if day <= cut_off)
    return Fraction(passed, len(inside)) if inside else Fraction(int(cut_off >= max(start, due)))


def along_points(text: str, start: dt.date, cut_off: dt.date) -> Fraction:
    points = [(start, Fraction(0))]
    for pair in text.split(";"):
        day, share = pair.split(":")
        points.append((dt.date.fromisoformat(day), Fraction(share)))
    if cut_off <= start:
        return Fraction(0)
    for (day0, share0), (day1, share1) in pairwise(points):
        if cut_off <= day1:
            return share0 + (share1 - share0) * Fraction((cut_off - day0).days, (day1 - day0).days)
    return points[-1][1]


def answer(case: Case, week: int) -> Row:
    state = state_of(case, week)
    completion, numerator, denominator = official(case, week)
    has_number = state in ("counted", "carried")
    p = planned(case, week) if has_number or state == "missing" else None
    shown = completion if has_number else None
    return {
        "state": state, "completion": shown, "planned": p, "raw_light": light(case, week, state, shown, p),
        "measure": case.measure, "weight": case.row["weight"], "share": case.row["share"], "case": case,
        "numerator": numerator, "denominator": denominator, "reported": reported(case, week),
    }  # fmt: skip


def state_of(case: Case, week: int) -> str:
    cut_off = case.weeks[week].cut_off
    assert cut_off
    return before_reports(case, cut_off) or by_reports(case, week)


def before_reports(case: Case, cut_off: dt.date) -> str | None:
    """The states that hang on the catalogue alone."""
    needs_target = case.measure not in ("stages", "red_line")
    needs_date = case.measure != "red_line" and shape_of(case) in ("linear", "season")
    order = {
        "closed": cut_off > case.row["life_to"],
        "suspended": exception_on(case, cut_off, "suspended"),
        "exempt": exception_on(case, cut_off, "exempt"),
        "not_started": cut_off < case.row["life_from"],
        "no_target": needs_target and case.row["target"] is None,
        "no_baseline": needs_target and baseline(case) is None,
        "no_date": needs_date and case.row["due_on"] is None,
    }
    return next((state for state, applies in order.items() if applies), None)


def by_reports(case: Case, week: int) -> str:
    due = due_weeks(case, week)
    has_value = any(f.week <= week and says_something(case, f) for f in case.facts)
    has_event = case.measure == "red_line" and events(case, week) > 0
    if not due and not has_value and not has_event:
        return "awaiting"
    if case.measure == "red_line":
        return "counted" if red_line(case, week) is not None else "unknown"
    if not has_value:
        return "missing"
    if official(case, week)[0] is None:
        return "unknown"
    last = max(f.week for f in case.facts if f.week <= week and is_report(case, f))
    return "carried" if due and last < due[-1] else "counted"


def light(case: Case, week: int, state: str, completion: Fraction | None, p: Fraction | None) -> str:
    if state == "missing":
        return "red"
    if completion is None:
        return "grey"
    if case.measure == "red_line":
        return "green" if completion == 1 else "red"
    cut_off, due_on = case.weeks[week].cut_off, case.row["due_on"]
    if due_on and cut_off and cut_off > due_on and rounded(completion) < 1:
        return "red"
    assert p is not None
    gap = rounded(completion - p)
    if gap >= Fraction(repr(case.lights.green_gap)):
        return "green"
    return "yellow" if gap >= Fraction(repr(case.lights.yellow_gap)) else "red"


# -- roll-ups -----------------------------------------------------------------------------------------------------


def capped(catalogue: Catalogue, completion: Fraction) -> Fraction:
    return min(max(completion, Fraction(0)), Fraction(repr(float(catalogue.settings.cap))))


def mean(pairs: list[tuple[Fraction, Fraction]]) -> Fraction | None:
    weight = sum((w for w, _ in pairs), Fraction(0))
    return sum((w * c for w, c in pairs), Fraction(0)) / weight if weight else None


def across(rows: list[Row]) -> Fraction | None:
    """One responsibility across its units."""
    with_number = [row for row in rows if row["state"] in ("counted", "carried")]
    is_missing = any(row["state"] == "missing" for row in rows)
    measure = rows[0]["measure"]
    if not with_number:
        unknown = measure == "red_line" and any(row["state"] == "unknown" for row in rows)
        return Fraction(0) if is_missing and not unknown else None
    if measure == "red_line":
        if any(row["completion"] == 0 for row in with_number):
            return Fraction(0)
        return None if any(row["state"] == "unknown" for row in rows) else Fraction(1)
    scored = with_number + [row | {"numerator": Fraction(0)} for row in rows if row["state"] == "missing"]
    if measure == "level":
        return mean([(row["share"], row["completion"] or Fraction(0)) for row in scored])
    if measure == "ratio":
        return across_ratio(with_number)
    progress = sum((row["numerator"] for row in scored), Fraction(0))
    length = sum((row["denominator"] for row in scored), Fraction(0))
    return progress / length if length else Fraction(int(rounded(progress) >= 0))


def across_ratio(rows: list[Row]) -> Fraction | None:
    """Σ num ÷ Σ den, then c by the responsibility's own b and T."""
    numerator = sum((row["numerator"] for row in rows), Fraction(0))
    denominator = sum((row["denominator"] for row in rows), Fraction(0))
    case = rows[0]["case"]
    whole = replace(case, row=case.row | case.row["common"])
    return way(whole, numerator / denominator)[0] if denominator else None
