"""What the bulletin's tests do with an issue, and what a reader of it sees."""

import json
from datetime import UTC, datetime
from html.parser import HTMLParser
from io import BytesIO
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from docx import Document
from docx.oxml.ns import qn
from ducha.bulletin.drafting import BulletinDraft, draft_bulletin
from ducha.bulletin.publishing import publish_bulletin
from ducha.metrics.week import COLUMNS
from ducha.warehouse.database import fetch

from tests.unit.bulletin.songxi import CODE, facts, release

DRAFTED = datetime(2022, 2, 25, 5, tzinfo=UTC)
SIGNED = datetime(2022, 2, 25, 9, tzinfo=UTC)
SIGNER = "督查室主任"
CLEAN = f"""
DELETE FROM mart.bulletin_figure; DELETE FROM mart.bulletin;
DELETE FROM mart.issue;
{"".join(f"DELETE FROM mart.{table}_release WHERE release_id LIKE '%-R2';" for table in COLUMNS)}
DELETE FROM mart.correction;
DELETE FROM ops.release WHERE release_id LIKE '%-R2';
UPDATE ops.release SET status = 'audited';
"""  # fmt: skip


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
