"""The words of the trade that a figure can print, Chinese and English: lights, states, statuses, samples."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Words:
    """The same words in both editions."""

    zh: str
    en: str


NO_DATA = Words("尚无数据", "no data yet")
UNKNOWN_WORD = Words("未说明", "not said")

LIGHTS: Mapping[str, Words] = {
    "red": Words("红", "red"),
    "yellow": Words("黄", "yellow"),
    "grey": Words("灰", "grey"),
    "green": Words("绿", "green"),
}
STATES: Mapping[str, Words] = {
    "counted": Words("有数", "counted"),
    "carried": Words("沿用", "carried"),
    "missing": Words("未报", "missing"),
    "unknown": Words("无法判定", "unknown"),
    "awaiting": Words("未到报期", "not due yet"),
    "no_target": Words("未设目标", "no target"),
    "no_baseline": Words("未设基期", "no baseline"),
    "no_date": Words("未设时限", "no due date"),
    "not_started": Words("尚未开始", "not started"),
    "exempt": Words("免考", "exempt"),
    "suspended": Words("暂停", "suspended"),
    "closed": Words("已结束", "closed"),
    "mixed": Words("不一", "mixed"),
    "not_applicable": Words("不适用", "n/a"),
    "not_ranked": Words("不排名", "not ranked"),
}
STATUSES: Mapping[str, Words] = {
    "on_time": Words("按时", "on time"),
    "late": Words("迟报", "late"),
    "returned": Words("退回", "returned"),
    "missing": Words("未报", "missing"),
    "withdrawn": Words("已撤回", "withdrawn"),
    "not_expected": Words("无应报", "nothing due"),
}
RED_LINES: Mapping[str, Words] = {
    **STATES,
    "clean": Words("守住", "held"),
    "event": Words("有事件", "event"),
    "unknown": Words("零报告不全", "zero-reports lacking"),
    "awaiting": Words("未到报期", "not due yet"),
}
SAMPLES: Mapping[str, Words] = {
    "random": Words("随机抽查", "random sample"),
    "risk": Words("风险抽查", "risk sample"),
}
DONE: Mapping[str, Words] = {
    "done": Words("已完成", "done"),
    "not_done": Words("未完成", "not done"),
}
REASONS: Mapping[str, Words] = {
    "recovering": Words("由红转绿首周", "recovering: first green week after red"),
    "missing": Words("应报未报", "missing"),
    "past_due": Words("超过时限未完成", "past due and not complete"),
    "overdue": Words("超过时限未完成", "past due and not complete"),
    "behind": Words("落后计划", "behind plan"),
    "too_few_rows": Words("有数事项不足", "too few rows with a number"),
    "red_line_unknown": Words("红线零报告不全", "a red line is unknown"),
}
GROUPS: Mapping[str, Words] = {
    "department": Words("县直部门", "Departments"),
    "township": Words("乡镇", "Townships"),
    "enterprise": Words("企业", "Enterprises"),
    "task_force": Words("专班", "Task forces"),
}


def both(text: str) -> Words:
    """Split a text that carries both languages as `中文 · English`; a text in one language serves both."""
    zh, found, en = text.partition(" · ")
    return Words(zh, en if found else zh)


def term(vocabulary: Mapping[str, Words], code: str | None) -> Words:
    """The words of a code; a code the vocabulary lacks is printed as it stands, none as `not said`."""
    if not code:
        return UNKNOWN_WORD
    return vocabulary.get(code) or both(code)
