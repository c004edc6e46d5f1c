"""The columns of a county's CSV files: form, meaning, allowed words. The one place where they are documented."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Form = Literal["text", "code", "year", "number", "flag", "date", "date_rule", "season", "points", "expression"]


@dataclass(frozen=True)
class Column:
    """One column. `required`: never empty. `values`: the only words allowed. `default` fills an empty cell."""

    name: str
    form: Form
    zh: str
    en: str
    required: bool = False
    values: tuple[str, ...] = ()
    default: str = ""


def _key(name: str, zh: str, en: str) -> Column:
    form: Form = "year" if name == "plan_year" else "code" if name.endswith("_code") else "text"
    return Column(name, form, zh, en, required=True)


PLAN_YEAR = _key("plan_year", "计划年度", "plan year; multi-year work has one row a year")
RESPONSIBILITY = _key("responsibility_code", "责任事项代码", "code of the responsibility")
UNIT = _key("unit_code", "单位代码", "code of the unit")
BASELINE = Column("baseline", "number", "基数 b", "where the year starts from")
TARGET = Column("target", "number", "目标 T（位次为 K）；比率写小数", "target T (K of a rank); a share as a fraction")
SPAN = (
    Column("from_on", "date", "起（含）", "first day; empty: from the start"),
    Column("to_on", "date", "止（含）", "last day; empty: to the end"),
)
NAMES = (
    Column("name_zh", "text", "中文名称", "name in Chinese", required=True),
    Column("name_en", "text", "英文名称", "name in English"),
)
TITLES = (
    Column("title_zh", "text", "中文名称", "title in Chinese", required=True),
    Column("title_en", "text", "英文名称", "title in English"),
)

TABLES: Mapping[str, tuple[Column, ...]] = {
    "units": (
        UNIT,
        *NAMES,
        Column(
            "unit_type",
            "text",
            "单位类型",
            "kind of unit",
            required=True,
            values=("department", "township", "task_force", "enterprise"),
        ),
        Column("peer_group", "text", "排名分组，空为单位类型", "ranked within; empty: the unit type"),
        Column("opened_on", "date", "设立日期", "first day of the unit"),
        Column("closed_on", "date", "撤销日期", "last day of the unit"),
    ),
    "leaders": (_key("leader_code", "领导岗位代码", "code of the post"), *TITLES),
    "areas": (
        _key("area_code", "领域代码", "code of the area"),
        *NAMES,
        Column("parent_code", "code", "上级领域", "the area it is part of"),
    ),
    "calendar": (
        Column("date", "date", "与周一至周五不同的日子", "a day unlike Monday to Friday", required=True),
        Column("is_workday", "flag", "是否上班（调休为是）", "do people work", required=True),
        Column("note", "text", "节日名称或调休", "the festival or make-up day"),
        Column("is_official", "flag", "是否已正式公布", "announced, not estimated", default="true"),
    ),
    "cut_offs": (
        _key("week", "周次", "week code"),
        Column("cut_off_at", "text", "截止时间（带时区）", "the cut-off with its offset; empty: by rule"),
        Column("freeze_at", "text", "定稿时间（带时区）", "the freeze with its offset; empty: by rule"),
        Column("note", "text", "缘由", "why"),
    ),
    "responsibilities": (
        PLAN_YEAR,
        RESPONSIBILITY,
        *TITLES,
        Column("area_code", "code", "所属领域", "its area", required=True),
        Column(
            "kind",
            "text",
            "事项类别",
            "kind of duty",
            required=True,
            values=("indicator", "rate", "coverage", "project", "case", "milestone", "redline", "rank"),
        ),
        Column(
            "measure",
            "text",
            "计量方式",
            "how it is measured",
            required=True,
            values=("total", "level", "flow", "average", "ratio", "stages", "range", "rank", "red_line"),
        ),
        Column("direction", "text", "方向", "which way is better", values=("up", "down")),
        Column("time_basis", "text", "比率口径", "latest pair or sum of periods", values=("to_date", "period")),
        Column("unit_of_measure", "text", "计量单位", "unit of measure"),
        BASELINE,
        TARGET,
        Column("target_low", "number", "区间下限 L", "lower end of a range"),
        Column("target_high", "number", "区间上限 U", "upper end of a range"),
        Column("rank_start", "number", "起始位次 r0", "rank at the start"),
        Column("target_authority", "text", "目标由谁下达", "who set the target"),
        Column("is_sample_target", "flag", "是否示例目标", "a target made up for a sample", default="false"),
        Column("weight", "number", "权重", "weight", default="1"),
        Column("start_on", "date", "开始日期，空为年初", "first day; empty: 1 January of the plan year"),
        Column("due_on", "date_rule", "时限或 before:spring_festival", "last day, or a rule"),
        Column(
            "cadence",
            "text",
            "报送频次",
            "how often it is reported",
            values=("weekly", "monthly", "quarterly", "half_yearly", "once", "daily"),
            default="weekly",
        ),
        Column("season", "season", "季节 11-01..03-31", "only reported inside it"),
        Column(
            "plan_shape",
            "text",
            "计划进度曲线",
            "shape of the plan",
            values=("linear", "hold", "points", "season"),
        ),
        Column("plan_points", "points", "2022-03-31:0.2;2022-06-30:0.5", "share of the way by date"),
        Column("leader_code", "code", "责任领导，# 为隐去", "leader who answers; # when redacted"),
        Column("task_force_code", "code", "所属专班", "task force across units"),
        Column("tolerance", "number", "核查允许误差（绝对值）", "absolute tolerance of a check"),
        Column("source_section", "text", "出处章节", "section of the source"),
        Column("definition", "text", "口径", "what is counted, and how"),
    ),
    "assignments": (
        PLAN_YEAR,
        RESPONSIBILITY,
        UNIT,
        Column("role", "text", "牵头或配合", "role", required=True, values=("lead", "cooperating")),
        Column("share", "number", "份额；空：牵头均分，配合为 0", "share; empty: equal among leads, 0 cooperating"),
        BASELINE,
        TARGET,
        Column("weight", "number", "本单位权重，空为事项权重", "own weight; empty: the responsibility's"),
        *SPAN,
    ),
    "items": (
        PLAN_YEAR,
        RESPONSIBILITY,
        _key("item_code", "阶段代码", "code of the stage"),
        *TITLES,
        Column("weight", "number", "权重", "weight", default="1"),
        Column("due_on", "date_rule", "时限", "last day, or a rule"),
    ),
    "exceptions": (
        PLAN_YEAR,
        RESPONSIBILITY,
        UNIT,
        Column("state", "text", "免除或中止", "exempt or suspended", required=True, values=("exempt", "suspended")),
        *SPAN,
        Column("reason", "text", "理由", "why", required=True),
        Column("approved_by", "text", "批准人岗位", "the post that approved it", required=True),
    ),
    "portfolios": (_key("leader_code", "领导岗位代码", "code of the post"), RESPONSIBILITY, *SPAN),
    "extra_points": (
        _key("case_code", "事由代码", "code of the case"),
        UNIT,
        Column("kind", "text", "加分或扣分", "merit or fault", required=True, values=("bonus", "penalty")),
        Column("happened_on", "date", "发生日期", "when it happened", required=True),
        Column("case_count", "number", "次数", "how often it counts", default="1"),
        Column("evidence", "text", "佐证", "what proves it", required=True),
        Column("approved_by", "text", "审定岗位", "the post that approved it", required=True),
    ),
    "rules": (
        _key("rule_code", "勾稽规则代码", "code of the rule"),
        Column("left_expression", "expression", "左式，如 [KF-05:denominator]", "left side", required=True),
        Column(
            "operator",
            "text",
            "两边应有的关系",
            "how the sides must stand",
            required=True,
            values=("=", "!=", "<", "<=", ">", ">="),
        ),
        Column("right_expression", "expression", "右式", "right side", required=True),
        Column(
            "tolerance", "number", "允许相差（绝对值）", "how far the sides may miss it, in their unit", default="0"
        ),
        Column(
            "on_missing",
            "text",
            "有缺数时：不判或判为不符",
            "what a missing value does: the rule is not judged, or fails",
            values=("skip", "fail"),
            default="skip",
        ),
        Column("definition", "text", "规则的文字", "the rule in words", required=True),
    ),
}
"""Columns by file stem, in the order of `contracts.md`."""

OPTIONAL_FILES = frozenset({"leaders", "cut_offs", "items", "exceptions", "portfolios", "extra_points", "rules"})

KEYS: Mapping[str, tuple[str, ...]] = {
    "units": ("unit_code",),
    "leaders": ("leader_code",),
    "areas": ("area_code",),
    "calendar": ("date",),
    "cut_offs": ("week",),
    "responsibilities": ("plan_year", "responsibility_code"),
    "assignments": ("plan_year", "responsibility_code", "unit_code"),
    "items": ("plan_year", "responsibility_code", "item_code"),
    "exceptions": ("plan_year", "responsibility_code", "unit_code", "state", "from_on"),
    "portfolios": ("leader_code", "responsibility_code", "from_on"),
    "extra_points": ("case_code",),
    "rules": ("rule_code",),
}
"""What may stand only once in a file."""

REFERENCES: tuple[tuple[str, tuple[str, ...], str, tuple[str, ...]], ...] = (
    ("areas", ("parent_code",), "areas", ("area_code",)),
    ("responsibilities", ("area_code",), "areas", ("area_code",)),
    ("responsibilities", ("leader_code",), "leaders", ("leader_code",)),
    ("responsibilities", ("task_force_code",), "units", ("unit_code",)),
    ("assignments", ("plan_year", "responsibility_code"), "responsibilities", ("plan_year", "responsibility_code")),
    ("assignments", ("unit_code",), "units", ("unit_code",)),
    ("items", ("plan_year", "responsibility_code"), "responsibilities", ("plan_year", "responsibility_code")),
    ("exceptions", KEYS["assignments"], "assignments", KEYS["assignments"]),
    ("extra_points", ("unit_code",), "units", ("unit_code",)),
    ("portfolios", ("leader_code",), "leaders", ("leader_code",)),
    ("portfolios", ("responsibility_code",), "responsibilities", ("responsibility_code",)),
)
"""Codes that must exist: file, columns, file they come from, columns there. Empty cells are not looked up."""
