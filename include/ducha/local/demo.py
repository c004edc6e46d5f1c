"""`ducha demo`: a sample county, its history, then the eighth through the real DAGs, signed and published."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

from psycopg2.extensions import connection as Connection
from rich.console import Console

from ducha.local import airflow
from ducha.local.client import Client, Run, RunFailedError
from ducha.local.environment import OFFICE, Place
from ducha.settings import Settings

WEEKS, SEED = 8, 1
HISTORY = [f"2022-W{week:02d}" for week in range(1, WEEKS)]
WEEK = f"2022-W{WEEKS:02d}"
SIGNER = "督查室（演示）"
DAGS = ["sync_catalogue", "collect_submissions", "compute_completion", "publish_weekly_bulletin"]
_OUT = ("published", "superseded")
console = Console()


@dataclass
class Teller:
    """Says what goes on, with the seconds since the start in front."""

    began: float = field(default_factory=time.monotonic)

    def __call__(self, text: str) -> None:
        console.print(f"[{time.monotonic() - self.began:4.0f} s] {text}", markup=False, soft_wrap=True, highlight=False)


class NotASampleError(ValueError):
    """A demonstration invents facts and publishes them: never in a county that is real."""

    def __init__(self, county_dir: Path) -> None:
        super().__init__(
            f"{county_dir} 不是示例县（county.yaml 中 is_sample 不为 true），演示会写入虚构数据并发布，已拒绝。"
            "请取消 DUCHA_COUNTY，或指向示例县 · is not a sample county (is_sample in county.yaml is not true); the "
            "demo would write and publish invented facts there. Unset DUCHA_COUNTY, or let it name a sample county"
        )


def demo_settings(settings: Settings) -> Settings:
    """Return where a demonstration works: the sample's inbox and the embedded warehouse of its home, never the user's.

    Raises NotASampleError for a county that is not a sample, CountyError when its county.yaml cannot be used.
    """
    from ducha.county.files import CountyError
    from ducha.county.settings_file import read_settings

    county, problems = read_settings(settings.county_dir / "county.yaml")
    if county is None:
        raise CountyError(problems)
    if not county.is_sample:
        raise NotASampleError(settings.county_dir)
    inbox = settings.home / "sample" / county.county_code / "inbox"  # another sample county has another
    return replace(settings, inbox=inbox, database_url="")


def run_demo(given: Settings) -> int:
    """Run the demonstration under the settings' home and end with a summary; again, it changes nothing.

    Returns 0, 1, or 2 for a county that is not a sample. It leaves nothing running that did not run before.
    """
    try:
        settings = demo_settings(given)
    except NotASampleError as refusal:
        console.print(str(refusal), style="red", markup=False, soft_wrap=True)
        return 2
    if given.database_url:
        console.print(
            "演示只用自己的内嵌数据库，不使用 DUCHA_DATABASE_URL · the demo keeps to the embedded PostgreSQL of its "
            "home: DUCHA_DATABASE_URL is not used",
            markup=False,
            soft_wrap=True,
        )
    place = Place(settings)
    if airflow.is_up(place):
        console.print("Airflow 正在运行，请先 make down · Airflow is running: make down first")
        return 1
    tell = Teller()
    with airflow.interrupts_raise():
        try:
            _demonstrate(place, tell)
            code = 0
        except (RunFailedError, airflow.LocalAirflowError) as problem:
            console.print(str(problem), style="red", markup=False)
            console.print(f"日志 · logs: {place.logs}，{place.directory / 'logs'}", markup=False, soft_wrap=True)
            code = 1
        except KeyboardInterrupt:
            tell("已中断；再次运行会接着做 · interrupted; run it again to go on")
            code = 1
        finally:
            with airflow.interrupts_ignored():
                airflow.stop(place)
    if code == 0:
        tell("完成，没有留下进程 · done, nothing is left running")
    return code


def _demonstrate(place: Place, tell: Teller) -> None:
    from ducha.pipeline.collect import sync_catalogue

    settings = place.settings
    _write_sample(settings, tell)
    with _warehouse(settings, tell) as conn, ThreadPoolExecutor(1) as beside:
        is_done = _is_published(conn, settings, WEEK)
        if not is_done:  # it starts while the history comes in, and finds the county loaded
            sync_catalogue(conn, settings.county_dir, datetime.now(UTC), "ducha demo")
            tell("启动 Airflow · starting Airflow")
            starting = beside.submit(_start_airflow, place, tell)
        _bring_in_history(conn, settings, tell)
        if not is_done:
            starting.result()
    if is_done:
        tell(f"{WEEK} 已发布，不重做 · is published already, nothing is done twice")
    else:
        _run_through_airflow(place, tell)
    with ThreadPoolExecutor(1) as beside, _warehouse(settings, None) as conn:
        if not is_done:
            beside.submit(airflow.stop_airflow, place)
        _summarize(conn, settings)


def _start_airflow(place: Place, tell: Teller) -> None:
    airflow.start_airflow(place, tell)
    airflow.greet_tasks(place)


def _write_sample(settings: Settings, tell: Teller) -> None:
    """Write the sample once; it appears whole or not at all."""
    from ducha.sample import write_sample

    out = settings.inbox.parent
    if out.is_dir():
        return
    tell(f"生成示例县 {WEEKS} 周报送 · writing {WEEKS} weeks of sample submissions")
    fresh = out.with_suffix(".unfinished")
    out.parent.mkdir(parents=True, exist_ok=True)
    write_sample(settings.county_dir, fresh, weeks=WEEKS, seed=SEED)
    fresh.rename(out)


@contextlib.contextmanager
def _warehouse(settings: Settings, tell: Teller | None) -> Iterator[Connection]:
    from ducha.warehouse.database import connect, migrate

    if tell:
        tell("启动 PostgreSQL，准备数据库 · starting PostgreSQL, preparing the databases")
    url = settings.warehouse_url()
    migrate(url)
    with contextlib.closing(connect(url)) as conn:
        yield conn


def _bring_in_history(conn: Connection, settings: Settings, tell: Teller) -> None:
    """Run and publish the weeks before the last, each once, with the functions that the DAGs call."""
    from ducha.pipeline.fetch import NoCutOffError
    from ducha.pipeline.publish import publish_bulletin
    from ducha.pipeline.week import run_week
    from ducha.warehouse.status import week_summary

    for week in HISTORY:
        if _is_published(conn, settings, week):
            continue
        try:
            summary = run_week(conn, settings, week, lambda _step, _done, _total: None)
        except NoCutOffError as reason:
            tell(f"历史 · history {reason}")
            continue
        counts = summary["counts"]
        code, release = summary["county_code"], week_summary(conn, summary["county_code"], week)["release"]
        publish_bulletin(conn, code, release["bulletin_id"], release["release_id"], SIGNER, release["released_at"])
        tell(f"历史 · history {week}: {counts['received']}/{counts['expected']} 已报 · reported")


def _is_published(conn: Connection, settings: Settings, week: str) -> bool:
    from ducha.view import county_code_of
    from ducha.warehouse.status import week_summary

    with conn:
        release = week_summary(conn, county_code_of(settings.county_dir), week)["release"]
    return bool(release and release["bulletin_status"] in _OUT)


def _run_through_airflow(place: Place, tell: Teller) -> None:
    """Run the week as a real one runs: the scheduler, the DAGs, a sign-off answered by a person of the office."""
    office = Client.sign_in(place.url(), OFFICE, place.passwords()[OFFICE])
    office.await_dags(DAGS)
    tell(f"Airflow 就绪 · is ready: {place.url()}")
    before = office.newest("compute_completion")
    collected = office.trigger("collect_submissions", WEEK)
    office.follow(collected, tell)
    office.follow(_computing(office, collected, before), tell)
    publishing = office.trigger("publish_weekly_bulletin", WEEK)
    office.follow(publishing, tell, until="sign_off")
    tell("等待签发：由演示的督查室批准 · awaiting the signature: the demo's office approves")
    office.answer(publishing, "sign_off", "Approve", "演示 · demo")
    office.follow(publishing, tell)


def _computing(office: Client, collected: Run, before: Run | None) -> Run:
    """Return the run that the new submissions started; where nothing new came, one started by hand."""
    states = {task["task_id"]: task["state"] for task in office.tasks(collected)}
    if states.get("announce") != "success":
        return office.trigger("compute_completion", WEEK)
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        run = office.newest("compute_completion")
        if run and run != before:
            return run
        time.sleep(0.5)
    raise RunFailedError("compute_completion 没有被触发 · was not started by the new submissions")


def _summarize(conn: Connection, settings: Settings) -> None:
    from ducha.view import county_code_of, show_summary
    from ducha.warehouse.fingerprint import fingerprint
    from ducha.warehouse.status import week_summary

    summary = week_summary(conn, county_code_of(settings.county_dir), WEEK)
    console.rule(f"{datetime.now(UTC):%Y-%m-%d}  督查 Ducha · {WEEK}")
    show_summary(summary)
    directory = Path(summary["release"]["bulletin_directory"])
    lines = {
        "通报 · bulletin": "  ".join(sorted(file.name for file in directory.iterdir())),
        "退回件 · returned": str(settings.returned_dir / summary["county_code"]),
        "原件 · originals": str(settings.landing_dir),
        "示例来件 · sample": str(settings.inbox),
        "内容校验 · content": _one_hash(fingerprint(conn)),
        "查询 · query": "ducha sql \"SELECT area_code, completion FROM area_week WHERE week_code = '2022-W08'\"",
        "状态 · status": f"ducha status --week {WEEK}",
        "网页 · web page": "make up",
    }
    for label, value in lines.items():
        console.print(f"{label}: {value}", markup=False, soft_wrap=True, highlight=False)
    console.rule()


def _one_hash(hashes: dict[str, str]) -> str:
    """Return one short hash of all tables' hashes: the same after a second run."""
    import hashlib

    return hashlib.sha256("".join(f"{name}{hashes[name]}" for name in sorted(hashes)).encode()).hexdigest()[:16]
