"""The Great Expectations suites of a week, JSON in `expectations/`: written from `rules.py`, run once over all units.

`python -m ducha.intake.suites` writes the files again; a test fails when they drift. Great Expectations is imported
only where a validation runs: it takes seconds.
"""

from __future__ import annotations

import json
import os
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from ducha.intake.headings import KINDS
from ducha.intake.problems import say
from ducha.intake.reasons import NOTES, REASONS
from ducha.intake.rules import RULES, Rule

EXPECTATIONS = Path(__file__).resolve().parents[3] / "expectations"
NOT_NEGATIVE = "negative_number"
"""Checked on the numbers themselves; every other rule rests on the flag that `rules.flags` makes."""


class RuleBrokenError(RuntimeError):
    """A rule could not be evaluated: a fault of ours, never of the data."""


def suite_json(kind: str) -> dict[str, Any]:
    """Return the suite of `progress` or `inspection` as it stands in `expectations/<kind>.json`."""
    rules = [_expectation(rule) for rule in RULES if kind in rule.kinds]
    some_rows = {"type": "expect_table_row_count_to_be_between", "kwargs": {"min_value": 1}, "meta": {"rule": "rows"}}
    about = {
        "guards": f"canonical rows of kind {kind}, all units of one intake run",
        "written_by": "ducha.intake.suites",
    }
    return {"name": kind, "meta": about, "expectations": [some_rows, *rules]}


def _expectation(rule: Rule) -> dict[str, Any]:
    zh, en = say(rule.reason_code, field=rule.field, raw="…", want="…")
    meta = {"rule": rule.name, "reason_code": rule.reason_code, "field": rule.field, "zh": zh, "en": en}
    severity = "info" if rule.reason_code in NOTES else "critical"
    if rule.reason_code == NOT_NEGATIVE:
        kwargs: dict[str, Any] = {"column": rule.field, "min_value": 0}
        return {"type": "expect_column_values_to_be_between", "kwargs": kwargs, "meta": meta, "severity": severity}
    kwargs = {"column": rule.name, "value_set": [True]}
    return {"type": "expect_column_values_to_be_in_set", "kwargs": kwargs, "meta": meta, "severity": severity}


def write_suites(directory: Path = EXPECTATIONS) -> None:
    """Write the suites of all kinds as JSON."""
    directory.mkdir(exist_ok=True)
    for kind in KINDS:
        text = json.dumps(suite_json(kind), ensure_ascii=False, indent=1)
        (directory / f"{kind}.json").write_text(text + "\n", encoding="utf-8")


def validate(frame: pd.DataFrame, kind: str, directory: Path = EXPECTATIONS) -> dict[str, npt.NDArray[np.int64]]:
    """Run the suite of `kind` once over `frame`; return the index labels of the bad rows by rule.

    `frame`: the rules' flag columns, numerator and denominator; any integer index. RuleBrokenError when a rule raised
    or the table itself is not as expected.
    """
    gx = _great_expectations()
    suite = json.loads((directory / f"{kind}.json").read_text(encoding="utf-8"))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # its own deprecations, none of our doing
        context = gx.get_context(mode="ephemeral")
        context.variables.progress_bars = gx.data_context.types.base.ProgressBarsConfig(globally=False)
        source = context.data_sources.add_pandas(kind)
        whole = source.add_dataframe_asset(kind).add_batch_definition_whole_dataframe(kind)
        batch = whole.get_batch({"dataframe": frame})
        # Without index columns COMPLETE names bad rows by the frame's own index; with them it pays for every bad value,
        # and a week gone wrong takes 40 times as long.
        result = batch.validate(gx.ExpectationSuite(**suite), result_format={"result_format": "COMPLETE"})
    return {each.expectation_config.meta["rule"]: _bad_rows(each) for each in result.results}


def _bad_rows(result: Any) -> npt.NDArray[np.int64]:
    rule = result.expectation_config.meta["rule"]
    if result.exception_info and result.exception_info.get("raised_exception", True):
        raise RuleBrokenError(f"规则 {rule} 未能执行 · rule {rule} broke: {result.exception_info}")
    bad = np.array(result.result.get("unexpected_index_list") or [], dtype=np.int64)
    if not result.success and rule not in ALL_RULES:
        raise RuleBrokenError(f"规则 {rule} 不成立 · {rule} does not hold: {result.result}")
    if len(bad) != result.result.get("unexpected_count", 0):
        raise RuleBrokenError(f"规则 {rule} 的行数不符 · rule {rule}: {len(bad)} rows named of {result.result}")
    return bad


ALL_RULES = frozenset(rule.name for rule in RULES)


def _great_expectations() -> Any:
    os.environ.setdefault("GX_ANALYTICS_ENABLED", "false")  # nothing about a county's week leaves the machine
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import great_expectations as gx
    return gx


if __name__ == "__main__":
    assert all(rule.reason_code in REASONS for rule in RULES)  # noqa: S101 - a script's own check
    write_suites()
