"""The reading child: takes one file a line on stdin, answers each with its tables as JSON on stdout.

Started as `python -m ducha.intake.worker` by `child.py`, under a memory limit; it may die on a hostile file, and then
only that file is to blame. Every answer is a line: `{"tables": […]}`, `{"marked": true}`, `{"refused": [code, raw]}`,
or `{"broken": traceback}` where the fault is ours.
"""

from __future__ import annotations

import json
import sys
import traceback
from pathlib import Path
from typing import Any, TextIO

from ducha.intake.cells import iso_date
from ducha.intake.preflight import RefusedError
from ducha.intake.tables import Table, read_tables


def main() -> None:
    """Answer requests until stdin closes."""
    limit_memory(int(sys.argv[1]))
    import_readers()
    serve(sys.stdin, sys.stdout)


def import_readers() -> None:
    """Import what reads and marks workbooks while nobody waits for it."""
    import python_calamine  # noqa: F401

    from ducha.intake import marking  # noqa: F401


def limit_memory(size: int) -> None:
    """Hold this process to `size` bytes of address space, without core files; a platform without limits goes on."""
    import resource

    for kind, limit in ((resource.RLIMIT_AS, size), (resource.RLIMIT_CORE, 0)):
        try:
            resource.setrlimit(kind, (limit, limit))
        except (ValueError, OSError):
            continue


def serve(requests: TextIO, answers: TextIO) -> None:
    """Read one request a line, the arguments of `answer`, and write one answer line each."""
    for line in requests:
        answers.write(json.dumps(answer(**json.loads(line)), default=lambda cell: {"date": iso_date(cell)}) + "\n")
        answers.flush()


def answer(
    path: str | None, kind: str, letter: dict[str, Any] | None = None, draft: str | None = None
) -> dict[str, Any]:
    """Return the tables of a file, or why it is refused; with a letter, write the marked workbook to `draft` instead.

    A letter about a file that cannot be read has no path: nobody opens it again.
    """
    try:
        tables = read_tables(Path(path), kind, whole=letter is not None) if path else []
        if letter is not None and draft is not None:
            return marked(letter, tables, Path(draft))
    except RefusedError as refusal:
        return {"refused": [refusal.code, refusal.raw]}
    except (MemoryError, RecursionError):
        return {"refused": ["too_large", ""]}
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException as error:  # a native reader's panic is not an Exception
        return {"refused": ["damaged", ""], "error": f"{type(error).__name__}: {error}"}
    return {"tables": tables}


def marked(letter: dict[str, Any], tables: list[Table], draft: Path) -> dict[str, Any]:
    """Write a marked workbook; what goes wrong is our own fault and says where."""
    from ducha.intake.marking import Letter, write_marked

    try:
        write_marked(Letter(**letter), tables, draft)
    except MemoryError:
        raise
    except Exception:
        return {"broken": traceback.format_exc()}
    return {"marked": True}


if __name__ == "__main__":
    main()
