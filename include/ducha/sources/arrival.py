"""What every source gives: arrivals of files and withdrawals of what had arrived."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

from ducha.catalogue import INSPECTION_SENDER

Kind = Literal["progress", "inspection"]


@dataclass(frozen=True)
class Arrival:
    """One file as it came: `ordinal` orders events of a source, later outranks earlier."""

    unit_code: str
    path: str
    content: bytes
    received_at: datetime
    ordinal: int

    @property
    def kind(self) -> Kind:
        return "inspection" if self.unit_code == INSPECTION_SENDER else "progress"


@dataclass(frozen=True)
class Withdrawal:
    """A unit takes back everything it had sent for a week before this event (撤回)."""

    unit_code: str
    week_code: str
    received_at: datetime
    ordinal: int
    reason: str


class Source(Protocol):
    """Where submissions come from. A new source is one class with these two members."""

    @property
    def name(self) -> str:
        """The source's name in receipts."""
        ...

    def arrivals(self, unit_code: str) -> Iterator[Arrival]:
        """Yield what the unit has sent, oldest first; raise OSError when the place cannot be read."""
        ...


def microseconds(moment: datetime) -> int:
    """The ordinal of a moment: microseconds since 1970."""
    return round(moment.timestamp() * 1_000_000)
