"""Tiny catalogues and facts for tests: only what a case is about is said, the rest is filled in.

Weeks are plain: Monday to Friday, cut-off Thursday 17:00, freeze Friday 12:00 in Shanghai; 2022-W05 (Spring
Festival) has no workday and so no cut-off.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

import pandas as pd
from ducha.catalogue import Catalogue, CountySettings, Facts
from ducha.county.defaults import with_defaults

NO_CUT_OFF = ("2022-W05",)

TEXT, NUMBER, FLAG, DATE, TIME, WHOLE = "str", "float64", "bool", "datetime64[us]", "datetime64[us, UTC]", "int64"

UNITS = {"unit_code": TEXT, "name_zh": TEXT, "name_en": TEXT, "unit_type": TEXT, "peer_group": TEXT, "opened_on": DATE,
         "closed_on": DATE}  # fmt: skip
LEADERS = {"leader_code": TEXT, "title_zh": TEXT, "title_en": TEXT}
AREAS = {"area_code": TEXT, "name_zh": TEXT, "name_en": TEXT, "parent_code": TEXT}
RESPONSIBILITIES = {
    "plan_year": WHOLE, "responsibility_code": TEXT, "title_zh": TEXT, "title_en": TEXT, "area_code": TEXT,
    "kind": TEXT, "measure": TEXT, "direction": TEXT, "time_basis": TEXT, "unit_of_measure": TEXT, "baseline": NUMBER,
    "target": NUMBER, "target_low": NUMBER, "target_high": NUMBER, "rank_start": NUMBER, "target_authority": TEXT,
    "is_sample_target": FLAG, "weight": NUMBER, "start_on": DATE, "due_on": DATE, "cadence": TEXT, "season": TEXT,
    "plan_shape": TEXT, "plan_points": TEXT, "leader_code": TEXT, "task_force_code": TEXT, "tolerance": NUMBER,
    "source_section": TEXT, "definition": TEXT,
}  # fmt: skip
ASSIGNMENTS = {"plan_year": WHOLE, "responsibility_code": TEXT, "unit_code": TEXT, "role": TEXT, "share": NUMBER,
               "baseline": NUMBER, "target": NUMBER, "weight": NUMBER, "from_on": DATE, "to_on": DATE}  # fmt: skip
ITEMS = {"plan_year": WHOLE, "responsibility_code": TEXT, "item_code": TEXT, "title_zh": TEXT, "title_en": TEXT,
         "weight": NUMBER, "due_on": DATE}  # fmt: skip
EXCEPTIONS = {"plan_year": WHOLE, "responsibility_code": TEXT, "unit_code": TEXT, "state": TEXT, "from_on": DATE,
              "to_on": DATE, "reason": TEXT, "approved_by": TEXT}  # fmt: skip
PORTFOLIOS = {"leader_code": TEXT, "responsibility_code": TEXT, "from_on": DATE, "to_on": DATE}
EXTRA_POINTS = {"case_code": TEXT, "unit_code": TEXT, "kind": TEXT, "happened_on": DATE, "case_count": NUMBER,
                "evidence": TEXT, "approved_by": TEXT}  # fmt: skip
PROGRESS = {
    "unit_code": TEXT, "week": DATE, "responsibility_code": TEXT, "item": TEXT, "value": NUMBER, "numerator": NUMBER,
    "denominator": NUMBER, "done": "boolean", "happened_on": DATE, "no_change": FLAG, "submission_id": TEXT,
    "row_no": WHOLE, "received_at": TIME, "known_at": TIME,
}  # fmt: skip
INSPECTIONS = {
    "unit_code": TEXT, "week": DATE, "responsibility_code": TEXT, "item": TEXT, "value": NUMBER, "numerator": NUMBER,
    "denominator": NUMBER, "done": "boolean", "checked_on": DATE, "method": TEXT, "sample_kind": TEXT,
    "submission_id": TEXT, "row_no": WHOLE, "received_at": TIME, "known_at": TIME,
}  # fmt: skip
SUBMISSIONS = {
    "unit_code": TEXT, "week": DATE, "kind": TEXT, "submission_id": TEXT, "verdict": TEXT, "row_count": WHOLE,
    "accepted_rows": WHOLE, "rejected_rows": WHOLE, "received_at": TIME, "known_at": TIME, "ordinal": WHOLE,
    "withdrawn_at": TIME,
}  # fmt: skip
WITHDRAWALS = {"unit_code": TEXT, "week": DATE, "ordinal": WHOLE, "received_at": TIME, "known_at": TIME,
               "reason": TEXT}  # fmt: skip

EMPTY: dict[str, Any] = {TEXT: "", NUMBER: float("nan"), FLAG: False, DATE: pd.NaT, TIME: pd.NaT, WHOLE: 0,
                         "boolean": pd.NA}  # fmt: skip


def frame(columns: Mapping[str, str], rows: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    """Return rows as a frame of exactly these columns and dtypes; what a row does not say is empty."""
    unknown = {key for row in rows for key in row} - set(columns)
    assert not unknown, f"no such column: {unknown}"
    data = {name: [row.get(name, EMPTY[kind]) for row in rows] for name, kind in columns.items()}
    return pd.DataFrame({name: pd.Series(values, dtype=columns[name]) for name, values in data.items()})


def monday(week_code: str) -> pd.Timestamp:
    return pd.Timestamp(dt.date.fromisocalendar(int(week_code[:4]), int(week_code[6:]), 1))


def local(day: pd.Timestamp, hour: int) -> pd.Timestamp:
    return (day + pd.Timedelta(hours=hour)).tz_localize("Asia/Shanghai").tz_convert("UTC")


@cache
def weeks(first: str = "2021-W50", count: int = 70, no_cut_off: tuple[str, ...] = NO_CUT_OFF) -> pd.DataFrame:
    """Return `Catalogue.weeks`: plain weeks, some without a cut-off."""
    made = []
    for n in range(count):
        start = monday(first) + pd.Timedelta(weeks=n)
        iso = start.isocalendar()
        code = f"{iso.year}-W{iso.week:02d}"
        thursday = start + pd.Timedelta(days=3)
        closes = code not in no_cut_off
        row = {
            "week": start, "week_code": code, "plan_year": thursday.year,
            "cut_off_at": local(thursday, 17) if closes else pd.NaT,
            "cut_off_on": thursday if closes else pd.NaT,
            "freeze_at": local(thursday + pd.Timedelta(days=1), 12) if closes else pd.NaT,
            "is_official": True,
        }  # fmt: skip
        for column, months in (("month_end_on", 1), ("quarter_end_on", 3), ("half_year_end_on", 6)):
            row[column] = _period_end(start, months)
        made.append(row)
    kinds = {"week": DATE, "week_code": TEXT, "plan_year": WHOLE, "cut_off_at": TIME, "cut_off_on": DATE,
             "freeze_at": TIME, "month_end_on": DATE, "quarter_end_on": DATE, "half_year_end_on": DATE,
             "is_official": FLAG}  # fmt: skip
    return frame(kinds, made)


def _period_end(start: pd.Timestamp, months: int) -> pd.Timestamp:
    """The period's last weekday where it lies in the week from `start`."""
    for n in range(5):
        day = start + pd.Timedelta(days=n)
        ahead = day + pd.offsets.BDay(1)
        if ahead.month != day.month and day.month % months == 0:
            return day
    return pd.NaT


def responsibility(code: str = "R1", **given: Any) -> dict[str, Any]:
    year = given.get("plan_year", 2022)
    row = {
        "plan_year": year, "responsibility_code": code, "title_zh": code, "title_en": code, "area_code": "A1",
        "kind": "indicator", "measure": "total", "direction": "up", "weight": 1.0,
        "start_on": pd.Timestamp(year, 1, 1), "due_on": pd.Timestamp(year, 12, 31), "cadence": "weekly",
        "leader_code": "L1",
    }  # fmt: skip
    return row | given


def assignment(code: str = "R1", unit_code: str = "U1", **given: Any) -> dict[str, Any]:
    row = {"plan_year": 2022, "responsibility_code": code, "unit_code": unit_code, "role": "lead", "share": 1.0}
    return row | given


def catalogue(
    responsibilities: Sequence[Mapping[str, Any]],
    assignments: Sequence[Mapping[str, Any]] | None = None,
    *,
    units: Sequence[Mapping[str, Any]] = ({"unit_code": "U1", "peer_group": "department"},),
    items: Sequence[Mapping[str, Any]] = (),
    exceptions: Sequence[Mapping[str, Any]] = (),
    portfolios: Sequence[Mapping[str, Any]] = (),
    extra_points: Sequence[Mapping[str, Any]] = (),
    areas: Sequence[Mapping[str, Any]] = ({"area_code": "A1"}, {"area_code": "A2"}),
    no_cut_off: tuple[str, ...] = NO_CUT_OFF,
    **settings: Any,
) -> Catalogue:
    """Return a county; without assignments each responsibility is led by unit U1."""
    if assignments is None:
        assignments = [assignment(str(row["responsibility_code"])) for row in responsibilities]
    names = {
        "county_code": "T1",
        "name_zh": "试县",
        "name_en": "Test County",
        "office_zh": "督查室",
        "office_en": "Office",
    }
    year = {"plan_year": 2022}
    filled = with_defaults(
        {
            "units": frame(UNITS, units),
            "responsibilities": frame(RESPONSIBILITIES, responsibilities),
            "assignments": frame(ASSIGNMENTS, assignments),
        }
    )
    return Catalogue(
        settings=CountySettings(**(names | settings)),
        units=filled["units"],
        leaders=frame(LEADERS, [{"leader_code": code} for code in ("L1", "L2")]),
        areas=frame(AREAS, areas),
        weeks=weeks(no_cut_off=no_cut_off),
        responsibilities=filled["responsibilities"],
        assignments=filled["assignments"],
        items=frame(ITEMS, [year | row for row in items]),
        exceptions=frame(EXCEPTIONS, [year | row for row in exceptions]),
        portfolios=frame(PORTFOLIOS, portfolios),
        extra_points=frame(EXTRA_POINTS, extra_points),
        rules=pd.DataFrame(),
    )


def progress(week_code: str, code: str = "R1", unit_code: str = "U1", **given: Any) -> dict[str, Any]:
    """Return one accepted row, received and known on the Wednesday of its week at 10:00 unless said otherwise."""
    at = local(monday(week_code) + pd.Timedelta(days=2), 10)
    row = {"unit_code": unit_code, "week": monday(week_code), "responsibility_code": code, "received_at": at,
           "known_at": given.get("received_at", at), "submission_id": f"{unit_code}-{week_code}"}  # fmt: skip
    return row | given


def inspection(week_code: str, code: str = "R1", unit_code: str = "U1", **given: Any) -> dict[str, Any]:
    return progress(week_code, code, unit_code, **({"sample_kind": "random", "method": "on site"} | given))


def submission(week_code: str, unit_code: str = "U1", **given: Any) -> dict[str, Any]:
    at = local(monday(week_code) + pd.Timedelta(days=2), 10)
    row = {"unit_code": unit_code, "week": monday(week_code), "kind": "progress", "verdict": "accepted",
           "row_count": 1, "accepted_rows": 1, "received_at": at, "known_at": given.get("received_at", at),
           "submission_id": f"{unit_code}-{week_code}"}  # fmt: skip
    return row | given


def facts(
    progress: Sequence[Mapping[str, Any]] = (),
    inspections: Sequence[Mapping[str, Any]] = (),
    submissions: Sequence[Mapping[str, Any]] = (),
    withdrawals: Sequence[Mapping[str, Any]] = (),
) -> Facts:
    return Facts(
        frame(PROGRESS, progress),
        frame(INSPECTIONS, inspections),
        frame(SUBMISSIONS, submissions),
        frame(WITHDRAWALS, withdrawals),
    )
