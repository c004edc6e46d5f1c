"""Great Expectations, in a process of its own: it imports beside our work, once, and keeps its own settings.

Importing takes a second and a half, a suite of ten expectations a tenth of one: all of it on the other processor.
"""

from __future__ import annotations

import atexit
import pickle
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

EXPECTATIONS = Path(__file__).resolve().parents[2] / "expectations"
"""The suites, one JSON file for each table that they guard."""

Checks = Mapping[str, tuple["pd.DataFrame", Mapping[str, Any]]]
"""name → (frame, suite as JSON)."""


@dataclass(frozen=True)
class Verdict:
    """What one expectation said: `kwargs` and `meta` as in its suite, `result` as the library tells it.

    `exception`: what was raised where it could not be evaluated, '' otherwise.
    """

    kwargs: dict[str, Any]
    meta: dict[str, Any]
    success: bool
    result: dict[str, Any]
    exception: str


class ValidationBrokenError(RuntimeError):
    """Great Expectations itself did not work: a fault of ours, never of the data."""


def validate(checks: Checks, detail: str) -> dict[str, list[Verdict]]:
    """Run each suite over its frame; return its verdicts by name, in the order of the suite.

    `detail`: the result format. COMPLETE names bad rows by the frame's own index; with index columns it pays for every
    bad value, and a week gone wrong takes 40 times as long. Raises ValidationBrokenError.
    """
    return _validator().validate(checks, detail)


def warm_up() -> None:
    """Begin to import Great Expectations, so that it is there when the files have been read; the earlier the better."""
    _validator()


@cache
def _validator() -> _Validator:
    validator = _Validator()
    atexit.register(validator.close)
    return validator


class _Validator:
    """Our side of the process; it ends when its input does, so nobody is left behind when we are killed."""

    def __init__(self) -> None:
        self._turn = Lock()
        self._process = self._start()

    def validate(self, checks: Checks, detail: str) -> dict[str, list[Verdict]]:
        with self._turn:
            if self._process.poll() is not None:  # killed since, by a system short of memory: the next may fare better
                self.close()
                self._process = self._start()
            try:
                pickle.dump((dict(checks), detail), self._process.stdin)
                self._process.stdin.flush()
                verdicts, fault = pickle.load(self._process.stdout)  # noqa: S301 - our own process
            except (OSError, EOFError, pickle.UnpicklingError) as error:
                raise ValidationBrokenError("校验进程中断 · the process that validates has ended") from error
        if fault:
            raise ValidationBrokenError(f"校验未能执行 · the validation broke\n{fault}")
        found: dict[str, list[Verdict]] = verdicts
        return found

    def close(self) -> None:
        """End the process, also amid its import: there is nothing in it to save."""
        self._process.kill()
        self._process.communicate()

    @staticmethod
    def _start() -> Any:
        return subprocess.Popen(
            [sys.executable, "-P", "-m", "ducha.gx_process"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
