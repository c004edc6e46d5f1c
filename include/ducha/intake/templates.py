"""Templates (填报表): a unit's workbook for a week, with its due rows, plan and last accepted values already in it."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

from ducha.catalogue import Catalogue
from ducha.intake.headings import PROGRESS, column_letter
from ducha.intake.rules import REPEATABLE, WITH_DENOMINATOR
from ducha.intake.sheet_style import AMBER, DEEP, MUTED, PALE, Styles, set_page, workbook
from ducha.metrics.cadence import due_weeks
from ducha.metrics.completion import baseline_in_use
from ducha.metrics.plan import planned_share, planned_value
from ducha.metrics.roster import Roster, build_roster, excepted_weeks

SHEET = "填报表"
HELP_SHEET = "填报说明"
HEADER = 4
"""0-based row of the headings."""
SPARE_ROWS = 20
YES_NO = ["是", "否"]

CONTEXT = {"title": ("事项名称", 31), "how": ("填报方式", 18), "target": ("目标值", 9), "plan": ("本周计划", 9)} | {
    "last": ("上次填报", 13)
}
"""Columns that help the clerk: heading and width."""
ORDER = (
    *("week", "responsibility_code", "title", "item", "how", "target", "plan", "last"),
    *("value", "numerator", "denominator", "done", "happened_on", "no_change"),
    *("reason", "measure", "next_step", "evidence"),
)
GIVEN = ("week", "responsibility_code", "item", *CONTEXT)
OWN_WIDTHS = {"week": 10, "responsibility_code": 10, "item": 11, "value": 11, "numerator": 9, "denominator": 9} | {
    "done": 9, "happened_on": 11, "no_change": 8,
}  # fmt: skip
OWN_TEXT_WIDTH = 15
HOW = {
    "total": "填累计数", "level": "填当前数", "flow": "填本期数，没有填 0", "average": "填均值，样本数填分母",
    "ratio": "填分子、分母", "stages": "填是否完成、日期", "range": "填本期数", "rank": "填名次，参评数填分母",
    "red_line": "填件数，没有填 0",
}  # fmt: skip
TAKES = {"ratio": ("numerator", "denominator"), "stages": ("done", "happened_on")}

_HELP = (
    ("怎样填报", "How to fill it in"),
    ("灰色的列已经填好，请不要改动；白色的列由本单位填写。", "Grey columns are filled in; white ones are yours."),
    ("浅黄色的格子等待填写，填好后颜色会消失。", "Amber cells wait for you; the colour goes when they are filled."),
    ("确实没有变化的，在“无变化”选“是”，不必再填数值。", "Nothing changed: choose 是 under 无变化."),
    ("“本期数”和红线每期都要填当期发生数，没有发生填 0。", "Per-period figures and red lines: 0 if none."),
    ("比率填分子和分母，不填百分数；由系统计算。", "Ratios: enter numerator and denominator, not the percentage."),
    ("请不要填写身份证号、电话号码，含有这类号码的行会被退回。", "No identity or phone numbers, please."),
    ("填好后保存，放入本单位的报送目录即可。", "Save the file and put it into your unit's folder."),
)  # fmt: skip


def write_template(
    catalogue: Catalogue, unit_code: str, week_code: str, path: Path, last_accepted: pd.DataFrame | None = None
) -> int:
    """Write the unit's workbook for a week; return the number of rows in it.

    `last_accepted`: the unit's accepted progress facts (columns of `Facts.progress`); the newest of an earlier week is
    shown beside each row. The same inputs give the same bytes. Raises KeyError for a unit or week that does not exist
    and ValueError for a week without a cut-off.
    """
    found = catalogue.units[catalogue.units["unit_code"] == unit_code]
    if found.empty:
        raise KeyError(f"没有单位 {unit_code} · there is no unit {unit_code}")
    week = catalogue.week_row(week_code)
    rows = due_rows(catalogue, unit_code, week_code, last_accepted)
    cut_off = pd.Timestamp(week["cut_off_at"]).tz_convert(ZoneInfo(catalogue.settings.timezone))
    name = str(found.iloc[0]["name_zh"])
    with workbook(path, week["week"].to_pydatetime(), f"{week_code} 填报表", catalogue.settings.office_zh) as made:
        book, styles = made
        sheet = book.add_worksheet(SHEET)
        _titles(sheet, styles, f"{week_code} 督查事项填报表", f"{unit_code}  {name}", cut_off)
        _table(sheet, styles, rows, unit_code, week_code)
        _help(book.add_worksheet(HELP_SHEET), styles, catalogue)
    return len(rows)


def due_rows(
    catalogue: Catalogue, unit_code: str, week_code: str, last_accepted: pd.DataFrame | None = None
) -> list[dict[str, Any]]:
    """Return the rows that the unit owes in the week, by column of `ORDER`; one a stage or day where so counted."""
    roster = build_roster(catalogue, week_code)
    now = roster.now
    due = due_weeks(roster)[:, now] & ~excepted_weeks(roster)[:, now] & (roster.texts("unit_code") == unit_code)
    shares = planned_share(roster, now)
    plans = planned_value(roster, shares, baseline_in_use(roster))
    items = catalogue.items[catalogue.items["plan_year"] == int(catalogue.week_row(week_code)["plan_year"])]
    monday = catalogue.week_row(week_code)["week"]
    last = _last_values(last_accepted, monday)
    rows = []
    for n in np.flatnonzero(due):
        about = roster.rows.iloc[int(n)]
        for item, stage in _parts(about, items, monday):
            context = _context(roster, int(n), float(plans[n]))
            key = (str(about["responsibility_code"]), item)
            rows.append(
                {"week": week_code, "responsibility_code": key[0], "item": item}
                | context
                | {"title": f"{context['title']} · {stage}" if stage else context["title"]}
                | {"last": last.get(key, ""), "measure_kind": about["measure"], "time_basis": about["time_basis"]}
            )
    return sorted(rows, key=lambda row: row["responsibility_code"])


def _parts(about: pd.Series, items: pd.DataFrame, monday: pd.Timestamp) -> list[tuple[str, str]]:
    """The rows of one responsibility: its stages, the days of the week, or just itself."""
    if about["measure"] == "red_line" and about["cadence"] == "daily":
        days = [monday + pd.Timedelta(days=n) for n in range(7)]
        return [(f"{day:%Y-%m-%d}", f"周{'一二三四五六日'[day.weekday()]}") for day in days]
    own = items[items["responsibility_code"] == about["responsibility_code"]]
    if about["measure"] == "stages" and len(own):
        return list(zip(own["item_code"], own["title_zh"], strict=True))
    return [("", "")]


def _context(roster: Roster, n: int, plan: float) -> dict[str, str]:
    about = roster.rows.iloc[n]
    measure, uom = str(about["measure"]), str(about["unit_of_measure"])
    low, high = float(about["target_low"]), float(about["target_high"])
    target = f"{figure(low)}–{figure(high)}" if measure == "range" else figure(float(about["target"]), measure)
    return {
        "title": str(about["title_zh"]),
        "how": HOW.get(measure, "") + (f"（{uom}）" if uom and measure not in ("ratio", "stages") else ""),
        "target": "" if measure in ("stages", "red_line") else target,
        "plan": "" if measure in ("stages", "red_line") else figure(plan, measure),
    }


def figure(value: float, measure: str = "") -> str:
    """Return a number as a clerk reads it: at most two decimals, shares as percent, empty when not set."""
    if np.isnan(value):
        return ""
    text = f"{value * 100:,.1f}" if measure == "ratio" else f"{value:,.2f}"
    return text.rstrip("0").rstrip(".") + ("%" if measure == "ratio" else "")


def _last_values(facts: pd.DataFrame | None, monday: pd.Timestamp) -> dict[tuple[str, str], str]:
    """By responsibility and item: the newest accepted value of an earlier week, with its week."""
    if facts is None or facts.empty:
        return {}
    before = facts[(facts["week"] < monday) & ~facts["no_change"]].sort_values(["week", "known_at"])
    last = {}
    for row in before.to_dict("records"):
        if not pd.isna(row["done"]):
            said = "完成" if row["done"] else "未完成"
        elif not np.isnan(row["numerator"]):
            said = f"{figure(row['numerator'])} / {figure(row['denominator'])}"
        else:
            said = figure(row["value"])
        year, number, _ = row["week"].isocalendar()
        last[str(row["responsibility_code"]), str(row["item"])] = f"{said}（{year}-W{number:02d}）"
    return last


def _titles(sheet: Any, styles: Styles, title: str, unit: str, cut_off: pd.Timestamp) -> None:
    sheet.set_row(0, 32)
    sheet.write_string(0, 0, title, styles(font_size=18, bold=True, font_color=DEEP))
    sheet.write_string(1, 0, unit, styles(font_size=12, bold=True))
    weekday = "一二三四五六日"[cut_off.weekday()]
    until = f"请于 {cut_off.year} 年 {cut_off.month} 月 {cut_off.day} 日（星期{weekday}）{cut_off:%H:%M} 前报送"
    sheet.write_string(2, 0, f"{until} · due {cut_off:%Y-%m-%d %H:%M}", styles(font_color=MUTED))
    sheet.set_row(HEADER - 1, 8)


def _table(sheet: Any, styles: Styles, rows: list[dict[str, Any]], unit_code: str, week_code: str) -> None:
    headings = {field.name: field.zh for field in PROGRESS} | {name: zh for name, (zh, _) in CONTEXT.items()}
    widths = OWN_WIDTHS | {name: width for name, (_, width) in CONTEXT.items()}
    place = {name: at for at, name in enumerate(ORDER)}
    for name, at in place.items():
        colour = {} if name not in GIVEN else {"bg_color": "#5B7C89"}
        sheet.write_string(HEADER, at, headings[name], styles.heading(**colour))
        sheet.set_column(at, at, widths.get(name, OWN_TEXT_WIDTH))
    sheet.set_row(HEADER, 26)
    for offset, row in enumerate(rows, start=1):
        _row(sheet, styles, HEADER + offset, row, place)
    first, last = HEADER + 1, HEADER + len(rows)
    for number in range(last + 1, last + 1 + SPARE_ROWS):
        for name, at in place.items():
            sheet.write_blank(number, at, None, _input(styles, name))
    _validate(sheet, place, first, last + SPARE_ROWS)
    sheet.freeze_panes(HEADER + 1, place["title"] + 1)
    set_page(sheet, repeat_rows=(HEADER, HEADER), footer=f"{week_code} {unit_code}")
    sheet.print_area(0, 0, max(last, HEADER), len(ORDER) - 1)
    allowed = ("format_columns", "format_rows", "format_cells", "insert_rows", "delete_rows", "sort", "autofilter")
    sheet.protect("", dict.fromkeys(allowed, True))


def _row(sheet: Any, styles: Styles, number: int, row: dict[str, Any], place: dict[str, int]) -> None:
    measure = row["measure_kind"]
    takes = TAKES.get(measure, ("value", "denominator") if measure in WITH_DENOMINATOR else ("value",))
    may_repeat = measure in REPEATABLE or (measure == "ratio" and row["time_basis"] != "period")
    closed = {"value", "numerator", "denominator", "done", "happened_on"} - set(takes)
    closed |= set() if may_repeat else {"no_change"}
    sheet.set_row(number, 34 if len(row["title"]) > 17 else 26)
    grey = styles.cell(bg_color="#F3F5F6", font_color="#52606D", locked=True)
    for name, at in place.items():
        if name in GIVEN:
            sheet.write_string(number, at, row[name], grey)
        elif name in closed:
            sheet.write_blank(number, at, None, styles.cell(bg_color="#E6EAEC", locked=True))
        else:
            sheet.write_blank(number, at, None, _input(styles, name))
    asked = [name for name in takes if name != "happened_on" and not (name == "denominator" and measure != "ratio")]
    for name in asked:
        _await(sheet, styles, number, place[name], place["no_change"])


def _input(styles: Styles, name: str) -> Any:
    if name == "happened_on":
        return styles.cell(locked=False, num_format="yyyy-mm-dd", align="center", indent=0)
    if name in ("value", "numerator", "denominator"):
        return styles.cell(locked=False, align="right")
    if name in ("done", "no_change"):
        return styles.cell(locked=False, align="center", indent=0)
    text = name in ("week", "responsibility_code", "item")
    return styles.cell(locked=False, **({"num_format": "@"} if text else {}))


def _await(sheet: Any, styles: Styles, number: int, at: int, no_change: int) -> None:
    """Colour a cell until it is filled or 无变化 is chosen."""
    cell, same = f"${column_letter(at)}{number + 1}", f"${column_letter(no_change)}{number + 1}"
    rule = {"type": "formula", "criteria": f'=AND({cell}="",{same}<>"是")', "format": styles(bg_color=AMBER)}
    sheet.conditional_format(number, at, number, at, rule)


def _validate(sheet: Any, place: dict[str, int], first: int, last: int) -> None:
    for name in ("done", "no_change"):
        sheet.data_validation(
            first, place[name], last, place[name],
            {"validate": "list", "source": YES_NO, "error_title": "请选择", "error_message": "请填“是”或“否”。"},
        )  # fmt: skip
    for name in ("value", "numerator", "denominator"):
        sheet.data_validation(
            first, place[name], last, place[name],
            {"validate": "decimal", "criteria": "between", "minimum": -1e15, "maximum": 1e15, "error_type": "warning",
             "error_title": "请填写数字", "error_message": "请只填数字，不要写“约”“左右”等文字。"},
        )  # fmt: skip
    sheet.data_validation(
        first, place["happened_on"], last, place["happened_on"],
        {"validate": "date", "criteria": "between", "minimum": dt.date(2000, 1, 1), "maximum": dt.date(2099, 12, 31),
         "error_type": "warning", "error_title": "请填写日期", "error_message": "请按 2022-03-05 的样式填写。"},
    )  # fmt: skip


def _help(sheet: Any, styles: Styles, catalogue: Catalogue) -> None:
    set_page(sheet, footer=catalogue.settings.office_zh)
    sheet.set_column(0, 0, 3)
    sheet.set_column(1, 1, 62)
    sheet.set_column(2, 2, 66)
    for number, (zh, en) in enumerate(_HELP, start=1):
        is_title = number == 1
        sheet.set_row(number, 34 if is_title else 26)
        look = {"bold": True, "font_size": 16, "font_color": DEEP} if is_title else {"bottom": 1, "bottom_color": PALE}
        sheet.write_string(number, 1, zh, styles(**look))
        muted = {} if is_title else {"font_color": MUTED, "bottom": 1, "bottom_color": PALE}
        sheet.write_string(number, 2, en, styles(**(look if is_title else muted)))
