"""Long-running processes: started apart from our terminal, found again, ended with all that they started."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import psutil  # type: ignore[import-untyped]  # ships no types

MARK = "DUCHA_LOCAL_RUN"
"""An environment variable that every process of a home carries, its children too: its value is the home."""
_SAME_START = 1.0  # seconds by which two readings of one process's start may differ


@dataclass(frozen=True)
class Started:
    """A process we started: its number, and when it started, since numbers are given again."""

    name: str
    pid: int
    created: float

    def is_running(self) -> bool:
        """Whether it is this very process and still does something."""
        return _process(self) is not None


@contextlib.contextmanager
def locked(file: Path) -> Iterator[None]:
    """Hold a lock that two terminals take in turn; a killed holder gives it back."""
    with file.open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def spawn(name: str, command: Sequence[str], environment: Mapping[str, str], log: Path) -> Started:
    """Start a command in a session of its own, output appended to `log`; a closed terminal does not reach it."""
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as output:
        process = subprocess.Popen(
            command,
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            cwd=log.parent,
        )
    created = psutil.Process(process.pid).create_time()
    process.returncode = 0  # ended by pid later, perhaps by another process: nothing here waits for it
    return Started(name, process.pid, created)


def save(started: Sequence[Started], file: Path) -> None:
    """Write the processes to a file, at once or not at all."""
    file.parent.mkdir(parents=True, exist_ok=True)
    fresh = file.with_suffix(".new")
    fresh.write_text(json.dumps([asdict(one) for one in started]))
    fresh.replace(file)


def load(file: Path) -> list[Started]:
    """Return the processes of a file that still run; none for a missing or torn file."""
    with contextlib.suppress(OSError, ValueError, TypeError):
        return [one for row in json.loads(file.read_text()) if (one := Started(**row)).is_running()]
    return []


def listens(started: Started, port: int) -> bool:
    """Whether a process of this one's session listens on a port of this machine."""
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error, OSError):
            if os.getsid(process.pid) == started.pid and any(
                one.laddr.port == port and one.status == psutil.CONN_LISTEN for one in process.net_connections("tcp")
            ):
                return True
    return False


def end(started: Sequence[Started], home: Path, patience: float = 15) -> int:
    """End the processes and everything they started; return how many there were.

    First asked (SIGINT, which Airflow ends cleanly on), then told (SIGTERM), then killed. Found by descent, by session
    and by mark, so that orphans of a killed parent are found too.
    """
    sessions = {one.pid for one in started}
    asked = [process for one in started if (process := _process(one))]
    family = _family(asked, sessions, home)
    seen = {process.pid for process in family}
    for sign, wait in ((signal.SIGINT, patience), (signal.SIGTERM, patience / 3), (signal.SIGKILL, 5.0)):
        targets = asked if sign == signal.SIGINT and asked else family
        for process in targets:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.send_signal(sign)
        family = _wait_until_gone(family, wait, sessions, home)
        seen |= {process.pid for process in family}
        if not family:
            break
    return len(seen)


def _wait_until_gone(
    family: list[psutil.Process], patience: float, sessions: set[int], home: Path
) -> list[psutil.Process]:
    deadline = time.monotonic() + patience
    while family and time.monotonic() < deadline:
        time.sleep(0.1)
        _reap(sessions)
        family = [process for process in family if _is_alive(process)]
    return _family(family, sessions, home)


def _family(roots: list[psutil.Process], sessions: set[int], home: Path) -> list[psutil.Process]:
    found = {process.pid: process for process in roots if _is_alive(process)}
    for root in roots:
        with contextlib.suppress(psutil.NoSuchProcess):
            found |= {child.pid: child for child in root.children(recursive=True)}
    found |= {process.pid: process for process in _of_home(sessions, home)}
    found.pop(os.getpid(), None)
    return [process for process in found.values() if _is_alive(process)]


def _of_home(sessions: set[int], home: Path) -> Iterator[psutil.Process]:
    """Yield our user's processes that belong to one of the sessions or carry the home's mark."""
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error, OSError):
            in_session = os.getsid(process.pid) in sessions
            if in_session or process.environ().get(MARK) == str(home):
                yield process


def _reap(pids: set[int]) -> None:
    """Collect the exit of those that are our own children, so that they do not linger as zombies."""
    for pid in pids:
        with contextlib.suppress(ChildProcessError):
            os.waitpid(pid, os.WNOHANG)


def _process(started: Started) -> psutil.Process | None:
    with contextlib.suppress(psutil.NoSuchProcess):
        process = psutil.Process(started.pid)
        if abs(process.create_time() - started.created) < _SAME_START and _is_alive(process):
            return process
    return None


def _is_alive(process: psutil.Process) -> bool:
    with contextlib.suppress(psutil.NoSuchProcess):
        return bool(process.is_running() and process.status() != psutil.STATUS_ZOMBIE)
    return False
