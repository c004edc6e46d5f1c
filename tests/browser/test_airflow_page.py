"""Airflow's web page as the office sees it: in Chinese, every flow there, switched on, with its instructions."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from ducha.local import airflow
from ducha.local.client import Client
from ducha.local.environment import OFFICE, Place
from ducha.settings import Settings
from playwright.sync_api import BrowserContext, Page, expect

from tests.small_county import COUNTY

DAGS = [path.stem for path in sorted(Path("dags").glob("*.py"))]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    home = tmp_path_factory.mktemp("page") / ".ducha"
    place = Place(Settings(home, COUNTY, home / "inbox", ""))
    airflow.start(place, print)
    Client.sign_in(place.url(), OFFICE, place.passwords()[OFFICE]).await_dags(DAGS)
    yield place
    airflow.stop(place)


@pytest.fixture
def page(place: Place, reader: BrowserContext) -> Page:
    page = reader.new_page()
    page.goto(place.url())
    page.locator("input[name=username]").fill(OFFICE)
    page.locator("input[name=password]").fill(place.passwords()[OFFICE])
    page.locator("button[type=submit]").click()
    page.wait_for_url(place.url() + "/")
    return page


def test_every_flow_is_there_in_chinese_and_switched_on(page: Page, place: Place, look: Path) -> None:
    page.goto(place.url() + "/dags")
    for dag_id in DAGS:
        expect(page.get_by_role("link", name=dag_id)).to_be_visible(timeout=20_000)
    assert page.get_by_role("link", name="收取报送").count() == 1
    assert page.locator("input[type=checkbox]:checked").count() == len(DAGS), "switched on"
    expect(page.get_by_text("下次 Dag 执行").first).to_be_visible()
    page.screenshot(path=look / "airflow-dags.png")


@pytest.mark.parametrize("dag_id", DAGS)
def test_each_says_what_to_do_when_it_is_red(page: Page, place: Place, look: Path, dag_id: str) -> None:
    page.goto(f"{place.url()}/dags/{dag_id}")
    page.get_by_role("button", name="Dag 文档").click()
    for words in ("做什么 · What", "变红时 · When red"):
        expect(page.get_by_text(words).first).to_be_visible()
    page.screenshot(path=look / f"airflow-{dag_id}.png")
