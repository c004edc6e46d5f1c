"""A year of the county in full, in shuffled batches, against a count that knows nothing of the pipeline.

    .venv/bin/python -m bench.history [--weeks 52] [--seed 1]

`make history` does the same to the small county and to a real history, with kills and as known at many instants; this
one takes its time: a hundred units, thousands of files, withdrawals and mistakes of the sample's own.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from contextlib import closing
from pathlib import Path

from ducha.embedded import temporary_postgres
from ducha.sample import write_sample
from ducha.settings import Settings
from ducha.warehouse.database import connect, fetch, migrate

from tests.histories import Replay, Sample, all_at_the_end, counts_of, differences, outcomes_of, side_by_side
from tests.small_county import FULL_COUNTY


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--weeks", type=int, default=52)
    arguments.add_argument("--seed", type=int, default=1)
    given = arguments.parse_args()
    with temporary_postgres() as postgres, tempfile.TemporaryDirectory() as place:
        home, url = Path(place), postgres.new_database()
        migrate(url)
        history = Sample(FULL_COUNTY, home / "sample", "990003")
        write_sample(FULL_COUNTY, home / "sample", weeks=given.weeks)
        plain = history.plain()
        settings = Settings(home / "home", FULL_COUNTY, home / "inbox", url)
        began = time.monotonic()
        Replay(history, settings, given.seed, all_at_the_end(plain)).run()
        seconds = time.monotonic() - began
        with closing(connect(url)) as conn:
            found = outcomes_of(fetch(conn, "SELECT * FROM mart.submission_week"))
            title = f"the county in full, {given.weeks} weeks in shuffled batches, {seconds:.0f} s"
            side_by_side(title, counts_of(conn, history, found), plain.counts())
        assert differences(found, plain.outcomes()) == {}


if __name__ == "__main__":
    main()
