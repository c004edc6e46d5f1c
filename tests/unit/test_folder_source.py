"""The folder source: what is a submission there, and what is not yet one."""

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest
from ducha.sources.arrival import microseconds
from ducha.sources.folder import FolderSource, list_files, read_settled, strays

NOON = datetime(2022, 1, 13, 4, tzinfo=UTC)


@pytest.fixture
def inbox(tmp_path: Path) -> Path:
    (tmp_path / "inbox" / "D01").mkdir(parents=True)
    return tmp_path / "inbox"


def put(path: Path, content: bytes = b"x") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def names(inbox: Path, unit: str = "D01") -> list[str]:
    return [arrival.path for arrival in FolderSource(inbox).arrivals(unit)]


def test_a_file_arrives_when_it_lands_whatever_its_own_date_says(inbox: Path) -> None:
    old = put(inbox / "D01" / "a.csv", b"old")
    os.utime(old, (0, 0))
    (arrival,) = FolderSource(inbox, clock=lambda: NOON).arrivals("D01")
    assert (arrival.path, arrival.content, arrival.unit_code) == ("D01/a.csv", b"old", "D01")
    assert (arrival.received_at, arrival.ordinal) == (NOON, microseconds(NOON))
    assert arrival.kind == "progress"


def test_the_inspectors_folder_sends_inspections(inbox: Path) -> None:
    put(inbox / "_inspection" / "a.csv")
    (arrival,) = FolderSource(inbox).arrivals("_inspection")
    assert arrival.kind == "inspection"


def test_a_unit_without_a_folder_has_sent_nothing(inbox: Path) -> None:
    assert names(inbox, "D02") == []


def test_a_file_in_the_place_of_the_folder_is_that_units_failure(inbox: Path) -> None:
    put(inbox / "D02")
    with pytest.raises(NotADirectoryError, match="is no folder"):
        names(inbox, "D02")


def test_subfolders_are_read_too_and_what_was_saved_last_comes_last(inbox: Path) -> None:
    for saved_at, name in enumerate(("b.csv", "2022/第2周/a.csv", "2022/a.csv")):
        file = put(inbox / "D01" / name)
        os.utime(file, (saved_at, saved_at))
    assert names(inbox) == ["D01/b.csv", "D01/2022/第2周/a.csv", "D01/2022/a.csv"]


@pytest.mark.parametrize(
    "name",
    [".a.csv", "~$a.xlsx", "a.xlsx.part", "a.csv.TMP", "a.crdownload", "a.partial", ".trash/a.csv", "sub/.cache/a.csv"],
)
def test_hidden_and_unfinished_files_are_left_alone(inbox: Path, name: str) -> None:
    put(inbox / "D01" / name)
    put(inbox / "D01" / "good.csv")
    assert names(inbox) == ["D01/good.csv"]


def test_an_upload_counts_once_it_has_its_name(inbox: Path) -> None:
    upload = put(inbox / "D01" / "a.xlsx.part", b"half")
    assert names(inbox) == []
    upload.write_bytes(b"half and the rest")
    upload.rename(inbox / "D01" / "a.xlsx")
    (arrival,) = FolderSource(inbox).arrivals("D01")
    assert arrival.content == b"half and the rest"


def test_a_file_that_grows_while_it_is_read_waits_for_the_next_pull(
    inbox: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    growing, steady = put(inbox / "D01" / "a.csv", b"half"), put(inbox / "D01" / "b.csv", b"all")
    read = Path.read_bytes

    def read_while_written(path: Path) -> bytes:
        content = read(path)
        if path == growing:
            with path.open("ab") as file:
                file.write(b" and more")
        return content

    with monkeypatch.context() as patch:
        patch.setattr(Path, "read_bytes", read_while_written)
        assert names(inbox) == ["D01/b.csv"]
    assert [a.content for a in FolderSource(inbox).arrivals("D01")] == [b"half and more", b"all"]
    assert read_settled(steady) == b"all"


def test_a_file_of_the_same_size_rewritten_while_it_is_read_waits(inbox: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = put(inbox / "D01" / "a.csv", b"one")
    os.utime(file, (0, 0))

    def read_while_written(path: Path) -> bytes:
        path.write_bytes(b"two")
        return b"one"

    monkeypatch.setattr(Path, "read_bytes", read_while_written)
    assert names(inbox) == []


def test_a_file_taken_away_while_it_is_read_is_no_failure(inbox: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(inbox / "D01" / "b.csv")

    def gone_before(_: Path, unit: str) -> list[Path]:
        return [inbox / unit / "a.csv", inbox / unit / "b.csv"]

    monkeypatch.setattr("ducha.sources.folder.list_files", gone_before)
    assert names(inbox) == ["D01/b.csv"]


def test_links_stay_inside_the_units_own_folder(inbox: Path, tmp_path: Path) -> None:
    outside, other = put(tmp_path / "secret.csv"), put(inbox / "D02" / "theirs.csv")
    own = put(inbox / "D01" / "a.csv")
    for target in (outside, other, own):
        (inbox / "D01" / f"link to {target.name}").symlink_to(target)
    (inbox / "D01" / "folder").symlink_to(inbox / "D02", target_is_directory=True)
    (inbox / "D01" / "broken").symlink_to(inbox / "D01" / "nowhere")
    assert names(inbox) == ["D01/a.csv", "D01/link to a.csv"]
    (inbox / "D03").symlink_to(tmp_path, target_is_directory=True)
    assert list_files(inbox, "D03") == []


def test_a_stray_report_is_told_without_the_number_in_its_name(inbox: Path) -> None:
    put(inbox / "张三13800138000.xlsx")
    put(inbox / "D99" / "a.csv")
    put(inbox / ".trash" / "b.csv")
    found = strays(inbox, ["D01"])
    assert found[0] == "D99/a.csv"
    assert found[1].startswith("张三（已隐去")
    assert len(found) == 2
