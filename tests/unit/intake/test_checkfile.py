"""`ducha check`: the same words as intake, nothing recorded."""

from __future__ import annotations

import json
from pathlib import Path

from ducha.intake.checkfile import check_files

from tests.unit.intake.build import NOW, catalogue, write_csv

CATALOGUE = catalogue()
HEADER = ["事项代码", "周次", "完成值"]


def test_one_object_a_file_in_the_promised_shape(tmp_path: Path) -> None:
    good = write_csv(tmp_path / "good.csv", [HEADER, ["R-TOTAL", "2022-W02", 1]])
    bad = write_csv(tmp_path / "bad.csv", [HEADER, ["R-TOTAL", "2022-W02", "约1"], ["R-FLOW", "2022-W02", 2]])
    broken = tmp_path / "broken.xlsx"
    broken.write_bytes(b"")
    results = check_files([good, bad, broken], CATALOGUE, "A01", now=NOW)
    assert [r["verdict"] for r in results] == ["accepted", "returned", "refused"]
    assert [r["reason_code"] for r in results] == ["", "not_a_number", "empty_file"]
    assert [r["rows"] for r in results] == [1, 2, 0]
    assert results[1]["problems"][0]["cell"] == "C2"
    assert {"sheet", "cell", "reason_code", "message"} <= results[1]["problems"][0].keys()
    assert " · " in results[1]["problems"][0]["message"]
    json.dumps(results)


def test_without_a_county_only_reading_is_judged(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "a.csv", [HEADER, ["R-NOBODY-KNOWS", "2031-W02", 1]])
    assert check_files([path], None)[0]["verdict"] == "accepted"
    assert check_files([path], CATALOGUE, "A01", now=NOW)[0]["verdict"] == "returned"


def test_the_week_asked_for_is_the_latest_open(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "a.csv", [HEADER, ["R-TOTAL", "2022-W05", 1]])
    assert check_files([path], CATALOGUE, "A01", "2022-W04", NOW)[0]["reason_code"] == "week_in_future"
    assert check_files([path], CATALOGUE, "A01", "2022-W05", NOW)[0]["verdict"] == "accepted"


def test_a_file_in_the_inspectors_folder_is_an_inspection(tmp_path: Path) -> None:
    (tmp_path / "_inspection").mkdir()
    rows = [["单位代码", *HEADER, "核查日期", "核查方式", "抽样类别"],
            ["A01", "R-TOTAL", "2022-W02", 1, "2022-01-12", "现场", "风险"]]  # fmt: skip
    path = write_csv(tmp_path / "_inspection" / "a.csv", rows)
    assert check_files([path], CATALOGUE, now=NOW)[0]["verdict"] == "accepted"
