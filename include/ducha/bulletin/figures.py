"""The figures of an issue: named queries in `sql/`, one row a number, each with its text, its query and its sources."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from importlib.resources import files
from itertools import count
from typing import Any

import pyarrow as pa
from psycopg2.extensions import QuotedString
from psycopg2.extensions import connection as Connection

from ducha.bulletin.names import Names
from ducha.bulletin.printing import printed
from ducha.bulletin.terms import SAMPLES, term
from ducha.warehouse.database import copy_rows, fetch

SECTIONS: Mapping[str, str] = {
    "release": "head",
    "submissions": "4",
    "county": "1",
    "areas": "2",
    "exceptions": "2",
    "red_lines": "3",
    "red_line_gaps": "3",
    "reporting": "4",
    "verification": "5",
    "discrepancies": "5",
    "issues": "6",
    "near_due": "7",
    "responsibilities": "annex1",
    "units": "annex2",
    "definitions": "annex4",
    "quality": "annex6",
    "projection": "annex6",
    "history": "history",
}
"""Query file to the section its figures belong to, in the order they are numbered."""


@dataclass(frozen=True)
class Figure:
    """One number (or word) as an issue prints it; the columns of `mart.bulletin_figure`."""

    figure_code: str
    section: str
    ordinal: int
    label_zh: str
    label_en: str
    text_zh: str
    text_en: str
    value: Decimal | None
    numerator: Decimal | None
    denominator: Decimal | None
    unit_of_measure: str
    query: str
    source_keys: Mapping[str, Any]

    @property
    def name(self) -> str:
        """What the number is, without whose it is: `unit.completion` of `unit.completion:U03`."""
        return self.figure_code.partition(":")[0]

    @property
    def keys(self) -> str:
        """Whose number it is: `U03`, `2022/CY-02`, empty for the county's own."""
        return self.figure_code.partition(":")[2]


@dataclass(frozen=True)
class Scope:
    """What the queries are bound to."""

    county_code: str
    release_id: str
    week: date
    plan_year: int
    known_at: datetime
    released_at: datetime
    timezone: str


@cache
def query_text(name: str) -> str:
    """The SQL of `bulletin/sql/<name>.sql`."""
    return (files("ducha.bulletin") / "sql" / f"{name}.sql").read_text(encoding="utf-8").rstrip()


def _subject(name: str, keys: str, names: Names) -> tuple[str, str]:
    """Whose figure it is, in words: the catalogue's names of its key."""
    if not keys or name.startswith("correction."):
        return "", ""
    parts = keys.split("/")
    if parts[0].isdigit() and len(parts) > 1:
        found = [names.responsibility(parts[0], parts[1]), *map(names.unit, parts[2:])]
    elif name.startswith("area."):
        found = [names.area(keys)]
    elif name.startswith("verification."):
        found = [term(SAMPLES, keys)]
    else:
        found = [names.unit(part) for part in parts]
    return "，".join(w.zh for w in found), ", ".join(w.en for w in found)


def _quoted(text: str) -> str:
    """A text as SQL writes it."""
    quoted = QuotedString(text)
    quoted.encoding = "utf-8"
    return quoted.getquoted().decode()


def _figures(
    conn: Connection, file: str, section: str, ordinals: Iterator[int], parameters: Mapping[str, object], names: Names
) -> Iterator[Figure]:
    text = query_text(file)
    with conn.cursor() as cur:
        bound = cur.mogrify(text, parameters).decode()
    for row in fetch(conn, text, parameters):
        code = f"{row['name']}:{row['keys']}" if row["keys"] else str(row["name"])
        one = f"WHERE name = {_quoted(row['name'])} AND keys = {_quoted(row['keys'])}"
        words = printed(row["value"], row["word"], row["unit_of_measure"], names)
        subject_zh, subject_en = _subject(row["name"], row["keys"], names)
        yield Figure(
            figure_code=code,
            section=section,
            ordinal=next(ordinals),
            label_zh=f"{subject_zh}：{row['label_zh']}" if subject_zh else row["label_zh"],
            label_en=f"{subject_en}: {row['label_en']}" if subject_en else row["label_en"],
            text_zh=words.zh,
            text_en=words.en,
            value=row["value"],
            numerator=row["numerator"],
            denominator=row["denominator"],
            unit_of_measure=row["unit_of_measure"],
            query=f"SELECT * FROM (\n{bound}\n) figures {one}",
            source_keys=row["source"],
        )


def make_figures(conn: Connection, scope: Scope, names: Names) -> list[Figure]:
    """Run every query for a release; return its figures in order. Reads only."""
    ordinals = count(1)
    return [
        figure
        for file, section in SECTIONS.items()
        for figure in _figures(conn, file, section, ordinals, vars(scope), names)
    ]


def make_corrections(
    conn: Connection, county_code: str, bulletin_id: str, former_id: str, names: Names
) -> list[Figure]:
    """Return the figures that differ from the issue this one corrects, before and after. Reads only."""
    parameters = {"county_code": county_code, "bulletin_id": bulletin_id, "former_id": former_id}
    return list(_figures(conn, "corrections", "annex5", count(1), parameters, names))


COLUMNS = tuple(Figure.__dataclass_fields__)


class FigureSet:
    """The figures of an issue, found by name and key; what a page is built from."""

    def __init__(self, figures: Iterable[Figure]) -> None:
        self.all = list(figures)
        self._by_code = {figure.figure_code: figure for figure in self.all}
        self._keys: dict[str, list[str]] = {}
        for figure in self.all:
            self._keys.setdefault(figure.name, []).append(figure.keys)

    def keys(self, name: str) -> list[str]:
        """The keys for which there is such a number, in order."""
        return self._keys.get(name, [])

    def get(self, name: str, keys: str = "") -> Figure:
        """The number of a name and key. Raises KeyError when the issue has none."""
        return self._by_code[f"{name}:{keys}" if keys else name]

    def found(self, name: str, keys: str = "") -> Figure | None:
        """The same, None when the issue has none."""
        return self._by_code.get(f"{name}:{keys}" if keys else name)

    def of(self, group: str, keys: str = "") -> dict[str, Figure]:
        """All numbers of a group (`unit`, `area`) for one key, by their last name."""
        prefix = f"{group}."
        return {
            name.removeprefix(prefix): self._by_code[f"{name}:{keys}" if keys else name]
            for name in self._keys
            if name.startswith(prefix) and (f"{name}:{keys}" if keys else name) in self._by_code
        }


def write_figures(conn: Connection, county_code: str, bulletin_id: str, figures: Iterable[Figure]) -> None:
    """Insert the figures of an issue; part of the caller's transaction."""
    rows = [vars(f) | {"source_keys": json.dumps(f.source_keys, ensure_ascii=False)} for f in figures]
    texts = {
        name: pa.array([None if row[name] is None else str(row[name]) for row in rows], pa.string()) for name in COLUMNS
    }
    keys = {"county_code": pa.repeat(county_code, len(rows)), "bulletin_id": pa.repeat(bulletin_id, len(rows))}
    copy_rows(conn, "mart.bulletin_figure", pa.table(keys | texts))


def read_figures(conn: Connection, county_code: str, bulletin_id: str) -> list[Figure]:
    """Return the figures of an issue as they were written, in order."""
    rows = fetch(
        conn,
        "SELECT " + ", ".join(COLUMNS) + " FROM mart.bulletin_figure WHERE county_code = %s AND bulletin_id = %s "
        "ORDER BY section = 'annex5', ordinal, figure_code",
        (county_code, bulletin_id),
    )
    return [Figure(**row) for row in rows]
