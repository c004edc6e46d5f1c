"""The marked workbook (退回单), written by the reading child from the sender's own file and our letter about it.

The first sheet says calmly what arrived, what was recorded and what to do; after it stands the sheet as it was sent,
each value in its own place, marked cells with a note and a last column 说明. Corrected and saved, it can be sent again.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from ducha.intake.cells import MAX_EXACT, as_text, is_personal_cell
from ducha.intake.headings import NUMBERS, VOCABULARY, column_letter, plain_heading
from ducha.intake.problems import Problem
from ducha.intake.sheet_style import (
    AMBER,
    AMBER_INK,
    AMBER_LINE,
    DEEP,
    MUTED,
    PALE,
    TEXT_WIDTH,
    WIDTHS,
    Styles,
    set_page,
    storable,
    workbook,
)  # fmt: skip
from ducha.personal import HIDDEN_TEXT, hidden_names

LISTED = 200
"""Findings listed on the first sheet; the others stand beside their rows."""
SUMMARY_SHEET = "退回说明"


@dataclass(frozen=True)
class Letter:
    """What we tell a sender about one file: plain data that goes through JSON.

    `sender`: code and names; `file`: its name as it may be shown; `received_at`: in the county's time, ISO; `problems`:
    the fields of `Problem`.
    """

    unit_code: str
    sender: str
    office: str
    week: str
    kind: str
    file: str
    received_at: str
    verdict: str
    accepted_rows: int
    rejected_rows: int
    problems: list[dict[str, Any]]

    def findings(self) -> list[Problem]:
        """Return the problems, in the order of the file."""
        return [Problem(**each) for each in self.problems]


def write_marked(letter: Letter, tables: Sequence[dict[str, Any]], path: Path) -> None:
    """Write the workbook of a letter; `tables` with their `grid` as `tables.read_tables` gives them, none if refused.

    It bears the time of receipt, so the same file and letter give the same bytes whenever it is written.
    """
    shown = hidden_names([table["sheet"] for table in tables])
    names = _sheet_names(shown)
    findings = letter.findings()
    received_at = dt.datetime.fromisoformat(letter.received_at)
    with workbook(path, received_at, f"{letter.week} 填报退回单", letter.office) as (book, styles):
        summary = book.add_worksheet(SUMMARY_SHEET)
        _summary(summary, styles, letter, findings, dict(zip(shown, names, strict=True)))
        for table, sheet, name in zip(tables, shown, names, strict=True):
            own = [each for each in findings if each.sheet == sheet and each.row_no]
            _marked(book.add_worksheet(name), styles, letter, table, own)


def _summary(sheet: Any, styles: Styles, letter: Letter, findings: Sequence[Problem], names: dict[str, str]) -> None:
    set_page(sheet, footer=letter.office)
    for column, width in enumerate((3, 9, 13, 16, 46, 58, 3)):
        sheet.set_column(column, column, width)
    sheet.set_row(0, 12)
    sheet.set_row(1, 34)
    sheet.write_string(1, 1, f"{letter.week} 填报退回单", styles(font_size=20, bold=True, font_color=DEEP))
    sheet.write_string(2, 1, "Weekly report returned", styles(font_size=11, font_color=MUTED))
    row = 4
    for zh, en, text in _facts(letter):
        sheet.set_row(row, 20)
        sheet.merge_range(row, 1, row, 2, f"{zh} {en}", styles(font_color=MUTED, bottom=1, bottom_color=PALE))
        sheet.merge_range(row, 3, row, 5, storable(text), styles(bold=True, bottom=1, bottom_color=PALE))
        row += 1
    row = _how_to(sheet, styles, letter, row + 1)
    _list(sheet, styles, row + 1, findings, names)


def _facts(letter: Letter) -> Iterable[tuple[str, str, str]]:
    yield "报送单位", "From", letter.sender
    yield "收到文件", "File", letter.file
    yield "收到时间", "Received", f"{dt.datetime.fromisoformat(letter.received_at):%Y-%m-%d %H:%M}"
    if letter.verdict == "refused":
        yield "结果", "Result", "这份文件没有读取，其中的数据尚未记录 · not read, nothing recorded yet"
        return
    yield "已经记录", "Recorded", f"{letter.accepted_rows} 行，无需重填 · rows, nothing to do"
    yield "需要修改", "To correct", f"{letter.rejected_rows} 行，改好后会马上记录 · rows"


def _how_to(sheet: Any, styles: Styles, letter: Letter, row: int) -> int:
    if letter.verdict == "refused":
        steps = [
            "按下面的说明处理后，把文件重新放回原来的报送目录即可。",
            "After following the note below, put the file back into the same folder.",
        ]
    else:
        steps = [
            "① 打开后面的工作表，浅黄色的格子需要修改，最后一列“说明”写着原因。其余内容无需改动。",
            "② 改好后直接保存，把这份文件放回原来的报送目录即可，系统会自动重新读取。",
            "The amber cells on the next sheet need a correction; the last column says why. "
            "Save, and put this file back into the same folder.",
        ]
    sheet.write_string(row, 1, "怎样修改 · What to do", styles(bold=True, font_size=12, font_color=DEEP))
    for step in steps:
        row += 1
        sheet.set_row(row, 19)
        sheet.write_string(row, 1, step, styles(font_color=MUTED if step.isascii() or step[0] == "T" else "#1F2933"))
    return row + 1


def _list(sheet: Any, styles: Styles, row: int, findings: Sequence[Problem], names: dict[str, str]) -> None:
    faults = [each for each in findings if not each.is_note]
    notes = [each for each in findings if each.is_note]
    for title, listed in (("需要修改 · To correct", faults), ("供参考 · For your information", notes)):
        if listed:
            row = _listed(sheet, styles, row, title, listed, names) + 1


def _listed(
    sheet: Any, styles: Styles, row: int, title: str, findings: Sequence[Problem], names: dict[str, str]
) -> int:
    sheet.write_string(row, 1, title, styles(bold=True, font_size=12, font_color=DEEP))
    row += 1
    sheet.set_row(row, 20)
    for column, text in enumerate(("位置 Cell", "事项 Row", "填写内容 Found", "说明", "What to do"), start=1):
        sheet.write_string(row, column, text, styles.heading())
    body = styles.cell()
    for each in findings[:LISTED]:
        row += 1
        sheet.set_row(row, 34)
        place = each.cell or (f"{each.row_no}:{each.row_no}" if each.row_no else "")
        target = names.get(each.sheet)
        if place and target:
            link = styles.cell(font_color=AMBER_INK, underline=1, align="center", bg_color=AMBER, indent=0)
            sheet.write_url(row, 1, f"internal:'{target}'!{place}", link, place.split(":")[0])
        else:
            sheet.write_string(row, 1, place, styles.cell(align="center", indent=0))
        shown = (each.responsibility_code, each.raw, each.message_zh, each.message_en)
        for column, text in enumerate(shown, start=2):
            sheet.write_string(row, column, storable(text), body)
    if len(findings) > LISTED:
        row += 1
        more = len(findings) - LISTED
        sheet.write_string(row, 1, f"还有 {more} 处，见后面工作表的“说明”列 · {more} more", styles(font_color=MUTED))
    return row + 1


def _marked(sheet: Any, styles: Styles, letter: Letter, table: dict[str, Any], problems: Sequence[Problem]) -> None:
    grid: list[list[Any]] = table["grid"]
    header = table["header_row"] - 1
    width = _width(grid)
    figures = {at for field, at in table["positions"].items() if field in NUMBERS}
    marks: dict[str, list[Problem]] = {}
    said: dict[int, list[Problem]] = {}
    for each in problems:
        marks.setdefault(each.cell, []).append(each)
        said.setdefault(each.row_no, []).append(each)
    _lay_out(sheet, letter, grid[header] if grid else [], header, width)
    rows = set(table["row_nos"])
    last = max(rows, default=header + 1)
    fault = styles.cell(bg_color=AMBER, font_color=AMBER_INK, bold=True, border_color=AMBER_LINE)
    muted, amber = styles.cell(font_color=MUTED), styles.cell(font_color=AMBER_INK)
    for number, cells in enumerate(grid[: max(last, header + 1)]):
        findings, is_row = said.get(number + 1, ()), number + 1 in rows
        is_faulty = any(not each.is_note for each in findings)
        look = _look(styles, number - header, is_faulty, is_row)
        for column, cell in enumerate(cells[:width]):
            found = marks.get(f"{column_letter(column)}{number + 1}", ()) if findings and number > header else ()
            shown = _shown(cell, found, is_row and column in figures)
            _write(sheet, number, column, shown, fault if any(not each.is_note for each in found) else look)
            if found:
                _note(sheet, letter.office, number, column, found)
        if number == header:
            sheet.write_string(number, width, "说明", styles.heading(bg_color=AMBER_INK))
        elif findings:
            text = "\n".join(each.message_zh for each in findings)
            sheet.write_string(number, width, storable(text), amber if is_faulty else muted)
            sheet.set_row(number, max(22, 8 + 15 * sum(1 + len(p.message_zh) // 27 for p in findings)))
        elif is_row:
            sheet.write_string(number, width, "已记录", muted)
            sheet.set_row(number, 20)


def _lay_out(sheet: Any, letter: Letter, headings: Sequence[Any], header: int, width: int) -> None:
    set_page(sheet, repeat_rows=(header, header), footer=f"{letter.week} {letter.unit_code}")
    sheet.freeze_panes(header + 1, 0)
    sheet.set_row(header, 30)
    for column, heading in enumerate(headings[:width]):
        field = VOCABULARY[letter.kind].get(plain_heading(str(heading)))
        default = 16 if field is None else TEXT_WIDTH
        sheet.set_column(column, column, WIDTHS.get(field or "", default))
    sheet.set_column(width, width, 48)


def _shown(cell: Any, found: Sequence[Problem], is_figure: bool) -> Any:
    """A cell as it goes back: a number, or text; nothing that could name a person."""
    if any(each.reason_code == "personal_data" for each in found):
        return HIDDEN_TEXT
    return _showable(cell, is_figure)


@lru_cache(maxsize=1 << 10, typed=True)
def _showable(cell: Any, is_figure: bool) -> Any:
    if is_personal_cell(cell, is_figure):
        return HIDDEN_TEXT
    if isinstance(cell, bool):
        return "是" if cell else "否"
    return cell if isinstance(cell, float) and abs(cell) <= MAX_EXACT else storable(as_text(cell))


def _note(sheet: Any, office: str, row: int, column: int, found: Sequence[Problem]) -> None:
    note = "\n\n".join(f"{each.message_zh}\n{each.message_en}" for each in found)
    size = {"x_scale": 2.4, "y_scale": 1.1 + 0.5 * len(found), "font_size": 9, "color": "#FFFBEF"}
    sheet.write_comment(row, column, storable(note), {"author": office, **size})


def _write(sheet: Any, row: int, column: int, shown: Any, look: Any) -> None:
    if isinstance(shown, float):
        sheet.write_number(row, column, shown, look)
    elif shown == "":
        sheet.write_blank(row, column, None, look)
    else:
        sheet.write_string(row, column, shown[:32_000], look)


def _look(styles: Styles, offset: int, is_faulty: bool, is_row: bool) -> Any:
    if offset < 0:
        return styles(font_size=14 if offset < -1 else 11, bold=offset < -1, font_color=DEEP)
    if offset == 0:
        return styles.heading()
    if not is_row:
        return styles(font_color=MUTED)
    return styles.cell() if is_faulty else styles.cell(font_color=MUTED)


def _width(grid: Sequence[Sequence[Any]]) -> int:
    """The columns of a sheet that hold anything, without a 说明 column of an earlier return."""
    width = max((n + 1 for row in grid for n, cell in enumerate(row) if cell != ""), default=1)
    if any(len(row) >= width and row[width - 1] == "说明" for row in grid):
        return width - 1
    return width


def _sheet_names(shown: Sequence[str]) -> list[str]:
    """Sheet names a workbook accepts: at most 31 characters, no forbidden signs, no two alike."""
    names: list[str] = []
    for number, name in enumerate(shown, start=1):
        plain = re.sub(r"[\[\]:*?/\\\x00-\x1f]", "_", storable(name)).strip("'")[:28] or "填报表"
        taken = {each.lower() for each in (*names, SUMMARY_SHEET)}
        names.append(plain if plain.lower() not in taken else f"{plain[:24]}_{number}")
    return names
