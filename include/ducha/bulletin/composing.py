"""An issue composed: figures and names in, the document both editions draw out."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime
from zoneinfo import ZoneInfo

from ducha.bulletin import annexes, by_area, demands, narrative, reporting
from ducha.bulletin.document import Document, Issue
from ducha.bulletin.figures import Figure, FigureSet
from ducha.bulletin.names import Names
from ducha.bulletin.printing import MONTHS
from ducha.bulletin.terms import Words


def _day(moment: datetime, timezone: str) -> Words:
    day = moment.astimezone(ZoneInfo(timezone)).date()
    return Words(f"{day.year}年{day.month}月{day.day}日", f"{day.day} {MONTHS[day.month - 1]} {day.year}")


def _short(name: Words) -> Words:
    """A county's name without a remark in brackets, for the masthead."""
    return Words(re.sub(r"（[^）]*）$", "", name.zh), re.sub(r"\s*\([^)]*\)$", "", name.en))


def compose(issue: Issue, rows: Iterable[Figure], names: Names) -> Document:
    """Build the document of an issue from its figures and the catalogue's names; computes nothing."""
    figures = FigureSet(rows)
    county = _short(names.county)
    week_year, week_no = (int(part) for part in issue.week_code.split("-W"))  # W01 may close in the year before
    day = _day(issue.signed_at or issue.drafted_at, names.timezone)
    return Document(
        issue=issue,
        masthead=Words(f"{county.zh}督查通报", f"Supervision Bulletin of {county.en}"),
        number=Words(
            f"〔{issue.issue_year}〕第{issue.issue_no}期（总第{issue.total_no}期）",
            f"{issue.issue_year} No. {issue.issue_no} (issue {issue.total_no} in all)",
        ),
        office=names.office,
        date=day,
        title=Words(
            f"关于{week_year}年第{week_no}周重点工作推进情况的通报",
            f"Progress on key work in week {week_no} of {week_year}",
        ),
        addressees=Words(
            "各乡镇，县直各部门，各有关单位：", "To all townships, county departments and units concerned:"
        ),
        lead=narrative.lead(figures, issue, names),
        sections=(
            narrative.overall(figures, names),
            by_area.by_area(figures, names),
            narrative.red_lines(figures, names),
            reporting.reporting(figures, names),
            narrative.verification(figures, names),
            narrative.issues(figures),
            demands.demands(figures, names),
        ),
        annexes=annexes.annexes(figures, names),
        signer=Words(issue.signer, issue.signer) if issue.signer else None,
        copies=Words("县委、县政府领导同志", "the county's leaders"),
        figures=tuple(figures.all),
    )
