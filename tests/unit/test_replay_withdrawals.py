"""A replayed county may carry withdrawals: a list in the inbox itself, each known when it happened."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from ducha.sources.arrival import Withdrawal, microseconds
from ducha.sources.replay import WITHDRAWALS, ReplaySource

NOON = datetime(2022, 1, 13, 4, 0, tzinfo=UTC)
LIST = """received_at,unit_code,week,reason
2022-01-13T13:00:00+08:00,D01,2022-W02,数据口径有误
2022-01-13T12:00:00+08:00,D01,2022-W01,报错单位
2022-01-13T12:00:00+08:00,D02,2022-W02,报错单位
"""


def test_withdrawals_come_in_time_order_and_only_those_that_have_happened(tmp_path: Path) -> None:
    (tmp_path / WITHDRAWALS).write_text(LIST, encoding="utf-8")
    first = Withdrawal("D01", "2022-W01", NOON, microseconds(NOON), "报错单位")
    later = NOON + timedelta(hours=1)
    second = Withdrawal("D01", "2022-W02", later, microseconds(later), "数据口径有误")
    assert list(ReplaySource(tmp_path, NOON - timedelta(seconds=1)).withdrawals("D01")) == []
    assert list(ReplaySource(tmp_path, NOON).withdrawals("D01")) == [first]
    assert list(ReplaySource(tmp_path, later).withdrawals("D01")) == [first, second]
    assert list(ReplaySource(tmp_path, later).withdrawals("D03")) == []


def test_an_inbox_without_a_list_has_no_withdrawals(tmp_path: Path) -> None:
    assert list(ReplaySource(tmp_path, NOON).withdrawals("D01")) == []


def test_a_unit_cannot_withdraw_through_its_own_folder(tmp_path: Path) -> None:
    (tmp_path / "D01").mkdir()
    (tmp_path / "D01" / WITHDRAWALS).write_text(LIST, encoding="utf-8")
    assert list(ReplaySource(tmp_path, NOON).withdrawals("D01")) == []
