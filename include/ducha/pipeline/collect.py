"""The first half of a week: the catalogue loaded; what has landed checked, recorded and returned."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Hashable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import pandas as pd
from psycopg2.extensions import connection as Connection

from ducha import gx
from ducha.catalogue import Catalogue
from ducha.county.loading import load_county
from ducha.intake.checking import Checked, check_rows
from ducha.intake.child import ReadingChildren
from ducha.intake.landing import land, landed_path
from ducha.intake.reading import FileToRead, Readings, read_files
from ducha.intake.returning import write_returned
from ducha.ledger.batch import batch_tables
from ducha.ledger.facts import record_batch
from ducha.ledger.receipts import record_receipts, record_withdrawals, unchecked_receipts
from ducha.personal import is_personal
from ducha.settings import Settings
from ducha.sources.arrival import Arrival, Withdrawal, microseconds
from ducha.sources.replay import ReplayRefusedError, is_replay
from ducha.warehouse.catalogue import EVER, SyncResult
from ducha.warehouse.catalogue import sync_catalogue as record_catalogue
from ducha.warehouse.database import copy_in, fetch, hold_county, lock_county, present


def sync_catalogue(conn: Connection, county_dir: Path, known_at: datetime, loaded_by: str) -> SyncResult:
    """Load the county's files into the catalogue; the same files again change nothing. Raises CountyError."""
    return keep_catalogue(conn, load_county(county_dir), known_at, loaded_by)


def keep_catalogue(conn: Connection, catalogue: Catalogue, known_at: datetime, loaded_by: str) -> SyncResult:
    """Record a county that was read from its files; the same county again changes nothing.

    A county whose history is replayed has no history of its files: they hold for every week that is replayed.
    """
    with conn:
        return record_catalogue(conn, catalogue, EVER if is_replay(catalogue.settings) else known_at, loaded_by)


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


def check_submissions(
    conn: Connection,
    settings: Settings,
    catalogue: Catalogue,
    clock: datetime | None = None,
    children: ReadingChildren | None = None,
) -> IntakeSummary:
    """Read and check every file that has landed since the last time, record it, and write the marked workbooks.

    One reading child, one validation over all units, one transaction; the county's lock is held throughout, so that a
    second run waits and finds only what is left. Facts are known at `clock`, None: the moment they are recorded; where
    history is replayed each keeps the time of its receipt. `children`: reading processes that run already.
    """
    with hold_county(conn, catalogue.county_code):
        with conn:
            receipts = unchecked_receipts(conn, catalogue.county_code)
        if receipts.empty:
            return NOTHING_CAME
        gx.warm_up()
        files = [_file(receipt, settings.landing_dir) for receipt in receipts.to_dict("records")]
        own = nullcontext(children) if children else ReadingChildren()
        with own as reading, ThreadPoolExecutor(1) as beside:
            readings = read_files(files, reading)
            checked = check_rows(readings, catalogue)
            # The children write the workbooks while the rows are recorded.
            marking = beside.submit(_write_marked, settings, catalogue, readings, checked, reading)
            with conn:
                now = clock or present(conn)
                if not is_replay(catalogue.settings):
                    receipts["known_at"] = pd.Timestamp(now).tz_convert("UTC")
                tables = batch_tables(receipts, readings, checked, catalogue)
                batch_id = record_batch(conn, catalogue.county_code, tables)
                returned = _returned_files(settings, receipts, marking.result(), now)
                copy_in(conn, "ops.returned_file", returned.assign(county_code=catalogue.county_code))
    verdicts = Counter(checked.verdicts["verdict"])
    return IntakeSummary(
        batch_id=batch_id,
        files=len(checked.verdicts),
        accepted_files=verdicts["accepted"],
        returned_files=verdicts["returned"],
        refused_files=verdicts["refused"],
        accepted_rows=int(checked.verdicts["accepted_rows"].sum()),
        rejected_rows=int(checked.verdicts["rejected_rows"].sum()),
        returned=sorted(returned["path"]),
    )


def _file(receipt: dict[Hashable, Any], landing_dir: Path) -> FileToRead:
    return FileToRead(
        file_id=receipt["receipt_id"],
        name=Path(receipt["path"]).name,
        path=landed_path(landing_dir, receipt["sha256"]),
        kind=receipt["kind"],
        unit_code=receipt["unit_code"],
        received_at=receipt["received_at"].to_pydatetime(),
    )


def _write_marked(
    settings: Settings, catalogue: Catalogue, readings: Readings, checked: Checked, children: ReadingChildren
) -> dict[str, Path]:
    """Write the marked workbook of each file with problems; return where each lies, by file id."""
    if (checked.verdicts["verdict"] == "accepted").all():
        return {}
    return write_returned(readings, checked, catalogue, settings.returned_dir / catalogue.county_code, children)


def _returned_files(
    settings: Settings, receipts: pd.DataFrame, written: dict[str, Path], now: datetime
) -> pd.DataFrame:
    """Return the rows of `ops.returned_file`."""
    senders = receipts.set_index("receipt_id")["unit_code"]
    rows = [
        {
            "receipt_id": file_id,
            "unit_code": senders[file_id],
            "path": path.relative_to(settings.home).as_posix(),
            "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
            "returned_at": now,
        }
        for file_id, path in written.items()
    ]
    return pd.DataFrame(rows, columns=["receipt_id", "unit_code", "path", "sha256", "returned_at"])


def replay_events(
    conn: Connection, settings: Settings, catalogue: Catalogue, events: Sequence[Arrival | Withdrawal]
) -> list[str]:
    """Land and record a history of arrivals and withdrawals, each known when it happened; return the new receipt ids.

    For samples and tests: raises ReplayRefusedError for a county whose source is not a replay.
    """
    if not is_replay(catalogue.settings):
        raise ReplayRefusedError(catalogue.county_code)
    arrivals = [(e, land(e.content, settings.landing_dir)) for e in events if isinstance(e, Arrival)]
    with conn:
        receipts = record_receipts(conn, catalogue.county_code, "replay", arrivals, is_live=False)
        record_withdrawals(conn, catalogue.county_code, [e for e in events if isinstance(e, Withdrawal)])
    return receipts


def withdraw(conn: Connection, county_code: str, unit_code: str, week_code: str, reason: str) -> int:
    """Take back everything a unit has sent for a week so far; return 1, or 0 when nothing stood (撤回).

    Raises ValueError for a reason with an identity or phone number in it: it would stand in the ledger for ever.
    """
    if is_personal(reason):
        zh, en = "撤回原因里有证件号或电话，请去掉", "the reason names an identity or phone number: leave it out"
        raise ValueError(f"{zh} · {en}")
    query = """SELECT max(s.ordinal) AS newest, max(w.ordinal) AS withdrawn FROM ledger.submission s
               LEFT JOIN ledger.withdrawal w USING (county_code, unit_code, week)
               WHERE s.county_code = %s AND s.unit_code = %s AND s.week_code = %s"""
    with conn:
        lock_county(conn, county_code)
        now = present(conn)
        row = fetch(conn, query, (county_code, unit_code, week_code))[0]
        if row["newest"] is None or (row["withdrawn"] or 0) > row["newest"]:
            return 0
        ordinal = max(microseconds(now), row["newest"] + 1)
        return record_withdrawals(conn, county_code, [Withdrawal(unit_code, week_code, now, ordinal, reason)], now)
