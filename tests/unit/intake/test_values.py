# ruff: noqa: E501 - worked cases read best side by side
"""Numbers, dates, weeks and flags as people type them."""

from __future__ import annotations

import math

import pandas as pd
import pytest
from ducha.intake.cells import CellDate
from ducha.intake.number_formats import shape_of
from ducha.intake.units_of_measure import convert
from ducha.intake.values import parse_dates, parse_flags, parse_numbers, parse_texts, parse_weeks


@pytest.mark.parametrize(
    ("cell", "value", "suffix"),
    [
        (12.5, 12.5, ""), ("12.5", 12.5, ""), ("-3", -3, ""), ("+3", 3, ""), (".5", 0.5, ""), ("5.", 5, ""), ("0", 0, ""),
        ("12.5%", 12.5, "%"), ("１２．５％", 12.5, "%"), ("60　%", 60, "%"), ("  60 ", 60, ""), ("007", 7, ""),
        ("1,234.5", 1234.5, ""), ("１，２３４", 1234, ""), ("1.2亿元", 1.2, "亿元"), ("3200万元", 3200, "万元"),
        ("60个", 60, "个"), ("1.2E+08", 1.2e8, ""), ("13800138000", 13800138000, ""),
        ("0.345678120112345", 0.345678120112345, ""), (0.345678120112345, 0.345678120112345, ""), ("12\u200b", 12, ""), (-0.0, 0, ""),
    ],
)  # fmt: skip
def test_exact_numbers_are_read(cell: object, value: float, suffix: str) -> None:
    numbers = parse_numbers([cell])
    assert (numbers.values[0], numbers.suffixes[0], numbers.codes[0]) == (value, suffix, "")


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        ("约50%", "not_a_number"), ("50%左右", "not_a_number"), ("三成", "not_a_number"), ("百分之五十", "not_a_number"),
        ("50％（含在建）", "not_a_number"), ("—", "not_a_number"), ("/", "not_a_number"), ("N/A", "not_a_number"),
        ("#N/A", "not_a_number"), ("已完成", "not_a_number"), ("2026年3月5日", "not_a_number"), ("=1+1", "not_a_number"),
        ("1,23", "not_a_number"), ("1 2", "not_a_number"), ("50多", "not_a_number"), ("3-5", "not_a_number"),
        ("50+", "not_a_number"), (True, "not_a_number"), ("2026.3.5", "not_a_number"), ("٣٤x", "not_a_number"),
        (math.nan, "not_finite"), (math.inf, "not_finite"), ("NaN", "not_finite"), ("-Infinity", "not_finite"),
        ("1e999", "not_finite"), (1.2345678901234567e19, "number_too_large"), ("220101199003074514", "personal_data"),
        ("110105194912310021", "personal_data"), (110105194912310021.0, "personal_data"), ("11010519491231002X", "personal_data"),
        ("110105194912310021亩", "personal_data"), ("110,105,194,912,310,021", "personal_data"), ("138-0013-8000", "personal_data"),
        ("1.1010519491231E+17", "personal_data"), ("110105.194912310021", "personal_data"), ("13800138000左右", "personal_data"),
        ("202201131234567890", "number_too_large"),
        (CellDate("2026-03-05"), "date_in_number"), (CellDate("12:00:00"), "date_in_number"),
    ],
)  # fmt: skip
def test_what_is_not_exact_is_an_error_and_never_a_guess(cell: object, code: str) -> None:
    numbers = parse_numbers([cell])
    assert numbers.codes[0] == code
    assert math.isnan(numbers.values[0])


def test_empty_is_nan_and_no_error() -> None:
    numbers = parse_numbers(["", "  ", 1.0])
    assert numbers.codes.tolist() == ["", "", ""]
    assert [math.isnan(x) for x in numbers.values] == [True, True, False]


@pytest.mark.parametrize(
    "cell", ["2026-03-05", "2026年3月5日", "2026.3.5", "2026/3/5", "2026-03-05T08:30:00", "２０２６年３月５日", 46086.0,
             CellDate("2026-03-05"), "2026年3月5号"],
)  # fmt: skip
def test_dates_as_typed(cell: object) -> None:
    days, codes = parse_dates([cell])
    assert (days[0], codes[0]) == (pd.Timestamp("2026-03-05"), "")


@pytest.mark.parametrize(
    "cell", ["3月5日", "2026-02-30", "上周", 60.0, -1.0, 99999999.0, 0.5, True, "20260305", "5/3/2026"]
)
def test_indefinite_dates_are_errors(cell: object) -> None:
    days, codes = parse_dates([cell])
    assert codes[0] == "not_a_date"
    assert pd.isna(days[0])


@pytest.mark.parametrize("cell", ["2022-W02", "2022W2", "2022年第2周", "2022-w02", "２０２２－Ｗ０２", " 2022-W02 "])
def test_weeks_as_typed(cell: str) -> None:
    weeks, codes = parse_weeks([cell])
    assert (weeks[0], codes[0]) == ("2022-W02", "")


@pytest.mark.parametrize("cell", ["第2周", "2022-W54", "2022-W00", CellDate("2022-01-10"), 2.0, "2022-01-10"])
def test_indefinite_weeks_are_errors(cell: object) -> None:
    assert parse_weeks([cell])[1][0] == "week_unreadable"


@pytest.mark.parametrize("cell", ["11010519491231002X", 110105194912310021.0, "110105.1949.1231.0021"])
def test_a_number_that_names_a_person_is_one_in_any_column(cell: object) -> None:
    parsers = (parse_numbers, parse_dates, parse_weeks, parse_flags)
    assert [parse([cell])[-1][0] for parse in parsers] == ["personal_data"] * 4
    for is_code in (True, False):
        texts, codes = parse_texts([cell], is_code)
        assert (texts[0], codes[0]) == ("", "personal_data")
    assert parse_texts(["\x01110105194912310021"], is_code=False)[1][0] == "personal_data"
    assert parse_texts([0.345678120112345], is_code=False)[1][0] == ""


def test_flags() -> None:
    flags, codes = parse_flags(["是", "√", True, 1.0, "TRUE", "否", "未完成", False, "0", "", "差不多"])
    assert flags[:9].tolist() == [True] * 5 + [False] * 4
    assert flags[9:].isna().all()
    assert codes.tolist() == [""] * 10 + ["not_a_flag"]


def test_texts_keep_what_was_written_and_codes_become_plain() -> None:
    texts, codes = parse_texts(["  第一行\r\n第二行 ", 7.0, "a\x00b", "𠮷㐀", "长" * 2001, True], is_code=False)
    assert texts[:2].tolist() == ["第一行\n第二行", "7"]
    assert "\x00" not in texts[2]
    assert texts[3] == "𠮷㐀"
    assert codes.tolist() == ["", "", "text_control", "", "text_too_long", ""]
    assert parse_texts(["Ａ０１\u200b"], is_code=True)[0][0] == "A01"
    assert parse_texts(["\ud800"], is_code=False)[1][0] == "text_control"


@pytest.mark.parametrize(
    ("code", "shown"),
    [
        ("0%", "12.5%"), ("0.00%", "12.5%"), ("[红色]0.0%", "12.5%"), ('"已完成 "0%', "12.5%"), ('0"万元"', "0.125万元"),
        ('#,##0.00"亿元"', "0.125亿元"), ('0!.0,"万元"', "0.0000125万元"), ('0\\%', "0.125%"), ('0.0,"千元"', "0.000125千元"),
    ],
)  # fmt: skip
def test_formats_that_change_a_number_are_followed(code: str, shown: str) -> None:
    shape = shape_of(code)
    assert shape is not None
    assert shape.shown(0.125) == shown


@pytest.mark.parametrize("code", ["General", "0", "0.00", "#,##0.00", "@", "yyyy-mm-dd", '0.00_);(0.00)', "0.00E+00",
                                  "[$¥-804]#,##0.00", '_ * #,##0_ ', 'd"天"', "aaaa"])  # fmt: skip
def test_formats_that_leave_a_number_alone(code: str) -> None:
    assert shape_of(code) is None


@pytest.mark.parametrize("code", ["0,", "0.00,,", '"约"0%', '0"左右"'])
def test_formats_that_leave_the_size_open_give_nothing(code: str) -> None:
    shape = shape_of(code)
    assert shape is not None
    assert shape.shown(5.0) is None


@pytest.mark.parametrize(
    ("value", "typed", "planned", "result"),
    [
        (1.2, "亿元", "万元", 12000), (3200, "万元", "元", 3.2e7), (3200, "万", "万元", 3200), (12.5, "%", "%", 12.5),
        (12.5, "％", "%", 12.5), (60, "个", "个", 60), (60, "个", "户", None), (60, "%", "万元", None), (5, "万", "", None),
        (0.1, "亿元", "万元", 1000), (3, "百分点", "百分点", 3), (2, "万千瓦", "万千瓦", 2), (0.3, "万亿元", "亿元", 3000),
    ],
)  # fmt: skip
def test_typed_units_meet_the_plan_or_are_refused(value: float, typed: str, planned: str, result: float | None) -> None:
    assert convert(value, typed, planned) == result
