"""Airflow on one machine: healthy soon, and gone wholly, however its terminal ends."""

import fcntl
import os
import pty
import signal
import socket
import stat
import subprocess
import sys
import termios
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from ducha.local import airflow
from ducha.local.environment import HOST, Place
from ducha.local.processes import load
from ducha.settings import Settings

from tests.small_county import COUNTY

PATIENCE = 150


class Terminal:
    """`ducha up` in the foreground of a terminal of its own."""

    def __init__(self, home: Path) -> None:
        self.master, slave = pty.openpty()
        self.process = subprocess.Popen(
            [sys.executable, "-m", "ducha.cli", "up"],
            env={**os.environ, "DUCHA_HOME": str(home), "COLUMNS": "200"},
            stdin=slave,
            stdout=slave,
            stderr=slave,
            start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),  # noqa: PLW1509  no threads here
        )
        os.close(slave)
        self.shown = ""

    def read_until(self, text: str) -> None:
        deadline = time.monotonic() + PATIENCE
        while text not in self.shown:
            assert time.monotonic() < deadline, self.shown
            try:
                self.shown += os.read(self.master, 4096).decode(errors="replace")
            except OSError:  # the other side has ended
                raise AssertionError(self.shown) from None

    def close(self) -> None:
        if self.master >= 0:
            os.close(self.master)
            self.master = -1


@pytest.fixture(scope="module")
def home(tmp_path_factory) -> Iterator[Path]:
    home = tmp_path_factory.mktemp("up") / ".ducha"
    yield home
    airflow.stop(Place(settings_at(home)))


@pytest.fixture
def terminal(home: Path) -> Iterator[Terminal]:
    terminal = Terminal(home)
    terminal.read_until("停止 · stop")
    yield terminal
    if terminal.process.poll() is None:
        terminal.process.kill()
    terminal.process.wait()
    terminal.close()


def settings_at(home: Path) -> Settings:
    return Settings(home, COUNTY, home / "inbox", "")


def sessions_of(home: Path) -> set[int]:
    """The sessions of Airflow's processes: their titles, and so their environments, are rewritten as they run."""
    return {one.pid for one in load(Place(settings_at(home)).pid_file)}


def members(sessions: set[int]) -> list[psutil.Process]:
    return [p for p in psutil.process_iter(["status"]) if is_alive(p) and os.getsid(p.pid) in sessions]


def is_alive(process: psutil.Process) -> bool:
    return process.info["status"] != psutil.STATUS_ZOMBIE


def left_over(home: Path, sessions: set[int]) -> list[str]:
    """What still runs or listens for a home."""
    found = [f"{process.pid} {process.name()}" for process in members(sessions)]
    for process in psutil.process_iter(["cmdline", "status"]):
        if is_alive(process) and any(str(home) in part for part in process.info["cmdline"] or []):
            found.append(f"{process.pid} {process.name()}")
    with socket.socket() as probe:
        if probe.connect_ex((HOST, Place(settings_at(home)).port())) == 0:
            found.append("port")
    return found


def await_health(place: Place) -> None:
    """Healthy it was when it said so; a busy machine may let one question go unanswered."""
    deadline = time.monotonic() + PATIENCE
    while airflow.health(place).get("scheduler") != "healthy":
        assert time.monotonic() < deadline, airflow.health(place)
        time.sleep(0.5)


def test_ctrl_c_leaves_nothing_and_the_password_is_private_and_shown_once(home, terminal):
    place = Place(settings_at(home))
    password = place.passwords()["ducha"]
    assert password in terminal.shown
    for file in (place.password_file, place.secrets_file):
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
    await_health(place)
    sessions = sessions_of(home)
    assert len(sessions) == 3
    os.write(terminal.master, b"\x03")
    assert terminal.process.wait(PATIENCE) == 0
    assert left_over(home, sessions) == []


def test_warm_start_is_only_on_loopback_and_down_ends_what_a_killed_terminal_left(home):
    terminal = Terminal(home)
    terminal.read_until("停止 · stop")
    place = Place(settings_at(home))
    assert place.passwords()["ducha"] not in terminal.shown
    sessions = sessions_of(home)
    connections = [one for process in members(sessions) for one in process.net_connections()]
    addresses = {one.laddr.ip for one in connections if one.status == psutil.CONN_LISTEN}
    assert addresses == {HOST}
    terminal.process.send_signal(signal.SIGKILL)
    terminal.process.wait()
    terminal.close()
    assert left_over(home, sessions), "killed without a chance to tidy up"
    assert airflow.down(settings_at(home)) == 0
    assert left_over(home, sessions) == []


def test_closed_terminal_leaves_nothing(home, terminal):
    sessions = sessions_of(home)
    terminal.close()
    terminal.process.wait(PATIENCE)
    assert left_over(home, sessions) == []
