"""One message a failure, by the SMTP connection `ducha_smtp` where Airflow has one, else into the log."""

from __future__ import annotations

import logging
from typing import Any

CONNECTION = "ducha_smtp"
log = logging.getLogger(__name__)


def notify_failure(context: dict[str, Any]) -> None:
    """Tell the operators what failed, for which unit and week, and what to do. Never fails itself."""
    from airflow.sdk.exceptions import AirflowNotFoundException
    from ducha.notices.failure import Failure, failure_message

    ti = context["ti"]
    failure = Failure(
        dag_id=ti.dag_id,
        task_id=ti.task_id,
        unit=str(getattr(ti, "rendered_map_index", None) or ""),
        week=_week(context),
        error=str(context.get("exception") or context.get("reason") or ""),
        log_url=str(getattr(ti, "log_url", "") or ""),
    )
    message = failure_message(failure)
    try:
        _send(message.subject, message.html)
    except AirflowNotFoundException:
        log.error("%s\n%s", message.subject, message.text)
    except Exception:  # the task has failed already; a mail server that is down must not hide why
        log.exception("邮件未发出 · mail not sent: %s\n%s", message.subject, message.text)


def _week(context: dict[str, Any]) -> str:
    from ducha_dags.week import resolve_week

    try:
        return resolve_week(context)
    except Exception:  # the week itself may be what is wrong
        return ""


def _send(subject: str, html: str) -> None:
    from airflow.providers.smtp.hooks.smtp import SmtpHook

    with SmtpHook(smtp_conn_id=CONNECTION) as hook:
        options = hook.conn.extra_dejson
        recipients = options.get("to_email") or hook.from_email
        hook.send_email_smtp(to=recipients, subject=subject, html_content=html, mime_charset="utf-8")
