"""A shared folder: INBOX/<unit_code>/<any name>; the folder proves the unit.

Inspection teams send under INBOX/_inspection/.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from ducha.personal import masked_path
from ducha.sources.arrival import Arrival, microseconds

_UNFINISHED = re.compile(r"^(\.|~\$)|(\.part|\.partial|\.tmp|\.crdownload)$", re.IGNORECASE)
"""Names that editors, browsers and upload tools give to files that are not there yet."""


def list_files(inbox: Path, unit_code: str) -> list[Path]:
    """Return a unit's finished files, those in its subfolders too, sorted; none when its folder is not there yet.

    Hidden files and folders are left alone, and links that lead out of the unit's own folder: it proves the unit.
    Raises NotADirectoryError when the folder is something else, PermissionError when it may not be read.
    """
    folder = inbox / unit_code
    if not folder.exists():
        return []
    if not folder.is_dir():
        raise NotADirectoryError(f"{folder} 不是文件夹，请改为文件夹 · is no folder, make it one")
    home = folder.resolve()
    if not home.is_relative_to(inbox.resolve()):
        return []
    files = []
    for path in sorted(folder.iterdir()):
        if path.is_dir():
            files += [p for p in sorted(path.rglob("*")) if p.is_file()]
        elif path.is_file():
            files.append(path)
    return [p for p in files if _is_finished(p.relative_to(folder)) and p.resolve().is_relative_to(home)]


def _is_finished(path: Path) -> bool:
    return not any(_UNFINISHED.search(name) for name in path.parts)


@contextmanager
def unnamed_errors() -> Iterator[None]:
    """Raise what the system says of a file without the phone or identity number that may stand in the file's name."""
    try:
        yield
    except OSError as error:
        if error.filename is None:
            raise
        raise OSError(error.errno, error.strerror, masked_path(str(error.filename))) from None


def read_settled(path: Path) -> bytes | None:
    """Return the bytes of a file, or None when it changed or went while it was read: the next pull takes it."""
    try:
        before = path.stat()
        content = path.read_bytes()
        after = path.stat()
    except FileNotFoundError:
        return None
    settled = (before.st_size, before.st_mtime_ns) == (after.st_size, after.st_mtime_ns)
    return content if settled and len(content) == after.st_size else None


@dataclass(frozen=True)
class FolderSource:
    """A folder; a file arrives when it lands here, whatever its own date says."""

    inbox: Path
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    name: str = "folder"

    def arrivals(self, unit_code: str) -> Iterator[Arrival]:
        """Yield every settled file of the unit, with the landing time as its receipt time."""
        with unnamed_errors():
            files = list_files(self.inbox, unit_code)
        for path in files:
            with unnamed_errors():
                content = read_settled(path)
            if content is not None:
                now = self.clock()
                yield Arrival(unit_code, path.relative_to(self.inbox).as_posix(), content, now, microseconds(now))
