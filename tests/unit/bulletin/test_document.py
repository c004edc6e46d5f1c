"""Sentences around figures, and the order that a strict reader of WordprocessingML wants."""

from decimal import Decimal

import pytest
from docx.oxml.ns import qn
from ducha.bulletin.document import joined, sentence
from ducha.bulletin.docx_order import element, placed, put
from ducha.bulletin.docx_page import STYLES, new_page
from ducha.bulletin.figures import Figure, FigureSet
from ducha.bulletin.html_edition import bilingual
from ducha.bulletin.narrative import numeral
from ducha.bulletin.terms import Words

from tests.unit.bulletin.schema_order import disorder


def figure(code: str, text: str) -> Figure:
    return Figure(
        figure_code=code, section="1", ordinal=1, label_zh="标签", label_en="label", text_zh=text, text_en=text,
        value=Decimal(1), numerator=None, denominator=None, unit_of_measure="item", query="SELECT 1", source_keys={},
    )  # fmt: skip


def test_a_sentence_keeps_its_figures_apart_in_both_languages() -> None:
    number = figure("a.b", "3")
    made = sentence("共{n}项（{who}）。", "{who}: {n} in all.", n=number, who=Words("青松镇", "Qingsong"))
    assert made.zh == ("共", number, "项（", "青松镇", "）。")
    assert made.en == ("Qingsong", ": ", number, " in all.")


def test_braces_in_a_name_are_text() -> None:
    assert sentence("{who}。", "{who}.", who=Words("{x}镇", "{x}")).zh == ("{x}镇", "。")


def test_a_template_that_asks_for_an_unknown_figure_fails() -> None:
    with pytest.raises(KeyError):
        sentence("{nobody}", "{nobody}")


def test_joined_puts_separators_between_only() -> None:
    assert joined([Words("甲", "A"), Words("乙", "B")]).zh == ("甲", "、", "乙")
    assert not joined([])


def test_figures_are_found_by_name_and_key() -> None:
    figures = FigureSet([figure("unit.rank:T01", "1"), figure("unit.red:T01", "2"), figure("county.red", "5")])
    assert figures.keys("unit.rank") == ["T01"]
    assert {name: f.text_zh for name, f in figures.of("unit", "T01").items()} == {"rank": "1", "red": "2"}
    assert figures.get("county.red").text_zh == "5"
    assert figures.found("county.green") is None


def test_names_are_escaped_on_screen() -> None:
    page = bilingual(sentence("{w}{n}", "{w}{n}", w=Words("<b>甲</b>", "<b>A</b>"), n=figure('x:"><i>', "<3>")))
    assert "<b>" not in page
    assert "<i>" not in page
    assert "&lt;3&gt;" in page


def test_chinese_numerals() -> None:
    assert [numeral(n) for n in (1, 10, 11, 20, 21)] == ["一", "十", "十一", "二十", "二十一"]


def test_properties_are_put_in_the_order_of_the_schema() -> None:
    paragraph = placed(element("w:p", element("w:pPr", element("w:pStyle", val="a"), element("w:jc", val="left"))))
    properties = paragraph[0]
    for tag in ("w:spacing", "w:keepNext", "w:pBdr", "w:jc"):
        put(properties, element(tag))
    assert [child.tag for child in properties] == [
        qn(f"w:{n}") for n in ("pStyle", "keepNext", "pBdr", "spacing", "jc")
    ]
    properties.append(placed(element("w:keepLines")))
    assert disorder(paragraph)


def test_the_page_is_that_of_the_standard() -> None:
    page = new_page()
    section = page.sections[0]
    assert (round(section.page_width.mm), round(section.page_height.mm)) == (210, 297)
    assert (round(section.top_margin.mm), round(section.left_margin.mm)) == (37, 28)
    block = (
        210 - section.left_margin.mm - section.right_margin.mm,
        297 - section.top_margin.mm - section.bottom_margin.mm,
    )
    assert block == pytest.approx((156, 225), abs=0.1)
    grid = section._sectPr.find(qn("w:docGrid"))
    pitch, narrowing = int(grid.get(qn("w:linePitch"))) / 20, int(grid.get(qn("w:charSpace"))) / 4096
    assert int(225 / 25.4 * 72 / pitch) == 22, "22 lines"
    assert int(156 / 25.4 * 72 / (16 + narrowing)) == 28, "of 28 characters"
    assert 28 <= pitch <= 29
    assert section.footer_distance.mm + 14 * 25.4 / 72 == pytest.approx(35 - 7, abs=0.1), "7 mm below the block"
    assert page.settings.odd_and_even_pages_header_footer


@pytest.mark.parametrize(
    ("name", "font", "size"),
    [("红头", "方正小标宋简体", 48), ("文件标题", "方正小标宋简体", 22), ("正文段", "仿宋_GB2312", 16),
     ("一级标题", "黑体", 16), ("二级标题", "楷体_GB2312", 16), ("附件标记", "黑体", 16), ("版记", "仿宋_GB2312", 14),
     ("页码", "宋体", 14)],
)  # fmt: skip
def test_fonts_are_named_in_styles_for_chinese_text_too(name: str, font: str, size: float) -> None:
    style = new_page().styles[name]
    fonts = style.element.rPr.rFonts
    assert fonts.get(qn("w:eastAsia")) == fonts.get(qn("w:ascii")) == font
    assert style.font.size.pt == size


def test_text_of_size_three_fills_22_lines_of_28_characters() -> None:
    for spec in STYLES:
        if spec.size == 16:
            style = new_page().styles[spec.name]
            spacing = int(style.element.rPr.find(qn("w:spacing")).get(qn("w:val"))) / 20
            assert int(156 / 25.4 * 72 / (16 + spacing)) == 28
            assert style.paragraph_format.line_spacing.pt == pytest.approx(28.95)
    assert disorder(new_page().styles.element) == []
