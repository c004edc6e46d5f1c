"""A county's own files (`contracts.md`), read, checked all at once and made into a `Catalogue`."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd
import yaml
from pydantic import ValidationError

from ducha.calendar import build_weeks, read_explicit
from ducha.catalogue import Catalogue, CountySettings
from ducha.county.cells import Festivals, festivals_of, typed_frame
from ducha.county.checks import check_frames, check_shares
from ducha.county.columns import OPTIONAL_FILES, TABLES
from ducha.county.defaults import with_defaults
from ducha.county.files import (
    COUNTY_CODE_REMEDY,
    CountyError,
    CountyProblem,
    Problems,
    Table,
    decode,
    read_table,
)

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
    if problems or settings is None:
        raise CountyError(problems)
    return _catalogue(settings, filled, directory)


def read_frames(directory: Path) -> tuple[dict[str, pd.DataFrame], list[CountyProblem]]:
    """Read all CSV files into typed frames by file stem, indexed by line number; none when a file is unreadable."""
    tables, problems = _read_tables(directory)
    if problems:
        return {}, problems
    frames: dict[str, pd.DataFrame] = {}
    festivals = Festivals()
    for stem in ("calendar", *(stem for stem in TABLES if stem != "calendar")):
        noted = Problems(f"{stem}.csv")
        frames[stem] = typed_frame(tables[stem], TABLES[stem], festivals, noted)
        problems += noted.found
        if stem == "calendar":
            festivals = festivals_of(frames[stem])
    return frames, problems


def normalise(frames: dict[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """Return the frames with their defaults; see `county.defaults`."""
    return with_defaults(frames)


def validate(frames: dict[str, pd.DataFrame]) -> list[CountyProblem]:
    """Return what is wrong across cells; see `county.checks`."""
    return check_frames(frames)


def read_settings(path: Path) -> tuple[CountySettings | None, list[CountyProblem]]:
    """Read `county.yaml`; None with problems when it cannot be used."""
    problems = Problems(path.name)
    try:
        content = yaml.safe_load(decode(path.read_bytes(), path.name))
        settings = CountySettings.model_validate(_timed(content, problems))
        ZoneInfo(settings.timezone)
    except ValidationError as error:
        for fault in error.errors():
            column = ".".join(str(part) for part in fault["loc"])
            problems.add(0, column, *_fault(column, fault["type"], fault["msg"]))
        return None, problems.found
    except CountyError as error:
        return None, error.problems
    except FileNotFoundError:
        problems.add(0, "", "缺少此文件，请补上", "the file is missing: add it")
        return None, problems.found
    except yaml.YAMLError as error:
        line = getattr(getattr(error, "problem_mark", None), "line", -1) + 1
        problems.add(line, "", "YAML 格式有误，请检查缩进和冒号", "not YAML: check indentation and colons")
        return None, problems.found
    except (OSError, KeyError, ValueError):  # an unknown zone is a KeyError to zoneinfo
        problems.add(0, "timezone", "没有这个时区，请写成 Asia/Shanghai", "no such time zone: write Asia/Shanghai")
        return None, problems.found
    return (None if problems.found else settings), problems.found


def _timed(content: Any, problems: Problems) -> Any:
    """Note times that YAML read as numbers: an unquoted 17:00 is 1020 to it."""
    for section, key in (("cut_off", "time"), ("publication", "freeze_time")):
        rule = content.get(section) if isinstance(content, dict) else None
        if isinstance(rule, dict) and isinstance(rule.get(key), int | float):
            zh, en = "时间须加引号，如 \"17:00\"", "quote the time, like \"17:00\""  # fmt: skip
            problems.add(0, f"{section}.{key}", zh, en)
    return content


def _fault(column: str, kind: str, said: str) -> tuple[str, str]:
    if column == "county_code" and kind == "string_pattern_mismatch":
        return COUNTY_CODE_REMEDY
    words = {"missing": "缺少此项，请补上", "extra_forbidden": "没有这个设置项，请更正或删去"}
    return words.get(kind, "值不合要求，请更正"), f"{said}: correct it"


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
