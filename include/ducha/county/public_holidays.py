"""China's public holidays and make-up workdays (节假日、调休) from the `holidays` library, as lines of `calendar.csv`.

They are written into the county's own file, never looked up while a week runs: a new version of the library cannot move
a cut-off that has passed, a clerk sees and corrects every day, and DAG parsing stays light.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
from collections.abc import Iterable, Mapping
from pathlib import Path

from ducha.county.files import CountyError, Problems, Table, parse_bool, parse_date, read_table

HEADER = ("date", "is_workday", "note", "is_official")
ESTIMATED = "（推算，待国务院办公厅公布）"
EVE, FESTIVAL_OF_EVE = "除夕", "春节"
SATURDAY, ONE_DAY = 5, dt.timedelta(days=1)
SWAPPED = re.compile(r"休息日（由 (\d{4}-\d{2}-\d{2}) 调休）")

Line = Mapping[str, str]


def renew_calendar(directory: Path, first_year: int, last_year: int) -> dict[str, int]:
    """Bring `calendar.csv` of a county up to what is announced for the years; return lines kept, added, removed.

    Official lines are the county's own and stay; estimates go as soon as their year is announced; days that have no
    line yet are added. Writes only when something changes. CountyError when the file cannot be read.
    """
    path = directory / "calendar.csv"
    own = _own_lines(read_table(path)) if path.is_file() else {}
    new = renewed(own, public_days(range(first_year, last_year + 1)), range(first_year, last_year + 1))
    if new != own:
        path.write_text(_text(new), encoding="utf-8")
    kept = sum(own.get(day) == line for day, line in new.items())
    return {"kept": kept, "added": len(new) - kept, "removed": len(own) - kept}


def renewed(own: Mapping[dt.date, Line], public: Mapping[dt.date, Line], years: Iterable[int]) -> dict[dt.date, Line]:
    """Return the lines by day: the county's official ones first, then the public ones; estimates of the years go."""
    asked = set(years)
    stays = {day: line for day, line in own.items() if day.year not in asked or _is_official(line)}
    return dict(sorted({**public, **stays}.items()))


def public_days(years: Iterable[int]) -> dict[dt.date, Line]:
    """Return the days of the years that differ from Monday to Friday and the weekends inside a holiday, by day.

    A year that the State Council has not announced has its statutory days only: estimates, not official.
    """
    from holidays.countries.china import China

    asked = set(years)
    found = China(years=range(min(asked) - 1, max(asked) + 2), language="zh_CN")  # type: ignore[no-untyped-call]  # not annotated there
    makeup = set(found.weekend_workdays)
    names = {day: found[day] for day in sorted(found)}
    announced = {day.year for day in (*makeup, *(day for day, name in names.items() if SWAPPED.search(name)))}
    labels = _labels(names, makeup)
    swapped = {_swap_of(name): labels[day] for day, name in names.items()}
    lines = {day: _line(day, False, label, announced) for day, label in labels.items()}
    for day in makeup:
        lines[day] = _line(day, True, f"{swapped.get(day, '').replace(EVE, FESTIVAL_OF_EVE)}调休上班", announced)
    return {day: line for day, line in sorted(lines.items()) if day.year in asked}


def _labels(names: Mapping[dt.date, str], makeup: set[dt.date]) -> dict[dt.date, str]:
    """Name every free day of each holiday by its festival, days swapped and weekends inside by the longest one there.

    What comes before the first day of 春节 is its eve: due dates are counted from that day.
    """
    labels: dict[dt.date, str] = {}
    for day in names:
        if day in labels:
            continue
        run = _free_run(day, names, makeup)
        festivals = [_festival(names[one]) for one in run if one in names and not SWAPPED.search(names[one])]
        longest = max(festivals, key=festivals.count, default="节假日")
        for one in run:
            name = names.get(one, "")
            labels[one] = _festival(name) if name and not SWAPPED.search(name) else longest
        if FESTIVAL_OF_EVE in festivals:
            first = next(one for one in run if _festival(names.get(one, "")) == FESTIVAL_OF_EVE)
            labels |= {one: EVE for one in run if one < first}
    return labels


def _free_run(day: dt.date, names: Mapping[dt.date, str], makeup: set[dt.date]) -> list[dt.date]:
    """Return the days without work around a holiday, in order."""

    def is_free(one: dt.date) -> bool:
        return one in names or (one.weekday() >= SATURDAY and one not in makeup)

    first = last = day
    while is_free(first - ONE_DAY):
        first -= ONE_DAY
    while is_free(last + ONE_DAY):
        last += ONE_DAY
    return [first + n * ONE_DAY for n in range((last - first).days + 1)]


def _festival(name: str) -> str:
    first = name.split("; ", maxsplit=1)[0].removesuffix("（补假）")
    return EVE if EVE in first else first


def _swap_of(name: str) -> dt.date:
    found = SWAPPED.search(name)
    return dt.date.fromisoformat(found[1]) if found else dt.date.min


def _line(day: dt.date, is_workday: bool, note: str, announced: set[int]) -> Line:
    is_official = day.year in announced
    cells = (day.isoformat(), str(is_workday).lower(), note if is_official else note + ESTIMATED)
    return dict(zip(HEADER, (*cells, str(is_official).lower()), strict=True))


def _own_lines(table: Table) -> dict[dt.date, Line]:
    problems = Problems(table.file)
    lines: dict[dt.date, Line] = {}
    for number, row in zip(table.numbers, table.rows, strict=True):
        try:
            day = parse_date(row.get("date", ""))
            _is_official(row)
        except ValueError:
            zh, en = "日期写成 2022-01-31，后面写 true 或 false", "write a date like 2022-01-31, then true or false"
            problems.add(number, "date, is_official", zh, en)
            continue
        lines[day] = {column: row.get(column, "") for column in HEADER} | {"date": day.isoformat()}
    if problems.found:
        raise CountyError(problems.found)
    return lines


def _is_official(line: Line) -> bool:
    return parse_bool(line.get("is_official") or "true")


def _text(lines: Mapping[dt.date, Line]) -> str:
    out = io.StringIO()
    writer = csv.DictWriter(out, HEADER, lineterminator="\n")
    writer.writeheader()
    writer.writerows(lines.values())
    return out.getvalue()
