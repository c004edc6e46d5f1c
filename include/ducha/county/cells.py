"""From the text of a county's CSV files to typed frames, noting every cell that cannot be read exactly."""

from __future__ import annotations

import datetime as dt
import difflib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation

import pandas as pd

from ducha.county.columns import Column
from ducha.county.files import Problems, Table, parse_bool, parse_code, parse_date
from ducha.county.rules import parse_expression

FESTIVALS = {
    "new_year": "元旦",
    "spring_festival": "春节",
    "qingming": "清明节",
    "labour_day": "劳动节",
    "dragon_boat": "端午节",
    "mid_autumn": "中秋节",
    "national_day": "国庆节",
}
SEASON = re.compile(r"(\d{2}-\d{2})\.\.(\d{2}-\d{2})")
THOUSANDS = re.compile(r"[+-]?\d{1,3}(,\d{3})+(\.\d+)?")
DTYPES = {
    "text": "str",
    "code": "str",
    "season": "str",
    "points": "str",
    "expression": "str",
    "year": "int64",
    "number": "float64",
    "flag": "bool",
    "date": "datetime64[us]",
    "date_rule": "datetime64[us]",
}
NOT_SET = {"number": float("nan"), "flag": False, "date": pd.NaT, "date_rule": pd.NaT, "year": 0}
REMEDIES = {
    "code": (
        "只用字母、数字、汉字、_ 和 -，点只放在中间，半角，最多 32 个字符",
        "use letters, digits, _ and -, dots only between them, no wide forms, 32 characters at most",
    ),
    "year": ("写成四位年份，如 2022", "write a year like 2022"),
    "number": ("写成数字，如 0.9 或 120", "write a number like 0.9 or 120"),
    "flag": ("写成 true 或 false", "write true or false"),
    "date": ("写成 2022-01-31", "write a date like 2022-01-31"),
    "date_rule": (
        "写成 2022-01-31，或 before:spring_festival 这样的规则，且日历须有当年该节日",
        "write a date, or a rule like before:spring_festival whose festival the calendar has in that year",
    ),
    "season": ("写成 11-01..03-31", "write a season like 11-01..03-31"),
    "points": (
        "写成 2022-03-31:0.2;2022-06-30:0.5，日期递增，份额在 0 与 1 之间且不减",
        "write 2022-03-31:0.2;2022-06-30:0.5 with rising dates and shares from 0 to 1 that never fall",
    ),
    "expression": (
        "写成 [事项代码]、[事项代码:denominator] 或 [事项代码@单位代码] 的算式，只用数字、+ - * / ( )、min、max，半角",
        "write arithmetic over [code], [code:denominator] or [code@unit] with numbers, + - * / ( ), min and max only",
    ),
}


@dataclass(frozen=True)
class Festivals:
    """The first free day of each festival (节日) by Chinese name and year, from the calendar's notes."""

    first_days: Mapping[tuple[str, int], dt.date] = field(default_factory=dict)

    def before(self, festival: str, year: int) -> dt.date:
        """Return the day before a festival's first day; ValueError when the calendar does not have it."""
        try:
            return self.first_days[FESTIVALS[festival], year] - dt.timedelta(days=1)
        except KeyError as missing:
            raise ValueError(f"no {festival} in {year}") from missing


def festivals_of(calendar: pd.DataFrame) -> Festivals:
    """Read the festivals from `calendar` (date, is_workday, note): notes begin with the festival's name."""
    first: dict[tuple[str, int], dt.date] = {}
    free = calendar[~calendar["is_workday"]].sort_values("date")
    for day, note in zip(free["date"].dropna(), free.loc[free["date"].notna(), "note"], strict=True):
        name = next((name for name in FESTIVALS.values() if note.startswith(name)), None)
        if name:
            first.setdefault((name, day.year), day.date())
    return Festivals(first)


def typed_frame(table: Table, columns: tuple[Column, ...], festivals: Festivals, problems: Problems) -> pd.DataFrame:
    """Return the table with typed columns and line numbers as its index; what cannot be read is noted and not set."""
    _check_header(table.header, columns, problems)
    data = {}
    for column in columns:
        read = [
            _read_cell(row, column, number, festivals, problems)
            for number, row in zip(table.numbers, table.rows, strict=True)
        ]
        data[column.name] = pd.Series(read, index=table.numbers, dtype=DTYPES[column.form])
    return pd.DataFrame(data, index=table.numbers)


def parse_number(text: str) -> float:
    """Return the number of 1200, 1,200, 0.9 or 90% (= 0.9); ValueError for anything that is not exactly one."""
    digits = text.replace(",", "") if THOUSANDS.fullmatch(text.rstrip("%")) else text
    try:
        number = Decimal(digits.rstrip("%"))
    except InvalidOperation as error:
        raise ValueError(f"not a number: {text}") from error
    if not number.is_finite() or digits.count("%") > 1:
        raise ValueError(f"not a number: {text}")
    return float(number / 100 if digits.endswith("%") else number)


def parse_points(text: str) -> list[tuple[dt.date, float]]:
    """Return the plan points of `2022-03-31:0.2;2022-06-30:0.5`; ValueError when they do not rise."""
    points = [(parse_date(day), float(share)) for day, share in (part.split(":") for part in text.split(";"))]
    days, shares = [day for day, _ in points], [share for _, share in points]
    if days != sorted(set(days)) or shares != sorted(shares) or not 0 <= shares[0] <= shares[-1] <= 1:
        raise ValueError(f"points do not rise: {text}")
    return points


def _check_header(header: list[str], columns: tuple[Column, ...], problems: Problems) -> None:
    known = [column.name for column in columns]
    for name in header:
        if name and name not in known:
            near = difflib.get_close_matches(name, known, 1)
            zh = f"没有这一列，{f'是否应为 {near[0]}' if near else '请删去'}"
            en = f"no such column: {f'did you mean {near[0]}' if near else 'remove it'}"
            problems.add(1, name, zh, en)
        elif name and header.count(name) > 1:
            problems.add(1, name, "此列出现两次，请删去一列", "this column stands twice: remove one")
    for column in columns:
        if column.required and column.name not in header:
            zh, en = f"缺少此列（{column.zh}），请补上", f"this column is missing ({column.en}): add it"
            problems.add(1, column.name, zh, en)


def _read_cell(row: dict[str, str], column: Column, number: int, festivals: Festivals, problems: Problems) -> object:
    text = row.get(column.name, "") or column.default
    if not text:
        if column.required and column.name in row:
            problems.add(number, column.name, f"不能为空，请填{column.zh}", f"must not be empty: fill in {column.en}")
        return NOT_SET.get(column.form, "")
    if column.values and text not in column.values:
        words = ", ".join(column.values)
        zh, en = f"“{text}”不在可用值内，请改为其一：{words}", f"“{text}” is not allowed, use one of: {words}"
        problems.add(number, column.name, zh, en)
        return ""
    try:
        return _parsed(text, column, row, festivals)
    except ValueError:
        zh, en = REMEDIES[column.form]
        problems.add(number, column.name, f"“{text}”无法识别，请{zh}", f"“{text}” cannot be read, {en}")
        return text if column.form == "code" else NOT_SET.get(column.form, "")  # what it names is looked up as written


def _parsed(text: str, column: Column, row: dict[str, str], festivals: Festivals) -> object:
    if column.form == "date_rule" and text.startswith("before:"):
        return festivals.before(text.removeprefix("before:"), _year(row.get("plan_year", "")))
    readers: dict[str, Callable[[str], object]] = {
        "text": str,
        "code": parse_code,
        "year": _year,
        "number": parse_number,
        "flag": parse_bool,
        "date": parse_date,
        "date_rule": parse_date,
        "season": _season,
        "points": _points_text,
        "expression": _expression_text,
    }
    return readers[column.form](text)


def _year(text: str) -> int:
    year = int(text)
    if not 1990 <= year <= 2100:
        raise ValueError(f"not a plan year: {text}")
    return year


def _season(text: str) -> str:
    found = SEASON.fullmatch(text)
    if not found:
        raise ValueError(f"not a season: {text}")
    for month_day in found.groups():
        dt.date.fromisoformat(f"2024-{month_day}")
    return text


def _points_text(text: str) -> str:
    parse_points(text)
    return text


def _expression_text(text: str) -> str:
    parse_expression(text)
    return text
