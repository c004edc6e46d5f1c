"""Numbers that name a person (个人信息): found in any text, and left out of every name that is kept."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Sequence

HIDDEN = "（已隐去）"

# An identity number (18 characters with a real century, or 15 digits), a mobile number or a landline with its area
# code; digits may be set apart by blanks or hyphens. Digit runs that merely contain one do not count.
_GAP = r"[ \-]?"
PERSONAL = re.compile(
    rf"(?<!\d)(?:[1-9]\d{{5}}{_GAP}(?:18|19|20)\d{{2}}{_GAP}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01]){_GAP}\d{{3}}[\dXx]"
    rf"|[1-9]\d{{5}}\d{{2}}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{{3}}"
    rf"|(?:\+?86{_GAP})?1[3-9]\d{_GAP}\d{{4}}{_GAP}\d{{4}}"
    rf"|0\d{{2,3}}[ \-]\d{{7,8}})(?![\dXx])"
)


def is_personal(text: str) -> bool:
    """Return whether `text` seems to hold an identity or phone number."""
    return PERSONAL.search(unicodedata.normalize("NFKC", text)) is not None


def masked(text: str, instead: str = HIDDEN) -> str:
    """Return `text` with such numbers taken out; a text without one comes back as it is."""
    return PERSONAL.sub(instead, unicodedata.normalize("NFKC", text)) if is_personal(text) else text


def masked_path(path: str) -> str:
    """Return a path as it may be kept: such numbers taken out of each name in it, two names still two.

    Four hex digits in the place of the number tell files apart that differ in it alone, so that each is received once;
    they fit a hundred thousand phone numbers, so they name none. Bytes that are no UTF-8 are written as escapes.
    """
    text = path.encode("utf-8", "backslashreplace").decode()
    return "/".join(_masked_name(name) for name in text.split("/"))


def _masked_name(name: str) -> str:
    digest = hashlib.sha256(name.encode()).hexdigest()[:4]
    return masked(name, f"{HIDDEN[:-1]}{digest}{HIDDEN[-1]}").replace("/", "_") if is_personal(name) else name


def masked_names(names: Sequence[str]) -> list[str]:
    """Return names that are unlike each other as they may be kept, still unlike: a repeated one gets a number."""
    kept: list[str] = []
    for name in names:
        plain, shown, number = masked(name), masked(name), 1
        while shown in kept or (shown != name and shown in names):
            number += 1
            shown = f"{plain}{number}"
        kept.append(shown)
    return kept
