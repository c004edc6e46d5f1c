"""What a unit sends in a week, and when: from its habit and true figures."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, field
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from ducha.sample.habits import Habit, story_week
from ducha.sample.sending import Sending
from ducha.sample.tasks import Task
from ducha.sample.truth import Figures, figures_of, inflated
from ducha.sample.weeks import WeekPlan

LAGGING = (
    ("受低温天气影响，施工进度放缓", "调整工序，先做室内部分", "下周逐户核对进度"),
    ("部分手续仍在办理", "安排专人跟办", "争取月内办结"),
    ("人员返岗不足", "协调劳务人员", "节后加班补进度"),
)
EVIDENCE = ("验收单", "台账", "现场影像", "签字表")
PHONE = "13800000000"
"""A number that is nobody's; the source's line that no personal data enters is tried with it."""


@dataclass
class Teller:
    """Tells the story of one unit; remembers what it has said, so that "no change" is true."""

    unit_code: str
    unit_name: str
    zone: ZoneInfo
    tasks: list[Task]
    habit: Habit
    seed: int
    said: dict[tuple[str, str], Figures] = field(default_factory=dict)

    def send(self, week: WeekPlan) -> Iterator[Sending]:
        """Yield what the unit sends for a week, in the order in which it is sent."""
        yield from self._report(week)
        rows = self._zero_reports(week)
        if rows:
            at = self._local(week.monday + dt.timedelta(days=7), dt.time(8, 30, 15))
            yield self._sending(week, "zero_reports", f"{week.code}值班零报告", at, rows)

    def is_silent(self, week: WeekPlan) -> bool:
        """Return whether the unit has something to report in a week and sends nothing."""
        return story_week(week.number) in self.habit.silent and bool(self._due(week))

    def overlooked(self, week: WeekPlan) -> list[str]:
        """Return the codes of what the unit should report in a week and never thinks of."""
        return [task.responsibility_code for task in self._due(week) if task.cadence == self.habit.overlooks]

    def _report(self, week: WeekPlan) -> Iterator[Sending]:
        number = story_week(week.number)
        due = [task for task in self._due(week) if task.cadence != self.habit.overlooks]
        if not due or number in self.habit.silent:
            return
        sent_at = self._sent_at(week, number)
        rows = [row for task in due for row in self._rows(task, week, sent_at)]
        report = self._sending(week, "report", f"{week.code}周报", sent_at, rows)
        if number in self.habit.broken:
            yield dataclasses.replace(report, is_broken=True, rows=[])
        elif number in self.habit.faulty:
            yield from self._faulty(week, report)
        elif number in self.habit.corrected and any(_wrongable(row) for row in rows):
            yield from self._corrected(week, report)
        else:
            yield report
            self._remember(rows)
        if number in self.habit.duplicated:
            name, at = _renamed(report, "-副本"), sent_at + dt.timedelta(minutes=47)
            yield dataclasses.replace(report, role="duplicate", name=name, other=report.name, received_at=at)

    def _due(self, week: WeekPlan) -> list[Task]:
        if not week.has_cut_off:
            return []
        return [task for task in self.tasks if task.is_reported(week.row, week.day, story_week(week.number))]

    def _sent_at(self, week: WeekPlan, number: int) -> dt.datetime:
        """On the cut-off day or the day before it, unless the habit says late or after the freeze."""
        rng = Random(f"{self.seed}|{self.unit_code}|{week.code}")  # noqa: S311  a sample, no secret
        to_freeze = week.freeze_at - week.cut_off_at
        if number in self.habit.after_freeze:
            return week.freeze_at + dt.timedelta(hours=3, seconds=rng.randint(0, 3600))
        if number in self.habit.late and to_freeze:
            return _whole(week.cut_off_at + to_freeze * rng.uniform(0.75, 0.95))
        days_before = 0 if any(task.is_daily for task in self.tasks) else rng.choice((0, 0, 1))
        return week.cut_off_at - dt.timedelta(days=days_before, seconds=rng.randint(1200, 6 * 3600))

    def _rows(self, task: Task, week: WeekPlan, sent_at: dt.datetime) -> Iterator[dict[str, Any]]:
        sent_on = sent_at.astimezone(self.zone).date()
        if task.is_daily:
            yield from self._days(task, week, week.monday, min(sent_on, week.monday + dt.timedelta(days=6)))
            return
        rng = Random(f"{self.seed}|{self.unit_code}|{task.responsibility_code}|{week.code}")  # noqa: S311
        for figures in figures_of(task, week.number, sent_on, self.seed):
            shown = self._shown(task, figures, week)
            row = {"unit_code": self.unit_code, "week": week.code, "responsibility_code": task.responsibility_code}
            yield row | shown | _words(rng, is_lagging=shown.get("done") is False or rng.random() < 0.25)

    def _shown(self, task: Task, figures: Figures, week: WeekPlan) -> Figures:
        """Return what the unit writes: inflated, an accident, "no change", or the truth."""
        if task.measure == "red_line":
            return {"value": 1} if story_week(week.number) in self.habit.accident else figures
        shown = inflated(figures, task, self.habit.inflation)
        repeats = task.measure in ("total", "level", "stages", "rank") or task.time_basis == "to_date"
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

    def _faulty(self, week: WeekPlan, report: Sending) -> Iterator[Sending]:
        """A number nobody can read, a code that does not exist, a phone number in the text; then, maybe, mended."""
        rows = [dict(row) for row in report.rows]
        spoilt = next((n for n, row in enumerate(rows) if "value" in row or "numerator" in row), 0)
        column = "value" if "value" in rows[spoilt] else "numerator"
        rows[spoilt][column] = "约50%"
        faults = [(spoilt, column, "number_unreadable")]
        if len(rows) > 2:  # at least one row stays good
            spoken = (spoilt + 1) % len(rows)
            rows[spoken]["reason"] = f"详情请联系经办人{PHONE}"
            faults.append((spoken, "reason", "phone_number"))
        faults.append((len(rows), "responsibility_code", "responsibility_unknown"))
        rows.append({**rows[spoilt], "responsibility_code": "XX-99", column: 1})
        first_at = week.cut_off_at - dt.timedelta(hours=5) if self.habit.mends else report.received_at
        yield dataclasses.replace(report, rows=rows, faults=tuple(faults), received_at=first_at)
        if self.habit.mends:
            yield self._mended(week, report)

    def _corrected(self, week: WeekPlan, report: Sending) -> Iterator[Sending]:
        """A figure typed ten times too large, put right before the cut-off."""
        rows = [dict(row) for row in report.rows]
        wrong = next(n for n, row in enumerate(rows) if _wrongable(row))
        rows[wrong]["value"] = round(rows[wrong]["value"] * 10, 2)
        first_at = week.cut_off_at - dt.timedelta(hours=5)
        faults = ((wrong, "value", "typed_ten_times_too_large"),)
        yield dataclasses.replace(report, rows=rows, faults=faults, received_at=first_at)
        yield self._mended(week, report)

    def _mended(self, week: WeekPlan, report: Sending) -> Sending:
        self._remember(report.rows)
        at = week.cut_off_at - dt.timedelta(hours=2)
        name = _renamed(report, "（更正）")
        return dataclasses.replace(report, role="correction", name=name, other=report.name, received_at=at)

    def _remember(self, rows: list[dict[str, Any]]) -> None:
        figures = ("item", "value", "numerator", "denominator", "done", "happened_on")
        for row in rows:
            if "no_change" not in row:
                key = (row["responsibility_code"], row.get("item", ""))
                self.said[key] = {name: row[name] for name in figures if name in row}

    def _sending(self, week: WeekPlan, role: Any, stem: str, at: dt.datetime, rows: list[dict[str, Any]]) -> Sending:
        suffix = "xlsx" if self.habit.form == "xlsx" else "csv"
        title = f"{self.unit_name}{week.code}重点工作报送表"
        return Sending(self.unit_code, week.code, f"{stem}.{suffix}", self.habit.form, role, at, rows, title=title)

    def _local(self, day: dt.date, time: dt.time) -> dt.datetime:
        return dt.datetime.combine(day, time, tzinfo=self.zone).astimezone(dt.UTC)


def _words(rng: Random, *, is_lagging: bool) -> dict[str, str]:
    """Return what a clerk writes beside the figures."""
    words = {"evidence": rng.choice(EVIDENCE)}
    if is_lagging:
        words |= dict(zip(("reason", "measure", "next_step"), rng.choice(LAGGING), strict=True))
    return words


def _wrongable(row: dict[str, Any]) -> bool:
    return bool(row.get("value", 0) > 0)


def _renamed(report: Sending, addition: str) -> str:
    stem, _, suffix = report.name.rpartition(".")
    return f"{stem}{addition}.{suffix}"


def _whole(moment: dt.datetime) -> dt.datetime:
    return moment.replace(microsecond=0)
