"""Our side of bench/week.py: the verbs that `ducha run` calls, from files to a release that readers see."""

from __future__ import annotations

import sys
import time

STARTED = time.perf_counter()

from ducha import gx  # noqa: E402

gx.warm_up()  # as `ducha run` does

import json  # noqa: E402
from pathlib import Path  # noqa: E402
from typing import Any  # noqa: E402

from ducha.intake.child import ReadingChildren  # noqa: E402  # timed: imports
from ducha.pipeline.collect import check_submissions  # noqa: E402  # timed: imports
from ducha.pipeline.fetch import fetch_unit, senders  # noqa: E402  # timed: imports
from ducha.pipeline.publish import compute_release  # noqa: E402  # timed: imports
from ducha.settings import Settings  # noqa: E402
from ducha.warehouse.catalogue import read_catalogue  # noqa: E402
from ducha.warehouse.database import connect  # noqa: E402
from week_inputs import COUNTY_CODE, KNOWN_AT, WEEK_CODE  # noqa: E402


class Spans:
    """Seconds by name; `since` closes the span that began with the last call."""

    def __init__(self, started: float) -> None:
        self.seconds: dict[str, float] = {}
        self.last = started

    def since(self, name: str) -> None:
        now = time.perf_counter()
        self.seconds[name] = self.seconds.get(name, 0.0) + now - self.last
        self.last = now


def run_week(inbox: Path, home: Path, url: str, spans: Spans) -> dict[str, Any]:
    """Collect, check, record, compute, audit and show the week; `home` is empty, the county is in the database."""
    settings = Settings(home, home, inbox, url)
    conn = connect(url)
    try:
        with ReadingChildren() as children:
            children.start()  # as `ducha run` does
            catalogue = read_catalogue(conn, COUNTY_CODE, KNOWN_AT)
            spans.since("read catalogue")
            for sender in senders(catalogue):
                fetch_unit(conn, settings, catalogue.settings, sender)
            spans.since("land")
            check_submissions(conn, settings, catalogue, KNOWN_AT, children)
        spans.since("check and record")
        release = compute_release(conn, catalogue, WEEK_CODE, KNOWN_AT)
        spans.since("compute, audit, release")
        return {"release": release}
    finally:
        conn.close()


if __name__ == "__main__":
    timed = Spans(STARTED)
    timed.since("imports")
    result = run_week(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3], timed)
    json.dump({"seconds": time.perf_counter() - STARTED, "spans": timed.seconds, **result}, sys.stdout)
