"""What is wrong with a file, a row or a cell, said so that a clerk can put it right."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields
from typing import TYPE_CHECKING

from ducha.intake.headings import FIELDS
from ducha.intake.reasons import NOTES, REASONS
from ducha.personal import HIDDEN_TEXT, hidden, is_personal

if TYPE_CHECKING:
    import pandas as pd

MAX_RAW = 80
"""Characters of a value that a message repeats."""


@dataclass(frozen=True)
class Problem:
    """One finding. `row_no` 0 and `cell` '' mean the whole file.

    What could name a person is not in it: `raw` is then '', `file` and `sheet` are masked.
    """

    file_id: str
    file: str
    sheet: str
    cell: str
    row_no: int
    unit_code: str
    responsibility_code: str
    reason_code: str
    message_zh: str
    message_en: str
    raw: str

    @property
    def is_note(self) -> bool:
        """Whether it only tells, and returns nothing."""
        return self.reason_code in NOTES

    @property
    def message(self) -> str:
        """Both languages in one line."""
        return f"{self.message_zh} · {self.message_en}"


COLUMNS = [field.name for field in fields(Problem)]


def printable(raw: object) -> str:
    """Return `raw` as a message may repeat it: one short line, no control characters, '' if it could name a person."""
    text = str(raw)
    if is_personal(text):
        return ""
    text = "".join(c if c.isprintable() else " " for c in text[: MAX_RAW + 1]).strip()
    return text if len(text) <= MAX_RAW else text[:MAX_RAW] + "…"


def say(reason_code: str, *, raw: object = "", field: str = "", want: object = "") -> tuple[str, str]:
    """Return the Chinese and the English message of `reason_code` with its placeholders filled."""
    reason = REASONS[reason_code]
    shown, wanted = _spoken(raw), _spoken(want)
    heading = FIELDS.get(field)
    zh, en = (heading.zh, heading.en) if heading else (field, field)
    return (
        reason.zh.format(raw=shown, field=zh, want=wanted),
        reason.en.format(raw=shown, field=en, want=wanted),
    )


def _spoken(raw: object) -> str:
    """Return `raw` as a sentence takes it: with a word, not a gap, in the place of what could name a person."""
    return HIDDEN_TEXT if is_personal(str(raw)) else printable(raw)


def problem(
    reason_code: str,
    *,
    file_id: str = "",
    file: str = "",
    sheet: str = "",
    cell: str = "",
    row_no: int = 0,
    unit_code: str = "",
    responsibility_code: str = "",
    raw: object = "",
    field: str = "",
    want: object = "",
) -> Problem:
    """Return a `Problem` whose messages come from the table of reasons; KeyError for an unknown reason code."""
    zh, en = say(reason_code, raw=raw, field=field, want=want)
    kept = "" if reason_code == "personal_data" else printable(raw)
    unit, code = printable(unit_code), printable(responsibility_code)
    return Problem(file_id, hidden(file), hidden(sheet), cell, row_no, unit, code, reason_code, zh, en, kept)


def problems_frame(problems: Iterable[Problem]) -> pd.DataFrame:
    """Return one row a problem with the columns of `Problem` (str, `row_no` int64)."""
    import pandas as pd  # here, for the reading child tells problems too and must start fast

    frame = pd.DataFrame([asdict(each) for each in problems], columns=COLUMNS)
    kinds = {name: "int64" if name == "row_no" else "str" for name in COLUMNS}
    return frame.astype(kinds)
