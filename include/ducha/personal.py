"""Numbers that name a person (个人信息): identity numbers and telephone numbers, however they are set apart.

Identity numbers follow GB 11643: region (6 digits), date of birth (8), serial (3), check digit (ISO 7064 mod 11-2).
"""

from __future__ import annotations

import datetime as dt
import hashlib
import os
import re
import unicodedata
from collections.abc import Sequence
from decimal import Decimal
from functools import lru_cache

HIDDEN_TEXT = "（已隐去）"
FEWEST_DIGITS = 10
"""A landline has no fewer; a text with fewer digits is not looked at any further."""

_BIRTHDAY = r"(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])"
_PROVINCE = r"(?:1[1-5]|2[1-3]|3[1-7]|4[1-6]|5[0-4]|6[1-5]|71|8[1-3]|91)"
_GAP = r"[ \-]?"
_SIGNS = r"(?:[^\w:%]|_){0,3}"
"""Dots, dashes, brackets and blanks of any script; a colon tells a time, a per cent sign ends a figure."""
_END = r"(?![\dXx])"

# As one run, or in its parts by a blank or hyphen: 18 characters with a real century, or the 15 digits of old cards.
# A longer run of digits that merely contains one does not count.
_IDENTITY = re.compile(
    rf"(?<!\d)(?:[1-9]\d{{5}}{_GAP}(?:18|19|20)\d{{2}}{_GAP}{_BIRTHDAY}{_GAP}\d{{3}}[\dXx]"
    rf"|[1-9]\d{{5}}\d{{2}}{_BIRTHDAY}\d{{3}}){_END}"
)
# In its parts by any signs. Here the region must exist and the date be no recent one: file numbers are set apart in
# the same way, region, date and serial, but of the years that reports speak of.
_IN_PARTS = re.compile(
    rf"(?<!\d){_PROVINCE}\d{{4}}{_SIGNS}(?:1[89]\d|200)\d{_SIGNS}(?:0[1-9]|1[0-2]){_SIGNS}"
    rf"(?:0[1-9]|[12]\d|3[01]){_SIGNS}\d{{3}}[\dXx]{_END}"
)
# Set apart anywhere, in fours or digit by digit: then its check digit must hold. Looks ahead, so that a number before
# it in the text does not take its digits.
_SET_APART = re.compile(rf"(?<!\d)(?=([1-9]{_SIGNS}(?:\d{_SIGNS}){{16}}[\dXx]){_END})")
_PHONE = re.compile(
    rf"(?<!\d)(?:(?:\+?86{_GAP})?1[3-9]\d{_GAP}\d{{4}}{_GAP}\d{{4}}"
    r"|(?:\+?86[ \-.]?)?1[3-9]\d(?P<sign>[.·・•‧‐‑–—−/])\d{4}(?P=sign)\d{4}"
    rf"|0\d{{2,3}}[ \-]\d{{7,8}}){_END}"
)
_POWER = re.compile(r"\d\.\d{7,}e\+?1[47](?!\d)", re.I)  # what programs make of 15 or 18 digits: 1.1010519491231E+17
_UNSEEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufe0e\ufe0f\ufeff]")
_STRETCH = re.compile(r"\d(?:[\W_\d]*\d)?(?:[\W_]{0,3}[Xx](?![A-Za-z]))?")
"""Digits with the signs between them, and the X that may end an identity number; none of `.xlsx`."""
_WEIGHTS = tuple(2**n % 11 for n in range(17, 0, -1))
_CHECK_DIGITS = "10X98765432"


def is_identity(text: str) -> bool:
    """Return whether `text` seems to hold an identity number: by its date of birth, or by its check digit."""
    return _has_identity(_plain(text))


@lru_cache(maxsize=1 << 10)  # sheets say the same few things over and over
def is_personal(text: str) -> bool:
    """Return whether `text` seems to hold an identity or phone number."""
    plain = _plain(text)
    return _has_identity(plain) or (plain != "" and _PHONE.search(plain) is not None)


def hidden(text: str) -> str:
    """Return `text`, or a word in its place where it seems to name a person."""
    return HIDDEN_TEXT if is_personal(text) else text


def hidden_names(names: Sequence[str]) -> list[str]:
    """Return names of one workbook's sheets with those hidden that seem to name a person; no two become alike."""
    shown: list[str] = []
    for name in names:
        plain, number = hidden(name), 1
        while plain != name and plain in (*shown, *names):
            number += 1
            plain = f"{HIDDEN_TEXT}{number}"
        shown.append(plain)
    return shown


def masked_path(path: str) -> str:
    """Return a path as it may be kept: what names a person taken out of each name in it, two names still two.

    Four hex digits of a hash stand in its place and tell files apart that differ in it alone, so that each is received
    once; a hundred thousand phone numbers have the same four, so they name none.
    """
    return "/".join(_masked_name(name) for name in path.split("/"))


def _masked_name(name: str) -> str:
    if not is_personal(name):
        return name
    mark = f"{HIDDEN_TEXT[:-1]}{hashlib.sha256(os.fsencode(name)).hexdigest()[:4]}{HIDDEN_TEXT[-1]}"
    shown = _STRETCH.sub(
        lambda found: mark if sum(map(str.isdecimal, found[0])) >= FEWEST_DIGITS else found[0], _compatible(name)
    ).replace("/", "_")
    return mark if is_personal(shown) else shown


def _compatible(text: str) -> str:
    """Return `text` in compatibility form without characters that nobody sees."""
    return _UNSEEN.sub("", text if text.isascii() else unicodedata.normalize("NFKC", text))


def _plain(text: str) -> str:
    """Return `text` in compatibility form; '' where it has too few digits."""
    plain = _compatible(text)
    return plain if sum(map(str.isdecimal, plain)) >= FEWEST_DIGITS else ""


def _has_identity(plain: str) -> bool:
    if not plain:
        return False
    if _IDENTITY.search(plain) or _IN_PARTS.search(plain):
        return True
    if any(_IDENTITY.search(str(int(Decimal(number)))) for number in _POWER.findall(plain)):
        return True
    return any(_is_valid(re.sub(r"[^\dXx]", "", found.group(1))) for found in _SET_APART.finditer(plain))


def _is_valid(number: str) -> bool:
    """Return whether 18 characters have a date of birth and the right check digit."""
    try:
        born = dt.date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        return False
    total = sum(weight * int(digit) for weight, digit in zip(_WEIGHTS, number, strict=False))
    return 1900 <= born.year < 2100 and number[17].upper() == _CHECK_DIGITS[total % 11]
