"""The verbs of the week, as the command line and the DAGs call them: plain functions on a connection and a clock.

sync_catalogue → fetch_unit (each unit) → check_submissions → compute_release → draft_bulletin → publish or reject.
Every one is keyed and repeatable: called again with nothing new, it changes nothing.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pandas as pd
from psycopg2.extensions import connection as Connection

from ducha.bulletin import drafting
from ducha.catalogue import INSPECTION_SENDER, Catalogue
from ducha.county import load_county
from ducha.intake.checking import Checked, check_rows
from ducha.intake.landing import land, landed_path
from ducha.intake.reading import FileToRead, Readings, read_files
from ducha.intake.returning import write_returned
from ducha.ledger.batch import batch_tables
from ducha.ledger.facts import read_facts, record_batch
from ducha.ledger.receipts import record_receipts, record_withdrawals, unchecked_receipts
from ducha.metrics.week import compute_week
from ducha.settings import Settings
from ducha.sources.arrival import Arrival, Withdrawal, microseconds
from ducha.sources.replay import ReplayRefusedError, is_replay, source_of
from ducha.warehouse.catalogue import SyncResult, read_catalogue
from ducha.warehouse.catalogue import sync_catalogue as record_catalogue
from ducha.warehouse.database import fetch, lock_county, statement
from ducha.warehouse.release import AuditFailedError, ReleaseKey, record_findings, write_release
from ducha.warehouse.status import week_summary

Advance = Callable[[str, int, int], None]
"""advance(step, done, total): told as the work goes."""


class NoCutOffError(ValueError):
    """The week has no workdays, so no cut-off and no release of its own."""

    def __init__(self, week_code: str) -> None:
        super().__init__(
            f"{week_code} 没有工作日，不单独截止，其数据并入下一周 · "
            f"has no workdays, so no release of its own: its facts join the next week's"
        )


def sync_catalogue(conn: Connection, county_dir: Path, known_at: datetime, loaded_by: str) -> SyncResult:
    """Load the county's files into the catalogue; the same files again change nothing. Raises CountyError."""
    catalogue = load_county(county_dir)
    with conn:
        return record_catalogue(conn, catalogue, known_at, loaded_by)


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


def senders(catalogue: Catalogue) -> list[str]:
    """Who may send: the units in code order, then the inspection teams."""
    return [*sorted(catalogue.units["unit_code"]), INSPECTION_SENDER]


def fetch_unit(
    conn: Connection, settings: Settings, catalogue: Catalogue, unit_code: str, until: datetime
) -> list[str]:
    """Land what a unit has sent by `until` and record a receipt for each new file; return the new receipt ids.

    Raises OSError when the unit's place cannot be read: that unit's fetch failed, nobody else's.
    """
    source = source_of(catalogue, settings.inbox, until)
    arrivals = [(arrival, land(arrival.content, settings.landing_dir)) for arrival in source.arrivals(unit_code)]
    known_at = None if is_replay(catalogue) else until
    with conn:
        return record_receipts(conn, catalogue.county_code, source.name, arrivals, known_at)


@dataclass(frozen=True)
class IntakeSummary:
    """What a batch of submissions came to: files and rows by verdict, and where the marked workbooks lie."""

    batch_id: str | None
    files: int
    accepted_files: int
    returned_files: int
    refused_files: int
    accepted_rows: int
    rejected_rows: int
    returned: list[str]


NOTHING_CAME = IntakeSummary(None, 0, 0, 0, 0, 0, 0, [])


def check_submissions(conn: Connection, settings: Settings, catalogue: Catalogue, known_at: datetime) -> IntakeSummary:
    """Read and check every file that has landed since the last time, record it, and write the marked workbooks.

    One reading child, one validation over all units, one transaction. `known_at` is when the facts are recorded; where
    history is replayed each fact keeps the time of its receipt.
    """
    with conn:
        receipts = unchecked_receipts(conn, catalogue.county_code)
    if receipts.empty:
        return NOTHING_CAME
    if not is_replay(catalogue):
        receipts["known_at"] = pd.Timestamp(known_at).tz_convert("UTC")
    readings = read_files(
        [
            FileToRead(
                r.receipt_id,
                Path(r.path).name,
                landed_path(settings.landing_dir, r.sha256),
                r.kind,
                r.unit_code,
                r.received_at.to_pydatetime(),
            )
            for r in receipts.itertuples()
        ]  # fmt: skip
    )
    checked = check_rows(readings, catalogue)
    tables = batch_tables(receipts, readings, checked, catalogue)
    returned = _return_files(settings, receipts, readings, checked, tables["ledger.submission"])
    with conn:
        lock_county(conn, catalogue.county_code)
        batch_id = record_batch(conn, catalogue.county_code, {**tables, "ops.returned_file": returned})
    verdicts = checked.verdicts["verdict"].value_counts()
    return IntakeSummary(
        batch_id,
        len(checked.verdicts),
        *(int(verdicts.get(verdict, 0)) for verdict in ("accepted", "returned", "refused")),
        accepted_rows=int(checked.verdicts["accepted_rows"].sum()),
        rejected_rows=int(checked.verdicts["rejected_rows"].sum()),
        returned=sorted(returned["path"]),
    )


def _return_files(
    settings: Settings, receipts: pd.DataFrame, readings: Readings, checked: Checked, submissions: pd.DataFrame
) -> pd.DataFrame:
    """Write the marked workbook of each file with problems; return the rows of `ops.returned_file`."""
    columns = ["receipt_id", "unit_code", "path", "sha256", "returned_at"]
    at_fault = checked.verdicts[checked.verdicts["verdict"] != "accepted"]
    about = receipts.set_index("receipt_id")
    weeks = submissions.drop_duplicates("receipt_id").set_index("receipt_id")["week_code"]
    rows = []
    for file_id in at_fault["file_id"]:
        receipt = about.loc[file_id]
        folder = settings.returned_dir / receipt["unit_code"]
        path = write_returned(readings, checked, file_id, folder, weeks[file_id], receipt["known_at"].to_pydatetime())
        sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
        place = path.relative_to(settings.home).as_posix()
        rows.append((file_id, receipt["unit_code"], place, sha256, receipt["known_at"]))
    return pd.DataFrame(rows, columns=columns)


def replay_events(
    conn: Connection, settings: Settings, catalogue: Catalogue, events: Sequence[Arrival | Withdrawal]
) -> list[str]:
    """Land and record a history of arrivals and withdrawals, each known when it happened; return the new receipt ids.

    For samples and tests: raises ReplayRefusedError for a county whose source is not a replay.
    """
    if not is_replay(catalogue):
        raise ReplayRefusedError(catalogue.county_code)
    arrivals = [(e, land(e.content, settings.landing_dir)) for e in events if isinstance(e, Arrival)]
    with conn:
        receipts = record_receipts(conn, catalogue.county_code, "replay", arrivals)
        record_withdrawals(conn, catalogue.county_code, [e for e in events if isinstance(e, Withdrawal)])
    return receipts


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
            record_catalogue(conn, loaded, now, "ducha run")
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


def withdraw(conn: Connection, county_code: str, unit_code: str, week_code: str, reason: str) -> int:
    """Take back everything a unit has sent for a week so far; return 1, or 0 when nothing stood (撤回)."""
    now = datetime.now(UTC)
    query = """SELECT max(s.ordinal) AS newest, max(w.ordinal) AS withdrawn FROM ledger.submission s
               LEFT JOIN ledger.withdrawal w USING (county_code, unit_code, week)
               WHERE s.county_code = %s AND s.unit_code = %s AND s.week_code = %s"""
    with conn:
        row = fetch(conn, query, (county_code, unit_code, week_code))[0]
        if row["newest"] is None or (row["withdrawn"] or 0) > row["newest"]:
            return 0
        ordinal = max(microseconds(now), row["newest"] + 1)
        return record_withdrawals(conn, county_code, [Withdrawal(unit_code, week_code, now, ordinal, reason)], now)
