"""Named mutations of the metrics kernel, `mutations.tsv`: each turns its named test red, in a copy of the library.

A mutation replaces a text that stands exactly once in a module of `ducha.metrics`. Its test has to fail by an assertion
there, not by an error, and to pass in an unmutated copy.
"""

from __future__ import annotations

import compileall
import csv
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from importlib.util import cache_from_source
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LIBRARY = ROOT / "include" / "ducha"
TESTS = "tests/unit/metrics/"
UNMUTATED = "unmutated"

Row = dict[str, str]
Outcomes = Mapping[str, Mapping[str, str]]


def read_mutations() -> dict[str, Row]:
    with Path(__file__).with_name("mutations.tsv").open(encoding="utf-8", newline="") as file:
        return {row["mutation"]: row for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)}


MUTATIONS = read_mutations()


def module_of(row: Row) -> str:
    return f"metrics/{row['module']}.py"


def text_of(row: Row) -> str:
    return (LIBRARY / module_of(row)).read_text(encoding="utf-8")


def copy_library(home: Path) -> Path:
    """The library as it is, compiled, in a folder of its own."""
    copy = home / UNMUTATED / "ducha"
    shutil.copytree(LIBRARY, copy, ignore=shutil.ignore_patterns("__pycache__"))
    assert compileall.compile_dir(copy, quiet=2)
    return copy


def copy_mutated(row: Row, original: Path, copy: Path) -> None:
    """Another copy, of links to the first one's files but for the mutated module."""
    shutil.copytree(original, copy, copy_function=os.link)
    module = copy / module_of(row)
    for replaced in (module, Path(cache_from_source(str(module)))):
        replaced.unlink()
    module.write_text(text_of(row).replace(row["source"], row["replacement"]), encoding="utf-8")


@pytest.fixture(scope="session")
def outcomes(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Outcomes:
    """How the named tests ended in a copy with each selected mutation and, all of them, in a copy without any."""
    selected = [item.callspec.params["mutation"] for item in request.session.items
                if isinstance(item, pytest.Function) and hasattr(item, "callspec")
                and "mutation" in item.callspec.params]  # fmt: skip
    home = tmp_path_factory.mktemp("mutations")
    original = copy_library(home)
    every = sorted({TESTS + row["test"] for row in MUTATIONS.values()})
    jobs = {UNMUTATED: {"library": str(home / UNMUTATED), "tests": every}}
    for name in selected:
        copy_mutated(MUTATIONS[name], original, home / name / "ducha")
        jobs[name] = {"library": str(home / name), "tests": [TESTS + MUTATIONS[name]["test"]]}
    runner = Path(__file__).with_name("run_tests.py")
    environment = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "PYTEST_ADDOPTS")}
    environment["OPENBLAS_NUM_THREADS"] = "1"  # a process is forked before it has threads
    done = subprocess.run(
        [sys.executable, runner], input=json.dumps(jobs), stdout=subprocess.PIPE, cwd=ROOT, text=True,
        check=True, env=environment,
    )  # fmt: skip
    told: Outcomes = json.loads(done.stdout)
    return told


def test_at_least_twenty_are_named() -> None:
    assert len(MUTATIONS) >= 20
    assert len({(row["module"], row["source"], row["replacement"]) for row in MUTATIONS.values()}) == len(MUTATIONS)


def test_the_named_tests_pass_without_a_mutation(outcomes: Outcomes) -> None:
    expected = {TESTS + row["test"] for row in MUTATIONS.values()}
    assert outcomes.get(UNMUTATED) == dict.fromkeys(expected, "passed")


@pytest.mark.parametrize("mutation", MUTATIONS)
def test_mutation_turns_its_test_red(mutation: str, outcomes: Outcomes) -> None:
    row = MUTATIONS[mutation]
    assert text_of(row).count(row["source"]) == 1, "the text to replace stands exactly once"
    assert row["source"] != row["replacement"]
    assert outcomes.get(mutation) == {TESTS + row["test"]: "AssertionError"}
