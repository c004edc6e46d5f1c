"""The second half of a week: release, draft, and what a person decides."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pandas as pd
from psycopg2.extensions import connection as Connection

from ducha import gx
from ducha.bulletin import drafting
from ducha.catalogue import Catalogue
from ducha.ledger.facts import read_facts
from ducha.metrics.week import compute_week
from ducha.pipeline.fetch import NoCutOffError, clock_of
from ducha.settings import Settings
from ducha.warehouse.database import fetch, hold_county, present, statement
from ducha.warehouse.release import AuditFailedError, ReleaseKey, record_findings, write_release


class NoDutiesError(ValueError):
    """The county has set no duties for the week's plan year: there is nothing to compute."""

    def __init__(self, plan_year: int) -> None:
        super().__init__(f"{plan_year} 年没有责任分解 · no duties are set for {plan_year}")


def require_duties(catalogue: Catalogue, week_code: str) -> None:
    """Raise NoDutiesError when nobody has anything to do in the week's plan year."""
    if not has_duties(catalogue, week_code):
        raise NoDutiesError(int(catalogue.week_row(week_code)["plan_year"]))


def has_duties(catalogue: Catalogue, week_code: str) -> bool:
    """Return whether anybody has something to do in the week's plan year."""
    plan_year = catalogue.week_row(week_code)["plan_year"]
    return bool((catalogue.assignments["plan_year"] == plan_year).any())


def clock_for(catalogue: Catalogue, week_code: str) -> datetime | None:
    """Return the clock of a run for a week, as `clock_of`; KeyError for a week that the calendar lacks."""
    row = catalogue.week_row(week_code)
    freeze_at = None if pd.isna(row["cut_off_at"]) else row["freeze_at"].to_pydatetime()
    return clock_of(catalogue.settings, week_code, freeze_at)


def compute_release(
    conn: Connection, catalogue: Catalogue, week_code: str, clock: datetime | None = None, is_what_if: bool = False
) -> str:
    """Compute a week's figures from the facts known at `clock` (None: now), audit and show them; return the release id.

    A what-if is audited but never shown. The same figures again return the standing release. Raises AuditFailedError
    (its findings are kept), NoCutOffError, NoDutiesError.
    """
    code, row = catalogue.county_code, catalogue.week_row(week_code)
    if pd.isna(row["cut_off_at"]):
        raise NoCutOffError(week_code)
    require_duties(catalogue, week_code)
    gx.warm_up()
    monday = row["week"].to_pydatetime()
    with hold_county(conn, code):
        now = present(conn)
        frozen_at = clock or now
        key = ReleaseKey(code, monday, week_code, frozen_at, now if is_what_if else frozen_at, is_what_if)
        try:
            with conn:
                facts = read_facts(conn, code, frozen_at, catalogue.year_to_date(week_code))
                return write_release(conn, key, compute_week(catalogue, facts, week_code))
        except AuditFailedError as failure:
            with conn:
                record_findings(conn, key, failure.findings)
            raise


def recompute_touched(
    conn: Connection, catalogue: Catalogue, week_code: str, clock: datetime | None = None
) -> list[str]:
    """Compute anew, in order, the earlier weeks that facts known since bear on; return the ids of their releases.

    Those are the week of a late, corrected or withdrawn fact and every later one of its plan year, which carries it or
    whose light, change or projection rests on it; two plan years are open at once, and one whose duties the catalogue
    no longer holds stays as it was said. Unchanged figures keep their release; what differs from a published one is
    written to `mart.correction`. A week that fails its audit stops no other; AuditFailedError is raised at the end.
    """
    row = catalogue.week_row(week_code)
    with conn:
        known_at = clock or present(conn)
        parameters = {"county_code": catalogue.county_code, "week": row["week"], "known_at": known_at}
        touched = fetch(conn, statement("weeks_touched"), parameters)
    weeks = [each["week_code"] for each in touched if has_duties(catalogue, each["week_code"])]
    made, failures = [], []
    for week in weeks:
        try:
            made.append(compute_release(conn, catalogue, week, known_at))
        except AuditFailedError as failure:
            failures.append(failure)
    if failures:
        raise failures[0]
    return made


def draft_bulletin(
    conn: Connection, settings: Settings, county_code: str, week_code: str, clock: datetime | None = None
) -> drafting.BulletinDraft:
    """Draft the bulletin of a week's newest release; the same release again returns the standing issue.

    Raises LookupError when the week has no release.
    """
    newest_of = {"county_code": county_code, "week_code": week_code, "release_id": None}
    with conn:
        newest = fetch(conn, statement("status_release"), newest_of)
    if not newest:
        raise LookupError(
            f"{week_code} 尚无结果，先运行 compute_release · has no release yet: run compute_release first"
        )
    return drafting.draft_bulletin(
        conn,
        county_code=county_code,
        release_id=newest[0]["release_id"],
        directory=settings.bulletin_dir,
        drafted_at=clock or datetime.now(UTC),
    )


def publish_bulletin(
    conn: Connection, county_code: str, bulletin_id: str, release_id: str, signer: str, signed_at: datetime,
    comment: str = "",
) -> Path:  # fmt: skip
    """Publish a draft that a person signed as it rested on a release; return its directory. Again: changes nothing."""
    return drafting.publish_bulletin(
        conn, county_code=county_code, bulletin_id=bulletin_id, release_id=release_id, signer=signer,
        signed_at=signed_at, comment=comment,
    )  # fmt: skip


def reject_bulletin(
    conn: Connection, county_code: str, bulletin_id: str, signer: str, decided_at: datetime, reason: str
) -> None:
    """Keep a draft unpublished, with who refused it and why."""
    drafting.reject_bulletin(
        conn, county_code=county_code, bulletin_id=bulletin_id, signer=signer, reason=reason, decided_at=decided_at
    )
