"""The heading vocabulary: what a column of a submission may be called, in Chinese, in English, by canonical name.

One table for reading, templates and marked workbooks. A heading is compared after NFKC, without spaces, line breaks,
brackets and what stands in them, asterisks and colons: 「完成值（万元）*」 is 完成值.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache


@dataclass(frozen=True)
class Field:
    """One canonical column. `form`: how its cells are read (text, number, flag, date, week)."""

    name: str
    form: str
    zh: str
    en: str
    aliases: tuple[str, ...] = ()


PROGRESS = (
    Field("unit_code", "text", "单位代码", "Unit", ("单位编码", "填报单位代码", "责任单位代码")),
    Field("week", "week", "周次", "Week", ("填报周", "督查周", "周")),
    Field(
        "responsibility_code",
        "text",
        "事项代码",
        "Responsibility",
        ("责任事项代码", "事项编码", "任务代码", "任务编码", "编码"),
    ),
    Field("item", "text", "阶段或分项", "Item", ("阶段", "分项", "子项", "节点", "日期分项")),
    Field("value", "number", "完成值", "Value", ("本周完成值", "累计完成值", "完成数", "数值", "本期值", "核查值")),
    Field("numerator", "number", "分子", "Numerator", ("完成量", "已完成数")),
    Field("denominator", "number", "分母", "Denominator", ("总量", "应完成数", "总数")),
    Field("done", "flag", "是否完成", "Done", ("已完成", "完成与否", "是否办结")),
    Field("happened_on", "date", "完成日期", "Happened on", ("办结日期", "发生日期", "完成时间")),
    Field("no_change", "flag", "无变化", "No change", ("与上期一致", "本周无变化", "是否无变化")),
    Field("reason", "text", "滞后原因", "Reason", ("原因", "未完成原因", "存在问题")),
    Field("measure", "text", "推进措施", "Measure", ("措施", "工作措施", "整改措施")),
    Field("next_step", "text", "下一步安排", "Next step", ("下一步", "下步计划", "下一步工作", "下一步打算")),
    Field("evidence", "text", "佐证材料", "Evidence", ("佐证", "证明材料", "依据")),
)
INSPECTION = (
    *PROGRESS[:8],
    Field("checked_on", "date", "核查日期", "Checked on", ("检查日期", "督查日期")),
    Field("method", "text", "核查方式", "Method", ("方式", "督查方式", "核查方法")),
    Field("sample_kind", "text", "抽样类别", "Sample kind", ("抽样方式", "抽样类型", "样本类别")),
    Field("finding", "text", "发现问题", "Finding", ("核查发现", "问题", "核查情况")),
    Field("guidance", "text", "指导意见", "Guidance", ("督导意见", "整改要求", "指导情况")),
)
KINDS = {"progress": PROGRESS, "inspection": INSPECTION}
FIELDS: dict[str, Field] = {field.name: field for field in (*PROGRESS, *INSPECTION)}

CONTEXT = (
    "序号", "单位", "填报单位", "责任单位", "事项", "事项名称", "责任事项", "任务", "阶段名称", "计量单位", "目标",
    "目标值", "计划值",    "本周计划", "上期值", "上期完成值", "上次填报", "上期分子", "上期分母",
    "填报要求", "填报方式", "截止日期", "备注", "说明",
    "note", "title", "title_zh", "title_en", "unit_of_measure", "target", "planned_value",
)  # fmt: skip
"""Columns that help the clerk and are not read; anything else unknown is told to the clerk."""

REQUIRED = ("responsibility_code", "week")
FIGURES = ("value", "numerator", "denominator", "done", "no_change", "happened_on", "checked_on")
NUMBERS = ("value", "numerator", "denominator")

_BRACKETS = re.compile(r"\([^()]*\)|\[[^\[\]]*\]|【[^】]*】")
_NOISE = re.compile(r"[\s*:_\-·.\u200b\ufeff]+")


@lru_cache(maxsize=1 << 9)
def plain_heading(text: str) -> str:
    """Return `text` as headings are compared; a hundred files mostly have the same."""
    return _NOISE.sub("", _BRACKETS.sub("", unicodedata.normalize("NFKC", text))).lower()


def _vocabulary() -> dict[str, dict[str, str]]:
    return {
        kind: {
            plain_heading(name): field.name
            for field in fields
            for name in (field.name, field.zh, field.en, *field.aliases)
        }
        for kind, fields in KINDS.items()
    }


VOCABULARY = _vocabulary()
_CONTEXT_WORDS = frozenset(plain_heading(word) for word in CONTEXT)


def is_context(heading: str) -> bool:
    """Return whether a plain heading is one of the columns that only help the clerk."""
    return heading in _CONTEXT_WORDS


def column_letter(position: int) -> str:
    """Return the spreadsheet letter of a 0-based column position: 0 → A, 27 → AB."""
    letters = ""
    position += 1
    while position:
        position, rest = divmod(position - 1, 26)
        letters = chr(65 + rest) + letters
    return letters
