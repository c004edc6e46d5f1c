"""A folder whose history is replayed: a file arrived when its modification time says. For samples and tests only."""

from __future__ import annotations

import csv
import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from ducha.catalogue import CountySettings
from ducha.sources.arrival import Arrival, Source, Withdrawal, microseconds
from ducha.sources.folder import FolderSource, list_files, name_in, unnamed_errors

WITHDRAWALS = "_withdrawals.csv"
"""In the inbox itself, which no unit can write to: received_at (ISO, with its zone), unit_code, week, reason."""


class ReplayRefusedError(ValueError):
    """Receipt times from file times would let a unit choose when it reported."""

    def __init__(self, county_code: str) -> None:
        super().__init__(
            f"县 {county_code} 不是示例县，拒绝 replay 来源：收到时间不能取自文件时间，请改用 folder · "
            f"county {county_code} is not a sample, so source kind replay is refused: use folder"
        )


@dataclass(frozen=True)
class ReplaySource:
    """Files with a modification time after `until` have not arrived yet."""

    inbox: Path
    until: datetime
    name: str = "replay"

    def arrivals(self, unit_code: str) -> Iterator[Arrival]:
        """Yield the unit's files in the order of their modification times."""
        with unnamed_errors():
            dated = [(datetime.fromtimestamp(p.stat().st_mtime, UTC), p) for p in list_files(self.inbox, unit_code)]
        for moment, path in sorted(dated):
            if moment <= self.until:
                with unnamed_errors():
                    content = path.read_bytes()
                yield Arrival(unit_code, name_in(self.inbox, path), content, moment, microseconds(moment))

    def withdrawals(self, unit_code: str) -> Iterator[Withdrawal]:
        """Yield what the unit has taken back by `until`, oldest first; a file takes no part in it, only its list."""
        listed = self.inbox / WITHDRAWALS
        if not listed.is_file():
            return
        with listed.open(encoding="utf-8", newline="") as file:
            rows = [row for row in csv.DictReader(file) if row["unit_code"] == unit_code]
        dated = [(datetime.fromisoformat(row["received_at"]), row) for row in rows]
        for moment, row in sorted(dated, key=lambda pair: pair[0]):
            if moment <= self.until:
                yield Withdrawal(unit_code, row["week"], moment, microseconds(moment), row["reason"])


def is_replay(county: CountySettings) -> bool:
    """Whether the county's submissions are replayed; raises ReplayRefusedError for a county that is no sample."""
    if all(source.kind != "replay" for source in county.sources):
        return False
    if not (county.is_sample or os.environ.get("DUCHA_ALLOW_REPLAY") == "1"):
        raise ReplayRefusedError(county.county_code)
    return True


def place_of(county: CountySettings, inbox: Path) -> Path:
    """Return the county's own inbox where it names one by its whole path, else `inbox`."""
    configured = county.sources[0].path
    return Path(configured) if configured and Path(configured).is_absolute() else inbox


def source_of(county: CountySettings, inbox: Path, until: datetime | None) -> Source:
    """Return the county's source over `inbox`; `until` is the clock of a replayed history, None: all of it."""
    place = place_of(county, inbox)
    if is_replay(county):
        return ReplaySource(place, until or datetime.max.replace(tzinfo=UTC))
    return FolderSource(place)
