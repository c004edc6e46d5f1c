"""Section 四, 报送质量: who is missing, late, returned or corrected, by name."""

from __future__ import annotations

from collections.abc import Iterable

from ducha.bulletin.document import Block, Chart, Line, Paragraph, Section, joined, line, sentence
from ducha.bulletin.figures import FigureSet
from ducha.bulletin.names import Names
from ducha.bulletin.narrative import body
from ducha.bulletin.terms import Words

NONE = Words("无", "none")


def _named(figures: FigureSet, names: Names, wanted: Iterable[str], name: str = "", zh: str = "", en: str = "") -> Line:
    """Units by name, each followed by its own number where one is asked for; 无 when there are none."""
    found = []
    for key in wanted:
        unit = line(names.unit(key))
        found.append(unit + sentence(zh, en, n=figures.get(name, key)) if name else unit)
    return joined(found) or line(NONE)


def _returned(figures: FigureSet, names: Names) -> Line:
    """Units with something returned: the whole report, or how many rows."""
    whole = with_status(figures, "returned")
    found = []
    for key in returned_units(figures):
        unit = line(names.unit(key))
        if key in whole:
            found.append(unit + sentence("（全件{n}）", " (whole report {n})", n=figures.get("reporting.status", key)))
        else:
            found.append(unit + sentence("（{n}行）", " ({n} rows)", n=figures.get("reporting.rejected_rows", key)))
    return joined(found) or line(NONE)


def with_status(figures: FigureSet, *codes: str) -> list[str]:
    """Units whose reporting status is one of these (by their English words)."""
    return [k for k in figures.keys("reporting.status") if figures.get("reporting.status", k).text_en in codes]


def above(figures: FigureSet, name: str, floor: int) -> list[str]:
    """Units for which a count lies above a floor."""
    return [k for k in figures.keys(name) if (figures.get(name, k).value or 0) > floor]


def returned_units(figures: FigureSet) -> list[str]:
    """Units of which rows, or the whole report, were returned."""
    return sorted({*above(figures, "reporting.rejected_rows", 0), *with_status(figures, "returned")})


def reporting(figures: FigureSet, names: Names) -> Section:
    """四、报送质量：who is missing, late, returned or corrected, by name."""
    of_all = figures.of("submissions")
    silent, late = with_status(figures, "missing", "withdrawn"), with_status(figures, "late")
    again = above(figures, "reporting.versions", 1)
    came = _named(figures, names, late, "reporting.first_received", "（{n}收到）", " (came {n})")
    resent = _named(figures, names, again, "reporting.versions", "（{n}个版本）", " ({n} versions)")
    items = (
        ("1. 未报{missing}个：{units}。", "1. Missing, {missing}: {units}.", _named(figures, names, silent)),
        ("2. 迟报{late}个：{units}。", "2. Late, {late}: {units}.", came),
        (
            "3. 有退回{returned}个：{units}。",
            "3. Returned, {returned}: {units}.",
            _returned(figures, names),
        ),
        ("4. 更正重报{corrected}个：{units}。", "4. Sent again, {corrected}: {units}.", resent),
    )
    text = sentence(
        "应报{expected_rows}行，报送完整率{completeness}，及时率{timeliness}；退回{rejected_rows}行，截止后改动{changed_late_rows}行。",
        "{expected_rows} rows were due; completeness {completeness}, timeliness {timeliness}; {rejected_rows} "
        "rows were returned, {changed_late_rows} changed after the cut-off.",
        **of_all,
    )
    blocks: list[Block] = [body(text)]
    blocks += [Paragraph(sentence(zh, en, units=units, **of_all), "item") for zh, en, units in items]
    if figures.keys("history.status"):
        blocks.append(Chart("punctuality", Words("报送及时日历", "Reporting, week by week")))
    return Section("四", Words("报送质量", "Quality of reporting"), tuple(blocks))
