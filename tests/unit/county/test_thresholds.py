"""`county.yaml`: every threshold that the design leaves to the county, with its comment and its limits."""

import re
from pathlib import Path

import pytest
import yaml
from ducha.county.settings_file import SECTIONS, read_settings

from tests.small_county import COUNTY, FULL_COUNTY

LEFT_TO_THE_COUNTY = {
    "cut_off.workday_from_end": "supervision: the week, 4 Close",
    "cut_off.time": "supervision: the week, 4 Close",
    "publication.freeze_workday_from_end": "metrics 1: release of W",
    "publication.freeze_time": "metrics 1: release of W",
    "publication.sign_off_hours": "bulletin: after publication, the time limit",
    "publication.sign_off_default": "bulletin: after publication, the configured answer",
    "lights.green_gap": "metrics 5: gap ≥ 0; thresholds are the county's",
    "lights.yellow_gap": "metrics 5: gap ≥ −0.15; thresholds are the county's",
    "lights.near_due_days": "metrics 5: due within 14 days",
    "verification.relative_tolerance": "metrics 6: tolerance = max(row's, 0.1·|x_w|)",
    "cap": "metrics 7: cap default 1",
    "min_counted": "metrics 7: fewer than 3 rows are counted",
    "grace_hours": "metrics 4: may be set by the county (default 0)",
    "objection_days": "bulletin: after publication, within the configured days",
    "veto.red_line_events": "metrics 7: veto",
    "bonus.per_case": "metrics 7: bonus, penalty, ladder: county's configuration, capped",
    "bonus.cap": "metrics 7: bonus, penalty, ladder: county's configuration, capped",
    "penalty.per_case": "metrics 7: bonus, penalty, ladder: county's configuration, capped",
    "penalty.cap": "metrics 7: bonus, penalty, ladder: county's configuration, capped",
    "reminder_days": "supervision: the week, 3 Chase, two days and one day before the cut-off",
    "ladder.reminder": "supervision: the week, 3 Chase, the county's own thresholds",
    "ladder.notice": "supervision: the week, 3 Chase, the county's own thresholds",
    "ladder.yellow": "supervision: the week, 3 Chase, the county's own thresholds",
    "ladder.red": "supervision: the week, 3 Chase, the county's own thresholds",
    "projection.min_points": "metrics 8: fewer than six points",
    "projection.interval": "metrics 8: interval from a residual bootstrap",
}
"""Setting → where it is left to the county. What those pages fix for all stands in the code:
Wilson's 95 %, the petition clocks of the law, the buckets of overdue days, one week of memory, rounding to 1e-9."""

NO_THRESHOLDS = {"county_code", "name_zh", "name_en", "office_zh", "office_en", "timezone", "is_sample", "signers",
                 "sources.kind", "sources.path"}  # fmt: skip
FILES = [COUNTY / "county.yaml", FULL_COUNTY / "county.yaml"]
BAD = [
    ("workday_from_end: 2 ", "workday_from_end: 0 ", "cut_off.workday_from_end", "不小于 1"),
    ('\n  time: "17:00"', '\n  time: "25:00"', "cut_off.time", "17:00"),
    ("freeze_workday_from_end: 1", "freeze_workday_from_end: 1.5", "publication.freeze_workday_from_end", "整数"),
    ('freeze_time: "12:00"', 'freeze_time: "正午"', "publication.freeze_time", "17:00"),
    ("sign_off_hours: 24", "sign_off_hours: 0", "publication.sign_off_hours", "大于 0"),
    ("sign_off_default: Reject", "sign_off_default: 拒绝", "publication.sign_off_default", "Reject"),
    ("green_gap: 0.0", "green_gap: 5", "lights.green_gap", "不大于 1"),
    ("yellow_gap: -0.15", "yellow_gap: -15", "lights.yellow_gap", "不小于 -1"),
    ("yellow_gap: -0.15", "yellow_gap: 0.15", "lights.yellow_gap", "黄灯线"),
    ("near_due_days: 14", "near_due_days: -1", "lights.near_due_days", "不小于 0"),
    ("near_due_days: 14", 'near_due_days: "14"', "lights.near_due_days", "不加引号"),
    ("relative_tolerance: 0.1", "relative_tolerance: 10", "verification.relative_tolerance", "不大于 1"),
    ("relative_tolerance: 0.1", "relative_tolerance: 一成", "verification.relative_tolerance", "数字"),
    ("relative_tolerance: 0.1", "relative_tolerance: .nan", "verification.relative_tolerance", "确定的数字"),
    ("cap: 1.0 ", "cap: 0 ", "cap", "大于 0"),
    ("cap: 1.0 ", "cap: .inf ", "cap", "确定的数字"),
    ("min_counted: 3", "min_counted: 0", "min_counted", "不小于 1"),
    ("min_counted: 3", "min_counted: yes", "min_counted", "整数"),
    ("grace_hours: 0", "grace_hours: -1", "grace_hours", "不小于 0"),
    ("objection_days: 5", "objection_days: 五", "objection_days", "整数"),
    ("red_line_events: 1", "red_line_events: -1", "veto.red_line_events", "不小于 0"),
    ("per_case: 0.0              # 每件加", "per_case: 0.01 # 每件加", "bonus.per_case", "上限"),
    ("per_case: 0.0              # 每件扣", "per_case: 0.01 # 每件扣", "penalty.per_case", "上限"),
    ("cap: 0.0                   # 全年合计上限 · the most that all of them add", "cap: 5", "bonus.cap", "不大于 1"),
    (
        "cap: 0.0                   # 全年合计上限 · the most that all of them take",
        "cap: -1 #",
        "penalty.cap",
        "不小于 0",
    ),
    ("reminder_days: [2, 1]", "reminder_days: [1, 2]", "reminder_days", "从大到小"),
    ("reminder_days: [2, 1]", "reminder_days: 2", "reminder_days", "列表"),
    ("reminder_days: [2, 1]", "reminder_days: [9, 1]", "reminder_days.0", "不大于 6"),
    ("  reminder: 1", "  reminder: 0", "ladder.reminder", "不小于 1"),
    ("  notice: 2", "  notice: 1", "ladder.notice", "多于前一级"),
    ("  yellow: 3", "  yellow: 2", "ladder.yellow", "多于前一级"),
    ("  red: 4", "  red: 四", "ladder.red", "整数"),
    ("min_points: 6", "min_points: 3", "projection.min_points", "不小于 6"),
    ("interval: 0.8", "interval: 80", "projection.interval", "小于 1"),
    ("interval: 0.8", "intervall: 0.8", "projection.intervall", "interval"),
]


def settings_in(path: Path) -> dict[str, int]:
    """Every setting written in a file, dotted, with its line; one of a list of sections by its section."""

    def walk(node: yaml.Node, place: tuple[str, ...]) -> dict[str, int]:
        found: dict[str, int] = {}
        for key, value in node.value:
            here = (*place, key.value)
            sections = value.value if here == ("sources",) else [value]
            inner = [walk(section, here) for section in sections if isinstance(section, yaml.MappingNode)]
            found |= {name: line for part in inner for name, line in part.items()} or {
                ".".join(here): key.start_mark.line + 1
            }
        return found

    return walk(yaml.compose(path.read_text(encoding="utf-8")), ())


def known_settings() -> set[str]:
    """Every setting that the loader knows, dotted."""
    sections = {place[0] for place in SECTIONS if place}
    own = {(*place, name) for place, section in SECTIONS.items() for name in section.model_fields}
    return {".".join(place) for place in own if place[0] not in sections or len(place) > 1}


def test_the_loader_knows_what_is_left_to_the_county_and_nothing_else() -> None:
    assert known_settings() == set(LEFT_TO_THE_COUNTY) | NO_THRESHOLDS


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.parent.name)
def test_the_file_has_each_with_a_comment_in_both_languages(path: Path) -> None:
    lines = path.read_text(encoding="utf-8").splitlines()
    written = settings_in(path)
    assert set(LEFT_TO_THE_COUNTY) <= set(written)
    for setting in LEFT_TO_THE_COUNTY:
        comment = lines[written[setting] - 1].partition("# ")[2]
        assert re.search("[\u4e00-\u9fff]", comment), f"{setting}: {comment}"
        assert re.search("[a-z]{2,}", comment), f"{setting}: {comment}"


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.parent.name)
def test_the_samples_show_the_defaults(path: Path) -> None:
    written, problems = read_settings(path)
    assert written is not None
    assert problems == []
    for part in ("cut_off", "lights", "verification", "veto", "bonus", "penalty", "ladder", "projection"):
        assert getattr(written, part) == type(getattr(written, part))(), part
    assert (written.cap, written.min_counted, written.grace_hours, written.reminder_days) == (1, 3, 0, [2, 1])


@pytest.mark.parametrize(("before", "after", "setting", "said"), BAD, ids=lambda value: str(value).strip()[:30])
def test_what_it_cannot_be_is_told_with_line_and_remedy(
    tmp_path: Path, before: str, after: str, setting: str, said: str
) -> None:
    own = tmp_path / "county.yaml"
    text = FILES[1].read_text(encoding="utf-8")
    assert text.count(before) == 1
    own.write_text(text.replace(before, after), encoding="utf-8")
    settings, (problem,) = read_settings(own)
    assert settings is None
    assert (problem.file, problem.column) == ("county.yaml", setting)
    assert problem.row == text[: text.index(before)].count("\n") + 1 + before.count("\n")
    assert said in problem.message_zh
    assert "请" in problem.message_zh
    assert re.search("[a-z]{4,}", problem.message_en)


def test_every_bad_value_above_stands_for_a_setting_and_every_setting_for_one() -> None:
    tried = {setting for _, _, setting, _ in BAD}
    assert set(LEFT_TO_THE_COUNTY) <= tried
