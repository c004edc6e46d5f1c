"""The bulletin on a real PostgreSQL: every number a figure, drafted, signed, corrected, and killed on the way."""

import json
import os
import re
import signal
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from html.parser import HTMLParser
from io import BytesIO
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import psycopg2
import pytest
from docx import Document
from docx.oxml.ns import qn
from ducha.bulletin.docx_order import disorder
from ducha.bulletin.drafting import BulletinDraft, draft_bulletin
from ducha.bulletin.errors import (
    AlreadyPublishedError,
    PublishedDiffersError,
    ReleaseNotFitError,
    SignedAnotherReleaseError,
    UnknownBulletinError,
)
from ducha.bulletin.issues import render, stored
from ducha.bulletin.publishing import publish_bulletin, reject_bulletin
from ducha.bulletin.shelf import verify_manifest
from ducha.bulletin.terms import Words
from ducha.embedded import EmbeddedPostgres
from ducha.warehouse.database import connect, fetch, migrate

from tests.unit.bulletin.songxi import CODE, facts, prepare, release

DRAFTED = datetime(2022, 2, 25, 5, tzinfo=UTC)
SIGNED = datetime(2022, 2, 25, 9, tzinfo=UTC)
SIGNER = "督查室主任"
CLEAN = f"""
DELETE FROM mart.bulletin_figure; DELETE FROM mart.bulletin;
DELETE FROM mart.issue;
{"".join(f"DELETE FROM mart.{table}_release WHERE release_id LIKE '%-R2';" for table in (
    "responsibility_unit_week", "responsibility_week", "unit_week", "area_week", "leader_week", "task_force_week",
    "county_week", "submission_week", "verification_week", "red_line_week"))}
DELETE FROM ops.release WHERE release_id LIKE '%-R2';
UPDATE ops.release SET status = 'audited';
"""  # fmt: skip


@pytest.fixture(scope="module")
def world(postgres: EmbeddedPostgres) -> Iterator[SimpleNamespace]:
    """The county released once for all tests of this file."""
    url = postgres.new_database()
    migrate(url)
    connection = connect(url)
    yield SimpleNamespace(url=url, conn=connection, **vars(prepare(connection)))
    connection.close()


@pytest.fixture
def county(world: SimpleNamespace) -> Iterator[SimpleNamespace]:
    """The county without any bulletin; what a test writes is taken away after it."""
    yield world
    world.conn.rollback()
    with world.conn, world.conn.cursor() as cur:
        cur.execute(CLEAN)


def draft(county: SimpleNamespace, directory: Path, release_id: str = "") -> BulletinDraft:
    chosen = release_id or county.release_id
    return draft_bulletin(county.conn, county_code=CODE, release_id=chosen, directory=directory, drafted_at=DRAFTED)


def publish(county: SimpleNamespace, bulletin_id: str, signer: str = SIGNER, release_id: str = "") -> Path:
    return publish_bulletin(
        county.conn,
        county_code=CODE,
        bulletin_id=bulletin_id,
        release_id=release_id or shown(county, bulletin_id),
        signer=signer,
        signed_at=SIGNED,
        comment="同意",
    )


def shown(county: SimpleNamespace, bulletin_id: str) -> str:
    """The release that an issue rests on, as its draft shows it."""
    rows = fetch(county.conn, "SELECT release_id FROM mart.bulletin WHERE bulletin_id = %s", (bulletin_id,))
    return rows[0]["release_id"] if rows else county.release_id


def second_release(county: SimpleNamespace) -> str:
    """The week again, with the report that had been missing."""
    known = facts(county.catalogue, 7, has_latecomer=True)
    return release(county.conn, county.catalogue, known, county.week, number=2)


def figures_of(county: SimpleNamespace, bulletin_id: str = "2022-1") -> dict[str, dict[str, Any]]:
    rows = fetch(county.conn, "SELECT * FROM mart.bulletin_figure WHERE bulletin_id = %s", (bulletin_id,))
    return {row["figure_code"]: row for row in rows}


def rows_of(county: SimpleNamespace, table: str) -> list[dict[str, Any]]:
    query = f"SELECT * FROM mart.{table}_release WHERE release_id = %s"
    return fetch(county.conn, query, (county.release_id,))


def docx_texts(content: bytes) -> list[str]:
    """Every paragraph of a document, those in tables too."""
    body = Document(BytesIO(content)).element.body
    return ["".join(t.text or "" for t in p.iter(qn("w:t"))) for p in body.iter(qn("w:p"))]


class Page(HTMLParser):
    """What a reader of one language sees: figures by code, and the text outside them."""

    def __init__(self, text: str, hidden: str) -> None:
        super().__init__()
        self.hidden, self.stack, self.figure = hidden, [], ""
        self.figures: list[tuple[str, str]] = []
        self.outside: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.data: dict[str, Any] = {}
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.tags.append((tag, given))
        if tag in {"meta", "br", "link", "img", "input"}:
            return
        self.stack.append((tag, given))
        if "data-figure" in given and not self._is_hidden():
            self.figures.append((str(given["data-figure"]), ""))

    def handle_endtag(self, tag: str) -> None:
        while self.stack and self.stack.pop()[0] != tag:
            pass

    def _is_hidden(self) -> bool:
        names = [tag for tag, _ in self.stack]
        return {"style", "script", "title", "svg"} & set(names) != set() or any(
            self.hidden in str(given.get("class", "")).split() for _, given in self.stack
        )

    def handle_data(self, data: str) -> None:
        if self.stack and self.stack[-1][0] == "script" and self.stack[-1][1].get("id") == "figures":
            self.data = json.loads(data)
        if self._is_hidden():
            return
        if any("data-figure" in given for _, given in self.stack):
            code, text = self.figures[-1]
            self.figures[-1] = (code, text + data)
        elif data.strip():
            self.outside.append(data.strip())


# ---- figures ----


def test_every_figure_is_found_again_by_its_own_query(county: SimpleNamespace, tmp_path: Path) -> None:
    draft(county, tmp_path)
    figures = figures_of(county)
    assert len(figures) > 500
    for code, figure in figures.items():
        with county.conn.cursor() as cur:
            cur.execute(figure["query"])
            names = [column.name for column in cur.description or ()]
            answers = [dict(zip(names, row, strict=True)) for row in cur.fetchall()]
        assert len(answers) == 1, code
        assert answers[0]["value"] == figure["value"], code
        assert (answers[0]["numerator"], answers[0]["denominator"]) == (figure["numerator"], figure["denominator"])
        assert figure["source_keys"]["table"].partition(".")[0] in {"mart", "catalogue", "ops"}


def test_figures_equal_the_marts_counted_by_hand(county: SimpleNamespace, tmp_path: Path) -> None:
    draft(county, tmp_path)
    figures = figures_of(county)
    rows, submissions = rows_of(county, "responsibility_unit_week"), rows_of(county, "submission_week")
    for light in ("red", "yellow", "grey", "green"):
        assert figures[f"county.{light}"]["value"] == sum(row["light"] == light for row in rows)
    assert figures["county.no_target"]["value"] == sum(row["state"] == "no_target" for row in rows) == 5
    assert figures["county.due"]["value"] == sum(row["is_report_due"] for row in rows)
    assert figures["submissions.expected"]["value"] == len(submissions) == 10
    assert figures["submissions.missing"]["value"] == 1
    assert figures["submissions.missing"]["source_keys"]["rows"] == ["T02"]
    on_time, expected = (sum(row[c] for row in submissions) for c in ("on_time_rows", "expected_rows"))
    assert figures["submissions.timeliness"]["value"] == pytest.approx(Decimal(on_time) / Decimal(expected))
    for row in rows_of(county, "unit_week"):
        assert figures[f"unit.completion:{row['unit_code']}"]["value"] == row["completion"]
        assert figures[f"unit.rank:{row['unit_code']}"]["value"] == row["rank"]
    exceptions = {
        f"{row['plan_year']}/{row['responsibility_code']}/{row['unit_code']}"
        for row in rows
        if row["light"] in ("red", "yellow") or row["state"] == "missing"
    }
    assert {code.partition(":")[2] for code in figures if code.startswith("exception.light:")} == exceptions


def test_an_areas_plan_uses_the_rows_and_weights_of_its_completion(county: SimpleNamespace, tmp_path: Path) -> None:
    draft(county, tmp_path)
    figures = figures_of(county)
    planned: dict[str, list[Decimal]] = {}
    duties = {row["responsibility_code"]: row for row in rows_of(county, "responsibility_week")}
    for code, duty in duties.items():
        rows = [r for r in rows_of(county, "responsibility_unit_week") if r["responsibility_code"] == code]
        shares = [row["planned_completion"] for row in rows if row["planned_completion"] is not None]
        if duty["completion"] is not None and shares:
            planned.setdefault(rows[0]["area_code"], []).append(sum(shares) / len(shares))
    for area, values in planned.items():
        assert figures[f"area.plan:{area}"]["value"] == pytest.approx(sum(values) / len(values))


def test_a_discrepancy_rate_carries_its_wilson_interval_and_samples_stay_apart(
    county: SimpleNamespace, tmp_path: Path
) -> None:
    draft(county, tmp_path)
    figures = figures_of(county)
    assert figures["verification.checks:random"]["value"] == 2
    assert figures["verification.checks:risk"]["value"] == 1
    # 2 of 2 and 1 of 1: the lower end of Wilson's interval is n / (n + z^2), z = 1.959964
    assert float(figures["verification.low:random"]["value"]) == pytest.approx(2 / (2 + 1.959963984540054**2))
    assert float(figures["verification.low:risk"]["value"]) == pytest.approx(1 / (1 + 1.959963984540054**2))
    assert figures["verification.high:random"]["value"] == 1


def test_absence_prints_its_state_and_never_zero(county: SimpleNamespace, tmp_path: Path) -> None:
    draft(county, tmp_path)
    figures = figures_of(county)
    assert figures["responsibility.completion:2022/CG-02"]["text_zh"] == "未设目标"
    assert figures["responsibility.plan:2022/SF-02"]["text_zh"] == "不适用"
    assert figures["unit.rank:T05"]["text_zh"] == "不排名"
    assert figures["reporting.first_received:T02"]["text_zh"] == "尚无数据"
    for figure in figures.values():
        if figure["value"] is None:
            assert not re.fullmatch(r"[-+]?0[.0]*%?", figure["text_zh"]), figure["figure_code"]


# ---- editions ----


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


# ---- an issue's way ----


def test_the_same_release_again_returns_the_standing_draft(county: SimpleNamespace, tmp_path: Path) -> None:
    first = draft(county, tmp_path)
    before = [(path.stat().st_mtime_ns, path.read_bytes()) for path in first.files]
    again = draft_bulletin(
        county.conn, county_code=CODE, release_id=county.release_id, directory=tmp_path,
        drafted_at=DRAFTED + timedelta(hours=3),
    )  # fmt: skip
    assert again == first
    assert [(path.stat().st_mtime_ns, path.read_bytes()) for path in again.files] == before
    assert first.status == "draft"
    assert ("应报单位", "10", "Units expected", "10") in first.headlines
    assert "2022-W08-R1" in first.body


def test_a_lost_or_damaged_draft_is_drawn_again(county: SimpleNamespace, tmp_path: Path) -> None:
    first = draft(county, tmp_path)
    content = first.files[0].read_bytes()
    first.files[0].write_bytes(b"damaged")
    assert draft(county, tmp_path).files[0].read_bytes() == content


def test_a_newer_release_replaces_an_unsigned_draft_under_the_same_number(
    county: SimpleNamespace, tmp_path: Path
) -> None:
    draft(county, tmp_path)
    newer = draft(county, tmp_path, second_release(county))
    assert (newer.bulletin_id, newer.release_id, newer.status) == ("2022-1", "2022-W08-R2", "draft")
    assert figures_of(county)["submissions.missing"]["value"] == 0
    assert len(fetch(county.conn, "SELECT 1 FROM mart.bulletin")) == 1
    with pytest.raises(ReleaseNotFitError, match="newer release"):
        draft(county, tmp_path)


@pytest.mark.parametrize("status", ["draft", "failed", "what_if", "superseded"])
def test_a_bulletin_rests_on_audited_releases_only(county: SimpleNamespace, tmp_path: Path, status: str) -> None:
    with county.conn, county.conn.cursor() as cur:
        cur.execute("UPDATE ops.release SET status = %s WHERE release_id = %s", (status, county.release_id))
    with pytest.raises(ReleaseNotFitError):
        draft(county, tmp_path)
    assert fetch(county.conn, "SELECT 1 FROM mart.bulletin") == []


def test_a_rejected_draft_keeps_its_reason_and_can_still_be_signed(county: SimpleNamespace, tmp_path: Path) -> None:
    made = draft(county, tmp_path)
    reject_bulletin(
        county.conn, county_code=CODE, bulletin_id="2022-1", signer=SIGNER, reason="第三节待核", decided_at=SIGNED
    )
    row = fetch(county.conn, "SELECT status, decision_reason FROM mart.bulletin")[0]
    assert row["status"] == "rejected"
    assert "第三节待核" in row["decision_reason"]
    assert verify_manifest(made.directory) == []
    publish(county, "2022-1")
    assert fetch(county.conn, "SELECT status FROM mart.bulletin") == [{"status": "published"}]
    with pytest.raises(AlreadyPublishedError):
        reject_bulletin(
            county.conn, county_code=CODE, bulletin_id="2022-1", signer=SIGNER, reason="迟了", decided_at=SIGNED
        )


def test_publishing_signs_seals_and_tells_the_warehouse(county: SimpleNamespace, tmp_path: Path) -> None:
    draft(county, tmp_path)
    directory = publish(county, "2022-1")
    assert directory == tmp_path / CODE / "published" / "2022-1"
    assert verify_manifest(directory) == []
    row = fetch(county.conn, "SELECT * FROM mart.bulletin")[0]
    assert (row["status"], row["signer"], row["directory"]) == ("published", SIGNER, str(directory))
    assert row["files"] == json.loads((directory / "manifest.json").read_text())["files"]
    assert fetch(county.conn, "SELECT status FROM ops.release WHERE release_id = %s", (county.release_id,)) == [
        {"status": "published"}
    ]
    text = "\n".join(docx_texts((directory / "bulletin-2022-1.docx").read_bytes()))
    assert "草稿" not in text
    assert f"签发：{SIGNER}" in text
    assert "2022年2月25日印发" in text
    with zipfile.ZipFile(directory / "bulletin-2022-1.docx") as package:
        assert not any("草稿".encode() in package.read(name) for name in package.namelist())
    page = (directory / "bulletin-2022-1.html").read_text(encoding="utf-8")
    assert 'class="draft"' not in page


def test_publishing_again_changes_nothing(county: SimpleNamespace, tmp_path: Path) -> None:
    draft(county, tmp_path)
    directory = publish(county, "2022-1")
    before = {path.name: (path.stat().st_mtime_ns, path.read_bytes()) for path in directory.iterdir()}
    row = fetch(county.conn, "SELECT * FROM mart.bulletin")
    assert publish(county, "2022-1", signer="别人") == directory
    assert {path.name: (path.stat().st_mtime_ns, path.read_bytes()) for path in directory.iterdir()} == before
    assert fetch(county.conn, "SELECT * FROM mart.bulletin") == row
    assert draft(county, tmp_path).status == "published"


def test_another_content_in_the_published_place_is_never_overwritten(county: SimpleNamespace, tmp_path: Path) -> None:
    draft(county, tmp_path)
    place = tmp_path / CODE / "published" / "2022-1"
    place.mkdir(parents=True)
    (place / "bulletin-2022-1.docx").write_bytes(b"someone's")
    with pytest.raises(PublishedDiffersError):
        publish(county, "2022-1")
    assert [path.read_bytes() for path in place.iterdir()] == [b"someone's"]
    assert fetch(county.conn, "SELECT status FROM mart.bulletin") == [{"status": "signed"}]


def test_what_was_not_shown_is_not_signed(county: SimpleNamespace, tmp_path: Path) -> None:
    draft(county, tmp_path)
    former = county.release_id
    draft(county, tmp_path, second_release(county))
    with pytest.raises(SignedAnotherReleaseError, match=former):
        publish(county, "2022-1", release_id=former)
    assert fetch(county.conn, "SELECT status FROM mart.bulletin") == [{"status": "draft"}]


def test_after_publication_a_changed_release_makes_a_numbered_correction(
    county: SimpleNamespace, tmp_path: Path
) -> None:
    draft(county, tmp_path)
    former = publish(county, "2022-1")
    content = {path.name: path.read_bytes() for path in former.iterdir()}
    second = draft(county, tmp_path, second_release(county))
    assert second.bulletin_id == "2022-2"
    status = {row["bulletin_id"]: row["status"] for row in fetch(county.conn, "SELECT * FROM mart.bulletin")}
    assert status == {"2022-1": "published", "2022-2": "draft"}, "the former stands until the correction is signed"
    old, new = figures_of(county), figures_of(county, "2022-2")
    corrected = {code.partition(":")[2] for code in new if code.startswith("correction.after:")}
    told = [
        {code: f["text_zh"] for code, f in figures.items() if f["section"] not in ("head", "history", "annex5")}
        for figures in (old, new)
    ]
    changed = {code for code in told[0].keys() | told[1].keys() if told[0].get(code) != told[1].get(code)}
    assert corrected == changed
    assert "submissions.missing" in corrected
    assert new["correction.before:submissions.missing"]["text_zh"] == "1"
    assert new["correction.after:submissions.missing"]["text_zh"] == "0"
    publish(county, "2022-2")
    status = {row["bulletin_id"]: row["status"] for row in fetch(county.conn, "SELECT * FROM mart.bulletin")}
    assert status == {"2022-1": "superseded", "2022-2": "published"}
    releases = fetch(county.conn, "SELECT release_id, status FROM ops.release WHERE week_code = '2022-W08' ORDER BY 1")
    assert [row["status"] for row in releases] == ["superseded", "published"]
    assert {path.name: path.read_bytes() for path in former.iterdir()} == content, "the former issue is untouched"


def test_there_is_no_such_issue(county: SimpleNamespace) -> None:
    with pytest.raises(UnknownBulletinError):
        publish(county, "2022-99")


KILLED = """
import os, signal, sys
from datetime import datetime
from pathlib import Path
from ducha.bulletin import publishing, shelf
from ducha.warehouse.database import connect
url, point, signed_at, release_id = sys.argv[1], int(sys.argv[2]), datetime.fromisoformat(sys.argv[3]), sys.argv[4]
calls = 0
def fatal(function):
    def call(*given, **named):
        global calls
        calls += 1
        if calls == point:
            os.kill(os.getpid(), signal.SIGKILL)
        return function(*given, **named)
    return call
os.fsync = fatal(os.fsync)
Path.rename = fatal(Path.rename)
publishing.execute = fatal(publishing.execute)
publishing.render = fatal(publishing.render)
publishing.record_files = fatal(publishing.record_files)
publishing.publish_bulletin(connect(url), county_code="990009", bulletin_id="2022-1", release_id=release_id,
                            signer="督查室主任", signed_at=signed_at, comment="同意")
"""


def test_killed_anywhere_a_rerun_ends_as_if_nothing_had_happened(county: SimpleNamespace, tmp_path: Path) -> None:
    draft(county, tmp_path / "undisturbed")
    directory = publish(county, "2022-1")
    wanted = {path.name: path.read_bytes() for path in directory.iterdir()}
    kills = 0
    for point in (1, 2, 4, 7, 8, 9, 12):
        with county.conn, county.conn.cursor() as cur:
            cur.execute(CLEAN)
        home = tmp_path / f"killed-{point}"
        draft(county, home)
        county.conn.rollback()
        done = subprocess.run(
            [sys.executable, "-c", KILLED, county.url, str(point), SIGNED.isoformat(), county.release_id],
            check=False,
            env=os.environ,
        )
        kills += done.returncode == -signal.SIGKILL
        place = home / CODE / "published" / "2022-1"
        assert not place.exists() or verify_manifest(place) == [], "seen from outside it is whole or absent"
        assert publish(county, "2022-1") == place
        assert {path.name: path.read_bytes() for path in place.iterdir()} == wanted, point
        assert [path.name for path in place.parent.iterdir()] == ["2022-1"]
        status = fetch(county.conn, "SELECT b.status, r.status AS release FROM mart.bulletin b JOIN ops.release r "
                                    "USING (county_code, release_id)")  # fmt: skip
        assert status == [{"status": "published", "release": "published"}]
    assert kills == 7, "every point lies on the way"


def test_two_publishers_wait_for_one_another(county: SimpleNamespace, tmp_path: Path) -> None:
    draft(county, tmp_path)
    other = connect(county.url)
    with other.cursor() as cur:
        cur.execute("SELECT pg_advisory_lock(hashtext('ducha.county'), hashtext(%s))", (CODE,))
    other.commit()
    with county.conn.cursor() as cur:
        cur.execute("SET lock_timeout = '300ms'")
    county.conn.commit()
    with pytest.raises(psycopg2.errors.LockNotAvailable):
        publish(county, "2022-1")
    other.close()
    with county.conn.cursor() as cur:
        cur.execute("RESET lock_timeout")
    county.conn.commit()
    assert publish(county, "2022-1").is_dir()
