"""One file that a sender sends: what stands in it, what is wrong with it, when it comes."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import Any, Literal

Role = Literal["report", "zero_reports", "correction", "duplicate", "inspection"]
Form = Literal["xlsx", "csv", "csv-gb18030"]

PROGRESS_FIELDS = (
    "unit_code", "week", "responsibility_code", "item", "value", "numerator", "denominator", "done", "happened_on",
    "no_change", "reason", "measure", "next_step", "evidence",
)  # fmt: skip
INSPECTION_FIELDS = (
    "unit_code", "week", "responsibility_code", "item", "value", "numerator", "denominator", "done", "checked_on",
    "method", "sample_kind", "finding", "guidance",
)  # fmt: skip


@dataclass(frozen=True)
class Fault:
    """Something wrong in a file: `row` as a spreadsheet numbers it (0: the whole file), canonical `column`, kind."""

    row: int
    column: str
    kind: str
    raw: str = ""


@dataclass(frozen=True)
class Sending:
    """One file. `rows` hold canonical fields, only those that are filled in; a row's faults are named by position.

    `name` is the file name, `received_at` aware in UTC on an exact second, `other` the name of the file that this
    one repeats or corrects.
    """

    sender: str
    week_code: str
    name: str
    form: Form
    role: Role
    received_at: dt.datetime
    rows: list[dict[str, Any]]
    faults: tuple[tuple[int, str, str], ...] = ()
    other: str = ""
    is_broken: bool = False
    title: str = ""
    path: str = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "path", f"{self.sender}/{self.name}")

    @property
    def fields(self) -> tuple[str, ...]:
        """The canonical columns of the file, in order."""
        return INSPECTION_FIELDS if self.role == "inspection" else PROGRESS_FIELDS

    @property
    def first_row(self) -> int:
        """The number of the first data row: a workbook has a title and headings above it, a CSV headings."""
        return 3 if self.form == "xlsx" else 2
