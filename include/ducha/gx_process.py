"""The process that validates: takes checks on stdin, answers with verdicts on stdout, both pickled by `gx.py`."""

from __future__ import annotations

import gc
import os
import pickle
import sys
import traceback
import warnings
from collections.abc import Mapping
from functools import cache
from importlib.util import LazyLoader, find_spec, module_from_spec
from typing import Any, BinaryIO

from ducha.gx import Verdict


def main() -> None:
    """Answer until stdin closes; what the library prints goes to stderr."""
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    os.environ.setdefault("GX_ANALYTICS_ENABLED", "false")  # nothing about a county's week leaves the machine
    warnings.simplefilter("ignore")  # the library's own deprecations, none of our doing
    import_quickly()
    serve(sys.stdin.buffer, answers)


def import_quickly() -> None:
    """Import it without the garbage collector, which would take a fifth of it, and without statistics no rule uses."""
    gc.disable()
    load_when_asked("scipy", "stats")
    import great_expectations  # noqa: F401

    gc.freeze()
    gc.enable()


def load_when_asked(package: str, name: str) -> None:
    """Put off a submodule until something of it is asked for: half of the import is statistics that no rule uses."""
    full = f"{package}.{name}"
    spec = find_spec(full)
    if spec is None or spec.loader is None:
        return
    spec.loader = LazyLoader(spec.loader)
    module = module_from_spec(spec)
    sys.modules[full] = module
    spec.loader.exec_module(module)
    setattr(sys.modules[package], name, module)


def serve(requests: BinaryIO, answers: BinaryIO) -> None:
    """Answer each (checks, detail) with (verdicts by name, what went wrong with us)."""
    while True:
        try:
            checks, detail = pickle.load(requests)  # noqa: S301 - from the process that started us
        except EOFError:
            return
        try:
            found = {name: verdicts(frame, suite, detail) for name, (frame, suite) in checks.items()}
            answer = pickle.dumps((found, ""))
        except Exception:
            answer = pickle.dumps(({}, traceback.format_exc()))
        answers.write(answer)
        answers.flush()
        del checks, answer  # a week's rows are not kept until the next question


def verdicts(frame: Any, suite: Any, detail: str) -> list[Verdict]:
    """Run one suite over one frame. Raises ValueError for a suite of which the library would leave something out."""
    import great_expectations as gx

    batch = _whole_frame().get_batch({"dataframe": frame})
    found = batch.validate(gx.ExpectationSuite(**suite), result_format={"result_format": detail})
    if len(found.results) != len(suite["expectations"]):  # one it does not know is logged and left out
        asked = [each["type"] for each in suite["expectations"]]
        raise ValueError(f"{suite['name']}: {len(found.results)} of {len(asked)} were run: {asked}")
    return [
        Verdict(
            kwargs=dict(each.expectation_config.kwargs),
            meta=dict(each.expectation_config.meta or {}),
            success=bool(each.success),
            result=dict(each.result or {}),
            exception=_exception_of(each.exception_info or {}),
        )
        for each in found.results
    ]


def _exception_of(told: Mapping[Any, Any]) -> str:
    """What was raised, as text: the library's own objects would have it imported where the text is read."""
    return "" if not told or told.get("raised_exception") is False else str(told)


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


if __name__ == "__main__":
    main()
