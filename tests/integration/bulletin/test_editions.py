"""Both editions of a bulletin: they print the figures and nothing else, soundly, and say what is absent."""

import re
import zipfile
from dataclasses import replace
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from types import SimpleNamespace

import pytest
from docx import Document
from docx.oxml.ns import qn
from ducha.bulletin.composing import compose
from ducha.bulletin.issues import render, stored
from ducha.bulletin.terms import Words

from tests.integration.bulletin.issue import Page, docx_texts, draft, figures_of, second_release
from tests.unit.bulletin.schema_order import disorder
from tests.unit.bulletin.songxi import CODE


def test_both_editions_print_the_figures_and_nothing_else(county: SimpleNamespace, tmp_path: Path) -> None:
    made = draft(county, tmp_path)
    figures = figures_of(county)
    page = (made.directory / "bulletin-2022-1.html").read_text(encoding="utf-8")
    for language, hidden in (("zh", "en"), ("en", "zh")):
        read = Page(page, hidden)
        assert len(read.figures) > 300
        for code, text in read.figures:
            assert text == figures[code][f"text_{language}"], code
        name = "bulletin-2022-1.docx" if language == "zh" else "bulletin-2022-1.en.docx"
        paper = "\n".join(docx_texts((made.directory / name).read_bytes())).replace("●", "").replace(" ", "")
        for code, text in read.figures:
            assert text.replace(" ", "") in paper, code
    data = Page(page, "en").data
    assert set(data["figures"]) == set(figures)
    one = data["figures"]["county.completion"]
    assert Decimal(one["value"]) == figures["county.completion"]["value"]
    assert f"{data['queries'][one['query'][0]]}\n{one['query'][1]}" == figures["county.completion"]["query"]


def test_no_number_stands_outside_the_figures(county: SimpleNamespace, tmp_path: Path) -> None:
    made = draft(county, tmp_path)
    page = (made.directory / "bulletin-2022-1.html").read_text(encoding="utf-8")
    # What may: the issue's own number, week and date, the numbers of lists and annexes, codes, the method's 95 %.
    allowed = re.compile(
        r"\d+\.( |$)|附件\d|〔2022〕第\d期（总第\d期）|2022年第8周|2022年2月25日|[A-Z]{2}-\d\d|2022-W08-R1|2022-1|95%"
        r"|数字 \d+ 个"
    )
    left = [text for text in Page(page, "en").outside if re.search(r"\d", allowed.sub("", text))]
    assert left == []


def test_the_page_asks_nobody_and_escapes_names(county: SimpleNamespace, tmp_path: Path) -> None:
    made = draft(county, tmp_path)
    page = (made.directory / "bulletin-2022-1.html").read_text(encoding="utf-8")
    read = Page(page, "en")
    for tag, given in read.tags:
        assert not {"src", "srcset", "data", "poster"} & set(given), tag
        assert str(given.get("href", "#")).startswith("#"), given
    assert "default-src 'none'" in page
    assert "url(" not in page
    issue, figures, names = stored(county.conn, CODE, "2022-1")
    hostile = Words("</script><b>甲", "</script><b>A\x0b")
    bad = type(names)(**{**vars(names), "units": {**names.units, "T01": hostile}})
    assert "</script><b>" not in render(issue, figures, bad)["bulletin-2022-1.html"].decode()


def test_the_document_is_sound_and_repeats_its_table_heads(county: SimpleNamespace, tmp_path: Path) -> None:
    made = draft(county, tmp_path)
    content = (made.directory / "bulletin-2022-1.docx").read_bytes()
    document = Document(BytesIO(content))
    assert disorder(document.element) == []
    tables = list(document.element.body.iter(qn("w:tbl")))
    assert len(tables) >= 5
    for table in tables:
        first = table.findall(qn("w:tr"))[0]
        assert first.find(f"{qn('w:trPr')}/{qn('w:tblHeader')}") is not None
        widths = [int(column.get(qn("w:w"))) for column in table.iter(qn("w:gridCol"))]
        assert sum(widths) <= 156 / 25.4 * 1440 + 1
    breaks = [p for p in document.paragraphs if p._p.find(f"{qn('w:pPr')}/{qn('w:pageBreakBefore')}") is not None]
    assert [p.text for p in breaks] == [f"附件{n}" for n in range(1, 7)]
    texts = [p.text for p in document.paragraphs]
    assert texts[0] == "松溪县督查通报"
    assert texts[1] == "〔2022〕第1期（总第1期）"
    assert [text[:2] for text in texts if re.match("[一二三四五六七]、", text)] == [f"{n}、" for n in "一二三四五六七"]
    assert "三、红线与“四防”" in texts
    assert any(text.startswith("1. 未报1个：柏树乡。") for text in texts), "who is missing is named"
    assert any(text.startswith("3. 有退回1个：石桥镇（2行）。") for text in texts)
    lights = [text.getparent() for text in document.element.iter(qn("w:t")) if text.text == "●"]
    assert lights, "lights are coloured discs beside their words"
    assert all(run.find(f"{qn('w:rPr')}/{qn('w:color')}") is not None for run in lights)


def test_the_same_issue_gives_the_same_bytes(county: SimpleNamespace, tmp_path: Path) -> None:
    made = draft(county, tmp_path)
    again = render(*stored(county.conn, CODE, "2022-1"))
    for path in made.files:
        assert path.read_bytes() == again[path.name], path.name
    with zipfile.ZipFile(made.directory / "bulletin-2022-1.docx") as package:
        assert {info.date_time for info in package.infolist()} == {(2000, 1, 1, 0, 0, 0)}


def test_an_issue_without_problems_says_so_and_one_with_lists_them(county: SimpleNamespace, tmp_path: Path) -> None:
    made = draft(county, tmp_path)
    assert "问题台账尚无未销号记录。" in docx_texts((made.directory / "bulletin-2022-1.docx").read_bytes())
    with county.conn, county.conn.cursor() as cur:
        cur.execute("DELETE FROM mart.bulletin_figure; DELETE FROM mart.bulletin")
        cur.execute(
            "INSERT INTO mart.issue (county_code, issue_code, unit, root_cause, measure, opened_on, due_on, "
            "state, overdue_days) "
            "VALUES (%s, 'P1', 'T03', '用地未批', '专题会商', '2022-01-10', '2022-02-15', 'open', 12)",
            (CODE,),
        )
    made = draft(county, tmp_path)
    text = "\n".join(docx_texts((made.directory / "bulletin-2022-1.docx").read_bytes()))
    assert "用地未批（石桥镇，时限2022年2月15日，超期12天）" in text


def test_a_week_without_any_figure_says_so(county: SimpleNamespace, tmp_path: Path) -> None:
    with county.conn, county.conn.cursor() as cur:
        cur.execute(
            "INSERT INTO ops.release SELECT county_code, '2022-W09-R2', week + 7, '2022-W09', 2, released_at, "
            "facts_frozen_at, 'audited', 'none' FROM ops.release WHERE release_id = %s",
            (county.release_id,),
        )
    made = draft(county, tmp_path, "2022-W09-R2")
    figures = figures_of(county)
    assert figures["county.completion"]["text_zh"] == "尚无数据"
    assert figures["submissions.timeliness"]["text_zh"] == "尚无数据"
    text = "\n".join(docx_texts((made.directory / "bulletin-2022-1.docx").read_bytes()))
    for sentence in ("本周没有可列的领域数据。", "本周没有红线数据。", "本周没有核查记录。", "本期无更正。"):
        assert sentence in text


@pytest.mark.parametrize(
    ("states", "said"),
    [
        (["exempt"], "免考"),
        (["awaiting", "exempt"], "未到报期"),
        (["closed", "exempt"], "不一"),
        (["clean", "exempt"], "守住"),
        (["clean", "unknown", "exempt"], "零报告不全"),
        (["event", "unknown"], "有事件"),
    ],
)
def test_a_red_line_is_held_only_where_somebody_was_held_to_it(
    county: SimpleNamespace, tmp_path: Path, states: list[str], said: str
) -> None:
    release_id = red_lines_only(county, states)
    draft(county, tmp_path, release_id)
    assert figures_of(county)["red_line.state:2022/SF-01"]["text_zh"] == said


@pytest.mark.parametrize(
    ("states", "sentence"),
    [
        (["exempt", "awaiting"], "年初以来各红线均无应报的零报告。"),
        (["clean", "exempt"], "各红线零报告齐全，未报告事件。"),
    ],
)
def test_zero_reports_are_complete_only_where_some_were_due(
    county: SimpleNamespace, tmp_path: Path, states: list[str], sentence: str
) -> None:
    made = draft(county, tmp_path, red_lines_only(county, states))
    texts = docx_texts((made.directory / "bulletin-2022-1.docx").read_bytes())
    section = texts[texts.index("三、红线与“四防”") :]
    assert sentence in section
    other = {"年初以来各红线均无应报的零报告。", "各红线零报告齐全，未报告事件。"} - {sentence}
    assert not other & set(section)


def red_lines_only(county: SimpleNamespace, states: list[str]) -> str:
    """A release of the next week that holds nothing but one red line, with a unit in each state."""
    with county.conn, county.conn.cursor() as cur:
        cur.execute(
            "INSERT INTO ops.release SELECT county_code, '2022-W09-R2', week + 7, '2022-W09', 2, released_at, "
            "facts_frozen_at, 'audited', 'none' FROM ops.release WHERE release_id = %s",
            (county.release_id,),
        )
        for number, state in enumerate(states, start=1):
            due = {"exempt": 0, "awaiting": 0, "closed": 0}.get(state, 8)
            cur.execute(
                "INSERT INTO mart.red_line_week_release SELECT county_code, release_id, week, 'SF-01', %s, week_code, "
                "%s, %s, %s, %s FROM ops.release WHERE release_id = '2022-W09-R2'",
                (f"T0{number}", int(state == "event"), due, due - (state == "unknown"), state),
            )
    return "2022-W09-R2"


def test_a_week_is_named_by_its_own_year(county: SimpleNamespace, tmp_path: Path) -> None:
    draft(county, tmp_path)
    issue, figures, names = stored(county.conn, CODE, "2022-1")
    turn = replace(issue, week_code="2026-W01", issue_year=2025)  # its cut-off may be 2025-12-31: the plan year is 2025
    made = compose(turn, figures.all, names)
    assert made.title.zh == "关于2026年第1周重点工作推进情况的通报"
    assert made.title.en == "Progress on key work in week 1 of 2026"
    assert made.number.zh.startswith("〔2025〕第1期")


def test_the_back_test_of_projections_is_printed_whatever_it_is(county: SimpleNamespace, tmp_path: Path) -> None:
    second = second_release(county)
    with county.conn, county.conn.cursor() as cur:
        cur.execute(
            "UPDATE mart.projection_week_release SET checked_count = 20, covered_count = 9, coverage = 0.45, "
            "median_error = 0.031 WHERE release_id = %s", (second,)
        )  # fmt: skip
    issue = draft(county, tmp_path, second)
    text = "".join(docx_texts((issue.directory / "bulletin-2022-1.docx").read_bytes()))
    assert "4周前作出的20个预计，9个落在区间内：覆盖率45.0%，区间应覆盖80.0%，误差中位数3.1%。" in text
    figure = figures_of(county)["projection.coverage"]
    assert (figure["numerator"], figure["denominator"], figure["section"]) == (9, 20, "annex6")


def test_without_a_projection_due_nothing_is_said_of_them(county: SimpleNamespace, tmp_path: Path) -> None:
    issue = draft(county, tmp_path)
    assert "个预计" not in "".join(docx_texts((issue.directory / "bulletin-2022-1.docx").read_bytes()))
