"""The edition to sign and print: the document drawn on the page of GB/T 9704-2012."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable
from datetime import UTC
from typing import Any, Literal

from docx.enum.table import WD_CELL_VERTICAL_ALIGNMENT, WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_TAB_ALIGNMENT
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor

from ducha.bulletin import docx_page as page
from ducha.bulletin.document import Column, Document, Heading, Line, Paragraph, Run, Section, Table
from ducha.bulletin.figures import Figure
from ducha.bulletin.terms import Words

Language = Literal["zh", "en"]
LIGHT_COLOURS = {"red": "C00000", "yellow": "B8860B", "green": "1E7B34", "grey": "7F7F7F"}
ALIGN = {"left": WD_ALIGN_PARAGRAPH.LEFT, "center": WD_ALIGN_PARAGRAPH.CENTER, "right": WD_ALIGN_PARAGRAPH.RIGHT}
EPOCH = (2000, 1, 1, 0, 0, 0)
FALLBACKS = {
    page.TITLE_FONT: "Noto Serif CJK SC",
    page.BODY_FONT: "FangSong",
    page.KAI_FONT: "KaiTi",
    page.HEI_FONT: "Noto Sans CJK SC",
    page.SONG_FONT: "Noto Serif CJK SC",
}
"""What a word processor may use where the fonts of the standard are not installed; none is embedded."""


class _Writer:
    """Draws blocks in one language."""

    def __init__(self, language: Language) -> None:
        self.language = language
        self.document = page.new_page()

    def words(self, words: Words) -> str:
        return words.zh if self.language == "zh" else words.en

    def paragraph(self, style: str, text: str = "") -> Any:
        return self.document.add_paragraph(text, style=self.document.styles[style])

    def runs(self, paragraph: Any, line: Line) -> None:
        """Text and figures; a light is a coloured disc and its word, so that it survives black and white."""
        runs: tuple[Run, ...] = line.zh if self.language == "zh" else line.en
        for run in runs:
            if not isinstance(run, Figure):
                paragraph.add_run(run)
                continue
            if run.unit_of_measure == "light" and run.text_en in LIGHT_COLOURS:
                dot = paragraph.add_run("●")
                dot.font.color.rgb = RGBColor.from_string(LIGHT_COLOURS[run.text_en])
            paragraph.add_run(run.text_zh if self.language == "zh" else run.text_en)

    def line(self, style: str, line: Line) -> Any:
        paragraph = self.paragraph(style)
        self.runs(paragraph, line)
        return paragraph

    def blocks(self, blocks: Iterable[Any]) -> None:
        """Headings, paragraphs and tables; charts are for the screen, their numbers stand in the tables."""
        for block in blocks:
            if isinstance(block, Heading):
                self.line("二级标题", block.text).paragraph_format.keep_with_next = True
            elif isinstance(block, Paragraph):
                self.line("表注" if block.kind == "note" else "正文段", block.text)
            elif isinstance(block, Table):
                self.table(block)

    def table(self, table: Table) -> None:
        if table.caption:
            self.paragraph("表题", self.words(table.caption)).paragraph_format.keep_with_next = True
        made = self.document.add_table(rows=1, cols=len(table.columns))
        made.style = self.document.styles["Table Grid"]
        made.alignment, made.autofit = WD_TABLE_ALIGNMENT.CENTER, False
        header = made.rows[0]
        _repeat(header)
        for cell, column in zip(header.cells, table.columns, strict=True):
            self._cell(cell, column, "表头", Line((column.title.zh,), (column.title.en,)), ALIGN["center"])
        for row in table.rows:
            self._row(made, table.columns, row)
        self.paragraph("表注")

    def _row(self, made: Any, columns: tuple[Column, ...], row: tuple[Line, ...]) -> None:
        cells = made.add_row().cells
        made.rows[-1]._tr.get_or_add_trPr().append(page.element("w:cantSplit"))
        if len(row) == 1:
            merged = cells[0].merge(cells[-1])
            merged._tc.get_or_add_tcPr().append(page.element("w:shd", val="clear", color="auto", fill="EFEFEF"))
            self._fill(merged, "表头", row[0], ALIGN["left"])
            merged.paragraphs[0].paragraph_format.keep_with_next = True
            return
        for cell, column, line in zip(cells, columns, row, strict=True):
            self._cell(cell, column, "表格", line, ALIGN[column.align])

    def _cell(self, cell: Any, column: Column, style: str, line: Line, align: WD_ALIGN_PARAGRAPH) -> None:
        cell.width = Mm(column.width)
        self._fill(cell, style, line, align)

    def _fill(self, cell: Any, style: str, line: Line, align: WD_ALIGN_PARAGRAPH) -> None:
        cell.vertical_alignment = WD_CELL_VERTICAL_ALIGNMENT.CENTER
        margins = page.element("w:tcMar")
        for side in ("left", "right"):
            margins.append(page.element(f"w:{side}", w="40", type="dxa"))
        cell._tc.get_or_add_tcPr().append(margins)
        paragraph = cell.paragraphs[0]
        paragraph.style = self.document.styles[style]
        paragraph.alignment = align
        self.runs(paragraph, line)


def _repeat(row: Any) -> None:
    """Repeat a heading row on every page the table runs over, and never split it."""
    properties = row._tr.get_or_add_trPr()
    properties.append(page.element("w:cantSplit"))
    properties.append(page.element("w:tblHeader"))


def _masthead(writer: _Writer, document: Document) -> None:
    writer.paragraph("红头", writer.words(document.masthead))
    writer.paragraph("期号", writer.words(document.number))
    line = writer.paragraph("发文", writer.words(document.office) + "\t" + writer.words(document.date))
    line.paragraph_format.tab_stops.add_tab_stop(page.BLOCK_WIDTH, WD_TAB_ALIGNMENT.RIGHT)
    page.rule_below(line, space_points=11, eighths=18, colour="D7000F")


def _annex_list(writer: _Writer, annexes: tuple[Section, ...]) -> None:
    """附件说明: one line below the body, each title on its line under the first, no closing punctuation."""
    for position, annex in enumerate(annexes):
        label = ("附件：" if writer.language == "zh" else "Annexes: ") if position == 0 else ""
        paragraph = writer.paragraph("正文段", f"{label}{annex.number}. {writer.words(annex.title)}")
        layout = paragraph.paragraph_format
        if position == 0:
            layout.space_before = page.LINE
        elif writer.language == "zh":
            layout.first_line_indent = Pt(16 * 5)
            paragraph._p.pPr.find(qn("w:ind")).set(qn("w:firstLineChars"), "500")


def _imprint(writer: _Writer, document: Document) -> None:
    """版记 at the foot of the last page: copies; issuing body and date."""
    anchor = writer.paragraph("表注")
    table = writer.document.add_table(rows=0, cols=1)
    table.autofit = False
    properties = table._tbl.tblPr
    properties.append(
        page.element("w:tblpPr", vertAnchor="margin", horzAnchor="margin", tblpXSpec="center", tblpYSpec="bottom")
    )
    is_zh = writer.language == "zh"
    rows = [(f"抄送：{document.copies.zh}。" if is_zh else f"Copies: {document.copies.en}.", "")]
    if document.signer:
        rows.append((f"签发：{document.signer.zh}" if is_zh else f"Signed: {document.signer.en}", ""))
    issued = f"{document.date.zh}印发" if is_zh else f"Issued {document.date.en}"
    if document.issue.is_draft:
        issued = "草稿，未印发" if is_zh else "Draft, not issued"
    rows.append((writer.words(document.office), issued))
    for position, (left, right) in enumerate(rows):
        cell = table.add_row().cells[0]
        cell.width = page.BLOCK_WIDTH
        borders = page.element("w:tcBorders")
        borders.append(page.element("w:top", val="single", sz="8" if position == 0 else "6", color="000000"))
        if position == len(rows) - 1:
            borders.append(page.element("w:bottom", val="single", sz="8", color="000000"))
        cell._tc.get_or_add_tcPr().append(borders)
        paragraph = cell.paragraphs[0]
        paragraph.style = writer.document.styles["版记"]
        paragraph.add_run(f"{left}\t{right}" if right else left)
        layout = paragraph.paragraph_format
        layout.left_indent, layout.right_indent = Pt(14), Pt(14)
        layout.tab_stops.add_tab_stop(page.BLOCK_WIDTH - Pt(14) - Mm(4), WD_TAB_ALIGNMENT.RIGHT)
    anchor._p.addprevious(table._tbl)


def render_docx(document: Document, language: Language = "zh") -> bytes:
    """Draw the document; the same document gives the same bytes."""
    writer = _Writer(language)
    _masthead(writer, document)
    writer.paragraph("标题行", writer.words(document.title))
    writer.paragraph("主送", writer.words(document.addressees))
    writer.blocks(document.lead)
    for section in document.sections:
        mark = f"{section.number}、" if language == "zh" else ""
        writer.paragraph("一级标题", mark + writer.words(section.title)).paragraph_format.keep_with_next = True
        writer.blocks(section.blocks)
    _annex_list(writer, document.annexes)
    office = writer.paragraph("落款", writer.words(document.office))
    office.paragraph_format.space_before = Pt(28.95 * 2)
    office.paragraph_format.keep_with_next = True
    day = writer.paragraph("落款", writer.words(document.date))
    day.paragraph_format.right_indent = Pt(16 * 4)
    for annex in document.annexes:
        mark = writer.paragraph("附件标记", f"附件{annex.number}" if language == "zh" else f"Annex {annex.number}")
        mark.paragraph_format.page_break_before = True
        writer.paragraph("附件标题", writer.words(annex.title))
        writer.blocks(annex.blocks)
    _imprint(writer, document)
    page.add_page_numbers(writer.document)
    if document.issue.is_draft:
        page.add_watermark(writer.document, "草稿" if language == "zh" else "DRAFT")
    _set_properties(writer.document, document)
    return _packed(writer.document)


def _set_properties(made: Any, document: Document) -> None:
    moment = document.issue.signed_at or document.issue.drafted_at
    stamp = moment.astimezone(UTC).replace(microsecond=0, tzinfo=None)
    properties = made.core_properties
    properties.title, properties.author = document.title.zh, document.office.zh
    properties.subject = f"{document.number.zh} · {document.issue.release_id}"
    properties.last_modified_by, properties.comments, properties.keywords = document.office.zh, "", "督查通报"
    properties.created = properties.modified = properties.last_printed = stamp
    properties.revision = 1


def _font_table() -> bytes:
    fonts = "".join(
        f'<w:font w:name="{name}"><w:altName w:val="{other}"/><w:charset w:val="86"/><w:family w:val="auto"/></w:font>'
        for name, other in FALLBACKS.items()
    )
    main = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    return f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?><w:fonts xmlns:w="{main}">{fonts}</w:fonts>'.encode()


def _packed(made: Any) -> bytes:
    """The package with members in name order and one fixed time, so that equal issues are equal files."""
    package = made.part.package
    for key in [key for key, relation in package.rels.items() if relation.reltype.endswith("/thumbnail")]:
        del package.rels[key]
    raw = io.BytesIO()
    made.save(raw)
    out = io.BytesIO()
    with zipfile.ZipFile(raw) as source, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        names = sorted(source.namelist(), key=lambda name: (name != "[Content_Types].xml", name))
        for name in names:
            data = _font_table() if name == "word/fontTable.xml" else source.read(name)
            info = zipfile.ZipInfo(name, EPOCH)
            info.compress_type, info.external_attr = zipfile.ZIP_DEFLATED, 0o600 << 16
            target.writestr(info, data)
    return out.getvalue()
