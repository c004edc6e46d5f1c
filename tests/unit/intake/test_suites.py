"""Importing Great Expectations: what no rule of ours uses is put off, and is there when somebody asks for it."""

import subprocess
import sys

PUT_OFF = """
import sys
import pandas as pd
from ducha import gx
from ducha.intake import suites
from ducha.intake.rules import fields_of

gx.warm_up()
rows = pd.DataFrame({field: pd.Series([None, "bad"], dtype="object") for field in fields_of("progress")})
bad = suites.validate(rows, "progress")
print({len(labels) for labels, _ in bad.values()}, "scipy.stats._stats_py" in sys.modules)
import scipy.stats
print(scipy.stats.norm.cdf(0), "scipy.stats._stats_py" in sys.modules)
"""


def test_statistics_are_loaded_only_when_asked_for() -> None:
    done = subprocess.run([sys.executable, "-c", PUT_OFF], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split("\n")[:2] == ["{1} False", "0.5 True"]
