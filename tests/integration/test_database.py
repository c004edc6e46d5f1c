"""COPY in both directions, migrations and the analyst's door."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import numpy as np
import pandas as pd
import psycopg2
import pytest
from ducha.embedded import EmbeddedPostgres
from ducha.ledger.facts import record_facts
from ducha.warehouse.analyst import ask
from ducha.warehouse.database import MIGRATIONS, copy_in, copy_out, fetch, insert, migrate, transaction

NASTY = ["\\.", 'a "quoted", line\nand another', "逗号，引号“”", "", " \\N ", "=1+1", "Ω≈ç√∫"]


def test_what_is_copied_in_comes_out_the_same(conn) -> None:
    with conn, conn.cursor() as cur:
        cur.execute("""CREATE TABLE public.kinds (position int, words text, share numeric, flag boolean, day date,
                       moment timestamptz, counted int)""")
    count = len(NASTY)
    frame = pd.DataFrame(
        {
            "position": range(count),
            "words": NASTY,
            "share": [0.1, np.nan, 1 / 3, -2.5e-9, 0.0, 1e15, 7],
            "flag": pd.array([True, None, False, True, None, False, True], dtype="boolean"),
            "day": pd.to_datetime(["2022-01-10", None, *["2022-12-31"] * (count - 2)]),
            "moment": [
                datetime(2022, 1, 13, 17, 0, 0, 5, UTC),
                None,
                *[datetime(2022, 1, 1, tzinfo=UTC)] * (count - 2),
            ],
            "counted": [1.0, np.nan, *[3.0] * (count - 2)],
        }
    )
    with conn:
        assert copy_in(conn, "public.kinds", frame) == count
    back = copy_out(conn, "SELECT * FROM public.kinds ORDER BY position")
    assert list(back["words"]) == NASTY
    assert back["share"].equals(frame["share"])
    assert back["counted"].tolist() == [1, pd.NA, 3, 3, 3, 3, 3]
    assert back["flag"].dtype == "boolean"
    assert back["flag"].isna().tolist() == frame["flag"].isna().tolist()
    assert back["day"].isna().tolist() == frame["day"].isna().tolist()
    assert back["moment"][0] == frame["moment"][0]
    empty = copy_out(conn, "SELECT * FROM public.kinds WHERE false")
    assert empty.columns.tolist() == frame.columns.tolist()
    assert str(empty["words"].dtype) == "str"


def test_a_column_the_table_lacks_is_an_error(conn) -> None:
    with pytest.raises(ValueError, match="surprise"):
        copy_in(conn, "ledger.receipt", pd.DataFrame({"surprise": [1]}))


MOMENT = datetime(2022, 1, 13, tzinfo=UTC)
CLOCKS = {"received_at": MOMENT, "known_at": MOMENT}


def fact_of_a_submission(conn, table: str) -> dict[str, object]:
    """Record a submission of one row, `r1:2022-W02`; return the fact that it may have."""
    texts = {
        "progress": {"reason", "measure", "next_step", "evidence"},
        "inspection": {"method", "sample_kind", "finding", "guidance"},
    }
    sent = {"county_code": "990001", "receipt_id": "r1", "unit_code": "D01", "kind": "progress", "ordinal": 1, **CLOCKS}
    insert(conn, "ledger.receipt", [{**sent, "source": "folder", "path": "D01/a", "sha256": "", "byte_count": 0}])
    counts = {"row_count": 1, "accepted_rows": 1, "rejected_rows": 0}
    week = {"week": MOMENT, "week_code": "2022-W02"}
    about = {"submission_id": "r1:2022-W02", "verdict": "accepted", "batch_id": "b"}
    insert(conn, "ledger.submission", [{**sent, **counts, **week, **about}])
    return {
        "county_code": "990001",
        "sheet": "",
        "unit_code": "D01",
        "week": MOMENT,
        "responsibility_code": "R01",
        "item": "",
        **({"no_change": False} if table == "progress" else {}),
        **dict.fromkeys(texts[table], ""),
        **CLOCKS,
    }


@pytest.mark.parametrize("table", ["progress", "inspection"])
def test_a_fact_without_its_submission_is_refused(conn, table: str) -> None:
    """Asked once a load: one lost row among others is found, half a submission is, and nothing of the load stays."""
    with conn:
        fact = fact_of_a_submission(conn, table)
    rows = [{**fact, "row_no": number, "submission_id": name} for number, name in enumerate(["r1:2022-W02", "lost"])]
    whole, half, lost = pd.DataFrame(rows[:1]), pd.DataFrame([rows[0], {**rows[0], "row_no": 9}]), pd.DataFrame(rows)
    with conn:
        assert record_facts(conn, f"ledger.{table}", whole) == 1
    for record in (record_facts, copy_in):  # into the table of the week, and through the table of all weeks
        with pytest.raises(psycopg2.errors.ForeignKeyViolation, match="没有报送 lost · no submission lost"), conn:
            record(conn, f"ledger.{table}", lost.assign(row_no=[5, 6]))
        with pytest.raises(psycopg2.errors.CheckViolation, match="has 1 rows, 2 came"), conn:
            record(conn, f"ledger.{table}", half.assign(row_no=[7, 8]))
    assert fetch(conn, f"SELECT count(*) AS n FROM ledger.{table}") == [{"n": 1}]
    with pytest.raises(psycopg2.errors.RaiseException, match="只增不改"), conn, conn.cursor() as cur:
        cur.execute(f"DELETE FROM ledger_week.{table}_2022w02")


@pytest.mark.parametrize("table", ["progress", "inspection"])
def test_a_warehouse_from_before_the_tables_of_weeks_keeps_its_facts(postgres: EmbeddedPostgres, table: str) -> None:
    url, query = postgres.new_database(), f"SELECT * FROM ledger.{table} ORDER BY week"
    assert migrate(url, "0006") == "0006"
    with transaction(url) as conn:
        fact = {**fact_of_a_submission(conn, table), "row_no": 2, "value": 1.25}
        weeks = {"2022w02": MOMENT, "2020w53": datetime(2020, 12, 28, tzinfo=UTC),
                 "2021w01": datetime(2021, 1, 4, tzinfo=UTC)}  # fmt: skip
        with conn.cursor() as cur:
            for code in ("2020w53", "2021w01"):
                cur.execute(
                    """INSERT INTO ledger.submission
                       SELECT county_code, %s, receipt_id, unit_code, kind, %s, week_code, verdict, row_count,
                              accepted_rows, rejected_rows, ordinal, received_at, known_at, batch_id
                       FROM ledger.submission WHERE submission_id = 'r1:2022-W02'""",
                    (code, weeks[code]),
                )
        rows = [{**fact, "week": week, "submission_id": code} for code, week in weeks.items() if code != "2022w02"]
        copy_in(conn, f"ledger.{table}", pd.DataFrame([{**fact, "submission_id": "r1:2022-W02"}, *rows]))
        before = fetch(conn, query)
    migrate(url)
    with transaction(url) as conn:
        assert fetch(conn, query) == before
        places = fetch(conn, f"SELECT tableoid::regclass::text AS name FROM ledger.{table}")
        assert {row["name"] for row in places} == {f"ledger_week.{table}_{code}" for code in weeks}
        with pytest.raises(psycopg2.errors.ForeignKeyViolation, match="no submission r9"):
            record_facts(conn, f"ledger.{table}", pd.DataFrame([{**fact, "submission_id": "r9"}]))
        conn.rollback()


def test_two_loads_that_come_at_once_make_the_table_of_a_week_once(postgres: EmbeddedPostgres) -> None:
    url = postgres.new_database()
    migrate(url)

    def first_of_week(_: int) -> str:
        with transaction(url) as conn:
            return fetch(conn, "SELECT ledger.week_table('progress', '2022-12-31') AS name")[0]["name"]

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(first_of_week, range(8))) == ["ledger_week.progress_2022w52"] * 8
    with transaction(url) as conn:
        of_weeks = fetch(conn, "SELECT inhrelid::regclass::text AS name FROM pg_inherits "
                               "WHERE inhparent = 'ledger.progress'::regclass")  # fmt: skip
    assert of_weeks == [{"name": "ledger_week.progress_2022w52"}]


def test_a_figure_without_its_release_is_refused(two_releases) -> None:
    row = {
        "county_code": "990001", "week": datetime(2022, 1, 10, tzinfo=UTC), "week_code": "2022-W02", "plan_year": 2022,
        "responsibility_code": "R01", "unit_code": "D01", "kind": "task", "measure": "total", "role": "lead",
        "share": 1, "weight": 1, "raw_light": "green", "light": "green", "is_near_due": False, "state": "counted",
        "is_report_due": True, "is_baseline_assumed": False,
    }  # fmt: skip
    table = "mart.responsibility_unit_week_release"
    with two_releases:
        copy_in(two_releases, table, pd.DataFrame([{**row, "release_id": "2022-W02-R1"}]))
    with pytest.raises(psycopg2.errors.ForeignKeyViolation, match="R9"), two_releases:
        copy_in(two_releases, table, pd.DataFrame([{**row, "release_id": "2022-W02-R9"}]))


def test_migrations_started_at_once_run_once(postgres: EmbeddedPostgres) -> None:
    url = postgres.new_database()
    newest = max(path.name for path in MIGRATIONS.iterdir() if path.name.isdecimal())
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(migrate, [url] * 4)) == [newest] * 4


def test_every_table_and_column_says_what_it_is(conn) -> None:
    query = """SELECT c.table_schema, c.table_name, c.column_name
               FROM information_schema.columns c
               JOIN pg_class r ON r.oid = (quote_ident(table_schema) || '.' || quote_ident(table_name))::regclass
               WHERE table_schema IN ('catalogue', 'ledger', 'mart', 'ops') AND table_name <> 'schema_version'
                 AND (col_description(r.oid, ordinal_position) IS NULL OR obj_description(r.oid) IS NULL)"""
    assert fetch(conn, query) == []
    count = fetch(conn, "SELECT count(*) AS n FROM information_schema.columns WHERE table_schema = 'mart'")
    assert count[0]["n"] > 300


def test_every_key_starts_with_the_county(conn) -> None:
    query = """SELECT r.relname, a.attname FROM pg_index i JOIN pg_class r ON r.oid = i.indrelid
               JOIN pg_namespace n ON n.oid = r.relnamespace
               JOIN pg_attribute a ON a.attrelid = r.oid AND a.attnum = i.indkey[0]
               WHERE i.indisprimary AND n.nspname IN ('catalogue', 'ledger', 'mart', 'ops')
                 AND r.relname <> 'schema_version'"""
    keys = fetch(conn, query)
    assert len(keys) >= 30
    assert {row["attname"] for row in keys} == {"county_code"}


def test_the_analyst_reads_with_short_names(conn) -> None:
    frame = ask(conn, "SELECT area_code, completion FROM area_week;")
    assert frame.columns.tolist() == ["area_code", "completion"]


@pytest.fixture
def two_releases(conn):
    """A week released on Friday and again, corrected, on Monday."""
    with conn, conn.cursor() as cur:
        for number, (day, completion) in enumerate([(14, "0.25"), (17, "0.75")], start=1):
            cur.execute(
                "INSERT INTO ops.release VALUES ('990001', %(id)s, '2022-01-10', '2022-W02', %(n)s, %(at)s, %(at)s, "
                "'audited', %(id)s)",
                {"id": f"2022-W02-R{number}", "n": number, "at": datetime(2022, 1, day, 4, tzinfo=UTC)},
            )
            cur.execute(
                "INSERT INTO mart.area_week_release (county_code, release_id, week, area_code, week_code, completion, "
                "responsibility_count) VALUES ('990001', %s, '2022-01-10', 'A01', '2022-W02', %s, 1)",
                (f"2022-W02-R{number}", completion),
            )
    return conn


NAMES = [
    "area_week",
    "mart.area_week",
    '"mart"."area_week"',
    "MART . area_week",
    "(SELECT * FROM mart.area_week) AS sub",
]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    ("day", "completions"), [(13, []), (14, ["0.25"]), (16, ["0.25"]), (17, ["0.75"]), (None, ["0.75"])]
)
def test_as_known_is_what_was_released_by_then_under_every_name(two_releases, name, day, completions) -> None:
    then = day and datetime(2022, 1, day, 4, tzinfo=UTC)
    frame = ask(two_releases, f"SELECT completion FROM {name}", then)
    assert [str(value) for value in frame["completion"]] == completions


def test_as_known_ends_with_its_question(two_releases) -> None:
    ask(two_releases, "SELECT 1", datetime(2022, 1, 14, 4, tzinfo=UTC))
    assert ask(two_releases, "SELECT release_id FROM area_week")["release_id"].tolist() == ["2022-W02-R2"]
    assert fetch(two_releases, "SELECT count(*) AS n FROM mart.area_week_release")[0]["n"] == 2


def test_as_known_equals_the_function_of_that_name(two_releases) -> None:
    then = datetime(2022, 1, 15, tzinfo=UTC)
    query = "SELECT * FROM {} ORDER BY week, area_code"
    by_function = ask(two_releases, query.format("mart.area_week_as_known('2022-01-15 00:00+00')"))
    assert ask(two_releases, query.format("mart.area_week"), then).equals(by_function)
    assert len(by_function) == 1


@pytest.mark.parametrize(
    "query",
    [
        "DELETE FROM ledger.receipt RETURNING *",
        "WITH gone AS (DELETE FROM mart.bulletin RETURNING *) SELECT * FROM gone",
        "SELECT 1; RESET ROLE; DELETE FROM mart.bulletin",
        "CREATE TABLE mart.mine (a int)",
        "SELECT set_config('role', 'postgres', false), set_config('transaction_read_only', 'off', false)",
    ],
)
def test_the_analyst_cannot_write(conn, query: str) -> None:
    with pytest.raises(psycopg2.Error):
        ask(conn, query)
