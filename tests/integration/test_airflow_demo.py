"""`ducha demo`: the eighth week through the real scheduler, signed through Airflow's API; twice is as good as once."""

import os
import re
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest


def demo(home: Path) -> tuple[str, float]:
    began = time.monotonic()
    elsewhere = "postgresql://nobody@127.0.0.1:1/elsewhere"  # nobody listens there: a demo that asks it fails
    environment = {**os.environ, "DUCHA_HOME": str(home), "DUCHA_DATABASE_URL": elsewhere, "COLUMNS": "200"}
    done = subprocess.run(
        [sys.executable, "-m", "ducha.cli", "demo"],
        env=environment,
        capture_output=True,
        text=True,
        timeout=500,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout, time.monotonic() - began


def content_of(shown: str) -> str:
    return re.search(r"content: (\w+)", shown)[1]


@pytest.fixture(scope="module")
def home(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("demo") / ".ducha"


def test_demo_publishes_a_week_through_airflow_and_again_changes_nothing(home):
    first, _ = demo(home)
    assert "DUCHA_DATABASE_URL is not used" in first
    assert "2022-W08" in first
    assert "(published)" in first
    assert "publish_weekly_bulletin  10/10" in first
    published = sorted((home / "bulletins").rglob("published/*/*"))
    assert {path.suffix for path in published} >= {".docx", ".html", ".json"}
    before = {path: path.stat().st_mtime_ns for path in home.joinpath("bulletins").rglob("*")}

    second, seconds = demo(home)
    assert content_of(second) == content_of(first)
    assert {path: path.stat().st_mtime_ns for path in home.joinpath("bulletins").rglob("*")} == before
    assert "publish_weekly_bulletin  " not in second
    assert seconds < 45
    left = [
        p.pid for p in psutil.process_iter(["cmdline"]) if any(str(home) in part for part in p.info["cmdline"] or [])
    ]
    assert left == []
