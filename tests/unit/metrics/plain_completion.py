"""Which weeks were due and how complete an assignment is, in plain Python: sections 2, 4 and 6 of `metrics.md`.

Part of `tests.unit.plain_metrics`; it imports nothing of `ducha.metrics`.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from fractions import Fraction
from typing import Any

from tests.unit.metrics.plain_case import (
    PERIODS,
    Case,
    date,
    exact,
    in_force,
    is_report,
    own_of_week,
    rounded,
    says_something,
)

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


def reported(case: Case, week: int) -> Fraction | None:
    """The value by reports alone; none where nothing was reported: absence is never zero."""
    alone = replace(case, checks=[])
    if not any(f.week <= week and says_something(case, f) for f in case.facts):
        return None
    if case.measure == "red_line":
        return events(alone, week)
    if case.measure == "stages":
        return official(alone, week)[1]
    if case.measure == "ratio":
        numerator, denominator = ratio_pair(alone, week)
        return numerator / denominator if numerator is not None and denominator else None
    return level_value(alone, week) if case.measure == "level" else total_value(alone, week)


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
    first = max(case.row["life_from"], case.weeks[0].monday)
    last = min(case.row["life_to"], case.weeks[week].cut_off or dt.date.min)
    days = (first + dt.timedelta(days=n) for n in range(max((last - first).days + 1, 0)))
    return [day for day in days if in_season(case.row["season"], day) and not exception_on(case, day)]


def parse_day(text: str) -> dt.date | None:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        return None
