"""Runs the oracle: the definitions in SQL, section by section, over one county's frames in DuckDB."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import duckdb
import pandas as pd
from ducha.catalogue import Catalogue, Facts

SECTIONS = sorted(Path(__file__).parent.glob("s[0-9]*.sql"))
FRAMES = ("units", "areas", "weeks", "responsibilities", "assignments", "items", "exceptions", "portfolios",
          "extra_points")  # fmt: skip
LEDGER = ("progress", "inspections", "submissions", "withdrawals")


@cache
def connection() -> duckdb.DuckDBPyConnection:
    made = duckdb.connect(":memory:")
    made.execute("SET threads TO 1")
    made.execute("PRAGMA disable_optimizer")  # tables of a few rows: planning would cost more than it saves
    return made


@cache
def script() -> str:
    return "\n".join(path.read_text(encoding="utf-8") for path in SECTIONS)


def compute_by_sql(catalogue: Catalogue, facts: Facts, week_code: str) -> dict[str, pd.DataFrame]:
    """Return every table of the oracle for the asked week, named as the kernel names it."""
    con = connection()
    frames = {name: getattr(catalogue, name) for name in FRAMES} | {name: getattr(facts, name) for name in LEDGER}
    for name, frame in (frames | {"settings": settings_of(catalogue), "asked": asked_of(week_code)}).items():
        load(con, name, frame)
    con.execute(script())
    tables = [name for (name,) in con.execute("SHOW TABLES").fetchall() if name.startswith("oracle_")]
    asked = {name: con.execute(f"FROM {name} WHERE week_code = ?", [week_code]).df() for name in tables}
    return {name.removeprefix("oracle_"): frame for name, frame in asked.items()}


def load(con: duckdb.DuckDBPyConnection, name: str, frame: pd.DataFrame) -> None:
    """Make a frame a table: dates as DATE, times as naive UTC, `place` the row's place in the frame's order."""
    plain = frame.assign(place=range(len(frame))) if name in LEDGER else frame.copy()
    dates = []
    for column, kind in frame.dtypes.items():
        if isinstance(kind, pd.DatetimeTZDtype):
            plain[column] = frame[column].dt.tz_convert("UTC").dt.tz_localize(None)
        elif str(kind).startswith("datetime64"):
            dates.append(f"{column}::DATE AS {column}")
    con.register("given", plain)
    replaced = f"REPLACE ({', '.join(dates)})" if dates else ""
    con.execute(f"CREATE OR REPLACE TEMP TABLE {name} AS SELECT * {replaced} FROM given")
    con.unregister("given")


def settings_of(catalogue: Catalogue) -> pd.DataFrame:
    settings = catalogue.settings
    return pd.DataFrame(
        {
            "green_gap": [settings.lights.green_gap],
            "yellow_gap": [settings.lights.yellow_gap],
            "near_due_days": [settings.lights.near_due_days],
            "relative_tolerance": [settings.verification.relative_tolerance],
            "cap": [float(settings.cap)],
            "min_counted": [settings.min_counted],
            "grace_hours": [float(settings.grace_hours)],
            "veto_events": [settings.veto.red_line_events],
            "bonus_per_case": [settings.bonus.per_case],
            "bonus_cap": [settings.bonus.cap],
            "penalty_per_case": [settings.penalty.per_case],
            "penalty_cap": [settings.penalty.cap],
            "reminder_after": [settings.ladder.reminder],
            "notice_after": [settings.ladder.notice],
            "yellow_after": [settings.ladder.yellow],
            "red_after": [settings.ladder.red],
        }
    )


def asked_of(week_code: str) -> pd.DataFrame:
    return pd.DataFrame({"week_code": [week_code]})
