"""Files as clerks send them: a workbook under Chinese headings, or CSV in its canonical form. Same rows, same bytes."""

from __future__ import annotations

import csv
import datetime as dt
import io
from typing import Any

import xlsxwriter

from ducha.sample.sending import Sending

HEADINGS = {
    "unit_code": "单位代码",
    "week": "周次",
    "responsibility_code": "事项代码",
    "item": "子项",
    "value": "数值",
    "numerator": "分子",
    "denominator": "分母",
    "done": "是否完成",
    "happened_on": "发生日期",
    "no_change": "本周无变化",
    "reason": "原因",
    "measure": "措施",
    "next_step": "下一步",
    "evidence": "佐证",
    "checked_on": "核查日期",
    "method": "核查方式",
    "sample_kind": "抽样类型",
    "finding": "发现问题",
    "guidance": "指导意见",
}
"""Headings of a workbook by canonical column; an inspection calls its value 核查值."""

SAMPLE_KINDS = {"random": "随机", "risk": "风险"}
SHEET = "报送表"
MADE_ON = dt.datetime(2022, 1, 1)  # noqa: DTZ001  a workbook's properties carry no zone


def content_of(sending: Sending) -> bytes:
    """Return the bytes of a file; a broken one is a workbook whose second half was lost on the way."""
    if sending.is_broken:
        whole = _workbook(sending)
        return whole[: len(whole) // 2]
    if sending.form == "xlsx":
        return _workbook(sending)
    return _csv(sending).encode("gb18030" if sending.form == "csv-gb18030" else "utf-8")


def _workbook(sending: Sending) -> bytes:
    """Title, headings, rows; numbers and dates as such, everything else as text and never as a formula."""
    buffer = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(buffer, options) as workbook:
        workbook.set_properties({"created": MADE_ON, "author": "示例（虚构）"})
        sheet = workbook.add_worksheet(SHEET)
        bold = workbook.add_format({"bold": True})
        day_format = workbook.add_format({"num_format": "yyyy-mm-dd"})
        sheet.write_string(0, 0, sending.title, bold)
        for column, name in enumerate(sending.fields):
            sheet.write_string(1, column, _heading(name, sending), bold)
        for number, row in enumerate(sending.rows, start=2):
            for column, name in enumerate(sending.fields):
                if name in row:
                    _write_cell(sheet, number, column, row[name], day_format)
        sheet.set_column(0, len(sending.fields) - 1, 12)
        sheet.freeze_panes(2, 0)
    return buffer.getvalue()


def _heading(name: str, sending: Sending) -> str:
    return "核查值" if name == "value" and sending.role == "inspection" else HEADINGS[name]


def _write_cell(sheet: Any, row: int, column: int, value: Any, day_format: Any) -> None:
    if isinstance(value, bool):
        sheet.write_string(row, column, "是" if value else "否")
    elif isinstance(value, int | float):
        sheet.write_number(row, column, value)
    elif isinstance(value, dt.date):
        sheet.write_datetime(row, column, dt.datetime.combine(value, dt.time()), day_format)
    else:
        sheet.write_string(row, column, SAMPLE_KINDS.get(value, value))


def _csv(sending: Sending) -> str:
    buffer = io.StringIO(newline="")
    writer = csv.DictWriter(buffer, sending.fields, lineterminator="\r\n")
    writer.writeheader()
    for row in sending.rows:
        writer.writerow({name: _text(value) for name, value in row.items()})
    return buffer.getvalue()


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
