"""The marked workbook: right cells, right words, nothing live, and good to be sent again."""

from __future__ import annotations

import datetime as dt
import re
import zipfile
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from ducha.intake.checking import Checked, check_rows
from ducha.intake.marking import SUMMARY_SHEET
from ducha.intake.reading import Readings, read_files
from ducha.intake.returning import MarkingError, write_returned

from tests.unit.intake.build import NOW, catalogue, to_read, write_csv, write_xlsx

CATALOGUE = catalogue()
HEADER = ["事项代码", "事项名称", "周次", "完成值", "滞后原因"]
ROWS = [
    ["2022年第2周填报表"],
    [],
    HEADER,
    ["R-TOTAL", "总产值", "2022-W02", 120, "=1+1"],
    ["R-LEVEL", "覆盖率", "2022-W02", "约50%", "http://example.org/x"],
    ["R-FLOW", "办件数", "2022-W02", 3, "联系13800138000"],
]


def check(*paths: Path, at: dt.datetime = NOW) -> tuple[Readings, Checked]:
    readings = read_files([to_read(path, at=at) for path in paths])
    return readings, check_rows(readings, CATALOGUE, use_suites=False)


def returned(folder: Path, *paths: Path, at: dt.datetime = NOW) -> list[Path]:
    written = write_returned(*check(*paths, at=at), CATALOGUE, folder / "returned")
    return [written[path.name] for path in paths if path.name in written]


@pytest.fixture
def marked(tmp_path: Path) -> Any:
    (path,) = returned(tmp_path, write_xlsx(tmp_path / "发改局.xlsx", ROWS))
    assert path.relative_to(tmp_path) == Path("returned/A01/2022-W02_A01_退回_发改局.xlsx")
    return openpyxl.load_workbook(path)


def test_values_stand_where_they_were_sent_and_bad_cells_are_marked(marked: Any) -> None:
    sheet = marked["填报表"]
    assert [cell.value for cell in sheet[3]] == [*HEADER, "说明"]
    assert [cell.value for cell in sheet[4]][:4] == ["R-TOTAL", "总产值", "2022-W02", 120]
    bad, good = sheet["D5"], sheet["D4"]
    assert bad.value == "约50%"
    assert bad.fill.fgColor.rgb != good.fill.fgColor.rgb
    assert "不是确切的数" in bad.comment.text
    assert "not an exact number" in bad.comment.text
    assert good.comment is None
    assert "约50%" in sheet["F5"].value
    assert sheet["F4"].value == "已记录"
    assert sheet.freeze_panes == "A4"
    assert (sheet.page_setup.orientation, str(sheet.page_setup.paperSize)) == ("landscape", "9")


def test_the_first_sheet_says_what_was_recorded_and_what_to_do(marked: Any) -> None:
    text = "\n".join(str(cell.value) for row in marked[SUMMARY_SHEET] for cell in row if cell.value)
    assert marked.sheetnames[0] == SUMMARY_SHEET
    for expected in ("发展和改革局", "发改局.xlsx", "2022-01-13 10:00", "1 行", "2 行", "D5", "约50%", "What to do"):
        assert expected in text


def test_no_number_that_names_a_person_and_no_live_formula_or_link(marked: Any) -> None:
    for sheet in marked:
        for row in sheet:
            for cell in row:
                assert "13800138000" not in f"{cell.value}{cell.comment.text if cell.comment else ''}"
                assert cell.data_type != "f"
                assert cell.hyperlink is None or cell.hyperlink.target is None
    assert marked["填报表"]["E4"].value == "=1+1"


@pytest.mark.parametrize(
    "cell",
    ["110105194912310021", 110105194912310021, "11010519491231002X", "110105194912310021亩", "110105.1949.1231.0021"],
)
@pytest.mark.parametrize("column", range(9))
def test_an_identity_number_is_returned_nowhere(tmp_path: Path, column: int, cell: object) -> None:
    """In no cell of any column, no title or heading, no name of a sheet, nor in what is built from that."""
    number = "11010519491231002"
    header = ["事项代码", "周次", "阶段或分项", "完成值", "是否完成", "完成日期", "无变化", "滞后原因", "备注"]
    row = ["R-TOTAL", "2022-W02", "", 1, "", "", "", "", ""]
    row[column] = cell  # type: ignore[call-overload]
    title = ["", "", "", str(cell)]
    rows = [title, [f"{each}({cell})" if n == 3 else each for n, each in enumerate(header)], row,
            ["R-LEVEL", "2022-W02", "", "约", "", "", "", "", ""]]  # fmt: skip
    source = write_xlsx(tmp_path / "a.xlsx", rows, sheet=f"王某{number}1")
    readings, checked = check(source)
    assert ("personal_data" in {p.reason_code for p in checked.problems}) == (column < 8)
    assert "“”" not in "".join(p.message for p in checked.problems)
    (path,) = write_returned(readings, checked, CATALOGUE, tmp_path / "returned").values()
    frames = (checked.rows, checked.problems_frame())
    written = "".join([path.name, *(frame.to_csv() for frame in frames), *contents(path)])
    plain = re.sub(r"[.·\s]", "", written)
    assert "1101051949" not in plain
    marked = openpyxl.load_workbook(path)["（已隐去）"]
    assert marked["D4"].value == "约"
    assert marked["D4"].comment is not None
    if column < 8:
        assert marked.cell(3, column + 1).value == "（已隐去）"


def contents(path: Path) -> list[str]:
    with zipfile.ZipFile(path) as archive:
        return [archive.read(name).decode() for name in archive.namelist()]


def test_corrected_and_sent_again_it_is_accepted(tmp_path: Path) -> None:
    (path,) = returned(tmp_path, write_xlsx(tmp_path / "a.xlsx", ROWS))
    book = openpyxl.load_workbook(path)
    book["填报表"]["D5"] = 50
    book["填报表"]["E6"] = "人手不足"
    book.save(path)
    _, checked = check(path)
    assert checked.problems == []
    assert checked.rows["is_accepted"].tolist() == [True] * 3


def test_returned_twice_it_has_one_column_of_words(tmp_path: Path) -> None:
    (path,) = returned(tmp_path, write_xlsx(tmp_path / "a.xlsx", ROWS))
    (again,) = returned(tmp_path / "again", path)
    headings = [cell.value for cell in openpyxl.load_workbook(again)["填报表"][3]]
    assert headings == [*HEADER, "说明"]


def test_the_same_files_give_the_same_bytes_whenever_they_are_checked(tmp_path: Path) -> None:
    source = write_xlsx(tmp_path / "a.xlsx", ROWS)
    first = returned(tmp_path, source)[0]
    content = first.read_bytes()
    assert returned(tmp_path, source) == [first]
    assert first.read_bytes() == content
    assert [p.name for p in first.parent.iterdir()] == [first.name]


def test_the_same_name_received_again_stands_beside_it(tmp_path: Path) -> None:
    source = write_xlsx(tmp_path / "a.xlsx", ROWS)
    (first,) = returned(tmp_path, source)
    content = first.read_bytes()
    (second,) = returned(tmp_path, source, at=NOW + dt.timedelta(days=1))
    assert second.name == "2022-W02_A01_退回_a_2.xlsx"
    assert first.read_bytes() == content


def test_accepted_files_are_not_returned_and_refused_ones_get_a_receipt(tmp_path: Path) -> None:
    good = write_csv(tmp_path / "good.csv", [["事项代码", "周次", "完成值"], ["R-TOTAL", "2022-W02", 1]])
    broken = tmp_path / "坏.xlsx"
    broken.write_bytes(b"PK\x03\x04")
    (path,) = returned(tmp_path, good, broken)
    book = openpyxl.load_workbook(path)
    text = "\n".join(str(cell.value) for row in book[SUMMARY_SHEET] for cell in row if cell.value)
    assert book.sheetnames == [SUMMARY_SHEET]
    assert "文件已损坏" in text
    assert "尚未记录" in text


@pytest.mark.parametrize("name", ["../../逃.csv", "a" * 200 + ".csv", "CON:*?.csv", "电话13800138000.csv"])
def test_any_name_a_file_may_have(tmp_path: Path, name: str) -> None:
    path = write_csv(tmp_path / "x.csv", [["事项代码", "周次", "完成值"], ["R-TOTAL", "2022-W02", "约"]])
    readings = read_files([to_read(path).__class__(name, name, path, "progress", "A01", NOW)])
    checked = check_rows(readings, CATALOGUE, use_suites=False)
    (written,) = write_returned(readings, checked, CATALOGUE, tmp_path / "returned").values()
    assert written.parent == tmp_path / "returned" / "A01"
    assert "13800138000" not in written.name


def test_a_workbook_that_cannot_be_written_is_our_fault_and_says_so(tmp_path: Path) -> None:
    """Not the sender's: the run ends red, and no older draft goes out in its place."""
    (tmp_path / "returned").mkdir()
    (tmp_path / "returned" / "A01").write_text("a file where a folder belongs")
    readings, checked = check(write_xlsx(tmp_path / "a.xlsx", ROWS))
    with pytest.raises(MarkingError, match=r"FileExistsError|NotADirectoryError"):
        write_returned(readings, checked, CATALOGUE, tmp_path / "returned")
