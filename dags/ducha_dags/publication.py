"""The second half of a week's work: release, draft, sign-off, publication or a kept draft."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from airflow.providers.standard.operators.hitl import ApprovalOperator, HITLOperator
from airflow.sdk import Param, get_current_context, task
from airflow.sdk.exceptions import AirflowSkipException

from ducha_dags.week import at_work

ANSWERS = {"Approve": ("批准发布", "published"), "Reject": ("退回", "rejected")}
OUT = ("published", "superseded")
NOBODY = "时限到，按县设定 · by the county's default at the time limit"


@task
def release() -> str:
    """定稿计算 · compute, audit and write the release of the closed week; returns its id."""
    from ducha.pipeline.publish import compute_release

    with at_work(get_current_context(), "closed") as work:
        return compute_release(work.conn, work.catalogue, work.week, work.clock)


@task
def mend() -> list[str]:
    """更正旧周 · compute earlier weeks that late facts bear on anew; returns the ids of their releases.

    What they now say otherwise than was published goes to `mart.correction`. The bulletin does not wait for it.
    """
    from ducha.pipeline.publish import recompute_touched

    with at_work(get_current_context(), "closed") as work:
        return recompute_touched(work.conn, work.catalogue, work.week, work.clock)


@task
def draft() -> dict[str, Any]:
    """起草通报 · write the draft, and what the signer needs to see; returns both. An empty week is skipped."""
    from ducha.pipeline.publish import draft_bulletin
    from ducha.warehouse.status import week_summary

    with at_work(get_current_context(), "closed") as work:
        code, rule = work.catalogue.county_code, work.catalogue.settings.publication
        counts = week_summary(work.conn, code, work.week)["counts"]
        if not (counts["expected"] or counts["received"]):
            raise AirflowSkipException(f"{work.week} 无应报也无来件，不发通报 · nothing expected, nothing received")
        made = draft_bulletin(work.conn, work.settings, code, work.week, work.clock)
        if made.status in OUT:
            raise AirflowSkipException(f"{made.bulletin_id} 已发布，数字未变 · is out and its figures have not changed")
        zh, en = ANSWERS[rule.sign_off_default]
        limit = f"{rule.sign_off_hours:g} 小时内无人处理则{zh} · unanswered for {rule.sign_off_hours:g} hours: {en}."
        return {
            "bulletin_id": made.bulletin_id,
            "release_id": made.release_id,
            "subject": made.subject,
            "body": f"{made.body}\n{limit}\n",
            "hours": rule.sign_off_hours,
            "default": rule.sign_off_default,
        }


class BulletinSignOff(ApprovalOperator):
    """Airflow's approval with the county's time limit and default; either answer has a task of its own to go on with.

    Airflow's own class skips everything behind a rejection and then forgets the answer.
    """

    template_fields = (*ApprovalOperator.template_fields, "hours", "default")

    def __init__(self, *, hours: Any, default: Any, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.hours, self.default = hours, default

    def execute(self, context: Any) -> Any:
        """Ask, and wait at most as long as the county allows."""
        self.response_timeout = timedelta(hours=float(self.hours))
        self.defaults = [self.default]
        return super().execute(context)

    def execute_complete(self, context: Any, event: dict[str, Any]) -> Any:
        """Keep the answer, and skip the task that it does not call for."""
        answer = HITLOperator.execute_complete(self, context, event)
        context["ti"].xcom_push("return_value", answer)
        other = "keep_draft" if answer["chosen_options"] == [self.APPROVE] else "publish"
        self.skip(context["ti"], [task for task in self.downstream_list if task.task_id == other])
        return answer


def sign_off(drafted: Any) -> BulletinSignOff:
    """Return the task that waits for the signature on what `draft` returned."""
    return BulletinSignOff(
        task_id="sign_off",
        subject=drafted["subject"],
        body=drafted["body"],
        hours=drafted["hours"],
        default=drafted["default"],
        params={"comment": Param("", type="string", title="意见或退回理由 · comment, or why rejected")},
        execution_timeout=None,
        retries=0,
    )


@task
def publish(drafted: dict[str, Any]) -> str:
    """发布 · publish the signed issue, never over another; returns where it lies."""
    from ducha.pipeline.publish import publish_bulletin

    context = get_current_context()
    signer, signed_at, comment = _answer(context)
    with at_work(context, "closed") as work:
        issue = (work.catalogue.county_code, drafted["bulletin_id"], drafted["release_id"])
        return str(publish_bulletin(work.conn, *issue, signer, signed_at, comment))


@task
def keep_draft(drafted: dict[str, Any]) -> str:
    """退回：保留草稿和理由 · rejected: the draft stays, with the reason."""
    from ducha.pipeline.publish import reject_bulletin

    context = get_current_context()
    signer, rejected_at, reason = _answer(context)
    with at_work(context, "closed") as work:
        reject_bulletin(work.conn, work.catalogue.county_code, drafted["bulletin_id"], signer, rejected_at, reason)
    return reason


def _answer(context: Any) -> tuple[str, datetime, str]:
    """Return who answered the sign-off, when, and with what comment."""
    answer = context["ti"].xcom_pull(task_ids="sign_off") or {}
    user = answer.get("responded_by_user") or {}
    answered_at = answer.get("responded_at") or datetime.now(UTC)
    if isinstance(answered_at, str):
        answered_at = datetime.fromisoformat(answered_at)
    return user.get("name") or NOBODY, answered_at, (answer.get("params_input") or {}).get("comment") or ""
