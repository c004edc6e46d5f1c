"""The catalogue's versions: what changed, when and by whom; old weeks keep what held for them."""

import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest
from ducha.county.loading import CountyError, load_county
from ducha.pipeline.collect import sync_catalogue
from ducha.settings import PROJECT
from ducha.warehouse.catalogue import read_catalogue
from ducha.warehouse.catalogue import sync_catalogue as record
from ducha.warehouse.database import fetch
from ducha.warehouse.fingerprint import fingerprint

from tests.small_county import COUNTY

MARCH, JULY = datetime(2022, 3, 1, tzinfo=UTC), datetime(2022, 7, 1, tzinfo=UTC)


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """A copy of the sample county that a test may edit."""
    return Path(shutil.copytree(COUNTY, tmp_path / "county"))


def rename(county: Path, before: str, after: str) -> None:
    file = county / "units.csv"
    text = file.read_text(encoding="utf-8")
    assert text.count(before) == 1
    file.write_text(text.replace(before, after), encoding="utf-8")


def test_what_was_loaded_is_read_back_the_same(conn) -> None:
    loaded = load_county(COUNTY)
    with conn:
        record(conn, loaded, MARCH, "test")
    back = read_catalogue(conn, loaded.county_code)
    assert back.settings == loaded.settings
    for name in ("units", "weeks", "responsibilities", "assignments", "items"):
        sent, found = getattr(loaded, name), getattr(back, name)
        key = [c for c in ("plan_year", "responsibility_code", "unit_code", "item_code", "week") if c in sent]
        columns = list(sent.columns)
        assert (
            found[columns].sort_values(key).reset_index(drop=True).equals(sent.sort_values(key).reset_index(drop=True))
        ), name


def test_the_same_files_again_change_nothing(conn) -> None:
    assert sync_catalogue(conn, COUNTY, MARCH, "one").is_changed
    before = fingerprint(conn)
    assert not sync_catalogue(conn, COUNTY, JULY, "two").is_changed
    assert fingerprint(conn) == before


def test_a_change_in_july_leaves_march_as_it_was(conn, own: Path) -> None:
    with conn:
        record(conn, load_county(own), MARCH, "spring")
    rename(own, "县发展和改革局", "县发展改革委")
    with conn:
        result = record(conn, load_county(own), JULY, "summer")
    assert (result.added, result.ended) == ({"unit": 1}, {"unit": 1})
    names = [set(read_catalogue(conn, "990001", moment).units["name_zh"]) for moment in (MARCH, JULY)]
    assert any("发展和改革局" in name for name in names[0])
    assert not any("发展和改革局" in name for name in names[1])
    versions = fetch(conn, "SELECT loaded_by, known_to FROM catalogue.unit WHERE name_zh LIKE '县发展%' ORDER BY 1")
    assert [v["loaded_by"] for v in versions] == ["spring", "summer"]
    assert [v["known_to"] for v in versions] == [JULY, None]


def test_a_replayed_county_that_is_edited_holds_its_edit_for_every_week(conn, own: Path) -> None:
    sync_catalogue(conn, own, datetime.now(UTC), "first")
    rename(own, "县发展和改革局", "县发展改革委")
    assert sync_catalogue(conn, own, datetime.now(UTC), "edited").is_changed
    assert any("发展改革委" in name for name in read_catalogue(conn, "990001", MARCH).units["name_zh"])


def test_a_file_with_a_mistake_leaves_the_version_that_held(conn, own: Path) -> None:
    sync_catalogue(conn, own, MARCH, "good")
    before = fingerprint(conn)
    units = own / "units.csv"
    units.write_text(units.read_text(encoding="utf-8").replace("department", "部门"), encoding="utf-8")
    with pytest.raises(CountyError, match=r"units\.csv"):
        sync_catalogue(conn, own, JULY, "bad")
    assert fingerprint(conn) == before


def test_the_full_county_in_mid_year_keeps_what_held_before(conn, tmp_path: Path) -> None:
    """A target, a leader and a merger decided in July: March reads as it was, and a second load finds nothing to do."""
    full = Path(shutil.copytree(PROJECT / "include" / "county", tmp_path / "full"))
    with conn:
        record(conn, load_county(full), MARCH, "spring")
    edits = {
        "responsibilities.csv": (",0,2600,,,,sample,", ",0,3000,,,,sample,"),
        "portfolios.csv": ("L11,XC-04,,2022-06-30\nL03,XC-04,2022-07-01,\n", "L11,XC-04,,\n"),
        "units.csv": ("金沟乡,Jingou Township,township,rural_township,,",
                      "金沟乡,Jingou Township,township,rural_township,,2022-09-30"),
    }  # fmt: skip
    for name, (before, after) in edits.items():
        text = (full / name).read_text(encoding="utf-8")
        assert text.count(before) == 1, name
        (full / name).write_text(text.replace(before, after), encoding="utf-8")
    with conn:
        changed = record(conn, load_county(full), JULY, "summer")
    assert changed.added == {"responsibility": 1, "unit": 1, "portfolio": 1}
    assert changed.ended == {"responsibility": 1, "unit": 1, "portfolio": 2}
    for moment, target, leaders, closing in ((MARCH, 2600, 2, 2), (JULY, 3000, 1, 3)):
        held = read_catalogue(conn, "990003", moment)
        assert held.responsibilities.set_index("responsibility_code").loc["XC-05", "target"] == target
        assert (held.portfolios["responsibility_code"] == "XC-04").sum() == leaders
        assert held.units["closed_on"].notna().sum() == closing
    with conn:
        assert not record(conn, load_county(full), JULY, "again").is_changed
