"""Intake reads what a hundred units meant, whatever their hand, and finds each mistake of a sample in its cell."""

import datetime as dt
import json
import math
from pathlib import Path
from typing import Any

import pytest
from ducha.catalogue import INSPECTION_SENDER
from ducha.county.loading import load_county
from ducha.intake.checking import Checked, check_rows
from ducha.intake.reading import FileToRead, read_files
from ducha.sample import write_sample
from ducha.sample.hostile import HOSTILE
from ducha.sample.mistakes import KINDS

from tests.large_county import write_large_county

UNSEEN = "typed_ten_times_too_large"
REFUSED = {
    "truncated": "damaged", "encrypted": "encrypted", "zip_bomb": "unsafe_archive", "xml_bomb": "unsafe_xml",
    "pdf_named_xlsx": "unsupported_format", "html_named_xls": "unsupported_format", "empty": "empty_file",
    "no_headings": "no_header",
}  # fmt: skip


@pytest.fixture(scope="module")
def checked(tmp_path_factory: pytest.TempPathFactory) -> tuple[Checked, list[dict[str, Any]]]:
    """All files of one week, and of the others those with something wrong."""
    home = tmp_path_factory.mktemp("home")
    county = write_large_county(home / "county")
    answer = json.loads(write_sample(county, home / "sample").read_text(encoding="utf-8"))
    files = [file for file in answer["files"] if file["faults"] or file["week"] == "2022-W03"]
    readings = read_files([_to_read(home / "sample" / "inbox", file) for file in files])
    return check_rows(readings, load_county(county), use_suites=False), files


def _to_read(inbox: Path, file: dict[str, Any]) -> FileToRead:
    kind = "inspection" if file["sender"] == INSPECTION_SENDER else "progress"
    received_at = dt.datetime.fromisoformat(file["received_at"])
    return FileToRead(file["file"], Path(file["file"]).name, inbox / file["file"], kind, file["sender"], received_at)


def test_each_kind_of_mistake_is_found_in_its_cell_and_nothing_else(
    checked: tuple[Checked, list[dict[str, Any]]],
) -> None:
    result, files = checked
    told = {(p.file_id, p.row_no, p.cell) for p in result.problems if not p.is_note}
    rejected = result.rows[result.rows["is_rejected"]]
    found = set(zip(rejected["file_id"], rejected["row_no"], strict=True))
    faults = [(file, fault) for file in files for fault in file["faults"] if fault["kind"] != UNSEEN]
    assert {fault["kind"] for _, fault in faults} == {*KINDS, *HOSTILE}
    assert found == {(file["file"], fault["row"]) for file, fault in faults if fault["row"]}
    for file, fault in faults:
        assert (file["file"], fault["row"], fault["cell"]) in told, (file["format"], fault)


def test_broken_files_are_refused_for_what_they_are(checked: tuple[Checked, list[dict[str, Any]]]) -> None:
    result, files = checked
    reasons = dict(zip(result.verdicts["file_id"], result.verdicts["reason_code"], strict=True))
    verdicts = dict(zip(result.verdicts["file_id"], result.verdicts["verdict"], strict=True))
    broken = {file["file"]: file["faults"][0]["kind"] for file in files if not file["readable"]}
    assert {path: reasons[path] for path in broken} == {path: REFUSED[kind] for path, kind in broken.items()}
    assert {path for path, verdict in verdicts.items() if verdict == "refused"} == set(broken)


def test_what_is_read_is_what_was_meant(checked: tuple[Checked, list[dict[str, Any]]]) -> None:
    result, files = checked
    meant = {(file["file"], row["row"]): row for file in files for row in file["rows"]}
    rows = result.rows[result.rows["is_accepted"]]
    assert len(rows) > 4_000
    for row in rows.to_dict("records"):
        said = meant[row["file_id"], row["row_no"]]
        for name in ("value", "numerator", "denominator"):
            assert row[name] == said[name] if name in said else math.isnan(row[name]), (said, row)
        for name in ("responsibility_code", "week", "item", "reason", "measure", "next_step"):
            assert row[name] == str(said.get(name, "")), (said, row)
        assert row["no_change"] == said.get("no_change", False)
        assert row["done"] == said["done"] if "done" in said else row["done"] not in (True, False)
        assert str(row["happened_on"])[:10] == said.get("happened_on", "NaT")
