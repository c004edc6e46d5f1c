"""The week of a run, and the warehouse opened for a task's work on it."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from airflow.sdk.exceptions import AirflowSkipException

if TYPE_CHECKING:
    from ducha.catalogue import Catalogue
    from ducha.settings import Settings
    from ducha.week_of_run import RunFacts
    from psycopg2.extensions import connection as Connection

Phase = Literal["open", "closed"]


@dataclass(frozen=True)
class Work:
    """What every task works with: connection, settings, the county, the week, its clock (None: the present)."""

    conn: Connection
    settings: Settings
    catalogue: Catalogue
    week: str
    clock: datetime | None


def run_facts(context: Mapping[str, Any]) -> RunFacts:
    """Return what Airflow's context says of the run, whatever started it."""
    from ducha.week_of_run import RunFacts

    start, end = context.get("data_interval_start"), context.get("data_interval_end")
    events = context.get("triggering_asset_events") or {}
    extras = [event.extra or {} for many in events.values() for event in many]
    return RunFacts(
        run_after=context["dag_run"].run_after,
        partition_key=context.get("partition_key") or getattr(context["dag_run"], "partition_key", None),
        stated_week=(context.get("params") or {}).get("week") or None,
        asset_weeks=[extra["week"] for extra in extras if extra.get("week")],
        interval=(start, end) if start and end else None,
        logical_date=context.get("logical_date"),
    )


def resolve_week(context: Mapping[str, Any], phase: Phase = "open") -> str:
    """Return the week code that a run is about; `phase` says what a bare moment stands for."""
    from ducha.pipeline.standing import standing_calendar
    from ducha.settings import Settings
    from ducha.week_of_run import week_of_run

    return week_of_run(run_facts(context), *standing_calendar(Settings.from_env()), phase)


class Loaded(NamedTuple):
    """The county as it holds now, and whether this load changed it."""

    catalogue: Catalogue
    is_changed: bool


def load_county_files(context: Mapping[str, Any]) -> Loaded:
    """Load the county's files into the catalogue where they changed.

    Raises CountyError with every fault of the files; the version that held before then still holds.
    """
    from ducha.calendar import read_calendar
    from ducha.pipeline import sync_catalogue
    from ducha.settings import Settings
    from ducha.warehouse.catalogue import read_catalogue
    from ducha.warehouse.database import connect, migrate

    settings = Settings.from_env()
    url = settings.warehouse_url()
    migrate(url)
    with contextlib.closing(connect(url)) as conn:
        result = sync_catalogue(conn, settings.county_dir, datetime.now(UTC), f"airflow {context['dag_run'].run_id}")
        code = read_calendar(settings.county_dir)[0].county_code
        return Loaded(read_catalogue(conn, code), result.is_changed)


def standing_catalogue(context: Mapping[str, Any]) -> Catalogue:
    """Return the county as `sync_catalogue` last loaded it; a new installation loads it now."""
    from ducha.pipeline.standing import standing_calendar
    from ducha.settings import Settings
    from ducha.warehouse.catalogue import read_catalogue
    from ducha.warehouse.database import connect

    settings = Settings.from_env()
    with contextlib.closing(connect(settings.warehouse_url())) as conn, contextlib.suppress(KeyError):
        return read_catalogue(conn, standing_calendar(settings)[0].county_code)
    return load_county_files(context).catalogue


@contextlib.contextmanager
def at_work(context: Mapping[str, Any], phase: Phase = "open") -> Iterator[Work]:
    """Open the warehouse for the run's week; a week with nothing to compute is skipped with a message."""
    from ducha.pipeline import NoCutOffError, NoDutiesError, clock_for
    from ducha.pipeline.standing import standing_calendar
    from ducha.settings import Settings
    from ducha.warehouse.catalogue import read_catalogue
    from ducha.warehouse.database import connect

    settings = Settings.from_env()
    week = resolve_week(context, phase)
    with contextlib.closing(connect(settings.warehouse_url())) as conn:
        catalogue = read_catalogue(conn, standing_calendar(settings)[0].county_code)
        try:
            yield Work(conn, settings, catalogue, week, clock_for(catalogue, week))
        except (NoCutOffError, NoDutiesError) as reason:
            raise AirflowSkipException(str(reason)) from reason
