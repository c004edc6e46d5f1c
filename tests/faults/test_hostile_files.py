"""Files that break readers: each ends in a definite verdict with words for a clerk, and harms nobody else."""

from __future__ import annotations

import json
import resource
import time
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from ducha.intake.cells import CellDate, as_text
from ducha.intake.checking import check_rows
from ducha.intake.child import ReadingChild
from ducha.intake.preflight import open_archive
from ducha.intake.reading import FileReading, read_files
from ducha.intake.returning import write_returned
from ducha.intake.sheet_scan import SheetScan, is_never_calculated, scan_sheet, shapes_in, sheet_parts
from ducha.intake.values import parse_dates, parse_numbers
from python_calamine import CalamineWorkbook

from tests.unit.intake.build import catalogue, to_read, write_csv, write_xlsx

SECONDS = 20
CHILD_MIB = 1024
PARENT_MIB = 100
FOLDERS = ("hostile", "calamine/tests", "excelize/test", "csv-spectrum/csvs")

WANTED = {
    "00_ok.xlsx": "no_header", "e1_encrypted.xlsx": "encrypted", "h1_html_gbk.xls": "unsupported_format",
    "l3_xls_named.et": "unsupported_format", "p1_path_traversal_member.xlsx": "unsafe_archive",
    "p9_nan_inf_1e999.xlsx": "no_header", "s1_semantics.xlsx": "no_header", "s3_formula_nocache.xlsx": "no_header",
    "s4_hidden_merged.xlsx": "no_header", "t1_truncated_half.xlsx": "damaged", "t3_zero_bytes.xlsx": "empty_file",
    "t7_bad_crc.xlsx": "damaged", "x1_billion_laughs_sst.xlsx": "unsafe_xml",
    "x5_external_entity_file_sst.xlsx": "unsafe_xml", "z1_bomb_ws_1GiB.xlsx": "unsafe_archive",
    "z4_sst_amplify_32KB_x_200k.xlsx": "too_large", "z5_sparse_corner_A1_XFD1048576.xlsx": "too_many_cells",
    "z6_dimension_lie.xlsx": "no_header", "z9_merge_bomb.xlsx": "no_header",
    "pass_protected.xlsx": "encrypted", "encryptAES.xlsx": "encrypted", "any_sheets.ods": "unsupported_format",
    "any_sheets.xlsb": "unsupported_format", "any_sheets.xls": "unsupported_format", "simple.csv": "no_header",
}  # fmt: skip


class Read(NamedTuple):
    reading: FileReading
    seconds: float


@pytest.fixture(scope="module")
def corpus(shared: Path) -> dict[str, Read]:
    """Every file of the corpus through one reading child, a good file after each: all as a clerk would send them."""
    paths = [path for folder in FOLDERS for path in sorted((shared / "corpus" / folder).iterdir())]
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    found = {}
    with ReadingChild() as child:
        for path in paths:
            began = time.monotonic()
            (reading,) = read_files([to_read(path)], child)
            found[path.name] = Read(reading, time.monotonic() - began)
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) >> 10
    assert grown < PARENT_MIB, f"reading cost the parent {grown} MiB"
    return found


def test_each_ends_in_a_verdict_with_words_in_both_languages(corpus: dict[str, Read]) -> None:
    assert len(corpus) > 150
    for name, (reading, _) in corpus.items():
        refused = reading.refused
        assert refused is not None, name  # nobody's submission is among them
        assert refused.message_zh, name
        assert refused.message_en, name
        assert refused.reason_code != "reader_timeout", name


def test_none_takes_long(corpus: dict[str, Read]) -> None:
    assert {name: s for name, (_, s) in corpus.items() if s > SECONDS} == {}


def test_the_child_stays_small(corpus: dict[str, Read]) -> None:
    assert corpus
    assert resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss >> 10 < CHILD_MIB


@pytest.mark.parametrize("name", WANTED)
def test_by_name(corpus: dict[str, Read], name: str) -> None:
    refused = corpus[name].reading.refused
    assert refused is not None
    assert refused.reason_code == WANTED[name]


def test_hidden_sheets_are_told(corpus: dict[str, Read]) -> None:
    assert {p.reason_code for p in corpus["s4_hidden_merged.xlsx"].reading.problems} == {"no_header"}


def test_no_member_of_an_archive_leaves_it(corpus: dict[str, Read]) -> None:
    assert corpus
    assert not [path for path in (Path("/"), Path.cwd(), *Path.cwd().parents) if (path / "ducha-pwned.txt").exists()]


def scan(path: Path, index: int = 0) -> tuple[list[list[Any]], SheetScan]:
    """The cells of a sheet as the child reads them."""
    archive = open_archive(path)
    part = sheet_parts(archive)[index]
    cells = CalamineWorkbook.from_path(str(path)).get_sheet_by_index(index).to_python(skip_empty_area=False)
    return cells, scan_sheet(part, shapes_in(archive), is_never_calculated(archive))


@pytest.fixture(scope="module")
def semantics(shared: Path) -> dict[str, Any]:
    """The second column of the semantics workbook, by the label in the first: error code, text shown, or value."""
    cells, scanned = scan(shared / "corpus" / "hostile" / "s1_semantics.xlsx")
    found: dict[str, Any] = {}
    for row, (label, value) in enumerate(cells):
        place = (row, 1)
        kept = CellDate(as_text(value)) if hasattr(value, "isoformat") or hasattr(value, "days") else value
        found[label] = scanned.errors.get(place, (None,))[0] or scanned.shown.get(place, kept)
    return found


@pytest.mark.parametrize(
    ("label", "value", "suffix"),
    [
        ("fmt 0.00%", 4608600, "%"), ('fmt #,##0.00"万元"', 46086, "万元"), ('fmt 0.00"亿元"', 46086, "亿元"),
        ('fmt 0!.0,"万元"', 4.6086, "万元"), ("fmt General", 46086, ""), ("pct 0%", 12.5, "%"), ("pct 0.0%", 12.5, "%"),
        ("txt 12.5%", 12.5, "%"), ("txt １２．５％", 12.5, "%"), ("txt 46086", 46086, ""),
        ("txt 3200万元", 3200, "万元"),
        ("txt 1.2亿元", 1.2, "亿元"), ("txt   60 ", 60, ""), ("txt 60　%", 60, "%"), ("txt 1,234.5", 1234.5, ""),
        ("txt １，２３４", 1234, ""), ("formula cached 0", 0.5, ""), ("float noise", 0.3, ""), ("neg", -5, ""),
        ("fmt [$¥-804]#,##0.00", 46086, ""), ('fmt "已完成 "0%', 4608600, "%"),
    ],
)  # fmt: skip
def test_numbers_of_the_semantics_workbook(semantics: dict[str, Any], label: str, value: float, suffix: str) -> None:
    numbers = parse_numbers([semantics[label]])
    assert (numbers.values[0], numbers.suffixes[0], numbers.codes[0]) == (value, suffix, "")


@pytest.mark.parametrize(
    ("label", "code"),
    [
        ("txt 约50%", "not_a_number"), ("txt 50%左右", "not_a_number"), ("txt 已完成", "not_a_number"),
        ("txt —", "not_a_number"), ("txt /", "not_a_number"), ("txt N/A", "not_a_number"), ("txt #N/A", "not_a_number"),
        ("txt 三成", "not_a_number"), ("txt 百分之五十", "not_a_number"), ("txt 50％（含在建）", "not_a_number"),
        ("txt =1+1", "not_a_number"), ("txt 2026年3月5日", "not_a_number"), ("bool", "not_a_number"),
        ("num id18", "personal_data"), ("txt id18", "personal_data"), ('fmt d"天"', "date_in_number"),
        ("fmt yyyy-mm-dd", "date_in_number"), ("fmt [h]:mm", "date_in_number"), ("time 0.5", "date_in_number"),
    ],
)  # fmt: skip
def test_what_is_no_exact_number_in_the_semantics_workbook(semantics: dict[str, Any], label: str, code: str) -> None:
    assert parse_numbers([semantics[label]]).codes[0] == code


def test_errors_of_the_semantics_workbook(semantics: dict[str, Any]) -> None:
    assert semantics["formula err"] == semantics["formula #REF!"] == "error_value"


@pytest.mark.parametrize(
    "label",
    ["fmt yyyy-mm-dd", 'fmt yyyy"年"m"月"d"日"', "txt 2026年3月5日", "txt 2026-03-05", "txt 2026.3.5", "fmt General"],
)
def test_dates_of_the_semantics_workbook(semantics: dict[str, Any], label: str) -> None:
    days, codes = parse_dates([semantics[label]])
    assert (str(days[0].date()), codes[0]) == ("2026-03-05", "")


@pytest.mark.parametrize("label", ["date neg", "date huge", "date 2958466", "date 0", "txt 2026年第10周"])
def test_no_dates_of_the_semantics_workbook(semantics: dict[str, Any], label: str) -> None:
    assert parse_dates([semantics[label]])[1][0] == "not_a_date"


def test_formulas_without_a_result_are_never_empty_cells(shared: Path) -> None:
    _, scanned = scan(shared / "corpus" / "hostile" / "s3_formula_nocache.xlsx")
    assert scanned.errors == {(1, 2): ("formula_without_value", ""), (1, 3): ("formula_without_value", "")}


def test_hidden_rows_and_columns_are_seen(shared: Path) -> None:
    _, scanned = scan(shared / "corpus" / "hostile" / "s4_hidden_merged.xlsx", 2)
    assert (scanned.hidden_rows, scanned.hidden_columns) == ({4}, {5})


def test_nan_and_infinity_are_no_numbers(shared: Path) -> None:
    cells, _ = scan(shared / "corpus" / "hostile" / "p9_nan_inf_1e999.xlsx")
    codes = parse_numbers(cells[0]).codes.tolist()
    assert codes == ["not_finite", "not_finite", "", "", "number_too_large", "not_a_number"]


def test_one_hostile_file_stops_one_unit_never_the_week(shared: Path, tmp_path: Path) -> None:
    good = write_xlsx(tmp_path / "good.xlsx", [["事项代码", "周次", "完成值"], ["R-TOTAL", "2022-W02", 1]])
    hostile = sorted((shared / "corpus" / "hostile").iterdir())
    files = [to_read(path) for path in hostile] + [to_read(good)]
    readings = read_files(files)
    checked = check_rows(readings, catalogue(), use_suites=False)
    assert checked.verdicts["verdict"].tolist() == ["refused"] * len(hostile) + ["accepted"]
    written = write_returned(readings, checked, catalogue(), tmp_path / "returned")
    assert len(written) == len(hostile)


def test_naughty_strings_survive_or_come_back(shared: Path, tmp_path: Path) -> None:
    strings = json.loads((shared / "corpus" / "blns" / "blns.json").read_text(encoding="utf-8"))
    header = ["事项代码", "周次", "完成值", "滞后原因", "佐证材料"]
    rows = [["R-TOTAL", "2022-W02", 1, text, text] for text in strings]
    paths = [write_csv(tmp_path / "a.csv", [header, *(row for row in rows if "\x00" not in row[3])])]
    fields = [["R-TOTAL", text, text, "", ""] for text in strings if "\x00" not in text]  # weeks and figures
    paths.append(write_csv(tmp_path / "b.csv", [header, *fields]))
    paths.append(write_xlsx(tmp_path / "c.xlsx", [header, *rows]))
    readings = read_files([to_read(path) for path in paths])
    checked = check_rows(readings, catalogue(), use_suites=False)
    kept = checked.rows[(checked.rows["file_id"] == "a.csv") & ~checked.rows["is_flawed"]]
    sent = dict(enumerate((row[3] for row in rows if "\x00" not in row[3]), start=2))
    assert len(kept) > 400
    for row in kept.itertuples():
        assert row.reason == sent[row.row_no].replace("\r\n", "\n").strip()
    assert not checked.rows.loc[checked.rows["file_id"] == "b.csv", "is_accepted"].any()
    for text in (*checked.rows["reason"], *checked.rows["evidence"], *(p.message for p in checked.problems)):
        assert "\x00" not in text
        text.encode("utf-8")
    assert len(write_returned(readings, checked, catalogue(), tmp_path / "returned")) == 3
