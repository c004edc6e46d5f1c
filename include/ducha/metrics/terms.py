"""The words that metrics uses for states, lights and measures, and the types of its arrays (`metrics.md` 1–5)."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

# The names say the dtype; numpy's stubs lose it in bincount, select and sums, so the checker is not asked to follow.
Floats = npt.NDArray[Any]
Flags = npt.NDArray[Any]
Ints = npt.NDArray[Any]
Days = npt.NDArray[Any]
Texts = npt.NDArray[Any]

STATES = (
    "closed", "suspended", "exempt", "not_started", "no_target", "no_baseline", "no_date", "awaiting",
    "missing", "unknown", "carried", "counted",
)  # fmt: skip
"""Every state of an assignment in a week, in the order in which the first match wins."""

NUMBER_STATES = ("counted", "carried")
SCORED_STATES = ("counted", "carried", "missing")
UNEXPECTED_STATES = ("closed", "suspended", "exempt", "not_started")
"""States in which no report is expected, whatever the cadence says."""

LIGHTS = ("red", "yellow", "grey", "green")
"""Worst first."""

SUM_MEASURES = ("total", "flow", "stages", "range")
"""Across units of a responsibility: Σ numerator ÷ Σ denominator is the completion."""
POOLED_MEASURES = ("ratio", "average")
"""Across units: Σ numerator ÷ Σ denominator is the value, from which the completion follows."""
MEAN_MEASURES = ("level", "rank")
"""Across units: the share-weighted mean of the completions."""

NO_CHANGE_MEASURES = ("total", "level", "rank", "stages", "ratio")
"""Measures for which "no change" is a report; of the ratios only those to date."""

DIGITS = 9
"""Comparisons are made on values rounded once to 1e-9."""


def rounded(values: Floats) -> Floats:
    """Return values as they are compared: rounded once to 1e-9."""
    return np.round(values, DIGITS)


def quotient(above: Floats, below: Floats) -> Floats:
    """Return above ÷ below, NaN where the denominator is 0 or either is NaN."""
    with np.errstate(divide="ignore", invalid="ignore"):
        result: Floats = np.where(below == 0, np.nan, above / below)
    return result
