"""Counties for the oracle, drawn by hypothesis: small catalogues and such facts as intake accepts.

A county spans two plan years, 2020 with its week 53 and 2021, and is asked about one week of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from random import Random

import pandas as pd
from ducha.catalogue import Catalogue, CountySettings, Facts
from ducha.county.defaults import with_defaults
from hypothesis import strategies as st

from tests.oracle.reports import DAY, Row, facts_of, one_of, sometimes
from tests.unit.metrics import build

ASKED = (
    "2020-W26", "2020-W53", "2021-W01", "2020-W52", "2021-W02", "2021-W05", "2020-W40", "2021-W13", "2020-W09",
)  # fmt: skip
MEASURES = ("total", "level", "flow", "average", "ratio", "stages", "range", "rank", "red_line")
WAYS = ((0.0, 100.0), (10.0, 50.0), (0.0, 10.0), (20.0, 20.0), (-5.0, 40.0), (0.0, 0.0))
"""Baseline and target for `up`, the other way round for `down`."""
FATES = ("closed", "suspended", "exempt", "not_started", "no_target", "no_baseline", "no_date", "awaiting", "missing",
         "carried", "carried", "unknown", "unknown", "awaiting")  # fmt: skip
"""States that chance alone seldom makes: what is drawn for a responsibility is bent towards one of them, or not."""


@dataclass(frozen=True)
class County:
    catalogue: Catalogue
    facts: Facts
    week_code: str

    def __repr__(self) -> str:
        parts = [f"week {self.week_code}"]
        for holder in (self.catalogue, self.facts):
            for name, frame in vars(holder).items():
                if isinstance(frame, pd.DataFrame) and name not in ("weeks", "leaders", "rules") and len(frame):
                    said = [
                        {k: str(v) for k, v in row.items() if v not in ("", False) and not pd.isna(v)}
                        for row in frame.to_dict("records")
                    ]
                    parts.append(name + "\n" + "\n".join(f"  {row}" for row in said))
        return "\n".join(parts)


def counties() -> st.SearchStrategy[County]:
    """Counties drawn through one `Random` of hypothesis: single choices that shrink, without mutants of whole parts."""
    return st.randoms(use_true_random=False).map(county)


def county(draw: Random) -> County:
    week_code = one_of(draw, *ASKED)
    asked = build.monday(week_code)
    span = [asked + pd.Timedelta(weeks=n) for n in range(-draw.randint(2, 7), 2)]
    closed = [week for week in span if week != asked and sometimes(draw, 12)]
    weeks = weeks_of(one_of(draw, 3, 4, 0), tuple(closed))
    years = (
        (2020, 2021) if sometimes(draw, 3) else (int(weeks.loc[weeks["week_code"] == week_code, "plan_year"].iloc[0]),)
    )
    units = [unit(draw, n, asked) for n in range(1, one_of(draw, 1, 3, 4, 5, 6) + 1)]
    codes = [f"R{n}" for n in range(1, one_of(draw, 1, 14, 18, 16, 20) + 1)]
    first = draw.randint(0, 8)
    measures = {code: MEASURES[(first + n) % 9] for n, code in enumerate(codes)}
    fates = {code: one_of(draw, "", "", "", *FATES) for code in codes}
    rows = [row for code in codes for row in responsibility(draw, code, measures[code], fates[code], asked, years)]
    assignments = [a for row in rows for a in assigned(draw, row, fates[row["responsibility_code"]], units, asked)]
    items = [item for row in rows if row["measure"] == "stages" for item in stages_of(draw, row)]
    cases = [proven(draw, n, units, asked) for n in range(one_of(draw, 0, 3, 8))]
    catalogue = catalogue_of(draw, asked, weeks, units, fates, rows, assignments, items, cases)
    return County(catalogue, facts_of(draw, catalogue, fates, asked, span), week_code)


@cache
def weeks_of(weekday: int, without: tuple[pd.Timestamp, ...]) -> pd.DataFrame:
    """`Catalogue.weeks` of 2020 and the spring of 2021, cut-offs on one weekday at 17:00."""
    made = []
    mondays = [build.monday("2020-W01") + pd.Timedelta(weeks=n) for n in range(70)]
    workdays = [week + n * DAY for week in mondays if week not in without for n in range(5)]
    for week in mondays:
        iso = week.isocalendar()
        closes = week not in without
        day = week + weekday * DAY
        row = {
            "week": week, "week_code": f"{iso.year}-W{iso.week:02d}", "is_official": True,
            "plan_year": (day if closes else week + 3 * DAY).year,
            "cut_off_at": build.local(day, 17) if closes else pd.NaT,
            "cut_off_on": day if closes else pd.NaT,
            "freeze_at": build.local(day + DAY, 12) if closes else pd.NaT,
        }  # fmt: skip
        for column, months in (("month_end_on", 1), ("quarter_end_on", 3), ("half_year_end_on", 6)):
            row[column] = next(
                (day for day in period_ends(tuple(workdays), months) if week <= day < week + 7 * DAY), pd.NaT
            )
        made.append(row)
    kinds = {"week": build.DATE, "week_code": build.TEXT, "plan_year": build.WHOLE, "cut_off_at": build.TIME,
             "cut_off_on": build.DATE, "freeze_at": build.TIME, "month_end_on": build.DATE,
             "quarter_end_on": build.DATE, "half_year_end_on": build.DATE, "is_official": build.FLAG}  # fmt: skip
    return build.frame(kinds, made)


@cache
def period_ends(workdays: tuple[pd.Timestamp, ...], months: int) -> list[pd.Timestamp]:
    last: dict[tuple[int, int], pd.Timestamp] = {}
    for day in workdays[:-5]:
        last[(day.year, (day.month - 1) // months)] = day
    return list(last.values())[:-1]


def unit(draw: Random, n: int, asked: pd.Timestamp) -> Row:
    closed_on = asked + draw.randint(-20, 10) * DAY if sometimes(draw, 10) else pd.NaT
    return {"unit_code": f"U{n}", "unit_type": "township", "peer_group": one_of(draw, "town", "town", "town", "office"),
            "closed_on": closed_on}  # fmt: skip


def responsibility(
    draw: Random, code: str, measure: str, fate: str, asked: pd.Timestamp, years: tuple[int, ...]
) -> list[Row]:
    """One responsibility in each plan year: the same code, a year's slice each."""
    return [bent(in_year(draw, code, measure, asked, year), fate, asked) for year in years]


def in_year(draw: Random, code: str, measure: str, asked: pd.Timestamp, year: int) -> Row:
    new_year, last_day = pd.Timestamp(year, 1, 1), pd.Timestamp(year, 12, 31)
    near = [asked - pd.Timedelta(days=draw.randint(-12, 40)), new_year]
    start_on = min(max(one_of(draw, *near), new_year), last_day)
    ends = [last_day, asked + draw.randint(-30, 30) * DAY, pd.NaT]
    due_on = one_of(draw, *ends)
    due_on = due_on if pd.isna(due_on) else min(max(due_on, start_on), last_day)
    row = build.responsibility(
        code, plan_year=year, measure=measure, direction="", start_on=start_on, due_on=due_on,
        cadence=one_of(draw, "weekly", "weekly", "monthly", "once", "quarterly", "half_yearly"),
        weight=one_of(draw, 1.0, 2.0, 0.5), tolerance=one_of(draw, float("nan"), 5.0, 0.0),
        area_code=one_of(draw, "A1", "A2", "A3"), leader_code=one_of(draw, "L1", "L2", ""),
        task_force_code=one_of(draw, "", "T1"), definition=one_of(draw, "", "D1", "D2"),
        unit_of_measure=one_of(draw, "", "户"),
    )  # fmt: skip
    row |= aims(draw, row)
    row |= planned(draw, row, asked)
    return row


def bent(row: Row, fate: str, asked: pd.Timestamp) -> Row:
    """The same responsibility, bent towards a state."""
    new_year, last_day = pd.Timestamp(row["plan_year"], 1, 1), pd.Timestamp(row["plan_year"], 12, 31)
    has_no = {name: float("nan") for name in ("target", "target_low", "target_high")}
    late_start = min(max(asked + 10 * DAY, new_year), last_day)
    late_due = pd.NaT if pd.isna(row["due_on"]) else max(row["due_on"], late_start)
    new_start = min(max(asked - 5 * DAY, new_year), row["start_on"])
    is_red_line = row["measure"] == "red_line"
    changes: dict[str, Row] = {
        "not_started": {"start_on": late_start, "due_on": late_due},
        "no_target": {} if is_red_line or row["measure"] == "stages" else has_no,
        "no_baseline": {"direction": "down", "baseline": float("nan")} if "baseline" in row else {},
        "no_date": {} if is_red_line else {"due_on": pd.NaT, "plan_shape": "linear", "plan_points": ""},
        "awaiting": {"season": "06-28..07-31"} if is_red_line else {"cadence": "half_yearly", "start_on": new_start},
        "unknown": {} if is_red_line else {"cadence": "quarterly", "start_on": new_start},
        "missing": {} if is_red_line else {"cadence": "weekly"},
        "carried": {} if is_red_line else {"cadence": "weekly"},
    }
    return with_points_ahead(row | changes.get(fate, {}))


def with_points_ahead(row: Row) -> Row:
    """Not drawn: a plan point on or before `start_on`, of which the lines "from (start_on, 0)" say nothing."""
    if row.get("plan_shape") != "points":
        return row
    ahead = [point for point in row["plan_points"].split(";") if pd.Timestamp(point[:10]) > row["start_on"]]
    return row | {"plan_points": ";".join(ahead) or f"{row['start_on'] + 30 * DAY:%Y-%m-%d}:1.0"}


def aims(draw: Random, row: Row) -> Row:
    """Baseline, target and whatever else a measure is held against."""
    measure, nan = row["measure"], float("nan")
    if measure == "range":
        bounds = {"target_low": one_of(draw, 0.0, 5.0, nan), "target_high": one_of(draw, 20.0, 5.0, 5.0, nan)}
        # not drawn: once, which is never done for a range (decision 21)
        return bounds | ({"cadence": "weekly"} if row["cadence"] == "once" else {})
    if measure == "rank":
        return {"target": one_of(draw, 3.0, 5.0, nan), "rank_start": one_of(draw, 8.0, nan, 2.0)}
    if measure == "red_line":
        return {"cadence": one_of(draw, "weekly", "weekly", "daily"), "kind": "redline"}
    if measure == "stages":
        return {"direction": one_of(draw, "up", "")}
    given: Row = {"direction": one_of(draw, "up", "down", "")}
    low, high = one_of(draw, *WAYS)
    if measure == "ratio":
        low, high = low / 100, high / 100
        given |= {"kind": one_of(draw, "rate", "coverage", "case"), "time_basis": one_of(draw, "", "to_date", "period")}
    given |= {"baseline": high, "target": low} if given["direction"] == "down" else {"baseline": low, "target": high}
    if sometimes(draw, 4 if given["direction"] == "down" else 6):
        given |= {"baseline": nan}
    if sometimes(draw, 8):
        given |= {"target": nan}
    return given


def planned(draw: Random, row: Row, asked: pd.Timestamp) -> Row:
    season = one_of(draw, "03-01..11-30", "11-15..03-15", "01-01..12-31", "06-20..06-30")
    within: Row = {"season": season} if sometimes(draw, 7) else {}
    if row["measure"] == "red_line":
        return within
    shape = one_of(draw, "", "", "linear", "hold", "points", "season")
    given = within | {"plan_shape": shape}
    if shape == "points":
        days = sorted({row["start_on"] + draw.randint(1, 90) * DAY for _ in range(draw.randint(1, 3))})
        shares = sorted(one_of(draw, 0.1, 0.25, 0.5, 0.8, 1.0) for _ in days)
        given |= {"plan_points": ";".join(f"{day:%Y-%m-%d}:{share}" for day, share in zip(days, shares, strict=True))}
    if shape == "season":
        given |= {"season": season}
    return given


def assigned(draw: Random, row: Row, fate: str, units: list[Row], asked: pd.Timestamp) -> list[Row]:
    """A lead and perhaps more; shares equal, said, or 0 for who only cooperates."""
    several = sometimes(draw, 2) and row["measure"] != "red_line"  # an unknown red line takes the rank of its unit
    chosen = [u for u in units if sometimes(draw, 2)] if several else []
    chosen = chosen or [one_of(draw, *units)]
    said = {}
    if sometimes(draw, 4):
        said = {u["unit_code"]: one_of(draw, 0.5, 0.25, 1.0) for u in chosen}
    rows = []
    for n, u in enumerate(chosen):
        code = u["unit_code"]
        given: Row = {"plan_year": row["plan_year"], "share": said.get(code, float("nan"))}
        if n and sometimes(draw, 6):
            given |= {"role": "cooperating"}
        if sometimes(draw, 6):
            given |= {"weight": one_of(draw, 3.0, 1.0)}
        if row["measure"] in ("total", "level", "flow", "average", "ratio") and sometimes(draw, 5):
            given |= own_aims(draw, row)
        if sometimes(draw, 8):
            given |= {"from_on": row["start_on"] + draw.randint(0, 30) * DAY}
        elif sometimes(draw, 8):
            given |= {"to_on": asked + draw.randint(-20, 20) * DAY}
        if fate == "closed":
            given |= {"to_on": asked - 3 * DAY}
        rows.append(build.assignment(row["responsibility_code"], code, **given))
    return rows


def own_aims(draw: Random, row: Row) -> Row:
    low, high = one_of(draw, (0.0, 60.0), (5.0, 30.0), (0.0, 10.0))
    if row["measure"] == "ratio":
        low, high = low / 100, high / 100
    return {"baseline": high, "target": low} if row["direction"] == "down" else {"baseline": low, "target": high}


def stages_of(draw: Random, row: Row) -> list[Row]:
    codes = one_of(draw, (), ("a",), ("a", "b", "c"))
    return [{"plan_year": row["plan_year"], "responsibility_code": row["responsibility_code"], "item_code": code,
             "weight": one_of(draw, 1.0, 2.0)} for code in codes]  # fmt: skip


def catalogue_of(
    draw: Random, asked: pd.Timestamp, weeks: pd.DataFrame, units: list[Row], fates: dict[str, str], rows: list[Row],
    assignments: list[Row], items: list[Row], cases: list[Row],
) -> Catalogue:  # fmt: skip
    exceptions = [excepted(draw, row, asked) for row in assignments if sometimes(draw, 9)]
    exceptions += [
        {key: row[key] for key in ("plan_year", "responsibility_code", "unit_code")}
        | {"state": fates[row["responsibility_code"]]}
        for row in assignments
        if fates[row["responsibility_code"]] in ("exempt", "suspended")
    ]
    codes = sorted({row["responsibility_code"] for row in rows})
    portfolios = [portfolio(draw, code, asked) for code in codes if sometimes(draw, 5)]
    filled = with_defaults(
        {
            "units": build.frame(build.UNITS, units),
            "responsibilities": build.frame(build.RESPONSIBILITIES, rows),
            "assignments": build.frame(build.ASSIGNMENTS, assignments),
        }
    )
    areas = [{"area_code": "A1"}, {"area_code": "A2", "parent_code": one_of(draw, "", "A1")},
             {"area_code": "A3", "parent_code": "A2"}]  # fmt: skip
    names = {"county_code": "T1", "name_zh": "试县", "name_en": "Test", "office_zh": "督查室", "office_en": "Office"}
    settings = CountySettings(
        **names, cap=one_of(draw, 1.0, 1.2), min_counted=one_of(draw, 1, 1, 3, 2),
        grace_hours=one_of(draw, 0.0, 0.0, 24.0), veto={"red_line_events": one_of(draw, 1, 2, 0)},
        bonus=points(draw), penalty=points(draw), ladder=ladder(draw),
    )  # fmt: skip
    return Catalogue(
        settings=settings,
        units=filled["units"],
        leaders=build.frame(build.LEADERS, [{"leader_code": code} for code in ("L1", "L2", "L3")]),
        areas=build.frame(build.AREAS, areas),
        weeks=weeks,
        responsibilities=filled["responsibilities"],
        assignments=filled["assignments"],
        items=build.frame(build.ITEMS, items),
        exceptions=build.frame(build.EXCEPTIONS, exceptions),
        portfolios=build.frame(build.PORTFOLIOS, portfolios),
        extra_points=build.frame(build.EXTRA_POINTS, cases),
        rules=pd.DataFrame(),
    )


def points(draw: Random) -> dict[str, float]:
    return {"per_case": one_of(draw, 0.01, 0.02, 0.0), "cap": one_of(draw, 0.05, 0.03, 0.0)}


def ladder(draw: Random) -> dict[str, int]:
    steps = one_of(draw, (1, 2, 3, 4), (1, 1, 2, 3), (2, 3, 5, 8), (1, 2, 2, 2))
    return dict(zip(("reminder", "notice", "yellow", "red"), steps, strict=True))


def proven(draw: Random, n: int, units: list[Row], asked: pd.Timestamp) -> Row:
    """A case of merit or fault: before or after the cut-off, in the plan year or the one before."""
    happened_on = asked + one_of(draw, 0, 2, 3, 4, 5, -7, -30, -200, -3, 14) * DAY
    return {"case_code": f"C{n}", "unit_code": one_of(draw, *units)["unit_code"], "happened_on": happened_on,
            "kind": one_of(draw, "bonus", "penalty"), "case_count": one_of(draw, 1.0, 2.0, 0.5), "evidence": "on file",
            "approved_by": "Office"}  # fmt: skip


def keys_of(row: Row) -> Row:
    return {key: row[key] for key in ("plan_year", "responsibility_code", "unit_code")}


def excepted(draw: Random, row: Row, asked: pd.Timestamp) -> Row:
    from_on = asked + draw.randint(-40, 3) * DAY
    to_on = one_of(draw, from_on + draw.randint(0, 40) * DAY, pd.NaT)
    return keys_of(row) | {"state": one_of(draw, "exempt", "suspended"), "from_on": from_on, "to_on": to_on}


def portfolio(draw: Random, code: str, asked: pd.Timestamp) -> Row:
    from_on = asked + draw.randint(-20, 5) * DAY
    return {"leader_code": one_of(draw, "L3", "L1"), "responsibility_code": code,
            "from_on": one_of(draw, pd.NaT, from_on),
            "to_on": one_of(draw, pd.NaT, from_on + draw.randint(0, 20) * DAY)}  # fmt: skip
