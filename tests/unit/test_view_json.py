"""What a machine reads: JSON that every parser takes, each number as the database holds it."""

import json
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from ducha.view import records, to_json


def exact(text: str) -> object:
    def refuse(name: str) -> None:
        raise AssertionError(f"{name} is no JSON")

    return json.loads(text, parse_float=Decimal, parse_constant=refuse)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "null"),
        (1, "1"),
        (True, "true"),
        (Decimal("0.1"), "0.1"),
        (Decimal("0.33333333333333333333"), "0.33333333333333333333"),
        (Decimal("12345678901234567890.5"), "12345678901234567890.5"),
        (Decimal("1E+3"), "1000"),
        (Decimal("1E-9"), "0.000000001"),
        (Decimal("NaN"), '"NaN"'),
        (float("nan"), '"NaN"'),
        (float("-inf"), '"-Infinity"'),
        (0.1, "0.1"),
        (date(2022, 1, 10), '"2022-01-10"'),
        (datetime(2022, 1, 14, 4, tzinfo=UTC), '"2022-01-14T04:00:00+00:00"'),
        ("青松镇", '"青松镇"'),
        ('"\\u00001\\u0000"', r'"\"\\u00001\\u0000\""'),
        ([Decimal("1.50"), {"a": Decimal(2)}], '[1.50, {"a": 2}]'),
        (memoryview(b"\x01\xff"), '"01ff"'),
    ],
)
def test_each_value_as_json(value: object, text: str) -> None:
    assert to_json(value) == text
    exact(text)


def test_a_column_name_that_stands_twice_keeps_both_values() -> None:
    import pandas as pd

    frame = pd.DataFrame([(1, 2, 3)], columns=["a", "b", "a"], dtype=object)
    assert records(frame) == [{"a": 1, "b": 2, "a_2": 3}]
