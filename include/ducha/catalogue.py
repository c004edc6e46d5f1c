"""The catalogue of one county as plain data: what every room after it reads.

`county.loading.load_county` makes it from the county's files, `warehouse.catalogue.read_catalogue` from the database.
Column names are those of the county files (`contracts.md`). Codes and texts are `str` ('' when not set), numbers
`float64` (NaN when not set), flags `bool`, dates naive `datetime64`, times `datetime64` in UTC (NaT when not set).
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field

from ducha.county.files import COUNTY_CODE

if TYPE_CHECKING:
    import pandas as pd

INSPECTION_SENDER = "_inspection"
"""Folder and sender code of the inspection teams (督查组)."""


Number = Annotated[float, Field(strict=True, allow_inf_nan=False)]
Whole = Annotated[int, Field(strict=True)]
"""Numbers as they stand: no flag, no quoted text, no NaN."""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class CutOffRule(_Strict):
    """When a week closes: the n-th workday from its end (1 = the last), local time."""

    workday_from_end: Whole = Field(2, ge=1, le=5)
    time: dt.time = dt.time(17, 0)


class PublicationRule(_Strict):
    """When the facts of a week freeze for its release, and who answers when nobody signs."""

    freeze_workday_from_end: Whole = Field(1, ge=1, le=5)
    freeze_time: dt.time = dt.time(12, 0)
    sign_off_hours: Number = Field(24, gt=0)
    sign_off_default: Literal["Approve", "Reject"] = "Reject"


class LightRule(_Strict):
    """Thresholds of the lights, on `schedule_gap` (fractions), and of `is_near_due` (days)."""

    green_gap: Number = Field(0.0, ge=-1, le=1)
    yellow_gap: Number = Field(-0.15, ge=-1, le=1)
    near_due_days: Whole = Field(14, ge=0, le=366)


class VerificationRule(_Strict):
    """How far a check may lie from a report: a share of the reported value, beside the row's own `tolerance`."""

    relative_tolerance: Number = Field(0.1, ge=0, le=1)


class VetoRule(_Strict):
    """From how many red-line events in the plan year a unit is to be flagged (一票否决); 0: never."""

    red_line_events: Whole = Field(1, ge=0)


class ExtraPoints(_Strict):
    """Bonus or penalty (加分、扣分) as fractions of a score: one proven case, and all together."""

    per_case: Number = Field(0.0, ge=0, le=1)
    cap: Number = Field(0.0, ge=0, le=1)


class LadderRule(_Strict):
    """Consecutive weeks missed that lead to each step (催报阶梯); a person decides."""

    reminder: Whole = Field(1, ge=1)
    notice: Whole = Field(2, ge=1)
    yellow: Whole = Field(3, ge=1)
    red: Whole = Field(4, ge=1)


class ProjectionRule(_Strict):
    """Reported points that a projection needs, and the share its interval shall hold."""

    min_points: Whole = Field(6, ge=6)
    interval: Number = Field(0.8, gt=0, lt=1)


class SourceSetting(_Strict):
    """Where submissions come from. `replay` takes receipt times from file times: samples and tests only."""

    kind: Literal["folder", "replay"] = "folder"
    path: str = ""


class CountySettings(_Strict):
    """`county.yaml`."""

    county_code: str = Field(pattern=rf"^{COUNTY_CODE.pattern}$")
    name_zh: str
    name_en: str
    office_zh: str
    office_en: str
    timezone: str = "Asia/Shanghai"
    is_sample: bool = False
    cut_off: CutOffRule = CutOffRule()
    publication: PublicationRule = PublicationRule()
    lights: LightRule = LightRule()
    verification: VerificationRule = VerificationRule()
    cap: Number = Field(1.0, gt=0)
    min_counted: Whole = Field(3, ge=1)
    grace_hours: Number = Field(0, ge=0)
    signers: list[str] = []
    objection_days: Whole = Field(5, ge=0)
    veto: VetoRule = VetoRule()
    bonus: ExtraPoints = ExtraPoints()
    penalty: ExtraPoints = ExtraPoints()
    reminder_days: list[Annotated[Whole, Field(ge=1, le=6)]] = [2, 1]
    ladder: LadderRule = LadderRule()
    projection: ProjectionRule = ProjectionRule()
    sources: list[SourceSetting] = [SourceSetting()]


@dataclass(frozen=True)
class Catalogue:
    """Everything a county has decided, in frames; see the module docstring for dtypes.

    `weeks`: week (the Monday), week_code, plan_year (year of the cut-off date, else of the Thursday), cut_off_at
    (UTC, NaT for a week without workdays), cut_off_on (local date of it), freeze_at (UTC), month_end_on,
    quarter_end_on, half_year_end_on (the period's last workday where it lies in this week, else NaT), is_official.
    """

    settings: CountySettings
    units: pd.DataFrame
    leaders: pd.DataFrame
    areas: pd.DataFrame
    weeks: pd.DataFrame
    responsibilities: pd.DataFrame
    assignments: pd.DataFrame
    items: pd.DataFrame
    exceptions: pd.DataFrame
    portfolios: pd.DataFrame
    extra_points: pd.DataFrame
    rules: pd.DataFrame

    @property
    def county_code(self) -> str:
        return self.settings.county_code

    def week_row(self, week: str | dt.datetime) -> pd.Series:
        """Return the row of `weeks` for a code like 2022-W02 or a Monday; KeyError when the calendar lacks it."""
        column = "week_code" if isinstance(week, str) else "week"
        found = self.weeks.loc[self.weeks[column] == week]
        if found.empty:
            raise KeyError(f"日历中没有周 {week} · the calendar has no week {week}")
        return found.iloc[0]

    def year_to_date(self, week_code: str) -> tuple[dt.datetime, dt.datetime]:
        """Return the Mondays of the first week of a week's plan year and of the week itself."""
        row = self.week_row(week_code)
        first = self.weeks.loc[self.weeks["plan_year"] == row["plan_year"], "week"].min()
        return first.to_pydatetime(), row["week"].to_pydatetime()

    def opens_at(self, week_code: str) -> dt.datetime:
        """Return the first instant of a week in the county's time."""
        monday: dt.datetime = self.week_row(week_code)["week"].to_pydatetime()
        return monday.replace(tzinfo=ZoneInfo(self.settings.timezone))


@dataclass(frozen=True)
class Facts:
    """What the ledger holds for a county as known at one instant, withdrawn submissions left out of the first two.

    What people wrote beside their figures (reason, measure, finding …) stays in the ledger: no figure rests on it.

    `progress`: unit_code, week, responsibility_code, item ('' = the responsibility itself), value, numerator,
    denominator (float64), done (`boolean`, NA when not said), happened_on, no_change (bool), submission_id,
    row_no, received_at, known_at. Every accepted version is here, in the order in which later outranks earlier, not
    only the one in force.
    `inspections`: unit_code, week, responsibility_code, item, value, numerator, denominator, done, checked_on, method,
    sample_kind, submission_id, row_no, received_at, known_at.
    `submissions`: unit_code, week, kind (progress, inspection), submission_id, verdict (accepted, returned, refused),
    row_count, accepted_rows, rejected_rows, received_at, known_at, ordinal, withdrawn_at (NaT while it stands).
    `withdrawals`: unit_code, week, ordinal, received_at, known_at, reason.
    """

    progress: pd.DataFrame
    inspections: pd.DataFrame
    submissions: pd.DataFrame
    withdrawals: pd.DataFrame
