"""`county.yaml`, read and checked all at once: each fault with its line, its setting and what to do."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import yaml
from pydantic import BaseModel, ValidationError

from ducha.catalogue import CountySettings, CutOffRule, LightRule, PublicationRule, SourceSetting
from ducha.county.files import COUNTY_CODE_REMEDY, CountyError, CountyProblem, Problems, decode

Place = tuple[str | int, ...]
SECTIONS: Mapping[Place, type[BaseModel]] = {
    (): CountySettings,
    ("cut_off",): CutOffRule,
    ("publication",): PublicationRule,
    ("lights",): LightRule,
    ("sources",): SourceSetting,
}
BOUNDS = {"greater_than_equal": ("ge", "不小于", "at least"), "greater_than": ("gt", "大于", "more than"),
          "less_than_equal": ("le", "不大于", "at most"), "less_than": ("lt", "小于", "less than")}  # fmt: skip


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
    if settings.lights.yellow_gap > settings.lights.green_gap:
        zh, en = "黄灯线高于绿灯线，请更正其一", "the yellow line is above the green one: correct one"
        problems.add(lines.get(("lights", "yellow_gap"), 0), "lights.yellow_gap", zh, en)
    return None if problems.found else settings


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
        zh, en = (f"是否应为 {near[0]}", f"did you mean {near[0]}") if near else ("请删去", "remove it")
        return f"没有这个设置项，{zh}", f"no such setting: {en}"
    if kind in BOUNDS:
        key, zh, en = BOUNDS[kind]
        return f"“{fault['input']}”须{zh} {context[key]}，请更正", f"must be {en} {context[key]}: correct it"
    if kind == "literal_error":
        words = str(context["expected"])
        return f"“{fault['input']}”不在可用值内，请改为其一：{words}", f"not allowed, use one of: {words}"
    return f"“{fault['input']}”不合要求，请更正", f"{fault['msg']}: correct it"
