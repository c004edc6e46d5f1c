"""What the drawn counties were about: names of the situations that an example meets, to be counted."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from tests.oracle.counties import MEASURES, County

TARGETED = ("total", "level", "flow", "average", "ratio", "range", "rank")
PLANNED = (*TARGETED, "stages")
REACHABLE = {
    "closed": MEASURES, "suspended": MEASURES, "exempt": MEASURES, "not_started": MEASURES, "no_target": TARGETED,
    "no_baseline": ("total", "level", "flow", "average", "ratio"), "no_date": PLANNED,
    "awaiting": MEASURES, "missing": PLANNED,
    "unknown": ("average", "ratio", "range", "red_line"), "carried": PLANNED, "counted": MEASURES,
}  # fmt: skip
"""The measures of each state: no target needs one, `unknown` a denominator, red lines are never missing or carried."""

SITUATIONS = {f"{measure} {state}" for state, measures in REACHABLE.items() for measure in measures} | {
    "light green", "light yellow", "light red", "light grey", "recovering", "near due", "tie", "rank moved",
    "denominator 0", "week 53", "two plan years", "withdrawal", "late", "changed late", "check", "discrepant",
    "no cut-off", "closed unit", "cooperating", "own target", "partial", "direction down",
    "plan linear", "plan hold", "plan points", "plan season", "cadence weekly", "cadence monthly", "cadence quarterly",
    "cadence half_yearly", "cadence once", "cadence daily", "no change", "correction", "late correction", "entered",
    "left", "area above", "portfolio", "vetoed",
    "few rows", "red line unknown", "red line clean", "red line event", "red line awaiting", "red line closed",
    "red line suspended", "red line exempt", "red line not_started", "report of before",
    "bonus", "penalty", "bonus capped", "penalty capped", "several cases", "case later", "case of another year",
    "case without points", "missed below the ladder", "ladder reminder", "ladder notice", "ladder yellow", "ladder red",
    "empty file", "empty file withdrawn", "corrected", "repeated", "corrected stages", "stale", "unchanged",
    "unchanged long", "fields of stages", "duplicate fields", "no duplicate",
}  # fmt: skip


def situations(county: County, tables: dict[str, pd.DataFrame], oracle: dict[str, pd.DataFrame]) -> set[str]:
    """Return every situation that this county's week, as computed, has; of cells that may be empty, the oracle's."""
    return {
        *of_rows(tables["responsibility_unit_week"]), *of_units(tables), *of_county(county, tables),
        *of_consequences(county, tables), *of_red_lines(oracle), *of_quality(county, tables, oracle),
    }  # fmt: skip


def of_rows(rows: pd.DataFrame) -> Iterator[str]:
    yield from rows["measure"] + " " + rows["state"]
    yield from "light " + rows["light"]
    yield from ["recovering"] * bool(((rows["raw_light"] == "green") & (rows["light"] == "yellow")).any())
    yield from ["near due"] * bool(rows["is_near_due"].any())
    yield from ["check"] * bool(rows["completion_verified"].notna().any())
    yield from ["denominator 0"] * bool(((rows["measure"] == "ratio") & (rows["state"] == "unknown")).any())
    yield from ["direction down"] * bool(((rows["direction"] == "down") & rows["completion"].notna()).any())


def of_units(tables: dict[str, pd.DataFrame]) -> Iterator[str]:
    units = tables["unit_week"]
    ranked = units[units["rank"].notna()]
    yield from ["tie"] * bool(ranked.duplicated(["peer_group", "rank"]).any())
    yield from ["rank moved"] * bool((ranked["rank_change"].fillna(0) != 0).any())
    yield from ["vetoed"] * bool(units["is_vetoed"].any())
    sent = tables["submission_week"]
    yield from ["late"] * bool((sent["status"] == "late").any())
    yield from ["changed late"] * bool((sent["changed_late_rows"] > 0).any())
    yield from ["withdrawal"] * bool((sent["withdrawn_count"] > 0).any())
    yield from ["discrepant"] * bool(tables["verification_week"]["is_discrepant"].any())
    yield from ["partial"] * bool(tables["responsibility_week"]["is_partial"].any())
    yield from ["entered"] * bool((tables["county_week"]["entered_count"].fillna(0) > 0).any())
    yield from ["left"] * bool((tables["county_week"]["left_count"].fillna(0) > 0).any())


def of_county(county: County, tables: dict[str, pd.DataFrame]) -> Iterator[str]:
    catalogue, progress = county.catalogue, county.facts.progress
    year = int(catalogue.week_row(county.week_code)["plan_year"])
    rows = catalogue.responsibilities[catalogue.responsibilities["plan_year"] == year]
    assignments = catalogue.assignments[catalogue.assignments["plan_year"] == year]
    yield from "plan " + rows.loc[rows["plan_shape"] != "", "plan_shape"]
    yield from "cadence " + rows["cadence"]
    yield from ["week 53"] * (county.week_code == "2020-W53")
    yield from ["two plan years"] * (catalogue.responsibilities["plan_year"].nunique() == 2)
    yield from ["no cut-off"] * bool(catalogue.weeks["cut_off_at"].isna().any())
    yield from ["closed unit"] * bool(catalogue.units["closed_on"].notna().any())
    yield from ["cooperating"] * bool((assignments["role"] == "cooperating").any())
    yield from ["own target"] * bool(assignments["target"].notna().any())
    yield from ["portfolio"] * bool(len(catalogue.portfolios))
    yield from ["area above"] * bool(
        (tables["area_week"]["area_code"] == "A1").any() and (rows["area_code"] != "A1").all()
    )
    yield from ["no change"] * bool(progress["no_change"].any())
    key = ["unit_code", "responsibility_code", "item", "week"]
    yield from ["correction"] * bool(progress.duplicated(key).any())
    yield from ["late correction"] * bool((progress["week"].cummax() > progress["week"]).any())


def of_consequences(county: County, tables: dict[str, pd.DataFrame]) -> Iterator[str]:
    units, settings, cases = tables["unit_week"], county.catalogue.settings, county.catalogue.extra_points
    week = county.catalogue.week_row(county.week_code)
    for kind, points in (("bonus", settings.bonus), ("penalty", settings.penalty)):
        yield from [kind] * bool((units[kind] > 0).any())
        is_over = cases[cases["kind"] == kind].groupby("unit_code")["case_count"].sum() * points.per_case > points.cap
        capped = units["unit_code"].isin(is_over.index[is_over]) & (units[kind] == points.cap) & (points.cap > 0)
        yield from [f"{kind} capped"] * bool(capped.any())
    evidence = units["points_evidence"].dropna()
    yield from ["several cases"] * bool((evidence.str.count("C") > 1).any())
    yield from ["case later"] * bool((cases["happened_on"] > week["cut_off_on"]).any())
    yield from ["case of another year"] * bool((cases["happened_on"].dt.year < week["plan_year"]).any())
    yield from ["case without points"] * bool(
        (units["points_evidence"].notna() & (units["bonus"] == 0) & (units["penalty"] == 0)).any()
    )
    yield from "ladder " + units["ladder_step"].dropna().astype(str)
    yield from ["missed below the ladder"] * bool(((units["missed_weeks"] > 0) & units["ladder_step"].isna()).any())
    reasons = units["rank_reason"].dropna().astype(str)
    yield from ["few rows"] * bool(reasons.str.contains("few").any())
    yield from ["red line unknown"] * bool(reasons.str.contains("red line").any())


def of_red_lines(oracle: dict[str, pd.DataFrame]) -> Iterator[str]:
    """Only states that the oracle says too."""
    states = oracle["red_line_week"]["state"].dropna().astype(str)
    yield from "red line " + states


def of_quality(county: County, tables: dict[str, pd.DataFrame], oracle: dict[str, pd.DataFrame]) -> Iterator[str]:
    """Of fields, repeated and unchanged rows only what the oracle says too."""
    asked, said = tables["quality_week"].set_index("unit_code"), oracle["quality_week"].set_index("unit_code")
    for column, name in (("empty_files", "empty file"), ("corrected_rows", "corrected"), ("stale_rows", "stale")):
        yield from [name] * bool((asked[column] > 0).any())
    yield from ["repeated"] * bool((said["repeated_rows"] > 0).any())
    yield from ["unchanged"] * bool((said["unchanged_rows"] > 0).any())
    yield from ["unchanged long"] * bool((said["longest_unchanged"] > 1).any())
    yield from ["duplicate fields"] * bool((asked["duplicate_fields"] > 0).any())
    yield from ["no duplicate"] * bool(((said["fields_asked"] > 2) & (said["duplicate_fields"] == 0)).any())
    rows = tables["responsibility_unit_week"]
    stages = rows[(rows["measure"] == "stages") & rows["is_report_due"] & (rows["state"] == "counted")]
    yield from ["fields of stages"] * bool(said["fields_asked"].reindex(stages["unit_code"]).notna().any())
    week, files = county.catalogue.week_row(county.week_code)["week"], county.facts.submissions
    files = files[(files["week"] == week) & (files["accepted_rows"] == 0)]
    yield from ["empty file withdrawn"] * bool(files["withdrawn_at"].notna().any())
    progress = county.facts.progress[county.facts.progress["week"] == week]
    items = progress[progress["done"].notna()].groupby(["unit_code", "responsibility_code", "item"])
    yield from ["corrected stages"] * bool((items["done"].nunique() > 1).any())
    yield from ["report of before"] * bool(
        (rows["submission_id"].notna() & ~rows["submission_id"].isin(progress["submission_id"])).any()
    )
