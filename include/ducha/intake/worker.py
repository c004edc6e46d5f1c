"""The reading child: takes one file a line on stdin, answers each with its tables as JSON on stdout.

Started as `python -m ducha.intake.worker` by `child.py`, under a memory limit; it may die on a hostile file, and then
only that file is to blame. Every answer is a line: `{"tables": […]}` or `{"refused": [code, raw]}`.
"""

from __future__ import annotations

import datetime as dt
import json
import sys
from pathlib import Path
from typing import Any, TextIO

from ducha.intake.preflight import RefusedError
from ducha.intake.tables import read_tables


def main() -> None:
    """Answer requests until stdin closes."""
    limit_memory(int(sys.argv[1]))
    serve(sys.stdin, sys.stdout)


def limit_memory(size: int) -> None:
    """Hold this process to `size` bytes of address space, without core files; a platform without limits goes on."""
    import resource

    for kind, limit in ((resource.RLIMIT_AS, size), (resource.RLIMIT_CORE, 0)):
        try:
            resource.setrlimit(kind, (limit, limit))
        except (ValueError, OSError):
            continue


def serve(requests: TextIO, answers: TextIO) -> None:
    """Read `{"path", "kind", "whole"}` lines and write one answer line each."""
    for line in requests:
        request = json.loads(line)
        answers.write(
            json.dumps(answer(Path(request["path"]), request["kind"], request["whole"]), default=_tagged) + "\n"
        )
        answers.flush()


def answer(path: Path, kind: str, whole: bool = False) -> dict[str, Any]:
    """Return the tables of one file (with all their cells if `whole`), or why it is refused."""
    try:
        return {"tables": read_tables(path, kind, whole)}
    except RefusedError as refusal:
        return {"refused": [refusal.code, refusal.raw]}
    except (MemoryError, RecursionError):
        return {"refused": ["too_large", ""]}
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException as error:  # a native reader's panic is not an Exception
        return {"refused": ["damaged", ""], "error": f"{type(error).__name__}: {error}"}


def _tagged(value: object) -> Any:
    """Dates, times and durations, told apart from text."""
    return {"date": value.isoformat() if isinstance(value, dt.date) else str(value)}


if __name__ == "__main__":
    main()
