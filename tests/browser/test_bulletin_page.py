"""The bulletin as a leader opens it: one file, no request to anywhere, every number opens its query and its rows."""

from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from ducha.bulletin.drafting import draft_bulletin
from ducha.bulletin.publishing import publish_bulletin
from ducha.embedded import EmbeddedPostgres
from ducha.warehouse.database import connect, fetch, migrate
from playwright.sync_api import BrowserContext, Page, expect

from tests.unit.bulletin.songxi import CODE, prepare

AT = datetime(2022, 2, 25, 9, tzinfo=UTC)


@pytest.fixture(scope="module")
def issue(postgres: EmbeddedPostgres, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, list[dict]]]:
    """A published issue of the tests' county: its html file, and its figures as the warehouse has them."""
    url = postgres.new_database()
    migrate(url)
    with closing(connect(url)) as conn:
        release_id = prepare(conn).release_id
        shelf = tmp_path_factory.mktemp("bulletins")
        draft = draft_bulletin(conn, county_code=CODE, release_id=release_id, directory=shelf, drafted_at=AT)
        named = {"county_code": CODE, "bulletin_id": draft.bulletin_id, "release_id": release_id}
        published = publish_bulletin(conn, **named, signer="督查室主任", signed_at=AT, comment="同意")
        query = "SELECT * FROM mart.bulletin_figure WHERE bulletin_id = %s"
        yield next(Path(published).glob("*.html")), fetch(conn, query, (draft.bulletin_id,))


@pytest.fixture
def page(reader: BrowserContext, issue: tuple[Path, list[dict]]) -> Iterator[Page]:
    page = reader.new_page()
    asked, complaints = [], []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(issue[0].as_uri())
    yield page
    assert set(asked) == {issue[0].as_uri()}, "one file, and nothing asked of anyone"
    assert complaints == []


def test_every_number_opens_its_query_and_its_rows(page: Page, issue: tuple[Path, list[dict]]) -> None:
    links = page.locator("main a[data-figure]:visible")
    shown = {link.get_attribute("data-figure") for link in links.all()}
    assert len(shown) > 100
    assert shown <= {figure["figure_code"] for figure in issue[1]}
    first = links.first
    (figure,) = [one for one in issue[1] if one["figure_code"] == first.get_attribute("data-figure")]
    text = first.inner_text()
    first.click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_be_visible()
    expect(dialog.locator(".shown")).to_have_text(text)
    expect(dialog.locator(".label")).to_have_text(figure["label_zh"])
    dialog.locator("summary").click()
    assert dialog.locator("pre").inner_text().split() == figure["query"].split()
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()


def test_by_keyboard_alone(page: Page) -> None:
    page.locator("main a[data-figure]:visible").nth(3).focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_be_hidden()


def test_reads_in_english_and_remembers(page: Page) -> None:
    heading = page.locator("section h2").first
    assert "一、" in heading.inner_text()
    page.locator("#language").click()
    assert heading.inner_text().startswith("1. ")
    visible = page.locator("main .zh:visible")
    assert visible.count() == 0
    page.reload()
    assert heading.inner_text().startswith("1. ")
    page.locator("#language").click()


def test_dark_is_dark_and_light_is_light(page: Page, look: Path) -> None:
    def brightness() -> int:
        colour = page.evaluate("getComputedStyle(document.body).backgroundColor")
        return sum(int(part) for part in colour.removeprefix("rgb(").removesuffix(")").split(",")[:3])

    before = brightness()
    page.locator("#theme").click()
    after = brightness()
    assert max(before, after) > 600
    assert min(before, after) < 200
    page.screenshot(path=look / "bulletin-dark.png")
    page.locator("#theme").click()


@pytest.mark.parametrize("width", [360, 768, 1200])
def test_fits_the_window(page: Page, look: Path, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth") <= width, "only tables scroll sideways, in their frame"
    page.screenshot(path=look / f"bulletin-{width}.png")


def test_prints_on_a4_without_buttons(page: Page) -> None:
    page.emulate_media(media="print")
    expect(page.locator("nav.tools")).to_be_hidden()
    assert page.pdf(format="A4").startswith(b"%PDF")
