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
    "red line event", "no cut-off", "closed unit", "cooperating", "own target", "partial", "direction down",
    "plan linear", "plan hold", "plan points", "plan season", "cadence weekly", "cadence monthly", "cadence quarterly",
    "cadence half_yearly", "cadence once", "cadence daily", "no change", "correction", "late correction", "entered",
    "left", "area above", "portfolio", "vetoed",
}  # fmt: skip


def situations(county: County, tables: dict[str, pd.DataFrame]) -> set[str]:
    """Return every situation that this county's week, as computed, has."""
    return {*of_rows(tables["responsibility_unit_week"]), *of_units(tables), *of_county(county, tables)}


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
    yield from ["red line event"] * bool((tables["red_line_week"]["events"] > 0).any())
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
