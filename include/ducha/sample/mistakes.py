"""Mistakes that clerks make in a row: each kind spoils one row of a file that was in order, and says where."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

from ducha.sample.sending import WORKBOOK, ErrorCell, FormulaCell, Sending

Row = dict[str, Any]
Fault = tuple[int, str, str]
"""Position of the row, canonical column, kind."""
PHONE = "13800000000"
"""A number that is nobody's; the source's line that no personal data enters is tried with it."""
IDENTITY = "990001190001010009"
"""An identity number of a place and a day that nobody has."""
ADDING = ("responsibility_unknown", "contradictory_rows")
"""Kinds that add a row of their own at the end."""

SINGLE = ("total", "level", "range", "rank", "flow", "average")
RUNNING = ("total", "level")


@dataclass(frozen=True)
class Mistake:
    """One kind: the measures and the field that a row must have, and what is written in its place (None: nothing)."""

    column: str
    measures: tuple[str, ...]
    needs: str
    write: Callable[[Row, Random], Any]
    in_workbooks_only: bool = False


def _always(*choices: Any) -> Callable[[Row, Random], Any]:
    return lambda _, rng: rng.choice(choices)


def _weeks_ahead(row: Row, _: Random) -> str:
    monday = dt.date.fromisocalendar(int(row["week"][:4]), int(row["week"][6:]), 1) + dt.timedelta(weeks=3)
    return f"{monday.isocalendar().year}-W{monday.isocalendar().week:02d}"


ANY = (*SINGLE, "ratio", "stages", "red_line")
MISTAKES: dict[str, Mistake] = {
    "number_unreadable": Mistake("value", SINGLE, "value", _always("约50%", "三成", "基本完成", "—")),
    "phone_number": Mistake("reason", ANY, "", _always(f"详情请联系经办人{PHONE}")),
    "pair_incomplete": Mistake("denominator", ("ratio",), "denominator", _always(None)),
    "stage_without_answer": Mistake("done", ("stages",), "done", _always(None)),
    "week_unreadable": Mistake("week", ANY, "", _always("本周", "2022-W60")),
    "error_value": Mistake("value", SINGLE, "value", _always(ErrorCell("#DIV/0!"), ErrorCell("#REF!")), True),
    "events_not_counted": Mistake("value", ("red_line",), "value", _always(0.5, -1)),
    "wrong_unit": Mistake("unit_code", ANY, "", _always("X99")),
    "value_missing": Mistake("value", ("total", "level", "flow", "range", "average", "rank"), "value", _always(None)),
    "date_unreadable": Mistake("happened_on", ("stages",), "happened_on", _always("上月底", "2022-02-30")),
    "unit_of_measure_wrong": Mistake("value", (*RUNNING, "flow"), "value", lambda row, _: f"{row['value']}光年"),
    "negative_number": Mistake("numerator", ("ratio",), "numerator", _always(-3)),
    "formula_without_result": Mistake("value", SINGLE, "value", _always(FormulaCell("SUM(A1:A2)")), True),
    "week_in_future": Mistake("week", ANY, "", _weeks_ahead),
    "item_unknown": Mistake("item", ("stages", *RUNNING), "", _always("第九批")),
    "flag_unreadable": Mistake("done", ("stages",), "done", _always("快了", "部分")),
    "rank_above_count": Mistake("value", ("rank",), "denominator", lambda row, _: row["denominator"] + 3),
    "identity_number": Mistake("measure", ANY, "", _always(f"由{IDENTITY}负责")),
    "wrong_column": Mistake("value", ("ratio",), "numerator", lambda row, _: row["numerator"]),
    "no_change_with_value": Mistake("no_change", RUNNING, "value", _always(True)),
    "no_change_not_allowed": Mistake("no_change", ("flow", "average", "range"), "value", _always(True)),
    "date_in_future": Mistake("happened_on", ("stages",), "happened_on", lambda row, _: row["happened_on"].replace(
        year=row["happened_on"].year + 1, day=1)),
    "hidden_row": Mistake("responsibility_code", ANY, "", lambda row, _: row["responsibility_code"], True),
}  # fmt: skip
KINDS = (*MISTAKES, *ADDING)


def spoil(
    sending: Sending, kinds: Sequence[str], measures: Mapping[str, str], rng: Random, limit: int
) -> Sending | None:
    """Return the file with a mistake of each of the first `limit` kinds that it has a row for, one a row, or None."""
    rows = [dict(row) for row in sending.rows]
    faults: list[Fault] = []
    hidden = set()
    for kind in kinds:
        if len({kind for _, _, kind in faults}) == limit:
            break
        taken = {position for position, _, _ in faults}
        free = [n for n in range(len(sending.rows)) if n not in taken and "no_change" not in rows[n]]
        if faults and len(free) < 2 and kind != "responsibility_unknown":
            continue  # at least one row stays good
        found = _added(kind, rows, free) if kind in ADDING else _made(kind, rows, free, sending, measures, rng)
        faults += found
        if kind == "hidden_row":
            hidden |= {position for position, _, _ in found}
    if not faults:
        return None
    return dataclasses.replace(sending, rows=rows, faults=tuple(faults), hidden=frozenset(hidden))


def _made(
    kind: str, rows: list[Row], free: list[int], sending: Sending, measures: Mapping[str, str], rng: Random
) -> list[Fault]:
    mistake = MISTAKES[kind]
    if mistake.in_workbooks_only and sending.form != WORKBOOK:
        return []
    fitting = [
        n
        for n in free
        if measures.get(rows[n]["responsibility_code"]) in mistake.measures
        and (not mistake.needs or mistake.needs in rows[n])
    ]
    if not fitting:
        return []
    at = rng.choice(fitting)
    row, written = rows[at], mistake.write(rows[at], rng)
    if written is None:
        row.pop(mistake.column, None)
    else:
        row[mistake.column] = written
    if kind == "no_change_not_allowed":
        row.pop("value", None)
        row.pop("denominator", None)
    column = "value" if kind == "no_change_with_value" else mistake.column
    return [(at, column, kind)]


def _added(kind: str, rows: list[Row], free: list[int]) -> list[Fault]:
    if kind == "responsibility_unknown":
        keys = ("unit_code", "week")
        rows.append(
            {name: rows[0][name] for name in keys if name in rows[0]} | {"responsibility_code": "XX-99", "value": 1}
        )
        return [(len(rows) - 1, "responsibility_code", kind)]
    figures = [n for n in free if "value" in rows[n]]
    if not figures:
        return []
    at = figures[0]
    rows.append(rows[at] | {"value": rows[at]["value"] + 1})
    return [(at, "responsibility_code", kind), (len(rows) - 1, "responsibility_code", kind)]
