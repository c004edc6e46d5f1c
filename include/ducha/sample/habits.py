"""The cast of the story: how each unit reports, and in which weeks something happens to it.

The first ten units of `units.csv` play parts written by hand, over and over every eight weeks, so that even the
smallest county shows a bit of everything; all others draw their habits and their fate from the seed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from random import Random

from ducha.sample.hands import HANDS, OFFICE, Hand
from ducha.sample.sending import WORKBOOK, Form

STORY_WEEKS = 8
NEVER: frozenset[int] = frozenset()
NOTHING = ""
FATES = {
    "late": 0.05, "after_freeze": 0.01, "silent": 0.025, "duplicated": 0.012, "resaved": 0.012, "corrected": 0.03,
    "faulty": 0.04, "faulty_unmended": 0.015, "hostile": 0.006, "hostile_mended": 0.008, "withdrawn": 0.008,
    "withdrawn_resent": 0.01,
}  # fmt: skip
"""What may happen to a report, with the share of unit-weeks in which it does."""
FORMS: dict[Form, float] = {
    WORKBOOK: 0.6, "csv": 0.08, "csv-bom": 0.08, "csv-gb18030": 0.1, "json": 0.08, "json-bom": 0.06,
}  # fmt: skip


@dataclass(frozen=True)
class Habit:
    """How a unit sends. `plot`: what happens by week of the story, None where the seed decides week by week.

    `mistakes`: the kinds it makes in a faulty file, None for those whose turn it is; `hostile`: how its file breaks,
    '' for the kind whose turn it is; `overlooks`: a cadence whose reports it never sends; `forgets`: the share of rows
    it leaves out; `suffix`: a file name that ends otherwise than its content says; `inflation`: what it adds to what
    was done.
    """

    form: Form = WORKBOOK
    hand: Hand = OFFICE
    says_no_change: bool = False
    plot: Mapping[int, str] | None = field(default_factory=dict)
    mistakes: tuple[str, ...] | None = ("number_unreadable", "responsibility_unknown", "phone_number")
    hostile: str = "truncated"
    suffix: str = ""
    accident: frozenset[int] = NEVER
    overlooks: str = ""
    forgets: float = 0.0
    inflation: float = 1.0


PLAIN = Hand(headings="canonical")
CAST = (
    Habit(plot={3: "duplicated"}),
    Habit(says_no_change=True, plot={6: "corrected"}),
    Habit("csv", PLAIN),
    Habit(overlooks="monthly"),
    Habit("csv-gb18030", PLAIN, says_no_change=True),
    Habit(inflation=1.3),
    Habit(plot={3: "late", 6: "late", 8: "late"}, accident=frozenset({6})),
    Habit(plot={4: "faulty", 8: "hostile"}),
    Habit("csv", PLAIN, plot={6: "after_freeze", 8: "silent"}),
    Habit(plot={3: "silent", 8: "faulty_unmended"}),
)
_CSV_HANDS = (PLAIN, PLAIN, Hand(headings="template"))


def habit_of(position: int, unit_code: str, seed: int) -> Habit:
    """Return the habit of the unit at a place in the county's list."""
    if position < len(CAST):
        return CAST[position]
    rng = Random(f"{seed}|{unit_code}|habit")  # noqa: S311  a sample, no secret
    (form,) = rng.choices(list(FORMS), list(FORMS.values()))
    hand = _CSV_HANDS[position % 3] if form.startswith("csv") else HANDS[position % len(HANDS)]
    return Habit(
        form,
        hand,
        says_no_change=rng.random() < 0.3,
        plot=None,
        mistakes=None,
        hostile="",
        suffix="xls" if form == WORKBOOK and position % 9 == 4 else "",
        overlooks=rng.choice(("monthly", "quarterly")) if rng.random() < 0.03 else "",
        forgets=0.03 if rng.random() < 0.06 else 0.0,
        inflation=round(rng.uniform(1.15, 1.5), 2) if rng.random() < 0.08 else 1.0,
    )


def fate_of(habit: Habit, unit_code: str, number: int, seed: int) -> str:
    """Return what happens to a unit's report in the n-th week of the sample, '' for nothing."""
    if habit.plot is not None:
        return habit.plot.get(story_week(number), NOTHING)
    draw = Random(f"{seed}|{unit_code}|{number}|fate").random()  # noqa: S311
    for fate, share in FATES.items():
        draw -= share
        if draw < 0:
            return fate
    return NOTHING


def story_week(number: int) -> int:
    """Return the week of the story for the n-th week of the sample, both from 1."""
    return (number - 1) % STORY_WEEKS + 1
