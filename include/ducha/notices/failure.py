"""The message that operators get when a task fails: what, whose, which week, why, and what to do."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape

_ADVICE = {
    "fetch": (
        "看该单位的收件目录能否打开；修好后在界面上清除（Clear）这一格即可，其他单位不受影响。",
        "Look whether the unit's folder can be read, then clear this one task; other units are not affected.",
    ),
    "check": (
        "已收文件都在，未丢失；清除（Clear）本任务即可重做。",
        "What was collected is kept; clear this task to check again.",
    ),
    "release": (
        "口径核对未通过时不会发布任何数字；看日志中的核对项，改正后清除（Clear）本任务。",
        "Nothing is published when an audit fails; the log names the figures. Correct, then clear this task.",
    ),
    "load": (
        "县目录中有一行读不懂，错误写明了文件、行和列；改正后重新运行。此前的版本仍然有效。",
        "A row of the county's files cannot be read; the error names file, row and column. The last version holds.",
    ),
}
_ADVICE["fetch_everyone"] = _ADVICE["fetch"]
_ADVICE["compute"] = _ADVICE["release"]
_OTHERWISE = (
    "看日志最后一行；改正后清除（Clear）该任务，重做不会重复记账。",
    "Read the end of the log; correct, then clear the task. Doing it again records nothing twice.",
)
_LIMIT = 1500


@dataclass(frozen=True)
class Failure:
    """One failed task; `unit` is '' where the task is not about one unit, `week` '' where it is not known."""

    dag_id: str
    task_id: str
    unit: str
    week: str
    error: str
    log_url: str = ""


@dataclass(frozen=True)
class Message:
    """A notice ready to send."""

    subject: str
    text: str
    html: str


def failure_message(failure: Failure) -> Message:
    """Return the notice in Chinese and English; the subject is one line, the error at most 1,500 characters."""
    about = " ".join(part for part in (failure.week, failure.unit) if part)
    task = failure.task_id.rsplit(".", 1)[-1]
    subject = f"[督查] {failure.dag_id} · {task} 失败 failed" + (f" · {about}" if about else "")
    advice_zh, advice_en = _ADVICE.get(task, _OTHERWISE)
    lines = [
        ("流程 · DAG", failure.dag_id),
        ("任务 · task", failure.task_id),
        ("单位 · unit", failure.unit),
        ("周次 · week", failure.week),
        ("原因 · error", failure.error[:_LIMIT]),
        ("怎么办", advice_zh),
        ("what to do", advice_en),
        ("日志 · log", failure.log_url),
    ]
    said = [(label, value) for label, value in lines if value]
    rows = "".join(f"<tr><th align='left'>{escape(label)}</th><td>{escape(value)}</td></tr>" for label, value in said)
    text = "\n".join(f"{label}：{value}" for label, value in said)
    return Message(" ".join(subject.split()), text, f"<table>{rows}</table>")
