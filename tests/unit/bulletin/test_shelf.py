"""Issues on disk: whole or not at all, never overwritten, every byte accounted for."""

import json
import os
from pathlib import Path

import pytest
from ducha.bulletin import shelf

FILES = {"a.docx": b"one", "b.html": b"two"}


def test_a_directory_appears_with_its_manifest(tmp_path: Path) -> None:
    target = tmp_path / "published" / "2022-8"
    assert shelf.put(target, FILES, is_replaceable=False) == []
    assert {path.name for path in target.iterdir()} == {"a.docx", "b.html", "manifest.json"}
    listed = json.loads((target / "manifest.json").read_text())["files"]
    assert [entry["name"] for entry in listed] == ["a.docx", "b.html"]
    assert listed[0]["bytes"] == 3
    assert shelf.verify_manifest(target) == []
    assert [path.name for path in target.parent.iterdir()] == ["2022-8"], "nothing temporary stays"


def test_the_same_content_again_touches_nothing(tmp_path: Path) -> None:
    target = tmp_path / "2022-8"
    shelf.put(target, FILES, is_replaceable=False)
    before = (target.stat().st_ino, (target / "a.docx").stat().st_mtime_ns)
    assert shelf.put(target, FILES, is_replaceable=True) == []
    assert (target.stat().st_ino, (target / "a.docx").stat().st_mtime_ns) == before


def test_another_content_is_refused_and_changes_nothing(tmp_path: Path) -> None:
    target = tmp_path / "2022-8"
    shelf.put(target, FILES, is_replaceable=False)
    problems = shelf.put(target, {**FILES, "a.docx": b"other"}, is_replaceable=False)
    assert any(problem.startswith("a.docx") for problem in problems)
    assert (target / "a.docx").read_bytes() == b"one"


def test_a_draft_is_replaced_as_a_whole(tmp_path: Path) -> None:
    target = tmp_path / "draft"
    shelf.put(target, {**FILES, "old.txt": b"x"}, is_replaceable=True)
    shelf.put(target, {"a.docx": b"new"}, is_replaceable=True)
    assert {path.name for path in target.iterdir()} == {"a.docx", "manifest.json"}
    assert [path.name for path in tmp_path.iterdir()] == ["draft"]


@pytest.mark.parametrize("fatal", range(1, 6))
def test_an_interrupted_write_shows_nothing_and_the_next_run_ends_right(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fatal: int
) -> None:
    target, calls, real = tmp_path / "2022-8", [0], os.fsync

    def fail(handle: int) -> None:
        calls[0] += 1
        if calls[0] == fatal:
            raise OSError("no space left")
        real(handle)

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(OSError, match="no space"):
        shelf.put(target, FILES, is_replaceable=False)
    assert not target.exists() or shelf.verify_manifest(target) == []
    monkeypatch.undo()
    assert shelf.put(target, FILES, is_replaceable=False) == []
    assert shelf.verify_manifest(target) == []
    assert [path.name for path in tmp_path.iterdir()] == ["2022-8"]


def test_a_manifest_tells_what_was_changed_lost_or_added(tmp_path: Path) -> None:
    target = tmp_path / "2022-8"
    shelf.put(target, {**FILES, "c.json": b"three"}, is_replaceable=False)
    (target / "a.docx").write_bytes(b"ONE")
    (target / "b.html").unlink()
    (target / "d.txt").write_text("new")
    assert [problem.partition("：")[0] for problem in shelf.verify_manifest(target)] == ["d.txt", "a.docx", "b.html"]
    (target / "manifest.json").unlink()
    assert shelf.verify_manifest(target) == ["manifest.json：缺失 · missing"]
