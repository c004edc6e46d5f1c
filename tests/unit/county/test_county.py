"""The sample county loads as documented; every mistake in a county's files is named with its place and its remedy."""

import json
import re
import shutil
from pathlib import Path

import pandas as pd
import pytest
from ducha.calendar import read_calendar
from ducha.catalogue import Catalogue
from ducha.county.cells import parse_number, parse_points
from ducha.county.columns import KEYS, TABLES
from ducha.county.loading import CountyError, load_county
from ducha.view import county_code_of

from tests.small_county import COUNTY


@pytest.fixture(scope="module")
def sample() -> Catalogue:
    return load_county(COUNTY)


@pytest.fixture
def copy(tmp_path) -> Path:
    shutil.copytree(COUNTY, tmp_path / "county")
    return tmp_path / "county"


def edit(directory: Path, name: str, before: str, after: str) -> None:
    """Replace text that stands exactly once in a county file."""
    path = directory / name
    text = path.read_text(encoding="utf-8")
    assert text.count(before) == 1, f"{before!r} stands {text.count(before)} times in {name}"
    path.write_text(text.replace(before, after), encoding="utf-8")


def add(directory: Path, name: str, line: str) -> None:
    with (directory / name).open("a", encoding="utf-8") as file:
        file.write(line + "\n")


def set_cell(directory: Path, name: str, key: str, column: str, value: str) -> None:
    """Set one cell of the first row that begins with `key`; values have no commas here."""
    path = directory / name
    frame = pd.read_csv(path, dtype=str, keep_default_na=False)
    starts = frame.astype(str).agg(",".join, axis=1).str.startswith(key)
    frame.loc[starts.idxmax(), column] = value
    frame.to_csv(path, index=False)


def problems_of(directory: Path):
    with pytest.raises(CountyError) as caught:
        load_county(directory)
    return caught.value.problems


def test_sample_says_that_it_is_fictional(sample):
    assert sample.settings.is_sample
    assert sample.settings.sources[0].kind == "replay"
    assert sample.units["name_zh"].str.contains("虚构").all()
    assert sample.leaders["title_zh"].str.contains("虚构").all()
    assert "虚构" in sample.settings.name_zh


def test_sample_targets_are_marked_unless_the_source_states_them(sample, shared):
    stated = pd.read_csv(shared / "catalogue" / "responsibilities.tsv", sep="\t", dtype=str).set_index("code")
    rows = sample.responsibilities
    own = rows[rows["target"].notna() & rows["responsibility_code"].isin(stated.index)]
    is_stated = own["responsibility_code"].map(stated["target_stated"]).notna()
    assert (own["is_sample_target"] == ~is_stated.to_numpy()).all()
    assert (rows.loc[rows["is_sample_target"], "target_authority"] == "sample").all()


def test_sample_follows_the_source_catalogue(sample, shared):
    source = pd.read_csv(shared / "catalogue" / "responsibilities.tsv", sep="\t", dtype=str, keep_default_na=False)
    source = source.set_index("code")
    for _, row in sample.responsibilities.iterrows():
        code = row["responsibility_code"]
        if code == "DJ-02-2":  # the reverse part of DJ-02, which the source names among its sub-items
            assert "空白薄弱村数(逆向)" in source.loc["DJ-02", "sub_items"]
            continue
        assert row["title_zh"] == source.loc[code, "title_zh"]
        assert (row["kind"], row["measure"]) == (source.loc[code, "kind"], source.loc[code, "measure"])
        assert row["source_section"] == source.loc[code, "section"]


def test_sample_covers_what_the_week_must_show(sample):
    rows, assignments = sample.responsibilities, sample.assignments
    assert len(sample.units) == 10
    assert len(rows) == 20
    assert rows["area_code"].nunique() >= 5
    assert {"total", "level", "ratio", "stages", "red_line"} <= set(rows["measure"])
    assert {"to_date", "period"} <= set(rows["time_basis"])
    assert {"up", "down"} <= set(rows.loc[rows["measure"] == "total", "direction"])
    assert sorted(rows.loc[rows["measure"] == "red_line", "cadence"]) == ["daily", "weekly"]
    untargeted = rows[rows["measure"].isin(["total", "level", "ratio"]) & rows["target"].isna()]
    assert len(untargeted) >= 2
    assert (rows["season"] != "").any()
    assert (rows["cadence"] == "monthly").any()
    assert (rows["start_on"] > pd.Timestamp("2022-02-25")).any()
    shares = assignments.groupby("responsibility_code")["share"].sum()
    assert shares.to_numpy() == pytest.approx(1)
    assert (assignments[assignments["share"] > 0].groupby("responsibility_code").size() > 1).any()


def test_frames_have_the_documented_columns_and_types(sample):
    for stem in ("units", "leaders", "areas", "responsibilities", "assignments", "items", "exceptions", "portfolios"):
        frame = getattr(sample, stem)
        assert list(frame.columns) == [column.name for column in TABLES[stem]]
        assert frame.index.equals(pd.RangeIndex(len(frame)))
        assert not frame.duplicated(list(KEYS[stem])).any()
        texts = [column.name for column in TABLES[stem] if column.form in ("text", "code", "season", "points")]
        assert frame[texts].notna().all(axis=None)
    assert str(sample.responsibilities["due_on"].dtype) == "datetime64[us]"
    assert sample.responsibilities["is_sample_target"].dtype == bool
    assert list(sample.rules.columns) == [column.name for column in TABLES["rules"]]


def test_defaults_are_filled_in(sample):
    rows = sample.responsibilities.set_index("responsibility_code")
    assert rows.loc["HY-01", "due_on"] == pd.Timestamp("2022-01-31")  # before:spring_festival
    assert rows.loc["KF-05", "time_basis"] == "to_date"
    assert rows.loc["SF-01", "plan_shape"] == ""
    assert pd.isna(rows.loc["CY-02", "target"])
    assert pd.isna(rows.loc["SF-01", "due_on"])
    own = sample.assignments.set_index(["responsibility_code", "unit_code"])
    assert own.loc[("XC-03", "T01"), "share"] == 0.25
    assert own.loc[("XC-03", "D02"), "share"] == 0
    assert own.loc[("XC-05", "T01"), "share"] == 0.3
    assert pd.isna(own.loc[("XC-05", "T01"), "weight"])
    assert (sample.units["peer_group"] == sample.units["unit_type"]).all()


@pytest.mark.parametrize(
    ("kind", "measure", "shape"),
    [("coverage", "ratio", "linear"), ("rate", "ratio", "hold"), ("case", "ratio", "hold"),
     ("indicator", "total", "linear"), ("indicator", "level", "hold"), ("indicator", "flow", "linear"),
     ("milestone", "stages", "linear"), ("indicator", "average", "hold")],
)  # fmt: skip
def test_plan_shape_by_default(copy, kind, measure, shape):
    cells = {"kind": kind, "measure": measure, "direction": "", "time_basis": "", "plan_shape": "", "target": ""}
    for column, value in cells.items():
        set_cell(copy, "responsibilities.csv", "2022,ZT-01", column, value)
    rows = load_county(copy).responsibilities.set_index("responsibility_code")
    assert rows.loc["ZT-01", "plan_shape"] == shape
    assert rows.loc["ZT-01", "direction"] == "up"


def test_a_handed_over_responsibility_is_whole_in_each_hand(copy):
    edit(copy, "assignments.csv", "2022,SF-04,D03,lead,,,,,,", "2022,SF-04,D03,lead,,,,,,2022-06-30")
    add(copy, "assignments.csv", "2022,SF-04,D01,lead,,,,,2022-07-01,")
    own = load_county(copy).assignments.query("responsibility_code == 'SF-04'")
    assert list(own["share"]) == [1.0, 1.0]


def test_files_saved_by_a_spreadsheet_program_load_the_same(copy, sample):
    for name, encoding in (("units.csv", "gb18030"), ("areas.csv", "utf-8-sig"), ("leaders.csv", "gb18030")):
        path = copy / name
        path.write_bytes(path.read_text(encoding="utf-8").replace("\n", "\r\n").encode(encoding))
    edit(copy, "responsibilities.csv", "2022-01-01,2022-11-30,weekly", "2022/1/1,2022/11/30,weekly")
    loaded = load_county(copy)
    for stem in ("units", "areas", "leaders", "responsibilities"):
        pd.testing.assert_frame_equal(getattr(loaded, stem), getattr(sample, stem))


def test_redacted_leader_loads_as_it_stands(copy):
    set_cell(copy, "responsibilities.csv", "2022,HY-01", "leader_code", "#")
    rows = load_county(copy).responsibilities.set_index("responsibility_code")
    assert rows.loc["HY-01", "leader_code"] == "#"


def test_optional_files_may_be_missing(copy):
    for name in ("items.csv", "exceptions.csv", "portfolios.csv", "rules.csv"):
        (copy / name).unlink()
    assert load_county(copy).items.empty


def test_explicit_cut_offs_reach_the_weeks(copy):
    add(copy, "cut_offs.csv", "week,cut_off_at,freeze_at,note")
    add(copy, "cut_offs.csv", "2022-W02,2022-01-14T10:00:00+08:00,2022-01-14T15:00:00+08:00,系统停机")
    week = load_county(copy).week_row("2022-W02")
    assert week["cut_off_at"] == pd.Timestamp("2022-01-14T02:00:00Z")
    assert week["freeze_at"] == pd.Timestamp("2022-01-14T07:00:00Z")


R = "responsibilities.csv"
CELL_MISTAKES = [
    (R, "2022,ZT-01", "target", "约50%", "0.9"),
    (R, "2022,ZT-01", "target", "90", "0.9"),
    (R, "2022,CY-01", "target", "-5", "方向"),
    (R, "2022,DJ-02-2", "baseline", "3", "方向"),
    (R, "2022,CY-01", "weight", "0", "大于 0"),
    (R, "2022,CY-01", "area_code", "A99", "areas.csv"),
    (R, "2022,CY-01", "leader_code", "L99", "leaders.csv"),
    (R, "2022,CY-01", "measure", "count", "total"),
    (R, "2022,CY-01", "kind", "rate", "kind"),
    (R, "2022,CY-01", "time_basis", "period", "留空"),
    (R, "2022,CY-01", "cadence", "daily", "红线"),
    (R, "2022,CY-01", "title_zh", "", "不能为空"),
    (R, "2022,CY-01", "due_on", "2021-12-31", "更正日期"),
    (R, "2022,CY-01", "due_on", "2022年12月31日", "2022-01-31"),
    (R, "2022,HY-01", "due_on", "before:lantern_festival", "before:spring_festival"),
    (R, "2022,CY-01", "plan_points", "2022-06-30:0.5;2022-03-31:0.7", "递增"),
    (R, "2022,CY-01", "plan_shape", "points", "节点"),
    (R, "2022,XC-06", "season", "冬季", "11-01..03-31"),
    (R, "2022,AQ-04", "plan_shape", "linear", "留空"),
    (R, "2022,AQ-04", "target", "2", "0 或空"),
    (R, "2022,SF-04", "target", "4", "留空"),
    (R, "2022,CY-01", "target_low", "1", "range"),
    (R, "2022,CY-01", "plan_year", "明年", "2022"),
    (R, "2022,CY-01", "is_sample_target", "也许", "true"),
    ("assignments.csv", "2022,AQ-04,T01", "unit_code", "T99", "units.csv"),
    ("assignments.csv", "2022,XC-05,T01", "share", "0.4", "更正"),
    ("assignments.csv", "2022,XC-05,T01", "target", "-1", "方向"),
    ("assignments.csv", "2022,AQ-04,T01", "role", "牵头", "lead"),
    ("items.csv", "2022,MX-01,2", "weight", "-1", "大于 0"),
    ("items.csv", "2022,MX-01,2", "item_code", "1", "删去"),
    ("items.csv", "2022,MX-01,2", "responsibility_code", "CY-01", "stages"),
    ("exceptions.csv", "2022,XC-05,T03", "reason", "", "不能为空"),
    ("exceptions.csv", "2022,XC-05,T03", "unit_code", "D01", "assignments.csv"),
    ("exceptions.csv", "2022,XC-05,T03", "to_on", "2022-01-01", "更正日期"),
    ("units.csv", "T01", "unit_type", "town", "township"),
    *(
        ("units.csv", "T01", "unit_code", code, "只用")
        for code in ("../evil", "a/b", "a\\b", "C:", "..", ".", "T01.", ".T01", "T 01", "Ｔ01", "T01\u200b", "T" * 33)
    ),
    *(("units.csv", "T01", "unit_code", code, "另有用途") for code in ("_inspection", "_Inspection", "NUL", "com1.x")),
    (R, "2022,CY-01", "responsibility_code", "CY/01", "只用"),
    (R, "2022,CY-01", "task_force_code", "../x", "只用"),
    ("items.csv", "2022,MX-01,2", "item_code", "2/3", "只用"),
    ("areas.csv", "A01", "area_code", "A:01", "只用"),
    ("leaders.csv", "L01", "leader_code", "L|01", "只用"),
    ("calendar.csv", "2022-02-01", "date", "2022-02-30", "2022-01-31"),
]


def test_codes_that_differ_in_case_only_would_have_one_folder_on_a_share(copy):
    set_cell(copy, "units.csv", "T02", "unit_code", "t01")
    assert not [p for p in problems_of(copy) if "大小写" in p.message_zh], "a replayed history has no share"
    edit(copy, "county.yaml", "kind: replay", "kind: folder")
    assert [(p.file, p.row, p.column) for p in problems_of(copy) if "大小写" in p.message_zh] == [
        ("units.csv", 8, "unit_code")
    ]


@pytest.mark.parametrize(("file", "key", "column", "value", "remedy"), CELL_MISTAKES)
def test_a_mistake_is_named_with_file_row_column_and_remedy(copy, file, key, column, value, remedy):
    lines = (copy / file).read_text(encoding="utf-8").splitlines()
    row = next(n for n, line in enumerate(lines, start=1) if line.startswith(key))
    set_cell(copy, file, key, column, value)
    problems = problems_of(copy)
    found = [p for p in problems if p.file == file and column in p.column and remedy in p.message_zh]
    assert found, [str(problem) for problem in problems]
    rows = {problem.row for problem in found}
    share_is_of_the_group = column == "share"
    assert share_is_of_the_group or row in rows
    assert all(re.search("[a-z]", problem.message_en) for problem in found)


def test_everything_is_said_at_once(copy):
    set_cell(copy, R, "2022,CY-01", "weight", "-1")
    set_cell(copy, "units.csv", "T01", "unit_type", "town")
    edit(copy, "county.yaml", "timezone: Asia/Shanghai", "timezone: Asia/Beijing")
    files = {problem.file for problem in problems_of(copy)}
    assert files == {R, "units.csv", "county.yaml"}


def test_misspelt_column_is_not_silently_ignored(copy):
    edit(copy, R, ",baseline,target,", ",basline,target,")
    (problem,) = [p for p in problems_of(copy) if p.column == "basline"]
    assert (problem.file, problem.row) == (R, 1)
    assert "baseline" in problem.message_zh
    assert "baseline" in problem.message_en


def test_missing_column_is_named(copy):
    edit(copy, "units.csv", "unit_type", "note")
    columns = {(p.file, p.row, p.column) for p in problems_of(copy)}
    assert ("units.csv", 1, "unit_type") in columns


def test_duplicate_row_names_the_first(copy):
    add(copy, "units.csv", "T01,松岭镇（虚构）,Songling Town (fictional),township,township,,")
    (problem,) = problems_of(copy)
    assert (problem.file, problem.row, problem.column) == ("units.csv", 12, "unit_code")
    assert "7" in problem.message_zh


def test_text_with_commas_must_be_quoted(copy):
    add(copy, "areas.csv", "A11,党建,和,经济,Party,")
    (problem,) = problems_of(copy)
    assert (problem.file, problem.row) == ("areas.csv", 12)


@pytest.mark.parametrize("code", ["DJ-02.1", "经济-01", "A_1", "#"])
def test_codes_of_any_script_with_dots_inside_are_codes(copy, code):
    add(copy, "areas.csv", f"{code},新领域,,")
    assert code in set(load_county(copy).areas["area_code"])


@pytest.mark.parametrize("code", ["../../../evil", "", " ", "a/b", "..", "990001 ", "990001\n", "县", "9" * 33])
def test_a_county_code_that_could_name_another_folder_is_refused_wherever_it_is_read(copy, code):
    edit(copy, "county.yaml", 'county_code: "990001"', f"county_code: {json.dumps(code)}")
    for read in (load_county, read_calendar, county_code_of):
        with pytest.raises(CountyError) as caught:
            read(copy)
        (problem,) = caught.value.problems
        assert (problem.file, problem.column) == ("county.yaml", "county_code")
        assert "县代码" in problem.message_zh
        assert "county code" in problem.message_en


@pytest.mark.parametrize(
    ("before", "after", "column"),
    [
        ('time: "17:00"', "time: 17:00", "cut_off.time"),
        ("cap: 1.0", "cap: -1", "cap"),
        ("min_counted: 3", "min_count: 3", "min_count"),
        ('county_code: "990001"', "", "county_code"),
        ("sign_off_default: Reject", "sign_off_default: Maybe", "publication.sign_off_default"),
    ],
)
def test_mistakes_in_county_yaml_name_the_setting(copy, before, after, column):
    edit(copy, "county.yaml", before, after)
    (problem,) = problems_of(copy)
    assert (problem.file, problem.column) == ("county.yaml", column)


def test_missing_file_and_unreadable_encoding_are_named(copy):
    (copy / "units.csv").unlink()
    (copy / "areas.csv").write_bytes(b"area_code,name_zh\n\xff\xff\xff\n")
    assert {problem.file for problem in problems_of(copy)} == {"units.csv", "areas.csv"}


@pytest.mark.parametrize(("text", "number"), [("0.9", 0.9), ("90%", 0.9), ("1,200", 1200), ("-0.02", -0.02)])
def test_numbers_that_can_be_read_exactly(text, number):
    assert parse_number(text) == number


@pytest.mark.parametrize("text", ["约50%", "1,2", "NaN", "inf", "1.2亿", "%", "90%%", "1 2"])
def test_numbers_that_cannot(text):
    with pytest.raises(ValueError, match=r".+"):
        parse_number(text)


@pytest.mark.parametrize("text", ["2022-03-31", "2022-03-31:x", "2022-03-31:1.2", "2022-06-30:0.5;2022-06-30:0.6"])
def test_points_that_do_not_rise(text):
    with pytest.raises(ValueError, match=r".+"):
        parse_points(text)


def test_leads_state_all_shares_or_none(copy):
    set_cell(copy, "assignments.csv", "2022,XC-05,T02", "share", "")
    (problem,) = problems_of(copy)
    assert (problem.file, problem.column) == ("assignments.csv", "share")
    line = (copy / "assignments.csv").read_text(encoding="utf-8").splitlines()[problem.row - 1]
    assert line.startswith("2022,XC-05,T02")
