"""The cast of the story: how each unit reports. Units take these habits in the order of `units.csv`, again and again.

Weeks are weeks of the story, 1 to 8; a longer sample plays it again.
"""

from __future__ import annotations

from dataclasses import dataclass

from ducha.sample.sending import Form

STORY_WEEKS = 8
NEVER: frozenset[int] = frozenset()


@dataclass(frozen=True)
class Habit:
    """How a unit sends, and in which weeks something happens to it.

    `faulty`: sends a workbook with a bad number, an unknown code and a phone number in its text; `mends` when it sends
    it again in order. `overlooks`: a cadence whose reports it never sends. `inflation`: what it adds to what was done.
    """

    form: Form = "xlsx"
    says_no_change: bool = False
    late: frozenset[int] = NEVER
    after_freeze: frozenset[int] = NEVER
    silent: frozenset[int] = NEVER
    duplicated: frozenset[int] = NEVER
    corrected: frozenset[int] = NEVER
    faulty: frozenset[int] = NEVER
    mends: bool = True
    broken: frozenset[int] = NEVER
    accident: frozenset[int] = NEVER
    overlooks: str = ""
    inflation: float = 1.0


HABITS = (
    Habit(duplicated=frozenset({3})),
    Habit(says_no_change=True, corrected=frozenset({6})),
    Habit("csv"),
    Habit(overlooks="monthly"),
    Habit("csv-gb18030", says_no_change=True),
    Habit(inflation=1.3),
    Habit(late=frozenset({3, 6, 8}), accident=frozenset({6})),
    Habit(faulty=frozenset({4}), broken=frozenset({8})),
    Habit("csv", after_freeze=frozenset({6}), silent=frozenset({8})),
    Habit(faulty=frozenset({8}), mends=False, silent=frozenset({3})),
)


def habit_of(position: int) -> Habit:
    """Return the habit of the unit at a place in the county's list."""
    return HABITS[position % len(HABITS)]


def story_week(number: int) -> int:
    """Return the week of the story for the n-th week of the sample, both from 1."""
    return (number - 1) % STORY_WEEKS + 1
