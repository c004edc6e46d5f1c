"""A county's own files (`contracts.md`), read, checked all at once and made into a `Catalogue`."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from pathlib import Path

import pandas as pd

from ducha.calendar import build_weeks, read_explicit
from ducha.catalogue import Catalogue, CountySettings
from ducha.county.cells import Festivals, festivals_of, typed_frame
from ducha.county.checks import check_case, check_frames, check_shares
from ducha.county.columns import OPTIONAL_FILES, TABLES
from ducha.county.defaults import with_defaults
from ducha.county.files import CountyError, CountyProblem, Problems, Table, read_table
from ducha.county.settings_file import read_settings

__all__ = ["CountyError", "CountyProblem", "load_county", "normalise", "read_frames", "validate"]


def load_county(directory: Path) -> Catalogue:
    """Read a county's folder; frames as documented in `catalogue`, defaults filled in.

    Raises CountyError with every problem found, each naming file, row, column and remedy.
    """
    settings, problems = read_settings(directory / "county.yaml")
    frames, found = read_frames(directory)
    problems += found
    if frames:
        problems += check_shares(frames)
        filled = normalise(frames)
        problems += validate(filled)
        if settings and any(source.kind == "folder" for source in settings.sources):
            problems += check_case(filled)
    if problems or settings is None:
        raise CountyError(problems)
    return _catalogue(settings, filled, directory)


def read_frames(directory: Path) -> tuple[dict[str, pd.DataFrame], list[CountyProblem]]:
    """Read all CSV files into typed frames by file stem, indexed by line number.

    When a file is unreadable the cells of the others are still looked at, but no frames come back: nothing across files
    can be judged.
    """
    tables, problems = _read_tables(directory)
    is_whole = not problems
    problems += _strangers(directory)
    frames: dict[str, pd.DataFrame] = {}
    festivals = Festivals()
    for stem in ("calendar", *(stem for stem in TABLES if stem != "calendar")):
        if stem not in tables or ("calendar" not in tables and _has_rules(stem)):
            continue
        noted = Problems(f"{stem}.csv")
        frames[stem] = typed_frame(tables[stem], TABLES[stem], festivals, noted)
        problems += noted.found
        if stem == "calendar":
            festivals = festivals_of(frames[stem])
    return (frames if is_whole else {}), problems


def _has_rules(stem: str) -> bool:
    return any(column.form == "date_rule" for column in TABLES[stem])


def _strangers(directory: Path) -> Iterator[CountyProblem]:
    """Tables in the folder that nobody reads: a misspelt optional file would silently count for nothing."""
    known = {f"{stem}.csv" for stem in TABLES}
    for path in sorted(directory.glob("*")):
        if path.suffix.lower() not in (".csv", ".xlsx", ".xls", ".et") or path.name in known or path.name[0] in "~.":
            continue
        near = difflib.get_close_matches(f"{path.stem}.csv", known, 1)
        zh = f"不读此文件：{f'是否应为 {near[0]}' if near else '请移到别处'}"
        en = f"this file is not read: {f'did you mean {near[0]}' if near else 'move it elsewhere'}"
        yield CountyProblem(path.name, 0, "", zh, en)


def normalise(frames: dict[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """Return the frames with their defaults; see `county.defaults`."""
    return with_defaults(frames)


def validate(frames: dict[str, pd.DataFrame]) -> list[CountyProblem]:
    """Return what is wrong across cells; see `county.checks`."""
    return check_frames(frames)


def _read_tables(directory: Path) -> tuple[dict[str, Table], list[CountyProblem]]:
    tables: dict[str, Table] = {}
    problems: list[CountyProblem] = []
    for stem, columns in TABLES.items():
        path = directory / f"{stem}.csv"
        if stem in OPTIONAL_FILES and not path.is_file():
            tables[stem] = Table(path.name, [column.name for column in columns], [], [])
            continue
        try:
            tables[stem] = read_table(path)
            if stem == "cut_offs":
                read_explicit(tables[stem])
        except CountyError as error:
            problems += error.problems
    return tables, problems


def _catalogue(settings: CountySettings, frames: dict[str, pd.DataFrame], directory: Path) -> Catalogue:
    plain = {stem: frame.reset_index(drop=True) for stem, frame in frames.items()}
    calendar, cut_offs = plain.pop("calendar"), _cut_offs(directory / "cut_offs.csv")
    plain.pop("cut_offs")
    years = sorted({*calendar["date"].dt.year, *plain["responsibilities"]["plan_year"]})
    if not years:
        zh, en = "没有任何一年：请填日历或责任事项", "no year at all: fill in the calendar or responsibilities"
        raise CountyError([CountyProblem("calendar.csv", 0, "date", zh, en)])
    weeks = build_weeks(settings, calendar, cut_offs, int(years[0]), int(years[-1]))
    return Catalogue(settings=settings, weeks=weeks, **plain)


def _cut_offs(path: Path) -> pd.DataFrame | None:
    if not path.is_file():
        return None
    explicit = read_explicit(read_table(path))
    frame = pd.DataFrame(
        [(monday, times.cut_off_at, times.freeze_at) for monday, times in explicit.items()],
        columns=["week", "cut_off_at", "freeze_at"],
    )
    times = {column: pd.to_datetime(frame[column], utc=True) for column in ("cut_off_at", "freeze_at")}
    return frame.assign(week=pd.to_datetime(frame["week"]), **times)
