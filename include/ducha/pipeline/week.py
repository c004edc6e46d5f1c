"""A whole week in one process, without Airflow: what `ducha run` does and the tests repeat."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from psycopg2.extensions import connection as Connection

from ducha.catalogue import Catalogue
from ducha.county.loading import load_county
from ducha.ledger.facts import read_facts
from ducha.pipeline.collect import check_submissions, fetch_unit, senders
from ducha.pipeline.publish import clock_for, compute_release, draft_bulletin
from ducha.settings import Settings
from ducha.sources.replay import is_replay
from ducha.warehouse.catalogue import EVER, read_catalogue
from ducha.warehouse.catalogue import sync_catalogue as record_catalogue
from ducha.warehouse.status import week_summary

Advance = Callable[[str, int, int], None]
"""advance(step, done, total): told as the work goes."""


def run_week(
    conn: Connection, settings: Settings, week_code: str, known_at: datetime | None, advance: Advance
) -> dict[str, Any]:
    """Run the whole of a week in this process; return `week_summary` and the units whose fetch failed, with why.

    `known_at` is the run's clock; for a county whose history is not replayed it makes a what-if release from what was
    known then, and collects nothing.
    """
    loaded = load_county(settings.county_dir)
    now = known_at or clock_for(loaded, week_code)
    is_what_if = known_at is not None and not is_replay(loaded)
    failed: dict[str, str] = {}
    if not is_what_if:
        with conn:
            record_catalogue(conn, loaded, known_at or (EVER if is_replay(loaded) else now), "ducha run")
        catalogue = read_catalogue(conn, loaded.county_code, now)
        failed = _fetch_all(conn, settings, catalogue, now, advance)
        advance("检查 · check", 0, 1)
        check_submissions(conn, settings, catalogue, now)
        advance("检查 · check", 1, 1)
    catalogue = read_catalogue(conn, loaded.county_code, now)
    advance("计算 · compute", 0, 1)
    released_at = datetime.now(UTC) if is_what_if else now
    compute_release(conn, catalogue, week_code, now, released_at, is_what_if)
    advance("计算 · compute", 1, 1)
    if not is_what_if:
        draft_bulletin(conn, settings, loaded.county_code, week_code, now)
    return {**week_summary(conn, loaded.county_code, week_code), "failed_units": failed}


def _fetch_all(
    conn: Connection, settings: Settings, catalogue: Catalogue, until: datetime, advance: Advance
) -> dict[str, str]:
    failed = {}
    everyone = senders(catalogue)
    for done, sender in enumerate(everyone, start=1):
        try:
            fetch_unit(conn, settings, catalogue, sender, until)
        except OSError as error:  # one unit's place is broken: the others go on
            failed[sender] = str(error)
        advance("收取 · collect", done, len(everyone))
    return failed


def write_unit_template(conn: Connection, settings: Settings, unit_code: str, week_code: str, out: Path) -> int:
    """Write a unit's workbook for a week, filled in with its last accepted rows; return the rows in it."""
    from ducha.intake.templates import write_template

    catalogue = load_county(settings.county_dir)
    monday = catalogue.week_row(week_code)["week"].to_pydatetime()
    facts = read_facts(conn, catalogue.county_code, datetime.now(UTC), monday)
    last = facts.progress[facts.progress["unit_code"] == unit_code]
    return write_template(catalogue, unit_code, week_code, out, last)
