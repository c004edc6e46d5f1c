"""The edition to read: one file, no request to anywhere, every number a link to its query and its source rows."""

from __future__ import annotations

import json
from collections.abc import Mapping
from importlib.resources import files
from typing import Any, Literal

from jinja2 import Environment, StrictUndefined
from markupsafe import Markup, escape

from ducha.bulletin.charts import draw
from ducha.bulletin.document import Chart, Document, Heading, Line, Paragraph, Run, Table
from ducha.bulletin.figures import Figure, FigureSet
from ducha.bulletin.names import Names
from ducha.bulletin.terms import Words


def _page_file(name: str) -> str:
    return (files("ducha.bulletin") / "page" / name).read_text(encoding="utf-8")


def _run(run: Run, language: Literal["zh", "en"]) -> Markup:
    """Plain text, or a figure as a link that opens its sources."""
    if not isinstance(run, Figure):
        return escape(run)
    text = run.text_zh if language == "zh" else run.text_en
    is_word = run.value is None
    css = f"fig light {run.text_en}" if run.unit_of_measure == "light" and run.text_en != "no data yet" else "fig"
    kind = " word" if is_word else ""
    code = escape(run.figure_code)
    return Markup(f'<a class="{escape(css)}{kind}" href="#ledger" data-figure="{code}">{escape(text)}</a>')  # noqa: S704


def bilingual(part: Line | Words) -> Markup:
    """Both editions of a text, one of which the page shows."""
    if isinstance(part, Words):
        part = Line((part.zh,), (part.en,))
    if part.zh == part.en and not part.figures:
        return Markup("").join(_run(run, "zh") for run in part.zh)
    zh = Markup("").join(_run(run, "zh") for run in part.zh)
    en = Markup("").join(_run(run, "en") for run in part.en)
    return Markup(f'<span class="zh" lang="zh">{zh}</span><span class="en" lang="en">{en}</span>')  # noqa: S704 - escaped


def _kind(block: object) -> str:
    kinds: tuple[tuple[type, str], ...] = (
        (Heading, "heading"),
        (Paragraph, "paragraph"),
        (Table, "table"),
        (Chart, "chart"),
    )
    return next(name for kind, name in kinds if isinstance(block, kind))


def _ledger(document: Document) -> Markup:
    """Every figure with its value, sources and query as JSON; queries shared by figures stand once."""
    queries: dict[str, int] = {}
    figures: dict[str, Mapping[str, Any]] = {}
    for figure in document.figures:
        head, _, tail = figure.query.rpartition("\n")
        index = queries.setdefault(head, len(queries))
        figures[figure.figure_code] = {
            "label": [figure.label_zh, figure.label_en],
            "text": [figure.text_zh, figure.text_en],
            "value": _number(figure.value),
            "share": [_number(figure.numerator), _number(figure.denominator)],
            "unit": figure.unit_of_measure,
            "query": [index, tail],
            "source": figure.source_keys,
        }
    text = json.dumps({"queries": list(queries), "figures": figures}, ensure_ascii=False, separators=(",", ":"))
    return Markup(text.replace("<", "\\u003c").replace("\u2028", "\\u2028"))  # noqa: S704 - JSON without a tag's opening


def _number(value: object) -> str | None:
    return None if value is None else f"{value:f}"


def render_html(document: Document, names: Names) -> bytes:
    """Draw the document as one HTML file; the same document gives the same bytes."""
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    environment.filters["bilingual"] = bilingual
    environment.filters["kind"] = _kind
    figures = FigureSet(document.figures)
    page = environment.from_string(_page_file("bulletin.html.j2")).render(
        document=document,
        issue=document.issue,
        style=Markup(_page_file("bulletin.css")),  # noqa: S704 - our own file
        script=Markup(_page_file("bulletin.js")),  # noqa: S704 - our own file
        ledger=_ledger(document),
        draw=lambda chart: draw(chart.kind, figures, names, chart.caption),
        W=Words,
    )
    return page.encode("utf-8")
