"""A sample of a hundred units: every kind of trouble, every hand, facts that a plain reader confirms."""

import csv
import datetime as dt
import hashlib
import json
import os
import subprocess
import sys
import time
import zipfile
from collections import Counter
from io import BytesIO
from pathlib import Path

import openpyxl
import pytest
from ducha.sample import WITHDRAWALS, write_sample
from ducha.sample.hostile import HOSTILE
from ducha.sample.mistakes import KINDS

from tests.large_county import write_large_county
from tests.unit.sample.reading_back import plain, read_file

SECONDS = 60


@pytest.fixture(scope="module")
def county(tmp_path_factory):
    return write_large_county(tmp_path_factory.mktemp("county") / "county")


@pytest.fixture(scope="module")
def sample(county, tmp_path_factory):
    began = time.process_time()
    answer = write_sample(county, tmp_path_factory.mktemp("sample"))
    seconds = time.process_time() - began
    return answer.parent, json.loads(answer.read_text(encoding="utf-8")), seconds


def digest(directory: Path) -> str:
    whole = hashlib.sha256()
    for path in sorted(p for p in directory.rglob("*") if p.is_file()):
        whole.update(f"{path.relative_to(directory)}".encode() + path.read_bytes())
        whole.update(b"" if path.name in (WITHDRAWALS, "answer.json") else str(path.stat().st_mtime_ns).encode())
    return whole.hexdigest()


def test_eight_weeks_of_a_hundred_units_in_a_minute(sample):
    _, answer, seconds = sample
    assert len({file["sender"] for file in answer["files"]}) == 101
    assert sum(len(file["rows"]) for file in answer["files"]) > 20_000
    assert seconds < SECONDS


def test_same_bytes_again(county, sample, tmp_path):
    again = write_sample(county, tmp_path)
    assert digest(again.parent) == digest(sample[0])


def test_same_bytes_in_another_process(county, tmp_path):
    code = f"""
from pathlib import Path
from ducha.sample import write_sample
write_sample(Path({str(county)!r}), Path({str(tmp_path)!r}) / "there", weeks=2)
"""
    subprocess.run([sys.executable, "-c", code], check=True, env={**os.environ, "PYTHONHASHSEED": "7", "TZ": "UTC+9"})
    write_sample(county, tmp_path / "here", weeks=2)
    assert digest(tmp_path / "there") == digest(tmp_path / "here")


def test_fewer_weeks_are_the_beginning_of_more(county, sample, tmp_path):
    short = json.loads(write_sample(county, tmp_path, weeks=3).read_text(encoding="utf-8"))
    weeks = {week["week"] for week in short["weeks"]}
    for facts in ("files", "withdrawals", "silent", "overlooked"):
        assert [fact for fact in sample[1][facts] if fact["week"] in weeks] == short[facts]


def test_every_kind_of_trouble_occurs(sample):
    _, answer, _ = sample
    kinds = Counter(fault["kind"] for file in answer["files"] for fault in file["faults"])
    assert set(kinds) == {*KINDS, *HOSTILE, "typed_ten_times_too_large"}
    roles = Counter(file["role"] for file in answer["files"])
    assert set(roles) == {"report", "zero_reports", "correction", "duplicate", "resaved", "inspection"}
    came = Counter(file["came"] for file in answer["files"] if file["role"] == "report")
    assert all(came[each] for each in ("by_cut_off", "by_freeze", "after_freeze"))
    assert answer["withdrawals"]
    assert answer["silent"]
    assert answer["overlooked"]
    broken = sum(not file["readable"] for file in answer["files"])
    assert 0 < broken < len(answer["files"]) / 40
    trouble = sum(bool(file["faults"]) for file in answer["files"] if file["role"] == "report")
    assert trouble < roles["report"] / 5  # most units report in order


def test_files_come_from_many_hands(sample):
    directory, answer, _ = sample
    files = [file for file in answer["files"] if file["readable"] and file["role"] == "report"]
    assert {(f["format"], f["encoding"]) for f in files} == {
        ("xlsx", ""), ("csv", "utf-8"), ("csv", "utf-8-sig"), ("csv", "gb18030"), ("json", "utf-8"),
        ("json", "utf-8-sig"),
    }  # fmt: skip
    workbooks = {(f["made_with"], f["sheet"]): directory / "inbox" / f["file"] for f in files if f["format"] == "xlsx"}
    assert {made.split("/")[0] for made, _ in workbooks} == {"Microsoft Excel", "WPS 表格", "LibreOffice"}
    assert len(workbooks) >= 6
    looks = set()
    for path in [directory / "inbox" / f["file"] for f in files if f["format"] == "xlsx" and f["week"] == "2022-W03"]:
        parts = {name: zipfile.ZipFile(path).read(name) for name in zipfile.ZipFile(path).namelist()}
        book = parts["xl/worksheets/sheet1.xml"]
        looks |= {"shared" if "xl/sharedStrings.xml" in parts else "inline"}
        looks |= {mark for mark in (b"hidden=", b"mergeCell", b't="b"') if mark in book}
        looks |= {
            mark for mark in (b"0.00%", b'state="hidden"') if mark in parts["xl/styles.xml"] + parts["xl/workbook.xml"]
        }
    assert looks == {"shared", "inline", b"hidden=", b"mergeCell", b't="b"', b"0.00%", b'state="hidden"'}
    assert any(f["format"] == "xlsx" and not f["file"].endswith(".xlsx") for f in files)


def test_a_plain_reader_finds_what_the_answer_says(sample):
    directory, answer, _ = sample
    for file in answer["files"]:
        path = directory / "inbox" / file["file"]
        assert hashlib.sha256(path.read_bytes()).hexdigest() == file["sha256"]
        if not file["readable"] or file["week"] not in ("2022-W03", "2022-W06"):
            continue
        found = read_file(path, file)
        said = {row.pop("row"): row for row in map(dict, file["rows"])}
        assert found.keys() == said.keys(), file["file"]
        for number, row in said.items():
            assert found[number] == {name: plain(name, value) for name, value in row.items() if value != ""}, path


def test_faults_stand_in_their_cells(sample):
    directory, answer, _ = sample
    seen = 0
    for file in answer["files"]:
        if file["format"] != "xlsx" or not file["faults"] or not file["readable"]:
            continue
        page = openpyxl.load_workbook(BytesIO((directory / "inbox" / file["file"]).read_bytes()))[file["sheet"]]
        for fault in file["faults"]:
            if fault["kind"] == "hidden_row":
                assert page.row_dimensions[fault["row"]].hidden
                continue
            found = page[fault["cell"]].value if fault["cell"] else None
            raw = "" if found is None else plain(fault["column"], str(found).removeprefix("="))
            assert str(raw) == str(plain(fault["column"], fault["raw"])), (file["file"], fault)
            seen += 1
    assert seen > 10


def test_only_formulas_that_are_mistakes_are_formulas(sample):
    directory, answer, _ = sample
    for file in answer["files"]:
        if file["format"] == "xlsx" and file["readable"] and file["week"] in ("2022-W04", "2022-W07"):
            page = openpyxl.load_workbook(BytesIO((directory / "inbox" / file["file"]).read_bytes()))[file["sheet"]]
            found = {cell.coordinate for row in page.iter_rows() for cell in row if cell.data_type == "f"}
            assert found == {f["cell"] for f in file["faults"] if f["kind"] == "formula_without_result"}


def test_repeated_files_repeat_what_was_sent(sample):
    _, answer, _ = sample
    files = {file["file"]: file for file in answer["files"]}
    for file in answer["files"]:
        if file["role"] in ("duplicate", "resaved"):
            first = files[file["other"]]
            assert (file["sha256"] == first["sha256"]) == (file["role"] == "duplicate")
            assert [{**r, "row": 0} for r in file["rows"]] == [{**r, "row": 0} for r in first["rows"]]
            assert file["received_at"] > first["received_at"]


def test_withdrawals_take_back_something_sent(sample):
    directory, answer, _ = sample
    with (directory / "inbox" / WITHDRAWALS).open(encoding="utf-8", newline="") as listed:
        rows = list(csv.DictReader(listed))
    told = [(w["unit_code"], w["week"], dt.datetime.fromisoformat(w["withdrawn_at"]), w["reason"])
            for w in answer["withdrawals"]]  # fmt: skip
    assert [(r["unit_code"], r["week"], dt.datetime.fromisoformat(r["received_at"]), r["reason"]) for r in rows] == told
    resent = set()
    for taken in answer["withdrawals"]:
        own = [f for f in answer["files"] if (f["sender"], f["week"]) == (taken["unit_code"], taken["week"])]
        assert any(f["received_at"] < taken["withdrawn_at"] for f in own)
        resent.add(any(f["received_at"] > taken["withdrawn_at"] and f["role"] == "correction" for f in own))
    assert resent == {True, False}


def test_honest_units_are_confirmed_and_inflating_ones_found_out(sample):
    _, answer, _ = sample
    said = {
        (file["week"], row["unit_code"], row["responsibility_code"], row.get("item", "")): row
        for file in answer["files"]
        if file["role"] in ("report", "correction")
        for row in file["rows"]
        if row["row"] not in {fault["row"] for fault in file["faults"]}
    }
    differs: dict[str, set[bool]] = {"random": set(), "risk": set()}
    for file in answer["files"]:
        for row in file["rows"] if file["role"] == "inspection" else []:
            told = said[file["week"], row["unit_code"], row["responsibility_code"], row.get("item", "")]
            is_other = any(told.get(name) != row[name] for name in ("value", "numerator") if name in row)
            differs[row["sample_kind"]].add(is_other)
    assert differs == {"random": {False}, "risk": {True}}


def test_totals_run_stand_still_and_jump(sample):
    _, answer, _ = sample
    totals: dict[tuple[str, str], list[float]] = {}
    for file in answer["files"]:
        for row in file["rows"] if file["role"] == "report" and not file["faults"] else []:
            if row["responsibility_code"] == "R-000" and "value" in row:
                totals.setdefault((file["sender"], "R-000"), []).append(row["value"])
    runs = [values for values in totals.values() if len(values) >= 5]
    assert all(values == sorted(values) for values in runs)
    assert any(len(set(values)) < len(values) for values in runs)  # a week without progress
