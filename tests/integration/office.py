"""A county that is no sample, with a database and an inbox of its own, at the present moment."""

import contextlib
import csv
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg2
from ducha.catalogue import Catalogue
from ducha.county.loading import load_county
from ducha.embedded import EmbeddedPostgres
from ducha.pipeline.collect import sync_catalogue
from ducha.pipeline.week import run_week
from ducha.settings import Settings
from ducha.warehouse.database import connect, fetch, migrate

from tests.small_county import COUNTY

WEEK = "2022-W02"
HEADER = ["unit_code", "week", "responsibility_code", "item", "value"]


@dataclass
class Office:
    """A county that is no sample, in a database of its own, with an inbox to put files into."""

    conn: psycopg2.extensions.connection
    settings: Settings

    @property
    def catalogue(self) -> Catalogue:
        return load_county(self.settings.county_dir)

    def sync(self) -> None:
        sync_catalogue(self.conn, self.settings.county_dir, datetime.now(UTC), "test")

    def put(self, unit_code: str, name: str | bytes, *values: tuple[str, float], week: str = WEEK) -> Path:
        """A report of running totals: (responsibility_code, value)."""
        folder = self.settings.inbox / unit_code
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / os.fsdecode(name)
        with path.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([HEADER, *([unit_code, week, code, "", value] for code, value in values)])
        return path

    def run(self, week: str = WEEK) -> dict[str, Any]:
        return run_week(self.conn, self.settings, week, lambda *_: None)

    def ask(self, query: str, *parameters: object) -> list[dict[str, Any]]:
        with self.conn:
            return fetch(self.conn, query, parameters)

    def values(self) -> dict[str, float]:
        rows = self.ask("SELECT responsibility_code, unit_code, reported_value FROM mart.responsibility_unit_week "
                        "WHERE week_code = %s AND reported_value IS NOT NULL", WEEK)  # fmt: skip
        return {f"{row['unit_code']} {row['responsibility_code']}": float(row["reported_value"]) for row in rows}


@contextlib.contextmanager
def open_office(postgres: EmbeddedPostgres, tmp_path: Path) -> Iterator[Office]:
    """The small county as a real one: files come in a folder, now."""
    county = Path(shutil.copytree(COUNTY, tmp_path / "county"))
    terms = county / "county.yaml"
    text = terms.read_text(encoding="utf-8").replace("is_sample: true", "is_sample: false")
    terms.write_text(text.replace("kind: replay", "kind: folder"), encoding="utf-8")
    url = postgres.new_database()
    migrate(url)
    conn = connect(url)
    (tmp_path / "inbox").mkdir()
    yield Office(conn, Settings(tmp_path / "home", county, tmp_path / "inbox", url))
    conn.close()
