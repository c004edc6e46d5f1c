"""A county of one's own, made from the sample exactly as the guides say; it loads, and its week can be computed."""

import re
import shutil
from pathlib import Path

import pandas as pd
import pytest
from ducha.catalogue import Catalogue
from ducha.county.columns import OPTIONAL_FILES
from ducha.county.loading import load_county
from ducha.county.summary import look_at_county
from ducha.settings import PROJECT

GUIDES = ["county.md", "county.zh-CN.md"]
BLOCK = re.compile(r"^`(\w+\.(?:csv|yaml))`\n```(?:csv|yaml)\n(.*?)^```", re.S | re.M)
KEPT = {"calendar.csv", "county.yaml"}


def follow(guide: str, directory: Path) -> Path:
    """Do what the guide says: copy, change lines of county.yaml, replace tables, delete what speaks of the sample."""
    own = Path(shutil.copytree(PROJECT / "include" / "small_county", directory / "mine"))
    blocks = dict(BLOCK.findall((PROJECT / "docs" / guide).read_text(encoding="utf-8")))
    settings = own / "county.yaml"
    text = settings.read_text(encoding="utf-8")
    for line in blocks.pop("county.yaml").splitlines():
        key = re.escape(line.split(":")[0])
        text, count = re.subn(rf"^{key}:.*$", line, text, flags=re.M)
        assert count == 1, line
    settings.write_text(text, encoding="utf-8")
    for name, table in blocks.items():
        (own / name).write_text(table, encoding="utf-8")
    for path in own.glob("*.csv"):
        if path.name not in blocks and path.stem in OPTIONAL_FILES:
            path.unlink()
    assert {path.name for path in own.iterdir()} == {*blocks, *KEPT}
    return own


@pytest.fixture(params=GUIDES)
def own(request, tmp_path) -> Path:
    return follow(request.param, tmp_path)


@pytest.fixture
def county(own) -> Catalogue:
    return load_county(own)


def test_nothing_is_wrong_and_what_is_open_is_counted(own):
    found = look_at_county(own)
    assert found["problems"] == []
    assert (found["units"], found["responsibilities"], found["without_target"]) == (4, 5, 1)
    assert found["fully_assigned"] == 4
    assert found["sample_targets"] == 0


def test_nothing_of_the_sample_is_left(county):
    assert not county.settings.is_sample
    assert county.settings.sources[0].kind == "folder"
    for words in (county.settings.name_zh, county.settings.office_zh, *county.units["name_zh"]):
        assert "虚构" not in words
        assert "青松" not in words


def test_what_was_left_out_has_its_default(county):
    rows = county.responsibilities.set_index("responsibility_code")
    assert list(rows["plan_shape"]) == ["linear", "hold", "", "linear", "linear"]
    assert rows.loc["R4", "due_on"] == pd.Timestamp("2026-02-16"), "the day before 17 February 2026"
    assert rows.loc["R2", "target"] == 0.95
    assert (rows["start_on"] == pd.Timestamp("2026-01-01")).all()
    shares = county.assignments.groupby("responsibility_code")["share"].sum()
    assert shares.to_numpy() == pytest.approx(1)


def test_its_second_week_can_be_computed(county):
    from ducha.catalogue import Facts
    from ducha.metrics.week import compute_week

    submissions = ["unit_code", "week", "kind", "submission_id", "verdict", "row_count", "accepted_rows",
                   "rejected_rows", "received_at", "known_at", "ordinal", "withdrawn_at"]  # fmt: skip
    states = compute_week(county, empty_facts(Facts, submissions), "2026-W02")["responsibility_unit_week"]
    found = states.set_index(["responsibility_code", "unit_code"])["state"]
    assert found["R1", "T01"] == "missing"
    assert found["R3", "D01"] == "unknown"
    assert found["R4", "D01"] == "awaiting"
    assert found["R5", "D02"] == "no_target"


def empty_facts(facts, submissions):
    """Nobody has reported anything yet."""
    texts = ["unit_code", "responsibility_code", "item", "reason", "measure", "next_step", "evidence", "submission_id"]
    times = dict.fromkeys(("received_at", "known_at"), "datetime64[us, UTC]")
    figures = dict.fromkeys(("value", "numerator", "denominator"), "float64")
    rows = {**dict.fromkeys(texts, "str"), "week": "datetime64[us]", **figures, "done": "boolean", **times}
    rows |= {"happened_on": "datetime64[us]", "no_change": "bool", "row_no": "int64"}
    checks = {**rows, "checked_on": "datetime64[us]", **dict.fromkeys(("method", "sample_kind", "finding"), "str")}
    sent = dict.fromkeys(submissions, "str") | times | {"week": "datetime64[us]", "ordinal": "int64"}
    sent |= dict.fromkeys(("row_count", "accepted_rows", "rejected_rows"), "int64")
    sent |= {"withdrawn_at": "datetime64[us, UTC]"}
    taken = {"unit_code": "str", "week": "datetime64[us]", "ordinal": "int64", **times, "reason": "str"}
    frames = [pd.DataFrame({name: pd.Series(dtype=kind) for name, kind in columns.items()})
              for columns in (rows, {**checks, "guidance": "str"}, sent, taken)]  # fmt: skip
    return facts(*frames)
