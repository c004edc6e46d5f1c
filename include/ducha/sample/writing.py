"""Files as clerks send them: workbooks by many hands, CSV, JSON. The same rows give the same bytes."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from ducha.sample.hands import HEADINGS, NOTE, SERIAL, TYPED_UNITS
from ducha.sample.hostile import spoilt
from ducha.sample.sending import WORKBOOK, ErrorCell, FormulaCell, Sending
from ducha.sample.workbook import BOLD, Cell, Sheet, column_letter, write_workbook

SAMPLE_KINDS = {"random": "随机", "risk": "风险"}
NUMBERS = ("value", "numerator", "denominator")
ALWAYS = ("unit_code", "week", "responsibility_code")
ENCODINGS = {"csv": "utf-8", "csv-bom": "utf-8-sig", "csv-gb18030": "gb18030", "json": "utf-8", "json-bom": "utf-8-sig"}
DATE_TEXTS = {"iso": "{0.year}-{0.month:02}-{0.day:02}", "chinese": "{0.year}年{0.month}月{0.day}日",
              "dots": "{0.year}.{0.month}.{0.day}"}  # fmt: skip
_EPOCH = dt.date(1899, 12, 30)
_WIDE = str.maketrans("0123456789.-", "０１２３４５６７８９．－")


def content_of(sending: Sending) -> bytes:
    """Return the bytes of a file."""
    if sending.hostile:
        return spoilt(sending.hostile, _workbook(sending))
    if sending.form == WORKBOOK:
        return _workbook(sending)
    text = _json(sending) if sending.form.startswith("json") else _csv(sending)
    return text.encode(ENCODINGS[sending.form])


def columns_of(sending: Sending) -> list[str]:
    """Return what stands in each column of a file from A on: canonical names, and 序号 or 备注."""
    if sending.form.startswith("json"):
        return list(dict.fromkeys(name for row in sending.rows for name in sending.fields if name in row))
    hand = sending.hand
    names = [*hand.order, *(name for name in sending.fields if name not in hand.order)]
    if hand.only_used:
        used = {name for row in sending.rows for name in row} | set(ALWAYS)
        names = [name for name in names if name in used]
    if sending.form == WORKBOOK:
        names = [SERIAL] * hand.serial + names + [NOTE] * hand.hides_note
    return names


def cell_of(sending: Sending, row: int, column: str) -> str:
    """Return the address of a canonical column in a row, '' when the file has no such column."""
    columns = columns_of(sending)
    return f"{column_letter(columns.index(column))}{row}" if column in columns else ""


def _heading(name: str, sending: Sending) -> str:
    if name == "value" and sending.role == "inspection":
        return "核查值"
    return HEADINGS[sending.hand.headings].get(name, name)


def _workbook(sending: Sending) -> bytes:
    """Titles, headings, rows, perhaps a signature; numbers and dates as the hand types them."""
    hand, columns = sending.hand, columns_of(sending)
    titles = (sending.title, "填报要求：据实填写，逐行核对", "")[: hand.titles]
    rows: list[list[Cell]] = [[("s", title, BOLD)] if title else [] for title in titles]
    rows.append([("s", _heading(name, sending), BOLD) for name in columns])
    rows += [[_cell(name, row, n, sending) for name in columns] for n, row in enumerate(sending.rows, start=1)]
    if hand.signature:
        rows += [[], [("s", "填报人：（示例）　审核：（示例）", "")]]
    sheet = Sheet(
        hand.sheet,
        rows,
        hidden_columns=frozenset([len(columns) - 1] if hand.hides_note else []),
        hidden_rows=frozenset(position + sending.first_row - 1 for position in sending.hidden),
        merged=f"A1:{column_letter(len(columns) - 1)}1" if hand.titles and hand.signature else "",
    )
    return write_workbook([sheet, *_beside(hand.beside)], hand.application, hand.app_version, hand.strings == "inline")


def _beside(name: str) -> Iterator[Sheet]:
    if name:
        yield Sheet(name, [[("s", "本表供填报参考", "")]], is_hidden=name == "底稿")


def _cell(name: str, row: dict[str, Any], number: int, sending: Sending) -> Cell:
    if name in (SERIAL, NOTE):
        return ("n", number, "") if name == SERIAL else ("s", "内部备注", "")
    value = row.get(name)
    if value is None or value == "":
        return None
    if isinstance(value, bool):
        flag = sending.hand.flags[not value]
        return ("b", int(flag), "") if isinstance(flag, bool) else ("s", flag, "")
    if isinstance(value, int | float):
        return _figure(name, value, row, sending)
    if isinstance(value, dt.date):
        return _day(value, sending.hand.dates)
    return _words(name, value, sending)


def _words(name: str, value: str, sending: Sending) -> Cell:
    if isinstance(value, ErrorCell | FormulaCell):
        return ("e" if isinstance(value, ErrorCell) else "f"), value, ""
    if name == "week" and sending.hand.weeks == "chinese" and value[4:6] == "-W":
        return "s", f"{value[:4]}年第{int(value[6:])}周", ""
    return "s", SAMPLE_KINDS.get(value, value), ""


def _figure(name: str, value: float, row: dict[str, Any], sending: Sending) -> Cell:
    """A figure as the hand writes it; whatever the look, the figure meant is `value` exactly."""
    figures = sending.hand.figures
    if figures == "full_width":
        return "s", str(value).translate(_WIDE), ""
    unit = sending.units.get(row["responsibility_code"], "")
    is_bare = name != "value" or "denominator" in row or "item" in row or unit not in TYPED_UNITS
    if figures == "plain" or is_bare:
        return "n", value, ""
    if figures == "typed":
        return "s", f"{value:,}{unit}", ""
    if unit == "%":
        return "n", float(Decimal(repr(value)) / 100), "0.00%"
    return "n", value, f'0.00"{unit}"' if isinstance(value, float) else f'0"{unit}"'


def _day(day: dt.date, dates: str) -> Cell:
    if dates == "serial":
        return "n", (day - _EPOCH).days, "yyyy\\-mm\\-dd"
    return "s", DATE_TEXTS[dates].format(day), ""


def _csv(sending: Sending) -> str:
    buffer = io.StringIO(newline="")
    columns = columns_of(sending)
    writer = csv.writer(buffer, lineterminator="\r\n")
    writer.writerow([_heading(name, sending) for name in columns])
    writer.writerows([[_text(row.get(name, "")) for name in columns] for row in sending.rows])
    return buffer.getvalue()


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _json(sending: Sending) -> str:
    rows = [{name: row[name] for name in sending.fields if name in row} for row in sending.rows]
    whole = {"progress": rows} if sending.hand.is_wrapped else rows
    return json.dumps(whole, ensure_ascii=False, indent=1, default=dt.date.isoformat) + "\n"
