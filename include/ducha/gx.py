"""Great Expectations, in a process of its own: it imports beside our work, once, and keeps its own settings.

Importing takes a second and a half, a suite of ten expectations a tenth of one: all of it on the other processor.
"""

from __future__ import annotations

import atexit
import os
import pickle
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from threading import Lock, Timer
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

EXPECTATIONS = Path(__file__).resolve().parents[2] / "expectations"
"""The suites, one JSON file for each table that they guard."""

SECONDS_A_QUESTION = 600.0

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


class ValidatorLostError(ChildProcessError):
    """The process that validates ended amid its work, twice: the machine is short of memory, or it hung. Try again."""


def validate(checks: Checks, detail: str) -> dict[str, list[Verdict]]:
    """Run each suite over its frame; return its verdicts by name, in the order of the suite.

    `detail`: the result format. COMPLETE names bad rows by the frame's own index; with index columns it pays for every
    bad value, and a week gone wrong takes 40 times as long. Raises ValidationBrokenError, ValidatorLostError.
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


os.register_at_fork(after_in_child=_validator.cache_clear)


class _Validator:
    """Our side of the process; it ends when its input does, so nobody is left behind when we are killed."""

    def __init__(self) -> None:
        self._turn = Lock()
        self._owner = os.getpid()
        self._process = self._start()

    def validate(self, checks: Checks, detail: str) -> dict[str, list[Verdict]]:
        with self._turn:
            for _ in range(2):
                if self._process.poll() is not None:  # killed since: the next may fare better
                    self.close()
                    self._process = self._start()
                with suppress(OSError, EOFError):
                    verdicts, fault = self._ask(checks, detail)
                    break
            else:
                raise ValidatorLostError("校验进程中断 · the process that validates has ended")
        if fault:
            raise ValidationBrokenError(f"校验未能执行 · the validation broke\n{fault}")
        return verdicts

    def _ask(self, checks: Checks, detail: str) -> tuple[dict[str, list[Verdict]], str]:
        """Ask, and take the answer. Whatever interrupts us ends the process: its answer would be the next's."""
        process, is_answered = self._process, False
        assert process.stdin is not None  # noqa: S101 - opened as pipes below
        assert process.stdout is not None  # noqa: S101
        clock = Timer(SECONDS_A_QUESTION, process.kill)
        clock.start()
        try:
            pickle.dump((dict(checks), detail), process.stdin)
            process.stdin.flush()
            answer: tuple[dict[str, list[Verdict]], str] = pickle.load(process.stdout)  # noqa: S301 - our own process
            is_answered = True
            return answer
        finally:
            clock.cancel()
            if not is_answered:
                process.kill()
                process.wait()

    def close(self) -> None:
        """End the process, also amid its import: there is nothing in it to save. A fork of ours leaves it to us."""
        if os.getpid() == self._owner:
            self._process.kill()
            self._process.communicate()

    @staticmethod
    def _start() -> subprocess.Popen[bytes]:
        """Start it in a group of its own: Ctrl-C is ours to act on."""
        command = [sys.executable, "-P", "-m", "ducha.gx_process"]
        return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, process_group=0)
