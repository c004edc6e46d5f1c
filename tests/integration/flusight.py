"""The real arrival history as a county of its own: files of the county, and the events a source would give.

Unit = submitter; the k-th reporting date is the k-th week of this county's calendar, with the date's own deadline;
content = path and version, in the canonical form.
"""

import csv
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from ducha.sources.arrival import Arrival, Withdrawal

from tests.plain_history import Event, old_slot, week_codes

ZONE = ZoneInfo("America/New_York")
COUNTY = """\
county_code: "990078"
name_zh: 国家周报方案（真实报送历史）
name_en: A national weekly reporting scheme
office_zh: 试验
office_en: Trial
timezone: America/New_York
is_sample: true
sources: [{kind: replay}]
"""
RESPONSIBILITY = {
    "responsibility_code": "FORECAST", "title_zh": "每周预测报送", "title_en": "Weekly forecast", "area_code": "A",
    "kind": "indicator", "measure": "level", "direction": "up", "unit_of_measure": "version", "baseline": "0",
    "target": "1", "target_authority": "scheme", "is_sample_target": "false", "weight": "1", "cadence": "weekly",
    "plan_shape": "hold", "leader_code": "L", "source_section": "-",
}  # fmt: skip


def source_events(events: list[Event], weeks: dict[str, str]) -> list[Arrival | Withdrawal]:
    """Return what the county's source gives, in line order."""
    given: list[Arrival | Withdrawal] = []
    versions: dict[str, int] = {}
    for e in events:
        if e.status == "D":
            given.append(Withdrawal(e.submitter, weeks[e.period], e.at, e.line, e.path))
            continue
        slot = old_slot(e) if e.status == "R" else (e.submitter, e.period)
        if slot != (e.submitter, e.period) and slot[1] in weeks:
            given.append(Withdrawal(slot[0], weeks[slot[1]], e.at, e.line, e.old_path))
        versions[e.path] = versions.get(e.path, 0) + 1
        header = "unit_code,week,responsibility_code,item,value,evidence"
        row = f'{e.submitter},{weeks[e.period]},FORECAST,,{versions[e.path]},"{e.path}"'
        given.append(Arrival(e.submitter, e.path, f"{header}\n{row}\n".encode(), e.at, e.line))
    return given


def write_county(directory: Path, events: list[Event], deadlines: dict[str, datetime]) -> None:
    """Write the county's files: expected is a submitter from its first to its last reporting date."""
    weeks = week_codes(deadlines)
    directory.mkdir(parents=True)
    (directory / "county.yaml").write_text(COUNTY, encoding="utf-8")
    spans: dict[str, list[date]] = {}
    for e in events:
        spans.setdefault(e.submitter, []).append(deadlines[e.period].astimezone(ZONE).date())
    years = sorted({d.astimezone(ZONE).year for d in deadlines.values()})
    _write(directory / "units.csv", [
        {"unit_code": s, "name_zh": s, "name_en": s, "unit_type": "department", "peer_group": "all"}
        for s in sorted(spans)
    ])  # fmt: skip
    _write(directory / "leaders.csv", [{"leader_code": "L", "title_zh": "负责人", "title_en": "Lead"}])
    _write(directory / "areas.csv", [{"area_code": "A", "name_zh": "预测", "name_en": "Forecasts", "parent_code": ""}])
    _write(directory / "calendar.csv", [
        {"date": f"{y}-01-01", "is_workday": "false", "note": "元旦", "is_official": "true"} for y in (2023, 2024, 2025)
    ])  # fmt: skip
    _write(directory / "cut_offs.csv", [
        {"week": weeks[p], "cut_off_at": d.isoformat(), "freeze_at": "", "note": p}
        for p, d in sorted(deadlines.items())
    ])  # fmt: skip
    _write(directory / "responsibilities.csv", [
        {"plan_year": str(y), **RESPONSIBILITY, "start_on": f"{y}-01-01", "due_on": f"{y}-12-31"} for y in years
    ])  # fmt: skip
    _write(directory / "assignments.csv", [
        {"plan_year": str(y), "responsibility_code": "FORECAST", "unit_code": s, "role": "lead", "share": "", "from_on":
         max(min(span), date(y, 1, 1)).isoformat(), "to_on": min(max(span), date(y, 12, 31)).isoformat()}
        for s, span in sorted(spans.items()) for y in years if min(span).year <= y <= max(span).year
    ])  # fmt: skip
    for name in ("items", "exceptions", "portfolios", "rules"):
        (directory / f"{name}.csv").write_text(HEADERS[name] + "\n", encoding="utf-8")


HEADERS = {
    "items": "plan_year,responsibility_code,item_code,title_zh,title_en,weight,due_on",
    "exceptions": "plan_year,responsibility_code,unit_code,state,from_on,to_on,reason,approved_by",
    "portfolios": "leader_code,responsibility_code,from_on,to_on",
    "rules": "rule_code,left_expression,operator,right_expression,tolerance,on_missing,definition",
}


def _write(file: Path, rows: list[dict[str, str]]) -> None:
    with file.open("w", encoding="utf-8", newline="") as out:
        writer = csv.DictWriter(out, fieldnames=list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
