"""Great Expectations in its own process: quick to import, there again after a death, and its faults are ours."""

import subprocess
import sys

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
FORGETFUL = [sys.executable, "-c", "import sys; sys.stdin.buffer.read(1)"]


def test_a_process_that_ends_amid_its_work_says_so_and_another_one_serves_the_next() -> None:
    validator = gx._Validator()
    try:
        validator.close()
        validator._process = subprocess.Popen(FORGETFUL, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        with pytest.raises(gx.ValidationBrokenError, match="校验进程中断 · the process that validates has ended"):
            validator.validate(NOTHING_ASKED, "COMPLETE")
        validator._process.wait()
        assert validator.validate(NOTHING_ASKED, "COMPLETE") == {"x": []}
    finally:
        validator.close()


def test_a_validation_that_breaks_is_a_fault_of_ours_and_the_process_goes_on() -> None:
    unknown = {"name": "x", "expectations": [{"type": "expect_the_unheard_of", "kwargs": {}}]}
    with pytest.raises(gx.ValidationBrokenError, match="校验未能执行 · the validation broke") as broken:
        gx.validate({"x": (ROWS, unknown)}, "COMPLETE")
    assert "expect_the_unheard_of" in str(broken.value)
    assert gx.validate(NOTHING_ASKED, "COMPLETE") == {"x": []}
