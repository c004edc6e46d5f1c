"""A real PostgreSQL for the integration tests: one server a session, one fresh, migrated database a test."""

from collections.abc import Iterator

import psycopg2
import pytest
from ducha.embedded import EmbeddedPostgres, temporary_postgres
from ducha.warehouse.database import connect, migrate


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
