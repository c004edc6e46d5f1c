"""The second half of a week: release, draft, and what a person decides."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pandas as pd
from psycopg2.extensions import connection as Connection

from ducha.bulletin import drafting
from ducha.catalogue import Catalogue
from ducha.ledger.facts import read_facts
from ducha.metrics.week import compute_week
from ducha.settings import Settings
from ducha.sources.replay import is_replay
from ducha.warehouse.database import fetch, lock_county, statement
from ducha.warehouse.release import AuditFailedError, ReleaseKey, record_findings, write_release


class NoCutOffError(ValueError):
    """The week has no workdays, so no cut-off and no release of its own."""

    def __init__(self, week_code: str) -> None:
        super().__init__(
            f"{week_code} 没有工作日，不单独截止，其数据并入下一周 · "
            f"has no workdays, so no release of its own: its facts join the next week's"
        )


def clock_for(catalogue: Catalogue, week_code: str, now: datetime | None = None) -> datetime:
    """The clock of a run for a week: the week's freeze where history is replayed, else the present moment.

    Raises NoCutOffError for a week without workdays, KeyError for one the calendar lacks.
    """
    row = catalogue.week_row(week_code)
    if pd.isna(row["cut_off_at"]):
        raise NoCutOffError(week_code)
    if is_replay(catalogue):
        frozen: datetime = row["freeze_at"].to_pydatetime()
        return frozen
    return now or datetime.now(UTC)


def compute_release(
    conn: Connection, catalogue: Catalogue, week_code: str, frozen_at: datetime, released_at: datetime,
    is_what_if: bool = False,
) -> str:  # fmt: skip
    """Compute the figures of a week from the facts known at `frozen_at`, audit and show them; return the release id.

    The same figures again return the standing release. Raises AuditFailedError (its findings are kept), NoCutOffError.
    """
    row = catalogue.week_row(week_code)
    if pd.isna(row["cut_off_at"]):
        raise NoCutOffError(week_code)
    monday = row["week"].to_pydatetime()
    key = ReleaseKey(catalogue.county_code, monday, week_code, frozen_at, released_at, is_what_if)
    try:
        with conn:
            lock_county(conn, catalogue.county_code)
            facts = read_facts(conn, catalogue.county_code, frozen_at, monday)
            return write_release(conn, key, compute_week(catalogue, facts, week_code))
    except AuditFailedError as failure:
        with conn:
            record_findings(conn, key, failure.findings)
        raise


def draft_bulletin(
    conn: Connection, settings: Settings, county_code: str, week_code: str, drafted_at: datetime
) -> drafting.BulletinDraft:
    """Draft the bulletin of a week's newest release; the same release again returns the standing issue.

    Raises LookupError when the week has no release.
    """
    with conn:
        newest = fetch(conn, statement("status_release"), {"county_code": county_code, "week_code": week_code})
    if not newest:
        raise LookupError(
            f"{week_code} 尚无结果，先运行 compute_release · has no release yet: run compute_release first"
        )
    return drafting.draft_bulletin(
        conn,
        county_code=county_code,
        release_id=newest[0]["release_id"],
        directory=settings.bulletin_dir,
        drafted_at=drafted_at,
    )


def publish_bulletin(
    conn: Connection, county_code: str, bulletin_id: str, signer: str, signed_at: datetime, comment: str = ""
) -> Path:
    """Publish a draft that a person signed; return its directory. Publishing again changes nothing."""
    return drafting.publish_bulletin(
        conn, county_code=county_code, bulletin_id=bulletin_id, signer=signer, signed_at=signed_at, comment=comment
    )


def reject_bulletin(
    conn: Connection, county_code: str, bulletin_id: str, signer: str, decided_at: datetime, reason: str
) -> None:
    """Keep a draft unpublished, with who refused it and why."""
    drafting.reject_bulletin(
        conn, county_code=county_code, bulletin_id=bulletin_id, signer=signer, reason=reason, decided_at=decided_at
    )
