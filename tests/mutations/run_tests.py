"""Run tests against copies of the library, each in a process of its own, forked after the slow imports.

Reads {name: {"library": folder that holds `ducha`, "tests": [node ids]}} as JSON from standard input and writes
{name: {node id: outcome}} to standard output; an outcome is `passed` or the name of what was raised. What pytest says
goes to standard error. Only `ducha.metrics` is imported anew in each process, the catalogue is that of the first copy.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import sys
import tempfile
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from pydantic import BaseModel

IMPORTED = (pd, BaseModel)
"""Slow to import and the same for every copy of the library."""

OPTIONS = ["-q", "--noconftest", "-p", "no:cacheprovider"]
os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"  # plugins of other houses take longer to load than a test to run


class Outcomes(dict[str, str]):
    """A pytest plugin that notes how each test ended."""

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(self, item: pytest.Item, call: pytest.CallInfo[None]) -> Any:
        if call.when == "call" or call.excinfo:
            name = call.excinfo.type.__name__ if call.excinfo else "passed"
            self[item.nodeid] = name if call.when == "call" else f"{call.when}: {name}"
        return (yield)


def run(library: str, tests: list[str]) -> Outcomes:
    """Return the outcomes of tests with the library of a folder."""
    import ducha

    ducha.__path__ = [f"{library}/ducha"]
    import ducha.metrics.week

    used = [module.__file__ for name, module in sys.modules.items() if name.startswith("ducha.metrics")]
    assert all(file and Path(file).is_relative_to(library) for file in used), "metrics of another folder are used"
    outcomes = Outcomes()
    pytest.main([*OPTIONS, *tests], plugins=[outcomes])
    return outcomes


def fork(job: dict[str, Any], answer: Path) -> int:
    """Run a job in a new process and return its id; the outcomes are written to a file."""
    child = os.fork()
    if child:
        return child
    os.dup2(2, 1)
    gc.disable()  # a short life needs no garbage collection, and pages stay shared
    try:
        answer.write_text(json.dumps(run(job["library"], job["tests"])), encoding="utf-8")
    finally:
        os._exit(0)


def main() -> None:
    jobs = json.load(sys.stdin)
    sys.path.insert(0, next(iter(jobs.values()))["library"])
    importlib.import_module("ducha.county.defaults")
    importlib.import_module("ducha.catalogue")
    assert "ducha.metrics" not in sys.modules
    with tempfile.TemporaryDirectory() as folder:
        answers = {name: Path(folder) / f"{n}.json" for n, name in enumerate(jobs)}
        running: set[int] = set()
        for name, job in jobs.items():
            if len(running) == (os.cpu_count() or 1):
                running.remove(os.wait()[0])
            running.add(fork(job, answers[name]))
        for child in running:
            os.waitpid(child, 0)
        outcomes = {name: json.loads(path.read_text("utf-8")) for name, path in answers.items() if path.exists()}
    json.dump(outcomes, sys.stdout)


if __name__ == "__main__":
    main()
