"""The Great Expectations suites of a week, JSON in `expectations/`: written from `rules.py`, run once over all units.

`python -m ducha.intake.suites` writes the files again; a test fails when they drift. Great Expectations is imported
only where a validation runs: it takes seconds.
"""

from __future__ import annotations

import gc
import json
import os
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from importlib.util import LazyLoader, find_spec, module_from_spec
from pathlib import Path
from threading import Thread
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from ducha.intake.headings import KINDS
from ducha.intake.problems import say
from ducha.intake.reasons import REASONS
from ducha.intake.rules import RULES, fields_of

EXPECTATIONS = Path(__file__).resolve().parents[3] / "expectations"


ALL_ROWS = "*"


class RuleBrokenError(RuntimeError):
    """A rule could not be evaluated: a fault of ours, never of the data."""


def suite_json(kind: str) -> dict[str, Any]:
    """Return the suite of `progress` or `inspection` as it stands in `expectations/<kind>.json`."""
    some_rows = {
        "type": "expect_table_row_count_to_be_between",
        "kwargs": {"min_value": 1},
        "meta": {"field": ALL_ROWS},
    }
    about = {
        "guards": f"canonical rows of kind {kind}, all units of one intake run",
        "written_by": "ducha.intake.suites",
    }
    return {
        "name": kind, "meta": about, "expectations": [some_rows, *(_expectation(kind, f) for f in fields_of(kind))]
    }  # fmt: skip


def _expectation(kind: str, field: str) -> dict[str, Any]:
    """No finding in this cell of any row; the rules that may find something, each with both messages, in `meta`."""
    rules = []
    for rule in RULES:
        if rule.field == field and kind in rule.kinds:
            zh, en = say(rule.reason_code, field=field, raw="…", want="…")
            severity = REASONS[rule.reason_code].scope
            rules.append({"rule": rule.name, "reason_code": rule.reason_code, "returns": severity, "zh": zh, "en": en})
    meta = {"field": field, "rules": rules}
    return {
        "type": "expect_column_values_to_be_null",
        "kwargs": {"column": field},
        "meta": meta,
        "severity": "critical",
    }


def write_suites(directory: Path = EXPECTATIONS) -> None:
    """Write the suites of all kinds as JSON."""
    directory.mkdir(exist_ok=True)
    for kind in KINDS:
        text = json.dumps(suite_json(kind), ensure_ascii=False, indent=1)
        (directory / f"{kind}.json").write_text(text + "\n", encoding="utf-8")


def validate(
    frame: pd.DataFrame, kind: str, directory: Path = EXPECTATIONS
) -> dict[str, tuple[npt.NDArray[np.int64], list[str]]]:
    """Run the suite of `kind` once over `frame`; return by field the index labels of bad rows and their reason codes.

    `frame`: `rules.findings` of the rows of that kind; any integer index. RuleBrokenError when an expectation raised or
    the table itself is not as expected.
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
    bad = {}
    for each in result.results:
        field, labels = each.expectation_config.meta["field"], _bad_rows(each)
        if field in frame:
            bad[field] = labels, frame.loc[labels, field].astype(str).tolist()
    return bad


def _bad_rows(result: Any) -> npt.NDArray[np.int64]:
    field = result.expectation_config.meta["field"]
    if result.exception_info and result.exception_info.get("raised_exception", True):
        raise RuleBrokenError(f"{field}: 校验未能执行 · the check broke: {result.exception_info}")
    if field == ALL_ROWS and not result.success:
        raise RuleBrokenError(f"没有可校验的行 · no rows to check: {result.result}")
    bad = np.array(result.result.get("unexpected_index_list") or [], dtype=np.int64)  # its list of values stops at 200
    if len(bad) != result.result.get("unexpected_count", 0):
        raise RuleBrokenError(f"{field}: 行数不符 · rows do not add up: {len(bad)} named, {result.result}")
    return bad


def warm_up() -> None:
    """Begin to import Great Expectations, so that it is there when the files have been read."""
    _importing()


@cache
def _importing() -> Thread:
    """The one import of this process, in a thread of its own.

    Whoever needs the library waits for it: the filter for warnings is the whole process's, two of them must not cross.
    """
    thread = Thread(target=_import_quietly, name="great_expectations", daemon=True)
    thread.start()
    return thread


def _import_quietly() -> None:
    """Import it without its warnings, and without the garbage collector, which would take a fifth of it for nothing."""
    os.environ.setdefault("GX_ANALYTICS_ENABLED", "false")  # nothing about a county's week leaves the machine
    with warnings.catch_warnings(), _uncollected(), _giving_way():
        warnings.simplefilter("ignore")
        _load_when_asked("scipy", "stats")
        import great_expectations  # noqa: F401


def _load_when_asked(package: str, name: str) -> None:
    """Put off a submodule until something of it is asked for: half of the import is statistics that no rule uses."""
    full = f"{package}.{name}"
    spec = find_spec(full)
    if full in sys.modules or spec is None or spec.loader is None:
        return
    spec.loader = LazyLoader(spec.loader)
    module = module_from_spec(spec)
    sys.modules[full] = module
    spec.loader.exec_module(module)
    setattr(sys.modules[package], name, module)


@contextmanager
def _uncollected() -> Iterator[None]:
    """Keep the garbage collector off; what was made meanwhile stays for ever and is never looked at again."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
        gc.freeze()
    finally:
        if was_on:
            gc.enable()


@contextmanager
def _giving_way() -> Iterator[None]:
    """Let the other threads in ten times as often: landing lets go at every file, and would wait 5 ms each time."""
    usual = sys.getswitchinterval()
    sys.setswitchinterval(usual / 10)
    try:
        yield
    finally:
        sys.setswitchinterval(usual)


def _great_expectations() -> Any:
    _importing().join()
    import great_expectations as gx

    return gx


if __name__ == "__main__":
    write_suites()
