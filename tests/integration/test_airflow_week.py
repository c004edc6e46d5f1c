"""The DAGs run for real: a week from the inbox to a signed bulletin, a broken unit, every way a run names its week."""

import datetime as dt
import email
import email.policy
import os
import shutil
import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlencode

import pytest
from aiosmtpd.controller import Controller
from ducha.settings import Settings
from ducha.warehouse.database import connect, fetch, migrate

from tests.dags.airflow_home import prepare_runs
from tests.small_county import COUNTY

pytestmark = pytest.mark.filterwarnings("default")  # Airflow's own
BROKEN = "T02"


@dataclass(frozen=True)
class Result:
    """A finished run: its state, the states of its tasks (mapped ones by their names), and what they returned."""

    state: str
    tasks: dict[str, str]
    returned: dict[str, Any]
    run: Any


class Office:
    """Airflow with the project's DAGs, and a warehouse and inbox of its own."""

    def __init__(self, settings: Settings) -> None:
        from airflow.dag_processing.bundles.manager import DagBundlesManager
        from airflow.dag_processing.dagbag import DagBag, sync_bag_to_db

        self.settings = settings
        bag = DagBag(os.environ["AIRFLOW__CORE__DAGS_FOLDER"])
        assert not bag.import_errors
        DagBundlesManager().sync_bundles_to_db()
        sync_bag_to_db(bag, "dags-folder", None)

    @staticmethod
    def dag(dag_id: str) -> Any:
        """Read a DAG afresh, as every worker does: a run in this process leaves its parameters in the object."""
        from airflow.dag_processing.dagbag import DagBag

        return DagBag(os.environ["AIRFLOW__CORE__DAGS_FOLDER"]).dags[dag_id]

    def run(self, dag_id: str, **how: Any) -> Result:
        """Start a DAG as a person does."""
        return self._result(self.dag(dag_id).test(**how))

    def run_as(self, dag_id: str, run_type: str, asset_weeks: list[str] | None = None, **how: Any) -> Result:
        """Start a DAG as the scheduler does for a run of another type."""
        from airflow import settings
        from airflow.sdk.definitions.dag import _run_task
        from airflow.serialization.serialized_objects import DagSerialization
        from airflow.utils.state import DagRunState, TaskInstanceState
        from airflow.utils.types import DagRunTriggeredByType, DagRunType

        dag = self.dag(dag_id)
        session = settings.Session()
        run = DagSerialization.deserialize_dag(DagSerialization.serialize_dag(dag)).create_dagrun(
            run_id=f"{run_type}__{time.time_ns()}",
            run_type=DagRunType(run_type),
            state=DagRunState.RUNNING,
            triggered_by=DagRunTriggeredByType.TEST,
            start_date=dt.datetime.now(dt.UTC),
            session=session,
            **{"run_after": dt.datetime.now(dt.UTC), **how},
        )
        for week in asset_weeks or []:
            run.consumed_asset_events.append(self._event(session, week))
        session.commit()
        while run.state == DagRunState.RUNNING:
            session.expire_all()
            ready, _ = run.update_state(session=session)
            for ti in ready:
                ti.try_number += 1
                ti.state = TaskInstanceState.SCHEDULED
            session.commit()
            for ti in ready:
                _run_task(ti=ti, task=dag.task_dict[ti.task_id])
        return self._result(run)

    def _event(self, session: Any, week: str) -> Any:
        from airflow.models.asset import AssetEvent, AssetModel
        from sqlalchemy import select

        asset = session.scalar(select(AssetModel).where(AssetModel.name == "submissions"))
        event = AssetEvent(asset_id=asset.id, extra={"week": week}, timestamp=dt.datetime.now(dt.UTC))
        session.add(event)
        session.flush()
        return event

    def _result(self, run: Any) -> Result:
        instances = run.get_task_instances()
        names = {ti: f"{ti.task_id}[{ti.rendered_map_index}]" if ti.map_index >= 0 else ti.task_id for ti in instances}
        tasks = {name: str(ti.state) for ti, name in names.items()}
        returned = {name: ti.xcom_pull(ti.task_id, map_indexes=ti.map_index) for ti, name in names.items()}
        return Result(str(run.state), tasks, returned, run)

    def ask(self, query: str, *parameters: object) -> list[dict[str, Any]]:
        conn = connect(self.settings.database_url)
        try:
            return fetch(conn, query, parameters)
        finally:
            conn.close()


@pytest.fixture(scope="module")
def office(tmp_path_factory) -> Iterator[Office]:
    home = prepare_runs()
    from ducha import embedded
    from ducha.sample import write_sample

    directory = tmp_path_factory.mktemp("office")
    url = embedded.start(home).new_database("week")
    migrate(url)
    county = shutil.copytree(COUNTY, directory / "county")
    settings = Settings(directory / "home", county, directory / "sample" / "inbox", url)
    write_sample(county, directory / "sample", weeks=3, seed=1)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DUCHA_HOME", str(settings.home))
        patch.setenv("DUCHA_COUNTY", str(settings.county_dir))
        patch.setenv("DUCHA_INBOX", str(settings.inbox))
        patch.setenv("DUCHA_DATABASE_URL", url)
        yield Office(settings)


class Mailbox:
    """Keeps what a real SMTP server was given."""

    def __init__(self) -> None:
        self.messages: list[Any] = []

    async def handle_DATA(self, _server, _session, envelope) -> str:  # noqa: N802  aiosmtpd's name
        self.messages.append(email.message_from_bytes(envelope.content, policy=email.policy.default))
        return "250 OK"


@pytest.fixture
def mailbox(monkeypatch) -> Iterator[Mailbox]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    mailbox = Mailbox()
    controller = Controller(mailbox, hostname="127.0.0.1", port=port)
    controller.start()
    options = {"from_email": "ducha@example.org", "to_email": "office@example.org"}
    options |= {"disable_ssl": "true", "disable_tls": "true"}
    monkeypatch.setenv("AIRFLOW_CONN_DUCHA_SMTP", f"smtp://127.0.0.1:{port}/?{urlencode(options)}")
    yield mailbox
    controller.stop()


def answering(option: str, comment: str) -> Callable[[], None]:
    """Answer the next sign-off from another thread, through the function behind Airflow's own API; return its join."""

    def answer() -> None:
        from airflow import settings
        from airflow.api_fastapi.core_api.datamodels.hitl import UpdateHITLDetailPayload
        from airflow.api_fastapi.core_api.routes.public.hitl import update_hitl_detail
        from airflow.models.taskinstance import TaskInstance
        from sqlalchemy import select, update

        session = settings.NonScopedSession()
        deadline = time.monotonic() + 120
        while time.monotonic() < deadline:
            waiting = session.scalar(select(TaskInstance).where(TaskInstance.state == "awaiting_input"))
            if waiting:
                person = SimpleNamespace(get_id=lambda: "li", get_name=lambda: "李主任")
                payload = UpdateHITLDetailPayload(chosen_options=[option], params_input={"comment": comment})
                update_hitl_detail(waiting.dag_id, waiting.run_id, waiting.task_id, payload, person, session)
                session.commit()
                break
            session.rollback()
            time.sleep(0.2)
        else:
            session.execute(update(TaskInstance).values(state="failed"))  # let the waiting run end, and the test fail
            session.commit()
        session.close()

    thread = threading.Thread(target=answer)
    thread.start()
    return thread.join


def test_week_goes_from_the_inbox_to_a_signed_bulletin(office):
    assert office.run("sync_catalogue").tasks == {"load": "success", "announce": "success"}
    again = office.run("sync_catalogue")
    assert again.tasks["announce"] == "skipped", "nothing changed, so nobody is told"

    collected = office.run("collect_submissions", run_conf={"week": "2022-W01"})
    assert collected.state == "success"
    assert collected.tasks["collect.fetch[松岭镇（虚构）]"] == "success"
    assert collected.tasks["announce"] == "success"
    events = _events_of(collected)
    assert events == [("submissions", {"week": "2022-W01"})]

    computed = office.run_as("compute_completion", "asset_triggered", asset_weeks=["2022-W01"])
    assert computed.state == "success"
    assert computed.returned["compute"] == "2022-W01-R1"

    join = answering("Approve", "同意")
    published = office.run("publish_weekly_bulletin", run_conf={"week": "2022-W01"})
    join()
    assert published.state == "success"
    assert published.tasks["keep_draft"] == "skipped"
    (issue,) = office.ask("SELECT * FROM mart.bulletin WHERE week_code = '2022-W01'")
    assert (issue["status"], issue["signer"]) == ("published", "李主任")
    names = {path.suffix for path in Path(issue["directory"]).iterdir()}
    assert names >= {".docx", ".html", ".json"}

    again = office.run("publish_weekly_bulletin", run_conf={"week": "2022-W01"})
    assert (again.state, again.tasks["draft"], again.tasks["sign_off"]) == ("success", "skipped", "skipped")


def test_rejected_draft_stays_with_the_reason_and_the_run_is_green(office):
    join = answering("Reject", "松岭镇数字待核")
    rejected = office.run("publish_weekly_bulletin", run_conf={"week": "2022-W02"})
    join()
    assert rejected.state == "success"
    assert rejected.tasks["publish"] == "skipped"
    assert rejected.returned["keep_draft"] == "松岭镇数字待核"
    (issue,) = office.ask("SELECT * FROM mart.bulletin WHERE week_code = '2022-W02'")
    assert issue["status"] == "rejected"
    assert "松岭镇数字待核" in issue["decision_reason"]


def test_sign_off_has_the_countys_time_limit_and_default(office):
    from airflow import settings
    from airflow.models.hitl import HITLDetail
    from sqlalchemy import select

    detail = settings.Session().scalars(select(HITLDetail)).first()
    assert detail.defaults == ["Reject"]
    assert "24" in detail.body
    assert "unanswered" in detail.body


def test_broken_unit_turns_the_run_red_tells_once_and_stops_nobody_else(office, mailbox):
    folder = office.settings.inbox / BROKEN
    aside = office.settings.inbox.parent / BROKEN
    shutil.move(folder, aside)
    folder.write_text("不是文件夹", encoding="utf-8")
    try:
        result = office.run("collect_submissions", run_conf={"week": "2022-W03"})
    finally:
        folder.unlink()
        shutil.move(aside, folder)
    assert result.state == "failed"
    fetches = {name: state for name, state in result.tasks.items() if name.startswith("collect.fetch")}
    failed = [name for name, state in fetches.items() if state == "failed"]
    assert len(failed) == 1
    assert "柳河镇" in failed[0]
    assert set(fetches.values()) == {"failed", "success"}
    assert result.tasks["collect.all_fetched"] == "upstream_failed"
    assert result.tasks["collect.check"] == "success"
    assert result.returned["collect.check"]["files"] > 0, "the other units are recorded"
    recorded = office.ask("SELECT DISTINCT unit_code FROM ledger.submission WHERE week_code = '2022-W03'")
    assert len(recorded) > 1
    assert BROKEN not in {row["unit_code"] for row in recorded}

    (message,) = mailbox.messages
    assert message["To"] == "office@example.org"
    for part in ("collect_submissions", "fetch", "柳河镇", "2022-W03"):
        assert part in message["Subject"]
    text = message.get_body(("html",)).get_content()
    assert "清除（Clear）" in text
    assert str(folder) in text


def test_unit_repaired_is_collected_by_the_next_run(office):
    result = office.run("collect_submissions", run_conf={"week": "2022-W03"})
    assert result.state == "success"
    assert office.ask("SELECT 1 FROM ledger.submission WHERE week_code = '2022-W03' AND unit_code = %s", BROKEN)


def test_last_collection_names_the_broken_unit_and_the_bulletin_goes_on(office, mailbox):
    folder = office.settings.inbox / BROKEN
    aside = office.settings.inbox.parent / BROKEN
    shutil.move(folder, aside)
    folder.write_text("不是文件夹", encoding="utf-8")
    join = answering("Approve", "")
    try:
        result = office.run("publish_weekly_bulletin", run_conf={"week": "2022-W03"})
    finally:
        join()
        folder.unlink()
        shutil.move(aside, folder)
    assert result.state == "failed", "one unit is not collected, so the run is not green"
    assert result.tasks["collect_last.fetch_everyone"] == "failed"
    assert result.tasks["collect_last.all_fetched"] == "upstream_failed"
    assert result.tasks["publish"] == "success"
    (message,) = mailbox.messages
    assert "柳河镇" in message.get_body(("html",)).get_content()


@pytest.mark.parametrize("file", ["units.csv", "calendar.csv", "county.yaml"])
def test_broken_edit_of_the_county_stops_no_collection(office, file):
    edited = office.settings.county_dir / file
    before = edited.read_bytes()
    edited.write_bytes(before.replace(b"T02,", b"T01,", 1).replace(b"2021-01-01", b"someday", 1))
    if file == "county.yaml":
        edited.write_bytes(before + b"\n  : [broken")
    try:
        synced = office.run("sync_catalogue")
        collected = office.run("collect_submissions", run_conf={"week": "2022-W03"})
        computed = office.run_as("compute_completion", "asset_triggered", asset_weeks=["2022-W03"])
    finally:
        edited.write_bytes(before)
    assert synced.state == "failed"
    assert (collected.state, computed.state) == ("success", "success")
    assert collected.tasks["collect.fetch[柳河镇（虚构）]"] == "success", "by the county as it was last loaded"


def test_lost_share_is_one_red_task_and_nobody_is_called_missing(office, monkeypatch, mailbox):
    no_share = office.settings.inbox.parent / "not-mounted"
    no_share.touch()  # were it only absent, the tasks would try again: a share may come back in a minute
    monkeypatch.setenv("DUCHA_INBOX", str(no_share))
    before = office.ask("SELECT count(*) AS n FROM ops.release")
    collected = office.run("collect_submissions", run_conf={"week": "2022-W03"})
    published = office.run("publish_weekly_bulletin", run_conf={"week": "2022-W03"})
    assert (collected.state, published.state) == ("failed", "failed")
    assert collected.tasks["collect.list_senders"] == "failed"
    assert published.tasks["release"] == "upstream_failed"
    assert office.ask("SELECT count(*) AS n FROM ops.release") == before
    subjects = [message["Subject"] for message in mailbox.messages]
    assert len([subject for subject in subjects if "collect_submissions" in subject]) == 1, "one message, not a hundred"


def test_file_in_no_units_folder_turns_the_run_red(office):
    stray = office.settings.inbox / "周报.xlsx"
    stray.write_bytes(b"?")
    try:
        collected = office.run("collect_submissions", run_conf={"week": "2022-W03"})
    finally:
        stray.unlink()
    assert collected.state == "failed"
    assert collected.tasks["collect.all_fetched"] == "failed"
    assert collected.tasks["collect.check"] == "success"


def test_failure_without_a_mail_server_goes_to_the_log(office, caplog):
    result = office.run("compute_completion", run_conf={"week": "2022-W53"})
    assert result.state == "failed"
    assert [
        record for record in caplog.records if "compute_completion" in record.message and "怎么办" in record.message
    ]


def test_nothing_to_do_is_green_and_says_why(office):
    before = office.ask("SELECT count(*) AS n FROM ops.release")
    collected = office.run("collect_submissions", run_conf={"week": "2022-W03"})
    assert (collected.state, collected.tasks["announce"]) == ("success", "skipped")
    holiday = office.run("publish_weekly_bulletin", run_conf={"week": "2022-W05"})
    other_year = office.run("publish_weekly_bulletin", run_conf={"week": "2026-W10"})
    for run in (holiday, other_year):
        assert run.state == "success"
        assert run.tasks["release"] == "skipped"
        assert run.tasks["sign_off"] == "skipped"
        assert run.tasks["keep_draft"] == "skipped"
    assert office.ask("SELECT count(*) AS n FROM ops.release") == before


def test_every_kind_of_run_knows_its_week(office):
    zone = dt.timezone(dt.timedelta(hours=8))
    monday, next_monday = dt.datetime(2022, 1, 10, tzinfo=zone), dt.datetime(2022, 1, 17, tzinfo=zone)
    tuesday = dt.datetime(2022, 1, 18, 9, tzinfo=zone)
    week = {"logical_date": monday, "data_interval": (monday, next_monday)}

    def said(result: Result) -> Any:
        assert result.state == "success"
        return result.returned["week"]

    assert said(office.run("probe_week", run_conf={"week": "2022-W07"})) == "2022-W07"
    assert said(office.run("probe_week", logical_date=tuesday)) == "2022-W03"
    assert said(office.run("probe_week", logical_date=None, run_after=tuesday)) == "2022-W03"
    assert said(office.run_as("probe_week", "scheduled", **week, run_after=tuesday)) == "2022-W02"
    week = {"logical_date": next_monday, "data_interval": (next_monday, next_monday + dt.timedelta(days=7))}
    assert said(office.run_as("probe_week", "backfill", **week, run_after=tuesday)) == "2022-W03"
    assert said(office.run_as("probe_week", "asset_triggered", asset_weeks=["2022-W06", "2022-W04"])) == "2022-W06"
    assert said(office.run_as("probe_partition", "manual", partition_key="2022-W08", run_after=tuesday)) == "2022-W08"


def _events_of(result: Result) -> list[tuple[str, dict[str, Any]]]:
    from airflow import settings
    from airflow.models.asset import AssetEvent
    from sqlalchemy import select

    session = settings.Session()
    events = session.scalars(select(AssetEvent).where(AssetEvent.source_run_id == result.run.run_id))
    return [(event.asset.name, event.extra) for event in events]
