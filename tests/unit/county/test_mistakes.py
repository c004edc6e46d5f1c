"""Thirty mistakes of a clerk: each is told with file, row and column, what is wrong and what to do, in both languages.

Kept in one table, so that the office can read what its clerks will be told.
"""

import re
import shutil
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pytest
from ducha.county.loading import CountyError, load_county
from ducha.settings import PROJECT

FULL = PROJECT / "include" / "county"
R, A = "responsibilities.csv", "assignments.csv"
TELLS_WHAT_TO_DO = re.compile("请|须|应|写|只用|只能|另存|补上|移")


@dataclass(frozen=True)
class Mistake:
    """A cell of the first row that begins with `key` is set; for county.yaml, `column` is replaced by `value`."""

    name: str
    file: str
    key: str
    column: str
    value: str
    said_zh: str
    said_en: str
    said_at: str = ""


CELLS = [
    Mistake("a date as Excel stores it", R, "2022,KF-02", "due_on", "44926", "2022-01-31", "a date"),
    Mistake("a date in American order", R, "2022,KF-02", "due_on", "12/31/2022", "2022-01-31", "a date"),
    Mistake("a date that does not exist", R, "2022,KF-02", "start_on", "2022-02-30", "2022-01-31", "a date"),
    Mistake(
        "a rule on a festival nobody keeps", R, "2022,HY-01", "due_on", "before:lantern", "日历", "the calendar has"
    ),
    Mistake("percent instead of a fraction", R, "2022,KF-05", "target", "60", "90% 写 0.9", "0.9 for 90%"),
    Mistake("a full-width percent sign", R, "2022,KF-05", "target", "60％", "写成数字", "write a number"),
    Mistake("a number with its unit", R, "2022,KF-02", "target", "8亿元", "写成数字", "write a number"),
    Mistake("a word that is not known", R, "2022,KF-02", "cadence", "每周", "weekly", "weekly"),
    Mistake("a measure of another kind", R, "2022,KF-05", "measure", "total", "不相配", "do not go together"),
    Mistake("an area that is nowhere", R, "2022,KF-02", "area_code", "A99", "areas.csv", "areas.csv"),
    Mistake("a leader that is nowhere", R, "2022,KF-02", "leader_code", "L99", "leaders.csv", "leaders.csv"),
    Mistake("due before it starts", R, "2022,KF-02", "due_on", "2021-12-31", "早于", "before"),
    Mistake(
        "a range upside down", R, "2022,MS-04", "target_low", "0.5", "低于下限", "below the lower end", "target_high"
    ),
    Mistake("a target against its direction", R, "2022,XC-06", "target", "100", "方向", "direction"),
    Mistake("a tolerance in points", R, "2022,KF-05", "tolerance", "2", "写 0.02", "0.02"),
    Mistake("no title", R, "2022,KF-02", "title_zh", "", "不能为空", "must not be empty"),
    Mistake("points that fall", R, "2022,MX-03", "plan_points", "2022-06-30:0.5;2022-03-31:0.7", "递增", "rising"),
    Mistake(
        "a point before the start", R, "2022,MX-03", "plan_points", "2021-12-31:0.2;2022-06-30:0.5", "须晚于", "after"
    ),
    Mistake("a full-width code", A, "2022,XC-05,T01", "unit_code", "Ｔ０１", "半角", "wide"),
    Mistake("a unit that is nowhere", A, "2022,XC-05,T01", "unit_code", "T99", "units.csv", "units.csv"),
    Mistake("shares that do not sum to 1", A, "2022,XC-05,T01", "share", "0.4", "应为 1", "not 1"),
    Mistake("a role in Chinese", A, "2022,XC-05,T01", "role", "配合", "cooperating", "cooperating"),
    Mistake("a stage that weighs nothing", "items.csv", "2022,MX-01,2", "weight", "0", "大于 0", "above 0"),
    Mistake(
        "a stage after the whole", "items.csv", "2022,XC-01,4", "due_on", "2023-05-01", "晚于整项", "after the whole"
    ),
    Mistake(
        "a stage of what has none", "items.csv", "2022,MX-01,2", "responsibility_code", "KF-02", "stages", "stages"
    ),
    Mistake("closed before it opened", "units.csv", "E23", "closed_on", "2022-01-01", "更正日期", "correct the date"),
    Mistake("a kind of unit unknown", "units.csv", "T01", "unit_type", "镇", "township", "township"),
    Mistake("two leaders at once", "portfolios.csv", "L17,SF-01", "from_on", "2022-02-01", "同时分管", "two leaders"),
    Mistake("an exception without a reason", "exceptions.csv", "2022,XC-05,T03", "reason", "", "不能为空", "must not"),
    Mistake("an exception of nobody's duty", "exceptions.csv", "2022,XC-05,T03", "unit_code", "D01", A, A),
    Mistake("an area that is part of itself", "areas.csv", "A01,", "parent_code", "A0101", "绕回", "part of itself"),
    Mistake("a holiday that is neither", "calendar.csv", "2022-02-01", "is_workday", "放假", "true", "true or false"),
]
SETTINGS = [
    Mistake("a time unquoted", "county.yaml", "", 'time: "17:00"', "time: 17:00", "引号", "quote", "cut_off.time"),
    Mistake("the ninth workday of a week", "county.yaml", "", "workday_from_end: 2", "workday_from_end: 9", "不大于 5",
            "at most 5", "cut_off.workday_from_end"),
    Mistake("a misspelt setting", "county.yaml", "", "min_counted: 3", "min_count: 3", "min_counted", "min_counted",
            "min_count"),
    Mistake("a setting twice", "county.yaml", "", "cap: 1.0", "cap: 1.0\ncap: 1.2", "重复", "repeats", "cap"),
    Mistake("yellow above green", "county.yaml", "", "yellow_gap: -0.15", "yellow_gap: 0.15", "黄灯线", "yellow line",
            "lights.yellow_gap"),
    Mistake("an answer that is none", "county.yaml", "", "sign_off_default: Reject", "sign_off_default: Maybe",
            "Approve", "Approve", "publication.sign_off_default"),
    Mistake("a zone that is none", "county.yaml", "", "Asia/Shanghai", "Asia/Beijing", "Asia/Shanghai",
            "Asia/Shanghai", "timezone"),
    Mistake("a setting deleted", "county.yaml", "", 'county_code: "990003"', "", "补上", "add it", "county_code"),
]  # fmt: skip


@pytest.fixture
def own(tmp_path) -> Path:
    return Path(shutil.copytree(FULL, tmp_path / "county"))


def problems_of(directory: Path):
    with pytest.raises(CountyError) as caught:
        load_county(directory)
    return caught.value.problems


def set_cell(directory: Path, mistake: Mistake) -> int:
    """Make the mistake; return the line it stands on."""
    path = directory / mistake.file
    frame = pd.read_csv(path, dtype=str, keep_default_na=False)
    at = frame.agg(",".join, axis=1).str.startswith(mistake.key).idxmax()
    frame.loc[at, mistake.column] = mistake.value
    frame.to_csv(path, index=False)
    return int(at) + 2


def edit(directory: Path, mistake: Mistake) -> int:
    path = directory / mistake.file
    text = path.read_text(encoding="utf-8")
    assert text.count(mistake.column) == 1
    path.write_text(text.replace(mistake.column, mistake.value), encoding="utf-8")
    return text[: text.index(mistake.column)].count("\n") + 1 + mistake.value.count("\n")


def assert_told(found, mistake: Mistake) -> None:
    assert found, "not told at its place"
    assert any(mistake.said_zh in problem.message_zh for problem in found), found
    assert any(mistake.said_en in problem.message_en for problem in found), found
    for problem in found:
        assert TELLS_WHAT_TO_DO.search(problem.message_zh), problem
        assert re.search("[\u4e00-\u9fff]", problem.message_zh), problem
        english = problem.message_en.replace(mistake.value, "") if mistake.value else problem.message_en
        assert re.search("[a-z]", english), problem
        assert not re.search("[\u4e00-\u9fff]", english), problem


@pytest.mark.parametrize("mistake", CELLS, ids=lambda mistake: mistake.name)
def test_a_mistake_in_a_table(own, mistake):
    row = set_cell(own, mistake)
    column = mistake.said_at or mistake.column
    of_a_group = mistake.column in ("share", "target")
    problems = [p for p in problems_of(own) if p.file == mistake.file and column in p.column]
    assert_told([p for p in problems if p.row == row or (of_a_group and p.row)], mistake)


@pytest.mark.parametrize("mistake", SETTINGS, ids=lambda mistake: mistake.name)
def test_a_mistake_in_the_settings(own, mistake):
    row = edit(own, mistake)
    problems = problems_of(own)
    assert {(p.file, p.column) for p in problems} == {("county.yaml", mistake.said_at)}
    assert_told(problems, mistake)
    assert mistake.value == "" or {p.row for p in problems} == {row}, "the line in the file"


def test_all_of_them_at_once(own):
    """Everything is told in one go; a mistake that hides another one's row is left out of the count."""
    hiding = ("unit_code", "responsibility_code", "tolerance")
    chosen = {(m.file, m.key, m.column): m for m in (*CELLS, *SETTINGS[2:4]) if m.column not in hiding}
    for mistake in chosen.values():
        (edit if mistake.file == "county.yaml" else set_cell)(own, mistake)
    told = problems_of(own)
    assert len(chosen) >= 20
    for mistake in chosen.values():
        column = mistake.said_at or mistake.column
        assert [p for p in told if p.file == mistake.file and column in p.column], mistake


def test_a_duplicate_row_names_the_first(own):
    path = own / "units.csv"
    path.write_text(path.read_text(encoding="utf-8") + "T01,松岭镇,Songling Town,township,town,,\n", encoding="utf-8")
    (problem,) = problems_of(own)
    assert (problem.file, problem.row, problem.column) == ("units.csv", 102, "unit_code")
    assert "36" in problem.message_zh


def test_a_missing_column_and_a_misspelt_one(own):
    path = own / "units.csv"
    path.write_text(path.read_text(encoding="utf-8").replace("unit_type", "unittype", 1), encoding="utf-8")
    problems = {(p.row, p.column): p.message_en for p in problems_of(own) if p.row == 1}
    assert "did you mean unit_type" in problems[1, "unittype"]
    assert "add it" in problems[1, "unit_type"]


def test_a_freeze_before_the_cut_off(own):
    text = "week,cut_off_at,freeze_at,note\n2022-W02,2022-01-14T18:00:00+08:00,2022-01-14T12:00:00+08:00,停电\n"
    (own / "cut_offs.csv").write_text(text, encoding="utf-8")
    (problem,) = problems_of(own)
    assert (problem.file, problem.row, problem.column) == ("cut_offs.csv", 2, "freeze_at")


@pytest.mark.parametrize(("separator", "encoding"), [(";", "utf-8"), ("\t", "utf-8"), ("\t", "utf-16")])
def test_not_a_csv_of_commas(own, separator, encoding):
    path = own / "leaders.csv"
    path.write_bytes(path.read_text(encoding="utf-8").replace(",", separator).encode(encoding))
    problems = [p for p in problems_of(own) if p.file == "leaders.csv"]
    assert problems
    assert "CSV UTF-8" in problems[0].message_zh


def test_a_file_under_another_name_is_not_silently_left_out(own):
    (own / "exceptions.csv").rename(own / "exception.csv")
    (own / "units.xlsx").write_bytes(b"PK")
    told = {p.file: p.message_en for p in problems_of(own)}
    assert "did you mean exceptions.csv" in told["exception.csv"]
    assert "did you mean units.csv" in told["units.xlsx"]


def test_an_unreadable_file_hides_no_mistake_in_another(own):
    (own / "areas.csv").write_bytes(b"area_code,name_zh\n\xff\xff\xff\n")
    set_cell(own, CELLS[4])
    set_cell(own, next(m for m in CELLS if m.file == "units.csv"))
    set_cell(own, next(m for m in CELLS if m.value == "44926"))
    assert {p.file for p in problems_of(own)} == {"areas.csv", "units.csv", R} - {"units.csv"}


def test_what_a_spreadsheet_program_does_on_its_own_is_taken(own):
    """BOM, GB18030, spaces, 2022/1/5, 1,200 and 90% say exactly one thing: nothing is asked again."""
    plain = load_county(own)
    for name, encoding in (("units.csv", "utf-8-sig"), ("areas.csv", "gb18030")):
        path = own / name
        path.write_bytes(path.read_text(encoding="utf-8").replace("\n", " \r\n").encode(encoding))
    path = own / R
    text = path.read_text(encoding="utf-8")
    for before, after in (
        ("2022-12-31,weekly", "2022/12/31 ,weekly"),
        (",0,80000,", ',0,"80,000",'),
        (",0.9,", ",90%,"),
    ):
        assert before in text
        text = text.replace(before, after)
    path.write_text(text, encoding="utf-8")
    same = load_county(own)
    for stem in ("units", "areas", "responsibilities"):
        pd.testing.assert_frame_equal(getattr(same, stem), getattr(plain, stem))
