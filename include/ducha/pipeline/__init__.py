"""The verbs of the week, as the command line and the DAGs call them: plain functions on a connection and a clock.

sync_catalogue → fetch_unit (each unit) → check_submissions → compute_release → draft_bulletin → publish or reject.
Every one is keyed and repeatable: called again with nothing new, it changes nothing.
"""

from ducha.pipeline.collect import (
    IntakeSummary,
    check_submissions,
    fetch_unit,
    replay_events,
    senders,
    sync_catalogue,
    withdraw,
)
from ducha.pipeline.publish import (
    NoCutOffError,
    NoDutiesError,
    clock_for,
    compute_release,
    draft_bulletin,
    publish_bulletin,
    reject_bulletin,
)
from ducha.pipeline.week import Advance, WeekAheadError, run_week, what_if, write_unit_template
from ducha.warehouse.status import week_summary

__all__ = [
    "Advance",
    "IntakeSummary",
    "NoCutOffError",
    "NoDutiesError",
    "WeekAheadError",
    "check_submissions",
    "clock_for",
    "compute_release",
    "draft_bulletin",
    "fetch_unit",
    "publish_bulletin",
    "reject_bulletin",
    "replay_events",
    "run_week",
    "senders",
    "sync_catalogue",
    "week_summary",
    "what_if",
    "withdraw",
    "write_unit_template",
]
