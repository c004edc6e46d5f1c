"""The week of a run, and the warehouse opened for a task's work on it."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal

from airflow.sdk.exceptions import AirflowSkipException

if TYPE_CHECKING:
    from ducha.catalogue import Catalogue, CountySettings
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


def loaded_by(context: Mapping[str, Any]) -> str:
    """Return what the catalogue's versions say of who loaded them."""
    return f"airflow {context['dag_run'].run_id}"


@dataclass(frozen=True)
class Errand:
    """What a task needs that only fetches: connection, settings, the county's terms, its clock (None: the present)."""

    conn: Connection
    settings: Settings
    county: CountySettings
    clock: datetime | None


@contextlib.contextmanager
def on_errand(context: Mapping[str, Any]) -> Iterator[Errand]:
    """Open the warehouse for one sender's fetch: a hundred tasks do this, so neither pandas nor the catalogue is read.

    A week without a cut-off is skipped with a message.
    """
    from ducha.calendar import monday_of
    from ducha.pipeline.fetch import NoCutOffError, clock_of
    from ducha.pipeline.standing import standing_calendar
    from ducha.settings import Settings
    from ducha.warehouse.catalogue import read_county_settings
    from ducha.warehouse.database import connect

    settings = Settings.from_env()
    week = resolve_week(context)
    terms, calendar = standing_calendar(settings)
    with contextlib.closing(connect(settings.warehouse_url())) as conn:
        county = read_county_settings(conn, terms.county_code)
        try:
            freeze_at = calendar.week_times(monday_of(week), terms).freeze_at
            yield Errand(conn, settings, county, clock_of(county, week, freeze_at))
        except NoCutOffError as reason:
            raise AirflowSkipException(str(reason)) from reason


@contextlib.contextmanager
def at_work(context: Mapping[str, Any], phase: Phase = "open") -> Iterator[Work]:
    """Open the warehouse for the run's week; a week with nothing to compute is skipped with a message."""
    from ducha.pipeline.fetch import NoCutOffError
    from ducha.pipeline.publish import NoDutiesError, clock_for
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
