"""The figures of a bulletin: each found again by its own query, each counted by hand."""

import re
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace

import pytest

from tests.integration.bulletin.issue import draft, figures_of, rows_of


def test_every_figure_is_found_again_by_its_own_query(county: SimpleNamespace, tmp_path: Path) -> None:
    draft(county, tmp_path)
    figures = figures_of(county)
    assert len(figures) > 500
    for code, figure in figures.items():
        with county.conn.cursor() as cur:
            cur.execute(figure["query"])
            names = [column.name for column in cur.description or ()]
            answers = [dict(zip(names, row, strict=True)) for row in cur.fetchall()]
        assert len(answers) == 1, code
        assert answers[0]["value"] == figure["value"], code
        assert (answers[0]["numerator"], answers[0]["denominator"]) == (figure["numerator"], figure["denominator"])
        assert figure["source_keys"]["table"].partition(".")[0] in {"mart", "catalogue", "ops"}


def test_figures_equal_the_marts_counted_by_hand(county: SimpleNamespace, tmp_path: Path) -> None:
    draft(county, tmp_path)
    figures = figures_of(county)
    rows, submissions = rows_of(county, "responsibility_unit_week"), rows_of(county, "submission_week")
    for light in ("red", "yellow", "grey", "green"):
        assert figures[f"county.{light}"]["value"] == sum(row["light"] == light for row in rows)
    assert figures["county.no_target"]["value"] == sum(row["state"] == "no_target" for row in rows) == 5
    assert figures["county.due"]["value"] == sum(row["is_report_due"] for row in rows)
    assert figures["submissions.expected"]["value"] == len(submissions) == 10
    assert figures["submissions.missing"]["value"] == 1
    assert figures["submissions.missing"]["source_keys"]["rows"] == ["T02"]
    on_time, expected = (sum(row[c] for row in submissions) for c in ("on_time_rows", "expected_rows"))
    assert figures["submissions.timeliness"]["value"] == pytest.approx(Decimal(on_time) / Decimal(expected))
    for row in rows_of(county, "unit_week"):
        assert figures[f"unit.completion:{row['unit_code']}"]["value"] == row["completion"]
        assert figures[f"unit.rank:{row['unit_code']}"]["value"] == row["rank"]
    exceptions = {
        f"{row['plan_year']}/{row['responsibility_code']}/{row['unit_code']}"
        for row in rows
        if row["light"] in ("red", "yellow") or row["state"] == "missing"
    }
    assert {code.partition(":")[2] for code in figures if code.startswith("exception.light:")} == exceptions


def test_an_area_stands_before_its_parts_and_counts_what_they_count(county: SimpleNamespace, tmp_path: Path) -> None:
    draft(county, tmp_path)
    figures = figures_of(county)
    areas = [code.partition(":")[2] for code in figures if code.startswith("area.completion:")]
    assert areas == ["A01", "A02", "A03", "A04", "A05", "A0501", "A0502", "A06"]
    in_whole = [row for row in rows_of(county, "responsibility_unit_week") if row["area_code"].startswith("A05")]
    for light in ("red", "yellow", "green", "grey"):
        assert figures[f"area.{light}:A05"]["value"] == sum(row["light"] == light for row in in_whole)
    duties = {area: figures[f"area.responsibilities:{area}"]["value"] for area in areas}
    assert duties["A05"] == duties["A0501"] + duties["A0502"] + 1


def test_a_withheld_name_is_no_leader(county: SimpleNamespace, tmp_path: Path) -> None:
    draft(county, tmp_path)
    undecided = figures_of(county)["quality.no_leader"]
    assert undecided["value"] == 2
    assert undecided["source_keys"]["rows"] == ["CG-01", "CG-02"]


def test_an_areas_plan_uses_the_rows_and_weights_of_its_completion(county: SimpleNamespace, tmp_path: Path) -> None:
    draft(county, tmp_path)
    figures = figures_of(county)
    planned: dict[str, list[Decimal]] = {}
    duties = {row["responsibility_code"]: row for row in rows_of(county, "responsibility_week")}
    for code, duty in duties.items():
        rows = [r for r in rows_of(county, "responsibility_unit_week") if r["responsibility_code"] == code]
        shares = [row["planned_completion"] for row in rows if row["planned_completion"] is not None]
        if duty["completion"] is not None and shares:
            area = rows[0]["area_code"]
            for each in {area, "A05" if area.startswith("A05") else area}:
                planned.setdefault(each, []).append(sum(shares) / len(shares))
    assert len(planned["A05"]) > len(planned["A0501"])
    for area, values in planned.items():
        assert figures[f"area.plan:{area}"]["value"] == pytest.approx(sum(values) / len(values))


def test_a_discrepancy_rate_carries_its_wilson_interval_and_samples_stay_apart(
    county: SimpleNamespace, tmp_path: Path
) -> None:
    draft(county, tmp_path)
    figures = figures_of(county)
    assert figures["verification.checks:random"]["value"] == 2
    assert figures["verification.checks:risk"]["value"] == 1
    # 2 of 2 and 1 of 1: the lower end of Wilson's interval is n / (n + z^2), z = 1.959964
    assert float(figures["verification.low:random"]["value"]) == pytest.approx(2 / (2 + 1.959963984540054**2))
    assert float(figures["verification.low:risk"]["value"]) == pytest.approx(1 / (1 + 1.959963984540054**2))
    assert figures["verification.high:random"]["value"] == 1


def test_absence_prints_its_state_and_never_zero(county: SimpleNamespace, tmp_path: Path) -> None:
    draft(county, tmp_path)
    figures = figures_of(county)
    assert figures["responsibility.completion:2022/CG-02"]["text_zh"] == "未设目标"
    assert figures["responsibility.plan:2022/SF-02"]["text_zh"] == "不适用"
    assert figures["unit.rank:T05"]["text_zh"] == "不排名"
    assert figures["reporting.first_received:T02"]["text_zh"] == "尚无数据"
    for figure in figures.values():
        if figure["value"] is None:
            assert not re.fullmatch(r"[-+]?0[.0]*%?", figure["text_zh"]), figure["figure_code"]
