"""How a value is printed: fractions as percent, changes in percentage points, counts plain, absence as its state."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal

from ducha.bulletin.names import Names
from ducha.bulletin.terms import (
    DONE,
    LIGHTS,
    NO_DATA,
    REASONS,
    RED_LINES,
    SAMPLES,
    STATES,
    STATUSES,
    Words,
    both,
    term,
)

MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
          "November", "December")  # fmt: skip


def rounded(value: Decimal, landmarks: tuple[int, ...] = (0,), digits: int = 1, most: int = 4) -> Decimal:
    """Round half up to `digits` decimals, to more where that would print a landmark that the value is not.

    99.96 % is not printed as 100.0 %, and a gap of -0.04 points not as 0.0. Values are told apart at 1e-9.
    """
    value = value.quantize(Decimal("1e-9"), ROUND_HALF_UP)
    for places in range(digits, most + 1):
        shown = value.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
        if not any(shown == mark != value for mark in landmarks):
            break
    return abs(shown) if shown == 0 else shown


def _percent(value: Decimal) -> Words:
    text = f"{rounded(value * 100, (0, 100))}%"
    return Words(text, text)


def _change(value: Decimal) -> Words:
    points = rounded(value * 100)
    sign = "+" if points > 0 else ""
    return Words(f"{sign}{points}个百分点", f"{sign}{points} points")


def _count(value: Decimal) -> Words:
    text = f"{value.normalize():f}" if value == value.to_integral_value() else f"{rounded(value, digits=2):f}"
    return Words(text, text)


def _signed(value: Decimal) -> Words:
    if value == 0:
        return Words("不变", "unchanged")
    text = _count(value).zh
    return Words(f"+{text}", f"+{text}") if value > 0 else Words(text, text)


def _measured(value: Decimal) -> Words:
    text = f"{value.quantize(Decimal('0.0001'), ROUND_HALF_UP).normalize():f}"
    return Words(text, text)


NUMBERS: Mapping[str, Callable[[Decimal], Words]] = {
    "fraction": _percent,
    "change": _change,
    "signed": _signed,
    "measured": _measured,
    "ratio": lambda value: Words(*[f"{rounded(value, digits=2)}"] * 2),
    "rank": _count,
}
"""Printers by unit of measure; every other unit is a count."""


def _date(text: str, _names: Names) -> Words:
    day = date.fromisoformat(text)
    return Words(
        f"{day.year}年{day.month}月{day.day}日",
        f"{day.day} {MONTHS[day.month - 1]} {day.year}",
    )


def _time(text: str, names: Names) -> Words:
    moment = datetime.fromisoformat(text)
    clock = f"{moment.hour}:{moment.minute:02d}"
    day = _date(moment.date().isoformat(), names)
    return Words(f"{day.zh}{clock}", f"{day.en}, {clock}")


def _units(text: str, names: Names) -> Words:
    found = [names.unit(code) for code in text.split(",")]
    return Words("、".join(unit.zh for unit in found), ", ".join(unit.en for unit in found))


WORDS: Mapping[str, Callable[[str, Names], Words]] = {
    "light": lambda code, _: term(LIGHTS, code),
    "state": lambda code, _: term(STATES, code),
    "status": lambda code, _: term(STATUSES, code),
    "red_line": lambda code, _: term(RED_LINES, code),
    "done": lambda code, _: term(DONE, code),
    "sample": lambda code, _: term(SAMPLES, code),
    "reason": lambda code, _: term(REASONS, code),
    "unit_code": lambda code, names: names.unit(code),
    "unit_codes": _units,
    "area_code": lambda code, names: names.area(code),
    "date": _date,
    "time": _time,
    "text": lambda text, _: both(text),
}
"""Printers of figures that are words: unit of measure to words."""


def printed(value: Decimal | None, word: str | None, unit_of_measure: str, names: Names) -> Words:
    """The words a figure prints. Absence prints its state where `word` names one, else 尚无数据, and never 0."""
    if unit_of_measure in WORDS:
        return WORDS[unit_of_measure](word, names) if word else NO_DATA
    if value is not None:
        return NUMBERS.get(unit_of_measure, _count)(value)
    return term(STATES, word) if word and word not in {"counted", "carried"} else NO_DATA
