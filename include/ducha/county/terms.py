"""The rules of a week (cut-off, freeze) as types without pandas or pydantic, for what must import fast."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Protocol


class CutOffTerms(Protocol):
    """What a cut-off rule says; `catalogue.CutOffRule` and `CutOff` both do."""

    @property
    def workday_from_end(self) -> int: ...
    @property
    def time(self) -> dt.time: ...


class FreezeTerms(Protocol):
    """What a publication rule says of the freeze; `catalogue.PublicationRule` and `Freeze` both do."""

    @property
    def freeze_workday_from_end(self) -> int: ...
    @property
    def freeze_time(self) -> dt.time: ...


class WeekTerms(Protocol):
    """Settings with both rules; `catalogue.CountySettings` and `CalendarSettings` both are."""

    @property
    def cut_off(self) -> CutOffTerms: ...
    @property
    def publication(self) -> FreezeTerms: ...


class LocalWeekTerms(WeekTerms, Protocol):
    """Settings with both rules and a time zone."""

    @property
    def timezone(self) -> str: ...


@dataclass(frozen=True)
class CutOff:
    """The cut-off rule without pydantic; defaults as in `catalogue.CutOffRule`."""

    workday_from_end: int = 2
    time: dt.time = dt.time(17, 0)


@dataclass(frozen=True)
class Freeze:
    """The freeze rule without pydantic; defaults as in `catalogue.PublicationRule`."""

    freeze_workday_from_end: int = 1
    freeze_time: dt.time = dt.time(12, 0)


@dataclass(frozen=True)
class CalendarSettings:
    """The part of `county.yaml` that a timetable needs."""

    county_code: str
    timezone: str = "Asia/Shanghai"
    cut_off: CutOff = CutOff()
    publication: Freeze = Freeze()
