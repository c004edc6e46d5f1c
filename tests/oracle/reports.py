"""The facts of a drawn county: submissions of each unit and week, their rows, the checks; as intake accepts them."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from typing import Any

import pandas as pd
from ducha.catalogue import Catalogue, Facts

from tests.unit.metrics import build

Row = dict[str, Any]

VALUES = (0.0, 100.0, 100.0, 10.0, 5.0, 20.0, 40.0, 50.0, 100.0, 3.3, -7.0, 1e-10, 33.3333333333, 12345.678)
DAY, HOUR = pd.Timedelta(days=1), pd.Timedelta(hours=1)


def one_of(draw: Random, *choices: Any) -> Any:
    return draw.choice(choices)


def sometimes(draw: Random, out_of: int) -> bool:
    """True once in `out_of` times, so that shrinking leads to False."""
    return draw.randint(1, out_of) == out_of


@dataclass(frozen=True)
class Duty:
    """What a report of an assignment looks like."""

    code: str
    unit_code: str
    measure: str
    time_basis: str
    daily: bool
    items: tuple[str, ...]

    @property
    def may_say_no_change(self) -> bool:
        return self.measure in ("total", "level", "rank", "stages") or self.time_basis == "to_date"


def duties_of(catalogue: Catalogue, year: int) -> list[Duty]:
    rows = catalogue.assignments.merge(catalogue.responsibilities, on=["plan_year", "responsibility_code"])
    items = catalogue.items[catalogue.items["plan_year"] == year]
    codes = items.groupby("responsibility_code")["item_code"].agg(tuple).to_dict()
    return [
        Duty(row.responsibility_code, row.unit_code, row.measure, row.time_basis, row.cadence == "daily",
             codes.get(row.responsibility_code, ("",)))
        for row in rows.itertuples() if row.plan_year == year
    ]  # fmt: skip


def facts_of(
    draw: Random, catalogue: Catalogue, fates: dict[str, str], asked: pd.Timestamp, span: list[pd.Timestamp]
) -> Facts:
    """Submissions of each unit and week, their rows, the checks; in the ledger's order."""
    progress: list[Row] = []
    inspections: list[Row] = []
    submissions: list[Row] = []
    withdrawals: list[Row] = []
    years = catalogue.weeks.set_index("week")["plan_year"].loc[span].astype(int).to_dict()
    duties_in = {year: duties_of(catalogue, year) for year in set(years.values())}
    silent = {code for code in catalogue.units["unit_code"] if sometimes(draw, 9)}
    pairs = zip(catalogue.assignments["unit_code"], catalogue.assignments["responsibility_code"], strict=True)
    unsaid = {pair for pair in pairs if sometimes(draw, 12)}
    diligent = sometimes(draw, 2)
    for week in span:
        duties = duties_in[years[week]]
        for code in catalogue.units["unit_code"]:
            own = [duty for duty in duties if duty.unit_code == code]
            if not own or code in silent:
                continue
            own = [duty for duty in own if (code, duty.code) not in unsaid and is_said(fates[duty.code], week, asked)]
            before: list[Row] = []
            for sent in sent_by(draw, code, week, len(submissions), diligent):
                said = own if sent["verdict"] == "accepted" else []
                rows = [row for duty in said for row in reported(draw, duty, fates[duty.code], sent, diligent, before)]
                before = rows or before
                if not rows and sent["verdict"] == "accepted":
                    sent["verdict"] = "returned"
                sent |= {"row_count": len(rows) + sent["rejected_rows"], "accepted_rows": len(rows)}
                submissions.append(sent)
                if pd.isna(sent["withdrawn_at"]):
                    progress += rows
                elif sent["withdrawn_at"] == sent["received_at"] + HOUR / 2:
                    withdrawals.append(withdrawn(sent))
        for duty in duties:
            if sometimes(draw, 8):
                inspections += checks_of(draw, duty, week)
    progress.sort(key=lambda row: row["known_at"])
    inspections.sort(key=lambda row: row["known_at"])
    return build.facts(progress, inspections, submissions, withdrawals)


def is_said(fate: str, week: pd.Timestamp, asked: pd.Timestamp) -> bool:
    return fate not in ("awaiting", "missing") and not (fate == "carried" and week >= asked)


def sent_by(draw: Random, code: str, week: pd.Timestamp, sent_before: int, diligent: bool) -> list[Row]:
    count = one_of(draw, 1, 1, 2) if diligent else one_of(draw, 1, 0, 2, 3)
    days = sorted(one_of(draw, 0, 1, 3, 4, 6, 30) for _ in range(count))
    rows: list[Row] = []
    for n, day in enumerate(days):
        at = build.local(week, 10) + day * DAY + n * HOUR
        verdict = (
            "accepted"
            if diligent and n == 0
            else one_of(draw, "accepted", "accepted", "accepted", "returned", "refused")
        )
        taken_back = verdict == "accepted" and not diligent and sometimes(draw, 7)
        rows.append(
            {
                "unit_code": code, "week": week, "kind": "progress", "verdict": verdict, "received_at": at,
                "submission_id": f"{code}-{week:%m%d}-{n}", "known_at": at, "ordinal": 10 * (sent_before + n) + 1,
                "rejected_rows": one_of(draw, 0, 0, 1, 2), "withdrawn_at": at + HOUR / 2 if taken_back else pd.NaT,
            }
        )  # fmt: skip
        if taken_back:  # a withdrawal takes back what has a smaller ordinal
            rows = [
                row | {"withdrawn_at": rows[-1]["withdrawn_at"]} if pd.isna(row["withdrawn_at"]) else row
                for row in rows
            ]
    return rows


def withdrawn(sent: Row) -> Row:
    at = sent["withdrawn_at"]
    return {"unit_code": sent["unit_code"], "week": sent["week"], "ordinal": sent["ordinal"] + 1, "received_at": at,
            "known_at": at, "reason": "mistaken"}  # fmt: skip


def reported(draw: Random, duty: Duty, fate: str, sent: Row, diligent: bool, before: list[Row]) -> list[Row]:
    """A duty's rows in a file; those of the file before, as it said them, are sometimes sent again."""
    base = {"unit_code": duty.unit_code, "responsibility_code": duty.code} | {
        key: sent[key] for key in ("week", "received_at", "known_at", "submission_id")
    }
    same = [row | base for row in before if row["responsibility_code"] == duty.code]
    if same and sometimes(draw, 3):
        return same
    if not diligent and sometimes(draw, 4):
        return []
    items = [f"{sent['week'] + n * DAY:%Y-%m-%d}" for n in range(7)] if duty.daily else list(duty.items)
    if len(items) > 1 and not diligent and sometimes(draw, 2):
        items = items[: draw.randint(1, len(items))]
    no_change = duty.may_say_no_change and sometimes(draw, 5)
    said = [{"no_change": True} if no_change else figure(draw, duty, sent["week"], diligent) for _ in items]
    if fate == "unknown" and duty.measure in ("ratio", "average") and not no_change:
        said = [given | {"numerator": given.get("numerator", float("nan")) * 0, "denominator": 0.0} for given in said]
    return [base | {"item": item} | given for item, given in zip(items, said, strict=True)]


def figure(draw: Random, duty: Duty, week: pd.Timestamp, diligent: bool = False) -> Row:
    if duty.measure == "stages":
        happened_on = week + draw.randint(-10, 12) * DAY if sometimes(draw, 2) else pd.NaT
        is_done = one_of(draw, True, True, False)
        return {"done": is_done, "happened_on": happened_on if is_done else pd.NaT}
    if duty.measure == "ratio":
        denominator = one_of(draw, 10.0, 4.0, 0.0, 3.0)
        return {"numerator": denominator * one_of(draw, 1.0, 0.5, 0.0, 0.3), "denominator": denominator}
    if duty.measure == "red_line":
        return {"value": 0.0 if diligent else one_of(draw, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0)}
    if duty.measure == "rank":
        return {"value": one_of(draw, 1.0, 3.0, 5.0, 6.0, 10.0), "denominator": 11.0}
    if duty.measure == "average":
        return {"value": one_of(draw, *VALUES), "denominator": one_of(draw, float("nan"), 1.0, 3.0, 0.0)}
    return {"value": one_of(draw, *VALUES)}


def checks_of(draw: Random, duty: Duty, week: pd.Timestamp) -> list[Row]:
    """One check of a week, or two of which the later speaks."""
    at = build.local(week, 15)
    item = f"{week:%Y-%m-%d}" if duty.daily else one_of(draw, *duty.items)
    rows = []
    for n in range(one_of(draw, 1, 1, 2)):
        given = figure(draw, duty, week)
        given.pop("happened_on", None)
        rows.append(
            {
                "unit_code": duty.unit_code, "week": week, "responsibility_code": duty.code, "item": item,
                "sample_kind": one_of(draw, "random", "risk"), "method": "on site", "checked_on": week + DAY,
                "received_at": at + n * DAY, "known_at": at + n * DAY, "submission_id": f"I-{week:%m%d}-{n}",
            } | given
        )  # fmt: skip
    return rows
