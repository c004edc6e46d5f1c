"""One file that a sender sends: what stands in it, what is wrong with it, when it comes, and by whose hand."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from ducha.sample.hands import OFFICE, Hand

Role = Literal["report", "zero_reports", "correction", "duplicate", "resaved", "inspection"]
Form = Literal["xlsx", "csv", "csv-bom", "csv-gb18030", "json", "json-bom"]
WORKBOOK: Form = "xlsx"

PROGRESS_FIELDS = (
    "unit_code", "week", "responsibility_code", "item", "value", "numerator", "denominator", "done", "happened_on",
    "no_change", "reason", "measure", "next_step", "evidence",
)  # fmt: skip
INSPECTION_FIELDS = (
    "unit_code", "week", "responsibility_code", "item", "value", "numerator", "denominator", "done", "checked_on",
    "method", "sample_kind", "finding", "guidance",
)  # fmt: skip


class ErrorCell(str):
    """A cell whose formula ended in an error, such as #DIV/0!."""

    __slots__ = ()


class FormulaCell(str):
    """A formula whose result the program did not save."""

    __slots__ = ()


@dataclass(frozen=True)
class Fault:
    """Something wrong in a file: `row` as a spreadsheet numbers it (0: the whole file), canonical `column`, kind.

    `cell` is its address ('' where the column is not in the file, or the whole row is meant), `raw` what stands there.
    """

    row: int
    column: str
    cell: str
    kind: str
    raw: str = ""


@dataclass(frozen=True)
class Sending:
    """One file. `rows` hold canonical fields, only those that are filled in; a row's faults are named by position.

    `name` is the file name, `received_at` aware in UTC on an exact second, `other` the name of the file that this
    one repeats or corrects, `hostile` what makes the whole file unreadable ('' for an honest one), `units` the unit of
    measure by responsibility, `hidden` positions of rows that the workbook hides.
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
    hostile: str = ""
    title: str = ""
    hand: Hand = OFFICE
    units: Mapping[str, str] = field(default_factory=dict)
    hidden: frozenset[int] = frozenset()
    path: str = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "path", f"{self.sender}/{self.name}")

    @property
    def fields(self) -> tuple[str, ...]:
        """The canonical columns of the form, in order."""
        return INSPECTION_FIELDS if self.role == "inspection" else PROGRESS_FIELDS

    @property
    def first_row(self) -> int:
        """The number of the first data row; a CSV has its headings in row 1, JSON is counted as if it had."""
        return self.hand.titles + 2 if self.form == WORKBOOK else 2


@dataclass(frozen=True)
class TakenBack:
    """A unit withdraws (撤回) all that it has sent for a week so far."""

    unit_code: str
    week_code: str
    at: dt.datetime
    reason: str
