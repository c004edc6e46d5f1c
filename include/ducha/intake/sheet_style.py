"""One look for every workbook that goes to a clerk: fonts, colours, page, properties."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

import xlsxwriter

INK = "#1F2933"
MUTED = "#7B8794"
DEEP = "#1F4E5F"
PALE = "#EAF1F3"
LINE = "#C9D3D8"
AMBER = "#FFF1CC"
AMBER_LINE = "#D9960A"
AMBER_INK = "#8A5A00"
WHITE = "#FFFFFF"
FONT = "微软雅黑"

WIDTHS = {
    "unit_code": 10, "week": 11, "responsibility_code": 13, "item": 14, "value": 12, "numerator": 11, "denominator": 11,
    "done": 10, "happened_on": 13, "checked_on": 13, "no_change": 9, "method": 12, "sample_kind": 11,
}  # fmt: skip
"""Column widths in characters; texts get `TEXT_WIDTH`."""
TEXT_WIDTH = 22


class Styles:
    """The formats of one workbook, made once each."""

    def __init__(self, book: Any) -> None:
        self._book = book
        self._made: dict[tuple[tuple[str, Any], ...], Any] = {}

    def __call__(self, **properties: Any) -> Any:
        """Return the house's format with `properties` on top."""
        wanted = {"font_name": FONT, "font_size": 10, "font_color": INK, "valign": "vcenter"} | properties
        key = tuple(sorted(wanted.items()))
        if key not in self._made:
            self._made[key] = self._book.add_format(wanted)
        return self._made[key]

    def cell(self, **properties: Any) -> Any:
        """Return the format of a table cell."""
        return self(**({"border": 1, "border_color": LINE, "text_wrap": True, "indent": 1} | properties))

    def heading(self, **properties: Any) -> Any:
        """Return the format of a table heading."""
        look = {"bold": True, "font_color": WHITE, "bg_color": DEEP, "align": "center", "indent": 0} | properties
        return self.cell(**look)


@contextmanager
def workbook(path: Path, created: dt.datetime, title: str, author: str) -> Iterator[tuple[Any, Styles]]:
    """Open a workbook that holds text as text, and put it in place whole; equal content and clock give equal bytes."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with NamedTemporaryFile(dir=path.parent, prefix=".writing-", suffix=".xlsx", delete=False) as file:
        draft = Path(file.name)
    try:
        options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
        book = xlsxwriter.Workbook(str(draft), {**options, "in_memory": True})
        book.set_properties({"title": title, "author": author, "created": created.replace(tzinfo=None)})
        yield book, Styles(book)
        book.close()
        draft.chmod(0o644)
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


def set_page(sheet: Any, *, repeat_rows: tuple[int, int] | None = None, footer: str = "") -> None:
    """Set a sheet for printing: A4 landscape, one page wide, headings on every page, page numbers below."""
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.set_margins(left=0.5, right=0.5, top=0.6, bottom=0.6)
    sheet.set_footer(f'&L&"{FONT},常规"&8 {footer}&R&"{FONT},常规"&8 第 &P 页，共 &N 页')
    sheet.hide_gridlines(2)
    if repeat_rows:
        sheet.repeat_rows(*repeat_rows)


def storable(text: str) -> str:
    """Return `text` as XML can hold it: lone surrogates become the replacement character."""
    return text.encode("utf-8", "replace").decode("utf-8") if not text.isascii() else text
