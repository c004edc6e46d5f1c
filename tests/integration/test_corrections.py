"""A late or corrected fact: its week and those after it are computed anew, and what was published says so."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from ducha.pipeline.publish import draft_bulletin, publish_bulletin
from ducha.pipeline.week import difference_between

from tests.integration.office import WEEK, Office

NEXT = "2022-W03"


def publish(office: Office, week: str) -> None:
    code = office.catalogue.county_code
    made = draft_bulletin(office.conn, office.settings, code, week)
    publish_bulletin(office.conn, code, made.bulletin_id, made.release_id, "督查室", datetime.now(UTC))


def corrections(office: Office, table: str, column: str) -> list[dict[str, Any]]:
    return office.ask(
        'SELECT * FROM mart.correction WHERE "table" = %s AND "column" = %s ORDER BY correction_id', table, column
    )


@pytest.fixture
def published(office: Office) -> Office:
    """Two weeks out: D01 reported both, D02 nothing."""
    office.put("D01", "a.csv", ("CY-01", 10), week=WEEK)
    office.run(WEEK)
    publish(office, WEEK)
    office.run(NEXT)
    publish(office, NEXT)
    return office


def test_a_correction_reaches_its_week_and_the_week_that_carries_it(published: Office) -> None:
    published.put("D01", "b.csv", ("CY-01", 12), week=WEEK)
    published.run(NEXT)
    changed = corrections(published, "responsibility_unit_week", "reported_value")
    assert [(c["week_code"], c["before"], c["after"]) for c in changed] == [(WEEK, "10", "12"), (NEXT, "10", "12")]
    assert [c["key"] for c in changed] == [{"plan_year": 2022, "unit_code": "D01", "responsibility_code": "CY-01"}] * 2
    assert changed[0]["reason"] == f"D01 {WEEK} 更正1行 · D01 {WEEK} 1 corrected"
    assert [(c["corrected_release_id"], c["release_id"]) for c in changed] == [
        (f"{week}-R1", f"{week}-R2") for week in (WEEK, NEXT)
    ]


def test_its_effect_on_completion_is_what_the_figures_differ_by(published: Office) -> None:
    published.put("D01", "b.csv", ("CY-01", 12), week=WEEK)
    published.run(NEXT)
    for table in ("responsibility_unit_week", "unit_week", "county_week", "area_week"):
        for found in corrections(published, table, "completion"):
            assert float(found["completion_effect"]) == pytest.approx(float(found["after"]) - float(found["before"]))
            assert float(found["completion_effect"]) > 0
        assert corrections(published, table, "completion"), table


def test_nothing_new_is_computed_twice(published: Office) -> None:
    published.put("D01", "b.csv", ("CY-01", 12), week=WEEK)
    published.run(NEXT)
    releases = published.ask("SELECT release_id FROM ops.release ORDER BY 1")
    counted = published.ask("SELECT count(*) AS n FROM mart.correction")
    published.run(NEXT)
    assert published.ask("SELECT release_id FROM ops.release ORDER BY 1") == releases
    assert published.ask("SELECT count(*) AS n FROM mart.correction") == counted


def test_a_late_report_says_that_it_is_late_and_whose(published: Office) -> None:
    published.put("T01", "late.csv", ("XC-05", 2), week=WEEK)
    published.run(NEXT)
    (state,) = [c for c in corrections(published, "responsibility_unit_week", "state") if c["week_code"] == WEEK]
    assert (state["before"], state["after"]) == ("missing", "counted")
    assert state["reason"] == f"T01 {WEEK} 迟报1行 · T01 {WEEK} 1 late"
    assert state["known_at"] is not None


def test_two_known_times_of_a_week_differ_by_what_came_between(published: Office) -> None:
    (asked,) = published.ask("SELECT now() AS at")
    published.put("D01", "b.csv", ("CY-01", 12), week=WEEK)
    published.run(NEXT)
    (later,) = published.ask("SELECT now() AS at")
    found = difference_between(published.conn, published.settings, WEEK, asked["at"], later["at"])
    values = [f for f in found["figures"] if f["column"] == "reported_value"]
    assert [(f["before"], f["after"], f["key"]["unit_code"]) for f in values] == [("10", "12", "D01")]
    (newest,) = published.ask("SELECT release_id FROM mart.county_week WHERE week_code = %s", WEEK)
    assert newest["release_id"] == f"{WEEK}-R2", "what-ifs are never shown"
    stated = {
        (c["table"], c["column"]) for c in published.ask("SELECT * FROM mart.correction WHERE week_code = %s", WEEK)
    }
    assert stated == {(f["table"], f["column"]) for f in found["figures"]}


def test_a_week_that_was_never_published_has_nothing_to_correct(office: Office) -> None:
    office.put("D01", "a.csv", ("CY-01", 10), week=WEEK)
    office.run(WEEK)
    office.put("D01", "b.csv", ("CY-01", 12), week=WEEK)
    office.run(WEEK)
    assert office.values() == {"D01 CY-01": 12.0}
    assert office.ask("SELECT 1 FROM mart.correction") == []


def of_two_years(office: Office) -> None:
    """The county's duties a year earlier too, with the earlier year's dates."""
    for name in ("responsibilities", "assignments", "items"):
        path = office.settings.county_dir / f"{name}.csv"
        header, *rows = path.read_text(encoding="utf-8-sig").splitlines()
        earlier = [row.replace("2022", "2021") for row in rows]
        path.write_text("\n".join([header, *rows, *earlier]) + "\n", encoding="utf-8")


def test_two_plan_years_are_open_at_once(office: Office) -> None:
    of_two_years(office)
    old, new = "2021-W51", "2022-W02"
    office.put("D01", "a.csv", ("CY-01", 6), week=old)
    office.run(old)
    publish(office, old)
    office.put("D01", "b.csv", ("CY-01", 1), week=new)
    office.run(new)
    office.put("D01", "c.csv", ("CY-01", 9), week=old)
    office.run(new)
    rows = office.ask(
        "SELECT plan_year, week_code, release_id, reported_value::float FROM mart.responsibility_unit_week "
        "WHERE responsibility_code = 'CY-01' AND unit_code = 'D01' AND week_code = ANY(%s) ORDER BY week", [old, new]
    )  # fmt: skip
    assert [tuple(row.values()) for row in rows] == [(2021, old, f"{old}-R2", 9.0), (2022, new, f"{new}-R1", 1.0)]
    (changed,) = corrections(office, "responsibility_unit_week", "reported_value")
    assert (changed["key"]["plan_year"], changed["week_code"], changed["after"]) == (2021, old, "9")


def test_a_year_whose_duties_are_gone_stays_as_it_was_said(office: Office) -> None:
    of_two_years(office)
    old, new = "2021-W51", "2022-W02"
    office.put("D01", "a.csv", ("CY-01", 6), week=old)
    office.run(old)
    for name in ("responsibilities", "assignments", "items"):
        path = office.settings.county_dir / f"{name}.csv"
        kept = [line for line in path.read_text(encoding="utf-8").splitlines() if not line.startswith("2021")]
        path.write_text("\n".join(kept) + "\n", encoding="utf-8")
    office.put("D01", "c.csv", ("CY-01", 9), week=old)
    assert office.run(new)["week"] == new
    assert [r["release_id"] for r in office.ask("SELECT release_id FROM ops.release WHERE week_code = %s", old)] == [
        f"{old}-R1"
    ]


def test_every_kind_of_news_is_named_for_what_it_is(published: Office) -> None:
    """A returned file, a check and a changed target: each reason says which, and areas above a duty's own too."""
    bad = published.put("D02", "bad.csv", ("CY-01", 5), week=WEEK)
    bad.write_text(bad.read_text(encoding="utf-8").replace(",5", ",many"), encoding="utf-8")
    published.run(NEXT)
    (returned,) = corrections(published, "submission_week", "rejected_rows")
    assert returned["reason"] == f"D02 {WEEK} 退回1行 · D02 {WEEK} 1 returned"
    checks = published.settings.inbox / "_inspection"
    checks.mkdir()
    (checks / "check.csv").write_text(
        "unit_code,week,responsibility_code,item,value,checked_on,method,sample_kind,finding,guidance\n"
        f"D01,{WEEK},CY-01,,8,2022-01-14,现场,random,少报,核实\n", encoding="utf-8"
    )  # fmt: skip
    published.run(NEXT)
    said = f"D01 {WEEK} 核查1行 · D01 {WEEK} 1 checked"
    for table in ("verification_week", "responsibility_unit_week", "area_week"):
        found = corrections(published, table, "verified" if table == "verification_week" else "completion")
        assert said in found[-1]["reason"], (table, found)


def test_a_first_report_after_the_cut_off_is_named_late(office: Office) -> None:
    office.put("D01", "a.csv", ("CY-01", 10), week=WEEK)
    office.run(WEEK)
    late = office.ask("SELECT known_at AS t FROM ledger.submission")[0]["t"]
    answer = difference_between(office.conn, office.settings, WEEK, late - timedelta(minutes=1), late)
    reasons = {figure["reason"] for figure in answer["figures"] if figure["table"] == "responsibility_unit_week"}
    assert f"D01 {WEEK} 迟报1行 · D01 {WEEK} 1 late" in reasons
