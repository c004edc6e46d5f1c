"""`ducha up` and `ducha down`: scheduler, DAG processor and web page of one machine, on the embedded PostgreSQL."""

from __future__ import annotations

import contextlib
import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from importlib.metadata import version
from types import FrameType
from typing import Any
from urllib.error import URLError
from urllib.request import ProxyHandler, build_opener

import psycopg2
from rich.console import Console

from ducha import embedded
from ducha.local.environment import USER, Place, airflow_environment, free_port, prepare
from ducha.local.processes import Started, end, listens, load, locked, save, spawn
from ducha.settings import Settings
from ducha.warehouse.database import migrate as migrate_warehouse

COMPONENTS = {
    "scheduler": ("--skip-serve-logs",),  # the web page reads logs from disk: no second port
    "dag-processor": (),
    "api-server": (),
}
_TRIES = 3
_DOWN_TAKES = 6.0  # seconds for all components to end
_PATIENCE = 120.0  # seconds until healthy, for a cold and busy machine
console = Console()
Say = Callable[[str], None]


class LocalAirflowError(RuntimeError):
    """Airflow did not start; the message shows the end of the log that says why."""


class PortTakenError(LocalAirflowError):
    """Another program took our port between our look and our start."""


def up(settings: Settings, *, is_detached: bool = False) -> int:
    """Start Airflow and tell where it is; stay until Ctrl-C, or with `is_detached` return. Returns the exit code."""
    place = Place(settings)
    with interrupts_raise():
        try:
            if not is_up(place):
                start(place, console.print)
            _introduce(place, is_detached)
            greet_tasks(place)
            if is_detached:
                return 0
            code = _watch(place)
        except KeyboardInterrupt:
            code = 0
        except LocalAirflowError as problem:
            console.print(str(problem), style="red", markup=False)
            code = 1
    with interrupts_ignored():  # the terminal may be gone, and with it where we could say something
        with contextlib.suppress(OSError):
            console.print("\n正在停止 · stopping …")
        stop(place)
    return code


def down(settings: Settings) -> int:
    """Stop everything that `up` started, whatever became of `up` itself, and the embedded PostgreSQL. Returns 0."""
    place = Place(settings)
    count, had_database = stop(place)
    if count or had_database:
        console.print(f"已停止（{count} 个进程）· stopped ({count} processes)")
    else:
        console.print("没有在运行 · nothing was running")
    return 0


def is_up(place: Place) -> bool:
    """Whether all of Airflow's processes run."""
    return {one.name for one in load(place.pid_file)} == set(COMPONENTS)


def start(place: Place, say: Say) -> None:
    """Migrate the warehouse, start what is not running and wait until it is healthy. Raises LocalAirflowError."""
    migrate_warehouse(place.settings.warehouse_url())
    start_airflow(place, say)


def start_airflow(place: Place, say: Say) -> None:
    """Start Airflow's processes where the warehouse is migrated already. Raises LocalAirflowError.

    Nothing here imports SQLAlchemy, so that it can run in a thread beside work that does.
    """
    prepare(place)
    with locked(place.lock_file):
        if is_up(place):
            return
        for _ in range(_TRIES):
            _end_leftovers(place)
            place.port_file.write_text(str(free_port(place.port())))
            environment = airflow_environment(place)
            migrate(place, environment, say)
            started = [
                spawn(name, [sys.executable, "-m", "airflow", name, *options], environment, place.logs / f"{name}.log")
                for name, options in COMPONENTS.items()
            ]
            save(started, place.pid_file)
            with contextlib.suppress(PortTakenError):
                _await_health(place, started)
                return
        raise PortTakenError(_tail(place, "api-server"))


def stop(place: Place) -> tuple[int, bool]:
    """Stop Airflow's processes and the embedded PostgreSQL; return how many there were and whether it ran."""
    if not place.directory.is_dir():
        return 0, embedded.stop(place.settings.home)
    with locked(place.lock_file):
        count = _end_leftovers(place)
        return count, embedded.stop(place.settings.home)


def stop_airflow(place: Place) -> None:
    """Stop Airflow's processes alone."""
    with locked(place.lock_file):
        _end_leftovers(place)


def _end_leftovers(place: Place) -> int:
    """End what an earlier start left, also when that start was killed."""
    count = end(load(place.pid_file), place.settings.home)
    place.pid_file.unlink(missing_ok=True)
    return count


def migrate(place: Place, environment: Mapping[str, str], say: Say) -> None:
    """Bring Airflow's database to its newest revision, when its version or its address changed."""
    done = place.directory / "migrated.json"
    url = environment["AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"]
    if done.is_file() and done.read_text() == _state_of(url):
        return
    say("准备 Airflow 数据库（首次约半分钟）· preparing Airflow's database (half a minute, once)")
    command = [sys.executable, "-m", "airflow", "db", "migrate"]
    result = subprocess.run(command, env=dict(environment), capture_output=True, text=True, check=False)
    if result.returncode:
        raise LocalAirflowError(f"数据库迁移失败 · migration failed:\n{result.stdout[-1500:]}{result.stderr[-1500:]}")
    done.write_text(_state_of(url))


def _state_of(url: str) -> str:
    """Return Airflow's version and its database's revision, '' where that cannot be told."""
    with contextlib.suppress(psycopg2.Error):
        connection = psycopg2.connect(url.replace("+psycopg2", "", 1))
        with contextlib.closing(connection), connection.cursor() as cursor:
            cursor.execute("SELECT version_num FROM alembic_version")
            return json.dumps([version("apache-airflow-core"), *cursor.fetchall()])
    return ""


def health(place: Place) -> Mapping[str, str]:
    """Return component → status as Airflow itself says; empty while nobody answers."""
    opener = build_opener(ProxyHandler({}))
    with contextlib.suppress(URLError, OSError, ValueError):
        with opener.open(f"{place.url()}/api/v2/monitor/health", timeout=5) as answer:
            said: dict[str, Any] = json.load(answer)
        return {name: str(state.get("status")) for name, state in said.items() if state.get("status")}
    return {}


def greet_tasks(place: Place) -> None:
    """Ask the tasks' own API for its health: it makes its routes at the first question, which takes seconds.

    Nobody has asked yet when Airflow is healthy, and the first task of the day would wait for it.
    """
    with contextlib.suppress(URLError, OSError):
        build_opener(ProxyHandler({})).open(f"{place.url()}/execution/health", timeout=60).close()


def _await_health(place: Place, started: list[Started]) -> None:
    """Wait until all is healthy, and the one who answers is ours. Raises PortTakenError, LocalAirflowError."""
    deadline = time.monotonic() + _PATIENCE
    wanted = {"metadatabase", "scheduler", "dag_processor"}
    while time.monotonic() < deadline:
        states = health(place)
        if all(states.get(name) == "healthy" for name in wanted) and any(listens(one, place.port()) for one in started):
            return
        for one in started:
            if not one.is_running():
                kind = PortTakenError if states else LocalAirflowError
                raise kind(f"{one.name} 已退出 · has ended:\n{_tail(place, one.name)}")
        time.sleep(0.3)
    tails = "\n".join(_tail(place, name) for name in COMPONENTS)
    raise LocalAirflowError(f"{_PATIENCE:.0f} 秒内没有就绪 · not healthy in time ({dict(health(place))}):\n{tails}")


def _tail(place: Place, name: str) -> str:
    log = place.logs / f"{name}.log"
    lines = log.read_text(errors="replace").splitlines()[-15:] if log.is_file() else []
    return "\n".join([f"--- {log}", *lines])


def _introduce(place: Place, is_detached: bool) -> None:
    """Say where Airflow is and how to enter; the password itself only the first time."""
    password = place.passwords()[USER]
    if place.shown_file.is_file():
        password = f"见 · in {place.password_file}"
    place.shown_file.touch()
    lines = {
        "网页 · web page": place.url(),
        "用户 · user": USER,
        "密码 · password": password,
        "语言 · language": "简体中文：左下角用户菜单 · follows the browser; user menu, lower left",
        "日志 · logs": str(place.logs),
        "停止 · stop": "make down" if is_detached else "Ctrl-C",
    }
    console.rule("督查 Ducha")
    for label, value in lines.items():
        console.print(f"{label:<15} {value}", markup=False, soft_wrap=True)
    console.rule()


def _watch(place: Place) -> int:
    """Stay until interrupted; return 1 when a component ended by itself."""
    while True:
        time.sleep(1)
        first = _gone(place)
        if first:
            time.sleep(_DOWN_TAKES)
        if first and len(_gone(place)) == len(COMPONENTS):
            return 0  # somebody else said `down`, which ends one after another
        if first:
            raise LocalAirflowError(f"{first[0]} 已退出 · has ended:\n{_tail(place, first[0])}")


def _gone(place: Place) -> list[str]:
    running = {one.name for one in load(place.pid_file)}
    return [name for name in COMPONENTS if name not in running]


def interrupts_raise() -> contextlib.AbstractContextManager[None]:
    """Make a closed terminal and a polite kill stop us as Ctrl-C does."""

    def interrupt(_signal: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    return _handling(interrupt)


def interrupts_ignored() -> contextlib.AbstractContextManager[None]:
    """Let nothing but a SIGKILL keep us from tidying up."""
    return _handling(signal.SIG_IGN)


@contextlib.contextmanager
def _handling(handler: Callable[[int, FrameType | None], None] | signal.Handlers) -> Iterator[None]:
    held = {sign: signal.signal(sign, handler) for sign in (signal.SIGHUP, signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    finally:
        for sign, former in held.items():
            signal.signal(sign, former)
