"""A real county, its folder and the present moment: races, late clocks, lost shares, what-ifs and odd file names."""

import os
import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from ducha.county.loading import load_county
from ducha.pipeline import collect as collecting
from ducha.pipeline.collect import check_submissions, withdraw
from ducha.pipeline.fetch import fetch_unit
from ducha.pipeline.publish import NoDutiesError, compute_release
from ducha.pipeline.week import WeekAheadError, run_week, what_if
from ducha.warehouse.database import connect
from ducha.warehouse.release import AuditFailedError

from tests.integration.office import WEEK, Office


def test_two_checks_at_once_lose_no_file(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """The hourly collection and the last one before the freeze start in the same minute every week."""
    office.sync()
    office.put("D01", "a.csv", ("CY-01", 1))
    fetch_unit(office.conn, office.settings, office.catalogue.settings, "D01")
    is_reading, may_go_on = threading.Event(), threading.Event()
    read_files = collecting.read_files

    def slowly(*given: Any) -> Any:
        is_reading.set()
        assert may_go_on.wait(30)
        return read_files(*given)

    monkeypatch.setattr(collecting, "read_files", slowly)
    found = {}

    def check(name: str) -> None:
        conn = connect(office.settings.database_url)
        found[name] = check_submissions(conn, office.settings, office.catalogue)
        conn.close()

    first = threading.Thread(target=check, args=("hourly",))
    first.start()
    assert is_reading.wait(30)
    second = threading.Thread(target=check, args=("last",))
    second.start()
    may_go_on.set()
    first.join(60)
    office.put("D02", "b.csv", ("XC-05", 2))
    fetch_unit(office.conn, office.settings, office.catalogue.settings, "D02")
    second.join(60)
    rest = check_submissions(office.conn, office.settings, office.catalogue)
    assert [found["hourly"].files, found["last"].files + rest.files] == [1, 1]
    recorded = office.ask("SELECT unit_code FROM ledger.submission ORDER BY 1")
    assert recorded == [{"unit_code": "D01"}, {"unit_code": "D02"}]


def test_no_fact_is_known_before_it_came_nor_to_a_release_before_it_was_recorded(office: Office) -> None:
    office.put("D01", "a.csv", ("CY-01", 1))
    release = office.run()["release"]
    assert office.ask("SELECT 1 FROM ledger.submission WHERE known_at < received_at") == []
    assert office.ask("SELECT 1 FROM ledger.receipt WHERE known_at < received_at") == []
    (newest,) = office.ask("SELECT max(known_at) AS at FROM ledger.progress")
    assert newest["at"] <= release["facts_frozen_at"]
    assert office.run()["release"]["release_id"] == release["release_id"], "nothing new, no new release"


def test_a_run_with_an_older_clock_never_goes_on_top(office: Office) -> None:
    office.sync()
    before = datetime.now(UTC)
    office.put("D01", "a.csv", ("CY-01", 1))
    newest = office.run()["release"]["release_id"]
    late = compute_release(office.conn, load_county(office.settings.county_dir), WEEK, before)
    assert late == newest
    assert office.ask("SELECT count(*) AS n FROM ops.release") == [{"n": 1}]


def test_a_what_if_shows_what_was_known_then_and_changes_nothing(office: Office) -> None:
    office.put("D01", "a.csv", ("CY-01", 1))
    first = office.run()
    moment = first["release"]["facts_frozen_at"]
    office.put("D01", "a.csv", ("CY-01", 12))
    second = office.run()
    shown = office.values()
    then = what_if(office.conn, office.settings, WEEK, moment)
    assert (then["release"]["release_id"], then["release"]["release_status"]) == ("2022-W02-W1", "what_if")
    assert then["release"]["completion"] == first["release"]["completion"] != second["release"]["completion"]
    assert then["units"] == first["units"]
    again = what_if(office.conn, office.settings, WEEK, moment)
    assert again["release"]["release_id"] == "2022-W02-W1"
    assert office.values() == shown
    office.put("D01", "b.csv", ("CY-01", 11))
    assert office.run()["release"]["release_id"] == "2022-W02-R3", "what-ifs take no numbers"
    with pytest.raises(WeekAheadError):
        what_if(office.conn, office.settings, WEEK, datetime.now(UTC) + timedelta(days=1))


@pytest.mark.parametrize("table", ["unit_week", "county_week"])
def test_the_audit_compares_numbers_not_their_digits(
    office: Office, monkeypatch: pytest.MonkeyPatch, table: str
) -> None:
    """Figures are made in floating point and audited in decimal: a tie in the tenth place may fall either way."""
    from ducha.pipeline import publish

    office.put("D01", "a.csv", ("CY-01", 1))
    compute_week = publish.compute_week

    def off_by(share: float) -> None:
        def compute(*given: Any) -> Any:
            tables = compute_week(*given)
            tables[table]["completion"] += share
            return tables

        monkeypatch.setattr(publish, "compute_week", compute)

    off_by(9e-10)
    office.run()
    off_by(2e-9)
    with pytest.raises(AuditFailedError, match=table.removesuffix("_week")):
        office.run()


def test_a_failed_audit_publishes_nothing_and_names_the_figure(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    from ducha.pipeline import publish

    office.put("D01", "a.csv", ("CY-01", 1))
    standing = office.run()["release"]["release_id"]
    office.put("D01", "a.csv", ("CY-01", 2))
    compute_week = publish.compute_week

    def wrong(*given: Any) -> Any:
        tables = compute_week(*given)
        tables["county_week"]["completion"] += 0.01
        return tables

    monkeypatch.setattr(publish, "compute_week", wrong)
    with pytest.raises(AuditFailedError, match="county_completion"):
        office.run()
    (shown,) = office.ask("SELECT release_id FROM mart.county_week WHERE week_code = %s", WEEK)
    assert shown["release_id"] == standing
    (finding,) = office.ask("SELECT release_id, check_code, figure FROM ops.audit_result")
    assert (finding["release_id"], finding["check_code"], finding["figure"]) == (
        "2022-W02-R2", "county_completion", "county",
    )  # fmt: skip
    (failed,) = office.ask("SELECT status FROM ops.release WHERE release_id = %s", "2022-W02-R2")
    assert failed["status"] == "failed"


def test_a_name_in_another_systems_writing_stops_nobody(office: Office) -> None:
    office.put("D01", "周报.csv".encode("gb18030"), ("CY-01", 1))
    office.put("D02", "b.csv", ("XC-05", 2))
    summary = office.run()
    assert summary["failed_units"] == {}
    paths = office.ask("SELECT path FROM ledger.receipt ORDER BY unit_code")
    assert [row["path"] for row in paths] == ["D01/周报.csv", "D02/b.csv"]


def test_of_two_files_the_one_saved_last_counts(office: Office) -> None:
    old = office.put("D01", "b_original.csv", ("CY-01", 4))
    office.put("D01", "a_corrected.csv", ("CY-01", 5))
    os.utime(old, (old.stat().st_atime, old.stat().st_mtime - 7200))
    office.run()
    assert office.values()["D01 CY-01"] == 5


def test_without_the_inbox_nobody_is_missing(office: Office) -> None:
    lost = replace(office.settings, inbox=office.settings.inbox / "not-mounted")
    with pytest.raises(FileNotFoundError, match="挂载"):
        run_week(office.conn, lost, WEEK, lambda *_: None)
    assert office.ask("SELECT 1 FROM ops.release") == []


def test_a_file_in_no_units_folder_is_told(office: Office) -> None:
    office.put("Z99", "a.csv", ("CY-01", 1))
    (office.settings.inbox / "root.xlsx").write_bytes(b"?")
    (office.settings.inbox / "README.txt").write_text("please")
    assert office.run()["strays"] == ["Z99/a.csv", "root.xlsx"]


def test_a_week_that_has_not_come_and_a_year_without_duties(office: Office) -> None:
    weeks = office.catalogue.weeks
    ahead = weeks.loc[weeks["week"] > datetime.now(), "week_code"]  # noqa: DTZ005  naive as the frame's Mondays are
    if len(ahead):
        with pytest.raises((WeekAheadError, NoDutiesError)):
            office.run(ahead.iloc[0])
    with pytest.raises(NoDutiesError, match="2021"):
        office.run("2021-W20")
    assert office.ask("SELECT 1 FROM mart.bulletin") == []


def interrupted(*_: Any) -> None:
    raise KeyboardInterrupt


def test_the_marked_workbook_is_the_same_after_a_kill(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    office.sync()
    office.put("D01", "a.csv", ("CY-01", 1), ("NONE", 2))
    fetch_unit(office.conn, office.settings, office.catalogue.settings, "D01")
    with monkeypatch.context() as patch:
        patch.setattr(collecting, "record_batch", interrupted)
        with pytest.raises(KeyboardInterrupt):
            check_submissions(office.conn, office.settings, office.catalogue)
    summary = check_submissions(office.conn, office.settings, office.catalogue)
    lying = [path for path in office.settings.returned_dir.rglob("*") if path.is_file()]
    assert [str(path.relative_to(office.settings.home)) for path in lying] == summary.returned
    assert len(lying) == 1
    assert lying[0].parent == office.settings.returned_dir / "990001" / "D01"


def test_a_reason_that_names_a_person_is_refused(office: Office) -> None:
    office.put("D01", "a.csv", ("CY-01", 1))
    office.run()
    with pytest.raises(ValueError, match="证件号"):
        withdraw(office.conn, "990001", "D01", WEEK, "报错：王某11010519491231002X")
    assert office.ask("SELECT 1 FROM ledger.withdrawal") == []
    assert withdraw(office.conn, "990001", "D01", WEEK, "报错单位") == 1
