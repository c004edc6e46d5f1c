"""A folder whose history is replayed: a file arrived when its modification time says. For samples and tests only."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from ducha.catalogue import Catalogue
from ducha.sources.arrival import Arrival, Source, microseconds
from ducha.sources.folder import FolderSource, list_files, name_in


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
        dated = [(datetime.fromtimestamp(p.stat().st_mtime, UTC), p) for p in list_files(self.inbox, unit_code)]
        for moment, path in sorted(dated):
            if moment <= self.until:
                yield Arrival(unit_code, name_in(self.inbox, path), path.read_bytes(), moment, microseconds(moment))


def is_replay(catalogue: Catalogue) -> bool:
    """Whether the county's submissions are replayed; raises ReplayRefusedError for a county that is no sample."""
    if all(source.kind != "replay" for source in catalogue.settings.sources):
        return False
    if not (catalogue.settings.is_sample or os.environ.get("DUCHA_ALLOW_REPLAY") == "1"):
        raise ReplayRefusedError(catalogue.county_code)
    return True


def place_of(catalogue: Catalogue, inbox: Path) -> Path:
    """Return the county's own inbox where it names one by its whole path, else `inbox`."""
    configured = catalogue.settings.sources[0].path
    return Path(configured) if configured and Path(configured).is_absolute() else inbox


def source_of(catalogue: Catalogue, inbox: Path, until: datetime | None) -> Source:
    """Return the county's source over `inbox`; `until` is the clock of a replayed history, None: all of it."""
    place = place_of(catalogue, inbox)
    if is_replay(catalogue):
        return ReplaySource(place, until or datetime.max.replace(tzinfo=UTC))
    return FolderSource(place)
