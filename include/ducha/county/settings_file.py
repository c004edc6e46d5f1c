"""`county.yaml`, read and checked all at once: each fault with its line, its setting and what to do."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import yaml
from pydantic import BaseModel, ValidationError

from ducha.catalogue import (
    CountySettings,
    CutOffRule,
    ExtraPoints,
    LadderRule,
    LightRule,
    ProjectionRule,
    PublicationRule,
    SourceSetting,
    VerificationRule,
    VetoRule,
)
from ducha.county.files import COUNTY_CODE_REMEDY, CountyError, CountyProblem, Problems, decode

Place = tuple[str | int, ...]
SECTIONS: Mapping[Place, type[BaseModel]] = {
    (): CountySettings,
    ("cut_off",): CutOffRule,
    ("publication",): PublicationRule,
    ("lights",): LightRule,
    ("verification",): VerificationRule,
    ("veto",): VetoRule,
    ("bonus",): ExtraPoints,
    ("penalty",): ExtraPoints,
    ("ladder",): LadderRule,
    ("projection",): ProjectionRule,
    ("sources",): SourceSetting,
}
"""Every setting is a field of one of these; () is the file itself."""
BOUNDS = {"greater_than_equal": ("ge", "不小于", "at least"), "greater_than": ("gt", "大于", "more than"),
          "less_than_equal": ("le", "不大于", "at most"), "less_than": ("lt", "小于", "less than")}  # fmt: skip
KINDS = {
    "float_type": ("须为数字，不加引号，如 0.1", "must be a number without quotes, like 0.1"),
    "finite_number": ("须为一个确定的数字，如 0.1", "must be a finite number, like 0.1"),
    "int_type": ("须为整数，不加引号，如 3", "must be a whole number without quotes, like 3"),
    "bool_parsing": ("须为 true 或 false", "must be true or false"),
    "string_type": ("须为文字，数字加引号", "must be text: quote numbers"),
    "list_type": ("须为列表，如 [2, 1]", "must be a list, like [2, 1]"),
    "model_type": ("下面须有“设置项: 值”各行，缩进两格", "must have `setting: value` lines below it, indented"),
    "time_parsing": ('须写成 "17:00"', 'must be written like "17:00"'),
    "time_delta_parsing": ('须写成 "17:00"', 'must be written like "17:00"'),
}
"""What each kind of value must be, by pydantic's word for the fault."""
KINDS["int_from_float"] = KINDS["int_type"]


def read_settings(path: Path) -> tuple[CountySettings | None, list[CountyProblem]]:
    """Read `county.yaml`; None with problems when it cannot be used."""
    problems = Problems(path.name)
    try:
        text = decode(path.read_bytes(), path.name)
        node = yaml.compose(text, Loader=yaml.SafeLoader)
        content = yaml.safe_load(text)
    except CountyError as error:
        return None, error.problems
    except FileNotFoundError:
        problems.add(0, "", "缺少此文件，请补上", "the file is missing: add it")
        return None, problems.found
    except yaml.YAMLError as error:
        line = getattr(getattr(error, "problem_mark", None), "line", -1) + 1
        problems.add(line, "", "YAML 格式有误，请检查缩进和冒号", "not YAML: check indentation and colons")
        return None, problems.found
    if not isinstance(content, dict):
        problems.add(
            0, "", "内容应是“设置项: 值”，请照示例县改", "must be `setting: value` lines: see the sample county"
        )
        return None, problems.found
    lines = dict(_lines(node, problems))
    _note_times(content, lines, problems)
    return _settings(content, lines, problems), problems.found


def _settings(content: dict[str, Any], lines: Mapping[Place, int], problems: Problems) -> CountySettings | None:
    _note_zone(content, lines, problems)
    try:
        settings = CountySettings.model_validate(content)
    except ValidationError as error:
        told = {problem.column for problem in problems.found}
        for fault in error.errors():
            column = ".".join(str(part) for part in fault["loc"])
            if column not in told:
                problems.add(_line_of(fault["loc"], lines), column, *_words(dict(fault)))
        return None
    for place, zh, en in _disorder(settings):
        problems.add(_line_of(place, lines), ".".join(map(str, place)), f"{zh}，请更正其一", f"{en}: correct one")
    return None if problems.found else settings


def _disorder(settings: CountySettings) -> Iterator[tuple[Place, str, str]]:
    """Yield each setting that contradicts another one."""
    lights, ladder, days = settings.lights, settings.ladder, settings.reminder_days
    if lights.yellow_gap > lights.green_gap:
        yield ("lights", "yellow_gap"), "黄灯线高于绿灯线", "the yellow line is above the green one"
    steps = list(LadderRule.model_fields)
    for before, step in pairwise(steps):
        if getattr(ladder, step) <= getattr(ladder, before):
            zh, en = f"次数须多于前一级 {before}", f"needs more misses than {before}, the step before"
            yield ("ladder", step), zh, en
    for name, points in (("bonus", settings.bonus), ("penalty", settings.penalty)):
        if points.per_case > points.cap:
            yield (name, "per_case"), "一次超过了合计上限 cap", "one case is above the cap of all"
    if days != sorted(set(days), reverse=True):
        yield ("reminder_days",), "天数须从大到小、不重复，如 [2, 1]", "days must fall and differ, like [2, 1]"


def _lines(node: yaml.Node | None, problems: Problems, place: Place = ()) -> Iterator[tuple[Place, int]]:
    """Yield each setting with its line, noting what stands twice: YAML would silently take the last."""
    if isinstance(node, yaml.MappingNode):
        seen: dict[str, int] = {}
        for key, value in node.value:
            here, line = (*place, str(key.value)), key.start_mark.line + 1
            if key.value in seen:
                zh, en = f"与第{seen[key.value]}行重复，请删去一处", f"repeats line {seen[key.value]}: remove one"
                problems.add(line, ".".join(map(str, here)), zh, en)
            seen.setdefault(str(key.value), line)
            yield here, line
            yield from _lines(value, problems, here)
    elif isinstance(node, yaml.SequenceNode):
        for position, value in enumerate(node.value):
            yield (*place, position), value.start_mark.line + 1
            yield from _lines(value, problems, (*place, position))


def _line_of(place: Place, lines: Mapping[Place, int]) -> int:
    """Return the line of a setting, or of the section that lacks it; 0 stands for the whole file."""
    return next((lines[place[:n]] for n in range(len(place), 0, -1) if place[:n] in lines), 0)


def _note_times(content: dict[str, Any], lines: Mapping[Place, int], problems: Problems) -> None:
    """Note times that YAML read as numbers: an unquoted 17:00 is 1020 to it."""
    for section, key in (("cut_off", "time"), ("publication", "freeze_time")):
        rule = content.get(section)
        if isinstance(rule, dict) and isinstance(rule.get(key), int | float):
            zh, en = "时间须加引号，如 \"17:00\"", "quote the time, like \"17:00\""  # fmt: skip
            problems.add(lines.get((section, key), 0), f"{section}.{key}", zh, en)


def _note_zone(content: dict[str, Any], lines: Mapping[Place, int], problems: Problems) -> None:
    try:
        ZoneInfo(str(content.get("timezone", "Asia/Shanghai")))
    except (OSError, KeyError, ValueError):  # an unknown zone is a KeyError to zoneinfo
        zh, en = "没有这个时区，请写成 Asia/Shanghai", "no such time zone: write Asia/Shanghai"
        problems.add(lines.get(("timezone",), 0), "timezone", zh, en)


def _words(fault: dict[str, Any]) -> tuple[str, str]:
    """Say a fault of pydantic to a clerk, in Chinese and English, with what to do."""
    kind, place, context = fault["type"], fault["loc"], fault.get("ctx", {})
    if place == ("county_code",) and kind == "string_pattern_mismatch":
        return COUNTY_CODE_REMEDY
    if kind == "missing":
        return "缺少此项，请补上", "is missing: add it"
    if kind == "extra_forbidden":
        known = SECTIONS.get(tuple(part for part in place[:-1] if isinstance(part, str)))
        near = difflib.get_close_matches(str(place[-1]), known.model_fields if known else (), 1)
        zh, en = (f"是否应为 {near[0]}？请更正", f"did you mean {near[0]}") if near else ("请删去", "remove it")
        return f"没有这个设置项，{zh}", f"no such setting: {en}"
    if kind in BOUNDS:
        key, zh, en = BOUNDS[kind]
        return f"“{fault['input']}”须{zh} {context[key]}，请更正", f"must be {en} {context[key]}: correct it"
    if kind == "literal_error":
        words = str(context["expected"])
        return f"“{fault['input']}”不在可用值内，请改为其一：{words}", f"not allowed, use one of: {words}"
    zh, en = KINDS.get(kind, ("不合要求", fault["msg"]))
    return f"“{fault['input']}”{zh}，请更正", f"{en}: correct it"
