"""The command line as `contracts.md` promises it: exit codes, JSON shapes, help, and words for who typed it wrong."""

import json
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import psycopg2
import pytest
from click.testing import Result
from ducha.cli import app, main
from ducha.embedded import EmbeddedPostgres
from ducha.settings import PROJECT
from ducha.warehouse.database import connect, fetch, migrate
from openpyxl import load_workbook
from typer.testing import CliRunner

COUNTY = PROJECT / "include" / "small_county"
COMMANDS = [each.name or each.callback.__name__ for each in app.registered_commands if each.callback]
HEADER = "事项代码,周次,完成值\n"


@dataclass(frozen=True)
class Desk:
    """A machine with the first two weeks of the sample in its warehouse."""

    home: Path
    url: str
    conn: psycopg2.extensions.connection

    def call(self, *arguments: str, **environment: str) -> Result:
        given = {"DUCHA_HOME": str(self.home), "DUCHA_DATABASE_URL": self.url, "DUCHA_COUNTY": str(COUNTY)}
        return CliRunner().invoke(app, arguments, env={**given, **environment}, catch_exceptions=False)

    def ask(self, *arguments: str) -> Any:
        return strict(self.call(*arguments, "--json").stdout)


def strict(text: str) -> Any:
    """Read JSON as a strict parser does, numbers exactly."""

    def refuse(name: str) -> None:
        raise AssertionError(f"{name} is no JSON")

    return json.loads(text, parse_float=Decimal, parse_constant=refuse)


def words(result: Result) -> str:
    """What was said, without the frame around it and its line breaks."""
    return "".join(c for c in result.output if c not in "│╭╮╰╯─ \n")


@pytest.fixture(scope="module")
def desk(postgres: EmbeddedPostgres, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    home = tmp_path_factory.mktemp("home")
    url = postgres.new_database()
    migrate(url)
    conn = connect(url)
    conn.autocommit = True
    desk = Desk(home, url, conn)
    made = desk.call("sample", "--weeks", "3", "--seed", "1", "--out", str(home / "sample"))
    assert made.exit_code == 0
    shutil.copytree(home / "sample" / "inbox", home / "inbox")  # times too: they are the receipt times
    for week in ("2022-W01", "2022-W02"):
        assert desk.call("run", "--week", week).exit_code in (0, 1)
    yield desk
    conn.close()


def write(path: Path, *rows: str) -> str:
    path.write_text(HEADER + "\n".join(rows) + "\n", encoding="utf-8")
    return str(path)


# ---- help ----


def test_every_command_is_tested_here() -> None:
    assert set(COMMANDS) == {
        "run", "check", "diff", "county", "holidays", "template", "sample", "sql", "status", "withdraw",
        "demo", "up", "down",
    }  # fmt: skip


@pytest.mark.parametrize("command", COMMANDS)
def test_help_has_an_example(desk: Desk, command: str) -> None:
    shown = desk.call(command, "--help")
    assert shown.exit_code == 0
    assert f"Example: ducha {command}" in shown.stdout
    assert ("--json" in shown.stdout) == (command not in {"demo", "up", "down"})


# ---- county, holidays ----


def test_a_county_is_looked_at(desk: Desk, tmp_path: Path) -> None:
    found = desk.ask("county", "--county", str(COUNTY))
    assert (found["problems"], found["units"], found["responsibilities"]) == ([], 10, 20)
    own = Path(shutil.copytree(COUNTY, tmp_path / "county"))
    units = own / "units.csv"
    units.write_text(units.read_text(encoding="utf-8").replace("T02,", "T01,", 1), encoding="utf-8")
    done = desk.call("county", "--county", str(own), "--json")
    assert done.exit_code == 1
    assert {problem["file"] for problem in strict(done.stdout)["problems"]} >= {"units.csv"}


def test_holidays_are_written_for_the_years_asked(desk: Desk, tmp_path: Path) -> None:
    own = Path(shutil.copytree(COUNTY, tmp_path / "county"))
    assert desk.ask("holidays", "--first", "2021", "--last", "2026", "--county", str(own))["kept"] > 200
    assert desk.call("holidays", "--first", "2026", "--last", "2021", "--county", str(own)).exit_code == 2


# ---- run, status ----

SUMMARY = {"county_code", "week", "release", "counts", "units", "areas", "returned_files"}


def sent(inbox: Path, day: datetime, *rows: str) -> str:
    """An inbox in which D01 sent one file on a day."""
    (inbox / "D01").mkdir(parents=True)
    file = write(inbox / "D01" / f"{day:%m%d}.csv", *rows)
    os.utime(file, (day.timestamp(), day.timestamp()))
    return str(inbox)


def test_run_ends_with_0_when_nothing_was_returned(desk: Desk, tmp_path: Path) -> None:
    inbox = sent(tmp_path / "inbox", datetime(2022, 1, 19, tzinfo=UTC), "CY-01,2022-W03,4", "CY-02,2022-W03,4")
    done = desk.call("run", "--week", "2022-W03", "--inbox", inbox, "--json")
    summary = strict(done.stdout)
    assert set(summary) == SUMMARY | {"failed_units", "intake", "strays"}
    assert (summary["returned_files"], summary["failed_units"]) == ([], {})
    assert {unit["unit_code"]: unit["status"] for unit in summary["units"]}["D01"] == "on_time"
    assert done.exit_code == 0


def test_run_ends_with_1_when_a_file_was_accepted_in_part(desk: Desk, tmp_path: Path) -> None:
    inbox = sent(tmp_path / "inbox", datetime(2022, 1, 26, tzinfo=UTC), "CY-01,2022-W04,4", "CY-02,2022-W04,约4")
    done = desk.call("run", "--week", "2022-W04", "--inbox", inbox, "--json")
    summary = strict(done.stdout)
    assert summary["counts"]["returned"] == 0, "the unit counts as on time"
    assert [file["unit_code"] for file in summary["returned_files"]] == ["D01"]
    assert done.exit_code == 1


def test_run_ends_with_1_when_a_unit_could_not_be_fetched(desk: Desk, tmp_path: Path) -> None:
    (tmp_path / "inbox").mkdir()
    (tmp_path / "inbox" / "D02").write_text("a file where the folder should be")
    done = desk.call("run", "--week", "2022-W03", "--inbox", str(tmp_path / "inbox"), "--json")
    assert list(strict(done.stdout)["failed_units"]) == ["D02"]
    assert done.exit_code == 1


def test_run_says_a_week_to_a_person(desk: Desk) -> None:
    shown = desk.call("run", "--week", "2022-W02")
    assert "2022-W02-R1" in shown.stdout
    assert "应报 · expected" in shown.stdout


def test_status_says_who_reported_and_ends_with_1_before_the_first_release(desk: Desk) -> None:
    done = desk.call("status", "--week", "2022-W02", "--json")
    assert done.exit_code == 0
    summary = strict(done.stdout)
    assert set(summary) == SUMMARY
    assert summary["counts"]["expected"] == len(summary["units"]) == 10
    assert {"area_code", "completion", "worst_light"} <= set(summary["areas"][0])
    early = desk.call("status", "--week", "2022-W40", "--json")
    assert strict(early.stdout)["release"] is None
    assert early.exit_code == 1


# ---- check ----


def test_check_says_one_object_a_file_and_records_nothing(desk: Desk, tmp_path: Path) -> None:
    before = fetch(desk.conn, "SELECT count(*) AS n FROM ledger.receipt")
    good = write(tmp_path / "good.csv", "CY-01,2022-W02,3")
    in_part = write(tmp_path / "in part.csv", "CY-01,2022-W02,3", "CY-02,2022-W02,约3")
    broken = str(tmp_path / "broken.xlsx")
    Path(broken).write_bytes(b"PK\x03\x04")
    done = desk.call("check", good, in_part, broken, "--unit", "D01", "--week", "2022-W02", "--json")
    found = [strict(line) for line in done.stdout.splitlines()]
    assert [each["file"] for each in found] == [good, in_part, broken]
    assert [each["verdict"] for each in found] == ["accepted", "returned", "refused"]
    for each in found:
        assert {"file", "verdict", "reason_code", "message", "rows", "problems"} <= set(each)
        for problem in each["problems"]:
            assert {"sheet", "cell", "reason_code", "message"} <= set(problem)
    assert found[1]["problems"][0]["cell"] == "C3"
    assert done.exit_code == 1
    assert fetch(desk.conn, "SELECT count(*) AS n FROM ledger.receipt") == before


@pytest.mark.parametrize(("value", "code"), [("3", 0), ("约3", 1)])
def test_check_ends_with_1_when_a_row_would_come_back(desk: Desk, tmp_path: Path, value: str, code: int) -> None:
    path = write(tmp_path / "a.csv", "CY-01,2022-W02,3", f"CY-02,2022-W02,{value}")
    assert desk.call("check", path, "--unit", "D01", "--week", "2022-W02").exit_code == code


# ---- template, sample ----


def test_template_writes_the_units_workbook(desk: Desk, tmp_path: Path) -> None:
    out = tmp_path / "D01.xlsx"
    said = desk.ask("template", "--unit", "D01", "--week", "2022-W03", "--out", str(out))
    assert said == {"file": str(out), "rows": said["rows"]}
    assert said["rows"] > 0
    assert load_workbook(out).sheetnames[0] == "填报表"


def test_sample_says_where_things_are(desk: Desk, tmp_path: Path) -> None:
    said = desk.ask("sample", "--weeks", "1", "--seed", "2", "--out", str(tmp_path / "sample"))
    assert said == {"inbox": str(tmp_path / "sample" / "inbox"), "answer": str(tmp_path / "sample" / "answer.json")}
    assert strict(Path(said["answer"]).read_text(encoding="utf-8"))["files"]


# ---- sql ----


def test_sql_gives_types_as_the_database_has_them(desk: Desk) -> None:
    query = (
        "SELECT * FROM (VALUES (1, 1, 0.1::numeric, true, 'a', '2022-01-14 12:00+08'::timestamptz, '2022-01-14'::date),"
        " (2, NULL, 0.33333333333333333333, NULL, NULL, NULL, NULL)) AS t (n, i, x, flag, words, moment, day)"
    )
    assert desk.ask("sql", query) == [
        {"n": 1, "i": 1, "x": Decimal("0.1"), "flag": True, "words": "a", "moment": "2022-01-14T04:00:00+00:00",
         "day": "2022-01-14"},
        {"n": 2, "i": None, "x": Decimal("0.33333333333333333333"), "flag": None, "words": None, "moment": None,
         "day": None},
    ]  # fmt: skip
    assert '"i": 1,' in desk.call("sql", query, "--json").stdout


def test_sql_shows_a_table_to_a_person(desk: Desk) -> None:
    shown = desk.call(
        "sql", "SELECT area_code, completion, NULL AS nothing FROM area_week WHERE week_code = '2022-W02'"
    )
    assert shown.exit_code == 0
    assert "area_code" in shown.stdout
    assert "None" not in shown.stdout


def test_sql_answers_as_known_whatever_the_name(desk: Desk) -> None:
    [first] = desk.ask("sql", "SELECT min(released_at) AS at FROM ops.release")
    for name in ("county_week", "mart.county_week"):
        query = f"SELECT week_code FROM {name} ORDER BY week"
        assert desk.ask("sql", "--as-known", first["at"], query) == [{"week_code": "2022-W01"}]
        assert desk.ask("sql", "--as-known", "2021-12-31", query) == []
        assert {"week_code": "2022-W02"} in desk.ask("sql", query)


# ---- withdraw ----


def test_withdraw_takes_back_once(desk: Desk) -> None:
    command = ("withdraw", "--unit", "D01", "--week", "2022-W01", "--reason", "报错单位")
    assert desk.ask(*command) == {"unit": "D01", "week": "2022-W01", "withdrawn": 1}
    assert desk.ask(*command) == {"unit": "D01", "week": "2022-W01", "withdrawn": 0}


# ---- bad usage and failure ----

NOWHERE = "{tmp}/not there"
BAD = {
    "a word for a week": (["run", "--week", "banana"], "没有“banana”这一周", "write it like 2022-W02"),
    "a week 53 that is none": (["status", "--week", "2022-W53"], "没有“2022-W53”这一周", "there is no week 2022-W53"),
    "a week beyond the calendar": (["run", "--week", "1999-W02"], "督查日历中没有", "calendar has no 1999-W02"),
    "status of a word": (["status", "--week", "banana"], "请写成2022-W02", "there is no week banana"),
    "check of a word": (["check", __file__, "--week", "banana"], "请写成2022-W02", "there is no week banana"),
    "check of no unit": (["check", __file__, "--unit", "ZZZ"], "没有单位ZZZ", "there is no unit ZZZ"),
    "check of no file": (["check", NOWHERE], "没有文件", "is no file"),
    "check of a folder": (["check", "{tmp}"], "没有文件", "name the files in a folder"),
    "template of no unit": (
        ["template", "--unit", "ZZZ", "--week", "2022-W02", "--out", "{tmp}/a.xlsx"],
        "没有单位ZZZ",
        "use a code of units.csv",
    ),
    "template to nowhere": (
        ["template", "--unit", "D01", "--week", "2022-W02", "--out", f"{NOWHERE}/a.xlsx"],
        "无法写到",
        "cannot be written",
    ),
    "sample onto a file": (["sample", "--out", __file__], "无法写到", "name a folder"),
    "withdrawal of no unit": (
        ["withdraw", "--unit", "ZZZ", "--week", "2022-W02", "--reason", "x"],
        "没有单位ZZZ",
        "there is no unit ZZZ",
    ),
    "withdrawal without a reason": (
        ["withdraw", "--unit", "D01", "--week", "2022-W02", "--reason", " "],
        "请写明原因",
        "say why",
    ),
    "withdrawal that names a person": (
        ["withdraw", "--unit", "D01", "--week", "2022-W02", "--reason", "问13800138000"],
        "不要有身份证号",
        "without an identity or phone number",
    ),
    "a county that is none": (["status", "--week", "2022-W02", "--county", "{tmp}"], "没有county", "county's folder"),
    "an inbox that is none": (["run", "--week", "2022-W02", "--inbox", NOWHERE], "没有收件目录", "check the path"),
    "a time that is none": (["sql", "--as-known", "yesterday", "SELECT 1"], "不是ISO时间", "is no ISO time"),
    "a run's time that is none": (["run", "--week", "2022-W02", "--known-at", "x"], "不是ISO时间", "is no ISO time"),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_usage_ends_with_2_and_says_what_to_do(desk: Desk, case: str, tmp_path: Path) -> None:
    arguments, zh, en = BAD[case]
    done = desk.call(*(each.replace("{tmp}", str(tmp_path)) for each in arguments))
    assert list(tmp_path.iterdir()) == []
    assert done.exit_code == 2
    assert zh in words(done)
    assert en.replace(" ", "") in words(done)
    assert done.stdout == ""


def test_a_county_of_the_environment_that_is_none_is_bad_usage_too(desk: Desk) -> None:
    done = desk.call("status", "--week", "2022-W02", DUCHA_COUNTY=NOWHERE)
    assert done.exit_code == 2
    assert "DUCHA_COUNTY" in words(done)
    assert desk.call("sql", "SELECT 1", DUCHA_COUNTY=NOWHERE).exit_code == 0, "a query needs no county"


def test_a_file_that_may_not_be_read_is_bad_usage(desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(tmp_path / "a.csv")
    monkeypatch.setattr(os, "access", lambda *_: False)  # root, as in many containers, may read everything
    done = desk.call("check", path)
    assert done.exit_code == 2
    assert "无权读取" in words(done)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["sql", "SELEC 1"], "syntax error"),
        (["sql", "DELETE FROM ledger.receipt"], ""),
        (["template", "--unit", "D01", "--week", "2022-W05", "--out", "{tmp}/a.xlsx"], "2022-W05"),
        (["run", "--week", "2022-W05"], "没有工作日"),
    ],
)
def test_a_failure_ends_with_1_and_one_message(
    desk: Desk, arguments: list[str], said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    monkeypatch.setenv("DUCHA_DATABASE_URL", desk.url)
    monkeypatch.setenv("DUCHA_HOME", str(desk.home))
    monkeypatch.setenv("DUCHA_COUNTY", str(COUNTY))
    monkeypatch.setattr("sys.argv", ["ducha", *(each.replace("{tmp}", str(tmp_path)) for each in arguments)])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 1
    captured = capsys.readouterr()
    assert said in captured.err
    assert captured.err.strip()
    assert "Traceback" not in captured.err


def test_diff_lists_what_became_known_between_two_instants(desk: Desk) -> None:
    """Between the cut-offs of the two weeks of the sample the second week's reports came."""
    query = """SELECT min(known_at) - interval '1 hour' AS first, max(known_at) AS last
               FROM ledger.submission WHERE week_code = %s"""
    (span,) = fetch(desk.conn, query, ("2022-W02",))
    times = ["--from", span["first"].isoformat(), "--to", span["last"].isoformat()]
    found = desk.ask("diff", "--week", "2022-W02", *times)
    states = [figure for figure in found["figures"] if figure["column"] == "state" and figure["after"] == "counted"]
    assert states
    assert all("2022-W02" in figure["reason"] for figure in states)
    shown = desk.call("diff", "--week", "2022-W02", *times)
    assert shown.exit_code == 0
    assert f"{len(found['figures'])} 个数字不同" in shown.output
    backwards = desk.call("diff", "--week", "2022-W02", "--from", times[3], "--to", times[1])
    assert backwards.exit_code == 2
