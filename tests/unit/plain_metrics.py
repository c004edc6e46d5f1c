"""The metrics once more, in plain Python: loops and fractions, written from the design's `metrics.md` alone.

It imports nothing of `ducha.metrics` and shares no idea with it but the page. `recompute` answers for the measures
total, ratio, stages, red_line and level; a responsibility of another one is left out, also of what is above it.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from fractions import Fraction
from itertools import pairwise
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
    """Return by area Σ w·min(max(c, 0), cap) ÷ Σ w over its responsibilities with a number."""
    completion = recompute_responsibilities(catalogue, facts, week_code)
    year = int(catalogue.week_row(week_code)["plan_year"])
    parts: dict[str, list[tuple[Fraction, Fraction]]] = defaultdict(list)
    for row in records(catalogue.responsibilities, year):
        value = completion.get(row["responsibility_code"])
        parts[row["area_code"]] += [] if value is None else [(exact(row["weight"]) or Fraction(1), value)]
    return {area: mean([(w, capped(catalogue, c)) for w, c in pairs]) for area, pairs in parts.items()}


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


# -- what was due -------------------------------------------------------------------------------------------------


def is_asked(case: Case, week: int) -> bool:
    """The cadence asks for a report for this very week."""
    cut_off = case.weeks[week].cut_off
    if cut_off is None or not case.row["life_from"] <= cut_off <= case.row["life_to"]:
        return False
    if not in_season(case.row["season"], cut_off):
        return False
    cadence = case.row["cadence"]
    if cadence in PERIODS:
        end = case.weeks[week].ends[PERIODS[cadence]]
        return end is not None and end >= case.row["life_from"]
    return is_asked_once(case, week) if cadence == "once" else True


def is_asked_once(case: Case, week: int) -> bool:
    """The week of the due date, later the last-workday week of each month, until all is done."""
    due_on = case.row["due_on"]
    if due_on is None:
        return False
    closing = [n for n, w in enumerate(case.weeks) if w.cut_off and w.monday + dt.timedelta(days=6) >= due_on]
    end = case.weeks[week].ends["month"]
    is_later = end is not None and (end.year, end.month) > (due_on.year, due_on.month)
    if not (closing and closing[0] == week) and not is_later:
        return False
    earlier = [n for n in range(week) if case.weeks[n].cut_off]
    return not earlier or not is_all_done(case, earlier[-1])


def is_all_done(case: Case, week: int) -> bool:
    if case.measure == "red_line" or not any(says_something(case, f) and f.week <= week for f in case.facts):
        return False
    completion = official(case, week)[0]
    return completion is not None and rounded(completion) >= 1


def in_season(season: str, day: dt.date) -> bool:
    if not season:
        return True
    first, last = season.split("..")
    now = day.strftime("%m-%d")
    return first <= now <= last if first <= last else now >= first or now <= last


def exception_on(case: Case, day: dt.date, state: str | None = None) -> bool:
    for row in case.exceptions:
        first, last = date(row["from_on"]) or dt.date.min, date(row["to_on"]) or dt.date.max
        if first <= day <= last and state in (None, row["state"]):
            return True
    return False


def due_weeks(case: Case, week: int) -> list[int]:
    """Weeks up to this one for which a report was due; an exempt or suspended week owes none."""
    asked = [n for n in range(week + 1) if is_asked(case, n)]
    return [n for n in asked if not exception_on(case, case.weeks[n].cut_off or dt.date.min)]


# -- completion ---------------------------------------------------------------------------------------------------


def official(case: Case, week: int) -> tuple[Fraction | None, Fraction | None, Fraction | None]:
    """Completion, numerator and denominator of its sums, official: reports and what checks made of them."""
    if case.measure == "stages":
        done = sum((w for item, w in case.items.items() if is_item_done(case, item, week)), Fraction(0))
        whole = sum(case.items.values(), Fraction(0))
        return done / whole, done, whole
    if case.measure == "red_line":
        return red_line(case, week), None, None
    if case.measure == "ratio":
        numerator, denominator = ratio_pair(case, week)
        x = numerator / denominator if numerator is not None and denominator else None
        return way(case, x)[0], numerator, denominator
    return way(case, level_value(case, week) if case.measure == "level" else total_value(case, week))


def way(case: Case, x: Fraction | None) -> tuple[Fraction | None, Fraction | None, Fraction | None]:
    """(x−b)/(T−b) up, (b−x)/(b−T) down; b missing is 0 up; T = b is met or not."""
    b, target = baseline(case), case.row["target"]
    if b is None or target is None:
        return None, None, None
    sign = -1 if case.is_down else 1
    length = sign * (target - b)
    if x is None:
        return None, None, length
    progress = sign * (x - b)
    if length == 0:
        return Fraction(int(rounded(progress) >= 0)), progress, length
    return progress / length, progress, length


def baseline(case: Case) -> Fraction | None:
    b: Fraction | None = case.row["baseline"]
    return Fraction(0) if b is None and not case.is_down else b


def total_value(case: Case, week: int) -> Fraction | None:
    reported = in_force(case, case.facts, week)
    if reported is None:
        return None
    value = exact(reported.row["value"])
    check = in_force(case, case.checks, week)
    then = in_force(case, case.facts, check.week) if check else None
    if check and then:
        return value + exact(check.row["value"]) - exact(then.row["value"])  # type: ignore[operator]
    return value


def level_value(case: Case, week: int) -> Fraction | None:
    reported = in_force(case, case.facts, week)
    if reported is None:
        return None
    check = in_force(case, case.checks, week)
    if check and in_force(case, case.facts, check.week):
        is_later = any(check.week < f.week <= week and is_report(case, f) for f in case.facts)
        if not is_later:
            return exact(check.row["value"])
    return exact(reported.row["value"])


def ratio_pair(case: Case, week: int) -> tuple[Fraction | None, Fraction | None]:
    names = ("numerator", "denominator")
    if case.is_period:
        pairs = []
        for n in range(week + 1):
            own, check = own_of_week(case, case.facts, n), own_of_week(case, case.checks, n)
            if own:
                pairs.append([exact((check or own).row[name]) for name in names])
        return (sum(p[0] for p in pairs), sum(p[1] for p in pairs)) if pairs else (None, None)  # type: ignore
    reported = in_force(case, case.facts, week)
    if reported is None:
        return None, None
    pair = [exact(reported.row[name]) for name in names]
    check = in_force(case, case.checks, week)
    then = in_force(case, case.facts, check.week) if check else None
    if check and then:
        pair = [p + exact(check.row[n]) - exact(then.row[n]) for p, n in zip(pair, names, strict=True)]  # type: ignore
    return pair[0], pair[1]


def is_item_done(case: Case, item: str, week: int) -> bool:
    check = in_force(case, case.checks, week, item)
    if check:
        return bool(check.row["done"])
    fact = in_force(case, case.facts, week, item)
    if fact is None or not fact.row["done"]:
        return False
    happened, cut_off = date(fact.row["happened_on"]), case.weeks[week].cut_off
    return happened is None or cut_off is None or happened <= cut_off


def events(case: Case, week: int) -> Fraction:
    """Events reported and found; each slot speaks by its latest version."""
    is_daily = case.row["cadence"] == "daily"
    said: dict[tuple[Any, ...], Fraction] = {}
    for source, facts in (("report", case.facts), ("check", case.checks)):
        for f in facts:
            if f.week <= week and says_something(case, f):
                by_day = is_daily and source == "report" and f.item
                said[(source, f.item if by_day else (f.week, f.item))] = exact(f.row["value"]) or Fraction(0)
    return sum(said.values(), Fraction(0))


def red_line(case: Case, week: int) -> Fraction | None:
    if events(case, week) > 0:
        return Fraction(0)
    sent = [f for f in case.facts if f.week <= week and says_something(case, f)]
    if case.row["cadence"] == "daily":
        owed = set(days_owed(case, week))
        return Fraction(1) if owed <= {parse_day(f.item) for f in sent} else None
    return Fraction(1) if set(due_weeks(case, week)) <= {f.week for f in sent} else None


def days_owed(case: Case, week: int) -> list[dt.date]:
    last = min(case.row["life_to"], case.weeks[week].cut_off or dt.date.min)
    count = (last - case.row["life_from"]).days + 1
    days = (case.row["life_from"] + dt.timedelta(days=n) for n in range(max(count, 0)))
    return [day for day in days if in_season(case.row["season"], day) and not exception_on(case, day)]


def parse_day(text: str) -> dt.date | None:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        return None


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
        "numerator": numerator, "denominator": denominator,
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
