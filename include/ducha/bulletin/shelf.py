"""Issues on disk: a directory appears whole, with its manifest, or not at all."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Mapping
from pathlib import Path

MANIFEST = "manifest.json"


def manifest_of(files: Mapping[str, bytes]) -> list[dict[str, object]]:
    """Name, sha256 and size of each file, in name order."""
    return [
        {"name": name, "sha256": hashlib.sha256(files[name]).hexdigest(), "bytes": len(files[name])}
        for name in sorted(files)
    ]


def _manifest_bytes(files: Mapping[str, bytes]) -> bytes:
    return (json.dumps({"files": manifest_of(files)}, ensure_ascii=False, indent=2) + "\n").encode()


def _sync_directory(directory: Path) -> None:
    handle = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _write_beside(directory: Path, files: Mapping[str, bytes]) -> Path:
    """Write the files and their manifest, flushed to disk, into a temporary directory beside the wanted one."""
    temporary = directory.with_name(f".{directory.name}.writing")
    shutil.rmtree(temporary, ignore_errors=True)
    temporary.mkdir(parents=True)
    for name, content in {**files, MANIFEST: _manifest_bytes(files)}.items():
        with (temporary / name).open("wb") as handle:
            handle.write(content)
            handle.flush()
            os.fsync(handle.fileno())
    _sync_directory(temporary)
    return temporary


def differences(directory: Path, files: Mapping[str, bytes]) -> list[str]:
    """What on disk differs from the files and their manifest; nothing when they are the same to the byte."""
    wanted = {**files, MANIFEST: _manifest_bytes(files)}
    found = {path.name for path in directory.iterdir()}
    problems = [f"{name}：多出 · unexpected" for name in sorted(found - set(wanted))]
    for name in sorted(wanted):
        if name not in found:
            problems.append(f"{name}：缺失 · missing")
        elif (directory / name).read_bytes() != wanted[name]:
            problems.append(f"{name}：内容不同 · differs")
    return problems


def put(directory: Path, files: Mapping[str, bytes], *, is_replaceable: bool) -> list[str]:
    """Make `directory` hold exactly these files by one rename; return what stands in the way, if anything does.

    The caller holds the county's lock, so nobody else writes beside it. An interrupted run leaves only a `.writing`
    or `.former` directory, which the next run clears. A standing directory of the same bytes is left alone; another
    content is replaced only where `is_replaceable`.
    """
    former = directory.with_name(f".{directory.name}.former")
    shutil.rmtree(former, ignore_errors=True)
    if directory.exists():
        problems = differences(directory, files)
        if not problems or not is_replaceable:
            return problems
    temporary = _write_beside(directory, files)
    if directory.exists():
        directory.rename(former)
    temporary.rename(directory)
    _sync_directory(directory.parent)
    shutil.rmtree(former, ignore_errors=True)
    return []


def verify_manifest(directory: Path) -> list[str]:
    """Compare an issue's files with its manifest; return what is wrong, zh · en, nothing when all is well."""
    manifest = directory / MANIFEST
    if not manifest.is_file():
        return [f"{MANIFEST}：缺失 · missing"]
    listed = {entry["name"]: entry for entry in json.loads(manifest.read_text(encoding="utf-8"))["files"]}
    found = {path.name for path in directory.iterdir()} - {MANIFEST}
    problems = [f"{name}：清单未列 · not in the manifest" for name in sorted(found - set(listed))]
    for name, entry in sorted(listed.items()):
        if name not in found:
            problems.append(f"{name}：缺失 · missing")
            continue
        content = (directory / name).read_bytes()
        if len(content) != entry["bytes"] or hashlib.sha256(content).hexdigest() != entry["sha256"]:
            problems.append(f"{name}：与清单的 sha256 不符 · differs from its sha256 in the manifest")
    return problems
