"""A fictional county (松溪县) for the bulletin's tests: ten units, twenty responsibilities, eight weeks of 2022."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from ducha.calendar import build_weeks
from ducha.catalogue import Catalogue, CountySettings, Facts
from ducha.metrics.week import compute_week
from ducha.warehouse.catalogue import sync_catalogue
from ducha.warehouse.database import copy_in

from tests.small_county import COUNTY

CODE = "990009"
NAT = pd.Timestamp("NaT")
UNITS = """
D01|发展和改革局|Development and Reform Bureau|department
D02|财政局|Finance Bureau|department
D03|应急管理局|Emergency Management Bureau|department
D04|农业农村局|Agriculture Bureau|department
D05|生态环境分局|Environment Office|department
T01|青松镇|Qingsong Town|township
T02|柏树乡|Baishu Township|township
T03|石桥镇|Shiqiao Town|township
T04|河口镇|Hekou Town|township
T05|云岭乡|Yunling Township|township
"""
AREAS = """
A01|产业项目|Industry|
A02|乡村振兴|Rural revival|
A03|生态环保|Environment|
A04|县城提质升级|County town|
A05|民生|Livelihood|
A0501|培训|Training|A05
A0502|养老|Care of the elderly|A05
A06|安全稳定|Safety|
"""
DUTIES = """
CY-01|A01|indicator|total|风光电项目开工数|Wind and solar projects begun|个|0|40|linear|D01
CY-02|A01|indicator|total|新增并网装机容量|Capacity connected to the grid|万千瓦|0|50|linear|D01
CY-03|A01|rate|ratio|签约制造业项目落地开工率|Signed projects begun|%||0.9|hold|D01 T01 T03
CY-04|A01|project|stages|装备制造产业园建设进度|Industrial park, stages|%|||linear|D01
XC-01|A02|coverage|ratio|农村环境卫生整治达标村占比|Villages that meet the standard|%||1|linear|T01 T02 T03 T04 T05
XC-02|A02|indicator|total|卫生厕所新建改造户数|Toilets built or rebuilt|户|0|600|linear|T01 T02 T03 T04 T05
XC-03|A02|project|stages|示范片区项目建设进度|Model area, stages|%|||linear|D04 T02
XC-04|A02|rate|ratio|衔接资金支出进度|Linking funds spent|%||1|linear|D02
ST-01|A03|indicator|total|国土绿化面积|Land greened|万亩|0|12|linear|D05 T04
ST-02|A03|indicator|level|断面水质达标个数|River sections that meet the standard|个|6|10|hold|D05
ST-03|A03|rate|ratio|矿山生态问题整改率|Mine problems put right|%||1|hold|D05 T05
CG-01|A04|milestone|stages|提质升级方案印发|Upgrade plan issued|项|||linear|D01
CG-02|A04|case|ratio|历史遗留问题化解销号率|Legacy problems closed|%|||hold|D02 T03
MS-01|A05|milestone|stages|年度民生实事完成|Livelihood projects, stages|项|||linear|D02 D04
MS-02|A0501|indicator|total|新型职业农民培训人次|Farmers trained|人次|0|800|linear|D04
MS-03|A0502|indicator|total|家庭互助幸福院完善数|Homes for the old improved|个|||linear|T01 T02 T04
SF-01|A06|redline|red_line|森林草原火灾起数|Forest and grassland fires|起|||hold|D03 T01 T02 T03 T04 T05
SF-02|A06|redline|red_line|安全生产事故起数|Work accidents|起|||hold|D03
AQ-01|A06|case|ratio|信访事项及时受理率|Petitions handled in time|%||1|hold|D03 T02 T05
AQ-02|A06|case|ratio|安全隐患整改闭环率|Hazards closed|%||1|hold|D03 T01 T04
"""


class Duty(NamedTuple):
    """One responsibility as `DUTIES` writes it."""

    code: str
    area: str
    kind: str
    measure: str
    zh: str
    en: str
    unit: str
    baseline: float
    target: float
    shape: str
    units: list[str]


def _rows(text: str) -> list[list[str]]:
    return [line.split("|") for line in text.strip().splitlines()]


def _number(text: str) -> float:
    return float(text) if text else float("nan")


DUTY = [Duty(*r[:7], _number(r[7]), _number(r[8]), r[9], r[10].split()) for r in _rows(DUTIES)]
UNIT_CODES = [row[0] for row in _rows(UNITS)]


def _responsibility(duty: Duty) -> dict[str, Any]:
    return {
        "plan_year": 2022, "responsibility_code": duty.code, "title_zh": duty.zh, "title_en": duty.en,
        "area_code": duty.area, "kind": duty.kind, "measure": duty.measure,
        "direction": "" if duty.measure in ("stages", "red_line") else "up", "time_basis": "to_date",
        "unit_of_measure": duty.unit, "baseline": duty.baseline, "target": duty.target, "target_low": np.nan,
        "target_high": np.nan, "rank_start": np.nan, "target_authority": "示例",
        "is_sample_target": not np.isnan(duty.target), "weight": 1.0, "start_on": pd.Timestamp("2022-01-01"),
        "due_on": pd.Timestamp("2022-03-08" if duty.code == "CG-01" else "2022-12-31"), "cadence": "weekly",
        "season": "", "plan_shape": duty.shape, "plan_points": "", "task_force_code": "",
        "leader_code": {"CG-01": "", "CG-02": "##"}.get(duty.code, "L01"),
        "tolerance": np.nan, "source_section": "", "definition": "" if duty.code == "CG-02" else "见方案",
    }  # fmt: skip


def _assignment(duty: Duty, unit: str) -> dict[str, Any]:
    count = len(duty.units)
    own_target = duty.target / count if duty.measure == "total" else np.nan
    return {
        "plan_year": 2022, "responsibility_code": duty.code, "unit_code": unit, "role": "lead", "share": 1 / count,
        "baseline": np.nan, "target": own_target, "weight": np.nan, "from_on": NAT, "to_on": NAT,
    }  # fmt: skip


def catalogue() -> Catalogue:
    """The county as it decided things before the year began."""
    settings = CountySettings(
        county_code=CODE,
        name_zh="松溪县（虚构）",
        name_en="Songxi County (fictional)",
        office_zh="中共松溪县委督查室、松溪县人民政府督查室（虚构）",
        office_en="Supervision Offices of Songxi County (fictional)",
        is_sample=True,
        signers=["督查室主任"],
    )
    days = pd.read_csv(COUNTY / "calendar.csv", parse_dates=["date"], keep_default_na=False)
    unit_columns = ["unit_code", "name_zh", "name_en", "unit_type", "peer_group", "opened_on", "closed_on"]
    exception_columns = ["plan_year", "responsibility_code", "unit_code", "state", "from_on", "to_on", "reason"]
    stages = [
        {"plan_year": 2022, "responsibility_code": duty.code, "item_code": f"S{n}", "title_zh": f"阶段{n}",
         "title_en": f"Stage {n}", "weight": 1.0, "due_on": NAT}
        for duty in DUTY if duty.measure == "stages" for n in range(1, 9)
    ]  # fmt: skip
    return Catalogue(
        settings=settings,
        units=pd.DataFrame([(*row, row[3], NAT, NAT) for row in _rows(UNITS)], columns=unit_columns),
        leaders=pd.DataFrame([("L01", "常务副县长", "Deputy head")], columns=["leader_code", "title_zh", "title_en"]),
        areas=pd.DataFrame(_rows(AREAS), columns=["area_code", "name_zh", "name_en", "parent_code"]),
        weeks=build_weeks(settings, days, None, 2022, 2022),
        responsibilities=pd.DataFrame([_responsibility(duty) for duty in DUTY]),
        assignments=pd.DataFrame([_assignment(duty, unit) for duty in DUTY for unit in duty.units]),
        items=pd.DataFrame(stages),
        exceptions=pd.DataFrame(columns=[*exception_columns, "approved_by"]),
        extra_points=pd.DataFrame(
            {
                "case_code": pd.Series(dtype="str"),
                "unit_code": pd.Series(dtype="str"),
                "kind": pd.Series(dtype="str"),
                "happened_on": pd.Series(dtype="datetime64[us]"),
                "case_count": pd.Series(dtype="float64"),
            }
        ),
        portfolios=pd.DataFrame(columns=["leader_code", "responsibility_code", "from_on", "to_on"]),
        rules=pd.DataFrame(columns=["rule_code", "definition"]),
    )


def _reported(duty: Duty, week: pd.Series, number: int, unit: str, pace: float) -> list[dict[str, Any]]:
    """The rows of one responsibility: on plan, behind or far behind by its pace."""
    share = number / 52 * pace
    if duty.measure == "stages":
        done = [n <= share * 8 for n in range(1, 9)]
        return [
            {"item": f"S{n}", "done": is_done, "happened_on": week["cut_off_on"] if is_done else NAT}
            for n, is_done in enumerate(done, start=1)
        ]
    if duty.measure == "red_line":
        return [] if unit == "T05" and number in (3, 6) else [{"value": 0.0}]
    if duty.measure == "ratio":
        held = 0.7 + 0.3 * min(pace, 1) if duty.shape == "hold" else min(share * 1.1, 1)
        return [{"numerator": float(round(50 * held)), "denominator": 50.0}]
    if duty.measure == "level":
        return [{"value": 9.0}]
    target = 30.0 if np.isnan(duty.target) else duty.target
    return [{"value": round(target / len(duty.units) * share, 2)}]


def _progress(week: pd.Series, number: int, unit: str, received: pd.Timestamp) -> list[dict[str, Any]]:
    """What a unit sends for a week."""
    blank = {
        "unit_code": unit, "week": week["week"], "item": "", "value": np.nan, "numerator": np.nan,
        "denominator": np.nan, "done": pd.NA, "happened_on": NAT, "no_change": False, "reason": "", "measure": "",
        "next_step": "", "evidence": "", "submission_id": f"{unit}-{week['week_code']}", "received_at": received,
        "known_at": received,
    }  # fmt: skip
    rows = []
    for position, duty in enumerate(DUTY):
        if unit in duty.units:
            pace = (1.25, 1.02, 0.3, 0.9, 0.05)[(position + int(unit[1:])) % 5]
            made = _reported(duty, week, number, unit, pace)
            rows += [{**blank, "responsibility_code": duty.code, **row} for row in made]
    return [{**row, "row_no": n} for n, row in enumerate(rows, start=2)]


def _submission(unit: str, week: pd.Series, received: pd.Timestamp, accepted: int, rejected: int) -> dict[str, Any]:
    return {
        "unit_code": unit, "week": week["week"], "kind": "progress", "submission_id": f"{unit}-{week['week_code']}",
        "verdict": "returned" if rejected else "accepted", "row_count": accepted + rejected, "accepted_rows": accepted,
        "rejected_rows": rejected, "received_at": received, "known_at": received,
        "ordinal": int(received.timestamp()), "withdrawn_at": pd.NaT,
    }  # fmt: skip


def _checks(week: pd.Series) -> list[dict[str, Any]]:
    """Three checks of the last week: two random, one on risk."""
    base = {
        "week": week["week"], "responsibility_code": "XC-02", "item": "", "numerator": np.nan, "denominator": np.nan,
        "done": pd.NA, "checked_on": week["cut_off_on"], "method": "实地", "finding": "", "guidance": "",
        "submission_id": f"I-{week['week_code']}", "received_at": week["cut_off_at"], "known_at": week["cut_off_at"],
    }  # fmt: skip
    found = [("T01", 5.0, "random"), ("T03", 3.0, "risk"), ("T04", 20.0, "random")]
    return [
        {**base, "unit_code": unit, "value": value, "sample_kind": kind, "row_no": n}
        for n, (unit, value, kind) in enumerate(found, start=2)
    ]


def facts(county: Catalogue, upto: int, *, has_latecomer: bool = False) -> Facts:
    """What is known after `upto` weeks: T02 silent in the last two, T04 late at times, rows of T03 returned.

    With a latecomer T02's report of the last week came after all.
    """
    weeks = county.weeks[county.weeks["cut_off_at"].notna()].head(upto)
    progress: list[dict[str, Any]] = []
    submissions: list[dict[str, Any]] = []
    checks: list[dict[str, Any]] = []
    for number, (_, week) in enumerate(weeks.iterrows(), start=1):
        for index, unit in enumerate(UNIT_CODES):
            is_silent = unit == "T02" and number >= upto - 1 and not (has_latecomer and number == upto)
            if is_silent or (unit == "D05" and number == 4):
                continue
            is_late = unit == "T04" and number % 3 == 2
            received = week["cut_off_at"] + pd.Timedelta(hours=3 if is_late else -5 - index)
            rows = _progress(week, number, unit, received)
            progress += rows
            submissions.append(
                _submission(unit, week, received, len(rows), 2 if unit == "T03" and number == upto else 0)
            )
        if number == upto:
            checks = _checks(week)
    frames = {
        "progress": pd.DataFrame(progress),
        "inspections": pd.DataFrame(checks),
        "submissions": pd.DataFrame(submissions),
    }
    for name in ("progress", "inspections"):
        frames[name]["done"] = frames[name]["done"].astype("boolean")
    for frame in frames.values():
        for column in {"received_at", "known_at", "withdrawn_at"} & set(frame.columns):
            frame[column] = pd.to_datetime(frame[column], utc=True)
    none = pd.DataFrame(columns=["unit_code", "week", "ordinal", "received_at", "known_at", "reason"])
    return Facts(withdrawals=none, **frames)


def release(conn: Any, county: Catalogue, known: Facts, week: pd.Series, number: int = 1) -> str:
    """Write the figures of a week as an audited release (the ledger stays empty, so its audit has nothing to say)."""
    release_id = f"{week['week_code']}-R{number}"
    frozen = week["freeze_at"] + timedelta(minutes=number - 1)
    row = {
        "county_code": CODE, "release_id": release_id, "week": week["week"], "week_code": week["week_code"],
        "release_no": number, "released_at": frozen, "facts_frozen_at": frozen, "status": "audited",
        "content_sha256": release_id,
    }  # fmt: skip
    with conn:
        copy_in(conn, "ops.release", pd.DataFrame([row]))
        for table, frame in compute_week(county, known, week["week_code"]).items():
            copy_in(conn, f"mart.{table}_release", frame.assign(county_code=CODE, release_id=release_id))
    return release_id


def prepare(conn: Any) -> SimpleNamespace:
    """Load the county and release seven weeks; the week of the Spring Festival has no cut-off, so no release."""
    county = catalogue()
    with conn:
        sync_catalogue(conn, county, datetime(2021, 12, 20, tzinfo=UTC), "test")
    weeks = county.weeks[county.weeks["cut_off_at"].notna()].head(7)
    release_id = ""
    for number, (_, week) in enumerate(weeks.iterrows(), start=1):
        release_id = release(conn, county, facts(county, number), week)
    return SimpleNamespace(catalogue=county, week=weeks.iloc[-1], release_id=release_id)
