"""The county as it stands: from its files or, while these are broken, as last loaded, so that the week goes on."""

from __future__ import annotations

import contextlib
import datetime as dt
import json
from zoneinfo import ZoneInfo

from psycopg2.extensions import connection as Connection

from ducha.calendar import SupervisionCalendar, WeekTimes, read_calendar
from ducha.catalogue import Catalogue, CountySettings
from ducha.county.files import CountyError
from ducha.county.terms import CalendarSettings, CutOff, Freeze
from ducha.settings import Settings
from ducha.warehouse.catalogue import SyncResult, read_catalogue
from ducha.warehouse.database import connect, fetch, migrate

_WEEK = 7


def standing_calendar(settings: Settings) -> tuple[CalendarSettings, SupervisionCalendar]:
    """Return the county's rules and calendar from its files or, where they are broken, from the last load.

    Raises CountyError when the files are broken and the warehouse holds no county that they could be.
    """
    try:
        return read_calendar(settings.county_dir)
    except CountyError as broken:
        with contextlib.closing(connect(settings.warehouse_url())) as conn:
            return calendar_of(_last_loaded(conn, settings, broken))


def calendar_of(catalogue: Catalogue) -> tuple[CalendarSettings, SupervisionCalendar]:
    """Return a catalogue's rules, and a calendar that gives each of its weeks the times it has there."""
    import pandas as pd

    rules, zone = catalogue.settings, ZoneInfo(catalogue.settings.timezone)
    explicit: dict[dt.date, WeekTimes] = {}
    free: dict[dt.date, bool] = {}
    for week in catalogue.weeks.to_dict("records"):
        monday = week["week"].date()
        if pd.isna(week["cut_off_at"]):
            free |= {monday + dt.timedelta(days=n): False for n in range(_WEEK)}
        else:
            times = (week[name].to_pydatetime().astimezone(zone) for name in ("cut_off_at", "freeze_at"))
            explicit[monday] = WeekTimes(*times)
    cut_off = CutOff(rules.cut_off.workday_from_end, rules.cut_off.time)
    freeze = Freeze(rules.publication.freeze_workday_from_end, rules.publication.freeze_time)
    terms = CalendarSettings(rules.county_code, rules.timezone, cut_off, freeze)
    return terms, SupervisionCalendar(rules.timezone, free, explicit)


def _last_loaded(conn: Connection, settings: Settings, broken: CountyError) -> Catalogue:
    """Return the county whose files these were: the one that county.yaml still names, or the only one there is."""
    rows = fetch(conn, "SELECT county_code, settings FROM catalogue.county WHERE known_to IS NULL")
    known = {row["county_code"]: CountySettings.model_validate(_plain(row["settings"])) for row in rows}
    file = settings.county_dir / "county.yaml"
    text = file.read_text(encoding="utf-8", errors="replace") if file.is_file() else ""
    named = [code for code, terms in known.items() if code in text and terms.name_zh in text]
    candidates = named or list(known)
    if len(candidates) != 1:
        raise broken
    return read_catalogue(conn, candidates[0])


def _plain(settings: object) -> object:
    return json.loads(settings) if isinstance(settings, str) else settings


def load_files(settings: Settings, loaded_by: str) -> SyncResult:
    """Bring the warehouse to its newest revision and load the county's files into the catalogue where they changed.

    Raises CountyError with every fault of the files; the version that held before then still holds.
    """
    from ducha.pipeline.collect import sync_catalogue

    url = settings.warehouse_url()
    migrate(url)
    with contextlib.closing(connect(url)) as conn:
        return sync_catalogue(conn, settings.county_dir, dt.datetime.now(dt.UTC), loaded_by)


def standing_catalogue(settings: Settings, loaded_by: str) -> Catalogue:
    """Return the county as it was last loaded; a new installation loads it now. Raises CountyError."""
    terms, _ = standing_calendar(settings)
    with contextlib.closing(connect(settings.warehouse_url())) as conn, contextlib.suppress(KeyError):
        return read_catalogue(conn, terms.county_code)
    load_files(settings, loaded_by)
    with contextlib.closing(connect(settings.warehouse_url())) as conn:
        return read_catalogue(conn, terms.county_code)
