"""What both sides of bench/week.py are given: a county of 100 units × 300 responsibilities and one week's workbooks."""

from __future__ import annotations

import csv
import datetime as dt
import os
import random
from pathlib import Path

import xlsxwriter

UNITS = 100
RESPONSIBILITIES = 300
AREAS = 10
WEEK_CODE = "2022-W08"
RECEIVED_AT = dt.datetime(2022, 2, 23, 2, 0, tzinfo=dt.UTC)  # the Wednesday of the week, 10:00 local
KNOWN_AT = dt.datetime(2022, 2, 25, 4, 0, tzinfo=dt.UTC)  # its Friday noon, when facts freeze
COUNTY_CODE = "990100"
BAD_ROWS = {5, 77, 138, 200, 299}  # in the file of every tenth unit: all measures and kinds of mistakes

MEASURES = ["total"] * 5 + ["ratio"] * 3 + ["level", "stages"]  # by responsibility number modulo 10
HEADINGS = [
    "单位代码",
    "周次",
    "事项代码",
    "事项名称",
    "阶段或分项",
    "计量单位",
    "完成值",
    "分子",
    "分母",
    "是否完成",
    "完成日期",
    "无变化",
    "滞后原因",
    "推进措施",
    "下一步安排",
    "佐证材料",
]

COUNTY = """\
county_code: "990100"
name_zh: 比测县（虚构）
name_en: Bench County (fictional)
office_zh: 比测县督查室（虚构）
office_en: Supervision Office of Bench County (fictional)
timezone: Asia/Shanghai
is_sample: true
signers: [督查室主任（示例）]
sources:
  - kind: replay
"""


def unit_codes() -> list[str]:
    return [f"U{number:03d}" for number in range(1, UNITS + 1)]


def measure_of(number: int) -> str:
    return MEASURES[number % len(MEASURES)]


def code_of(number: int) -> str:
    return f"R{number + 1:03d}"


def write_county(directory: Path) -> None:
    """Write the county's files (`contracts`: county files) into `directory`."""
    directory.mkdir(parents=True, exist_ok=True)
    (directory / "county.yaml").write_text(COUNTY, encoding="utf-8")
    _table(
        directory / "units.csv",
        "unit_code,name_zh,name_en,unit_type,peer_group,opened_on,closed_on",
        [[code, f"单位{code}", f"Unit {code}", "department", "departments", "", ""] for code in unit_codes()],
    )
    _table(directory / "leaders.csv", "leader_code,title_zh,title_en", [["L01", "县长", "Head of the county"]])
    _table(
        directory / "areas.csv",
        "area_code,name_zh,name_en,parent_code",
        [[f"A{n:02d}", f"领域{n}", f"Area {n}", ""] for n in range(AREAS)],
    )
    first = dt.date(2022, 1, 1)
    days = [first + dt.timedelta(days=n) for n in range(365)]
    _table(
        directory / "calendar.csv",
        "date,is_workday,note,is_official",
        [[day.isoformat(), str(day.weekday() < 5).lower(), "", "true"] for day in days],
    )
    _table(
        directory / "responsibilities.csv",
        "plan_year,responsibility_code,title_zh,title_en,area_code,kind,measure,direction,time_basis,unit_of_measure,"
        "baseline,target,target_low,target_high,rank_start,target_authority,is_sample_target,weight,start_on,due_on,"
        "cadence,season,plan_shape,plan_points,leader_code,task_force_code,tolerance,source_section,definition",
        [_responsibility(number) for number in range(RESPONSIBILITIES)],
    )
    _table(
        directory / "assignments.csv",
        "plan_year,responsibility_code,unit_code,role,share,baseline,target,weight,from_on,to_on",
        [
            [2022, code_of(number), unit, "lead", "", "", "", "", "", ""]
            for number in range(RESPONSIBILITIES)
            for unit in unit_codes()
        ],
    )
    for name, header in {
        "items": "plan_year,responsibility_code,item_code,title_zh,title_en,weight,due_on",
        "exceptions": "plan_year,responsibility_code,unit_code,state,from_on,to_on,reason,approved_by",
        "portfolios": "leader_code,responsibility_code,from_on,to_on",
        "rules": "rule_code,left_expression,operator,right_expression,tolerance,on_missing,definition",
    }.items():
        _table(directory / f"{name}.csv", header, [])


def write_workbooks(inbox: Path, seed: int = 1) -> int:
    """Write one workbook a unit under `inbox`/<unit>/; return the rows written."""
    draw = random.Random(seed)
    stamp = RECEIVED_AT.timestamp()
    for unit in unit_codes():
        path = inbox / unit / f"{unit}-{WEEK_CODE}.xlsx"
        path.parent.mkdir(parents=True, exist_ok=True)
        book = xlsxwriter.Workbook(path, {"strings_to_formulas": False, "strings_to_urls": False})
        sheet = book.add_worksheet("填报表")
        sheet.write_row(0, 0, HEADINGS)
        for number in range(RESPONSIBILITIES):
            sheet.write_row(number + 1, 0, _row(unit, number, draw))
        book.close()
        os.utime(path, (stamp, stamp))
    return UNITS * RESPONSIBILITIES


def _responsibility(number: int) -> list[object]:
    measure = measure_of(number)
    kind = {"ratio": "rate", "stages": "milestone"}.get(measure, "indicator")
    target = {"stages": "", "ratio": 0.9}.get(measure, 1000)
    return [
        2022, code_of(number), f"责任事项{number + 1}", f"Responsibility {number + 1}", f"A{number % AREAS:02d}", kind,
        measure, "" if measure == "stages" else "up", "to_date" if measure == "ratio" else "", "件",
        "" if measure == "stages" else 0, target, "", "", "", "县政府（示例）", "true", 1 + number % 3, "2022-01-01",
        "2022-12-31", "weekly", "", "linear", "", "L01", "", "", "1", "",
    ]  # fmt: skip


def _row(unit: str, number: int, draw: random.Random) -> list[object]:
    measure = measure_of(number)
    value: object = ""
    numerator: object = ""
    denominator: object = ""
    done, happened_on = "", ""
    if measure == "ratio":
        denominator = draw.randint(50, 500)
        numerator = round(denominator * draw.random())
    elif measure == "stages":
        done = draw.choice(["是", "否"])
        happened_on = "2022-02-2" + str(draw.randint(1, 3)) if done == "是" else ""
    else:
        value = round(draw.uniform(20, 400), 2)
    code = code_of(number)
    if int(unit[1:]) % 10 == 0 and number in BAD_ROWS:
        if measure == "ratio":
            numerator = -1
        elif measure == "stages":
            code = "R999"
        else:
            value = "约五成"
    return [
        unit, WEEK_CODE, code, f"责任事项{number + 1}", "", "件", value, numerator, denominator, done, happened_on, "",
        draw.choice(["", "受天气影响，进度略慢", "用地手续正在办理"]), "每周调度一次，逐项销号", "月底前完成主体工程",
        f"附件{number + 1}",
    ]  # fmt: skip


def _table(path: Path, header: str, rows: list[list[object]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as handle:
        writer = csv.writer(handle)
        writer.writerow(header.split(","))
        writer.writerows(rows)
