"""The one set of defaults, tags, assets and parameters of every DAG."""

from __future__ import annotations

import os
from datetime import datetime, timedelta
from typing import Any

from airflow.sdk import Asset, ExceptionRetryPolicy, Param, RetryAction, RetryRule
from ducha.county.files import CountyError

from ducha_dags.notice import notify_failure

OWNER = "督查室"
TAGS = ("督查", "catalogue", "collect", "compute", "publish")
"""The whole vocabulary; a test refuses other tags."""

CATALOGUE = Asset(name="catalogue", uri="ducha://catalogue")
SUBMISSIONS = Asset(name="submissions", uri="ducha://submissions")
FIGURES = Asset(name="figures", uri="ducha://figures")

BAD_DATA = (CountyError, NotADirectoryError, PermissionError, LookupError, ValueError, RuntimeError)
"""Errors that the next try would meet again, so a person must act; an audit that failed is a RuntimeError."""

DEFAULTS: dict[str, Any] = {
    "owner": OWNER,
    "retries": 2,
    "retry_delay": timedelta(minutes=1),
    "retry_exponential_backoff": True,
    "max_retry_delay": timedelta(minutes=10),
    "retry_policy": ExceptionRetryPolicy([RetryRule(list(BAD_DATA), RetryAction.FAIL)]),
    "execution_timeout": timedelta(minutes=30),
    "on_failure_callback": notify_failure,
}
_STARTED_AT = os.environ.get("DUCHA_STARTED_AT")
STARTED_AT = datetime.fromisoformat(_STARTED_AT) if _STARTED_AT else None
"""When this installation began, where that is said: it does not start with the run of an hour already gone."""


def week_param() -> dict[str, Param]:
    """Return the one parameter of every DAG: the week, where a person wants to say it."""
    week = Param(
        None,
        type=["null", "string"],
        pattern=r"^\d{4}-W(0[1-9]|[1-4]\d|5[0-3])$",
        title="周次 · week",
        description="如 2022-W08；不填则按运行时间 · like 2022-W08; empty: by the time of the run",
    )
    return {"week": week}
