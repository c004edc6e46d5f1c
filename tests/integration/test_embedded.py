"""The embedded PostgreSQL: found again, stopped wholly, and unharmed by crashes."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import psycopg2
import pytest
from ducha import embedded


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path / "家"
    embedded.stop(tmp_path / "家")


def ask(url: str, query: str) -> object:
    connection = psycopg2.connect(url)
    try:
        with connection, connection.cursor() as cursor:
            cursor.execute(query)
            return cursor.fetchone()[0]
    finally:
        connection.close()


def is_alive(pid: int) -> bool:
    """Whether a process still does anything; one that only waits to be reaped by init does not."""
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def server_processes(directory: Path) -> list[int]:
    return [p.pid for p in psutil.process_iter(["cmdline"]) if str(directory / "data") in (p.info["cmdline"] or [])]


def test_start_is_idempotent_and_stop_leaves_nothing(home):
    first = embedded.start(home)
    assert embedded.start(home) == first
    assert ask(first.url("warehouse"), "select current_database()") == "warehouse"
    assert ask(first.url("airflow"), "select current_database()") == "airflow"
    assert ask(first.url("warehouse"), "show listen_addresses") == ""
    family = [first.pid, *(child.pid for child in psutil.Process(first.pid).children(recursive=True))]
    assert embedded.stop(home)
    assert not [pid for pid in family if is_alive(pid)]
    assert embedded.status(home) is None
    assert not embedded.stop(home)


def test_chinese_text_sorts_by_code_point_and_keeps_its_bytes(home):
    url = embedded.start(home).url("warehouse")
    assert ask(url, "show server_encoding") == "UTF8"
    assert ask(url, "select string_agg(t, '' order by t) from unnest(array['镇','乡','a','县']) t") == "a乡县镇"
    assert ask(url, "select upper('é县')") == "É县"


def test_killed_server_starts_again_with_what_was_committed(home):
    server = embedded.start(home)
    connection = psycopg2.connect(server.url("warehouse"))
    with connection, connection.cursor() as cursor:
        cursor.execute("create table kept as select 1 as n")
    connection.close()
    os.kill(server.pid, signal.SIGKILL)
    again = embedded.start(home)
    assert again.pid != server.pid
    assert ask(again.url("warehouse"), "select n from kept") == 1


def test_pid_file_of_another_process_is_stale(home):
    server = embedded.start(home)
    pid_file = server.directory / "data" / "postmaster.pid"
    lines = pid_file.read_text().splitlines()
    embedded.stop(home)
    lines[0] = str(os.getpid())
    pid_file.write_text("\n".join(lines) + "\n")
    assert embedded.status(home) is None
    assert ask(embedded.start(home).url("warehouse"), "select 1") == 1


def test_half_made_data_folder_is_thrown_away(home):
    (home / "postgres" / "data.unfinished").mkdir(parents=True)
    (home / "postgres" / "data.unfinished" / "PG_VERSION").write_text("18")
    assert ask(embedded.start(home).url("warehouse"), "select 1") == 1


def test_starter_may_die(home):
    """A server started by a process that is killed stays, and is the one the next start finds."""
    code = (
        "import sys, os, pathlib; from ducha import embedded;"
        "print(embedded.start(pathlib.Path(sys.argv[1])).pid, flush=True); os.kill(os.getpid(), 9)"
    )
    command = [sys.executable, "-c", code, str(home)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, start_new_session=True)
    assert done.returncode == -signal.SIGKILL
    assert embedded.start(home).pid == int(done.stdout)


def test_concurrent_starts_meet_in_one_server(home):
    code = "import sys, pathlib; from ducha import embedded; print(embedded.start(pathlib.Path(sys.argv[1])).pid)"
    command = [sys.executable, "-c", code, str(home)]
    starts = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(4)]
    pids = {int(start.communicate(timeout=60)[0]) for start in starts}
    assert len(pids) == 1
    assert server_processes(home / "postgres") == list(pids)


def test_path_longer_than_a_socket_allows(tmp_path):
    home = tmp_path / ("很长的目录" * 8)
    try:
        server = embedded.start(home)
        assert ask(server.url("warehouse"), "select 1") == 1
        assert len(os.fsencode(server.socket_directory)) < 90
    finally:
        embedded.stop(home)


def test_temporary_server_is_removed():
    with embedded.temporary_postgres() as server:
        assert ask(server.new_database(), "select 1") == 1
        place, pid = server.directory, server.pid
    assert not place.exists()
    assert not is_alive(pid)
