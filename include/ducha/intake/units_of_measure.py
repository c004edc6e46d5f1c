"""Typed units against the catalogue's unit of measure: 1.2亿元 is 12000 where the plan counts in 万元."""

from __future__ import annotations

import unicodedata
from decimal import Decimal
from functools import lru_cache

# Longest first, so that 万亿 is not read as 万. Bare 百, 十 and 成 stay out: 百分点 and 十项 are words, not sizes.
_MAGNITUDES = (("万亿", 12), ("千万", 7), ("百万", 6), ("千亿", 11), ("百亿", 10), ("亿", 8), ("万", 4))
_WORDS_WITH_QIAN = ("千元", "千人", "千户", "千吨", "千公顷")


def split_unit(unit: str) -> tuple[int, str]:
    """Return the power of ten and the base of a unit: 万元 → (4, 元), 个 → (0, 个)."""
    plain = unicodedata.normalize("NFKC", unit).strip()
    for text, power in _MAGNITUDES:
        if plain.startswith(text):
            return power, plain[len(text) :]
    if plain in _WORDS_WITH_QIAN or plain == "千":
        return 3, plain[1:]
    return 0, plain


@lru_cache(maxsize=4096)
def factor_between(typed: str, planned: str) -> float | None:
    """Return what a number in `typed` is multiplied by to be in `planned`; None when the two do not agree."""
    if not typed or unicodedata.normalize("NFKC", typed) == unicodedata.normalize("NFKC", planned):
        return 1.0
    (typed_power, typed_base), (planned_power, planned_base) = split_unit(typed), split_unit(planned)
    if typed_base != planned_base and typed_base:
        return None
    if not planned:
        return None
    return float(Decimal(10) ** (typed_power - planned_power))


def convert(value: float, typed: str, planned: str) -> float | None:
    """Return `value`, typed with the unit `typed`, in the unit of measure `planned`; None when they do not agree."""
    factor = factor_between(typed, planned)
    if factor is None:
        return None
    return float(Decimal(repr(float(value))) * Decimal(repr(factor)))


def is_plain_count(typed: str) -> bool:
    """Return whether a unit typed behind a numerator leaves its size alone: 个, 户, but not 万户 or %."""
    return split_unit(typed)[0] == 0 and unicodedata.normalize("NFKC", typed) not in ("%", "‰")
