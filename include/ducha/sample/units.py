"""What a unit sends in a week, and when: from its habit, its fate that week, and true figures."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, field
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from ducha.sample.fates import Maker, Told, Turns, befall
from ducha.sample.habits import Habit, fate_of, story_week
from ducha.sample.sending import WORKBOOK, Role, Sending
from ducha.sample.tasks import Task
from ducha.sample.truth import Figures, Truth, inflated
from ducha.sample.weeks import WeekPlan

LAGGING = (
    ("受低温天气影响，施工进度放缓", "调整工序，先做室内部分", "下周逐户核对进度"),
    ("部分手续仍在办理", "安排专人跟办", "争取月内办结"),
    ("人员返岗不足", "协调劳务人员", "节后加班补进度"),
    ("上级资金尚未到位", "先行垫付急需部分", "到位后立即拨付"),
    ("农户外出较多，入户不便", "分片包户，周末集中办理", "月底前完成入户"),
)
EVIDENCE = ("验收单", "台账", "现场影像", "签字表", "会议纪要", "银行回单")
REPEATABLE = ("total", "level", "stages", "rank")


@dataclass
class Teller:
    """Tells the story of one unit; remembers what it has said, so that "no change" is true."""

    unit_code: str
    unit_name: str
    zone: ZoneInfo
    tasks: list[Task]
    habit: Habit
    truth: Truth
    turns: Turns
    said: dict[tuple[str, str], Figures] = field(default_factory=dict)
    units: dict[str, str] = field(init=False)
    measures: dict[str, str] = field(init=False)

    def __post_init__(self) -> None:
        self.units = {task.responsibility_code: task.unit_of_measure for task in self.tasks}
        self.measures = {task.responsibility_code: task.measure for task in self.tasks}

    def tell(self, week: WeekPlan) -> Told:
        """Return what the unit does in a week: its files in the order in which they are sent, and what it leaves."""
        told = self._report(week)
        rows = self._zero_reports(week)
        if rows:
            at = self._local(week.monday + dt.timedelta(days=7), dt.time(8, 30, 15))
            told.sendings.append(self._sending(week, "zero_reports", f"{week.code}值班零报告", at, rows))
        return told

    def _report(self, week: WeekPlan) -> Told:
        due = self._due(week)
        if not due:
            return Told()
        fate = fate_of(self.habit, self.unit_code, week.number, self.truth.seed)
        if fate == "silent":
            return Told(is_silent=True)
        rng = self._random(week, "report")
        told_of = [t for t in due if t.cadence != self.habit.overlooks and rng.random() >= self.habit.forgets]
        overlooked = [task.responsibility_code for task in due if task not in told_of]
        if not told_of:
            return Told(is_silent=True)
        sent_at = self._sent_at(week, fate)
        rows = [row for task in told_of for row in self._rows(task, week, sent_at, rng)]
        report = self._sending(week, "report", f"{week.code}周报", sent_at, rows)
        told = befall(fate, report, week, Maker(self.habit, self.measures, self.turns, rng))
        if told.stands:
            self._remember(rows)
        told.overlooked += overlooked
        return told

    def _due(self, week: WeekPlan) -> list[Task]:
        if not week.has_cut_off:
            return []
        return [t for t in self.tasks if t.is_reported(week, story_week(week.number)) and not self._is_finished(t)]

    def _is_finished(self, task: Task) -> bool:
        """Whether a task that is told once has been told done, stage by stage."""
        if task.cadence != "once" or task.measure != "stages":
            return False
        return all(self.said.get((task.responsibility_code, item.code), {}).get("done") for item in task.items)

    def _sent_at(self, week: WeekPlan, fate: str) -> dt.datetime:
        """On the cut-off day or the day before it, unless fate says late or after the freeze."""
        rng = self._random(week, "sent")
        to_freeze = week.freeze_at - week.cut_off_at
        if fate == "after_freeze":
            return week.freeze_at + dt.timedelta(hours=3, seconds=rng.randint(0, 3600))
        if fate == "late" and to_freeze:
            return (week.cut_off_at + to_freeze * rng.uniform(0.75, 0.95)).replace(microsecond=0)
        days_before = 0 if any(task.is_daily for task in self.tasks) else rng.choice((0, 0, 1))
        return week.cut_off_at - dt.timedelta(days=days_before, seconds=rng.randint(1200, 6 * 3600))

    def _rows(self, task: Task, week: WeekPlan, sent_at: dt.datetime, rng: Random) -> Iterator[dict[str, Any]]:
        sent_on = sent_at.astimezone(self.zone).date()
        if task.is_daily:
            yield from self._days(task, week, week.monday, min(sent_on, week.monday + dt.timedelta(days=6)))
            return
        for figures in self.truth.figures_of(task, week.monday, sent_on):
            shown = self._shown(task, figures, week)
            row = {"unit_code": self.unit_code, "week": week.code, "responsibility_code": task.responsibility_code}
            yield row | shown | _words(rng, is_lagging=shown.get("done") is False or rng.random() < 0.25)

    def _shown(self, task: Task, figures: Figures, week: WeekPlan) -> Figures:
        """Return what the unit writes: inflated, an accident, "no change", or the truth."""
        if task.measure == "red_line":
            return {"value": 1} if story_week(week.number) in self.habit.accident else figures
        shown = inflated(figures, task, self.habit.inflation)
        repeats = task.measure in REPEATABLE or task.time_basis == "to_date"
        before = self.said.get((task.responsibility_code, figures.get("item", "")))
        if self.habit.says_no_change and repeats and shown == before:
            return {"no_change": True} | ({"item": figures["item"]} if "item" in figures else {})
        return shown

    def _zero_reports(self, week: WeekPlan) -> list[dict[str, Any]]:
        """Return what the duty office (值班室) tells on Monday: days after the report, or a week without a cut-off."""
        first = week.day + dt.timedelta(days=1) if week.has_cut_off else week.monday
        last = week.monday + dt.timedelta(days=6)
        rows: list[dict[str, Any]] = []
        for task in self.tasks:
            if task.is_daily:
                rows += self._days(task, week, first, last)
            elif task.measure == "red_line" and not week.has_cut_off and task.is_alive(week.day):
                row = {"unit_code": self.unit_code, "week": week.code, "responsibility_code": task.responsibility_code}
                rows.append({**row, "value": 0})
        return rows

    def _days(self, task: Task, week: WeekPlan, first: dt.date, last: dt.date) -> Iterator[dict[str, Any]]:
        for n in range((last - first).days + 1):
            day = first + dt.timedelta(days=n)
            if task.is_alive(day):
                row = {"unit_code": self.unit_code, "week": week.code, "responsibility_code": task.responsibility_code}
                yield {**row, "item": day.isoformat(), "value": 0}

    def _remember(self, rows: list[dict[str, Any]]) -> None:
        figures = ("item", "value", "numerator", "denominator", "done", "happened_on")
        for row in rows:
            if "no_change" not in row:
                key = (row["responsibility_code"], row.get("item", ""))
                self.said[key] = {name: row[name] for name in figures if name in row}

    def _sending(self, week: WeekPlan, role: Role, stem: str, at: dt.datetime, rows: list[dict[str, Any]]) -> Sending:
        form = self.habit.form
        suffix = self.habit.suffix or (form if form == WORKBOOK else form.split("-")[0])
        return Sending(
            self.unit_code,
            week.code,
            f"{stem}.{suffix}",
            form,
            role,
            at,
            rows,
            title=f"{self.unit_name}{week.code}重点工作报送表",
            hand=self.habit.hand,
            units=self.units,
        )

    def _local(self, day: dt.date, time: dt.time) -> dt.datetime:
        return dt.datetime.combine(day, time, tzinfo=self.zone).astimezone(dt.UTC)

    def _random(self, week: WeekPlan, question: str) -> Random:
        return Random(f"{self.truth.seed}|{self.unit_code}|{week.code}|{question}")  # noqa: S311  a sample, no secret


def _words(rng: Random, *, is_lagging: bool) -> dict[str, str]:
    """Return what a clerk writes beside the figures."""
    words = {"evidence": rng.choice(EVIDENCE)}
    if is_lagging:
        words |= dict(zip(("reason", "measure", "next_step"), rng.choice(LAGGING), strict=True))
    return words
