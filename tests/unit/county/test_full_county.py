"""The full county of the demo: all of the source catalogue, a hundred units, and honest about what is undecided."""

import pandas as pd
import pytest
from ducha.catalogue import Catalogue
from ducha.county.loading import load_county
from ducha.settings import PROJECT

COUNTY = PROJECT / "include" / "county"
STATED = ("absolute", "numeric", "numeric(slogan 争一)")
NO_TARGET_OF_ITS_OWN = ("stages", "red_line")
UNDEFINED = {"CJ-01", "ZZ-02", "CG-06"}  # 三零, 四干三清单, 五包一: named in the source, defined nowhere
CADENCES = {
    "周": "weekly", "月": "monthly", "季": "quarterly", "半年": "half_yearly", "一次+变更": "once", "一次": "once",
    "一次+修订": "once", "事发即报+周零报告": "weekly", "日零报告/周": "daily", "防火期日零报告/周": "daily",
    "月（周预计）": "monthly", "月（冬季周）": "weekly", "周（取暖季）": "weekly", "周（造林季）": "weekly",
}  # fmt: skip


@pytest.fixture(scope="module")
def county() -> Catalogue:
    return load_county(COUNTY)


@pytest.fixture(scope="module")
def rows(county: Catalogue) -> pd.DataFrame:
    return county.responsibilities.set_index("responsibility_code", drop=False)


@pytest.fixture(scope="module")
def source(shared) -> pd.DataFrame:
    path = shared / "catalogue" / "responsibilities.tsv"
    return pd.read_csv(path, sep="\t", dtype=str, keep_default_na=False).set_index("code", drop=False)


def test_it_says_that_it_is_fictional(county):
    settings = county.settings
    assert settings.is_sample
    assert settings.county_code == "990003"
    for name in (settings.name_zh, settings.office_zh):
        assert "虚构" in name
    for name in (settings.name_en, settings.office_en):
        assert "fictional" in name


def test_a_county_has_about_a_hundred_reporting_units(county):
    counts = county.units["unit_type"].value_counts()
    assert (counts["department"], counts["township"], counts["task_force"]) == (34, 26, 6)
    assert 95 <= len(county.units) <= 105
    own = county.assignments[county.assignments["share"] > 0]
    assert set(own["unit_code"]) == set(county.units["unit_code"]), "every unit has something to report"
    assert county.units["peer_group"].value_counts().min() >= 5, "groups are large enough to rank"
    assert county.units["name_en"].ne("").all()


def test_units_come_and_go_in_mid_year(county):
    units = county.units.set_index("unit_code")
    assert (units["opened_on"] > pd.Timestamp("2022-01-01")).sum() >= 1
    assert (units["closed_on"] > pd.Timestamp("2022-01-01")).sum() >= 2


def test_every_row_of_the_source_is_there_as_it_stands(county, rows, source):
    assert list(rows.index) == list(source.index)
    assert len(rows) == 120
    for mine, theirs in (
        ("title_zh", "title_zh"), ("kind", "kind"), ("measure", "measure"), ("direction", "direction"),
        ("time_basis", "time_basis"), ("unit_of_measure", "unit_of_measure"), ("source_section", "section"),
    ):  # fmt: skip
        assert (rows[mine] == source[theirs]).all(), mine
    assert (rows["cadence"] == source["cadence"].map(CADENCES)).all()
    assert (rows["title_en"].str.len() > 5).all()
    reshaped = rows["plan_shape"] != source["plan_shape"]
    assert set(rows.loc[reshaped, "plan_shape"]) == {"points", "season"}
    assert reshaped.sum() == 7
    seasonal = source["cadence"].str.contains("季）|防火期")
    assert set(rows.index[rows["season"] != ""]) == {*source.index[seasonal], "CY-09"}


def test_areas_and_sub_areas_are_those_of_the_source(county, rows, source):
    areas = county.areas.set_index("area_code")
    leaf = rows["area_code"].map(areas["name_zh"])
    parent = rows["area_code"].map(areas["parent_code"]).map(areas["name_zh"])
    has_sub_area = source["subarea_zh"] != ""
    assert (leaf[has_sub_area] == source.loc[has_sub_area, "subarea_zh"]).all()
    assert (parent[has_sub_area] == source.loc[has_sub_area, "area_zh"]).all()
    assert (leaf[~has_sub_area] == source.loc[~has_sub_area, "area_zh"]).all()
    assert areas["name_en"].ne("").all()


def test_targets_are_the_sources_or_samples_and_some_are_nobodys(rows, source):
    has_target = rows["target"].notna() | rows["target_low"].notna()
    is_stated = has_target & source["target_basis"].isin(STATED)
    assert (rows["is_sample_target"] == has_target & ~is_stated).all()
    assert (rows.loc[rows["is_sample_target"], "target_authority"] == "sample").all()
    assert rows.loc[is_stated, "target_authority"].str.startswith("原文：").all()
    open_rows = rows[~has_target & ~rows["measure"].isin(NO_TARGET_OF_ITS_OWN)]
    assert len(open_rows) >= 12
    assert (source["target_basis"] == "none: to be set").sum() == 103


def test_what_the_source_does_not_define_stays_undefined(county, rows):
    assert set(rows.index[rows["definition"] == ""]) == UNDEFINED
    assert rows.loc[["ZZ-02", "CG-06"], "target"].isna().all()
    suspended = county.exceptions.query("responsibility_code == 'CJ-01'")["state"]
    assert list(suspended) == ["suspended"], "a red line of unknown meaning is not green"
    assert rows.loc["KH-05", "leader_code"] == "#", "redacted in the source"


def test_evidence_and_sub_items_are_kept(county, rows, source):
    for code in set(rows.index) - UNDEFINED:
        for part in source.loc[code, "evidence"].split(";"):
            assert part in rows.loc[code, "definition"], code
    staged = rows[rows["measure"] == "stages"]
    assert set(county.items["responsibility_code"]) == set(staged.index)
    plain = set(rows.index) - set(staged.index) - UNDEFINED
    for code in plain:
        for part in filter(None, source.loc[code, "sub_items"].split(";")):
            assert part in rows.loc[code, "definition"], code


def test_the_first_lead_leads_and_a_total_is_split_explicitly(county, rows):
    own = county.assignments
    assert (own[own["role"] == "lead"].groupby("responsibility_code").size().reindex(rows.index) >= 1).all()
    for code, whole in (("XC-05", 2600), ("MS-10", 50)):
        parts = own[(own["responsibility_code"] == code) & (own["share"] > 0)]
        assert len(parts) == 26
        assert parts["target"].sum() == rows.loc[code, "target"] == whole
        assert parts["share"].sum() == pytest.approx(1)


def test_leaders_change_in_mid_year(county, rows):
    changed = county.portfolios[county.portfolios["from_on"] > pd.Timestamp("2022-01-01")]
    assert len(changed) >= 6
    assert changed["from_on"].nunique() >= 2
    assert (rows["leader_code"] != "").all()


def test_due_dates_by_rule_are_resolved(county, rows):
    assert rows.loc["HY-01", "due_on"] == pd.Timestamp("2022-01-31")
    assert county.items.set_index("responsibility_code").loc["HY-01", "due_on"] == pd.Timestamp("2022-01-31")
