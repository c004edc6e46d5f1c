"""How a number is printed: rounding that never lies, absence that is never zero."""

from decimal import Decimal

import pytest
from ducha.bulletin.names import Names
from ducha.bulletin.printing import printed, rounded
from ducha.bulletin.terms import Words

NAMES = Names(
    county=Words("松溪县", "Songxi County"),
    office=Words("督查室", "Office"),
    timezone="Asia/Shanghai",
    is_sample=False,
    units={"T01": Words("青松镇", "Qingsong Town"), "T02": Words("柏树乡", "Baishu Township")},
    areas={"A01": Words("产业项目", "Industry")},
    responsibilities={},
    responsibility_areas={},
    area_parents={},
)


def shown(value: str | None, unit: str, word: str | None = None) -> tuple[str, str]:
    words = printed(None if value is None else Decimal(value), word, unit, NAMES)
    return words.zh, words.en


@pytest.mark.parametrize(
    ("value", "text"),
    [("0.1235", "12.4%"), ("1", "100.0%"), ("0", "0.0%"), ("1.081", "108.1%"), ("-0.05", "-5.0%"),
     ("0.9996", "99.96%"), ("0.99999", "99.999%"), ("1.0004", "100.04%"), ("0.0004", "0.04%"), ("1e-17", "0.0%")],
)  # fmt: skip
def test_a_share_is_a_percentage_that_never_rounds_onto_0_or_100(value: str, text: str) -> None:
    assert shown(value, "fraction") == (text, text)


def test_a_difference_of_shares_is_in_percentage_points_with_its_sign() -> None:
    assert shown("0.0123", "change") == ("+1.2个百分点", "+1.2 points")
    assert shown("-0.15", "change") == ("-15.0个百分点", "-15.0 points")
    assert shown("-0.0004", "change") == ("-0.04个百分点", "-0.04 points"), "behind, however little, is not on plan"
    assert shown("0", "change") == ("0.0个百分点", "0.0 points")


def test_halves_round_up() -> None:
    assert rounded(Decimal("12.25")) == Decimal("12.3")
    assert rounded(Decimal("-12.25")) == Decimal("-12.3")


def test_counts_are_plain_and_changes_carry_a_sign() -> None:
    assert shown("10", "unit") == ("10", "10")
    assert shown("3", "signed") == ("+3", "+3")
    assert shown("-3", "signed") == ("-3", "-3")
    assert shown("0", "signed") == ("不变", "unchanged")


@pytest.mark.parametrize("unit", ["fraction", "change", "item", "signed", "rank", "measured", "ratio"])
def test_absence_is_never_zero(unit: str) -> None:
    assert shown(None, unit) == ("尚无数据", "no data yet")


def test_absence_prints_its_state_where_there_is_one() -> None:
    assert shown(None, "fraction", "no_target") == ("未设目标", "no target")
    assert shown(None, "fraction", "missing") == ("未报", "missing")
    assert shown(None, "rank", "not_ranked") == ("不排名", "not ranked")
    assert shown("0.5", "fraction", "carried") == ("50.0%", "50.0%"), "a state beside a number is not printed for it"


def test_words_dates_and_times() -> None:
    assert shown(None, "light", "red") == ("红", "red")
    assert shown(None, "light") == ("尚无数据", "no data yet")
    assert shown(None, "time", "2022-02-24 07:05") == ("2022年2月24日7:05", "24 February 2022, 7:05")
    assert shown(None, "unit_codes", "T01,T02") == ("青松镇、柏树乡", "Qingsong Town, Baishu Township")
    assert shown(None, "reason", "有数事项不足 · too few rows") == ("有数事项不足", "too few rows")
