"""Fixtures for all tests."""

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def shared() -> Path:
    """`../shared`, with the design's worked cases and the corpus; its absence fails in CI and is said elsewhere."""
    directory = ROOT.parent / "shared"
    if not directory.is_dir():
        message = "not run: needs ../shared (worked cases and corpus), which is not beside this checkout"
        if os.environ.get("CI"):
            pytest.fail(message)
        pytest.skip(message)
    return directory
