"""What a history of arrivals and withdrawals comes to, line after line. Nothing of the pipeline is imported here."""

import csv
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

FIRST_MONDAY = date(2023, 9, 18)
SAMPLE_ZONE = ZoneInfo("Asia/Shanghai")
UNSEEN = {"typed_ten_times_too_large"}
"""A fault that no rule of the form can see: the figure is believable, only wrong."""

Slot = tuple[str, str]
"""A unit and a week: what is expected, arrives, and is taken back."""


@dataclass(frozen=True)
class Event:
    """One line of the real history."""

    line: int
    at: datetime
    status: str
    submitter: str
    period: str
    path: str
    old_path: str


@dataclass(frozen=True)
class Happening:
    """Something arrives in a slot, with rows that can be read or without, or what stands there is taken back."""

    slot: Slot
    at: datetime
    is_arrival: bool
    is_good: bool = True


@dataclass(frozen=True)
class Outcome:
    """What a slot shows at an instant."""

    is_expected: bool = False
    is_received: bool = False
    is_on_time: bool = False
    versions: int = 0
    withdrawals: int = 0


@dataclass(frozen=True)
class PlainHistory:
    """The facts of a history, `happenings` in the order in which they outrank one another."""

    units: list[str]
    deadlines: Mapping[str, datetime]
    expected: set[Slot]
    happenings: list[Happening]
    events: int

    def outcomes(self, known_at: datetime | None = None) -> dict[Slot, Outcome]:
        """Return what was known of every unit and week at an instant; None: of all that ever happened."""
        piles = piled(h for h in self.happenings if known_at is None or h.at <= known_at)
        slots = [(unit, week) for unit in self.units for week in self.deadlines]
        return {slot: piles.get(slot, Pile()).outcome(slot in self.expected, self.deadlines[slot[1]]) for slot in slots}

    def counts(self) -> dict[str, int]:
        """Return how many events, arrivals and withdrawals there were, and what the slots show in the end."""
        return {
            "events": self.events,
            "arrivals": sum(h.is_arrival for h in self.happenings),
            "withdrawals": sum(not h.is_arrival for h in self.happenings),
            **slot_counts(self.outcomes().values()),
        }


@dataclass
class Pile:
    """What lies in a slot, kept by hand: when each that stands came, and whether it could be read."""

    standing: list[tuple[datetime, bool]] = field(default_factory=list)
    versions: int = 0
    withdrawals: int = 0

    def outcome(self, is_expected: bool, deadline: datetime) -> Outcome:
        good = [at for at, is_good in self.standing if is_good]
        return Outcome(is_expected, bool(good), bool(good) and good[0] <= deadline, self.versions, self.withdrawals)


def piled(happenings: Iterable[Happening]) -> dict[Slot, Pile]:
    piles: dict[Slot, Pile] = {}
    for happening in happenings:
        pile = piles.setdefault(happening.slot, Pile())
        if happening.is_arrival:
            pile.versions += 1
            pile.standing.append((happening.at, happening.is_good))
        else:
            pile.withdrawals += bool(pile.standing)
            pile.standing = []
    return piles


def slot_counts(outcomes: Iterable[Outcome]) -> dict[str, int]:
    every = list(outcomes)
    return {
        "slots": len(every),
        "expected": sum(o.is_expected for o in every),
        "received": sum(o.is_received for o in every),
        "on time": sum(o.is_on_time for o in every),
        "versions": sum(o.versions for o in every),
        "withdrawals that took something": sum(o.withdrawals for o in every),
    }


def read_events(file: Path) -> tuple[list[Event], dict[str, datetime]]:
    """Return the real events in line order and each reporting date's deadline."""
    with file.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    events = [
        Event(n, datetime.fromisoformat(r["committed_at"]), r["status"][0], r["submitter"], r["period_end"], r["path"],
              r["old_path"])
        for n, r in enumerate(rows, start=2)
    ]  # fmt: skip
    return events, {r["period_end"]: datetime.fromisoformat(r["deadline"]) for r in rows}


def week_codes(deadlines: Mapping[str, datetime]) -> dict[str, str]:
    """Return the county's week of each reporting date: the k-th date, the k-th week."""
    mondays = (FIRST_MONDAY + timedelta(weeks=k) for k in range(len(deadlines)))
    return {period: f"{m:%G-W%V}" for period, m in zip(sorted(deadlines), mondays, strict=True)}


def old_slot(event: Event) -> Slot:
    """Return the submitter and reporting date that a renamed path had; no date in the name, no slot."""
    folder = event.old_path.split("/")[1]
    found = re.search(r"\d{4}-\d{2}-\d{2}", event.old_path.rsplit("/", 1)[-1])
    return folder, found[0] if found else ""


def real_history(file: Path) -> PlainHistory:
    """A and M arrive, D takes back, R takes back the slot of the old path and arrives in that of the new one."""
    events, deadlines = read_events(file)
    weeks = week_codes(deadlines)
    happenings = []
    periods: dict[str, list[str]] = {}
    for e in events:
        periods.setdefault(e.submitter, []).append(e.period)
        if e.status == "R" and old_slot(e) != (e.submitter, e.period) and old_slot(e)[1] in weeks:
            happenings.append(Happening((old_slot(e)[0], weeks[old_slot(e)[1]]), e.at, is_arrival=False))
        happenings.append(Happening((e.submitter, weeks[e.period]), e.at, is_arrival=e.status != "D"))
    expected = {(s, weeks[p]) for s, own in periods.items() for p in weeks if min(own) <= p <= max(own)}
    times = {weeks[period]: deadline for period, deadline in sorted(deadlines.items())}
    return PlainHistory(sorted(periods), times, expected, happenings, len(events))


def sample_history(answer_file: Path, units_file: Path) -> PlainHistory:
    """Read the answer file: a report arrives in its week, a file that nobody can read in the week in which it came.

    A withdrawal takes back what came before its instant. Who had something to report sent it, is named as silent, or
    overlooked all of it.
    """
    answer = json.loads(answer_file.read_text(encoding="utf-8"))
    deadlines = {w["week"]: datetime.fromisoformat(w["cut_off_at"]) for w in answer["weeks"] if w["cut_off_at"]}
    reports = [f for f in answer["files"] if f["role"] != "inspection"]
    happenings = [
        Happening((w["unit_code"], w["week"]), datetime.fromisoformat(w["withdrawn_at"]), is_arrival=False)
        for w in answer["withdrawals"]
    ]
    happenings += [Happening(_slot(f), datetime.fromisoformat(f["received_at"]), True, _has_good(f)) for f in reports]
    expected = {(s["unit_code"], s["week"]) for s in [*answer["silent"], *answer["overlooked"]]}
    expected |= {(f["sender"], f["week"]) for f in reports if f["role"] != "zero_reports"}
    ordered = sorted(happenings, key=lambda h: (h.at, h.is_arrival))
    with units_file.open(encoding="utf-8-sig", newline="") as lines:
        units = [row["unit_code"] for row in csv.DictReader(lines)]
    return PlainHistory(units, deadlines, expected, ordered, len(ordered))


def _slot(file: dict[str, object]) -> Slot:
    came = datetime.fromisoformat(str(file["received_at"])).astimezone(SAMPLE_ZONE)
    return str(file["sender"]), str(file["week"]) if file["readable"] else f"{came:%G-W%V}"


def _has_good(file: dict[str, object]) -> bool:
    faults, rows = file["faults"], file["rows"]
    bad = {fault["row"] for fault in faults if fault["kind"] not in UNSEEN}
    return bool(file["readable"]) and bool({row["row"] for row in rows} - bad)
