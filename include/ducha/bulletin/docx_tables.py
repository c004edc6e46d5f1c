"""Tables on paper: fixed column widths, heading rows repeated on every page, rows never split."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from docx.oxml.ns import qn

from ducha.bulletin.docx_order import element, placed, put

TWIPS = 1440 / 25.4


def twips(millimetres: float) -> str:
    """A length in twentieths of a point, as the format writes it."""
    return str(round(millimetres * TWIPS))


def _line(name: str, eighths: int, colour: str = "000000") -> str:
    return element(f"w:{name}", val="single" if eighths else "nil", sz=str(eighths), space="0", color=colour)


def paragraph(style_id: str, runs: Iterable[str], align: str = "", is_kept: bool = False) -> str:
    """A paragraph of a style; `is_kept` holds it on the page of the next one."""
    properties = [element("w:pStyle", val=style_id)]
    if is_kept:
        properties.append(element("w:keepNext"))
    if align:
        properties.append(element("w:jc", val=align))
    return element("w:p", element("w:pPr", *properties), *runs)


def cell(width: float, content: str, span: int = 1, fill: str = "") -> str:
    """A table cell holding one paragraph."""
    properties = [element("w:tcW", w=twips(width), type="dxa")]
    if span > 1:
        properties.append(element("w:gridSpan", val=str(span)))
    if fill:
        properties.append(element("w:shd", val="clear", color="auto", fill=fill))
    properties.append(element("w:vAlign", val="center"))
    return element("w:tc", element("w:tcPr", *properties), content)


def row(cells: Iterable[str], is_heading: bool = False) -> str:
    """A row that is never split; a heading row is repeated on each page the table runs over."""
    repeated = [element("w:tblHeader")] if is_heading else []
    return element("w:tr", element("w:trPr", element("w:cantSplit"), *repeated), *cells)


def table(widths: Sequence[float], rows: Iterable[str]) -> str:
    """A ruled table of fixed widths in millimetres, as wide as their sum."""
    borders = element(
        "w:tblBorders",
        _line("top", 8),
        _line("left", 0),
        _line("bottom", 8),
        _line("right", 0),
        _line("insideH", 4, "7F7F7F"),
        _line("insideV", 4, "BFBFBF"),
    )
    margins = element(
        "w:tblCellMar",
        *(
            element(f"w:{side}", w=size, type="dxa")
            for side, size in (("top", "28"), ("left", "40"), ("bottom", "28"), ("right", "40"))
        ),
    )
    properties = element(
        "w:tblPr",
        element("w:tblW", w=twips(sum(widths)), type="dxa"),
        element("w:jc", val="center"),
        borders,
        element("w:tblLayout", type="fixed"),
        margins,
    )
    grid = element("w:tblGrid", *(element("w:gridCol", w=twips(width)) for width in widths))
    return element("w:tbl", properties, grid, *rows)


IMPRINT_LINE = 24
"""Points: one line of the imprint."""
BLOCK_FOOT_MM = 262
"""Where the text block ends on the page: 297 - 35."""


def imprint(width: float, style_id: str, lines: Sequence[Sequence[str]]) -> list[Any]:
    """版记: ruled lines at the foot of the page, outer rules 0.35 mm, inner ones 0.25 mm.

    Each line is a frame of its own: frames of several paragraphs lose their inner rules in some word processors.
    """
    height = IMPRINT_LINE * 25.4 / 72
    made = []
    for position, runs in enumerate(lines):
        rules = [_line("top", 8 if position == 0 else 6)]
        if position == len(lines) - 1:
            rules.append(_line("bottom", 8))
        frame = element(
            "w:framePr",
            w=twips(width),
            hSpace="0",
            wrap="around",
            vAnchor="page",
            hAnchor="margin",
            x="1",
            y=twips(BLOCK_FOOT_MM - height * (len(lines) - position)),
        )
        one = placed(paragraph(style_id, runs))
        tab = element("w:tab", val="right", pos=twips(width - 5))
        for child in (frame, element("w:pBdr", *rules), element("w:tabs", tab)):
            put(one.find(qn("w:pPr")), child)
        made.append(one)
    return made
