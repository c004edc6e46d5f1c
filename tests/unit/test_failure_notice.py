"""The notice of a failed task: one line to sort by, and what a person needs to act."""

import pytest
from ducha.notices.failure import Failure, failure_message

FETCH = Failure(
    "collect_submissions", "collect.fetch", "柳河镇", "2022-W03", "不是文件夹 · is no folder", "http://x/log"
)


def test_subject_names_dag_task_week_and_unit():
    assert failure_message(FETCH).subject == "[督查] collect_submissions · fetch 失败 failed · 2022-W03 柳河镇"


def test_subject_without_week_and_unit_ends_after_the_task():
    message = failure_message(Failure("sync_catalogue", "load", "", "", "units.csv 第 3 行"))
    assert message.subject == "[督查] sync_catalogue · load 失败 failed"
    assert "单位" not in message.text


@pytest.mark.parametrize("task", ["collect.fetch", "collect.check", "release", "compute", "load", "publish"])
def test_every_task_comes_with_something_to_do_in_both_languages(task):
    text = failure_message(Failure("a_dag", task, "", "2022-W03", "x")).text
    assert "怎么办：" in text
    assert "what to do：" in text
    assert "Clear" in text or "清除" in text or "改正" in text


def test_markup_in_an_error_stays_text_and_long_errors_end():
    message = failure_message(Failure("a", "b", "<b>镇</b>", "", "<script>" + "长" * 5000))
    assert "<script>" not in message.html
    assert "<b>镇" not in message.html
    assert len(message.html) < 4000


def test_subject_stays_one_line():
    assert "\n" not in failure_message(Failure("a", "b", "镇\r\nBcc: x@example.org", "", "x")).subject
