"""The bulletin as blocks: what both editions draw, in Chinese and English, every number a figure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from string import Formatter
from typing import Literal

from ducha.bulletin.figures import Figure
from ducha.bulletin.terms import Words

Run = str | Figure


@dataclass(frozen=True)
class Line:
    """One piece of text in both languages; a run is plain text or a figure."""

    zh: tuple[Run, ...] = ()
    en: tuple[Run, ...] = ()

    def __add__(self, other: Line) -> Line:
        return Line(self.zh + other.zh, self.en + other.en)

    def __bool__(self) -> bool:
        return bool(self.zh)

    @property
    def figures(self) -> list[Figure]:
        return [run for run in self.zh if isinstance(run, Figure)]


Part = Line | Words | Figure


def line(part: Part) -> Line:
    """A figure, a name or a line, as a line."""
    if isinstance(part, Line):
        return part
    if isinstance(part, Words):
        return Line((part.zh,), (part.en,))
    return Line((part,), (part,))


def sentence(zh: str, en: str, **parts: Part) -> Line:
    """Fill `{name}` in both texts with figures, names or lines. Raises KeyError for a name that is not given."""
    filled = {name: line(part) for name, part in parts.items()}

    def runs(template: str, language: Literal["zh", "en"]) -> tuple[Run, ...]:
        made: list[Run] = []
        for text, name, _, _ in Formatter().parse(template):
            if text:
                made.append(text)
            if name:
                made.extend(getattr(filled[name], language))
        return tuple(made)

    return Line(runs(zh, "zh"), runs(en, "en"))


def joined(parts: Iterable[Part], zh: str = "、", en: str = ", ") -> Line:
    """Lines one after another with a separator between them."""
    made = Line()
    for part in parts:
        made = made + Line((zh,), (en,)) + line(part) if made else line(part)
    return made


@dataclass(frozen=True)
class Heading:
    """A heading inside a section: level 2 is （一）, level 3 is 1."""

    text: Line
    level: int = 2


@dataclass(frozen=True)
class Paragraph:
    """A paragraph; a note is set smaller on screen and the same on paper."""

    text: Line
    kind: Literal["body", "note", "item"] = "body"


@dataclass(frozen=True)
class Column:
    """A column of a table: heading, width in millimetres of the page's 156, alignment."""

    title: Words
    width: float
    align: Literal["left", "center", "right"] = "center"


@dataclass(frozen=True)
class Table:
    """A table; a row with one cell only spans it as a group heading."""

    columns: tuple[Column, ...]
    rows: tuple[tuple[Line, ...], ...]
    caption: Words | None = None


ChartKind = Literal["areas", "trend", "lights", "punctuality"]


@dataclass(frozen=True)
class Chart:
    """A picture on screen, drawn from figures; paper has the table beside it."""

    kind: ChartKind
    caption: Words


Block = Heading | Paragraph | Table | Chart


@dataclass(frozen=True)
class Section:
    """一、… or 附件 1: a title and its blocks."""

    number: str
    title: Words
    blocks: tuple[Block, ...]


@dataclass(frozen=True)
class Issue:
    """One row of `mart.bulletin`, with the words its pages carry around the figures."""

    county_code: str
    bulletin_id: str
    week: date
    week_code: str
    issue_year: int
    issue_no: int
    total_no: int
    status: str
    signer: str | None
    signed_at: datetime | None
    decision_reason: str | None
    release_id: str
    drafted_at: datetime
    directory: str
    former_id: str | None = None
    """The published issue of the same week that this one corrects."""

    @property
    def is_draft(self) -> bool:
        return self.status in {"draft", "rejected"}


@dataclass(frozen=True)
class Document:
    """A whole issue, ready to be drawn."""

    issue: Issue
    masthead: Words
    number: Words
    office: Words
    date: Words
    title: Words
    addressees: Words
    lead: tuple[Paragraph, ...]
    sections: tuple[Section, ...]
    annexes: tuple[Section, ...]
    signer: Words | None
    copies: Words
    figures: tuple[Figure, ...] = field(repr=False)
