"""Landing (落地): the raw bytes of a submission, unaltered, under their sha256."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from tempfile import NamedTemporaryFile


def landed_path(landing_dir: Path, sha256: str) -> Path:
    """Return where the bytes with this hash lie."""
    return landing_dir / sha256[:2] / sha256


def land(content: bytes, landing_dir: Path) -> str:
    """Store the bytes and return their sha256; a crash leaves either all of them or nothing under that name."""
    sha256 = hashlib.sha256(content).hexdigest()
    target = landed_path(landing_dir, sha256)
    if target.exists():
        return sha256
    target.parent.mkdir(parents=True, exist_ok=True)
    with NamedTemporaryFile(dir=target.parent, prefix=".landing-", delete=False) as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    Path(file.name).replace(target)
    return sha256
