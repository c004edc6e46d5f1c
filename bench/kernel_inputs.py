"""A county of any size in memory: what bench/kernel.py and bench/release.py compute. Nothing of it is real.

One plan year of 52 weeks, units × responsibilities, about one fact an assignment and week. Of ten responsibilities five
are totals, two ratios to date, one each a level (every second going down), a flow and four stages; every tenth reports
by month, a few start late or lack a target. Of the assignments 2 % never report; of the facts 8 % never come, 5 % say
"no change", 2 % come again corrected; every hundredth is checked.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np
import pandas as pd
from ducha.catalogue import Catalogue, CountySettings, Facts

WEEKS = 52
MEASURES = ("total", "ratio", "total", "level", "total", "flow", "total", "stages", "total", "ratio")
STAGES = ("S1", "S2", "S3", "S4")
SILENT, RETICENT, UNCHANGED, CORRECTED, CHECKED = 0.02, 0.08, 0.05, 0.02, 0.01
HOUR, DAY = np.timedelta64(3_600_000_000, "us"), np.timedelta64(86_400_000_000, "us")


def shape_of(rows: int) -> tuple[int, int]:
    """Return units and responsibilities that give at least so many facts in a year."""
    units = {30_000: 20, 300_000: 50}.get(rows, 100)
    return units, int(np.ceil(rows / (WEEKS * units * (1 - SILENT) * (1 - RETICENT) * (1 + CORRECTED))))


def county_of(units: int, responsibilities: int, years: tuple[int, ...] = (2022,)) -> Catalogue:
    """Return a county in which every unit answers for every responsibility, each plan year anew."""
    settings = CountySettings(
        county_code="990200", name_zh="核测县（虚构）", name_en="Kernel County (fictional)",
        office_zh="核测县督查室（虚构）", office_en="Supervision Office of Kernel County (fictional)", is_sample=True,
    )  # fmt: skip
    duties = pd.concat([_responsibilities(responsibilities, year) for year in years], ignore_index=True)
    date, number = "datetime64[us]", "float64"
    return Catalogue(
        settings,
        _units(units),
        leaders=_table(leader_code=[f"L{n:02d}" for n in range(12)], title_zh="县领导", title_en="Leader"),
        areas=_table(area_code=[f"A{n:02d}" for n in range(10)], name_zh="领域", name_en="Area", parent_code=""),
        weeks=pd.concat([weeks_of(year) for year in years], ignore_index=True),
        responsibilities=duties,
        assignments=_assignments(duties, units),
        items=_items(duties),
        exceptions=_nothing("responsibility_code", "unit_code", "state", "reason", "approved_by",
                            plan_year="int64", from_on=date, to_on=date),
        portfolios=_nothing("leader_code", "responsibility_code", from_on=date, to_on=date),
        extra_points=_nothing("case_code", "unit_code", "kind", "evidence", "approved_by",
                              happened_on=date, case_count=number),
        rules=_nothing("rule_code", "left_expression", "operator", "right_expression", "on_missing", "definition",
                       tolerance=number),
    )  # fmt: skip


def weeks_of(year: int) -> pd.DataFrame:
    """Return the first 52 weeks of a year: Monday to Friday, cut-off Thursday 17:00, freeze Friday 12:00."""
    mondays = pd.Series([pd.Timestamp(dt.date.fromisocalendar(year, n, 1)) for n in range(1, WEEKS + 1)])
    mondays = mondays.astype("datetime64[us]")
    thursdays = mondays + pd.Timedelta(days=3)

    def local(day: pd.Series, hour: int) -> pd.Series:
        return (day + pd.Timedelta(hours=hour)).dt.tz_localize("Asia/Shanghai").dt.tz_convert("UTC")

    weeks = pd.DataFrame(
        {
            "week": mondays,
            "week_code": [f"{year}-W{n:02d}" for n in range(1, WEEKS + 1)],
            "plan_year": year,
            "cut_off_at": local(thursdays, 17),
            "cut_off_on": thursdays,
            "freeze_at": local(thursdays + pd.Timedelta(days=1), 12),
        }
    )
    for column, months in (("month_end_on", 1), ("quarter_end_on", 3), ("half_year_end_on", 6)):
        weeks[column] = mondays.map(lambda monday, months=months: _period_end(monday, months)).astype("datetime64[us]")
    return weeks.assign(is_official=True)


def facts_of(catalogue: Catalogue, year: int = 2022, seed: int = 1) -> Facts:
    """Return a year's facts of a county in the ledger's order: by week, then by when they were known."""
    draw = np.random.default_rng(seed + year)
    duties = catalogue.responsibilities[catalogue.responsibilities["plan_year"] == year].reset_index(drop=True)
    mondays = catalogue.weeks.loc[catalogue.weeks["plan_year"] == year, "week"].to_numpy(dtype="datetime64[us]")
    unit_codes = catalogue.units["unit_code"].to_numpy(dtype=object)
    shape = (WEEKS, len(unit_codes), len(duties))
    silent = draw.random(shape[1:]) < SILENT
    week, unit, duty = np.nonzero((draw.random(shape) >= RETICENT) & ~silent)
    again = np.flatnonzero(draw.random(len(week)) < CORRECTED)
    is_again = np.repeat([False, True], [len(week), len(again)])
    week, unit, duty = (np.concatenate([values, values[again]]) for values in (week, unit, duty))
    order = np.lexsort((duty, unit, is_again, week))
    progress = _progress(draw, mondays, unit_codes, duties, (week[order], unit[order], duty[order]), is_again[order])
    checked = np.flatnonzero(draw.random(len(progress)) < CHECKED)
    return Facts(progress, _inspections(draw, progress.iloc[checked]), _submissions(progress), _withdrawals())


def _period_end(monday: pd.Timestamp, months: int) -> Any:
    """The period's last weekday where it lies in the week."""
    for n in range(5):
        day = monday + pd.Timedelta(days=n)
        ahead = day + pd.offsets.BDay(1)
        if ahead.month != day.month and day.month % months == 0:
            return day
    return pd.NaT


def _table(**columns: Any) -> pd.DataFrame:
    return pd.DataFrame(columns)


def _nothing(*texts: str, **kinds: str) -> pd.DataFrame:
    return pd.DataFrame(
        {name: pd.Series([], dtype=kind) for name, kind in (dict.fromkeys(texts, "str") | kinds).items()}
    )


def _units(count: int) -> pd.DataFrame:
    codes = [f"U{n:03d}" for n in range(count)]
    never = pd.Series([pd.NaT] * count, dtype="datetime64[us]")
    return pd.DataFrame(
        {"unit_code": codes, "name_zh": codes, "name_en": codes, "unit_type": "department",
         "peer_group": [("departments", "townships", "parks", "enterprises")[n % 4] for n in range(count)],
         "opened_on": never, "closed_on": never}
    )  # fmt: skip


def _responsibilities(count: int, year: int) -> pd.DataFrame:
    number = np.arange(count)
    measure = np.array(MEASURES, dtype=object)[number % 10]
    is_down = (measure == "level") & (number % 20 == 3)
    is_stages = measure == "stages"
    target = np.select([measure == "ratio", is_stages | (number % 97 == 96), is_down], [0.9, np.nan, 20.0], 1000.0)
    starts = np.where(number % 89 == 88, f"{year}-12-30", np.where(number % 7 == 6, f"{year}-03-01", f"{year}-01-01"))
    due = np.where(number % 5 == 4, f"{year}-09-30", f"{year}-12-31")
    holds = np.isin(measure, ("ratio", "level"))
    return pd.DataFrame(
        {
            "plan_year": year,
            "responsibility_code": [f"R{n:04d}" for n in number],
            "title_zh": "事项",
            "title_en": "Responsibility",
            "area_code": [f"A{n % 10:02d}" for n in number],
            "kind": np.select([measure == "ratio", is_stages], ["rate", "milestone"], "indicator"),
            "measure": measure,
            "direction": np.select([is_stages, is_down], ["", "down"], "up"),
            "time_basis": np.where(measure == "ratio", "to_date", ""),
            "unit_of_measure": "件",
            "baseline": np.select([is_stages, is_down], [np.nan, 100.0], 0.0),
            "target": target,
            "target_low": np.nan,
            "target_high": np.nan,
            "rank_start": np.nan,
            "target_authority": "县政府（示例）",
            "is_sample_target": True,
            "weight": 1.0 + number % 3,
            "start_on": pd.Series(pd.to_datetime(starts)).astype("datetime64[us]"),
            "due_on": pd.Series(pd.to_datetime(due)).astype("datetime64[us]"),
            "cadence": np.where(number % 10 == 8, "monthly", "weekly"),
            "season": "",
            "plan_shape": np.where(holds, "hold", "linear"),
            "plan_points": "",
            "leader_code": [f"L{n % 12:02d}" for n in number],
            "task_force_code": [f"T{n % 6}" for n in number],
            "tolerance": np.nan,
            "source_section": "1",
            "definition": "",
        }
    ).astype(dict.fromkeys(("kind", "measure", "direction", "time_basis", "cadence", "plan_shape"), "str"))


def _assignments(duties: pd.DataFrame, units: int) -> pd.DataFrame:
    each = np.repeat(np.arange(len(duties)), units)
    codes = np.tile([f"U{n:03d}" for n in range(units)], len(duties))
    never = pd.Series([pd.NaT] * len(each), dtype="datetime64[us]")
    return pd.DataFrame(
        {
            "plan_year": duties["plan_year"].to_numpy()[each],
            "responsibility_code": duties["responsibility_code"].to_numpy()[each],
            "unit_code": codes,
            "role": "lead", "share": 1.0 / units, "baseline": np.nan, "target": np.nan, "weight": np.nan,
            "from_on": never, "to_on": never,
        }
    )  # fmt: skip


def _items(duties: pd.DataFrame) -> pd.DataFrame:
    staged = duties[duties["measure"] == "stages"]
    each = np.repeat(np.arange(len(staged)), len(STAGES))
    return pd.DataFrame(
        {
            "plan_year": staged["plan_year"].to_numpy()[each],
            "responsibility_code": staged["responsibility_code"].to_numpy()[each],
            "item_code": np.tile(STAGES, len(staged)), "title_zh": "阶段", "title_en": "Stage",
            "weight": np.tile([1.0, 2.0, 3.0, 4.0], len(staged)),
            "due_on": pd.Series([pd.NaT] * len(each), dtype="datetime64[us]"),
        }
    )  # fmt: skip


def _progress(
    draw: np.random.Generator,
    mondays: np.ndarray,
    unit_codes: np.ndarray,
    duties: pd.DataFrame,
    at: tuple[np.ndarray, np.ndarray, np.ndarray],
    is_again: np.ndarray,
) -> pd.DataFrame:
    """Facts by position of week, unit and responsibility; totals grow over the year, levels swing around the target."""
    week, unit, duty = at
    count = len(week)
    measure = duties["measure"].to_numpy(dtype=object)[duty].astype(str)
    pace = draw.random((len(unit_codes), len(duties)))[unit, duty] * 1.4
    noise = draw.random(count)
    value = np.select(
        [measure == "total", measure == "flow", measure == "level"],
        [1000 * pace * (week + noise) / WEEKS, 1000 * pace * noise * 2 / WEEKS, 20 + 980 * noise * pace], np.nan,
    )  # fmt: skip
    no_change = (draw.random(count) < UNCHANGED) & np.isin(measure, ("total", "level", "ratio"))
    is_ratio, is_stages = (measure == "ratio") & ~no_change, measure == "stages"
    denominator = np.where(is_ratio, draw.integers(50, 500, count), np.nan)
    known = mondays[week] + 2 * DAY + (unit % 60) * HOUR / 2 + is_again * 40 * HOUR
    code = duties["responsibility_code"].to_numpy(dtype=object)[duty]
    names = pd.Series([f"{u}:{w:02d}:{a}" for w in range(WEEKS) for u in unit_codes for a in (0, 1)], dtype="str")
    times = pd.Series(known).dt.tz_localize("UTC")
    done = pd.Series(pd.array(noise < pace, dtype="boolean")).where(pd.Series(is_stages))
    return pd.DataFrame(
        {
            "unit_code": pd.Series(unit_codes[unit], dtype="str"),
            "week": pd.Series(mondays[week]),
            "responsibility_code": pd.Series(code, dtype="str"),
            "item": pd.Series(np.where(is_stages, np.array(STAGES, dtype=object)[week % 4], ""), dtype="str"),
            "value": np.where(no_change, np.nan, np.round(value, 2)),
            "numerator": np.round(denominator * np.clip(pace * (0.5 + noise / 2), 0, 1)),
            "denominator": denominator,
            "done": done,
            "happened_on": pd.Series(mondays[week] + DAY).where(pd.Series(is_stages) & done.fillna(False)),
            "no_change": no_change,
            "submission_id": names.take((week * len(unit_codes) + unit) * 2 + is_again).reset_index(drop=True),
            "row_no": duty + 2,
            "received_at": times,
            "known_at": times,
        }
    ).sort_values(["week", "known_at"], kind="stable", ignore_index=True)  # fmt: skip


def _inspections(draw: np.random.Generator, checked: pd.DataFrame) -> pd.DataFrame:
    """Checks of some reported facts, each a little lower, two days later; one for a row, week and item."""
    found = checked.drop_duplicates(["unit_code", "week", "responsibility_code"]).reset_index(drop=True)
    factor = np.round(0.8 + 0.2 * draw.random(len(found)), 3)
    later = found["known_at"] + pd.Timedelta(days=2)
    sent = found["no_change"] | found["value"].isna() & found["numerator"].isna() & found["done"].isna()
    made = found.assign(
        value=found["value"] * factor, numerator=np.floor(found["numerator"] * factor),
        checked_on=found["week"] + pd.Timedelta(days=3), method="现场核查",
        sample_kind=np.where(draw.random(len(found)) < 0.7, "random", "risk"), submission_id="_inspection",
        received_at=later, known_at=later,
    )  # fmt: skip
    made = made[~sent].drop(columns=["happened_on", "no_change"])
    return made.astype({"method": "str", "sample_kind": "str", "submission_id": "str"}).reset_index(drop=True)


def _submissions(progress: pd.DataFrame) -> pd.DataFrame:
    grouped = progress.groupby(["unit_code", "week", "submission_id"], as_index=False, observed=True, sort=True)
    sent = grouped.agg(received_at=("received_at", "first"), accepted_rows=("row_no", "size"))
    sent = sent.sort_values(["received_at", "submission_id"], ignore_index=True)
    return sent.assign(
        kind="progress", verdict="accepted", row_count=sent["accepted_rows"], rejected_rows=0,
        known_at=sent["received_at"], ordinal=np.arange(1, len(sent) + 1),
        withdrawn_at=pd.Series([pd.NaT] * len(sent), dtype="datetime64[us, UTC]"),
    ).astype({"kind": "str", "verdict": "str"})  # fmt: skip


def _withdrawals() -> pd.DataFrame:
    time = "datetime64[us, UTC]"
    return _nothing("unit_code", "reason", week="datetime64[us]", ordinal="int64", received_at=time, known_at=time)
