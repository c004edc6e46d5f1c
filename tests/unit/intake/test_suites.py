"""Great Expectations in its own process: quick to import, there again after a death, and its faults are ours."""

import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest
from ducha import gx
from ducha.intake import suites
from ducha.intake.rules import fields_of

PUT_OFF = """
import sys
import pandas as pd
from ducha import gx_process

gx_process.import_quickly()
suite = {"name": "x", "expectations": [{"type": "expect_column_values_to_be_null", "kwargs": {"column": "x"}}]}
(verdict,) = gx_process.verdicts(pd.DataFrame({"x": [None, "bad"]}), suite, "COMPLETE")
print(verdict.result["unexpected_index_list"], "scipy.stats._stats_py" in sys.modules)
import scipy.stats
print(scipy.stats.norm.cdf(0), "scipy.stats._stats_py" in sys.modules)
"""
ROWS = pd.DataFrame({field: pd.Series([None, "bad"], dtype="object") for field in fields_of("progress")})


def test_statistics_are_loaded_only_when_asked_for() -> None:
    done = subprocess.run([sys.executable, "-c", PUT_OFF], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split("\n")[:2] == ["[1] False", "0.5 True"]


def test_bad_rows_are_named_by_the_label_they_had() -> None:
    bad = suites.validate(ROWS.set_axis([7, 11]), "progress")
    assert {tuple(labels) for labels, _ in bad.values()} == {(11,)}
    assert set(bad) == set(fields_of("progress"))


NOTHING_ASKED = {"x": (ROWS, {"name": "x", "expectations": []})}
NO_VALUE = {"name": "x", "expectations": [{"type": "expect_column_values_to_be_null", "kwargs": {"column": "x"}}]}
GOOD, BAD = ({"x": (pd.DataFrame({"x": cells}), NO_VALUE)} for cells in ([None, None], [None, "bad"]))
FORGETFUL = [sys.executable, "-c", "import sys; sys.stdin.buffer.read(1)"]


@pytest.fixture
def validator() -> Iterator[gx._Validator]:
    made = gx._Validator()
    yield made
    made.close()


def forgetful() -> subprocess.Popen[bytes]:
    """A process that ends as soon as it is asked something."""
    return subprocess.Popen(FORGETFUL, stdin=subprocess.PIPE, stdout=subprocess.PIPE)


def succeeds(validator: gx._Validator, checks: gx.Checks) -> bool:
    (verdict,) = validator.validate(checks, "COMPLETE")["x"]
    return verdict.success


def test_a_process_that_ends_amid_its_work_is_replaced_and_asked_again(validator: gx._Validator) -> None:
    validator.close()
    validator._process = forgetful()
    assert validator.validate(NOTHING_ASKED, "COMPLETE") == {"x": []}


def test_a_second_death_is_said_and_can_be_tried_again(
    validator: gx._Validator, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(validator, "_start", forgetful)
        validator.close()
        with pytest.raises(gx.ValidatorLostError, match="校验进程中断 · the process that validates has ended"):
            validator.validate(NOTHING_ASKED, "COMPLETE")
    assert validator.validate(NOTHING_ASKED, "COMPLETE") == {"x": []}


def test_one_that_hangs_is_ended_by_the_clock(validator: gx._Validator, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gx, "SECONDS_A_QUESTION", 0.1)  # the import alone takes longer
    with pytest.raises(gx.ValidatorLostError):
        validator.validate(NOTHING_ASKED, "COMPLETE")


def test_an_answer_that_nobody_waited_for_is_not_the_next_ones(validator: gx._Validator) -> None:
    def out_of_time(*_: object) -> None:
        raise RuntimeError("out of time")

    standing = signal.signal(signal.SIGALRM, out_of_time)
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.2)
        with pytest.raises(RuntimeError, match="out of time"):
            validator.validate(BAD, "COMPLETE")
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, standing)
    assert [succeeds(validator, checks) for checks in (GOOD, BAD, GOOD)] == [True, False, True]


FORKED = """
import os
import pandas as pd
from ducha import gx
checks = {"x": (pd.DataFrame({"x": [1]}), {"name": "x", "expectations": []})}
print(gx.validate(checks, "COMPLETE"), flush=True)
pid = os.fork()
if not pid:
    print(gx.validate(checks, "COMPLETE"), flush=True)
    raise SystemExit
os.waitpid(pid, 0)
print(gx.validate(checks, "COMPLETE"), gx._validator()._process.poll(), flush=True)
"""


def test_a_fork_has_a_process_of_its_own_and_leaves_ours_alone() -> None:
    done = subprocess.run([sys.executable, "-c", FORKED], capture_output=True, text=True, check=False, timeout=60)
    assert done.stdout.splitlines() == ["{'x': []}", "{'x': []}", "{'x': []} None"], done.stderr


KILLED = """
import os, signal
from ducha import gx
print(gx._validator()._process.pid, flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_it_ends_when_we_are_killed() -> None:
    done = subprocess.run([sys.executable, "-c", KILLED], capture_output=True, text=True, check=False, timeout=60)
    status = Path("/proc", done.stdout.strip(), "stat")
    for _ in range(200):
        if not status.exists() or " Z " in status.read_text(encoding="utf-8"):
            return
        time.sleep(0.1)
    pytest.fail("it lives on")


def test_a_validation_that_breaks_is_a_fault_of_ours_and_the_process_goes_on() -> None:
    unknown = {"name": "x", "expectations": [{"type": "expect_the_unheard_of", "kwargs": {}}]}
    with pytest.raises(gx.ValidationBrokenError, match="校验未能执行 · the validation broke") as broken:
        gx.validate({"x": (ROWS, unknown)}, "COMPLETE")
    assert "expect_the_unheard_of" in str(broken.value)
    assert gx.validate(NOTHING_ASKED, "COMPLETE") == {"x": []}
