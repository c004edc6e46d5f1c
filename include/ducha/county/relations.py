"""What must hold between the rows of a county's files: spans that overlap, trees that close, dates inside others."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pandas as pd

from ducha.county.columns import KEYS
from ducha.county.defaults import EARLIEST, LATEST
from ducha.county.files import CountyProblem
from ducha.county.measures import problem_in

Frames = Mapping[str, pd.DataFrame]
OVERLAPPING = (
    (
        "portfolios",
        ("responsibility_code",),
        "两位领导同时分管，请更正起止日期",
        "two leaders at once: correct the dates",
    ),
    (
        "exceptions",
        ("plan_year", "responsibility_code", "unit_code"),
        "两项例外时间重叠，请合并或更正日期",
        "two exceptions at once: join them or correct the dates",
    ),
)


def check_overlaps(frames: Frames) -> Iterator[CountyProblem]:
    """A responsibility has one leader at a time, an assignment one exception."""
    for file, key, zh, en in OVERLAPPING:
        rows = frames[file]
        spans = rows.assign(first=rows["from_on"].fillna(EARLIEST), last=rows["to_on"].fillna(LATEST))
        for _, group in spans.sort_values("first", kind="stable").groupby(list(key), sort=False):
            before, reached = group.index[0], EARLIEST
            for row, first, last in zip(group.index, group["first"], group["last"], strict=True):
                if row != before and first <= reached:
                    yield problem_in(file, row, "from_on", f"与第{before}行：{zh}", f"with line {before}: {en}")
                before, reached = (row, last) if last >= reached else (before, reached)


def check_area_tree(frames: Frames) -> Iterator[CountyProblem]:
    """An area is not part of itself, not even by a detour."""
    areas = frames["areas"]
    parents = dict(zip(areas["area_code"], areas["parent_code"], strict=True))
    for row, code in areas["area_code"].items():
        seen, above = {code}, parents.get(code, "")
        while above and above not in seen:
            seen.add(above)
            above = parents.get(above, "")
        if above == code:
            zh, en = "上级绕回了自己，请更正上级领域", "the area is part of itself: correct the parent"
            yield problem_in("areas", row, "parent_code", zh, en)


def check_item_dates(frames: Frames) -> Iterator[CountyProblem]:
    """No stage is due after the whole."""
    key = list(KEYS["responsibilities"])
    whole = frames["responsibilities"].drop_duplicates(key).set_index(key)["due_on"]
    items = frames["items"]
    joined = items[[*key, "due_on"]].merge(whole, left_on=key, right_index=True, how="left", suffixes=("", "_whole"))
    for row in items.index[(joined["due_on"] > joined["due_on_whole"]).to_numpy()]:
        zh, en = "晚于整项时限，请更正其一", "after the whole is due: correct one"
        yield problem_in("items", row, "due_on", zh, en)


def check_cut_offs(frames: Frames) -> Iterator[CountyProblem]:
    """Facts do not freeze before they are due."""
    rows = frames["cut_offs"]
    cut_off, freeze = (pd.to_datetime(rows[name], utc=True, errors="coerce") for name in ("cut_off_at", "freeze_at"))
    for row in rows.index[freeze < cut_off]:
        yield problem_in("cut_offs", row, "freeze_at", "早于截止时间，请更正", "before the cut-off: correct it")


def check_tolerances(frames: Frames) -> Iterator[CountyProblem]:
    """A ratio's tolerance is a fraction, as the ratio is."""
    rows = frames["responsibilities"]
    is_share = (rows["measure"] == "ratio") & (rows["unit_of_measure"] == "%")
    for row in rows.index[is_share & (rows["tolerance"] >= 1)]:
        zh, en = "比率的误差写小数：2 个百分点写 0.02", "write a share's tolerance as a fraction: 0.02 for 2 points"
        yield problem_in("responsibilities", row, "tolerance", zh, en)


CHECKS = (check_overlaps, check_area_tree, check_item_dates, check_cut_offs, check_tolerances)
