"""A shared folder: INBOX/<unit_code>/<any name>; the folder proves the unit.

Inspection teams send under INBOX/_inspection/.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from ducha.sources.arrival import Arrival, microseconds

_UNFINISHED = re.compile(r"^(\.|~\$)|(\.part|\.partial|\.tmp|\.crdownload)$", re.IGNORECASE)
"""Names that editors, browsers and upload tools give to files that are not there yet."""

_REPORT = re.compile(r"\.(xlsx?|xlsm|et|ods|csv|tsv|json|zip)$", re.IGNORECASE)
"""Names that a report may have, wherever it lies."""


def name_in(inbox: Path, path: Path) -> str:
    """Return a file's name below the inbox; one that another system wrote in GB18030 reads as it was meant."""
    raw = os.fsencode(path.relative_to(inbox).as_posix())
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("gb18030", "backslashreplace")


def require_inbox(inbox: Path) -> None:
    """Raise when the inbox is not there: nobody is missing because our share is not mounted.

    FileNotFoundError, which another try may mend; NotADirectoryError when something else has its name.
    """
    if inbox.exists() and not inbox.is_dir():
        raise NotADirectoryError(f"{inbox} 不是文件夹，请改为文件夹 · is no folder, make it one")
    if not inbox.exists():
        zh, en = "收件目录不存在，请检查共享盘是否挂载", "the inbox is not there: is the share mounted?"
        raise FileNotFoundError(f"{inbox} {zh} · {en}")


def strays(inbox: Path, senders: Collection[str]) -> list[str]:
    """Return the reports that lie in no sender's folder, by name: nobody would ever collect them.

    Raises FileNotFoundError when the inbox itself is not there.
    """
    require_inbox(inbox)
    outside = [path for path in sorted(inbox.iterdir()) if path.name not in senders]
    files = [path for place in outside for path in ([place] if place.is_file() else sorted(place.rglob("*")))]
    return [name_in(inbox, path) for path in files if _REPORT.search(path.name) and not _UNFINISHED.search(path.name)]


def list_files(inbox: Path, unit_code: str) -> list[Path]:
    """Return a unit's finished files, sorted; none when its folder is not there yet.

    Links that lead out of the inbox are left alone. Raises FileNotFoundError when the inbox itself is not there,
    NotADirectoryError when the folder is something else, PermissionError when it may not be read.
    """
    require_inbox(inbox)
    folder = inbox / unit_code
    if not folder.exists():
        return []
    if not folder.is_dir():
        raise NotADirectoryError(f"{folder} 不是文件夹，请改为文件夹 · is no folder, make it one")
    home = inbox.resolve()
    files = []
    for path in sorted(folder.iterdir()):
        if path.is_dir():
            files += [p for p in sorted(path.rglob("*")) if p.is_file()]
        elif path.is_file():
            files.append(path)
    return [p for p in files if not _UNFINISHED.search(p.name) and p.resolve().is_relative_to(home)]


def read_settled(path: Path) -> bytes | None:
    """Return the bytes of a file, or None when it changed while it was read: the next pull takes it."""
    before = path.stat()
    content = path.read_bytes()
    after = path.stat()
    settled = (before.st_size, before.st_mtime_ns) == (after.st_size, after.st_mtime_ns)
    return content if settled and len(content) == after.st_size else None


@dataclass(frozen=True)
class FolderSource:
    """A folder; a file arrives when it lands here, whatever its own date says."""

    inbox: Path
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    name: str = "folder"

    def arrivals(self, unit_code: str) -> Iterator[Arrival]:
        """Yield every settled file of the unit, with the landing time as its receipt time.

        Of files that came between two pulls the one saved last comes last, so that a correction outranks its original.
        """
        for path in sorted(list_files(self.inbox, unit_code), key=lambda path: (path.stat().st_mtime_ns, path)):
            content = read_settled(path)
            if content is not None:
                now = self.clock()
                yield Arrival(unit_code, name_in(self.inbox, path), content, now, microseconds(now))
