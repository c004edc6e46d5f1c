"""A phone or identity number stays in the landed original alone, also when it stands in the name of a file or sheet."""

import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import psycopg2
import pytest
import xlsxwriter
from ducha.county.loading import load_county
from ducha.embedded import EmbeddedPostgres
from ducha.ledger.receipts import record_receipts
from ducha.pipeline.collect import check_submissions, sync_catalogue
from ducha.pipeline.fetch import fetch_unit
from ducha.settings import PROJECT, Settings
from ducha.sources.folder import FolderSource
from ducha.warehouse.database import connect, fetch, migrate

NUMBERS = ("13800138000", "13900139000", "11010119900307451X", "13700137000")
COUNTY = PROJECT / "include" / "small_county"
NOON = datetime(2022, 1, 13, 4, tzinfo=UTC)
HEADER = ["事项代码", "周次", "完成值", "分子", "分母", "完成日期"]


def write(path: Path, sheets: dict[str, list[list[Any]]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    book = xlsxwriter.Workbook(str(path))
    for name, rows in sheets.items():
        page = book.add_worksheet(name)
        for number, row in enumerate([HEADER, *rows]):
            page.write_row(number, 0, row)
    book.close()


@pytest.fixture(scope="module")
def world(postgres: EmbeddedPostgres, tmp_path_factory: pytest.TempPathFactory) -> Iterator[SimpleNamespace]:
    home = tmp_path_factory.mktemp("home")
    inbox = home / "inbox"
    good, bad = ["CY-01", "2022-W02", 3], ["CY-02", "2022-W02", "约3"]
    write(
        inbox / "D01" / f"李四{NUMBERS[3]}" / f"张三{NUMBERS[0]}.xlsx", {NUMBERS[1]: [good], f"王五{NUMBERS[2]}": [bad]}
    )
    write(inbox / "D02" / f"{NUMBERS[0]}.xlsx", {NUMBERS[1]: [bad], NUMBERS[0]: [bad]})
    (inbox / "D03").mkdir()
    (inbox / "D03" / f"坏{NUMBERS[2]}.xlsx").write_bytes(b"PK\x03\x04")
    url = postgres.new_database()
    migrate(url)
    conn = connect(url)
    settings = Settings(home, COUNTY, inbox, url)
    catalogue = load_county(COUNTY)
    sync_catalogue(conn, COUNTY, NOON, "test")
    until = datetime(2099, 1, 1, tzinfo=UTC)
    for unit in ("D01", "D02", "D03"):
        fetch_unit(conn, settings, catalogue.settings, unit, until)
    summary = check_submissions(conn, settings, catalogue, NOON)
    yield SimpleNamespace(conn=conn, settings=settings, summary=summary)
    conn.close()


def leaks(text: str) -> list[str]:
    return [number for number in NUMBERS if number in text]


def test_no_table_holds_it(world: SimpleNamespace) -> None:
    tables = fetch(world.conn, "SELECT schemaname || '.' || tablename AS name FROM pg_tables "
                               "WHERE schemaname IN ('ledger', 'ops', 'mart', 'catalogue')")  # fmt: skip
    assert len(tables) > 30
    for table in tables:
        rows = fetch(world.conn, f"SELECT t::text AS row FROM {table['name']} t")
        assert not leaks("\n".join(row["row"] for row in rows)), table["name"]
    assert [row["sheet"] for row in fetch(world.conn, "SELECT sheet FROM ledger.progress")] == ["（已隐去）"]
    sheets = fetch(world.conn, "SELECT DISTINCT sheet FROM ops.rejected_row ORDER BY 1")
    assert [row["sheet"] for row in sheets] == ["（已隐去）", "（已隐去）2"]


def test_no_returned_workbook_and_no_answer_of_a_task_holds_it(world: SimpleNamespace) -> None:
    assert not leaks(repr(world.summary))
    files = [path for path in world.settings.returned_dir.rglob("*") if path.is_file()]
    assert len(files) == 3
    for path in files:
        assert not leaks(str(path))
        with zipfile.ZipFile(path) as package:
            for part in package.namelist():
                assert not leaks(package.read(part).decode("utf-8")), part


def test_the_file_can_be_found_again(world: SimpleNamespace) -> None:
    rows = fetch(world.conn, "SELECT path, sha256 FROM ledger.receipt WHERE unit_code = 'D01'")
    folder, file = rows[0]["path"].split("/")[1:]
    assert folder.startswith("李四（已隐去")
    assert file.startswith("张三（已隐去")
    assert file.endswith("）.xlsx")
    assert (world.settings.landing_dir / rows[0]["sha256"][:2] / rows[0]["sha256"]).is_file()


def test_files_that_differ_in_the_number_alone_are_each_received_once(
    conn: psycopg2.extensions.connection, tmp_path: Path
) -> None:
    (tmp_path / "D01").mkdir()
    for number in NUMBERS[:2]:
        (tmp_path / "D01" / f"{number}.csv").write_text(f"content of the file {number[:3]}")
    received = []
    for _ in range(3):
        arrivals = [(arrival, arrival.content.decode()) for arrival in FolderSource(tmp_path).arrivals("D01")]
        with conn:
            received.append(len(record_receipts(conn, "990001", "folder", arrivals, NOON)))
    assert received == [2, 0, 0]


def test_what_the_system_says_of_a_file_does_not_hold_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "D01").mkdir()
    (tmp_path / "D01" / f"{NUMBERS[0]}.csv").write_text("x")

    def refuse(path: Path) -> bytes:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(Path, "read_bytes", refuse)
    with pytest.raises(PermissionError, match="已隐去") as caught:
        list(FolderSource(tmp_path).arrivals("D01"))
    assert not leaks(str(caught.value))
