"""The plot: all that units and inspection teams send in the weeks of a sample."""

from __future__ import annotations

from dataclasses import dataclass
from zoneinfo import ZoneInfo

from ducha.catalogue import Catalogue
from ducha.sample.habits import habit_of
from ducha.sample.inspections import inspect
from ducha.sample.sending import Sending
from ducha.sample.tasks import tasks_of
from ducha.sample.units import Teller
from ducha.sample.weeks import WeekPlan


@dataclass(frozen=True)
class Story:
    """All files by receipt time; who had something to report and sent nothing; which rows were never thought of.

    `silent`: (unit, week); `overlooked`: (unit, week, responsibility).
    """

    sendings: list[Sending]
    silent: list[tuple[str, str]]
    overlooked: list[tuple[str, str, str]]


def tell(catalogue: Catalogue, weeks: list[WeekPlan], seed: int) -> Story:
    """Return what units and inspection teams send in the weeks, the same for the same county and seed."""
    names = dict(zip(catalogue.units["unit_code"], catalogue.units["name_zh"], strict=True))
    zone = ZoneInfo(catalogue.settings.timezone)
    tellers = [
        Teller(code, names[code], zone, tasks, habit_of(position), seed)
        for position, (code, tasks) in enumerate(tasks_of(catalogue).items())
        if tasks
    ]
    sendings: list[Sending] = []
    for week in weeks:
        told = [sending for teller in tellers for sending in teller.send(week)]
        sendings += told + inspect(week, told, tellers, seed)
    silent = [(teller.unit_code, week.code) for week in weeks for teller in tellers if teller.is_silent(week)]
    overlooked = [
        (teller.unit_code, week.code, code) for week in weeks for teller in tellers for code in teller.overlooked(week)
    ]
    return Story(sorted(sendings, key=lambda sending: (sending.received_at, sending.path)), silent, overlooked)
