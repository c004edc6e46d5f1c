"""Run tests against copies of the library, each in a process of its own, forked after the slow imports.

Reads {name: {"library": folder that holds `ducha`, "tests": [node ids]}} as JSON from standard input and writes
{name: {node id: outcome}} to standard output; an outcome is `passed` or the name of what was raised. What pytest says
goes to standard error.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pydantic
import pytest

IMPORTED = (np, pd, pydantic)
"""What every copy of the library needs and nothing in it changes."""

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
    sys.path.insert(0, library)
    import ducha.metrics.week

    used = {module.__file__ for name, module in sys.modules.items() if name.partition(".")[0] == "ducha"}
    assert ducha.metrics.week.__file__ is not None
    assert all(Path(file).is_relative_to(library) for file in used if file), "the library of another folder is used"
    outcomes = Outcomes()
    pytest.main([*OPTIONS, *tests], plugins=[outcomes])
    return outcomes


def fork(job: dict[str, Any], answer: Path) -> int:
    """Run a job in a new process and return its id; the outcomes are written to a file."""
    child = os.fork()
    if child:
        return child
    os.dup2(2, 1)
    try:
        answer.write_text(json.dumps(run(job["library"], job["tests"])), encoding="utf-8")
    finally:
        os._exit(0)


def main() -> None:
    jobs = json.load(sys.stdin)
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
