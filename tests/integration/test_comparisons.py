"""The views of `mart` beside the releases: year on year, and the four elements (`metrics.md` 1 and 8)."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pandas as pd
import psycopg2
import pytest
from ducha.county.loading import load_county
from ducha.embedded import EmbeddedPostgres
from ducha.warehouse.catalogue import sync_catalogue
from ducha.warehouse.database import connect, copy_in, fetch, migrate

from tests.small_county import FULL_COUNTY

CODE = "990777"
CASES = {
    # reported, verified, a year before, tolerance → difference, change
    "R01": (110, None, 100, None, 10, 0.1),
    "R02": (110, 95, 100, None, -5, -0.05),  # verified where a check has a part in it
    "R03": (-80, None, -100, None, 20, 0.2),  # over the size of what was, so that less debt is more
    "R04": (5, None, -10, None, 15, None),  # a change of sign
    "R05": (5, None, 0, None, 5, None),  # nothing to divide by
    "R06": (3, None, 1, 2, 2, None),  # what was is below the tolerance
    "R07": (3, None, 2, 2, 1, 0.5),  # and just not below it
    "R08": (0, None, 4, None, -4, -1.0),
}
ROW = {
    "county_code": CODE, "unit_code": "D01", "kind": "indicator", "measure": "total", "role": "lead", "share": 1,
    "weight": 1, "raw_light": "green", "light": "green", "is_near_due": False, "state": "counted",
    "is_report_due": True, "is_baseline_assumed": False,
}  # fmt: skip
DUTY = {
    "county_code": CODE, "plan_year": 2021, "title_zh": "某事", "title_en": "A matter", "area_code": "A01",
    "kind": "indicator", "measure": "total", "direction": "up", "time_basis": "to_date", "unit_of_measure": "",
    "target_authority": "", "is_sample_target": False, "weight": 1, "cadence": "weekly", "season": "",
    "plan_shape": "linear", "plan_points": "", "leader_code": "L01", "task_force_code": "", "source_section": "",
    "definition": "", "known_from": datetime(2020, 1, 1, tzinfo=UTC), "loaded_by": "test",
}  # fmt: skip


def release(
    conn: psycopg2.extensions.connection,
    week: pd.Timestamp,
    number: int,
    values: dict[str, tuple[Any, Any]],
    plan_year: int = 0,
) -> None:
    """Write a release of a week with reported and verified values."""
    code = week.strftime("%G-W%V")
    at = week.tz_localize("UTC") + pd.Timedelta(days=4, hours=number)
    about = {"county_code": CODE, "release_id": f"{code}-R{number}", "week": week, "week_code": code}
    copy_in(conn, "ops.release", pd.DataFrame([{**about, "release_no": number, "released_at": at, "facts_frozen_at": at,
                                                "status": "audited", "content_sha256": ""}]))  # fmt: skip
    about |= {"plan_year": plan_year or int(code[:4])}
    rows = [{**ROW, **about, "responsibility_code": duty, "reported_value": reported, "verified_value": verified}
            for duty, (reported, verified) in values.items()]  # fmt: skip
    copy_in(conn, "mart.responsibility_unit_week_release", pd.DataFrame(rows).astype({"verified_value": "float64"}))


@pytest.fixture(scope="module")
def compared(postgres: EmbeddedPostgres) -> Iterator[psycopg2.extensions.connection]:
    """Two years of one unit: week 5 of both, corrected once, and a week 53 after a week 52."""
    url = postgres.new_database()
    migrate(url)
    conn = connect(url)
    with conn:
        duties = [{**DUTY, "responsibility_code": code, "tolerance": case[3]} for code, case in CASES.items()]
        copy_in(conn, "catalogue.responsibility", pd.DataFrame(duties).astype({"tolerance": "float64"}))
        release(conn, pd.Timestamp("2020-01-27"), 1, {code: (case[2], None) for code, case in CASES.items()})
        release(conn, pd.Timestamp("2021-02-01"), 1, dict.fromkeys(CASES, (1, None)))
        release(conn, pd.Timestamp("2021-02-01"), 2, {code: case[:2] for code, case in CASES.items()})
        release(conn, pd.Timestamp("2019-12-23"), 1, {"R01": (40, None)}, plan_year=2020)  # cut off after new year
        release(conn, pd.Timestamp("2020-12-28"), 1, {"R01": (50, None)})
    yield conn
    conn.close()


def test_each_row_stands_beside_its_week_a_year_before(compared: psycopg2.extensions.connection) -> None:
    query = "SELECT *, change::float8 AS rate FROM mart.year_on_year_week WHERE week_code = '2021-W05'"
    found = fetch(compared, query)
    assert {row["responsibility_code"]: (row["difference"], row["rate"]) for row in found} == {
        code: (case[4], None if case[5] is None else pytest.approx(case[5])) for code, case in CASES.items()
    }
    assert {(str(row["prior_week"]), row["release_id"], row["prior_release_id"]) for row in found} == {
        ("2020-01-27", "2021-W05-R2", "2020-W05-R1")
    }


def test_week_53_stands_beside_week_52(compared: psycopg2.extensions.connection) -> None:
    query = (
        "SELECT prior_week::text, difference, change::float8 FROM mart.year_on_year_week WHERE week_code = '2020-W53'"
    )
    assert fetch(compared, query) == [{"prior_week": "2019-12-23", "difference": 10, "change": pytest.approx(0.25)}]


def test_it_answers_as_known_then(compared: psycopg2.extensions.connection) -> None:
    with compared, compared.cursor() as cur:
        cur.execute("SET LOCAL ducha.as_known = '2021-02-05 01:30Z'")
        cur.execute("SELECT DISTINCT value, release_id FROM mart.year_on_year_week WHERE week_code = '2021-W05'")
        assert cur.fetchall() == [(1, "2021-W05-R1")]


ELEMENTS = {
    # duty, its lead's assignment → has_target, is_incomplete, is_quantified
    "Q01": ({"target": 5}, {}, (True, False, True)),
    "Q02": ({}, {"target": 5}, (True, False, True)),  # set for the unit alone
    "Q03": ({"measure": "stages"}, {}, (True, False, True)),  # without items it is one stage
    "Q04": ({"measure": "range", "target_high": 3}, {}, (True, False, True)),
    "Q05": ({}, {}, (False, False, False)),
    "Q06": ({"target": 5, "due_on": None}, {}, (True, False, False)),
    "Q07": ({"target": 5, "leader_code": ""}, {}, (True, True, False)),
    "Q08": ({"target": 5}, {"role": "cooperating", "share": 0}, (True, True, False)),
    "Q09": ({}, {"role": "cooperating", "share": 0, "target": 5}, (False, True, False)),  # who only helps has no target
}


def test_each_element_is_seen(postgres: EmbeddedPostgres) -> None:
    url = postgres.new_database()
    migrate(url)
    conn = connect(url)
    given = {"county_code": CODE, "plan_year": 2021, "known_from": DUTY["known_from"], "loaded_by": "test"}
    duties = [{**DUTY, "due_on": pd.Timestamp("2021-12-31"), "responsibility_code": code, **duty}
              for code, (duty, _, _) in ELEMENTS.items()]  # fmt: skip
    leads = [{**given, "unit_code": "D01", "role": "lead", "share": 1, "responsibility_code": code, **lead}
             for code, (_, lead, _) in ELEMENTS.items()]  # fmt: skip
    with conn:
        copy_in(conn, "catalogue.responsibility", pd.DataFrame(duties))
        copy_in(conn, "catalogue.assignment", pd.DataFrame(leads))
    with conn:
        found = fetch(conn, "SELECT * FROM mart.responsibility_element")
        (rate,) = fetch(conn, "SELECT responsibility_count, quantified_count FROM mart.quantification")
    conn.close()
    said = {
        row["responsibility_code"]: (row["has_target"], row["is_incomplete"], row["is_quantified"]) for row in found
    }
    assert said == {code: expected for code, (_, _, expected) in ELEMENTS.items()}
    assert rate == {"responsibility_count": 9, "quantified_count": 4}


def test_the_quantification_rate_is_that_of_the_county_files(postgres: EmbeddedPostgres) -> None:
    """Beside a plain count over the catalogue's own frames."""
    county = load_county(FULL_COUNTY)
    url = postgres.new_database()
    migrate(url)
    conn = connect(url)
    with conn:
        sync_catalogue(conn, county, datetime(2022, 1, 1, tzinfo=UTC), "test")
    duties, key = county.responsibilities, ["plan_year", "responsibility_code"]
    led = duties.merge(county.assignments.query("role == 'lead'")[key].drop_duplicates(), how="left", indicator="lead")
    aimed = county.assignments.query("share > 0 and target.notna()")[key].drop_duplicates()
    aims = duties.merge(aimed, how="left", indicator="aim")["aim"] == "both"
    own = duties[["target", "target_low", "target_high"]].notna().any(axis=1)
    has_target = own | aims.to_numpy() | (duties["measure"] == "stages")
    has_subject = (led["lead"] == "both").to_numpy() & (duties["leader_code"] != "").to_numpy()
    is_quantified = has_subject & duties["due_on"].notna() & has_target
    (found,) = fetch(conn, "SELECT * FROM mart.quantification")
    assert (found["responsibility_count"], found["quantified_count"]) == (len(duties), is_quantified.sum())
    assert float(found["quantification_rate"]) == pytest.approx(is_quantified.mean())
    assert 0 < found["quantified_count"] < found["responsibility_count"]
    (counted,) = fetch(conn, "SELECT count(*) AS n FROM mart.responsibility_element WHERE is_incomplete")
    assert counted["n"] == (~has_subject).sum()
    conn.close()
