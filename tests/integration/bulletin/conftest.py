"""The county of the bulletin's tests, released on a real PostgreSQL."""

from collections.abc import Iterator
from types import SimpleNamespace

import pytest
from ducha.embedded import EmbeddedPostgres
from ducha.warehouse.database import connect, migrate

from tests.integration.bulletin.issue import CLEAN
from tests.unit.bulletin.songxi import prepare


@pytest.fixture(scope="package")
def world(postgres: EmbeddedPostgres) -> Iterator[SimpleNamespace]:
    """The county released once for all tests of the bulletin."""
    url = postgres.new_database()
    migrate(url)
    connection = connect(url)
    yield SimpleNamespace(url=url, conn=connection, **vars(prepare(connection)))
    connection.close()


@pytest.fixture
def county(world: SimpleNamespace) -> Iterator[SimpleNamespace]:
    """The county without any bulletin; what a test writes is taken away after it."""
    yield world
    world.conn.rollback()
    with world.conn, world.conn.cursor() as cur:
        cur.execute(CLEAN)
