"""Section 四, 报送质量: who is missing, late, returned or corrected, by name."""

from __future__ import annotations

from collections.abc import Iterable

from ducha.bulletin.document import Block, Chart, Line, Paragraph, Section, joined, line, sentence
from ducha.bulletin.figures import FigureSet
from ducha.bulletin.names import Names
from ducha.bulletin.narrative import body
from ducha.bulletin.terms import Words

NONE = Words("无", "none")


def _named(figures: FigureSet, names: Names, wanted: Iterable[str], zh: str = "", en: str = "", **cells: str) -> Line:
    """Units by name, each with the figures the templates ask for; 无 when there are none."""
    found = []
    for key in wanted:
        unit = line(names.unit(key))
        found.append(unit + sentence(zh, en, **{c: figures.get(n, key) for c, n in cells.items()}) if zh else unit)
    return joined(found) or line(NONE)


def with_status(figures: FigureSet, *codes: str) -> list[str]:
    """Units whose reporting status is one of these (by their English words)."""
    return [k for k in figures.keys("reporting.status") if figures.get("reporting.status", k).text_en in codes]


def above(figures: FigureSet, name: str, floor: int) -> list[str]:
    """Units for which a count lies above a floor."""
    return [k for k in figures.keys(name) if (figures.get(name, k).value or 0) > floor]


def reporting(figures: FigureSet, names: Names) -> Section:
    """四、报送质量：who is missing, late, returned or corrected, by name."""
    of_all = figures.of("submissions")
    returned = sorted({*above(figures, "reporting.rejected_rows", 0), *with_status(figures, "returned")})
    blocks: list[Block] = [
        body(
            sentence(
                "应报{expected_rows}行，报送完整率{completeness}，及时率{timeliness}；退回{rejected_rows}行，截止后改动{changed_late_rows}行。",
                "{expected_rows} rows were due; completeness {completeness}, timeliness {timeliness}; {rejected_rows} "
                "rows "
                "were returned, {changed_late_rows} changed after the cut-off.",
                **of_all,
            )
        ),
        Paragraph(
            sentence(
                "1. 未报{missing}个：{units}。",
                "1. Missing, {missing}: {units}.",
                units=_named(figures, names, with_status(figures, "missing", "withdrawn")),
                **of_all,
            ),
            "item",
        ),
        Paragraph(
            sentence(
                "2. 迟报{late}个：{units}。",
                "2. Late, {late}: {units}.",
                units=_named(
                    figures,
                    names,
                    with_status(figures, "late"),
                    "（{at}收到）",
                    " (came {at})",
                    at="reporting.first_received",
                ),
                **of_all,
            ),
            "item",
        ),
        Paragraph(
            sentence(
                "3. 有退回{returned}个：{units}。",
                "3. With rows returned, {returned}: {units}.",
                units=_named(
                    figures, names, returned, "（{rows}行）", " ({rows} rows)", rows="reporting.rejected_rows"
                ),
                **of_all,
            ),
            "item",
        ),
        Paragraph(
            sentence(
                "4. 更正重报{corrected}个：{units}。",
                "4. Sent again, {corrected}: {units}.",
                units=_named(
                    figures,
                    names,
                    above(figures, "reporting.versions", 1),
                    "（{n}个版本）",
                    " ({n} versions)",
                    n="reporting.versions",
                ),
                **of_all,
            ),
            "item",
        ),
    ]
    if figures.keys("history.status"):
        blocks.append(Chart("punctuality", Words("报送及时日历", "Reporting, week by week")))
    return Section("四", Words("报送质量", "Quality of reporting"), tuple(blocks))
