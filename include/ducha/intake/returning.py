"""Returning (退回): the sender's own workbook back, with every cell that needs a hand marked and explained.

The first sheet says calmly what arrived, what was recorded and what to do; after it stands the sheet as it was sent,
each value in its own place, marked cells with a note and a last column 说明. Corrected and saved, it can be sent again.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd

from ducha.calendar import week_code_of
from ducha.catalogue import INSPECTION_SENDER, Catalogue
from ducha.intake import values
from ducha.intake.checking import Checked
from ducha.intake.child import ReadingChild
from ducha.intake.headings import NUMBERS, VOCABULARY, column_letter, plain_heading
from ducha.intake.personal import HIDDEN_TEXT, hidden, is_personal
from ducha.intake.problems import Problem
from ducha.intake.reading import FileToRead, Readings, with_hidden_sheets
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

LISTED = 200
"""Findings listed on the first sheet; the others stand beside their rows."""
SUMMARY_SHEET = "退回说明"


def write_returned(readings: Readings, checked: Checked, catalogue: Catalogue, directory: Path) -> dict[str, Path]:
    """Write a marked workbook into `directory`/<unit>/ for every file returned or refused; return file_id → path.

    A file none of whose rows tells its week goes by the week in which it came. The workbook bears its file's time of
    receipt, so the same file gives the same bytes whenever it is checked. A path once used by other content is not
    overwritten.
    """
    verdicts = checked.verdicts[checked.verdicts["verdict"] != "accepted"]
    wanted = set(verdicts["file_id"])
    files = [reading.file for reading in readings if reading.file.file_id in wanted]
    with ReadingChild() as child:
        answers = list(child.read_all([(file.path, file.kind) for file in files], whole=True))
    by_file: dict[str, list[Problem]] = {file_id: [] for file_id in wanted}
    for problem in checked.problems:
        if problem.file_id in wanted:
            by_file[problem.file_id].append(problem)
    weeks = _weeks(checked.rows)
    paths = {}
    for file, answer, verdict in zip(files, answers, verdicts.to_dict("records"), strict=True):
        week = weeks.get(file.file_id) or week_code_of(_received(file, catalogue).date())
        name = f"{week}_{file.unit_code}_退回_{_stem(file.name)}.xlsx"
        letter = _Letter(file, verdict, by_file[file.file_id], week, catalogue)
        tables = with_hidden_sheets(answer.get("tables", []))
        paths[file.file_id] = _place(directory / file.unit_code / name, letter, tables)
    return paths


def _weeks(rows: pd.DataFrame) -> dict[str, str]:
    """The week most rows of a file speak of."""
    known = rows[rows["known_week"]]
    if known.empty:
        return {}
    counts = known.groupby(["file_id", "week"]).size().reset_index(name="rows").sort_values(["rows", "week"])
    return dict(zip(counts["file_id"], counts["week"], strict=True))


def _received(file: FileToRead, catalogue: Catalogue) -> dt.datetime:
    """When a file came, in the county's time; one that never landed came just now."""
    moment = file.received_at or dt.datetime.now(dt.UTC)
    return moment.astimezone(ZoneInfo(catalogue.settings.timezone))


def _stem(name: str) -> str:
    stem = re.sub(r'[\\/:*?"<>|\x00-\x1f]', "_", Path(name.replace("\\", "/")).stem).strip(" .")
    return HIDDEN_TEXT if is_personal(stem) else stem[:60] or "未命名"


def _place(path: Path, letter: _Letter, tables: Sequence[dict[str, Any]]) -> Path:
    """Write the workbook; beside one of the same name with other content it gets a number."""
    draft = path.with_name(f".{path.name}")
    letter.write(draft, tables)
    content, target, number = draft.read_bytes(), path, 1
    while target.exists() and target.read_bytes() != content:
        number += 1
        target = path.with_name(f"{path.stem}_{number}{path.suffix}")
    draft.replace(target)
    return target


class _Letter:
    """One marked workbook."""

    def __init__(
        self, file: FileToRead, verdict: dict[Any, Any], problems: Sequence[Problem], week: str, catalogue: Catalogue
    ) -> None:
        self.file = file
        self.verdict = verdict
        self.problems = problems
        self.week = week
        self.catalogue = catalogue
        self.received_at = _received(file, catalogue)

    def write(self, path: Path, tables: Sequence[dict[str, Any]]) -> None:
        title = f"{self.week} 填报退回单"
        with workbook(path, self.received_at, title, self.catalogue.settings.office_zh) as (book, styles):
            names = _sheet_names(tables)
            self._summary(book.add_worksheet(SUMMARY_SHEET), styles, dict(zip(_own(tables), names, strict=True)))
            for table, name in zip(tables, names, strict=True):
                self._marked(book.add_worksheet(name), styles, table)

    @property
    def sender(self) -> str:
        if self.file.unit_code == INSPECTION_SENDER:
            return "督查组 · Inspection teams"
        units = self.catalogue.units
        found = units[units["unit_code"] == self.file.unit_code]
        names = f"{found.iloc[0]['name_zh']} · {found.iloc[0]['name_en']}" if len(found) else ""
        return f"{self.file.unit_code}  {names}".strip()

    def _summary(self, sheet: Any, styles: Styles, names: dict[str, str]) -> None:
        set_page(sheet, footer=self.catalogue.settings.office_zh)
        for column, width in enumerate((3, 9, 13, 16, 46, 58, 3)):
            sheet.set_column(column, column, width)
        sheet.set_row(0, 12)
        sheet.set_row(1, 34)
        sheet.write_string(1, 1, f"{self.week} 填报退回单", styles(font_size=20, bold=True, font_color=DEEP))
        sheet.write_string(2, 1, "Weekly report returned", styles(font_size=11, font_color=MUTED))
        row = 4
        for zh, en, text in self._facts():
            sheet.set_row(row, 20)
            sheet.merge_range(row, 1, row, 2, f"{zh} {en}", styles(font_color=MUTED, bottom=1, bottom_color=PALE))
            sheet.merge_range(row, 3, row, 5, storable(text), styles(bold=True, bottom=1, bottom_color=PALE))
            row += 1
        row = self._how_to(sheet, styles, row + 1)
        self._list(sheet, styles, row + 1, names)

    def _facts(self) -> Iterable[tuple[str, str, str]]:
        yield "报送单位", "From", self.sender
        yield "收到文件", "File", hidden(Path(self.file.name).name)
        yield "收到时间", "Received", f"{self.received_at:%Y-%m-%d %H:%M}"
        if self.verdict["verdict"] == "refused":
            yield "结果", "Result", "这份文件没有读取，其中的数据尚未记录 · not read, nothing recorded yet"
            return
        yield "已经记录", "Recorded", f"{self.verdict['accepted_rows']} 行，无需重填 · rows, nothing to do"
        yield "需要修改", "To correct", f"{self.verdict['rejected_rows']} 行，改好后会马上记录 · rows"

    def _how_to(self, sheet: Any, styles: Styles, row: int) -> int:
        if self.verdict["verdict"] == "refused":
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
            sheet.write_string(
                row, 1, step, styles(font_color=MUTED if step.isascii() or step[0] == "T" else "#1F2933")
            )
        return row + 1

    def _list(self, sheet: Any, styles: Styles, row: int, names: dict[str, str]) -> None:
        faults = [each for each in self.problems if not each.is_note]
        notes = [each for each in self.problems if each.is_note]
        for title, findings in (("需要修改 · To correct", faults), ("供参考 · For your information", notes)):
            if findings:
                row = self._listed(sheet, styles, row, title, findings, names) + 1

    def _listed(
        self, sheet: Any, styles: Styles, row: int, title: str, findings: Sequence[Problem], names: dict[str, str]
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
            sheet.write_string(
                row, 1, f"还有 {more} 处，见后面工作表的“说明”列 · {more} more", styles(font_color=MUTED)
            )
        return row + 1

    def _marked(self, sheet: Any, styles: Styles, table: dict[str, Any]) -> None:
        grid: list[list[Any]] = table["grid"]
        header = table["header_row"] - 1
        width = _width(grid)
        figures = {at for field, at in table["positions"].items() if field in NUMBERS}
        marks: dict[str, list[Problem]] = {}
        said: dict[int, list[Problem]] = {}
        for each in self.problems:
            if each.sheet == table["sheet"] and each.row_no:
                marks.setdefault(each.cell, []).append(each)
                said.setdefault(each.row_no, []).append(each)
        self._lay_out(sheet, grid[header] if grid else [], header, width)
        last = max(table["row_nos"], default=header + 1)
        for number, cells in enumerate(grid[: max(last, header + 1)]):
            faults = [each for each in said.get(number + 1, []) if not each.is_note]
            is_data = number > header
            for column, cell in enumerate(cells[:width]):
                look = _look(styles, number - header, bool(faults), number + 1 in table["row_nos"])
                found = marks.get(f"{column_letter(column)}{number + 1}", []) if is_data else []
                is_figure = column in figures and number + 1 in table["row_nos"]
                self._cell(sheet, (number, column), cell, look, styles, found, is_figure)
            if number == header:
                sheet.write_string(number, width, "说明", styles.heading(bg_color=AMBER_INK))
            elif number + 1 in said:
                text = "\n".join(each.message_zh for each in said[number + 1])
                colour = AMBER_INK if faults else MUTED
                sheet.write_string(number, width, storable(text), styles.cell(font_color=colour))
                sheet.set_row(number, max(22, 8 + 15 * sum(1 + len(p.message_zh) // 27 for p in said[number + 1])))
            elif number + 1 in table["row_nos"]:
                sheet.write_string(number, width, "已记录", styles.cell(font_color=MUTED))
                sheet.set_row(number, 20)

    def _lay_out(self, sheet: Any, headings: Sequence[Any], header: int, width: int) -> None:
        set_page(sheet, repeat_rows=(header, header), footer=f"{self.week} {self.file.unit_code}")
        sheet.freeze_panes(header + 1, 0)
        sheet.set_row(header, 30)
        for column, heading in enumerate(headings[:width]):
            field = VOCABULARY[self.file.kind].get(plain_heading(str(heading)))
            default = 16 if field is None else TEXT_WIDTH
            sheet.set_column(column, column, WIDTHS.get(field or "", default))
        sheet.set_column(width, width, 48)

    def _cell(
        self, sheet: Any, place: tuple[int, int], cell: Any, look: Any, styles: Styles, found: Sequence[Problem],
        is_figure: bool,
    ) -> None:  # fmt: skip
        faults = [each for each in found if not each.is_note]
        if faults:
            look = styles.cell(bg_color=AMBER, font_color=AMBER_INK, bold=True, border_color=AMBER_LINE)
        text = storable(values.as_text(cell)) if not isinstance(cell, bool) else ("是" if cell else "否")
        if any(each.reason_code == "personal_data" for each in found) or values.is_personal_cell(cell, is_figure):
            sheet.write_string(*place, HIDDEN_TEXT, look)
        elif isinstance(cell, float) and abs(cell) <= values.MAX_EXACT:
            sheet.write_number(*place, cell, look)
        else:
            sheet.write_string(*place, text[:32_000], look)
        if found:
            note = "\n\n".join(f"{each.message_zh}\n{each.message_en}" for each in found)
            size = {"x_scale": 2.4, "y_scale": 1.1 + 0.5 * len(found), "font_size": 9, "color": "#FFFBEF"}
            sheet.write_comment(*place, storable(note), {"author": self.catalogue.settings.office_zh, **size})


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


def _own(tables: Sequence[dict[str, Any]]) -> list[str]:
    return [table["sheet"] for table in tables]


def _sheet_names(tables: Sequence[dict[str, Any]]) -> list[str]:
    """Sheet names a workbook accepts: at most 31 characters, no forbidden signs, no two alike."""
    names: list[str] = []
    for number, name in enumerate(_own(tables), start=1):
        plain = re.sub(r"[\[\]:*?/\\\x00-\x1f]", "_", storable(name)).strip("'")[:28] or "填报表"
        taken = {each.lower() for each in (*names, SUMMARY_SHEET)}
        names.append(plain if plain.lower() not in taken else f"{plain[:24]}_{number}")
    return names
