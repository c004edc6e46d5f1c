"""The page of GB/T 9704-2012 in WordprocessingML: geometry, styles, masthead rule, page numbers, watermark."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import docx
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.shared import Emu, Mm, Pt, RGBColor

from ducha.bulletin.docx_order import element, placed, put, text_run

TITLE_FONT, BODY_FONT, KAI_FONT, HEI_FONT, SONG_FONT = "方正小标宋简体", "仿宋_GB2312", "楷体_GB2312", "黑体", "宋体"
RED = "D7000F"
LINE = 28.95
"""Points: one of 22 lines in 225 mm."""
BLOCK_WIDTH_MM = 156
GRID = {"type": "linesAndChars", "linePitch": "579", "charSpace": "-849"}
"""225 mm / 22 in twips; 156 mm / 28 against 16 pt, in 4096ths of a point.

The grid says what the page is; the styles hold it themselves (exact lines, narrowed characters) and leave the grid
alone, because word processors differ in how they snap characters to it.
"""
NARROWING = "-5"
"""Twentieths of a point: 28 characters of 15.75 pt fill 156 mm."""


@dataclass(frozen=True)
class Style:
    """One paragraph style of the page; sizes in points."""

    style_id: str
    name: str
    font: str
    size: float
    align: WD_ALIGN_PARAGRAPH = WD_ALIGN_PARAGRAPH.JUSTIFY
    indent_chars: int = 0
    line: float = LINE
    before: float = 0
    after: float = 0
    colour: str = ""
    outline: int | None = None


LEFT, CENTER, RIGHT = WD_ALIGN_PARAGRAPH.LEFT, WD_ALIGN_PARAGRAPH.CENTER, WD_ALIGN_PARAGRAPH.RIGHT
STYLES = (
    Style("Masthead", "红头", TITLE_FONT, 48, CENTER, line=58, before=96, colour=RED),
    Style("IssueNumber", "期号", BODY_FONT, 16, CENTER, before=LINE * 2 - 10),
    Style("Issuer", "发文机关", BODY_FONT, 16, LEFT),
    Style("DocumentTitle", "文件标题", TITLE_FONT, 22, CENTER, line=34, before=LINE * 2, outline=0),
    Style("Addressees", "主送", BODY_FONT, 16, LEFT, before=LINE),
    Style("Prose", "正文段", BODY_FONT, 16, indent_chars=2),
    Style("LevelOne", "一级标题", HEI_FONT, 16, indent_chars=2, outline=1),
    Style("LevelTwo", "二级标题", KAI_FONT, 16, indent_chars=2, outline=2),
    Style("AnnexMark", "附件标记", HEI_FONT, 16, LEFT, outline=1),
    Style("AnnexTitle", "附件标题", TITLE_FONT, 22, CENTER, line=34, before=14, after=8),
    Style("Signature", "落款", BODY_FONT, 16, RIGHT),
    Style("TableCaption", "表题", HEI_FONT, 12, CENTER, line=26, before=4),
    Style("TableHead", "表头", HEI_FONT, 10.5, CENTER, line=15),
    Style("TableText", "表格", BODY_FONT, 10.5, CENTER, line=15),
    Style("TableNote", "表注", BODY_FONT, 12, indent_chars=2, line=20),
    Style("TableGap", "表后", BODY_FONT, 6, LEFT, line=12),
    Style("Imprint", "版记", BODY_FONT, 14, LEFT, line=24),
    Style("PageNumber", "页码", SONG_FONT, 14, line=14),
)


def set_fonts(style: Any, font: str) -> None:
    """Set one font for Chinese and Latin text alike."""
    style.font.name = font
    fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
    for attribute in ("w:ascii", "w:hAnsi", "w:eastAsia", "w:cs"):
        fonts.set(qn(attribute), font)


def _add_style(document: Any, spec: Style) -> None:
    style = document.styles.add_style(spec.style_id, WD_STYLE_TYPE.PARAGRAPH)
    style.element.name_val = spec.name
    style.base_style = document.styles["Normal"]
    set_fonts(style, spec.font)
    style.font.size = Pt(spec.size)
    if spec.colour:
        style.font.color.rgb = RGBColor.from_string(spec.colour)
    layout = style.paragraph_format
    layout.alignment = spec.align
    layout.line_spacing_rule, layout.line_spacing = WD_LINE_SPACING.EXACTLY, Pt(spec.line)
    layout.space_before, layout.space_after = Pt(spec.before), Pt(spec.after)
    properties, run = style.element.get_or_add_pPr(), style.element.get_or_add_rPr()
    if spec.indent_chars:
        layout.first_line_indent = Pt(spec.size * spec.indent_chars)
        properties.find(qn("w:ind")).set(qn("w:firstLineChars"), str(spec.indent_chars * 100))
    for tag in ("w:autoSpaceDE", "w:autoSpaceDN", "w:snapToGrid"):
        put(properties, element(tag, val="0"))
    put(run, element("w:snapToGrid", val="0"))
    if spec.size == 16:
        put(run, element("w:spacing", val=NARROWING))
    if spec.outline is not None:
        put(properties, element("w:outlineLvl", val=str(spec.outline)))


def new_page() -> Any:
    """A document with the page, the grid, the styles and nothing on it."""
    document = docx.Document()
    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.top_margin, section.bottom_margin = Mm(37), Mm(35)
    section.left_margin, section.right_margin = Mm(28), Mm(26)
    section.header_distance, section.footer_distance = Mm(15), Emu(Mm(28) - Pt(14))
    grid = section._sectPr.find(qn("w:docGrid"))
    if grid is None:
        grid = placed(element("w:docGrid"))
        section._sectPr.append(grid)
    for name, value in GRID.items():
        grid.set(qn(f"w:{name}"), value)
    normal = document.styles["Normal"]
    set_fonts(normal, BODY_FONT)
    normal.font.size = Pt(16)
    normal.paragraph_format.widow_control = False
    put(normal.element.get_or_add_rPr(), element("w:lang", val="en-US", eastAsia="zh-CN"))
    for spec in STYLES:
        _add_style(document, spec)
    document.settings.odd_and_even_pages_header_footer = True
    return document


def rule_below(paragraph: Any, space_points: int, eighths: int, colour: str) -> None:
    """A rule the width of the text block, some points below a paragraph."""
    rule = element("w:bottom", val="single", sz=str(eighths), space=str(space_points), color=colour)
    put(paragraph.get_or_add_pPr(), element("w:pBdr", rule))


def add_page_numbers(document: Any) -> None:
    """— 1 — below the block: right on odd pages, left on even ones, one character from the edge."""
    section = document.sections[0]
    for footer, align in ((section.footer, RIGHT), (section.even_page_footer, LEFT)):
        footer.is_linked_to_previous = False
        paragraph = footer.paragraphs[0]
        paragraph.style = document.styles["页码"]
        paragraph.alignment = align
        layout = paragraph.paragraph_format
        layout.right_indent, layout.left_indent = (Pt(14), Pt(0)) if align == RIGHT else (Pt(0), Pt(14))
        field = element("w:fldSimple", text_run("1"), instr=" PAGE ")
        paragraph._p.extend([placed(made) for made in (text_run("— "), field, text_run(" —"))])


def add_watermark(document: Any, text: str) -> None:
    """A pale slanted word behind every page: a draft is not to be mistaken for an issue."""
    section = document.sections[0]
    for number, header in enumerate((section.header, section.even_page_header), start=1):
        header.is_linked_to_previous = False
        shape = parse_xml(
            f"<w:r {nsdecls('w')} xmlns:v='urn:schemas-microsoft-com:vml' "
            "xmlns:o='urn:schemas-microsoft-com:office:office'>"
            "<w:rPr><w:noProof/></w:rPr><w:pict>"
            "<v:shapetype id='_x0000_t136' coordsize='21600,21600' o:spt='136' adj='10800' "
            "path='m@7,l@8,m@5,21600l@6,21600e'><v:formulas><v:f eqn='sum #0 0 10800'/><v:f eqn='prod #0 2 1'/>"
            "<v:f eqn='sum 21600 0 @1'/><v:f eqn='sum 0 0 @2'/><v:f eqn='sum 21600 0 @3'/><v:f eqn='if @0 @3 0'/>"
            "<v:f eqn='if @0 21600 @1'/><v:f eqn='if @0 0 @2'/><v:f eqn='if @0 @4 21600'/></v:formulas>"
            "<v:path textpathok='t' o:connecttype='rect'/><v:textpath on='t' fitshape='t'/></v:shapetype>"
            f"<v:shape id='DraftMark{number}' o:spid='_x0000_s205{number}' type='#_x0000_t136' "
            "style='position:absolute;margin-left:0;margin-top:0;width:260pt;height:120pt;rotation:315;z-index:-251658752;"
            "mso-position-horizontal:center;mso-position-horizontal-relative:margin;mso-position-vertical:center;"
            "mso-position-vertical-relative:margin' o:allowincell='f' fillcolor='#efefef' stroked='f'>"
            f"<v:textpath style='font-family:&quot;{HEI_FONT}&quot;;font-size:1pt' string='{text}'/>"
            "</v:shape></w:pict></w:r>"
        )
        header.paragraphs[0]._p.append(shape)
