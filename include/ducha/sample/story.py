"""The plot: all that units and inspection teams send in the weeks of a sample."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from ducha.catalogue import Catalogue
from ducha.sample.fates import Turns
from ducha.sample.habits import habit_of
from ducha.sample.inspections import inspect
from ducha.sample.sending import Sending, TakenBack
from ducha.sample.tasks import tasks_of
from ducha.sample.truth import Truth
from ducha.sample.units import Teller
from ducha.sample.weeks import WeekPlan


@dataclass(frozen=True)
class WeekTold:
    """One week: its files by receipt time, what was withdrawn, who was silent, which due rows nobody thought of.

    `overlooked`: (unit, responsibility) of rows left out of a report that was sent.
    """

    week: WeekPlan
    sendings: list[Sending]
    taken_back: list[TakenBack]
    silent: list[str]
    overlooked: list[tuple[str, str]]


def tell(catalogue: Catalogue, weeks: list[WeekPlan], seed: int) -> Iterator[WeekTold]:
    """Yield week by week what units and inspection teams send, the same for the same county and seed."""
    names = dict(zip(catalogue.units["unit_code"], catalogue.units["name_zh"], strict=True))
    zone = ZoneInfo(catalogue.settings.timezone)
    truth, turns = Truth(seed), Turns()
    tellers = [
        Teller(code, names[code], zone, tasks, habit_of(position, code, seed), truth, turns)
        for position, (code, tasks) in enumerate(tasks_of(catalogue).items())
        if tasks
    ]
    for week in weeks:
        told = [teller.tell(week) for teller in tellers]
        sendings = [sending for each in told for sending in each.sendings]
        sendings += inspect(week, sendings, tellers, truth)
        yield WeekTold(
            week,
            sorted(sendings, key=lambda sending: (sending.received_at, sending.path)),
            [taken for each in told for taken in each.taken_back],
            [teller.unit_code for teller, each in zip(tellers, told, strict=True) if each.is_silent],
            [(t.unit_code, code) for t, each in zip(tellers, told, strict=True) for code in each.overlooked],
        )
