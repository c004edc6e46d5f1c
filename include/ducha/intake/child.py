"""The parent's side of the reading child: one warm process for many files, a clock a file, a new one after a death."""

from __future__ import annotations

import json
import os
import selectors
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from itertools import zip_longest
from pathlib import Path
from types import TracebackType
from typing import Any, TypeVar

from ducha.intake.cells import CellDate

MEMORY_BYTES = 2 << 30
SECONDS_A_FILE = 15.0
MAX_ANSWER = 256 << 20
MAX_CHILDREN = 4
MAX_AHEAD = 1 << 14
"""A longer request waits until the child is free: a pipe that is full would make us wait without a clock."""
T = TypeVar("T")


class ReadingChild:
    """A warm reading process. `read` never raises for what a file does: the answer says why it is refused."""

    def __init__(self, memory: int = MEMORY_BYTES, seconds: float = SECONDS_A_FILE) -> None:
        self._memory = memory
        self._seconds = seconds
        self._process: subprocess.Popen[bytes] | None = None
        self._outstanding = 0
        self._buffer = b""

    def __enter__(self) -> ReadingChild:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def read_all(self, files: Sequence[tuple[Path, str]]) -> Iterator[dict[str, Any]]:
        """Yield one answer a file (path, kind), in order: `tables`, or `refused` with [reason code, raw]."""
        return self.ask_all([{"path": str(path), "kind": kind} for path, kind in files])

    def ask_all(self, requests: Sequence[dict[str, Any]]) -> Iterator[dict[str, Any]]:
        """Yield one answer a request of `worker.serve`, in order."""
        lines = [json.dumps(each).encode() + b"\n" for each in requests]
        for line, ahead in zip_longest(lines, lines[1:]):
            yield self._answer_to(line, ahead if ahead and len(ahead) <= MAX_AHEAD else None)

    def start(self) -> None:
        """Start the process, unless it runs."""
        self._process = self._process or self._start()

    def close(self) -> None:
        """End the process and wait for it."""
        process, self._process = self._process, None
        if process is None:
            return
        process.kill()
        for pipe in (process.stdin, process.stdout):
            with suppress(BrokenPipeError):  # a dead child cannot take what we had still to say
                if pipe:
                    pipe.close()
        process.wait()
        self._outstanding, self._buffer = 0, b""

    def _answer_to(self, request: bytes, ahead: bytes | None) -> dict[str, Any]:
        """Ask for one file, and for the next one ahead so that the child never waits for us."""
        try:
            if self._outstanding == 0:
                self._ask(request)
            if ahead is not None:
                self._ask(ahead)
            answer = self._line()
        except TimeoutError:
            self.close()
            return {"refused": ["reader_timeout", ""]}
        except (BrokenPipeError, EOFError):
            self.close()
            return {"refused": ["reader_died", ""]}
        self._outstanding -= 1
        result: dict[str, Any] = json.loads(answer, object_hook=_untagged)
        return result

    def _ask(self, line: bytes) -> None:
        process = self._process or self._start()
        assert process.stdin is not None  # noqa: S101 - opened as a pipe below
        process.stdin.write(line)
        process.stdin.flush()
        self._outstanding += 1

    def _start(self) -> subprocess.Popen[bytes]:
        package_root = Path(__file__).resolve().parents[2]
        environment = {
            "PATH": os.defpath,
            "PYTHONPATH": os.pathsep.join([str(package_root), *filter(None, [os.environ.get("PYTHONPATH")])]),
            "PYTHONUTF8": "1",
            "OPENBLAS_NUM_THREADS": "1",
            "OMP_NUM_THREADS": "1",
        }  # the child gets no secrets: it reads what strangers send
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-m", "ducha.intake.worker", str(self._memory)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=environment,
        )
        return self._process

    def _line(self) -> bytes:
        process = self._process
        assert process is not None  # noqa: S101 - asked just before
        assert process.stdout is not None  # noqa: S101 - opened as a pipe above
        deadline = time.monotonic() + self._seconds
        pieces = [self._buffer]
        size = len(self._buffer)
        with selectors.DefaultSelector() as selector:
            selector.register(process.stdout, selectors.EVENT_READ)
            while b"\n" not in pieces[-1]:
                if not selector.select(max(deadline - time.monotonic(), 0)):
                    raise TimeoutError
                piece = os.read(process.stdout.fileno(), 1 << 20)
                size += len(piece)
                if not piece or size > MAX_ANSWER:
                    raise EOFError
                pieces.append(piece)
        line, _, self._buffer = b"".join(pieces).partition(b"\n")
        return line


class ReadingChildren:
    """Reading processes side by side, one a processor up to `MAX_CHILDREN`; files are dealt to them in turn."""

    def __init__(self) -> None:
        self._children = [ReadingChild() for _ in range(min(os.cpu_count() or 1, MAX_CHILDREN))]

    def __enter__(self) -> ReadingChildren:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for child in self._children:
            child.close()

    def start(self) -> None:
        """Start the processes before there is anything to read: they import beside our own work."""
        for child in self._children:
            child.start()

    def read_all(self, files: Sequence[tuple[Path, str]]) -> Iterator[dict[str, Any]]:
        """Yield one answer a file, as `ReadingChild.read_all` does."""
        return self._deal(files, ReadingChild.read_all)

    def ask_all(self, requests: Sequence[dict[str, Any]]) -> Iterator[dict[str, Any]]:
        """Yield one answer a request, as `ReadingChild.ask_all` does."""
        return self._deal(requests, ReadingChild.ask_all)

    def _deal(
        self, work: Sequence[T], ask: Callable[[ReadingChild, Sequence[T]], Iterator[dict[str, Any]]]
    ) -> Iterator[dict[str, Any]]:
        count = len(self._children)
        hands = [ask(child, work[n::count]) for n, child in enumerate(self._children)]
        for number in range(len(work)):
            yield next(hands[number % count])


def _untagged(value: dict[str, Any]) -> Any:
    return CellDate(value["date"]) if value.keys() == {"date"} else value
