"""Airflow's own web API, as a person of the office would use it: start a run, watch it, answer a sign-off."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.error import HTTPError
from urllib.parse import quote
from urllib.request import ProxyHandler, Request, build_opener

_FINISHED = {"success", "failed"}
_SETTLING = 3.0
"""Seconds a task has waited before it is answered. No person is faster; a program that is may get its task failed,
because the scheduler sees it go on before it has noted that it paused."""
Tell = Callable[[str], None]


class RunFailedError(RuntimeError):
    """A run ended red, or did not end in time; the message names the tasks."""


@dataclass(frozen=True)
class Run:
    """One run of a DAG."""

    dag_id: str
    run_id: str

    @property
    def path(self) -> str:
        return f"/api/v2/dags/{self.dag_id}/dagRuns/{quote(self.run_id, safe='')}"


@dataclass(frozen=True)
class Client:
    """A person signed in to the web API at `url`."""

    url: str
    token: str

    @classmethod
    def sign_in(cls, url: str, user: str, password: str) -> Client:
        """Sign in; raises HTTPError when the password is wrong."""
        answer = _call(f"{url}/auth/token", "POST", {"username": user, "password": password})
        return cls(url, str(answer["access_token"]))

    def call(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """Return what the API answers; raises HTTPError."""
        return _call(f"{self.url}{path}", method, body, self.token)

    def await_dags(self, dag_ids: list[str], patience: float = 60) -> None:
        """Wait until the DAGs have been read and are switched on. Raises RunFailedError naming import errors."""
        deadline = time.monotonic() + patience
        while True:
            known = {dag["dag_id"]: dag for dag in self.call("GET", "/api/v2/dags?limit=100")["dags"]}
            if set(dag_ids) <= set(known):
                break
            if time.monotonic() > deadline:
                errors = self.call("GET", "/api/v2/importErrors")["import_errors"]
                said = "\n".join(str(error["stack_trace"])[-500:] for error in errors)
                raise RunFailedError(f"没有读到流程 · DAGs not found: {sorted(set(dag_ids) - set(known))}\n{said}")
            time.sleep(0.5)
        for dag_id in dag_ids:
            if known[dag_id]["is_paused"]:
                self.call("PATCH", f"/api/v2/dags/{dag_id}?update_mask=is_paused", {"is_paused": False})

    def trigger(self, dag_id: str, week_code: str) -> Run:
        """Start a run of a DAG for a week."""
        body = {"logical_date": None, "conf": {"week": week_code}}
        return Run(dag_id, str(self.call("POST", f"/api/v2/dags/{dag_id}/dagRuns", body)["dag_run_id"]))

    def newest(self, dag_id: str) -> Run | None:
        """Return the newest run of a DAG."""
        runs = self.call("GET", f"/api/v2/dags/{dag_id}/dagRuns?order_by=-run_after&limit=1")["dag_runs"]
        return Run(dag_id, str(runs[0]["dag_run_id"])) if runs else None

    def tasks(self, run: Run) -> list[dict[str, Any]]:
        """Return the task instances of a run."""
        found: list[dict[str, Any]] = self.call("GET", f"{run.path}/taskInstances?limit=1000")["task_instances"]
        return found

    def follow(self, run: Run, tell: Tell, until: str = "", patience: float = 600) -> None:
        """Wait until a run has ended well, or its task `until` waits for a person; tell progress on the way.

        Raises RunFailedError when it ends red or not in time.
        """
        deadline, told = time.monotonic() + patience, ""
        while time.monotonic() < deadline:
            state = str(self.call("GET", run.path)["state"])
            tasks = self.tasks(run)
            done = sum(task["state"] in {"success", "skipped"} for task in tasks)
            line = f"{run.dag_id}  {done}/{len(tasks)}"
            if line != told and tasks:
                tell(line)
                told = line
            if any(task["task_id"] == until and task["state"] == "awaiting_input" for task in tasks):
                time.sleep(_SETTLING)
                return
            if state in _FINISHED:
                if state == "failed":
                    red = sorted({task["task_id"] for task in tasks if task["state"] in {"failed", "upstream_failed"}})
                    raise RunFailedError(f"{run.dag_id} 失败 · failed: {', '.join(red)}")
                return
            time.sleep(0.5 + len(tasks) / 50)  # a list of a hundred tasks is work for the one who answers
        raise RunFailedError(f"{run.dag_id} 未在时限内结束 · did not end in time")

    def answer(self, run: Run, task_id: str, option: str, comment: str) -> None:
        """Answer a sign-off, as with the buttons of the web page."""
        body = {"chosen_options": [option], "params_input": {"comment": comment}}
        self.call("PATCH", f"{run.path}/taskInstances/{task_id}/-1/hitlDetails", body)


def _call(url: str, method: str, body: Mapping[str, Any] | None = None, token: str = "") -> dict[str, Any]:
    headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {token}"} if token else {})
    data = json.dumps(body).encode() if body is not None else None
    request = Request(url, data=data, headers=headers, method=method)  # noqa: S310  our own loopback address
    try:
        with build_opener(ProxyHandler({})).open(request, timeout=30) as answer:
            said: dict[str, Any] = json.load(answer)
            return said
    except HTTPError as refused:
        with refused:
            refused.msg = f"{refused.msg}: {refused.read()[:500].decode(errors='replace')}"
        raise
