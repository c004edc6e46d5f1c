"""For all tests: `../shared`, and a real PostgreSQL, one server a session and one fresh, migrated database a test."""

import os
from collections.abc import Iterator
from pathlib import Path

import psycopg2
import pytest
from ducha.embedded import EmbeddedPostgres, temporary_postgres
from ducha.warehouse.database import connect, migrate

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def shared() -> Path:
    """`../shared`, with the design's worked cases and the corpus; its absence fails in CI and is said elsewhere."""
    directory = ROOT.parent / "shared"
    if not directory.is_dir():
        message = "not run: needs ../shared (worked cases and corpus), which is not beside this checkout"
        if os.environ.get("CI"):
            pytest.fail(message)
        pytest.skip(message)
    return directory


@pytest.fixture(scope="session")
def postgres() -> Iterator[EmbeddedPostgres]:
    with temporary_postgres() as server:
        yield server


@pytest.fixture
def warehouse_url(postgres: EmbeddedPostgres) -> str:
    """The address of a database of the test's own, migrated."""
    url = postgres.new_database()
    migrate(url)
    return url


@pytest.fixture
def conn(warehouse_url: str) -> Iterator[psycopg2.extensions.connection]:
    connection = connect(warehouse_url)
    yield connection
    connection.close()
