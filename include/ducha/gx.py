"""Great Expectations: imported late, once and quietly, and run over frames in memory."""

from __future__ import annotations

import gc
import os
import sys
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from importlib.util import LazyLoader, find_spec, module_from_spec
from pathlib import Path
from threading import Thread
from typing import Any

import pandas as pd

EXPECTATIONS = Path(__file__).resolve().parents[2] / "expectations"
"""The suites, one JSON file for each table that they guard."""


def validate(checks: Mapping[str, tuple[pd.DataFrame, Mapping[str, Any]]], detail: str) -> dict[str, list[Any]]:
    """Run each suite over its frame, `checks`: name → (frame, suite as JSON); return the results by name.

    `detail`: the result format. COMPLETE names bad rows by the frame's own index; with index columns it pays for every
    bad value, and a week gone wrong takes 40 times as long.
    """
    _importing().join()
    import great_expectations as gx

    results = {}
    with warnings.catch_warnings(), _giving_way():
        warnings.simplefilter("ignore")  # its own deprecations, none of our doing
        for name, (frame, suite) in checks.items():
            batch = _whole_frame().get_batch({"dataframe": frame})
            found = batch.validate(gx.ExpectationSuite(**suite), result_format={"result_format": detail})
            results[name] = list(found.results)
    return results


@cache
def _whole_frame() -> Any:
    """What makes a batch of a frame; one for the process: it writes its settings anew for each that is added."""
    import great_expectations as gx

    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = gx.data_context.types.base.ProgressBarsConfig(globally=False)
    return (
        context.data_sources.add_pandas("frames")
        .add_dataframe_asset("frame")
        .add_batch_definition_whole_dataframe("all")
    )


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
    """Let the other threads in fifty times as often: landing lets go at every file, and would wait 5 ms each time."""
    usual = sys.getswitchinterval()
    sys.setswitchinterval(usual / 50)
    try:
        yield
    finally:
        sys.setswitchinterval(usual)
