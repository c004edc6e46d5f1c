"""What becomes of a report on its way: sent twice, put right, spoilt, lost, taken back."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from random import Random

from ducha.sample.habits import Habit
from ducha.sample.hands import LIBRE, OFFICE
from ducha.sample.hostile import HOSTILE, SUFFIXES
from ducha.sample.mistakes import KINDS, spoil
from ducha.sample.sending import WORKBOOK, Sending, TakenBack
from ducha.sample.weeks import WeekPlan

REASONS = ("报错单位，重新核对后再报", "数据口径有误", "报送周次填错", "领导审核后要求撤回")
EARLY, BETWEEN, AGAIN = (dt.timedelta(hours=hours) for hours in (5, 3.5, 2))
"""Before the cut-off: when a file that will not stand is sent, taken back, and sent anew."""


class Turns:
    """Whose turn it is among the kinds of mistakes and of broken files: who could not be made goes first next time."""

    def __init__(self) -> None:
        self.mistakes = list(KINDS)
        self.hostile = list(HOSTILE)

    def next_hostile(self) -> str:
        """Return the kind of broken file that has waited longest."""
        kind = self.hostile.pop(0)
        self.hostile.append(kind)
        return kind

    def spoil(self, report: Sending, measures: Mapping[str, str], rng: Random) -> Sending | None:
        """Spoil a report with one to three mistakes that have waited longest and find a row."""
        spoilt = spoil(report, self.mistakes, measures, rng, limit=rng.randint(1, 3))
        made = {kind for _, _, kind in spoilt.faults} if spoilt else set()
        self.mistakes = [k for k in self.mistakes if k not in made] + [k for k in self.mistakes if k in made]
        return spoilt


@dataclass
class Told:
    """What a unit does in a week. `stands`: its report is in order and not taken back."""

    sendings: list[Sending] = field(default_factory=list)
    taken_back: list[TakenBack] = field(default_factory=list)
    overlooked: list[str] = field(default_factory=list)
    is_silent: bool = False
    stands: bool = True


@dataclass(frozen=True)
class Maker:
    """What decides how a report goes wrong: habit, measures by responsibility, turns, the week's own chance."""

    habit: Habit
    measures: Mapping[str, str]
    turns: Turns
    rng: Random


def befall(fate: str, report: Sending, week: WeekPlan, maker: Maker) -> Told:
    """Return the files that come of a report under a fate; one that does not fit leaves it as it is."""
    early = dataclasses.replace(report, received_at=week.cut_off_at - EARLY)
    mended = _again(report, week)
    plain = Told([report])
    if fate in ("duplicated", "resaved"):
        return Told([report, _copied(report) if fate == "duplicated" else _resaved(report)])
    if fate == "corrected":
        return Told([_ten_times(early), mended]) if any(_wrongable(row) for row in report.rows) else plain
    if fate in ("faulty", "hostile_mended"):
        first = _spoilt(early, maker) if fate == "faulty" else _hostile(early, maker)
        return Told([first, mended]) if first else plain
    if fate in ("faulty_unmended", "hostile"):
        first = _spoilt(report, maker) if fate == "faulty_unmended" else _hostile(report, maker)
        return Told([first], stands=False) if first else plain
    if fate in ("withdrawn", "withdrawn_resent"):
        taken = TakenBack(report.sender, report.week_code, week.cut_off_at - BETWEEN, maker.rng.choice(REASONS))
        is_resent = fate == "withdrawn_resent"
        return Told([early, mended] if is_resent else [early], [taken], stands=is_resent)
    return plain


def _spoilt(report: Sending, maker: Maker) -> Sending | None:
    """Spoil a report: with the mistakes of the habit, else with one to three whose turn it is."""
    if maker.habit.mistakes is not None:
        return spoil(report, maker.habit.mistakes, maker.measures, maker.rng, len(KINDS))
    return maker.turns.spoil(report, maker.measures, maker.rng)


def _ten_times(report: Sending) -> Sending:
    """A figure typed ten times too large: believable, only wrong."""
    rows = [dict(row) for row in report.rows]
    wrong = next(n for n, row in enumerate(rows) if _wrongable(row))
    rows[wrong]["value"] = round(rows[wrong]["value"] * 10, 2)
    return dataclasses.replace(report, rows=rows, faults=((wrong, "value", "typed_ten_times_too_large"),))


def _again(report: Sending, week: WeekPlan) -> Sending:
    name, at = _renamed(report, "（更正）"), week.cut_off_at - AGAIN
    return dataclasses.replace(report, role="correction", name=name, other=report.name, received_at=at)


def _copied(report: Sending) -> Sending:
    name, at = _renamed(report, "-副本"), report.received_at + dt.timedelta(minutes=47)
    return dataclasses.replace(report, role="duplicate", name=name, other=report.name, received_at=at)


def _resaved(report: Sending) -> Sending:
    """The same rows saved once more by another program: other bytes, nothing new."""
    hand = OFFICE if report.hand.application == LIBRE else dataclasses.replace(OFFICE, application=LIBRE, titles=2)
    stem = report.name.rpartition(".")[0]
    at = report.received_at + dt.timedelta(minutes=19)
    return dataclasses.replace(
        report, role="resaved", name=f"{stem} (1).xlsx", other=report.name, received_at=at, hand=hand, form=WORKBOOK
    )


def _hostile(report: Sending, maker: Maker) -> Sending:
    kind = maker.habit.hostile or maker.turns.next_hostile()
    stem = report.name.rpartition(".")[0]
    return dataclasses.replace(report, hostile=kind, rows=[], name=f"{stem}.{SUFFIXES.get(kind, 'xlsx')}")


def _wrongable(row: dict[str, object]) -> bool:
    value = row.get("value", 0)
    return isinstance(value, int | float) and value > 0 and "denominator" not in row and "item" not in row


def _renamed(report: Sending, addition: str) -> str:
    stem, _, suffix = report.name.rpartition(".")
    return f"{stem}{addition}.{suffix}"
