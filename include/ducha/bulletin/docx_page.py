"""The page of GB/T 9704-2012 in WordprocessingML: geometry, styles, masthead rule, page numbers, watermark."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from docx import Document as new_document
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.shared import Emu, Mm, Pt, RGBColor

TITLE_FONT, BODY_FONT, KAI_FONT, HEI_FONT, SONG_FONT = "方正小标宋简体", "仿宋_GB2312", "楷体_GB2312", "黑体", "宋体"
RED = RGBColor(0xD7, 0x00, 0x0F)
LINE = Pt(28.95)
"""One of 22 lines in 225 mm."""
BLOCK_WIDTH = Mm(156)
GRID = {"type": "linesAndChars", "linePitch": "579", "charSpace": "-849"}
"""225 mm / 22 in twips; 156 mm / 28 against 16 pt, in 4096ths of a point."""


@dataclass(frozen=True)
class Style:
    """One paragraph style of the page."""

    name: str
    font: str
    size: float
    align: WD_ALIGN_PARAGRAPH = WD_ALIGN_PARAGRAPH.JUSTIFY
    indent_chars: int = 0
    line: float = 28.95
    before: float = 0
    is_red: bool = False
    outline: int | None = None


LEFT, CENTER, RIGHT = WD_ALIGN_PARAGRAPH.LEFT, WD_ALIGN_PARAGRAPH.CENTER, WD_ALIGN_PARAGRAPH.RIGHT
STYLES = (
    Style("红头", TITLE_FONT, 46, CENTER, line=60, before=88, is_red=True),
    Style("期号", BODY_FONT, 16, CENTER, before=42),
    Style("发文", BODY_FONT, 16, LEFT),
    Style("标题行", TITLE_FONT, 22, CENTER, line=34, before=57.9, outline=0),
    Style("主送", BODY_FONT, 16, LEFT, before=28.95),
    Style("正文段", BODY_FONT, 16, indent_chars=2),
    Style("一级标题", HEI_FONT, 16, indent_chars=2, outline=1),
    Style("二级标题", KAI_FONT, 16, indent_chars=2, outline=2),
    Style("附件标记", HEI_FONT, 16, LEFT, outline=1),
    Style("附件标题", TITLE_FONT, 22, CENTER, line=34, before=28.95),
    Style("落款", BODY_FONT, 16, RIGHT),
    Style("表题", HEI_FONT, 12, CENTER, line=24, before=6),
    Style("表头", HEI_FONT, 10.5, CENTER, line=16),
    Style("表格", BODY_FONT, 10.5, CENTER, line=16),
    Style("表注", BODY_FONT, 12, indent_chars=2, line=20),
    Style("版记", BODY_FONT, 14, LEFT, line=22),
    Style("页码", SONG_FONT, 14, line=14),
)


def set_fonts(style_or_run: Any, font: str) -> None:
    """Set one font for Chinese and Latin text alike."""
    style_or_run.font.name = font
    fonts = style_or_run.element.get_or_add_rPr().get_or_add_rFonts()
    for attribute in ("w:ascii", "w:hAnsi", "w:eastAsia", "w:cs"):
        fonts.set(qn(attribute), font)


def element(tag: str, **attributes: str) -> Any:
    """An element of WordprocessingML with attributes of the same namespace."""
    made = OxmlElement(tag)
    for name, value in attributes.items():
        made.set(qn(f"w:{name}"), value)
    return made


def _add_style(document: Any, spec: Style) -> None:
    style = document.styles.add_style(spec.name, WD_STYLE_TYPE.PARAGRAPH)
    style.base_style = document.styles["Normal"]
    set_fonts(style, spec.font)
    style.font.size = Pt(spec.size)
    if spec.is_red:
        style.font.color.rgb = RED
    layout = style.paragraph_format
    layout.alignment = spec.align
    layout.line_spacing_rule, layout.line_spacing = WD_LINE_SPACING.EXACTLY, Pt(spec.line)
    layout.space_before, layout.space_after = Pt(spec.before), Pt(0)
    properties = style.element.get_or_add_pPr()
    if spec.indent_chars:
        layout.first_line_indent = Pt(spec.size * spec.indent_chars)
        properties.find(qn("w:ind")).set(qn("w:firstLineChars"), str(spec.indent_chars * 100))
    if spec.size < 16:
        properties.insert_element_before(element("w:snapToGrid", val="0"), "w:spacing", "w:ind", "w:jc", "w:outlineLvl")
    if spec.outline is not None:
        properties.append(element("w:outlineLvl", val=str(spec.outline)))


def new_page() -> Any:
    """A document with the page, the grid, the styles and nothing on it."""
    document = new_document()
    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.top_margin, section.bottom_margin = Mm(37), Mm(35)
    section.left_margin, section.right_margin = Mm(28), Mm(26)
    section.header_distance, section.footer_distance = Mm(15), Emu(Mm(28) - Pt(14))
    grid = section._sectPr.find(qn("w:docGrid"))
    if grid is None:
        grid = element("w:docGrid")
        section._sectPr.append(grid)
    for name, value in GRID.items():
        grid.set(qn(f"w:{name}"), value)
    normal = document.styles["Normal"]
    set_fonts(normal, BODY_FONT)
    normal.font.size = Pt(16)
    normal.paragraph_format.widow_control = False
    languages = normal.element.get_or_add_rPr()
    languages.append(element("w:lang", val="en-US", eastAsia="zh-CN"))
    for spec in STYLES:
        _add_style(document, spec)
    document.settings.odd_and_even_pages_header_footer = True
    return document


def rule_below(paragraph: Any, space_points: int, eighths: int, colour: str) -> None:
    """A rule the width of the text block, some points below a paragraph."""
    borders = element("w:pBdr")
    borders.append(element("w:bottom", val="single", sz=str(eighths), space=str(space_points), color=colour))
    properties = paragraph._p.get_or_add_pPr()
    properties.insert_element_before(borders, "w:shd", "w:tabs", "w:suppressAutoHyphens", "w:spacing", "w:ind", "w:jc")


def add_page_numbers(document: Any) -> None:
    """— 1 — below the block: right on odd pages, left on even ones, one character from the edge."""
    section = document.sections[0]
    for footer, align in ((section.footer, RIGHT), (section.even_page_footer, LEFT)):
        footer.is_linked_to_previous = False
        paragraph = footer.paragraphs[0]
        paragraph.style = document.styles["页码"]
        paragraph.alignment = align
        indent = paragraph.paragraph_format
        indent.right_indent, indent.left_indent = (Pt(14), Pt(0)) if align == RIGHT else (Pt(0), Pt(14))
        paragraph.add_run("— ")
        field = element("w:fldSimple", instr=" PAGE ")
        run = element("w:r")
        text = OxmlElement("w:t")
        text.text = "1"
        run.append(text)
        field.append(run)
        paragraph._p.append(field)
        paragraph.add_run(" —")


def add_watermark(document: Any, text: str) -> None:
    """A pale slanted word behind every page: a draft is not to be mistaken for an issue."""
    section = document.sections[0]
    for number, header in enumerate((section.header, section.even_page_header), start=1):
        header.is_linked_to_previous = False
        shape = parse_xml(
            f"<w:r {nsdecls('w')} xmlns:v='urn:schemas-microsoft-com:vml' xmlns:o='urn:schemas-microsoft-com:office:office'>"
            "<w:rPr><w:noProof/></w:rPr><w:pict>"
            "<v:shapetype id='_x0000_t136' coordsize='21600,21600' o:spt='136' adj='10800' "
            "path='m@7,l@8,m@5,21600l@6,21600e'><v:formulas><v:f eqn='sum #0 0 10800'/><v:f eqn='prod #0 2 1'/>"
            "<v:f eqn='sum 21600 0 @1'/><v:f eqn='sum 0 0 @2'/><v:f eqn='sum 21600 0 @3'/><v:f eqn='if @0 @3 0'/>"
            "<v:f eqn='if @0 21600 @1'/><v:f eqn='if @0 0 @2'/><v:f eqn='if @0 @4 21600'/></v:formulas>"
            "<v:path textpathok='t' o:connecttype='rect'/><v:textpath on='t' fitshape='t'/></v:shapetype>"
            f"<v:shape id='DraftMark{number}' o:spid='_x0000_s205{number}' type='#_x0000_t136' "
            "style='position:absolute;margin-left:0;margin-top:0;width:300pt;height:150pt;rotation:315;z-index:-251658752;"
            "mso-position-horizontal:center;mso-position-horizontal-relative:margin;mso-position-vertical:center;"
            "mso-position-vertical-relative:margin' o:allowincell='f' fillcolor='#c8c8c8' stroked='f'>"
            f"<v:fill opacity='.35'/><v:textpath style='font-family:&quot;{HEI_FONT}&quot;;font-size:1pt' string='{text}'/>"
            "</v:shape></w:pict></w:r>"
        )
        header.paragraphs[0]._p.append(shape)
