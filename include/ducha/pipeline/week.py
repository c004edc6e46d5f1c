"""A whole week in one process, without Airflow: what `ducha run` does and the tests repeat."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from psycopg2.extensions import connection as Connection

from ducha.catalogue import Catalogue
from ducha.county.loading import load_county
from ducha.intake.child import ReadingChildren
from ducha.ledger.facts import read_facts
from ducha.pipeline.collect import check_submissions, keep_catalogue
from ducha.pipeline.fetch import fetch_unit, senders, strays_of
from ducha.pipeline.publish import clock_for, compute_release, draft_bulletin, recompute_touched, require_duties
from ducha.settings import Settings
from ducha.warehouse.catalogue import read_catalogue
from ducha.warehouse.database import present
from ducha.warehouse.release import difference
from ducha.warehouse.status import week_summary

Advance = Callable[[str, int, int], None]
"""advance(step, done, total): told as the work goes."""


class WeekAheadError(ValueError):
    """The week, or the moment asked about, has not come yet."""

    def __init__(self, asked: str) -> None:
        super().__init__(f"{asked} 还没有到 · has not come yet")


def run_week(conn: Connection, settings: Settings, week_code: str, advance: Advance) -> dict[str, Any]:
    """Collect, check, compute and, once the week has frozen, draft; return `week_summary` and what went wrong.

    Beside the summary: `intake` (the counts of `IntakeSummary`), `failed_units` (unit → why its fetch failed),
    `strays` (files in the inbox that belong to no unit). Raises CountyError, NoCutOffError, NoDutiesError,
    WeekAheadError before anything is collected, OSError when the inbox itself is not there, AuditFailedError.
    """
    loaded = load_county(settings.county_dir)
    code, clock = loaded.county_code, clock_for(loaded, week_code)
    require_duties(loaded, week_code)
    with conn:
        now = clock or present(conn)
    if now < loaded.opens_at(week_code):
        raise WeekAheadError(week_code)
    found = strays_of(loaded, settings.inbox)
    keep_catalogue(conn, loaded, now, "ducha run")
    with ReadingChildren() as children:
        children.start()
        catalogue = read_catalogue(conn, code)
        failed = _fetch_all(conn, settings, catalogue, clock, advance)
        advance("检查 · check", 0, 1)
        intake = check_submissions(conn, settings, catalogue, clock, children)
    advance("检查 · check", 1, 1)
    advance("计算 · compute", 0, 1)
    compute_release(conn, catalogue, week_code, clock)
    if now >= catalogue.week_row(week_code)["freeze_at"]:
        draft_bulletin(conn, settings, code, week_code, clock)
    recompute_touched(conn, catalogue, week_code, clock)  # last: an old week that fails its audit stops no new one
    advance("计算 · compute", 1, 1)
    summary = week_summary(conn, code, week_code)
    return {**summary, "intake": asdict(intake), "failed_units": failed, "strays": found}


def what_if(conn: Connection, settings: Settings, week_code: str, known_at: datetime) -> dict[str, Any]:
    """Compute a week from what was known at an instant; return its `week_summary`. Nothing is collected or shown.

    Raises WeekAheadError for an instant still to come, KeyError for a county never loaded, and as `compute_release`.
    """
    code = load_county(settings.county_dir).county_code
    with conn:
        if known_at > present(conn):
            raise WeekAheadError(known_at.isoformat())
    catalogue = read_catalogue(conn, code, known_at)
    release_id = compute_release(conn, catalogue, week_code, known_at, is_what_if=True)
    return week_summary(conn, code, week_code, release_id)


def difference_between(
    conn: Connection, settings: Settings, week_code: str, since: datetime, until: datetime
) -> dict[str, Any]:
    """Compute a week as known at two instants; return week, since, until, and each figure that differs with its reason.

    `figures`: as `warehouse.difference.differences`. Raises what `what_if` raises, ValueError when until is not later.
    """
    if since >= until:
        raise ValueError(f"{since.isoformat()} 不早于 · is not before {until.isoformat()}")
    code = load_county(settings.county_dir).county_code
    before, after = (what_if(conn, settings, week_code, at)["release"]["release_id"] for at in (since, until))
    with conn:
        figures = difference(conn, code, before, after)
    return {"week": week_code, "since": since, "until": until, "figures": figures}


def _fetch_all(
    conn: Connection, settings: Settings, catalogue: Catalogue, until: datetime | None, advance: Advance
) -> dict[str, str]:
    failed = {}
    everyone = senders(catalogue)
    for done, sender in enumerate(everyone, start=1):
        try:
            fetch_unit(conn, settings, catalogue.settings, sender, until)
        except (OSError, ValueError) as error:  # one unit's place or a name in it is broken: the others go on
            failed[sender] = str(error)
        advance("收取 · collect", done, len(everyone))
    return failed


def write_unit_template(conn: Connection, settings: Settings, unit_code: str, week_code: str, out: Path) -> int:
    """Write a unit's workbook for a week, filled in with its last accepted rows; return the rows in it."""
    from ducha.intake.templates import write_template

    catalogue = load_county(settings.county_dir)
    facts = read_facts(conn, catalogue.county_code, datetime.now(UTC), catalogue.year_to_date(week_code))
    last = facts.progress[facts.progress["unit_code"] == unit_code]
    return write_template(catalogue, unit_code, week_code, out, last)
