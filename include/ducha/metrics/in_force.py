"""Which fact is in force (现行值): reports and checks as integer grids of rows × weeks (`metrics.md` section 1)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pandas as pd

from ducha.catalogue import Facts
from ducha.metrics.roster import Roster, days
from ducha.metrics.terms import NO_CHANGE_MEASURES, Days, Flags, Floats, Ints

COLUMNS = (
    "item", "value", "numerator", "denominator", "done", "happened_on", "no_change", "method", "sample_kind",
    "submission_id", "received_at", "known_at",
)  # fmt: skip
"""What metrics reads of a fact; explanations and findings are for people."""

NONE = -1
"""Position or column where there is no fact."""


@dataclass(frozen=True)
class Held:
    """For each key (an assignment, or one of its items) the fact of every week, and the last week that has one.

    `own`: keys × weeks, position of the week's own fact in its latest version, -1 without one. `last`: keys × weeks,
    the greatest week ≤ the column that has a fact, -1 before the first.
    """

    own: npt.NDArray[np.int32]
    last: npt.NDArray[np.int16]

    def week_at(self, column: int) -> Ints:
        """Return by key the week of the fact in force at a column."""
        return self.last[:, column].astype(np.int64)

    def fact_at(self, column: int) -> Ints:
        """Return by key the position of the fact in force at a column."""
        return self.fact_of(np.full(len(self.last), column, dtype=np.int64))

    def fact_of(self, columns: Ints) -> Ints:
        """Return by key the position of the fact in force at its own column; -1 for column -1."""
        keys = np.arange(len(self.last))
        week = np.where(columns >= 0, self.last[keys, columns], NONE)
        return np.where(week >= 0, self.own[keys, week], NONE).astype(np.int64)


@dataclass(frozen=True)
class Coded:
    """Facts of the roster's rows and weeks, later versions after earlier ones.

    `frame`: row, col (positions), upper, lower (see `_figures`), is_usable and those of `COLUMNS` that the source has.
    `any`: every usable fact by row. `said`: those with a figure of their own, not "no change", by row. `by_item`: the
    latter by position in `Roster.items`.
    """

    frame: pd.DataFrame
    any: Held
    said: Held
    by_item: Held

    def upper(self, positions: Ints) -> Floats:
        return self._at("upper", positions)

    def lower(self, positions: Ints) -> Floats:
        return self._at("lower", positions)

    def _at(self, column: str, positions: Ints) -> Floats:
        """The figures at positions; position -1 finds the NaN behind the last."""
        if column not in self._figures:
            self._figures[column] = np.append(self.frame[column].to_numpy(dtype=np.float64), np.nan)
        result: Floats = self._figures[column][positions]
        return result

    @cached_property
    def _figures(self) -> dict[str, Floats]:
        return {}

    @cached_property
    def done(self) -> Flags:
        """By fact whether it says done; False behind the last, where position -1 looks."""
        return np.append(self.frame["done"].fillna(False).to_numpy(dtype=bool), False)

    @cached_property
    def happened_on(self) -> Days:
        """By fact the day that it names; NaT behind the last."""
        return np.append(days(self.frame["happened_on"]), np.datetime64("NaT", "D"))


def code_reports(facts: Facts, roster: Roster) -> Coded:
    """Return the accepted progress facts of the roster's plan year up to its week."""
    return _coded(facts.progress, roster)


def code_checks(facts: Facts, roster: Roster) -> Coded:
    """Return the inspections of the roster's plan year up to its week; a check never says "no change"."""
    return _coded(facts.inspections.assign(no_change=False), roster)


def _coded(facts: pd.DataFrame, roster: Roster) -> Coded:
    frame = _place(facts, roster)
    row, col = frame["row"].to_numpy(), frame["col"].to_numpy()
    pair = _item_positions(frame, roster)
    upper, lower = _figures(frame, roster)
    usable = _usable(frame, roster, upper, lower, pair)
    frame = frame.assign(upper=upper, lower=lower, is_usable=usable)
    said = usable & ~frame["no_change"].to_numpy(dtype=bool)
    width = len(roster.weeks)
    return Coded(
        frame,
        _hold(row, col, usable, (len(roster.rows), width)),
        _hold(row, col, said, (len(roster.rows), width)),
        _hold(pair, col, said & (pair >= 0), (len(roster.items), width)),
    )


def _place(facts: pd.DataFrame, roster: Roster) -> pd.DataFrame:
    """Add row and col, drop what belongs to no row or week of the roster, order versions by when they were known."""
    col = pd.Index(roster.weeks["week"]).get_indexer(pd.Index(facts["week"]))
    r = _positions(facts["responsibility_code"], roster.responsibilities["responsibility_code"])
    u = _positions(facts["unit_code"], roster.units["unit_code"])
    table = np.full((len(roster.responsibilities) + 1, len(roster.units) + 1), NONE, dtype=np.int64)
    table[roster.rows["r"], roster.rows["u"]] = np.arange(len(roster.rows))
    row = table[r, u]
    kept = facts[[column for column in COLUMNS if column in facts]]
    frame = kept.assign(row=row, col=col.astype(np.int64))
    inside = (row >= 0) & (col >= 0)
    frame = frame if inside.all() else frame[inside]
    known, week = frame["known_at"].to_numpy(dtype="datetime64[us]").astype(np.int64), frame["col"].to_numpy()
    # The frame's own order decides between facts known at one instant: it is the ledger's order.
    in_order = bool(np.all((np.diff(week) > 0) | ((np.diff(week) == 0) & (np.diff(known) >= 0))))
    order = slice(None) if in_order else np.lexsort((known, week))
    ordered: pd.DataFrame = frame.iloc[order].reset_index(drop=True)
    return ordered


def _positions(codes: pd.Series, listed: pd.Series) -> Ints:
    """Return the position of each code in `listed`, -1 for an unknown one; each distinct code is looked up once."""
    seen, distinct = pd.factorize(codes)
    found = np.append(pd.Index(listed).get_indexer(pd.Index(distinct)), NONE)
    result: Ints = found[seen].astype(np.int64)
    return result


def _of_measure(frame: pd.DataFrame, roster: Roster, *measures: str) -> Flags:
    """Return which facts belong to a row of these measures."""
    result: Flags = np.isin(roster.measures, measures)[frame["row"].to_numpy()]
    return result


def _figures(frame: pd.DataFrame, roster: Roster) -> tuple[Floats, Floats]:
    """Return each fact as a pair upper, lower: numerator and denominator, Σ value·n and n, or the value and 1."""
    is_ratio, is_average = _of_measure(frame, roster, "ratio"), _of_measure(frame, roster, "average")
    upper = frame["value"].to_numpy(dtype=np.float64, copy=True)
    lower = np.ones(len(frame))
    denominator = frame["denominator"].to_numpy(dtype=np.float64)
    upper[is_ratio] = frame["numerator"].to_numpy(dtype=np.float64)[is_ratio]
    lower[is_ratio] = denominator[is_ratio]
    size = denominator[is_average]
    lower[is_average] = np.where(np.isnan(size), 1.0, size)
    upper[is_average] *= lower[is_average]
    return upper, lower


def _item_positions(frame: pd.DataFrame, roster: Roster) -> Ints:
    """Return the position of each fact's row × item in `Roster.items`, -1 when there is none."""
    found: Ints = np.full(len(frame), NONE, dtype=np.int64)
    facts = np.flatnonzero(_of_measure(frame, roster, "stages"))
    if roster.items.empty or not len(facts):
        return found
    names = pd.concat([roster.items["item"], frame["item"].iloc[facts]], ignore_index=True)
    item: Ints = pd.factorize(names)[0]
    row = np.concatenate([roster.items["row"].to_numpy(), frame["row"].to_numpy()[facts]])
    key = row * (int(item.max()) + 1) + item
    listed = len(roster.items)
    found[facts] = pd.Index(key[:listed]).get_indexer(pd.Index(key[listed:]))
    return found


def _usable(frame: pd.DataFrame, roster: Roster, upper: Floats, lower: Floats, pair: Ints) -> Flags:
    """Return which facts the row's measure can use: a figure of its kind, or "no change" where that is a report."""
    row = frame["row"].to_numpy()
    is_period = (roster.measures == "ratio") & (roster.texts("time_basis") == "period")
    may_stand_still = (np.isin(roster.measures, NO_CHANGE_MEASURES) & ~is_period)[row]
    stages, red_line = _of_measure(frame, roster, "stages"), _of_measure(frame, roster, "red_line")
    is_whole = (frame["item"] == "").to_numpy()
    figure = np.where(
        stages,
        frame["done"].notna().to_numpy() & (pair >= 0),
        ~np.isnan(upper) & ~np.isnan(lower) & (red_line | is_whole),
    )
    result: Flags = np.where(frame["no_change"], may_stand_still & (stages | is_whole), figure).astype(bool)
    return result


def _hold(keys: Ints, columns: Ints, chosen: Flags, shape: tuple[int, int]) -> Held:
    """Lay facts on a grid; they come in version order, so the last one written into a cell is the latest."""
    own = np.full(shape, NONE, dtype=np.int32)
    positions = np.flatnonzero(chosen)
    own[keys[positions], columns[positions]] = positions
    seen = np.where(own >= 0, np.arange(shape[1], dtype=np.int16), np.int16(NONE))
    return Held(own, np.maximum.accumulate(seen, axis=1))
