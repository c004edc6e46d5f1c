"""The Great Expectations suites of the marts, JSON in `expectations/`, run over figures before they are shown."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

import pandas as pd

from ducha import gx

NAMED = 20
"""So many bad rows of one expectation are named."""


@cache
def suite_of(table: str) -> dict[str, Any]:
    """Return the suite of a table of schema `mart` as it stands in `expectations/<table>.json`."""
    suite: dict[str, Any] = json.loads((gx.EXPECTATIONS / f"{table}.json").read_text(encoding="utf-8"))
    return suite


def unmet(
    figures: Mapping[str, pd.DataFrame], keys: Mapping[str, tuple[str, ...]]
) -> Iterator[tuple[str, str, str, str]]:
    """Yield what does not hold: table, figure (key and column), what was expected (zh · en) and what was found.

    `figures`: tables of a week by name; `keys`: the columns that name a row, by table. An expectation that could not be
    evaluated did not hold.
    """
    filled = {name: (frame.reset_index(drop=True), suite_of(name)) for name, frame in figures.items() if len(frame)}
    found = gx.validate(filled, "BOOLEAN_ONLY")
    for name, results in found.items():
        unsound = [each for each in results if not each.success]
        if unsound:
            named = [each for each in gx.validate({name: filled[name]}, "COMPLETE")[name] if not each.success]
            for each in named or unsound:
                yield from _named(name, filled[name][0], keys[name], each)


def _named(
    table: str, frame: pd.DataFrame, keys: tuple[str, ...], verdict: gx.Verdict
) -> Iterator[tuple[str, str, str, str]]:
    """One line a bad row, or one for the table where no row is to blame."""
    columns = [verdict.kwargs[name] for name in ("column", "column_A", "column_B") if name in verdict.kwargs]
    expected = f"{verdict.meta['zh']} · {verdict.meta['en']}"
    rows = (verdict.result.get("unexpected_index_list") or [])[:NAMED]
    for label in rows:
        row = frame.loc[label]
        figure = " ".join([table, *(str(row[name]) for name in keys), columns[0]])
        yield table, figure, expected, " / ".join(str(row[name]) for name in columns)
    if not rows:
        said = verdict.result.get("observed_value", verdict.exception)
        yield table, " ".join([table, *columns[:1]]), expected, str(said)
