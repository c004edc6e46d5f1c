"""Where things are on this machine: read from the environment once, passed on as plain data."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Settings:
    """Folders and the warehouse's address.

    `home` holds everything the pipeline writes: landing/ (raw bytes by sha256), returned/ (marked workbooks a unit),
    bulletins/ (drafts and published issues), postgres/ and airflow/ of a single machine.
    """

    home: Path
    county_dir: Path
    inbox: Path
    database_url: str

    @classmethod
    def from_env(cls) -> Settings:
        """Read DUCHA_HOME, DUCHA_COUNTY, DUCHA_INBOX and DUCHA_DATABASE_URL, each with its default."""
        home = Path(os.environ.get("DUCHA_HOME") or PROJECT / ".ducha").resolve()
        return cls(
            home=home,
            county_dir=Path(os.environ.get("DUCHA_COUNTY") or PROJECT / "include" / "county").resolve(),
            inbox=Path(os.environ.get("DUCHA_INBOX") or home / "inbox").resolve(),
            database_url=os.environ.get("DUCHA_DATABASE_URL", ""),
        )

    @property
    def landing_dir(self) -> Path:
        return self.home / "landing"

    @property
    def returned_dir(self) -> Path:
        return self.home / "returned"

    @property
    def bulletin_dir(self) -> Path:
        return self.home / "bulletins"

    def warehouse_url(self) -> str:
        """Return the warehouse's address; without DUCHA_DATABASE_URL that of the embedded one, started if need be."""
        if self.database_url:
            return self.database_url
        from ducha import embedded

        return embedded.start(self.home).url("warehouse")
