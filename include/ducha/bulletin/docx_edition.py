"""The edition to sign and print: the document drawn on the page of GB/T 9704-2012."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable
from datetime import UTC
from typing import Any, Literal

from docx.oxml.ns import qn

from ducha.bulletin import docx_page as page
from ducha.bulletin import docx_tables as tables
from ducha.bulletin.document import Block, Document, Heading, Line, Paragraph, Run, Section, Table
from ducha.bulletin.docx_order import element, placed, put, text_run
from ducha.bulletin.figures import Figure
from ducha.bulletin.terms import Words

Language = Literal["zh", "en"]
LIGHT_COLOURS = {"red": "C00000", "yellow": "B8860B", "green": "1E7B34", "grey": "7F7F7F"}
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
    """Draws blocks in one language at the end of the document's body."""

    def __init__(self, language: Language) -> None:
        self.language = language
        self.document = page.new_page()
        self.end = self.document.element.body.sectPr

    def words(self, words: Words) -> str:
        return words.zh if self.language == "zh" else words.en

    def say(self, zh: str, en: str) -> str:
        return zh if self.language == "zh" else en

    def offices(self, document: Document) -> list[str]:
        """The issuing offices, each on a line of its own in Chinese."""
        return document.office.zh.split("、") if self.language == "zh" else [document.office.en]

    def add(self, markup: str) -> Any:
        made = placed(markup)
        self.end.addprevious(made)
        return made

    def text(self, style_id: str, text: str, align: str = "", is_kept: bool = False) -> Any:
        return self.add(tables.paragraph(style_id, [text_run(text)], align, is_kept))

    def runs(self, line: Line, disc: float = 11) -> list[str]:
        """Text and figures; a light is a coloured disc and its word, so that it survives black and white."""
        runs: tuple[Run, ...] = line.zh if self.language == "zh" else line.en
        made = []
        for run in runs:
            if not isinstance(run, Figure):
                made.append(text_run(run))
                continue
            if run.unit_of_measure == "light" and run.text_en in LIGHT_COLOURS:
                made.append(text_run(self.say("●", "● "), LIGHT_COLOURS[run.text_en], disc))
            made.append(text_run(run.text_zh if self.language == "zh" else run.text_en))
        return made

    def blocks(self, blocks: Iterable[Block]) -> None:
        """Headings, paragraphs and tables; charts are for the screen, their numbers stand in the tables."""
        for block in blocks:
            if isinstance(block, Heading):
                self.add(tables.paragraph("LevelTwo", self.runs(block.text), is_kept=True))
            elif isinstance(block, Paragraph):
                self.add(tables.paragraph("TableNote" if block.kind == "note" else "Prose", self.runs(block.text)))
            elif isinstance(block, Table):
                self.table(block)

    def table(self, table: Table) -> None:
        """A table with its caption above and a little air below."""
        if table.caption:
            self.text("TableCaption", self.words(table.caption), is_kept=True)
        widths = [column.width for column in table.columns]
        head = [
            tables.cell(c.width, tables.paragraph("TableHead", [text_run(self.words(c.title))]), fill="F2F2F2")
            for c in table.columns
        ]
        self.add(
            tables.table(widths, [tables.row(head, is_heading=True), *(self._row(table, row) for row in table.rows)])
        )
        self.text("TableGap", "")

    def _row(self, table: Table, cells: tuple[Line, ...]) -> str:
        if len(cells) == 1:
            title = tables.paragraph("TableHead", self.runs(cells[0]), "left", is_kept=True)
            width = sum(column.width for column in table.columns)
            return tables.row([tables.cell(width, title, span=len(table.columns), fill="F8F8F8")])
        return tables.row(
            [
                tables.cell(column.width, tables.paragraph("TableText", self.runs(line, disc=8), column.align))
                for column, line in zip(table.columns, cells, strict=True)
            ]
        )


def _tab(paragraph: Any, millimetres: float) -> None:
    """Let a tab run to the right, to end this far from the left margin."""
    stop = element("w:tab", val="right", pos=tables.twips(millimetres))
    put(paragraph.get_or_add_pPr(), element("w:tabs", stop))


def _indent(paragraph: Any, **points: float) -> None:
    put(paragraph.get_or_add_pPr(), element("w:ind", **{side: str(round(size * 20)) for side, size in points.items()}))


def _before(paragraph: Any, points: float, line: float = page.LINE) -> None:
    spacing = element(
        "w:spacing", before=str(round(points * 20)), after="0", line=str(round(line * 20)), lineRule="exact"
    )
    put(paragraph.get_or_add_pPr(), spacing)


def _masthead(writer: _Writer, document: Document) -> None:
    """红头, number, the offices with the date, and the red rule below them."""
    masthead = writer.text("Masthead", writer.words(document.masthead))
    if writer.language == "en":
        for run in masthead.iter(qn("w:r")):
            run.get_or_add_rPr().append(placed(element("w:sz", val="48")))
    writer.text("IssueNumber", writer.words(document.number))
    *others, last = writer.offices(document)
    for office in others:
        writer.text("Issuer", office)
    line = writer.text("Issuer", f"{last}\t{writer.words(document.date)}")
    _tab(line, page.BLOCK_WIDTH_MM)
    page.rule_below(line, space_points=11, eighths=18, colour=page.RED)


def _annex_list(writer: _Writer, annexes: tuple[Section, ...]) -> None:
    """附件说明: one line below the body, each title on its line under the first, no closing punctuation."""
    for position, annex in enumerate(annexes):
        label = writer.say("附件：", "Annexes: ") if position == 0 else ""
        paragraph = writer.text("Prose", f"{label}{annex.number}. {writer.words(annex.title)}")
        if position == 0:
            _before(paragraph, page.LINE)
        else:
            _indent(paragraph, firstLine=16 * 5 if writer.language == "zh" else 98)


def _signature(writer: _Writer, document: Document) -> None:
    """落款: the offices, below them the date."""
    for position, office in enumerate(writer.offices(document)):
        paragraph = writer.text("Signature", office, is_kept=True)
        if position == 0:
            _before(paragraph, page.LINE)
    _indent(writer.text("Signature", writer.words(document.date)), right=16 * 2)


def _imprint(writer: _Writer, document: Document) -> None:
    """版记 at the foot of the last page: copies; who signed; issuing body and date."""
    lines = [writer.say(f"抄送：{document.copies.zh}。", f"Copies: {document.copies.en}.")]
    if document.signer:
        lines.append(writer.say(f"签发：{document.signer.zh}", f"Signed: {document.signer.en}"))
    issued = writer.say(f"{document.date.zh}印发", f"Issued {document.date.en}")
    if document.issue.is_draft:
        issued = writer.say("草稿，未印发", "Draft, not issued")
    *others, last = writer.offices(document)
    lines += [*others, f"{last}\t{issued}"]
    for paragraph in tables.imprint(page.BLOCK_WIDTH_MM, "Imprint", [[text_run("　" + line)] for line in lines]):
        writer.end.addprevious(paragraph)
    writer.text("TableGap", "")  # what a frame hangs on


def render_docx(document: Document, language: Language = "zh") -> bytes:
    """Draw the document; the same document gives the same bytes."""
    writer = _Writer(language)
    _masthead(writer, document)
    writer.text("DocumentTitle", writer.words(document.title))
    writer.text("Addressees", writer.words(document.addressees))
    writer.blocks(document.lead)
    for position, section in enumerate(document.sections, start=1):
        mark = writer.say(f"{section.number}、", f"{position}. ")
        writer.text("LevelOne", mark + writer.words(section.title), is_kept=True)
        writer.blocks(section.blocks)
    _annex_list(writer, document.annexes)
    _signature(writer, document)
    for annex in document.annexes:
        mark = writer.text("AnnexMark", writer.say(f"附件{annex.number}", f"Annex {annex.number}"))
        put(mark.get_or_add_pPr(), element("w:pageBreakBefore"))
        writer.text("AnnexTitle", writer.words(annex.title), is_kept=True)
        writer.blocks(annex.blocks)
    _imprint(writer, document)
    page.add_page_numbers(writer.document)
    if document.issue.is_draft:
        page.add_watermark(writer.document, writer.say("草稿", "DRAFT"))
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
    return (
        f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?><w:fonts xmlns:w="{main}">{fonts}</w:fonts>'.encode()
    )


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
