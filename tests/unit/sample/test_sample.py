"""The sample: the same bytes for the same seed, an answer a plain reader confirms, a story with everything in it."""

import ast
import dataclasses
import datetime as dt
import hashlib
import json
import subprocess
import sys
from collections import Counter
from pathlib import Path

import openpyxl
import pytest
from ducha.county.loading import load_county
from ducha.sample import write_sample
from ducha.sample.tasks import tasks_of
from ducha.sample.truth import Truth

from tests.small_county import COUNTY
from tests.unit.sample.reading_back import NUMBERS, plain, read_file

ROOT = Path(__file__).resolve().parents[3]
STRANGERS = ("ducha.intake", "ducha.ledger", "ducha.metrics", "ducha.warehouse", "ducha.sources", "ducha.pipeline")


@pytest.fixture(scope="module")
def sample(tmp_path_factory):
    answer = write_sample(COUNTY, tmp_path_factory.mktemp("sample"))
    return answer.parent, json.loads(answer.read_text(encoding="utf-8"))


def tree(directory: Path) -> dict[str, tuple[str, int]]:
    return {
        path.relative_to(directory).as_posix(): (hashlib.sha256(path.read_bytes()).hexdigest(), path.stat().st_mtime_ns)
        for path in sorted(directory.rglob("*"))
        if path.is_file() and path.name != "answer.json"
    }


def test_same_seed_same_bytes_and_times(sample, tmp_path):
    directory, answer = sample
    again = write_sample(COUNTY, tmp_path)
    assert tree(again.parent) == tree(directory)
    assert json.loads(again.read_text(encoding="utf-8")) == answer


def test_another_seed_tells_other_figures(sample, tmp_path):
    other = json.loads(write_sample(COUNTY, tmp_path, seed=2).read_text(encoding="utf-8"))
    assert [file["rows"] for file in other["files"]] != [file["rows"] for file in sample[1]["files"]]


def test_a_shorter_sample_leaves_nothing_of_a_longer_one(tmp_path):
    write_sample(COUNTY, tmp_path, weeks=3)
    answer = json.loads(write_sample(COUNTY, tmp_path, weeks=2).read_text(encoding="utf-8"))
    assert set(tree(tmp_path / "inbox")) == {file["file"] for file in answer["files"]}


def test_fewer_weeks_are_the_beginning_of_more(sample, tmp_path):
    short = json.loads(write_sample(COUNTY, tmp_path, weeks=4).read_text(encoding="utf-8"))
    first_weeks = {week["week"] for week in short["weeks"]}
    assert [f for f in sample[1]["files"] if f["week"] in first_weeks] == short["files"]


def test_answer_lists_exactly_the_files_there_are(sample):
    directory, answer = sample
    files = tree(directory / "inbox")
    assert set(files) == {file["file"] for file in answer["files"]}
    for file in answer["files"]:
        digest, received_ns = files[file["file"]]
        assert digest == file["sha256"]
        received_at = dt.datetime.fromisoformat(file["received_at"])
        assert received_ns == received_at.timestamp() * 1_000_000_000
        assert received_ns % 1_000_000_000 == 0


def test_a_plain_reader_finds_what_the_answer_says(sample):
    directory, answer = sample
    for file in answer["files"]:
        path = directory / "inbox" / file["file"]
        if not file["readable"]:
            with pytest.raises(Exception, match=r"zip|File"):
                openpyxl.load_workbook(path)
            continue
        found = read_file(path, file)
        said = {row["row"]: {k: v for k, v in row.items() if k != "row" and v != ""} for row in file["rows"]}
        assert found.keys() == said.keys(), file["file"]
        for number, row in said.items():
            assert found[number] == {name: plain(name, value) for name, value in row.items()}


def test_faults_stand_where_the_answer_says(sample):
    _, answer = sample
    for file in answer["files"]:
        rows = {row["row"]: row for row in file["rows"]}
        for fault in file["faults"]:
            if fault["row"] == 0:
                assert not file["readable"]
            else:
                assert str(rows[fault["row"]][fault["column"]]) == fault["raw"]
    kinds = {fault["kind"] for file in answer["files"] for fault in file["faults"]}
    assert kinds == {
        "number_unreadable", "responsibility_unknown", "phone_number", "typed_ten_times_too_large", "truncated",
    }  # fmt: skip


def test_answer_holds_facts_and_no_derived_figure(sample):
    _, answer = sample
    words = {"completion", "rate", "light", "rank", "timeliness", "completeness", "score", "state"}
    keys: set[str] = set()

    def collect(value):
        if isinstance(value, dict):
            keys.update(value)
            value = list(value.values())
        if isinstance(value, list):
            for part in value:
                collect(part)

    collect(answer)
    assert not keys & words


def test_eighth_week_has_every_kind_of_unit(sample):
    _, answer = sample
    week = [file for file in answer["files"] if file["week"] == "2022-W08" and file["role"] == "report"]
    came = {file["sender"]: file["came"] for file in week if file["readable"]}
    assert Counter(came.values()) == {"by_cut_off": 7, "by_freeze": 1}
    assert came["T02"] == "by_freeze"
    assert [file["sender"] for file in week if not file["readable"]] == ["T03"]
    assert {"unit_code": "T04", "week": "2022-W08"} in answer["silent"]
    (faulty,) = [file for file in week if file["readable"] and file["faults"]]
    assert faulty["sender"] == "Z01"
    assert len(faulty["rows"]) > len({fault["row"] for fault in faulty["faults"]})


def test_a_row_never_thought_of_stands_in_no_file(sample):
    _, answer = sample
    sent = {(row["unit_code"], row["responsibility_code"]) for file in answer["files"] for row in file["rows"]}
    assert answer["overlooked"] == [{"unit_code": "D04", "week": "2022-W04", "responsibility_code": "MS-02"}]
    assert ("D04", "MS-02") not in sent


def test_history_has_duplicates_corrections_and_files_after_the_freeze(sample):
    _, answer = sample
    files = {file["file"]: file for file in answer["files"]}
    roles = Counter(file["role"] for file in answer["files"])
    assert roles["duplicate"] == 1
    assert roles["correction"] == 2
    for file in answer["files"]:
        if file["role"] == "duplicate":
            assert file["sha256"] == files[file["other"]]["sha256"]
        if file["role"] == "correction":
            assert files[file["other"]]["faults"]
            assert not file["faults"]
            assert file["received_at"] > files[file["other"]]["received_at"]
    late = [file for file in answer["files"] if file["role"] == "report" and file["came"] == "after_freeze"]
    assert [(file["sender"], file["week"]) for file in late] == [("T04", "2022-W06")]
    assert {(f["format"], f["encoding"]) for f in answer["files"]} == {
        ("xlsx", ""),
        ("csv", "utf-8"),
        ("csv", "gb18030"),
    }


def test_running_totals_and_denominators_never_fall(sample):
    _, answer = sample
    rows = load_county(COUNTY).responsibilities.set_index("responsibility_code")
    latest: dict[tuple[str, str], float] = {}
    for file in answer["files"]:
        wrong = {fault["row"] for fault in file["faults"]}
        for row in file["rows"] if file["role"] in ("report", "correction") else []:
            code = row["responsibility_code"]
            if row["row"] in wrong or code not in rows.index or "value" not in row:
                continue
            if rows.loc[code, "measure"] == "total" and rows.loc[code, "direction"] == "up":
                key = (file["sender"], code)
                assert row["value"] >= latest.get(key, 0)
                latest[key] = row["value"]
    assert len(latest) >= 6


def test_inspections_catch_the_unit_that_inflates(sample):
    _, answer = sample
    checked = [file for file in answer["files"] if file["role"] == "inspection"]
    assert [file["week"] for file in checked] == ["2022-W03", "2022-W04", "2022-W06", "2022-W07", "2022-W08"]
    reported = {
        (file["week"], row["unit_code"], row["responsibility_code"], row.get("item", "")): row
        for file in answer["files"]
        if file["role"] in ("report", "correction")
        for row in file["rows"]
    }
    differing = set()
    for file in checked:
        assert [row["sample_kind"] for row in file["rows"]] == ["random", "risk"]
        for row in file["rows"]:
            said = reported[file["week"], row["unit_code"], row["responsibility_code"], row.get("item", "")]
            if any(said.get(name) != row[name] for name in NUMBERS if name in row):
                differing.add(row["unit_code"])
    assert differing == {"T01"}


def test_every_day_of_a_daily_red_line_is_told_once_up_to_the_last_cut_off(sample):
    _, answer = sample
    days = [row["item"] for file in answer["files"] for row in file["rows"] if row["responsibility_code"] == "SF-01"]
    first, last = dt.date(2022, 1, 3), dt.date(2022, 2, 27)
    assert sorted(days) == [(first + dt.timedelta(days=n)).isoformat() for n in range((last - first).days + 1)]


@pytest.mark.parametrize(
    ("measure", "fields"),
    [
        ("flow", {"value"}),
        ("average", {"value", "denominator"}),
        ("range", {"value"}),
        ("rank", {"value", "denominator"}),
        ("level", {"value"}),
        ("total", {"value"}),
        ("red_line", {"value"}),
        ("ratio", {"numerator", "denominator"}),
    ],
)
def test_each_measure_is_told_in_its_own_columns(measure, fields):
    task = dataclasses.replace(tasks_of(load_county(COUNTY))["D01"][0], measure=measure, low=-0.02, high=0.05)
    for monday in (dt.date(2022, 1, 3), dt.date(2022, 2, 21), dt.date(2022, 8, 1)):
        (figures,) = Truth(1).figures_of(task, monday, monday)
        assert set(figures) == fields
        assert figures == Truth(1).figures_of(task, monday, monday)[0]


def test_a_whole_year_can_be_told(tmp_path):
    answer = json.loads(write_sample(COUNTY, tmp_path, weeks=52).read_text(encoding="utf-8"))
    assert len(answer["weeks"]) == 52
    assert len({file["week"] for file in answer["files"]}) == 52
    reported = {row["responsibility_code"] for file in answer["files"] for row in file["rows"]}
    assert "SF-04" in reported  # begins in March


def test_the_week_without_workdays_only_has_zero_reports(sample):
    _, answer = sample
    week = [file for file in answer["files"] if file["week"] == "2022-W05"]
    assert {file["role"] for file in week} == {"zero_reports"}
    assert {row["responsibility_code"] for file in week for row in file["rows"]} == {"AQ-04", "SF-01"}


def test_workbooks_hold_no_formula(sample):
    directory, answer = sample
    for file in answer["files"]:
        if file["format"] == "xlsx" and file["readable"]:
            for row in openpyxl.load_workbook(directory / "inbox" / file["file"]).active.iter_rows():
                assert all(cell.data_type != "f" for cell in row)


def test_generator_names_none_of_the_rooms_it_tries():
    for path in (ROOT / "include" / "ducha" / "sample").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            for name in names:
                assert not name.startswith(STRANGERS), f"{path.name} imports {name}"
                if name.startswith("ducha."):
                    assert name.startswith(("ducha.sample", "ducha.catalogue", "ducha.county", "ducha.calendar"))


def test_generator_loads_none_of_the_rooms_it_tries(tmp_path):
    code = f"""
import sys
from pathlib import Path
from ducha.sample import write_sample
write_sample(Path({str(COUNTY)!r}), Path({str(tmp_path)!r}), weeks=1)
strangers = [name for name in sys.modules if name.startswith({STRANGERS!r})]
assert not strangers, strangers
"""
    subprocess.run([sys.executable, "-c", code], check=True)


def test_a_week_beyond_the_calendar_is_refused(tmp_path):
    with pytest.raises(KeyError, match="2031-W01"):
        write_sample(COUNTY, tmp_path, first_week="2031-W01")
