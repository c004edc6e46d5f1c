"""A tiny county and tiny files for the intake tests."""

from __future__ import annotations

import csv
import datetime as dt
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd
import xlsxwriter
from ducha.catalogue import Catalogue, CountySettings
from ducha.intake.reading import FileToRead

NOW = dt.datetime(2022, 1, 13, 10, 0, tzinfo=ZoneInfo("Asia/Shanghai"))
MEASURES = {
    "R-TOTAL": ("total", "万元"), "R-LEVEL": ("level", "%"), "R-FLOW": ("flow", "件"), "R-RATIO": ("ratio", "%"),
    "R-STAGE": ("stages", ""), "R-RED": ("red_line", "起"), "R-DAY": ("red_line", "起"), "R-RANK": ("rank", "名"),
    "R-AVG": ("average", "天"), "R-PERIOD": ("ratio", "%"),
}  # fmt: skip


def catalogue() -> Catalogue:
    """Units A01 (lead of everything), B02 (cooperates on R-TOTAL); weeks 2022-W01 to W10."""
    mondays = pd.date_range("2022-01-03", periods=10, freq="7D").as_unit("us")
    cut_offs = (mondays + pd.Timedelta(days=3, hours=9)).tz_localize("UTC")
    weeks = pd.DataFrame(
        {
            "week": mondays,
            "week_code": [f"{d.isocalendar().year}-W{d.isocalendar().week:02d}" for d in mondays],
            "plan_year": 2022,
            "cut_off_at": cut_offs,
            "cut_off_on": mondays + pd.Timedelta(days=3),
            "freeze_at": cut_offs + pd.Timedelta(hours=19),
        }
    )
    responsibilities = pd.DataFrame(
        [
            {
                "plan_year": 2022, "responsibility_code": code, "title_zh": f"事项{code}", "title_en": code,
                "measure": measure, "time_basis": "period" if code == "R-PERIOD" else "", "unit_of_measure": uom,
                "cadence": "daily" if code == "R-DAY" else "weekly", "kind": "indicator", "target": 100.0,
                "target_low": float("nan"), "target_high": float("nan"), "season": "",
                "baseline": 0.0, "start_on": pd.Timestamp("2022-01-01"), "due_on": pd.Timestamp("2022-12-31"),
            }
            for code, (measure, uom) in MEASURES.items()
        ]
    )  # fmt: skip
    assignments = pd.DataFrame(
        [(2022, code, "A01", "lead", 1.0) for code in MEASURES] + [(2022, "R-TOTAL", "B02", "cooperating", 0.0)],
        columns=["plan_year", "responsibility_code", "unit_code", "role", "share"],
    ).assign(target=float("nan"), from_on=pd.NaT, to_on=pd.NaT)
    items = pd.DataFrame(
        [(2022, "R-STAGE", "S1", "可研批复", "Approved", 0.4), (2022, "R-STAGE", "S2", "开工", "Started", 0.6)],
        columns=["plan_year", "responsibility_code", "item_code", "title_zh", "title_en", "weight"],
    )
    units = pd.DataFrame(
        {"unit_code": ["A01", "B02"], "name_zh": ["发展和改革局", "教育局"], "name_en": ["Reform", "Education"]}
    )
    settings = CountySettings(
        county_code="C1", name_zh="样县", name_en="Sample", office_zh="样县督查室", office_en="Supervision Office"
    )
    empty = pd.DataFrame()
    return Catalogue(
        settings, units, empty, empty, weeks, responsibilities, assignments, items,
        pd.DataFrame(columns=["plan_year", "responsibility_code", "unit_code", "state", "from_on", "to_on"]),
        portfolios=empty, extra_points=empty, rules=empty,
    )  # fmt: skip


def write_xlsx(path: Path, rows: Sequence[Sequence[Any]], sheet: str = "填报表", **options: Any) -> Path:
    book = xlsxwriter.Workbook(str(path), {"strings_to_formulas": False, "strings_to_urls": False, **options})
    page = book.add_worksheet(sheet)
    for number, row in enumerate(rows):
        page.write_row(number, 0, row)
    book.close()
    return path


def write_csv(path: Path, rows: Sequence[Sequence[Any]], encoding: str = "utf-8") -> Path:
    with path.open("w", encoding=encoding, newline="") as file:
        csv.writer(file).writerows(rows)
    return path


def to_read(path: Path, kind: str = "progress", unit_code: str = "A01", at: dt.datetime = NOW) -> FileToRead:
    return FileToRead(path.name, path.name, path, kind, unit_code if kind == "progress" else "_inspection", at)
