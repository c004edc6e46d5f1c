"""For the integration tests: a county that receives files now."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from ducha.embedded import EmbeddedPostgres

from tests.integration.office import Office, open_office


@pytest.fixture
def office(postgres: EmbeddedPostgres, tmp_path: Path) -> Iterator[Office]:
    with open_office(postgres, tmp_path) as opened:
        yield opened
