"""The page of all responsibilities: as many rows as the catalogue has, each with a number or a state that says why."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime

import psycopg2
import pytest
from ducha.county.loading import load_county
from ducha.embedded import EmbeddedPostgres
from ducha.pipeline.week import run_week
from ducha.sample import write_sample
from ducha.settings import Settings
from ducha.warehouse.catalogue import sync_catalogue
from ducha.warehouse.database import connect, migrate
from ducha.warehouse.responsibility_page import responsibility_page

from tests.small_county import COUNTY

WEEK = "2022-W08"


@pytest.fixture(scope="module")
def conn(postgres: EmbeddedPostgres, tmp_path_factory) -> Iterator[psycopg2.extensions.connection]:
    home = tmp_path_factory.mktemp("home")
    write_sample(COUNTY, home / "sample", weeks=8, seed=1)
    url = postgres.new_database()
    migrate(url)
    connection = connect(url)
    run_week(connection, Settings(home, COUNTY, home / "sample" / "inbox", url), WEEK, lambda *_: None)
    yield connection
    connection.close()


@pytest.fixture(scope="module")
def page(conn) -> str:
    return responsibility_page(conn, "990001", WEEK, 1)


def test_no_row_is_left_out(page):
    rows = load_county(COUNTY).responsibilities
    listed = re.findall(r"^\| ([A-Z]{2}-\S+) \|", page, re.M)
    assert sorted(listed) == sorted(rows["responsibility_code"])
    assert f"**{len(rows)} of {len(rows)} rows are live**" in page


def test_each_has_a_number_or_says_why(page, conn):
    for line in re.findall(r"^\| [A-Z]{2}-.*$", page, re.M):
        code, _, _, number, states, why = (cell.strip() for cell in line.strip("|").split("|"))
        assert re.fullmatch(r"—|-?\d+\.\d%", number), code
        assert states, code
        assert why, code
        assert "None" not in line, code
    assert re.search(r"^\| CY-02 .* — \| 未设目标 no_target 1 \| .*待县委、县政府下达", page, re.M)
    assert re.search(r"^\| XC-05 .*整村搬迁安置期间暂停改厕", page, re.M), (
        "an exception's reason as the county wrote it"
    )


def test_a_week_that_was_not_computed_is_no_empty_page(conn):
    with pytest.raises(KeyError, match="2022-W03"):
        responsibility_page(conn, "990001", "2022-W03", 1)


def test_a_target_that_is_set_in_march_leaves_the_page_of_that_week_as_published(conn, page):
    """The numbers are the release's; only the words beside them are the catalogue's of today."""
    loaded = load_county(COUNTY)
    rows = loaded.responsibilities
    rows.loc[rows["responsibility_code"] == "CY-02", "target"] = 60.0
    with conn:
        sync_catalogue(conn, loaded, datetime(2022, 3, 1, tzinfo=UTC), "test")
    assert re.search(r"^\| CY-02 .* — \| 未设目标", responsibility_page(conn, "990001", WEEK, 1), re.M)
