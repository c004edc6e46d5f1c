"""How units report (报送质量): `submission_week`, completeness, timeliness, first-pass validity (`metrics.md` 4)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from ducha.catalogue import Facts
from ducha.metrics.in_force import Coded
from ducha.metrics.roster import Roster
from ducha.metrics.terms import Flags, Floats, Ints, quotient

VALUE_COLUMNS = ["value", "numerator", "denominator", "done", "happened_on", "no_change"]
RETURNED = ("returned", "refused")


@dataclass(frozen=True)
class Arrivals:
    """Progress submissions of the week by unit, in ledger order; `u` is the unit's position."""

    all: pd.DataFrame
    standing: pd.DataFrame
    deadline: pd.Series
    """By unit: the cut-off, or later where the county grants hours after a returned workbook."""


def arrivals_of(facts: Facts, roster: Roster) -> Arrivals:
    """Return the week's progress submissions; one from a unit that the catalogue does not know is left out."""
    week = roster.weeks.iloc[-1]
    sent = facts.submissions
    sent = sent[(sent["kind"] == "progress") & (sent["week"] == week["week"])]
    u = pd.Index(roster.units["unit_code"]).get_indexer(pd.Index(sent["unit_code"]))
    sent = sent.assign(u=u)[u >= 0].sort_values(["ordinal", "known_at"], kind="stable")
    deadline = _deadlines(sent, week["cut_off_at"], roster.settings.grace_hours, len(roster.units))
    return Arrivals(sent, sent[sent["withdrawn_at"].isna()], deadline)


def submission_rows(
    roster: Roster, facts: Facts, reports: Coded, arrivals: Arrivals, rows: pd.DataFrame
) -> pd.DataFrame:
    """Return `submission_week` without its week: one row a unit, also for those that owe nothing.

    `expected_rows` are assignments; `accepted_rows` those of them with an accepted, standing report for the week,
    `on_time_rows` those whose first such report came by the cut-off; `is_in_grace`: on time only by granted hours.
    `versions` counts every arrival, `withdrawn_count` the withdrawals that found something standing, `rejected_rows`
    the rows refused in what stands.
    """
    size, cut_off_at = len(roster.units), roster.weeks.iloc[-1]["cut_off_at"]
    expected, accepted, on_time = row_counts(roster, reports, arrivals, rows)
    standing, everything = arrivals.standing, arrivals.all
    with_rows = standing[standing["accepted_rows"] > 0]
    first_standing = _by_unit(with_rows.groupby("u")["received_at"].min(), size)
    returned = standing[standing["verdict"].isin(RETURNED)]
    came = everything.groupby("u")["received_at"]
    table = pd.DataFrame(
        {
            "unit_code": roster.units["unit_code"],
            "expected_rows": expected,
            "accepted_rows": accepted,
            "on_time_rows": on_time,
            "changed_late_rows": changed_late(roster, reports, arrivals),
            "rejected_rows": _by_unit(standing.groupby("u")["rejected_rows"].sum(), size).fillna(0).astype("int64"),
            "first_received_at": _by_unit(came.min(), size),
            "last_received_at": _by_unit(came.max(), size),
            "is_on_time": first_standing <= arrivals.deadline,
            "is_in_grace": (first_standing > cut_off_at) & (first_standing <= arrivals.deadline),
            "versions": _by_unit(came.size(), size).fillna(0).astype("int64"),
            "withdrawn_count": withdrawn_counts(roster, facts, everything),
            "returned_at": _by_unit(returned.groupby("u")["received_at"].last(), size),
        }
    )
    owes, sent = table["expected_rows"] > 0, table["versions"] > 0
    stands = _by_unit(standing.groupby("u").size(), size).notna()
    table["status"] = np.select(
        [~owes, ~sent, ~stands, first_standing.isna(), table["is_on_time"].to_numpy(dtype=bool)],
        ["not_expected", "missing", "withdrawn", "returned", "on_time"],
        "late",
    )
    for flag in ("is_on_time", "is_in_grace"):
        table[flag] = table[flag].astype("boolean").where(owes | sent)
    return table


def row_counts(roster: Roster, reports: Coded, arrivals: Arrivals, rows: pd.DataFrame) -> tuple[Ints, Ints, Ints]:
    """Return by unit the expected rows, those reported for the week, and those first reported by the cut-off."""
    unit, size = roster.rows["u"].to_numpy(), len(roster.units)
    is_expected = rows["is_expected"].to_numpy(dtype=bool)
    facts = _of_week(reports, roster)
    first = facts.groupby("row")["received_at"].min().reindex(range(len(roster.rows)))
    came = first.notna().to_numpy()
    in_time = (first.reset_index(drop=True) <= arrivals.deadline.iloc[unit].reset_index(drop=True)).to_numpy()

    def count(chosen: Flags) -> Ints:
        return np.bincount(unit[is_expected & chosen], minlength=size)

    return count(np.ones(len(unit), dtype=bool)), count(came), count(came & in_time)


def changed_late(roster: Roster, reports: Coded, arrivals: Arrivals) -> Ints:
    """Return by unit the rows whose value for the week was sent by the cut-off and stands changed after it."""
    keys = ["row", "item"]
    facts = without_repeats(_of_week(reports, roster))
    facts = facts[facts.duplicated(keys, keep=False)]
    if facts.empty:
        return np.zeros(len(roster.units), dtype=np.int64)
    deadline = arrivals.deadline.iloc[roster.rows["u"].to_numpy()[facts["row"].to_numpy()]].to_numpy()
    in_time = facts[facts["received_at"].to_numpy() <= deadline].drop_duplicates(keys, keep="last")
    final = facts.drop_duplicates(keys, keep="last")
    pairs = in_time.merge(final, on=keys, suffixes=("", "_final"))
    differs = np.zeros(len(pairs), dtype=bool)
    for column in VALUE_COLUMNS:
        was, became = pairs[column], pairs[f"{column}_final"]
        same = (was == became).fillna(False) | (was.isna() & became.isna())
        differs |= ~same.to_numpy(dtype=bool)
    changed = pairs.loc[differs, "row"].unique()
    return np.bincount(roster.rows["u"].to_numpy()[changed], minlength=len(roster.units))


def withdrawn_counts(roster: Roster, facts: Facts, sent: pd.DataFrame) -> Ints:
    """Return by unit the withdrawals of the week that took something back: a submission came since the one before."""
    week = roster.weeks["week"].iloc[-1]
    taken = facts.withdrawals[facts.withdrawals["week"] == week]
    u = pd.Index(roster.units["unit_code"]).get_indexer(pd.Index(taken["unit_code"]))
    taken = taken.assign(u=u, is_withdrawal=True)[u >= 0]
    columns = ["u", "ordinal", "is_withdrawal"]
    # A submission with the ordinal of a withdrawal comes after it: only smaller ordinals are taken back.
    events = pd.concat([taken[columns], sent.assign(is_withdrawal=False)[columns]], ignore_index=True)
    events = events.sort_values(["u", "ordinal", "is_withdrawal"], ascending=[True, True, False], kind="stable")
    before = events["is_withdrawal"].shift(1, fill_value=True).astype(bool)
    is_first = events["u"] != events["u"].shift(1)
    took = events["is_withdrawal"].astype(bool) & ~before & ~is_first
    return np.bincount(events.loc[took, "u"].astype("int64"), minlength=len(roster.units))


def reporting_shares(submissions: pd.DataFrame, arrivals: Arrivals) -> dict[str, Floats]:
    """Return by unit completeness and timeliness (of the expected rows) and first-pass validity (first submission)."""
    expected, accepted, on_time = (
        submissions[column].to_numpy(dtype=np.float64) for column in ("expected_rows", "accepted_rows", "on_time_rows")
    )
    first = arrivals.all.drop_duplicates("u").set_index("u").reindex(range(len(submissions)))
    accepted_first, rows_first = (first[c].to_numpy(dtype=np.float64) for c in ("accepted_rows", "row_count"))
    return {
        "completeness": quotient(accepted, expected),
        "timeliness": quotient(on_time, expected),
        "first_pass_validity": quotient(accepted_first, rows_first),
    }


def without_repeats(facts: pd.DataFrame) -> pd.DataFrame:
    """Return a week's facts without each "no change" that follows a figure of the same row and item: it repeats it."""
    figure = ~facts["no_change"].astype(bool)
    follows = figure.groupby([facts["row"], facts["item"]]).cumsum() > 0
    return facts[figure | ~follows]


def _of_week(reports: Coded, roster: Roster) -> pd.DataFrame:
    return reports.frame[reports.frame["col"] == roster.now]


def _deadlines(sent: pd.DataFrame, cut_off_at: pd.Timestamp, grace_hours: float, size: int) -> pd.Series:
    """By unit: the cut-off, or the granted hours after its last workbook that came by then and was returned."""
    deadline = pd.Series([cut_off_at] * size, dtype=pd.DatetimeTZDtype("us", "UTC"))
    if not grace_hours:
        return deadline
    returned = sent[sent["verdict"].isin(RETURNED) & (sent["received_at"] <= cut_off_at)]
    granted = _by_unit(returned.groupby("u")["received_at"].max() + pd.Timedelta(hours=grace_hours), size)
    return deadline.where(~(granted > deadline), granted)


def _by_unit(values: pd.Series, size: int) -> pd.Series:
    return values.reindex(range(size))
