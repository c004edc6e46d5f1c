"""`rules.csv`: what a rule may say, and that one that refers to nothing is told with its row, column and remedy."""

import re
import shutil
from pathlib import Path

import pandas as pd
import pytest
from ducha.county.cells import Festivals, typed_frame
from ducha.county.columns import TABLES
from ducha.county.files import Problems, read_table
from ducha.county.loading import CountyError, load_county, normalise, read_frames, validate
from ducha.county.rules import Reference, parse_expression

from tests.small_county import FULL_COUNTY

HEADER = "rule_code,left_expression,operator,right_expression,tolerance,on_missing,definition"
LEFT, RIGHT = "left_expression", "right_expression"
BAD = [
    ("R1,,<=,[KF-02],,skip,说明", LEFT, "不能为空"),
    ("R1,[CY-11],,[KF-02],,skip,说明", "operator", "不能为空"),
    ("R1,[CY-11],≤,[KF-02],,skip,说明", "operator", "<="),
    ("R1,[CY-11],<=,KF-02,,skip,说明", RIGHT, "[事项代码]"),
    ("R1,[CY-11],<=,[KF-02] + ,,skip,说明", RIGHT, "算式"),
    ("R1,[CY-11],<=,2 [KF-02],,skip,说明", RIGHT, "算式"),
    ("R1,[CY-11],<=,[KF-02] ** 2,,skip,说明", RIGHT, "算式"),
    ("R1,[CY-11],<=,min([KF-02]),,skip,说明", RIGHT, "算式"),
    ("R1,[CY-11],<=,sum([KF-02]),,skip,说明", RIGHT, "算式"),
    ("R1,[CY-11],<=,（[KF-02]）,,skip,说明", RIGHT, "半角"),
    ("R1,[CY-99],<=,[KF-02],,skip,说明", LEFT, "responsibilities.csv 中没有 CY-99"),
    ("R1,[CY-11:denominator],<=,[KF-02],,skip,说明", LEFT, "completion、value"),
    ("R1,[KF-05:share],<=,[KF-02],,skip,说明", LEFT, "denominator"),
    ("R1,[MX-01],<=,[KF-02],,skip,说明", LEFT, "请改用：completion"),
    ("R1,[XC-05@T99],<=,[XC-05],,skip,说明", LEFT, "T99"),
    ("R1,[XC-05@D34],<=,[XC-05],,skip,说明", LEFT, "assignments.csv"),
    ("R1,1,<=,2,,skip,说明", LEFT, "没有引用事项"),
    ("R1,[CY-11],=,[CY-11],,skip,说明", RIGHT, "相同"),
    ("R1,[CY-11],=,[KF-02],-1,skip,说明", "tolerance", "不能为负"),
    ("R1,[CY-11],=,[KF-02],约一成,skip,说明", "tolerance", "数字"),
    ("R1,[CY-11],=,[KF-02],,zero,说明", "on_missing", "skip"),
    ("R1,[CY-11],=,[KF-02],,skip,", "definition", "不能为空"),
]


def with_rules(directory: Path, *rules: str) -> Path:
    own = Path(shutil.copytree(FULL_COUNTY, directory / "county"))
    (own / "rules.csv").write_text("\n".join((HEADER, *rules)) + "\n", encoding="utf-8")
    return own


def test_an_expression_names_what_it_refers_to() -> None:
    assert parse_expression("min([CY-02], 1) - 0.5 * ([KF-05:denominator] / -[经济.1@T01])") == [
        Reference("CY-02", "", "value"),
        Reference("KF-05", "", "denominator"),
        Reference("经济.1", "T01", "value"),
    ]
    assert parse_expression("0.95") == []


@pytest.mark.parametrize("text", [
    "", "_", "[]", "[A", "[A][B]", "1 if 2 else 3", "min", "__import__('os')", "(" * 301, "(" * 250 + "1" + ")" * 40,
    "[A:]", "[A@]", "1,2", "min(1,2)(3)", "-min", "min(max,1)", "1(2,3)", "[A] // 2", "+[A]",
])  # fmt: skip
def test_what_is_no_arithmetic_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not arithmetic"):
        parse_expression(text)


def test_the_full_countys_rules_are_read_with_their_defaults(tmp_path: Path) -> None:
    rules = load_county(FULL_COUNTY).rules.set_index("rule_code")
    assert list(rules.index) == ["R1", "R2", "R3", "R4"]
    assert rules["definition"].ne("").all()
    own = with_rules(tmp_path, "R1,[XC-05@T01],<=,[XC-05] * 0.5,,,某镇不超过全县一半")
    (rule,) = load_county(own).rules.to_dict("records")
    assert (rule["tolerance"], rule["on_missing"]) == (0, "skip")


@pytest.fixture(scope="module")
def frames() -> dict[str, pd.DataFrame]:
    found, problems = read_frames(FULL_COUNTY)
    assert problems == []
    return normalise(found)


@pytest.mark.parametrize(("line", "column", "said"), BAD)
def test_a_mistake_is_told_with_row_column_and_remedy(
    tmp_path: Path, frames: dict[str, pd.DataFrame], line: str, column: str, said: str
) -> None:
    file = tmp_path / "rules.csv"
    file.write_text("\n".join((HEADER, "R0,[CY-11],<=,[KF-02],,skip,说明", line)) + "\n", encoding="utf-8")
    told = Problems(file.name)
    rules = typed_frame(read_table(file), TABLES["rules"], Festivals(), told)
    (problem,) = [*told.found, *validate({**frames, "rules": rules})]
    assert (problem.file, problem.row) == ("rules.csv", 3)
    assert column in problem.column
    assert said in problem.message_zh
    assert re.search("请|写", problem.message_zh)
    assert re.search("[a-z]{4,}", problem.message_en)


def test_a_countys_folder_is_refused_with_all_of_them(tmp_path: Path) -> None:
    line = "R1,[CY-11],<=,[KF-99],,skip,说明"
    with pytest.raises(CountyError) as caught:
        load_county(with_rules(tmp_path, line, line))
    assert [(problem.file, problem.row) for problem in caught.value.problems] == [
        ("rules.csv", 3), ("rules.csv", 2), ("rules.csv", 3),
    ]  # fmt: skip


def test_rules_in_words_only_are_told_which_columns_to_add(tmp_path: Path) -> None:
    own = with_rules(tmp_path)
    (own / "rules.csv").write_text("rule_code,definition\nR1,只有文字\n", encoding="utf-8")
    with pytest.raises(CountyError) as caught:
        load_county(own)
    assert {problem.column for problem in caught.value.problems} == {LEFT, "operator", RIGHT}
