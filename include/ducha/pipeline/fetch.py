"""The first steps of a week: who may send, and what they sent landed. Light to import: every unit has its own task."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from psycopg2.extensions import connection as Connection

from ducha.catalogue import INSPECTION_SENDER, Catalogue, CountySettings
from ducha.intake.landing import land
from ducha.ledger.receipts import record_receipts, record_withdrawals
from ducha.settings import Settings
from ducha.sources.folder import strays
from ducha.sources.replay import WITHDRAWALS, ReplaySource, is_replay, place_of, source_of


class NoCutOffError(ValueError):
    """The week has no workdays, so no cut-off and no release of its own."""

    def __init__(self, week_code: str) -> None:
        super().__init__(
            f"{week_code} 没有工作日，不单独截止，其数据并入下一周 · "
            f"has no workdays, so no release of its own: its facts join the next week's"
        )


def clock_of(county: CountySettings, week_code: str, freeze_at: datetime | None) -> datetime | None:
    """Return the clock of a run for a week: the week's freeze where history is replayed, None for the present moment.

    Raises NoCutOffError for a week that never freezes.
    """
    if freeze_at is None:
        raise NoCutOffError(week_code)
    return freeze_at if is_replay(county) else None


def senders(catalogue: Catalogue) -> list[str]:
    """Who may send: the units in code order, then the inspection teams."""
    return [*sorted(catalogue.units["unit_code"]), INSPECTION_SENDER]


def fetch_unit(
    conn: Connection, settings: Settings, county: CountySettings, unit_code: str, until: datetime | None = None
) -> list[str]:
    """Land what a unit has sent and record a receipt for each new file; return the new receipt ids.

    `until` is the clock of a replayed history, which also tells what the unit has withdrawn by then. Raises OSError
    when the unit's place cannot be read: that unit's fetch failed, nobody else's.
    """
    source = source_of(county, settings.inbox, until)
    taken_back = list(source.withdrawals(unit_code)) if isinstance(source, ReplaySource) else []
    arrivals = [(arrival, land(arrival.content, settings.landing_dir)) for arrival in source.arrivals(unit_code)]
    with conn:
        if taken_back:
            record_withdrawals(conn, county.county_code, taken_back)
        return record_receipts(conn, county.county_code, source.name, arrivals, is_live=not is_replay(county))


def strays_of(catalogue: Catalogue, inbox: Path) -> list[str]:
    """Return the reports in the county's inbox that lie in no sender's folder; raises as `folder.strays`."""
    lists = [WITHDRAWALS] if is_replay(catalogue.settings) else []
    return strays(place_of(catalogue.settings, inbox), [*senders(catalogue), *lists])
