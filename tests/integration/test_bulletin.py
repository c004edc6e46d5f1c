"""The bulletin on a real PostgreSQL: a small county of ten units and twenty responsibilities, eight weeks of 2022."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from ducha.bulletin.drafting import draft_bulletin
from ducha.calendar import build_weeks
from ducha.catalogue import Catalogue, CountySettings, Facts
from ducha.metrics.week import compute_week
from ducha.warehouse.catalogue import sync_catalogue
from ducha.warehouse.database import copy_in, fetch

ROOT = Path(__file__).resolve().parents[2]
CODE = "990009"
NAT = pd.Timestamp("NaT")
UNITS = [("D01", "发展和改革局", "Development and Reform Bureau", "department"), ("D02", "财政局", "Finance Bureau", "department"),
         ("D03", "应急管理局", "Emergency Management Bureau", "department"), ("D04", "农业农村局", "Agriculture Bureau", "department"),
         ("D05", "生态环境分局", "Environment Office", "department"), ("T01", "青松镇", "Qingsong Town", "township"),
         ("T02", "柏树乡", "Baishu Township", "township"), ("T03", "石桥镇", "Shiqiao Town", "township"),
         ("T04", "河口镇", "Hekou Town", "township"), ("T05", "云岭乡", "Yunling Township", "township")]  # fmt: skip
AREAS = [("A01", "产业项目", "Industry"), ("A02", "乡村振兴", "Rural revival"), ("A03", "生态环保", "Environment"),
         ("A04", "县城提质升级", "County town"), ("A05", "民生", "Livelihood"), ("A06", "安全稳定", "Safety")]  # fmt: skip
# code, area, kind, measure, title_zh, title_en, unit, baseline, target, shape, units
ROWS = [
    ("CY-01", "A01", "indicator", "total", "风光电项目开工数", "Wind and solar projects begun", "个", 0, 40, "linear", "D01"),
    ("CY-02", "A01", "indicator", "total", "新增并网装机容量", "Capacity connected to the grid", "万千瓦", 0, 50, "linear", "D01"),
    ("CY-03", "A01", "rate", "ratio", "签约制造业项目落地开工率", "Signed projects begun", "%", None, 0.9, "hold", "D01 T01 T03"),
    ("CY-04", "A01", "project", "stages", "装备制造产业园建设进度", "Industrial park, stages", "%", None, None, "linear", "D01"),
    ("XC-01", "A02", "coverage", "ratio", "农村环境卫生整治达标村占比", "Villages that meet the standard", "%", None, 1, "linear", "T01 T02 T03 T04 T05"),
    ("XC-02", "A02", "indicator", "total", "卫生厕所新建改造户数", "Toilets built or rebuilt", "户", 0, 600, "linear", "T01 T02 T03 T04 T05"),
    ("XC-03", "A02", "project", "stages", "示范片区项目建设进度", "Model area, stages", "%", None, None, "linear", "D04 T02"),
    ("XC-04", "A02", "rate", "ratio", "衔接资金支出进度", "Linking funds spent", "%", None, 1, "linear", "D02"),
    ("ST-01", "A03", "indicator", "total", "国土绿化面积", "Land greened", "万亩", 0, 12, "linear", "D05 T04"),
    ("ST-02", "A03", "indicator", "level", "断面水质达标个数", "River sections that meet the standard", "个", 6, 10, "hold", "D05"),
    ("ST-03", "A03", "rate", "ratio", "矿山生态问题整改率", "Mine problems put right", "%", None, 1, "hold", "D05 T05"),
    ("CG-01", "A04", "milestone", "stages", "提质升级方案印发", "Upgrade plan issued", "项", None, None, "linear", "D01"),
    ("CG-02", "A04", "case", "ratio", "历史遗留问题化解销号率", "Legacy problems closed", "%", None, None, "hold", "D02 T03"),
    ("MS-01", "A05", "milestone", "stages", "年度民生实事完成", "Livelihood projects, stages", "项", None, None, "linear", "D02 D04"),
    ("MS-02", "A05", "indicator", "total", "新型职业农民培训人次", "Farmers trained", "人次", 0, 800, "linear", "D04"),
    ("MS-03", "A05", "indicator", "total", "家庭互助幸福院完善数", "Homes for the old improved", "个", None, None, "linear", "T01 T02 T04"),
    ("SF-01", "A06", "redline", "red_line", "森林草原火灾起数", "Forest and grassland fires", "起", None, None, "hold", "D03 T01 T02 T03 T04 T05"),
    ("SF-02", "A06", "redline", "red_line", "安全生产事故起数", "Work accidents", "起", None, None, "hold", "D03"),
    ("AQ-01", "A06", "case", "ratio", "信访事项及时受理率", "Petitions handled in time", "%", None, 1, "hold", "D03 T02 T05"),
    ("AQ-02", "A06", "case", "ratio", "安全隐患整改闭环率", "Hazards closed", "%", None, 1, "hold", "D03 T01 T04"),
]  # fmt: skip


def catalogue() -> Catalogue:
    settings = CountySettings(
        county_code=CODE, name_zh="松溪县（虚构）", name_en="Songxi County (fictional)",
        office_zh="中共松溪县委督查室、松溪县人民政府督查室", office_en="Supervision Offices of Songxi County",
        is_sample=True, signers=["督查室主任"],
    )  # fmt: skip
    days = pd.read_csv(ROOT / "include/county/calendar.csv", parse_dates=["date"], keep_default_na=False)
    duties = pd.DataFrame(
        {
            "plan_year": 2022, "responsibility_code": code, "title_zh": zh, "title_en": en, "area_code": area, "kind": kind,
            "measure": measure, "direction": "" if measure in ("stages", "red_line") else "up", "time_basis": "to_date",
            "unit_of_measure": unit, "baseline": baseline, "target": target, "target_low": np.nan, "target_high": np.nan,
            "rank_start": np.nan, "target_authority": "示例", "is_sample_target": target is not None, "weight": 1.0,
            "start_on": pd.Timestamp("2022-01-01"), "due_on": pd.Timestamp("2022-03-08" if code == "CG-01" else "2022-12-31"),
            "cadence": "weekly", "season": "", "plan_shape": shape, "plan_points": "", "leader_code": "L01", "task_force_code": "",
            "tolerance": np.nan, "source_section": "", "definition": "" if code == "CG-02" else "见方案",
        }
        for code, area, kind, measure, zh, en, unit, baseline, target, shape, _ in ROWS
    )  # fmt: skip
    shares = pd.DataFrame(
        {
            "plan_year": 2022, "responsibility_code": row[0], "unit_code": unit, "role": "lead",
            "share": 1 / len(row[-1].split()), "baseline": np.nan, "target": row[8] / len(row[-1].split()) if row[3] == "total" and row[8] else np.nan,
            "weight": np.nan, "from_on": NAT, "to_on": NAT,
        }
        for row in ROWS
        for unit in row[-1].split()
    )  # fmt: skip
    items = pd.DataFrame(
        {"plan_year": 2022, "responsibility_code": row[0], "item_code": f"S{n}", "title_zh": f"阶段{n}",
         "title_en": f"Stage {n}", "weight": 1.0, "due_on": NAT}
        for row in ROWS if row[3] == "stages" for n in range(1, 9)
    )  # fmt: skip
    empty = pd.DataFrame
    return Catalogue(
        settings=settings,
        units=pd.DataFrame([(*u, u[3], NAT, NAT) for u in UNITS],
                           columns=["unit_code", "name_zh", "name_en", "unit_type", "peer_group", "opened_on", "closed_on"]),
        leaders=pd.DataFrame([("L01", "常务副县长", "Deputy head")], columns=["leader_code", "title_zh", "title_en"]),
        areas=pd.DataFrame([(*a, "") for a in AREAS], columns=["area_code", "name_zh", "name_en", "parent_code"]),
        weeks=build_weeks(settings, days, None, 2022, 2022),
        responsibilities=duties.astype({"baseline": float, "target": float}), assignments=shares, items=items,
        exceptions=empty(columns=["plan_year", "responsibility_code", "unit_code", "state", "from_on", "to_on", "reason", "approved_by"]),
        portfolios=empty(columns=["leader_code", "responsibility_code", "from_on", "to_on"]),
        rules=empty(columns=["rule_code", "definition"]),
    )  # fmt: skip


def _progress(county: Catalogue, week: pd.Series, number: int, unit: str, received: pd.Timestamp) -> list[dict[str, object]]:
    """What a unit reports in a week: on plan, behind or far behind by a fixed pattern."""
    rows: list[dict[str, object]] = []
    blank = {"unit_code": unit, "week": week["week"], "item": "", "value": np.nan, "numerator": np.nan, "denominator": np.nan,
             "done": pd.NA, "happened_on": NAT, "no_change": False, "reason": "", "measure": "", "next_step": "", "evidence": "",
             "submission_id": f"{unit}-{week['week_code']}", "received_at": received, "known_at": received}  # fmt: skip
    for position, row in enumerate(ROWS):
        if unit not in row[-1].split():
            continue
        pace = (1.25, 1.02, 0.3, 0.9, 0.05)[(position + int(unit[1:])) % 5]
        share = number / 52 * pace
        made = {**blank, "responsibility_code": row[0]}
        if row[3] == "stages":
            rows += [{**made, "item": f"S{n}", "done": n <= share * 8, "happened_on": week["cut_off_on"] if n <= share * 8 else NAT} for n in range(1, 9)]
        elif row[3] == "red_line":
            if not (unit == "T05" and number in (3, 6)):
                rows.append({**made, "value": 0.0})
        elif row[3] == "ratio":
            held = 0.7 + 0.3 * min(pace, 1) if row[9] == "hold" else min(share * 1.1, 1)
            rows.append({**made, "numerator": float(round(50 * held)), "denominator": 50.0})
        elif row[3] == "level":
            rows.append({**made, "value": 9.0})
        else:
            rows.append({**made, "value": round((row[8] or 30) / len(row[-1].split()) * share, 2)})
    return rows


def facts(county: Catalogue, upto: int) -> Facts:
    weeks = county.weeks[county.weeks["cut_off_at"].notna()].head(upto)
    progress, submissions, checks = [], [], []
    for number, (_, week) in enumerate(weeks.iterrows(), start=1):
        for index, (unit, *_rest) in enumerate(UNITS):
            if (unit == "T02" and number >= upto - 1) or (unit == "D05" and number == 4):
                continue
            is_late = unit == "T04" and number % 3 == 2
            received = week["cut_off_at"] + pd.Timedelta(hours=3 if is_late else -5 - index)
            rows = _progress(county, week, number, unit, received)
            bad = 2 if unit == "T03" and number == upto else 0
            progress += [{**row, "row_no": n + 2} for n, row in enumerate(rows)]
            submissions.append({"unit_code": unit, "week": week["week"], "kind": "progress", "submission_id": f"{unit}-{week['week_code']}",
                                "verdict": "returned" if bad else "accepted", "row_count": len(rows) + bad, "accepted_rows": len(rows),
                                "rejected_rows": bad, "received_at": received, "known_at": received, "ordinal": number * 100 + index,
                                "withdrawn_at": pd.NaT})  # fmt: skip
        checks += [
            {"unit_code": unit, "week": week["week"], "responsibility_code": "XC-02", "item": "", "value": value,
             "numerator": np.nan, "denominator": np.nan, "done": pd.NA, "checked_on": week["cut_off_on"], "method": "实地",
             "sample_kind": kind, "finding": "", "guidance": "", "submission_id": f"I-{week['week_code']}", "row_no": n + 2,
             "received_at": week["cut_off_at"], "known_at": week["cut_off_at"]}
            for n, (unit, value, kind) in enumerate([("T01", 5.0, "random"), ("T03", 3.0, "risk"), ("T04", 20.0, "random")]) if number == upto
        ]  # fmt: skip
    frames = {"progress": pd.DataFrame(progress), "inspections": pd.DataFrame(checks), "submissions": pd.DataFrame(submissions)}
    for name in ("progress", "inspections"):
        frames[name]["done"] = frames[name]["done"].astype("boolean")
    for frame in frames.values():
        for column in ("received_at", "known_at", "withdrawn_at"):
            if column in frame:
                frame[column] = pd.to_datetime(frame[column], utc=True)
    none = pd.DataFrame(columns=["unit_code", "week", "ordinal", "received_at", "known_at", "reason"])
    return Facts(withdrawals=none, **frames)


def release(conn, county: Catalogue, known: Facts, week: pd.Series, number: int = 1) -> str:
    """Write the figures of a week as an audited release (the ledger stays empty, so its audit has nothing to say)."""
    release_id = f"{week['week_code']}-R{number}"
    frozen = week["freeze_at"] + timedelta(minutes=number - 1)
    row = {"county_code": CODE, "release_id": release_id, "week": week["week"], "week_code": week["week_code"], "release_no": number,
           "released_at": frozen, "facts_frozen_at": frozen, "status": "audited", "content_sha256": f"{release_id}"}  # fmt: skip
    with conn:
        copy_in(conn, "ops.release", pd.DataFrame([row]))
        for table, frame in compute_week(county, known, week["week_code"]).items():
            copy_in(conn, f"mart.{table}_release", frame.assign(county_code=CODE, release_id=release_id))
    return release_id


def prepare(conn) -> SimpleNamespace:
    """The county with seven released weeks; the week with the Spring Festival has none."""
    county = catalogue()
    with conn:
        sync_catalogue(conn, county, datetime(2021, 12, 20, tzinfo=UTC), "test")
    weeks = county.weeks[county.weeks["cut_off_at"].notna()].head(7)
    for number, (_, week) in enumerate(weeks.iterrows(), start=1):
        last = release(conn, county, facts(county, number), week)
    return SimpleNamespace(catalogue=county, weeks=weeks, week=weeks.iloc[-1], release_id=last)


@pytest.fixture
def county(conn) -> SimpleNamespace:
    return prepare(conn)


def test_a_draft_has_figures_and_files(conn, county, tmp_path: Path) -> None:
    draft = draft_bulletin(conn, county_code=CODE, release_id=county.release_id, directory=tmp_path,
                           drafted_at=datetime(2022, 2, 25, 5, tzinfo=UTC))  # fmt: skip
    assert draft.bulletin_id == "2022-1"
    assert fetch(conn, "SELECT count(*) AS n FROM mart.bulletin_figure")[0]["n"] > 500
    assert all(path.stat().st_size for path in draft.files)
