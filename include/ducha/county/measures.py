"""Whether measure, direction, plan and targets of a responsibility go together (`metrics.md` sections 2 and 5)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

import pandas as pd

from ducha.county.columns import KEYS
from ducha.county.defaults import DIRECTED
from ducha.county.files import CountyProblem

Frames = Mapping[str, pd.DataFrame]
Rule = tuple["pd.Series[bool]", str, str, str]
"""Rows that break it, the column to look at, what to say in Chinese and in English."""

KINDS = {
    "indicator": ("total", "level", "flow", "average", "ratio", "range"),
    "rate": ("ratio",),
    "coverage": ("ratio",),
    "case": ("ratio",),
    "project": ("stages", "total"),
    "milestone": ("stages", "total"),
    "redline": ("red_line",),
    "rank": ("rank",),
}


def problem_in(file: str, row: object, column: str, zh: str, en: str) -> CountyProblem:
    """Return a problem of one cell of `file`.csv."""
    return CountyProblem(f"{file}.csv", int(str(row)), column, zh, en)


def check_measures(frames: Frames) -> Iterator[CountyProblem]:
    """Kind, measure, direction, time basis and cadence that go together (`metrics.md` section 2)."""
    rows = frames["responsibilities"]
    measure, kind = rows["measure"], rows["kind"]
    fits = pd.Series([m in KINDS.get(k, ()) or "" in (m, k) for m, k in zip(measure, kind, strict=True)], rows.index)
    undirected = ~measure.isin(DIRECTED) & (measure != "")
    wrong = (
        (
            ~fits,
            "kind, measure",
            "kind 与 measure 不相配，请更正其一（指标口径第 2 节）",
            "measure and kind do not go together: correct one (metrics section 2)",
        ),
        (
            undirected & (rows["direction"] != ""),
            "direction",
            "此计量方式无方向，请留空",
            "has none here: leave it empty",
        ),
        (
            (measure == "stages") & (rows["direction"] == "down"),
            "direction",
            "阶段只能为 up，请更正",
            "stages only go up: correct it",
        ),
        (
            (measure != "ratio") & (measure != "") & (rows["time_basis"] != ""),
            "time_basis",
            "只用于 ratio，请留空",
            "is for ratios only: leave it empty",
        ),
        (
            (rows["cadence"] == "daily") & ~measure.isin(("red_line", "")),
            "cadence",
            "daily 只用于红线，请更正",
            "daily is for red lines only: correct it",
        ),
        (
            (rows["season"] != "") & ~rows["cadence"].isin(("weekly", "daily", "")),
            "season",
            "季节内按周（红线可按日）报送，请将频次改为 weekly 或 daily，或删去季节",
            "is reported weekly (red lines daily) inside its dates: change the cadence or remove the season",
        ),
    )
    yield from _flagged(rows, wrong)
    yield from _plans(rows)


def _plans(rows: pd.DataFrame) -> Iterator[CountyProblem]:
    shape, points, season = rows["plan_shape"], rows["plan_points"], rows["season"]
    wrong = (
        (
            (rows["measure"] == "red_line") & (shape != ""),
            "plan_shape",
            "红线无计划，请留空",
            "a red line has no plan: leave it empty",
        ),
        ((shape == "points") & (points == ""), "plan_shape, plan_points", "请填各节点", "fill in the points"),
        (
            (shape != "points") & (points != ""),
            "plan_points",
            "只用于 points，请删去或改曲线",
            "are for the shape points: remove them or change it",
        ),
        ((shape == "season") & (season == ""), "season", "请填季节", "fill in the season"),
        (
            pd.to_datetime(points.str[:10], errors="coerce") <= rows["start_on"],
            "plan_points",
            "首个节点须晚于开始日期（开始日为 0）",
            "must lie after start_on, where the plan is 0",
        ),
    )
    yield from _flagged(rows, wrong)


def check_targets(frames: Frames) -> Iterator[CountyProblem]:
    rows = frames["responsibilities"]
    yield from _target_form(rows)
    yield from _target_side("responsibilities", rows, rows)
    key = list(KEYS["responsibilities"])
    own = frames["assignments"]
    shared = rows.drop_duplicates(key).set_index(key)[["measure", "direction", "baseline", "target"]]
    joined = own.merge(shared, left_on=key, right_index=True, how="left", suffixes=("", "_shared"))
    has_own = joined["baseline"].notna() | joined["target"].notna()
    joined["baseline"] = joined["baseline"].fillna(joined["baseline_shared"])
    joined["target"] = joined["target"].fillna(joined["target_shared"])
    yield from _target_side("assignments", own[has_own], joined[has_own])


def _target_form(rows: pd.DataFrame) -> Iterator[CountyProblem]:
    """Targets of the kind that the measure takes."""
    measure, target = rows["measure"], rows["target"]
    low, high = rows["target_low"], rows["target_high"]
    is_range = measure == "range"
    wrong = (
        (
            is_range & target.notna(),
            "target",
            "区间用 target_low、target_high，请移过去",
            "a range takes target_low and target_high: move it there",
        ),
        (is_range & (low.isna() != high.isna()), "target_high", "上下限须成对填写", "fill in both ends of the range"),
        (
            ~is_range & (low.notna() | high.notna()),
            "target_low",
            "只用于 range，请留空",
            "is for ranges only: leave it empty",
        ),
        (low > high, "target_high", "低于下限，请更正", "below the lower end: correct it"),
        ((measure == "rank") & (target < 1), "target", "位次从 1 起，请更正", "ranks begin at 1: correct it"),
        (
            (measure == "stages") & target.notna(),
            "target",
            "阶段不设目标值，请留空",
            "stages need none: leave it empty",
        ),
        (
            (measure == "red_line") & target.notna() & (target != 0),
            "target",
            "红线目标只能为 0 或空",
            "a red line's is 0 or empty: correct it",
        ),
        (
            (measure == "ratio") & (rows["unit_of_measure"] == "%") & (target > 1),
            "target",
            "比率写小数：90% 写 0.9",
            "write a share as a fraction: 0.9 for 90%",
        ),
    )
    yield from _flagged(rows, wrong)


def _target_side(file: str, place: pd.DataFrame, rows: pd.DataFrame) -> Iterator[CountyProblem]:
    """T on the side of b that the direction says; a missing b counts as 0 only upwards (`metrics.md` section 2)."""
    is_directed = rows["measure"].isin([m for m in DIRECTED if m != "stages"])
    up = is_directed & (rows["direction"] == "up") & (rows["target"] < rows["baseline"].fillna(0))
    down = is_directed & (rows["direction"] == "down") & (rows["target"] > rows["baseline"])
    for mask, side_zh, side_en in ((up, "低", "below"), (down, "高", "above")):
        for row in place.index[mask.to_numpy()]:
            zh = f"目标{side_zh}于基数，与方向不符，请更正目标、基数或方向"
            en = f"{side_en} the baseline, against the direction: correct target, baseline or direction"
            yield problem_in(file, row, "baseline, target", zh, en)


def check_items(frames: Frames) -> Iterator[CountyProblem]:
    key = list(KEYS["responsibilities"])
    rows = frames["responsibilities"]
    staged = set(rows.loc[rows["measure"].isin(("stages", "")), key].itertuples(index=False, name=None))
    every = set(rows[key].itertuples(index=False, name=None))
    for row, values in frames["items"][key].iterrows():
        if tuple(values) in every - staged:
            zh, en = (
                "只有 stages 事项分阶段，请删去或改计量方式",
                "only stages have items: remove it or change the measure",
            )
            yield problem_in("items", row, "responsibility_code", zh, en)


def _flagged(rows: pd.DataFrame, rules: Iterable[Rule]) -> Iterator[CountyProblem]:
    for mask, column, zh, en in rules:
        for row in rows.index[mask]:
            yield problem_in("responsibilities", row, column, zh, en)
