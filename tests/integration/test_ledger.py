"""Receipts, withdrawals and the append-only ledger on a real PostgreSQL."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg2
import pytest
from ducha.county.loading import load_county
from ducha.ledger.receipts import record_receipts, record_withdrawals, unchecked_receipts
from ducha.pipeline.collect import check_submissions
from ducha.pipeline.fetch import fetch_unit
from ducha.settings import PROJECT, Settings
from ducha.sources.arrival import Arrival, Withdrawal, microseconds
from ducha.warehouse.database import connect, fetch

NOON = datetime(2022, 1, 13, 4, tzinfo=UTC)


def arrival(path: str, content: bytes, minutes: int = 0) -> Arrival:
    at = NOON + timedelta(minutes=minutes)
    return Arrival("D01", path, content, at, microseconds(at))


def record(conn, given: Arrival, is_live: bool) -> list[str]:
    with conn:
        return record_receipts(conn, "990001", "folder", [(given, f"sha of {given.content!r}")], is_live)


def test_a_live_file_is_received_once_until_its_content_changes(conn) -> None:
    assert len(record(conn, arrival("D01/a.csv", b"1"), True)) == 1
    assert record(conn, arrival("D01/a.csv", b"1", 5), True) == []
    assert len(record(conn, arrival("D01/a.csv", b"2", 10), True)) == 1
    assert len(record(conn, arrival("D01/a.csv", b"1", 15), True)) == 1, "back again is news"


def test_a_replayed_event_is_received_once_whatever_came_after_it(conn) -> None:
    first, second = arrival("D01/a.csv", b"1"), arrival("D01/a.csv", b"1", 5)
    assert len(record(conn, first, False)) == 1
    assert len(record(conn, second, False)) == 1
    assert record(conn, first, False) == []
    assert [r.known_at for r in unchecked_receipts(conn, "990001").itertuples()] == [
        first.received_at,
        second.received_at,
    ]


def test_withdrawals_are_recorded_once(conn) -> None:
    taken_back = Withdrawal("D01", "2022-W02", NOON, 7, "报错")
    for expected in (1, 0):
        with conn:
            assert record_withdrawals(conn, "990001", [taken_back]) == expected


@pytest.mark.parametrize("change", ["UPDATE ledger.receipt SET path = 'x'", "DELETE FROM ledger.receipt",
                                    "TRUNCATE ledger.receipt CASCADE"])  # fmt: skip
def test_the_ledger_refuses_change(conn, change: str) -> None:
    record(conn, arrival("D01/a.csv", b"1"), True)
    with pytest.raises(psycopg2.errors.RaiseException, match="append-only"), conn, conn.cursor() as cur:
        cur.execute(change)
    assert fetch(conn, "SELECT path FROM ledger.receipt") == [{"path": "D01/a.csv"}]


def test_two_runs_of_a_county_wait_for_one_another(conn, warehouse_url: str) -> None:
    other = connect(warehouse_url)
    with other.cursor() as cur:
        cur.execute("SET lock_timeout = '300ms'")
    other.commit()
    with conn:
        record_receipts(conn, "990001", "folder", [(arrival("D01/a.csv", b"1"), "sha")], True)
        with pytest.raises(psycopg2.errors.LockNotAvailable):
            record(other, arrival("D01/b.csv", b"1"), NOON)
    assert len(record(other, arrival("D01/b.csv", b"1"), NOON)) == 1, "free again after the commit"
    other.close()


def test_a_row_is_returned_for_a_problem_and_never_for_a_note(conn, warehouse_url: str, tmp_path: Path) -> None:
    settings = Settings(tmp_path, PROJECT / "include" / "small_county", tmp_path / "inbox", warehouse_url)
    catalogue = load_county(settings.county_dir)
    (settings.inbox / "T01").mkdir(parents=True)
    # The numerator above its denominator (columns C, D) is told before the date (E) that returns the row.
    text = "事项代码,周次,分子,分母,完成日期\nXC-03,2022-W02,20,10,昨天\n"
    (settings.inbox / "T01" / "a.csv").write_text(text, encoding="utf-8")
    fetch_unit(conn, settings, catalogue.settings, "T01", datetime(2099, 1, 1, tzinfo=UTC))
    check_submissions(conn, settings, catalogue, NOON)
    told = fetch(conn, "SELECT reason_code FROM ops.intake_event ORDER BY event_no")
    assert [row["reason_code"] for row in told] == ["numerator_above_denominator", "not_a_date"]
    rejected = fetch(conn, "SELECT reason_code, cell, message_en FROM ops.rejected_row")
    assert [(row["reason_code"], row["cell"]) for row in rejected] == [("not_a_date", "E2")]
    assert "definite date" in rejected[0]["message_en"]
